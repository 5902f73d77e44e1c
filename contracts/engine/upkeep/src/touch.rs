//! `touch`: catches an account up; while an estate waits, nets and realises what a pass could not judge.

use alloy_primitives::B256;
use plimsoll_ledger::{Ledger, Revert};

pub(crate) fn touch(ledger: &mut Ledger, id: B256) -> Result<(), Revert> {
    let account = ledger.load_account(id);
    let open = account.markets.clone();
    let mut markets = ledger.load_markets(&open)?;
    let mut portfolio = ledger.load_positions(account, &markets)?;
    for id in open {
        let market = markets.get_mut(id)?;
        if market.quote.price > 0 {
            let waits = ledger.estate(id).waits();
            portfolio.act(ledger, market, &mut |holding, ground, now, cash| {
                holding.touch(ground, now, cash, waits)
            })?;
        }
        ledger.store_market(market);
    }
    ledger.store_portfolio(&portfolio);
    Ok(())
}
