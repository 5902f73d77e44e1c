//! From selectors to the module's functions.

use alloc::vec::Vec;

use plimsoll_ledger::{
    Revert,
    codec::{Args, Word, concat},
};
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{decode, errors::refusal, sol::Portfolio};
use stylus_sdk::function_selector;

use crate::WorstModule;

const WORST_MOVE: [u8; 4] = function_selector!("worstMove", Portfolio, i32, i32, Vec<i32>);

impl WorstModule {
    pub(crate) fn route(&mut self, selector: [u8; 4], args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        let int32 = |args: Args<'_>, at| args.int128(at)?.try_into().ok();
        Some(match selector {
            WORST_MOVE => {
                let mut portfolio = decode::portfolio(args, 0)?;
                let (low, high): (i32, i32) = (int32(args, 1)?, int32(args, 2)?);
                let vols: Vec<i32> = args.array(3, 1, int32)?;
                let worst = portfolio::worst_move(&mut portfolio, low, high, &vols).map_err(refusal);
                worst.map(|found| {
                    let (shock, profit) = (found.shock, found.profit);
                    concat(&[], &[shock.spot.word(), shock.vol.word(), profit.word()])
                })
            }
            _ => return None,
        })
    }
}
