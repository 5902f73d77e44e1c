//! What every contract shares: the ABI's codec, the table of functions, the door, storage slots, reverts, ownership.
//!
//! Nothing here knows a risk rule or a record of the engine. A contract lists its functions once ([`functions!`]). The
//! kit finds the function of a call, decodes its arguments, encodes its result and gives every failure a name.

#![cfg_attr(not(any(test, feature = "export-abi", feature = "testing")), no_std)]

extern crate alloc;

pub mod answer;
pub mod codec;
pub mod data;
pub mod door;
pub mod events;
pub mod ownership;
pub mod places;
pub mod revert;
pub mod row;
pub mod slot;
pub mod sol;
pub mod table;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub mod words;

pub use plimsoll_inert as inert;
pub use revert::Revert;

#[doc(hidden)]
pub use {alloy_primitives, alloy_sol_types, stylus_sdk};
