//! Writes `GAS.md`: what every function of engine, oracle and risk model costs. See `scripts/gas --help`.

mod bench;
mod deleverage;
mod engine;
mod floor;
mod oracle;
mod portfolio;

use std::{
    collections::BTreeSet,
    env,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context, Result, bail, ensure};
use plimsoll_e2e::table::{exit, finish, grouped, markdown};
use plimsoll_harness::{node::RPC_URL, workspace};

use crate::{
    bench::{Rows, Transaction, View},
    portfolio::Book,
};

const HELP: &str = "scripts/gas [--check | --output FILE | --compare FILE FILE]

Deploys everything on a new embedded node, calls every function of engine, oracle and risk model and writes GAS.md,
and the rows of it that pages quote.

  --check               write nothing; fail when GAS.md differs
  --output FILE         write FILE instead, with the gas that calldata costs in a column of its own; on the node at
                        PLIMSOLL_RPC_URL if that names one, which takes some minutes: the clock is real there
  --compare FILE FILE   print the rows in which two such files differ and fail if any does that may not
  -h, --help            this text";

const TRANSACTIONS: &str = "Gas paid by a transaction of its own, with its 21,000 and its calldata; refunds are deducted. \
Every program is cached. The floor is what the EVM's rules make unavoidable: the transaction's own price, each account and each \
slot reached once and changed once, events, and the code of others (the quote token's, precompiles'). The ratio is gas over floor.";
const VIEWS: &str = "Gas of a static call from a contract, without the transaction's own cost: the first call of a \
transaction, which finds everything cold, and the same call again.";
const FLOORS_OF_VIEWS: &str = " The floor is the cold call's accounts and slots. What reads a word or two stands above 1.25 of it: \
starting the program takes some 1,300 of its gas, behind a router some 2,500. So do digests, which read nothing.";

#[tokio::main]
async fn main() -> ExitCode {
    exit("gas", run().await)
}

/// What the command line asks for.
#[derive(Debug, Default)]
struct Args {
    check: bool,
    output: Option<PathBuf>,
}

/// `None` when it asked for help and got it.
fn arguments() -> Result<Option<Args>> {
    let mut given = Args::default();
    let mut arguments = env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--check") => given.check = true,
            Some("--output") => {
                given.output = Some(arguments.next().context("--output wants a file")?.into())
            }
            Some("-h" | "--help") => {
                // Who reads only the first lines has what it wants.
                let _ = writeln!(io::stdout(), "{HELP}");
                return Ok(None);
            }
            _ => bail!("{} is no option; see --help", argument.display()),
        }
    }
    ensure!(!given.check || given.output.is_none(), "--check is about GAS.md, --output about another file");
    Ok(Some(given))
}

async fn run() -> Result<()> {
    let Some(args) = arguments()? else { return Ok(()) };
    let elsewhere = env::var(RPC_URL).is_ok_and(|url| !url.is_empty());
    ensure!(
        args.output.is_some() || !elsewhere,
        "GAS.md is of the embedded node: name another file with --output, or unset {RPC_URL}"
    );
    let found = measure().await?;
    complete("IPlimsoll", &found.engine)?;
    complete("IPlimsollOracle", &found.oracle)?;
    complete("IPlimsollRiskModel", &found.risk)?;
    let Some(output) = args.output else { return finish("GAS.md", &text(found, false), args.check) };
    std::fs::write(&output, text(found, true)).with_context(|| output.display().to_string())?;
    println!("{} written", output.display());
    Ok(())
}

/// All figures.
#[derive(Debug, Default)]
struct Found {
    engine: Rows,
    oracle: Rows,
    risk: Rows,
    books: Vec<Book>,
}

