//! `plimsoll devnode`: the embedded node for people, with one line a transaction.

mod accounts;
mod line;
mod names;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use alloy::primitives::{Address, U256};
use anyhow::{Context, Result, ensure};
use plimsoll_devnode::{
    Chain, Config, Node, NodeHandle,
    chain::block::{Block, Mined},
    config::{DEV_ADDRESS, DEV_KEY},
};
use plimsoll_harness::{chain, key::Key, node, scenario, setup};
use tokio::sync::mpsc::UnboundedReceiver;

use self::{line::Explained, names::Names};

/// Time of the first block under `--seed`: the beginning of 2025, Unix seconds.
const SEEDED_TIME: u64 = 1_735_689_600;
/// Ether that each of the further accounts starts with.
const ETHER_EACH: u64 = 10_000;

/// Starts an Arbitrum development node in this process: Stylus programs and EVM contracts on one chain in memory, by
/// JSON-RPC over HTTP and WebSocket. Prints where it listens, keys, what stands where, then one line a transaction.
/// Ctrl-C ends it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Port on the loopback address; 0 takes a free one
    #[arg(long, default_value_t = 8547, value_name = "PORT")]
    port: u16,
    /// Goes on with the chain in this file if there is one, and writes the chain there at the end
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Seconds between blocks, each with all that came in since the last; without it every transaction is mined at once
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    block_time: Option<Duration>,
    /// Version of ArbOS [default: what Arbitrum One runs]
    #[arg(long, value_name = "VERSION")]
    arbos: Option<u64>,
    /// Makes the chain reproducible: draws the keys of the further accounts, and time starts at a fixed point and goes
    /// on by a second a block, so that the same transactions give the same blocks
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Builds and deploys Plimsoll too: engine, oracle, a quote token, two markets with prices
    #[arg(long)]
    deploy: bool,
    /// No line a transaction
    #[arg(long, short)]
    quiet: bool,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let time = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.filter(|time| !time.is_zero()).ok_or_else(|| "a number of seconds above zero".into())
}

pub(crate) async fn run(args: Args) -> Result<()> {
    let start = Instant::now();
    let keys = accounts::keys(args.seed.unwrap_or_default());
    let (mut chain, loaded) = open(&args, &keys)?;
    let arbos = chain.arbos_version();
    let handle = Node::serve(chain).await.with_context(|| format!("port {}", args.port))?;
    let mut names = Names::load();
    let placed = if loaded { Placed::default() } else { place(&handle, &args, &mut names).await? };
    // From here on: what this command did itself needs no lines.
    let blocks = handle.blocks().await;

    // Only now: with blocks by the clock each step of the setup would wait for the next one.
    let block_time = args.block_time;
    handle.with_chain(move |chain| chain.set_block_time(block_time)).await.context("the chain is gone")?;

    println!("Plimsoll development node, chain {}, ArbOS {arbos}", plimsoll_devnode::config::CHAIN_ID);
    println!("  {}    ws://{}", handle.url(), handle.address());
    println!("\nAccounts (their keys are known to everybody: for tests only)");
    println!("  {:<10} {DEV_ADDRESS}  {DEV_KEY}", "developer");
    for (number, key) in keys.iter().enumerate() {
        println!("  {:<10} {}  {}", number + 1, key.address(), key.secret());
    }
    if !placed.0.is_empty() {
        println!("\nContracts");
        for (name, address) in &placed.0 {
            println!("  {name:<18} {address}");
        }
    }
    if loaded && let Some(file) = &args.state {
        println!("\nGoing on with {} at block {}", file.display(), height(&handle).await);
    }
    // Before it says so: whoever reads it may press at once.
    let stop = stop_signal()?;
    println!("\nReady in {} ms; Ctrl-C ends it\n", start.elapsed().as_millis());

    let watching =
        async { if args.quiet { std::future::pending().await } else { watch(&handle, blocks, names).await } };
    tokio::select! {
        () = watching => {}
        result = stop => result?,
    }
    if let Some(file) = &args.state {
        let dump = handle.with_chain(|chain| chain.dump()).await.context("the chain is gone")?;
        write(file, &dump)?;
        println!("\nThe chain of {} blocks is in {}", height(&handle).await + 1, file.display());
    } else {
        println!();
    }
    Ok(())
}

