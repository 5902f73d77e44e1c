//! Nothing, in place of the SDK's own test host.
//!
//! The SDK's feature `reentrant`, which the contracts need, turns on its test host too, on every host build: a client for
//! nodes of an older alloy, with TLS and a cryptographic library in C, more than half of what the ABI's export compiled.
//! The SDK re-exports the crate and uses nothing of it itself. Our tests have `plimsoll-test-host`. Programs for the chain
//! never had it.

#![no_std]
