//! viem against the node; the steps are in `js/viem-*.mjs`.

use anyhow::Result;
use plimsoll_tools::script;

#[tokio::test]
async fn viem_deploys_calls_watches_and_decodes_solidity() -> Result<()> {
    script::run("viem", "viem-solidity").await
}

#[tokio::test]
async fn viem_deploys_activates_and_calls_a_stylus_program() -> Result<()> {
    script::run("viem", "viem-stylus").await
}

#[tokio::test]
async fn viem_works_with_the_engine_by_its_abi() -> Result<()> {
    script::run("viem", "viem-engine").await
}

#[tokio::test]
async fn viem_subscribes_by_websocket() -> Result<()> {
    script::run("viem", "viem-websocket").await
}
