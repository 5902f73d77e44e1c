//! More engines on a world's node, hostile contracts, and the state that a refused call must leave alone.

use std::fmt::Write as _;

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    sol_types::{SolType, SolValue, abi::TokenSeq},
};
use anyhow::Result;
use plimsoll_harness::{
    bindings::EngineArguments,
    build, deploy,
    prelude::*,
    scenario::{init_code, market_params},
};

/// Deploys a contract of `tests/solidity` whose constructor takes these arguments, given as a tuple.
///
/// # Errors
/// When there is no such artifact or the creation fails.
pub async fn solidity<T: SolValue + Sync>(world: &World, name: &str, arguments: &T) -> Result<Address>
where
    for<'a> <T::SolType as SolType>::Token<'a>: TokenSeq<'a>,
{
    Ok(world.chain.create(&Key::dev(), init_code(name, arguments)?).await?)
}

/// The same people and prices around a new engine with another quote token. It lists the perpetual of bitcoin and
/// admits the scenario's venue.
///
/// # Errors
/// When the deployment fails.
pub async fn with_token(world: &World, token: Address) -> Result<World> {
    let mut other = world.clone();
    other.token = token;
    other.first_block = world.chain.head().await?.number();
    other.engine = engine(world, &arguments(world, token)).await?;
    let list = IPlimsoll::listMarketCall { instrument: perp(BTC), params: market_params() };
    let admit = IPlimsoll::admitVenueCall { venue: world.venue.address(), admitted: true };
    let txs = [Tx::call(&world.owner, other.engine, &list), Tx::call(&world.owner, other.engine, &admit)];
    world.chain.send_all_ok(&txs).await?;
    Ok(other)
}

/// Constructor arguments of an engine like the world's with another quote token.
#[must_use]
pub fn arguments(world: &World, token: Address) -> EngineArguments {
    EngineArguments {
        modules: world.modules.clone(),
        owner: world.owner.address(),
        guardian: world.guardian.address(),
        quoteToken: token,
        oracle: world.oracle,
    }
}

/// Deploys an engine with these constructor arguments.
///
/// # Errors
/// When the constructor refuses them.
pub async fn engine(world: &World, arguments: &EngineArguments) -> Result<Address> {
    let contracts = build::contracts().await?;
    deploy::engine(&world.chain, &world.setup, &contracts, &Key::dev(), arguments).await
}

/// What the engine answers about its ledger, its rules and these accounts, as text: two texts are equal exactly when
/// nothing changed. Leaves out what time alone moves.
///
/// # Errors
/// When a view fails.
pub async fn state(world: &World, accounts: &[B256]) -> Result<String> {
    let (chain, engine) = (&world.chain, world.engine);
    let mut text = String::new();
    macro_rules! note {
        ($to:expr, $call:expr) => {
            writeln!(text, "{:?}", chain.call($to, &$call).await?)?
        };
    }
    note!(engine, IPlimsoll::totalsCall {});
    note!(engine, IPlimsoll::ownerCall {});
    note!(engine, IPlimsoll::pendingOwnerCall {});
    note!(engine, IPlimsoll::guardianCall {});
    note!(engine, IPlimsoll::pausedUntilCall {});
    note!(engine, IPlimsoll::insuranceCapCall {});
    note!(engine, IPlimsoll::oracleCall {});
    note!(engine, IPlimsoll::isVenueAdmittedCall { venue: world.venue.address() });
    note!(world.token, IToken::balanceOfCall { owner: engine });
    for instrument in chain.call(engine, &IPlimsoll::instrumentsCall {}).await? {
        note!(engine, IPlimsoll::marketParamsCall { instrument });
    }
    for account in accounts {
        note!(engine, IPlimsoll::accountOfCall { account: *account });
    }
    Ok(text)
}

/// Tokens of an address.
///
/// # Errors
/// When the node does not answer.
pub async fn balance(world: &World, owner: Address) -> Result<U256> {
    Ok(world.chain.call(world.token, &IToken::balanceOfCall { owner }).await?)
}

/// A call with raw data that changes nothing, by `from`, at the latest block.
///
/// # Errors
/// [`Failure::Reverted`] when the contract refuses.
pub async fn probe(
    world: &World,
    from: Address,
    to: Address,
    data: impl Into<Bytes>,
) -> Result<Bytes, Failure> {
    let data: Bytes = data.into();
    world.chain.call_raw(serde_json::json!({ "from": from, "to": to, "data": data })).await
}
