//! Prints how many transactions a second the chain takes: transfers, storage writes of EVM code and of a program.

#![allow(clippy::float_arithmetic)]

use std::time::Instant;

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use plimsoll_devnode::chain::call::CallRequest;
use plimsoll_devnode::config::DEV_ADDRESS;
use plimsoll_devnode::precompiles::ARB_WASM;
use plimsoll_devnode::precompiles::abi::ArbWasm;
use plimsoll_devnode::stack::on_large_stack;
use plimsoll_devnode::{Chain, Config};

const STORE: &str = r#"(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "storage_cache_bytes32" (func $store (param i32 i32)))
  (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
  (memory (export "memory") 1 1)
  (func (export "user_entrypoint") (param i32) (result i32)
    (call $read_args (i32.const 0))
    (call $store (i32.const 0) (i32.const 32))
    (call $flush (i32.const 0))
    (i32.const 0)))"#;

fn send(chain: &mut Chain, to: Option<Address>, data: Vec<u8>, value: u64) -> Option<Address> {
    let request = CallRequest {
        from: Some(DEV_ADDRESS),
        to,
        gas: Some(10_000_000),
        value: U256::from(value),
        data: Bytes::from(data),
        ..Default::default()
    };
    let hash = chain.send_unsigned(&request).expect("the developer can pay");
    let (block, index) = chain.transaction(hash).expect("it is mined");
    assert!(block.transactions[index].success);
    block.transactions[index].created
}

fn main() {
    // A node's own thread has a large stack; without one each transaction starts a thread.
    on_large_stack(|| {
        let mut chain = Chain::new(Config::default());
        let evm = stylus_vm::code::initcode(&[0x60, 0x20, 0x35, 0x5f, 0x35, 0x55, 0x00]);
        let evm = send(&mut chain, None, evm, 0);
        let wasm = wat::parse_str(STORE).expect("the text is right");
        let program = send(&mut chain, None, stylus_vm::code::initcode(&stylus_vm::code::compress(&wasm)), 0);
        let activate = ArbWasm::activateProgramCall { program: program.unwrap_or_default() }.abi_encode();
        send(&mut chain, Some(ARB_WASM), activate, 1_000_000_000_000_000_000);
        for (name, to) in
            [("transfers", Some(Address::repeat_byte(1))), ("EVM writes", evm), ("program writes", program)]
        {
            let count = 3_000u64;
            let start = Instant::now();
            for i in 0..count {
                let data = if name == "transfers" {
                    Vec::new()
                } else {
                    [U256::from(i), U256::from(i + 1)].map(|w| w.to_be_bytes::<32>()).concat()
                };
                send(&mut chain, to, data, 0);
            }
            println!(
                "{name:<15} {:>7.0} a second, signing included",
                count as f64 / start.elapsed().as_secs_f64()
            );
        }
    });
}
