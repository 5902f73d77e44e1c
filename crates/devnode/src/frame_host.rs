//! The chain as one frame of a running program sees it: storage, calls, creations, logs and their gas
//! (`stylus.md` section 4.2).

use alloy_primitives::{Address, B256, Bytes, Log, LogData, U256};
use revm::context::{ContextTr, CreateScheme, JournalTr};
use revm::handler::FrameResult;
use revm::interpreter::{
    CallInput, CallInputs, CallScheme, CallValue, CreateInputs, FrameInput, InstructionResult,
};
use revm::state::Bytecode;
use stylus_vm::host::{CallKind, CallOutcome, CallRequest, CreateOutcome, CreateRequest};
use stylus_vm::memory_model::MemoryModel;
use stylus_vm::profile::Profile;
use stylus_vm::{Host, HostError};

use crate::evm::{ArbEvm, Ctx, ProgramFrame};

const COLD_ACCOUNT: u64 = 2_600;
const COLD_SLOT: u64 = 2_100;
const WARM: u64 = 100;
const CALL_VALUE: u64 = 9_000;
const CALL_STIPEND: u64 = 2_300;
const NEW_ACCOUNT: u64 = 25_000;
const CREATE: u64 = 32_000;
const KECCAK_WORD: u64 = 6;
const SSTORE_SET: u64 = 20_000;
const SSTORE_RESET: u64 = 5_000 - COLD_SLOT;
const CLEAR_REFUND: i64 = 4_800;

/// The host of one frame.
pub(crate) struct FrameHost<'e, 'a> {
    evm: &'e mut ArbEvm<'a>,
    acting: Address,
    caller: Address,
    value: U256,
    is_static: bool,
    memory: MemoryModel,
    refund: i64,
}

impl<'e, 'a> FrameHost<'e, 'a> {
    pub(crate) fn new(evm: &'e mut ArbEvm<'a>, frame: &ProgramFrame, memory: MemoryModel) -> Self {
        let ProgramFrame { acting, caller, value, is_static, .. } = frame;
        Self {
            evm,
            acting: *acting,
            caller: *caller,
            value: *value,
            is_static: *is_static,
            memory,
            refund: 0,
        }
    }

    /// What the frame has earned for clearing storage, gas.
    pub(crate) const fn refund(&self) -> i64 {
        self.refund
    }

    fn ctx(&mut self) -> &mut Ctx<'a> {
        &mut self.evm.inner.ctx
    }

    const fn writable(&self) -> Result<(), HostError> {
        if self.is_static { Err(HostError::Failure) } else { Ok(()) }
    }

    /// Gas of touching the callee and moving value, or `None` when it exceeds what is left; then the code to run.
    fn call_base_cost(&mut self, request: &CallRequest) -> Option<u64> {
        let journal = self.evm.inner.ctx.journal_mut();
        let Ok(account) = journal.load_account(request.to);
        let empty = account.data.is_empty();
        let mut cost = if account.is_cold { COLD_ACCOUNT } else { WARM };
        if request.gas_left < cost {
            return None;
        }
        if !request.value.is_zero() {
            if empty {
                cost += NEW_ACCOUNT;
            }
            cost += CALL_VALUE;
        }
        (request.gas_left >= cost).then_some(cost)
    }

    /// The code that a call of `to` runs, through a delegation of EIP-7702 if there is one.
    fn callee_code(&mut self, to: Address) -> (B256, Bytecode) {
        let journal = self.evm.inner.ctx.journal_mut();
        let Ok(account) = journal.load_account_with_code(to);
        let info = &account.data.info;
        let code = info.code.clone().unwrap_or_default();
        let hash = info.code_hash;
        match code.eip7702_address() {
            None => (hash, code),
            Some(delegate) => {
                let Ok(account) = journal.load_account_with_code(delegate);
                let info = &account.data.info;
                (info.code_hash, info.code.clone().unwrap_or_default())
            }
        }
    }

    fn run(&mut self, input: FrameInput) -> FrameResult {
        let result = self.evm.run_nested(input);
        if result.instruction_result().is_ok() {
            self.refund += result.gas().refunded();
        }
        result
    }
}

fn unspent(result: &FrameResult) -> u64 {
    if result.instruction_result().is_ok_or_revert() { result.gas().remaining() } else { 0 }
}

