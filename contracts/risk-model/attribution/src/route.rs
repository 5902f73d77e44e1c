//! From selectors to the module's functions.

use alloc::vec::Vec;

use plimsoll_ledger::{Revert, codec::Args};
use plimsoll_risk_core::{decode, sol::Portfolio};
use stylus_sdk::function_selector;

use crate::{AttributionModule, encode};

const ATTRIBUTE: [u8; 4] = function_selector!("attribute", Portfolio, u16);

impl AttributionModule {
    pub(crate) fn route(&mut self, selector: [u8; 4], args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        Some(match selector {
            ATTRIBUTE => {
                let (portfolio, scenario) = (decode::portfolio(args, 0)?, args.uint(1)?);
                self.attribution(portfolio, scenario).map(|found| encode::attribution(&found))
            }
            _ => return None,
        })
    }
}
