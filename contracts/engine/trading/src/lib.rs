//! The trading module: fills.
//!
//! Runs in the router's storage, by delegate call.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]
// `contains` of numbers is a vectorised search: 700 bytes of code in a program that has no room for them.
#![allow(clippy::manual_contains)]

extern crate alloc;

mod settle;
#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

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
);

/// The module's functions.
#[public]
impl Trading {
    /// Settles fills, all or none. The caller is an admitted venue that every account approved. Each price lies within
    /// its market's band around the oracle's. In the end, and before each further fill of an account, the account holds its initial
    /// margin or is strictly safer than before. Risk grows at a recent price only. A realised gain is young profit.
    ///
    /// @param fills in the order in which they happened
    ///
    /// # Errors
    /// `VenueNotAdmitted`, `VenueNotApproved`, `NoFills`, `ZeroSize`, `SelfTrade`, `UnknownMarket`, `PriceUnusable`,
    /// `PriceOutOfBand`, `EntryOutOfRange`, `TooManyPositions`, `PositionTooLarge`, `OpenInterestTooLarge`, `PriceTooOld`,
    /// `PositionTooSmall`, `Insolvent`,
    /// `InsufficientMargin`, `EnginePaused`, `OracleFailed`, `Overflow`.
    ///
    /// # Events
    /// `Filled` for each, `FundingAccrued`, `CaughtUp`.
    pub fn settle(&mut self, fills: Vec<Fill>) -> Result<(), Revert> {
        settle::settle(&mut self.ledger, &fills)
    }
}
