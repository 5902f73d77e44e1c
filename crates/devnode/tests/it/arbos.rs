//! Activation, the program cache, memory over a transaction, owners: what ArbOS answers.

use crate::common::*;
use alloy_primitives::{Address, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolError, SolEvent, SolValue};
use plimsoll_devnode::chain::error::ChainError;
use plimsoll_devnode::chain::{BlockRef, Chain};
use plimsoll_devnode::config::DEV_ADDRESS;
use plimsoll_devnode::precompiles::abi::{
    ArbDebug, ArbInfo, ArbOwner, ArbOwnerPublic, ArbSys, ArbWasm, ArbWasmCache, ArbosTest, NodeInterface,
};
use plimsoll_devnode::precompiles::{
    ARB_DEBUG, ARB_INFO, ARB_OWNER, ARB_OWNER_PUBLIC, ARB_SYS, ARB_WASM, ARB_WASM_CACHE, ARBOS_TEST,
    NODE_INTERFACE,
};
use stylus_vm::memory_model;

fn code_hash(chain: &Chain, at: Address) -> alloy_primitives::B256 {
    keccak256(chain.view(BlockRef::Latest).unwrap().code(at))
}

fn reverted<E: SolError>(tx: &plimsoll_devnode::chain::block::Mined, error: E) {
    assert!(!tx.success);
    assert_eq!(tx.output[..], error.abi_encode()[..]);
}

#[test]
fn activation_pays_the_data_fee_and_gives_back_the_rest() {
    let mut chain = chain();
    let at = deploy_wat(&mut chain, STORER);
    let balance = |chain: &Chain| chain.view(BlockRef::Latest).unwrap().account(DEV_ADDRESS).unwrap().balance;
    let before = balance(&chain);
    let tx = activate(&mut chain, at);
    assert!(tx.success);
    let (version, fee) = <(u16, U256)>::abi_decode(&tx.output).unwrap();
    assert_eq!(version, 2);
    let wasm = wat::parse_str(STORER).unwrap();
    let info = *stylus_vm::Program::activate(&wasm, &stylus_vm::Config::for_arbos(60), 0).unwrap().info();
    // stylus.md 2.2: price = 82928201 * e^(demand/21360419), demand = the bytes of this first program; the series for
    // a demand this small is 1 + x in bips.
    let bips = 10_000 * u64::from(info.asm_estimate) / 21_360_419;
    let price = 82_928_201 * (10_000 + bips + bips * bips / 20_000) / 10_000;
    assert!((price * u64::from(info.asm_estimate)).abs_diff(fee.to()) <= fee.to::<u64>() / 5_000, "{fee}");
    let gas = U256::from(tx.gas_used) * U256::from(plimsoll_devnode::config::BASE_FEE);
    assert_eq!(before - balance(&chain), fee + gas, "the rest of one ether came back");
    assert!(tx.gas_used >= 1_659_168 + 21_000);

    let event = ArbWasm::ProgramActivated::decode_log(&tx.logs[0]).unwrap();
    assert_eq!(event.codehash, code_hash(&chain, at));
    assert_eq!((event.program, event.dataFee, event.version), (at, fee, 2));
}

#[test]
fn activation_errors() {
    let mut chain = chain();
    let at = deploy_wat(&mut chain, STORER);
    let data = ArbWasm::activateProgramCall { program: at }.abi_encode();

    let poor = send(&mut chain, Some(ARB_WASM), data.clone(), 1);
    let error = ArbWasm::ProgramInsufficientValue::abi_decode(&poor.output).unwrap();
    assert_eq!(error.have, U256::ONE);
    assert!(error.want > U256::from(10_000_000_000_000u64));
    let exact = send(&mut chain, Some(ARB_WASM), data.clone(), error.want.to());
    assert!(exact.success, "the price that the error names is enough");

    let again = activate(&mut chain, at);
    reverted(&again, ArbWasm::ProgramUpToDate {});
    let copy = deploy_wat(&mut chain, STORER);
    let tx = activate(&mut chain, copy);
    reverted(&tx, ArbWasm::ProgramUpToDate {});
    assert!(send(&mut chain, Some(copy), storer(0, 1, 1), 0).success, "a copy of the code is active too");

    let evm = deploy(&mut chain, &EVM_STORE);
    let tx = activate(&mut chain, evm);
    reverted(&tx, ArbWasm::ProgramNotWasm {});
    let tx = activate(&mut chain, NOBODY);
    reverted(&tx, ArbWasm::ProgramNotWasm {});

    let bad = deploy(&mut chain, &stylus_vm::code::compress(b"\0asm\x01\0\0\0"));
    let tx = activate(&mut chain, bad);
    assert!(!tx.success && tx.output.is_empty());
    assert_eq!(tx.gas_used, 32_000_000, "a module that does not pass takes all gas");
    let few = send_gas(&mut chain, Some(ARB_WASM), data, ETHER, 1_000_000);
    assert_eq!(few.halt.as_deref(), Some("out of gas"));
}

