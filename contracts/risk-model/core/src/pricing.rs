//! How the model calls its pricer, and what the pricer does with the call.

use alloc::vec::Vec;

use plimsoll_kit::{Revert, door, sol::Overflow};
use plimsoll_risk::portfolio::{Options, Portfolio, Priced};
use stylus_sdk::prelude::*;

use crate::{Model, PRICER, errors::refusal};

impl Model {
    /// Has a portfolio priced that [`Portfolio::check`] passed: the pricer's program has no room for the check.
    ///
    /// # Errors
    /// Those of pricing.
    pub fn price(&self, portfolio: &Portfolio) -> Result<Vec<Priced>, Revert> {
        let input = Options::to_bytes(portfolio);
        let priced = Priced::from_bytes(&door::delegate(self.vm(), self.module(PRICER), &input)?);
        // An empty answer for a portfolio with options means that the pricer did not run.
        priced
            .filter(|all| all.is_empty() == portfolio.legs.is_empty())
            .ok_or_else(|| Revert::new(Overflow {}))
    }

    /// Prices what [`Options::to_bytes`] wrote; whoever calls has checked it. Returns what [`Priced::to_bytes`] writes, and
    /// `None` for bytes of another shape.
    pub fn priced(&self, input: &[u8]) -> Option<Result<Vec<u8>, Revert>> {
        let options = Options::from_bytes(input)?;
        Some(self.compiled_params(options.underlying).and_then(|params| {
            let tail = self.tail(options.underlying)?;
            let moves = tail.as_ref().map_or(&[][..], |tail| &tail.moves);
            options.price(&params, moves).map(|all| Priced::to_bytes(&all)).map_err(refusal)
        }))
    }
}
