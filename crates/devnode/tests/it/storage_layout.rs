//! The state of ArbOS word by word, at slots that the tests derive themselves from `stylus.md` section 4.8.

use crate::common::*;
use crate::support::*;
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolEvent};
use plimsoll_devnode::chain::Chain;
use plimsoll_devnode::config::DEV_ADDRESS;
use plimsoll_devnode::precompiles::abi::{ArbOwner, ArbWasm, ArbWasmCache};
use plimsoll_devnode::precompiles::{ARB_WASM, ARB_WASM_CACHE};

/// Cuts a word into fields of so many bytes, from the most significant byte on.
fn fields(word: U256, widths: &[usize]) -> Vec<u64> {
    let bytes: [u8; 32] = word.to_be_bytes();
    let mut at = 0;
    let cut = |width: &usize| {
        let field = &bytes[at..at + width];
        at += width;
        field.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    };
    let cut: Vec<u64> = widths.iter().map(cut).collect();
    let rest = &bytes[widths.iter().sum()..];
    assert!(rest.iter().all(|byte| *byte == 0), "nothing behind the last field");
    cut
}

/// version, init cost, cached cost, footprint, hours, size in KiB, cached.
fn program_word(chain: &Chain, hash: B256) -> Vec<u64> {
    fields(arbos_word(chain, &programs(1), hash), &[2, 2, 2, 2, 3, 3, 1])
}

/// version, ink price, stack, free pages, page gas, page limit, min init, min cached, scalars of both, expiry, keepalive,
/// block cache, module size, fragments.
fn params_word(chain: &Chain) -> Vec<u64> {
    fields(arbos_index(chain, &programs(0), 0), &[2, 3, 4, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 4, 1])
}

/// Three functions of 2, 5 and 0 values, two globals, 500 bytes of data in a segment of 506, three pages.
fn sample() -> (String, Sizes) {
    let text = format!(
        r#"(module (memory (export "memory") 3 3) (global i32 (i32.const 0)) (global i64 (i64.const 0))
             (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0))
             (func (param i32 i32 i64 i64) (result i64) (i64.const 0)) (func)
             (data (i32.const 0) "{}"))"#,
        "y".repeat(500)
    );
    let wasm = wasm(&text).len() as u64;
    let sizes =
        Sizes { functions: 3, types: 7, wasm, globals: 2, data: 506, elements: 0, pages: 3, operators: 92 };
    (text, sizes)
}

#[test]
fn program_word_field_by_field() {
    let (text, sizes) = sample();
    for arbos in [30, 32, 61] {
        let mut chain = chain_at(arbos);
        let at = deploy_wat(&mut chain, &text);
        let hash = code_hash(&chain, at);
        assert_eq!(program_word(&chain, hash), [0; 7]);
        let tx = activate(&mut chain, at);
        assert!(tx.success, "{:?}", tx.halt);
        let version = if arbos < 31 { 1 } else { 2 };
        let init = sizes.init() + if arbos < 31 { sizes.cached() } else { 0 };
        let hours = (now(&chain) - 1_421_388_000) / 3_600;
        let kib = sizes.asm().div_ceil(1_024);
        assert_eq!(program_word(&chain, hash), [version, init, sizes.cached(), 3, hours, kib, 0]);
        let event = ArbWasm::ProgramActivated::decode_log(&tx.logs[0]).unwrap();
        assert_eq!(event.codehash, hash);
        assert!(!event.moduleHash.is_zero());
        assert_eq!(arbos_word(&chain, &programs(2), hash), U256::from_be_bytes(event.moduleHash.0));
        assert_eq!(ask(&chain, ArbWasm::codehashAsmSizeCall { codehash: hash }), kib * 1_024);
    }
}

