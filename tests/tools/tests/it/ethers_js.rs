//! ethers.js v6 against the node; the steps are in `js/ethers-*.mjs`.

use anyhow::Result;
use plimsoll_tools::script;

#[tokio::test]
async fn ethers_deploys_calls_watches_and_decodes_solidity() -> Result<()> {
    script::run("ethers", "ethers-solidity").await
}

#[tokio::test]
async fn ethers_deploys_activates_and_calls_a_stylus_program() -> Result<()> {
    script::run("ethers", "ethers-stylus").await
}

#[tokio::test]
async fn ethers_works_with_the_engine_by_its_abi() -> Result<()> {
    script::run("ethers", "ethers-engine").await
}

#[tokio::test]
async fn ethers_subscribes_by_websocket() -> Result<()> {
    script::run("ethers", "ethers-websocket").await
}
