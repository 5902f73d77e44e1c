//! What a panic does in a contract: it traps.
//!
//! The standard library's handler would bring the formatting of messages that nobody can read into every module, about
//! a tenth of its size.

use core::panic::PanicInfo;

#[panic_handler]
fn trap(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
