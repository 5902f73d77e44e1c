//! From selectors to the module's functions.

use alloc::vec::Vec;

use plimsoll_ledger::{Revert, codec::Args};
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{decode, errors::refusal, sol::Portfolio};
use stylus_sdk::function_selector;

use crate::{GreeksModule, encode};

const GREEKS: [u8; 4] = function_selector!("greeks", Portfolio);

impl GreeksModule {
    pub(crate) fn route(&mut self, selector: [u8; 4], args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        Some(match selector {
            GREEKS => {
                let mut portfolio = decode::portfolio(args, 0)?;
                portfolio::greeks(&mut portfolio).map_err(refusal).map(|found| encode::greeks(&found))
            }
            _ => return None,
        })
    }
}
