//! `cargo stylus trace` and `simulate`: it parses every host call of a trace, so a wrong name or a wrong length of an
//! argument makes it fail.
//!
//! `replay` and `usertrace` are left out. They take the same traces, but want a debugger, and a cargo-stylus whose host
//! functions a library can see: the published crate exports none, and linked with `-rdynamic` it fails on Rust 1.95
//! (`__rust_probestack`, which its wasmer 3.3 wants, is gone).

use alloy::{
    primitives::{Address, U256},
    sol,
    sol_types::SolCall,
};
use anyhow::{Context, Result, ensure};
use plimsoll_harness::{prelude::*, workspace};
use plimsoll_tools::stylus::{CargoStylus, Said};
use serde_json::Value;

const COUNTER: &str = "tests/tools/stylus/counter";
const TALLY: &str = "tests/tools/stylus/tally";

sol! {
    #[sol(all_derives)]
    interface Calls {
        function increment() external;
        function add(uint256 amount) external;
        function addCounter(address counter) external returns (uint256);
    }
}

/// The steps of the trace that was printed.
fn steps(said: &Said) -> Result<Vec<Value>> {
    let line = said.out.lines().find(|line| line.starts_with('[')).with_context(|| format!("{said:?}"))?;
    Ok(serde_json::from_str(line)?)
}

fn names(steps: &[Value]) -> Vec<&str> {
    steps.iter().filter_map(|step| step["name"].as_str()).collect()
}

async fn counter(stylus: &CargoStylus) -> Result<Address> {
    let salt = alloy::primitives::keccak256(stylus.key.address()).to_string();
    let owner = stylus.key.address().to_string();
    let arguments = ["--deployer-salt", &salt, "--constructor-args", "41", &owner];
    stylus.deploy(COUNTER, "stylus-counter", &arguments).await
}

#[tokio::test]
async fn trace_shows_the_host_calls_and_those_of_what_was_called() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    let (counter, tally) = (counter(&stylus).await?, stylus.deploy(TALLY, "stylus-tally", &[]).await?);
    let call = Calls::addCounterCall { counter };
    let receipt = stylus.chain.transact(&stylus.key, tally, &call).await?;
    let hash = receipt.transaction_hash.to_string();
    // By cargo-stylus's own script, and by the node's tracer.
    let said = stylus.ask(TALLY, &["trace", "--tx", &hash]).await?.succeeded()?;
    let trace = steps(&said)?;
    let native = stylus.ask(TALLY, &["trace", "--tx", &hash, "--use-native-tracer"]).await?.succeeded()?;
    assert_eq!(trace, steps(&native)?);

    let outer = names(&trace);
    assert_eq!((outer.first(), outer.last()), (Some(&"user_entrypoint"), Some(&"user_returned")));
    let inner = |name: &str| -> Result<Vec<Value>> {
        let step = trace
            .iter()
            .find(|step| step["name"] == name)
            .with_context(|| format!("no {name} in {outer:?}"))?;
        assert_eq!(step["address"].as_str().map(str::parse::<Address>), Some(Ok(counter)));
        Ok(step["steps"].as_array().context("no steps")?.clone())
    };
    ensure!(names(&inner("call_contract")?).contains(&"emit_log"), "{trace:?}");
    ensure!(names(&inner("static_call_contract")?).contains(&"storage_load_bytes32"), "{trace:?}");
    // 41 + 1 went into the tally.
    let result = trace.iter().find(|step| step["name"] == "write_result").context("no result")?;
    assert_eq!(result["args"], format!("{:#066x}", U256::from(42)));
    Ok(())
}

#[tokio::test]
async fn trace_of_a_deployment_has_no_steps() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    let code = workspace::Artifact::load("DevCacheManager")?.bytecode;
    let receipt = stylus.chain.send(Tx::create(&stylus.key, code)).await?;
    let hash = receipt.transaction_hash.to_string();
    // It means to say that there are no frames, but its alloy takes an empty list for the answer of another tracer.
    stylus.ask(TALLY, &["trace", "--tx", &hash]).await?.refused("malformed tracing result")?;
    Ok(())
}

#[tokio::test]
async fn simulate_traces_what_was_not_sent() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    let tally = stylus.deploy(TALLY, "stylus-tally", &[]).await?.to_string();
    let data = alloy::hex::encode_prefixed(Calls::addCall { amount: U256::from(5) }.abi_encode());
    let from = stylus.key.address().to_string();
    let arguments = ["simulate", "--from", &from, "--to", &tally, "--data", &data];
    let said = stylus.ask(TALLY, &arguments).await?.succeeded()?;
    let trace = steps(&said)?;
    let args = trace.iter().find(|step| step["name"] == "read_args").context("no read_args")?;
    assert_eq!(args["outs"], data);
    ensure!(names(&trace).contains(&"storage_flush_cache"), "{said:?}");
    Ok(())
}

/// A liquidation goes through the router by delegate call, asks the oracle, and uses most host functions.
#[tokio::test]
async fn trace_of_a_liquidation_parses_to_the_last_step() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    let world = World::deploy(Node::reach(stylus.chain.url()).await?, &Default::default()).await?;
    let trader = async |name: &str, amount| world.trader(name, wad(amount)).await;
    let (alice, keeper) = (trader("alice", 1_000).await?, trader("keeper", 100_000).await?);
    let maker = trader("maker", 100_000).await?;
    world.trade(alice.account(0), maker.account(0), perp(BTC), WAD as i128, wad(10_000)).await?;
    world.set_price(BTC, wad(9_250)).await?;
    let call = IPlimsoll::liquidateCall {
        account: alice.account(0),
        into: keeper.account(0),
        instrument: perp(BTC),
        maxSize: u128::MAX,
        limitPrice: 0,
    };
    let receipt = world.chain.transact(&keeper, world.engine, &call).await?;
    let hash = receipt.transaction_hash.to_string();
    let trace = steps(&stylus.ask(TALLY, &["trace", "--tx", &hash]).await?.succeeded()?)?;
    let module = trace.iter().find(|step| step["name"] == "delegate_call_contract").context("no module")?;
    let inside = module["steps"].as_array().context("no steps")?;
    for name in ["static_call_contract", "native_keccak256", "storage_cache_bytes32", "emit_log"] {
        ensure!(names(inside).contains(&name), "no {name} in {:?}", names(inside));
    }
    Ok(())
}
