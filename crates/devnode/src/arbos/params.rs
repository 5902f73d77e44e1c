//! Parameters of Stylus: one word of ArbOS storage.

use alloy_primitives::U256;

use super::programs;
use super::storage::{Fault, Slots};

/// Unit of [`StylusParams::min_init_gas`], gas.
pub const MIN_INIT_UNITS: u64 = 128;
/// Unit of [`StylusParams::min_cached_gas`], gas.
pub const MIN_CACHED_UNITS: u64 = 32;
/// Unit of the two cost scalars, per cent.
pub const SCALAR_PERCENT: u64 = 2;
/// Constant of the exponential part of the memory price.
pub const PAGE_RAMP: u64 = 620_674_314;

const V2_STACK_DEPTH: u32 = 22_000;
/// Largest module until an owner changes it, bytes; before [`WASM_SIZE_PARAM`] nobody can.
const FIRST_WASM_SIZE: u32 = 128 * 1024;
/// From this version on, the largest module is a parameter.
const WASM_SIZE_PARAM: u64 = 40;
/// From this version on, programs may stand in several accounts.
const FRAGMENTS: u64 = 60;

/// Parameters of Stylus as owners may set them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StylusParams {
    /// Version of the cost model; a program of another version must be activated anew.
    pub version: u16,
    /// Ink of one gas.
    pub ink_price: u32,
    /// Depth of the WASM stack in words.
    pub max_stack_depth: u32,
    /// Pages that cost nothing.
    pub free_pages: u16,
    /// Gas of each page above the free ones.
    pub page_gas: u16,
    /// Most pages open at once.
    pub page_limit: u16,
    /// Smallest initialisation gas in units of 128.
    pub min_init_gas: u8,
    /// Smallest gas of a cached call in units of 32.
    pub min_cached_gas: u8,
    /// Scale of the initialisation cost in units of 2 %.
    pub init_cost_scalar: u8,
    /// Scale of the cached cost in units of 2 %.
    pub cached_cost_scalar: u8,
    /// Days until a program expires.
    pub expiry_days: u16,
    /// Days until a program may be kept alive.
    pub keepalive_days: u16,
    /// Programs that stay cached within a block.
    pub block_cache_size: u16,
    /// Most bytes of a decompressed program.
    pub max_wasm_size: u32,
    /// Most parts of a program that is split over several accounts.
    pub max_fragments: u8,
}

impl StylusParams {
    /// The values of a chain that starts at a version of ArbOS.
    #[must_use]
    pub const fn initial(arbos: u64) -> Self {
        let mut params = Self {
            version: 1,
            ink_price: 10_000,
            max_stack_depth: 262_144,
            free_pages: 2,
            page_gas: 1_000,
            page_limit: 128,
            min_init_gas: 72,
            min_cached_gas: 11,
            init_cost_scalar: 50,
            cached_cost_scalar: 50,
            expiry_days: 365,
            keepalive_days: 31,
            block_cache_size: 32,
            max_wasm_size: FIRST_WASM_SIZE,
            max_fragments: 0,
        };
        params.upgrade(30, arbos);
        params
    }

    /// Applies what changed between two versions of ArbOS.
    pub const fn upgrade(&mut self, from: u64, to: u64) {
        if from < 31 && to >= 31 {
            self.version = 2;
            self.min_init_gas = 69;
        }
        if from < 50 && to >= 50 && self.max_stack_depth > V2_STACK_DEPTH {
            self.max_stack_depth = V2_STACK_DEPTH;
        }
        if from < FRAGMENTS && to >= FRAGMENTS {
            self.max_fragments = 2;
        }
        // The values that are documented for Arbitrum One; an owner may have set more.
        if from < 61 && to >= 61 {
            if self.max_wasm_size < 2 * FIRST_WASM_SIZE {
                self.max_wasm_size = 2 * FIRST_WASM_SIZE;
            }
            if self.max_fragments < 4 {
                self.max_fragments = 4;
            }
        }
    }

    /// Reads the parameters. Costs one warm read, because every user of Stylus needs them.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`].
    pub fn read<S: Slots + ?Sized>(s: &mut S) -> Result<Self, Fault> {
        s.burn(100)?;
        let arbos = super::version_for_free(s);
        let word: [u8; 32] = s.load(programs::params_space().key(U256::ZERO.into())).to_be_bytes();
        let mut at = 0;
        let mut take = |len: usize| {
            let value = word[at..at + len].iter().fold(0u32, |acc, byte| (acc << 8) | u32::from(*byte));
            at += len;
            value
        };
        let mut params = Self {
            version: take(2) as u16,
            ink_price: take(3),
            max_stack_depth: take(4),
            free_pages: take(2) as u16,
            page_gas: take(2) as u16,
            page_limit: take(2) as u16,
            min_init_gas: take(1) as u8,
            min_cached_gas: take(1) as u8,
            init_cost_scalar: take(1) as u8,
            cached_cost_scalar: take(1) as u8,
            expiry_days: take(2) as u16,
            keepalive_days: take(2) as u16,
            block_cache_size: take(2) as u16,
            max_wasm_size: take(4),
            max_fragments: take(1) as u8,
        };
        if arbos < WASM_SIZE_PARAM {
            params.max_wasm_size = FIRST_WASM_SIZE;
        }
        Ok(params)
    }

    /// Writes the parameters.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`].
    pub fn write<S: Slots + ?Sized>(&self, s: &mut S) -> Result<(), Fault> {
        let arbos = super::version_for_free(s);
        let mut word = Vec::with_capacity(32);
        word.extend(self.version.to_be_bytes());
        word.extend(&self.ink_price.to_be_bytes()[1..]);
        word.extend(self.max_stack_depth.to_be_bytes());
        word.extend(self.free_pages.to_be_bytes());
        word.extend(self.page_gas.to_be_bytes());
        word.extend(self.page_limit.to_be_bytes());
        word.extend([self.min_init_gas, self.min_cached_gas]);
        word.extend([self.init_cost_scalar, self.cached_cost_scalar]);
        word.extend(self.expiry_days.to_be_bytes());
        word.extend(self.keepalive_days.to_be_bytes());
        word.extend(self.block_cache_size.to_be_bytes());
        // Each version knows the fields that it brought; the bytes behind them are zero.
        if arbos >= WASM_SIZE_PARAM {
            word.extend(self.max_wasm_size.to_be_bytes());
        }
        if arbos >= FRAGMENTS {
            word.push(self.max_fragments);
        }
        word.resize(32, 0);
        programs::params_space().set(s, 0, U256::from_be_slice(&word))
    }
}
