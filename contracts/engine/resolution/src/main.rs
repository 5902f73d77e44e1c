//! Prints the module's Solidity interface when built with `export-abi`; empty otherwise.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]

/// What a program without `export-abi` has in place of a main function.
#[cfg(not(any(test, feature = "export-abi")))]
#[unsafe(no_mangle)]
pub extern "C" fn main() {}

#[cfg(feature = "export-abi")]
fn main() {
    plimsoll_resolution::print_from_args();
}