#[test]
fn program_word_cached_and_kept_alive() {
    let (text, _) = sample();
    let mut chain = chain();
    let at = program(&mut chain, &text);
    let hash = code_hash(&chain, at);
    let mut expected = program_word(&chain, hash);
    cache(&mut chain, at);
    expected[6] = 1;
    assert_eq!(program_word(&chain, hash), expected);
    chain.increase_time(40 * 86_400);
    let keep = ArbWasm::codehashKeepaliveCall { codehash: hash }.abi_encode();
    assert!(send(&mut chain, Some(ARB_WASM), keep, ETHER).success);
    expected[4] = (now(&chain) - 1_421_388_000) / 3_600;
    assert_eq!(program_word(&chain, hash), expected);
    let evict = ArbWasmCache::evictCodehashCall { codehash: hash }.abi_encode();
    assert!(send(&mut chain, Some(ARB_WASM_CACHE), evict, 0).success);
    expected[6] = 0;
    assert_eq!(program_word(&chain, hash), expected);
}

#[test]
fn params_word_by_version() {
    const K: u64 = 1_024;
    let word = |version, stack, init, size, fragments| {
        vec![version, 10_000, stack, 2, 1_000, 128, init, 11, 50, 50, 365, 31, 32, size, fragments]
    };
    let expected = [
        (30, word(1, 262_144, 72, 0, 0)),
        (31, word(2, 262_144, 69, 0, 0)),
        (32, word(2, 262_144, 69, 0, 0)),
        (40, word(2, 262_144, 69, 128 * K, 0)),
        (50, word(2, 22_000, 69, 128 * K, 0)),
        (51, word(2, 22_000, 69, 128 * K, 0)),
        (60, word(2, 22_000, 69, 128 * K, 2)),
        (61, word(2, 22_000, 69, 256 * K, 4)),
    ];
    for (arbos, expected) in &expected {
        assert_eq!(params_word(&chain_at(*arbos)), *expected, "a chain that starts at {arbos}");
    }
    // The same by upgrades, one after the other and in one leap.
    let mut steps = chain_at(30);
    for (arbos, expected) in &expected[1..] {
        upgrade(&mut steps, *arbos);
        assert_eq!(params_word(&steps), *expected, "upgraded to {arbos}");
        assert_eq!(
            arbos_index(&steps, &space(&[]), 0),
            U256::from(*arbos),
            "word 0 of the root is the version"
        );
        let mut leap = chain_at(30);
        upgrade(&mut leap, *arbos);
        assert_eq!(params_word(&leap), *expected, "from 30 to {arbos}");
    }
}

#[test]
fn params_word_as_owners_set_it() {
    let mut chain = chain();
    own(&mut chain);
    let mut expected = params_word(&chain);
    let mut set = |chain: &mut Chain, changes: &[(usize, u64)], call: Vec<u8>| {
        let tx = send(chain, Some(plimsoll_devnode::precompiles::ARB_OWNER), call, 0);
        assert!(tx.success, "{:?}", tx.halt);
        for (at, value) in changes {
            expected[*at] = *value;
        }
        assert_eq!(params_word(chain), expected);
    };
    let c = &mut chain;
    set(c, &[(1, 0xfe_dcba)], ArbOwner::setInkPriceCall { inkPrice: 0xfe_dcba }.abi_encode());
    set(c, &[(2, 0x0102_0304)], ArbOwner::setWasmMaxStackDepthCall { depth: 0x0102_0304 }.abi_encode());
    set(c, &[(3, 0x0506)], ArbOwner::setWasmFreePagesCall { pages: 0x0506 }.abi_encode());
    set(c, &[(4, 0x0708)], ArbOwner::setWasmPageGasCall { gas: 0x0708 }.abi_encode());
    set(c, &[(5, 0x090a)], ArbOwner::setWasmPageLimitCall { limit: 0x090a }.abi_encode());
    // Units of 128 and of 32 gas, rounded up.
    set(c, &[(6, 2), (7, 9)], ArbOwner::setWasmMinInitGasCall { gas: 129, cached: 257 }.abi_encode());
    // Units of 2 %, rounded up.
    set(c, &[(8, 36)], ArbOwner::setWasmInitCostScalarCall { percent: 71 }.abi_encode());
    set(c, &[(10, 0x0b0c)], ArbOwner::setWasmExpiryDaysCall { _days: 0x0b0c }.abi_encode());
    set(c, &[(11, 0x0d0e)], ArbOwner::setWasmKeepaliveDaysCall { _days: 0x0d0e }.abi_encode());
    set(c, &[(12, 0x0f10)], ArbOwner::setWasmBlockCacheSizeCall { count: 0x0f10 }.abi_encode());
    set(c, &[(13, 0x1112_1314)], ArbOwner::setWasmMaxSizeCall { size: 0x1112_1314 }.abi_encode());
    set(c, &[(14, 0x15)], ArbOwner::setMaxStylusContractFragmentsCall { maxFragments: 0x15 }.abi_encode());
}

