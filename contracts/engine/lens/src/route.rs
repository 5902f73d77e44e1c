//! From selectors to the module's functions.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::{
    Revert,
    codec::{self, Args, Word, Words, concat, head_and_array},
    sol::Trade,
};
use stylus_sdk::function_selector;

use crate::Lens;

const MARGIN_OF: [u8; 4] = function_selector!("marginOf", B256);
const MARGINS_OF: [u8; 4] = function_selector!("marginsOf", Vec<B256>);
const ACCOUNT_OF: [u8; 4] = function_selector!("accountOf", B256);
const POSITION_OF: [u8; 4] = function_selector!("positionOf", B256, u128);
const FREE_COLLATERAL: [u8; 4] = function_selector!("freeCollateral", B256);
const LIQUIDATION_PRICE: [u8; 4] = function_selector!("liquidationPrice", B256, u128);
const CHECK_TRADE: [u8; 4] = function_selector!("checkTrade", B256, Vec<Trade>);
const QUOTE_LIQUIDATION: [u8; 4] = function_selector!("quoteLiquidation", B256, u128);
const MARKET: [u8; 4] = function_selector!("market", u128);
const RUNGS: [u8; 4] = function_selector!("rungs", u128, bool);
const TOTALS: [u8; 4] = function_selector!("totals");

fn trade(words: Args<'_>, at: usize) -> Option<Trade> {
    Some(Trade { instrument: words.uint(at)?, size: words.int128(at + 1)?, price: words.uint(at + 2)? })
}

fn one<T: Words>(result: Result<T, Revert>) -> Result<Vec<u8>, Revert> {
    result.map(|value| codec::value(&value))
}

impl Lens {
    pub(crate) fn route(&mut self, selector: [u8; 4], args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        Some(match selector {
            MARGIN_OF => one(self.margin_of(args.bytes32(0)?)),
            MARGINS_OF => {
                let accounts = args.array(0, 1, |words, at| words.bytes32(at))?;
                self.margins_of(accounts).map(|margins| head_and_array(&[], &margins))
            }
            ACCOUNT_OF => self
                .account_of(args.bytes32(0)?)
                .map(|(cash, nonce, positions)| head_and_array(&[cash.word(), nonce.word()], &positions)),
            POSITION_OF => self
                .position_of(args.bytes32(0)?, args.uint(1)?)
                .map(|(size, basis)| concat(&[], &[size.word(), basis.word()])),
            FREE_COLLATERAL => one(self.free_collateral(args.bytes32(0)?)),
            LIQUIDATION_PRICE => one(self.liquidation_price(args.bytes32(0)?, args.uint(1)?)),
            CHECK_TRADE => {
                let trades = args.array(1, 3, trade)?;
                self.check_trade(args.bytes32(0)?, trades).map(|(allowed, margin)| {
                    let mut words = alloc::vec![allowed.word()];
                    margin.push(&mut words);
                    concat(&[], &words)
                })
            }
            QUOTE_LIQUIDATION => one(self.quote_liquidation(args.bytes32(0)?, args.uint(1)?)),
            MARKET => one(self.market(args.uint(0)?)),
            RUNGS => self.rungs(args.uint(0)?, args.boolean(1)?).map(|rungs| head_and_array(&[], &rungs)),
            TOTALS => one(self.totals()),
            _ => return None,
        })
    }
}
