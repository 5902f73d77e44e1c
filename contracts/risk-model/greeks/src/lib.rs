//! The risk model's greeks module: sensitivities of a portfolio.
//!
//! Runs in the model's storage, by delegate call.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

use plimsoll_kit::Revert;
#[cfg(not(any(test, feature = "export-abi")))]
use plimsoll_kit::inert::public;
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{
    Model, convert,
    errors::refusal,
    sol::{Greeks, Portfolio},
};
use stylus_sdk::prelude::*;

/// The module over the model's storage.
#[storage]
pub struct GreeksModule {
    /// The root, of which this module reads nothing.
    pub model: Model,
}

plimsoll_kit::module!(GreeksModule);
plimsoll_kit::functions!(GreeksModule:
    "greeks" greeks(Portfolio);
);

/// The module's functions.
#[public]
impl GreeksModule {
    /// Sensitivities of a portfolio. Parameters do not count: none need to be set.
    ///
    /// @param portfolio as in `assess`
    /// @return `account` everything: options, the perpetual, collateral that moves with spot
    /// @return `byExpiry` the options of each expiry, in the portfolio's order
    /// @return `byLeg` each leg, in the portfolio's order
    ///
    /// # Errors
    /// The first rule of the portfolio that is broken; `Overflow`.
    ///
    /// # Rounding
    /// Down, leg by leg; sums are exact.
    pub fn greeks(&self, portfolio: Portfolio) -> Result<(Greeks, Vec<Greeks>, Vec<Greeks>), Revert> {
        let mut portfolio = convert::portfolio(&portfolio);
        let found = portfolio::greeks(&mut portfolio).map_err(refusal)?;
        let all = |greeks: &[portfolio::Greeks]| greeks.iter().map(convert::greeks).collect();
        Ok((convert::greeks(&found.account), all(&found.expiries), all(&found.legs)))
    }
}
