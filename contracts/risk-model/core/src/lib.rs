//! What the risk model and its modules share: one storage root, the ABI's structs and errors, and how they are coded.
//!
//! The risk model is one address, the router. It adds up the margin of a portfolio itself and delegate-calls modules
//! for everything else. Every module has [`Model`] as its storage. The rules are in [`plimsoll_risk::portfolio`].

#![cfg_attr(not(any(test, feature = "export-abi", feature = "testing")), no_std)]

extern crate alloc;

pub mod convert;
pub mod errors;
pub mod layout;
pub mod parameters;
pub mod pricing;
pub mod sol;
pub mod storage;
mod structs;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

#[cfg(test)]
mod codec_tests;
#[cfg(test)]
mod refusal_tests;

pub use layout::{MODULES, Model, PRICER};
