//! What the risk model and its modules share: one storage root, the ABI's structs and errors, and how they are coded.
//!
//! The model is one address. The margin of a portfolio is computed there; everything else lives in modules that it
//! delegate-calls, all of which lay their storage out as [`Model`] does. The rules are [`plimsoll_risk::portfolio`].

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
