//! Replays traces of the ladder's exact reference (fixtures/README.md) and compares every account after every action.
//!
//! # Declared dust
//!
//! The reference computes in rationals but for one thing: the edges of rungs are floats, `2 ** (tick / 64)`, right to one
//! unit in the last of 53 bits, 2^-52 of the price. A rung's capacity is off by at most that times its size at its edge,
//! all of them together by `N * 2^-52` with N the notional of the facing side, and what a rung is asked to pay by at most
//! twice as much (its own error, and its share of the error of the sum). What it was asked lowers what it can pay
//! later, so an error may show up again in every deleveraging after it: after n of them the sum of errors is at most
//! `2 * N * 2^-52 * (1 + 2 + ... + n)`. To this come the roundings of the book, which it counts itself, and which a deleveraging
//! may pass on in the same way, and one unit for the decimals of the trace being cut off.
//!
//! Sizes know no such edges: they differ by the size dust that the book has counted, and equity by as much at the mark.

use std::{fs::File, io::Read, path::Path};

use flate2::read::GzDecoder;
use plimsoll_model::{AccountId, Ages, Book, Config, generate::ordinary_market};
use plimsoll_risk::{WAD, ladder};
use serde_json::Value;

/// Digits of the trace beyond a WAD.
const EXTRA: i128 = 1_000_000;

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
    deleverages: u128,
    paying: u128,
    cash: u128,
    cash_bound: u128,
    size: u128,
    size_bound: u128,
    epochs: u32,
}

struct Replay {
    book: Book,
    accounts: u64,
    funding: i128,
    mark: u128,
    /// Largest notional of a side so far.
    notional: u128,
    seen: Seen,
}

impl Replay {
    fn open(first: &Value) -> Self {
        let config = Config { decimals: 18, insurance_cap: 1_000_000, ..Config::default() };
        let mut book = Book::new(config, 0);
        let mut params = ordinary_market();
        (params.fills.taker_fee, params.fills.maker_fee) = (0, 0);
        let ages = Ages { max_age: 3_600, max_age_late: 3_600 };
        book.list_market(0, params, ages).unwrap();
        let deposits = first["deposits"].as_array().unwrap();
        for (number, deposit) in (0u64..).zip(deposits) {
            let amount = u128::from(deposit.as_u64().unwrap()) * WAD;
            book.deposit(AccountId::from_number(number), amount).unwrap();
        }
        book.fund_insurance(u128::from(first["insurance"].as_u64().unwrap()) * WAD).unwrap();
        let accounts = deposits.len() as u64;
        Self { book, accounts, funding: 0, mark: 100 * WAD, notional: 0, seen: Seen::default() }
    }

    fn act(&mut self, action: &Value) {
        self.book.set_time(self.book.now + 1);
        match action["action"].as_str().unwrap() {
            "price" => {
                self.mark = wad(&action["mark"]).unsigned_abs();
                self.book.set_price(0, self.mark).unwrap();
                self.funding += wad(&action["funding_per_unit"]);
                let index = plimsoll_fixed::signed_mul_div_floor(self.funding, ladder::ONE as i128, WAD);
                self.book.set_funding_index(0, index.unwrap()).unwrap();
            }
            "trade" => {
                let size = i128::from(action["size"].as_i64().unwrap()) * WAD as i128;
                assert_eq!(wad(&action["price"]).unsigned_abs(), self.mark);
                let (buyer, seller) = (account(&action["buyer"]), account(&action["seller"]));
                self.book.fill_unchecked(buyer, seller, 0, size, self.mark).unwrap();
            }
            "deleverage" => {
                self.seen.deleverages += 1;
                self.note_notional();
                let done = self.book.deleverage(account(&action["account"])).unwrap();
                let [only] = done.markets.as_slice() else { panic!("one market") };
                let bound = self.cash_bound();
                self.compare("deficit", done.deficit, &action["deficit"], bound);
                self.compare("insurance", done.insurance, &action["insurance"], bound);
                self.compare("budget", only.budget, &action["budget"], bound);
                self.compare("taken", done.taken, &action["taken"], bound);
                if only.budget > 0 {
                    // Capacity is known without it only when something is asked for.
                    self.compare("capacity", only.spread.capacity, &action["capacity"], bound);
                }
                self.seen.paying += u128::from(done.taken > 0);
            }
            other => panic!("unknown action {other}"),
        }
    }

