//! From selectors to the module's functions.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::{
    Revert,
    codec::{Args, Word, concat},
};
use stylus_sdk::function_selector;

use crate::Liquidation;

const LIQUIDATE: [u8; 4] = function_selector!("liquidate", B256, B256, u128, u128, u128);

impl Liquidation {
    pub(crate) fn route(&mut self, selector: [u8; 4], args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        Some(match selector {
            LIQUIDATE => {
                let (account, into) = (args.bytes32(0)?, args.bytes32(1)?);
                let (instrument, most, limit) = (args.uint(2)?, args.uint(3)?, args.uint(4)?);
                self.liquidate(account, into, instrument, most, limit)
                    .map(|(size, price)| concat(&[], &[size.word(), price.word()]))
            }
            _ => return None,
        })
    }
}
