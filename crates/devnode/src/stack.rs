//! A stack large enough for programs that call programs: each level recurses natively.

use std::cell::Cell;

/// Bytes of stack; reserved, not used, until calls nest deeply.
pub const STACK_BYTES: usize = 1 << 30;

thread_local! {
    static LARGE: Cell<bool> = const { Cell::new(false) };
}

/// Says that this thread was started with [`STACK_BYTES`].
pub(crate) fn mark_large() {
    LARGE.with(|large| large.set(true));
}

/// Runs on a thread with a large stack: this one, if it has it, otherwise one that lives as long as the call.
///
/// # Panics
/// Passes on a panic of `f`, and panics when the system has no thread to give.
pub fn on_large_stack<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    if LARGE.with(Cell::get) {
        return f();
    }
    std::thread::scope(|scope| {
        let spawned = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || {
            mark_large();
            f()
        });
        match spawned.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => panic!("no thread to run a transaction: {error}"),
        }
    })
}
