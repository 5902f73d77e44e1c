//! An attacker that searches for profit.
//!
//! A gang of six accounts plays against honest ones: winners and losers that hold on, a maker who trades with everybody at the
//! mark or, ahead of a late mark, at the price of the next report, and keepers. The gang chooses what is done, by whom, in which
//! order and when, also what the prices do, within the rules: each report moves a price by at most the drift, but for one gap a
//! market. It brings reports along and acts first on each; then keepers liquidate, bury, touch and resolve. It cannot keep them
//! from more than one report.
//!
//! What it gains is what it withdrew and what its accounts are worth at marks, none below zero, less what it put in and less
//! what honest accounts lost to it at marks ([`Play::excess`]). The design allows ([`Play::bound`]), for each market that gapped,
//!
//! ```text
//! N * max(0, gap + lag - maintenance)
//! ```
//!
//! with N the notional of the gang's larger side at the last price at which keepers could act, and lag the drift of one report.
//!
//! [`Search`] starts from the known attacks ([`named`]) and from random sequences, and climbs: it changes, inserts, deletes and
//! splices moves and keeps what gains more. It is a pure function of its seed.

use plimsoll_risk::{PPM, WAD, market::Params, oracle::Ages};

use crate::{
    account::AccountId,
    book::{Book, Config, Use},
    generate::ordinary_market,
    market::MarketId,
    random::Random,
    settle::Fill,
};

/// Accounts of the gang, numbered from zero.
pub const GANG: u8 = 6;

/// The honest maker, as a counterparty of a [`Move::Trade`].
pub const MAKER: u8 = GANG;

/// Fewest and most moves of a sequence.
pub const LENGTH: (usize, usize) = (5, 60);

/// The two markets.
const MARKETS: [MarketId; 2] = [1, 2];

/// Where both prices begin, quote per unit.
const START: u128 = 100;

/// What the attacker meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Parameters of both markets.
    pub params: Params,
    /// The insurance fund, whole quote.
    pub fund: u128,
    /// Open interest of honest accounts against each other in the first market, whole units.
    pub honest: u128,
    /// The gap that each market may have once, ppm.
    pub gap: u32,
    /// The most that any other report moves a price, ppm.
    pub drift: u32,
}

impl Setting {
    /// The scene of the tables of attacks: initial margin 5 %, maintenance 3 %, no fees, a fund of 1M of which a market may draw
    /// 30 %, a gap of 12 %, drifts of 0.4 %, so many units of honest open interest, and room for 400,000 more. Keepers' work
    /// costs 1.
    #[must_use]
    pub fn standard(honest: u128) -> Self {
        let mut params = ordinary_market();
        (params.fills.taker_fee, params.fills.maker_fee) = (0, 0);
        (params.margin.oi_low, params.margin.oi_high) = (0, 0);
        params.margin.liquidation_cost = WAD;
        let room = (honest + 400_000) * WAD;
        (params.caps.open_interest, params.caps.position) = (room, room);
        params.time.max_trade_age = 5;
        params.insurance_share = 300_000;
        Self { params, fund: 1_000_000, honest, gap: 120_000, drift: 4_000 }
    }
}

/// One thing that the attacker does. Markets are 0 and 1; members of the gang 0 to 5; a move that the rules refuse does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Puts quote into an account.
    Deposit {
        /// Whose.
        member: u8,
        /// Whole quote.
        amount: u32,
    },
    /// Takes a part of what is free out of an account.
    Withdraw {
        /// Whose.
        member: u8,
        /// Ppm.
        part: u32,
    },
    /// A fill. A trade with the maker is at the mark, or at the price of the next report if `price` is not zero.
    Trade {
        /// Who takes.
        taker: u8,
        /// Who makes; [`MAKER`] for the honest one.
        maker: u8,
        /// Market.
        market: u8,
        /// Signed size, 1e-3 units.
        size: i64,
        /// Distance from the mark, ppm; within the band.
        price: i32,
        /// Whether the trade after it belongs to the same call.
        more: bool,
    },
    /// A fill that changes the taker's position by a part of itself: -1,000,000 closes it.
    Scale {
        /// Who takes.
        taker: u8,
        /// Who makes.
        maker: u8,
        /// Market.
        market: u8,
        /// Change, ppm of the position.
        part: i32,
        /// Distance from the mark, ppm.
        price: i32,
        /// Whether the trade after it belongs to the same call.
        more: bool,
    },
    /// The next report of both prices, a second later. Keepers have acted before.
    Report {
        /// Moves, ppm, each within the drift.
        moves: [i32; 2],
    },
    /// The same with the gap of one market, if it has not been yet.
    Gap {
        /// Market.
        market: u8,
        /// Which way.
        up: bool,
    },
    /// Minutes with a report each at the same prices.
    Wait {
        /// How many.
        minutes: u8,
    },
    /// Minutes without a report.
    Outage {
        /// How many.
        minutes: u16,
    },
    /// Takes over a part of an account of the gang into another one.
    Liquidate {
        /// Whose.
        member: u8,
        /// Who takes over.
        into: u8,
        /// Market.
        market: u8,
        /// Ppm of the position.
        part: u32,
    },
    /// Buries one of its own.
    Bury {
        /// Whose.
        member: u8,
    },
    /// Has an estate resolved.
    Pass {
        /// Market.
        market: u8,
    },
    /// Touches one of its own.
    Touch {
        /// Whose.
        member: u8,
    },
}

