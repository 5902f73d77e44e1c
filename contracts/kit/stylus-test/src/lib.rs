//! Empty. The SDK names its test host whenever it is built for the host, and that one brings an RPC client of its own with
//! TLS: a third of all dependencies. The native tests run contracts on the host of `plimsoll-kit` and use none of it.

#![no_std]
