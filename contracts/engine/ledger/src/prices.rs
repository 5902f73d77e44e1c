//! Reads prices, with their status, from the oracle contract.

use alloc::vec::Vec;

use plimsoll_risk::oracle::Quote;
use stylus_sdk::{call::RawCall, prelude::*};

use crate::{Ledger, Revert, sol};

/// Selector of `prices(uint16[])`.
const PRICES: [u8; 4] = stylus_sdk::function_selector!("prices", Vec<u16>);

/// Bytes of one answer: status, price, time.
const ANSWER: usize = 96;

impl Ledger {
    /// The oracle's price of each underlying.
    ///
    /// # Errors
    /// `OracleFailed` when the call fails or its answer is not what it should be.
    pub(crate) fn quotes(&self, ids: &[u16]) -> Result<Vec<Quote>, Revert> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut data = Vec::with_capacity(68 + 32 * ids.len());
        data.extend_from_slice(&PRICES);
        push_word(&mut data, 32);
        push_word(&mut data, ids.len() as u64);
        for id in ids {
            push_word(&mut data, u64::from(*id));
        }
        let oracle = self.oracle.address();
        // SAFETY: the oracle is called statically and cannot come back: the router refuses re-entry.
        let answer = unsafe { RawCall::new_static(self.vm()).call(oracle, &data) };
        answer
            .ok()
            .filter(|bytes| bytes.len() == 64 + ANSWER * ids.len())
            .and_then(|bytes| bytes[64..].chunks_exact(ANSWER).map(decode).collect())
            .ok_or_else(|| Revert::new(sol::OracleFailed { oracle }))
    }
}

fn push_word(data: &mut Vec<u8>, value: u64) {
    data.extend_from_slice(&[0; 24]);
    data.extend_from_slice(&value.to_be_bytes());
}

fn decode(answer: &[u8]) -> Option<Quote> {
    let price = <[u8; 16]>::try_from(answer.get(48..64)?).ok()?;
    (answer[32..48] == [0; 16]).then(|| Quote { code: answer[31], price: u128::from_be_bytes(price) })
}
