//! What a client does to a node while the clock runs: the same code for every node.

use std::time::{Duration, Instant};

use alloy::{
    primitives::{Address, B256, Bytes, U64, U256},
    rpc::client::RpcClient,
    sol_types::SolCall,
};
use anyhow::{Context, Result, bail, ensure};
use plimsoll_harness::{
    chain::{Chain, Receipt, Tx},
    prelude::*,
    scenario::{self, init_code},
};
use serde_json::{Value, json};

/// Calls, or transactions, in one HTTP request.
pub(crate) const BATCH: usize = 200;
/// Transactions in one HTTP request where anvil is measured too: of batches of 200, anvil 1.7.1 was seen to leave some in its pool
/// for good.
pub(crate) const SMALL_BATCH: usize = 20;
/// How long a receipt may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Wei for the developer's key where it has none.
const RICH: u128 = 1_000_000 * WAD;
/// Gas limit of a transfer.
const TRANSFER_GAS: u64 = 100_000;
/// Whom transfers go to.
const RECIPIENT: Address = Address::repeat_byte(0x42);

/// Transactions or calls a second.
pub(crate) type Rate = f64;

/// A client of a node.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) chain: Chain,
    client: RpcClient,
}

impl Client {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        Ok(Self { chain: Chain::connect(url).await?, client: RpcClient::new_http(url.parse()?) })
    }

    /// Signs transactions of one key in order, before the clock runs.
    pub(crate) async fn sign(&self, txs: &[Tx]) -> Result<Vec<Bytes>> {
        let Some(first) = txs.first() else { return Ok(Vec::new()) };
        let from = first.from.address();
        let next: U64 = self.chain.request("eth_getTransactionCount", (from, "latest")).await?;
        txs.iter().zip(next.to::<u64>()..).map(|(tx, nonce)| self.chain.sign(tx, nonce)).collect()
    }

    /// Sends one transaction after another, each when the receipt of the one before is there.
    pub(crate) async fn one_by_one(&self, raw: &[Bytes]) -> Result<Rate> {
        let began = Instant::now();
        for raw in raw {
            let hash: B256 = self.client.request("eth_sendRawTransaction", [raw]).await?;
            self.included(hash).await?;
        }
        Ok(rate(raw.len(), began))
    }

    /// Sends transactions in batches, each when the last receipt of the one before is there.
    pub(crate) async fn in_batches(&self, raw: &[Bytes], batch: usize) -> Result<Rate> {
        let began = Instant::now();
        for some in raw.chunks(batch) {
            let params = some.iter().map(|raw| json!([raw]));
            let hashes: Vec<B256> = self.batches("eth_sendRawTransaction", params).await?;
            self.included(*hashes.last().context("no transactions")?).await?;
        }
        Ok(rate(raw.len(), began))
    }

    /// Makes the same call one time after another.
    pub(crate) async fn calls_one_by_one(&self, to: Address, data: &Bytes, count: usize) -> Result<Rate> {
        let began = Instant::now();
        for _ in 0..count {
            let _: Bytes = self.client.request("eth_call", (call(to, data), "latest")).await?;
        }
        Ok(rate(count, began))
    }

    /// Makes the same call in batches.
    pub(crate) async fn calls_in_batches(&self, to: Address, data: &Bytes, count: usize) -> Result<Rate> {
        let began = Instant::now();
        let params = json!([call(to, data), "latest"]);
        let _: Vec<Bytes> = self.batches("eth_call", std::iter::repeat_n(params, count)).await?;
        Ok(rate(count, began))
    }

    async fn batches<R: alloy::rpc::json_rpc::RpcRecv>(
        &self,
        method: &'static str,
        params: impl Iterator<Item = Value>,
    ) -> Result<Vec<R>> {
        let params: Vec<Value> = params.collect();
        let mut answers = Vec::with_capacity(params.len());
        for chunk in params.chunks(BATCH) {
            let mut batch = self.client.new_batch();
            let waiters: Vec<_> =
                chunk.iter().map(|p| batch.add_call(method, p)).collect::<Result<_, _>>()?;
            batch.send().await?;
            for waiter in waiters {
                answers.push(waiter.await?);
            }
        }
        Ok(answers)
    }

    /// Asks for a receipt until it is there.
    async fn included(&self, hash: B256) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let receipt: Option<Receipt> = self.client.request("eth_getTransactionReceipt", [hash]).await?;
            if let Some(receipt) = receipt {
                ensure!(receipt.status == U64::from(1), "{hash} failed");
                return Ok(());
            }
        }
        bail!("no receipt of {hash} after {PATIENCE:?}")
    }
}

fn call(to: Address, data: &Bytes) -> Value {
    json!({ "to": to, "data": data })
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn rate(count: usize, began: Instant) -> Rate {
    count as f64 / began.elapsed().as_secs_f64()
}

/// A token on a node, and somebody who has plenty of it.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) client: Client,
    pub(crate) address: Address,
    sender: Key,
    sent: u64,
}

impl Token {
    pub(crate) async fn deploy(url: &str) -> Result<Self> {
        let client = Client::connect(url).await?;
        let (chain, sender) = (&client.chain, Key::named("speed"));
        // Anvil has accounts of its own; both nodes know this method.
        chain.set_balance(Key::dev().address(), U256::from(RICH)).await?;
        scenario::fund(chain, [&sender]).await?;
        let code = init_code("UsdToken", &("US dollar", "USD", U256::from(6)))?;
        let address = chain.create(&sender, code).await?;
        let amount = U256::from(u64::MAX);
        chain.transact(&sender, address, &IToken::mintCall { to: sender.address(), amount }).await?;
        let mut token = Self { client, address, sender, sent: 0 };
        // The first transfer makes the recipient's balance; all others change it.
        let first = token.transfers(1).await?;
        token.client.one_by_one(&first).await?;
        Ok(token)
    }

    /// Transfers of one unit, signed.
    pub(crate) async fn transfers(&mut self, count: usize) -> Result<Vec<Bytes>> {
        self.sent += count as u64;
        let call = IToken::transferCall { to: RECIPIENT, amount: U256::from(1) };
        let tx = Tx::call(&self.sender, self.address, &call).gas(TRANSFER_GAS);
        self.client.sign(&vec![tx; count]).await
    }

    /// Calldata of the question for the recipient's balance.
    pub(crate) fn question() -> Bytes {
        IToken::balanceOfCall { owner: RECIPIENT }.abi_encode().into()
    }

    /// Makes sure that everything that was sent has arrived.
    pub(crate) async fn check(&self) -> Result<()> {
        let question = IToken::balanceOfCall { owner: RECIPIENT };
        let balance = self.client.chain.call(self.address, &question).await?;
        ensure!(balance == U256::from(self.sent), "{balance} of {} transfers arrived", self.sent);
        Ok(())
    }
}
