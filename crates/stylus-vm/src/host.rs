//! What a running program needs from the chain.
//!
//! The VM charges the ink of every host function itself (fixed price, pointers, bytes); an implementation of
//! [`Host`] answers with the *gas* that the act costs by the EVM's rules and the VM turns it into ink.

use alloy_primitives::{Address, B256, Bytes, U256};

use crate::profile::Profile;

/// Which of the three message calls a program makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// `CALL`: the callee runs in its own storage, with value.
    Call,
    /// `DELEGATECALL`: the callee's code runs in the caller's storage with the caller's sender and value.
    Delegate,
    /// `STATICCALL`: no state change below this frame.
    Static,
}

/// A message call as a program asked for it.
#[derive(Clone, Debug)]
pub struct CallRequest {
    /// Which call.
    pub kind: CallKind,
    /// The account whose code runs.
    pub to: Address,
    /// Calldata.
    pub data: Bytes,
    /// Value in wei; zero for delegate and static calls.
    pub value: U256,
    /// Gas that the caller has left, before any cost of the call.
    pub gas_left: u64,
    /// Gas that the program asked to forward, already capped at `gas_left`.
    pub gas_request: u64,
}

/// What came of a message call.
#[derive(Clone, Debug)]
pub struct CallOutcome {
    /// Whether the callee returned without reverting or failing.
    pub success: bool,
    /// Gas that the caller pays in all: access, value and new-account cost plus what the callee burned.
    pub gas_cost: u64,
    /// Return or revert data.
    pub return_data: Bytes,
}

/// A contract creation as a program asked for it.
#[derive(Clone, Debug)]
pub struct CreateRequest {
    /// Init code.
    pub code: Bytes,
    /// Value in wei given to the new account.
    pub endowment: U256,
    /// `Some` for `CREATE2`.
    pub salt: Option<B256>,
    /// Gas that the caller has left.
    pub gas_left: u64,
}

/// What came of a creation.
#[derive(Clone, Debug)]
pub struct CreateOutcome {
    /// The new account, `None` when the creation failed.
    pub address: Option<Address>,
    /// Gas that the caller pays in all.
    pub gas_cost: u64,
    /// Revert data; empty unless the init code reverted.
    pub return_data: Bytes,
}

/// Why a host act did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// The act is forbidden in a static context, or otherwise a logical failure: the program traps.
    #[error("forbidden in this context")]
    Failure,
    /// The gas left does not pay for the act: the program ends out of ink.
    #[error("out of gas")]
    OutOfGas,
}

/// The facts of the frame and the block that a program can read; fixed while it runs.
#[derive(Clone, Debug, Default)]
pub struct EvmData {
    /// Version of ArbOS (30 and above).
    pub arbos_version: u64,
    /// Base fee of the block, wei.
    pub block_basefee: U256,
    /// Chain id.
    pub chain_id: u64,
    /// Coinbase of the block.
    pub block_coinbase: Address,
    /// Gas limit of the block.
    pub block_gas_limit: u64,
    /// Number of the **L1** block.
    pub block_number: u64,
    /// Timestamp of the block, Unix seconds.
    pub block_timestamp: u64,
    /// The acting account.
    pub contract_address: Address,
    /// The direct caller.
    pub msg_sender: Address,
    /// Value of the call, wei.
    pub msg_value: U256,
    /// Gas price of the transaction, wei.
    pub tx_gas_price: U256,
    /// Sender of the transaction.
    pub tx_origin: Address,
    /// More than one open non-delegate frame of the acting account.
    pub reentrant: bool,
}

/// The chain as seen by one frame of a running program. One value lives as long as the frame.
pub trait Host {
    /// Reads a storage word of the acting account: the word and the gas (2,100 cold, 100 warm).
    fn storage_load(&mut self, key: B256) -> (B256, u64);

    /// Writes dirty words in the order given. Returns the gas of all (EIP-2200, 2929, 3529, refunds noted by the host).
    ///
    /// # Errors
    /// [`HostError::Failure`] in a static context; [`HostError::OutOfGas`] when `gas_left` does not cover a word.
    fn storage_store(&mut self, words: &[(B256, B256)], gas_left: u64) -> Result<u64, HostError>;

    /// Reads a transient word of the acting account; the VM charges the 100 gas.
    fn transient_load(&mut self, key: B256) -> B256;

    /// Writes a transient word of the acting account; the VM charges the 100 gas.
    ///
    /// # Errors
    /// [`HostError::Failure`] in a static context.
    fn transient_store(&mut self, key: B256, value: B256) -> Result<(), HostError>;

    /// Makes a message call and runs it to its end.
    fn call(&mut self, request: CallRequest) -> CallOutcome;

    /// Creates a contract and runs its init code to its end.
    ///
    /// # Errors
    /// [`HostError::Failure`] in a static context; [`HostError::OutOfGas`] when `gas_left` does not pay for a creation: the
    /// program fails too, and loses its gas.
    fn create(&mut self, request: CreateRequest) -> Result<CreateOutcome, HostError>;

    /// Emits a log from the acting account; the VM charges the gas.
    ///
    /// # Errors
    /// [`HostError::Failure`] in a static context.
    fn emit_log(&mut self, topics: Vec<B256>, data: Bytes) -> Result<(), HostError>;

    /// Balance in wei and the gas of touching the account (2,600 cold, 100 warm).
    fn account_balance(&mut self, address: Address) -> (U256, u64);

    /// Whole code as EXTCODECOPY would see it, and the gas of touching the account (without the part for code size).
    fn account_code(&mut self, address: Address) -> (Bytes, u64);

    /// Code hash and the gas of touching the account.
    fn account_codehash(&mut self, address: Address) -> (B256, u64);

    /// Opens `pages` more pages of memory in this transaction and returns their gas by the memory model.
    fn add_pages(&mut self, pages: u16) -> u64;

    /// Whether [`Host::trace`] wants to be called.
    fn tracing(&self) -> bool {
        false
    }

    /// The profile that the run of a program compiled by [`crate::Program::compile_profiled`] adds to. Frames that a host
    /// function runs belong under the place on top; what they cost is spent on theirs.
    fn profile(&mut self) -> Option<&mut Profile> {
        None
    }

    /// Takes a line that the program printed by `console.*`; only on debug chains.
    fn console(&mut self, line: &str) {
        let _ = line;
    }

    /// Called after each host function when tracing is on: name, arguments, results, ink before and after.
    fn trace(&mut self, name: &'static str, args: &[u8], outs: &[u8], start_ink: u64, end_ink: u64) {
        let _ = (name, args, outs, start_ink, end_ink);
    }
}
