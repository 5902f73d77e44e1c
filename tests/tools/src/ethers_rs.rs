//! The liquidator by ethers-rs in `tests/tools/ethers-rs`, a workspace of its own.

use std::{env::consts::EXE_SUFFIX, path::PathBuf, process::Command as StdCommand};

use alloy::primitives::B256;
use anyhow::Result;
use plimsoll_harness::{build, prelude::*, workspace};
use tokio::process::Command;

use crate::tool;

/// The program, brought up to date. `None`, said aloud, when `scripts/tools --install` never built it: it has 300
/// dependencies of its own.
///
/// # Errors
/// When it does not build any more.
pub async fn bot() -> Result<Option<PathBuf>> {
    let target = workspace::target_dir()?.join("tools/ethers-rs");
    let program = target.join("debug").join(format!("plimsoll-ethers-bot{EXE_SUFFIX}"));
    if !program.is_file() {
        eprintln!("SKIPPED: the ethers-rs liquidator is not built (scripts/tools --install)");
        return Ok(None);
    }
    let mut cargo = StdCommand::new("cargo");
    build::outside_cargo(&mut cargo);
    cargo.current_dir(tool::folder()?.join("ethers-rs")).env("CARGO_TARGET_DIR", &target);
    tool::run(Command::from(cargo).args(["build", "--quiet", "--locked"])).await?;
    Ok(Some(program))
}

/// One look of the bot, with that key, over accounts; a line for each account.
///
/// # Errors
/// When it fails.
pub async fn look(bot: &PathBuf, world: &World, key: &Key, accounts: &[B256]) -> Result<Vec<String>> {
    let accounts: Vec<_> = accounts.iter().map(B256::to_string).collect();
    let mut command = Command::new(bot);
    command
        .env("RPC_URL", world.chain.url())
        .env("PRIVATE_KEY", alloy::hex::encode(key.secret()))
        .env("ENGINE", world.engine.to_string())
        .env("ACCOUNTS", accounts.join(","));
    Ok(tool::run(&mut command).await?.lines().map(str::to_owned).collect())
}
