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

mod game;
mod named;
mod search;

use plimsoll_risk::{WAD, market::Params, oracle::Ages};

use crate::{action::Step, generate::ordinary_market, market::MarketId};

use self::game::Game;
pub use self::{
    named::named,
    search::{Found, Report, Search},
};

/// Accounts of the gang, numbered from zero.
pub const GANG: u8 = 6;

/// The honest maker, as a counterparty of a [`Move::Trade`].
pub const MAKER: u8 = GANG;

/// Fewest and most moves of a sequence.
pub const LENGTH: (usize, usize) = (5, 60);

/// The two markets.
pub const MARKETS: [MarketId; 2] = [1, 2];

/// When a play begins, Unix seconds.
pub const OPENING: u64 = 1_500_000_000;

/// How long prices may be used.
pub const AGES: Ages = Ages { max_age: 60, max_age_late: 3_600 };

/// Where both prices begin, quote per unit.
const START: u128 = 100;

/// What the attacker meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Parameters of both markets.
    pub params: Params,
    /// The insurance fund, whole quote.
    pub fund: u128,
    /// Share of it that all markets together may draw, ppm.
    pub insurance_cap: u32,
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
        Self { params, fund: 1_000_000, insurance_cap: 1_000_000, honest, gap: 120_000, drift: 4_000 }
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

/// Plays a sequence to its end: after the last move keepers resolve everything. A setting that no market may have comes to
/// nothing.
#[must_use]
pub fn play(setting: &Setting, moves: &[Move]) -> Play {
    let Some(mut game) = Game::open(setting, false) else { return Play::default() };
    game.play(moves);
    game.result()
}

/// All that happens in a play, from the first deposit on, in order: what a node is to do for the same play. Several steps may be at
/// one time.
#[must_use]
pub fn steps(setting: &Setting, moves: &[Move]) -> Vec<Step> {
    let Some(mut game) = Game::open(setting, true) else { return Vec::new() };
    game.play(moves);
    game.into_steps()
}
