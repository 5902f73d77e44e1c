//! A market: parameters, price, funding, and a ladder on each side.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_risk::{
    funding::Funding,
    ladder::{Epoch, Rung, Side, Tally},
    market::Params,
    oracle::{Ages, Price},
};

/// A perpetual market, by its underlying.
pub type MarketId = u16;

/// One side of a market's ladder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ladder {
    /// Every rung that was ever occupied, by tick: its epoch outlives its members.
    pub rungs: BTreeMap<i32, (Rung, Tally)>,
    /// The ticks of rungs with members.
    pub occupied: BTreeSet<i32>,
    /// How epochs ended, by tick and epoch.
    pub ended: BTreeMap<(i32, u32), Epoch>,
}

impl Ladder {
    /// A rung and its tally; a fresh one where none was.
    #[must_use]
    pub fn rung(&self, tick: i32) -> (Rung, Tally) {
        self.rungs.get(&tick).copied().unwrap_or_default()
    }

    /// The occupied tick after `after` in the order of profit, most profitable first; the first one after `None`.
    #[must_use]
    pub fn next(&self, side: Side, after: Option<i32>) -> Option<i32> {
        match (side, after) {
            (Side::Long, None) => self.occupied.first().copied(),
            (Side::Short, None) => self.occupied.last().copied(),
            (Side::Long, Some(tick)) => self.occupied.range(tick.checked_add(1)?..).next().copied(),
            (Side::Short, Some(tick)) => self.occupied.range(..tick).next_back().copied(),
        }
    }
}

/// A market's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Market {
    /// Its parameters.
    pub params: Params,
    /// For how long its price may be used.
    pub ages: Ages,
    /// The oracle's last price.
    pub price: Price,
    /// Its funding, accrued up to its own time.
    pub funding: Funding,
    /// Sum of all long sizes, units of the underlying, WAD.
    pub open_interest: u128,
    /// Size that rounding left without a holder, longs positive.
    pub dust: i128,
    /// Loss that neither insurance nor profits could bear, quote, WAD.
    pub bad_debt: u128,
    /// The longs.
    pub long: Ladder,
    /// The shorts.
    pub short: Ladder,
}

impl Market {
    /// The ladder of a side.
    #[must_use]
    pub const fn ladder(&self, side: Side) -> &Ladder {
        match side {
            Side::Long => &self.long,
            Side::Short => &self.short,
        }
    }

    /// The ladder of a side, to change.
    pub(crate) const fn ladder_mut(&mut self, side: Side) -> &mut Ladder {
        match side {
            Side::Long => &mut self.long,
            Side::Short => &mut self.short,
        }
    }
}
