//! Ink of the host functions, exact. The figures are what Nitro's own tests of ink expect (at 10,000 ink a gas).

use crate::common::{ACTING, OTHER, TestHost, Traced, WARM, entry, evm_data, program, run};
use alloy_primitives::{B256, Bytes, U256, address, hex, keccak256};
use stylus_vm::{Outcome, RunResult};

/// Import of every host function under its own name.
const IMPORTS: &str = r#"
    (import "vm_hooks" "read_args" (func $read_args (param i32)))
    (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
    (import "vm_hooks" "exit_early" (func $exit_early (param i32)))
    (import "vm_hooks" "storage_load_bytes32" (func $load (param i32 i32)))
    (import "vm_hooks" "storage_cache_bytes32" (func $cache (param i32 i32)))
    (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
    (import "vm_hooks" "transient_load_bytes32" (func $tload (param i32 i32)))
    (import "vm_hooks" "transient_store_bytes32" (func $tstore (param i32 i32)))
    (import "vm_hooks" "call_contract" (func $call_contract (param i32 i32 i32 i32 i64 i32) (result i32)))
    (import "vm_hooks" "delegate_call_contract" (func $delegate (param i32 i32 i32 i64 i32) (result i32)))
    (import "vm_hooks" "static_call_contract" (func $static (param i32 i32 i32 i64 i32) (result i32)))
    (import "vm_hooks" "create1" (func $create1 (param i32 i32 i32 i32 i32)))
    (import "vm_hooks" "create2" (func $create2 (param i32 i32 i32 i32 i32 i32)))
    (import "vm_hooks" "read_return_data" (func $read_return_data (param i32 i32 i32) (result i32)))
    (import "vm_hooks" "return_data_size" (func $return_data_size (result i32)))
    (import "vm_hooks" "emit_log" (func $emit_log (param i32 i32 i32)))
    (import "vm_hooks" "account_balance" (func $balance (param i32 i32)))
    (import "vm_hooks" "account_code" (func $code (param i32 i32 i32 i32) (result i32)))
    (import "vm_hooks" "account_code_size" (func $code_size (param i32) (result i32)))
    (import "vm_hooks" "account_codehash" (func $codehash (param i32 i32)))
    (import "vm_hooks" "evm_gas_left" (func $gas_left (result i64)))
    (import "vm_hooks" "evm_ink_left" (func $ink_left (result i64)))
    (import "vm_hooks" "block_basefee" (func $basefee (param i32)))
    (import "vm_hooks" "block_coinbase" (func $coinbase (param i32)))
    (import "vm_hooks" "contract_address" (func $self (param i32)))
    (import "vm_hooks" "msg_sender" (func $sender (param i32)))
    (import "vm_hooks" "msg_value" (func $value (param i32)))
    (import "vm_hooks" "tx_gas_price" (func $gas_price (param i32)))
    (import "vm_hooks" "tx_origin" (func $origin (param i32)))
    (import "vm_hooks" "chainid" (func $chainid (result i64)))
    (import "vm_hooks" "block_gas_limit" (func $gas_limit (result i64)))
    (import "vm_hooks" "block_number" (func $number (result i64)))
    (import "vm_hooks" "block_timestamp" (func $timestamp (result i64)))
    (import "vm_hooks" "msg_reentrant" (func $reentrant (result i32)))
    (import "vm_hooks" "tx_ink_price" (func $ink_price (result i32)))
    (import "vm_hooks" "math_div" (func $div (param i32 i32)))
    (import "vm_hooks" "math_mod" (func $mod (param i32 i32)))
    (import "vm_hooks" "math_pow" (func $pow (param i32 i32)))
    (import "vm_hooks" "math_add_mod" (func $add_mod (param i32 i32 i32)))
    (import "vm_hooks" "math_mul_mod" (func $mul_mod (param i32 i32 i32)))
    (import "vm_hooks" "native_keccak256" (func $keccak (param i32 i32 i32)))"#;

/// Runs a body that reads its calldata to address zero first; returns the result and the trace.
fn run_body(body: &str, calldata: &[u8], host: &mut TestHost) -> RunResult {
    let text = entry(IMPORTS, &format!("(call $read_args (i32.const 0)) {body} (i32.const 0)"));
    run(&program(&text), host, calldata)
}

/// As [`run_body`], which must succeed; the trace of one host function.
fn traced(name: &str, body: &str, calldata: &[u8], host: &mut TestHost) -> Vec<Traced> {
    let result = run_body(body, calldata, host);
    assert_eq!(result.outcome, Outcome::Success, "{body}");
    host.traced(name)
}

fn inks(name: &str, body: &str, calldata: &[u8], host: &mut TestHost) -> Vec<u64> {
    traced(name, body, calldata, host).iter().map(|line| line.ink).collect()
}

fn word(value: u64) -> [u8; 32] {
    U256::from(value).to_be_bytes()
}

#[test]
fn storage_load_first_repeated_and_after_clear() {
    let body = "(call $load (i32.const 0) (i32.const 64)) (call $load (i32.const 0) (i32.const 64))
        (call $flush (i32.const 1)) (call $load (i32.const 0) (i32.const 64))
        (call $write_result (i32.const 64) (i32.const 32))";
    let mut host = TestHost::new();
    host.storage.insert(B256::new(word(5)), B256::repeat_byte(0xab));
    let result = run_body(body, &word(5), &mut host);
    assert_eq!(result.output, vec![0xab; 32]);
    let inks: Vec<u64> = host.traced("storage_load_bytes32").iter().map(|line| line.ink).collect();
    assert_eq!(inks, [21_068_480, 18_480, 1_068_480]);
    // a flush of nothing pays for the request alone
    assert_eq!(host.traced("storage_flush_cache")[0].ink, 68_073);
}

#[test]
fn storage_cache_and_flush() {
    let body = "(call $cache (i32.const 0) (i32.const 32)) (call $flush (i32.const 0))
        (call $cache (i32.const 0) (i32.const 64)) (call $flush (i32.const 0))";
    let calldata = [word(5), word(1), word(2)].concat();
    let mut host = TestHost::new();
    assert_eq!(inks("storage_flush_cache", body, &calldata, &mut host), [221_068_073, 1_068_073]);
    assert_eq!(host.traced("storage_cache_bytes32")[0].ink, 18_480);
    assert_eq!(host.storage[&B256::new(word(5))], B256::new(word(2)));
    // a cold slot that holds another value already
    let mut host = TestHost::new();
    for map in [&mut host.storage, &mut host.original] {
        map.insert(B256::new(word(5)), B256::new(word(7)));
    }
    let body = "(call $cache (i32.const 0) (i32.const 32)) (call $flush (i32.const 0))";
    assert_eq!(inks("storage_flush_cache", body, &calldata, &mut host), [50_068_073]);
}

#[test]
fn storage_tiers_by_count() {
    let body = "(local $i i32) (loop $next
        (call $load (i32.const 0) (i32.const 64)) (call $cache (i32.const 0) (i32.const 64))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 130))))";
    let text = entry(IMPORTS, &format!("{body} (i32.const 0)"));
    let mut host = TestHost::new();
    assert_eq!(run(&program(&text), &mut host, &[]).outcome, Outcome::Success);
    let loads = host.traced("storage_load_bytes32");
    assert_eq!([31, 32, 127, 128].map(|at| loads[at].ink), [18_480, 38_480, 38_480, 118_480]);
    let writes = host.traced("storage_cache_bytes32");
    assert_eq!([7, 8, 63, 64].map(|at| writes[at].ink), [18_480, 88_480, 88_480, 118_480]);
}

