//! The host functions: what they cost, in the order in which it is charged, and what they do.

mod account;
mod call;
mod debug;
mod env;
mod io;
mod link;
mod math;
mod probe;
mod state;
mod storage;

pub(crate) use io::{Escape, Io};
pub(crate) use link::{bind, signature};
pub(crate) use state::{Handles, State};
