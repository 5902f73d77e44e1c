//! The engine's trades on the embedded node.

use alloy::{primitives::Bytes, sol_types::SolCall};
use anyhow::{Result, ensure};
use plimsoll_e2e::book::{fill, holding, options, params};
use plimsoll_harness::{
    bindings::IPlimsoll::{marginOfCall, settleCall},
    prelude::*,
};

use crate::load::Client;

const ONE: i128 = WAD as i128;

/// A deployment with two traders who have a position each.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) client: Client,
    pub(crate) world: World,
    alice: Key,
    bob: Key,
    settled: usize,
}

impl Engine {
    pub(crate) async fn deploy(url: &str) -> Result<Self> {
        let world = World::deploy(Node::reach(url).await?, &options(&params())).await?;
        let alice = world.trader("alice", wad(1_000_000)).await?;
        let bob = world.trader("bob", wad(1_000_000)).await?;
        let client = Client::connect(url).await?;
        let engine = Self { client, world, alice, bob, settled: 0 };
        engine.world.settle(engine.fills(ONE)).await?;
        Ok(engine)
    }

    fn fills(&self, size: i128) -> Vec<IPlimsoll::Fill> {
        vec![fill(self.alice.account(0), self.bob.account(0), BTC, size, wad(10_000))]
    }

    /// Settlements of one fill each, signed by the venue: one adds a tenth to both positions, the next takes it off.
    pub(crate) async fn settlements(&mut self, count: usize) -> Result<Vec<Bytes>> {
        let txs: Vec<Tx> = (self.settled..self.settled + count)
            .map(|number| {
                let size = if number.is_multiple_of(2) { ONE / 10 } else { -ONE / 10 };
                Tx::call(&self.world.venue, self.world.engine, &settleCall { fills: self.fills(size) })
            })
            .collect();
        self.settled += count;
        self.client.sign(&txs).await
    }

    /// Calldata of the question for a trader's margin.
    pub(crate) fn question(&self) -> Bytes {
        marginOfCall { account: self.alice.account(0) }.abi_encode().into()
    }

    /// Makes sure that the positions are what the settlements leave.
    pub(crate) async fn check(&self) -> Result<()> {
        let left = ONE + if self.settled.is_multiple_of(2) { 0 } else { ONE / 10 };
        let held = holding(&self.world, self.alice.account(0)).await?;
        ensure!(held.positions.len() == 1 && held.positions[0].1 == left, "{held:?}, not {left}");
        Ok(())
    }
}
