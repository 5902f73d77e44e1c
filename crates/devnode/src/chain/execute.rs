//! Running a transaction on a state.

use alloy_consensus::transaction::Transaction as _;
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
    /// Who takes a profile, if anybody.
    pub profiler: Option<Box<Profiler>>,
    /// Programs that ran before in the same block, oldest first.
    pub recent: Vec<B256>,
}

impl Setting {
    /// A transaction of the chain, the first of its block, unwatched.
    #[must_use]
    pub const fn full(info: BlockInfo, arbos_version: u64) -> Self {
        Self { info, arbos_version, checks: Checks::Full, tracer: None, profiler: None, recent: Vec::new() }
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
    /// The profile, if one was taken.
    pub profiler: Option<Box<Profiler>>,
}

impl Chain {
    /// Runs a transaction on a view in a block that is or might be.
    ///
    /// # Errors
    /// [`ChainError::Invalid`] when it breaks a rule of inclusion.
    pub fn run(&self, view: View<'_>, tx: TxEnv, setting: Setting) -> Result<Ran, ChainError> {
        let Setting { info, arbos_version, checks, tracer, profiler, recent } = setting;
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
        let mut chain = TxState::new(arbos_version, info.number, self.programs.clone()).with_recent(recent);
        chain.tracer = tracer;
        chain.profiler = profiler;
        on_large_stack(|| {
            let mut evm = ArbEvm::new(view, cfg, block, chain);
            let outcome = evm.transact(tx);
            let tracer = evm.take_tracer();
            let profiler = evm.take_profiler();
            let recent = evm.take_recent();
            let (result, state) = outcome?;
            Ok(Ran { result, state, tracer, profiler, recent })
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
        self.rerun_under(hash, |_, _| (Some(Box::new(tracer)), None))
    }

    /// Runs a mined transaction again, watched by what its state and gas limit need.
    fn rerun_under(
        &self,
        hash: B256,
        watch: impl FnOnce(&View<'_>, u64) -> (Option<Box<Tracer>>, Option<Box<Profiler>>),
    ) -> Result<Ran, ChainError> {
        let (block, index) = self.transaction(hash).ok_or(ChainError::UnknownTransaction(hash))?;
        let tx = &block.transactions[index];
        let env = super::tx::env(&tx.envelope, tx.sender, self.config().chain_id);
        let view = self.state.view_at(tx.before);
        let (tracer, profiler) = watch(&view, env.gas_limit);
        let recent = tx.recent_before.clone();
        let setting =
            Setting { tracer, profiler, recent, ..Setting::full(block.info(), block.arbos_version) };
        self.run(view, env, setting)
    }

    /// Runs a mined transaction again: where its gas went, and what was seen of its frames.
    ///
    /// # Errors
    /// [`ChainError::UnknownTransaction`].
    pub fn explain(&self, hash: B256) -> Result<(GasSplit, Box<Tracer>), ChainError> {
        let (block, index) = self.transaction(hash).ok_or(ChainError::UnknownTransaction(hash))?;
        let gas_limit = block.transactions[index].envelope.gas_limit();
        let ran = self.rerun(hash, Tracer::with_costs())?;
        let tracer = ran.tracer.ok_or(ChainError::UnknownTransaction(hash))?;
        let spent = ran.result.gas().total_gas_spent();
        let refund = spent.saturating_sub(ran.result.tx_gas_used());
        Ok((tracer.split(gas_limit, spent, refund), tracer))
    }

    /// Runs a mined transaction again and takes its profile, in the form of `inkProfiler`
    /// ([`crate::profile::Profiler::to_json`]).
    ///
    /// # Errors
    /// [`ChainError::UnknownTransaction`].
    pub fn profile(&self, hash: B256) -> Result<serde_json::Value, ChainError> {
        let ran = self.rerun_under(hash, |view, gas_limit| {
            (None, Some(Box::new(Profiler::new(gas_limit, ink_price(view)))))
        })?;
        let (used, spent) = (ran.result.tx_gas_used(), ran.result.gas().total_gas_spent());
        Ok(ran
            .profiler
            .ok_or(ChainError::UnknownTransaction(hash))?
            .to_json(used, spent.saturating_sub(used)))
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
