//! Where the gas of a transaction went: computing, storage, or reaching other contracts.

use revm::bytecode::opcode as op;
use revm::interpreter::{FrameInput, InterpreterAction};

/// Gas that a call with value hands over for nothing.
const STIPEND: u64 = 2_300;

/// Gas of a transaction by purpose. `intrinsic + compute + storage + calls - refund` is the gas used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GasSplit {
    /// The transaction's own price: 21,000, calldata, access list, creation.
    pub intrinsic: u64,
    /// Everything that is none of the others.
    pub compute: u64,
    /// Reading and writing storage, transient storage included.
    pub storage: u64,
    /// Reaching and starting the code of others: cold accounts, value, creation, starting programs and their memory.
    /// What the callee itself does is counted by its own purpose.
    pub calls: u64,
    /// What clearing storage gave back.
    pub refund: u64,
}

/// Sums over the frames of a transaction.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    storage: u64,
    calls: u64,
    storage_ink: u64,
    call_ink: u64,
    ink_price: u64,
}

impl Sums {
    /// An instruction of EVM code has run and cost so much gas, what it hands to a callee included.
    pub(super) fn step(&mut self, opcode: u8, cost: u64, action: Option<&InterpreterAction>) {
        match opcode {
            op::SLOAD | op::SSTORE | op::TLOAD | op::TSTORE => self.storage += cost,
            op::CALL | op::CALLCODE | op::DELEGATECALL | op::STATICCALL | op::CREATE | op::CREATE2 => {
                self.calls += cost.saturating_sub(action.map_or(0, handed_over));
            }
            _ => {}
        }
    }

    /// A program starts for so much gas.
    pub(super) fn program(&mut self, gas: u64, ink_price: u32) {
        self.calls += gas;
        self.ink_price = u64::from(ink_price);
    }

    /// A program has called a host function that cost so much ink; `callee` is the gas that a callee used of it.
    pub(super) fn host_call(&mut self, name: &str, ink: u64, callee: Option<u64>) {
        if name.starts_with("storage_") || name.starts_with("transient_") {
            self.storage_ink += ink;
        } else if let Some(gas) = callee {
            self.call_ink += ink.saturating_sub(gas.saturating_mul(self.ink_price));
        }
    }

    /// The split of a transaction that spent so much gas before refunds.
    pub(super) fn split(&self, intrinsic: u64, spent: u64, refund: u64) -> GasSplit {
        let gas = |ink: u64| ink / self.ink_price.max(1);
        let storage = self.storage + gas(self.storage_ink);
        let calls = self.calls + gas(self.call_ink);
        let compute = spent.saturating_sub(intrinsic + storage + calls);
        GasSplit { intrinsic, compute, storage, calls, refund }
    }
}

/// Gas that an instruction takes from its frame for the callee's.
fn handed_over(action: &InterpreterAction) -> u64 {
    match action {
        InterpreterAction::NewFrame(FrameInput::Call(call)) => {
            let stipend = if call.transfers_value() { STIPEND } else { 0 };
            call.gas_limit.saturating_sub(stipend)
        }
        InterpreterAction::NewFrame(FrameInput::Create(create)) => create.gas_limit(),
        _ => 0,
    }
}
