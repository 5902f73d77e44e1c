//! Single fields of the ledger: what its first slots hold, unpacked.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use plimsoll_kit::words::{Records, pack, unpack};

use crate::Ledger;

/// Shares of the insurance fund, ppm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InsuranceShares {
    /// What all markets together may draw; what was drawn refills.
    pub cap: u32,
    /// The sum of the markets' own shares: at most the cap.
    pub markets: u32,
}

impl Ledger {
    /// The guardian, and until when the engine is paused, Unix seconds.
    pub fn guard(&self) -> (Address, u64) {
        address_and_number(self.guard.get())
    }

    /// Stores the guardian and the end of the pause.
    pub fn set_guard(&mut self, guardian: Address, paused_until: u64) {
        self.guard.set(with_number(guardian, paused_until));
    }

    /// The quote token and its decimals.
    pub fn quote(&self) -> (Address, u8) {
        let (token, decimals) = address_and_number(self.quote.get());
        (token, decimals as u8)
    }

    /// Stores the quote token and its decimals.
    pub fn set_quote(&mut self, token: Address, decimals: u8) {
        self.quote.set(with_number(token, u64::from(decimals)));
    }

    /// The insurance fund and the collected fees.
    pub fn funds(&self) -> (u128, u128) {
        unpack(self.funds.get())
    }

    /// Stores the insurance fund and the collected fees.
    pub fn set_funds(&mut self, insurance: u128, fees: u128) {
        self.funds.set(pack(insurance, fees));
    }

    /// The quote tokens that the ledger accounts for, WAD; the share of the fund that all markets together may draw, and the
    /// sum of the markets' shares, ppm.
    pub fn totals(&self) -> (u128, InsuranceShares) {
        let (tokens, shares) = unpack(self.totals.get());
        (tokens, InsuranceShares { cap: shares as u32, markets: (shares >> 32) as u32 })
    }

    /// Stores the tokens accounted for and the shares of insurance.
    pub fn set_totals(&mut self, tokens: u128, shares: InsuranceShares) {
        let both = u128::from(shares.cap) | u128::from(shares.markets) << 32;
        self.totals.set(pack(tokens, both));
    }

    /// All listed markets, by underlying.
    pub fn listed(&self) -> Vec<u16> {
        let count = unpack(self.listed.get()).0;
        (0..count).map(|number| self.read(&self.listed_record(number), 0).0 as u16).collect()
    }

    pub(crate) fn push_listed(&mut self, id: u16) {
        let count = unpack(self.listed.get()).0;
        let record = self.listed_record(count);
        self.write(&record, 0, u128::from(id), 0);
        self.listed.set(pack(count + 1, 0));
    }
}

/// An address in the low 160 bits and a number above it.
fn address_and_number(word: B256) -> (Address, u64) {
    let mut number = [0; 8];
    number.copy_from_slice(&word[4..12]);
    (Address::from_word(word), u64::from_be_bytes(number))
}

fn with_number(address: Address, number: u64) -> B256 {
    let mut word = address.into_word();
    word[4..12].copy_from_slice(&number.to_be_bytes());
    word
}
