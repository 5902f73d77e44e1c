//! A deployment, and what measures on it.

use alloy::{
    primitives::{Address, Bytes},
    sol_types::SolCall,
};
use anyhow::{Context, Result, ensure};
use plimsoll_e2e::book::{self, options};
use plimsoll_harness::{
    bindings::{
        IPlimsoll::MarketParams,
        solidity::GasProbe::{Measured, measureViewsCall},
    },
    prelude::*,
    scenario,
    workspace::Artifact,
};

use crate::floor;

/// The rows of one contract.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) views: Vec<View>,
}

/// A transaction of its own.
#[derive(Debug)]
pub(crate) struct Transaction {
    pub(crate) function: String,
    pub(crate) case: String,
    pub(crate) gas: u64,
    /// How much of it the calldata costs.
    pub(crate) calldata: u64,
    /// What the EVM's rules make unavoidable of it; of nodes that can trace programs.
    pub(crate) floor: Option<u64>,
}

/// A static call from a contract, and the same again.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) function: String,
    pub(crate) case: String,
    pub(crate) cold: u64,
    pub(crate) again: u64,
    /// Of the cold call.
    pub(crate) floor: Option<u64>,
}

impl Rows {
    /// Notes a transaction that has been made, without a floor.
    pub(crate) fn note<C: SolCall>(&mut self, case: &str, gas: u64, calldata: &[u8]) {
        let (function, case) = (name::<C>(), case.to_owned());
        let calldata = floor::calldata(calldata);
        self.transactions.push(Transaction { function, case, gas, calldata, floor: None });
    }
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
        self.note::<C>(rows, case, to, &receipt, &call.abi_encode()).await?;
        Ok(receipt)
    }

    /// Notes a transaction that has been made.
    pub(crate) async fn note<C: SolCall>(
        &self,
        rows: &mut Rows,
        case: &str,
        to: Address,
        receipt: &Receipt,
        calldata: &[u8],
    ) -> Result<()> {
        rows.note::<C>(case, receipt.gas(), calldata);
        if let Some(row) = rows.transactions.last_mut().filter(|_| self.world.node.is_embedded()) {
            row.floor = Some(floor::of_transaction(&self.world.chain, receipt, to, calldata).await?);
        }
        Ok(())
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
        let (function, case) = (name::<C>(), case.to_owned());
        let (cold, again) = (first.gasUsed.to(), again.gasUsed.to());
        let mut floor = None;
        if self.world.node.is_embedded() {
            floor = Some(floor::of_view(&self.world.chain, &receipt, to).await?);
        }
        rows.views.push(View { function, case, cold, again, floor });
        Ok(())
    }
}
