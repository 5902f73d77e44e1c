//! The trading module: collateral, permissions and the point of trade.
//!
//! Runs in the router's storage, by delegate call.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]

extern crate alloc;

mod collateral;
mod fills;
mod upkeep;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use plimsoll_core::{Ledger, Revert, sol, sol::Fill};
use stylus_sdk::prelude::*;

/// The module over the engine's storage.
#[storage]
pub struct Trading {
    ledger: Ledger,
}

plimsoll_core::module!(Trading);

/// The module's functions.
#[public]
impl Trading {
    /// Takes `amount` of a token from the caller and credits what arrived to an account, whoever owns it.
    ///
    /// @param account the account to credit
    /// @param token a listed collateral token
    /// @param amount in the token's units
    /// @return credited what arrived, WAD of quote
    ///
    /// # Errors
    /// `TokenNotListed`, `ZeroAmount`, `TransferFailed`, `Overflow`.
    ///
    /// # Events
    /// `Deposited`.
    pub fn deposit(&mut self, account: B256, token: Address, amount: U256) -> Result<u128, Revert> {
        collateral::deposit(&mut self.ledger, account, token, amount)
    }

    /// Withdraws free collateral: what equity, with unrealised profit weighted, has beyond initial margin.
    ///
    /// @param account the account to debit; the caller is its owner, or an operator who sends to the owner
    /// @param token a listed collateral token
    /// @param amount in the token's units
    /// @param to who gets the tokens
    ///
    /// # Errors
    /// `NotAuthorized`, `OperatorRecipient`, `TokenNotListed`, `ZeroAmount`, `ZeroAddress`, `EnginePaused`,
    /// `PriceUnusable`, `InsufficientCollateral`, `TransferFailed`, `TransferMismatch`, `Overflow`.
    ///
    /// # Events
    /// `Withdrawn`, `CaughtUp`.
    pub fn withdraw(
        &mut self,
        account: B256,
        token: Address,
        amount: U256,
        to: Address,
    ) -> Result<(), Revert> {
        collateral::withdraw(&mut self.ledger, account, token, amount, to)
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
        collateral::set_operator(&mut self.ledger, operator, approved)
    }

    /// Lets a venue trade for an account, or no longer.
    ///
    /// @param account the account; the caller is its owner or operator
    /// @param venue the venue, which governance admits on its own
    /// @param approved whether it may
    ///
    /// # Errors
    /// `NotAuthorized`, `ZeroAddress`.
    ///
    /// # Events
    /// `VenueApproved`.
    pub fn approve_venue(&mut self, account: B256, venue: Address, approved: bool) -> Result<(), Revert> {
        self.ledger.authorize(account)?;
        plimsoll_core::revert::require(venue != Address::ZERO, || sol::ZeroAddress {})?;
        self.ledger.set_venue_approval(account, venue, approved);
        self.vm().log(sol::VenueApproved { account, venue, approved });
        Ok(())
    }

    /// Settles fills, all or none. The caller is an admitted venue that every account approved. Each price lies within
    /// its market's band around the oracle's; in the end each account holds its initial margin or is strictly safer than
    /// before.
    ///
    /// @param fills in the order in which they happened
    ///
    /// # Errors
    /// `VenueNotAdmitted`, `VenueNotApproved`, `NoFills`, `ZeroSize`, `SelfTrade`, `UnknownMarket`, `PriceUnusable`,
    /// `PriceOutOfBand`, `EntryOutOfRange`, `TooManyPositions`, `PositionTooLarge`, `OpenInterestTooLarge`, `Insolvent`,
    /// `InsufficientMargin`, `EnginePaused`, `OracleFailed`, `Overflow`.
    ///
    /// # Events
    /// `Filled` for each, `FundingAccrued`, `CaughtUp`.
    pub fn settle(&mut self, fills: Vec<Fill>) -> Result<(), Revert> {
        fills::settle(&mut self.ledger, &fills)
    }

    /// Accrues funding of markets up to now.
    ///
    /// @param instruments perpetuals, each once
    ///
    /// # Errors
    /// `UnknownMarket`, `DuplicateInstrument`, `PriceUnusable`, `OracleFailed`, `Overflow`.
    ///
    /// # Events
    /// `FundingAccrued`.
    pub fn poke(&mut self, instruments: Vec<u128>) -> Result<(), Revert> {
        upkeep::poke(&mut self.ledger, &instruments)
    }

    /// Realises into cash what happened to an account's positions since they were last touched.
    ///
    /// @param account any account
    ///
    /// # Errors
    /// `OracleFailed`, `Overflow`.
    ///
    /// # Events
    /// `CaughtUp`.
    pub fn touch(&mut self, account: B256) -> Result<(), Revert> {
        upkeep::touch(&mut self.ledger, account)
    }
}
