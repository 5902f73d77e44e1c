//! Writes `SIZE.md`: what each contract weighs. See `scripts/size --help`.

use std::process::ExitCode;

use alloy::primitives::U256;
use anyhow::{Context, Result};
use plimsoll_e2e::table::{exit, finish, grouped, markdown, wants_check};
use plimsoll_harness::{
    bindings::arbitrum::{
        ARB_WASM,
        ArbWasm::{activateProgramCall, codehashVersionCall, programInitGasCall, programMemoryFootprintCall},
    },
    build::{self, MODULES, ORACLE, RISK_MODEL, RISK_MODULES, ROUTER},
    prelude::*,
    setup,
    wasm::{MAX_CODE_SIZE, MAX_PAGES},
};

const HELP: &str = "scripts/size [--check]

Builds every contract, activates it on a new embedded node and writes SIZE.md, and the rows of it that pages quote.

  --check     write nothing; fail when SIZE.md differs
  -h, --help  this text";

/// Wei that an activation may cost; it keeps the data fee and returns the rest.
const FEE: u128 = WAD / 100;

#[tokio::main]
async fn main() -> ExitCode {
    exit("size", run().await)
}

async fn run() -> Result<()> {
    let Some(check) = wants_check(HELP)? else { return Ok(()) };
    let node = Node::embedded(plimsoll_e2e::book::node_options()).await?;
    let chain = node.chain();
    setup::setup(chain).await?;
    let contracts = build::contracts().await?;
    let dev = Key::dev();
    let mut rows = Vec::new();
    for package in [ROUTER].into_iter().chain(MODULES).chain([ORACLE, RISK_MODEL]).chain(RISK_MODULES) {
        let program = contracts.get(package)?;
        // The price of data follows activations: each contract is the first.
        let snapshot = chain.snapshot().await?;
        let at = chain.create(&dev, program.init_code()).await?;
        let activate = Tx::call(&dev, ARB_WASM, &activateProgramCall { program: at }).value(U256::from(FEE));
        let receipt = chain.send(activate).await.with_context(|| format!("activating {package}"))?;
        let event: plimsoll_harness::bindings::arbitrum::ArbWasm::ProgramActivated = receipt.event()?;
        let version = chain.call(ARB_WASM, &codehashVersionCall { codehash: program.code_hash() }).await?;
        anyhow::ensure!(version == event.version, "{package} is active in version {version}");
        let gas = chain.call(ARB_WASM, &programInitGasCall { program: at }).await?;
        let pages = chain.call(ARB_WASM, &programMemoryFootprintCall { program: at }).await?;
        rows.push(vec![
            package.to_owned(),
            grouped(program.code.len() as u128),
            grouped(program.wasm.len() as u128),
            pages.to_string(),
            grouped(gas.gasWhenCached.into()),
            grouped(gas.gas.into()),
            grouped(receipt.gas().into()),
            grouped(event.dataFee.to::<u128>() / 1_000_000_000),
        ]);
        chain.revert_to(snapshot).await?;
    }
    let head = [
        "contract",
        "code, bytes",
        "WASM, bytes",
        "pages",
        "call, cached",
        "call, not cached",
        "activation, gas",
        "data fee, gwei",
    ];
    let text = format!(
        "# Sizes\n\nWritten by `scripts/size`; not to be edited.\n\n\
         Code is what is deployed: four bytes of prefix and the brotli stream, at most {} bytes by the project's own \
         rule (24,576 by the chain's). WASM is the module after decompression, before the chain's instrumentation. The \
         first {MAX_PAGES} pages of memory of a transaction are free. A call costs what `ArbWasm.programInitGas` \
         says before the program's first instruction; the harness caches every program.\n\n{}",
        grouped(MAX_CODE_SIZE as u128),
        markdown(1, &head, &rows)
    );
    finish("SIZE.md", &text, check)
}
