//! Reads prices, with their status, from the oracle contract.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use plimsoll_kit::words::unpack;
use plimsoll_risk::oracle::Quote;
use stylus_sdk::{call::RawCall, prelude::*};

use crate::{Ledger, Revert, revert::require, sol};

/// Selector of `prices(uint16[])`.
const PRICES: [u8; 4] = stylus_sdk::function_selector!("prices", Vec<u16>);

/// Bytes of one answer: status, price, time, usable seconds.
const ANSWER: usize = 128;

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
        let failed = || Revert::new(sol::OracleFailed { oracle });
        let bytes = answer.map_err(|_| failed())?;
        require(bytes.len() == 64 + ANSWER * ids.len(), || sol::OracleFailed { oracle })?;
        let mut quotes = Vec::with_capacity(ids.len());
        for answer in bytes[64..].chunks_exact(ANSWER) {
            quotes.push(decode(answer).ok_or_else(failed)?);
        }
        Ok(quotes)
    }
}

impl Ledger {
    /// Usable seconds of the feed of an underlying so far.
    ///
    /// # Errors
    /// `OracleFailed`.
    pub fn usable_of(&self, id: u16) -> Result<u32, Revert> {
        Ok(self.quotes(&[id])?.first().map_or(0, |quote| quote.usable))
    }

    /// Lets every market count the usable seconds of another oracle from now on. What had accrued by the old one is stored
    /// before, unless the old one does not answer any more.
    ///
    /// # Errors
    /// `OracleFailed` when the new one does not answer, `Overflow`.
    ///
    /// # Events
    /// `FundingAccrued`.
    pub fn change_oracle(&mut self, oracle: Address) -> Result<(), Revert> {
        let listed = self.listed();
        let mut markets = self.load_markets(&listed).unwrap_or_default();
        self.oracle.set_address(oracle);
        for (id, quote) in listed.iter().zip(self.quotes(&listed)?) {
            match markets.get_mut(*id) {
                Ok(market) => {
                    market.funding.usable = quote.usable;
                    self.store_market(market);
                }
                Err(_) => self.store_usable(*id, quote.usable),
            }
        }
        Ok(())
    }
}

fn push_word(data: &mut Vec<u8>, value: u64) {
    data.extend_from_slice(&[0; 24]);
    data.extend_from_slice(&value.to_be_bytes());
}

fn decode(answer: &[u8]) -> Option<Quote> {
    let word = |place: usize| Some(unpack(B256::from_slice(answer.get(32 * place..32 * place + 32)?)));
    let ((code, _), (price, beyond)) = (word(0)?, word(1)?);
    let (time, usable) = (word(2)?.0 as u64, word(3)?.0 as u32);
    (beyond == 0).then_some(Quote { code: code as u8, price, time, usable })
}
