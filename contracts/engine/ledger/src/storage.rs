//! The root of the engine's storage. The router and every module have the same one.

use alloc::{vec, vec::Vec};

use alloy_primitives::{Address, B256};
use plimsoll_kit::{map::Row, ownership::Ownership, slot::Slot};
use stylus_sdk::prelude::*;

use crate::words::{Region, pack, unpack};

/// How many modules the router has: trading, liquidation, resolution, collateral, lens, governance.
pub const MODULES: usize = 6;

/// The engine's whole state: single fields here, at the first slots; records by region ([`crate::words`]). Money is WAD
/// of quote.
#[storage]
pub struct Ledger {
    /// The router's modules, fixed at construction.
    pub modules: Row<MODULES>,
    /// Who sets parameters, and who may follow.
    pub ownership: Ownership,
    /// The guardian (160 bits), and until when the engine is paused (u64, Unix seconds).
    guard: Slot,
    /// The price oracle.
    pub oracle: Slot,
    /// The quote token (160 bits) and its decimals (u8).
    quote: Slot,
    /// Insurance fund (u128) and collected fees (u128).
    funds: Slot,
    /// Quote tokens that the ledger accounts for (u128), and the share of the fund that one event may draw (u32, ppm).
    totals: Slot,
    /// How many markets are listed.
    listed: Slot,
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
        unpack(self.funds.get().into())
    }

    /// Stores the insurance fund and the collected fees.
    pub fn set_funds(&mut self, insurance: u128, fees: u128) {
        self.funds.set(pack(insurance, fees).into());
    }

    /// The quote tokens that the ledger accounts for, WAD, and the share of the fund that one event may draw, ppm.
    pub fn totals(&self) -> (u128, u32) {
        let (tokens, cap) = unpack(self.totals.get().into());
        (tokens, cap as u32)
    }

    /// Stores the tokens accounted for and the insurance cap.
    pub fn set_totals(&mut self, tokens: u128, insurance_cap: u32) {
        self.totals.set(pack(tokens, u128::from(insurance_cap)).into());
    }

    /// All listed markets, by underlying.
    pub fn listed(&self) -> Vec<u16> {
        let count = unpack(self.listed.get().into()).0;
        (0..count).map(|number| self.read(&self.numbered(Region::Listed, number), 0).0 as u16).collect()
    }

    pub(crate) fn push_listed(&mut self, id: u16) {
        let count = unpack(self.listed.get().into()).0;
        let record = self.numbered(Region::Listed, count);
        self.write(&record, 0, u128::from(id), 0);
        self.listed.set(pack(count + 1, 0).into());
    }

    /// A flag: one word, set or not.
    pub(crate) fn flag(&self, region: Region, first: &B256, second: &[u8]) -> bool {
        self.read(&self.record(region, first, second), 0).0 != 0
    }

    pub(crate) fn set_flag(&mut self, region: Region, first: &B256, second: &[u8], value: bool) {
        let record = self.record(region, first, second);
        self.write(&record, 0, u128::from(value), 0);
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
