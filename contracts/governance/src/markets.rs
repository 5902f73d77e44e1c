//! Markets and their parameters.

use plimsoll_core::{
    Ledger, Revert,
    market::underlying,
    params::from_abi,
    revert::require,
    sol::{self, MarketParams},
};
use plimsoll_risk::ids;
use stylus_sdk::prelude::*;

pub(crate) fn list(ledger: &mut Ledger, instrument: u128, params: MarketParams) -> Result<(), Revert> {
    // Underlying zero is where the debt of accounts without a position is kept.
    let id = ids::perp_underlying(instrument)
        .filter(|id| *id != 0)
        .ok_or_else(|| Revert::new(sol::BadInstrument { instrument }))?;
    require(!ledger.is_listed(id), || sol::MarketExists { instrument })?;
    ledger.list_market(id);
    ledger.vm().log(sol::MarketListed { instrument });
    store(ledger, id, instrument, params)
}

pub(crate) fn replace(ledger: &mut Ledger, instrument: u128, params: MarketParams) -> Result<(), Revert> {
    let id = underlying(instrument)?;
    // What has accrued so far accrues by the old rules.
    for market in ledger.load_markets(&[id])?.iter() {
        ledger.store_market(market);
    }
    store(ledger, id, instrument, params)
}

fn store(ledger: &mut Ledger, id: u16, instrument: u128, params: MarketParams) -> Result<(), Revert> {
    let checked = from_abi(&params);
    checked.validate().map_err(|index| Revert::new(sol::ParameterOutOfBounds { index }))?;
    ledger.store_params(id, &checked);
    ledger.vm().log(sol::MarketParamsSet { instrument, params });
    Ok(())
}
