//! Blocks by the clock: several transactions in one block.

use std::time::Duration;

use crate::common::{NOBODY, STORER, config, storer};
use alloy_primitives::{Address, U256};
use plimsoll_devnode::chain::call::CallRequest;
use plimsoll_devnode::chain::error::ChainError;
use plimsoll_devnode::chain::{BlockRef, Chain};
use plimsoll_devnode::config::{BASE_FEE, DEV_ADDRESS};
use plimsoll_devnode::rpc::Server;
use plimsoll_devnode::{Config, Node};
use serde_json::{Value, json};

/// A chain whose next block comes when it is told to.
fn waiting_chain() -> Chain {
    Chain::new(Config { block_time: Some(Duration::from_secs(3_600)), ..config() })
}

fn request(to: Address, value: u64, data: Vec<u8>) -> CallRequest {
    CallRequest {
        from: Some(DEV_ADDRESS),
        to: Some(to),
        gas: Some(1_000_000),
        value: U256::from(value),
        data: data.into(),
        ..Default::default()
    }
}

fn rpc(server: &mut Server, method: &str, params: Value) -> Value {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    server.handle(body.to_string().as_bytes()).unwrap()["result"].clone()
}

#[test]
fn transactions_wait_for_their_block() {
    let mut chain = waiting_chain();
    let hashes: Vec<_> =
        (1..=3).map(|value| chain.send_unsigned(&request(NOBODY, value, vec![])).unwrap()).collect();
    assert_eq!((chain.height(), chain.waiting().len(), chain.next_nonce(DEV_ADDRESS)), (0, 3, 3));
    let mut server = Server::new(chain);
    let tx = rpc(&mut server, "eth_getTransactionByHash", json!([hashes[1]]));
    assert_eq!((&tx["nonce"], &tx["blockNumber"]), (&json!("0x1"), &Value::Null));
    assert_eq!(rpc(&mut server, "eth_getTransactionReceipt", json!([hashes[1]])), Value::Null);
    assert_eq!(rpc(&mut server, "txpool_status", json!([]))["pending"], "0x3");
    assert_eq!(rpc(&mut server, "eth_getTransactionCount", json!([DEV_ADDRESS, "pending"])), "0x3");
    assert_eq!(rpc(&mut server, "eth_getTransactionCount", json!([DEV_ADDRESS, "latest"])), "0x0");

    rpc(&mut server, "evm_mine", json!([]));
    let block = rpc(&mut server, "eth_getBlockByNumber", json!(["latest", false]));
    assert_eq!(block["transactions"], json!(hashes));
    assert_eq!(block["gasUsed"], json!(format!("{:#x}", 3 * 21_000)));
    let receipt = rpc(&mut server, "eth_getTransactionReceipt", json!([hashes[2]]));
    assert_eq!(
        (&receipt["transactionIndex"], &receipt["cumulativeGasUsed"]),
        (&json!("0x2"), &json!("0xf618"))
    );
    // 1 + 2 + 3 wei arrived
    assert_eq!(rpc(&mut server, "eth_getBalance", json!([NOBODY, "latest"])), "0x6");
}

#[test]
fn logs_are_numbered_through_the_block() {
    let mut chain = waiting_chain();
    let mined = |chain: &mut Chain, request: &CallRequest| {
        let hash = chain.send_unsigned(request).unwrap();
        chain.mine(None).unwrap();
        let (block, index) = chain.transaction(hash).unwrap();
        block.transactions[index].clone()
    };
    let wasm = wat::parse_str(STORER).unwrap();
    let init = stylus_vm::code::initcode(&stylus_vm::code::compress(&wasm));
    let create = CallRequest { to: None, ..request(NOBODY, 0, init) };
    let program = mined(&mut chain, &create).created.unwrap();
    let activate = plimsoll_devnode::precompiles::abi::ArbWasm::activateProgramCall { program };
    let data = alloy_sol_types::SolCall::abi_encode(&activate);
    let activate = CallRequest {
        gas: Some(10_000_000),
        ..request(plimsoll_devnode::precompiles::ARB_WASM, crate::common::ETHER, data)
    };
    assert!(mined(&mut chain, &activate).success);

    let hashes: Vec<_> =
        (0..3).map(|key| chain.send_unsigned(&request(program, 0, storer(7, key, key))).unwrap()).collect();
    chain.mine(None).unwrap();
    // The second and third call find the program in the cache of the block: nothing of its start but the cached part.
    let gas: Vec<u64> = chain.head().transactions.iter().map(|tx| tx.gas_used).collect();
    assert!(gas[0] > gas[1] + 8_000 && gas[1].abs_diff(gas[2]) < 50, "{gas:?}");
    let again = chain.rerun(hashes[1], Default::default()).unwrap();
    assert_eq!(again.result.tx_gas_used(), gas[1], "a second run starts from the same cache");
    let mut server = Server::new(chain);
    let logs = rpc(&mut server, "eth_getLogs", json!([{ "address": program }]));
    let places: Vec<_> =
        logs.as_array().unwrap().iter().map(|log| (&log["logIndex"], &log["transactionIndex"])).collect();
    let expected = [json!("0x0"), json!("0x1"), json!("0x2")];
    assert_eq!(places, expected.iter().map(|n| (n, n)).collect::<Vec<_>>());
}

#[test]
fn waiting_errors() {
    let mut chain = waiting_chain();
    let invalid = |result: Result<_, ChainError>| match result {
        Err(ChainError::Invalid(text)) => text,
        other => panic!("{other:?}"),
    };
    let at_nonce = |nonce| CallRequest { nonce: Some(nonce), ..request(NOBODY, 1, vec![]) };
    chain.send_unsigned(&at_nonce(0)).unwrap();
    assert_eq!(invalid(chain.send_unsigned(&at_nonce(0))), "nonce too low: next nonce 1, tx nonce 0");
    assert_eq!(invalid(chain.send_unsigned(&at_nonce(2))), "nonce too high: next nonce 1, tx nonce 2");
    let cheap = CallRequest { gas_price: Some(u128::from(BASE_FEE) - 1), ..request(NOBODY, 1, vec![]) };
    assert_eq!(invalid(chain.send_unsigned(&cheap)), "max fee per gas less than block base fee");
    let all = chain.view(BlockRef::Latest).unwrap().account(DEV_ADDRESS).unwrap().balance;
    let rich = CallRequest { value: all, ..request(NOBODY, 0, vec![]) };
    assert!(invalid(chain.send_unsigned(&rich)).starts_with("insufficient funds"));
    assert_eq!(chain.waiting().len(), 1);
}

#[test]
fn revert_forgets_what_waits() {
    let mut chain = waiting_chain();
    let snapshot = chain.snapshot();
    chain.send_unsigned(&request(NOBODY, 1, vec![])).unwrap();
    assert!(chain.revert(snapshot));
    assert!(chain.waiting().is_empty());
    assert_eq!(chain.next_nonce(DEV_ADDRESS), 0);
}

#[tokio::test]
async fn blocks_come_by_themselves() {
    let config = Config { block_time: Some(Duration::from_millis(20)), ..config() };
    let node = Node::start(config).await.unwrap();
    let mut blocks = node.blocks().await;
    let hash =
        node.with_chain(|chain| chain.send_unsigned(&request(NOBODY, 5, vec![]))).await.unwrap().unwrap();
    let found = tokio::time::timeout(Duration::from_secs(10), async {
        while let Some(block) = blocks.recv().await {
            if block.transactions.iter().any(|tx| tx.hash == hash) {
                return true;
            }
        }
        false
    });
    assert!(found.await.expect("a block within ten seconds"));
}
