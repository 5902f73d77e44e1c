//! The smallest liquidator: one look over the accounts it is given, one transaction for each that is below its line.
//!
//! `RPC_URL`, `PRIVATE_KEY`, `ENGINE` and `ACCOUNTS` (comma-separated account ids) come from the environment. The key's
//! subaccount 0 holds collateral and takes positions over.

use std::env;

use alloy::{
    network::EthereumWallet,
    primitives::{Address, B256},
    providers::ProviderBuilder,
    signers::local::PrivateKeySigner,
    sol,
};
use anyhow::{Context, Result};

sol!(
    #[sol(rpc)]
    #[allow(missing_docs, clippy::too_many_arguments)]
    IPlimsoll,
    "../../abi/json/IPlimsoll.json"
);

fn var(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("{name} is not set"))
}

#[tokio::main]
async fn main() -> Result<()> {
    let signer: PrivateKeySigner = var("PRIVATE_KEY")?.parse()?;
    let mut into = B256::ZERO;
    into[..20].copy_from_slice(signer.address().as_slice());
    let provider =
        ProviderBuilder::new().wallet(EthereumWallet::from(signer)).connect_http(var("RPC_URL")?.parse()?);
    let engine = IPlimsoll::new(var("ENGINE")?.parse::<Address>()?, provider);
    let accounts = var("ACCOUNTS")?.split(',').map(str::parse).collect::<Result<Vec<B256>, _>>()?;

    let margins = engine.marginsOf(accounts.clone()).call().await?;
    for (account, margin) in accounts.into_iter().zip(margins) {
        if margin.equity < 0 {
            // Its positions go to their markets' estates; a pass then has insurance and profits pay. Anyone may ask for both.
            engine.bury(account).send().await?.get_receipt().await?;
            continue;
        }
        if margin.equity.unsigned_abs() >= margin.maintenance {
            continue;
        }
        // The engine sizes the close so that the account comes back above its line; one position a look is enough.
        let open = engine.accountOf(account).call().await?.positions;
        let Some(open) = open.iter().find(|position| position.size != 0) else { continue };
        let instrument = open.instrument;
        let quote = engine.quoteLiquidation(account, instrument).call().await?;
        // The discount grows with the shortfall; at worst the position comes at the mark.
        let call = engine.liquidate(account, into, instrument, quote.size, quote.mark);
        let receipt = call.send().await?.get_receipt().await?;
        println!("{account}: took over {} at {} in {}", quote.size, quote.price, receipt.transaction_hash);
    }
    Ok(())
}
