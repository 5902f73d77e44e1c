//! `liquidate`: the caller's account takes over part of a position, at the mark less a discount.

use alloy_primitives::B256;
use plimsoll_ledger::{
    Ledger, Revert,
    margin::require_liquidatable,
    market::{Use, underlying},
    revert::require,
    sol,
};
use plimsoll_risk::{Overflow, ladder::Side, liquidation as rules, trade};
use stylus_sdk::prelude::*;

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
    let quote = markets.get(market_id)?.quote;
    require(quote.allows_liquidation(), || sol::PriceUnusable { instrument, status: quote.code })?;

    let mut account = ledger.load_positions(account, &markets)?;
    let before = account.margin(&markets, Use::Liquidation)?;
    require_liquidatable(id, &before)?;
    let mut liquidator = ledger.load_positions(liquidator, &markets)?;
    let liquidator_before = liquidator.margin(&markets, Use::Liquidation)?;

    let market = markets.get_mut(market_id)?;
    let size = account.size(market_id);
    require(size != 0, || sol::NoPosition { account: id, instrument })?;
    let (side, mark, factor) = (Side::of(size), market.quote.price, market.margin.maintenance_factor_wad());
    let (terms, late) = (ledger.load_liquidation(market_id), !quote.allows_trading());
    let takeover = rules::takeover(&before, side, size.unsigned_abs(), mark, factor, &terms, late)?;
    let price = takeover.price;
    require(rules::within_limit(side, price, limit), || sol::LimitPrice { price, limit })?;

    let close = takeover.close(side, mark, max_size)?;
    let change = side.signed(close.size)?;
    let held = liquidator.size(market_id);
    account.trade(ledger, market, change.checked_neg().ok_or(Overflow)?, close.flow, price)?;
    account.account.charge(close.fee)?;
    liquidator.trade(ledger, market, change, close.flow.checked_neg().ok_or(Overflow)?, price)?;
    market.last_fill = ledger.vm().block_timestamp() as u32;
    let (insurance, fees) = ledger.funds();
    ledger.set_funds(insurance.checked_add(close.fee).ok_or(Overflow)?, fees);
    let cost = market.margin.liquidation_cost;
    let owed = rules::reward_floor(&takeover, &close, mark, &terms, late, before.stressed(), cost)?;
    let reward = ledger.draw_insurance(market_id, instrument, owed)?;
    liquidator.account.credit(i128::try_from(reward).map_err(|_| Overflow)?)?;
    ledger.require_within(&ledger.load_caps(market_id), into, market, held, liquidator.size(market_id))?;
    account.pay_debt(ledger, &mut markets)?;
    liquidator.pay_debt(ledger, &mut markets)?;

    let after = account.margin(&markets, Use::Liquidation)?;
    let margin = liquidator.margin(&markets, Use::Liquidation)?;
    // A pause does not stop liquidations.
    let grew = trade::grows(held, liquidator.size(market_id));
    trade::verdict(&liquidator_before, &margin, grew, false).map_err(|_| {
        let (equity, initial) = (margin.initial_equity, margin.initial);
        Revert::new(sol::InsufficientMargin { account: into, equity, initial })
    })?;

    ledger.store_portfolio(&account);
    ledger.store_portfolio(&liquidator);
    ledger.store_touched(&markets);
    ledger.emit(&sol::Liquidated {
        account: id,
        liquidator: into,
        instrument,
        size: change,
        price,
        mark,
        discount: close.discount,
        fee: close.fee,
        reward,
        equityBefore: before.equity,
        equityAfter: after.equity,
    });
    Ok((close.size, price))
}
