//! Instrumentation: what turns a module into one that counts its own cost.
//!
//! The passes run in a fixed order and each sees the code that the one before left, because the frame size of a
//! function is computed over metered code. Moving the start function, the first pass of the original, has nothing to
//! do: programs have none.

mod depth;
mod dynamic;
mod encode;
mod engine;
mod heap;
pub(crate) mod hooks;
mod meter;
pub(crate) mod opcodes;

use wasmparser::Operator;

use crate::{Config, Error, module::Module, validate};

/// Export name of the global that holds the ink left.
pub(crate) const INK_LEFT: &str = "stylus_ink_left";
/// Export name of the global that is one once ink ran out.
pub(crate) const INK_STATUS: &str = "stylus_ink_status";
/// Export name of the global that instrumented code uses as a register.
pub(crate) const SCRATCH: &str = "stylus_scratch_global";
/// Export name of the global that holds the words of stack left.
pub(crate) const STACK_LEFT: &str = "stylus_stack_left";
/// Export name of the global that asks the host to grow the memory when growing is paid for.
pub(crate) const GROWING: &str = "stylus_growing";
/// Number of globals that the original's instrumentation adds; the figures count it. [`GROWING`] is our own.
pub(crate) const ADDED_GLOBALS: u32 = 4;

/// Indices of the added globals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Globals {
    /// i64: ink left.
    pub(crate) ink: u32,
    /// i32: one once ink ran out.
    pub(crate) status: u32,
    /// i32: a register.
    pub(crate) scratch: u32,
    /// i32: words of stack left.
    pub(crate) stack: u32,
    /// i32: one while a payment for memory is to grow it.
    pub(crate) growing: u32,
}

impl Globals {
    const fn after(user: u32) -> Self {
        Self { ink: user, status: user + 1, scratch: user + 2, stack: user + 3, growing: user + 4 }
    }
}

/// An instrumented module.
#[derive(Debug)]
pub(crate) struct Instrumented {
    /// The binary.
    pub(crate) wasm: Vec<u8>,
    /// Number of instructions in all functions, as the original counts them.
    pub(crate) operators: u64,
}

/// Instruments a validated module.
pub(crate) fn instrument(mut module: Module<'_>, config: &Config) -> Result<Instrumented, Error> {
    let globals = Globals::after(module.globals);
    let heap = heap::Heap::new(&module, config)?;
    let mut operators = 0;
    for index in 0..module.bodies.len() {
        let user = std::mem::take(&mut module.bodies[index].ops);
        let metered = meter::apply(user, &module, globals)?;
        let dynamic = dynamic::apply(metered, globals);
        let deep = depth::apply(dynamic, &module, index, globals)?;
        let len = heap.len(&deep);
        validate::instrumented_len(len)?;
        operators += len as u64;
        module.bodies[index].ops = engine::apply(heap.apply(deep, globals), globals);
    }
    let wasm = encode::encode(&module)?;
    Ok(Instrumented { wasm, operators })
}

/// `if <condition on the stack> { status = 1; unreachable }`
fn trap_out_of_ink(ops: &mut Vec<Operator<'_>>, globals: Globals) {
    ops.extend([
        Operator::If { blockty: wasmparser::BlockType::Empty },
        Operator::I32Const { value: 1 },
        Operator::GlobalSet { global_index: globals.status },
        Operator::Unreachable,
        Operator::End,
    ]);
}