/// What a sequence came to, whole quote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Play {
    /// Withdrawn and left at marks, less what was put in.
    pub gain: i128,
    /// What honest accounts lost to the gang at marks, negative when they gained: all that they lost but for passes.
    pub honest_loss: i128,
    /// What the design allows.
    pub bound: i128,
    /// Markets that gapped.
    pub gaps: usize,
    /// Bad debt at the end.
    pub bad_debt: u128,
    /// What passes took of honest accounts.
    pub honest_paid: i128,
    /// Moves and keepers' acts that were tried.
    pub actions: u64,
}

impl Play {
    /// What the gang gained beyond what honest accounts lost to it at marks.
    #[must_use]
    pub fn excess(&self) -> i128 {
        self.gain - self.honest_loss.max(0)
    }

    /// Whether it gained more than the design allows, a few quote of dust and keepers' pay aside.
    #[must_use]
    pub fn breaks(&self) -> bool {
        self.excess() > self.bound + TOLERANCE
    }
}

/// Whole quote within which a gain is not one: sixty moves may each earn a keeper's pay of one.
const TOLERANCE: i128 = 60;

const fn honest_account(number: u64) -> u64 {
    100 + number
}

/// A game in progress.
struct Game<'a> {
    setting: &'a Setting,
    book: Book,
    put_in: i128,
    out: i128,
    /// Honest equity at the start, and what passes and burials moved of it.
    honest_start: i128,
    honest_passes: i128,
    bound: u128,
    gapped: [bool; 2],
    actions: u64,
}

fn member(number: u8) -> AccountId {
    AccountId::from_number(u64::from(number % GANG) + 1)
}

fn party(number: u8) -> AccountId {
    if number % (GANG + 1) == MAKER { AccountId::from_number(honest_account(0)) } else { member(number) }
}

fn keeper() -> AccountId {
    AccountId::from_number(honest_account(1))
}

fn market(number: u8) -> MarketId {
    MARKETS[usize::from(number % 2)]
}

impl<'a> Game<'a> {
    /// The book before the first move; `None` for a setting that no market may have.
    fn open(setting: &'a Setting) -> Option<Self> {
        let config = Config { decimals: 18, insurance_cap: 1_000_000, ..Config::default() };
        let mut book = Book::new(config, 1_500_000_000);
        for market in MARKETS {
            book.list_market(market, setting.params, Ages { max_age: 60, max_age_late: 3_600 }).ok()?;
            book.set_price(market, START * WAD).ok()?;
        }
        if setting.fund > 0 {
            book.fund_insurance(setting.fund * WAD).ok()?;
        }
        for number in 0..4 {
            book.deposit(AccountId::from_number(honest_account(number)), 1_000_000_000 * WAD).ok()?;
        }
        if setting.honest > 0 {
            let size = i128::try_from(setting.honest * WAD).ok()?;
            let [taker, maker] = [2, 3].map(|number| AccountId::from_number(honest_account(number)));
            book.settle(&[Fill { taker, maker, market: MARKETS[0], size, price: START * WAD }]).ok()?;
        }
        let mut game = Self {
            setting,
            book,
            put_in: 0,
            out: 0,
            honest_start: 0,
            honest_passes: 0,
            bound: 0,
            gapped: [false; 2],
            actions: 0,
        };
        game.honest_start = game.honest_equity();
        Some(game)
    }

