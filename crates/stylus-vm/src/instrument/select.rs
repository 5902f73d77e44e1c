//! Keeps the engine from a mistake of its own.
//!
//! wasmi 2.0.0 merges `select` with a comparison to zero that computes its condition (`try_fuse_select` in its
//! translator). When the number compared is a local, it drops the comparison but goes on to read the condition from
//! the register that the comparison would have written, so that an older value decides. `tests/random.rs` found it,
//! `tests/engine.rs` holds the smallest programs that show it. A condition that has passed through a global is no
//! comparison any more. The code that is counted and priced does not see this.

use wasmparser::Operator;

use super::Globals;

/// Puts the condition through the scratch global before each `select`, unless it is plain that no comparison made it:
/// what stands right before may leave no instruction of the engine behind.
pub(super) fn apply<'a>(ops: Vec<Operator<'a>>, globals: Globals) -> Vec<Operator<'a>> {
    if !ops.iter().any(|op| matches!(op, Operator::Select)) {
        return ops;
    }
    let mut settled = Vec::with_capacity(ops.len() + 16);
    for op in ops {
        let loaded = settled.last().is_some_and(is_read);
        if matches!(op, Operator::Select) && !loaded {
            settled.extend([
                Operator::GlobalSet { global_index: globals.scratch },
                Operator::GlobalGet { global_index: globals.scratch },
            ]);
        }
        settled.push(op);
    }
    settled
}

const fn is_read(op: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(op, O::LocalGet { .. } | O::GlobalGet { .. } | O::I32Load { .. } | O::I32Load8U { .. })
}
