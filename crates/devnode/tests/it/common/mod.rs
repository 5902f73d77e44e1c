//! What the tests share: a chain at a fixed time, small EVM contracts and programs, and ways to call them.

#![allow(dead_code, missing_docs, unreachable_pub)]

pub mod script;
pub mod stage;

use alloy_primitives::{Address, B256, Bytes, U256, address};
use alloy_sol_types::SolCall;
use plimsoll_devnode::chain::block::Mined;
use plimsoll_devnode::chain::call::{CallRequest, Overrides};
use plimsoll_devnode::chain::error::ChainError;
use plimsoll_devnode::chain::{BlockRef, Chain};
use plimsoll_devnode::config::{Config, DEV_ADDRESS};
use plimsoll_devnode::precompiles::abi::{ArbDebug, ArbWasm, ArbWasmCache};
use plimsoll_devnode::precompiles::{ARB_DEBUG, ARB_WASM, ARB_WASM_CACHE};

pub const GENESIS_TIME: u64 = 1_750_000_000;
pub const NOBODY: Address = address!("00000000000000000000000000000000000b0b0b");
pub const ETHER: u64 = 1_000_000_000_000_000_000;

pub fn config() -> Config {
    Config { genesis_time: Some(GENESIS_TIME), wall_clock: false, ..Config::default() }
}

pub fn chain() -> Chain {
    Chain::new(config())
}

/// Sends from the developer account with 32M gas; a revert is an outcome, not an error.
pub fn send(chain: &mut Chain, to: Option<Address>, data: impl Into<Bytes>, value: u64) -> Mined {
    send_gas(chain, to, data, value, 32_000_000)
}

pub fn send_gas(
    chain: &mut Chain,
    to: Option<Address>,
    data: impl Into<Bytes>,
    value: u64,
    gas: u64,
) -> Mined {
    let request = CallRequest {
        from: Some(DEV_ADDRESS),
        to,
        gas: Some(gas),
        value: U256::from(value),
        data: data.into(),
        ..Default::default()
    };
    let hash = chain.send_unsigned(&request).expect("transaction is included");
    let (block, index) = chain.transaction(hash).expect("transaction is mined");
    block.transactions[index].clone()
}

pub fn call(chain: &Chain, to: Address, data: impl Into<Bytes>) -> Result<Bytes, ChainError> {
    let request =
        CallRequest { from: Some(DEV_ADDRESS), to: Some(to), data: data.into(), ..Default::default() };
    chain.call(&request, BlockRef::Latest, &Overrides::default())
}

/// Deploys a runtime code as it is.
pub fn deploy(chain: &mut Chain, code: &[u8]) -> Address {
    let tx = send(chain, None, stylus_vm::code::initcode(code), 0);
    assert!(tx.success, "deployment failed: {:?}", tx.halt);
    tx.created.expect("a creation names its contract")
}

/// Deploys a program without activating it.
pub fn deploy_wat(chain: &mut Chain, wat: &str) -> Address {
    let wasm = wat::parse_str(wat).expect("the program's text is right");
    deploy(chain, &stylus_vm::code::compress(&wasm))
}

pub fn activate(chain: &mut Chain, program: Address) -> Mined {
    send(chain, Some(ARB_WASM), ArbWasm::activateProgramCall { program }.abi_encode(), ETHER)
}

/// Deploys and activates a program.
pub fn program(chain: &mut Chain, wat: &str) -> Address {
    let address = deploy_wat(chain, wat);
    let tx = activate(chain, address);
    assert!(tx.success, "activation failed: {:?} {}", tx.halt, tx.output);
    address
}

/// Makes the developer a chain owner and pins a program in the cache.
pub fn cache(chain: &mut Chain, program: Address) {
    let owner = send(chain, Some(ARB_DEBUG), ArbDebug::becomeChainOwnerCall {}.abi_encode(), 0);
    assert!(owner.success);
    let data = ArbWasmCache::cacheProgramCall { addr: program }.abi_encode();
    let cached = send(chain, Some(ARB_WASM_CACHE), data, 0);
    assert!(cached.success, "{:?}", cached.halt);
}

pub fn slot(chain: &Chain, account: Address, key: u64) -> U256 {
    chain.view(BlockRef::Latest).expect("there is a last block").slot(account, U256::from(key))
}

pub fn word(value: u64) -> [u8; 32] {
    U256::from(value).to_be_bytes()
}

