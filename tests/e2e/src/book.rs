//! A world for tests of the book: a clock of one second a block, prices that stay fresh for a day, and what to compare.

use alloy::{
    primitives::{Address, B256},
    sol_types::{SolCall, SolError},
};
use anyhow::{Context, Result, ensure};
use plimsoll_harness::{
    bindings::{
        IPlimsoll::{self, Fill, MarketParams, PositionView, PotView, RungView, Totals},
        IPlimsollOracle::Feed,
    },
    node::{self, Capability, Node},
    prelude::*,
    scenario::{self, Options},
};

/// Seconds of a day.
pub const DAY: u32 = 86_400;
/// When the embedded node's clock starts: 20 December 2017, 00:00 UTC.
pub const START: u64 = 1_513_728_000;

/// A decimal number in WAD, such as `-0.000000000000000001`.
///
/// # Panics
/// On anything but a decimal number of at most 18 places: a test's own mistake.
#[must_use]
pub fn dec(text: &str) -> i128 {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(part.len() <= 18, "{text} has more than 18 places");
    let whole: i128 = whole.replace(',', "").parse().unwrap_or_else(|_| panic!("{text} is no number"));
    let part: i128 = format!("{part:0<18}").parse().unwrap_or_else(|_| panic!("{text} is no number"));
    sign * (whole * WAD as i128 + part)
}

/// The same for what has no sign.
///
/// # Panics
/// As [`dec`], and when it is negative.
#[must_use]
pub fn udec(text: &str) -> u128 {
    u128::try_from(dec(text)).unwrap_or_else(|_| panic!("{text} is negative"))
}

/// A feed whose prices are fresh for a day and late for another.
#[must_use]
pub fn feed() -> Feed {
    Feed { maxAge: DAY, maxAgeLate: 2 * DAY, ..scenario::feed() }
}

/// Ordinary parameters without funding, so that time alone changes nothing.
#[must_use]
pub fn params() -> MarketParams {
    MarketParams { fundingCap: 0, maxTradeAge: u16::MAX, ..scenario::market_params() }
}

/// BTC at 10,000 and ETH at 500 with the same parameters.
#[must_use]
pub fn options(params: &MarketParams) -> Options {
    Options {
        feeds: vec![(BTC, feed()), (ETH, feed())],
        markets: vec![(perp(BTC), params.clone()), (perp(ETH), params.clone())],
        ..Options::default()
    }
}

/// A deployment on the node at `PLIMSOLL_RPC_URL`, or on a new embedded one whose clock moves one second a block.
///
/// # Errors
/// When a step fails.
pub async fn world(options: &Options) -> Result<World> {
    World::deploy(Node::start_with(node_options()).await?, options).await
}

/// The same with nobody else on the node, for a test that needs these capabilities; `None`, said aloud, where the node
/// lacks one. See [`Node::alone`].
///
/// # Errors
/// When a step fails.
pub async fn world_alone(test: &str, needs: &[Capability], options: &Options) -> Result<Option<World>> {
    let Some(node) = Node::alone(test, needs, node_options()).await? else { return Ok(None) };
    Ok(Some(World::deploy(node, options).await?))
}

/// How the embedded node runs in tests of the book.
#[must_use]
pub fn node_options() -> node::Options {
    node::Options { start_time: Some(START), ..Default::default() }
}

/// A fill.
#[must_use]
pub fn fill(taker: B256, maker: B256, underlying: u16, size: i128, price: u128) -> Fill {
    Fill { taker, maker, instrument: perp(underlying), size, price }
}

/// An account without what changes on every write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Cash, WAD.
    pub cash: i128,
    /// Underlying, size and basis of each position.
    pub positions: Vec<(u16, i128, i128)>,
    /// Underlying and young profit of each market that has any, WAD.
    pub young: Vec<(u16, u128)>,
}

impl Holding {
    /// What a test expects.
    #[must_use]
    pub fn new(cash: i128, positions: &[(u16, i128, i128)]) -> Self {
        Self { cash, positions: positions.to_vec(), young: Vec::new() }
    }

    /// The same with young profit.
    #[must_use]
    pub fn with_young(self, young: &[(u16, u128)]) -> Self {
        Self { young: young.to_vec(), ..self }
    }
}

