//! The risk model's attribution module: splits the profit of a scenario by its causes.
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
    sol::{Attribution, Portfolio},
};
use stylus_sdk::prelude::*;

/// The module over the model's storage.
#[storage]
pub struct AttributionModule {
    model: Model,
}

plimsoll_kit::module!(AttributionModule);
plimsoll_kit::functions!(AttributionModule:
    "attribute" attribute(Portfolio, u16);
);

/// The module's functions.
#[public]
impl AttributionModule {
    /// The profit of a scenario, decomposed.
    ///
    /// @param portfolio as in `assess`
    /// @param scenario an index of scenario, or 65535 for the basis contingency: what `assess` gives as the worst, unless
    /// that is 65534, the expected shortfall, which is a mean of many moves and `UnknownScenario` here
    /// @return `found` profit = linear + sum of expiries, which are the sum of legs + discount, and those delta + gamma +
    /// vega + rest, all exactly
    ///
    /// # Errors
    /// `NoParams`, `UnknownScenario`, then as `assess`.
    pub fn attribute(&self, portfolio: Portfolio, scenario: u16) -> Result<Attribution, Revert> {
        let mut portfolio = convert::portfolio(&portfolio);
        let params = self.model.compiled_params(portfolio.underlying)?;
        portfolio::attribute(&mut portfolio, &params, scenario).map(convert::attribution).map_err(refusal)
    }
}