#[test]
fn storage_requires_gas_before_it_acts() {
    // 2,115 gas must be left for a load though the slot is warm
    let text = entry(IMPORTS, "(call $load (i32.const 0) (i32.const 64)) (i32.const 0)");
    let program = program(&text);
    let outcome = |gas| {
        let mut host = TestHost::new();
        host.warm_slots.insert(B256::ZERO);
        crate::common::run_gas(&program, &mut host, &[], gas).outcome
    };
    // the first block costs 2450 + 2 + 3800 ink and the call 18480 before the check: 24,732
    assert_eq!(outcome(2_115 + 2), Outcome::OutOfInk);
    assert_eq!(outcome(2_115 + 3), Outcome::Success);
}

#[test]
fn storage_flush_in_a_static_context() {
    let mut host = TestHost { is_static: true, ..TestHost::new() };
    let clean = "(call $flush (i32.const 0))";
    assert_eq!(run_body(clean, &word(5), &mut host).outcome, Outcome::Success, "nothing to write");
    let dirty = "(call $cache (i32.const 0) (i32.const 0)) (call $flush (i32.const 0))";
    let result = run_body(dirty, &word(5), &mut host);
    assert_eq!((result.outcome, result.output.len()), (Outcome::Failure, 0));
    assert!(result.gas_left > 0);
}

