//! `quoteLiquidation`: what `liquidate` would do now.

use alloy_primitives::B256;
use plimsoll_ledger::{
    Ledger, Revert,
    margin::{require_liquidatable, require_usable},
    market::underlying,
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
    require_usable(&account, &markets)?;
    let portfolio = ledger.load_positions(account, &markets)?;
    let margin = portfolio.margin(&markets)?;
    require_liquidatable(id, &margin)?;
    let market = markets.get(market_id)?;
    let (size, _) = portfolio.position(market_id);
    require(size != 0, || sol::NoPosition { account: id, instrument })?;
    let (side, mark, factor) = (Side::of(size), market.quote.price, market.margin.maintenance_factor_wad());
    let rules = ledger.load_liquidation(market_id);
    let takeover = liquidation::takeover(&margin, side, size.unsigned_abs(), mark, factor, &rules)?;
    let close = takeover.close(side, mark, takeover.size)?;
    Ok(LiquidationQuote {
        size: close.size,
        price: takeover.price,
        mark,
        discount: close.discount,
        fee: close.fee,
    })
}