async fn measure() -> Result<Found> {
    let mut found = Found::default();
    {
        let bench = bench::Bench::new().await?;
        engine::views_of_nobody(&bench, &mut found.engine).await?;
        engine::all(&bench, &mut found.engine).await?;
        oracle::all(&bench, &mut found.oracle).await?;
        found.books = portfolio::all(&bench, &mut found.risk).await?;
        // One deployment has the node to itself at a time.
    }
    for rungs in [10, 50, 100] {
        deleverage::run(rungs, &mut found.engine).await?;
    }
    Ok(found)
}

/// With the gas of calldata for a comparison of nodes, and then without the split of books, which other nodes cannot tell.
fn text(mut found: Found, calldata: bool) -> String {
    let mut text = String::from("# Gas\n\nWritten by `scripts/gas`; not to be edited.\n");
    if calldata {
        portfolio::note(&found.books, &mut found.risk);
    }
    let sections = [("Engine", found.engine), ("Oracle", found.oracle), ("Risk model", found.risk)];
    for (name, rows) in sections {
        if name == "Risk model" && !calldata {
            text += &portfolio::table(&found.books);
        }
        text += &format!("\n## {name}: transactions\n\n{TRANSACTIONS}\n\n");
        text += &transactions(&rows.transactions, calldata);
        // The views of the risk model compute: storage is the least of their gas.
        let bare = calldata || name == "Risk model";
        let floors = if bare { "" } else { FLOORS_OF_VIEWS };
        text += &format!("\n## {name}: views\n\n{VIEWS}{floors}\n\n");
        text += &views(&rows.views, bare);
    }
    text
}

/// With the gas of calldata, or with floors.
fn transactions(rows: &[Transaction], calldata: bool) -> String {
    let cells = rows.iter().map(|row| {
        let mut cells = vec![row.function.clone(), row.case.clone(), grouped(row.gas.into())];
        if calldata {
            cells.push(grouped(row.calldata.into()));
        } else {
            cells.extend(over(row.gas, row.floor));
        }
        cells
    });
    let head: &[&str] = if calldata {
        &["function", "case", "gas", "of it calldata"]
    } else {
        &["function", "case", "gas", "floor", "ratio"]
    };
    markdown(2, head, &cells.collect::<Vec<_>>())
}

/// Bare, or with floors.
fn views(rows: &[View], bare: bool) -> String {
    let cells = rows.iter().map(|row| {
        let mut cells = vec![row.function.clone(), row.case.clone(), grouped(row.cold.into())];
        if !bare {
            cells.extend(over(row.cold, row.floor));
        }
        cells.push(grouped(row.again.into()));
        cells
    });
    let head: &[&str] = if bare {
        &["function", "case", "cold", "again"]
    } else {
        &["function", "case", "cold", "floor", "ratio", "again"]
    };
    markdown(2, head, &cells.collect::<Vec<_>>())
}

/// A floor, and the gas as a multiple of it, rounded up.
fn over(gas: u64, floor: Option<u64>) -> [String; 2] {
    floor.map_or_else(
        || ["-".to_owned(), "-".to_owned()],
        |floor| {
            let hundredths = (gas * 100).div_ceil(floor);
            [grouped(floor.into()), format!("{}.{:02}", hundredths / 100, hundredths % 100)]
        },
    )
}

/// Makes sure that every function of an interface has a row.
fn complete(interface: &str, rows: &Rows) -> Result<()> {
    let path = workspace::root()?.join(format!("abi/json/{interface}.json"));
    let abi: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let entries = abi.as_array().cloned().unwrap_or_default();
    let wanted: BTreeSet<String> = entries
        .iter()
        .filter(|entry| entry["type"] == "function")
        .map(|entry| format!("`{}`", entry["name"].as_str().unwrap_or_default()))
        .collect();
    let transactions = rows.transactions.iter().map(|row| row.function.clone());
    let found = transactions.chain(rows.views.iter().map(|row| row.function.clone())).collect();
    let missing: Vec<_> = wanted.difference(&found).collect();
    ensure!(!wanted.is_empty() && missing.is_empty(), "{interface}: no figures of {missing:?}");
    Ok(())
}
