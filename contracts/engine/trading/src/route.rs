//! From selectors to the module's functions.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::{Revert, codec::Args, module::done, sol::Fill};
use stylus_sdk::function_selector;

use crate::Trading;

const SETTLE: [u8; 4] = function_selector!("settle", Vec<Fill>);
const POKE: [u8; 4] = function_selector!("poke", Vec<u128>);
const TOUCH: [u8; 4] = function_selector!("touch", B256);

fn fill(words: Args<'_>, at: usize) -> Option<Fill> {
    Some(Fill {
        taker: words.bytes32(at)?,
        maker: words.bytes32(at + 1)?,
        instrument: words.uint(at + 2)?,
        size: words.int128(at + 3)?,
        price: words.uint(at + 4)?,
    })
}

impl Trading {
    pub(crate) fn route(&mut self, selector: [u8; 4], args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        Some(match selector {
            SETTLE => done(self.settle(args.array(0, 5, fill)?)),
            POKE => done(self.poke(args.array(0, 1, |words, at| words.uint(at))?)),
            TOUCH => done(self.touch(args.bytes32(0)?)),
            _ => return None,
        })
    }
}
