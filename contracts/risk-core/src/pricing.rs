//! Pricing, on the far side of a delegate call.

use alloc::vec::Vec;

use plimsoll_core::{Revert, codec::Args};
use plimsoll_risk::portfolio::{Priced, price_trusted};

use crate::{Model, decode, errors::pricing_refusal};

impl Model {
    /// Prices the portfolio, which the model has checked, of a call's arguments, as [`Priced::to_bytes`] writes it; `None` when it does not decode.
    pub fn priced(&self, args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        let mut portfolio = decode::portfolio(args, 0)?;
        Some(self.compiled_params(portfolio.underlying).and_then(|params| {
            let tail = self.tail(portfolio.underlying)?;
            let moves = tail.as_ref().map_or(&[][..], |tail| &tail.moves);
            price_trusted(&mut portfolio, &params, moves)
                .map(|all| Priced::to_bytes(&all))
                .map_err(pricing_refusal)
        }))
    }
}