#[test]
fn program_not_activated_takes_all_gas() {
    let mut chain = chain();
    let at = deploy_wat(&mut chain, STORER);
    let tx = send_gas(&mut chain, Some(at), storer(0, 1, 1), 0, 500_000);
    assert!(!tx.success);
    assert_eq!(tx.gas_used, 500_000);
    assert_eq!(tx.halt.as_deref(), Some("ProgramNotActivated()"));
    let version = ArbWasm::programVersionCall { program: at }.abi_encode();
    let error = ArbWasm::ProgramNotActivated {}.abi_encode();
    assert_eq!(call(&chain, ARB_WASM, version), Err(ChainError::Reverted(error.into())));
}

#[test]
fn failed_activation_leaves_nothing() {
    let mut chain = chain();
    let at = deploy_wat(&mut chain, STORER);
    // EVM code that activates and then reverts.
    let data = ArbWasm::activateProgramCall { program: at }.abi_encode();
    let evm = deploy(&mut chain, &evm_forwarder(CALL));
    let tx = send(&mut chain, Some(evm), forward_evm(ARB_WASM, &data), 1);
    assert!(!tx.success, "the value is too small");
    assert!(call(&chain, ARB_WASM, ArbWasm::programVersionCall { program: at }.abi_encode()).is_err());
    let tx = send(&mut chain, Some(evm), forward_evm(ARB_WASM, &data), ETHER);
    assert!(tx.success, "contracts can activate");
    let rest = chain.view(BlockRef::Latest).unwrap().account(evm).unwrap().balance;
    assert!(rest > U256::from(ETHER / 2), "the rest goes to the caller of the precompile");
}

#[test]
fn arb_wasm_getters() {
    let mut chain = chain();
    let at = program(&mut chain, STORER);
    let hash = code_hash(&chain, at);
    let ask = |chain: &Chain, data: Vec<u8>| call(chain, ARB_WASM, data).unwrap();
    let number = |out: Bytes| U256::from_be_slice(&out).to::<u64>();
    assert_eq!(number(ask(&chain, ArbWasm::stylusVersionCall {}.abi_encode())), 2);
    assert_eq!(number(ask(&chain, ArbWasm::codehashVersionCall { codehash: hash }.abi_encode())), 2);
    assert_eq!(number(ask(&chain, ArbWasm::programMemoryFootprintCall { program: at }.abi_encode())), 1);
    assert_eq!(number(ask(&chain, ArbWasm::inkPriceCall {}.abi_encode())), 10_000);
    assert_eq!(number(ask(&chain, ArbWasm::maxStackDepthCall {}.abi_encode())), 22_000);
    assert_eq!(number(ask(&chain, ArbWasm::freePagesCall {}.abi_encode())), 2);
    assert_eq!(number(ask(&chain, ArbWasm::pageGasCall {}.abi_encode())), 1_000);
    assert_eq!(number(ask(&chain, ArbWasm::pageRampCall {}.abi_encode())), 620_674_314);
    assert_eq!(number(ask(&chain, ArbWasm::pageLimitCall {}.abi_encode())), 128);
    assert_eq!(number(ask(&chain, ArbWasm::expiryDaysCall {}.abi_encode())), 365);
    assert_eq!(number(ask(&chain, ArbWasm::keepaliveDaysCall {}.abi_encode())), 31);
    assert_eq!(number(ask(&chain, ArbWasm::blockCacheSizeCall {}.abi_encode())), 32);
    assert_eq!(number(ask(&chain, ArbWasm::initCostScalarCall {}.abi_encode())), 100);
    assert_eq!(number(ask(&chain, ArbWasm::activationGasCall {}.abi_encode())), 0);
    let min = ask(&chain, ArbWasm::minInitGasCall {}.abi_encode());
    assert_eq!(<(u64, u64)>::abi_decode(&min).unwrap(), (69 * 128, 11 * 32));

    let wasm = wat::parse_str(STORER).unwrap();
    let info = *stylus_vm::Program::activate(&wasm, &stylus_vm::Config::for_arbos(60), 0).unwrap().info();
    let gas = ask(&chain, ArbWasm::programInitGasCall { program: at }.abi_encode());
    let cached = 11 * 32 + u64::from(info.cached_cost);
    let init = 69 * 128 + u64::from(info.init_cost) + cached;
    assert_eq!(<(u64, u64)>::abi_decode(&gas).unwrap(), (init, cached));
    let left = number(ask(&chain, ArbWasm::programTimeLeftCall { program: at }.abi_encode()));
    // Activation is noted in whole hours.
    assert!((365 * 86_400 - 3_700..=365 * 86_400).contains(&left));
}

