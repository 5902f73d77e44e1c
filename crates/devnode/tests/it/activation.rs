//! Activation by transactions: every rule of the VM, gas and fee by formula.

use crate::common::*;
use crate::support::*;
use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolError, SolValue};
use plimsoll_devnode::chain::block::Mined;
use plimsoll_devnode::chain::error::ChainError;
use plimsoll_devnode::chain::{BlockRef, Chain};
use plimsoll_devnode::config::{BASE_FEE, DEV_ADDRESS};
use plimsoll_devnode::precompiles::ARB_WASM;
use plimsoll_devnode::precompiles::abi::{ArbOwner, ArbWasm};
use stylus_testing::modules::{self, Case, Verdict, with};

const GAS: u64 = 32_000_000;

/// What Nitro does with a module that breaks a rule: the transaction fails, all its gas is gone, no data comes back,
/// nothing is written; `eth_call` says why.
fn rejected(chain: &mut Chain, at: Address, why: &str) {
    let request = plimsoll_devnode::chain::call::CallRequest {
        from: Some(DEV_ADDRESS),
        to: Some(ARB_WASM),
        value: U256::from(ETHER),
        data: activate_call(at).into(),
        ..Default::default()
    };
    let error = chain.call(&request, BlockRef::Latest, &Default::default()).unwrap_err();
    assert!(matches!(error, ChainError::Halted(_)), "{error:?}");
    assert!(error.to_string().starts_with("program activation failed"), "{error}");
    assert!(error.to_string().contains(why), "{error}: {why}");
    let tx = activate(chain, at);
    assert!(!tx.success);
    assert_eq!(tx.gas_used, GAS);
    assert!(tx.output.is_empty() && tx.logs.is_empty());
    let hash = code_hash(chain, at);
    assert_eq!(arbos_word(chain, &programs(1), hash), U256::ZERO, "no program word");
    assert_eq!(arbos_word(chain, &programs(2), hash), U256::ZERO, "no module hash");
    assert_eq!(arbos_index(chain, &programs(3), 0), U256::ZERO, "no demand");
}

fn accepted(chain: &mut Chain, at: Address) {
    let tx = activate(chain, at);
    assert!(tx.success, "{:?}", tx.halt);
    assert_eq!(tx.logs.len(), 1);
    let hash = code_hash(chain, at);
    assert_eq!(
        arbos_word(chain, &programs(1), hash) >> 240,
        U256::from(2),
        "the word begins with the version"
    );
}

fn check(cases: &[Case]) {
    for case in cases {
        // The demand of one must not show in the next.
        let mut chain = chain();
        let at = deploy_wasm(&mut chain, &case.wasm());
        match &case.verdict {
            Verdict::Passes => accepted(&mut chain, at),
            Verdict::Fails(error) => rejected(&mut chain, at, &error.to_string()),
            Verdict::Invalid => rejected(&mut chain, at, "invalid module"),
        }
    }
}

macro_rules! rules {
    ($($test:ident => $group:ident),* $(,)?) => {
        $(#[test]
        fn $test() {
            check(&modules::$group());
        })*
    };
}

rules! {
    activation_features => features,
    activation_imports => imports,
    activation_names => names,
    activation_memory => memory,
    activation_entry_point => entry_point,
    activation_segments_and_tables => segments_and_tables,
    activation_definitions => definitions,
    activation_functions => functions,
    activation_instructions => instructions,
    activation_costs => costs,
}

