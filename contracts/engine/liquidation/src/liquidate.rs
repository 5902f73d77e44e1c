//! `liquidate`: a partial close by takeover.

use alloy_primitives::B256;
use plimsoll_ledger::{Ledger, Revert, margin::require_usable, market::underlying, revert::require, sol};
use plimsoll_risk::{Overflow, ladder::Side, liquidation as rules};

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

    let (mut account, mut liquidator) = (ledger.load_account(id), ledger.load_account(into));
    let mut ids = alloc::vec![market_id];
    ids.extend_from_slice(&account.markets);
    ids.extend_from_slice(&liquidator.markets);
    let mut markets = ledger.load_markets(&ids)?;
    require_usable(&account, &markets)?;
    require_usable(&liquidator, &markets)?;

    let before = ledger.margin(&account, &markets)?;
    require(before.equity >= 0, || sol::Insolvent { account: id, equity: before.equity })?;
    require(before.is_liquidatable(), || sol::NotLiquidatable {
        account: id,
        equity: before.equity,
        maintenance: before.maintenance,
    })?;
    let liquidator_before = ledger.margin(&liquidator, &markets)?;

    let market = markets.get_mut(market_id)?;
    ledger.load_liquidation(market);
    let size = ledger.find_position(id, market)?.map_or(0, |found| found.now.size);
    require(size != 0, || sol::NoPosition { account: id, instrument })?;
    let (side, mark) = (Side::of(size), market.quote.price);
    let takeover = rules::takeover(&before, side, size.unsigned_abs(), mark, &market.params)?;
    let (closed, price) = (takeover.size.min(max_size), takeover.price);
    require(rules::within_limit(side, price, limit), || sol::LimitPrice { price, limit })?;

    let change = side.signed(closed)?;
    let flow = rules::flow_to_account(side, closed, price)?;
    let fee = rules::fee(&takeover.penalty, closed, mark)?;
    ledger.trade(&mut account, market, change.checked_neg().ok_or(Overflow)?, flow, price)?;
    account.charge(fee)?;
    ledger.trade(&mut liquidator, market, change, flow.checked_neg().ok_or(Overflow)?, price)?;
    let discount = rules::discount(closed, mark, price)?;

    let after = ledger.margin(&account, &markets)?;
    let margin = ledger.margin(&liquidator, &markets)?;
    require(margin.is_safer_than(&liquidator_before) || margin.meets_initial(), || {
        sol::InsufficientMargin { account: into, equity: margin.initial_equity, initial: margin.initial }
    })?;

    ledger.store_account(&account);
    ledger.store_account(&liquidator);
    ledger.store_market(markets.get(market_id)?);
    let (insurance, fees) = ledger.funds();
    ledger.set_funds(insurance.checked_add(fee).ok_or(Overflow)?, fees);
    ledger.emit(&sol::Liquidated {
        account: id,
        liquidator: into,
        instrument,
        size: change,
        price,
        mark,
        discount,
        fee,
        equityBefore: before.equity,
        equityAfter: after.equity,
    });
    Ok((closed, price))
}