#[test]
fn programs_expire_and_are_kept_alive() {
    let mut chain = chain();
    let at = program(&mut chain, STORER);
    let hash = code_hash(&chain, at);
    let keep = ArbWasm::codehashKeepaliveCall { codehash: hash }.abi_encode();
    let soon = send(&mut chain, Some(ARB_WASM), keep.clone(), ETHER);
    assert!(ArbWasm::ProgramKeepaliveTooSoon::abi_decode(&soon.output).is_ok());
    chain.increase_time(40 * 86_400);
    let kept = send(&mut chain, Some(ARB_WASM), keep.clone(), ETHER);
    assert!(kept.success);
    ArbWasm::ProgramLifetimeExtended::decode_log(&kept.logs[0]).unwrap();
    chain.increase_time(360 * 86_400);
    chain.mine(None).unwrap();
    assert!(
        send(&mut chain, Some(at), storer(0, 1, 1), 0).success,
        "400 days after activation, 360 after keepalive"
    );
    chain.increase_time(6 * 86_400);
    let tx = send(&mut chain, Some(at), storer(0, 1, 1), 0);
    assert!(tx.halt.is_some_and(|why| why.starts_with("ProgramExpired(")));
    let late = send(&mut chain, Some(ARB_WASM), keep, ETHER);
    assert!(ArbWasm::ProgramExpired::abi_decode(&late.output).is_ok());
    assert!(activate(&mut chain, at).success, "an expired program can be activated again");
    assert!(send(&mut chain, Some(at), storer(0, 1, 1), 0).success);
}

#[test]
fn cache_managers_pin_programs() {
    let mut chain = chain();
    let at = program(&mut chain, STORER);
    let hash = code_hash(&chain, at);
    let pin = ArbWasmCache::cacheProgramCall { addr: at }.abi_encode();
    let stranger = send_gas(&mut chain, Some(ARB_WASM_CACHE), pin.clone(), 0, 200_000);
    assert_eq!((stranger.success, stranger.gas_used), (false, 200_000));

    assert!(send(&mut chain, Some(ARB_DEBUG), ArbDebug::becomeChainOwnerCall {}.abi_encode(), 0).success);
    let manager = deploy(&mut chain, &evm_forwarder(CALL));
    let add = ArbOwner::addWasmCacheManagerCall { manager }.abi_encode();
    let tx = send(&mut chain, Some(ARB_OWNER), add, 0);
    assert!(tx.success);
    ArbOwner::OwnerActs::decode_log(&tx.logs[0]).unwrap();
    let all = call(&chain, ARB_WASM_CACHE, ArbWasmCache::allCacheManagersCall {}.abi_encode()).unwrap();
    assert_eq!(<Vec<Address>>::abi_decode(&all).unwrap(), vec![manager]);
    let is = ArbWasmCache::isCacheManagerCall { manager }.abi_encode();
    assert_eq!(call(&chain, ARB_WASM_CACHE, is.clone()).unwrap()[31], 1);

    let cold = send(&mut chain, Some(at), storer(1, 1, 0), 0).gas_used;
    let tx = send(&mut chain, Some(manager), forward_evm(ARB_WASM_CACHE, &pin), 0);
    assert!(tx.success);
    let event = ArbWasmCache::UpdateProgramCache::decode_log(&tx.logs[0]).unwrap();
    assert_eq!((event.manager, event.codehash, event.cached), (manager, hash, true));
    let warm = send(&mut chain, Some(at), storer(1, 1, 0), 0).gas_used;
    let wasm = wat::parse_str(STORER).unwrap();
    let info = *stylus_vm::Program::activate(&wasm, &stylus_vm::Config::for_arbos(60), 0).unwrap().info();
    assert_eq!(cold - warm, 69 * 128 + u64::from(info.init_cost));
    let cached = ArbWasmCache::codehashIsCachedCall { codehash: hash }.abi_encode();
    assert_eq!(call(&chain, ARB_WASM_CACHE, cached.clone()).unwrap()[31], 1);

    let again = send(&mut chain, Some(manager), forward_evm(ARB_WASM_CACHE, &pin), 0);
    assert!(again.success && again.logs.is_empty(), "pinning twice says nothing");
    let evict = ArbWasmCache::evictCodehashCall { codehash: hash }.abi_encode();
    assert!(send(&mut chain, Some(manager), forward_evm(ARB_WASM_CACHE, &evict), 0).success);
    assert_eq!(call(&chain, ARB_WASM_CACHE, cached).unwrap()[31], 0);
    assert_eq!(send(&mut chain, Some(at), storer(1, 1, 0), 0).gas_used, cold);

    let remove = ArbOwner::removeWasmCacheManagerCall { manager }.abi_encode();
    assert!(send(&mut chain, Some(ARB_OWNER), remove, 0).success);
    assert_eq!(call(&chain, ARB_WASM_CACHE, is).unwrap()[31], 0);
}

