//! Rules of running programs that changed between versions of ArbOS (`stylus.md` sections 4.1 to 4.5).

mod common;

use alloy_primitives::{Address, U256};
use common::script::*;
use common::*;
use plimsoll_devnode::chain::Chain;
use plimsoll_devnode::config::Config;

const PRICE: u64 = 10_000;

fn chain_of(arbos_version: u64) -> Chain {
    Chain::new(Config { arbos_version, ..config() })
}

fn stage(arbos_version: u64) -> (Chain, Address) {
    let mut chain = chain_of(arbos_version);
    let actor = program(&mut chain, &actor());
    (chain, actor)
}

#[test]
fn last_code_is_remembered_even_if_empty_before_arbos_40() {
    for version in [32, 40, 51, 60] {
        let (mut chain, actor) = stage(version);
        let address = NOBODY.as_slice();
        let play = script().host("account_code_size", address).host("account_code_size", address);
        let tx = send(&mut chain, Some(actor), play, 0);
        // H + E, 2,600 or 100 for the touch and 700 for the largest code.
        let again = if version < 40 { 68_073 } else { 68_073 + 800 * PRICE };
        assert_eq!(
            inks(&steps(&chain, &tx), "account_code_size"),
            [68_073 + 3_300 * PRICE, again],
            "ArbOS {version}"
        );
    }
}

#[test]
fn flush_that_cannot_be_paid_is_a_failure_before_arbos_50() {
    for version in [32, 40, 51, 60] {
        let (mut chain, actor) = stage(version);
        let play = script().store(1, 1).flush();
        let probe = 1_000_000;
        let snapshot = chain.snapshot();
        let tx = send_gas(&mut chain, Some(actor), play.clone(), 0, probe);
        // H + E, then 22,100 for a new, cold slot.
        let step = &named(&steps(&chain, &tx), "storage_flush_cache")[0];
        assert_eq!(step.ink(), 68_073 + 22_100 * PRICE);
        let limit = probe - ((step.start - 68_073) / PRICE - 22_100);
        chain.revert(snapshot);
        // As much as there is: it is paid, and nothing is left to end with.
        let tx = send_gas(&mut chain, Some(actor), play.clone(), 0, limit);
        assert_eq!(inks(&steps(&chain, &tx), "storage_flush_cache"), [68_073 + 22_100 * PRICE]);
        // One gas less.
        let tx = send_gas(&mut chain, Some(actor), play.clone(), 0, limit - 1);
        assert!(!tx.success && tx.output.is_empty());
        if version < 50 {
            assert_eq!(tx.halt, None, "ArbOS {version}: a failure is a revert");
            assert!(tx.gas_used <= limit - 22_000, "gas comes back");
        } else {
            assert_eq!(tx.halt.as_deref(), Some("out of gas"), "ArbOS {version}");
            assert_eq!(tx.gas_used, limit - 1);
        }
        assert_eq!(slot(&chain, actor, 1), U256::ZERO);
    }
}

#[test]
fn stack_is_262144_words_before_arbos_50_and_22000_from_then_on() {
    /// Calls itself as often as calldata says (4 bytes, little endian).
    const DOWN: &str = r#"(module
      (import "vm_hooks" "read_args" (func $read_args (param i32)))
      (memory (export "memory") 1 1)
      (func $down (param $n i32) (result i32)
        (if (result i32) (local.get $n)
          (then (call $down (i32.sub (local.get $n) (i32.const 1))))
          (else (i32.const 0))))
      (func (export "user_entrypoint") (param i32) (result i32)
        (call $read_args (i32.const 0)) (call $down (i32.load (i32.const 0)))))"#;
    // Frames of section 4.3. `down`: the result that `if` makes room for, the result of the call, the meter's two words at
    // `else`: 4, and 4 fixed. The entry: the call's result and the meter's two words: 3, and 4 fixed. What is left must
    // stay above zero: 7 + 8 * (depth + 1) < words.
    for (version, words) in [(32, 262_144u32), (40, 262_144), (51, 22_000), (60, 22_000)] {
        let mut chain = chain_of(version);
        let at = program(&mut chain, DOWN);
        let deepest = (words - 1 - 7) / 8 - 1;
        let tx = send(&mut chain, Some(at), deepest.to_le_bytes(), 0);
        assert!(tx.success, "ArbOS {version}: {:?}", tx.halt);
        let tx = send(&mut chain, Some(at), (deepest + 1).to_le_bytes(), 0);
        assert_eq!(tx.halt.as_deref(), Some("max call depth exceeded"), "ArbOS {version}");
        assert_eq!(tx.gas_used, 32_000_000);
    }
}

#[test]
fn return_data_costs_at_least_what_it_costs_in_the_evm_from_arbos_31_on() {
    const RETURNER: &str = r#"(module
      (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
      (memory (export "memory") 1 1)
      (func (export "user_entrypoint") (param i32) (result i32)
        (call $write_result (i32.const 0) (i32.const 65536))
        (i32.const 0)))"#;
    // Some 9,250 to start, 725 for the result (H + 2*R, 7,246,602 ink): less than the EVM's
    // 3*2,048 + 2,048^2/512 = 14,336. Before 31 that minimum is not there.
    for version in [30, 32, 40, 51, 60] {
        let mut chain = chain_of(version);
        let at = program(&mut chain, RETURNER);
        let tx = send(&mut chain, Some(at), [], 0);
        assert_eq!(tx.output.len(), 65_536);
        let gas = tx.gas_used - 21_000;
        if version < 31 {
            assert!((9_000..11_000).contains(&gas), "ArbOS {version}: {gas}");
        } else {
            assert_eq!(gas, 14_336, "ArbOS {version}");
        }
    }
}

#[test]
fn programs_of_this_block_start_warm_from_arbos_60_on() {
    for version in [51, 60] {
        let (mut chain, actor) = stage(version);
        let other = program(&mut chain, STORER);
        // What the other does leaves nothing behind: it returns `msg_reentrant`.
        let play = script().call(other, 0, ALL, [6]).call(other, 0, ALL, [6]);
        let tx = send(&mut chain, Some(actor), play, 0);
        let inks = inks(&steps(&chain, &tx), "call_contract");
        // What is cheaper the second time: the touch, and from 60 on all of the initial gas, 69 * 128 and more.
        let saved = (inks[0] - inks[1]) / PRICE - 2_500;
        assert_eq!(saved >= 69 * 128, version >= 60, "ArbOS {version}: {saved}");
        assert_eq!(saved == 0, version < 60, "ArbOS {version}: {saved}");
    }
}
