//! The node under a scenario: the embedded one by default, any other by `PLIMSOLL_RPC_URL`.

use std::{
    env, fmt,
    io::{self, Write},
};

use alloy::primitives::{Address, B256, U256, keccak256};
use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    chain::Chain,
    workspace::{self, Lock},
};

/// Environment variable with the address of a running development node.
pub const RPC_URL: &str = "PLIMSOLL_RPC_URL";

/// One thing that a node may be able to do beyond running transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// `evm_snapshot` and `evm_revert`.
    Snapshots,
    /// `evm_increaseTime`, `evm_setNextBlockTimestamp` and `evm_mine`.
    TimeTravel,
    /// `hardhat_setBalance`.
    SetBalance,
    /// `hardhat_setStorageAt`.
    SetStorage,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Snapshots => "snapshots",
            Self::TimeTravel => "time travel",
            Self::SetBalance => "setting of balances",
            Self::SetStorage => "setting of storage",
        })
    }
}

/// What a node can do beyond running transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// [`Capability::Snapshots`].
    pub snapshots: bool,
    /// [`Capability::TimeTravel`].
    pub time_travel: bool,
    /// [`Capability::SetBalance`].
    pub set_balance: bool,
    /// [`Capability::SetStorage`].
    pub set_storage: bool,
}

impl Capabilities {
    /// Every one of them, or none.
    #[must_use]
    pub const fn all(given: bool) -> Self {
        Self { snapshots: given, time_travel: given, set_balance: given, set_storage: given }
    }

    /// Whether this one is among them.
    #[must_use]
    pub const fn has(self, capability: Capability) -> bool {
        match capability {
            Capability::Snapshots => self.snapshots,
            Capability::TimeTravel => self.time_travel,
            Capability::SetBalance => self.set_balance,
            Capability::SetStorage => self.set_storage,
        }
    }
}

/// How an embedded node runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Unix time of the first block and a clock that ticks one second a block from there, so that two runs give the
    /// same chain; `None` for the wall clock.
    pub start_time: Option<u64>,
    /// Port of the HTTP server; 0 for a free one.
    pub port: u16,
    /// Without the methods that only development nodes have (`evm_*`, `hardhat_*`, `anvil_*`), as Nitro is.
    pub plain: bool,
}

/// A node and a connection to it. An embedded one stops when this is dropped.
#[derive(Debug)]
pub struct Node {
    chain: Chain,
    capabilities: Capabilities,
    embedded: Option<plimsoll_devnode::NodeHandle>,
    alone: bool,
    #[expect(dead_code, reason = "held for its drop")]
    turn: Option<Lock>,
}

impl Node {
    /// The node at `PLIMSOLL_RPC_URL`, shared with whoever else uses it, or a new embedded one.
    ///
    /// While this lives, nobody who asked for the node by [`Self::alone`] has it.
    ///
    /// # Errors
    /// When it does not start or does not answer.
    pub async fn start() -> Result<Self> {
        Self::start_with(Options::default()).await
    }

