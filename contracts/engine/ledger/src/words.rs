//! Where the ledger's records lie in storage, and how a word is read and written.
//!
//! A record's word `n` is the slot `keccak256(region ++ key)` with its last byte replaced by `n`: all words of a record
//! share one hash. Within a word the first field is in the low bits. Records are packed by hand because a margin check
//! pays for cold slots above all, and a module has little room for code.

use alloy_primitives::{B256, U256};
use stylus_sdk::prelude::*;

use crate::Ledger;

/// What kind of record a key belongs to.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(crate) enum Region {
    Venue = 1,
    Operator,
    VenueApproval,
    Listed,
    Market,
    Account,
    Position,
    Rung,
    Epoch,
    Occupied,
}

/// A record's place in storage.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record([u8; 32]);

/// The longest key: an account and an address.
const KEY: usize = 52;

impl Ledger {
    /// The record of a region with a key of two parts: a word (an account, or an address) and further bytes.
    #[inline(never)]
    pub(crate) fn record(&self, region: Region, first: &B256, second: &[u8]) -> Record {
        let mut preimage = [0; 1 + KEY];
        preimage[0] = region as u8;
        preimage[1..33].copy_from_slice(first.as_slice());
        for (byte, given) in preimage[33..].iter_mut().zip(second) {
            *byte = *given;
        }
        Record(self.vm().native_keccak256(&preimage).0)
    }

    /// The record of a region with a number for a key.
    pub(crate) fn numbered(&self, region: Region, number: u128) -> Record {
        let mut key = B256::ZERO;
        key[16..].copy_from_slice(&number.to_be_bytes());
        self.record(region, &key, &[])
    }

    /// Reads a word of a record: the low and the high half.
    #[inline(never)]
    pub(crate) fn read(&self, record: &Record, word: u8) -> (u128, u128) {
        unpack(U256::from_be_bytes(self.vm().storage_load_bytes32(slot(record, word)).0))
    }

    /// Writes a word of a record.
    #[inline(never)]
    pub(crate) fn write(&mut self, record: &Record, word: u8, low: u128, high: u128) {
        // SAFETY: nothing else holds the word; typed fields stand at other slots.
        unsafe { self.vm().storage_cache_bytes32(slot(record, word), B256::from(pack(low, high))) }
    }
}

fn slot(record: &Record, word: u8) -> U256 {
    let mut slot = record.0;
    slot[31] = word;
    U256::from_be_bytes(slot)
}

pub(crate) const fn pack(low: u128, high: u128) -> U256 {
    U256::from_limbs([low as u64, (low >> 64) as u64, high as u64, (high >> 64) as u64])
}

pub(crate) const fn unpack(word: U256) -> (u128, u128) {
    let [a, b, c, d] = word.into_limbs();
    (a as u128 | (b as u128) << 64, c as u128 | (d as u128) << 64)
}

/// Two 64-bit halves.
pub(crate) const fn halves(low: u64, high: u64) -> u128 {
    low as u128 | (high as u128) << 64
}

/// Four 32-bit quarters.
pub(crate) const fn quarters(x: [u32; 4]) -> u128 {
    x[0] as u128 | (x[1] as u128) << 32 | (x[2] as u128) << 64 | (x[3] as u128) << 96
}

pub(crate) const fn split_quarters(x: u128) -> [u32; 4] {
    [x as u32, (x >> 32) as u32, (x >> 64) as u32, (x >> 96) as u32]
}
