//! The integration tests of `cli`: one executable, a module a file.

mod devnode;
mod gas;
mod margin;
