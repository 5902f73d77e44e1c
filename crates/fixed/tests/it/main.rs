//! The integration tests of `fixed`: one executable, a module a file.

mod accuracy;
mod monotone;
mod points;
mod vectors;
