//! Calls that change nothing, and estimates of gas.

use alloy_eips::eip2930::AccessListItem;
use alloy_primitives::{Address, Bytes, TxKind, U256};
use alloy_sol_types::{SolInterface, SolValue};
use revm::context::TxEnv;
use revm::context::result::ExecutionResult;

use super::block::BlockInfo;
use super::error::{ChainError, halt_message};
use super::execute::{Checks, Ran, Setting};
use super::{BlockRef, Chain};
use crate::config::BASE_FEE;
use crate::precompiles::NODE_INTERFACE;
use crate::precompiles::abi::NodeInterface::NodeInterfaceCalls;
use crate::state::AccountOverride;
use crate::trace::Tracer;

/// A transaction that nobody signed.
#[derive(Clone, Debug, Default)]
pub struct CallRequest {
    /// Sender; the zero address if none is named.
    pub from: Option<Address>,
    /// Callee; `None` creates a contract.
    pub to: Option<Address>,
    /// Gas limit.
    pub gas: Option<u64>,
    /// Price of gas, wei; calls without one pay nothing.
    pub gas_price: Option<u128>,
    /// Value, wei.
    pub value: U256,
    /// Calldata or init code.
    pub data: Bytes,
    /// Nonce.
    pub nonce: Option<u64>,
    /// Access list.
    pub access_list: Vec<AccessListItem>,
}

/// Accounts replaced for the length of a call, and the block's time or number.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Accounts.
    pub accounts: Vec<(Address, AccountOverride)>,
    /// Unix seconds.
    pub time: Option<u64>,
    /// Number of the L1 block, which `block.number` shows.
    pub number: Option<u64>,
}

const TRANSFER_GAS: u64 = 21_000;
const STIPEND: u64 = 2_300;

impl Chain {
    fn block_of_call(&self, at: BlockRef) -> Result<(BlockInfo, u64), ChainError> {
        let block = self.block(at).ok_or(ChainError::UnknownBlock)?;
        let info = if at == BlockRef::Pending { self.next_info() } else { block.info() };
        Ok((info, self.arbos_version_at(block.header.number)))
    }

    /// Version of ArbOS after a block.
    fn arbos_version_at(&self, number: u64) -> u64 {
        // The version can only change in a transaction; the next block was run under the new one.
        let next = self.block(BlockRef::Number(number + 1));
        match next {
            Some(block) => block.arbos_version,
            None => {
                let key = crate::arbos::storage::Space::ROOT.key(U256::ZERO.into());
                self.state.slot(crate::arbos::ARBOS_STATE, key).saturating_to()
            }
        }
    }

    pub(super) fn gas_of_call(&self, request: &CallRequest) -> u64 {
        request.gas.map_or(self.config().rpc_gas, |gas| gas.min(self.config().rpc_gas_cap))
    }

    pub(super) fn try_call(
        &self,
        request: &CallRequest,
        at: BlockRef,
        overrides: &Overrides,
        gas_limit: u64,
        tracer: Option<Box<Tracer>>,
    ) -> Result<Ran, ChainError> {
        let (mut info, version) = self.block_of_call(at)?;
        info.timestamp = overrides.time.unwrap_or(info.timestamp);
        info.l1_block = overrides.number.unwrap_or(info.l1_block);
        let mut view = self.view(at)?;
        for (address, change) in &overrides.accounts {
            view.apply(*address, change);
        }
        let caller = request.from.unwrap_or_default();
        let nonce = match request.nonce {
            Some(nonce) => nonce,
            None => view.account(caller).map_or(0, |account| account.nonce),
        };
        let tx = TxEnv {
            tx_type: 2,
            caller,
            gas_limit,
            gas_price: request.gas_price.unwrap_or(0),
            kind: request.to.map_or(TxKind::Create, TxKind::Call),
            value: request.value,
            data: request.data.clone(),
            nonce,
            chain_id: Some(self.config().chain_id),
            access_list: request.access_list.clone().into(),
            gas_priority_fee: Some(0),
            ..Default::default()
        };
        self.run(view, tx, Setting { checks: Checks::Call, tracer, ..Setting::full(info, version) })
    }

    /// Calls and returns the output.
    ///
    /// # Errors
    /// [`ChainError::Reverted`], [`ChainError::Halted`], [`ChainError::UnknownBlock`], [`ChainError::Invalid`].
    pub fn call(
        &self,
        request: &CallRequest,
        at: BlockRef,
        overrides: &Overrides,
    ) -> Result<Bytes, ChainError> {
        if request.to == Some(NODE_INTERFACE) {
            return self.node_interface(request, at);
        }
        let gas = self.gas_of_call(request);
        output(self.try_call(request, at, overrides, gas, None)?.result)
    }

