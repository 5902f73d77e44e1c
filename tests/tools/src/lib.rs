//! Runs the tools that other people bring (cast, cargo-stylus, ethers.js, viem, ethers-rs) against the node.

pub mod cast;
pub mod ethers_rs;
pub mod keeper;
pub mod script;
pub mod stylus;
pub mod tool;
