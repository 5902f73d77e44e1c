//! What anyone may do for a market or an account: accrue funding, realise what happened.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::{Ledger, Revert, market::underlying, revert::require, sol};

pub(crate) fn poke(ledger: &mut Ledger, instruments: &[u128]) -> Result<(), Revert> {
    let mut ids = Vec::with_capacity(instruments.len());
    for instrument in instruments {
        let id = underlying(*instrument)?;
        require(!ids.contains(&id), || sol::DuplicateInstrument { instrument: *instrument })?;
        ids.push(id);
    }
    for market in ledger.load_markets(&ids)?.iter() {
        require(market.quote.is_usable(), || sol::PriceUnusable {
            instrument: market.instrument(),
            status: market.quote.status,
        })?;
        ledger.store_market(market);
    }
    Ok(())
}

pub(crate) fn touch(ledger: &mut Ledger, id: B256) -> Result<(), Revert> {
    let mut account = ledger.load_account(id);
    let open = account.markets.clone();
    let mut markets = ledger.load_markets(&open)?;
    for id in open {
        let market = markets.get_mut(id)?;
        ledger.touch_position(&mut account, market)?;
        ledger.store_market(market);
    }
    ledger.store_account(&account);
    Ok(())
}
