//! cargo-stylus as its users run it: in a contract's folder, against a node, with a key that pays.

use std::path::{Path, PathBuf};

use alloy::primitives::{Address, B256};
use anyhow::{Context, Result, ensure};
use plimsoll_harness::{
    build,
    prelude::*,
    scenario,
    setup::{self, Setup},
    workspace,
};
use tokio::process::Command;

use crate::tool;

/// A node that was set up, and cargo-stylus on it.
#[derive(Debug)]
pub struct CargoStylus {
    /// The node; an embedded one stops with this.
    pub node: Node,
    /// Connection to it.
    pub chain: Chain,
    /// What stands there.
    pub setup: Setup,
    /// Who signs and pays.
    pub key: Key,
    program: PathBuf,
}

/// What one run of cargo-stylus printed.
#[derive(Clone, Debug)]
pub struct Said {
    /// Whether it ended with status zero.
    pub success: bool,
    /// Standard output, without colours.
    pub out: String,
    /// Standard error, without colours.
    pub err: String,
}

impl CargoStylus {
    /// On the node at `PLIMSOLL_RPC_URL` or an embedded one; `None`, said aloud, when cargo-stylus is not installed.
    ///
    /// # Errors
    /// When the node does not start or cannot be set up.
    pub async fn start() -> Result<Option<Self>> {
        match tool::find("cargo-stylus")? {
            Some(program) => Self::on(Node::start().await?, program).await.map(Some),
            None => Ok(None),
        }
    }

    async fn on(node: Node, program: PathBuf) -> Result<Self> {
        let chain = node.chain().clone();
        let setup = setup::setup(&chain).await?;
        let key = if node.is_embedded() { Key::named("stylus") } else { Key::fresh("stylus") };
        scenario::fund(&chain, [&key]).await?;
        Ok(Self { node, chain, setup, key, program })
    }

    /// Runs a command without node or key, in a folder of the repository.
    ///
    /// # Errors
    /// When the program does not start. That it fails is in [`Said`].
    pub async fn plain(&self, folder: &str, arguments: &[&str]) -> Result<Said> {
        run(&self.program, &workspace::root()?.join(folder), arguments, &[]).await
    }

    /// Runs a command that reads from the node.
    ///
    /// # Errors
    /// As [`Self::plain`].
    pub async fn ask(&self, folder: &str, arguments: &[&str]) -> Result<Said> {
        let node = ["--endpoint", self.chain.url()];
        run(&self.program, &workspace::root()?.join(folder), arguments, &node).await
    }

    /// Runs a command that sends transactions, signed by the key.
    ///
    /// # Errors
    /// As [`Self::plain`].
    pub async fn send(&self, folder: &str, arguments: &[&str]) -> Result<Said> {
        let key = self.key.secret().to_string();
        let node = ["--endpoint", self.chain.url(), "--private-key", &key];
        run(&self.program, &workspace::root()?.join(folder), arguments, &node).await
    }

    /// Deploys a package from its folder, and says where it stands.
    ///
    /// # Errors
    /// When cargo-stylus fails.
    pub async fn deploy(&self, folder: &str, package: &str, arguments: &[&str]) -> Result<Address> {
        let first = ["deploy", "--no-verify", "--contract", package];
        let said = self.send(folder, &[&first, arguments].concat()).await?.succeeded()?;
        said.word_after("deployed code at address: ")?.parse().context("the address")
    }
}

impl Said {
    /// Itself when the program succeeded.
    ///
    /// # Errors
    /// When it did not: with what it printed.
    pub fn succeeded(self) -> Result<Self> {
        ensure!(self.success, "cargo-stylus failed\n{}\n{}", self.out, self.err);
        Ok(self)
    }

    /// What it printed when it failed with that message.
    ///
    /// # Errors
    /// When it succeeded, or said something else.
    pub fn refused(self, message: &str) -> Result<Self> {
        ensure!(!self.success, "cargo-stylus succeeded\n{}\n{}", self.out, self.err);
        ensure!(self.says(message), "cargo-stylus did not say {message:?}\n{}\n{}", self.out, self.err);
        Ok(self)
    }

    /// Whether a text stands in what was printed.
    #[must_use]
    pub fn says(&self, text: &str) -> bool {
        self.out.contains(text) || self.err.contains(text)
    }

    /// The word that follows a text.
    ///
    /// # Errors
    /// When the text was not printed.
    pub fn word_after(&self, text: &str) -> Result<String> {
        let rest = [&self.out, &self.err].into_iter().find_map(|all| all.split_once(text));
        let (_, rest) = rest.with_context(|| format!("no {text:?} in\n{}\n{}", self.out, self.err))?;
        Ok(rest.split_whitespace().next().unwrap_or_default().to_owned())
    }

    /// The hash that follows a text.
    ///
    /// # Errors
    /// When none does.
    pub fn hash_after(&self, text: &str) -> Result<B256> {
        self.word_after(text)?.parse().with_context(|| format!("the hash after {text:?}"))
    }
}

async fn run(program: &Path, folder: &Path, arguments: &[&str], node: &[&str]) -> Result<Said> {
    // Before the command's own options, because the last of them may take any number of values.
    let options = arguments.iter().position(|word| word.starts_with('-')).unwrap_or(arguments.len());
    let (command_words, own) = arguments.split_at(options);
    let mut command = std::process::Command::new(program);
    build::outside_cargo(&mut command);
    // As cargo calls it for `cargo stylus`.
    command.current_dir(folder).arg("stylus").args(command_words).args(node).args(own);
    command.env("CARGO_TARGET_DIR", workspace::target_dir()?).env("CARGO_TERM_COLOR", "never");
    let output = Command::from(command)
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("starting {}", program.display()))?;
    Ok(Said {
        success: output.status.success(),
        out: without_colours(&String::from_utf8_lossy(&output.stdout)),
        err: without_colours(&String::from_utf8_lossy(&output.stderr)),
    })
}

/// The text without the terminal's escape sequences for colours.
#[must_use]
pub fn without_colours(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char == '\u{1b}' {
            // ESC [ ... m
            for inside in chars.by_ref() {
                if inside.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            out.push(char);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_removed_and_nothing_else() {
        assert_eq!(without_colours("a \u{1b}[38;5;183;1m0x12\u{1b}[0;0m b\n"), "a 0x12 b\n");
        assert_eq!(without_colours("plain [m"), "plain [m");
    }
}
