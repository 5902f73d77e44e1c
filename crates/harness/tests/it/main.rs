//! The integration tests of `harness`: one executable, a module a file.

mod nitro;
mod node;
mod world;