/// The chain to serve, and whether it comes from the file.
fn open(args: &Args, keys: &[Key]) -> Result<(Chain, bool)> {
    let mut config = Config { port: args.port, ..Config::default() };
    if let Some(version) = args.arbos {
        config.arbos_version = version;
        config.check()?;
    }
    let each = U256::from(ETHER_EACH) * U256::from(10).pow(U256::from(18));
    config.accounts.extend(keys.iter().map(|key| (key.address(), each)));
    config.unlocked.extend(keys.iter().map(|key| key.secret()));
    if args.seed.is_some() {
        config.genesis_time = Some(SEEDED_TIME);
        config.wall_clock = false;
    }
    match &args.state {
        Some(file) if file.exists() => {
            ensure!(!args.deploy, "--deploy is for a new chain, and {} holds one", file.display());
            let dump = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
            let mut chain =
                Chain::load(config, &dump).with_context(|| format!("loading {}", file.display()))?;
            let version = chain.arbos_version();
            if let Some(wanted) = args.arbos {
                ensure!(
                    wanted == version,
                    "{} holds a chain of ArbOS {version}, not {wanted}",
                    file.display()
                );
            }
            Ok((chain, true))
        }
        _ => Ok((Chain::new(config), false)),
    }
}

/// What was put in place, by name.
#[derive(Debug, Default)]
struct Placed(Vec<(&'static str, Address)>);

/// Does what every development node needs, and deploys Plimsoll if asked to.
async fn place(handle: &NodeHandle, args: &Args, names: &mut Names) -> Result<Placed> {
    let connection = chain::Chain::connect(handle.url()).await?;
    let setup = setup::setup(&connection).await?;
    let mut placed = vec![
        ("CREATE2 factory", setup::CREATE2_FACTORY),
        ("StylusDeployer", setup::STYLUS_DEPLOYER),
        ("cache manager", setup.cache_manager),
    ];
    if args.deploy {
        let node = node::Node::reach(handle.url()).await?;
        let world = scenario::World::deploy(node, &scenario::Options::default()).await?;
        placed.extend([
            ("plimsoll", world.engine),
            ("oracle", world.oracle),
            ("quote token", world.token),
            ("owner", world.owner.address()),
            ("guardian", world.guardian.address()),
            ("venue", world.venue.address()),
        ]);
    }
    for (name, address) in &placed {
        names.know(*address, name);
    }
    Ok(Placed(placed))
}

/// Prints a line for each transaction until the node ends.
async fn watch(handle: &NodeHandle, mut blocks: UnboundedReceiver<Arc<Block>>, mut names: Names) {
    while let Some(block) = blocks.recv().await {
        for tx in &block.transactions {
            if let Some(explained) = explain(handle, tx).await {
                names.learn(tx, &explained);
                println!("{}", line::line(block.header.number, tx, &explained, &names));
            }
        }
    }
}

async fn explain(handle: &NodeHandle, tx: &Mined) -> Option<Explained> {
    let (hash, to) = (tx.hash, tx.to());
    handle.with_chain(move |chain| line::explain(chain, hash, to)).await?
}

async fn height(handle: &NodeHandle) -> u64 {
    handle.with_chain(|chain| chain.height()).await.unwrap_or_default()
}

/// Written aside and renamed, so that an end in the middle leaves the old file.
fn write(file: &Path, dump: &[u8]) -> Result<()> {
    let aside = file.with_extension("partial");
    fs::write(&aside, dump).with_context(|| format!("writing {}", aside.display()))?;
    fs::rename(&aside, file).with_context(|| format!("writing {}", file.display()))
}

/// Listens from now on for Ctrl-C, and for the signal by which a system ends its services; the future ends with the first.
fn stop_signal() -> Result<impl Future<Output = Result<()>>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            Ok(())
        })
    }
    #[cfg(not(unix))]
    Ok(async { Ok(tokio::signal::ctrl_c().await?) })
}
