//! An embedded node that other processes reach by `PLIMSOLL_RPC_URL`, until Ctrl-C.
//!
//! `cargo run -p plimsoll-harness --example node -- 8547`; `--plain` after it for a node without the methods that only
//! development nodes have, as Nitro is.

use anyhow::{Context, Result};
use plimsoll_harness::node::{Node, Options};

#[tokio::main]
async fn main() -> Result<()> {
    let mut options = Options::default();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--plain" => options.plain = true,
            port => options.port = port.parse().with_context(|| format!("{port} is no port"))?,
        }
    }
    let node = Node::embedded(options).await?;
    println!("PLIMSOLL_RPC_URL={}", node.chain().url());
    tokio::signal::ctrl_c().await?;
    Ok(())
}