    fn equity(&self, account: AccountId) -> i128 {
        self.book.margin_of(account, Use::Liquidation).map_or(0, |margin| margin.equity)
    }

    fn honest_equity(&self) -> i128 {
        (0..4).map(|number| self.equity(AccountId::from_number(honest_account(number)))).sum()
    }

    /// Something that may take from honest accounts by the ladder.
    fn ladder(&mut self, act: impl FnOnce(&mut Book)) {
        let before = self.honest_equity();
        act(&mut self.book);
        self.honest_passes += self.honest_equity() - before;
        self.actions += 1;
    }

    fn pass(&mut self, market: MarketId) {
        if self.book.markets[&market].estate.waits() {
            self.ladder(|book| {
                let _ = book.deleverage(market);
            });
        }
    }

    /// Keepers liquidate whom they find below maintenance, bury whom they find below zero, touch everybody in the market of an
    /// estate and resolve it.
    fn keep(&mut self) {
        for number in 0..GANG {
            let account = member(number);
            let Ok(margin) = self.book.margin_of(account, Use::Liquidation) else { continue };
            if margin.is_liquidatable() {
                for market in self.book.account(account).markets {
                    let _ = self.book.liquidate(account, keeper(), market, u128::MAX, 0);
                    self.actions += 1;
                }
            }
        }
        // An account that waits for a pass of one market is buried after it.
        for _ in 0..2 {
            for number in 0..GANG {
                if self.equity(member(number)) < 0 {
                    self.ladder(|book| {
                        let _ = book.bury(member(number));
                    });
                }
            }
            let waits = MARKETS.map(|market| self.book.markets[&market].estate.waits());
            if waits == [false; 2] {
                return;
            }
            let accounts: Vec<AccountId> = self.book.accounts.keys().copied().collect();
            for account in accounts {
                if !self.book.account(account).markets.is_empty() {
                    let _ = self.book.touch(account);
                    self.actions += 1;
                }
            }
            for market in MARKETS {
                self.pass(market);
            }
        }
    }

    /// Notional of the gang's larger side, WAD.
    fn side(&self, market: MarketId) -> u128 {
        let (mut long, mut short) = (0u128, 0u128);
        for number in 0..GANG {
            let size = self.book.held(member(number), market).map_or(0, |held| held.size);
            *if size < 0 { &mut short } else { &mut long } += size.unsigned_abs();
        }
        long.max(short) / 1_000_000 * (self.book.markets[&market].price.price / 1_000_000) / 1_000_000
    }

    /// Keepers act, then time goes by and the next report comes in. An estate that they could not resolve, because the price was
    /// not newer than a fill, they resolve with it.
    fn report(&mut self, seconds: u64, moves: [i32; 2]) {
        self.keep();
        let sides = MARKETS.map(|market| self.side(market));
        self.book.set_time(self.book.now + seconds);
        let maintenance = self.setting.params.margin.maintenance_factor;
        for ((market, ppm), side) in MARKETS.into_iter().zip(moves).zip(sides) {
            let last = self.book.markets[&market].price.price;
            let price = last / PPM * u128::from(1_000_000u32.saturating_add_signed(ppm));
            let _ = self.book.set_price(market, price.clamp(WAD, 100_000 * WAD));
            if ppm.unsigned_abs() > self.setting.drift {
                let beyond = (ppm.unsigned_abs() + self.setting.drift).saturating_sub(maintenance);
                self.bound += side / PPM * u128::from(beyond);
            }
        }
        for market in MARKETS {
            self.pass(market);
        }
    }

    /// The price of a fill: for the gang by itself as it likes, with the maker at the mark or at the next one.
    fn price(&self, market: MarketId, with_maker: bool, distance: i32, next: i32) -> u128 {
        let mark = self.book.markets[&market].price.price;
        let ppm = match (with_maker, distance) {
            (true, 0) => 0,
            (true, _) => next,
            (false, distance) => distance,
        };
        mark / PPM * u128::from(1_000_000u32.saturating_add_signed(ppm))
    }

