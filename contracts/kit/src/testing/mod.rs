//! What native tests of contracts share.

#![allow(missing_docs, missing_debug_implementations, clippy::missing_panics_doc, clippy::missing_errors_doc)]

pub mod calls;
pub mod doors;
pub mod encoding;
pub mod host;
pub mod slots;
