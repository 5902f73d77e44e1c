//! `deposit`: credits an account with the tokens that arrived.

use alloy_primitives::{Address, B256, U256};
use plimsoll_ledger::{Ledger, Revert, account::owner_of, revert::require, sol};
use plimsoll_risk::Overflow;
use stylus_sdk::prelude::*;

pub(crate) fn deposit(ledger: &mut Ledger, id: B256, token: Address, amount: U256) -> Result<u128, Revert> {
    require(owner_of(id) != Address::ZERO, || sol::ZeroAddress {})?;
    let credited = ledger.pull(token, amount)?;
    let mut account = ledger.load_account(id);
    account.credit(i128::try_from(credited).map_err(|_| Overflow)?)?;
    ledger.store_account(&account);
    let by = ledger.vm().msg_sender();
    ledger.emit(&sol::Deposited { account: id, token, by, amount, credited });
    Ok(credited)
}
