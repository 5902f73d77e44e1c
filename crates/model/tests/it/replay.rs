//! Replays traces of the exact reference of ledger and ladder (fixtures/README.md) and compares every account, the estate,
//! insurance and bad debt after every action.
//!
//! # Declared dust
//!
//! The reference computes in rationals. The book rounds; what its roundings may amount to, it counts itself
//! ([`plimsoll_model::Dust`]). A pass shares out a deficit that is off by as much, so after n passes the sums are compared to
//! within n + 1 times that bound, and one unit for the decimals of the trace being cut off. The edges of the reference's rungs
//! are floats; they only decide whether a rung pays, and no mark of the traces lies so near to an edge that it matters.

use std::{fs::File, io::Read, path::Path};

use flate2::read::GzDecoder;
use plimsoll_model::{AccountId, Ages, Book, Config, generate::ordinary_market};
use plimsoll_risk::{WAD, ladder, waterfall::Bucket};
use serde_json::Value;

/// Digits of the trace beyond a WAD.
const EXTRA: i128 = 1_000_000;

/// Seconds of the book's window for each of the reference's.
const WINDOW: u32 = 60;

/// A decimal with 24 digits after the point, in units of 1e-24.
fn decimal(value: &Value) -> i128 {
    let text = value.as_str().expect("a decimal");
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = text.split_once('.').expect("a point");
    assert_eq!(part.len(), 24);
    let magnitude = whole.parse::<i128>().unwrap() * EXTRA * WAD as i128 + part.parse::<i128>().unwrap();
    if negative { -magnitude } else { magnitude }
}

/// The same as a WAD, which it must be exactly.
fn wad(value: &Value) -> i128 {
    let value = decimal(value);
    assert_eq!(value % EXTRA, 0, "more than 18 digits");
    value / EXTRA
}

fn account(number: &Value) -> AccountId {
    AccountId::from_number(number.as_u64().expect("an account's number"))
}

/// What a replay was like: largest differences seen, in WAD, and the bounds at that time.
#[derive(Debug, Default)]
struct Seen {
    actions: usize,
    burials: u128,
    passes: u128,
    paying: u128,
    touches: u128,
    quote: u128,
    quote_bound: u128,
    size: u128,
    size_bound: u128,
    generation: u32,
}

struct Replay {
    book: Book,
    accounts: u64,
    funding: i128,
    mark: u128,
    /// Ticks of the reference's clock in a window.
    window: u32,
    seen: Seen,
}

impl Replay {
    fn open(first: &Value) -> Self {
        // Both the market and what no market bears may draw the whole fund.
        let config = Config { decimals: 18, insurance_cap: 2_000_000, ..Config::default() };
        let mut book = Book::new(config, 0);
        let mut params = ordinary_market();
        params.insurance_share = 1_000_000;
        (params.funding.interest, params.time.young_window) = (0, WINDOW as u16);
        let ages = Ages { max_age: 3_600, max_age_late: 3_600 };
        book.list_market(0, params, ages).unwrap();
        let deposits = first["deposits"].as_array().unwrap();
        for (number, deposit) in (0u64..).zip(deposits) {
            let amount = u128::from(deposit.as_u64().unwrap()) * WAD;
            book.deposit(AccountId::from_number(number), amount).unwrap();
        }
        book.fund_insurance(u128::from(first["insurance"].as_u64().unwrap()) * WAD).unwrap();
        assert_eq!(first["young"].as_u64(), Some(ladder::WINDOWS.into()));
        let window = first["window"].as_u64().unwrap() as u32;
        book.set_time(1);
        book.set_price(0, wad(&first["mark"]).unsigned_abs()).unwrap();
        let accounts = deposits.len() as u64;
        Self { book, accounts, funding: 0, mark: 100 * WAD, window, seen: Seen::default() }
    }

    fn act(&mut self, action: &Value) {
        self.book.set_time(self.book.now + 1);
        // The reference's fund has no buckets.
        self.book.unassigned_bucket = Bucket::default();
        self.book.common_bucket = Bucket::default();
        self.book.markets.get_mut(&0).unwrap().bucket = Bucket::default();
        match action["action"].as_str().unwrap() {
            "price" => {
                self.mark = wad(&action["mark"]).unsigned_abs();
                self.book.set_price(0, self.mark).unwrap();
                self.funding += wad(&action["funding_per_unit"]);
                let index =
                    plimsoll_fixed::signed_mul_div_floor(self.funding, ladder::FUNDING_ONE as i128, WAD);
                let clock = action["clock"].as_u64().unwrap() as u32 / self.window * WINDOW;
                self.book.set_progress(0, index.unwrap(), clock).unwrap();
            }
            "fill" => {
                let size = i128::from(action["size"].as_i64().unwrap()) * WAD as i128;
                let price = wad(&action["price"]).unsigned_abs();
                let (buyer, seller) = (account(&action["buyer"]), account(&action["seller"]));
                self.book.fill_unchecked(buyer, seller, 0, size, price).unwrap();
            }
            "bury" => {
                self.seen.burials += 1;
                let done = self.book.bury(account(&action["account"])).unwrap();
                self.compare("deficit", done.deficit, &action["deficit"]);
            }
            "touch" => {
                self.seen.touches += 1;
                self.book.touch(account(&action["account"])).unwrap();
            }
            "pass" => {
                let done = self.book.pass(0, self.mark).unwrap().passed;
                self.seen.passes += 1;
                for (what, ours) in [
                    ("deficit", done.deficit),
                    ("insurance", done.insurance),
                    ("budget", done.deficit - done.insurance),
                    ("capacity", done.capacity),
                    ("taken", done.taken),
                    ("surplus", done.surplus),
                ] {
                    self.compare(what, ours, &action[what]);
                }
                self.seen.paying += u128::from(done.taken > 0);
            }
            other => panic!("unknown action {other}"),
        }
    }

