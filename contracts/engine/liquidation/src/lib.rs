//! The liquidation module: takeovers from accounts below their maintenance margin.
//!
//! Runs in the router's storage, by delegate call.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

mod liquidate;
#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

use alloy_primitives::B256;
#[cfg(not(any(test, feature = "export-abi")))]
use plimsoll_kit::inert::public;
use plimsoll_ledger::{Ledger, Revert};
use stylus_sdk::prelude::*;

/// The module over the engine's storage.
#[storage]
pub struct Liquidation {
    ledger: Ledger,
}

plimsoll_kit::module!(Liquidation);
plimsoll_kit::functions!(Liquidation:
    "liquidate" liquidate(B256, B256, u128, u128, u128);
);

/// The module's functions.
#[public]
impl Liquidation {
    /// Takes over part of a position of an account below its maintenance line, at the mark less a discount that grows
    /// with the shortfall; sized so that the account comes back above its line. Where the discount does not pay for the work,
    /// insurance fills it up. Works on late prices, without a discount, and while paused.
    ///
    /// @param account the account to liquidate: solvent, below maintenance
    /// @param into the account that takes the position over; the caller is its owner or operator
    /// @param instrument the perpetual to close
    /// @param max_size the most to take over, units of the underlying
    /// @param limit_price the worst price for the caller; zero for none
    /// @return `size` what was taken over
    /// @return `price` at what price
    ///
    /// # Errors
    /// `NotAuthorized`, `SelfLiquidation`, `ZeroSize`, `UnknownMarket`, `PriceUnusable`, `Insolvent`,
    /// `NotLiquidatable`, `NoPosition`, `LimitPrice`, `PositionTooLarge`, `OpenInterestTooLarge`, `InsufficientMargin` (of
    /// `into`), `EntryOutOfRange`, `TooManyPositions`, `OracleFailed`, `Overflow`.
    ///
    /// # Events
    /// `Liquidated`, `InsurancePaid`, `CaughtUp`, `FundingAccrued`.
    pub fn liquidate(
        &mut self,
        account: B256,
        into: B256,
        instrument: u128,
        max_size: u128,
        limit_price: u128,
    ) -> Result<(u128, u128), Revert> {
        liquidate::liquidate(&mut self.ledger, account, into, instrument, max_size, limit_price)
    }
}
