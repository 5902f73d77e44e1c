//! Packing of a storage word, lowest bits first.

use alloy_primitives::U256;

pub(crate) fn pack(low: u128, high: u128) -> U256 {
    U256::from_limbs([low as u64, (low >> 64) as u64, high as u64, (high >> 64) as u64])
}

pub(crate) fn unpack(word: U256) -> (u128, u128) {
    let [a, b, c, d] = word.into_limbs();
    (u128::from(a) | u128::from(b) << 64, u128::from(c) | u128::from(d) << 64)
}

/// Two 64-bit halves.
pub(crate) const fn halves(low: u64, high: u64) -> u128 {
    low as u128 | (high as u128) << 64
}

/// Eight 32-bit numbers.
pub(crate) fn pack_eight(x: [u32; 8]) -> U256 {
    let two = |i: usize| u64::from(x[i]) | u64::from(x[i + 1]) << 32;
    U256::from_limbs([two(0), two(2), two(4), two(6)])
}

pub(crate) fn unpack_eight(word: U256) -> [u32; 8] {
    let [a, b, c, d] = word.into_limbs();
    [
        a as u32,
        (a >> 32) as u32,
        b as u32,
        (b >> 32) as u32,
        c as u32,
        (c >> 32) as u32,
        d as u32,
        (d >> 32) as u32,
    ]
}
