//! From selectors to the module's functions.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use plimsoll_ledger::{
    Revert,
    codec::{self, Args, Word, concat},
};
use stylus_sdk::function_selector;

use crate::Resolution;

const DELEVERAGE: [u8; 4] = function_selector!("deleverage", B256);
const FUND_INSURANCE: [u8; 4] = function_selector!("fundInsurance", U256);
const COVER_BAD_DEBT: [u8; 4] = function_selector!("coverBadDebt", u128, u128);

impl Resolution {
    pub(crate) fn route(&mut self, selector: [u8; 4], args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        Some(match selector {
            DELEVERAGE => self.deleverage(args.bytes32(0)?).map(|(deficit, insurance, taken, socialised)| {
                concat(&[], &[deficit, insurance, taken, socialised].map(|amount| amount.word()))
            }),
            FUND_INSURANCE => self.fund_insurance(args.uint256(0)?).map(|credited| codec::value(&credited)),
            COVER_BAD_DEBT => {
                self.cover_bad_debt(args.uint(0)?, args.uint(1)?).map(|covered| codec::value(&covered))
            }
            _ => return None,
        })
    }
}
