//! A chain in memory that runs EVM code and Stylus programs as an Arbitrum chain does, and a JSON-RPC server for it.

pub mod arbos;
pub mod config;
pub mod evm;
pub mod node;
pub mod precompiles;
pub mod profile;
pub mod program_cache;
pub mod rpc;
pub mod state;
pub mod trace;
pub mod tx_state;

pub mod chain;
pub mod stack;

mod frame_host;
mod modules;

pub use chain::Chain;
pub use config::{Config, ConfigError};
pub use node::{Node, NodeHandle};