    fn fill(&self, of: &Move, next: [i32; 2]) -> Option<Fill> {
        let (taker, maker, at, size, price) = match *of {
            Move::Trade { taker, maker, market: at, size, price, .. } => {
                (taker, maker, at, i128::from(size) * (WAD / 1_000).cast_signed(), price)
            }
            Move::Scale { taker, maker, market: at, part, price, .. } => {
                let held = self.book.held(member(taker), market(at)).ok()?.size;
                (taker, maker, at, held / 1_000_000 * i128::from(part), price)
            }
            _ => return None,
        };
        let (taker, maker) = (member(taker), party(maker));
        let with_maker = maker == party(MAKER);
        let price = self.price(market(at), with_maker, price, next[usize::from(at % 2)]);
        Some(Fill { taker, maker, market: market(at), size, price })
    }

    fn play(&mut self, moves: &[Move]) {
        let mut fills = Vec::new();
        for (place, of) in moves.iter().enumerate() {
            if let Move::Trade { more, .. } | Move::Scale { more, .. } = *of {
                fills.extend(self.fill(of, self.next(&moves[place..])));
                let follows = matches!(moves.get(place + 1), Some(Move::Trade { .. } | Move::Scale { .. }));
                if !(more && follows) {
                    let _ = self.book.settle(&fills);
                    self.actions += fills.len() as u64;
                    fills.clear();
                }
            } else {
                self.act(of);
            }
        }
        for _ in 0..3 {
            self.report(61, [0; 2]);
        }
    }

    /// The moves of the next report.
    fn next(&self, moves: &[Move]) -> [i32; 2] {
        for of in moves {
            match *of {
                Move::Report { moves } => return moves.map(|ppm| self.drift(ppm)),
                // The maker does not trade ahead of a gap.
                Move::Gap { .. } | Move::Wait { .. } | Move::Outage { .. } => return [0; 2],
                _ => {}
            }
        }
        [0; 2]
    }

    fn drift(&self, ppm: i32) -> i32 {
        ppm.clamp(-self.setting.drift.cast_signed(), self.setting.drift.cast_signed())
    }

    fn act(&mut self, of: &Move) {
        self.actions += 1;
        match *of {
            Move::Deposit { member: whose, amount } => {
                let wad = u128::from(amount) * WAD;
                if self.book.deposit(member(whose), wad).is_ok() {
                    self.put_in += wad.cast_signed();
                }
            }
            Move::Withdraw { member: whose, part } => {
                let free = self.book.free_collateral(member(whose)).unwrap_or(0);
                let wad = free / PPM * u128::from(part.min(1_000_000));
                if self.book.withdraw(member(whose), wad).is_ok() {
                    self.out += wad.cast_signed();
                }
            }
            Move::Report { moves } => self.report(1, moves.map(|ppm| self.drift(ppm))),
            Move::Gap { market, up } => {
                let mut moves = [0; 2];
                let at = usize::from(market % 2);
                if !self.gapped[at] {
                    self.gapped[at] = true;
                    moves[at] =
                        if up { self.setting.gap.cast_signed() } else { -self.setting.gap.cast_signed() };
                }
                self.report(1, moves);
            }
            Move::Wait { minutes } => {
                for _ in 0..minutes.min(60) {
                    self.report(60, [0; 2]);
                }
            }
            Move::Outage { minutes } => self.report(u64::from(minutes) * 60 + 1, [0; 2]),
            Move::Liquidate { member: whose, into, market: at, part } => {
                let size =
                    self.book.held(member(whose), market(at)).map_or(0, |held| held.size).unsigned_abs();
                let most = size / PPM * u128::from(part.min(1_000_000));
                let _ = self.book.liquidate(member(whose), member(into), market(at), most, 0);
            }
            Move::Bury { member: whose } => self.ladder(|book| {
                let _ = book.bury(member(whose));
            }),
            Move::Pass { market: at } => self.pass(market(at)),
            Move::Touch { member: whose } => {
                let _ = self.book.touch(member(whose));
            }
            Move::Trade { .. } | Move::Scale { .. } => {}
        }
    }

    fn result(&self) -> Play {
        let unit = WAD.cast_signed();
        let left: i128 = (0..GANG).map(|number| self.equity(member(number)).max(0)).sum();
        Play {
            gain: (self.out + left - self.put_in).div_euclid(unit),
            honest_loss: (self.honest_start + self.honest_passes - self.honest_equity()).div_euclid(unit),
            bound: (self.bound / WAD).cast_signed(),
            gaps: self.gapped.iter().filter(|&&gapped| gapped).count(),
            bad_debt: self.book.bad_debt() / WAD,
            honest_paid: -self.honest_passes / unit,
            actions: self.actions,
        }
    }
}

