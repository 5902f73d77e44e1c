//! Writes `GAS.md`: what every function of engine and oracle costs. See `scripts/gas --help`.

mod bench;
mod deleverage;
mod engine;
mod oracle;

use std::{collections::BTreeSet, process::ExitCode};

use anyhow::{Result, ensure};
use plimsoll_e2e::table::{exit, finish, markdown, wants_check};
use plimsoll_harness::workspace;

const HELP: &str = "scripts/gas [--check]

Deploys everything on a new embedded node, calls every function of engine and oracle and writes GAS.md.

  --check     write nothing; fail when GAS.md differs
  -h, --help  this text";

const TRANSACTIONS: &str = "Gas paid by a transaction of its own, with its 21,000 and its calldata; refunds are deducted. \
Every program is cached.";
const VIEWS: &str = "Gas of a static call from a contract, without the transaction's own cost: the first call of a \
transaction, which finds everything cold, and the same call again.";

#[tokio::main]
async fn main() -> ExitCode {
    exit("gas", run().await)
}

async fn run() -> Result<()> {
    let Some(check) = wants_check(HELP)? else { return Ok(()) };
    let mut engine = bench::Rows::default();
    let mut oracle = bench::Rows::default();
    let bench = bench::Bench::new().await?;
    engine::views_of_nobody(&bench, &mut engine).await?;
    engine::all(&bench, &mut engine).await?;
    oracle::all(&bench, &mut oracle).await?;
    for rungs in [10, 50, 100] {
        deleverage::run(rungs, &mut engine).await?;
    }
    complete("IPlimsoll", &engine)?;
    complete("IPlimsollOracle", &oracle)?;

    let mut text = String::from("# Gas\n\nWritten by `scripts/gas`; not to be edited.\n");
    for (name, rows) in [("Engine", engine), ("Oracle", oracle)] {
        text += &format!("\n## {name}: transactions\n\n{TRANSACTIONS}\n\n");
        text += &markdown(2, &["function", "case", "gas"], &rows.transactions);
        text += &format!("\n## {name}: views\n\n{VIEWS}\n\n");
        text += &markdown(2, &["function", "case", "cold", "again"], &rows.views);
    }
    finish("GAS.md", &text, check)
}

/// Makes sure that every function of an interface has a row.
fn complete(interface: &str, rows: &bench::Rows) -> Result<()> {
    let path = workspace::root()?.join(format!("abi/json/{interface}.json"));
    let abi: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let entries = abi.as_array().cloned().unwrap_or_default();
    let wanted: BTreeSet<String> = entries
        .iter()
        .filter(|entry| entry["type"] == "function")
        .map(|entry| format!("`{}`", entry["name"].as_str().unwrap_or_default()))
        .collect();
    let found = rows.transactions.iter().chain(&rows.views).map(|row| row[0].clone()).collect();
    let missing: Vec<_> = wanted.difference(&found).collect();
    ensure!(!wanted.is_empty() && missing.is_empty(), "{interface}: no figures of {missing:?}");
    Ok(())
}