impl Host for FrameHost<'_, '_> {
    fn storage_load(&mut self, key: B256) -> (B256, u64) {
        let acting = self.acting;
        let Ok(slot) = self.ctx().journal_mut().sload(acting, key.into());
        (slot.data.into(), if slot.is_cold { COLD_SLOT } else { WARM })
    }

    fn storage_store(&mut self, words: &[(B256, B256)], gas_left: u64) -> Result<u64, HostError> {
        self.writable()?;
        let acting = self.acting;
        let mut total = 0u64;
        for (key, value) in words {
            let Ok(stored) = self.ctx().journal_mut().sstore(acting, (*key).into(), (*value).into());
            let (gas, refund) =
                store_cost(stored.data.original_value, stored.data.present_value, stored.data.new_value);
            total += gas + if stored.is_cold { COLD_SLOT } else { 0 };
            self.refund += refund;
            if total > gas_left {
                return Err(HostError::OutOfGas);
            }
        }
        Ok(total)
    }

    fn transient_load(&mut self, key: B256) -> B256 {
        let acting = self.acting;
        self.ctx().journal_mut().tload(acting, key.into()).into()
    }

    fn transient_store(&mut self, key: B256, value: B256) -> Result<(), HostError> {
        self.writable()?;
        let acting = self.acting;
        self.ctx().journal_mut().tstore(acting, key.into(), value.into());
        Ok(())
    }

    fn call(&mut self, request: CallRequest) -> CallOutcome {
        let failed = |gas_cost| CallOutcome { success: false, gas_cost, return_data: Bytes::new() };
        if self.is_static && request.kind == CallKind::Call && !request.value.is_zero() {
            return failed(0);
        }
        let Some(base) = self.call_base_cost(&request) else { return failed(request.gas_left) };
        // 63/64 of what is left, by the order of the real chain: multiply, then divide.
        let most = (u128::from(request.gas_left - base) * 63 / 64) as u64;
        let mut gas = most.min(request.gas_request);
        if !request.value.is_zero() {
            gas = gas.saturating_add(CALL_STIPEND);
        }
        let known_bytecode = self.callee_code(request.to);
        let (scheme, target, caller, value) = match request.kind {
            CallKind::Call => (CallScheme::Call, request.to, self.acting, CallValue::Transfer(request.value)),
            CallKind::Static => {
                (CallScheme::StaticCall, request.to, self.acting, CallValue::Transfer(U256::ZERO))
            }
            CallKind::Delegate => {
                (CallScheme::DelegateCall, self.acting, self.caller, CallValue::Apparent(self.value))
            }
        };
        let result = self.run(FrameInput::Call(Box::new(CallInputs {
            input: CallInput::Bytes(request.data),
            return_memory_offset: 0..0,
            gas_limit: gas,
            reservoir: 0,
            bytecode_address: request.to,
            known_bytecode,
            target_address: target,
            caller,
            value,
            scheme,
            is_static: self.is_static || request.kind == CallKind::Static,
            charged_new_account_state_gas: false,
        })));
        CallOutcome {
            success: result.instruction_result().is_ok(),
            gas_cost: base.saturating_add(gas.saturating_sub(unspent(&result))),
            return_data: result.interpreter_result().output.clone(),
        }
    }

    fn create(&mut self, request: CreateRequest) -> Result<CreateOutcome, HostError> {
        self.writable()?;
        let words = (request.code.len() as u64).div_ceil(32);
        let base = CREATE + if request.salt.is_some() { KECCAK_WORD * words } else { 0 };
        let gas = request.gas_left.checked_sub(base).ok_or(HostError::OutOfGas)?;
        let kept = gas / 64;
        let scheme = match request.salt {
            Some(salt) => CreateScheme::Create2 { salt: salt.into() },
            None => CreateScheme::Create,
        };
        let result = self.run(FrameInput::Create(Box::new(CreateInputs::new(
            self.acting,
            scheme,
            request.endowment,
            request.code,
            gas - kept,
            0,
        ))));
        let FrameResult::Create(outcome) = &result else { return Err(HostError::Failure) };
        let reverted = *outcome.instruction_result() == InstructionResult::Revert;
        Ok(CreateOutcome {
            address: outcome.instruction_result().is_ok().then_some(outcome.address).flatten(),
            gas_cost: request.gas_left.saturating_sub(unspent(&result).saturating_add(kept)),
            return_data: if reverted { outcome.result.output.clone() } else { Bytes::new() },
        })
    }

