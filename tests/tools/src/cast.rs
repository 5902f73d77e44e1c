//! Foundry's cast, from npm.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, Result, bail, ensure};
use plimsoll_harness::prelude::*;
use serde_json::Value;
use tokio::process::Command;

use crate::tool;

/// cast, pointed at a node.
#[derive(Clone, Debug)]
pub struct Cast {
    program: PathBuf,
    url: String,
}

impl Cast {
    /// cast and a deployment to use it on; `None`, said aloud, when it is not installed.
    ///
    /// # Errors
    /// When the deployment fails.
    pub async fn start() -> Result<Option<(Self, World)>> {
        let Some(program) = find()? else { return Ok(None) };
        let world = World::start().await?;
        let url = world.chain.url().to_owned();
        Ok(Some((Self { program, url }, world)))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        // No caches and no look-ups of signatures elsewhere: what stands in the tests is all that there is.
        command.args(arguments).env("ETH_RPC_URL", &self.url).env("NO_COLOR", "1");
        command.env("FOUNDRY_DISABLE_NIGHTLY_WARNING", "1");
        command
    }

    /// What a command printed, without the last line break.
    ///
    /// # Errors
    /// When it does not end with status zero.
    pub async fn ask(&self, arguments: &[&str]) -> Result<String> {
        Ok(tool::run(&mut self.command(arguments)).await?.trim().to_owned())
    }

    /// What a command printed on both ways out, whatever its status.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn output(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command(arguments).output().await.context("starting cast")?;
        Ok([output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat())
    }

    /// What a command complained of.
    ///
    /// # Errors
    /// When it ends with status zero.
    pub async fn refused(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command(arguments).output().await.context("starting cast")?;
        ensure!(!output.status.success(), "cast {} did not fail", arguments.join(" "));
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Signs and sends; the receipt of a transaction that succeeded.
    ///
    /// # Errors
    /// When the node refuses it or it fails.
    pub async fn send(&self, key: &Key, arguments: &[&str]) -> Result<Value> {
        let receipt = self.send_any(key, arguments).await?;
        ensure!(receipt["status"] == "0x1", "cast send {} failed: {receipt}", arguments.join(" "));
        Ok(receipt)
    }

    /// Signs and sends; the receipt, whatever became of the transaction.
    ///
    /// # Errors
    /// When the node refuses it.
    pub async fn send_any(&self, key: &Key, arguments: &[&str]) -> Result<Value> {
        let key = key.secret().to_string();
        // `--create` ends the options that belong to a call.
        let arguments = [&["send", "--json", "--private-key", &key], arguments].concat();
        let output = self.output(&arguments).await?;
        let Some(line) = output.lines().find(|line| line.starts_with('{')) else {
            bail!("no receipt: {output}")
        };
        Ok(serde_json::from_str(line)?)
    }
}

/// The program itself in the npm package of this platform: npm's wrapper around it drops its exit status. Else one on the
/// path.
fn find() -> Result<Option<PathBuf>> {
    let scope = tool::folder()?.join("node_modules/@foundry-rs");
    for package in fs::read_dir(scope).into_iter().flatten() {
        let program = package?.path().join("bin").join(format!("cast{}", env::consts::EXE_SUFFIX));
        if program.is_file() {
            return Ok(Some(program));
        }
    }
    tool::find("cast")
}
