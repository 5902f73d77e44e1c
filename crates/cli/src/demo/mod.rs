//! `plimsoll demo`: the crash of bitcoin of December 2017, replayed.
//!
//! Floating point draws the crowd and the charts. No rule of the engine and no balance passes through it.

#![allow(clippy::float_arithmetic)]

mod charts;
mod exchange;
mod keepers;
mod market;
mod passes;
mod people;
mod prices;
mod progress;
mod record;
mod replay;
mod report;
mod summary;

use std::{fs, path::PathBuf, time::Instant};

use anyhow::{Context, Result, ensure};
use jiff::{civil::Date, tz::TimeZone};
use plimsoll_harness::{
    build,
    ids::{BTC, ETH, WAD},
    node::{self, Node},
    scenario::{self, World},
    workspace,
};

use self::{exchange::Exchange, people::Crowd, prices::HOUR};

/// The committed extract of prices.
pub(crate) const PRICES: &str = "data/coinbase-btcusd-1h-2017-12.csv";
/// Seconds before the first price at which the embedded chain starts: room for the deployment.
const PRELUDE: u64 = 24 * HOUR;

/// Replays real hourly prices of BTC-USD (20 to 24 December 2017) against a crowd of leveraged accounts on a node:
/// keepers liquidate, accounts gap through zero and are buried, insurance pays, everyone in profit pays the same share of the
/// rest. Writes a report in HTML.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Draws the crowd; the same seed gives the same run and the same report
    #[arg(long, default_value_t = 2017, value_name = "N")]
    seed: u64,
    /// Accounts with a directional position, the whale among them
    #[arg(long, default_value_t = 300, value_name = "N", value_parser = clap::value_parser!(u16).range(20..=5000))]
    accounts: u16,
    /// First day, UTC
    #[arg(long, default_value = "2017-12-20", value_name = "DATE")]
    from: Date,
    /// Last day, UTC, replayed to its end
    #[arg(long, default_value = "2017-12-24", value_name = "DATE")]
    to: Date,
    /// Notional of the whale, US dollars
    #[arg(long, default_value_t = 15_000_000, value_name = "USD",
          value_parser = clap::value_parser!(u32).range(10_000..=40_000_000))]
    whale: u32,
    /// Number of keepers
    #[arg(long, default_value_t = 8, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    keepers: u16,
    /// Capital of each keeper, US dollars
    #[arg(long, default_value_t = 50_000, value_name = "USD",
          value_parser = clap::value_parser!(u32).range(1_000..=100_000_000))]
    keeper_capital: u32,
    /// What the insurance fund starts with, US dollars
    #[arg(long, default_value_t = 500_000, value_name = "USD",
          value_parser = clap::value_parser!(u32).range(0..=1_000_000_000))]
    insurance: u32,
    /// Hourly prices: a file with time,open,high,low,close rows [default: the committed extract]
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Where the report goes
    #[arg(long, default_value = "report.html", value_name = "FILE")]
    out: PathBuf,
    /// A running development node to use instead of the embedded one
    #[arg(long, env = node::RPC_URL, value_name = "URL")]
    rpc: Option<String>,
}

/// Runs the demo.
pub(crate) async fn run(args: Args) -> Result<()> {
    let began = Instant::now();
    let bars = load_bars(&args)?;
    // Better now than after the replay.
    let writable = fs::OpenOptions::new().create(true).append(true).open(&args.out);
    writable.with_context(|| format!("cannot write {}", args.out.display()))?;
    let ticks = prices::ticks(&bars);
    let first = bars.first().context("no prices")?.time;
    let crowd = Crowd {
        seed: args.seed,
        accounts: usize::from(args.accounts),
        whale: args.whale,
        keepers: usize::from(args.keepers),
        keeper_capital: args.keeper_capital,
        ticks: ticks.len(),
    };

    let contracts = build::contracts().await?;
    println!("contracts built in {:.1} s:", began.elapsed().as_secs_f64());
    for program in contracts.iter() {
        println!("  {:<22}{:>7} bytes, {} memory pages", program.package, program.code.len(), program.pages);
    }
    let node = match args.rpc.as_deref().filter(|url| !url.is_empty()) {
        Some(url) => Node::reach(url).await?,
        None => {
            Node::embedded(node::Options { start_time: Some(first - PRELUDE), ..Default::default() }).await?
        }
    };
    println!(
        "node: {}, chain id {}",
        if node.is_embedded() { "embedded" } else { node.chain().url() },
        node.chain().chain_id()
    );
    let options = scenario::Options {
        signers: 5,
        threshold: 3,
        feeds: market::feeds(),
        markets: market::markets(),
        prices: vec![(BTC, ticks[0].btc), (ETH, ticks[0].eth)],
    };
    let world = World::deploy(node, &options).await?;
    println!("engine {}, oracle {}, quote token {}", world.engine, world.oracle, world.token);
    if !world.node.capabilities().time_travel {
        println!(
            "this node's clock cannot be moved: prices follow each other in real time, funding hardly accrues"
        );
    }
    let shift = exchange::time_shift(world.chain.head().await?.timestamp(), first);
    let people = crowd.draw();
    println!(
        "{} traders, {} market makers with ${:.1}M each, {} keepers with ${:.0}k each",
        people.traders.len(),
        people.makers.len(),
        prices::dollars(people.maker_capital) / 1e6,
        people.keepers.len(),
        prices::dollars(people.keeper_capital) / 1e3
    );
    let insurance = u128::from(args.insurance) * WAD;
    let mut exchange = Exchange::open(world, people, insurance, market::INSURANCE_CAP, shift).await?;
    exchange.record.sizes = contracts.iter().map(|p| (p.package.clone(), p.code.len())).collect();
    println!(
        "deployed, funded and ready after {:.1} s\n\n{}",
        began.elapsed().as_secs_f64(),
        progress::head()
    );

    exchange.replay(&ticks).await?;
    println!("\n{}", summary::text(&exchange.record));
    let html = report::html(&exchange.record, &exchange.people, &crowd, insurance)?;
    fs::write(&args.out, html).with_context(|| format!("writing {}", args.out.display()))?;
    println!("\nreport: {}   ({:.0} s in all)", args.out.display(), began.elapsed().as_secs_f64());
    Ok(())
}

/// The bars of the days asked for.
fn load_bars(args: &Args) -> Result<Vec<prices::Bar>> {
    let path = match &args.prices {
        Some(path) => path.clone(),
        None => workspace::root()?.join(PRICES),
    };
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let bars = prices::parse(&text).with_context(|| format!("in {}", path.display()))?;
    let midnight = |date: Date| -> Result<u64> {
        Ok(u64::try_from(date.to_zoned(TimeZone::UTC)?.timestamp().as_second())?)
    };
    ensure!(args.from <= args.to, "--from {} is after --to {}", args.from, args.to);
    let (from, to) = (midnight(args.from)?, midnight(args.to)? + 24 * HOUR);
    let chosen: Vec<prices::Bar> =
        bars.iter().filter(|bar| (from..to).contains(&bar.time)).copied().collect();
    ensure!(
        !chosen.is_empty(),
        "no prices from {} to {}: the file has {} to {}",
        args.from,
        args.to,
        progress::time(bars[0].time),
        progress::time(bars[bars.len() - 1].time)
    );
    ensure!(chosen[0].time > PRELUDE, "the prices begin too early");
    Ok(chosen)
}
