//! The risk model's pricer module: values the options of a portfolio in every scenario.
//!
//! It is a module of its own because pricing and margin together do not fit one program. It runs in the model's
//! storage, by delegate call, and has one function, whose input is bytes of the model's own instead of a call by the ABI.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

use alloc::{vec, vec::Vec};

use alloy_primitives::U256;
use plimsoll_risk_core::Model;
use stylus_sdk::{ArbResult, host::VM, prelude::*};

/// The module over the model's storage.
#[storage]
pub struct Pricer {
    model: Model,
}

// SAFETY: the entry point makes the only instance, at slot zero.
unsafe impl TopLevelStorage for Pricer {}

#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
#[entrypoint]
fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    // SAFETY: the only accessor of the storage's root.
    let pricer = unsafe { Pricer::new(U256::ZERO, 0, host) };
    match pricer.model.priced(&input) {
        Some(result) => result.map_err(Into::into),
        None => Err(Vec::new()),
    }
}
