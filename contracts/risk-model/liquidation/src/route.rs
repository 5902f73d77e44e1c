//! From selectors to the module's functions.

use alloc::vec::Vec;

use plimsoll_ledger::{
    Revert,
    codec::{self, Args},
};
use plimsoll_risk_core::{decode, sol::Portfolio};
use stylus_sdk::function_selector;

use crate::LiquidationModule;

const LIQUIDATION_RANGE: [u8; 4] = function_selector!("liquidationRange", Portfolio, u32, u128, u32);

impl LiquidationModule {
    pub(crate) fn route(&mut self, selector: [u8; 4], args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        Some(match selector {
            LIQUIDATION_RANGE => {
                let portfolio = decode::portfolio(args, 0)?;
                let (step, volatility, horizon) = (args.uint(1)?, args.uint(2)?, args.uint(3)?);
                self.range(&portfolio, step, volatility, horizon).map(|found| codec::value(&found))
            }
            _ => return None,
        })
    }
}
