//! `cargo stylus check`, `deploy`, `activate`, `cache` and `codehash-keepalive`, the real program against the node.

use alloy::{
    primitives::{Address, B256, U256, keccak256},
    sol,
};
use anyhow::{Result, ensure};
use plimsoll_harness::{
    bindings::arbitrum::{ARB_WASM, ARB_WASM_CACHE, ArbWasm, ArbWasmCache},
    prelude::*,
};
use plimsoll_tools::stylus::CargoStylus;

const COUNTER: &str = "tests/tools/stylus/counter";
const TALLY: &str = "tests/tools/stylus/tally";
/// Words of `check` that only what is not activated yet gets.
const FEE: &str = "wasm data fee: ";

sol! {
    #[sol(all_derives)]
    interface Counter {
        event Counted(address indexed by, uint256 number);
        error NotOwner(address caller);
        function number() external view returns (uint256);
        function owner() external view returns (address);
        function setNumber(uint256 number) external;
        function increment() external;
    }

    #[sol(all_derives)]
    interface Tally {
        function total() external view returns (uint256);
        function add(uint256 amount) external;
    }
}

async fn code_hash(chain: &Chain, program: Address) -> Result<B256> {
    Ok(keccak256(chain.code(program).await?))
}

async fn number(chain: &Chain, counter: Address) -> Result<U256> {
    Ok(chain.call(counter, &Counter::numberCall {}).await?)
}

#[tokio::test]
async fn check_builds_a_contract_and_asks_the_node_for_its_fee() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    let check = ["check", "--contract", "stylus-tally"];
    let said = stylus.ask(TALLY, &check).await?.succeeded()?;
    ensure!(said.says("contract size: "), "{said:?}");
    if stylus.node.is_embedded() {
        ensure!(said.says(FEE), "{said:?}");
    }
    // What is active needs no fee.
    stylus.deploy(TALLY, "stylus-tally", &[]).await?;
    let said = stylus.ask(TALLY, &check).await?.succeeded()?;
    ensure!(said.says("contract size: ") && !said.says(FEE), "{said:?}");
    Ok(())
}

#[tokio::test]
async fn check_refuses_what_the_node_would_not_activate() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    let folder = plimsoll_harness::workspace::cache_dir("tools")?;
    // (module (memory (export "memory") 1)): no entry point.
    let path = folder.join("no-entrypoint.wasm");
    std::fs::write(&path, b"\0asm\x01\0\0\0\x05\x03\x01\0\x01\x07\x0a\x01\x06memory\x02\0")?;
    let file = path.to_string_lossy();
    // Every node says it in words of its own.
    let message = if stylus.node.is_embedded() { "no export `user_entrypoint`" } else { "error" };
    let check = ["check", "--contract", "stylus-tally", "--wasm-file", &file];
    stylus.ask(TALLY, &check).await?.refused(message)?;
    Ok(())
}

#[tokio::test]
async fn deploy_without_constructor_creates_and_activates() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    let chain = &stylus.chain;
    let before = chain.balance(stylus.key.address()).await?;
    let estimate = ["deploy", "--no-verify", "--contract", "stylus-tally", "--estimate-gas"];
    let said = stylus.send(TALLY, &estimate).await?.succeeded()?;
    ensure!(said.says("deployment tx gas: ") && !said.says("deployed code"), "{said:?}");
    assert_eq!(chain.balance(stylus.key.address()).await?, before);

    let tally = stylus.deploy(TALLY, "stylus-tally", &[]).await?;
    let codehash = code_hash(chain, tally).await?;
    // 2 is the version of Stylus since ArbOS 31.
    assert_eq!(chain.call(ARB_WASM, &ArbWasm::codehashVersionCall { codehash }).await?, 2);
    for amount in [40, 2] {
        chain.transact(&stylus.key, tally, &Tally::addCall { amount: U256::from(amount) }).await?;
    }
    assert_eq!(chain.call(tally, &Tally::totalCall {}).await?, U256::from(42));

    // The same code again needs no activation.
    let said =
        stylus.send(TALLY, &["deploy", "--no-verify", "--contract", "stylus-tally"]).await?.succeeded()?;
    ensure!(said.says("wasm already activated!"), "{said:?}");
    let second: Address = said.word_after("deployed code at address: ")?.parse()?;
    assert_ne!(second, tally);
    assert_eq!(chain.call(second, &Tally::totalCall {}).await?, U256::ZERO);
    Ok(())
}

