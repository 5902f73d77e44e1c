//! What the fuzz targets share: a small chain, transactions without much gas, a code format that costs no time to write.

pub mod calls;
pub mod chain;
pub mod code;
pub mod requests;
pub mod seeds;

#[path = "../../crates/devnode/tests/it/common/mod.rs"]
#[allow(dead_code, missing_docs, unreachable_pub, reason = "shared with the tests of the node")]
pub(crate) mod common;
