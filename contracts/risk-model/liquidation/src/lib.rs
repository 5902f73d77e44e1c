//! The risk model's liquidation module: the prices at which an account may be liquidated.
//!
//! Runs in the model's storage, by delegate call. It is meant for static calls off chain, which cost no gas: a search
//! values the portfolio dozens of times.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

use plimsoll_kit::Revert;
#[cfg(not(any(test, feature = "export-abi")))]
use plimsoll_kit::inert::public;
use plimsoll_risk::portfolio::{self, liquidation_range_by, margin};
use plimsoll_risk_core::{
    Model, convert,
    errors::refusal,
    sol::{LiquidationRange, Portfolio},
};
use stylus_sdk::prelude::*;

/// The module over the model's storage.
#[storage]
pub struct LiquidationModule {
    model: Model,
}

plimsoll_kit::module!(LiquidationModule);
plimsoll_kit::functions!(LiquidationModule:
    "liquidationRange" liquidation_range(Portfolio, u32, u128, u32);
);

/// The module's functions.
#[public]
impl LiquidationModule {
    /// The nearest prices on either side of spot at which the maintenance balance is below zero, volatility at each strike
    /// the same; how far they are; and a score of touching one. Looks outward up to a factor of 16, then halves the step
    /// that crossed zero: a dip within one step can be missed.
    ///
    /// @param portfolio as in `assess`
    /// @param step of the search, a natural logarithm in 1e-8: from 500,000 (0.5 %) to 50,000,000
    /// @param volatility per year, which distances are measured in, WAD
    /// @param horizon over which it acts, seconds
    /// @return `found` prices are zero where there is none; both are spot where maintenance is short already
    ///
    /// # Errors
    /// `NoParams`, `BadMoves` for the step, `Overflow` for a volatility or horizon of zero, then as `assess`.
    pub fn liquidation_range(
        &self,
        portfolio: Portfolio,
        step: u32,
        volatility: u128,
        horizon: u32,
    ) -> Result<LiquidationRange, Revert> {
        let portfolio = convert::portfolio(&portfolio);
        let params = self.model.compiled_params(portfolio.underlying)?;
        let tail = self.model.tail(portfolio.underlying)?;
        let found =
            liquidation_range_by(&portfolio, step, volatility, horizon, |moved| -> Result<i128, Refused> {
                moved.check()?;
                let priced = self.model.price(moved).map_err(Refused)?;
                Ok(margin(moved, &priced, &params, tail.as_ref())?.assessment.maintenance)
            });
        found.map(|range| convert::liquidation_range(&range)).map_err(|Refused(error)| error)
    }
}

/// The error that valuing the portfolio at one price ended with.
struct Refused(Revert);

impl From<portfolio::Error> for Refused {
    fn from(error: portfolio::Error) -> Self {
        Self(refusal(error))
    }
}