#[test]
fn storage_flush_out_of_gas_by_version() {
    // a word that is not zero goes to a fresh slot: 22,100 gas
    let body = "(call $cache (i32.const 0) (i32.const 32)) (call $flush (i32.const 0)) (i32.const 0)";
    let text = entry(IMPORTS, body).replacen("(func (export", "(data (i32.const 63) \"1\") (func (export", 1);
    let wasm = crate::common::wasm(&text);
    for (version, expected) in [(40, Outcome::Failure), (51, Outcome::OutOfInk)] {
        let config = stylus_vm::Config::for_arbos(version);
        let data = stylus_vm::EvmData { arbos_version: version, ..evm_data() };
        let program = stylus_vm::Program::activate(&wasm, &config, 0).unwrap();
        let call = stylus_vm::Call { calldata: &[], gas: 20_000, starting_gas: 20_000 };
        let result = program.run(&mut TestHost::new(), &config, &data, call);
        assert_eq!(result.outcome, expected, "version {version}");
        assert_eq!(result.gas_left == 0, expected == Outcome::OutOfInk);
    }
}

#[test]
fn transient_storage() {
    let body = "(call $tstore (i32.const 0) (i32.const 32)) (call $tload (i32.const 0) (i32.const 64))
        (call $write_result (i32.const 64) (i32.const 32))";
    let mut host = TestHost::new();
    let result = run_body(body, &[word(5), word(77)].concat(), &mut host);
    assert_eq!(result.output, word(77).to_vec());
    // 8400 + 2 * 5040 + 59673 + 100 gas
    assert_eq!(host.traced("transient_store_bytes32")[0].ink, 1_078_153);
    assert_eq!(host.traced("transient_load_bytes32")[0].ink, 1_078_153);
    host.is_static = true;
    assert_eq!(run_body(body, &word(5), &mut host).outcome, Outcome::Failure);
}

#[test]
fn emit_log_by_topics_and_data() {
    for (topics, data, ink) in [
        (0u64, 0u64, 3_834_454),
        (0, 10, 4_634_454),
        (0, 100, 11_838_194),
        (1, 100, 15_589_954),
        (2, 100, 19_341_714),
        (3, 100, 23_093_474),
        (4, 100, 26_845_234),
    ] {
        let len = 32 * topics + data;
        let body = format!("(call $emit_log (i32.const 0) (i32.const {len}) (i32.const {topics}))");
        let calldata: Vec<u8> = (0..len as u8).collect();
        let mut host = TestHost::new();
        assert_eq!(inks("emit_log", &body, &calldata, &mut host), [ink], "{topics} topics, {data} bytes");
        let (words, rest) = &host.logs[0];
        assert_eq!(words.len() as u64, topics);
        assert_eq!([words.concat(), rest.to_vec()].concat(), calldata);
    }
}

#[test]
fn emit_log_errors() {
    for body in [
        "(call $emit_log (i32.const 0) (i32.const 160) (i32.const 5))",
        "(call $emit_log (i32.const 0) (i32.const 31) (i32.const 1))",
        "(call $emit_log (i32.const 0) (i32.const 0) (i32.const 0x08000000))",
        "(call $emit_log (i32.const 65530) (i32.const 32) (i32.const 1))",
    ] {
        let mut host = TestHost::new();
        let result = run_body(body, &[], &mut host);
        assert_eq!((result.outcome, host.logs.len()), (Outcome::Failure, 0), "{body}");
    }
    let mut host = TestHost { is_static: true, ..TestHost::new() };
    let body = "(call $emit_log (i32.const 0) (i32.const 0) (i32.const 0))";
    assert_eq!(run_body(body, &[], &mut host).outcome, Outcome::Failure);
}