    fn quote_bound(&self) -> u128 {
        self.book.identity().unwrap().bound * (self.seen.passes + 1) + 1
    }

    fn compare(&self, what: &str, ours: u128, theirs: &Value) {
        let (off, bound) =
            ((ours as i128 - decimal(theirs).div_euclid(EXTRA)).unsigned_abs(), self.quote_bound());
        let at = self.seen.actions;
        assert!(off <= bound, "action {at}, {what}: {ours} against {theirs}, off by {off}, at most {bound}");
    }

    fn check(&mut self, action: &Value) {
        let (quote_bound, size_bound) = (self.quote_bound(), self.book.dust.size(24) + 1);
        let at = format!("action {}", self.seen.actions);
        let mut most = 0;
        let mut quote = |what: &str, ours: i128, theirs: &Value| {
            let off = (ours - decimal(theirs).div_euclid(EXTRA)).unsigned_abs();
            assert!(
                off <= quote_bound,
                "{at}, {what}: {ours} against {theirs}, off by {off}, at most {quote_bound}"
            );
            most = most.max(off);
        };
        quote("insurance", self.book.insurance as i128, &action["insurance_after"]);
        quote("bad debt", self.book.bad_debt() as i128, &action["bad_debt"]);
        let mut estate = self.book.market(0).unwrap().estate;
        estate.catch_up(self.book.moment(0).unwrap().funding).unwrap();
        quote("estate's cash", estate.cash, &action["estate"][0]);
        quote("estate's basis", estate.basis, &action["estate"][2]);
        let mut sizes = vec![("estate".to_owned(), estate.size, &action["estate"][1])];
        for number in 0..self.accounts {
            let row = &action["accounts"][number as usize];
            let view = self.book.account_of(AccountId::from_number(number)).unwrap();
            let held = view.positions.first().map_or_else(ladder::Held::default, |p| p.held);
            let of = |what: &str| format!("account {number}'s {what}");
            sizes.push((of("size"), held.size, &row[1]));
            let equity = view.cash + held.young as i128 + held.profit_floor(self.mark).unwrap();
            quote(&of("equity"), equity, &row[4]);
            quote(&of("young profit"), held.young as i128, &row[3]);
            quote(&of("basis"), held.basis, &row[2]);
            quote(&of("cash"), view.cash, &row[0]);
        }
        for (what, ours, theirs) in sizes {
            let off = (ours - decimal(theirs).div_euclid(EXTRA)).unsigned_abs();
            assert!(
                off <= size_bound,
                "{at}, {what}: {ours} against {theirs}, off by {off}, at most {size_bound}"
            );
            self.seen.size = self.seen.size.max(off);
        }
        self.seen.quote = self.seen.quote.max(most);
        self.book.check().unwrap();
        (self.seen.quote_bound, self.seen.size_bound) = (quote_bound, size_bound);
        self.seen.generation = self.book.market(0).unwrap().generation;
        self.seen.actions += 1;
    }
}

fn replay(name: &str) -> Seen {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let mut text = String::new();
    GzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let first = lines.next().expect("a first action");
    let mut replay = Replay::open(&first);
    replay.check(&first);
    for action in lines {
        replay.act(&action);
        replay.check(&action);
    }
    eprintln!("{name}: {:?}", replay.seen);
    replay.seen
}

macro_rules! replays {
    ($($test:ident: $name:literal, $burials:literal, $passes:literal, $paying:literal;)+) => {
        $(
            #[test]
            fn $test() {
                let seen = replay($name);
                assert_eq!((seen.burials, seen.passes, seen.paying), ($burials, $passes, $paying));
            }
        )+
    };
}

// How many burials, passes, and passes that took from profits each trace has.
replays! {
    replay_seed_1: "ladder-seed-1.jsonl.gz", 18, 12, 12;
    replay_seed_3: "ladder-seed-3.jsonl.gz", 18, 15, 15;
    replay_seed_7: "ladder-seed-7.jsonl.gz", 12, 10, 10;
    replay_seed_14: "ladder-seed-14.jsonl.gz", 15, 9, 6;
    replay_seed_15: "ladder-seed-15.jsonl.gz", 15, 11, 8;
}
