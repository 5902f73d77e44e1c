//! Raw slots, computed as [`crate::words`] says but not by it: for tests that pin a contract's layout.

use std::{collections::BTreeMap, vec};

use alloy_primitives::{B256, U256, keccak256};

use super::host::TestHost;

/// Slot of a word of a record: the hash of region, key in 32 bytes, and 20 bytes more; then the word's number.
pub fn record(region: u8, key: B256, beside: &[u8], word: u8) -> U256 {
    let mut preimage = vec![region];
    preimage.extend_from_slice(key.as_slice());
    preimage.extend_from_slice(beside);
    preimage.resize(53, 0);
    let mut hash = keccak256(preimage);
    hash[31] = word;
    hash.into()
}

/// A number in a word.
pub fn number(number: u128) -> B256 {
    B256::from(U256::from(number))
}

/// The host stores this, and nothing else.
#[track_caller]
pub fn holds<const N: usize>(host: &TestHost, expected: [(U256, B256); N]) {
    let expected: BTreeMap<_, _> = expected.into();
    assert_eq!(expected.len(), N, "each slot is named once");
    assert_eq!(host.0.borrow().storage, expected);
}
