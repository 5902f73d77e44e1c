//! cast against the node: a contract in Solidity, the engine, and what cast runs by itself.

use alloy::{
    hex,
    primitives::{Address, B256, U256, keccak256},
    sol_types::SolValue,
};
use anyhow::{Context, Result, ensure};
use plimsoll_harness::{prelude::*, scenario};
use plimsoll_tools::cast::Cast;
use serde_json::Value;

/// Units of the quote token.
const USD: u128 = 1_000_000;

fn number(answer: &str) -> Result<u128> {
    // cast adds the number's short form: `1000000 [1e6]`
    let word = answer.split_whitespace().next().context("no number")?;
    word.parse().with_context(|| answer.to_owned())
}

fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    value[field].as_str().with_context(|| format!("no {field} in {value}"))
}

/// A quantity or a decimal number in cast's JSON.
fn quantity(value: &Value, field: &str) -> Result<u64> {
    let text = text(value, field)?;
    Ok(u64::from_str_radix(text.strip_prefix("0x").context("no quantity")?, 16)?)
}

/// Deploys the token with cast and gives its address.
async fn token(cast: &Cast, key: &Key) -> Result<Address> {
    let init =
        hex::encode_prefixed(scenario::init_code("UsdToken", &("Cast dollar", "CUSD", U256::from(6)))?);
    let receipt = cast.send(key, &["--create", &init]).await?;
    Ok(text(&receipt, "contractAddress")?.parse()?)
}

#[tokio::test]
async fn cast_asks_the_node_about_itself() -> Result<()> {
    let Some((cast, world)) = Cast::start().await? else { return Ok(()) };
    let alice = world.user("alice").await?;
    let address = alice.address().to_string();
    assert_eq!(cast.ask(&["chain-id"]).await?, world.chain.chain_id().to_string());
    assert!(!cast.ask(&["client"]).await?.is_empty());
    assert!(number(&cast.ask(&["gas-price"]).await?)? >= number(&cast.ask(&["base-fee"]).await?)?);
    assert_eq!(
        cast.ask(&["balance", &address]).await?,
        world.chain.balance(alice.address()).await?.to_string()
    );
    assert_eq!(cast.ask(&["nonce", &address]).await?, "0");
    let height = number(&cast.ask(&["block-number"]).await?)?;
    let raw: String = serde_json::from_str(&cast.ask(&["rpc", "eth_blockNumber"]).await?)?;
    assert!(u128::from_str_radix(&raw[2..], 16)? >= height);
    let block: Value = serde_json::from_str(&cast.ask(&["block", "latest", "--json"]).await?)?;
    assert!(u128::from(quantity(&block, "number")?) >= height);
    // Fields of Arbitrum's own survive.
    for field in ["l1BlockNumber", "sendCount", "sendRoot"] {
        assert!(!text(&block, field)?.is_empty(), "{field}");
    }
    // `cast trace` wants `trace_transaction`, which Nitro has not got either.
    let refused = cast.refused(&["trace", &B256::ZERO.to_string()]).await?;
    assert!(refused.contains("-32601"), "{refused}");
    // `codehash`, `proof` and `storage-root` want a proof.
    let hash = ["codehash", &world.token.to_string()];
    if cast.ask(&["client"]).await?.starts_with("plimsoll-devnode/") {
        let refused = cast.refused(&hash).await?;
        assert!(refused.contains("no state trie"), "{refused}");
    } else {
        assert_eq!(cast.ask(&hash).await?, keccak256(world.chain.code(world.token).await?).to_string());
    }
    Ok(())
}