#[test]
fn native_keccak256_by_length() {
    for (len, ink) in [(10usize, 121_800), (100, 163_800), (1_000, 751_800)] {
        let body = format!(
            "(call $keccak (i32.const 0) (i32.const {len}) (i32.const 2048))
             (call $write_result (i32.const 2048) (i32.const 32))"
        );
        let preimage = vec![0x5a; len];
        let mut host = TestHost::new();
        let result = run_body(&body, &preimage, &mut host);
        assert_eq!(result.output, keccak256(&preimage).to_vec());
        assert_eq!(host.traced("native_keccak256")[0].ink, ink);
    }
}

#[test]
fn math_by_known_values() {
    let max = [0xff; 32];
    let cases = [
        ("div", "math_div", [word(17), word(5), [0; 32]], word(3), 43_520),
        ("div", "math_div", [word(17), word(0), [0; 32]], word(0), 43_520),
        ("mod", "math_mod", [word(17), word(5), [0; 32]], word(2), 43_520),
        ("mod", "math_mod", [word(17), word(0), [0; 32]], word(0), 43_520),
        ("pow", "math_pow", [word(3), word(4), [0; 32]], word(81), 61_520),
        ("pow", "math_pow", [word(1), word(0x1234), [0; 32]], word(1), 79_020),
        (
            "pow",
            "math_pow",
            [word(1), U256::from_limbs([0, 0x8000, 0, 0]).to_be_bytes(), [0; 32]],
            word(1),
            219_020,
        ),
        // (-1)^odd = -1 modulo 2^256
        ("pow", "math_pow", [max, max, [0; 32]], max, 604_020),
        ("add_mod", "math_add_mod", [max, word(9), word(10)], word(4), 49_560),
        ("add_mod", "math_add_mod", [word(4), word(9), word(0)], word(0), 49_560),
        // (2^256 - 1)^2 mod 12 = 3^2 mod 12
        ("mul_mod", "math_mul_mod", [max, max, word(12)], word(9), 52_660),
        ("mul_mod", "math_mul_mod", [max, max, word(0)], word(0), 52_660),
    ];
    for (function, name, operands, expected, ink) in cases {
        let third = if function.ends_with("_mod") { "(i32.const 64)" } else { "" };
        let body = format!(
            "(call ${function} (i32.const 0) (i32.const 32) {third})
             (call $write_result (i32.const 0) (i32.const 32))"
        );
        let mut host = TestHost::new();
        let result = run_body(&body, &operands.concat(), &mut host);
        assert_eq!(hex::encode(&result.output), hex::encode(expected), "{name}");
        assert_eq!(host.traced(name)[0].ink, ink, "{name}");
    }
}

#[test]
fn account_facts() {
    let body = "(call $balance (i32.const 0) (i32.const 64)) (call $codehash (i32.const 20) (i32.const 96))
        (i32.store (i32.const 128) (call $code_size (i32.const 40)))
        (call $write_result (i32.const 64) (i32.const 68))";
    let third = address!("d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4");
    let mut host = TestHost::new();
    host.balances.insert(WARM, U256::from(4_242));
    host.codes.insert(OTHER, Bytes::from_static(&[0x60, 0x01]));
    host.codes.insert(third, Bytes::from_static(&[0; 321]));
    let calldata = [WARM.as_slice(), OTHER.as_slice(), third.as_slice()].concat();
    let result = run_body(body, &calldata, &mut host);
    let expected = [&word(4_242)[..], keccak256([0x60, 0x01]).as_slice(), &321u32.to_le_bytes()].concat();
    assert_eq!(result.output, expected);
    assert_eq!(host.traced("account_balance")[0].ink, 1_078_153);
    assert_eq!(host.traced("account_codehash")[0].ink, 26_078_153);
    assert_eq!(host.traced("account_code_size")[0].ink, 33_068_073);
}

