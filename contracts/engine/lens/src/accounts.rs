//! Accounts.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::{Account, Ledger, Markets, Revert, market::underlying, sol, sol::PositionView};
use plimsoll_risk::margin as rules;

/// Margin in the ABI's form.
pub(crate) const fn to_abi(margin: &rules::Margin, status: u8) -> sol::Margin {
    sol::Margin {
        equity: margin.equity,
        initialEquity: margin.initial_equity,
        initial: margin.initial,
        maintenance: margin.maintenance,
        backstop: margin.backstop(),
        priceStatus: status,
    }
}

fn load(ledger: &Ledger, id: B256) -> Result<(Account, Markets), Revert> {
    let account = ledger.load_account(id);
    let markets = ledger.load_markets(&account.markets)?;
    Ok((account, markets))
}

fn margin_in(ledger: &Ledger, account: &Account, markets: &Markets) -> Result<sol::Margin, Revert> {
    Ok(to_abi(&ledger.margin(account, markets)?, ledger.worst_status(account, markets)?))
}

pub(crate) fn margin(ledger: &Ledger, id: B256) -> Result<sol::Margin, Revert> {
    let (account, markets) = load(ledger, id)?;
    margin_in(ledger, &account, &markets)
}

pub(crate) fn margins(ledger: &Ledger, ids: &[B256]) -> Result<Vec<sol::Margin>, Revert> {
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
    accounts.iter().map(|account| margin_in(ledger, account, &markets)).collect()
}

pub(crate) fn free(ledger: &Ledger, id: B256) -> Result<u128, Revert> {
    let (account, markets) = load(ledger, id)?;
    Ok(ledger.margin(&account, &markets)?.free().min(ledger.totals().0))
}

pub(crate) fn view(ledger: &Ledger, id: B256) -> Result<(i128, u64, Vec<PositionView>), Revert> {
    let (mut account, markets) = load(ledger, id)?;
    let mut positions = Vec::with_capacity(account.markets.len());
    for id in account.markets.clone() {
        let market = markets.get(id)?;
        if let Some(found) = ledger.find_position(account.id, market)? {
            account.credit(found.now.cash)?;
            if found.now.size != 0 {
                positions.push(PositionView {
                    instrument: market.instrument(),
                    size: found.now.size,
                    basis: found.now.basis,
                });
            }
        }
    }
    Ok((account.cash, account.nonce, positions))
}

pub(crate) fn position(ledger: &Ledger, id: B256, instrument: u128) -> Result<(i128, i128), Revert> {
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
    let (rest, (size, basis)) = ledger.margin_without(&account, &markets, Some(market_id))?;
    let price = rules::liquidation_price(&rest, size, basis, &markets.get(market_id)?.params)?;
    Ok(price.unwrap_or(0))
}