/// Plays a sequence to its end: after the last move keepers resolve everything. A setting that no market may have comes to
/// nothing.
#[must_use]
pub fn play(setting: &Setting, moves: &[Move]) -> Play {
    let Some(mut game) = Game::open(setting) else { return Play::default() };
    game.play(moves);
    game.result()
}

/// The known attacks, by the names of their rows.
#[must_use]
pub fn named() -> Vec<(&'static str, Vec<Move>)> {
    use Move::{Bury, Deposit, Gap, Liquidate, Outage, Pass, Report, Scale, Touch, Trade, Wait, Withdraw};
    let trade = |taker, maker, market, units: i64, price| Trade {
        taker,
        maker,
        market,
        size: units * 1_000,
        price,
        more: false,
    };
    let close =
        |taker, maker, market, price| Scale { taker, maker, market, part: -1_000_000, price, more: false };
    let with = |of: Move| match of {
        Trade { taker, maker, market, size, price, .. } => {
            Trade { taker, maker, market, size, price, more: true }
        }
        Scale { taker, maker, market, part, price, .. } => {
            Scale { taker, maker, market, part, price, more: true }
        }
        other => other,
    };
    let all = |member| Withdraw { member, part: 1_000_000 };
    let start = [
        Deposit { member: 0, amount: 2_080_000 },
        Deposit { member: 1, amount: 2_080_000 },
        trade(0, 1, 0, 400_000, 0),
    ];
    let gap = Gap { market: 0, up: true };
    let after = |rest: &[Move]| -> Vec<Move> { [&start[..], &[gap], rest].concat() };
    let rich = Deposit { member: 2, amount: 30_000_000 };
    let hop = |market, mark: i64| [trade(0, 2, market, mark, 50_000), trade(0, 2, market, -mark, -50_000)];
    let late =
        |ppm| [trade(0, MAKER, 0, -200_000, 1), Report { moves: [ppm, 0] }, trade(0, MAKER, 0, 200_000, 1)];
    vec![
        ("undodged", after(&[all(0)])),
        ("01 leaves in the second of the gap", after(&[close(0, MAKER, 0, 0), all(0)])),
        (
            "02 sells and buys back",
            after(&[with(close(0, MAKER, 0, 0)), trade(0, MAKER, 0, 400_000, 0), all(0)]),
        ),
        (
            "06 outage",
            [&start[..], &[trade(0, 1, 0, 1_000, 50_000), Outage { minutes: 4_000 }, gap]].concat(),
        ),
        (
            "14 liquidates itself",
            [
                &start[..],
                &[
                    Report { moves: [-4_000, 0] },
                    Report { moves: [4_000, 0] },
                    Report { moves: [4_000, 0] },
                    Report { moves: [4_000, 0] },
                    Report { moves: [4_000, 0] },
                    Liquidate { member: 1, into: 2, market: 0, part: 1_000_000 },
                    gap,
                ],
            ]
            .concat(),
        ),
        (
            "17 hops to a friend",
            after(&[
                rich,
                close(0, MAKER, 0, 0),
                hop(0, 18_000)[0],
                hop(0, 18_000)[1],
                hop(0, 18_000)[0],
                hop(0, 18_000)[1],
                all(2),
            ]),
        ),
        (
            "17 hops to a quiet market",
            after(&[
                rich,
                close(0, MAKER, 0, 0),
                hop(1, 18_000)[0],
                hop(1, 18_000)[1],
                all(2),
                Wait { minutes: 45 },
                all(2),
            ]),
        ),
        (
            "17 hops in a safer call",
            after(&[
                rich,
                hop(1, 190_000)[0],
                hop(1, 190_000)[1],
                with(close(0, MAKER, 0, 0)),
                with(hop(1, 300_000)[0]),
                hop(1, 300_000)[1],
                all(2),
            ]),
        ),
        (
            "17 trades at the true price",
            after(&[&[close(0, MAKER, 0, 0)][..], &late(-2_000), &late(2_000), &late(-2_000)].concat()),
        ),
        (
            "17 turns around",
            after(&[
                rich,
                close(0, 2, 0, 0),
                close(2, MAKER, 0, 0),
                trade(0, MAKER, 0, -300_000, 0),
                Report { moves: [-4_000, 0] },
            ]),
        ),
        (
            "18 waits",
            after(&[
                close(0, MAKER, 0, 0),
                Bury { member: 1 },
                Outage { minutes: 60 },
                Wait { minutes: 60 },
                all(0),
            ]),
        ),
        (
            "20 its own bankrupt closes its own winner",
            after(&[Bury { member: 1 }, Pass { market: 0 }, Touch { member: 0 }, all(0)]),
        ),
        (
            "21 realises a loss beside a profit elsewhere",
            after(&[rich, trade(0, 2, 1, 40_000, 50_000), close(0, 2, 1, -50_000), all(0)]),
        ),
        (
            "22 loses in two markets",
            [
                &[
                    Deposit { member: 1, amount: 4_160_000 },
                    Deposit { member: 0, amount: 2_080_000 },
                    Deposit { member: 2, amount: 2_080_000 },
                    trade(0, 1, 0, 400_000, 0),
                    trade(2, 1, 1, 400_000, 0),
                    gap,
                    Gap { market: 1, up: true },
                ][..],
                &[all(0), all(2)],
            ]
            .concat(),
        ),
        (
            "24 adds at the mark",
            after(&[rich, Deposit { member: 0, amount: 60_000_000 }, trade(0, 2, 0, 6_000_000, 0)]),
        ),
        (
            "28 dust after each pass",
            after(&[
                close(0, MAKER, 0, 0),
                Deposit { member: 3, amount: 1 },
                trade(MAKER, 3, 0, 1, 0),
                Wait { minutes: 30 },
                Bury { member: 3 },
                Wait { minutes: 30 },
                all(0),
            ]),
        ),
        (
            "31 buries after a pass",
            [
                &start[..],
                &[
                    Deposit { member: 2, amount: 2_080_000 },
                    Deposit { member: 3, amount: 2_080_000 },
                    trade(2, 3, 1, 400_000, 0),
                    gap,
                    Pass { market: 0 },
                    Gap { market: 1, up: false },
                    Bury { member: 2 },
                    all(3),
                ],
            ]
            .concat(),
        ),
        (
            "33 hedged",
            [
                &start[..],
                &[
                    Deposit { member: 2, amount: 4_160_000 },
                    trade(2, MAKER, 0, -400_000, 0),
                    trade(2, MAKER, 1, 400_000, 0),
                    gap,
                    Report { moves: [4_000, 4_000] },
                ],
            ]
            .concat(),
        ),
        (
            "open profit leaves beside cash that waits elsewhere",
            [
                &start[..2],
                &[
                    rich,
                    trade(0, 1, 0, 1_000, 0),
                    trade(0, 2, 1, 200_000, -50_000),
                    trade(0, 2, 1, -200_000, 50_000),
                    trade(0, 2, 1, 300_000, -50_000),
                    trade(0, 2, 1, -300_000, 50_000),
                    Wait { minutes: 45 },
                    Report { moves: [0, 0] },
                    trade(0, 1, 0, 399_000, 0),
                    gap,
                    all(0),
                    Touch { member: 0 },
                    all(0),
                ][..],
            ]
            .concat(),
        ),
        (
            "second audit: profit drifts, ripens and leaves before the gap",
            [
                &start[..],
                &[
                    Report { moves: [4_000, 0] },
                    Report { moves: [4_000, 0] },
                    Report { moves: [4_000, 0] },
                    Report { moves: [4_000, 0] },
                    with(close(0, MAKER, 0, 0)),
                    trade(0, MAKER, 0, 400_000, 0),
                    Wait { minutes: 45 },
                    all(0),
                    gap,
                ],
            ]
            .concat(),
        ),
    ]
}