    fn emit_log(&mut self, topics: Vec<B256>, data: Bytes) -> Result<(), HostError> {
        self.writable()?;
        let address = self.acting;
        let data = LogData::new(topics, data).ok_or(HostError::Failure)?;
        self.ctx().journal_mut().log(Log { address, data });
        Ok(())
    }

    fn account_balance(&mut self, address: Address) -> (U256, u64) {
        let Ok(account) = self.ctx().journal_mut().load_account(address);
        (account.data.info.balance, touch_cost(account.is_cold))
    }

    fn account_code(&mut self, address: Address) -> (Bytes, u64) {
        let Ok(code) = self.ctx().journal_mut().code(address);
        (code.data, touch_cost(code.is_cold))
    }

    fn account_codehash(&mut self, address: Address) -> (B256, u64) {
        let Ok(hash) = self.ctx().journal_mut().code_hash(address);
        (hash.data, touch_cost(hash.is_cold))
    }

    fn add_pages(&mut self, pages: u16) -> u64 {
        let memory = self.memory;
        let chain = &mut self.ctx().chain;
        let cost = memory.cost(pages, chain.pages_open, chain.pages_ever);
        chain.pages_open = chain.pages_open.saturating_add(pages);
        chain.pages_ever = chain.pages_ever.max(chain.pages_open);
        cost
    }

    fn tracing(&self) -> bool {
        self.evm.inner.ctx.chain.tracer.is_some()
    }

    fn profile(&mut self) -> Option<&mut Profile> {
        self.ctx().chain.profiler.as_mut().map(|profiler| profiler.profile())
    }

    fn console(&mut self, line: &str) {
        // The console of a program is the console of the developer who runs the node.
        eprintln!("{} {line}", self.acting);
    }

    fn trace(&mut self, name: &'static str, args: &[u8], outs: &[u8], start_ink: u64, end_ink: u64) {
        if let Some(tracer) = &mut self.ctx().chain.tracer {
            tracer.host_call(name, args, outs, start_ink, end_ink);
        }
    }
}

const fn touch_cost(cold: bool) -> u64 {
    if cold { COLD_ACCOUNT } else { WARM }
}

/// Gas of a write without the cold part, and what it earns or gives back (EIP-2200, EIP-3529).
fn store_cost(original: U256, present: U256, new: U256) -> (u64, i64) {
    if present == new {
        return (WARM, 0);
    }
    if original == present {
        if original.is_zero() {
            return (SSTORE_SET, 0);
        }
        return (SSTORE_RESET, if new.is_zero() { CLEAR_REFUND } else { 0 });
    }
    let mut refund = 0;
    if !original.is_zero() {
        if present.is_zero() {
            refund -= CLEAR_REFUND;
        } else if new.is_zero() {
            refund += CLEAR_REFUND;
        }
    }
    if original == new {
        refund += if original.is_zero() { SSTORE_SET - WARM } else { SSTORE_RESET - WARM } as i64;
    }
    (WARM, refund)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of EIP-3529, less its PUSH instructions and the 2,100 of the cold slot.
    #[test]
    fn store_cost_known_sequences() {
        let run = |original: u64, writes: &[u64]| {
            let mut present = original;
            let (mut gas, mut refund) = (0, 0);
            for new in writes {
                let (g, r) = store_cost(U256::from(original), U256::from(present), U256::from(*new));
                gas += g;
                refund += r;
                present = *new;
            }
            (gas, refund)
        };
        assert_eq!(run(0, &[0, 0]), (200, 0));
        assert_eq!(run(0, &[0, 1]), (20_100, 0));
        assert_eq!(run(0, &[1, 0]), (20_100, 19_900));
        assert_eq!(run(0, &[1, 2]), (20_100, 0));
        assert_eq!(run(1, &[0, 0]), (3_000, 4_800));
        assert_eq!(run(1, &[0, 1]), (3_000, 2_800));
        assert_eq!(run(1, &[0, 2]), (3_000, 0));
        assert_eq!(run(1, &[2, 0]), (3_000, 4_800));
        assert_eq!(run(1, &[2, 1]), (3_000, 2_800));
        assert_eq!(run(1, &[1, 0]), (3_000, 4_800));
        assert_eq!(run(0, &[1, 0, 1]), (40_100, 19_900));
        assert_eq!(run(1, &[0, 1, 0]), (5_900, 7_600));
    }
}
