//! Keeps the engine from two mistakes of wasmi 2.0.0 that `tests/it/random.rs` found; `tests/it/engine.rs` holds the smallest
//! programs that show them.
//!
//! - It merges `select` with a comparison to zero that computes its condition (`try_fuse_select` in its translator).
//!   When the number compared is a local, it drops the comparison but goes on to read the condition from the register
//!   that the comparison would have written, so that an older value decides.
//! - It panics over a store of a local at an address that is the same local, while a register holds that local and the
//!   offset takes more than 16 bits (`choose_store_op_vt`).
//!
//! A word that has passed through a global is neither a comparison nor a local. The code that is counted and priced
//! does not see this.

use wasmparser::Operator;

use super::Globals;

/// Puts the condition of each `select` through the scratch global, unless it is plain that no comparison made it (what
/// stands right before may leave no instruction of the engine behind), and the value of each store that is far off.
pub(super) fn apply<'a>(ops: Vec<Operator<'a>>, globals: Globals) -> Vec<Operator<'a>> {
    if !ops.iter().any(|op| matches!(op, Operator::Select) || is_far_store(op)) {
        return ops;
    }
    let mut safe = Vec::with_capacity(ops.len() + 16);
    for op in ops {
        let select = matches!(op, Operator::Select) && !safe.last().is_some_and(is_read);
        if select || is_far_store(&op) {
            safe.extend([
                Operator::GlobalSet { global_index: globals.scratch },
                Operator::GlobalGet { global_index: globals.scratch },
            ]);
        }
        safe.push(op);
    }
    safe
}

const fn is_read(op: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(op, O::LocalGet { .. } | O::GlobalGet { .. } | O::I32Load { .. } | O::I32Load8U { .. })
}

/// A store of an i32; the address is one too, so that other types cannot be the same local.
const fn is_far_store(op: &Operator<'_>) -> bool {
    use Operator as O;
    match op {
        O::I32Store { memarg } | O::I32Store8 { memarg } | O::I32Store16 { memarg } => {
            memarg.offset > u16::MAX as u64
        }
        _ => false,
    }
}
