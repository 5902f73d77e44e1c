//! Writes `ARITHMETIC.md`: accuracy, gas and time of each function beside solady's and prb-math's. See
//! `scripts/arithmetic --help`.

mod errors;

use std::{env, fs, process::ExitCode};

use alloy::{
    primitives::{Address, I256},
    sol,
};
use anyhow::{Context, Result, ensure};
use plimsoll_arithmetic::{FUNCTIONS, Formula, Function, INPUTS, input};
use plimsoll_e2e::table::{exit, finish, grouped, markdown, wants_check};
use plimsoll_harness::{
    build, deploy,
    prelude::*,
    setup,
    workspace::{self, Artifact},
};

use crate::errors::Errors;

const HELP: &str = "scripts/arithmetic [--check]

Runs every function of tests/arithmetic over the same inputs three times on a new embedded node: as this workspace has it,
as solady has it, as prb-math has it; times it natively; and writes ARITHMETIC.md.

  --check     write nothing; fail when ARITHMETIC.md differs, but for nanoseconds
  -h, --help  this text";

const FILE: &str = "ARITHMETIC.md";
const PROGRAM: &str = "plimsoll-arithmetic-program";
/// Nanoseconds of each function, one a line, as the example `nanoseconds` prints them.
const NANOSECONDS: &str = "PLIMSOLL_NANOSECONDS";
/// Column of nanoseconds.
const TIME: usize = 8;

sol! {
    /// Both benches have this interface; one counts ink, the other gas.
    interface Bench {
        function run(uint8 number, int256[] xs, int256[] ys) external returns (uint256 spent, int256[] results);
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    exit("arithmetic", run().await)
}

/// A bench on the chain and what it counts in.
struct Runner<'a> {
    chain: &'a Chain,
    at: Address,
    /// Units of what it counts in a unit of gas.
    a_gas: u64,
}

impl Runner<'_> {
    /// What a function of this number spends on all inputs, and its results.
    async fn run(&self, number: u8, inputs: &[(i128, i128)]) -> Result<(u64, Vec<i128>)> {
        let wide = |x: i128| I256::try_from(x).unwrap_or_default();
        let (xs, ys) = inputs.iter().map(|(x, y)| (wide(*x), wide(*y))).unzip();
        let got = self.chain.call(self.at, &Bench::runCall { number, xs, ys }).await?;
        let results = got.results.into_iter().map(i128::try_from).collect::<Result<Vec<_>, _>>();
        Ok((got.spent.saturating_to(), results.context("a result beyond 128 bits")?))
    }

    /// A row of the table.
    async fn row(&self, by: &str, function: &Function, number: u8, time: String) -> Result<Vec<String>> {
        let inputs: Vec<_> = (0..INPUTS).map(|trial| input(function, trial)).collect();
        let (empty, _) = self.run(0, &inputs).await?;
        let (spent, results) =
            self.run(number, &inputs).await.with_context(|| format!("{by}: {}", function.name))?;
        ensure!(results.len() == INPUTS, "{by}: {} results of {}", results.len(), function.name);
        let errors = Errors::of(function.formula, function.numbers, &inputs, &results)
            .with_context(|| format!("{by}: {}", function.name))?;
        let tenths = u128::from(spent.saturating_sub(empty)) * 10 / (u128::from(self.a_gas) * INPUTS as u128);
        Ok(vec![
            function.name.to_owned(),
            function.domain.to_owned(),
            by.to_owned(),
            thousandths(errors.worst),
            thousandths(errors.mean),
            errors.worst_relative.map_or_else(|| "-".to_owned(), thousandths),
            format!("{}.{}", grouped(tenths / 10), tenths % 10),
            String::new(),
            time,
        ])
    }
}

/// A number of thousandths, to three digits after the point while it is small.
fn thousandths(x: u128) -> String {
    match x {
        0..100_000 => format!("{}.{:03}", x / 1000, x % 1000),
        _ if x / 1000 < 1_000_000_000 => grouped(x / 1000),
        _ => {
            let exponent = (x / 1000).ilog10();
            let tenths = x / 1000 / 10u128.pow(exponent - 1);
            format!("{}.{}e{exponent}", tenths / 10, tenths % 10)
        }
    }
}

