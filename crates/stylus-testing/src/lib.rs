//! What the tests of the VM, of the node and the fuzz targets share.

#![allow(missing_docs, missing_debug_implementations)]

pub mod generator;
pub mod modules;
