//! `touch`: catches an account's positions up; what funding and deleveraging did to them becomes cash.

use alloy_primitives::B256;
use plimsoll_ledger::{Ledger, Revert};

pub(crate) fn touch(ledger: &mut Ledger, id: B256) -> Result<(), Revert> {
    let account = ledger.load_account(id);
    let open = account.markets.clone();
    let mut markets = ledger.load_markets(&open)?;
    let mut portfolio = ledger.load_positions(account, &markets)?;
    for id in open {
        let market = markets.get_mut(id)?;
        portfolio.touch(ledger, market)?;
        ledger.store_market(market);
    }
    ledger.store_portfolio(&portfolio);
    Ok(())
}
