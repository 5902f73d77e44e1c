//! Running a transaction on a state.

use alloy_consensus::transaction::Transaction as _;
use alloy_primitives::{Address, B256, Log, U256};
use revm::context::result::{ExecutionResult, Output};
use revm::context::{BlockEnv, CfgEnv, TxEnv};
use revm::state::EvmState;

use super::Chain;
use super::block::BlockInfo;
use super::error::{ChainError, halt_message};
use crate::config::{BASE_FEE, BLOCK_GAS_LIMIT, COINBASE};
use crate::evm::{ArbEvm, spec_of};
use crate::stack::on_large_stack;
use crate::state::View;
use crate::trace::{GasSplit, Tracer};
use crate::tx_state::TxState;

/// Which rules of inclusion hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
    /// All: for transactions of the chain.
    Full,
    /// Neither nonce nor sender's code nor, at a price of zero, the base fee: for calls.
    Call,
}

/// Where and how a transaction runs.
#[derive(Debug)]
pub struct Setting {
    /// The block that it runs in.
    pub info: BlockInfo,
    /// Version of ArbOS.
    pub arbos_version: u64,
    /// Which rules of inclusion hold.
    pub checks: Checks,
    /// Who watches, if anybody.
    pub tracer: Option<Box<Tracer>>,
    /// Programs that ran before in the same block, oldest first.
    pub recent: Vec<B256>,
}

impl Setting {
    /// A transaction of the chain, the first of its block, unwatched.
    #[must_use]
    pub const fn full(info: BlockInfo, arbos_version: u64) -> Self {
        Self { info, arbos_version, checks: Checks::Full, tracer: None, recent: Vec::new() }
    }
}

/// What a run did.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub result: ExecutionResult,
    /// What it changed.
    pub state: EvmState,
    /// What was seen, if it was watched.
    pub tracer: Option<Box<Tracer>>,
    /// Programs that ran lately in the block, this transaction's included.
    pub recent: Vec<B256>,
}

impl Chain {
    /// Runs a transaction on a view in a block that is or might be.
    ///
    /// # Errors
    /// [`ChainError::Invalid`] when it breaks a rule of inclusion.
    pub fn run(&self, view: View<'_>, tx: TxEnv, setting: Setting) -> Result<Ran, ChainError> {
        let Setting { info, arbos_version, checks, tracer, recent } = setting;
        let call = checks == Checks::Call;
        let mut cfg = CfgEnv::new_with_spec(spec_of(arbos_version));
        cfg.chain_id = self.config().chain_id;
        cfg.tx_chain_id_check = true;
        cfg.limit_contract_code_size = Some(24_576);
        cfg.limit_contract_initcode_size = Some(49_152);
        cfg.tx_gas_limit_cap = Some(u64::MAX);
        cfg.disable_block_gas_limit = true;
        cfg.disable_eip3541 = true;
        // ArbOS does not raise the price of calldata (EIP-7623) unless its owner asks for it.
        cfg.disable_eip7623 = true;
        cfg.disable_priority_fee_check = true;
        cfg.disable_nonce_check = call;
        cfg.disable_eip3607 = call;
        cfg.disable_base_fee = call && tx.gas_price == 0;
        let block = BlockEnv {
            number: U256::from(info.l1_block),
            beneficiary: COINBASE,
            timestamp: U256::from(info.timestamp),
            gas_limit: BLOCK_GAS_LIMIT,
            basefee: BASE_FEE,
            difficulty: U256::ONE,
            prevrandao: Some(B256::with_last_byte(1)),
            ..Default::default()
        };
        let mut chain = TxState::new(arbos_version, info.number, self.programs.clone());
        chain.tracer = tracer;
        chain.recent = recent;
        on_large_stack(|| {
            let mut evm = ArbEvm::new(view, cfg, block, chain);
            let outcome = evm.transact(tx);
            let tracer = evm.take_tracer();
            let recent = evm.take_recent();
            let (result, state) = outcome?;
            Ok(Ran { result, state, tracer, recent })
        })
    }

    /// Runs a mined transaction again and watches its frames and host calls.
    ///
    /// # Errors
    /// [`ChainError::UnknownTransaction`].
    pub fn retrace(&self, hash: B256) -> Result<Box<Tracer>, ChainError> {
        self.rerun(hash, Tracer::default())?.tracer.ok_or(ChainError::UnknownTransaction(hash))
    }

    /// Runs a mined transaction again under a tracer.
    ///
    /// # Errors
    /// [`ChainError::UnknownTransaction`].
    pub fn rerun(&self, hash: B256, tracer: Tracer) -> Result<Ran, ChainError> {
        let (block, index) = self.transaction(hash).ok_or(ChainError::UnknownTransaction(hash))?;
        let tx = &block.transactions[index];
        let env = super::tx::env(&tx.envelope, tx.sender, self.config().chain_id);
        let setting = Setting {
            tracer: Some(Box::new(tracer)),
            recent: tx.recent_before.clone(),
            ..Setting::full(block.info(), block.arbos_version)
        };
        self.run(self.state.view_at(tx.before), env, setting)
    }

    /// Where the gas of a mined transaction went.
    ///
    /// # Errors
    /// [`ChainError::UnknownTransaction`].
    pub fn gas_split(&self, hash: B256) -> Result<GasSplit, ChainError> {
        let (block, index) = self.transaction(hash).ok_or(ChainError::UnknownTransaction(hash))?;
        let gas_limit = block.transactions[index].envelope.gas_limit();
        let ran = self.rerun(hash, Tracer::with_costs())?;
        let gas = ran.result.gas();
        let tracer = ran.tracer.unwrap_or_default();
        let spent = gas.total_gas_spent();
        Ok(tracer.split(gas_limit, spent, spent.saturating_sub(ran.result.tx_gas_used())))
    }
}

/// The contract that a transaction created.
#[must_use]
pub fn created(result: &ExecutionResult) -> Option<Address> {
    match result {
        ExecutionResult::Success { output: Output::Create(_, address), .. } => *address,
        _ => None,
    }
}

/// Why a transaction failed, if it did not simply revert.
#[must_use]
pub fn halt(result: &ExecutionResult) -> Option<String> {
    match result {
        ExecutionResult::Halt { reason, .. } => Some(halt_message(reason)),
        _ => None,
    }
}

/// The logs of a transaction that succeeded.
#[must_use]
pub fn logs(result: ExecutionResult) -> Vec<Log> {
    match result {
        ExecutionResult::Success { logs, .. } => logs,
        _ => Vec::new(),
    }
}
