//! The integration tests of `model`: one executable, a module a file.

mod adversary;
mod attacks;
mod doors;
mod replay;
mod sequences;
mod support;
