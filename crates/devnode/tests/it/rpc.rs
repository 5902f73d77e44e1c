//! The node over HTTP: through alloy and by hand.

use crate::common::{
    CALL, EVM_ECHO, EVM_STORE, EVM_STORE_REVERT, FORWARDER, STORER, config, evm_forwarder, forward, storer,
    word,
};
use alloy::network::{EthereumWallet, TransactionBuilder};
use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::providers::{Provider, ProviderBuilder};
use alloy::rpc::types::{BlockNumberOrTag, Filter, TransactionRequest};
use alloy::signers::local::PrivateKeySigner;
use alloy_sol_types::SolCall;
use plimsoll_devnode::config::{DEV_ADDRESS, DEV_KEY};
use plimsoll_devnode::precompiles::ARB_WASM;
use plimsoll_devnode::precompiles::abi::ArbWasm;
use plimsoll_devnode::{Node, NodeHandle};
use serde_json::{Value, json};
use std::io::{Read, Write};

async fn node() -> NodeHandle {
    Node::start(config()).await.expect("the node starts")
}

fn wallet(node: &NodeHandle) -> impl Provider + Clone + use<> {
    let signer = PrivateKeySigner::from_bytes(&DEV_KEY).unwrap();
    ProviderBuilder::new().wallet(EthereumWallet::from(signer)).connect_http(node.url().parse().unwrap())
}

