//! Pricing, on the far side of a delegate call.

use alloc::vec::Vec;

use plimsoll_kit::{
    Revert, answer,
    codec::{Args, Argument},
    door,
    sol::Overflow,
};
use plimsoll_risk::portfolio::{Portfolio, Priced, price_trusted};
use stylus_sdk::prelude::*;

use crate::{Model, PRICER, convert, errors::refusal, sol};

/// A call of the pricer with a portfolio: a selector of zeros, which does not count, and the argument.
#[must_use]
pub fn pricer_call(portfolio: &sol::Portfolio) -> Vec<u8> {
    let mut input = [0; 4].to_vec();
    input.extend(answer::encode(&[portfolio]));
    input
}

impl Model {
    /// Checks a portfolio and has it priced; `input` is a [`pricer_call`] with it.
    ///
    /// # Errors
    /// The first rule of the portfolio that is broken; those of pricing.
    pub fn price(&self, portfolio: &mut Portfolio, input: &[u8]) -> Result<Vec<Priced>, Revert> {
        // Here, because the pricer's program is full.
        portfolio.check().map_err(refusal)?;
        let priced = Priced::from_bytes(&door::delegate(self.vm(), self.module(PRICER), input)?);
        // An empty answer for a portfolio with options means that the pricer did not run.
        priced
            .filter(|all| all.is_empty() == portfolio.legs.is_empty())
            .ok_or_else(|| Revert::new(Overflow {}))
    }

    /// Prices the portfolio of a call's arguments, which whoever delegates here has checked, as [`Priced::to_bytes`] writes
    /// it; `None` when it does not decode.
    pub fn priced(&self, args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        let mut portfolio = convert::portfolio(sol::Portfolio::decode(args, 0)?);
        Some(self.compiled_params(portfolio.underlying).and_then(|params| {
            let tail = self.tail(portfolio.underlying)?;
            let moves = tail.as_ref().map_or(&[][..], |tail| &tail.moves);
            price_trusted(&mut portfolio, &params, moves).map(|all| Priced::to_bytes(&all)).map_err(refusal)
        }))
    }
}
