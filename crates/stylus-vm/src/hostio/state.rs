//! What belongs to one running instance.

use alloy_primitives::{Address, Bytes};
use wasmi::{Global, Memory, StoreLimits};

use super::probe::Probe;
use crate::{Config, EvmData, Host, storage_cache::StorageCache};

/// Parts of the instance that host functions reach for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handles {
    /// The program's memory.
    pub(crate) memory: Memory,
    /// The global that holds the ink left.
    pub(crate) ink: Global,
    /// The global that carries the amount and the result of growing the memory.
    pub(crate) scratch: Global,
    /// The global that asks for the memory to grow once that is paid for.
    pub(crate) growing: Global,
}

/// The data of a wasmi store: one running instance.
pub(crate) struct State<'h> {
    /// The chain.
    pub(crate) host: &'h mut dyn Host,
    /// Parameters of ArbOS.
    pub(crate) config: &'h Config,
    /// Facts of frame and block.
    pub(crate) data: &'h EvmData,
    /// Calldata.
    pub(crate) calldata: &'h [u8],
    /// What the program wrote as its result.
    pub(crate) output: Vec<u8>,
    /// Return data of the last call or creation.
    pub(crate) return_data: Bytes,
    /// The last account whose code was read, and the code.
    pub(crate) last_code: Option<(Address, Bytes)>,
    /// The storage cache.
    pub(crate) cache: StorageCache,
    /// Set while a profile is taken of the run.
    pub(crate) probe: Option<Probe>,
    /// Whether host functions are traced.
    pub(crate) tracing: bool,
    /// Bound on memory and tables.
    pub(crate) limits: StoreLimits,
    /// Set once the module is instantiated.
    pub(crate) handles: Option<Handles>,
}
