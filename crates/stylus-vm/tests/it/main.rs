//! The integration tests of `stylus-vm`: one executable, a module a file.

mod common;
mod engine;
mod hostio;
mod interpreter;
mod meter;
mod meter_ops;
mod outcomes;
mod profile;
mod random;
mod random_support;
mod robustness;
mod validation;
