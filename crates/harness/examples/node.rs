//! An embedded node that other processes reach by `PLIMSOLL_RPC_URL`, until Ctrl-C.
//!
//! `cargo run -p plimsoll-harness --example node -- 8547`

use anyhow::{Context, Result};
use plimsoll_harness::node::{Node, Options};

#[tokio::main]
async fn main() -> Result<()> {
    let port = match std::env::args().nth(1) {
        Some(port) => port.parse().with_context(|| format!("{port} is no port"))?,
        None => 0,
    };
    let node = Node::embedded(Options { port, ..Options::default() }).await?;
    println!("PLIMSOLL_RPC_URL={}", node.chain().url());
    tokio::signal::ctrl_c().await?;
    Ok(())
}
