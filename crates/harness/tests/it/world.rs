//! A whole deployment by the harness, on the embedded node or the one at `PLIMSOLL_RPC_URL`.

use anyhow::Result;
use plimsoll_harness::{build, prelude::*, rfq};

#[tokio::test]
async fn world_deploys_trades_and_balances() -> Result<()> {
    let world = World::start().await?;
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(1_000)).await?;
    let size = wad(1) as i128 / 10;
    world.trade(alice.account(0), bob.account(0), perp(BTC), size, wad(10_000)).await?;

    // 5 % of a tenth of a bitcoin at 10,000
    let question = IPlimsoll::marginOfCall { account: alice.account(0) };
    let margin = world.chain.call(world.engine, &question).await?;
    assert_eq!(margin.initial, wad(50));
    world.set_price(BTC, wad(11_000)).await?;
    world.set_price(BTC, wad(12_000)).await?;
    let margin = world.chain.call(world.engine, &question).await?;
    assert_eq!(margin.equity, wad(1_200) as i128);

    let call = IPlimsoll::buryCall { account: alice.account(0) };
    let refused: IPlimsoll::Solvent =
        world.chain.transact(&bob, world.engine, &call).await.expect_revert()?;
    assert_eq!(refused.account, alice.account(0));
    assert_eq!(world.accounts().await?.len(), 2);
    assert_eq!(world.identity().await?.difference, 0);
    Ok(())
}

#[tokio::test]
async fn quotes_settle_through_the_venue_in_solidity() -> Result<()> {
    let world = World::start().await?;
    let venue = rfq::deploy(&world.chain, &world.owner, world.engine).await?;
    let admit = IPlimsoll::admitVenueCall { venue, admitted: true };
    world.chain.transact(&world.owner, world.engine, &admit).await?;
    let taker = world.trader("taker", wad(1_000)).await?;
    let maker = world.trader("maker", wad(1_000)).await?;
    let approvals = [&taker, &maker].map(|key| world.approve_venue_tx(key, key.account(0), venue));
    world.chain.send_all_ok(&approvals).await?;

    let quote = plimsoll_harness::bindings::solidity::RfqVenue::Quote {
        maker: maker.account(0),
        taker: taker.account(0),
        instrument: perp(ETH),
        size: wad(1) as i128,
        price: wad(501),
        expiry: u64::MAX,
        nonce: 1,
        signer: maker.address(),
    };
    let order = rfq::order(world.chain.chain_id(), venue, quote, &maker, taker.account(0))?;
    let receipt = world.chain.send(rfq::take(&taker, venue, vec![order])).await?;
    let fill: IPlimsoll::Filled = receipt.event()?;
    assert_eq!((fill.size, fill.price), (wad(1) as i128, wad(501)));
    Ok(())
}

#[tokio::test]
async fn a_running_node_is_reached_and_a_second_world_stands_beside_the_first() -> Result<()> {
    let first = World::start().await?;
    let node = Node::reach(first.chain.url()).await?;
    assert_eq!(node.capabilities(), first.node.capabilities());
    let second = World::deploy(node, &Default::default()).await?;
    assert_ne!(first.engine, second.engine);
    let alice = second.trader("alice", wad(100)).await?;
    assert_eq!(second.accounts().await?, [alice.account(0)]);
    assert!(first.accounts().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn contracts_are_built_once() -> Result<()> {
    let first = build::contracts().await?;
    let second = build::contracts().await?;
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    // The engine, the oracle and the risk model, and what stands behind them.
    assert_eq!(first.iter().count(), 3 + build::MODULES.len() + build::RISK_MODULES.len());
    Ok(())
}
