//! What changes between versions of ArbOS, on both sides of each change. Activation, its gas and the sizes of modules
//! are in `activation.rs`, the cost of calls and the cache in `program_life.rs`, fragments in `fragments.rs`.

use crate::common::*;
use crate::support::*;
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use plimsoll_devnode::chain::Chain;
use plimsoll_devnode::config::ConfigError;
use plimsoll_devnode::node::{Node, StartError};
use plimsoll_devnode::precompiles::ARB_SYS;
use plimsoll_devnode::precompiles::abi::{ArbOwner, ArbSys};
use plimsoll_devnode::{Config, config};

fn version(chain: &Chain) -> u64 {
    U256::from_be_slice(&call(chain, ARB_SYS, ArbSys::arbOSVersionCall {}.abi_encode()).unwrap()).to()
}

#[test]
fn versions_from_30_to_61() {
    assert_eq!(Config::default().arbos_version, 61);
    for arbos in [30, 31, 32, 40, 41, 50, 51, 60, 61] {
        let config = Config { arbos_version: arbos, ..Config::default() };
        assert_eq!(config.check(), Ok(()));
        assert_eq!(version(&chain_at(arbos)), 55 + arbos);
    }
    assert_eq!(config::ARBOS_VERSIONS, 30..=61);
}

#[tokio::test]
async fn versions_errors_unknown() {
    for arbos in [0, 11, 29, 62, u64::MAX] {
        let config = Config { arbos_version: arbos, ..Config::default() };
        assert_eq!(config.check(), Err(ConfigError::UnknownArbos(arbos)));
        let error = Node::start(config).await.unwrap_err();
        assert!(matches!(error, StartError::Config(ConfigError::UnknownArbos(_))), "{error}");
    }
}

#[test]
fn upgrades_reach_61_and_nothing_else() {
    let mut chain = chain_at(32);
    for (to, works) in [(40, true), (32, false), (60, true), (61, true), (62, false), (60, false), (61, true)]
    {
        own(&mut chain);
        let tx = owner(&mut chain, ArbOwner::scheduleArbOSUpgradeCall { newVersion: to, timestamp: 0 });
        assert_eq!(tx.success, works, "to {to}");
    }
    assert_eq!(version(&chain), 55 + 61);
}

#[test]
fn return_data_costs_from_arbos_31_on() {
    // 64 KiB: 2,048 words, 3 * 2048 + 2048^2 / 512 = 14,336 gas in the EVM; the program itself needs less.
    let text = r#"(module (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
      (memory (export "memory") 1 1)
      (func (export "user_entrypoint") (param i32) (result i32)
        (call $write_result (i32.const 0) (i32.const 65536)) (i32.const 0)))"#;
    let mut old = chain_at(30);
    let at = program(&mut old, text);
    let tx = send_gas(&mut old, Some(at), [], 0, 21_000 + 14_335);
    assert!(tx.success && tx.gas_used < 21_000 + 12_000, "{}", tx.gas_used);
    assert_eq!(tx.output.len(), 65_536);

    let mut new = chain_at(31);
    let at = program(&mut new, text);
    let tx = send_gas(&mut new, Some(at), [], 0, 21_000 + 14_335);
    assert_eq!(tx.halt.as_deref(), Some("out of gas"));
    let tx = send_gas(&mut new, Some(at), [], 0, 1_000_000);
    assert!(tx.success);
    assert_eq!(tx.gas_used, 21_000 + 14_336);
}

#[test]
fn code_of_an_empty_account_is_read_anew_from_arbos_40_on() {
    // Asks twice for the size of the code of the account in calldata.
    let text = r#"(module (import "vm_hooks" "read_args" (func $read_args (param i32)))
      (import "vm_hooks" "account_code_size" (func $size (param i32) (result i32)))
      (memory (export "memory") 1 1)
      (func (export "user_entrypoint") (param i32) (result i32)
        (call $read_args (i32.const 0))
        (drop (call $size (i32.const 0)))
        (call $size (i32.const 0))))"#;
    let gas = |arbos: u64, full: bool| {
        let mut chain = chain_at(arbos);
        let at = program(&mut chain, text);
        if full {
            // One byte of code, so that the program reports failure in both runs alike.
            chain.set_code(NOBODY, vec![0x00].into());
        }
        send(&mut chain, Some(at), NOBODY.to_vec(), 0).gas_used
    };
    // The second time the account is warm: 100, and 700 for code of up to 24,576 bytes.
    assert_eq!(gas(40, false) - gas(32, false), 100 + 700);
    assert_eq!(gas(40, true), gas(32, true), "code that is there is remembered in either version");
}

/// Calls itself as often as calldata (4 bytes, little endian) says.
const RECURSION: &str = r#"(module (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (memory (export "memory") 1 1)
  (func $down (param i32)
    (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "user_entrypoint") (param i32) (result i32)
    (call $read_args (i32.const 0))
    (call $down (i32.load (i32.const 0)))
    (i32.const 0)))"#;

#[test]
fn stack_is_22000_words_from_arbos_50_on() {
    // A frame has 4 words and at least 2 operands: 4,000 need 24,000 words, and fewer than 65 each.
    for (arbos, fits) in [(40, true), (50, false), (61, false)] {
        let mut chain = chain_at(arbos);
        let at = program(&mut chain, RECURSION);
        let flat = send(&mut chain, Some(at), 2_000u32.to_le_bytes(), 0);
        assert!(flat.success, "{arbos}");
        let deep = send_gas(&mut chain, Some(at), 4_000u32.to_le_bytes(), 0, 5_000_000);
        assert_eq!(deep.success, fits, "{arbos}");
        if !fits {
            assert_eq!(deep.halt.as_deref(), Some("max call depth exceeded"));
            assert_eq!(deep.gas_used, 5_000_000);
        }
    }
}

