//! The SDK's attributes of a contract, without effect.
//!
//! The SDK's `#[public]` makes a router, which compares each function's selector with every other's when it is compiled: twenty
//! seconds for twenty functions. The chain runs the kit's table instead, and `scripts/abi` looks for collisions. So a
//! program is built with these; the tests and the export of the interface have the SDK's.

use proc_macro::TokenStream;

/// Leaves the functions of a contract as they are.
#[proc_macro_attribute]
pub fn public(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// Leaves a constructor as it is.
#[proc_macro_attribute]
pub fn constructor(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}
