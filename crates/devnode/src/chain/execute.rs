//! Running a transaction on a state.

use alloy_primitives::{Address, B256, Log, U256};
use revm::context::result::{ExecutionResult, Output};
use revm::context::{BlockEnv, CfgEnv, TxEnv};
use revm::state::EvmState;

use super::Chain;
use super::block::BlockInfo;
use super::error::{ChainError, halt_message};
use crate::arbos::ARBOS_STATE;
use crate::arbos::params::StylusParams;
use crate::arbos::storage::{Fault, Slots};
use crate::config::{BASE_FEE, BLOCK_GAS_LIMIT, COINBASE};
use crate::evm::{ArbEvm, spec_of};
use crate::profile::Profiler;
use crate::stack::on_large_stack;
use crate::state::View;
use crate::trace::Tracer;
use crate::tx_state::TxState;

/// Which rules of inclusion hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
    /// All: for transactions of the chain.
    Full,
    /// Neither nonce nor sender's code nor, at a price of zero, the base fee: for calls.
    Call,
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
    /// The profile, if one was taken.
    pub profiler: Option<Box<Profiler>>,
}

impl Chain {
    /// Runs a transaction on a view in a block that is or might be.
    ///
    /// # Errors
    /// [`ChainError::Invalid`] when it breaks a rule of inclusion.
    pub fn run(
        &self,
        view: View<'_>,
        info: BlockInfo,
        arbos_version: u64,
        tx: TxEnv,
        checks: Checks,
        trace: bool,
    ) -> Result<Ran, ChainError> {
        self.run_watched(view, info, arbos_version, tx, checks, (trace.then(Box::default), None))
    }

    fn run_watched(
        &self,
        view: View<'_>,
        info: BlockInfo,
        arbos_version: u64,
        tx: TxEnv,
        checks: Checks,
        (tracer, profiler): (Option<Box<Tracer>>, Option<Box<Profiler>>),
    ) -> Result<Ran, ChainError> {
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
        chain.profiler = profiler;
        on_large_stack(|| {
            let mut evm = ArbEvm::new(view, cfg, block, chain);
            let outcome = evm.transact(tx);
            let tracer = evm.take_tracer();
            let profiler = evm.take_profiler();
            let (result, state) = outcome?;
            Ok(Ran { result, state, tracer, profiler })
        })
    }

    /// Runs a mined transaction again and watches it.
    ///
    /// # Errors
    /// [`ChainError::UnknownTransaction`].
    pub fn retrace(&self, hash: B256) -> Result<Box<Tracer>, ChainError> {
        let (block, index) = self.transaction(hash).ok_or(ChainError::UnknownTransaction(hash))?;
        let tx = &block.transactions[index];
        let env = super::tx::env(&tx.envelope, tx.sender, self.config().chain_id);
        let view = self.state.view_at(tx.before);
        let ran = self.run(view, block.info(), block.arbos_version, env, Checks::Full, true)?;
        ran.tracer.ok_or(ChainError::UnknownTransaction(hash))
    }

    /// Runs a mined transaction again and takes its profile, in the form of `inkProfiler`
    /// ([`crate::profile::Profiler::to_json`]).
    ///
    /// # Errors
    /// [`ChainError::UnknownTransaction`].
    pub fn profile(&self, hash: B256) -> Result<serde_json::Value, ChainError> {
        let unknown = || ChainError::UnknownTransaction(hash);
        let (block, index) = self.transaction(hash).ok_or_else(unknown)?;
        let tx = &block.transactions[index];
        let env = super::tx::env(&tx.envelope, tx.sender, self.config().chain_id);
        let view = self.state.view_at(tx.before);
        let profiler = Box::new(Profiler::new(env.gas_limit, ink_price(&view)));
        let watch = (None, Some(profiler));
        let ran = self.run_watched(view, block.info(), block.arbos_version, env, Checks::Full, watch)?;
        let (used, spent) = (ran.result.tx_gas_used(), ran.result.gas().total_gas_spent());
        Ok(ran.profiler.ok_or_else(unknown)?.to_json(used, spent.saturating_sub(used)))
    }
}

/// Ink for one unit of gas, from the parameters of ArbOS.
fn ink_price(view: &View<'_>) -> u32 {
    struct Peek<'v, 'a>(&'v View<'a>);

    impl Slots for Peek<'_, '_> {
        fn load(&mut self, key: U256) -> U256 {
            self.0.slot(ARBOS_STATE, key)
        }

        /// Nothing is written by who only looks.
        fn store(&mut self, _key: U256, _value: U256) {}

        fn burn(&mut self, _gas: u64) -> Result<(), Fault> {
            Ok(())
        }
    }

    // a read that costs nothing cannot fail
    StylusParams::read(&mut Peek(view)).map_or(1, |params| params.ink_price)
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
