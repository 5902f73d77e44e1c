//! `plimsoll margin`: what the risk model says of portfolios in a file.

mod native;
mod on_node;
mod output;

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use plimsoll_harness::margin_cases;

/// Margin of the portfolios in a file: balances, profit in every scenario, and gas, as JSON.
///
/// The file is a list of cases, each with an id, a portfolio and parameters of its own, in decimals; the schema is that of
/// tests/e2e/data/portfolio-margin.json. For each case, by its id, standard output gets initial_margin_balance,
/// maintenance_margin_balance, mark_to_market, scenario_pnl (one for each scenario, in the order of the file),
/// worst_scenario (its index, or "basis" or "shortfall") and gas; numbers have all their 18 places.
///
/// The contract computes, on an embedded node. Gas is what its function `assess` costs another contract that calls it
/// statically: with the cold access to it and what it returns, without the transaction's own cost and calldata. Scenarios
/// come from its function `scenarios`.
///
/// A case that the contract refuses has the name of its typed error instead, under "error"; the command then ends with
/// status 1.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The cases
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Computes here, without a node: the same digits, and null for gas
    #[arg(long)]
    native: bool,
}

/// What a case comes to, WAD.
struct Outcome {
    initial: i128,
    maintenance: i128,
    mark_to_market: i128,
    profits: Vec<i128>,
    /// As the contract has it: an index, or what stands for the basis or the shortfall.
    worst: u16,
    gas: Option<u64>,
}

/// A case's outcome, or the name of the error that it is refused with.
type Answer = Result<Outcome, String>;

/// Runs the command. What fails is said in one line, whatever the environment asks of backtraces.
pub(crate) async fn run(args: Args) -> Result<()> {
    match show(args).await {
        Ok(0) => Ok(()),
        Ok(refused) => {
            eprintln!("plimsoll margin: {refused} of the cases refused");
            std::process::exit(1);
        }
        Err(error) => {
            eprintln!("plimsoll margin: {error:#}");
            std::process::exit(1);
        }
    }
}

/// Prints the answers; says how many are refusals.
async fn show(args: Args) -> Result<usize> {
    let name = args.file.display();
    let text = fs::read_to_string(&args.file).with_context(|| format!("reading {name}"))?;
    let cases = margin_cases::parse(&text).with_context(|| name.to_string())?;
    let answers = if args.native {
        cases.iter().map(native::answer).collect()
    } else {
        on_node::answers(&cases).await?
    };
    print!("{}", output::json(&cases, &answers));
    Ok(answers.iter().filter(|answer| answer.is_err()).count())
}