/// A sequence and what it came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The moves.
    pub moves: Vec<Move>,
    /// What they came to.
    pub play: Play,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Actions that were tried in all.
    pub actions: u64,
    /// Sequences that were played.
    pub plays: u64,
    /// The best without a gap, with one, and with two.
    pub best: [Found; 3],
    /// The first that broke the bound, shrunk; `None` when none did.
    pub broken: Option<Found>,
}

/// How many sequences a search keeps of each number of gaps.
const POOL: usize = 24;

/// A search for profit.
#[derive(Clone, Debug)]
pub struct Search {
    setting: Setting,
    random: Random,
    pools: [Vec<Found>; 3],
    report: Report,
}

impl Search {
    /// A search that starts from the known attacks.
    #[must_use]
    pub fn new(setting: Setting, seed: u64) -> Self {
        let mut search = Self {
            setting,
            random: Random(seed),
            pools: [const { Vec::new() }; 3],
            report: Report::default(),
        };
        for (_, moves) in named() {
            search.consider(moves);
        }
        search
    }

    /// Tries sequences until so many actions have been tried, or one breaks the bound.
    #[must_use]
    pub fn run(mut self, actions: u64) -> Report {
        while self.report.actions < actions && self.report.broken.is_none() {
            let moves = if self.random.one_in(8) { self.anything() } else { self.offspring() };
            self.consider(moves);
        }
        for (best, pool) in self.report.best.iter_mut().zip(&self.pools) {
            *best = pool.first().cloned().unwrap_or_default();
        }
        self.report
    }