/// The committed nanoseconds, in the order of their rows.
fn committed_times() -> Result<Vec<String>> {
    let text = fs::read_to_string(workspace::root()?.join(FILE)).unwrap_or_default();
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows = text.lines().map(cells).filter(|cells| cells.get(3).is_some_and(|by| by == "Plimsoll"));
    // The line begins with a bar: one empty cell more.
    Ok(rows.filter_map(|cells| cells.get(TIME + 1).cloned()).collect())
}

async fn run() -> Result<()> {
    let Some(check) = wants_check(HELP)? else { return Ok(()) };
    let times = if check {
        committed_times()?
    } else {
        let printed = env::var(NANOSECONDS)
            .with_context(|| format!("{NANOSECONDS} is not set: use scripts/arithmetic"))?;
        printed.lines().skip(1).map(str::to_owned).collect()
    };
    let node = Node::embedded(plimsoll_e2e::book::node_options()).await?;
    let chain = node.chain();
    let setup = setup::setup(chain).await?;
    let dev = Key::dev();
    let programs = build::programs(&[PROGRAM], &["tests/arithmetic"]).await?;
    let at = deploy::program(chain, &setup, &dev, programs.get(PROGRAM)?, None).await?;
    let ours = Runner { chain, at, a_gas: 10_000 };
    let at = chain.create(&dev, Artifact::load("ArithmeticBench")?.init_code(&[])).await?;
    let theirs = Runner { chain, at, a_gas: 1 };

    let mut rows = Vec::new();
    let mut times = times.into_iter();
    for (number, function) in (0u8..).zip(FUNCTIONS) {
        if function.formula == Formula::Nothing {
            continue;
        }
        let time = times.next().unwrap_or_else(|| "?".to_owned());
        let first = rows.len();
        rows.push(ours.row("Plimsoll", function, number, time).await?);
        for (by, number) in [("solady", function.solady), ("prb-math", function.prb)] {
            if let Some(number) = number {
                rows.push(theirs.row(by, function, number, "-".to_owned()).await?);
            } else {
                let mut row = vec![function.name.to_owned(), function.domain.to_owned(), by.to_owned()];
                row.resize(TIME + 1, "-".to_owned());
                row[3] = "none".to_owned();
                rows.push(row);
            }
        }
        // in tenths: without its point
        let gas = |row: &[String]| row[6].replace([',', '.'], "").parse::<u128>().ok();
        let base = gas(&rows[first]).filter(|base| *base > 0);
        for row in &mut rows[first..] {
            if let (Some(gas), Some(base)) = (gas(row), base) {
                let tenths = (gas * 10 + base / 2) / base;
                row[7] = format!("{}.{}", tenths / 10, tenths % 10);
            }
        }
    }
    finish(FILE, &text(&rows), check)
}

fn text(rows: &[Vec<String>]) -> String {
    let head = [
        "function",
        "arguments",
        "library",
        "largest error, wei",
        "mean error, wei",
        "largest error, 1e-18 of the result",
        "gas a call",
        "times Plimsoll's",
        "ns a call, native",
    ];
    format!(
        "# Arithmetic\n\nWritten by `scripts/arithmetic`; not to be edited.\n\n\
         Each function on the same {INPUTS} arguments in each library, on one embedded node: Plimsoll's `crates/fixed` in a \
         Stylus program, solady 0.1.26 and prb-math 4.2.0 (SD59x18) in a Solidity contract (solc 0.8.37, optimised, 200 \
         runs). Numbers are WAD; a wei is 1e-18. The binary normal cdf takes 57 fractional bits and gives 62, a Scale is a \
         mantissa of 64 bits with an exponent: what the margin of portfolios is computed in. Errors are against 256 bits (`crates/exact`), over these arguments only: \
         the bounds that hold everywhere stand at each function and in `crates/fixed/tests`. Gas is that of a loop over the \
         arguments less that of the same loop over a function that does nothing, a call. Nanoseconds depend on the \
         machine and are not checked. Where a library lacks a function, or has it for integers only (solady's `log2`), it \
         says none.\n\n{}",
        markdown(3, &head, rows)
    )
}
