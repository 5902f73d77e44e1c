//! The life of an activated program: expiry, keepalive, change of version, the cache and its managers.

use crate::common::*;
use crate::support::*;
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolError, SolEvent};
use plimsoll_devnode::chain::error::ChainError;
use plimsoll_devnode::chain::{BlockRef, Chain};
use plimsoll_devnode::config::DEV_ADDRESS;
use plimsoll_devnode::precompiles::abi::{ArbOwner, ArbWasm, ArbWasmCache};
use plimsoll_devnode::precompiles::{ARB_WASM, ARB_WASM_CACHE};

const DAY: u64 = 86_400;
/// The epoch of Arbitrum; activation is noted in whole hours since then.
const EPOCH: u64 = 1_421_388_000;

/// When a program counts as activated: the start of its hour.
fn hour(time: u64) -> u64 {
    EPOCH + (time - EPOCH) / 3_600 * 3_600
}

/// A program activated at a known time: chain, address, code hash, when it counts as activated.
fn born(arbos: u64) -> (Chain, Address, B256, u64) {
    let mut chain = chain_at(arbos);
    let at = program(&mut chain, STORER);
    let hash = code_hash(&chain, at);
    let since = hour(now(&chain));
    (chain, at, hash, since)
}

/// The getters that answer for active programs only.
fn getters(at: Address, hash: B256) -> Vec<Vec<u8>> {
    vec![
        ArbWasm::codehashVersionCall { codehash: hash }.abi_encode(),
        ArbWasm::codehashAsmSizeCall { codehash: hash }.abi_encode(),
        ArbWasm::programVersionCall { program: at }.abi_encode(),
        ArbWasm::programInitGasCall { program: at }.abi_encode(),
        ArbWasm::programMemoryFootprintCall { program: at }.abi_encode(),
        ArbWasm::programTimeLeftCall { program: at }.abi_encode(),
    ]
}

fn keepalive(hash: B256) -> Vec<u8> {
    ArbWasm::codehashKeepaliveCall { codehash: hash }.abi_encode()
}

#[test]
fn expiry_to_the_second_on_calls_and_getters() {
    let (mut chain, at, hash, since) = born(61);
    let last = since + 365 * DAY;
    at_time(&mut chain, last);
    assert!(send(&mut chain, Some(at), storer(0, 1, 1), 0).success, "365 days exactly are not too old");
    for data in getters(at, hash) {
        assert!(call(&chain, ARB_WASM, data).is_ok());
    }
    assert_eq!(ask(&chain, ArbWasm::programTimeLeftCall { program: at }), 0);

    at_time(&mut chain, last + 1);
    let tx = send_gas(&mut chain, Some(at), storer(0, 1, 1), 0, 500_000);
    assert_eq!((tx.success, tx.gas_used), (false, 500_000));
    let age = 365 * DAY + 1;
    assert_eq!(tx.halt, Some(format!("ProgramExpired({age})")));
    let expired: Bytes = ArbWasm::ProgramExpired { ageInSeconds: age }.abi_encode().into();
    for data in getters(at, hash) {
        assert_eq!(call(&chain, ARB_WASM, data), Err(ChainError::Reverted(expired.clone())));
    }
    at_time(&mut chain, last + 1);
    let tx = send(&mut chain, Some(ARB_WASM), keepalive(hash), ETHER);
    reverted(&tx, ArbWasm::ProgramExpired { ageInSeconds: age });

    let again = activate(&mut chain, at);
    assert!(again.success, "an expired program can be activated anew");
    ArbWasm::ProgramActivated::decode_log(&again.logs[0]).unwrap();
    assert!(send(&mut chain, Some(at), storer(0, 1, 1), 0).success);
    let left = ask(&chain, ArbWasm::programTimeLeftCall { program: at });
    assert_eq!(left, hour(last + 2) + 365 * DAY - now(&chain));
}

