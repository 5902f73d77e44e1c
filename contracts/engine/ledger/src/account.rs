//! An account as a call works on it in memory, and its words in storage.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use plimsoll_kit::words::{Records, halves};
use plimsoll_risk::{
    Overflow,
    limits::{MAX_POSITIONS, admits_another_position},
};

use crate::{
    Ledger, Revert,
    layout::account::{IDS_PER_HALF, POSITIONS, STATE},
    revert::require,
    sol,
};

/// An account as a call works on it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Owner (20 bytes) and subaccount (12 bytes).
    pub id: B256,
    /// Cash, WAD. It does not yet include what happened to positions since they were last touched.
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

impl Account {
    /// Adds to cash.
    ///
    /// # Errors
    /// `Overflow` when it does not fit.
    pub fn credit(&mut self, amount: i128) -> Result<(), Revert> {
        self.cash = self.cash.checked_add(amount).ok_or(Overflow)?;
        Ok(())
    }

    /// Takes an unsigned amount from cash.
    ///
    /// # Errors
    /// `Overflow` when it does not fit.
    pub fn charge(&mut self, amount: u128) -> Result<(), Revert> {
        self.cash = self.cash.checked_sub_unsigned(amount).ok_or(Overflow)?;
        Ok(())
    }

    /// Notes a position in a market.
    ///
    /// # Errors
    /// `TooManyPositions`.
    pub(crate) fn enter(&mut self, market: u16) -> Result<(), Revert> {
        if !self.markets.iter().any(|open| *open == market) {
            require(admits_another_position(self.markets.len(), MAX_POSITIONS), || sol::TooManyPositions {
                account: self.id,
                most: MAX_POSITIONS,
            })?;
            self.markets.push(market);
            self.listed_anew = true;
        }
        Ok(())
    }

    /// Notes that there is no position in a market any more.
    pub(crate) fn exit(&mut self, market: u16) {
        if let Some(place) = self.markets.iter().position(|m| *m == market) {
            self.markets.swap_remove(place);
            self.listed_anew = true;
        }
    }
}

impl Ledger {
    /// Loads an account.
    pub fn load_account(&self, id: B256) -> Account {
        let record = self.account_record(id);
        let (cash, rest) = self.read(&record, STATE);
        let count = ((rest >> 64) as usize).min(usize::from(MAX_POSITIONS));
        let mut markets = Vec::with_capacity(count);
        let mut word = (0, 0);
        for place in 0..count {
            if place % (2 * IDS_PER_HALF) == 0 {
                word = self.read(&record, POSITIONS + (place / (2 * IDS_PER_HALF)) as u8);
            }
            let half = if (place / IDS_PER_HALF).is_multiple_of(2) { word.0 } else { word.1 };
            markets.push((half >> (16 * (place % IDS_PER_HALF))) as u16);
        }
        Account { id, cash: cash as i128, nonce: rest as u64, markets, listed_anew: false }
    }

    /// Stores an account.
    pub fn store_account(&mut self, account: &Account) {
        let record = self.account_record(account.id);
        let count = account.markets.len() as u64;
        self.write(&record, STATE, account.cash as u128, halves(account.nonce.wrapping_add(1), count));
        if !account.listed_anew {
            return;
        }
        for (page, ids) in account.markets.chunks(2 * IDS_PER_HALF).enumerate() {
            let mut word = [0u128; 2];
            for (place, id) in ids.iter().enumerate() {
                word[place / IDS_PER_HALF] |= u128::from(*id) << (16 * (place % IDS_PER_HALF));
            }
            self.write(&record, POSITIONS + page as u8, word[0], word[1]);
        }
    }
}