/// An EVM contract that forwards: calldata `[address 32][payload]`; returns or reverts with what came back.
///
/// ```text
/// PUSH1 32 CALLDATASIZE SUB DUP1 PUSH1 32 PUSH0 CALLDATACOPY   copy the payload, its length stays
/// PUSH0 PUSH0 SWAP2 PUSH0 [CALLVALUE] PUSH0 CALLDATALOAD GAS   0 0 length 0 [value] address gas
/// CALL | DELEGATECALL | STATICCALL
/// RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY
/// PUSH1 ok JUMPI RETURNDATASIZE PUSH0 REVERT
/// ok: JUMPDEST RETURNDATASIZE PUSH0 RETURN
/// ```
pub fn evm_forwarder(opcode: u8) -> Vec<u8> {
    let mut code = vec![0x60, 0x20, 0x36, 0x03, 0x80, 0x60, 0x20, 0x5f, 0x37, 0x5f, 0x5f, 0x91, 0x5f];
    let value = opcode == CALL;
    if value {
        code.push(0x34);
    }
    code.extend([0x5f, 0x35, 0x5a, opcode, 0x3d, 0x5f, 0x5f, 0x3e]);
    let ok = code.len() as u8 + 6;
    code.extend([0x60, ok, 0x57, 0x3d, 0x5f, 0xfd, 0x5b, 0x3d, 0x5f, 0xf3]);
    code
}

pub const CALL: u8 = 0xf1;
pub const DELEGATECALL: u8 = 0xf4;
pub const STATICCALL: u8 = 0xfa;

/// An EVM contract that writes calldata `[key][value]`: `PUSH1 32 CALLDATALOAD PUSH0 CALLDATALOAD SSTORE STOP`.
pub const EVM_STORE: [u8; 7] = [0x60, 0x20, 0x35, 0x5f, 0x35, 0x55, 0x00];
/// The same, then `PUSH0 PUSH0 REVERT`.
pub const EVM_STORE_REVERT: [u8; 9] = [0x60, 0x20, 0x35, 0x5f, 0x35, 0x55, 0x5f, 0x5f, 0xfd];
/// Returns its 32-byte calldata: `PUSH0 CALLDATALOAD PUSH0 MSTORE PUSH1 32 PUSH0 RETURN`.
pub const EVM_ECHO: [u8; 8] = [0x5f, 0x35, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3];

/// Calldata of [`evm_forwarder`].
pub fn forward_evm(to: Address, payload: &[u8]) -> Vec<u8> {
    [to.into_word().as_slice(), payload].concat()
}

/// Calldata of [`FORWARDER`].
pub fn forward(kind: u8, to: Address, payload: &[u8]) -> Vec<u8> {
    [&[kind], to.as_slice(), payload].concat()
}

