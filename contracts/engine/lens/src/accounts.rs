//! `marginOf`, `marginsOf`, `accountOf`, `positionOf`, `freeCollateral`, `liquidationPrice`.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::{
    Account, Ledger, Markets, Revert, book::Portfolio, margin::worst_status, market::underlying, sol,
    sol::PositionView,
};
use plimsoll_risk::{Overflow, margin as rules};

/// Margin in the ABI's form.
pub(crate) const fn to_abi(margin: &rules::Margin, status: u8) -> sol::Margin {
    sol::Margin {
        equity: margin.equity,
        initialEquity: margin.initial_equity,
        initial: margin.initial,
        maintenance: margin.maintenance,
        backstop: margin.backstop_ceil(),
        priceStatus: status,
    }
}

fn load(ledger: &Ledger, id: B256) -> Result<(Portfolio, Markets), Revert> {
    let account = ledger.load_account(id);
    let markets = ledger.load_markets(&account.markets)?;
    Ok((ledger.load_positions(account, &markets)?, markets))
}

fn margin_in(portfolio: &Portfolio, markets: &Markets) -> Result<sol::Margin, Revert> {
    Ok(to_abi(&portfolio.margin(markets)?, worst_status(&portfolio.account, markets)?))
}

pub(crate) fn margin_of(ledger: &Ledger, id: B256) -> Result<sol::Margin, Revert> {
    let (portfolio, markets) = load(ledger, id)?;
    margin_in(&portfolio, &markets)
}

pub(crate) fn margins_of(ledger: &Ledger, ids: &[B256]) -> Result<Vec<sol::Margin>, Revert> {
    let accounts: Vec<Account> = ids.iter().map(|id| ledger.load_account(*id)).collect();
    let mut open = Vec::new();
    for account in &accounts {
        for id in &account.markets {
            if !open.contains(id) {
                open.push(*id);
            }
        }
    }
    let markets = ledger.load_markets(&open)?;
    accounts
        .into_iter()
        .map(|account| margin_in(&ledger.load_positions(account, &markets)?, &markets))
        .collect()
}

pub(crate) fn free_collateral(ledger: &Ledger, id: B256) -> Result<u128, Revert> {
    let (portfolio, markets) = load(ledger, id)?;
    Ok(portfolio.margin(&markets)?.withdrawable(ledger.totals().0))
}

pub(crate) fn account_of(ledger: &Ledger, id: B256) -> Result<(i128, u64, Vec<PositionView>), Revert> {
    let (portfolio, markets) = load(ledger, id)?;
    let Account { mut cash, nonce, .. } = portfolio.account;
    let mut positions = Vec::with_capacity(portfolio.account.markets.len());
    for (id, found) in portfolio.iter() {
        cash = cash.checked_add(found.now.cash).ok_or(Overflow)?;
        if found.now.size != 0 {
            positions.push(PositionView {
                instrument: markets.get(id)?.instrument(),
                size: found.now.size,
                basis: found.now.basis,
            });
        }
    }
    Ok((cash, nonce, positions))
}

pub(crate) fn position_of(ledger: &Ledger, id: B256, instrument: u128) -> Result<(i128, i128), Revert> {
    let market_id = underlying(instrument)?;
    let markets = ledger.load_markets(&[market_id])?;
    let found = ledger.find_position(id, markets.get(market_id)?)?;
    Ok(found.map_or((0, 0), |found| (found.now.size, found.now.basis)))
}

pub(crate) fn liquidation_price(ledger: &Ledger, id: B256, instrument: u128) -> Result<u128, Revert> {
    let market_id = underlying(instrument)?;
    let account = ledger.load_account(id);
    let mut ids = account.markets.clone();
    ids.push(market_id);
    let markets = ledger.load_markets(&ids)?;
    let portfolio = ledger.load_positions(account, &markets)?;
    let rest = portfolio.margin_without(&markets, Some(market_id))?;
    let (size, basis) = portfolio.position(market_id);
    let price = rules::liquidation_price(&rest, size, basis, &markets.get(market_id)?.margin)?;
    // In the ABI zero means that no price does it.
    Ok(price.unwrap_or(0))
}
