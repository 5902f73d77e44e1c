//! The node under a scenario: the embedded one by default, any other by `PLIMSOLL_RPC_URL`.

use std::env;

use alloy::primitives::{Address, U256};
use anyhow::{Context, Result};
use serde_json::Value;

use crate::chain::Chain;

/// Environment variable with the address of a running development node.
pub const RPC_URL: &str = "PLIMSOLL_RPC_URL";

/// What a node can do beyond running transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// `evm_snapshot` and `evm_revert`.
    pub snapshots: bool,
    /// `evm_increaseTime`, `evm_setNextBlockTimestamp` and `evm_mine`.
    pub time_travel: bool,
    /// `hardhat_setBalance`.
    pub set_balance: bool,
}

/// How an embedded node runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Unix time of the first block and a clock that ticks one second a block from there, so that two runs give the
    /// same chain; `None` for the wall clock.
    pub start_time: Option<u64>,
    /// Port of the HTTP server; 0 for a free one.
    pub port: u16,
}

/// A node and a connection to it. An embedded one stops when this is dropped.
#[derive(Debug)]
pub struct Node {
    chain: Chain,
    capabilities: Capabilities,
    embedded: Option<plimsoll_devnode::NodeHandle>,
}

impl Node {
    /// The node at `PLIMSOLL_RPC_URL`, or a new embedded one.
    ///
    /// # Errors
    /// When it does not start or does not answer.
    pub async fn start() -> Result<Self> {
        match env::var(RPC_URL) {
            Ok(url) if !url.is_empty() => Self::reach(&url).await,
            _ => Self::embedded(Options::default()).await,
        }
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
            ..Default::default()
        };
        let node = plimsoll_devnode::Node::start(config).await.context("starting the embedded node")?;
        let chain = Chain::connect(node.url()).await?;
        let capabilities = Capabilities { snapshots: true, time_travel: true, set_balance: true };
        Ok(Self { chain, capabilities, embedded: Some(node) })
    }

    /// A node that runs already.
    ///
    /// # Errors
    /// When nobody answers there.
    pub async fn reach(url: &str) -> Result<Self> {
        let chain = Chain::connect(url).await?;
        let capabilities = probe(&chain).await;
        Ok(Self { chain, capabilities, embedded: None })
    }

    /// The connection.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// What the node can do. A test that needs more says so aloud and returns.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// Whether the node belongs to this process alone.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.embedded.is_some()
    }
}

/// Asks for each test method in a way that changes nothing of note.
async fn probe(chain: &Chain) -> Capabilities {
    let none: [u8; 0] = [];
    let nobody = Address::repeat_byte(0xfe);
    Capabilities {
        snapshots: chain.request::<_, Value>("evm_snapshot", none).await.is_ok(),
        time_travel: chain.request::<_, Value>("evm_increaseTime", [0]).await.is_ok(),
        set_balance: chain.request::<_, Value>("hardhat_setBalance", (nobody, U256::ZERO)).await.is_ok(),
    }
}
