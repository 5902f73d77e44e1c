//! The risk model's worst module: the move in which a portfolio loses most.
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
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{
    Model, convert,
    errors::refusal,
    sol::{Move, Portfolio},
};
use stylus_sdk::prelude::*;

/// The module over the model's storage.
#[storage]
pub struct WorstModule {
    /// The root, of which this module reads nothing.
    pub model: Model,
}

plimsoll_kit::module!(WorstModule);
plimsoll_kit::functions!(WorstModule:
    "worstMove" worst_move(Portfolio, i32, i32, Vec<i32>);
);

/// The module's functions.
#[public]
impl WorstModule {
    /// The move in which a portfolio loses most, of spot within a range and of volatility by one of a list. Profits are
    /// neither damped nor discounted. Looks at 49 prices with each volatility, then closer around the worst down to 1e-8: a
    /// loss that is confined between two prices of the first look can be missed.
    ///
    /// @param portfolio as in `assess`
    /// @param low smallest move of spot, a natural logarithm in 1e-8
    /// @param high largest
    /// @param vols moves of volatility, one to eight
    /// @return `found` the move
    /// @return `profit` in it
    ///
    /// # Errors
    /// `BadMoves`, then as `assess`, but for `NoParams`: no parameters are read.
    pub fn worst_move(
        &self,
        portfolio: Portfolio,
        low: i32,
        high: i32,
        vols: Vec<i32>,
    ) -> Result<(Move, i128), Revert> {
        let mut portfolio = convert::portfolio(&portfolio);
        let worst = portfolio::worst_move(&mut portfolio, low, high, &vols).map_err(refusal)?;
        Ok((Move { spot: worst.shock.spot, vol: worst.shock.vol }, worst.profit))
    }
}
