//! Metering of the instructions whose work depends on an operand: `memory.fill` and `memory.copy`.

use wasmparser::Operator;

use super::{Globals, trap_out_of_ink};

/// Ink of each byte filled or copied (800 for eight).
const INK_PER_BYTE: i64 = 100;

/// Puts `old = ink; ink -= size * 100; if old < ink { status = 1; unreachable }` before each of them; the size, on top
/// of the stack, passes through the scratch global.
pub(super) fn apply<'a>(ops: Vec<Operator<'a>>, globals: Globals) -> Vec<Operator<'a>> {
    let sized = |op: &Operator<'_>| matches!(op, Operator::MemoryFill { .. } | Operator::MemoryCopy { .. });
    if !ops.iter().any(sized) {
        return ops;
    }
    let ink = globals.ink;
    let mut metered = Vec::with_capacity(ops.len() + 64);
    for op in ops {
        if sized(&op) {
            metered.extend([
                Operator::GlobalSet { global_index: globals.scratch },
                Operator::GlobalGet { global_index: ink },
                Operator::GlobalGet { global_index: ink },
                Operator::GlobalGet { global_index: globals.scratch },
                Operator::I64ExtendI32U,
                Operator::I64Const { value: INK_PER_BYTE },
                Operator::I64Mul,
                Operator::I64Sub,
                Operator::GlobalSet { global_index: ink },
                Operator::GlobalGet { global_index: ink },
                Operator::I64LtU,
            ]);
            trap_out_of_ink(&mut metered, globals);
            metered.push(Operator::GlobalGet { global_index: globals.scratch });
        }
        metered.push(op);
    }
    metered
}
