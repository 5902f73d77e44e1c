//! The door of the engine: refuses ether and re-entry, finds the module, and gives a typed error where a trap or
//! arguments that do not decode would leave an empty revert.

use alloc::vec::Vec;

use alloy_primitives::{FixedBytes, U256};
use plimsoll_core::{Revert, sol};
use stylus_sdk::{
    ArbResult,
    abi::{CONSTRUCTOR_SELECTOR, internal::CONSTRUCTOR_EXECUTED_SLOT, router_entrypoint},
    call::RawCall,
    host::VM,
    prelude::*,
};

use crate::{Engine, routes};

/// Selector of `modules()`.
const MODULES: [u8; 4] = stylus_sdk::function_selector!("modules");

// SAFETY: `Engine` is the root: the entry point makes the only instance, at slot zero.
unsafe impl TopLevelStorage for Engine {}

#[cfg_attr(feature = "contract-client-gen", allow(dead_code))]
#[entrypoint]
fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    if host.msg_reentrant() {
        return Err(Revert::new(sol::Reentered {}).into());
    }
    if !host.msg_value().is_zero() {
        return Err(Revert::new(sol::NotPayable {}).into());
    }
    let mut selector = [0; 4];
    for (byte, given) in selector.iter_mut().zip(&input) {
        *byte = *given;
    }
    let answer = match routes::ROUTES.binary_search_by_key(&selector, |(selector, _)| *selector) {
        Ok(place) => delegate(&host, selector, routes::ROUTES[place].1, &input),
        Err(_) => own(selector, input, host),
    };
    answer.map_err(|data| match data.is_empty() {
        true => Revert::new(sol::MalformedCall { selector: FixedBytes(selector) }).into(),
        false => data,
    })
}

fn unknown(selector: [u8; 4]) -> Vec<u8> {
    Revert::new(sol::UnknownSelector { selector: FixedBytes(selector) }).into()
}

/// Runs a module in this contract's storage.
fn delegate(host: &VM, selector: [u8; 4], module: u8, input: &[u8]) -> ArbResult {
    // SAFETY: the root stands at slot zero, as everywhere.
    let engine = unsafe { Engine::new(U256::ZERO, 0, host.clone()) };
    match engine.ledger.modules.get(usize::from(module)) {
        // SAFETY: this frame has written nothing and reads nothing afterwards.
        Some(address) if !address.is_zero() => unsafe { RawCall::new_delegate(host).call(address, input) },
        // Not constructed yet.
        _ => Err(unknown(selector)),
    }
}

/// The router's own functions: the table of modules, and the constructor once.
fn own(selector: [u8; 4], input: Vec<u8>, host: VM) -> ArbResult {
    let construction = selector == CONSTRUCTOR_SELECTOR.to_be_bytes()
        && host.storage_load_bytes32(CONSTRUCTOR_EXECUTED_SLOT).is_zero();
    if construction || selector == MODULES {
        router_entrypoint::<Engine, Engine>(input, host)
    } else {
        Err(unknown(selector))
    }
}
