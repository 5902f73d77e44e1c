//! An account in memory.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};

use crate::{Ledger, Revert, revert::require, sol, storage::MAX_POSITIONS};

/// An account as a call works on it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Owner (20 bytes) and subaccount (12 bytes).
    pub id: B256,
    /// Cash as of each position's last touch.
    pub cash: i128,
    /// How often the account was written.
    pub nonce: u64,
    /// Underlyings of its positions, in the order they were opened.
    pub markets: Vec<u16>,
    /// Whether the list differs from the stored one.
    listed_anew: bool,
}

/// The owner of an account id.
#[must_use]
pub fn owner_of(account: B256) -> Address {
    Address::from_slice(&account[..20])
}

/// An account id as a storage key.
pub(crate) fn key(account: B256) -> U256 {
    U256::from_be_bytes(account.0)
}

impl Account {
    /// Adds to cash.
    ///
    /// # Errors
    /// `Overflow` when it does not fit.
    pub fn credit(&mut self, amount: i128) -> Result<(), Revert> {
        self.cash = self.cash.checked_add(amount).ok_or(plimsoll_risk::Overflow)?;
        Ok(())
    }

    /// Takes an unsigned amount from cash.
    ///
    /// # Errors
    /// `Overflow` when it does not fit.
    pub fn charge(&mut self, amount: u128) -> Result<(), Revert> {
        self.cash = self.cash.checked_sub_unsigned(amount).ok_or(plimsoll_risk::Overflow)?;
        Ok(())
    }

    /// Notes a position in a market.
    ///
    /// # Errors
    /// `TooManyPositions`.
    pub(crate) fn enter(&mut self, market: u16) -> Result<(), Revert> {
        if !self.markets.contains(&market) {
            require(self.markets.len() < MAX_POSITIONS, || sol::TooManyPositions {
                account: self.id,
                most: MAX_POSITIONS as u8,
            })?;
            self.markets.push(market);
            self.listed_anew = true;
        }
        Ok(())
    }

    /// Notes that there is no position in a market any more.
    pub fn exit(&mut self, market: u16) {
        if let Some(place) = self.markets.iter().position(|m| *m == market) {
            self.markets.swap_remove(place);
            self.listed_anew = true;
        }
    }
}

impl Ledger {
    /// Loads an account.
    pub fn load_account(&self, id: B256) -> Account {
        let (cash, nonce, markets) = self.accounts.get(key(id)).load();
        Account { id, cash, nonce, markets, listed_anew: false }
    }

    /// Stores an account.
    pub fn store_account(&mut self, account: &Account) {
        self.accounts.setter(key(account.id)).store(
            account.cash,
            account.nonce.wrapping_add(1),
            &account.markets,
            account.listed_anew,
        );
    }
}
