//! Runs Stylus programs.
pub mod host;
