//! The collateral module: deposits, withdrawals, approvals of operators and venues, withdrawal of collected fees.
//!
//! Runs in the router's storage, by delegate call.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

mod approvals;
mod deposit;
#[cfg(test)]
mod tests;
mod withdraw;
mod withdraw_fees;

use alloc::{vec, vec::Vec};

use alloy_primitives::{Address, B256, U256};
#[cfg(not(any(test, feature = "export-abi")))]
use plimsoll_kit::inert::public;
use plimsoll_ledger::{Ledger, Revert};
use stylus_sdk::prelude::*;

/// The module over the engine's storage.
#[storage]
pub struct Collateral {
    ledger: Ledger,
}

plimsoll_kit::module!(Collateral);
plimsoll_kit::functions!(Collateral:
    "deposit" deposit(B256, Address, U256);
    "withdraw" withdraw(B256, Address, U256, Address);
    "setOperator" set_operator(Address, bool);
    "approveVenue" approve_venue(B256, Address, bool);
    "withdrawFees" withdraw_fees(Address, U256);
);

/// The module's functions.
#[public]
impl Collateral {
    /// Takes `amount` of a token from the caller and credits what arrived to an account, whoever owns it.
    ///
    /// @param account the account to credit
    /// @param token a listed collateral token
    /// @param amount in the token's units
    /// @return what arrived, WAD of quote
    ///
    /// # Errors
    /// `ZeroAddress` for an account that nobody owns, `TokenNotListed`, `ZeroAmount`, `TransferFailed`, `Overflow`.
    ///
    /// # Events
    /// `Deposited`.
    pub fn deposit(&mut self, account: B256, token: Address, amount: U256) -> Result<u128, Revert> {
        deposit::deposit(&mut self.ledger, account, token, amount)
    }

    /// Withdraws free collateral: what ripe equity, without open and young profit, has beyond initial margin.
    ///
    /// @param account the account to debit; the caller is its owner, or an operator who sends to the owner
    /// @param token a listed collateral token
    /// @param amount in the token's units
    /// @param to who gets the tokens
    ///
    /// # Errors
    /// `NotAuthorized`, `OperatorRecipient`, `TokenNotListed`, `ZeroAmount`, `ZeroAddress`, `EnginePaused`,
    /// `PriceUnusable`, `InsufficientCollateral`, `TransferFailed`, `TransferMismatch`, `OracleFailed`, `Overflow`.
    ///
    /// # Events
    /// `Withdrawn`.
    pub fn withdraw(
        &mut self,
        account: B256,
        token: Address,
        amount: U256,
        to: Address,
    ) -> Result<(), Revert> {
        withdraw::withdraw(&mut self.ledger, account, token, amount, to)
    }

    /// Lets another address act for all of the caller's accounts: approve venues, liquidate into them, withdraw to the
    /// owner.
    ///
    /// @param operator the address
    /// @param approved whether it may
    ///
    /// # Errors
    /// `ZeroAddress`.
    ///
    /// # Events
    /// `OperatorSet`.
    pub fn set_operator(&mut self, operator: Address, approved: bool) -> Result<(), Revert> {
        approvals::set_operator(&mut self.ledger, operator, approved)
    }

    /// Lets a venue trade for an account, or no longer. Only the owner lets one in; an operator may shut it out.
    ///
    /// @param account the account; the caller is its owner, or an operator who ends an approval
    /// @param venue the venue, which governance admits on its own
    /// @param approved whether it may
    ///
    /// # Errors
    /// `NotAuthorized`, `ZeroAddress`.
    ///
    /// # Events
    /// `VenueApproved`.
    pub fn approve_venue(&mut self, account: B256, venue: Address, approved: bool) -> Result<(), Revert> {
        approvals::approve_venue(&mut self.ledger, account, venue, approved)
    }

    /// Pays collected fees out. Owner only.
    ///
    /// @param to who gets them
    /// @param amount in the quote token's units
    ///
    /// # Errors
    /// `NotOwner`, `ZeroAddress`, `ZeroAmount`, `FeesTooSmall`, `TransferFailed`, `TransferMismatch`, `Overflow`.
    ///
    /// # Events
    /// `FeesWithdrawn`.
    pub fn withdraw_fees(&mut self, to: Address, amount: U256) -> Result<(), Revert> {
        self.ledger.ownership.only_owner()?;
        withdraw_fees::withdraw_fees(&mut self.ledger, to, amount)
    }
}
