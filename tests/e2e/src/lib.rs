//! What the end-to-end tests share beside the harness.

pub mod book;