#[tokio::test]
async fn deploy_with_constructor_goes_through_the_stylus_deployer() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    let (chain, owner) = (&stylus.chain, stylus.key.address().to_string());
    // On a node that others use too, an address of its own.
    let salt = keccak256(stylus.key.address()).to_string();
    let of = |start: &'static str| {
        ["--deployer-salt", &salt, "--constructor-args", start, &owner].map(str::to_owned)
    };
    let arguments = of("7");
    let arguments: Vec<&str> =
        ["--constructor-value", "0.25"].into_iter().chain(arguments.iter().map(String::as_str)).collect();
    let counter = stylus.deploy(COUNTER, "stylus-counter", &arguments).await?;
    assert_eq!(number(chain, counter).await?, U256::from(7));
    assert_eq!(chain.call(counter, &Counter::ownerCall {}).await?, stylus.key.address());
    assert_eq!(chain.balance(counter).await?, U256::from(WAD / 4));

    let receipt = chain.transact(&stylus.key, counter, &Counter::incrementCall {}).await?;
    let event: Counter::Counted = receipt.event()?;
    assert_eq!((event.by, event.number), (stylus.key.address(), U256::from(8)));
    chain.transact(&stylus.key, counter, &Counter::setNumberCall { number: U256::from(100) }).await?;
    assert_eq!(number(chain, counter).await?, U256::from(100));
    let stranger = Counter::setNumberCall { number: U256::ZERO };
    let error: Counter::NotOwner = chain.call(counter, &stranger).await.map(|_| ()).expect_revert()?;
    assert_eq!(error.caller, Address::ZERO);

    // The same salt is the same address, which is taken; with another one it deploys what is activated already.
    let deploy = ["deploy", "--no-verify", "--contract", "stylus-counter"];
    let again = stylus.send(COUNTER, &[&deploy[..], &arguments].concat()).await?;
    ensure!(!again.success, "{again:?}");
    let salt = keccak256(&salt).to_string();
    let arguments = ["--deployer-salt", &salt, "--constructor-args", "1", &owner];
    let second = stylus.deploy(COUNTER, "stylus-counter", &arguments).await?;
    assert_eq!(
        (number(chain, second).await?, number(chain, counter).await?),
        (U256::from(1), U256::from(100))
    );

    // What cargo-stylus itself refuses.
    let deploy = [&deploy[..], &["--constructor-args", "1"]].concat();
    stylus.send(COUNTER, &deploy).await?.refused("mismatch number of constructor arguments")?;
    Ok(())
}

#[tokio::test]
async fn activate_makes_deployed_code_callable_once() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    if !stylus.node.is_embedded() {
        eprintln!("SKIPPED: on a node that others use too the contract may be active already");
        return Ok(());
    }
    let chain = &stylus.chain;
    let deploy = ["deploy", "--no-verify", "--contract", "stylus-tally", "--no-activate"];
    let said = stylus.send(TALLY, &deploy).await?.succeeded()?;
    let tally: Address = said.word_after("deployed code at address: ")?.parse()?;
    ensure!(chain.call(tally, &Tally::totalCall {}).await.is_err(), "it runs before its activation");

    let address = tally.to_string();
    let estimate =
        stylus.send(TALLY, &["activate", "--address", &address, "--estimate-gas"]).await?.succeeded()?;
    let gas: u64 = estimate.word_after("activation tx gas: ")?.parse()?;
    // An activation pays 1,659,168 gas before it looks at the program.
    ensure!(gas > 1_659_168, "{gas}");
    ensure!(chain.call(tally, &Tally::totalCall {}).await.is_err(), "the estimate activated it");

    let said = stylus.send(TALLY, &["activate", "--address", &address]).await?.succeeded()?;
    ensure!(said.says("successfully activated contract"), "{said:?}");
    assert_eq!(chain.call(tally, &Tally::totalCall {}).await?, U256::ZERO);

    let up_to_date = selector::<ArbWasm::ProgramUpToDate>();
    let again = stylus.send(TALLY, &["activate", "--address", &address]).await?.refused(&up_to_date)?;
    ensure!(!again.says("successfully"), "{again:?}");
    Ok(())
}