    /// The facing side's notional at its worst edge: entries lie within the range of marks so far.
    fn note_notional(&mut self) {
        let highest = 500 * WAD; // the reference keeps marks within 20..=500
        let edge = highest + highest / 64;
        let notional = plimsoll_fixed::mul_div_ceil(self.book.open_interest(0).unwrap(), edge, WAD).unwrap();
        self.notional = self.notional.max(notional);
    }

    fn cash_bound(&self) -> u128 {
        let n = self.seen.deleverages;
        let floats = (self.notional >> 51) + 1;
        let sums = n * (n + 1) / 2;
        let roundings = self.book.identity().unwrap().bound;
        floats * sums + roundings * (n + 1) + 1
    }

    fn size_bound(&self) -> u128 {
        self.book.dust.size_of(0) + 2
    }

    fn compare(&self, what: &str, ours: u128, theirs: &Value, bound: u128) {
        let off = (ours as i128 - decimal(theirs).div_euclid(EXTRA)).unsigned_abs();
        assert!(off <= bound, "{what}: {ours} against {theirs}, off by {off}, at most {bound}");
    }

    fn check(&mut self, action: &Value) {
        let (cash_bound, size_bound) = (self.cash_bound(), self.size_bound());
        let equity_bound = cash_bound + plimsoll_fixed::mul_div_ceil(size_bound, self.mark, WAD).unwrap() + 1;
        let fund = self.book.insurance as i128 - self.book.bad_debt() as i128;
        let off = (fund - decimal(&action["insurance_after"]).div_euclid(EXTRA)).unsigned_abs();
        assert!(off <= cash_bound, "insurance {fund} against {}", action["insurance_after"]);
        for number in 0..self.accounts {
            let row = &action["accounts"][number as usize];
            let view = self.book.account_of(AccountId::from_number(number)).unwrap();
            let (size, basis) = view.positions.first().map_or((0, 0), |p| (p.size, p.basis));
            let equity = view.cash + plimsoll_risk::position::profit_floor(size, basis, self.mark).unwrap();
            let off = |ours: i128, at: usize| (ours - decimal(&row[at]).div_euclid(EXTRA)).unsigned_abs();
            let (cash_off, size_off, equity_off) = (off(view.cash, 0), off(size, 1), off(equity, 2));
            let at = format!("action {}, account {number}", self.seen.actions);
            // A size that rounding drops takes its basis to cash.
            let dropped = plimsoll_fixed::mul_div_ceil(size_bound, 508 * WAD, WAD).unwrap();
            assert!(cash_off <= cash_bound + dropped, "{at}: cash off by {cash_off}, at most {cash_bound}");
            assert!(size_off <= size_bound, "{at}: size off by {size_off}, at most {size_bound}");
            assert!(equity_off <= equity_bound, "{at}: equity off by {equity_off}, at most {equity_bound}");
            self.seen.cash = self.seen.cash.max(cash_off);
            self.seen.size = self.seen.size.max(size_off);
        }
        self.book.check().unwrap();
        self.seen.cash_bound = cash_bound;
        self.seen.size_bound = size_bound;
        for side in [ladder::Side::Long, ladder::Side::Short] {
            for (rung, _) in self.book.market(0).unwrap().ladder(side).rungs.values() {
                self.seen.epochs = self.seen.epochs.max(rung.epoch);
            }
        }
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
    ($($test:ident: $name:literal, $deleverages:literal;)+) => {
        $(
            #[test]
            fn $test() {
                assert_eq!(replay($name).deleverages, $deleverages);
            }
        )+
    };
}

replays! {
    replay_seed_1: "ladder-seed-1.jsonl.gz", 15;
    replay_seed_3: "ladder-seed-3.jsonl.gz", 16;
    replay_seed_7: "ladder-seed-7.jsonl.gz", 16;
    replay_seed_14: "ladder-seed-14.jsonl.gz", 17;
    replay_seed_15: "ladder-seed-15.jsonl.gz", 20;
    replay_seed_6_long: "ladder-seed-6-long.jsonl.gz", 20;
}
