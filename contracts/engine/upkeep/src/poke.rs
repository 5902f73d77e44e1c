//! `poke`: accrues the funding and the clock of markets up to now, and judges whether the clock stands.

use alloc::vec::Vec;

use plimsoll_ledger::{Ledger, Revert, market::underlying, revert::require, sol};

pub(crate) fn poke(ledger: &mut Ledger, instruments: &[u128]) -> Result<(), Revert> {
    let mut ids = Vec::with_capacity(instruments.len());
    for instrument in instruments {
        let id = underlying(*instrument)?;
        require(!ids.iter().any(|known| *known == id), || sol::DuplicateInstrument {
            instrument: *instrument,
        })?;
        ids.push(id);
    }
    let mut markets = ledger.load_markets(&ids)?;
    for id in ids {
        let market = markets.get_mut(id)?;
        market.stands = ledger.estate_now(market)?.1;
        ledger.store_market(market);
    }
    Ok(())
}
