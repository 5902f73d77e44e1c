//! What the engine's modules share: one storage root, and loading and storing what lies in it.
//!
//! The engine is one address, the router; its functions live in modules that it delegate-calls. All of them lay their
//! storage out as [`Ledger`] does. Every rule is in `plimsoll-risk`; here is loading, storing and the order of things.

#![cfg_attr(not(any(test, feature = "export-abi", feature = "testing")), no_std)]

extern crate alloc;

pub mod access;
pub mod account;
pub mod book;
pub mod encode;
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
pub use layout::{LadderSide, Ledger, MODULES};
pub use market::{Market, Markets};
pub use plimsoll_kit::{Revert, codec, revert};