#[test]
fn upgrade_keeps_what_owners_set_higher() {
    let mut chain = chain_at(60);
    own(&mut chain);
    assert!(owner(&mut chain, ArbOwner::setWasmMaxSizeCall { size: 500_000 }).success);
    assert!(owner(&mut chain, ArbOwner::setMaxStylusContractFragmentsCall { maxFragments: 9 }).success);
    upgrade(&mut chain, 61);
    let word = params_word(&chain);
    assert_eq!((word[13], word[14]), (500_000, 9));
    let mut chain = chain_at(40);
    own(&mut chain);
    assert!(owner(&mut chain, ArbOwner::setWasmMaxStackDepthCall { depth: 5_000 }).success);
    upgrade(&mut chain, 61);
    assert_eq!(params_word(&chain)[2], 5_000);
}

#[test]
fn data_pricer_words() {
    let mut chain = chain();
    let pricer = programs(3);
    let words = |chain: &Chain| [0, 1, 2, 3, 4].map(|at| arbos_index(chain, &pricer, at).to::<u64>());
    // demand, bytes a second, time of the last change, least price, inertia
    assert_eq!(words(&chain), [0, 34_865, 1_421_388_000, 82_928_201, 21_360_419]);
    let (text, sizes) = sample();
    program(&mut chain, &text);
    assert_eq!(words(&chain), [sizes.asm(), 34_865, now(&chain), 82_928_201, 21_360_419]);
}

#[test]
fn sets_of_addresses() {
    let mut chain = chain();
    own(&mut chain);
    // A set: its size at 0, members from 1 on, and subspace 0 maps a member to its place.
    let owners = space(&[4]);
    assert_eq!(arbos_index(&chain, &owners, 0), U256::ONE);
    assert_eq!(arbos_index(&chain, &owners, 1), U256::from_be_slice(DEV_ADDRESS.as_slice()));
    assert_eq!(arbos_word(&chain, &space(&[4, 0]), DEV_ADDRESS.into_word()), U256::ONE);

    let [a, b, c] = [1, 2, 3].map(Address::repeat_byte);
    for manager in [a, b, c] {
        assert!(owner(&mut chain, ArbOwner::addWasmCacheManagerCall { manager }).success);
    }
    let managers = programs(4);
    let places = space(&[8, 4, 0]);
    let member = |chain: &Chain, at| arbos_index(chain, &managers, at);
    let place = |chain: &Chain, of: Address| arbos_word(chain, &places, of.into_word()).to::<u64>();
    assert_eq!(member(&chain, 0), U256::from(3));
    assert_eq!([a, b, c].map(|of| place(&chain, of)), [1, 2, 3]);
    assert!(owner(&mut chain, ArbOwner::removeWasmCacheManagerCall { manager: a }).success);
    // The last one takes the place that became free.
    assert_eq!(member(&chain, 0), U256::from(2));
    assert_eq!(member(&chain, 1), U256::from_be_slice(c.as_slice()));
    assert_eq!(member(&chain, 3), U256::ZERO);
    assert_eq!([a, b, c].map(|of| place(&chain, of)), [0, 2, 1]);
}
