//! Programs in several accounts (ArbOS 60): deployed, activated and called, and every way in which they are refused.

use crate::common::*;
use crate::support::*;
use alloy_primitives::{Address, U256};
use plimsoll_devnode::chain::block::Mined;
use plimsoll_devnode::chain::call::CallRequest;
use plimsoll_devnode::chain::{BlockRef, Chain};
use plimsoll_devnode::config::DEV_ADDRESS;
use plimsoll_devnode::precompiles::ARB_WASM;
use plimsoll_devnode::precompiles::abi::{ArbOwner, ArbWasm};
use stylus_vm::fragments::{Root, split};

/// Bytes that do not compress.
fn noise(len: usize, mut seed: u64) -> Vec<u8> {
    let next = || {
        // xorshift
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// Where the noise begins in memory.
const NOISE_AT: u32 = 4_096;

/// A program that holds noise and returns 32 bytes of its memory, from the offset (4 bytes, little endian) in calldata.
fn large(data: &[u8]) -> Vec<u8> {
    let hex: String = data.iter().map(|byte| format!("\\{byte:02x}")).collect();
    wasm(&format!(
        r#"(module
          (import "vm_hooks" "read_args" (func $read_args (param i32)))
          (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
          (memory (export "memory") 2 2)
          (func (export "user_entrypoint") (param i32) (result i32)
            (call $read_args (i32.const 0))
            (call $write_result (i32.load (i32.const 0)) (i32.const 32))
            (i32.const 0))
          (data (i32.const {NOISE_AT}) "{hex}"))"#
    ))
}

/// Counted by hand: eight instructions in three blocks that end in `call`, `call` and `end`, 12 to meter each, 17 for
/// the stack; a segment with flag, offset of four bytes and length of three.
fn sizes(module: &[u8], data: &[u8]) -> Sizes {
    Sizes {
        functions: 1,
        types: 2,
        wasm: module.len() as u64,
        globals: 0,
        data: data.len() as u64 + 8,
        elements: 0,
        pages: 2,
        operators: 8 + 3 * 12 + 17,
    }
}

fn deploy_root(chain: &mut Chain, length: usize, fragments: Vec<Address>) -> Address {
    deploy(chain, &Root { dictionary: 0, length: length as u32, fragments }.encode())
}

/// Deploys a module in parts; the root, and the parts with their lengths.
fn deploy_parts(chain: &mut Chain, module: &[u8], count: usize) -> (Address, Vec<(Address, usize)>) {
    let codes = split(module, count);
    assert_eq!(codes.len(), count);
    let parts: Vec<(Address, usize)> = codes.iter().map(|code| (deploy(chain, code), code.len())).collect();
    let root = deploy_root(chain, module.len(), parts.iter().map(|(at, _)| *at).collect());
    (root, parts)
}

fn read(chain: &Chain, at: Address, offset: u32) -> Vec<u8> {
    call(chain, at, offset.to_le_bytes().to_vec()).expect("the program returns").to_vec()
}

#[test]
fn fragments_two_and_four_parts_live() {
    for (arbos, count, len) in [(60, 1, 10_000), (60, 2, 40_000), (61, 2, 40_000), (61, 4, 80_000)] {
        let mut chain = chain_at(arbos);
        let data = noise(len, 1 + len as u64);
        let module = large(&data);
        let (root, parts) = deploy_parts(&mut chain, &module, count);
        let tx = send_gas(&mut chain, Some(root), [0; 4], 0, 500_000);
        assert_eq!(tx.halt.as_deref(), Some("ProgramNotActivated()"), "a root is a program");
        let tx = activate(&mut chain, root);
        assert!(tx.success, "{count} parts at {arbos}: {:?}", tx.halt);
        // Each part: a cold account and 3 gas for each word of its code.
        let reading: u64 = parts.iter().map(|(_, len)| 2_600 + 3 * (*len as u64).div_ceil(32)).sum();
        let expected = sizes(&module, &data).transaction(arbos, &activate_call(root)) + reading;
        assert_eq!(tx.gas_used, expected, "{count} parts at {arbos}");

        for offset in [0, 31, len / 2, len - 32] {
            assert_eq!(read(&chain, root, NOISE_AT + offset as u32), &data[offset..offset + 32]);
        }
        let tx = send(&mut chain, Some(root), NOISE_AT.to_le_bytes(), 0);
        assert!(tx.success);
        assert_eq!(tx.output[..], data[..32]);
        // Other accounts run it too: EVM code calls and delegates.
        for opcode in [CALL, DELEGATECALL, STATICCALL] {
            let evm = deploy(&mut chain, &evm_forwarder(opcode));
            let out = call(&chain, evm, forward_evm(root, &NOISE_AT.to_le_bytes())).unwrap();
            assert_eq!(out[..], data[..32]);
        }
    }
}

#[test]
fn fragments_are_known_by_the_code_hash_of_the_root() {
    let mut chain = chain();
    let data = noise(40_000, 7);
    let module = large(&data);
    let (root, parts) = deploy_parts(&mut chain, &module, 2);
    assert!(activate(&mut chain, root).success);
    let hash = code_hash(&chain, root);
    let sizes = sizes(&module, &data);
    let word = arbos_word(&chain, &programs(1), hash);
    let field = |at: usize| word >> (256 - 16 * (at + 1)) & U256::from(0xffff);
    assert_eq!([0, 1, 2, 3].map(|at| field(at).to::<u64>()), [2, sizes.init(), sizes.cached(), 2]);
    assert_eq!(ask(&chain, ArbWasm::programMemoryFootprintCall { program: root }), 2);

    let again = activate(&mut chain, root);
    reverted(&again, ArbWasm::ProgramUpToDate {});
    let addresses: Vec<Address> = parts.iter().map(|(at, _)| *at).collect();
    let copy = deploy_root(&mut chain, module.len(), addresses);
    let tx = activate(&mut chain, copy);
    reverted(&tx, ArbWasm::ProgramUpToDate {});
    assert_eq!(read(&chain, copy, NOISE_AT), &data[..32]);
    // The same module elsewhere is another program.
    let (other, _) = deploy_parts(&mut chain, &module, 2);
    let tx = send(&mut chain, Some(other), [0; 4], 0);
    assert_eq!(tx.halt.as_deref(), Some("ProgramNotActivated()"));
    assert!(activate(&mut chain, other).success);
}

#[test]
fn fragments_that_are_warm_cost_less_to_read() {
    let mut chain = chain();
    let data = noise(40_000, 9);
    let module = large(&data);
    let (root, parts) = deploy_parts(&mut chain, &module, 2);
    let access_list = parts
        .iter()
        .map(|(address, _)| alloy::eips::eip2930::AccessListItem { address: *address, storage_keys: vec![] })
        .collect();
    let request = CallRequest {
        from: Some(DEV_ADDRESS),
        to: Some(ARB_WASM),
        gas: Some(32_000_000),
        value: U256::from(ETHER),
        data: activate_call(root).into(),
        access_list,
        ..Default::default()
    };
    let hash = chain.send_unsigned(&request).unwrap();
    let (block, index) = chain.transaction(hash).unwrap();
    let tx = &block.transactions[index];
    assert!(tx.success);
    // 2,400 for each account in the list, then 100 instead of 2,600.
    let reading: u64 = parts.iter().map(|(_, len)| 2_400 + 100 + 3 * (*len as u64).div_ceil(32)).sum();
    assert_eq!(tx.gas_used, sizes(&module, &data).transaction(61, &activate_call(root)) + reading);
}

/// Refused before a module is looked at: a revert without data that keeps unspent gas and writes nothing.
fn refused(chain: &mut Chain, root: Address, what: &str) -> Mined {
    let tx = activate(chain, root);
    assert!(!tx.success && tx.output.is_empty() && tx.halt.is_none(), "{what}: {:?}", tx.halt);
    assert!(tx.gas_used < 2_000_000, "{what}: {}", tx.gas_used);
    let hash = code_hash(chain, root);
    assert_eq!(arbos_word(chain, &programs(1), hash), U256::ZERO, "{what}");
    assert_eq!(arbos_index(chain, &programs(3), 0), U256::ZERO, "{what}");
    tx
}

#[test]
fn fragments_refused() {
    let mut chain = chain();
    let module = large(&noise(40_000, 3));
    let (len, codes) = (module.len(), split(&module, 2));
    let a = deploy(&mut chain, &codes[0]);
    let b = deploy(&mut chain, &codes[1]);
    let evm = deploy(&mut chain, &EVM_STORE);
    let classic = deploy_wat(&mut chain, STORER);
    let roots: Vec<(&str, usize, Vec<Address>)> = vec![
        ("no part", len, vec![]),
        ("too many parts", len, vec![a, b, a, b, a]),
        ("a byte short", len - 1, vec![a, b]),
        ("a byte long", len + 1, vec![a, b]),
        ("longer than allowed", (256 << 10) + 1, vec![a, b]),
        ("the longest length", u32::MAX as usize, vec![a, b]),
        ("no length", 0, vec![a, b]),
        ("a missing part", len, vec![a, NOBODY]),
        ("an end that is missing", len, vec![a]),
        ("turned parts", len, vec![b, a]),
        ("EVM code as a part", len, vec![a, evm]),
        ("a program as a part", len, vec![a, classic]),
    ];
    for (what, length, fragments) in roots {
        let root = deploy_root(&mut chain, length, fragments);
        refused(&mut chain, root, what);
        let tx = send_gas(&mut chain, Some(root), [0; 4], 0, 500_000);
        assert_eq!(tx.halt.as_deref(), Some("ProgramNotActivated()"), "{what}");
    }
    let nested = deploy_root(&mut chain, len, vec![a, b]);
    let root = deploy_root(&mut chain, len, vec![a, nested]);
    refused(&mut chain, root, "a root as a part");
    let whole = Root { dictionary: 0, length: len as u32, fragments: vec![a, b] };
    for dictionary in [1, 2, 255] {
        let root = deploy(&mut chain, &Root { dictionary, ..whole.clone() }.encode());
        refused(&mut chain, root, "a dictionary that is not there");
    }
    let code = whole.encode();
    for cut in [4, 7, code.len() - 1] {
        let root = deploy(&mut chain, &code[..cut]);
        refused(&mut chain, root, "a root that is cut off");
    }
    assert!(activate(&mut chain, nested).success, "the parts themselves are right");
}

#[test]
fn fragments_refused_pay_for_what_was_read() {
    let mut chain = chain();
    let module = large(&noise(40_000, 3));
    let codes = split(&module, 2);
    let a = deploy(&mut chain, &codes[0]);
    let b = deploy(&mut chain, &codes[1]);
    let gas = |chain: &mut Chain, length, parts| {
        let root = deploy_root(chain, length, parts);
        let data = activate_call(root);
        refused(chain, root, "a wrong length").gas_used - calldata_gas(&data)
    };
    // Limits are checked before any part is read.
    let unread = gas(&mut chain, (256 << 10) + 1, vec![a, b]);
    // Arguments, opening the state, the fixed part, parameters, activation gas, the program's word.
    assert_eq!(unread, 21_000 + 3 + 800 + 1_659_168 + 100 + 800 + 800);
    let read = gas(&mut chain, module.len() + 1, vec![a, b]);
    let words: u64 = codes.iter().map(|code| (code.len() as u64).div_ceil(32)).sum();
    assert_eq!(read - unread, 2 * 2_600 + 3 * words);
    let twice = gas(&mut chain, module.len(), vec![a, a]);
    assert_eq!(twice - unread, 2_600 + 100 + 2 * 3 * (codes[0].len() as u64).div_ceil(32));
}

#[test]
fn fragments_number_by_version_and_parameter() {
    for (arbos, most) in [(60, 2), (61, 4)] {
        let mut chain = chain_at(arbos);
        let module = large(&noise(40_000, 5));
        let (root, _) = deploy_parts(&mut chain, &module, most + 1);
        refused(&mut chain, root, "one part too many");
        let (fits, _) = deploy_parts(&mut chain, &module, most);
        assert!(activate(&mut chain, fits).success);
        own(&mut chain);
        let more = ArbOwner::setMaxStylusContractFragmentsCall { maxFragments: most as u8 + 1 };
        assert!(owner(&mut chain, more).success);
        assert!(activate(&mut chain, root).success, "the owner allows one more");
        // What is active does not mind a smaller limit.
        let none = ArbOwner::setMaxStylusContractFragmentsCall { maxFragments: 0 };
        assert!(owner(&mut chain, none).success);
        assert!(send(&mut chain, Some(root), [0; 4], 0).success);
    }
}

#[test]
fn fragments_of_a_module_that_breaks_a_rule_take_all_gas() {
    let mut chain = chain();
    let module = wasm(r#"(module (memory (export "memory") 1 1))"#);
    let (root, _) = deploy_parts(&mut chain, &module, 2);
    let tx = activate(&mut chain, root);
    assert_eq!((tx.success, tx.gas_used), (false, 32_000_000));
    assert!(tx.halt.unwrap().starts_with("program activation failed"));
}

#[test]
fn fragments_are_no_programs_themselves() {
    let mut chain = chain();
    let (_, parts) = deploy_parts(&mut chain, &large(&noise(1_000, 4)), 2);
    let tx = activate(&mut chain, parts[0].0);
    reverted(&tx, ArbWasm::ProgramNotWasm {});
    // EVM code of an instruction that does not exist: all gas is gone.
    let tx = send_gas(&mut chain, Some(parts[0].0), [0; 4], 0, 100_000);
    assert_eq!((tx.success, tx.gas_used), (false, 100_000));
    assert_eq!(tx.halt.as_deref(), Some("invalid opcode"));
}

#[test]
fn fragments_do_not_exist_before_arbos_60() {
    for arbos in [32, 40, 51] {
        let mut chain = chain_at(arbos);
        let module = large(&noise(1_000, 4));
        let fragment = &split(&module, 1)[0];
        let root = Root { dictionary: 0, length: module.len() as u32, fragments: vec![NOBODY] };
        for code in [fragment, &root.encode()] {
            let tx = send(&mut chain, None, stylus_vm::code::initcode(code), 0);
            assert!(!tx.success && tx.created.is_none(), "no such prefix at ArbOS {arbos}");
        }
        // Put there by hand, they are no programs.
        chain.set_code(NOBODY, fragment.clone().into());
        let at = Address::repeat_byte(0x77);
        chain.set_code(at, root.encode().into());
        let tx = activate(&mut chain, at);
        reverted(&tx, ArbWasm::ProgramNotWasm {});
        let tx = send_gas(&mut chain, Some(at), [0; 4], 0, 100_000);
        assert_eq!(tx.halt.as_deref(), Some("invalid opcode"));
        upgrade(&mut chain, 60);
        assert!(activate(&mut chain, at).success);
        assert!(send(&mut chain, Some(at), [0; 4], 0).success);
    }
}

#[test]
fn fragments_are_read_as_they_stand_now() {
    // The same root over other parts, after the chain went back: nothing of the first program is left.
    let mut chain = chain();
    let start = chain.snapshot();
    let mut hashes = Vec::new();
    for seed in [11, 12] {
        let data = noise(30_000, seed);
        let (root, _) = deploy_parts(&mut chain, &large(&data), 2);
        assert!(activate(&mut chain, root).success);
        assert_eq!(read(&chain, root, NOISE_AT), &data[..32]);
        hashes.push(code_hash(&chain, root));
        if seed == 11 {
            assert!(chain.revert(start));
        }
    }
    assert_eq!(hashes[0], hashes[1], "one root");
}

#[test]
fn fragments_stay_cold_when_the_root_runs() {
    // EVM code: CALL root, BALANCE of an account, STOP.
    let caller = |root: Address, account: Address| {
        let mut code = vec![0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x73];
        code.extend(root.as_slice());
        code.extend([0x5a, 0xf1, 0x50, 0x73]);
        code.extend(account.as_slice());
        code.extend([0x31, 0x50, 0x00]);
        code
    };
    let mut chain = chain();
    let (root, parts) = deploy_parts(&mut chain, &large(&noise(30_000, 6)), 2);
    assert!(activate(&mut chain, root).success);
    let of_part = deploy(&mut chain, &caller(root, parts[0].0));
    let of_other = deploy(&mut chain, &caller(root, NOBODY));
    let first = send(&mut chain, Some(of_part), [], 0).gas_used;
    let second = send(&mut chain, Some(of_part), [], 0).gas_used;
    let other = send(&mut chain, Some(of_other), [], 0).gas_used;
    assert_eq!((first, second), (other, other), "compiled for the first time, and kept");
}

#[test]
fn fragments_run_in_past_blocks() {
    let mut chain = chain();
    let data = noise(30_000, 8);
    let (root, _) = deploy_parts(&mut chain, &large(&data), 2);
    assert!(activate(&mut chain, root).success);
    let height = chain.height();
    chain.mine(None).unwrap();
    chain.set_code(NOBODY, vec![0x00].into());
    let request =
        CallRequest { to: Some(root), data: NOISE_AT.to_le_bytes().to_vec().into(), ..Default::default() };
    let at = |number| chain.call(&request, BlockRef::Number(number), &Default::default());
    assert_eq!(at(height).unwrap()[..], data[..32]);
    assert!(at(height - 1).is_err(), "not active yet");
}

#[test]
fn fragments_carry_modules_up_to_256_kib() {
    // Most of it is a custom section that compresses well; the stream still takes two accounts.
    let mut chain = chain();
    let data = noise(30_000, 2);
    let mut module = large(&data);
    let total = 256 << 10;
    let content = total - module.len() - 4;
    module.push(0);
    module.extend([content as u8 & 0x7f | 0x80, (content >> 7) as u8 & 0x7f | 0x80, (content >> 14) as u8]);
    module.extend([1, b'x']);
    module.resize(total, 0x55);
    let (root, _) = deploy_parts(&mut chain, &module, 2);
    assert!(activate(&mut chain, root).success);
    assert_eq!(read(&chain, root, NOISE_AT), &data[..32]);
    let mut long = module;
    long.push(0);
    let (root, _) = deploy_parts(&mut chain, &long, 2);
    let tx = activate(&mut chain, root);
    assert!(!tx.success && tx.halt.is_none());
}
