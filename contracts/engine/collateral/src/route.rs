//! From selectors to the module's functions.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use plimsoll_ledger::{Revert, codec, codec::Args, module::done};
use stylus_sdk::function_selector;

use crate::Collateral;

const DEPOSIT: [u8; 4] = function_selector!("deposit", B256, Address, U256);
const WITHDRAW: [u8; 4] = function_selector!("withdraw", B256, Address, U256, Address);
const SET_OPERATOR: [u8; 4] = function_selector!("setOperator", Address, bool);
const APPROVE_VENUE: [u8; 4] = function_selector!("approveVenue", B256, Address, bool);
const WITHDRAW_FEES: [u8; 4] = function_selector!("withdrawFees", Address, U256);

impl Collateral {
    pub(crate) fn route(&mut self, selector: [u8; 4], args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        Some(match selector {
            DEPOSIT => {
                let (account, token, amount) = (args.bytes32(0)?, args.address(1)?, args.uint256(2)?);
                self.deposit(account, token, amount).map(|credited| codec::value(&credited))
            }
            WITHDRAW => {
                let (account, token) = (args.bytes32(0)?, args.address(1)?);
                done(self.withdraw(account, token, args.uint256(2)?, args.address(3)?))
            }
            SET_OPERATOR => done(self.set_operator(args.address(0)?, args.boolean(1)?)),
            APPROVE_VENUE => done(self.approve_venue(args.bytes32(0)?, args.address(1)?, args.boolean(2)?)),
            WITHDRAW_FEES => done(self.withdraw_fees(args.address(0)?, args.uint256(1)?)),
            _ => return None,
        })
    }
}
