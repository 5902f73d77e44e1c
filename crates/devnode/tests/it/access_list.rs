//! `eth_createAccessList`.

use crate::common::*;
use alloy_primitives::{B256, U256};
use plimsoll_devnode::chain::call::CallRequest;
use plimsoll_devnode::chain::{BlockRef, Chain};
use plimsoll_devnode::config::DEV_ADDRESS;
use plimsoll_devnode::rpc::Server;
use serde_json::{Value, json};

fn ask(server: &mut Server, request: Value) -> Value {
    let body =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_createAccessList", "params": [request, "latest"] });
    server.handle(body.to_string().as_bytes()).unwrap()["result"].clone()
}

/// Gas of a call with an access list.
fn gas(chain: &Chain, to: alloy_primitives::Address, data: Vec<u8>, list: Value) -> u64 {
    let access_list = serde_json::from_value(list).unwrap();
    let request = CallRequest {
        from: Some(DEV_ADDRESS),
        to: Some(to),
        data: data.into(),
        access_list,
        ..Default::default()
    };
    chain.call_gas(&request, BlockRef::Latest).unwrap()
}

fn key(number: u64) -> B256 {
    U256::from(number).into()
}

#[test]
fn access_list_names_callees_and_words() {
    let mut chain = chain();
    let store = deploy(&mut chain, &EVM_STORE);
    let outer = deploy(&mut chain, &evm_forwarder(CALL));
    let data = forward_evm(store, &[word(5), word(6)].concat());
    let before = gas(&chain, outer, data.clone(), json!([]));
    let mut server = Server::new(chain);
    let input = alloy_primitives::Bytes::from(data.clone());
    let result = ask(&mut server, json!({ "from": DEV_ADDRESS, "to": outer, "data": input }));
    let expected = json!([{ "address": store, "storageKeys": [key(5)] }]);
    assert_eq!(result["accessList"], expected, "the callee of the transaction itself is warm");
    assert!(result.get("error").is_none());
    // An address 2,400 and a key 1,900; the cold account 2,500 more than a warm one, the cold word 2,100.
    let after = gas(server.chain(), outer, data, expected);
    assert_eq!(before + 2_400 + 1_900 - 2_500 - 2_100, after);
    assert_eq!(result["gasUsed"], json!(format!("{after:#x}")));
}

#[test]
fn access_list_of_a_program_has_its_words_too() {
    let mut chain = chain();
    let program = program(&mut chain, STORER);
    let mut server = Server::new(chain);
    let input = alloy_primitives::Bytes::from(storer(0, 7, 8));
    let result = ask(&mut server, json!({ "from": DEV_ADDRESS, "to": program, "data": input }));
    assert_eq!(result["accessList"], json!([{ "address": program, "storageKeys": [key(7)] }]));
}

#[test]
fn access_list_of_a_transfer_and_of_a_precompile_is_empty() {
    let mut server = Server::new(chain());
    let transfer = ask(&mut server, json!({ "from": DEV_ADDRESS, "to": NOBODY, "value": "0x1" }));
    assert_eq!((&transfer["accessList"], &transfer["gasUsed"]), (&json!([]), &json!("0x5208")));
    let sys = json!({ "from": DEV_ADDRESS, "to": "0x0000000000000000000000000000000000000064", "data": "0xa3b1b31d" });
    assert_eq!(ask(&mut server, sys)["accessList"], json!([]));
}

#[test]
fn access_list_of_a_failing_call_says_so() {
    let mut chain = chain();
    let store = deploy(&mut chain, &EVM_STORE_REVERT);
    let mut server = Server::new(chain);
    let input = alloy_primitives::Bytes::from([word(1), word(2)].concat());
    let result = ask(&mut server, json!({ "from": DEV_ADDRESS, "to": store, "data": input }));
    assert_eq!(result["error"], "execution reverted");
    assert_eq!(result["accessList"], json!([{ "address": store, "storageKeys": [key(1)] }]));
}
