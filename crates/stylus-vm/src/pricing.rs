//! Ink of host functions, and gas constants of the EVM that they need.
//!
//! Source of the figures: Nitro's reference meter, `pricing.rs` and `evm/mod.rs`.

/// Any host function, ink.
pub(crate) const HOSTIO: u64 = 8_400;
/// A pointer argument, ink.
pub(crate) const PTR: u64 = 5_040;
/// A request to the chain, ink.
pub(crate) const EVM_API: u64 = 59_673;
/// 256-bit division or remainder, ink.
pub(crate) const DIV: u64 = 20_000;
/// `mulmod`, ink.
pub(crate) const MUL_MOD: u64 = 24_100;
/// `addmod`, ink.
pub(crate) const ADD_MOD: u64 = 21_000;

/// Gas that a flush or a cached write needs to be left (EIP-2200).
pub(crate) const SSTORE_SENTRY_GAS: u64 = 2_300;
/// Gas of the first touch of an account (EIP-2929).
pub(crate) const COLD_ACCOUNT_GAS: u64 = 2_600;
/// Gas of the first read of a slot (EIP-2929).
pub(crate) const COLD_SLOAD_GAS: u64 = 2_100;
/// Gas of a transient read or write (EIP-1153).
pub(crate) const TRANSIENT_GAS: u64 = 100;
/// Gas of a log and of each topic.
pub(crate) const LOG_TOPIC_GAS: u64 = 375;
/// Gas of each byte of a log's data.
pub(crate) const LOG_DATA_GAS: u64 = 8;
/// Gas of an extension of the code size limit: 700 for each 24,576 bytes.
pub(crate) const EXT_CODE_GAS: u64 = 700;
/// The code size that [`EXT_CODE_GAS`] is for.
pub(crate) const EXT_CODE_UNIT: u64 = 24_576;

/// Ink of writing `bytes` into a program's memory: the first 32 are free.
#[must_use]
pub(crate) const fn write_price(bytes: u64) -> u64 {
    PTR.saturating_add(30u64.saturating_mul(bytes.saturating_sub(32)))
}

/// Ink of reading `bytes` from a program's memory: the first 32 are free.
#[must_use]
pub(crate) const fn read_price(bytes: u64) -> u64 {
    16_381u64.saturating_add(55u64.saturating_mul(bytes.saturating_sub(32)))
}

/// Ink of hashing `bytes`: the first two words are in the base price.
#[must_use]
pub(crate) const fn keccak_price(bytes: u64) -> u64 {
    let words = bytes.div_ceil(32).saturating_sub(2);
    121_800u64.saturating_add(21_000u64.saturating_mul(words))
}

/// Ink of a power by the length of its exponent.
#[must_use]
pub(crate) fn pow_price(exponent: &[u8; 32]) -> u64 {
    let zeros = exponent.iter().take_while(|byte| **byte == 0).count() as u64;
    3_000 + 17_500 * (33 - zeros)
}

/// Gas that the EVM asks for returning `bytes`: the price of as much memory (from ArbOS 31).
#[must_use]
pub const fn return_data_gas(bytes: u64) -> u64 {
    let words = bytes.div_ceil(32);
    words.saturating_mul(3).saturating_add(words.saturating_mul(words) / 512)
}

/// Gas of calling a program that is in the cache: `min * 32 + ceil(cached_cost * scalar * 2 / 100)`.
///
/// ArbOS starts with `min` 11 and `scalar` 50.
#[must_use]
pub const fn cached_gas(cached_cost: u16, min: u8, scalar: u8) -> u64 {
    min as u64 * 32 + (cached_cost as u64 * scalar as u64 * 2).div_ceil(100)
}

/// Gas of preparing a program that is not in the cache: `min * 128 + ceil(init_cost * scalar * 2 / 100)`.
///
/// ArbOS starts with `min` 69 and `scalar` 50.
#[must_use]
pub const fn init_gas(init_cost: u16, min: u8, scalar: u8) -> u64 {
    min as u64 * 128 + (init_cost as u64 * scalar as u64 * 2).div_ceil(100)
}
