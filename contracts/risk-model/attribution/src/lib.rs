//! The risk model's attribution module: where the profit of a scenario comes from.
//!
//! Runs in the model's storage, by delegate call.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

mod encode;
mod route;
#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

use plimsoll_ledger::Revert;
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

plimsoll_ledger::module!(AttributionModule);

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
        let found = self.attribution(convert::portfolio(portfolio), scenario)?;
        Ok(convert::attribution(found))
    }
}

impl AttributionModule {
    fn attribution(
        &self,
        mut portfolio: portfolio::Portfolio,
        scenario: u16,
    ) -> Result<portfolio::Attribution, Revert> {
        let params = self.model.compiled_params(portfolio.underlying)?;
        portfolio::attribute(&mut portfolio, &params, scenario).map_err(refusal)
    }
}