#[test]
fn keepalive_from_the_31st_day_on() {
    let (mut chain, at, hash, since) = born(61);
    at_time(&mut chain, since + 31 * DAY - 1);
    let soon = send(&mut chain, Some(ARB_WASM), keepalive(hash), ETHER);
    reverted(&soon, ArbWasm::ProgramKeepaliveTooSoon { ageInSeconds: 31 * DAY - 1 });

    let size = ask(&chain, ArbWasm::codehashAsmSizeCall { codehash: hash });
    // The demand of the activation has long decayed; keepalive pays for the size in whole KiB.
    let fee = data_fee(size, size);
    at_time(&mut chain, since + 31 * DAY);
    let poor = send(&mut chain, Some(ARB_WASM), keepalive(hash), fee - 1);
    reverted(&poor, ArbWasm::ProgramInsufficientValue { have: U256::from(fee - 1), want: U256::from(fee) });
    let balance = |chain: &Chain| chain.view(BlockRef::Latest).unwrap().account(DEV_ADDRESS).unwrap().balance;
    let before = balance(&chain);
    at_time(&mut chain, since + 31 * DAY);
    let kept = send(&mut chain, Some(ARB_WASM), keepalive(hash), ETHER);
    assert!(kept.success, "{:?}", kept.halt);
    let event = ArbWasm::ProgramLifetimeExtended::decode_log(&kept.logs[0]).unwrap();
    assert_eq!((event.codehash, event.dataFee), (hash, U256::from(fee)));
    let gas = U256::from(kept.gas_used) * U256::from(plimsoll_devnode::config::BASE_FEE);
    assert_eq!(before - balance(&chain), gas + U256::from(fee), "the rest came back");

    // 31 days are whole hours, so the new life begins at the start of this hour.
    let renewed = since + 31 * DAY;
    assert_eq!(ask(&chain, ArbWasm::programTimeLeftCall { program: at }), 365 * DAY);
    let soon = send(&mut chain, Some(ARB_WASM), keepalive(hash), ETHER);
    reverted(&soon, ArbWasm::ProgramKeepaliveTooSoon { ageInSeconds: now(&chain) - renewed });
    at_time(&mut chain, renewed + 365 * DAY);
    assert!(send(&mut chain, Some(at), storer(0, 1, 1), 0).success);
    at_time(&mut chain, renewed + 365 * DAY + 1);
    assert!(!send(&mut chain, Some(at), storer(0, 1, 1), 0).success);
}

#[test]
fn keepalive_of_what_is_not_active() {
    let mut chain = chain();
    let at = deploy_wat(&mut chain, STORER);
    let hash = code_hash(&chain, at);
    let tx = send(&mut chain, Some(ARB_WASM), keepalive(hash), ETHER);
    reverted(&tx, ArbWasm::ProgramNotActivated {});
}

#[test]
fn expiry_and_keepalive_are_parameters() {
    let (mut chain, at, hash, since) = born(61);
    own(&mut chain);
    assert!(owner(&mut chain, ArbOwner::setWasmExpiryDaysCall { _days: 10 }).success);
    assert!(owner(&mut chain, ArbOwner::setWasmKeepaliveDaysCall { _days: 5 }).success);
    at_time(&mut chain, since + 5 * DAY);
    assert!(send(&mut chain, Some(ARB_WASM), keepalive(hash), ETHER).success);
    at_time(&mut chain, since + 15 * DAY + 1);
    let tx = send(&mut chain, Some(at), storer(0, 1, 1), 0);
    assert_eq!(tx.halt, Some(format!("ProgramExpired({})", 10 * DAY + 1)));
}

#[test]
fn version_of_stylus_changes_with_arbos_31() {
    let (mut chain, at, hash, _) = born(30);
    assert_eq!(ask(&chain, ArbWasm::stylusVersionCall {}), 1);
    assert_eq!(ask(&chain, ArbWasm::programVersionCall { program: at }), 1);
    assert!(send(&mut chain, Some(at), storer(0, 1, 1), 0).success);
    upgrade(&mut chain, 31);
    assert_eq!(ask(&chain, ArbWasm::stylusVersionCall {}), 2);
    let tx = send_gas(&mut chain, Some(at), storer(0, 1, 1), 0, 500_000);
    assert_eq!((tx.success, tx.gas_used), (false, 500_000));
    assert_eq!(tx.halt.as_deref(), Some("ProgramNeedsUpgrade(1, 2)"));
    let error = ArbWasm::ProgramNeedsUpgrade { version: 1, stylusVersion: 2 };
    for data in getters(at, hash) {
        assert_eq!(call(&chain, ARB_WASM, data), Err(ChainError::Reverted(error.abi_encode().into())));
    }
    let tx = send(&mut chain, Some(ARB_WASM), keepalive(hash), ETHER);
    reverted(&tx, error.clone());
    let pin = ArbWasmCache::cacheProgramCall { addr: at }.abi_encode();
    let tx = send(&mut chain, Some(ARB_WASM_CACHE), pin, 0);
    reverted(&tx, error);
    let tx = activate(&mut chain, at);
    assert!(tx.success, "{:?}", tx.halt);
    assert_eq!(ask(&chain, ArbWasm::programVersionCall { program: at }), 2);
    assert!(send(&mut chain, Some(at), storer(0, 1, 1), 0).success);
}