#[test]
fn second_call_in_a_block_is_warm_from_arbos_60_on() {
    let cost = |arbos: u64| {
        let mut chain = Chain::new(plimsoll_devnode::Config { arbos_version: arbos, ..config() });
        let forwarder = program(&mut chain, FORWARDER);
        let at = program(&mut chain, STORER);
        let once = send(&mut chain, Some(forwarder), forward(0, at, &storer(6, 0, 0)), 0).gas_used;
        // The forwarder calls itself first: its second start is warm under ArbOS 60.
        let twice = forward(0, forwarder, &forward(0, at, &storer(6, 0, 0)));
        send(&mut chain, Some(forwarder), twice, 0).gas_used - once
    };
    let wasm = wat::parse_str(FORWARDER).unwrap();
    let info = *stylus_vm::Program::activate(&wasm, &stylus_vm::Config::for_arbos(60), 0).unwrap().info();
    let init = 69 * 128 + u64::from(info.init_cost);
    // Both calls cost the same but for starting the program cold; stack depth does not show in gas.
    assert_eq!(cost(51) - cost(60), init);
}

#[test]
fn owners_and_their_parameters() {
    let mut chain = chain();
    let set = ArbOwner::setInkPriceCall { inkPrice: 5_000 }.abi_encode();
    let tx = send_gas(&mut chain, Some(ARB_OWNER), set.clone(), 0, 100_000);
    assert_eq!((tx.success, tx.gas_used), (false, 100_000));
    assert!(tx.halt.unwrap().contains("unauthorized caller"));
    assert!(send(&mut chain, Some(ARB_DEBUG), ArbDebug::becomeChainOwnerCall {}.abi_encode(), 0).success);
    let owners =
        call(&chain, ARB_OWNER_PUBLIC, ArbOwnerPublic::getAllChainOwnersCall {}.abi_encode()).unwrap();
    assert_eq!(<Vec<Address>>::abi_decode(&owners).unwrap(), vec![DEV_ADDRESS]);
    let price = ArbOwner::setL1PricePerUnitCall { pricePerUnit: U256::ZERO }.abi_encode();
    assert!(send(&mut chain, Some(ARB_OWNER), price, 0).success);
    assert!(send(&mut chain, Some(ARB_OWNER), set, 0).success);
    let ink = call(&chain, ARB_WASM, ArbWasm::inkPriceCall {}.abi_encode()).unwrap();
    assert_eq!(U256::from_be_slice(&ink), U256::from(5_000));
    let zero = ArbOwner::setInkPriceCall { inkPrice: 0 }.abi_encode();
    assert!(!send(&mut chain, Some(ARB_OWNER), zero, 0).success);
    let add = ArbOwner::addChainOwnerCall { newOwner: NOBODY }.abi_encode();
    assert!(send(&mut chain, Some(ARB_OWNER), add, 0).success);
    let is = ArbOwnerPublic::isChainOwnerCall { addr: NOBODY }.abi_encode();
    assert_eq!(call(&chain, ARB_OWNER_PUBLIC, is).unwrap()[31], 1);
}

