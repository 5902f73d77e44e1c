//! Pricing, on the far side of a delegate call.

use alloc::vec::Vec;

use plimsoll_ledger::{Revert, codec::Args};
use plimsoll_risk::portfolio::{Portfolio, Priced, price_trusted};

use stylus_sdk::{call::RawCall, prelude::*};

use crate::{Model, PRICER, decode, errors::refusal, sol::Overflow};

impl Model {
    /// Runs a module in this contract's storage.
    ///
    /// # Errors
    /// Those of the module.
    pub fn delegate(&self, module: usize, input: &[u8]) -> Result<Vec<u8>, Revert> {
        let address = self.module(module);
        // SAFETY: nothing has been written, and what has been read does not change: modules call only each other.
        unsafe { RawCall::new_delegate(self.vm()).call(address, input) }.map_err(Revert::of_data)
    }

    /// Checks a portfolio and has it priced; `input` is a call with it: a selector, which does not count, and the argument.
    ///
    /// # Errors
    /// The first rule of the portfolio that is broken; those of pricing.
    pub fn price(&self, portfolio: &mut Portfolio, input: &[u8]) -> Result<Vec<Priced>, Revert> {
        // Here, because the pricer's program is full.
        portfolio.check().map_err(refusal)?;
        let priced = Priced::from_bytes(&self.delegate(PRICER, input)?);
        // What says nothing of options that are there has not priced them.
        priced
            .filter(|all| all.is_empty() == portfolio.legs.is_empty())
            .ok_or_else(|| Revert::new(Overflow {}))
    }

    /// Prices the portfolio of a call's arguments, which whoever delegates here has checked, as [`Priced::to_bytes`] writes
    /// it; `None` when it does not decode.
    pub fn priced(&self, args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        let mut portfolio = decode::portfolio(args, 0)?;
        Some(self.compiled_params(portfolio.underlying).and_then(|params| {
            let tail = self.tail(portfolio.underlying)?;
            let moves = tail.as_ref().map_or(&[][..], |tail| &tail.moves);
            price_trusted(&mut portfolio, &params, moves).map(|all| Priced::to_bytes(&all)).map_err(refusal)
        }))
    }
}
