//! Settings of the chain and well-known accounts.

use std::ops::RangeInclusive;
use std::time::Duration;

use alloy_primitives::{Address, B256, U256, address, b256};

/// Chain id of the Nitro devnode.
pub const CHAIN_ID: u64 = 412_346;
/// Private key of the developer account of the Nitro devnode.
pub const DEV_KEY: B256 = b256!("b6b15c8cb491557369f3c7d2c287b053eb229daa9c22138887752191c9520659");
/// The developer account, funded at genesis.
pub const DEV_ADDRESS: Address = address!("3f1Eae7D46d88F08fc2F8ed27FCb2AB183EB2d0E");
/// Coinbase of every block: the sequencer's batch poster.
pub const COINBASE: Address = address!("A4b000000000000000000073657175656e636572");
/// Base fee of every block in wei: 0.1 gwei, the floor of the Nitro devnode. It never moves.
pub const BASE_FEE: u64 = 100_000_000;
/// Gas limit that block headers state, 2^50 as on Arbitrum. Transactions are not limited by it.
pub const BLOCK_GAS_LIMIT: u64 = 1 << 50;

/// Versions of ArbOS that a chain may have: 30 brought Stylus.
pub const ARBOS_VERSIONS: RangeInclusive<u64> = 30..=61;
/// What Arbitrum One runs since 2026-08-20: ArbOS 61, whose rules here are those of 60 with the parameters that are
/// documented for it, modules of 256 KiB in at most 4 fragments. 60 keeps the values of its source, 128 KiB and 2.
pub const ARBOS_ONE: u64 = 61;

/// Why a chain cannot have these settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The version of ArbOS is none of [`ARBOS_VERSIONS`].
    #[error("ArbOS {0} is not known here: 30 to 61 are")]
    UnknownArbos(u64),
}

impl Config {
    /// Checks what a user may get wrong.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn check(&self) -> Result<(), ConfigError> {
        if ARBOS_VERSIONS.contains(&self.arbos_version) {
            Ok(())
        } else {
            Err(ConfigError::UnknownArbos(self.arbos_version))
        }
    }
}

/// Settings of a chain.
#[derive(Clone, Debug)]
pub struct Config {
    /// Chain id.
    pub chain_id: u64,
    /// ArbOS version, one of [`ARBOS_VERSIONS`]; rules differ from 31, 32, 40, 50, 60 and 61 on. Default: what Arbitrum
    /// One runs.
    pub arbos_version: u64,
    /// Balances at genesis, wei.
    pub accounts: Vec<(Address, U256)>,
    /// Private keys of accounts for which the node signs (`eth_sendTransaction`).
    pub unlocked: Vec<B256>,
    /// Unix time of the genesis block; `None` takes the wall clock.
    pub genesis_time: Option<u64>,
    /// When false, block times follow the genesis time (one second a block) and not the wall clock, so that two
    /// runs of the same transactions give the same chain.
    pub wall_clock: bool,
    /// Time between blocks, each with all that came in since the last one; `None` mines each transaction at once in a
    /// block of its own.
    pub block_time: Option<Duration>,
    /// Gas of `eth_call` and `eth_estimateGas` when the caller names none.
    pub rpc_gas: u64,
    /// Most gas that `eth_call` and `eth_estimateGas` may name; more is cut down to this.
    pub rpc_gas_cap: u64,
    /// Number of the L1 block at genesis.
    pub l1_genesis_block: u64,
    /// Port of the HTTP server on the loopback address; 0 picks a free one.
    pub port: u16,
    /// Programs kept in compiled form.
    pub program_cache: usize,
    /// Whether `evm_*`, `hardhat_*` and `anvil_*` are answered. Without them the node can do what Nitro can, and what is
    /// tested on it does not lean on the rest.
    pub development_methods: bool,
}

impl Default for Config {
    fn default() -> Self {
        let rich = U256::from(10).pow(U256::from(24));
        Self {
            chain_id: CHAIN_ID,
            arbos_version: ARBOS_ONE,
            accounts: vec![(DEV_ADDRESS, rich)],
            unlocked: vec![DEV_KEY],
            genesis_time: None,
            wall_clock: true,
            block_time: None,
            rpc_gas: 100_000_000,
            rpc_gas_cap: 1_000_000_000,
            l1_genesis_block: 1,
            port: 0,
            program_cache: 512,
            development_methods: true,
        }
    }
}
