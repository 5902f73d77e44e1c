//! Metering by basic block: each block pays for all its instructions before the first of them runs.

use wasmparser::Operator;

use super::{Globals, opcodes, trap_out_of_ink};
use crate::{Error, module::Module};

/// Ink of the metering code itself, part of every block's price.
const HEADER: u64 = 2_450;

/// Whether a block ends behind this instruction.
const fn ends_block(op: &Operator<'_>) -> bool {
    matches!(
        op,
        Operator::End
            | Operator::Else
            | Operator::Return
            | Operator::Loop { .. }
            | Operator::Br { .. }
            | Operator::BrTable { .. }
            | Operator::BrIf { .. }
            | Operator::If { .. }
            | Operator::Call { .. }
            | Operator::CallIndirect { .. }
    )
}

/// Puts `if ink < cost { status = 1; unreachable } ink -= cost` before every block.
pub(super) fn apply<'a>(
    ops: Vec<Operator<'a>>,
    module: &Module<'_>,
    globals: Globals,
) -> Result<Vec<Operator<'a>>, Error> {
    let mut metered = Vec::with_capacity(ops.len() * 4);
    let mut block = Vec::new();
    let mut cost = HEADER;
    for op in ops {
        cost = cost.saturating_add(opcodes::ink(&op, module)?);
        let ends = ends_block(&op);
        block.push(op);
        if ends {
            header(&mut metered, cost, globals);
            metered.append(&mut block);
            cost = HEADER;
        }
    }
    // a valid function ends with `end`, so that nothing is left over
    metered.append(&mut block);
    Ok(metered)
}

fn header(ops: &mut Vec<Operator<'_>>, cost: u64, globals: Globals) {
    // the bit pattern: WebAssembly's constants are signed, the comparison is not
    let cost = Operator::I64Const { value: cost.cast_signed() };
    ops.extend([Operator::GlobalGet { global_index: globals.ink }, cost.clone(), Operator::I64LtU]);
    trap_out_of_ink(ops, globals);
    ops.extend([
        Operator::GlobalGet { global_index: globals.ink },
        cost,
        Operator::I64Sub,
        Operator::GlobalSet { global_index: globals.ink },
    ]);
}