fn is_cached(chain: &Chain, hash: B256) -> bool {
    let data = ArbWasmCache::codehashIsCachedCall { codehash: hash }.abi_encode();
    let out = call(chain, ARB_WASM_CACHE, data).unwrap();
    // The flag is the 15th byte of the program's word.
    let word: [u8; 32] = arbos_word(chain, &programs(1), hash).to_be_bytes();
    assert_eq!(word[14], out[31]);
    out[31] == 1
}

fn pin(chain: &mut Chain, at: Address) -> plimsoll_devnode::chain::block::Mined {
    send(chain, Some(ARB_WASM_CACHE), ArbWasmCache::cacheProgramCall { addr: at }.abi_encode(), 0)
}

fn evict(chain: &mut Chain, hash: B256) -> plimsoll_devnode::chain::block::Mined {
    send(chain, Some(ARB_WASM_CACHE), ArbWasmCache::evictCodehashCall { codehash: hash }.abi_encode(), 0)
}

#[test]
fn cache_flag_and_its_events() {
    let (mut chain, at, hash, _) = born(61);
    own(&mut chain);
    assert!(!is_cached(&chain, hash));
    let tx = pin(&mut chain, at);
    let event = ArbWasmCache::UpdateProgramCache::decode_log(&tx.logs[0]).unwrap();
    assert_eq!((event.manager, event.codehash, event.cached), (DEV_ADDRESS, hash, true));
    assert!(is_cached(&chain, hash));
    let again = pin(&mut chain, at);
    assert!(again.success && again.logs.is_empty());
    let tx = evict(&mut chain, hash);
    let event = ArbWasmCache::UpdateProgramCache::decode_log(&tx.logs[0]).unwrap();
    assert_eq!((event.codehash, event.cached), (hash, false));
    assert!(!is_cached(&chain, hash));
    let again = evict(&mut chain, hash);
    assert!(again.success && again.logs.is_empty());
}

#[test]
fn cache_refuses_strangers_and_programs_that_cannot_run() {
    let (mut chain, at, hash, since) = born(61);
    for data in [
        ArbWasmCache::cacheProgramCall { addr: at }.abi_encode(),
        ArbWasmCache::evictCodehashCall { codehash: hash }.abi_encode(),
    ] {
        let tx = send_gas(&mut chain, Some(ARB_WASM_CACHE), data, 0, 300_000);
        assert_eq!((tx.success, tx.gas_used), (false, 300_000), "a stranger pays with all its gas");
    }
    own(&mut chain);
    let raw = deploy_wat(&mut chain, FORWARDER);
    let tx = pin(&mut chain, raw);
    reverted(&tx, ArbWasm::ProgramNeedsUpgrade { version: 0, stylusVersion: 2 });
    at_time(&mut chain, since + 365 * DAY + 1);
    let tx = pin(&mut chain, at);
    reverted(&tx, ArbWasm::ProgramExpired { ageInSeconds: 365 * DAY + 1 });
    assert!(evict(&mut chain, hash).success, "what has expired can be evicted");
}

#[test]
fn cache_flag_survives_expiry_and_activation() {
    let (mut chain, at, hash, since) = born(61);
    own(&mut chain);
    assert!(pin(&mut chain, at).success);
    at_time(&mut chain, since + 365 * DAY + 1);
    assert!(!send(&mut chain, Some(at), storer(1, 1, 0), 0).success, "pinned programs expire too");
    assert!(is_cached(&chain, hash));
    assert!(activate(&mut chain, at).success);
    assert!(is_cached(&chain, hash));
}

