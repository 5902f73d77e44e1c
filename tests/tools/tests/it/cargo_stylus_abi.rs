//! `cargo stylus export-abi`, `constructor`, `get-initcode`, and `check` of the project's own contracts.

use alloy::{
    primitives::{Address, Bytes, U256},
    sol,
};
use anyhow::{Context, Result, ensure};
use plimsoll_tools::stylus::CargoStylus;

const COUNTER: &str = "tests/tools/stylus/counter";
const TALLY: &str = "tests/tools/stylus/tally";

const COUNTER_ABI: &str = "\
interface ICounter {
    function number() external view returns (uint256);

    function owner() external view returns (address);

    function setNumber(uint256 number) external;

    function increment() external;

    error NotOwner(address);
}";

sol! {
    #[sol(all_derives)]
    interface Tally {
        function total() external view returns (uint256);
    }
}

/// Lines without spaces at their ends and without repeated spaces inside.
fn tidy(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    text.lines()
        .map(|line| {
            let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{}{words}\n", " ".repeat(if words.is_empty() { 0 } else { indent(line) }))
        })
        .collect()
}

#[tokio::test]
async fn export_abi_prints_the_interface() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    let said = stylus.plain(COUNTER, &["export-abi", "--contract", "stylus-counter"]).await?.succeeded()?;
    ensure!(tidy(&said.out).contains(COUNTER_ABI), "{}", said.out);
    Ok(())
}

#[tokio::test]
async fn constructor_prints_the_signature_or_nothing() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    let said = stylus.plain(COUNTER, &["constructor", "--contract", "stylus-counter"]).await?.succeeded()?;
    assert_eq!(said.out.trim(), "constructor(uint256 start, address owner) payable");
    let said = stylus.plain(TALLY, &["constructor", "--contract", "stylus-tally"]).await?.succeeded()?;
    assert_eq!(said.out.trim(), "");
    Ok(())
}

#[tokio::test]
async fn initcode_deploys_the_same_code_as_deploy() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    let said = stylus.plain(TALLY, &["get-initcode", "--contract", "stylus-tally"]).await?.succeeded()?;
    // PUSH32 length, DUP1, PUSH1 43, PUSH1 0, CODECOPY, PUSH1 0, RETURN, STOP, then the code.
    let hex = said.out.split_whitespace().find(|word| word.starts_with("7f")).context("no init code")?;
    let code: Bytes = hex.parse()?;
    assert_eq!(U256::from_be_slice(&code[1..33]), U256::from(code.len() - 43));
    let by_hand: Address = stylus.chain.create(&stylus.key, code.clone()).await?;
    let deployed = stylus.deploy(TALLY, "stylus-tally", &[]).await?;
    assert_eq!(stylus.chain.code(deployed).await?, code[43..]);
    assert_eq!(stylus.chain.code(by_hand).await?, code[43..]);
    // The activation of one serves both.
    assert_eq!(stylus.chain.call(by_hand, &Tally::totalCall {}).await?, U256::ZERO);
    Ok(())
}

#[tokio::test]
async fn check_passes_every_contract_of_the_project() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    let modules =
        ["trading", "liquidation", "upkeep", "resolution", "collateral", "lens", "preview", "governance"];
    let modules = modules.map(|name| (format!("contracts/engine/{name}"), format!("plimsoll-{name}")));
    let others = [("contracts/oracle", "plimsoll-oracle"), (".", "plimsoll")];
    let others = others.map(|(folder, package)| (folder.to_owned(), package.to_owned()));
    for (folder, package) in modules.into_iter().chain(others) {
        let said = stylus.ask(&folder, &["check", "--contract", &package]).await?.succeeded()?;
        // It also lists the files of the project, one of which is about fragments.
        let size = said.out.lines().find(|line| line.contains("contract size: "));
        ensure!(size.is_some_and(|line| !line.contains("fragment")), "{package}: {said:?}");
        if stylus.node.is_embedded() {
            ensure!(said.says("wasm data fee: "), "{package}: {said:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn export_abi_of_the_engine_names_its_own_functions() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    let said = stylus.plain(".", &["export-abi", "--contract", "plimsoll"]).await?.succeeded()?;
    ensure!(said.out.contains("interface IEngine"), "{}", said.out);
    let said = stylus.plain(".", &["constructor", "--contract", "plimsoll"]).await?.succeeded()?;
    let signature = "constructor(address[] memory modules, address owner, address guardian, address quote_token, address oracle)";
    assert_eq!(said.out.trim(), signature);
    Ok(())
}
