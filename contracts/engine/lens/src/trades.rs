//! What a trade or a liquidation would do.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::{
    Ledger, Revert,
    account::MAX_POSITIONS,
    margin::{require_fresh, require_usable},
    market::underlying,
    revert::require,
    sol::{self, LiquidationQuote, Trade},
};
use plimsoll_risk::{
    Overflow, fill,
    ladder::{self, Side},
    liquidation,
    margin::{Exposure, Margin},
    position,
};

use crate::accounts::to_abi;

pub(crate) fn check(ledger: &Ledger, id: B256, trades: &[Trade]) -> Result<(bool, sol::Margin), Revert> {
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
    let before = ledger.margin(&account, &markets)?;

    // The untouched positions first, then each traded one as it would be.
    let mut after = Margin::of_cash(account.cash);
    for open in &account.markets {
        let market = markets.get(*open)?;
        let Some(found) = ledger.find_position(id, market)? else { continue };
        after.credit(found.now.cash)?;
        if !ids[..traded].contains(open) {
            add(&mut after, market, found.now.size, found.now.basis)?;
        }
    }
    let (mut within_caps, mut open) = (true, account.markets.clone());
    for trade in trades {
        let market_id = underlying(trade.instrument)?;
        let market = markets.get_mut(market_id)?;
        require(market.quote.is_fresh(), || sol::PriceUnusable {
            instrument: trade.instrument,
            status: market.quote.status,
        })?;
        ledger.load_caps(market);
        let (low, high) = fill::price_band(market.quote.price, market.params.price_band)?;
        require((low..=high).contains(&trade.price), || sol::PriceOutOfBand {
            instrument: trade.instrument,
            price: trade.price,
            low,
            high,
        })?;
        let (size, basis) =
            ledger.find_position(id, market)?.map_or((0, 0), |found| (found.now.size, found.now.basis));
        let traded =
            position::trade(size, basis, trade.size, fill::flow(trade.size, trade.price)?, trade.price)?;
        let fee = fill::fee_ceil(fill::notional_ceil(trade.size, trade.price)?, market.params.taker_fee)?;
        after.credit(traded.cash.checked_sub_unsigned(fee).ok_or(Overflow)?)?;
        let had = market.open_interest;
        market.moved(size, traded.size)?;
        let (grown, size) = (traded.size.unsigned_abs() > size.unsigned_abs(), traded.size.unsigned_abs());
        within_caps &= !grown || size <= market.params.max_position;
        within_caps &= market.open_interest <= had || market.open_interest <= market.params.max_open_interest;
        if traded.size == 0 {
            open.retain(|id| *id != market_id);
        } else {
            within_caps &= ladder::tick_of(traded.size, traded.basis)?.is_some();
            if !open.contains(&market_id) {
                within_caps &= open.len() < MAX_POSITIONS;
                open.push(market_id);
            }
        }
        add(&mut after, market, traded.size, traded.basis)?;
    }
    let safer = after.is_safer_than(&before);
    let held = after.equity >= 0 && (safer || (after.meets_initial() && ledger.paused_until() == 0));
    Ok((held && within_caps, to_abi(&after, ledger.worst_status(&account, &markets)?)))
}

fn add(margin: &mut Margin, market: &plimsoll_ledger::Market, size: i128, basis: i128) -> Result<(), Revert> {
    Ok(margin.add(&Exposure {
        size,
        basis,
        mark: market.quote.price,
        open_interest: market.open_interest,
        params: &market.params,
    })?)
}

pub(crate) fn quote_liquidation(
    ledger: &Ledger,
    id: B256,
    instrument: u128,
) -> Result<LiquidationQuote, Revert> {
    let market_id = underlying(instrument)?;
    let account = ledger.load_account(id);
    let mut ids = account.markets.clone();
    ids.push(market_id);
    let mut markets = ledger.load_markets(&ids)?;
    require_usable(&account, &markets)?;
    let margin = ledger.margin(&account, &markets)?;
    require(margin.equity >= 0, || sol::Insolvent { account: id, equity: margin.equity })?;
    require(margin.is_liquidatable(), || sol::NotLiquidatable {
        account: id,
        equity: margin.equity,
        maintenance: margin.maintenance,
    })?;
    let market = markets.get_mut(market_id)?;
    ledger.load_liquidation(market);
    let size = ledger.find_position(id, market)?.map_or(0, |found| found.now.size);
    require(size != 0, || sol::NoPosition { account: id, instrument })?;
    let mark = market.quote.price;
    let takeover = liquidation::takeover(&margin, Side::of(size), size.unsigned_abs(), mark, &market.params)?;
    Ok(LiquidationQuote {
        size: takeover.size,
        price: takeover.price,
        mark,
        discount: liquidation::discount(takeover.size, mark, takeover.price)?,
        fee: liquidation::fee(&takeover.penalty, takeover.size, mark)?,
    })
}
