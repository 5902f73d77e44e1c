//! The integration tests of `tools`: one executable, a module a file.

mod alloy_any;
mod cargo_stylus;
mod cargo_stylus_abi;
mod cargo_stylus_trace;
mod cast;
mod ethers_js;
mod ethers_rs;
mod viem;