/// Opens pages, then calls with the value it got: `[pages 1][to 20][data]`.
const GROW_AND_CALL: &str = r#"(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "msg_value" (func $msg_value (param i32)))
  (import "vm_hooks" "call_contract" (func $call (param i32 i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
  (memory (export "memory") 1)
  (func (export "user_entrypoint") (param $len i32) (result i32)
    (call $read_args (i32.const 0))
    (call $msg_value (i32.const 1000))
    (drop (memory.grow (i32.load8_u (i32.const 0))))
    (call $call (i32.const 1) (i32.const 21) (i32.sub (local.get $len) (i32.const 21))
      (i32.const 1000) (i64.const -1) (i32.const 1100))))"#;

#[test]
fn activation_fits_the_pages_that_others_leave() {
    // stylus.md 5.3: 120 pages while 60 are open fail; here to the page. The caller has one page of its own.
    for (open, passes) in [(7u8, true), (8, false), (59, false)] {
        let mut chain = chain();
        let caller = program(&mut chain, GROW_AND_CALL);
        let demand = arbos_index(&chain, &programs(3), 0);
        let at = deploy_wasm(&mut chain, &wasm(&modules::pages(120)));
        let data = [&[open], ARB_WASM.as_slice(), &activate_call(at)].concat();
        let tx = send(&mut chain, Some(caller), data, ETHER);
        assert_eq!(tx.success, passes, "{open} more pages: {:?}", tx.halt);
        let word = arbos_word(&chain, &programs(1), code_hash(&chain, at));
        assert_eq!(word.is_zero(), !passes);
        if !passes {
            assert!(
                tx.gas_used > GAS * 63 / 64 - 500_000,
                "the inner call takes all it got: {}",
                tx.gas_used
            );
            assert_eq!(arbos_index(&chain, &programs(3), 0), demand);
        }
    }
}

#[test]
fn activation_multi_value_ends_with_arbos_60() {
    let module = wasm(&modules::multi_value());
    for arbos in [31, 32, 40, 51] {
        let mut chain = chain_at(arbos);
        let at = deploy_wasm(&mut chain, &module);
        accepted(&mut chain, at);
        upgrade(&mut chain, 60);
        assert!(send(&mut chain, Some(at), [], 0).success, "what was activated goes on running");
    }
    for arbos in [60, 61] {
        let mut chain = chain_at(arbos);
        let at = deploy_wasm(&mut chain, &module);
        rejected(&mut chain, at, "invalid module");
    }
}

#[test]
fn activation_of_what_is_no_program() {
    let mut chain = chain();
    let evm = deploy(&mut chain, &EVM_STORE);
    chain.set_code(Address::repeat_byte(0x51), vec![0xef, 0xf0, 0x00].into());
    chain.set_code(Address::repeat_byte(0x52), vec![0xef, 0xf0, 0x03, 0x00].into());
    for at in [evm, NOBODY, DEV_ADDRESS, Address::repeat_byte(0x51), Address::repeat_byte(0x52)] {
        let tx = activate(&mut chain, at);
        reverted(&tx, ArbWasm::ProgramNotWasm {});
        assert!(tx.gas_used < 2_000_000, "unspent gas comes back");
    }
}

/// What does not unpack is refused before a module is looked at: a revert without data that keeps the gas.
fn does_not_unpack(chain: &mut Chain, at: Address) {
    let tx = activate(chain, at);
    assert!(!tx.success && tx.output.is_empty() && tx.halt.is_none(), "{:?}", tx.halt);
    assert!(tx.gas_used < 2_000_000, "{}", tx.gas_used);
    assert_eq!(arbos_word(chain, &programs(1), code_hash(chain, at)), U256::ZERO);
}

#[test]
fn activation_of_what_does_not_unpack() {
    let mut chain = chain();
    let stream = &stylus_vm::code::compress(&wasm(&with("", "")))[4..];
    for (dictionary, stream) in [(1, stream), (2, stream), (0, &stream[..stream.len() - 2]), (0, &[])] {
        let at = deploy(&mut chain, &[&[0xef, 0xf0, 0x00, dictionary], stream].concat());
        does_not_unpack(&mut chain, at);
    }
}

/// A module of exactly so many bytes; the padding is a custom section.
fn padded(len: usize) -> Vec<u8> {
    let mut module = wasm(&with("", ""));
    // id 0, a size of three bytes, a name of one byte
    let content = len - module.len() - 4;
    module.push(0);
    module.extend([content as u8 & 0x7f | 0x80, (content >> 7) as u8 & 0x7f | 0x80, (content >> 14) as u8]);
    module.extend([1, b'x']);
    module.resize(len, 0x55);
    module
}

#[test]
fn activation_size_of_the_module_by_version() {
    for (arbos, limit) in [(32, 128 << 10), (40, 128 << 10), (60, 128 << 10), (61, 256 << 10)] {
        let mut chain = chain_at(arbos);
        let large = deploy_wasm(&mut chain, &padded(limit + 1));
        does_not_unpack(&mut chain, large);
        let at = deploy_wasm(&mut chain, &padded(limit));
        accepted(&mut chain, at);
    }
}

#[test]
fn activation_size_is_a_parameter_from_arbos_40_on() {
    let set = ArbOwner::setWasmMaxSizeCall { size: 1_000 };
    let mut chain = chain_at(32);
    own(&mut chain);
    let tx = owner(&mut chain, set.clone());
    assert_eq!((tx.success, tx.gas_used), (false, GAS), "no such method yet");
    let at = deploy_wasm(&mut chain, &padded(1_001));
    accepted(&mut chain, at);

    let mut chain = chain_at(40);
    own(&mut chain);
    assert!(owner(&mut chain, set).success);
    let large = deploy_wasm(&mut chain, &padded(1_001));
    does_not_unpack(&mut chain, large);
    let at = deploy_wasm(&mut chain, &padded(1_000));
    accepted(&mut chain, at);
    // What is active does not mind a smaller limit.
    assert!(owner(&mut chain, ArbOwner::setWasmMaxSizeCall { size: 10 }).success);
    assert!(send(&mut chain, Some(at), [], 0).success);
}

/// Modules whose sizes are counted by hand. One block of straight code: 12 instructions to meter it, 17 for the stack,
/// and its own, `end` included.
fn counted() -> Vec<(String, Sizes)> {
    let sizes = |functions, types, globals, data, elements, pages, operators| Sizes {
        functions,
        types,
        globals,
        data,
        elements,
        pages,
        operators,
        wasm: 0,
    };
    let globals = "(global i32 (i32.const 0))".repeat(3);
    let ten = "(func (param i32 i64) (result i32) (i32.const 0))".repeat(10);
    let nops = format!("(func {})", "nop ".repeat(5_000));
    // Flag, offset of three bytes, length of two, 1,000 bytes; flag, offset of three, count of one, 100 indices.
    let data =
        format!("(data (i32.const 0) \"{}\") (elem (i32.const 0) {})", "x".repeat(1_000), "0 ".repeat(100));
    let four_pages = with("(table 100 funcref)", &data).replace("1 1)", "4 4)");
    let mut all = vec![
        (with("", ""), sizes(1, 2, 0, 0, 0, 1, 31)),
        (with(&globals, &ten), sizes(11, 2 + 30, 3, 0, 0, 1, 11 * 31)),
        (four_pages, sizes(1, 2, 0, 1_006, 105, 4, 31)),
        (with("", &nops), sizes(2, 2, 0, 0, 0, 1, 31 + 5_030)),
    ];
    for (text, sizes) in &mut all {
        sizes.wasm = wasm(text).len() as u64;
    }
    all
}

fn fee_of(tx: &Mined) -> u64 {
    let (version, fee) = <(u16, U256)>::abi_decode(&tx.output).unwrap();
    assert_eq!(version, 2);
    fee.to()
}

#[test]
fn activation_gas_and_fee_by_formula() {
    for arbos in [31, 32, 40, 51, 60, 61] {
        let mut chain = chain_at(arbos);
        let mut demand = 0u64;
        let mut last = 0;
        for (text, sizes) in counted() {
            let at = deploy_wasm(&mut chain, &wasm(&text));
            let balance = |chain: &Chain, of| {
                chain.view(BlockRef::Latest).unwrap().account(of).unwrap_or_default().balance
            };
            let before = balance(&chain, DEV_ADDRESS);
            let tx = activate(&mut chain, at);
            assert!(tx.success, "{:?}", tx.halt);
            assert_eq!(
                tx.gas_used,
                sizes.transaction(arbos, &activate_call(at)),
                "ArbOS {arbos}: {text:.100}"
            );
            let elapsed = now(&chain) - last;
            last = now(&chain);
            demand = demand.saturating_sub(DECAY * elapsed) + sizes.asm();
            let fee = data_fee(demand, sizes.asm());
            assert_eq!(fee_of(&tx), fee);
            let gas = U256::from(tx.gas_used) * U256::from(BASE_FEE);
            assert_eq!(before - balance(&chain, DEV_ADDRESS), gas + U256::from(fee), "the rest came back");
            assert_eq!(balance(&chain, ARB_WASM), U256::ZERO, "nothing stays in the precompile");
        }
    }
}

#[test]
fn activation_pays_for_the_length_from_arbos_32_on() {
    let (text, sizes) = &counted()[3];
    let gas = [31, 32].map(|arbos| {
        let mut chain = chain_at(arbos);
        let at = deploy_wasm(&mut chain, &wasm(text));
        activate(&mut chain, at).gas_used
    });
    assert!(sizes.wasm > 5_000);
    // Microseconds are whole in each term, so that the difference is exact.
    assert_eq!(gas[1] - gas[0], sizes.wasm * 31_733 / 100_000 * 28);
}

#[test]
fn activation_gas_of_the_owner_from_arbos_60_on() {
    let set = ArbOwner::setWasmActivationGasCall { gas: 123_456 };
    let mut old = chain_at(51);
    own(&mut old);
    assert!(!owner(&mut old, set.clone()).success);
    assert!(call(&old, ARB_WASM, ArbWasm::activationGasCall {}.abi_encode()).is_err());

    let (text, sizes) = &counted()[0];
    let mut chain = chain_at(60);
    own(&mut chain);
    assert_eq!(ask(&chain, ArbWasm::activationGasCall {}), 0);
    assert!(owner(&mut chain, set).success);
    assert_eq!(ask(&chain, ArbWasm::activationGasCall {}), 123_456);
    assert_eq!(arbos_index(&chain, &programs(5), 0), U256::from(123_456));
    let at = deploy_wasm(&mut chain, &wasm(text));
    let tx = activate(&mut chain, at);
    assert_eq!(tx.gas_used, sizes.transaction(60, &activate_call(at)) + 123_456);
}

#[test]
fn activation_with_too_little_gas_or_value() {
    let (text, sizes) = &counted()[0];
    let mut chain = chain();
    let at = deploy_wasm(&mut chain, &wasm(text));
    let need = sizes.transaction(61, &activate_call(at));
    let poor = send_gas(&mut chain, Some(ARB_WASM), activate_call(at), ETHER, need - 1);
    assert_eq!((poor.success, poor.gas_used), (false, need - 1));
    assert!(poor.output.is_empty());

    let fee = data_fee(sizes.asm(), sizes.asm());
    let cheap = send(&mut chain, Some(ARB_WASM), activate_call(at), fee - 1);
    let (have, want) = (U256::from(fee - 1), U256::from(fee));
    reverted(&cheap, ArbWasm::ProgramInsufficientValue { have, want });
    assert_eq!(arbos_word(&chain, &programs(1), code_hash(&chain, at)), U256::ZERO);
    assert_eq!(arbos_index(&chain, &programs(3), 0), U256::ZERO, "demand is rolled back too");
    let exact = send_gas(&mut chain, Some(ARB_WASM), activate_call(at), fee, need);
    assert!(exact.success, "{:?}", exact.halt);
    assert_eq!((fee_of(&exact), exact.gas_used), (fee, need));
}

#[test]
fn activation_twice_is_up_to_date() {
    let mut chain = chain();
    let at = program(&mut chain, STORER);
    let again = activate(&mut chain, at);
    reverted(&again, ArbWasm::ProgramUpToDate {});
    assert!(again.gas_used < 1_800_000);
    let copy = deploy_wat(&mut chain, STORER);
    let tx = activate(&mut chain, copy);
    reverted(&tx, ArbWasm::ProgramUpToDate {});
    assert!(send(&mut chain, Some(copy), storer(0, 1, 1), 0).success, "one activation serves every copy");
    let error = ArbWasm::ProgramNotActivated {}.abi_encode();
    let other = deploy_wat(&mut chain, FORWARDER);
    let version = ArbWasm::programVersionCall { program: other }.abi_encode();
    assert_eq!(call(&chain, ARB_WASM, version), Err(ChainError::Reverted(error.into())));
}

/// Programs that differ in one number.
fn numbered(n: u32) -> String {
    with("", &format!("(func (drop (i32.const {})))", 1_000 + n))
}

#[test]
fn data_price_rises_exponentially_with_demand() {
    let mut chain = chain();
    let mut demand = 0;
    let mut fees = Vec::new();
    for n in 0..60 {
        let module = wasm(&numbered(n));
        let at = deploy_wasm(&mut chain, &module);
        let tx = activate(&mut chain, at);
        let sizes = Sizes {
            functions: 2,
            types: 2,
            wasm: module.len() as u64,
            globals: 0,
            data: 0,
            elements: 0,
            pages: 1,
            operators: 0,
        };
        // One second for the deployment and one for the activation.
        demand = u64::saturating_sub(demand, 2 * DECAY) + sizes.asm();
        assert_eq!(fee_of(&tx), data_fee(demand, sizes.asm()), "program {n}");
        assert_eq!(arbos_index(&chain, &programs(3), 0), U256::from(demand));
        fees.push((fee_of(&tx) / sizes.asm()) as f64);
        // The series stays within a thousandth of the true exponential.
        let exact = 82_928_201.0 * (demand as f64 / 21_360_419.0).exp();
        assert!((fees[fees.len() - 1] / exact - 1.0).abs() < 1e-3);
    }
    assert!(fees[59] / fees[0] > 3.0, "26 MB of demand: e^1.25");
}

#[test]
fn data_price_decays_with_time() {
    let asm = |n| {
        let len = wasm(&numbered(n)).len() as u64;
        512_000 + 1_993 + 22 + len * 62_628 / 10_000
    };
    for wait in [1, 2, 7, 14, 60, 86_400] {
        let mut chain = chain();
        let programs = [0, 1].map(|n| deploy_wasm(&mut chain, &wasm(&numbered(n))));
        let first = activate(&mut chain, programs[0]);
        assert_eq!(fee_of(&first), data_fee(asm(0), asm(0)));
        let time = now(&chain) + wait;
        at_time(&mut chain, time);
        let second = activate(&mut chain, programs[1]);
        let left = asm(0).saturating_sub(34_865 * wait);
        assert_eq!(fee_of(&second), data_fee(left + asm(1), asm(1)), "{wait} seconds");
    }
    assert_eq!(DECAY, 34_865);
}

#[test]
fn data_price_is_the_series_of_twelve_terms() {
    // Far from zero the terms that are left out show: up to the twelfth, e^5 = 148.4132 comes to 148.1133, and 5^12 / 12!
    // is 0.5097.
    assert!(approx_exp_bips(50_000).abs_diff(1_481_133) < 300);
    let asm = 512_000 + 1_993 + 22 + wasm(&numbered(0)).len() as u64 * 62_628 / 10_000;
    for before in [0, 50_000_000, 106_288_000, 400_000_000, 4_294_000_000u64] {
        let mut chain = chain();
        let at = deploy_wasm(&mut chain, &wasm(&numbered(0)));
        let word = |index: u64| arbos_slot(&programs(3), U256::from(index).into());
        let time = now(&chain);
        chain.set_storage(ARBOS_STATE, word(0), U256::from(before));
        chain.set_storage(ARBOS_STATE, word(2), U256::from(time));
        at_time(&mut chain, time);
        chain.set_balance(DEV_ADDRESS, U256::MAX >> 1);
        // Demand has 32 bits.
        let demand = (before + asm).min(u32::MAX.into());
        let price = 82_928_201u128 * exact_series(10_000 * demand / 21_360_419) / 10_000;
        let request = plimsoll_devnode::chain::call::CallRequest {
            from: Some(DEV_ADDRESS),
            to: Some(ARB_WASM),
            gas: Some(GAS),
            value: U256::MAX >> 2,
            data: activate_call(at).into(),
            ..Default::default()
        };
        let hash = chain.send_unsigned(&request).unwrap();
        let (block, index) = chain.transaction(hash).unwrap();
        let tx = &block.transactions[index];
        assert!(tx.success, "{:?}", tx.halt);
        let (_, fee) = <(u16, U256)>::abi_decode(&tx.output).unwrap();
        let fee: u128 = fee.to();
        assert_eq!(fee, (price * u128::from(asm)).min(u64::MAX.into()), "demand {demand}");
        assert_eq!(arbos_index(&chain, &programs(3), 0), U256::from(demand));
    }
}

/// [`approx_exp_bips`] with room for large powers.
fn exact_series(x: u64) -> u128 {
    let x = u128::from(x);
    (1..12).rev().fold(10_000 + x / 12, |sum, term| 10_000 + sum * x / (term * 10_000))
}
