//! How the model calls its pricer, and what the pricer does with the call.

use alloc::vec::Vec;

use plimsoll_kit::{
    Revert,
    codec::{Args, Argument, concat},
    door, push_values,
    sol::Overflow,
};
use plimsoll_risk::portfolio::{Portfolio, Priced, price_trusted};
use stylus_sdk::prelude::*;

use crate::{Model, PRICER, convert, errors::refusal, sol};

/// The input for a call of the pricer: a selector of zeros, which the pricer ignores, and the portfolio.
#[must_use]
pub fn pricer_call(portfolio: &sol::Portfolio) -> Vec<u8> {
    // Lengths of lists that are in memory.
    let (assets, expiries) = (portfolio.collaterals.len(), portfolio.expiries.len());
    let words =
        portfolio.legs.len().wrapping_add(expiries.wrapping_mul(13)).wrapping_add(assets.wrapping_mul(6));
    let mut words = Vec::with_capacity(words.wrapping_add(24));
    push_values!(&mut words; portfolio);
    concat(&[0; 4], &words)
}

impl Model {
    /// Has a portfolio priced that [`Portfolio::check`] passed: the pricer's program has no room for the check. `input` is a
    /// [`pricer_call`] with it.
    ///
    /// # Errors
    /// Those of pricing.
    pub fn price(&self, portfolio: &Portfolio, input: &[u8]) -> Result<Vec<Priced>, Revert> {
        let priced = Priced::from_bytes(&door::delegate(self.vm(), self.module(PRICER), input)?);
        // An empty answer for a portfolio with options means that the pricer did not run.
        priced
            .filter(|all| all.is_empty() == portfolio.legs.is_empty())
            .ok_or_else(|| Revert::new(Overflow {}))
    }

    /// Prices the portfolio in a call's arguments; whoever calls has checked it. Returns what
    /// [`Priced::to_bytes`] writes, and `None` when the portfolio does not decode.
    pub fn priced(&self, args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        let mut portfolio = convert::portfolio(&sol::Portfolio::decode(args, 0)?);
        Some(self.compiled_params(portfolio.underlying).and_then(|params| {
            let tail = self.tail(portfolio.underlying)?;
            let moves = tail.as_ref().map_or(&[][..], |tail| &tail.moves);
            price_trusted(&mut portfolio, &params, moves).map(|all| Priced::to_bytes(&all)).map_err(refusal)
        }))
    }
}