#[test]
fn account_code_of_the_last_account_is_free() {
    let body = "(drop (call $code_size (i32.const 0)))
        (i32.store (i32.const 128) (call $code (i32.const 0) (i32.const 2) (i32.const 100) (i32.const 132)))
        (drop (call $code (i32.const 0) (i32.const 9999) (i32.const 1) (i32.const 0)))
        (call $write_result (i32.const 128) (i32.const 42))";
    let code: Vec<u8> = (0..40).collect();
    let mut host = TestHost::new();
    host.codes.insert(OTHER, code.clone().into());
    let result = run_body(body, OTHER.as_slice(), &mut host);
    assert_eq!(result.output, [&38u32.to_le_bytes()[..], &code[2..]].concat());
    // 8400 + 59673 and writing the whole code of 40 bytes: 5040 + 30 * 8
    let inks: Vec<u64> = host.traced("account_code").iter().map(|line| line.ink).collect();
    assert_eq!(inks, [73_353, 73_353]);
}

#[test]
fn calls_to_a_cold_account() {
    // 83,193 + 2 * 16,381 and 2,600 + 221 gas
    for (name, function, value) in [
        ("call_contract", "call_contract", "(i32.const 64)"),
        ("delegate_call_contract", "delegate", ""),
        ("static_call_contract", "static", ""),
    ] {
        let body = format!(
            "(i32.store8 (i32.const 200) (call ${function} (i32.const 0) (i32.const 32) (i32.const 4) {value}
                (i64.const -1) (i32.const 204)))
             (drop (call $read_return_data (i32.const 208) (i32.const 1) (i32.const 9)))
             (i32.store (i32.const 224) (call $return_data_size))
             (call $write_result (i32.const 200) (i32.const 28))"
        );
        let mut host = TestHost::new();
        host.answer = (true, 221, Bytes::from_static(b"hello"));
        let result = run_body(&body, OTHER.as_slice(), &mut host);
        assert_eq!(host.traced(name)[0].ink, 28_325_955, "{name}");
        assert_eq!((host.calls[0].to, host.calls[0].data.len()), (OTHER, 4));
        assert_eq!(host.calls[0].gas_request, host.calls[0].gas_left, "no more than there is");
        assert_eq!(result.output[0], 0, "status");
        assert_eq!(result.output[4..8], 5u32.to_le_bytes(), "length");
        assert_eq!(&result.output[8..13], b"ello\0");
        assert_eq!(result.output[24..28], 5u32.to_le_bytes(), "size");
        // the arguments of a trace: account, gas as asked for, value of a call, calldata
        let value_len = if value.is_empty() { 0 } else { 32 };
        assert_eq!(host.traced(name)[0].args.len(), 20 + 8 + value_len + 4);
        assert_eq!(host.traced(name)[0].outs, [0, 0, 0, 5, 0]);
    }
}

#[test]
fn call_with_value_and_failed_call() {
    let body = "(i32.store (i32.const 200) (call $call_contract (i32.const 0) (i32.const 32) (i32.const 4)
            (i32.const 64) (i64.const 50000) (i32.const 204)))
        (call $write_result (i32.const 200) (i32.const 8))";
    let calldata = [[OTHER.as_slice(), &[0; 12]].concat(), vec![0; 32], word(1_000).to_vec()].concat();
    let mut host = TestHost::new();
    host.answer = (false, 221, Bytes::from_static(b"no"));
    let result = run_body(body, &calldata, &mut host);
    // 9,000 gas more than without value
    assert_eq!(host.traced("call_contract")[0].ink, 118_325_955);
    assert_eq!((host.calls[0].value, host.calls[0].gas_request), (U256::from(1_000), 50_000));
    assert_eq!(result.output, vec![2u8, 0, 0, 0, 2, 0, 0, 0]);
}

#[test]
fn read_return_data_by_length() {
    for (len, ink) in [(10u32, 73_113), (100, 75_153), (1_000, 102_153), (10_000, 372_153)] {
        let body = format!(
            "(drop (call $static (i32.const 0) (i32.const 32) (i32.const 0) (i64.const 0) (i32.const 60)))
             (drop (call $read_return_data (i32.const 1024) (i32.const 0) (i32.const {len})))"
        );
        let mut host = TestHost::new();
        host.answer = (true, 0, vec![7; 20_000].into());
        assert_eq!(inks("read_return_data", &body, OTHER.as_slice(), &mut host), [ink]);
    }
    // beyond the end: nothing is copied, the smallest write is paid
    let body = "(drop (call $read_return_data (i32.const -1) (i32.const 5) (i32.const 9)))";
    assert_eq!(inks("read_return_data", body, &[], &mut TestHost::new()), [73_113]);
}

