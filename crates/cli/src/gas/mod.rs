//! `plimsoll gas`: where the gas of one transaction went.

mod flame;
mod known;
mod sums;
mod tables;
mod text;
mod traced;

use std::{fs, path::PathBuf};

use alloy::primitives::B256;
use anyhow::{Context, Result, bail};
use plimsoll_harness::{
    chain::Chain,
    gas::{GasProfile, INK_PROFILER},
    names::NamedModule,
    node,
};
use serde_json::Value;

use self::{known::Known, sums::Sums};

/// Shows where the gas of a mined transaction went, by host function and WASM function.
///
/// Fixed costs, contracts, host functions and WASM functions as tables, and as a flame graph with --flame. The node runs
/// the transaction again to find out: plimsoll's own does; of another Stylus node the host functions are shown alone.
///
/// Functions have names where the contract was built here, where the deployed code has kept them, or where --wasm gives
/// the module that the code was made from; others are shown by their index, like func[12].
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Hash of the transaction
    #[arg(value_name = "TX")]
    transaction: B256,
    /// The node
    #[arg(long, env = node::RPC_URL, value_name = "URL", default_value = "http://localhost:8547")]
    rpc_url: String,
    /// A module that is not stripped, for the names of its functions: what `cargo rustc --lib --release --target
    /// wasm32-unknown-unknown -- -C strip=debuginfo` leaves. May be repeated
    #[arg(long, value_name = "FILE")]
    wasm: Vec<PathBuf>,
    /// Writes a flame graph
    #[arg(long, value_name = "FILE.svg")]
    flame: Option<PathBuf>,
    /// Most functions in the table
    #[arg(long, value_name = "N", default_value_t = 40)]
    top: usize,
    /// Prints the profile as JSON instead of tables: a tree of nodes, parents before children, with their own ink
    #[arg(long)]
    json: bool,
}

/// Runs the command. What fails is said in one line, whatever the environment asks of backtraces.
pub(crate) async fn run(args: Args) -> Result<()> {
    if let Err(error) = show(args).await {
        eprintln!("plimsoll gas: {error:#}");
        std::process::exit(1);
    }
    Ok(())
}

async fn show(args: Args) -> Result<()> {
    let modules = args.wasm.iter().map(|path| NamedModule::read(path)).collect::<Result<Vec<_>>>()?;
    let chain = Chain::connect(&args.rpc_url).await?;
    let transaction = args.transaction;
    let receipt: Value = chain.request("eth_getTransactionReceipt", [transaction]).await?;
    if receipt.is_null() {
        bail!("no transaction {transaction} at {}", args.rpc_url);
    }
    let mut profile = match GasProfile::fetch(&chain, transaction).await {
        Ok(profile) => profile,
        Err(error) => return traced::show(&chain, transaction, &args, error).await,
    };
    let known = Known::find(&chain, &profile, &modules).await?;
    known.name(&mut profile);
    if args.json {
        println!("{}", serde_json::to_string_pretty(&profile)?);
    } else {
        print!("{}", tables::render(transaction, &profile, &known, &Sums::of(&profile), args.top));
    }
    if let Some(path) = &args.flame {
        let svg = flame::draw(&profile, &known, &format!("{transaction}"))?;
        fs::write(path, svg).with_context(|| format!("writing {}", path.display()))?;
        if !args.json {
            println!("\nflame graph: {}", path.display());
        }
    }
    Ok(())
}

/// What is said where the profile is missing.
fn without_profiler(url: &str) -> String {
    format!("{url} has no {INK_PROFILER}: host functions only")
}
