//! Bound on memory: growing is paid for before it happens.
//!
//! The original puts `scratch = delta; pay_for_memory_grow(delta)` before each `memory.grow`, and figures and limits
//! count that code ([`Heap::len`]). What runs here ([`Heap::apply`]) has no `memory.grow` at all: the host grows the
//! memory once it is paid for. The engine's own handler of that instruction is the only one that leaves words on the
//! native stack under its fast dispatch, so that a program could exhaust it by a loop.

use wasmparser::{BlockType, Operator, ValType};

use super::Globals;
use crate::{Config, Error, module::Module};

/// What is to be done about `memory.grow` in a module.
pub(super) enum Heap {
    /// The memory has this many pages and cannot grow.
    Fixed(i32),
    /// The memory can grow; the import of this index collects the payment.
    Growing(u32),
}

fn grows(op: &Operator<'_>) -> bool {
    matches!(op, Operator::MemoryGrow { .. })
}

impl Heap {
    /// Checks the memory and looks up the import that a memory that can grow must have.
    pub(super) fn new(module: &Module<'_>, config: &Config) -> Result<Self, Error> {
        let Some(memory) = module.memories.first() else {
            return Err(Error::MissingMemory);
        };
        if memory.min > u64::from(config.page_limit) {
            return Err(Error::MemoryTooLarge { pages: memory.min, limit: config.page_limit });
        }
        if memory.max == Some(memory.min) {
            return Ok(Self::Fixed(memory.min as i32));
        }
        let payment = module.import("vm_hooks", "pay_for_memory_grow");
        payment.map(Self::Growing).ok_or(Error::MissingMemoryHook)
    }

    /// Number of instructions of the original's code for these: four more for each `memory.grow` that is paid for.
    pub(super) fn len(&self, ops: &[Operator<'_>]) -> usize {
        match self {
            Self::Fixed(_) => ops.len(),
            Self::Growing(_) => ops.len() + 4 * ops.iter().filter(|op| grows(op)).count(),
        }
    }

    /// Puts the payment, with the flag that asks the host to grow the memory too, in place of each `memory.grow`; the
    /// scratch global carries the amount there and the result back. Growing a fixed memory succeeds by nothing only.
    pub(super) fn apply<'a>(&self, ops: Vec<Operator<'a>>, globals: Globals) -> Vec<Operator<'a>> {
        if !ops.iter().any(grows) {
            return ops;
        }
        let mut bounded = Vec::with_capacity(ops.len() + 16);
        for op in ops {
            match self {
                _ if !grows(&op) => bounded.push(op),
                Self::Growing(payment) => bounded.extend([
                    Operator::GlobalSet { global_index: globals.scratch },
                    Operator::I32Const { value: 1 },
                    Operator::GlobalSet { global_index: globals.growing },
                    Operator::GlobalGet { global_index: globals.scratch },
                    Operator::Call { function_index: *payment },
                    Operator::GlobalGet { global_index: globals.scratch },
                ]),
                Self::Fixed(pages) => bounded.extend([
                    Operator::I32Eqz,
                    Operator::If { blockty: BlockType::Type(ValType::I32) },
                    Operator::I32Const { value: *pages },
                    Operator::Else,
                    Operator::I32Const { value: -1 },
                    Operator::End,
                ]),
            }
        }
        bounded
    }
}
