//! `checkTrade`: whether the engine would settle trades, and what margin they would leave.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::{
    Ledger, Revert,
    margin::{require_fresh, worst_status},
    market::underlying,
    revert::require,
    sol::{self, Trade},
};
use plimsoll_risk::{
    Overflow, fill, ladder,
    limits::{MAX_POSITIONS, admits_another_position},
    margin::Margin,
    position, trade as rules,
};

use crate::accounts::to_abi;

pub(crate) fn check_trade(
    ledger: &Ledger,
    id: B256,
    trades: &[Trade],
) -> Result<(bool, sol::Margin), Revert> {
    let account = ledger.load_account(id);
    let mut ids = Vec::with_capacity(trades.len() + account.markets.len());
    for trade in trades {
        let market = underlying(trade.instrument)?;
        require(!ids.contains(&market), || sol::DuplicateInstrument { instrument: trade.instrument })?;
        require(trade.size != 0, || sol::ZeroSize {})?;
        ids.push(market);
    }
    let traded = ids.len();
    ids.extend_from_slice(&account.markets);
    let mut markets = ledger.load_markets(&ids)?;
    require_fresh(&account, &markets)?;
    let portfolio = ledger.load_positions(account, &markets)?;
    let before = portfolio.margin(&markets)?;

    // The untouched positions first, then each traded one as it would be.
    let mut after = Margin::of_cash(portfolio.account.cash);
    for (open, found) in portfolio.iter() {
        after.credit(found.now.cash)?;
        if !ids[..traded].contains(&open) {
            after.add(&markets.get(open)?.exposure(found.now.size, found.now.basis))?;
        }
    }
    let (mut within_caps, mut open) = (true, portfolio.account.markets.clone());
    for (trade, market_id) in trades.iter().zip(&ids) {
        let market = markets.get_mut(*market_id)?;
        require(market.quote.allows_trading(), || sol::PriceUnusable {
            instrument: trade.instrument,
            status: market.quote.code,
        })?;
        let band = market.fills.price_band(market.quote.price)?;
        require(band.admits(trade.price), || sol::PriceOutOfBand {
            instrument: trade.instrument,
            price: trade.price,
            low: band.low,
            high: band.high,
        })?;
        let (size, basis) = portfolio.position(*market_id);
        let traded = position::trade(
            size,
            basis,
            trade.size,
            fill::flow_floor(trade.size, trade.price)?,
            trade.price,
        )?;
        let fee = market.fills.fees_ceil(trade.size, trade.price)?.taker;
        after.credit(traded.cash.checked_sub_unsigned(fee).ok_or(Overflow)?)?;
        market.moved(size, traded.size)?;
        let caps = ledger.load_caps(*market_id);
        within_caps &= caps.admit_position(size, traded.size);
        within_caps &= caps.admit_open_interest(market.open_interest_before, market.open_interest);
        if traded.size == 0 {
            open.retain(|id| id != market_id);
        } else {
            within_caps &= ladder::tick_of(traded.size, traded.basis)?.is_some();
            if !open.contains(market_id) {
                within_caps &= admits_another_position(open.len(), MAX_POSITIONS);
                open.push(*market_id);
            }
        }
        after.add(&market.exposure(traded.size, traded.basis))?;
    }
    let held = rules::verdict(&before, &after, ledger.paused_until() != 0).is_ok();
    Ok((held && within_caps, to_abi(&after, worst_status(&portfolio.account, &markets)?)))
}
