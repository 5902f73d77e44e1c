//! A liquidator by ethers-rs, with the calls that `abigen!` makes of the committed ABI: one look over the accounts it is
//! given, one transaction for each that is below its line.
//!
//! `RPC_URL`, `PRIVATE_KEY`, `ENGINE` and `ACCOUNTS` (comma-separated account ids) come from the environment. The key's
//! subaccount 0 holds collateral and takes positions over. Prints one line for each account and exits 0 when all of
//! them could be looked at.

use std::{env, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use ethers::{
    abi::AbiDecode,
    contract::{ContractCall, ContractError, abigen},
    core::types::{Address, H256, TransactionReceipt},
    middleware::SignerMiddleware,
    providers::{Http, Middleware, Provider},
    signers::{LocalWallet, Signer},
};

abigen!(IPlimsoll, "../../../abi/json/IPlimsoll.json");

/// A node that signs with the bot's key.
type Client = SignerMiddleware<Provider<Http>, LocalWallet>;
/// An account's id.
type Id = [u8; 32];

/// How often to ask for a receipt.
const POLL: Duration = Duration::from_millis(20);

fn var(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("{name} is not set"))
}

fn show(account: Id) -> H256 {
    H256(account)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let provider = Provider::<Http>::try_from(var("RPC_URL")?)?.interval(POLL);
    let chain_id = provider.get_chainid().await?.as_u64();
    let wallet = var("PRIVATE_KEY")?.parse::<LocalWallet>()?.with_chain_id(chain_id);
    let mut into = [0; 32];
    into[..20].copy_from_slice(wallet.address().as_bytes());
    let client = Arc::new(SignerMiddleware::new(provider, wallet));
    let engine = IPlimsoll::new(var("ENGINE")?.parse::<Address>()?, client);
    let accounts =
        var("ACCOUNTS")?.split(',').map(|id| Ok(id.parse::<H256>()?.0)).collect::<Result<Vec<Id>>>()?;

    let margins = engine.margins_of(accounts.clone()).call().await?;
    ensure!(margins.len() == accounts.len(), "{} margins of {} accounts", margins.len(), accounts.len());
    for (account, margin) in accounts.into_iter().zip(margins) {
        let line = if margin.equity < 0 {
            resolve(&engine, account).await?
        } else if margin.equity.unsigned_abs() < margin.maintenance {
            liquidate(&engine, account, into).await?
        } else {
            format!("healthy: equity {}, maintenance {}", margin.equity, margin.maintenance)
        };
        println!("{:?}: {line}", show(account));
    }
    Ok(())
}

/// Takes over as much of the account's first position as the engine lets go.
async fn liquidate(engine: &IPlimsoll<Client>, account: Id, into: Id) -> Result<String> {
    let (_, _, positions) = engine.account_of(account).call().await?;
    let Some(position) = positions.first() else { return Ok("has no position".into()) };
    let quote = engine.quote_liquidation(account, position.instrument).call().await?;
    // The discount grows with the shortfall; at worst the position comes at the mark.
    let call = engine.liquidate(account, into, position.instrument, quote.size, quote.mark);
    let receipt = match attempt(call).await? {
        Ok(receipt) => receipt,
        Err(refusal) => return Ok(refusal),
    };
    // The event as the node's log filter gives it, found by its indexed account.
    let block = receipt.block_number.context("a receipt without block")?;
    let events = engine
        .event::<LiquidatedFilter>()
        .from_block(block)
        .to_block(block)
        .topic1(show(account))
        .query_with_meta()
        .await?;
    let [(event, meta)] = events.as_slice() else { bail!("{} events Liquidated", events.len()) };
    ensure!(meta.transaction_hash == receipt.transaction_hash, "an event of {:?}", meta.transaction_hash);
    ensure!(event.account == account && event.liquidator == into, "an event of others: {event:?}");
    Ok(format!(
        "liquidated: size {}, price {}, fee {}, equity {} -> {}",
        event.size, event.price, event.fee, event.equity_before, event.equity_after
    ))
}

/// Burial, then a pass in each market whose estate it fed. Insurance, profits, recorded loss: the engine does it all; anyone may
/// ask it to.
async fn resolve(engine: &IPlimsoll<Client>, account: Id) -> Result<String> {
    let receipt = match attempt(engine.bury(account)).await? {
        Ok(receipt) => receipt,
        Err(refusal) => return Ok(refusal),
    };
    let block = receipt.block_number.context("a receipt without block")?;
    let interred = engine
        .event::<InterredFilter>()
        .from_block(block)
        .to_block(block)
        .topic1(show(account))
        .query()
        .await?;
    let mut passes = Vec::new();
    for estate in interred {
        // The price must be newer than the market's last fill; a refused pass can be asked for again.
        let receipt = match attempt(engine.deleverage(estate.instrument)).await? {
            Ok(receipt) => receipt,
            Err(refusal) => {
                passes.push(refusal);
                continue;
            }
        };
        let block = receipt.block_number.context("a receipt without block")?;
        let events = engine.event::<DeleveragedFilter>().from_block(block).to_block(block).query().await?;
        passes.extend(events.iter().map(|event| format!("size {}, deficit {}", event.size, event.deficit)));
    }
    Ok(format!("buried; passes: {}", passes.join("; ")))
}

/// Simulates the call, so that a refusal costs nothing, and sends it.
async fn attempt<D>(call: ContractCall<Client, D>) -> Result<std::result::Result<TransactionReceipt, String>>
where
    D: ethers::abi::Detokenize + Send + Sync,
{
    if let Err(error) = call.call().await {
        return refusal(error).map(Err);
    }
    let receipt = call.send().await?.await?.context("the transaction vanished")?;
    ensure!(receipt.status == Some(1.into()), "{:?} reverted", receipt.transaction_hash);
    Ok(Ok(receipt))
}

/// The engine's typed error, in words.
fn refusal(error: ContractError<Client>) -> Result<String> {
    let Some(data) = error.as_revert() else { return Err(error.into()) };
    Ok(match IPlimsollErrors::decode(data)? {
        IPlimsollErrors::InsufficientMargin(InsufficientMargin { account, equity, initial }) => {
            format!("refused: {:?} has {equity} and needs {initial}", show(account))
        }
        other => format!("refused: {other:?}"),
    })
}
