//! `poke`: accrues the funding and the clock of markets up to now, and judges whether the clock stands.

use plimsoll_risk::ids;

use crate::{book::Book, error::Error, market::MarketId};

impl Book {
    /// Accrues the funding of markets.
    ///
    /// # Errors
    /// [`Error::DuplicateInstrument`], [`Error::UnknownMarket`], [`Error::Overflow`].
    pub fn poke(&mut self, markets: &[MarketId]) -> Result<(), Error> {
        self.atomically(|book| {
            for (at, market) in markets.iter().enumerate() {
                if markets[..at].contains(market) {
                    return Err(Error::DuplicateInstrument { instrument: ids::perp(*market) });
                }
            }
            markets.iter().try_for_each(|&market| book.market(market).map(|_| ()))?;
            markets.iter().try_for_each(|&market| {
                book.accrue(market)?;
                book.judge_clock(market)
            })
        })
    }
}
