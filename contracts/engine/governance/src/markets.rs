//! Lists markets and replaces their parameters.

use alloc::vec::Vec;

use plimsoll_ledger::{
    Ledger, Revert,
    market::underlying,
    params::{from_abi, to_abi},
    revert::require,
    sol::{self, MarketParams},
};
use plimsoll_risk::{ids, market::Params};

pub(crate) fn list(ledger: &mut Ledger, instrument: u128, params: MarketParams) -> Result<(), Revert> {
    let id = ids::listable(instrument).ok_or_else(|| Revert::new(sol::BadInstrument { instrument }))?;
    require(!ledger.is_listed(id), || sol::MarketExists { instrument })?;
    ledger.list_market(id);
    ledger.emit(&sol::MarketListed { instrument });
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
    ledger.emit(&sol::MarketParamsSet { instrument, params });
    Ok(())
}

pub(crate) fn params(ledger: &Ledger, instrument: u128) -> Result<MarketParams, Revert> {
    let id = underlying(instrument)?;
    let markets = ledger.load_markets(&[id])?;
    let market = markets.get(id)?;
    Ok(to_abi(&Params {
        margin: market.margin,
        fills: market.fills,
        funding_cap: market.funding_cap,
        caps: ledger.load_caps(id),
        liquidation: ledger.load_liquidation(id),
    }))
}

pub(crate) fn instruments(ledger: &Ledger) -> Vec<u128> {
    ledger.listed().into_iter().map(ids::perp).collect()
}