#[test]
fn creates() {
    let body = "(call $create1 (i32.const 0) (i32.const 32) (i32.const 32) (i32.const 100) (i32.const 120))
        (call $create2 (i32.const 0) (i32.const 32) (i32.const 32) (i32.const 64) (i32.const 124) (i32.const 144))
        (call $write_result (i32.const 100) (i32.const 48))";
    let calldata = [word(1), word(2), word(3)].concat();
    let mut host = TestHost { created: Some(OTHER), ..TestHost::new() };
    let result = run_body(body, &calldata, &mut host);
    let part = [OTHER.as_slice(), &[0; 4]].concat();
    assert_eq!(result.output, [part.clone(), part].concat());
    // 8400 + 3 * 5040 + 59673 + 2 * 16381 and 32,000 gas; the salt's pointer is 5,040 more
    assert_eq!(host.traced("create1")[0].ink, 320_115_955);
    assert_eq!(host.traced("create2")[0].ink, 320_120_995);
    assert_eq!((host.creates[0].salt, host.creates[0].endowment), (None, U256::from(2)));
    assert_eq!(host.creates[1].salt, Some(B256::new(word(3))));
    // a failed creation writes the zero address
    let mut host = TestHost { created: None, ..TestHost::new() };
    host.answer.2 = Bytes::from_static(b"why");
    let result = run_body(body, &calldata, &mut host);
    assert_eq!(result.output[..24], [vec![0; 20], 3u32.to_le_bytes().to_vec()].concat());
    host.is_static = true;
    assert_eq!(run_body(body, &calldata, &mut host).outcome, Outcome::Failure);
}

#[test]
fn write_result_and_read_args_by_length() {
    let write = |len: u64| {
        let body = format!("(call $write_result (i32.const 0) (i32.const {len}))");
        inks("write_result", &body, &[], &mut TestHost::new())[0]
    };
    assert_eq!(write(0), 41_162);
    for n in [1, 5, 20] {
        // an array of n words in the ABI
        assert_eq!(write(32 * n + 64), 8_400 + 2 * (16_381 + 55 * (32 * n + 64 - 32)));
    }
    for (len, ink) in [(4, 13_440), (36, 13_560), (100, 15_480)] {
        assert_eq!(inks("read_args", "", &vec![0; len], &mut TestHost::new()), [ink]);
    }
}

#[test]
fn pay_for_memory_grow() {
    let body = "(call $pay_for_memory_grow (i32.const 100)) (call $pay_for_memory_grow (i32.const 0))";
    let mut host = TestHost { open_pages: 1, ever_pages: 1, ..TestHost::new() };
    assert_eq!(inks("pay_for_memory_grow", body, &[], &mut host), [9_320_660_000, 8_400]);
    // more than the model has a price for
    let body = "(call $pay_for_memory_grow (i32.const 128))";
    let result = run_body(body, &[], &mut TestHost { open_pages: 1, ever_pages: 1, ..TestHost::new() });
    assert_eq!((result.outcome, result.gas_left), (Outcome::OutOfInk, 0));
}

#[test]
fn getters_of_numbers() {
    for (name, function, ty, expected) in [
        ("chainid", "chainid", "i64", 412_346u64),
        ("block_gas_limit", "gas_limit", "i64", 1 << 50),
        ("block_number", "number", "i64", 777),
        ("block_timestamp", "timestamp", "i64", 1_700_000_001),
        ("msg_reentrant", "reentrant", "i32", 1),
        ("tx_ink_price", "ink_price", "i32", 10_000),
        ("return_data_size", "return_data_size", "i32", 0),
    ] {
        let body = format!(
            "({ty}.store (i32.const 0) (call ${function})) (call $write_result (i32.const 0) (i32.const 8))"
        );
        let mut host = TestHost::new();
        let result = run_body(&body, &[], &mut host);
        assert_eq!(result.output, expected.to_le_bytes().to_vec(), "{name}");
        assert_eq!(host.traced(name)[0].ink, 8_400, "{name}");
    }
}

