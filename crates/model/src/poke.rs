//! `poke`: accrues the funding of markets up to now.

use plimsoll_risk::ids;

use crate::{book::Book, error::Error, market::MarketId};

impl Book {
    /// Accrues the funding of markets.
    ///
    /// # Errors
    /// [`Error::DuplicateInstrument`], [`Error::UnknownMarket`], [`Error::PriceUnusable`], [`Error::Overflow`].
    pub fn poke(&mut self, markets: &[MarketId]) -> Result<(), Error> {
        self.atomically(|book| {
            for (at, market) in markets.iter().enumerate() {
                if markets[..at].contains(market) {
                    return Err(Error::DuplicateInstrument { instrument: ids::perp(*market) });
                }
            }
            markets.iter().try_for_each(|&market| book.market(market).map(|_| ()))?;
            markets.iter().try_for_each(|&market| book.accrue(market))
        })
    }
}