#[test]
fn flush_that_cannot_be_paid_takes_all_gas_from_arbos_50_on() {
    for (arbos, all) in [(40, false), (50, true), (61, true)] {
        let mut chain = chain_at(arbos);
        let at = program(&mut chain, STORER);
        let start = chain.snapshot();
        let enough = send(&mut chain, Some(at), storer(0, 1, 1), 0).gas_used;
        assert!(chain.revert(start));
        let limit = enough - 5_000;
        let tx = send_gas(&mut chain, Some(at), storer(0, 1, 1), 0, limit);
        assert!(!tx.success && tx.output.is_empty());
        assert_eq!(tx.halt.as_deref(), all.then_some("out of gas"), "ArbOS {arbos}");
        assert_eq!(tx.gas_used == limit, all, "ArbOS {arbos}");
        assert_eq!(slot(&chain, at, 1), U256::ZERO);
    }
}

/// Programs that return at once and differ in one number: bodies of two instructions in one block.
fn idle(n: u32) -> (String, u64) {
    let text = format!(
        r#"(module (memory (export "memory") 1 1) (global i32 (i32.const {}))
          (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))"#,
        1_000 + n
    );
    let len = wasm(&text).len() as u64;
    // One function of arity two: 8 + 2, and its length.
    (text, 69 * 128 + 8 + 2 + len * 1_286 / 10_000)
}

/// EVM code that calls accounts one after the other and ignores how they end.
fn calls(all: &[Address]) -> Vec<u8> {
    let mut code = Vec::new();
    for to in all {
        code.extend([0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x73]);
        code.extend(to.as_slice());
        code.extend([0x5a, 0xf1, 0x50]);
    }
    code.push(0x00);
    code
}

fn gas_of(chain: &mut Chain, order: &[Address]) -> u64 {
    let at = deploy(chain, &calls(order));
    let tx = send(chain, Some(at), [], 0);
    assert!(tx.success);
    tx.gas_used
}

#[test]
fn recent_programs_start_warm_from_arbos_60_on() {
    for (arbos, warm) in [(51, false), (60, true), (61, true)] {
        let mut chain = chain_at(arbos);
        let (text, init) = idle(0);
        let a = program(&mut chain, &text);
        let b = program(&mut chain, &idle(1).0);
        let apart = gas_of(&mut chain, &[a, b]);
        let again = gas_of(&mut chain, &[a, a]);
        // The second account is cold in one case and warm in the other.
        assert_eq!(apart - again, 2_500 + if warm { init } else { 0 }, "ArbOS {arbos}");
    }
}

#[test]
fn recent_programs_as_many_as_the_parameter_says() {
    let mut chain = chain();
    own(&mut chain);
    let init = idle(0).1;
    let [a, b, c] = [0, 1, 2].map(|n| program(&mut chain, &idle(n).0));
    // The programs of `order` that start warm; three accounts are cold and each later call is warm.
    let mut hits = |size: u16, order: &[Address]| {
        assert!(owner(&mut chain, ArbOwner::setWasmBlockCacheSizeCall { count: size }).success);
        let none = {
            assert!(owner(&mut chain, ArbOwner::setWasmBlockCacheSizeCall { count: 0 }).success);
            gas_of(&mut chain, order)
        };
        assert!(owner(&mut chain, ArbOwner::setWasmBlockCacheSizeCall { count: size }).success);
        let saved = none - gas_of(&mut chain, order);
        assert_eq!(saved % init, 0);
        saved / init
    };
    assert_eq!(hits(32, &[a, b, c, a, b, c]), 3);
    assert_eq!(hits(3, &[a, b, c, a, b, c]), 3);
    assert_eq!(hits(2, &[a, b, c, a, b, c]), 0, "the one that is needed next was always dropped");
    assert_eq!(hits(1, &[a, a, b, b, a]), 2);
    // A hit renews: b is the oldest when c comes.
    assert_eq!(hits(2, &[a, b, a, c, a, b]), 2);
}

#[test]
fn recent_programs_that_are_pinned_do_not_count() {
    let mut chain = chain();
    own(&mut chain);
    let init = idle(0).1;
    let [a, b] = [0, 1].map(|n| program(&mut chain, &idle(n).0));
    assert!(owner(&mut chain, ArbOwner::setWasmBlockCacheSizeCall { count: 1 }).success);
    let between = gas_of(&mut chain, &[a, b, a]);
    cache(&mut chain, b);
    // A pinned program takes no place: `a` is still there when its turn comes again.
    assert_eq!(between - gas_of(&mut chain, &[a, b, a]), 2 * init);
}

#[test]
fn most_fragments_are_public_from_arbos_60_on() {
    use plimsoll_devnode::precompiles::ARB_OWNER_PUBLIC;
    use plimsoll_devnode::precompiles::abi::ArbOwnerPublic::getMaxStylusContractFragmentsCall;
    let most = |version| {
        let chain = Chain::new(Config { arbos_version: version, ..crate::common::config() });
        call(&chain, ARB_OWNER_PUBLIC, getMaxStylusContractFragmentsCall {}.abi_encode())
    };
    assert!(most(51).is_err());
    assert_eq!(most(60).unwrap()[..], word(2));
    assert_eq!(most(61).unwrap()[..], word(4));
}
