//! `poke`: accrues the funding of markets up to now.

use alloc::vec::Vec;

use plimsoll_ledger::{Ledger, Revert, market::underlying, revert::require, sol};

pub(crate) fn poke(ledger: &mut Ledger, instruments: &[u128]) -> Result<(), Revert> {
    let mut ids = Vec::with_capacity(instruments.len());
    for instrument in instruments {
        let id = underlying(*instrument)?;
        require(!ids.contains(&id), || sol::DuplicateInstrument { instrument: *instrument })?;
        ids.push(id);
    }
    for market in ledger.load_markets(&ids)?.iter() {
        require(market.quote.allows_liquidation(), || sol::PriceUnusable {
            instrument: market.instrument(),
            status: market.quote.code,
        })?;
        ledger.store_market(market);
    }
    Ok(())
}
