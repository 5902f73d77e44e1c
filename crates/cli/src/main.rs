//! The `plimsoll` command.

mod adl;
mod demo;
mod devnode;
mod figures;
mod gas;
mod margin;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "plimsoll", version, about = "Plimsoll, a risk engine for derivatives on Arbitrum")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Adl(adl::Args),
    /// Replays the crash of bitcoin of December 2017 through liquidations, burials and passes on a node.
    Demo(demo::Args),
    Devnode(devnode::Args),
    Gas(gas::Args),
    Margin(margin::Args),
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Adl(args) => adl::run(&args),
        Command::Demo(args) => demo::run(args).await,
        Command::Devnode(args) => devnode::run(args).await,
        Command::Gas(args) => gas::run(args).await,
        Command::Margin(args) => margin::run(args).await,
    }
}
