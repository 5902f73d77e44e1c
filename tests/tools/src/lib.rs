//! Runs the tools that other people bring (cast, cargo-stylus, ethers.js, viem, ethers-rs) against the node.

pub mod ethers_rs;
pub mod stylus;
pub mod tool;
