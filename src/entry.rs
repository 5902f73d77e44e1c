//! The door of the engine: refuses ether and re-entry, finds the module, and gives a typed error where a trap or
//! arguments that do not decode would leave an empty revert.

use alloc::vec::Vec;

use alloy_primitives::{B256, FixedBytes, U256};
use plimsoll_ledger::{
    Revert,
    codec::{Args, head_and_array},
    module::done,
    sol,
};
use stylus_sdk::{
    ArbResult,
    abi::{CONSTRUCTOR_SELECTOR, internal::CONSTRUCTOR_EXECUTED_SLOT},
    call::RawCall,
    host::VM,
    prelude::*,
};

use crate::{Engine, routes};

/// Selector of `modules()`.
const MODULES: [u8; 4] = stylus_sdk::function_selector!("modules");

// SAFETY: `Engine` is the root: the entry point makes the only instance, at slot zero.
unsafe impl TopLevelStorage for Engine {}

#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
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
        Err(_) => own(selector, &input, host),
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
fn own(selector: [u8; 4], input: &[u8], host: VM) -> ArbResult {
    // SAFETY: the root stands at slot zero, as everywhere.
    let mut engine = unsafe { Engine::new(U256::ZERO, 0, host) };
    if selector == MODULES {
        return Ok(head_and_array(&[], &engine.modules()));
    }
    let constructed = !engine.vm().storage_load_bytes32(CONSTRUCTOR_EXECUTED_SLOT).is_zero();
    if constructed || selector != CONSTRUCTOR_SELECTOR.to_be_bytes() {
        return Err(unknown(selector));
    }
    let args = Args(input.get(4..).unwrap_or_default());
    construct(&mut engine, args).unwrap_or_else(|| Err(Vec::new()))
}

/// Runs the constructor; `None` when its arguments do not decode.
fn construct(engine: &mut Engine, args: Args<'_>) -> Option<ArbResult> {
    let modules = args.array(0, 1, |words, at| words.address(at))?;
    let (owner, guardian) = (args.address(1)?, args.address(2)?);
    let (quote_token, oracle) = (args.address(3)?, args.address(4)?);
    // SAFETY: the slot is a hash that no field of the storage can reach.
    unsafe { engine.vm().storage_cache_bytes32(CONSTRUCTOR_EXECUTED_SLOT, B256::with_last_byte(1)) };
    Some(done(engine.constructor(modules, owner, guardian, quote_token, oracle)).map_err(Into::into))
}
