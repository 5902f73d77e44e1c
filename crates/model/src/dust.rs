//! A bound on how much rounding may have moved.
//!
//! The identity of the ledger holds exactly in rational numbers, whatever prices do. In integers every act rounds a few units of
//! the last place, 1e-18. A position on a retired rung may lose a fraction of such a unit of size each time it is read; that
//! size is worth its price, and drifts with it. Funding per unit has 64 binary digits, and a rung that is closed against rounds
//! what its closed part is due by the last of them. So an act may move, for each side and each rung that it touches, `UNITS`
//! units of quote, as many units of size at the highest price so far, and as many 2^-64 of the largest open interest so far.

use plimsoll_risk::{
    WAD,
    ladder::{FUNDING_ONE, Moment},
};

use crate::error::Error;

/// Roundings of one act on one holding or rung.
const UNITS: u128 = 8;

/// What has been counted so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dust {
    /// Acts on holdings, rungs and pots.
    pub acts: u128,
    /// The highest price so far, WAD.
    pub price: u128,
    /// The largest open interest so far, WAD.
    pub open_interest: u128,
}

impl Dust {
    pub(crate) fn caught_up(&mut self, now: &Moment, open_interest: u128) {
        self.acts += 1;
        self.open_interest = self.open_interest.max(open_interest);
        self.price = self.price.max(now.mark);
    }

    pub(crate) fn passed(&mut self, rungs: u32, pots: u32) {
        self.acts += u128::from(rungs) + u128::from(pots) + 1;
    }

    /// What the roundings so far, and `more` of them, may amount to in quote, units of the last place.
    #[must_use]
    pub fn quote(&self, more: u128) -> u128 {
        let unit = self.price / WAD + self.open_interest / FUNDING_ONE + 2;
        UNITS.saturating_mul(self.acts.saturating_add(more)).saturating_mul(unit)
    }

    /// The same in size.
    #[must_use]
    pub fn size(&self, more: u128) -> u128 {
        UNITS.saturating_mul(self.acts.saturating_add(more))
    }
}

/// An unsigned sum after a signed change.
pub(crate) fn shifted(sum: u128, change: i128) -> Result<u128, Error> {
    sum.checked_add_signed(change).ok_or(Error::Overflow)
}
