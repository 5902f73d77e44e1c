//! The module on a native host, called as the model calls it.

mod abi;
mod governance;
