//! `plimsoll gas` as people run it.

use std::{
    env, fs,
    process::{Command, Output},
};

use anyhow::{Context, Result};
use plimsoll_harness::prelude::*;

fn plimsoll_gas(arguments: &[&str]) -> Result<Output> {
    let binary = env!("CARGO_BIN_EXE_plimsoll");
    Command::new(binary).arg("gas").args(arguments).env_remove("PLIMSOLL_RPC_URL").output().context(binary)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A row of a table by its first cell.
fn row<'a>(report: &'a str, name: &str) -> Vec<&'a str> {
    let line = report.lines().find(|line| line.starts_with(name));
    line.unwrap_or_else(|| panic!("no row {name} in\n{report}")).split_whitespace().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn gas_of_a_trade_is_a_table_and_a_flame_graph() -> Result<()> {
    let world = World::start().await?;
    if !world.node.is_embedded() {
        eprintln!("skipped: only the embedded node has inkProfiler");
        return Ok(());
    }
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(1_000)).await?;
    let receipt =
        world.trade(alice.account(0), bob.account(0), perp(BTC), wad(1) as i128 / 10, wad(10_000)).await?;
    let transaction = receipt.transaction_hash.to_string();
    let url = world.chain.url().to_owned();
    let graph = env::temp_dir().join(format!("plimsoll-gas-{}.svg", std::process::id()));
    let path = graph.to_string_lossy().into_owned();

    let output = plimsoll_gas(&[&transaction, "--rpc-url", &url, "--flame", &path])?;
    let report = text(&output.stdout);
    assert!(output.status.success(), "{report}{}", text(&output.stderr));
    // intrinsic gas has no calls but one and is what the receipt's gas begins with
    assert_eq!(row(&report, "intrinsic")[1], "1");
    assert_eq!(row(&report, "spent").last(), Some(&"%"));
    for host in ["storage_load_bytes32", "storage_flush_cache", "static_call_contract", "emit_log"] {
        row(&report, host);
    }
    assert!(report.contains("plimsoll-trading") && report.contains("plimsoll_ledger::"), "{report}");
    let svg = fs::read_to_string(&graph)?;
    fs::remove_file(&graph)?;
    assert!(
        svg.contains("<svg") && svg.contains("host storage_flush_cache") && svg.contains("plimsoll_ledger::")
    );

    let output = plimsoll_gas(&[&transaction, "--rpc-url", &url, "--json"])?;
    let profile: plimsoll_harness::gas::GasProfile = serde_json::from_slice(&output.stdout)?;
    assert_eq!(profile.gas_used, receipt.gas());

    let nothing = format!("0x{:064x}", 7);
    let output = plimsoll_gas(&[&nothing, "--rpc-url", &url])?;
    let message = text(&output.stderr);
    assert_eq!((output.status.code(), message.lines().count()), (Some(1), 1), "{message}");
    assert!(message.contains("no transaction 0x00"), "{message}");
    Ok(())
}

#[test]
fn gas_without_a_node_says_so_in_one_line() -> Result<()> {
    // port 1 belongs to nobody
    let output = plimsoll_gas(&[&format!("0x{:064x}", 7), "--rpc-url", "http://127.0.0.1:1"])?;
    let message = text(&output.stderr);
    assert_eq!((output.status.code(), message.lines().count()), (Some(1), 1), "{message}");
    assert!(message.contains("no node answers"), "{message}");
    Ok(())
}
