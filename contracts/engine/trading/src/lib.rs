//! The trading module: fills, accrual of funding, and catching positions up.
//!
//! Runs in the router's storage, by delegate call.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

mod poke;
mod settle;
#[cfg(test)]
mod tests;
mod touch;

use alloc::{vec, vec::Vec};

use alloy_primitives::B256;
#[cfg(not(any(test, feature = "export-abi")))]
use plimsoll_kit::inert::public;
use plimsoll_ledger::{Ledger, Revert, sol::Fill};
use stylus_sdk::prelude::*;

/// The module over the engine's storage.
#[storage]
pub struct Trading {
    ledger: Ledger,
}

plimsoll_kit::module!(Trading);
plimsoll_kit::functions!(Trading:
    "settle" settle(Vec<Fill>);
    "poke" poke(Vec<u128>);
    "touch" touch(B256);
);

/// The module's functions.
#[public]
impl Trading {
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
        settle::settle(&mut self.ledger, &fills)
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
        poke::poke(&mut self.ledger, &instruments)
    }

    /// Realises into cash what happened to an account's positions since they were last touched.
    ///
    /// @param account any account
    ///
    /// # Errors
    /// `OracleFailed`, `Overflow`.
    ///
    /// # Events
    /// `CaughtUp`, `FundingAccrued`.
    pub fn touch(&mut self, account: B256) -> Result<(), Revert> {
        touch::touch(&mut self.ledger, account)
    }
}