#[test]
fn getters_by_pointer() {
    let data = evm_data();
    for (name, function, expected) in [
        ("block_basefee", "basefee", data.block_basefee.to_be_bytes_vec()),
        ("msg_value", "value", data.msg_value.to_be_bytes_vec()),
        ("tx_gas_price", "gas_price", data.tx_gas_price.to_be_bytes_vec()),
        ("block_coinbase", "coinbase", data.block_coinbase.to_vec()),
        ("contract_address", "self", ACTING.to_vec()),
        ("msg_sender", "sender", data.msg_sender.to_vec()),
        ("tx_origin", "origin", data.tx_origin.to_vec()),
    ] {
        let len = expected.len();
        let body =
            format!("(call ${function} (i32.const 0)) (call $write_result (i32.const 0) (i32.const {len}))");
        let mut host = TestHost::new();
        let result = run_body(&body, &[], &mut host);
        assert_eq!(result.output, expected, "{name}");
        assert_eq!(host.traced(name)[0].ink, 13_440, "{name}");
    }
}

#[test]
fn gas_and_ink_left_after_their_own_charge() {
    let text = entry(
        IMPORTS,
        "(i64.store (i32.const 0) (call $ink_left)) (i64.store (i32.const 8) (call $gas_left))
         (call $write_result (i32.const 0) (i32.const 16)) (i32.const 0)",
    );
    let mut host = TestHost::new();
    let result = run(&program(&text), &mut host, &[]);
    let read = |at: usize| u64::from_le_bytes(result.output[at..at + 8].try_into().unwrap());
    // [const call] is 2450 + 1 + 3800, then 8400
    let ink = 10_000_000_000_000 - 6_251 - 8_400;
    assert_eq!(read(0), ink);
    // [store const call] is 2450 + 950 + 1 + 3800, then 8400
    assert_eq!(read(8), (ink - 7_201 - 8_400) / 10_000);
    assert_eq!(host.traced("evm_gas_left")[0].ink, 8_400);
}

#[test]
fn pointers_out_of_bounds_fail() {
    for body in [
        "(call $read_args (i32.const 65535))",
        "(call $read_args (i32.const -1))",
        "(call $write_result (i32.const 65530) (i32.const 7))",
        "(call $write_result (i32.const 65537) (i32.const 0))",
        "(call $write_result (i32.const -1) (i32.const 2))",
        "(call $load (i32.const 65505) (i32.const 0))",
        "(call $sender (i32.const 65517))",
        "(call $keccak (i32.const 0) (i32.const 65537) (i32.const 0))",
        "(drop (call $static (i32.const 65520) (i32.const 0) (i32.const 0) (i64.const 1) (i32.const 0)))",
    ] {
        let result = run_body(body, &[1, 2], &mut TestHost::new());
        assert_eq!((result.outcome, result.output.len()), (Outcome::Failure, 0), "{body}");
        assert!(result.gas_left > 990_000_000, "{body}");
    }
    // the last byte counts
    assert_eq!(
        run_body("(call $write_result (i32.const 65536) (i32.const 0))", &[], &mut TestHost::new()).outcome,
        Outcome::Success
    );
}

#[test]
fn console_needs_a_debug_chain() {
    let text = entry(
        r#"(import "console" "log_txt" (func $txt (param i32 i32)))
           (import "console" "tee_i64" (func $tee (param i64) (result i64)))
           (import "debug" "null_host" (func $null))"#,
        r#"(i64.store (i32.const 0) (i64.const 0x6f6c6c6568)) (call $txt (i32.const 0) (i32.const 5))
           (drop (call $tee (i64.const -7))) (call $null) (i32.const 0)"#,
    );
    let wasm = crate::common::wasm(&text);
    let plain = stylus_vm::Config::default();
    let refused = stylus_vm::Program::activate(&wasm, &plain, 0).unwrap_err();
    assert_eq!(refused, stylus_vm::Error::UnknownImport("console.log_txt".to_owned()));
    let config = stylus_vm::Config { debug: true, ..plain };
    let program = stylus_vm::Program::activate(&wasm, &config, 0).unwrap();
    let mut host = TestHost::new();
    let result = run(&program, &mut host, &[]);
    assert_eq!(result.outcome, Outcome::Success);
    assert_eq!(host.lines, ["hello", "-7"]);
}