/// Cash, positions and young profit of an account.
///
/// # Errors
/// When the node or the engine refuses.
pub async fn holding(world: &World, account: B256) -> Result<Holding> {
    let state = world.chain.call(world.engine, &IPlimsoll::accountOfCall { account }).await?;
    let (mut positions, mut young) = (Vec::new(), Vec::new());
    for p in &state.positions {
        let underlying = underlying_of(p.instrument);
        if p.size != 0 || p.basis != 0 {
            positions.push((underlying, p.size, p.basis));
        }
        if p.young != 0 {
            young.push((underlying, p.young));
        }
    }
    Ok(Holding { cash: state.cash, positions, young })
}

fn underlying_of(instrument: u128) -> u16 {
    plimsoll_harness::ids::underlying_of(instrument)
}

/// All that the engine says of its ledger at the latest block.
#[derive(Clone, Debug, PartialEq)]
pub struct Ledger {
    totals: Totals,
    markets: Vec<[i128; 8]>,
    rungs: Vec<Vec<RungView>>,
    pots: Vec<Vec<PotView>>,
    accounts: Vec<(i128, u64, Vec<PositionView>)>,
}

impl Ledger {
    /// Reads totals, every market with its estate, both sides of its ladder and its pots, and every account that ever held anything.
    ///
    /// # Errors
    /// When the node or the engine refuses.
    pub async fn read(world: &World) -> Result<Self> {
        let (chain, engine) = (&world.chain, world.engine);
        let totals = chain.call(engine, &IPlimsoll::totalsCall {}).await?;
        let (mut markets, mut rungs, mut pots) = (Vec::new(), Vec::new(), Vec::new());
        for instrument in chain.call(engine, &IPlimsoll::instrumentsCall {}).await? {
            let market = chain.call(engine, &IPlimsoll::marketCall { instrument }).await?;
            markets.push([
                market.openInterest as i128,
                market.badDebt as i128,
                market.dust,
                market.estateCash,
                market.estateSize,
                market.estateBasis,
                i128::from(market.generation),
                i128::from(market.lastFill) - i128::from(market.lastPass),
            ]);
            pots.push(chain.call(engine, &IPlimsoll::potsCall { instrument }).await?);
            for long in [true, false] {
                rungs.push(chain.call(engine, &IPlimsoll::rungsCall { instrument, long }).await?);
            }
        }
        let calls = world.accounts().await?.into_iter().map(|account| IPlimsoll::accountOfCall { account });
        let accounts = chain.call_many(engine, calls).await?;
        let accounts = accounts.into_iter().map(|a| (a.cash, a.nonce, a.positions)).collect();
        Ok(Self { totals, markets, rungs, pots, accounts })
    }
}

/// Sends a call that must revert with `E`, and makes sure that nothing of the ledger changed.
///
/// # Errors
/// When it succeeds, reverts with something else, or leaves a trace.
pub async fn refused<E: SolError, C: SolCall>(world: &World, from: &Key, call: &C) -> Result<E> {
    refused_by(world, world.engine, from, call).await
}

/// As [`refused`], for a call of another contract.
///
/// # Errors
/// As [`refused`].
pub async fn refused_by<E: SolError, C: SolCall>(
    world: &World,
    to: Address,
    from: &Key,
    call: &C,
) -> Result<E> {
    let before = Ledger::read(world).await?;
    let error = world.chain.transact(from, to, call).await.expect_revert::<E>().context(C::SIGNATURE)?;
    let after = Ledger::read(world).await?;
    ensure!(before == after, "{} failed and left a trace: {before:?} became {after:?}", C::SIGNATURE);
    Ok(error)
}

/// Makes sure that the ledger's identity holds to `dust` units in the last place, never in anybody's favour.
///
/// # Errors
/// When it does not.
pub async fn balanced(world: &World, dust: i128) -> Result<()> {
    let identity = world.identity().await?;
    ensure!((-dust..=0).contains(&identity.difference), "{identity}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dec_reads_signs_and_places() {
        assert_eq!(dec("-1,234.5"), -1_234_500_000_000_000_000_000);
        assert_eq!(dec("-0.000000000000000001"), -1);
        assert_eq!(udec("2"), 2 * WAD);
    }
}