    /// Calls and returns what was seen.
    ///
    /// # Errors
    /// [`ChainError::UnknownBlock`], [`ChainError::Invalid`].
    pub fn trace_call(
        &self,
        request: &CallRequest,
        at: BlockRef,
        overrides: &Overrides,
        tracer: Tracer,
    ) -> Result<Ran, ChainError> {
        let gas = self.gas_of_call(request);
        self.try_call(request, at, overrides, gas, Some(Box::new(tracer)))
    }

    /// The least gas limit with which a transaction succeeds, to within 1.5 %.
    ///
    /// # Errors
    /// As [`Self::call`], and [`ChainError::GasAllowance`].
    pub fn estimate(
        &self,
        request: &CallRequest,
        at: BlockRef,
        accounts: &[(Address, AccountOverride)],
    ) -> Result<u64, ChainError> {
        if request.to == Some(NODE_INTERFACE) {
            return Ok(TRANSFER_GAS);
        }
        let overrides = Overrides { accounts: accounts.to_vec(), ..Default::default() };
        let mut high = self.gas_of_call(request);
        if let Some(price) = request.gas_price.filter(|price| *price > 0) {
            let from = self.view(at)?.account(request.from.unwrap_or_default()).unwrap_or_default();
            let spare = from.balance.saturating_sub(request.value) / U256::from(price);
            high = high.min(spare.saturating_to());
        }
        let try_gas = |gas| self.try_call(request, at, &overrides, gas, None);
        let first = match try_gas(high) {
            Err(ChainError::Invalid(message)) if message.starts_with("intrinsic gas") => {
                return Err(ChainError::GasAllowance(high));
            }
            other => other?.result,
        };
        let spent = first.gas().total_gas_spent();
        if let ExecutionResult::Halt { reason, .. } = &first
            && halt_message(reason).starts_with("out of gas")
        {
            return Err(ChainError::GasAllowance(high));
        }
        output(first)?;

        let succeeds = |gas| match try_gas(gas) {
            Ok(ran) => ran.result.is_success(),
            Err(_) => false,
        };
        let mut low = spent.saturating_sub(1).min(high);
        // Most calls need what they spend, plus a stipend, plus what the rule of 63/64 withholds.
        let guess = (spent.saturating_add(STIPEND)).saturating_mul(64) / 63;
        if guess < high {
            if succeeds(guess) {
                high = guess;
            } else {
                low = guess;
            }
        }
        if spent == TRANSFER_GAS && succeeds(spent) {
            return Ok(spent);
        }
        while low + 1 < high && (high - low) * 1000 > high * 15 {
            // Never more than twice the lower bound: a high cap would make each try slow.
            let middle = (low + (high - low) / 2).min(low.saturating_mul(2).max(low + 1));
            if succeeds(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Ok(high)
    }

    /// Gas, refund included, that a call would use: access to a plain run for tools.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn call_gas(&self, request: &CallRequest, at: BlockRef) -> Result<u64, ChainError> {
        let gas = self.gas_of_call(request);
        Ok(self.try_call(request, at, &Overrides::default(), gas, None)?.result.tx_gas_used())
    }

    /// `NodeInterface` is no contract: the server answers for it.
    fn node_interface(&self, request: &CallRequest, at: BlockRef) -> Result<Bytes, ChainError> {
        let method =
            NodeInterfaceCalls::abi_decode(&request.data).map_err(|_| ChainError::Reverted(Bytes::new()))?;
        let zero = U256::ZERO;
        Ok(match method {
            NodeInterfaceCalls::gasEstimateL1Component(_) => {
                (0u64, U256::from(BASE_FEE), zero).abi_encode().into()
            }
            NodeInterfaceCalls::gasEstimateComponents(m) => {
                let inner = CallRequest {
                    to: (!m.contractCreation).then_some(m.to),
                    data: m.data,
                    ..request.clone()
                };
                let gas = self.estimate(&inner, at, &[])?;
                (gas, 0u64, U256::from(BASE_FEE), zero).abi_encode().into()
            }
        })
    }
}

fn output(result: ExecutionResult) -> Result<Bytes, ChainError> {
    match result {
        ExecutionResult::Success { output, .. } => Ok(output.into_data()),
        ExecutionResult::Revert { output, .. } => Err(ChainError::Reverted(output)),
        ExecutionResult::Halt { reason, .. } => Err(ChainError::Halted(halt_message(&reason))),
    }
}
