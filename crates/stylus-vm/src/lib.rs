//! Runs Stylus programs as an Arbitrum chain does: to the ink.
//!
//! A deployed code is decompressed ([`code`], [`fragments`]), validated, instrumented and compiled ([`Program::activate`]) and run
//! ([`Program::run`]) against a [`Host`], the chain as one frame sees it. The metering is inside the instrumented
//! module, so the engine that executes it has no say in what a program costs.

pub mod code;
pub mod fragments;
pub mod host;
pub mod memory_model;
pub mod names;
pub mod pricing;
pub mod profile;

mod config;
mod error;
mod figures;
mod hostio;
mod instrument;
mod module;
mod program;
mod run;
mod storage_cache;
mod validate;

pub use code::decompress;
pub use config::Config;
pub use error::Error;
pub use host::{EvmData, Host, HostError};
pub use program::{Program, ProgramInfo, instrumented_wasm};
pub use run::{Call, Outcome, RunResult};
