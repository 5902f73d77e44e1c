//! `marginOf`, `marginsOf`, `accountOf`, `positionOf`, `freeCollateral`, `liquidationPrice`.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::{
    Account, Ledger, Markets, Revert,
    book::Portfolio,
    margin::{to_abi, worst_status},
    market::{Use, underlying},
    sol::{self, PositionView},
};
use plimsoll_risk::{ladder::Held, margin as rules};

fn load(ledger: &Ledger, id: B256) -> Result<(Portfolio, Markets), Revert> {
    let account = ledger.load_account(id);
    let markets = ledger.load_markets(&account.markets)?;
    Ok((ledger.load_positions(account, &markets)?, markets))
}

fn margin_in(portfolio: &Portfolio, markets: &Markets) -> Result<sol::Margin, Revert> {
    Ok(to_abi(&portfolio.margin(markets, Use::Trading)?, worst_status(&portfolio.account, markets)?))
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
            if !open.iter().any(|known| known == id) {
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
    Ok(portfolio.margin(&markets, Use::Trading)?.withdrawable(ledger.totals().0))
}

pub(crate) fn account_of(ledger: &Ledger, id: B256) -> Result<(i128, u64, Vec<PositionView>), Revert> {
    let (portfolio, markets) = load(ledger, id)?;
    let (cash, nonce) = (portfolio.cash()?, portfolio.account.nonce);
    let mut positions = Vec::with_capacity(portfolio.account.markets.len());
    for (id, Held { size, basis, young, .. }) in portfolio.iter() {
        let instrument = markets.get(id)?.instrument();
        // What has ripened whole is cash already.
        if *size != 0 || *basis != 0 || *young != 0 {
            positions.push(PositionView { instrument, size: *size, basis: *basis, young: *young });
        }
    }
    Ok((cash, nonce, positions))
}

pub(crate) fn position_of(ledger: &Ledger, id: B256, instrument: u128) -> Result<(i128, i128, u128), Revert> {
    let market_id = underlying(instrument)?;
    let markets = ledger.load_markets(&[market_id])?;
    let Held { size, basis, young, .. } = ledger.held_of(id, markets.get(market_id)?)?;
    Ok((size, basis, young))
}

pub(crate) fn liquidation_price(ledger: &Ledger, id: B256, instrument: u128) -> Result<u128, Revert> {
    let market_id = underlying(instrument)?;
    let account = ledger.load_account(id);
    let mut ids = account.markets.clone();
    ids.push(market_id);
    let markets = ledger.load_markets(&ids)?;
    let portfolio = ledger.load_positions(account, &markets)?;
    let rest = portfolio.margin_without(&markets, Use::Liquidation, Some(market_id))?;
    let Held { size, basis, .. } = portfolio.held(market_id);
    let price = rules::liquidation_price(&rest, size, basis, &markets.get(market_id)?.margin)?;
    // In the ABI zero means that no price does it.
    Ok(price.unwrap_or(0))
}
