//! Empty: what the module answers is between it and the risk model, and no part of any interface.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]

/// What a program has in place of a main function.
#[cfg(not(any(test, feature = "export-abi")))]
#[unsafe(no_mangle)]
pub extern "C" fn main() {}

#[cfg(feature = "export-abi")]
fn main() {}