#[tokio::test]
async fn cache_bids_are_taken_and_shown() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    if !stylus.node.is_embedded() {
        eprintln!("SKIPPED: on a node that others use too the contract may be cached already");
        return Ok(());
    }
    let chain = &stylus.chain;
    let tally = stylus.deploy(TALLY, "stylus-tally", &["--no-activate"]).await?.to_string();
    let inactive = "Your Stylus contract is not yet activated";
    stylus.ask(TALLY, &["cache", "suggest-bid", &tally]).await?.refused(inactive)?;
    stylus.send(TALLY, &["cache", "bid", &tally, "0"]).await?.refused(inactive)?;

    stylus.send(TALLY, &["activate", "--address", &tally]).await?.succeeded()?;
    let said = stylus.ask(TALLY, &["cache", "suggest-bid", &tally]).await?.succeeded()?;
    assert_eq!(said.word_after(&format!("Minimum bid for contract {tally}: "))?, "0");
    let status = ["cache", "status", "--address", &tally];
    let said = stylus.ask(TALLY, &status).await?.succeeded()?;
    assert_eq!(said.word_after("Cache manager address: ")?.parse::<Address>()?, stylus.setup.cache_manager);
    ensure!(said.says("Cache manager status: \"active\""), "{said:?}");
    ensure!(said.says("is not yet cached") && said.says("bids of size 0 are accepted"), "{said:?}");

    // A bid of 5 wei comes back.
    let said = stylus.send(TALLY, &["cache", "bid", &tally, "5"]).await?.succeeded()?;
    ensure!(said.says("Successfully cached contract"), "{said:?}");
    assert_eq!(chain.balance(stylus.setup.cache_manager).await?, U256::ZERO);
    let said = stylus.ask(TALLY, &status).await?.succeeded()?;
    ensure!(said.says("is cached") && !said.says("Queue size: 0 B"), "{said:?}");
    let codehash = code_hash(chain, tally.parse()?).await?;
    ensure!(chain.call(ARB_WASM_CACHE, &ArbWasmCache::codehashIsCachedCall { codehash }).await?);
    stylus.send(TALLY, &["cache", "bid", &tally, "0"]).await?.refused("Stylus contract is already cached")?;
    Ok(())
}

#[tokio::test]
async fn keepalive_is_refused_when_too_soon_and_when_unpaid() -> Result<()> {
    let Some(stylus) = CargoStylus::start().await? else { return Ok(()) };
    let chain = &stylus.chain;
    let tally = stylus.deploy(TALLY, "stylus-tally", &[]).await?;
    let codehash = code_hash(chain, tally).await?.to_string();
    let keepalive = ["codehash-keepalive", "--codehash", &codehash];
    // ProgramKeepaliveTooSoon(uint64)
    stylus.send(TALLY, &keepalive).await?.refused(&selector::<ArbWasm::ProgramKeepaliveTooSoon>())?;
    if !stylus.node.is_embedded() {
        eprintln!("SKIPPED: a month passes only on a node of one's own");
        return Ok(());
    }
    // After 31 days it is possible for a fee, which cargo-stylus 0.10.10 does not send.
    chain.increase_time(32 * 86_400).await?;
    stylus.send(TALLY, &keepalive).await?.refused(&selector::<ArbWasm::ProgramInsufficientValue>())?;
    Ok(())
}

fn selector<E: alloy::sol_types::SolError>() -> String {
    alloy::hex::encode(E::SELECTOR)
}
