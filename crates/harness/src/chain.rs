//! A connection to a node: typed calls, transactions with local nonces, batches, and the node's test methods.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use alloy::{
    consensus::{SignableTransaction, TxEip1559, TxEnvelope},
    eips::eip2718::Encodable2718,
    primitives::{Address, B256, Bytes, U64, U256},
    providers::{DynProvider, Provider, ProviderBuilder},
    rpc::{
        client::RpcClient,
        json_rpc::{RpcError, RpcRecv, RpcSend},
        types::Log,
    },
    sol_types::{SolCall, SolEvent},
    transports::{TransportError, TransportErrorKind},
};
use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::{Value, json};

use crate::{
    key::Key,
    revert::{Failure, Revert},
};

pub use crate::tx::{DEFAULT_GAS, Head, Receipt, Tx};

/// Requests sent in one HTTP request.
const BATCH: usize = 200;
/// Fee per gas relative to the price that the node asks: the base fee moves on Nitro, and unused fee is not paid.
const FEE_MARGIN: u128 = 10;
/// How often and how long to ask for a receipt that a node does not have at once.
const RECEIPT_TRIES: u32 = 200;
const RECEIPT_PAUSE: Duration = Duration::from_millis(25);
/// How often a transaction is sent again with a fresh nonce when another process used the same key.
const NONCE_TRIES: u32 = 20;

/// A connection to a node. Clones share nonces.
#[derive(Clone)]
pub struct Chain {
    inner: Arc<Inner>,
}

struct Inner {
    url: String,
    client: RpcClient,
    provider: DynProvider,
    chain_id: u64,
    max_fee: u128,
    /// Next nonce of each key that has sent through this connection.
    nonces: Mutex<HashMap<Address, u64>>,
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("url", &self.inner.url).field("chain_id", &self.inner.chain_id).finish()
    }
}

impl Chain {
    /// Connects to the node at `url` and asks for its chain id and gas price.
    ///
    /// # Errors
    /// When the address is malformed or nobody answers there.
    pub async fn connect(url: &str) -> Result<Self> {
        let parsed = url.parse().with_context(|| format!("{url} is no address of a node"))?;
        let client = RpcClient::new_http(parsed);
        let ask = |method: &'static str| {
            let client = client.clone();
            async move {
                let answer: U256 = client
                    .request_noparams(method)
                    .await
                    .with_context(|| format!("no node answers {method} at {url}"))?;
                Ok::<_, anyhow::Error>(answer)
            }
        };
        let chain_id = ask("eth_chainId").await?.to();
        let max_fee = ask("eth_gasPrice").await?.to::<u128>().max(1) * FEE_MARGIN;
        let provider = ProviderBuilder::new().connect_client(client.clone()).erased();
        let inner =
            Inner { url: url.to_owned(), client, provider, chain_id, max_fee, nonces: Mutex::default() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Where the node listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// Chain id.
    #[must_use]
    pub fn chain_id(&self) -> u64 {
        self.inner.chain_id
    }

    /// An alloy provider on the same connection, for the generated `rpc` bindings. It cannot sign.
    #[must_use]
    pub fn provider(&self) -> &DynProvider {
        &self.inner.provider
    }

    /// Any JSON-RPC method.
    ///
    /// # Errors
    /// The node's own.
    pub async fn request<P: RpcSend, R: RpcRecv>(&self, method: &'static str, params: P) -> Result<R> {
        self.inner.client.request(method, params).await.with_context(|| method.to_owned())
    }

    /// The same method with many parameters, in as few HTTP requests as possible; answers in order.
    async fn batch<R: RpcRecv>(
        &self,
        method: &'static str,
        params: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<std::result::Result<R, TransportError>>> {
        let params: Vec<_> = params.into_iter().collect();
        let mut answers = Vec::with_capacity(params.len());
        for chunk in params.chunks(BATCH) {
            let mut batch = self.inner.client.new_batch();
            let waiters = chunk
                .iter()
                .map(|p| batch.add_call(method, p))
                .collect::<std::result::Result<Vec<_>, _>>()?;
            batch.send().await.with_context(|| format!("a batch of {method}"))?;
            for waiter in waiters {
                answers.push(waiter.await);
            }
        }
        Ok(answers)
    }

    // ---- reading

    /// The latest block.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn head(&self) -> Result<Head> {
        self.request("eth_getBlockByNumber", ("latest", false)).await
    }

    /// Wei of an address.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn balance(&self, address: Address) -> Result<U256> {
        self.request("eth_getBalance", (address, "latest")).await
    }

