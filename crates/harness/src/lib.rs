//! Starts or reaches a node, builds and deploys Plimsoll on it, and speaks to it with typed bindings.
//!
//! ```no_run
//! use plimsoll_harness::prelude::*;
//!
//! # async fn example() -> anyhow::Result<()> {
//! // The embedded node, or the one at PLIMSOLL_RPC_URL; contracts built, deployed and cached; two markets with prices.
//! let world = World::start().await?;
//! let alice = world.trader("alice", wad(1_000)).await?;
//! let bob = world.trader("bob", wad(1_000)).await?;
//!
//! // The scenario's venue settles: alice buys one tenth of a bitcoin from bob at the oracle's price.
//! let btc = perp(BTC);
//! world.trade(alice.account(0), bob.account(0), btc, wad(1) as i128 / 10, wad(10_000)).await?;
//!
//! // Views and transactions are typed; a refusal carries its typed error.
//! let margin = world.chain.call(world.engine, &IPlimsoll::marginOfCall { account: alice.account(0) }).await?;
//! assert_eq!(margin.initial, wad(50));
//! let call = IPlimsoll::buryCall { account: alice.account(0) };
//! let refused = world.chain.transact(&bob, world.engine, &call).await.expect_revert::<IPlimsoll::Solvent>()?;
//! assert_eq!(refused.account, alice.account(0));
//!
//! world.set_price(BTC, wad(9_000)).await?;
//! assert_eq!(world.identity().await?.difference, 0);
//! # Ok(())
//! # }
//! ```
//!
//! Environment: `PLIMSOLL_RPC_URL` names a node to use instead of the embedded one, `PLIMSOLL_ROOT` a repository other
//! than the one that this crate was built in, `CARGO_TARGET_DIR` where contracts are built and kept. On a node that
//! others use too, every world has keys of its own, but the clock and the state are everybody's: a test that moves the
//! one or goes back in the other asks to be alone there ([`node::Node::alone`]), and says aloud that it is skipped where
//! the node cannot do it.
//!
//! | module | what it does |
//! |---|---|
//! | [`node`] | the embedded node or one that runs; what it can do |
//! | [`setup`] | the development node's own contracts, idempotently |
//! | [`build`], [`wasm`] | contracts to deployable code, checked against the limits |
//! | [`deploy`] | create, activate, construct, cache |
//! | [`chain`] | typed calls, transactions, batches, snapshots, time |
//! | [`revert`] | typed errors of failed calls |
//! | [`scenario`] | a whole deployment with people, prices and trades |
//! | [`oracle`], [`surfaces`], [`rfq`] | what reporters and market makers sign |
//! | [`gas`], [`names`] | where the gas of a transaction went, by function |
//! | [`margin_cases`] | files of portfolios and what they should come to |
//! | [`identity`] | the identity of the ledger |
//! | [`bindings`] | the contracts' interfaces |

pub mod bindings;
pub mod build;
pub mod chain;
pub mod deploy;
pub mod gas;
pub mod identity;
pub mod ids;
pub mod key;
pub mod margin_cases;
pub mod names;
pub mod node;
pub mod oracle;
pub mod revert;
pub mod rfq;
pub mod scenario;
pub mod setup;
pub mod surfaces;
mod tx;
pub mod wasm;
pub mod workspace;

/// What nearly every test and program needs.
pub mod prelude {
    pub use crate::{
        bindings::{IPlimsoll, IPlimsollOracle, IPlimsollRiskModel, IToken},
        chain::{Chain, Receipt, Tx},
        identity::Identity,
        ids::{BTC, ETH, WAD, account_id, perp, wad},
        key::Key,
        node::{Capability, Node},
        revert::{ExpectRevert, Failure, Revert},
        scenario::World,
        test_name,
    };
}
