//! What the engine's modules share: one storage root, and loading and storing what lies in it.
//!
//! The engine is one address, the router. Its functions live in modules that the router delegate-calls, and every
//! module has [`Ledger`] as its storage. This crate holds no rule: formulas, limits and verdicts are in
//! `plimsoll-risk`. What is here loads records, calls those rules in order, stores the results and emits events.

#![cfg_attr(not(any(test, feature = "export-abi", feature = "testing")), no_std)]
// `contains` of numbers is a vectorised search: 700 bytes of code in a program that has no room for them.
#![allow(clippy::manual_contains)]

extern crate alloc;

pub mod access;
pub mod account;
pub mod book;
pub mod encode;
pub mod insurance;
pub mod ladder;
pub mod layout;
pub mod margin;
pub mod market;
pub mod params;
pub mod prices;
pub mod sol;
pub mod storage;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tokens;

pub use account::Account;
pub use layout::{Ledger, MODULES};
pub use market::{Market, Markets};
pub use plimsoll_kit::{Revert, codec, revert};
