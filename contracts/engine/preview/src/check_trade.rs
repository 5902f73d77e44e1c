//! `checkTrade`: whether the engine would settle trades, and what margin they would leave.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::{
    Ledger, Revert,
    margin::{to_abi, worst_status},
    market::{Use, underlying},
    revert::require,
    sol::{self, Trade},
};
use plimsoll_risk::{
    Overflow, fill,
    ladder::{self, Held},
    limits::{MAX_POSITIONS, admits_another_position},
    margin::Margin,
    position, trade as rules,
};

use stylus_sdk::prelude::*;

pub(crate) fn check_trade(
    ledger: &Ledger,
    id: B256,
    trades: &[Trade],
) -> Result<(bool, sol::Margin), Revert> {
    let account = ledger.load_account(id);
    let mut ids = Vec::with_capacity(trades.len() + account.markets.len());
    for trade in trades {
        let market = underlying(trade.instrument)?;
        require(!ids.iter().any(|id| *id == market), || sol::DuplicateInstrument {
            instrument: trade.instrument,
        })?;
        require(trade.size != 0, || sol::ZeroSize {})?;
        ids.push(market);
    }
    let traded = ids.len();
    ids.extend_from_slice(&account.markets);
    let mut markets = ledger.load_markets(&ids)?;
    let portfolio = ledger.load_positions(account, &markets)?;
    let before = portfolio.margin(&markets, Use::Trading)?;

    // The untouched positions first, then each traded one as it would be.
    let mut after = Margin::of_cash(portfolio.account.cash);
    for (open, held) in portfolio.iter() {
        after.credit(held.cash)?;
        if !ids.iter().take(traded).any(|id| *id == open) {
            after.add(&markets.get(open)?.exposure(held, Use::Trading))?;
        }
    }
    let now = ledger.vm().block_timestamp();
    let (mut grew, mut within_caps) = (false, true);
    let mut open = portfolio.account.markets.clone();
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
        let Held { size, basis, young, .. } = portfolio.held(*market_id);
        let traded = position::trade(
            size,
            basis,
            trade.size,
            fill::flow_floor(trade.size, trade.price)?,
            trade.price,
        )?;
        let fee = market.fills.fees_ceil(trade.size, trade.price)?.taker;
        // A gain becomes young profit; a loss eats young profit, then cash.
        let realised = Realised::of(traded.cash, young)?;
        after.credit(realised.cash.checked_sub_unsigned(fee).ok_or(Overflow)?)?;
        market.moved(size, traded.size)?;
        let caps = ledger.load_caps(*market_id);
        within_caps &= caps.admit_position(size, traded.size);
        within_caps &= caps.admit_open_interest(market.open_interest_before, market.open_interest);
        if rules::grows(size, traded.size) {
            grew = true;
            within_caps &= rules::is_recent(&market.time, market.quote.time, now);
            let notional = fill::notional_ceil(traded.size, market.quote.price)?;
            within_caps &= notional >= ledger.load_min_notional(*market_id);
        }
        if traded.size == 0 && realised.young == 0 {
            open.retain(|id| id != market_id);
        } else {
            within_caps &= traded.size == 0 || ladder::tick_of(traded.size, traded.basis)?.is_some();
            if !open.contains(market_id) {
                within_caps &= admits_another_position(open.len(), MAX_POSITIONS);
                open.push(*market_id);
            }
        }
        let held = Held { size: traded.size, basis: traded.basis, young: realised.young, cash: 0 };
        after.add(&market.exposure(&held, Use::Trading))?;
    }
    let held = rules::verdict(&before, &after, grew, ledger.paused_until() != 0).is_ok();
    Ok((held && within_caps, to_abi(&after, worst_status(&portfolio.account, &markets)?)))
}

/// What a realised amount leaves of cash and of the market's young profit.
struct Realised {
    cash: i128,
    young: u128,
}

impl Realised {
    fn of(amount: i128, young: u128) -> Result<Self, Revert> {
        let sum = i128::try_from(young).ok().and_then(|young| young.checked_add(amount)).ok_or(Overflow)?;
        Ok(Self { cash: sum.min(0), young: sum.max(0).unsigned_abs() })
    }
}