/// A program that forwards: calldata `[kind][address 20][payload]`, kind 0 call with the value it got, 1 delegate,
/// 2 static; returns what came back, as a revert when the call failed.
pub const FORWARDER: &str = r#"(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "msg_value" (func $msg_value (param i32)))
  (import "vm_hooks" "call_contract" (func $call (param i32 i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "delegate_call_contract" (func $delegate (param i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "static_call_contract" (func $static (param i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "read_return_data" (func $read_return (param i32 i32 i32) (result i32)))
  (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
  (memory (export "memory") 1 1)
  (func (export "user_entrypoint") (param $len i32) (result i32)
    (local $status i32) (local $size i32) (local $kind i32)
    (call $read_args (i32.const 0))
    (call $msg_value (i32.const 60000))
    (local.set $len (i32.sub (local.get $len) (i32.const 21)))
    (local.set $kind (i32.load8_u (i32.const 0)))
    (if (i32.eq (local.get $kind) (i32.const 0)) (then (local.set $status
      (call $call (i32.const 1) (i32.const 21) (local.get $len) (i32.const 60000) (i64.const -1) (i32.const 61000)))))
    (if (i32.eq (local.get $kind) (i32.const 1)) (then (local.set $status
      (call $delegate (i32.const 1) (i32.const 21) (local.get $len) (i64.const -1) (i32.const 61000)))))
    (if (i32.eq (local.get $kind) (i32.const 2)) (then (local.set $status
      (call $static (i32.const 1) (i32.const 21) (local.get $len) (i64.const -1) (i32.const 61000)))))
    (local.set $size (i32.load (i32.const 61000)))
    (drop (call $read_return (i32.const 30000) (i32.const 0) (local.get $size)))
    (call $write_result (i32.const 30000) (local.get $size))
    (i32.ne (local.get $status) (i32.const 0))))"#;

/// A program over one storage word: calldata `[op][key 32][value 32]`.
///
/// 0 store; 1 load and return; 2 store and revert; 3 store and trap; 4 transient store; 5 transient load and return;
/// 6 return `msg_reentrant` as a little-endian word of 4 bytes; 7 log the value with the key as topic; 8 loop for ever.
pub const STORER: &str = r#"(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "storage_load_bytes32" (func $load (param i32 i32)))
  (import "vm_hooks" "storage_cache_bytes32" (func $store (param i32 i32)))
  (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
  (import "vm_hooks" "transient_load_bytes32" (func $tload (param i32 i32)))
  (import "vm_hooks" "transient_store_bytes32" (func $tstore (param i32 i32)))
  (import "vm_hooks" "msg_reentrant" (func $reentrant (result i32)))
  (import "vm_hooks" "emit_log" (func $log (param i32 i32 i32)))
  (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
  (memory (export "memory") 1 1)
  (func $put (call $store (i32.const 1) (i32.const 33)) (call $flush (i32.const 0)))
  (func (export "user_entrypoint") (param $len i32) (result i32)
    (local $op i32)
    (call $read_args (i32.const 0))
    (local.set $op (i32.load8_u (i32.const 0)))
    (if (i32.eq (local.get $op) (i32.const 0)) (then (call $put)))
    (if (i32.eq (local.get $op) (i32.const 1)) (then
      (call $load (i32.const 1) (i32.const 100)) (call $write_result (i32.const 100) (i32.const 32))))
    (if (i32.eq (local.get $op) (i32.const 2)) (then (call $put) (call $write_result (i32.const 33) (i32.const 32)) (return (i32.const 1))))
    (if (i32.eq (local.get $op) (i32.const 3)) (then (call $put) (call $write_result (i32.const 33) (i32.const 32)) unreachable))
    (if (i32.eq (local.get $op) (i32.const 4)) (then (call $tstore (i32.const 1) (i32.const 33))))
    (if (i32.eq (local.get $op) (i32.const 5)) (then
      (call $tload (i32.const 1) (i32.const 100)) (call $write_result (i32.const 100) (i32.const 32))))
    (if (i32.eq (local.get $op) (i32.const 6)) (then
      (i32.store (i32.const 100) (call $reentrant)) (call $write_result (i32.const 100) (i32.const 4))))
    (if (i32.eq (local.get $op) (i32.const 7)) (then (call $log (i32.const 1) (i32.const 64) (i32.const 1))))
    (if (i32.eq (local.get $op) (i32.const 8)) (then (loop $for_ever (br $for_ever))))
    (i32.const 0)))"#;

/// Calldata of [`STORER`].
pub fn storer(op: u8, key: u64, value: u64) -> Vec<u8> {
    [&[op][..], &word(key), &word(value)].concat()
}

/// A program that looks at an account: calldata `[address 20]`; returns its balance, code hash and code size (4, little
/// endian).
pub const INSPECTOR: &str = r#"(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "account_balance" (func $balance (param i32 i32)))
  (import "vm_hooks" "account_codehash" (func $hash (param i32 i32)))
  (import "vm_hooks" "account_code_size" (func $size (param i32) (result i32)))
  (memory (export "memory") 1 1)
  (func (export "user_entrypoint") (param i32) (result i32)
    (call $read_args (i32.const 0))
    (i32.store (i32.const 164) (call $size (i32.const 0)))
    (call $hash (i32.const 0) (i32.const 132))
    (call $balance (i32.const 0) (i32.const 100))
    (call $write_result (i32.const 100) (i32.const 68))
    (i32.const 0)))"#;

/// A program that creates: calldata `[kind 1|2][endowment 32][salt 32][init code]`; returns the address of 20 bytes, or
/// reverts with what the init code reverted with.
pub const CREATOR: &str = r#"(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "create1" (func $create1 (param i32 i32 i32 i32 i32)))
  (import "vm_hooks" "create2" (func $create2 (param i32 i32 i32 i32 i32 i32)))
  (import "vm_hooks" "read_return_data" (func $read_return (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1 1)
  (func (export "user_entrypoint") (param $len i32) (result i32)
    (local $size i32)
    (call $read_args (i32.const 0))
    (local.set $len (i32.sub (local.get $len) (i32.const 65)))
    (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 1))
      (then (call $create1 (i32.const 65) (local.get $len) (i32.const 1) (i32.const 50000) (i32.const 51000)))
      (else (call $create2 (i32.const 65) (local.get $len) (i32.const 1) (i32.const 33) (i32.const 50000) (i32.const 51000))))
    (local.set $size (i32.load (i32.const 51000)))
    (if (i64.eqz (i64.load (i32.const 50000))) (then
      (drop (call $read_return (i32.const 40000) (i32.const 0) (local.get $size)))
      (call $write_result (i32.const 40000) (local.get $size))
      (return (i32.const 1))))
    (call $write_result (i32.const 50000) (i32.const 20))
    (i32.const 0)))"#;

/// Calldata of [`CREATOR`].
pub fn creator(kind: u8, endowment: u64, salt: B256, init: &[u8]) -> Vec<u8> {
    [&[kind][..], &word(endowment), salt.as_slice(), init].concat()
}