#[test]
fn arbos_upgrade_changes_the_rules() {
    let mut chain = Chain::new(plimsoll_devnode::Config { arbos_version: 32, ..config() });
    let depth = |chain: &Chain| {
        U256::from_be_slice(&call(chain, ARB_WASM, ArbWasm::maxStackDepthCall {}.abi_encode()).unwrap())
    };
    assert_eq!(depth(&chain), U256::from(262_144));
    send(&mut chain, Some(ARB_DEBUG), ArbDebug::becomeChainOwnerCall {}.abi_encode(), 0);
    let up = ArbOwner::scheduleArbOSUpgradeCall { newVersion: 60, timestamp: 0 }.abi_encode();
    assert!(send(&mut chain, Some(ARB_OWNER), up, 0).success);
    assert_eq!(depth(&chain), U256::from(22_000));
    let version = call(&chain, ARB_SYS, ArbSys::arbOSVersionCall {}.abi_encode()).unwrap();
    assert_eq!(U256::from_be_slice(&version), U256::from(55 + 60));
    let down = ArbOwner::scheduleArbOSUpgradeCall { newVersion: 32, timestamp: 0 }.abi_encode();
    assert!(!send(&mut chain, Some(ARB_OWNER), down, 0).success);
}

#[test]
fn precompile_gas_is_three_a_word_and_800_for_state() {
    let chain = chain();
    // PUSH2 size...: measured through a contract: GAS before and after a static call, less what the opcodes cost.
    let mut chain = chain;
    let burn = ArbosTest::burnArbGasCall { gasAmount: U256::ZERO }.abi_encode();
    let direct = send(&mut chain, Some(ARBOS_TEST), burn.clone(), 0);
    let calldata: u64 = burn.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum();
    // stylus.md 4.8: burnArbGas(0) measured 103 gas = 100 warm + 3; a transaction does not pay the access.
    assert_eq!(direct.gas_used, 21_000 + calldata + 3);
    let number = ArbSys::arbBlockNumberCall {}.abi_encode();
    let calldata: u64 = number.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum();
    assert_eq!(send(&mut chain, Some(ARB_SYS), number, 0).gas_used, 21_000 + calldata + 800 + 3);
    let some = ArbosTest::burnArbGasCall { gasAmount: U256::from(12_345) }.abi_encode();
    let calldata: u64 = some.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum();
    assert_eq!(send(&mut chain, Some(ARBOS_TEST), some, 0).gas_used, 21_000 + calldata + 12_345 + 3);
}

#[test]
fn precompiles_reject_what_they_do_not_know() {
    let mut chain = chain();
    for to in plimsoll_devnode::precompiles::ALL {
        for data in [vec![], vec![1, 2, 3], vec![0xff; 4], vec![0xff; 100]] {
            let tx = send_gas(&mut chain, Some(to), data, 0, 100_000);
            assert_eq!((tx.success, tx.gas_used), (false, 100_000), "{to}");
        }
    }
    // Value where none is taken, and a write in a static context.
    let tx = send(&mut chain, Some(ARB_SYS), ArbSys::arbBlockNumberCall {}.abi_encode(), 1);
    assert!(!tx.success);
    let fixed = deploy(&mut chain, &evm_forwarder(STATICCALL));
    let data = forward_evm(ARB_DEBUG, &ArbDebug::becomeChainOwnerCall {}.abi_encode());
    assert!(!send(&mut chain, Some(fixed), data, 0).success);
    let delegating = deploy(&mut chain, &evm_forwarder(DELEGATECALL));
    let data = forward_evm(ARB_SYS, &ArbSys::arbBlockNumberCall {}.abi_encode());
    assert!(!send(&mut chain, Some(delegating), data, 0).success);
}

#[test]
fn arb_info_and_node_interface() {
    let mut chain = chain();
    chain.set_balance(NOBODY, U256::from(77));
    let out = call(&chain, ARB_INFO, ArbInfo::getBalanceCall { account: NOBODY }.abi_encode()).unwrap();
    assert_eq!(U256::from_be_slice(&out), U256::from(77));
    let echo = deploy(&mut chain, &EVM_ECHO);
    let out = call(&chain, ARB_INFO, ArbInfo::getCodeCall { account: echo }.abi_encode()).unwrap();
    assert_eq!(Bytes::abi_decode(&out).unwrap()[..], EVM_ECHO);
    let ask =
        NodeInterface::gasEstimateComponentsCall { to: NOBODY, contractCreation: false, data: Bytes::new() };
    let out = call(&chain, NODE_INTERFACE, ask.abi_encode()).unwrap();
    let (gas, l1, base, _) = <(u64, u64, U256, U256)>::abi_decode(&out).unwrap();
    assert_eq!((gas, l1, base), (21_000, 0, U256::from(100_000_000)));
}

