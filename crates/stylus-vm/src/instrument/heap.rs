//! Bound on memory: growing is paid for before it happens.

use wasmparser::Operator;

use super::Globals;
use crate::{Config, Error, module::Module};

/// What is to be done about `memory.grow` in a module.
pub(super) struct Heap {
    /// Index of the import that collects the payment; `None` when the memory cannot grow.
    payment: Option<u32>,
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
            return Ok(Self { payment: None });
        }
        match module.import("vm_hooks", "pay_for_memory_grow") {
            Some(payment) => Ok(Self { payment: Some(payment) }),
            None => Err(Error::MissingMemoryHook),
        }
    }

    /// Puts `scratch = delta; pay_for_memory_grow(delta)` before each `memory.grow`.
    pub(super) fn apply<'a>(&self, ops: Vec<Operator<'a>>, globals: Globals) -> Vec<Operator<'a>> {
        let grows = |op: &Operator<'_>| matches!(op, Operator::MemoryGrow { .. });
        let Some(payment) = self.payment.filter(|_| ops.iter().any(grows)) else {
            return ops;
        };
        let mut bounded = Vec::with_capacity(ops.len() + 16);
        for op in ops {
            if grows(&op) {
                bounded.extend([
                    Operator::GlobalSet { global_index: globals.scratch },
                    Operator::GlobalGet { global_index: globals.scratch },
                    Operator::Call { function_index: payment },
                    Operator::GlobalGet { global_index: globals.scratch },
                ]);
            }
            bounded.push(op);
        }
        bounded
    }
}
