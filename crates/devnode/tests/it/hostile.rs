//! Arbitrary bytes as code, calldata, transactions and requests: the chain answers and lives on.

use crate::common::*;
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use plimsoll_devnode::precompiles::{ALL, ARB_WASM, abi::ArbWasm};
use plimsoll_devnode::rpc::Server;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

const METHODS: [&str; 24] = [
    "eth_call",
    "eth_estimateGas",
    "eth_getBalance",
    "eth_getStorageAt",
    "eth_getLogs",
    "eth_newFilter",
    "eth_getFilterChanges",
    "eth_getBlockByNumber",
    "eth_getBlockByHash",
    "eth_getTransactionReceipt",
    "eth_sendRawTransaction",
    "eth_sendTransaction",
    "eth_feeHistory",
    "eth_getBlockReceipts",
    "evm_snapshot",
    "evm_revert",
    "evm_increaseTime",
    "evm_setNextBlockTimestamp",
    "evm_mine",
    "hardhat_setBalance",
    "anvil_setNonce",
    "debug_traceCall",
    "debug_traceTransaction",
    "web3_sha3",
];

/// Values that are nearly right: the right keys, quantities at their edges, nested at random.
fn value() -> impl Strategy<Value = Value> {
    let word =
        prop_oneof![Just(U256::ZERO), Just(U256::ONE), Just(U256::MAX), any::<u64>().prop_map(U256::from)];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        word.prop_map(|word| json!(word)),
        vec(any::<u8>(), 0..70)
            .prop_map(|bytes| json!(format!("0x{}", alloy_primitives::hex::encode(bytes)))),
        prop_oneof![
            Just("latest"),
            Just("pending"),
            Just("earliest"),
            Just("callTracer"),
            Just("0x"),
            Just("")
        ]
        .prop_map(Value::from),
        prop_oneof![Just(NOBODY), Just(ARB_WASM), Just(Address::ZERO)].prop_map(|address| json!(address)),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key = prop_oneof![
            Just("from"),
            Just("to"),
            Just("gas"),
            Just("value"),
            Just("data"),
            Just("input"),
            Just("gasPrice"),
            Just("nonce"),
            Just("accessList"),
            Just("address"),
            Just("topics"),
            Just("fromBlock"),
            Just("toBlock"),
            Just("blockHash"),
            Just("balance"),
            Just("code"),
            Just("state"),
            Just("stateDiff"),
            Just("tracer"),
            Just("0x0000000000000000000000000000000000000001"),
        ];
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::Array),
            vec((key, inner), 0..6)
                .prop_map(|fields| fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Value>()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn code_and_calldata_of_any_bytes(code in vec(any::<u8>(), 0..200), data in vec(any::<u8>(), 0..200), stylus: bool) {
        let mut chain = chain();
        let code = if stylus { [&[0xef, 0xf0, 0, 0][..], &code].concat() } else { code };
        send_gas(&mut chain, None, code.clone(), 0, 1_000_000);
        let tx = send_gas(&mut chain, None, stylus_vm::code::initcode(&code), 0, 5_000_000);
        if let Some(at) = tx.created {
            activate(&mut chain, at);
            send_gas(&mut chain, Some(at), data.clone(), 0, 1_000_000);
        }
        for to in ALL {
            send_gas(&mut chain, Some(to), data.clone(), 0, 1_000_000);
        }
    }

    #[test]
    fn modules_with_broken_bytes(at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>(), op in 0u8..9) {
        let mut chain = chain();
        let mut wasm = wat::parse_str(STORER).unwrap();
        let i = at.index(wasm.len());
        wasm[i] = byte;
        if byte % 4 == 0 {
            wasm.truncate(cut.index(wasm.len()));
        }
        let program = deploy(&mut chain, &stylus_vm::code::compress(&wasm));
        let data = ArbWasm::activateProgramCall { program }.abi_encode();
        send_gas(&mut chain, Some(ARB_WASM), data, ETHER, 10_000_000);
        send_gas(&mut chain, Some(program), storer(op, 1, 2), 0, 1_000_000);
    }

    #[test]
    fn signed_transactions_of_any_bytes(raw in vec(any::<u8>(), 0..300), kind in 0u8..6) {
        let mut chain = chain();
        prop_assert!(chain.send_raw(&raw).is_err());
        prop_assert!(chain.send_raw(&[&[kind][..], &raw].concat()).is_err());
    }

    #[test]
    fn requests_of_any_bytes(body in vec(any::<u8>(), 0..300)) {
        let answer = Server::new(chain()).handle(&body);
        prop_assert!(answer.is_some_and(|answer| answer["error"]["code"].is_i64()));
    }

    #[test]
    fn requests_of_any_parameters(calls in vec((0..METHODS.len(), vec(value(), 0..4)), 1..12)) {
        let mut server = Server::new(chain());
        for (method, params) in calls {
            let body = json!({ "jsonrpc": "2.0", "id": 7, "method": METHODS[method], "params": params }).to_string();
            let answer = server.handle(body.as_bytes()).expect("a request with an id is answered");
            prop_assert_eq!(&answer["id"], 7);
            prop_assert!(answer.get("result").is_some() != answer.get("error").is_some());
        }
        let alive = server.handle(br#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#).expect("it is answered");
        prop_assert_eq!(&alive["result"], "0x64aba");
    }
}
