//! Runs the tools that other people bring (cast, cargo-stylus, ethers.js, viem, ethers-rs) against the node.

pub mod cast;
pub mod keeper;
pub mod script;
pub mod tool;