    /// As [`Self::start`], with options for the embedded node.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(options: Options) -> Result<Self> {
        let Some(url) = given_url() else { return Self::embedded(options).await };
        let turn = turn(&url, workspace::lock_shared).await?;
        Ok(Self { turn: Some(turn), ..Self::reach(&url).await? })
    }

    /// The node at `PLIMSOLL_RPC_URL`, with nobody else on it, or a new embedded one: for a test that needs these
    /// capabilities, since the clock and the state are everybody's. `None` where the node lacks one; standard error has
    /// then got a line `SKIPPED test: why`, whether the test's output is captured or not.
    ///
    /// Alone means that no other process or test that uses [`Self::start`] or this is at work there. Who waits for it
    /// while holding a node of its own at the same address waits for ever.
    ///
    /// # Errors
    /// When it does not start or does not answer.
    pub async fn alone(test: &str, needs: &[Capability], options: Options) -> Result<Option<Self>> {
        let Some(url) = given_url() else { return Ok(Some(Self::embedded(options).await?)) };
        // Probing is for those who are on the node; nobody is kept waiting for a test that will not run.
        let shared = turn(&url, workspace::lock_shared).await?;
        let able = Self::reach(&url).await?.require(test, needs);
        drop(shared);
        if !able {
            return Ok(None);
        }
        let turn = turn(&url, workspace::lock).await?;
        Ok(Some(Self { turn: Some(turn), alone: true, ..Self::reach(&url).await? }))
    }

    /// A new embedded node.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn embedded(options: Options) -> Result<Self> {
        let config = plimsoll_devnode::Config {
            port: options.port,
            genesis_time: options.start_time,
            wall_clock: options.start_time.is_none(),
            development_methods: !options.plain,
            ..Default::default()
        };
        let node = plimsoll_devnode::Node::start(config).await.context("starting the embedded node")?;
        let chain = Chain::connect(node.url()).await?;
        let capabilities = Capabilities::all(!options.plain);
        Ok(Self { chain, capabilities, embedded: Some(node), alone: true, turn: None })
    }

    /// A node that runs already, without waiting for anybody who uses it.
    ///
    /// # Errors
    /// When nobody answers there.
    pub async fn reach(url: &str) -> Result<Self> {
        let chain = Chain::connect(url).await?;
        let capabilities = probe(&chain).await;
        Ok(Self { chain, capabilities, embedded: None, alone: false, turn: None })
    }

    /// The connection.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// What the node can do.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// Whether the node has all of these. If not, standard error gets a line `SKIPPED test: why`, and the test should
    /// return.
    #[must_use]
    pub fn require(&self, test: &str, needs: &[Capability]) -> bool {
        let missing = needs.iter().find(|&&capability| !self.capabilities.has(capability));
        if let Some(capability) = missing {
            skipped(test, &format!("needs {capability}, which the node at {} has not got", self.chain.url()));
        }
        missing.is_none()
    }

    /// Whether the node was started by this process.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.embedded.is_some()
    }

    /// Whether nobody else is at work on the node: it is embedded, or was asked for by [`Self::alone`].
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.alone
    }
}

/// Says on standard error that a test is skipped, past the capture of a test's output.
pub fn skipped(test: &str, why: &str) {
    // Not eprintln!, which the test harness swallows when the test passes; that nobody listens is no failure.
    let _ = writeln!(io::stderr().lock(), "SKIPPED {test}: {why}");
}

/// Path of the function that this stands in, as tests are named on the command line.
#[macro_export]
macro_rules! test_name {
    () => {{
        const fn here() {}
        $crate::node::function_name(&here)
    }};
}

/// Name of the function that `inner`, a function without captures, is written in, below its executable; async blocks do
/// not count.
#[doc(hidden)]
#[must_use]
pub fn function_name<F>(_inner: &F) -> &'static str {
    let path = std::any::type_name::<F>();
    let path = path.strip_suffix("::here").unwrap_or(path);
    let path = path.strip_prefix("it::").unwrap_or(path);
    path.trim_end_matches("::{{closure}}")
}

fn given_url() -> Option<String> {
    env::var(RPC_URL).ok().filter(|url| !url.is_empty())
}

/// Waits for a turn on the node at `url`.
async fn turn(url: &str, lock: fn(&str) -> Result<Lock>) -> Result<Lock> {
    let digest: B256 = keccak256(url.trim_end_matches('/'));
    let name = format!("node-{}", alloy::hex::encode(&digest[..8]));
    tokio::task::spawn_blocking(move || lock(&name)).await?
}

/// Asks for each test method in a way that changes nothing of note.
async fn probe(chain: &Chain) -> Capabilities {
    let none: [u8; 0] = [];
    let nobody = Address::repeat_byte(0xfe);
    let nothing = (nobody, U256::ZERO, B256::ZERO);
    Capabilities {
        snapshots: chain.request::<_, Value>("evm_snapshot", none).await.is_ok(),
        time_travel: chain.request::<_, Value>("evm_increaseTime", [0]).await.is_ok(),
        set_balance: chain.request::<_, Value>("hardhat_setBalance", (nobody, U256::ZERO)).await.is_ok(),
        set_storage: chain.request::<_, Value>("hardhat_setStorageAt", nothing).await.is_ok(),
    }
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn test_name_is_the_functions_path_past_async_blocks() {
        let name = async { test_name!() }.await;
        assert_eq!(name, "plimsoll_harness::node::tests::test_name_is_the_functions_path_past_async_blocks");
    }
}
