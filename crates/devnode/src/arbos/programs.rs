//! What the chain knows of each activated program, keyed by code hash, and what a call of it costs.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolError;

use super::params::{MIN_CACHED_UNITS, MIN_INIT_UNITS, SCALAR_PERCENT, StylusParams};
use super::pricer::ARBITRUM_START;
use super::storage::{Fault, Slots, Space};
use crate::precompiles::abi::ArbWasm;

const DAY: u64 = 86_400;

/// The subspace of the parameters.
#[must_use]
pub fn params_space() -> Space {
    super::programs().sub(&[0])
}

/// The subspace of program words.
#[must_use]
pub fn data_space() -> Space {
    super::programs().sub(&[1])
}

/// The subspace of module hashes.
#[must_use]
pub fn module_hash_space() -> Space {
    super::programs().sub(&[2])
}

/// The subspace of the data pricer.
#[must_use]
pub fn data_pricer_space() -> Space {
    super::programs().sub(&[3])
}

/// The subspace of the activation gas (ArbOS 60).
#[must_use]
pub fn activation_gas_space() -> Space {
    super::programs().sub(&[5])
}

/// The word of a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Version of Stylus at activation; 0 was never activated.
    pub version: u16,
    /// Cost of starting it cold, gas before scaling.
    pub init_cost: u16,
    /// Cost of starting it from the cache, gas before scaling.
    pub cached_cost: u16,
    /// Pages of memory that it starts with.
    pub footprint: u16,
    /// Hours since the epoch of Arbitrum.
    pub activated_at: u32,
    /// Estimate of its native size in KiB.
    pub asm_estimate_kb: u32,
    /// Whether a cache manager pinned it.
    pub cached: bool,
}

impl Program {
    /// Reads the word of a code hash.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`].
    pub fn read<S: Slots + ?Sized>(s: &mut S, code_hash: B256) -> Result<Self, Fault> {
        let word: [u8; 32] = data_space().get_at(s, code_hash)?.to_be_bytes();
        let short = |at: usize| u16::from_be_bytes([word[at], word[at + 1]]);
        let triple = |at: usize| u32::from_be_bytes([0, word[at], word[at + 1], word[at + 2]]);
        Ok(Self {
            version: short(0),
            init_cost: short(2),
            cached_cost: short(4),
            footprint: short(6),
            activated_at: triple(8),
            asm_estimate_kb: triple(11),
            cached: word[14] != 0,
        })
    }

    /// Writes the word of a code hash.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`].
    pub fn write<S: Slots + ?Sized>(&self, s: &mut S, code_hash: B256) -> Result<(), Fault> {
        let mut word = [0u8; 32];
        word[0..2].copy_from_slice(&self.version.to_be_bytes());
        word[2..4].copy_from_slice(&self.init_cost.to_be_bytes());
        word[4..6].copy_from_slice(&self.cached_cost.to_be_bytes());
        word[6..8].copy_from_slice(&self.footprint.to_be_bytes());
        word[8..11].copy_from_slice(&self.activated_at.to_be_bytes()[1..]);
        word[11..14].copy_from_slice(&self.asm_estimate_kb.to_be_bytes()[1..]);
        word[14] = u8::from(self.cached);
        data_space().set_at(s, code_hash, U256::from_be_bytes(word))
    }

    /// Reads the word of a program that may run now (`time` in Unix seconds).
    ///
    /// # Errors
    /// [`Fault::Revert`] with `ProgramNotActivated`, `ProgramNeedsUpgrade` or `ProgramExpired`.
    pub fn active<S: Slots + ?Sized>(
        s: &mut S,
        code_hash: B256,
        time: u64,
        params: &StylusParams,
    ) -> Result<Self, Fault> {
        let program = Self::read(s, code_hash)?;
        if program.version == 0 {
            return Err(revert(ArbWasm::ProgramNotActivated {}));
        }
        if program.version != params.version {
            return Err(revert(ArbWasm::ProgramNeedsUpgrade {
                version: program.version,
                stylusVersion: params.version,
            }));
        }
        if program.expired(time, params) {
            return Err(revert(ArbWasm::ProgramExpired { ageInSeconds: program.age(time) }));
        }
        Ok(program)
    }

    /// Seconds since the program was activated.
    #[must_use]
    pub const fn age(&self, time: u64) -> u64 {
        time.saturating_sub(self.activated_at as u64 * 3600 + ARBITRUM_START)
    }

    /// Whether the program is too old to run.
    #[must_use]
    pub const fn expired(&self, time: u64, params: &StylusParams) -> bool {
        self.age(time) > params.expiry_days as u64 * DAY
    }

    /// Seconds until the program expires.
    #[must_use]
    pub const fn time_left(&self, time: u64, params: &StylusParams) -> u64 {
        (params.expiry_days as u64 * DAY).saturating_sub(self.age(time))
    }

    /// Whether it is too soon to keep the program alive.
    #[must_use]
    pub const fn fresh(&self, time: u64, params: &StylusParams) -> bool {
        self.age(time) < params.keepalive_days as u64 * DAY
    }

    /// Estimate of the native size in bytes.
    #[must_use]
    pub const fn asm_size(&self) -> u32 {
        self.asm_estimate_kb.saturating_mul(1024)
    }

    /// Gas of starting the program cold, on top of the cached part from version 2 on.
    #[must_use]
    pub const fn init_gas(&self, params: &StylusParams) -> u64 {
        let scaled = self.init_cost as u64 * params.init_cost_scalar as u64 * SCALAR_PERCENT;
        params.min_init_gas as u64 * MIN_INIT_UNITS + scaled.div_ceil(100)
    }

    /// Gas of starting the program when it is cached.
    #[must_use]
    pub const fn cached_gas(&self, params: &StylusParams) -> u64 {
        let scaled = self.cached_cost as u64 * params.cached_cost_scalar as u64 * SCALAR_PERCENT;
        params.min_cached_gas as u64 * MIN_CACHED_UNITS + scaled.div_ceil(100)
    }

    /// Gas of starting the program, without its memory. `warm` says that it is cached or ran in this block.
    #[must_use]
    pub const fn start_gas(&self, warm: bool, params: &StylusParams) -> u64 {
        let mut gas = 0;
        if warm || self.version > 1 {
            gas += self.cached_gas(params);
        }
        if !warm {
            gas += self.init_gas(params);
        }
        gas
    }
}

/// Hours since the epoch of Arbitrum.
#[must_use]
pub const fn hours(time: u64) -> u32 {
    let hours = time.saturating_sub(ARBITRUM_START) / 3600;
    if hours > 0xff_ffff { 0xff_ffff } else { hours as u32 }
}

/// A Solidity error as a fault.
pub fn revert<E: SolError>(error: E) -> Fault {
    Fault::Revert(error.abi_encode().into())
}
