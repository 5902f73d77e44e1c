//! Writes `SPEED.md`: how fast the embedded node is, beside anvil in the same run. See `scripts/speed --help`.

#![allow(clippy::float_arithmetic)]

mod engine;
mod load;
mod process;
mod report;
mod suite;

use std::{env, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use plimsoll_e2e::table::{exit, finish};
use plimsoll_harness::{build, node::RPC_URL};

use self::{
    engine::Engine,
    load::{BATCH, Rate, SMALL_BATCH, Token},
    process::Program,
};

const HELP: &str = "scripts/speed [OPTION ...]

Measures the embedded node and, in the same run and with the same client, anvil from npm; and the time of the end-to-end
tests. Writes SPEED.md. A machine that does nothing else gives figures worth keeping.

  --rounds N   rounds, of which the median counts (5)
  --release    the node as the release profile builds it; the tests stay in the dev profile
  --no-suite   leave the end-to-end tests out, and write to standard output only
  -h, --help   this text";

/// Transactions or calls of one measurement.
const ONE_BY_ONE: usize = 500;
const IN_BATCHES: usize = 2_000;
/// Calls that come in batches are quick.
const CALLS: usize = 20_000;
/// Settlements of one measurement.
const SETTLEMENTS: usize = 400;

/// What the command line, written by the script, asks for.
#[derive(Debug)]
struct Args {
    rounds: usize,
    suite: bool,
    node: PathBuf,
    profile: String,
    anvil: PathBuf,
    anvil_version: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    exit("speed", run().await)
}

fn arguments() -> Result<Option<Args>> {
    let mut args = Args {
        rounds: 5,
        suite: true,
        node: PathBuf::new(),
        profile: String::new(),
        anvil: PathBuf::new(),
        anvil_version: String::new(),
    };
    let mut given = env::args().skip(1);
    while let Some(name) = given.next() {
        let mut value = || given.next().with_context(|| format!("{name} wants a value"));
        match name.as_str() {
            "--rounds" => args.rounds = value()?.parse().context("--rounds wants a number")?,
            "--no-suite" => args.suite = false,
            "--node" => args.node = value()?.into(),
            "--profile" => args.profile = value()?,
            "--anvil" => args.anvil = value()?.into(),
            "--anvil-version" => args.anvil_version = value()?,
            "-h" | "--help" => {
                println!("{HELP}");
                return Ok(None);
            }
            other => bail!("{other} is no option; see --help"),
        }
    }
    ensure!(args.rounds > 0, "no rounds, no figures");
    Ok(Some(args))
}

/// The rates of one measurement, round by round: on the embedded node, and on anvil.
#[derive(Debug, Default)]
pub(crate) struct Pair {
    pub(crate) ours: Vec<Rate>,
    pub(crate) anvil: Vec<Rate>,
}

/// Everything that is measured.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) transfers: Pair,
    pub(crate) transfers_batched: Pair,
    pub(crate) transfers_many: Vec<Rate>,
    pub(crate) balances: Pair,
    pub(crate) balances_batched: Pair,
    /// Milliseconds.
    pub(crate) cold: Pair,
    pub(crate) settlements: Vec<Rate>,
    pub(crate) settlements_batched: Vec<Rate>,
    pub(crate) margins: Vec<Rate>,
    pub(crate) margins_batched: Vec<Rate>,
}

async fn run() -> Result<()> {
    let Some(args) = arguments()? else { return Ok(()) };
    ensure!(env::var_os(RPC_URL).is_none(), "{RPC_URL} is set: the tests would run on that node");
    let ours = Program {
        name: "the embedded node",
        path: args.node.clone(),
        arguments: |port| vec![port.to_string()],
    };
    let anvil = Program {
        name: "anvil",
        path: args.anvil.clone(),
        arguments: |port| ["--silent", "--port", &port.to_string()].map(str::to_owned).into(),
    };
    let load = load_average();
    // Built before anything is timed.
    build::contracts().await?;
    let mut figures = Figures::default();
    for round in 1..=args.rounds {
        eprintln!("round {round} of {}", args.rounds);
        one_round(&ours, &anvil, &mut figures).await?;
    }
    let suite = if args.suite {
        eprintln!("the end-to-end tests");
        Some(suite::run()?)
    } else {
        None
    };
    let text = report::text(&args.profile, &args.anvil_version, &load, &figures, suite.as_ref());
    if args.suite {
        return finish("SPEED.md", &text, false);
    }
    print!("{text}");
    Ok(())
}

/// New nodes, and every measurement once on each, one node after the other.
async fn one_round(ours: &Program, anvil: &Program, figures: &mut Figures) -> Result<()> {
    for (program, is_ours) in [(ours, true), (anvil, false)] {
        let process = program.start().await?;
        let side = |pair: &mut Pair, rate| if is_ours { pair.ours.push(rate) } else { pair.anvil.push(rate) };
        side(&mut figures.cold, milliseconds(process.cold));
        let mut token = Token::deploy(&process.url).await.context(program.name)?;
        let signed = token.transfers(ONE_BY_ONE).await?;
        side(&mut figures.transfers, token.client.one_by_one(&signed).await?);
        let signed = token.transfers(IN_BATCHES).await?;
        side(&mut figures.transfers_batched, token.client.in_batches(&signed, SMALL_BATCH).await?);
        if is_ours {
            let signed = token.transfers(IN_BATCHES).await?;
            figures.transfers_many.push(token.client.in_batches(&signed, BATCH).await?);
        }
        let (client, question) = (&token.client, Token::question());
        let rate = client.calls_one_by_one(token.address, &question, ONE_BY_ONE).await?;
        side(&mut figures.balances, rate);
        let rate = client.calls_in_batches(token.address, &question, CALLS).await?;
        side(&mut figures.balances_batched, rate);
        token.check().await.context(program.name)?;
    }
    let process = ours.start().await?;
    let mut engine = Engine::deploy(&process.url).await?;
    let signed = engine.settlements(SETTLEMENTS).await?;
    figures.settlements.push(engine.client.one_by_one(&signed).await?);
    let signed = engine.settlements(SETTLEMENTS).await?;
    figures.settlements_batched.push(engine.client.in_batches(&signed, BATCH).await?);
    let (client, question, at) = (&engine.client, engine.question(), engine.world.engine);
    figures.margins.push(client.calls_one_by_one(at, &question, ONE_BY_ONE).await?);
    figures.margins_batched.push(client.calls_in_batches(at, &question, IN_BATCHES).await?);
    engine.check().await
}

/// How busy the machine was with other things in the last minute, where the system says so.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown").to_owned()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
