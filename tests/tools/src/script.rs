//! Scripts for Node.js, run against a deployment.

use std::time::Duration;

use anyhow::{Context, Result};
use plimsoll_harness::prelude::*;
use serde_json::json;
use tokio::process::Command;

use crate::{keeper, tool};

/// How long a script may take; a few seconds are usual.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// Runs `js/NAME.mjs` against a world, with `alice` and `bob` who hold 1,000 of quote each in their account 0. Prints what
/// the script printed. Says aloud that the test is skipped when Node.js or the npm package is missing.
///
/// # Errors
/// When a step fails, or the script does.
pub async fn run(package: &str, name: &str) -> Result<()> {
    let Some(node) = tool::find("node")? else { return Ok(()) };
    let folder = tool::folder()?;
    if !folder.join("node_modules").join(package).is_dir() {
        eprintln!("SKIPPED: the npm package {package} is not installed (scripts/tools)");
        return Ok(());
    }
    let world = World::start().await?;
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(1_000)).await?;
    let carol = world.user("carol").await?;
    let program = keeper::program()?;
    let about = json!({
        "url": world.chain.url(),
        "chainId": world.chain.chain_id(),
        "embedded": world.node.is_embedded(),
        "firstBlock": world.first_block,
        "engine": world.engine.to_string(),
        "oracle": world.oracle.to_string(),
        "token": world.token.to_string(),
        "keys": {
            "alice": alice.secret(), "bob": bob.secret(), "carol": carol.secret(),
            "owner": world.owner.secret(), "venue": world.venue.secret(),
        },
        "btc": perp(BTC).to_string(),
        "program": { "initCode": program.init_code(), "code": program.code, "codeHash": program.code_hash() },
    });
    let script = folder.join("js").join(format!("{name}.mjs"));
    let mut command = Command::new(node);
    command.arg(script).env("PLIMSOLL_WORLD", about.to_string()).kill_on_drop(true);
    // A socket or a timer that a script leaves behind would keep it alive for ever.
    let out = tokio::time::timeout(TIME_LIMIT, tool::run(&mut command))
        .await
        .with_context(|| format!("{name} has not ended after {TIME_LIMIT:?}"))?
        .with_context(|| name.to_owned())?;
    eprint!("{out}");
    Ok(())
}
