//! A deployment, and what measures on it.

use alloy::{
    primitives::{Address, Bytes},
    sol_types::SolCall,
};
use anyhow::{Context, Result, ensure};
use plimsoll_e2e::{
    book::{self, options},
    table::grouped,
};
use plimsoll_harness::{
    bindings::{
        IPlimsoll::MarketParams,
        solidity::GasProbe::{Measured, measureViewsCall},
    },
    prelude::*,
    scenario,
    workspace::Artifact,
};

/// The rows of one contract.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// Function, case, gas, and how much of it the calldata costs.
    pub(crate) transactions: Vec<Vec<String>>,
    /// Function, case, gas of the first call, gas of the second.
    pub(crate) views: Vec<Vec<String>>,
}

impl Rows {
    /// Notes a transaction that has been made.
    pub(crate) fn note<C: SolCall>(&mut self, case: &str, gas: u64, calldata: &[u8]) {
        let row = [name::<C>(), case.to_owned(), grouped(gas.into()), grouped(calldata_gas(calldata).into())];
        self.transactions.push(row.into());
    }
}

/// 16 a byte, 4 where it is zero (EIP-2028).
fn calldata_gas(calldata: &[u8]) -> u64 {
    calldata.iter().map(|&byte| if byte == 0 { 4 } else { 16 }).sum()
}

fn name<C: SolCall>() -> String {
    let name = C::SIGNATURE.split('(').next().unwrap_or_default();
    format!("`{name}`")
}

/// The deployment: BTC and ETH, fees and funding on, and a contract that measures views.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) world: World,
    probe: Address,
}

impl Bench {
    pub(crate) async fn new() -> Result<Self> {
        let params =
            MarketParams { takerFee: 500, makerFee: 200, maxTradeAge: u16::MAX, ..scenario::market_params() };
        Self::of(&params).await
    }

    pub(crate) async fn of(params: &MarketParams) -> Result<Self> {
        let node = Node::alone("scripts/gas", &[], book::node_options()).await?.context("needs nothing")?;
        let world = World::deploy(node, &options(params)).await?;
        let probe = world.chain.create(&world.owner, Artifact::load("GasProbe")?.init_code(&[])).await?;
        Ok(Self { world, probe })
    }

    /// Sends a call to the engine and notes its gas.
    pub(crate) async fn send<C: SolCall>(
        &self,
        rows: &mut Rows,
        case: &str,
        from: &Key,
        call: &C,
    ) -> Result<Receipt> {
        self.send_to(rows, case, self.world.engine, from, call).await
    }

    /// Sends a call and notes its gas.
    pub(crate) async fn send_to<C: SolCall>(
        &self,
        rows: &mut Rows,
        case: &str,
        to: Address,
        from: &Key,
        call: &C,
    ) -> Result<Receipt> {
        self.tick().await?;
        let receipt = self.world.chain.transact(from, to, call).await.with_context(|| C::SIGNATURE)?;
        rows.note::<C>(case, receipt.gas(), &call.abi_encode());
        Ok(receipt)
    }

    /// Sees to it that a transaction finds some time gone by: the clock of the embedded node moves with every block, and
    /// an engine that has accrued in the same second has less to do.
    pub(crate) async fn tick(&self) -> Result<()> {
        if self.world.node.is_embedded() { Ok(()) } else { self.world.pass_time(1).await }
    }

    /// Calldata of a transaction.
    pub(crate) async fn calldata(&self, receipt: &Receipt) -> Result<Bytes> {
        let tx: serde_json::Value =
            self.world.chain.request("eth_getTransactionByHash", [receipt.transaction_hash]).await?;
        Ok(serde_json::from_value(tx["input"].clone())?)
    }

    /// Calls a view of the engine twice in one transaction and notes both.
    pub(crate) async fn view<C: SolCall>(&self, rows: &mut Rows, case: &str, call: &C) -> Result<()> {
        self.view_of(rows, case, self.world.engine, call).await
    }

    /// Calls a view twice in one transaction and notes both.
    pub(crate) async fn view_of<C: SolCall>(
        &self,
        rows: &mut Rows,
        case: &str,
        to: Address,
        call: &C,
    ) -> Result<()> {
        let payload = Bytes::from(call.abi_encode());
        let probe = measureViewsCall { target: to, payloads: vec![payload.clone(), payload] };
        self.tick().await?;
        let receipt = self.world.chain.transact(&self.world.owner, self.probe, &probe).await?;
        let measured: Vec<Measured> = receipt.events();
        let [first, again] = &measured[..] else { anyhow::bail!("{}: not two measurements", C::SIGNATURE) };
        ensure!(first.success && again.success, "{} reverted", C::SIGNATURE);
        let gas = |m: &Measured| grouped(m.gasUsed.to());
        rows.views.push(vec![name::<C>(), case.to_owned(), gas(first), gas(again)]);
        Ok(())
    }
}
