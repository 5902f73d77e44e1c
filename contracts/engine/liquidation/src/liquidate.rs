//! `liquidate`: the caller's account takes over part of a position, at the mark less a discount.

use alloy_primitives::B256;
use plimsoll_ledger::{
    Ledger, Revert,
    margin::{require_liquidatable, require_usable},
    market::underlying,
    revert::require,
    sol,
};
use plimsoll_risk::{Overflow, ladder::Side, liquidation as rules, trade};

pub(crate) fn liquidate(
    ledger: &mut Ledger,
    id: B256,
    into: B256,
    instrument: u128,
    max_size: u128,
    limit: u128,
) -> Result<(u128, u128), Revert> {
    ledger.authorize(into)?;
    require(id != into, || sol::SelfLiquidation { account: id })?;
    require(max_size > 0, || sol::ZeroSize {})?;
    let market_id = underlying(instrument)?;

    let (account, liquidator) = (ledger.load_account(id), ledger.load_account(into));
    let mut ids = alloc::vec![market_id];
    ids.extend_from_slice(&account.markets);
    ids.extend_from_slice(&liquidator.markets);
    let mut markets = ledger.load_markets(&ids)?;
    require_usable(&account, &markets)?;
    require_usable(&liquidator, &markets)?;

    let mut account = ledger.load_positions(account, &markets)?;
    let before = account.margin(&markets)?;
    require_liquidatable(id, &before)?;
    let mut liquidator = ledger.load_positions(liquidator, &markets)?;
    let liquidator_before = liquidator.margin(&markets)?;

    let market = markets.get_mut(market_id)?;
    let (size, _) = account.position(market_id);
    require(size != 0, || sol::NoPosition { account: id, instrument })?;
    let (side, mark, factor) = (Side::of(size), market.quote.price, market.margin.maintenance_factor_wad());
    let rules = ledger.load_liquidation(market_id);
    let takeover = rules::takeover(&before, side, size.unsigned_abs(), mark, factor, &rules)?;
    let price = takeover.price;
    require(rules::within_limit(side, price, limit), || sol::LimitPrice { price, limit })?;

    let close = takeover.close(side, mark, max_size)?;
    let change = side.signed(close.size)?;
    account.trade(ledger, market, change.checked_neg().ok_or(Overflow)?, close.flow, price)?;
    account.account.charge(close.fee)?;
    liquidator.trade(ledger, market, change, close.flow.checked_neg().ok_or(Overflow)?, price)?;

    let after = account.margin(&markets)?;
    let margin = liquidator.margin(&markets)?;
    // A pause does not stop liquidations.
    trade::verdict(&liquidator_before, &margin, false).map_err(|_| {
        let (equity, initial) = (margin.initial_equity, margin.initial);
        Revert::new(sol::InsufficientMargin { account: into, equity, initial })
    })?;

    ledger.store_portfolio(&account);
    ledger.store_portfolio(&liquidator);
    ledger.store_market(markets.get(market_id)?);
    let (insurance, fees) = ledger.funds();
    ledger.set_funds(insurance.checked_add(close.fee).ok_or(Overflow)?, fees);
    ledger.emit(&sol::Liquidated {
        account: id,
        liquidator: into,
        instrument,
        size: change,
        price,
        mark,
        discount: close.discount,
        fee: close.fee,
        equityBefore: before.equity,
        equityAfter: after.equity,
    });
    Ok((close.size, price))
}
