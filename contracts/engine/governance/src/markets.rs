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

/// Places of parameters in `MarketParams`.
const WINDOW_INDEX: u8 = 22;
const SHARE_INDEX: u8 = 23;

pub(crate) fn list(ledger: &mut Ledger, instrument: u128, params: MarketParams) -> Result<(), Revert> {
    let id = ids::listable(instrument).ok_or_else(|| Revert::new(sol::BadInstrument { instrument }))?;
    require(!ledger.is_listed(id), || sol::MarketExists { instrument })?;
    let checked = checked(ledger, &params, 0)?;
    let usable = ledger.usable_of(id)?;
    ledger.list_market(id, &checked, usable);
    ledger.emit(&sol::MarketListed { instrument });
    store(ledger, id, instrument, &checked, params);
    Ok(())
}

pub(crate) fn replace(ledger: &mut Ledger, instrument: u128, params: MarketParams) -> Result<(), Revert> {
    let id = underlying(instrument)?;
    // What has accrued so far accrues by the old rules.
    let markets = ledger.load_markets(&[id])?;
    let market = markets.get(id)?;
    let checked = checked(ledger, &params, ledger.load_insurance_share(id))?;
    // Another length would move young profit between windows.
    require(checked.time.young_window == market.time.young_window, || sol::ParameterOutOfBounds {
        index: WINDOW_INDEX,
    })?;
    ledger.store_market(market);
    store(ledger, id, instrument, &checked, params);
    Ok(())
}

/// Checks parameters by themselves and against the cap on insurance, of which the market has had a share. Notes the new share.
fn checked(ledger: &mut Ledger, params: &MarketParams, had: u32) -> Result<Params, Revert> {
    let checked = from_abi(params);
    checked.validate().map_err(|index| Revert::new(sol::ParameterOutOfBounds { index }))?;
    let (tokens, mut shares) = ledger.totals();
    shares.markets = shares.markets.saturating_sub(had).saturating_add(checked.insurance_share);
    require(shares.markets <= shares.cap, || sol::ParameterOutOfBounds { index: SHARE_INDEX })?;
    ledger.set_totals(tokens, shares);
    Ok(checked)
}

fn store(ledger: &mut Ledger, id: u16, instrument: u128, checked: &Params, params: MarketParams) {
    ledger.store_params(id, checked);
    ledger.emit(&sol::MarketParamsSet { instrument, params });
}

pub(crate) fn params(ledger: &Ledger, instrument: u128) -> Result<MarketParams, Revert> {
    let id = underlying(instrument)?;
    let markets = ledger.load_markets(&[id])?;
    let market = markets.get(id)?;
    Ok(to_abi(&Params {
        margin: market.margin,
        fills: market.fills,
        time: market.time,
        funding: ledger.load_funding_rules(id, market.funding_cap),
        insurance_share: ledger.load_insurance_share(id),
        caps: ledger.load_caps(id),
        liquidation: ledger.load_liquidation(id),
    }))
}

pub(crate) fn instruments(ledger: &Ledger) -> Vec<u128> {
    ledger.listed().into_iter().map(ids::perp).collect()
}