/// Posts a body as it is and returns the body of the answer.
async fn post(node: &NodeHandle, body: &[u8]) -> String {
    let head = format!(
        "POST / HTTP/1.1\r\nHost: node\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let (address, request) = (node.address(), [head.as_bytes(), body].concat());
    let exchange = move || {
        let mut stream = std::net::TcpStream::connect(address)?;
        stream.write_all(&request)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    let answer = tokio::task::spawn_blocking(exchange).await.unwrap().unwrap();
    let text = String::from_utf8(answer).unwrap();
    text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
}

async fn rpc(node: &NodeHandle, method: &str, params: Value) -> Value {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
    serde_json::from_str(&post(node, body.as_bytes()).await).unwrap()
}

async fn deploy(provider: &impl Provider, code: &[u8]) -> Address {
    let tx = TransactionRequest::default().with_deploy_code(stylus_vm::code::initcode(code));
    let receipt = provider.send_transaction(tx).await.unwrap().get_receipt().await.unwrap();
    receipt.contract_address.unwrap()
}

#[tokio::test]
async fn alloy_deploys_calls_and_reads() {
    let node = node().await;
    let provider = wallet(&node);
    assert_eq!(provider.get_chain_id().await.unwrap(), 412_346);
    let store = deploy(&provider, &EVM_STORE).await;
    let data = [word(1), word(2)].concat();
    let tx = TransactionRequest::default().with_to(store).with_input(data);
    let receipt = provider.send_transaction(tx).await.unwrap().get_receipt().await.unwrap();
    assert!(receipt.status());
    assert_eq!(receipt.effective_gas_price, 100_000_000);
    assert_eq!(provider.get_storage_at(store, U256::ONE).await.unwrap(), U256::from(2));
    assert_eq!(provider.get_storage_at(store, U256::ONE).number(1).await.unwrap(), U256::ZERO);
    assert_eq!(provider.get_code_at(store).await.unwrap()[..], EVM_STORE);
    assert_eq!(provider.get_transaction_count(DEV_ADDRESS).await.unwrap(), 2);
    assert_eq!(provider.get_block_number().await.unwrap(), 2);

    let block = provider.get_block_by_number(BlockNumberOrTag::Latest).full().await.unwrap().unwrap();
    assert_eq!(block.header.number, 2);
    assert_eq!(block.header.hash, block.header.inner.hash_slow(), "the header hashes to what the node says");
    let txs = block.transactions.as_transactions().unwrap();
    assert_eq!(*txs[0].inner.tx_hash(), receipt.transaction_hash);
    let by_hash = provider.get_transaction_by_hash(receipt.transaction_hash).await.unwrap().unwrap();
    assert_eq!(by_hash.inner.signer(), DEV_ADDRESS);
    let parent = provider.get_block_by_hash(block.header.parent_hash).await.unwrap().unwrap();
    assert_eq!(parent.header.number, 1);
    let receipts = provider.get_block_receipts(2.into()).await.unwrap().unwrap();
    assert_eq!(receipts.len(), 1);
    let history = provider.get_fee_history(2, BlockNumberOrTag::Latest, &[50.0]).await.unwrap();
    assert_eq!(history.base_fee_per_gas, vec![100_000_000; 3]);
    assert_eq!(provider.get_gas_price().await.unwrap(), 100_000_000);
}

#[tokio::test]
async fn alloy_activates_and_traces_a_program() {
    let node = node().await;
    let provider = wallet(&node);
    let code = |wat| stylus_vm::code::compress(&wat::parse_str(wat).unwrap());
    let at = deploy(&provider, &code(STORER)).await;
    let forwarder = deploy(&provider, &code(FORWARDER)).await;
    for program in [at, forwarder] {
        let tx = TransactionRequest::default()
            .with_to(ARB_WASM)
            .with_value(U256::from(10).pow(U256::from(16)))
            .with_input(ArbWasm::activateProgramCall { program }.abi_encode());
        // The gas is what eth_estimateGas says.
        assert!(provider.send_transaction(tx).await.unwrap().get_receipt().await.unwrap().status());
    }
    let tx = TransactionRequest::default().with_to(forwarder).with_input(forward(0, at, &storer(7, 3, 4)));
    let receipt = provider.send_transaction(tx).await.unwrap().get_receipt().await.unwrap();
    assert!(receipt.status());
    assert_eq!(receipt.logs()[0].address(), at);
    assert_eq!(receipt.logs()[0].log_index, Some(0));

    let filter = Filter::new().address(at).from_block(0).topic1(B256::ZERO);
    assert!(provider.get_logs(&filter).await.unwrap().is_empty());
    let filter =
        Filter::new().address(vec![at, forwarder]).from_block(0).event_signature(B256::from(word(3)));
    assert_eq!(provider.get_logs(&filter).await.unwrap().len(), 1);
    let filter = Filter::new().at_block_hash(receipt.block_hash.unwrap());
    assert_eq!(provider.get_logs(&filter).await.unwrap().len(), 1);

    let hash = receipt.transaction_hash;
    let trace = rpc(&node, "debug_traceTransaction", json!([hash, { "tracer": "stylusTracer" }])).await;
    let names: Vec<&str> =
        trace["result"].as_array().unwrap().iter().filter_map(|s| s["name"].as_str()).collect();
    assert!(names.contains(&"call_contract"), "{names:?}");
    let trace = rpc(&node, "debug_traceTransaction", json!([hash, { "tracer": "callTracer" }])).await;
    assert_eq!(trace["result"]["calls"][0]["type"], "CALL");
    let raw = rpc(&node, "eth_getTransactionReceipt", json!([hash])).await;
    assert_eq!(raw["result"]["gasUsedForL1"], "0x0");
    assert!(raw["result"]["l1BlockNumber"].is_string());
}

#[tokio::test]
async fn reverts_carry_their_data() {
    let node = node().await;
    let provider = wallet(&node);
    let code = stylus_vm::code::compress(&wat::parse_str(STORER).unwrap());
    let at = deploy(&provider, &code).await;
    let silent = deploy(&provider, &EVM_STORE_REVERT).await;
    // Error(string) "no": MSTORE of the pieces would be long; EVM_ECHO-like code that reverts with its calldata:
    // CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY CALLDATASIZE PUSH0 REVERT
    let loud = deploy(&provider, &[0x36, 0x5f, 0x5f, 0x37, 0x36, 0x5f, 0xfd]).await;
    let data = alloy_sol_types::Revert::from("no");
    let data = format!("0x{}", alloy_primitives::hex::encode(alloy_sol_types::SolError::abi_encode(&data)));
    for method in ["eth_call", "eth_estimateGas"] {
        let answer = rpc(&node, method, json!([{ "to": loud, "data": data }])).await;
        assert_eq!(answer["error"]["code"], 3);
        assert_eq!(answer["error"]["message"], "execution reverted: no");
        assert_eq!(answer["error"]["data"], data.as_str());
        let answer = rpc(&node, method, json!([{ "to": silent }])).await;
        assert_eq!(answer["error"]["message"], "execution reverted");
        assert_eq!(answer["error"]["data"], "0x");
    }
    let answer = rpc(&node, "eth_call", json!([{ "to": at, "gas": "0x30d40" }])).await;
    assert_eq!(answer["error"]["code"], -32_000);
    assert_eq!(answer["error"]["message"], "ProgramNotActivated()");
    let error = provider
        .call(TransactionRequest::default().with_to(loud).with_input(vec![1, 2, 3, 4]))
        .await
        .expect_err("it reverts");
    let data = error.as_error_resp().unwrap().as_revert_data().unwrap();
    assert_eq!(data[..], [1, 2, 3, 4]);
}

#[tokio::test]
async fn transactions_are_refused_for_a_reason() {
    let node = node().await;
    let provider = wallet(&node);
    // Nonces are named: alloy counts refused transactions too.
    let base =
        |nonce| TransactionRequest::default().with_to(Address::ZERO).with_gas_limit(21_000).with_nonce(nonce);
    let refused = async |tx, why: &str| {
        let error = provider.send_transaction(tx).await.expect_err("it is refused").to_string();
        assert!(error.contains(why), "{error}");
    };
    refused(base(5), "nonce too high").await;
    provider.send_transaction(base(0)).await.unwrap().get_receipt().await.unwrap();
    refused(base(0), "nonce too low").await;
    refused(base(1).with_gas_limit(20_000), "intrinsic gas too low").await;
    refused(base(1).with_value(U256::MAX / U256::from(2)), "insufficient funds").await;
    let cheap = base(1).with_max_fee_per_gas(1).with_max_priority_fee_per_gas(0);
    refused(cheap, "max fee per gas less than block base fee").await;
    refused(base(1).with_chain_id(1), "chain id").await;
    let junk = rpc(&node, "eth_sendRawTransaction", json!(["0x02ffff"])).await;
    assert_eq!(junk["error"]["code"], -32_000);
    assert_eq!(provider.get_block_number().await.unwrap(), 1);
    // Legacy and access-list transactions.
    let legacy = base(1).with_gas_price(100_000_000);
    let receipt = provider.send_transaction(legacy).await.unwrap().get_receipt().await.unwrap();
    assert!(receipt.status());
    let list = alloy::rpc::types::AccessList(vec![alloy::rpc::types::AccessListItem {
        address: Address::ZERO,
        storage_keys: vec![B256::ZERO],
    }]);
    let listed = base(2).with_gas_limit(30_000).with_gas_price(100_000_000).with_access_list(list);
    let receipt = provider.send_transaction(listed).await.unwrap().get_receipt().await.unwrap();
    assert_eq!(receipt.gas_used, 21_000 + 2_400 + 1_900);
    // The node signs for the developer.
    let sent = rpc(
        &node,
        "eth_sendTransaction",
        json!([{ "from": DEV_ADDRESS, "to": Address::ZERO, "value": "0x1" }]),
    )
    .await;
    assert!(sent["result"].is_string(), "{sent}");
    let other =
        rpc(&node, "eth_sendTransaction", json!([{ "from": Address::ZERO, "to": Address::ZERO }])).await;
    assert_eq!(other["error"]["message"], "unknown account");
}

#[tokio::test]
async fn time_snapshots_and_balances() {
    let node = node().await;
    let provider = wallet(&node);
    let someone = Address::repeat_byte(0x11);
    let id = rpc(&node, "evm_snapshot", json!([])).await["result"].clone();
    for method in ["hardhat_setBalance", "anvil_setBalance", "evm_setAccountBalance"] {
        let wei = U256::from(method.len());
        assert_eq!(rpc(&node, method, json!([someone, wei])).await["result"], true);
        assert_eq!(provider.get_balance(someone).await.unwrap(), wei);
    }
    rpc(&node, "evm_increaseTime", json!([1_000])).await;
    assert_eq!(rpc(&node, "evm_mine", json!([])).await["result"], "0x0");
    let block = provider.get_block_by_number(BlockNumberOrTag::Latest).await.unwrap().unwrap();
    assert_eq!(block.header.timestamp, crate::common::GENESIS_TIME + 1_001);
    rpc(&node, "evm_setNextBlockTimestamp", json!([crate::common::GENESIS_TIME + 9_000])).await;
    rpc(&node, "evm_mine", json!([])).await;
    let block = provider.get_block_by_number(BlockNumberOrTag::Latest).await.unwrap().unwrap();
    assert_eq!(block.header.timestamp, crate::common::GENESIS_TIME + 9_000);
    let back = rpc(&node, "evm_setNextBlockTimestamp", json!([5])).await;
    assert_eq!(back["error"]["code"], -32_000);
    assert_eq!(rpc(&node, "evm_revert", json!([id])).await["result"], true);
    assert_eq!(provider.get_block_number().await.unwrap(), 0);
    assert_eq!(provider.get_balance(someone).await.unwrap(), U256::ZERO);
    assert_eq!(rpc(&node, "evm_revert", json!([id])).await["result"], false);
}

#[tokio::test]
async fn installed_filters_report_what_is_new() {
    let node = node().await;
    let provider = wallet(&node);
    let code = stylus_vm::code::compress(&wat::parse_str(STORER).unwrap());
    let at = deploy(&provider, &code).await;
    let activate = ArbWasm::activateProgramCall { program: at }.abi_encode();
    let tx = TransactionRequest::default()
        .with_to(ARB_WASM)
        .with_value(U256::from(crate::common::ETHER))
        .with_input(activate);
    provider.send_transaction(tx).await.unwrap().get_receipt().await.unwrap();

    let logs = rpc(&node, "eth_newFilter", json!([{ "address": at }])).await["result"].clone();
    let blocks = rpc(&node, "eth_newBlockFilter", json!([])).await["result"].clone();
    let pending = rpc(&node, "eth_newPendingTransactionFilter", json!([])).await["result"].clone();
    let log = TransactionRequest::default().with_to(at).with_input(storer(7, 3, 4));
    let hash = provider.send_transaction(log).await.unwrap().get_receipt().await.unwrap().transaction_hash;
    let new = async |id: &Value| rpc(&node, "eth_getFilterChanges", json!([id])).await["result"].clone();
    assert_eq!(new(&logs).await[0]["transactionHash"], json!(hash));
    assert_eq!(new(&logs).await, json!([]));
    assert_eq!(new(&blocks).await.as_array().unwrap().len(), 1);
    assert_eq!(new(&pending).await, json!([hash]));
    assert_eq!(rpc(&node, "eth_getFilterLogs", json!([logs])).await["result"].as_array().unwrap().len(), 1);
    assert_eq!(rpc(&node, "eth_uninstallFilter", json!([logs])).await["result"], true);
    assert_eq!(
        rpc(&node, "eth_getFilterChanges", json!([logs])).await["error"]["message"],
        "filter not found"
    );
}

#[tokio::test]
async fn calls_take_overrides_and_past_blocks() {
    let node = node().await;
    let provider = wallet(&node);
    let forwarder = deploy(&provider, &evm_forwarder(CALL)).await;
    let echo = deploy(&provider, &EVM_ECHO).await;
    let data = format!("0x{}", alloy_primitives::hex::encode(crate::common::forward_evm(echo, &word(9))));
    let call = json!({ "to": forwarder, "data": data });
    let now = rpc(&node, "eth_call", json!([call, "latest"])).await;
    assert_eq!(now["result"], json!(B256::from(word(9))));
    let past = rpc(&node, "eth_call", json!([call, "0x1"])).await;
    assert_eq!(past["result"], "0x", "the echo was not there yet");
    // PUSH1 7 PUSH0 MSTORE PUSH1 32 PUSH0 RETURN
    let change = json!({ echo.to_string(): { "code": "0x60075f5260205ff3" } });
    let changed = rpc(&node, "eth_call", json!([call, "latest", change])).await;
    assert_eq!(changed["result"], json!(B256::from(word(7))));
    let none = rpc(&node, "eth_call", json!([call, "0x99"])).await;
    assert_eq!(none["error"]["message"], "header not found");
    let by_hash = provider.get_block_by_number(1.into()).await.unwrap().unwrap().header.hash;
    let past = rpc(&node, "eth_call", json!([call, { "blockHash": by_hash }])).await;
    assert_eq!(past["result"], "0x");
}

#[tokio::test]
async fn malformed_requests_are_answered_and_survived() {
    let node = node().await;
    let code = async |body: &str| -> i64 {
        let answer: Value = serde_json::from_str(&post(&node, body.as_bytes()).await).unwrap();
        answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("{body} gave {answer}"))
    };
    for body in ["", "{", "nonsense", "\"", "{\"jsonrpc\":\"2.0\",\"method\":", "[1,2", "\u{0}"] {
        assert_eq!(code(body).await, -32_700, "{body}");
    }
    for body in [
        "1",
        "null",
        "\"text\"",
        "{}",
        "[]",
        r#"{"method":5}"#,
        r#"{"method":"eth_chainId","id":{}}"#,
        r#"{"method":"eth_chainId","id":1,"params":5}"#,
    ] {
        assert_eq!(code(body).await, -32_600, "{body}");
    }
    assert_eq!(rpc(&node, "eth_nothing", json!([])).await["error"]["code"], -32_601);
    let bad = [
        ("eth_getBalance", json!([])),
        ("eth_getBalance", json!(["0x12"])),
        ("eth_getBalance", json!([{}])),
        ("eth_getBalance", json!([Address::ZERO, "sometime"])),
        ("eth_getBalance", json!([Address::ZERO, "0xfffffffffffffffffffff"])),
        ("eth_call", json!([])),
        ("eth_call", json!([5])),
        ("eth_call", json!([{ "to": "nobody" }])),
        ("eth_call", json!([{ "data": "0xabc" }])),
        ("eth_call", json!([{ "data": "0x01", "input": "0x02" }])),
        ("eth_call", json!([{ "gas": -1 }])),
        ("eth_call", json!([{ "gas": 1.5 }])),
        ("eth_call", json!([{ "accessList": [5] }])),
        ("eth_call", json!([{}, "latest", { "0x01": {} }])),
        ("eth_call", json!([{}, "latest", { "0x0000000000000000000000000000000000000001": { "state": 5 } }])),
        ("eth_getLogs", json!([5])),
        ("eth_getLogs", json!([{ "topics": 5 }])),
        ("eth_getLogs", json!([{ "topics": [null, null, null, null, null] }])),
        ("eth_getLogs", json!([{ "fromBlock": "0x5", "toBlock": "0x1" }])),
        ("eth_getBlockByNumber", json!(["latest", "yes"])),
        ("eth_getBlockByHash", json!(["0x1"])),
        ("eth_sendRawTransaction", json!(["00"])),
        ("eth_getTransactionReceipt", json!([7])),
        ("eth_feeHistory", json!([])),
        ("evm_increaseTime", json!(["soon"])),
        ("evm_revert", json!([])),
        ("evm_mine", json!(["x"])),
        ("hardhat_setBalance", json!([Address::ZERO])),
        ("hardhat_mine", json!(["0xffffffffff"])),
        ("eth_getStorageAt", json!([Address::ZERO, "0x".to_string() + &"f".repeat(65)])),
    ];
    for (method, params) in bad {
        let answer = rpc(&node, method, params.clone()).await;
        assert_eq!(answer["error"]["code"], -32_602, "{method} {params} gave {answer}");
    }
    // Extremes that are well formed.
    for (method, params) in [
        ("eth_feeHistory", json!(["0xffffffffffffffff", "latest", [1]])),
        ("eth_getLogs", json!([{ "fromBlock": "0x0", "toBlock": "0xffffffffffffffff" }])),
        ("evm_increaseTime", json!(["0xffffffffffffffff"])),
        ("evm_setNextBlockTimestamp", json!(["0xffffffffffffffff"])),
        ("evm_mine", json!([])),
        ("evm_mine", json!([])),
        (
            "eth_call",
            json!([{ "value": U256::MAX, "gas": "0xffffffffffffffff", "gasPrice": "0xffffffffffffffff" }]),
        ),
        (
            "eth_call",
            json!([{ "to": Address::ZERO, "nonce": "0xffffffffffffffff", "gas": "0xffffffffffffffff" }]),
        ),
        ("eth_estimateGas", json!([{ "value": U256::MAX, "gas": "0x0" }])),
        ("hardhat_setNonce", json!([DEV_ADDRESS, "0xffffffffffffffff"])),
        ("eth_sendTransaction", json!([{ "from": DEV_ADDRESS, "to": Address::ZERO }])),
        ("hardhat_setNonce", json!([DEV_ADDRESS, "0x0"])),
        ("hardhat_setBalance", json!([DEV_ADDRESS, U256::MAX])),
        ("hardhat_setBalance", json!([Address::ZERO, U256::MAX])),
        ("eth_sendTransaction", json!([{ "from": DEV_ADDRESS, "to": Address::ZERO, "value": "0x5" }])),
        ("eth_sendTransaction", json!([{ "from": DEV_ADDRESS, "gas": "0xffffffffffffffff" }])),
        ("eth_call", json!([{ "to": ARB_WASM, "gasPrice": "0xffffffffffffffffffffffffffffffff" }])),
        ("debug_traceTransaction", json!([keccak256([])])),
        ("debug_traceCall", json!([{}, "latest", 7])),
        ("eth_getFilterChanges", json!(["0xffffffffffffffff"])),
    ] {
        let answer = rpc(&node, method, params).await;
        assert_ne!(answer["error"]["code"], -32_603, "{method} gave {answer}");
    }
    assert_eq!(rpc(&node, "eth_chainId", json!([])).await["result"], "0x64aba");
}

#[tokio::test]
async fn batches_and_notifications() {
    let node = node().await;
    let body = r#"[{"jsonrpc":"2.0","id":"a","method":"eth_chainId"},5,{"jsonrpc":"2.0","method":"eth_chainId"},
        {"jsonrpc":"2.0","id":2,"method":"nope","params":[]}]"#;
    let answer: Value = serde_json::from_str(&post(&node, body.as_bytes()).await).unwrap();
    let answers = answer.as_array().unwrap();
    assert_eq!(answers.len(), 3, "a notification has no answer");
    assert_eq!(answers[0], json!({ "jsonrpc": "2.0", "id": "a", "result": "0x64aba" }));
    assert_eq!(answers[1]["error"]["code"], -32_600);
    assert_eq!(answers[2]["error"]["code"], -32_601);
    let silent = post(&node, br#"{"jsonrpc":"2.0","method":"eth_chainId"}"#).await;
    assert!(silent.is_empty());
}

#[tokio::test]
async fn dropping_the_handle_stops_the_node() {
    let node = node().await;
    let address = node.address();
    assert!(tokio::net::TcpStream::connect(address).await.is_ok());
    let height = node.with_chain(|chain| chain.height()).await;
    assert_eq!(height, Some(0));
    // A panic on the chain's thread is survived.
    assert_eq!(node.with_chain(|_| -> u32 { panic!("on purpose") }).await, None);
    assert_eq!(node.with_chain(|chain| chain.height()).await, Some(0));
    drop(node);
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(address).await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the port is still open");
}
