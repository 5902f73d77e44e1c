//! Dump and load: a chain goes on where it stood.

use std::time::Instant;

use crate::common::*;
use alloy_primitives::U256;
use plimsoll_devnode::chain::dump::LoadError;
use plimsoll_devnode::chain::{BlockRef, Chain};
use plimsoll_devnode::rpc::Server;
use plimsoll_devnode::{Config, Node};
use serde_json::{Value, json};

/// A chain with a contract, an activated program, storage, a failed transaction and a log.
fn prepared() -> (Chain, alloy_primitives::Address) {
    let mut chain = chain();
    let store = program(&mut chain, STORER);
    deploy(&mut chain, &EVM_ECHO);
    assert!(send(&mut chain, Some(store), storer(0, 1, 2), 0).success);
    assert!(send(&mut chain, Some(store), storer(0, 1, 3), 0).success);
    assert!(!send(&mut chain, Some(store), storer(3, 1, 2), 0).success);
    assert!(send(&mut chain, Some(store), storer(7, 8, 9), 0).success);
    chain.set_balance(NOBODY, U256::from(77));
    (chain, store)
}

fn rpc(server: &mut Server, method: &str, params: Value) -> Value {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    server.handle(body.to_string().as_bytes()).unwrap()
}

#[test]
fn loaded_chain_is_the_same_chain() {
    let (mut chain, store) = prepared();
    let dump = chain.dump();
    let mut loaded = Chain::load(config(), &dump).unwrap();
    assert_eq!(loaded.dump(), dump, "a dump of the loaded chain is the same dump");
    // Both go on alike: the same transactions give the same blocks.
    for chain in [&mut chain, &mut loaded] {
        assert!(send(chain, Some(store), storer(0, 4, 5), 0).success);
        assert_eq!(slot(chain, store, 1), U256::from(3));
    }
    assert_eq!(chain.head().hash, loaded.head().hash);
    assert_eq!(loaded.view(BlockRef::Latest).unwrap().account(NOBODY).unwrap().balance, U256::from(77));
}

#[test]
fn loaded_chain_keeps_past_blocks_receipts_and_traces() {
    let (chain, store) = prepared();
    let hashes: Vec<_> = (0..=chain.height())
        .flat_map(|n| {
            chain
                .block(BlockRef::Number(n))
                .unwrap()
                .transactions
                .iter()
                .map(|tx| tx.hash)
                .collect::<Vec<_>>()
        })
        .collect();
    let mut old = Server::new(chain);
    let dump = old.chain().dump();
    let mut new = Server::new(Chain::load(config(), &dump).unwrap());
    let mut ask = |method: &str, params: Value| {
        let answer = rpc(&mut new, method, params.clone());
        assert!(answer.get("error").is_none(), "{answer}");
        assert_eq!(answer, rpc(&mut old, method, params), "{method}");
    };
    for number in 0..=7 {
        ask("eth_getBlockByNumber", json!([format!("{number:#x}"), true]));
        ask("eth_getStorageAt", json!([store, "0x1", format!("{number:#x}")]));
    }
    for hash in hashes {
        ask("eth_getTransactionReceipt", json!([hash]));
        ask("debug_traceTransaction", json!([hash, { "tracer": "stylusTracer" }]));
    }
    ask("eth_getLogs", json!([{ "fromBlock": "0x0" }]));
}

#[test]
fn dump_and_load_by_rpc() {
    let (chain, store) = prepared();
    let mut old = Server::new(chain);
    let dump = rpc(&mut old, "anvil_dumpState", json!([]))["result"].clone();
    let mut new = Server::new(crate::common::chain());
    assert_eq!(rpc(&mut new, "anvil_loadState", json!([dump]))["result"], true);
    let word = rpc(&mut new, "eth_getStorageAt", json!([store, "0x1", "latest"]));
    assert_eq!(word["result"], json!(alloy_primitives::B256::from(U256::from(3))));
    assert_eq!(rpc(&mut new, "anvil_loadState", json!(["0x7b7d"]))["error"]["code"], -32_000);
}

#[test]
fn load_errors() {
    let (chain, _) = prepared();
    let dump: Value = serde_json::from_slice(&chain.dump()).unwrap();
    let load = |change: &dyn Fn(&mut Value)| {
        let mut changed = dump.clone();
        change(&mut changed);
        Chain::load(config(), changed.to_string().as_bytes()).map(|_| ()).unwrap_err()
    };
    assert!(matches!(Chain::load(config(), b"nothing"), Err(LoadError::Malformed(_))));
    assert!(matches!(load(&|d| d["blocks"] = json!(5)), LoadError::Malformed(_)));
    assert_eq!(load(&|d| d["format"] = json!("other")), LoadError::Format("other".into(), 1));
    assert_eq!(load(&|d| d["version"] = json!(9)), LoadError::Format("plimsoll-devnode".into(), 9));
    assert_eq!(load(&|d| d["chain_id"] = json!(1)), LoadError::ChainId(1, 412_346));
    assert_eq!(load(&|d| d["blocks"] = json!([])), LoadError::Damaged("there is no genesis block"));
    assert_eq!(
        load(&|d| d["blocks"][1]["header"]["gasUsed"] = json!("0x1")),
        LoadError::Damaged("the blocks are no chain"),
        "the hash of the changed block is not what the next one names"
    );
    assert_eq!(
        load(&|d| d["state"]["codes"] = json!([])),
        LoadError::Damaged("an account's code is missing")
    );
    assert_eq!(
        load(&|d| d["state"]["log"] = json!([])),
        LoadError::Damaged("a block is newer than the state")
    );
    assert_eq!(
        load(&|d| d["blocks"][1]["transactions"][0]["raw"] = json!("0x02")),
        LoadError::Damaged("a transaction does not decode")
    );
}

#[tokio::test]
async fn node_serves_a_loaded_chain() {
    let (chain, store) = prepared();
    let dump = chain.dump();
    let start = Instant::now();
    let chain = Chain::load(Config { block_time: None, ..config() }, &dump).unwrap();
    let node = Node::serve(chain).await.unwrap();
    println!("loaded {} bytes in {:?}", dump.len(), start.elapsed());
    assert_eq!(node.with_chain(move |chain| slot(chain, store, 1)).await, Some(U256::from(3)));
}
