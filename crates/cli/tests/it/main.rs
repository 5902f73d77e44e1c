//! The integration tests of `cli`: one executable, a module a file.

mod adl;
mod devnode;
mod gas;
mod margin;
