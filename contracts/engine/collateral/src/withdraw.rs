//! `withdraw`: pays out free collateral.

use alloy_primitives::{Address, B256, U256};
use plimsoll_ledger::{Ledger, Revert, account::owner_of, market::Use, revert::require, sol};
use plimsoll_risk::{Overflow, collateral::to_wad};

pub(crate) fn withdraw(
    ledger: &mut Ledger,
    id: B256,
    token: Address,
    amount: U256,
    to: Address,
) -> Result<(), Revert> {
    let is_owner = ledger.authorize(id)?;
    require(is_owner || to == owner_of(id), || sol::OperatorRecipient { account: id, to })?;
    require(to != Address::ZERO, || sol::ZeroAddress {})?;
    let scale = ledger.scale_of(token)?;
    require(!amount.is_zero(), || sol::ZeroAmount {})?;
    let wad = to_wad(u128::try_from(amount).map_err(|_| Overflow)?, scale)?;

    let account = ledger.load_account(id);
    let until = ledger.paused_until();
    // Who has nothing at risk leaves in every state.
    require(until == 0 || account.markets.is_empty(), || sol::EnginePaused { until })?;
    let markets = ledger.load_markets(&account.markets)?;
    let mut portfolio = ledger.load_positions(account, &markets)?;
    let free = portfolio.margin(&markets, Use::Trading)?.withdrawable(ledger.totals().0);
    require(wad <= free, || sol::InsufficientCollateral { account: id, amount: wad, free })?;
    portfolio.account.charge(wad)?;
    ledger.store_portfolio(&portfolio);
    ledger.push(token, to, amount, wad)?;
    ledger.emit(&sol::Withdrawn { account: id, token, to, amount });
    Ok(())
}
