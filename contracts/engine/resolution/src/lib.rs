//! The resolution module: passes over the estates of the buried, the insurance fund, bad debt.
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

use alloy_primitives::U256;
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
    "deleverage" deleverage(u128);
    "fundInsurance" fund_insurance(U256);
    "coverBadDebt" cover_bad_debt(u128, u128);
);

/// The module's functions.
#[public]
impl Resolution {
    /// Resolves a market's estate, at a fresh price that is newer than the market's last fill. A surplus goes to insurance. Of a
    /// deficit insurance pays what its bucket holds; everyone in profit, on either side, open and young, pays the same share of
    /// its own profit for the rest; what profits cannot bear is recorded as bad debt. Then the estate's position is closed at the
    /// mark against those who face it, everyone in profit by the same fraction, then the others. At most one pass a minute, unless
    /// the estate lacks something sizeable. Works while paused.
    ///
    /// @param instrument the perpetual
    /// @return `deficit` what the estate lacked
    /// @return `insurance` what the fund paid
    /// @return `taken` what profits paid
    /// @return `socialised` what was recorded as bad debt
    ///
    /// # Errors
    /// `UnknownMarket`, `PriceUnusable`, `NoEstate`, `PriceNotNewer`, `PassTooSoon`, `OracleFailed`, `Overflow`.
    ///
    /// # Events
    /// `Deleveraged`, `InsurancePaid`, `BadDebtRecorded`, `FundingAccrued`.
    pub fn deleverage(&mut self, instrument: u128) -> Result<(u128, u128, u128, u128), Revert> {
        deleverage::deleverage(&mut self.ledger, instrument)
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

    /// Pays bad debt of a market from the insurance fund, as far as the market's bucket goes.
    ///
    /// @param instrument the perpetual; zero for what no market was to bear
    /// @param amount the most to pay, WAD
    /// @return what was paid: limited by the debt and by what insurance may pay for the market now
    ///
    /// # Errors
    /// `UnknownMarket`, `ZeroAmount`, `NoBadDebt`.
    ///
    /// # Events
    /// `BadDebtCovered`, `InsurancePaid`.
    pub fn cover_bad_debt(&mut self, instrument: u128, amount: u128) -> Result<u128, Revert> {
        cover_bad_debt::cover_bad_debt(&mut self.ledger, instrument, amount)
    }
}
