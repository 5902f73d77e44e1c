//! Settings of the chain and well-known accounts.

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

/// Settings of a chain.
#[derive(Clone, Debug)]
pub struct Config {
    /// Chain id.
    pub chain_id: u64,
    /// ArbOS version; the rules of 30 to 60 differ where `stylus.md` says so. Default: what Arbitrum One runs.
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
            arbos_version: 60,
            accounts: vec![(DEV_ADDRESS, rich)],
            unlocked: vec![DEV_KEY],
            genesis_time: None,
            wall_clock: true,
            rpc_gas: 100_000_000,
            rpc_gas_cap: 1_000_000_000,
            l1_genesis_block: 1,
            port: 0,
            program_cache: 512,
            development_methods: true,
        }
    }
}