    /// Code at an address.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn code(&self, address: Address) -> Result<Bytes> {
        self.request("eth_getCode", (address, "latest")).await
    }

    /// A typed call from nobody in particular, at the latest block.
    ///
    /// # Errors
    /// [`Failure::Reverted`] when the contract refuses; otherwise when the node or the answer is broken.
    pub async fn call<C: SolCall>(&self, to: Address, call: &C) -> Result<C::Return, Failure> {
        self.call_from(Address::ZERO, to, call).await
    }

    /// A typed call by `from`, at the latest block.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn call_from<C: SolCall>(
        &self,
        from: Address,
        to: Address,
        call: &C,
    ) -> Result<C::Return, Failure> {
        let data = Bytes::from(call.abi_encode());
        let answer = self.call_raw(json!({ "from": from, "to": to, "data": data })).await?;
        decode_return::<C>(&answer)
    }

    /// `eth_call` of any request at the latest block.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn call_raw(&self, request: Value) -> Result<Bytes, Failure> {
        self.inner.client.request("eth_call", (request, "latest")).await.map_err(failure)
    }

    /// Many typed calls at once; the answers are in order.
    ///
    /// # Errors
    /// The first failure among them.
    pub async fn call_many<C: SolCall>(
        &self,
        to: Address,
        calls: impl IntoIterator<Item = C>,
    ) -> Result<Vec<C::Return>, Failure> {
        let params =
            calls.into_iter().map(|c| json!([{ "to": to, "data": Bytes::from(c.abi_encode()) }, "latest"]));
        let answers: Vec<std::result::Result<Bytes, _>> = self.batch("eth_call", params).await?;
        answers.into_iter().map(|answer| decode_return::<C>(&answer.map_err(failure)?)).collect()
    }

    /// Gas that a transaction would use.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn estimate(&self, tx: &Tx) -> Result<u64, Failure> {
        let gas: U64 = self.inner.client.request("eth_estimateGas", [tx.request()]).await.map_err(failure)?;
        Ok(gas.to())
    }

    /// Logs of one event type by `emitter`, from block `from` on, with their places.
    ///
    /// # Errors
    /// When the node does not answer or a log does not decode.
    pub async fn events<E: SolEvent>(&self, emitter: Address, from: u64) -> Result<Vec<(Log, E)>> {
        let filter = json!({
            "address": emitter, "topics": [E::SIGNATURE_HASH], "fromBlock": U64::from(from), "toBlock": "latest",
        });
        let logs: Vec<Log> = self.request("eth_getLogs", [filter]).await?;
        logs.into_iter()
            .map(|log| {
                let event = E::decode_log(&log.inner)?.data;
                Ok((log, event))
            })
            .collect()
    }

    // ---- writing

    /// Signs, sends and waits for one transaction.
    ///
    /// # Errors
    /// [`Failure::Reverted`] with the revert data when it was included and failed; the nonce is used up all the same.
    pub async fn send(&self, tx: Tx) -> Result<Receipt, Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
            let nonce = self.take_nonces(tx.from.address(), 1).await?;
            let raw = self.sign(&tx, nonce)?;
            let sent: std::result::Result<B256, _> =
                self.inner.client.request("eth_sendRawTransaction", [raw]).await;
            match sent {
                Ok(hash) => {
                    let receipt = self.receipt(hash).await?;
                    return self.outcome(&tx, receipt).await;
                }
                Err(error) => {
                    self.forget_nonce(tx.from.address());
                    if tries < NONCE_TRIES && is_about_nonce(&error) {
                        tokio::time::sleep(RECEIPT_PAUSE * tries).await;
                        continue;
                    }
                    return Err(failure(error));
                }
            }
        }
    }

    /// A typed call as a transaction.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn transact<C: SolCall>(&self, from: &Key, to: Address, call: &C) -> Result<Receipt, Failure> {
        self.send(Tx::call(from, to, call)).await
    }

    /// Creates a contract and gives its address.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn create(&self, from: &Key, init_code: impl Into<Bytes>) -> Result<Address, Failure> {
        let receipt = self.send(Tx::create(from, init_code)).await?;
        Ok(receipt.contract_address.context("a creation without an address")?)
    }

    /// Sends many transactions in the given order, in as few HTTP requests as possible; outcomes in order.
    ///
    /// The revert data of a failed one is found by calling again after the whole batch, so it describes the state then.
    /// One whose nonce another process used up is sent again, after the others of its batch.
    ///
    /// # Errors
    /// When the node does not answer. What the contracts refuse is in the outcomes.
    pub async fn send_all(&self, txs: &[Tx]) -> Result<Vec<Result<Receipt, Failure>>> {
        let mut outcomes = Vec::with_capacity(txs.len());
        for chunk in txs.chunks(BATCH) {
            let mut raw = Vec::with_capacity(chunk.len());
            for tx in chunk {
                let nonce = self.take_nonces(tx.from.address(), 1).await?;
                raw.push(json!([self.sign(tx, nonce)?]));
            }
            let hashes: Vec<std::result::Result<B256, _>> = self.batch("eth_sendRawTransaction", raw).await?;
            let known = hashes.iter().filter_map(|hash| hash.as_ref().ok()).map(|hash| json!([hash]));
            let mut receipts =
                self.batch::<Option<Receipt>>("eth_getTransactionReceipt", known).await?.into_iter();
            for (tx, hash) in chunk.iter().zip(hashes) {
                let outcome = match hash {
                    Ok(hash) => match receipts.next().and_then(std::result::Result::ok).flatten() {
                        Some(receipt) => self.outcome(tx, receipt).await,
                        None => match self.receipt(hash).await {
                            Ok(receipt) => self.outcome(tx, receipt).await,
                            Err(error) => Err(Failure::Other(error)),
                        },
                    },
                    Err(error) => {
                        self.forget_nonce(tx.from.address());
                        if is_about_nonce(&error) { self.send(tx.clone()).await } else { Err(failure(error)) }
                    }
                };
                outcomes.push(outcome);
            }
        }
        Ok(outcomes)
    }

    /// As [`Self::send_all`], for transactions that must all succeed.
    ///
    /// # Errors
    /// The first failure among them.
    pub async fn send_all_ok(&self, txs: &[Tx]) -> Result<Vec<Receipt>> {
        let outcomes = self.send_all(txs).await?;
        let receipts = outcomes.into_iter().enumerate().map(|(i, outcome)| {
            outcome.map_err(|error| anyhow!("transaction {} of {}: {error}", i + 1, txs.len()))
        });
        receipts.collect()
    }

    /// Publishes a transaction that somebody else signed.
    ///
    /// # Errors
    /// When the node refuses it.
    pub async fn publish(&self, raw: Bytes) -> Result<Receipt> {
        let hash: B256 = self.request("eth_sendRawTransaction", [raw]).await?;
        self.receipt(hash).await
    }

    async fn receipt(&self, hash: B256) -> Result<Receipt> {
        for _ in 0..RECEIPT_TRIES {
            let receipt: Option<Receipt> = self.request("eth_getTransactionReceipt", [hash]).await?;
            if let Some(receipt) = receipt {
                return Ok(receipt);
            }
            tokio::time::sleep(RECEIPT_PAUSE).await;
        }
        bail!("no receipt of {hash} after {:?}", RECEIPT_PAUSE * RECEIPT_TRIES)
    }

    /// A receipt's success, or the revert data of the same call made again: receipts carry none, and a transaction
    /// that failed has left the state as it was.
    async fn outcome(&self, tx: &Tx, receipt: Receipt) -> Result<Receipt, Failure> {
        if receipt.status == U64::from(1) {
            return Ok(receipt);
        }
        match self.call_raw(tx.request()).await {
            Err(error) => Err(error),
            Ok(_) => Err(Failure::Reverted(Revert {
                data: Bytes::new(),
                message: format!(
                    "status 0 with {} of {} gas used; the same call now succeeds",
                    receipt.gas(),
                    tx.gas
                ),
            })),
        }
    }

    /// A transaction signed with a nonce of the caller's, to be sent later by other means.
    ///
    /// # Errors
    /// When the curve library fails, which no valid key provokes.
    pub fn sign(&self, tx: &Tx, nonce: u64) -> Result<Bytes> {
        let unsigned = TxEip1559 {
            chain_id: self.inner.chain_id,
            nonce,
            gas_limit: tx.gas,
            max_fee_per_gas: self.inner.max_fee,
            max_priority_fee_per_gas: 0,
            to: tx.to,
            value: tx.value,
            input: tx.data.clone(),
            ..Default::default()
        };
        let signature = tx.from.sign(unsigned.signature_hash())?;
        Ok(TxEnvelope::from(unsigned.into_signed(signature)).encoded_2718().into())
    }

    async fn take_nonces(&self, address: Address, count: u64) -> Result<u64> {
        if let Some(next) = self.nonces().get_mut(&address) {
            *next += count;
            return Ok(*next - count);
        }
        let nonce: U64 = self.request("eth_getTransactionCount", (address, "latest")).await?;
        let mut nonces = self.nonces();
        let next = nonces.entry(address).or_insert_with(|| nonce.to());
        *next += count;
        Ok(*next - count)
    }

    fn forget_nonce(&self, address: Address) {
        self.nonces().remove(&address);
    }

    fn nonces(&self) -> std::sync::MutexGuard<'_, HashMap<Address, u64>> {
        self.inner.nonces.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    // ---- the node's test methods; see `Node::capabilities` for whether it has them

    /// Remembers the state; [`Self::revert_to`] returns to it once.
    ///
    /// # Errors
    /// When the node has no snapshots.
    pub async fn snapshot(&self) -> Result<U256> {
        self.inner.client.request_noparams("evm_snapshot").await.context("evm_snapshot")
    }

    /// Returns to a snapshot and uses it up, with every later one.
    ///
    /// # Errors
    /// When the node does not know it.
    pub async fn revert_to(&self, snapshot: U256) -> Result<()> {
        let done: bool = self.request("evm_revert", [snapshot]).await?;
        self.nonces().clear();
        ensure!(done, "the node does not know snapshot {snapshot}");
        Ok(())
    }

    /// Moves the clock of the blocks to come forward, seconds.
    ///
    /// # Errors
    /// When the node has no time travel.
    pub async fn increase_time(&self, seconds: u64) -> Result<()> {
        let _: Value = self.request("evm_increaseTime", [seconds]).await?;
        self.mine().await
    }

    /// Sets the time of the next block, Unix seconds, later than the latest block.
    ///
    /// # Errors
    /// When the node has no time travel or the time is past.
    pub async fn set_next_time(&self, timestamp: u64) -> Result<()> {
        let _: Value = self.request("evm_setNextBlockTimestamp", [timestamp]).await?;
        Ok(())
    }

    /// Mines an empty block.
    ///
    /// # Errors
    /// When the node cannot.
    pub async fn mine(&self) -> Result<()> {
        let none: [u8; 0] = [];
        let _: Value = self.request("evm_mine", none).await?;
        Ok(())
    }

    /// Makes a block on a node that mines only transactions: the developer sends itself nothing.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn mine_by_transfer(&self) -> Result<()> {
        let dev = Key::dev();
        self.send(Tx::raw(&dev, dev.address(), Bytes::new()).gas(100_000)).await?;
        Ok(())
    }

    /// Sets the wei of an address.
    ///
    /// # Errors
    /// When the node cannot.
    pub async fn set_balance(&self, address: Address, wei: U256) -> Result<()> {
        let _: Value = self.request("hardhat_setBalance", (address, wei)).await?;
        Ok(())
    }
}

fn decode_return<C: SolCall>(answer: &Bytes) -> Result<C::Return, Failure> {
    C::abi_decode_returns(answer)
        .with_context(|| format!("{} answered {} bytes that do not decode", C::SIGNATURE, answer.len()))
        .map_err(Failure::Other)
}

fn is_about_nonce(error: &TransportError) -> bool {
    error.to_string().to_lowercase().contains("nonce")
}

/// A node's error as a revert when the contract was what failed.
fn failure(error: RpcError<TransportErrorKind>) -> Failure {
    if let RpcError::ErrorResp(payload) = &error {
        let message: &Cow<'static, str> = &payload.message;
        let data = payload.data.as_deref().and_then(|raw| serde_json::from_str::<Bytes>(raw.get()).ok());
        let words = message.to_lowercase();
        let failed = ["revert", "out of gas", "max call depth"].iter().any(|word| words.contains(word));
        if failed || data.is_some() {
            return Failure::Reverted(Revert {
                data: data.unwrap_or_default(),
                message: message.clone().into_owned(),
            });
        }
    }
    Failure::Other(error.into())
}
