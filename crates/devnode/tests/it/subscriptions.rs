//! Subscriptions over WebSocket, and everything else over it as over HTTP.

use std::time::Duration;

use crate::common::{STORER, activate, config, deploy_wat, send, storer};
use alloy_primitives::{B256, U256, keccak256};
use futures_util::{SinkExt, StreamExt};
use plimsoll_devnode::{Node, NodeHandle};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next: u64,
}

impl Client {
    async fn connect(node: &NodeHandle) -> Self {
        let (socket, _) = connect_async(format!("ws://{}/", node.address())).await.unwrap();
        Self { socket, next: 1 }
    }

    async fn receive(&mut self) -> Value {
        let message = tokio::time::timeout(Duration::from_secs(10), self.socket.next()).await;
        let message = message.expect("something within ten seconds").unwrap().unwrap();
        serde_json::from_str(message.to_text().unwrap()).unwrap()
    }

    async fn send(&mut self, text: String) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.next;
        self.next += 1;
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string())
            .await;
        let answer = self.receive().await;
        assert_eq!(answer["id"], json!(id));
        answer
    }

    async fn subscribe(&mut self, params: Value) -> Value {
        let answer = self.request("eth_subscribe", params).await;
        assert!(answer["result"].is_string(), "{answer}");
        answer["result"].clone()
    }

    /// The next notification: subscription and result.
    async fn note(&mut self) -> (Value, Value) {
        let note = self.receive().await;
        assert_eq!(note["method"], "eth_subscription", "{note}");
        (note["params"]["subscription"].clone(), note["params"]["result"].clone())
    }
}

async fn node() -> NodeHandle {
    Node::start(config()).await.unwrap()
}

async fn mine(node: &NodeHandle) {
    node.with_chain(|chain| chain.mine(None)).await.unwrap().unwrap();
}

#[tokio::test]
async fn new_heads_tell_of_each_block() {
    let node = node().await;
    let mut client = Client::connect(&node).await;
    let id = client.subscribe(json!(["newHeads"])).await;
    for number in 1..=3u64 {
        mine(&node).await;
        let (subscription, head) = client.note().await;
        assert_eq!(subscription, id);
        assert_eq!(head["number"], json!(format!("{number:#x}")));
        let hash = node.with_chain(|chain| chain.head().hash).await.unwrap();
        assert_eq!(head["hash"], json!(hash));
        assert!(head.get("transactions").is_none());
    }
}

#[tokio::test]
async fn logs_tell_of_what_the_filter_admits() {
    let node = node().await;
    let program = node
        .with_chain(|chain| {
            let program = deploy_wat(chain, STORER);
            assert!(activate(chain, program).success);
            program
        })
        .await
        .unwrap();
    let mut client = Client::connect(&node).await;
    let topic = B256::from(U256::from(7));
    let id = client.subscribe(json!(["logs", { "address": program, "topics": [topic] }])).await;
    // The first log has another topic, the second passes.
    for key in [6, 7] {
        node.with_chain(move |chain| assert!(send(chain, Some(program), storer(7, key, 99), 0).success))
            .await
            .unwrap();
    }
    let (subscription, log) = client.note().await;
    assert_eq!(subscription, id);
    assert_eq!(log["topics"], json!([topic]));
    assert_eq!(log["data"], json!(B256::from(U256::from(99))));
    assert_eq!(log["removed"], json!(false));
}

#[tokio::test]
async fn pending_transactions_tell_hashes_or_all() {
    let node = node().await;
    let mut client = Client::connect(&node).await;
    client.subscribe(json!(["newPendingTransactions"])).await;
    let tx = node.with_chain(|chain| send(chain, Some(crate::common::NOBODY), vec![], 1)).await.unwrap();
    assert_eq!(client.note().await.1, json!(tx.hash));
    let whole = client.subscribe(json!(["newPendingTransactions", true])).await;
    let tx = node.with_chain(|chain| send(chain, Some(crate::common::NOBODY), vec![], 2)).await.unwrap();
    let notes = [client.note().await, client.note().await];
    let all = notes.iter().find(|(id, _)| *id == whole).unwrap();
    assert_eq!(all.1["hash"], json!(tx.hash));
    assert_eq!(all.1["value"], "0x2");
}

#[tokio::test]
async fn unsubscribe_ends_it_and_is_for_owners_only() {
    let node = node().await;
    let (mut one, mut two) = (Client::connect(&node).await, Client::connect(&node).await);
    let id = one.subscribe(json!(["newHeads"])).await;
    assert_eq!(
        two.request("eth_unsubscribe", json!([id])).await["error"]["message"],
        "subscription not found"
    );
    assert_eq!(one.request("eth_unsubscribe", json!([id])).await["result"], true);
    assert_eq!(
        one.request("eth_unsubscribe", json!([id])).await["error"]["message"],
        "subscription not found"
    );
    mine(&node).await;
    // Nothing came in between.
    assert_eq!(one.request("eth_blockNumber", json!([])).await["result"], "0x1");
}

#[tokio::test]
async fn blocks_after_a_revert_are_told_again() {
    let node = node().await;
    let mut client = Client::connect(&node).await;
    client.subscribe(json!(["newHeads"])).await;
    let snapshot = client.request("evm_snapshot", json!([])).await["result"].clone();
    mine(&node).await;
    let first = client.note().await.1;
    assert_eq!(client.request("evm_revert", json!([snapshot])).await["result"], true);
    node.with_chain(|chain| chain.increase_time(100)).await.unwrap();
    mine(&node).await;
    let second = client.note().await.1;
    assert_eq!((&first["number"], &second["number"]), (&json!("0x1"), &json!("0x1")));
    assert_ne!(first["hash"], second["hash"]);
}

#[tokio::test]
async fn subscribing_errors() {
    let node = node().await;
    let mut client = Client::connect(&node).await;
    for (params, code) in [
        (json!([]), -32_602),
        (json!(["weather"]), -32_602),
        (json!(["logs", { "topics": 5 }]), -32_602),
        (json!(["newPendingTransactions", 5]), -32_602),
    ] {
        assert_eq!(client.request("eth_subscribe", params).await["error"]["code"], code);
    }
    // Over HTTP there is nobody to tell later.
    let body =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"] }).to_string();
    let mut server = plimsoll_devnode::rpc::Server::new(crate::common::chain());
    let answer = server.handle(body.as_bytes()).unwrap();
    assert_eq!(answer["error"]["code"], -32_000);
}

#[tokio::test]
async fn requests_batches_and_rubbish_are_answered_over_websocket() {
    let node = node().await;
    let mut client = Client::connect(&node).await;
    assert_eq!(client.request("web3_sha3", json!(["0x"])).await["result"], json!(keccak256([])));
    let batch = json!([
        { "jsonrpc": "2.0", "id": 10, "method": "eth_chainId" },
        { "jsonrpc": "2.0", "id": 11, "method": "eth_nothing" },
    ]);
    client.send(batch.to_string()).await;
    let answers = client.receive().await;
    assert_eq!(answers[0]["result"], "0x64aba");
    assert_eq!(answers[1]["error"]["code"], -32_601);
    client.send("{".into()).await;
    assert_eq!(client.receive().await["error"]["code"], -32_700);
    client
        .socket
        .send(Message::binary(br#"{"jsonrpc":"2.0","id":3,"method":"eth_chainId"}"#.to_vec()))
        .await
        .unwrap();
    assert_eq!(client.receive().await["id"], 3);
}