#[tokio::test]
async fn cast_deploys_sends_calls_and_reads_solidity() -> Result<()> {
    let Some((cast, world)) = Cast::start().await? else { return Ok(()) };
    let [alice, bob] = [world.user("alice").await?, world.user("bob").await?];
    let (from, to) = (alice.address().to_string(), bob.address().to_string());
    let token = token(&cast, &alice).await?.to_string();

    assert_eq!(cast.ask(&["call", &token, "name()(string)"]).await?, "\"Cast dollar\"");
    assert_eq!(cast.ask(&["call", &token, "decimals()(uint8)"]).await?, "6");
    let code = cast.ask(&["code", &token]).await?;
    assert_eq!(cast.ask(&["codesize", &token]).await?, ((code.len() - 2) / 2).to_string());

    let mint = [token.as_str(), "mint(address,uint256)", &from, "1000"];
    let estimate = number(&cast.ask(&[&["estimate", "--from", &from], &mint[..]].concat()).await?)?;
    let receipt = cast.send(&alice, &mint).await?;
    let used = u128::from(quantity(&receipt, "gasUsed")?);
    assert!(used > 21_000 && used <= estimate, "{used} of {estimate}");
    let hash = text(&receipt, "transactionHash")?;
    assert_eq!(cast.ask(&["receipt", hash, "gasUsed"]).await?, used.to_string());
    assert_eq!(cast.ask(&["receipt", hash, "status"]).await?, "true");
    let tx: Value = serde_json::from_str(&cast.ask(&["tx", hash, "--json"]).await?)?;
    assert_eq!(text(&tx, "hash")?, hash);
    assert_eq!(text(&tx, "to")?.parse::<Address>()?.to_string(), token);
    assert_eq!(cast.ask(&["tx", hash, "from"]).await?, from);
    let decoded = cast.ask(&["decode-calldata", mint[1], text(&tx, "input")?]).await?;
    assert_eq!(
        decoded.lines().map(|l| l.split(' ').next().unwrap_or(l)).collect::<Vec<_>>(),
        [&from, "1000"]
    );
    // The transaction again as its signer published it.
    let raw = cast.ask(&["tx", hash, "--raw"]).await?;
    assert_eq!(keccak256(hex::decode(raw)?).to_string(), hash);

    // A signed transaction by `mktx`, published by `publish`; a legacy one.
    let transfer = [token.as_str(), "transfer(address,uint256)", &to, "10"];
    let key = alice.secret().to_string();
    let signed = cast.ask(&[&["mktx", "--private-key", &key], &transfer[..]].concat()).await?;
    let published: Value = serde_json::from_str(&cast.ask(&["publish", "--json", &signed]).await?)?;
    assert_eq!(text(&published, "status")?, "0x1");
    let legacy = cast.send(&alice, &[&["--legacy"], &transfer[..]].concat()).await?;
    assert_eq!(text(&legacy, "type")?, "0x0");

    // ERC20 keeps balances in slot 0 and the supply in slot 2.
    let word = |value: u64| B256::from(U256::from(value)).to_string();
    assert_eq!(cast.ask(&["storage", &token, "2"]).await?, word(1_000));
    let slot = cast.ask(&["index", "address", &to, "0"]).await?;
    assert_eq!(slot, keccak256((bob.address(), U256::ZERO).abi_encode()).to_string());
    assert_eq!(cast.ask(&["storage", &token, &slot]).await?, word(20));
    let before = quantity(&legacy, "blockNumber")? - 1;
    let then = ["storage", &token, &slot, "--block", &before.to_string()];
    assert_eq!(cast.ask(&then).await?, word(10));
    let call = ["call", &token, "balanceOf(address)(uint256)", &to, "--block", &before.to_string()];
    assert_eq!(cast.ask(&call).await?, "10");

    let event = "Transfer(address indexed,address indexed,uint256)";
    let first = world.first_block.to_string();
    let logs = ["logs", "--json", "--address", &token, "--from-block", &first, event];
    let logs_of = async |more: &[&str]| -> Result<Vec<Value>> {
        Ok(serde_json::from_str(&cast.ask(&[&logs[..], more].concat()).await?)?)
    };
    assert_eq!(logs_of(&[]).await?.len(), 3);
    let found = logs_of(&[&from, &to]).await?;
    assert_eq!(found.len(), 2);
    assert_eq!(found[1]["transactionHash"], legacy["transactionHash"]);
    assert_eq!(text(&found[0], "data")?, word(10));
    assert!(logs_of(&[&to]).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn cast_shows_custom_errors() -> Result<()> {
    let Some((cast, world)) = Cast::start().await? else { return Ok(()) };
    let alice = world.trader("alice", wad(1_000)).await?;
    let (from, engine, token) =
        (alice.address().to_string(), world.engine.to_string(), world.token.to_string());
    let account = alice.account(0).to_string();
    // Of 1,000 all is free; a unit of the token is 1e12 WAD.
    let amount = (1_000 * USD + 1).to_string();
    let withdraw =
        [engine.as_str(), "withdraw(bytes32,address,uint256,address)", &account, &token, &amount, &from];
    let want = IPlimsoll::InsufficientCollateral {
        account: alice.account(0),
        amount: wad(1_000) + 1_000_000_000_000,
        free: wad(1_000),
    };
    let data = hex::encode_prefixed(alloy::sol_types::SolError::abi_encode(&want));
    let key = alice.secret().to_string();
    for command in [
        &["call", "--from", from.as_str()][..],
        &["estimate", "--from", from.as_str()],
        &["send", "--private-key", key.as_str()],
    ] {
        let refused = cast.refused(&[command, &withdraw[..]].concat()).await?;
        assert!(refused.contains("execution reverted") && refused.contains(&data), "{command:?}: {refused}");
    }
    let signature = "InsufficientCollateral(bytes32,uint128,uint128)";
    let decoded = cast.ask(&["decode-error", "--sig", signature, &data]).await?;
    let lines: Vec<&str> = decoded.lines().map(|line| line.split(' ').next().unwrap_or(line)).collect();
    assert_eq!(lines, [&account, "1000000001000000000000", "1000000000000000000000"]);
    // Included all the same when the gas is given: status 0, and cast fails.
    let receipt = cast.send_any(&alice, &[&["--gas-limit", "5000000"], &withdraw[..]].concat()).await?;
    assert_eq!(text(&receipt, "status")?, "0x0");
    Ok(())
}

#[tokio::test]
async fn cast_works_with_the_engine() -> Result<()> {
    let Some((cast, world)) = Cast::start().await? else { return Ok(()) };
    let alice = world.user("alice").await?;
    let (from, engine, token) =
        (alice.address().to_string(), world.engine.to_string(), world.token.to_string());
    let account = alice.account(0).to_string();
    let amount = (250 * USD).to_string();
    cast.send(&alice, &[&token, "mint(address,uint256)", &from, &amount]).await?;
    cast.send(&alice, &[&token, "approve(address,uint256)", &engine, &amount]).await?;
    let deposit = [engine.as_str(), "deposit(bytes32,address,uint256)(uint128)", &account, &token, &amount];
    // The call says what the transaction will do.
    let credited = cast.ask(&[&["call", "--from", &from], &deposit[..]].concat()).await?;
    assert_eq!(number(&credited)?, wad(250));
    let estimate = number(&cast.ask(&[&["estimate", "--from", &from], &deposit[..]].concat()).await?)?;
    let receipt = cast.send(&alice, &deposit).await?;
    assert_eq!(text(&receipt, "status")?, "0x1");
    assert!(u128::from(quantity(&receipt, "gasUsed")?) <= estimate);
    let free = cast.ask(&["call", &engine, "freeCollateral(bytes32)(uint128)", &account]).await?;
    assert_eq!(number(&free)?, wad(250));
    let signature = "marginOf(bytes32)((int128,int128,uint128,uint128,uint128,uint8))";
    let margin = cast.ask(&["call", &engine, signature, &account]).await?;
    assert!(margin.starts_with("(250000000000000000000"), "{margin}");

    let event = "Deposited(bytes32 indexed,address indexed,address indexed,uint256,uint128)";
    let first = world.first_block.to_string();
    let logs = cast
        .ask(&["logs", "--json", "--address", &engine, "--from-block", &first, event, &account, &token])
        .await?;
    let logs: Vec<Value> = serde_json::from_str(&logs)?;
    assert_eq!(logs.len(), 1);
    assert_eq!(logs[0]["transactionHash"], receipt["transactionHash"]);
    // A program's code starts with the prefix of Stylus.
    assert!(cast.ask(&["code", &engine]).await?.starts_with("0xeff00000"));

    // The node's own tracers through cast.
    let hash = text(&receipt, "transactionHash")?;
    let traced = cast.ask(&["rpc", "debug_traceTransaction", hash, r#"{"tracer":"callTracer"}"#]).await?;
    let traced: Value = serde_json::from_str(&traced)?;
    assert_eq!(text(&traced, "to")?.parse::<Address>()?, world.engine);
    assert!(traced["calls"].as_array().is_some_and(|calls| !calls.is_empty()), "{traced}");
    let steps = cast.ask(&["rpc", "debug_traceTransaction", hash, r#"{"tracer":"stylusTracer"}"#]).await?;
    let steps: Vec<Value> = serde_json::from_str(&steps)?;
    assert!(steps.iter().any(|step| step["name"] == "storage_load_bytes32"), "{} steps", steps.len());
    Ok(())
}

#[tokio::test]
async fn cast_run_replays_solidity_to_the_gas_and_knows_no_stylus() -> Result<()> {
    let Some((cast, world)) = Cast::start().await? else { return Ok(()) };
    let alice = world.trader("alice", wad(1)).await?;
    let (from, engine) = (alice.address().to_string(), world.engine.to_string());
    let token = token(&cast, &alice).await?;
    let receipt = cast.send(&alice, &[&token.to_string(), "mint(address,uint256)", &from, "1000"]).await?;

    // cast fetches the state of the block before and runs the transaction in its own EVM: its gas is the receipt's.
    let hash = text(&receipt, "transactionHash")?;
    let replayed = cast.ask(&["run", hash]).await?;
    let gas = format!("Gas used: {}", quantity(&receipt, "gasUsed")?);
    ensure!(
        replayed.contains("Transaction successfully executed.") && replayed.contains(&gas),
        "{gas}\n{replayed}"
    );
    assert!(replayed.contains("emit Transfer(") && replayed.contains("::mint("), "{replayed}");
    let called = cast.ask(&["call", "--trace", &token.to_string(), "decimals()(uint8)"]).await?;
    assert!(called.contains("[Return] 6"), "{called}");
    // A failed one fails again.
    let transfer = [&token.to_string(), "transfer(address,uint256)", &engine, "1001"].map(str::to_owned);
    let transfer: Vec<&str> =
        ["--gas-limit", "200000"].into_iter().chain(transfer.iter().map(String::as_str)).collect();
    let failed = cast.send_any(&alice, &transfer).await?;
    assert_eq!(text(&failed, "status")?, "0x0");
    let replayed = cast.output(&["run", text(&failed, "transactionHash")?]).await?;
    let gas = format!("Gas used: {}", quantity(&failed, "gasUsed")?);
    // cast knows the error's name where it can ask for it on the net.
    let named =
        ["custom error 0xe450d38c", "ERC20InsufficientBalance"].iter().any(|name| replayed.contains(name));
    assert!(named && replayed.contains(&gas), "{gas}\n{replayed}");

    // An EVM of its own has no Stylus: a program's code starts with a byte that is no opcode. As on every Stylus chain.
    let touch = cast.send(&alice, &[&engine, "touch(bytes32)", &alice.account(0).to_string()]).await?;
    assert_eq!(text(&touch, "status")?, "0x1");
    let replayed = cast.output(&["run", text(&touch, "transactionHash")?]).await?;
    assert!(replayed.contains("OpcodeNotFound"), "{replayed}");
    Ok(())
}

#[tokio::test]
async fn cast_lists_accesses_and_reads_struct_logs() -> Result<()> {
    let Some((cast, world)) = Cast::start().await? else { return Ok(()) };
    let alice = world.user("alice").await?;
    let from = alice.address().to_string();
    let token = token(&cast, &alice).await?.to_string();
    let mint = [token.as_str(), "mint(address,uint256)", &from, "1000"];
    // The supply in slot 2 and the balance in its slot of the mapping in slot 0.
    let slots = [B256::with_last_byte(2), keccak256((alice.address(), U256::ZERO).abi_encode())];
    let list = cast.ask(&[&["access-list", "--from", &from], &mint[..]].concat()).await?.to_lowercase();
    assert!(list.contains(&token.to_lowercase()), "{list}");
    for slot in slots {
        assert!(list.contains(&slot.to_string()), "{slot}\n{list}");
    }

    let receipt = cast.send(&alice, &mint).await?;
    let traced = cast.ask(&["rpc", "debug_traceTransaction", text(&receipt, "transactionHash")?]).await?;
    let traced: Value = serde_json::from_str(&traced)?;
    assert_eq!(traced["gas"].as_u64(), Some(quantity(&receipt, "gasUsed")?));
    assert_eq!(traced["failed"], false);
    let steps = traced["structLogs"].as_array().context("no steps")?;
    // Two words are written, one event is emitted, and the code ends in STOP.
    let count = |op: &str| steps.iter().filter(|step| step["op"] == op).count();
    assert_eq!((count("SSTORE"), count("LOG3"), count("STOP")), (2, 1, 1));
    Ok(())
}

#[tokio::test]
async fn cast_speaks_over_a_websocket() -> Result<()> {
    let Some((cast, world)) = Cast::start().await? else { return Ok(()) };
    let url = world.chain.url().replacen("http", "ws", 1);
    if !world.node.is_embedded() && cast.output(&["chain-id", "--rpc-url", &url]).await?.contains("Error") {
        eprintln!("SKIPPED: the node takes no WebSocket at {url}");
        return Ok(());
    }
    assert_eq!(cast.ask(&["chain-id", "--rpc-url", &url]).await?, world.chain.chain_id().to_string());
    let decimals = ["call", "--rpc-url", &url, &world.token.to_string(), "decimals()(uint8)"];
    assert_eq!(cast.ask(&decimals).await?, "6");
    Ok(())
}