/// A program that starts with one page, grows by the pages in its first byte, and then calls: `[pages][kind][to 20][..]`.
/// Without a callee it returns.
const GROWER: &str = r#"(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "call_contract" (func $call (param i32 i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
  (memory (export "memory") 1)
  (func (export "user_entrypoint") (param $len i32) (result i32)
    (call $read_args (i32.const 0))
    (if (i32.eq (memory.grow (i32.load8_u (i32.const 0))) (i32.const -1)) (then unreachable))
    (if (i32.le_u (local.get $len) (i32.const 21)) (then (return (i32.const 0))))
    (call $call (i32.const 1) (i32.const 21) (i32.sub (local.get $len) (i32.const 21)) (i32.const 1000) (i64.const -1) (i32.const 1100))))"#;

fn grow(pages: u8, then: Option<(Address, Vec<u8>)>) -> Vec<u8> {
    match then {
        None => vec![pages],
        Some((to, rest)) => [&[pages][..], to.as_slice(), &rest].concat(),
    }
}

#[test]
fn memory_pages_are_priced_over_the_whole_transaction() {
    let mut chain = chain();
    let at = program(&mut chain, GROWER);
    cache(&mut chain, at);
    let gas = |chain: &mut Chain, data: Vec<u8>| {
        let calldata: u64 = data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum();
        let tx = send(chain, Some(at), data, 0);
        assert!(tx.success, "{:?}", tx.halt);
        tx.gas_used - calldata
    };
    let base = gas(&mut chain, grow(1, None));
    // One page at the start and one more are free; growing costs what the model says, to the gas.
    for pages in [2u8, 10, 60, 100] {
        let cost = gas(&mut chain, grow(pages, None)) - base;
        let model = memory_model::cost(u16::from(pages), 1, 1);
        assert!(cost.abs_diff(model) <= 1, "{pages} pages: {cost}, model {model}");
    }
    // Open pages add up over nested frames: 50 below 50 ramps up to 102.
    let inner = grow(50, None);
    let flat = gas(&mut chain, grow(1, Some((at, grow(1, None)))));
    let nested = gas(&mut chain, grow(50, Some((at, inner))));
    let model = memory_model::cost(50, 1, 1) + memory_model::cost(1, 51, 51) + memory_model::cost(50, 52, 52)
        - memory_model::cost(1, 2, 2)
        - memory_model::cost(1, 3, 3);
    assert!((nested - flat).abs_diff(model) <= 2, "{} against {model}", nested - flat);
}

#[test]
fn memory_stays_dear_for_the_transaction_but_is_given_back() {
    let mut chain = chain();
    let at = program(&mut chain, GROWER);
    cache(&mut chain, at);
    // EVM code that calls the program twice with its calldata and ignores how it ended.
    let mut code = vec![0x36, 0x5f, 0x5f, 0x37];
    for _ in 0..2 {
        code.extend([0x5f, 0x5f, 0x36, 0x5f, 0x5f, 0x73]);
        code.extend(at.as_slice());
        code.extend([0x5a, 0xf1, 0x50]);
    }
    code.push(0x00);
    let twice = deploy(&mut chain, &code);
    let one = send(&mut chain, Some(twice), vec![1], 0).gas_used;
    let hundred = send(&mut chain, Some(twice), vec![100], 0).gas_used;
    // The ramp is paid once, the linear part by each call: stylus.md 4.4. Calldata costs the same.
    let model =
        memory_model::cost(100, 1, 1) + memory_model::cost(1, 0, 101) + memory_model::cost(100, 1, 101);
    assert!((hundred - one).abs_diff(model) <= 2, "{} against {model}", hundred - one);
}

#[test]
fn programs_of_too_many_pages_run_out_of_gas() {
    let mut chain = chain();
    let at = program(&mut chain, GROWER);
    let tx = send_gas(&mut chain, Some(at), grow(128, None), 0, 100_000_000);
    assert_eq!(tx.halt.as_deref(), Some("out of gas"), "129 pages cannot be paid");
    let tx = send_gas(&mut chain, Some(at), grow(127, None), 0, 100_000_000);
    assert!(tx.success, "128 can");
}