#[test]
fn cache_by_code_hash_at_arbos_30_only() {
    for (arbos, by_hash, by_address) in [(30, true, false), (31, false, true), (61, false, true)] {
        let (mut chain, at, hash, _) = born(arbos);
        own(&mut chain);
        let data = ArbWasmCache::cacheCodehashCall { codehash: hash }.abi_encode();
        let tx = send_gas(&mut chain, Some(ARB_WASM_CACHE), data, 0, 300_000);
        assert_eq!(tx.success, by_hash, "ArbOS {arbos}");
        assert_eq!(is_cached(&chain, hash), by_hash);
        if !by_hash {
            assert_eq!(tx.gas_used, 300_000, "no such method");
        }
        assert!(evict(&mut chain, hash).success);
        assert_eq!(pin(&mut chain, at).success, by_address, "ArbOS {arbos}");
        assert_eq!(is_cached(&chain, hash), by_address);
    }
}

/// Returns at once. One function `const end`, which costs 2,450 + 1 + 1 ink: one gas, rounded up.
const IDLE: &str = r#"(module (memory (export "memory") 1 1)
  (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))"#;

fn idle() -> Sizes {
    let wasm = wasm(IDLE).len() as u64;
    Sizes { functions: 1, types: 2, wasm, globals: 0, data: 0, elements: 0, pages: 1, operators: 31 }
}

#[test]
fn call_gas_cold_and_cached_by_formula() {
    let sizes = idle();
    for (arbos, cold, cached) in [
        // Version 1: 72 units, the cached cost is part of the cost of starting.
        (30, 72 * 128 + sizes.init() + sizes.cached(), 11 * 32 + sizes.cached()),
        (31, 69 * 128 + sizes.init() + 11 * 32 + sizes.cached(), 11 * 32 + sizes.cached()),
        (61, 69 * 128 + sizes.init() + 11 * 32 + sizes.cached(), 11 * 32 + sizes.cached()),
    ] {
        let mut chain = chain_at(arbos);
        let at = program(&mut chain, IDLE);
        let hash = code_hash(&chain, at);
        own(&mut chain);
        let gas = |chain: &mut Chain| {
            let tx = send(chain, Some(at), [], 0);
            assert!(tx.success);
            tx.gas_used - 21_000
        };
        assert_eq!(gas(&mut chain), cold + 1, "ArbOS {arbos}");
        let data = if arbos == 30 {
            ArbWasmCache::cacheCodehashCall { codehash: hash }.abi_encode()
        } else {
            ArbWasmCache::cacheProgramCall { addr: at }.abi_encode()
        };
        assert!(send(&mut chain, Some(ARB_WASM_CACHE), data, 0).success);
        assert_eq!(gas(&mut chain), cached + 1, "ArbOS {arbos}, cached");
    }
}

#[test]
fn call_gas_by_the_parameters_of_owners() {
    let sizes = idle();
    let mut chain = chain_at(61);
    let at = program(&mut chain, IDLE);
    own(&mut chain);
    // Rounded up to units of 128 and 32: 2 and 16.
    assert!(owner(&mut chain, ArbOwner::setWasmMinInitGasCall { gas: 250, cached: 510 }).success);
    // 150 %, rounded up to units of 2 %.
    assert!(owner(&mut chain, ArbOwner::setWasmInitCostScalarCall { percent: 149 }).success);
    let cold = 2 * 128 + (sizes.init() * 150).div_ceil(100) + 16 * 32 + sizes.cached();
    assert_eq!(send(&mut chain, Some(at), [], 0).gas_used, 21_000 + cold + 1);
    assert_eq!(
        call(&chain, ARB_WASM, ArbWasm::programInitGasCall { program: at }.abi_encode()).unwrap()[..32],
        word(cold)
    );
    assert_eq!(ask(&chain, ArbWasm::initCostScalarCall {}), 150);
}

#[test]
fn call_gas_needs_all_of_it() {
    let sizes = idle();
    let mut chain = chain_at(61);
    let at = program(&mut chain, IDLE);
    let need = 21_000 + 69 * 128 + sizes.init() + 11 * 32 + sizes.cached();
    let tx = send_gas(&mut chain, Some(at), [], 0, need - 1);
    assert_eq!((tx.halt.as_deref(), tx.gas_used), (Some("out of gas"), need - 1));
    let tx = send_gas(&mut chain, Some(at), [], 0, need + 1);
    assert!(tx.success);
}
