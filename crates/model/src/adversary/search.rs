//! Random search and hill climbing over sequences of moves.

use super::{GANG, LENGTH, Move, Play, Setting, named, play};
use crate::random::Random;

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
