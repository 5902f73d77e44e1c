//! The smallest Stylus program with a face that Solidity's tools know: a number, an event, an error.

use std::time::{SystemTime, UNIX_EPOCH};

use alloy::{
    hex, sol,
    sol_types::{SolCall, SolError, SolEvent},
};
use anyhow::{Context, Result};
use plimsoll_harness::wasm::Program;

sol! {
    /// What the program answers to. The same stands in `js/arbitrum.mjs`.
    #[sol(rpc, all_derives)]
    #[allow(missing_docs)]
    interface Keeper {
        event NumberSet(address indexed by, uint256 number);
        error ZeroNumber();
        function number() external view returns (uint256);
        function setNumber(uint256 number) external;
    }
}

/// The program, with bytes in it that no other call has put there: a chain activates a code but once.
///
/// # Errors
/// When its text is wrong.
pub fn program() -> Result<Program> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock")?.as_nanos();
    let salt = format!("{} {now}", std::process::id());
    Program::from_wasm("keeper", &wat::parse_str(text(&salt))?)
}

/// A selector as a little-endian word of WebAssembly.
fn selector(bytes: [u8; 4]) -> u32 {
    u32::from_le_bytes(bytes)
}

/// Bytes as a string of WebAssembly's text.
fn quoted(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\{}", hex::encode([*byte]))).collect()
}

/// Calldata is read to 0; the number's slot is zero, at 64; a word from storage lands at 96; the event stands at 128:
/// two topics, then its word of data; the error's selector is at 256.
fn text(salt: &str) -> String {
    let (number, set_number) =
        (selector(Keeper::numberCall::SELECTOR), selector(Keeper::setNumberCall::SELECTOR));
    let topic = quoted(Keeper::NumberSet::SIGNATURE_HASH.as_slice());
    let error = quoted(&Keeper::ZeroNumber::SELECTOR);
    format!(
        r#"(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "storage_load_bytes32" (func $load (param i32 i32)))
  (import "vm_hooks" "storage_cache_bytes32" (func $store (param i32 i32)))
  (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
  (import "vm_hooks" "msg_sender" (func $sender (param i32)))
  (import "vm_hooks" "emit_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1 1)
  (data (i32.const 128) "{topic}")
  (data (i32.const 256) "{error}")
  (data (i32.const 512) "{salt}")
  (func $number (result i32)
    (call $load (i32.const 64) (i32.const 96))
    (call $write_result (i32.const 96) (i32.const 32))
    (i32.const 0))
  (func $set_number (result i32)
    (if (i64.eqz (i64.or
          (i64.or (i64.load (i32.const 4)) (i64.load (i32.const 12)))
          (i64.or (i64.load (i32.const 20)) (i64.load (i32.const 28)))))
      (then
        (call $write_result (i32.const 256) (i32.const 4))
        (return (i32.const 1))))
    (call $store (i32.const 64) (i32.const 4))
    (call $flush (i32.const 0))
    (call $sender (i32.const 172))
    (memory.copy (i32.const 192) (i32.const 4) (i32.const 32))
    (call $log (i32.const 128) (i32.const 96) (i32.const 2))
    (i32.const 0))
  (func (export "user_entrypoint") (param $len i32) (result i32)
    (if (i32.gt_u (local.get $len) (i32.const 36)) (then (return (i32.const 1))))
    (call $read_args (i32.const 0))
    (if (i32.eq (i32.load (i32.const 0)) (i32.const {number})) (then (return (call $number))))
    (if (i32.eq (i32.load (i32.const 0)) (i32.const {set_number})) (then (return (call $set_number))))
    (i32.const 1)))"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_differ_and_are_small() {
        let [first, second] = [program().unwrap(), program().unwrap()];
        assert_ne!(first.code_hash(), second.code_hash());
        assert!(first.code.len() < 1_000, "{} bytes", first.code.len());
    }
}
