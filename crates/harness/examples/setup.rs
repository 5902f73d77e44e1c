//! Sets up the development node at `PLIMSOLL_RPC_URL` and prints what stands where: what `scripts/devnode --nitro` runs
//! once Nitro answers.
//!
//! `cargo run -p plimsoll-harness --example setup -- --wait 120 --arbos 60`

use std::{env, time::Duration};

use alloy::{
    primitives::{Address, U256, address},
    sol,
};
use anyhow::{Context, Result, bail, ensure};
use plimsoll_harness::{
    bindings::arbitrum::{ARB_DEBUG, ARB_OWNER, ARB_WASM, ARB_WASM_CACHE},
    chain::Chain,
    key::{DEV_KEY, Key},
    node::RPC_URL,
    setup::{self, CREATE2_FACTORY, STYLUS_DEPLOYER},
};

/// `ArbSys`, which knows the version of ArbOS.
const ARB_SYS: Address = address!("0000000000000000000000000000000000000064");
/// What `ArbSys.arbOSVersion` adds to the version.
const CLASSIC_VERSIONS: u64 = 55;
/// Blocks within which a scheduled upgrade must have happened: it is made at the start of a block.
const UPGRADE_BLOCKS: u32 = 20;

sol! {
    function arbOSVersion() external view returns (uint256);
    function scheduleArbOSUpgrade(uint64 newVersion, uint64 timestamp) external;
}

#[tokio::main]
async fn main() -> Result<()> {
    let (mut wait, mut arbos) = (0, None);
    let mut arguments = env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().with_context(|| format!("{name} wants a number"))?;
        let value: u64 = value.parse().with_context(|| format!("{name} {value}: no number"))?;
        match name.as_str() {
            "--wait" => wait = value,
            "--arbos" => arbos = Some(value),
            other => bail!("{other} is no option; there are --wait SECONDS and --arbos VERSION"),
        }
    }
    let url = env::var(RPC_URL).with_context(|| format!("{RPC_URL} must name the node"))?;
    let chain = connect(&url, Duration::from_secs(wait)).await?;
    let placed = setup::setup(&chain).await?;
    if let Some(version) = arbos {
        upgrade(&chain, version).await?;
    }

    let dev = Key::dev().address();
    println!("node             {url}");
    println!("chain id         {}", chain.chain_id());
    println!("ArbOS            {}", version(&chain).await?);
    println!("developer        {dev}, chain owner, {} ether", ether(chain.balance(dev).await?));
    println!("its private key  {DEV_KEY}");
    for (name, address) in [
        ("CREATE2 factory", CREATE2_FACTORY),
        ("StylusDeployer", STYLUS_DEPLOYER),
        ("cache manager", placed.cache_manager),
        ("ArbSys", ARB_SYS),
        ("ArbOwner", ARB_OWNER),
        ("ArbWasm", ARB_WASM),
        ("ArbWasmCache", ARB_WASM_CACHE),
        ("ArbDebug", ARB_DEBUG),
    ] {
        println!("{name:<16} {address}");
    }
    Ok(())
}

/// Connects as soon as somebody answers.
async fn connect(url: &str, wait: Duration) -> Result<Chain> {
    let began = std::time::Instant::now();
    loop {
        match Chain::connect(url).await {
            Err(_) if began.elapsed() < wait => tokio::time::sleep(Duration::from_millis(250)).await,
            answer => return answer,
        }
    }
}

async fn version(chain: &Chain) -> Result<u64> {
    let version: U256 = chain.call(ARB_SYS, &arbOSVersionCall {}).await?;
    Ok(version.to::<u64>().saturating_sub(CLASSIC_VERSIONS))
}

/// Has the chain run this version of ArbOS.
async fn upgrade(chain: &Chain, wanted: u64) -> Result<()> {
    let found = version(chain).await?;
    ensure!(found <= wanted, "the node runs ArbOS {found}, and there is no way back to {wanted}");
    if found == wanted {
        return Ok(());
    }
    let call = scheduleArbOSUpgradeCall { newVersion: wanted, timestamp: 0 };
    chain.transact(&Key::dev(), ARB_OWNER, &call).await.context("ArbOwner.scheduleArbOSUpgrade")?;
    for _ in 0..UPGRADE_BLOCKS {
        chain.mine_by_transfer().await?;
        if version(chain).await? == wanted {
            return Ok(());
        }
    }
    bail!(
        "the node still runs ArbOS {} after {UPGRADE_BLOCKS} blocks: does it know {wanted}?",
        version(chain).await?
    )
}

/// Whole ether.
fn ether(wei: U256) -> U256 {
    wei / U256::from(1_000_000_000_000_000_000_u128)
}
