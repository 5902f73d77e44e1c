//! The gas profile of a transaction over several contracts: it adds up, agrees with the trace, and names functions.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use plimsoll_e2e::book::{fill, options, params, world};
use plimsoll_harness::{
    gas::{GasProfile, Place},
    names::Names,
    prelude::*,
};
use serde_json::{Value, json};

/// Calls and ink of each host function, what it called included.
type Hosts = BTreeMap<String, (u64, i64)>;

fn traced(steps: &Value, hosts: &mut Hosts) {
    for step in steps.as_array().into_iter().flatten() {
        let name = step["name"].as_str().unwrap_or_default();
        if !name.starts_with("user_") {
            let ink = |key: &str| step[key].as_i64().unwrap_or_default();
            let (calls, sum) = hosts.entry(name.to_owned()).or_default();
            *calls += 1;
            *sum += ink("startInk") - ink("endInk");
        }
        traced(&step["steps"], hosts);
    }
}

fn profiled(profile: &GasProfile) -> Hosts {
    let mut hosts = Hosts::new();
    for (node, total) in profile.nodes.iter().zip(profile.totals()) {
        if let Place::Host { name } = &node.place {
            let (calls, sum) = hosts.entry(name.clone()).or_default();
            *calls += node.calls;
            *sum += total;
        }
    }
    hosts
}

#[tokio::test]
async fn profile_of_a_settlement_adds_up_agrees_with_the_trace_and_names_functions() -> Result<()> {
    let world = world(&options(&params())).await?;
    if !world.node.is_embedded() {
        eprintln!("skipped: only the embedded node has inkProfiler");
        return Ok(());
    }
    let alice = world.trader("alice", wad(10_000)).await?;
    let bob = world.trader("bob", wad(10_000)).await?;
    let one = wad(1) as i128;
    let receipt = world.settle(vec![fill(alice.account(0), bob.account(0), BTC, one, wad(10_000))]).await?;
    let transaction = receipt.transaction_hash;
    // fetching checks that the ink of all nodes is what was spent
    let profile = GasProfile::fetch(&world.chain, transaction).await?;
    assert_eq!(profile.gas_used, receipt.gas());
    assert_eq!(profile.gas - profile.refund, receipt.gas());

    let question = (transaction, json!({ "tracer": "stylusTracer" }));
    let trace: Value = world.chain.request("debug_traceTransaction", question).await?;
    let mut hosts = Hosts::new();
    traced(&trace, &mut hosts);
    assert!(hosts.len() > 5, "{hosts:?}");
    assert_eq!(profiled(&profile), hosts);

    // the router, the module of trading, and the oracle that it asks
    let mut programs = BTreeSet::new();
    let mut functions = Vec::new();
    for (index, node) in profile.nodes.iter().enumerate() {
        let Place::Function { index: function, .. } = &node.place else { continue };
        let (_, code_hash) = profile.code_of(index).expect("functions run in frames");
        let names = Names::stored(code_hash)?.expect("the harness kept the names of what it built");
        functions.push(names.functions.get(function).cloned().expect("every function has a name"));
        programs.insert(names.program.clone());
    }
    for program in ["plimsoll", "plimsoll-trading", "plimsoll-oracle"] {
        assert!(programs.contains(program), "{program} is not among {programs:?}");
    }
    for part in ["plimsoll_ledger::", "plimsoll_risk::", "stylus_sdk::"] {
        assert!(functions.iter().any(|name| name.contains(part)), "no function of {part}");
    }

    // watching leaves nothing behind: the same answer again, and the same gas the next time
    let again = GasProfile::fetch(&world.chain, transaction).await?;
    assert_eq!(serde_json::to_value(&again)?, serde_json::to_value(&profile)?);
    Ok(())
}
