//! ERC-20 transfers in and out.
//!
//! A deposit is credited by the balance that arrived, not by the amount asked for. A token may return nothing or true;
//! any other answer is a failure.

use alloc::vec::Vec;

use alloy_primitives::{Address, U256};
use plimsoll_risk::{Overflow, collateral};
use stylus_sdk::{call::RawCall, function_selector, prelude::*};

use crate::{
    Ledger, Revert,
    codec::{Word, concat},
    revert::require,
    sol as errors,
};

const BALANCE_OF: [u8; 4] = function_selector!("balanceOf", Address);
const TRANSFER: [u8; 4] = function_selector!("transfer", Address, U256);
const TRANSFER_FROM: [u8; 4] = function_selector!("transferFrom", Address, Address, U256);

impl Ledger {
    /// The listed token's scale.
    ///
    /// # Errors
    /// `TokenNotListed`.
    pub fn scale_of(&self, token: Address) -> Result<u128, Revert> {
        let (quote, decimals) = self.quote();
        match collateral::scale_of(decimals) {
            Some(scale) if token == quote && token != Address::ZERO => Ok(scale),
            _ => Err(Revert::new(errors::TokenNotListed { token })),
        }
    }

    /// Pulls tokens from the caller; returns what arrived, as WAD, counted among the tokens held.
    ///
    /// # Errors
    /// `TokenNotListed`, `ZeroAmount`, `TransferFailed`, `Overflow`.
    pub fn pull(&mut self, token: Address, amount: U256) -> Result<u128, Revert> {
        let scale = self.scale_of(token)?;
        require(!amount.is_zero(), || errors::ZeroAmount {})?;
        let (from, to) = (self.vm().msg_sender(), self.vm().contract_address());
        let before = self.token_balance(token)?;
        self.token_call(token, &concat(&TRANSFER_FROM, &[from.word(), to.word(), amount.word()]))?;
        let arrived = self.token_balance(token)?.saturating_sub(before);
        require(!arrived.is_zero(), || errors::ZeroAmount {})?;
        let credited = collateral::to_wad(u128::try_from(arrived).map_err(|_| Overflow)?, scale)?;
        let (tokens, cap) = self.totals();
        self.set_totals(collateral::held_after(tokens, credited)?, cap);
        Ok(credited)
    }

    /// Sends tokens: `amount` in the token's units, which is `wad` in WAD. Call it last: all else must be stored before.
    ///
    /// # Errors
    /// `TransferFailed`, `TransferMismatch`, `Overflow`.
    pub fn push(&mut self, token: Address, to: Address, amount: U256, wad: u128) -> Result<(), Revert> {
        let (tokens, cap) = self.totals();
        self.set_totals(tokens.checked_sub(wad).ok_or(Overflow)?, cap);
        let before = self.token_balance(token)?;
        self.token_call(token, &concat(&TRANSFER, &[to.word(), amount.word()]))?;
        let moved = before.saturating_sub(self.token_balance(token)?);
        require(moved == amount, || errors::TransferMismatch { token, asked: amount, moved })
    }

    fn token_balance(&self, token: Address) -> Result<U256, Revert> {
        let data = concat(&BALANCE_OF, &[self.vm().contract_address().word()]);
        // SAFETY: static, and whoever is called cannot come back: the router refuses re-entry.
        let answer = unsafe { RawCall::new_static(self.vm()).limit_return_data(0, 32).call(token, &data) };
        match answer {
            Ok(word) if word.len() == 32 => Ok(U256::from_be_slice(&word)),
            _ => Err(Revert::new(errors::TransferFailed { token })),
        }
    }

    /// Calls a token, which succeeds by returning nothing or true.
    fn token_call(&self, token: Address, data: &[u8]) -> Result<(), Revert> {
        // SAFETY: whoever is called cannot come back (the router refuses re-entry), so no cached word goes stale.
        let answer: Result<Vec<u8>, Vec<u8>> = unsafe {
            RawCall::new(self.vm()).limit_return_data(0, 32).flush_storage_cache().call(token, data)
        };
        let succeeded = match answer {
            Ok(word) if word.is_empty() => self.vm().code_size(token) > 0,
            Ok(word) => word.len() == 32 && U256::from_be_slice(&word) == U256::ONE,
            Err(_) => false,
        };
        require(succeeded, || errors::TransferFailed { token })
    }
}
