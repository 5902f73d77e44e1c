//! The preview module: what acts would do. Each answers as the act in its place would.
//!
//! Runs in the router's storage, by delegate call.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]
// `contains` of numbers is a vectorised search: 700 bytes of code in a program that has no room for them.
#![allow(clippy::manual_contains)]

extern crate alloc;

mod check_trade;
mod quote_liquidation;
#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

use alloy_primitives::B256;
#[cfg(not(any(test, feature = "export-abi")))]
use plimsoll_kit::inert::public;
use plimsoll_ledger::{
    Ledger, Revert,
    sol::{LiquidationQuote, Margin, Trade},
};
use stylus_sdk::prelude::*;

/// The module over the engine's storage.
#[storage]
pub struct Preview {
    ledger: Ledger,
}

plimsoll_kit::module!(Preview);
plimsoll_kit::functions!(Preview:
    "checkTrade" check_trade(B256, Vec<Trade>);
    "quoteLiquidation" quote_liquidation(B256, u128);
);

/// The module's functions.
#[public]
impl Preview {
    /// Whether the engine would settle trades of an account together, and its margin after them. Fees as a taker; bands
    /// and caps count, approval of a venue, the other side and what margin says between two fills do not. Where cash falls below
    /// zero beside the account's own profit, `settle` pays it from there; here that profit keeps its weight: the answer is
    /// then more cautious than `settle`.
    ///
    /// @param account any account
    /// @param trades at most one an instrument
    /// @return `allowed` whether it would
    /// @return `afterwards` the margin they would leave
    ///
    /// # Errors
    /// `ZeroSize`, `DuplicateInstrument`, `UnknownMarket`, `PriceUnusable`, `PriceOutOfBand`, `OracleFailed`,
    /// `Overflow`.
    pub fn check_trade(&self, account: B256, trades: Vec<Trade>) -> Result<(bool, Margin), Revert> {
        check_trade::check_trade(&self.ledger, account, &trades)
    }

    /// What `liquidate` would do to a position now.
    ///
    /// @param account an account below its maintenance line
    /// @param instrument one of its perpetuals
    ///
    /// # Errors
    /// `UnknownMarket`, `PriceUnusable`, `Insolvent`, `NotLiquidatable`, `NoPosition`, `OracleFailed`, `Overflow`.
    pub fn quote_liquidation(&self, account: B256, instrument: u128) -> Result<LiquidationQuote, Revert> {
        quote_liquidation::quote_liquidation(&self.ledger, account, instrument)
    }
}
