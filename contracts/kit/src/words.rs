//! Records in storage: words that are packed by hand.
//!
//! A margin check pays for the slots it reads, and a program pays for its code. So what is read together shares a word, and
//! a contract packs its words itself. A record stands at `keccak256(region ++ key)`, the key filled up with zeros to 52 bytes,
//! with the last byte replaced by the word's number: all words of a record share one hash. Within a word the first field is in the low bits. Single fields
//! stand at a contract's first slots ([`crate::slot`]).

use alloy_primitives::{B256, U256};
use stylus_sdk::{host::VM, prelude::*};

/// A record's place in storage.
#[derive(Clone, Copy, Debug)]
pub struct Record([u8; 32]);

/// The longest key: an account and an address.
const KEY: usize = 52;

impl Record {
    /// The slot of a word of the record.
    #[must_use]
    pub fn slot(&self, word: u8) -> U256 {
        let mut slot = self.0;
        slot[31] = word;
        U256::from_be_bytes(slot)
    }
}

#[inline(never)]
fn record(host: &VM, region: u8, first: &B256, second: &[u8]) -> Record {
    let mut preimage = [0; 1 + KEY];
    preimage[0] = region;
    preimage[1..33].copy_from_slice(first.as_slice());
    for (byte, given) in preimage[33..].iter_mut().zip(second) {
        *byte = *given;
    }
    Record(host.native_keccak256(&preimage).0)
}

#[inline(never)]
fn read(host: &VM, record: &Record, word: u8) -> (u128, u128) {
    unpack(host.storage_load_bytes32(record.slot(word)))
}

#[inline(never)]
fn write(host: &VM, record: &Record, word: u8, low: u128, high: u128) {
    // SAFETY: nothing else holds the word: single fields stand at the first slots, which no hash reaches.
    unsafe { host.storage_cache_bytes32(record.slot(word), pack(low, high)) }
}

/// The records of a contract.
pub trait Records: HostAccess<Host = VM> {
    /// The record of a region whose key is a word (an account, an address, a number) and up to 20 bytes beside it.
    fn record<const N: usize>(&self, region: u8, first: &B256, second: &[u8; N]) -> Record {
        const { assert!(32 + N <= KEY) };
        record(self.vm(), region, first, second)
    }

    /// The record of a region with a number for a key.
    fn numbered(&self, region: u8, number: u128) -> Record {
        record(self.vm(), region, &pack(number, 0), &[])
    }

    /// Reads a word of a record: the low and the high half.
    fn read(&self, record: &Record, word: u8) -> (u128, u128) {
        read(self.vm(), record, word)
    }

    /// Writes a word of a record.
    fn write(&mut self, record: &Record, word: u8, low: u128, high: u128) {
        write(self.vm(), record, word, low, high);
    }

    /// Reads a record of one word that is set or not.
    fn flag(&self, record: &Record) -> bool {
        self.read(record, 0).0 != 0
    }

    /// Writes a record of one word that is set or not.
    fn set_flag(&mut self, record: &Record, value: bool) {
        self.write(record, 0, u128::from(value), 0);
    }
}

impl<T: HostAccess<Host = VM>> Records for T {}

/// A word of two halves.
#[must_use]
pub fn pack(low: u128, high: u128) -> B256 {
    let mut word = [0; 32];
    word[..16].copy_from_slice(&high.to_be_bytes());
    word[16..].copy_from_slice(&low.to_be_bytes());
    B256::new(word)
}

/// The low and the high half of a word.
#[must_use]
pub fn unpack(word: B256) -> (u128, u128) {
    let [mut high, mut low] = [[0; 16]; 2];
    high.copy_from_slice(&word[..16]);
    low.copy_from_slice(&word[16..]);
    (u128::from_be_bytes(low), u128::from_be_bytes(high))
}

/// Two 64-bit halves of a half.
#[must_use]
pub const fn halves(low: u64, high: u64) -> u128 {
    low as u128 | (high as u128) << 64
}

/// Four 32-bit quarters of a half.
#[must_use]
pub const fn quarters(x: [u32; 4]) -> u128 {
    x[0] as u128 | (x[1] as u128) << 32 | (x[2] as u128) << 64 | (x[3] as u128) << 96
}

/// The four quarters of a half.
#[must_use]
pub const fn split_quarters(x: u128) -> [u32; 4] {
    [x as u32, (x >> 32) as u32, (x >> 64) as u32, (x >> 96) as u32]
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{b256, keccak256};
    use proptest::prelude::*;

    use super::*;
    use crate::{ownership::Ownership, testing::host::TestHost};

    #[test]
    fn words_of_a_record_stand_at_one_hash() {
        let host = TestHost::default();
        // SAFETY: the only accessor.
        let mut anything = unsafe { Ownership::new(U256::ZERO, 0, host.vm()) };
        let record = anything.numbered(7, 258);
        anything.write(&record, 3, 1, 1 << 127);
        // region 07, then the number in a word, then 20 bytes of nothing
        let mut preimage = [0; 53];
        (preimage[0], preimage[31], preimage[32]) = (7, 1, 2);
        let mut slot = keccak256(preimage);
        slot[31] = 3;
        let expected = b256!("8000000000000000000000000000000000000000000000000000000000000001");
        assert_eq!(host.0.borrow().storage, [(slot.into(), expected)].into());
        assert_eq!(anything.read(&record, 3), (1, 1 << 127));
    }

    proptest! {
        #[test]
        fn halves_and_quarters_come_back(low: u128, high: u128, x: [u32; 4], a: u64, b: u64) {
            prop_assert_eq!(unpack(pack(low, high)), (low, high));
            prop_assert_eq!(split_quarters(quarters(x)), x);
            prop_assert_eq!((halves(a, b) as u64, (halves(a, b) >> 64) as u64), (a, b));
        }
    }
}