    fn play(&mut self, moves: &[Move]) -> Play {
        let play = play(&self.setting, moves);
        self.report.actions += play.actions;
        self.report.plays += 1;
        play
    }

    fn consider(&mut self, moves: Vec<Move>) {
        let play = self.play(&moves);
        if play.breaks() && self.report.broken.is_none() {
            self.report.broken = Some(self.shrunk(Found { moves: moves.clone(), play: play.clone() }));
        }
        let pool = &mut self.pools[play.gaps.min(2)];
        let at = pool.partition_point(|kept| kept.play.excess() > play.excess());
        // One of each value keeps the pool apart.
        if at < POOL && pool.get(at).is_none_or(|kept| kept.play.excess() != play.excess()) {
            pool.insert(at, Found { moves, play });
            pool.truncate(POOL);
        }
    }

    /// Leaves out moves as long as what is left still breaks the bound.
    fn shrunk(&mut self, mut found: Found) -> Found {
        let mut at = 0;
        while at < found.moves.len() {
            let mut moves = found.moves.clone();
            moves.remove(at);
            let play = self.play(&moves);
            if play.breaks() {
                found = Found { moves, play };
            } else {
                at += 1;
            }
        }
        found
    }

    fn anything(&mut self) -> Vec<Move> {
        let length = self.random.within(LENGTH.0 as u64, LENGTH.1 as u64);
        let mut moves: Vec<Move> = (0..length).map(|_| self.any_move()).collect();
        // Without money nothing happens.
        for member in 0..3 {
            moves.insert(0, Move::Deposit { member, amount: self.amount() });
        }
        moves.truncate(LENGTH.1);
        moves
    }

    fn parent(&mut self) -> Vec<Move> {
        let pool = self.random.below(3) as usize;
        let pool = if self.pools[pool].is_empty() { 1 } else { pool };
        let at = self.random.below(self.pools[pool].len() as u64) as usize;
        self.pools[pool].get(at).map(|found| found.moves.clone()).unwrap_or_default()
    }

    fn offspring(&mut self) -> Vec<Move> {
        let mut moves = self.parent();
        for _ in 0..self.random.within(1, 4) {
            let at = self.random.below(moves.len() as u64 + 1) as usize;
            match self.random.below(10) {
                0..3 => moves.insert(at, self.any_move()),
                3..5 if at < moves.len() => drop(moves.remove(at)),
                5..8 if at < moves.len() => moves[at] = self.changed(moves[at]),
                8 if at < moves.len() => {
                    let other = self.random.below(moves.len() as u64) as usize;
                    moves.swap(at, other);
                }
                _ => {
                    // A piece of another sequence.
                    let other = self.parent();
                    let from = self.random.below(other.len() as u64 + 1) as usize;
                    let to = other.len().min(from + self.random.within(1, 8) as usize);
                    moves.splice(at..at, other[from..to].iter().copied());
                }
            }
        }
        while moves.len() < LENGTH.0 {
            moves.push(self.any_move());
        }
        moves.truncate(LENGTH.1);
        moves
    }

    /// Anything from one to tens of millions, in whole quote, evenly by magnitude.
    fn amount(&mut self) -> u32 {
        let magnitude = self.random.within(0, 7) as u32;
        (self.random.within(1, 40) as u32).saturating_mul(10u32.pow(magnitude)) / 10 + 1
    }

    /// A size in 1e-3 units: from dust to millions of units, or about what the scene uses.
    fn size(&mut self) -> i64 {
        let size = if self.random.one_in(2) {
            self.random.within(1_000, 400_000) as i64 * 1_000
        } else {
            self.random.within(1, 99) as i64 * 10i64.pow(self.random.within(0, 8) as u32)
        };
        if self.random.one_in(2) { size } else { -size }
    }

