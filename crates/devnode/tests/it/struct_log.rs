//! The default tracer (struct logs), and gas by purpose.

use crate::common::*;
use alloy_consensus::Transaction as _;
use alloy_primitives::U256;
use plimsoll_devnode::chain::Chain;
use serde_json::{Value, json};

/// The default tracer of a transaction, by JSON-RPC.
fn struct_logs(chain: Chain, hash: alloy_primitives::B256, options: Value) -> Value {
    let mut server = plimsoll_devnode::rpc::Server::new(chain);
    let body =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "debug_traceTransaction", "params": [hash, options] });
    server.handle(body.to_string().as_bytes()).unwrap()["result"].clone()
}

#[test]
fn struct_logs_of_an_evm_frame() {
    let mut chain = chain();
    let store = deploy(&mut chain, &EVM_STORE);
    let tx = send(&mut chain, Some(store), [word(1), word(2)].concat(), 0);
    let gas_used = tx.gas_used;
    let trace = struct_logs(chain, tx.hash, json!({}));
    assert_eq!(
        (&trace["gas"], &trace["failed"], &trace["returnValue"]),
        (&json!(gas_used), &json!(false), &json!("0x"))
    );
    let steps = trace["structLogs"].as_array().unwrap();
    let ops: Vec<_> =
        steps.iter().map(|step| (step["pc"].as_u64().unwrap(), step["op"].as_str().unwrap())).collect();
    assert_eq!(
        ops,
        [(0, "PUSH1"), (2, "CALLDATALOAD"), (3, "PUSH0"), (4, "CALLDATALOAD"), (5, "SSTORE"), (6, "STOP")]
    );
    let costs: Vec<_> = steps.iter().map(|step| step["gasCost"].as_u64().unwrap()).collect();
    // 22,100 of a cold slot that was zero
    assert_eq!(costs, [3, 3, 2, 3, 22_100, 0]);
    for pair in steps.windows(2) {
        let left = pair[0]["gas"].as_u64().unwrap() - pair[0]["gasCost"].as_u64().unwrap();
        assert_eq!(pair[1]["gas"], left);
    }
    assert_eq!(steps[4]["stack"], json!(["0x2", "0x1"]));
    let key = "0000000000000000000000000000000000000000000000000000000000000001";
    let value = "0000000000000000000000000000000000000000000000000000000000000002";
    assert_eq!(steps[4]["storage"], json!({ key: value }));
    assert!(steps.iter().all(|step| step["depth"] == 1 && step.get("memory").is_none()));
}

#[test]
fn struct_logs_options() {
    let mut chain = chain();
    let echo = deploy(&mut chain, &crate::common::EVM_ECHO);
    let outer = deploy(&mut chain, &evm_forwarder(CALL));
    let tx = send(&mut chain, Some(outer), forward_evm(echo, &word(9)), 0);
    let hash = tx.hash;
    let all = struct_logs(Chain::new(crate::common::config()), hash, json!({}));
    assert_eq!(all, Value::Null, "another chain does not know the transaction");
    let trace = struct_logs(
        chain,
        hash,
        json!({ "disableStack": true, "disableStorage": true, "enableMemory": true, "enableReturnData": true, "limit": 30 }),
    );
    assert_eq!(trace["returnValue"], json!(alloy_primitives::Bytes::from(word(9))));
    let steps = trace["structLogs"].as_array().unwrap();
    assert_eq!(steps.len(), 30);
    assert!(steps.iter().all(|step| step.get("stack").is_none()));
    // The inner frame: its echo in memory before it returns.
    let inner: Vec<_> = steps.iter().filter(|step| step["depth"] == 2).collect();
    assert_eq!(inner.len(), 7);
    let last = inner[6];
    assert_eq!(
        (&last["op"], &last["memory"]),
        (&json!("RETURN"), &json!([alloy_primitives::hex::encode(word(9))]))
    );
    let after = steps.iter().find(|step| step["op"] == "RETURNDATASIZE").unwrap();
    assert_eq!(after["returnData"], json!(alloy_primitives::Bytes::from(word(9))));
}

#[test]
fn struct_logs_of_failures_say_why() {
    let mut chain = chain();
    // PUSH0 JUMP: no destination there
    let broken = deploy(&mut chain, &[0x5f, 0x56]);
    let tx = send(&mut chain, Some(broken), vec![], 0);
    let trace = struct_logs(chain, tx.hash, json!(null));
    assert_eq!(trace["failed"], true);
    let steps = trace["structLogs"].as_array().unwrap();
    assert_eq!((&steps[1]["op"], &steps[1]["error"]), (&json!("JUMP"), &json!("InvalidJump")));
}

/// A contract calls a program that writes storage: each purpose by itself, all of it the gas used.
#[test]
fn gas_split_adds_up_by_purpose() {
    let mut chain = chain();
    let store = crate::common::program(&mut chain, crate::common::STORER);
    let outer = deploy(&mut chain, &evm_forwarder(CALL));
    let tx = send(&mut chain, Some(outer), forward_evm(store, &crate::common::storer(0, 5, 6)), 0);
    assert!(tx.success);
    let (split, _) = chain.explain(tx.hash).unwrap();
    assert_eq!(split.intrinsic + split.compute + split.storage + split.calls - split.refund, tx.gas_used);
    // storage_cache 18,480 ink and storage_flush 221,068,073 ink: 22,108 gas
    assert_eq!(split.storage, 22_108);
    // CALL: 2,600 for the cold account; the program's start by its word, uncached
    let start = crate::common::call(&chain, plimsoll_devnode::precompiles::ARB_WASM, {
        use alloy_sol_types::SolCall;
        plimsoll_devnode::precompiles::abi::ArbWasm::programInitGasCall { program: store }.abi_encode()
    });
    let start = U256::from_be_slice(&start.unwrap()[..32]).to::<u64>();
    assert_eq!(split.calls, 2_600 + start);
    // 98 bytes of calldata: 21,000 + 4 a zero, 16 another
    let input = tx.envelope.input();
    let zeros = input.iter().filter(|byte| **byte == 0).count() as u64;
    assert_eq!(split.intrinsic, 21_000 + 4 * zeros + 16 * (input.len() as u64 - zeros));
}
