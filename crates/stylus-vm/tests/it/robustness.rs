//! Whatever comes in, the VM answers: it never panics and never gives gas back that was not there.

use crate::common::{TestHost, entry, evm_data, wasm};
use alloy_primitives::Address;
use proptest::prelude::*;
use stylus_vm::{Call, Config, Program, code, decompress};

const GAS: u64 = 200_000;

/// A program that uses most of what a module can hold.
fn sample() -> Vec<u8> {
    let text = entry(
        r#"(import "vm_hooks" "read_args" (func $read_args (param i32)))
           (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
           (import "vm_hooks" "native_keccak256" (func $keccak (param i32 i32 i32)))
           (import "vm_hooks" "storage_load_bytes32" (func $load (param i32 i32)))
           (import "vm_hooks" "call_contract" (func $call (param i32 i32 i32 i32 i64 i32) (result i32)))"#,
        r#"(local $i i32)
           (call $read_args (i32.const 0))
           (block $done (loop $next
               (br_if $done (i32.ge_u (local.get $i) (local.get $len)))
               (if (i32.and (i32.load8_u (local.get $i)) (i32.const 1))
                   (then (call $keccak (i32.const 0) (local.get $i) (i32.const 512)))
                   (else (memory.copy (i32.const 256) (i32.const 0) (local.get $i))))
               (call $load (i32.const 256) (i32.const 0))
               (global.set $g (i64.mul (global.get $g) (i64.load (i32.const 512))))
               (local.set $i (i32.add (local.get $i) (i32.const 1)))
               (br $next)))
           (drop (call $call (i32.const 0) (i32.const 32) (i32.const 32) (i32.const 64) (i64.const 900) (i32.const 0)))
           (drop (memory.grow (i32.const 1)))
           (call $write_result (i32.const 0) (i32.const 64))
           (i32.wrap_i64 (global.get $g))"#,
    );
    wasm(&text.replacen("(memory", "(global $g (mut i64) (i64.const 3)) (memory", 1))
}

/// Activates and runs; a program that calls answers itself.
fn exercise(module: &[u8], calldata: &[u8]) {
    let config = Config::default();
    let Ok(program) = Program::activate(module, &config, 0) else { return };
    let mut host = TestHost::new();
    host.programs.insert(Address::ZERO, (program.clone(), config.clone()));
    let call = Call { calldata, gas: GAS, starting_gas: GAS };
    let result = program.run(&mut host, &config, &evm_data(), call);
    assert!(result.gas_left <= GAS);
}

#[test]
fn sample_is_a_program() {
    assert!(Program::activate(&sample(), &Config::default(), 0).is_ok(), "mutations start from what works");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn decompress_any_code(bytes in proptest::collection::vec(any::<u8>(), 0..300), max in 0u32..5_000) {
        let mut code = code::PREFIX.to_vec();
        code.push(0);
        code.extend(&bytes);
        for code in [&bytes, &code] {
            if let Ok(wasm) = decompress(code, max) {
                prop_assert!(wasm.len() <= max as usize);
            }
        }
    }

    #[test]
    fn activate_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        exercise(&[b"\0asm\x01\0\0\0", bytes.as_slice()].concat(), &[]);
    }

    #[test]
    fn run_any_calldata(calldata in proptest::collection::vec(any::<u8>(), 0..80)) {
        exercise(&sample(), &calldata);
    }

    #[test]
    fn run_mutated_modules(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        calldata in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut module = sample();
        for (at, byte) in changes {
            let at = at.index(module.len());
            module[at] = byte;
        }
        exercise(&module, &calldata);
    }
}
