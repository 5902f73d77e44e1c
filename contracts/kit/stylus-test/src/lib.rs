//! An empty stand-in for the SDK's test host.
//!
//! The SDK depends on its test host in every native build, and that crate brings an RPC client with TLS: a third of all
//! dependencies. The native tests use the host of `plimsoll-kit` instead, so this crate takes its place.

#![no_std]
