//! What the tests of several crates share.

#![allow(missing_docs, clippy::float_arithmetic)]

pub mod portfolios;
pub mod properties;

#[doc(hidden)]
pub use {plimsoll_risk, proptest};
