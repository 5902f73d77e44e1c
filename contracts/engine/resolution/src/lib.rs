//! The resolution module: deleveraging of insolvent accounts, the insurance fund, bad debt.
//!
//! Runs in the router's storage, by delegate call.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

mod cover_bad_debt;
mod deleverage;
mod fund_insurance;
#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

use alloy_primitives::{B256, U256};
#[cfg(not(any(test, feature = "export-abi")))]
use plimsoll_kit::inert::public;
use plimsoll_ledger::{Ledger, Revert};
use stylus_sdk::prelude::*;

/// The module over the engine's storage.
#[storage]
pub struct Resolution {
    ledger: Ledger,
}

plimsoll_kit::module!(Resolution);
plimsoll_kit::functions!(Resolution:
    "deleverage" deleverage(B256);
    "fundInsurance" fund_insurance(U256);
    "coverBadDebt" cover_bad_debt(u128, u128);
);

/// The module's functions.
#[public]
impl Resolution {
    /// Closes an insolvent account: insurance pays its deficit up to the set share of the fund, the rest is taken from
    /// the profits on the other side of its markets, the same per unit from all on a rung; then its positions are
    /// closed at the mark against the most profitable. What profits cannot bear is recorded as bad debt. Works on late
    /// prices, and while paused.
    ///
    /// @param account an account whose equity is below zero
    /// @return `deficit` what was missing
    /// @return `insurance` what the fund paid
    /// @return `taken` what profits paid
    /// @return `socialised` what was recorded as bad debt
    ///
    /// # Errors
    /// `Solvent`, `PriceUnusable`, `OracleFailed`, `Overflow`.
    ///
    /// # Events
    /// `Deleveraged` for each market, `InsurancePaid`, `BadDebtRecorded`, `CaughtUp`, `FundingAccrued`.
    pub fn deleverage(&mut self, account: B256) -> Result<(u128, u128, u128, u128), Revert> {
        deleverage::deleverage(&mut self.ledger, account)
    }

    /// Adds to the insurance fund.
    ///
    /// @param amount quote tokens to take from the caller, in the token's units
    /// @return what arrived, WAD
    ///
    /// # Errors
    /// `ZeroAmount`, `TransferFailed`, `Overflow`.
    ///
    /// # Events
    /// `InsuranceFunded`.
    pub fn fund_insurance(&mut self, amount: U256) -> Result<u128, Revert> {
        fund_insurance::fund_insurance(&mut self.ledger, amount)
    }

    /// Pays bad debt of a market from the insurance fund.
    ///
    /// @param instrument the perpetual; zero for the debt of accounts that had no position
    /// @param amount the most to pay, WAD
    /// @return what was paid: limited by the debt and by the fund
    ///
    /// # Errors
    /// `UnknownMarket`, `ZeroAmount`, `NoBadDebt`.
    ///
    /// # Events
    /// `BadDebtCovered`.
    pub fn cover_bad_debt(&mut self, instrument: u128, amount: u128) -> Result<u128, Revert> {
        cover_bad_debt::cover_bad_debt(&mut self.ledger, instrument, amount)
    }
}