    fn distance(&mut self) -> i32 {
        let band = self.setting.params.fills.price_band;
        match self.random.below(4) {
            0 => 0,
            1 => band.cast_signed(),
            2 => -band.cast_signed(),
            _ => self.random.within(0, 2 * u64::from(band)) as i32 - band.cast_signed(),
        }
    }

    fn move_of_price(&mut self) -> i32 {
        let drift = self.setting.drift;
        match self.random.below(4) {
            0 => 0,
            1 => drift.cast_signed(),
            2 => -drift.cast_signed(),
            _ => self.random.within(0, 2 * u64::from(drift)) as i32 - drift.cast_signed(),
        }
    }

    fn ppm(&mut self) -> u32 {
        if self.random.one_in(2) { 1_000_000 } else { self.random.within(1, 1_000_000) as u32 }
    }

    fn any_move(&mut self) -> Move {
        let one = self.random.below(GANG.into()) as u8;
        let other = self.random.below(u64::from(GANG) + 1) as u8;
        let market = self.random.below(4) as u8 / 3;
        match self.random.below(32) {
            0..3 => Move::Deposit { member: one, amount: self.amount() },
            3..6 => Move::Withdraw { member: one, part: self.ppm() },
            6..14 => Move::Trade {
                taker: one,
                maker: other,
                market,
                size: self.size(),
                price: self.distance(),
                more: self.random.one_in(3),
            },
            14..20 => Move::Scale {
                taker: one,
                maker: other,
                market,
                part: match self.random.below(4) {
                    0 => -2_000_000,
                    1 => self.random.within(0, 3_000_000) as i32 - 1_500_000,
                    _ => -1_000_000,
                },
                price: self.distance(),
                more: self.random.one_in(3),
            },
            20..24 => Move::Report { moves: [self.move_of_price(), self.move_of_price()] },
            24..26 => Move::Gap { market, up: self.random.one_in(2) },
            26 => Move::Wait { minutes: self.random.within(1, 50) as u8 },
            27 => Move::Outage { minutes: self.random.within(1, 5_000) as u16 },
            28 => Move::Liquidate { member: one, into: other % GANG, market, part: self.ppm() },
            29 => Move::Bury { member: one },
            30 => Move::Pass { market },
            _ => Move::Touch { member: one },
        }
    }

    /// The same move with one of its numbers changed.
    fn changed(&mut self, of: Move) -> Move {
        let near = |random: &mut Random, x: i64| x / 1_000 * random.within(500, 1_500) as i64;
        match of {
            Move::Deposit { member, amount } => {
                let amount = near(&mut self.random, i64::from(amount) * 1_000) / 1_000;
                Move::Deposit { member, amount: u32::try_from(amount).unwrap_or(1).max(1) }
            }
            Move::Withdraw { member, .. } => Move::Withdraw { member, part: self.ppm() },
            Move::Trade { taker, maker, market, size, price, more } => match self.random.below(5) {
                0 => Move::Trade { taker, maker, market, size: near(&mut self.random, size), price, more },
                1 => Move::Trade { taker, maker, market, size: -size, price, more },
                2 => Move::Trade { taker, maker, market, size, price: self.distance(), more },
                3 => {
                    let maker = self.random.below(u64::from(GANG) + 1) as u8;
                    Move::Trade { taker, maker, market, size, price, more }
                }
                _ => Move::Trade { taker, maker, market, size, price, more: !more },
            },
            Move::Scale { taker, maker, market, part, price, more } => match self.random.below(4) {
                0 => {
                    let part = near(&mut self.random, part.into());
                    Move::Scale { taker, maker, market, part: i32::try_from(part).unwrap_or(-1), price, more }
                }
                1 => Move::Scale { taker, maker, market, part, price: self.distance(), more },
                2 => {
                    let maker = self.random.below(u64::from(GANG) + 1) as u8;
                    Move::Scale { taker, maker, market, part, price, more }
                }
                _ => Move::Scale { taker, maker, market, part, price, more: !more },
            },
            Move::Report { .. } => Move::Report { moves: [self.move_of_price(), self.move_of_price()] },
            Move::Gap { market, up } => Move::Gap { market, up: !up },
            _ => self.any_move(),
        }
    }
}
