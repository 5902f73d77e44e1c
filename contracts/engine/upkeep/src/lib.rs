//! The upkeep module: what anyone may do so that accounts and markets are as they should be: accrual, catching accounts up,
//! burial of those below zero.
//!
//! Runs in the router's storage, by delegate call.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]
// `contains` of numbers is a vectorised search: 700 bytes of code in a program that has no room for them.
#![allow(clippy::manual_contains)]

extern crate alloc;

mod bury;
mod poke;
#[cfg(test)]
mod tests;
mod touch;

use alloc::{vec, vec::Vec};

use alloy_primitives::B256;
#[cfg(not(any(test, feature = "export-abi")))]
use plimsoll_kit::inert::public;
use plimsoll_ledger::{Ledger, Revert};
use stylus_sdk::prelude::*;

/// The module over the engine's storage.
#[storage]
pub struct Upkeep {
    ledger: Ledger,
}

plimsoll_kit::module!(Upkeep);
plimsoll_kit::functions!(Upkeep:
    "poke" poke(Vec<u128>);
    "touch" touch(B256);
    "bury" bury(B256);
);

/// The module's functions.
#[public]
impl Upkeep {
    /// Accrues the funding of markets, and the clock of their young profit, up to now. Judges whether the clock stands: while an
    /// estate waits that lacks something sizeable.
    ///
    /// @param instruments perpetuals, each once
    ///
    /// # Errors
    /// `UnknownMarket`, `DuplicateInstrument`, `OracleFailed`, `Overflow`.
    ///
    /// # Events
    /// `FundingAccrued`.
    pub fn poke(&mut self, instruments: Vec<u128>) -> Result<(), Revert> {
        poke::poke(&mut self.ledger, &instruments)
    }

    /// Catches an account up: realises into cash what happened to its positions, and profit that ripened. In a market whose
    /// estate waits, its young profit is netted against its own open loss, and a profit that its rung cannot judge is realised: so
    /// nobody shelters from a pass, and nobody pays on a gross gain. Anyone may call.
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

    /// Empties an account whose equity is below zero, whole: each position goes to the estate of its market, with so much of what
    /// the account has that the deficit is split over its losing positions in proportion to their open losses. The account is
    /// flat at zero from then on. What no open loss explains is insurance's, then bad debt. Works while paused.
    ///
    /// @param account an account whose equity is below zero
    /// @return `deficit` what was missing
    /// @return `insurance` what the fund paid of what no open loss explains
    /// @return `socialised` what of it was recorded as bad debt
    ///
    /// # Errors
    /// `Solvent`; `PriceUnusable` when no market in which it has an open loss has a fresh price; `EstateWaits` when it is in
    /// profit in a market whose estate waits; `OracleFailed`, `Overflow`.
    ///
    /// # Events
    /// `Interred` for each market, `Buried`, `InsurancePaid`, `BadDebtRecorded`, `CaughtUp`, `FundingAccrued`.
    pub fn bury(&mut self, account: B256) -> Result<(u128, u128, u128), Revert> {
        bury::bury(&mut self.ledger, account)
    }
}
