//! What the end-to-end tests share beside the harness.

pub mod abi;
pub mod book;
pub mod crowd;
pub mod differential;
pub mod engines;
pub mod exchange;
pub mod risk;
pub mod stored_book;
pub mod table;
