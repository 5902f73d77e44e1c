//! `coverBadDebt`: the insurance fund pays recorded bad debt.

use plimsoll_risk::{ids, waterfall};

use crate::{book::Book, error::Error, market::MarketId};

impl Book {
    /// Covers bad debt of a market (of none: what no market was to bear) from the insurance fund: what was covered, at most
    /// `amount`, the debt, and what the bucket holds. All WAD.
    ///
    /// # Errors
    /// [`Error::ZeroAmount`], [`Error::UnknownMarket`]; [`Error::NoBadDebt`] when there is no debt or nothing to pay it with.
    pub fn cover_bad_debt(&mut self, market: Option<MarketId>, amount: u128) -> Result<u128, Error> {
        self.atomically(|book| {
            if amount == 0 {
                return Err(Error::ZeroAmount);
            }
            let available = book.insurance_available(market)?;
            let instrument = market.map_or(0, ids::perp);
            let debt = match market {
                Some(market) => &mut book.market_mut(market)?.bad_debt,
                None => &mut book.unassigned_bad_debt,
            };
            let covered = waterfall::coverable(amount, *debt, available);
            if covered == 0 {
                return Err(Error::NoBadDebt { instrument });
            }
            *debt -= covered;
            book.draw_insurance(market, covered)
        })
    }
}
