//! `quoteLiquidation`: what `liquidate` would do now.

use alloy_primitives::B256;
use plimsoll_ledger::{
    Ledger, Revert,
    margin::require_liquidatable,
    market::{Use, underlying},
    revert::require,
    sol::{self, LiquidationQuote},
};
use plimsoll_risk::{ladder::Side, liquidation};

pub(crate) fn quote_liquidation(
    ledger: &Ledger,
    id: B256,
    instrument: u128,
) -> Result<LiquidationQuote, Revert> {
    let market_id = underlying(instrument)?;
    let account = ledger.load_account(id);
    let mut ids = account.markets.clone();
    ids.push(market_id);
    let markets = ledger.load_markets(&ids)?;
    let market = markets.get(market_id)?;
    let quote = market.quote;
    require(quote.allows_liquidation(), || sol::PriceUnusable { instrument, status: quote.code })?;
    let portfolio = ledger.load_positions(account, &markets)?;
    let margin = portfolio.margin(&markets, Use::Liquidation)?;
    require_liquidatable(id, &margin)?;
    let size = portfolio.size(market_id);
    require(size != 0, || sol::NoPosition { account: id, instrument })?;
    let (side, mark, factor) = (Side::of(size), quote.price, market.margin.maintenance_factor_wad());
    let (rules, late) = (ledger.load_liquidation(market_id), !quote.allows_trading());
    let takeover = liquidation::takeover(&margin, side, size.unsigned_abs(), mark, factor, &rules, late)?;
    let close = takeover.close(side, mark, takeover.size)?;
    let cost = market.margin.liquidation_cost;
    let reward = liquidation::reward_floor(&takeover, &close, mark, &rules, late, margin.stressed(), cost)?;
    Ok(LiquidationQuote {
        size: close.size,
        price: takeover.price,
        mark,
        discount: close.discount,
        fee: close.fee,
        reward: reward.min(ledger.insurance_available(market_id)?),
    })
}
