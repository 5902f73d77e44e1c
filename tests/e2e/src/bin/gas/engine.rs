//! The engine: every function on a small book.

use alloy::primitives::{Address, U256};
use anyhow::Result;
use plimsoll_e2e::{book::fill, crowd::Crowd};
use plimsoll_harness::{
    bindings::IPlimsoll::{self, Fill, MarketParams, Trade, settleCall},
    ids::to_quote_units,
    prelude::*,
    scenario,
};

use crate::bench::{Bench, Rows};

const ONE: i128 = WAD as i128;
const BTC_PERP: u128 = perp(BTC);

/// What an engine answers before anybody has traded.
pub(crate) async fn views_of_nobody(bench: &Bench, rows: &mut Rows) -> Result<()> {
    let (world, nobody) = (&bench.world, Address::repeat_byte(9));
    let account = Key::named("nobody").account(0);
    bench.view(rows, "", &IPlimsoll::ownerCall {}).await?;
    bench.view(rows, "", &IPlimsoll::pendingOwnerCall {}).await?;
    bench.view(rows, "", &IPlimsoll::guardianCall {}).await?;
    bench.view(rows, "", &IPlimsoll::pausedUntilCall {}).await?;
    bench.view(rows, "", &IPlimsoll::oracleCall {}).await?;
    bench.view(rows, "", &IPlimsoll::quoteTokenCall {}).await?;
    bench.view(rows, "", &IPlimsoll::insuranceCapCall {}).await?;
    bench.view(rows, "", &IPlimsoll::modulesCall {}).await?;
    bench.view(rows, "two markets", &IPlimsoll::instrumentsCall {}).await?;
    bench.view(rows, "", &IPlimsoll::marketParamsCall { instrument: BTC_PERP }).await?;
    bench.view(rows, "", &IPlimsoll::isOperatorCall { owner: nobody, operator: nobody }).await?;
    bench.view(rows, "", &IPlimsoll::isVenueAdmittedCall { venue: world.venue.address() }).await?;
    bench.view(rows, "", &IPlimsoll::isVenueApprovedCall { account, venue: nobody }).await?;
    bench.view(rows, "", &IPlimsoll::totalsCall {}).await?;
    bench.view(rows, "no position", &IPlimsoll::marginOfCall { account }).await
}

/// Everything else.
pub(crate) async fn all(bench: &Bench, rows: &mut Rows) -> Result<()> {
    let world = &bench.world;
    let alice = world.trader("alice", wad(10_000)).await?;
    let bob = world.trader("bob", wad(1_000_000)).await?;
    let (a, b) = (alice.account(0), bob.account(0));
    collateral(bench, rows, &alice).await?;

    let one = |taker, maker, size| settleCall { fills: vec![fill(taker, maker, BTC, size, wad(10_000))] };
    bench.send(rows, "1 fill, both accounts and rungs new", &world.venue, &one(a, b, ONE)).await?;
    bench.send(rows, "1 fill, both add to a position", &world.venue, &one(a, b, ONE / 10)).await?;
    bench.send(rows, "1 fill, both reduce", &world.venue, &one(a, b, -ONE / 10)).await?;
    bench.send(rows, "1 fill, both close", &world.venue, &one(a, b, -ONE)).await?;
    world.settle(one(a, b, ONE).fills).await?;
    many_fills(bench, rows, &bob).await?;

    let bitcoin = |account| IPlimsoll::positionOfCall { account, instrument: BTC_PERP };
    bench.view(rows, "one position", &IPlimsoll::marginOfCall { account: a }).await?;
    bench.view(rows, "one position", &IPlimsoll::accountOfCall { account: a }).await?;
    bench.view(rows, "", &bitcoin(a)).await?;
    bench.view(rows, "one position", &IPlimsoll::freeCollateralCall { account: a }).await?;
    let price = IPlimsoll::liquidationPriceCall { account: a, instrument: BTC_PERP };
    bench.view(rows, "one position", &price).await?;
    let trades = vec![Trade { instrument: BTC_PERP, size: ONE, price: wad(10_000) }];
    bench.view(rows, "one trade, one position", &IPlimsoll::checkTradeCall { account: a, trades }).await?;
    bench.view(rows, "", &IPlimsoll::marketCall { instrument: BTC_PERP }).await?;
    bench.view(rows, "one rung", &IPlimsoll::rungsCall { instrument: BTC_PERP, long: true }).await?;
    bench.view(rows, "", &IPlimsoll::potsCall { instrument: BTC_PERP }).await?;
    world.settle(vec![fill(a, b, ETH, ONE, wad(500))]).await?;
    bench.view(rows, "two positions", &IPlimsoll::marginOfCall { account: a }).await?;
    world.settle(vec![fill(a, b, ETH, -ONE, wad(500))]).await?;
    margins(bench, rows, &bob).await?;

    bench.send(rows, "one market", &bob, &IPlimsoll::pokeCall { instruments: vec![BTC_PERP] }).await?;
    bench
        .send(rows, "two markets", &bob, &IPlimsoll::pokeCall { instruments: vec![BTC_PERP, perp(ETH)] })
        .await?;
    bench.send(rows, "one position", &bob, &IPlimsoll::touchCall { account: a }).await?;
    liquidation(bench, rows, &bob).await?;
    bad_debt(bench, rows, &bob).await?;
    governance(bench, rows).await
}

async fn collateral(bench: &Bench, rows: &mut Rows, alice: &Key) -> Result<()> {
    let (world, a) = (&bench.world, alice.account(0));
    let amount = to_quote_units(wad(10_000));
    for (case, account) in [("into a new account", alice.account(1)), ("into a used account", a)] {
        let [mint, approve, _] = &world.deposit_txs(alice, account, wad(10_000))[..] else {
            anyhow::bail!("three")
        };
        world.chain.send_all_ok(&[mint.clone(), approve.clone()]).await?;
        let call = IPlimsoll::depositCall { account, token: world.token, amount };
        bench.send(rows, case, alice, &call).await?;
    }
    let to = alice.address();
    let call = IPlimsoll::withdrawCall { account: a, token: world.token, amount, to };
    bench.send(rows, "no position", alice, &call).await?;
    let operator = Address::repeat_byte(7);
    bench.send(rows, "", alice, &IPlimsoll::setOperatorCall { operator, approved: true }).await?;
    let call = IPlimsoll::approveVenueCall { account: a, venue: operator, approved: true };
    bench.send(rows, "", alice, &call).await?;
    Ok(())
}

/// One taker against several makers, all of whom have positions.
async fn many_fills(bench: &Bench, rows: &mut Rows, bob: &Key) -> Result<()> {
    let world = &bench.world;
    let mut fills: Vec<Fill> = Vec::new();
    for number in 0..10 {
        let maker = world.trader(&format!("maker {number}"), wad(10_000)).await?;
        fills.push(fill(bob.account(0), maker.account(0), BTC, ONE / 10, wad(10_000)));
    }
    world.settle(fills.clone()).await?;
    for count in [2, 5, 10] {
        let call = settleCall { fills: fills[..count].into() };
        bench.send(rows, &format!("{count} fills of one taker, all add"), &world.venue, &call).await?;
    }
    Ok(())
}

async fn margins(bench: &Bench, rows: &mut Rows, bob: &Key) -> Result<()> {
    let world = &bench.world;
    let crowd = Crowd::new(world).await?;
    crowd.fund(0..100, wad(1_000)).await?;
    // Half of them against the other half.
    let fills: Vec<Fill> =
        (0..50).map(|n| fill(crowd.account(n), crowd.account(n + 50), BTC, ONE / 10, wad(10_000))).collect();
    crowd.settle(&fills).await?;
    for count in [1, 10, 100] {
        let accounts = (0..count).map(|number| crowd.account(number)).collect();
        let noun = if count == 1 { "account" } else { "accounts" };
        let case = format!("{count} {noun}, one position each");
        bench.view(rows, &case, &IPlimsoll::marginsOfCall { accounts }).await?;
    }
    world.chain.transact(bob, world.engine, &IPlimsoll::touchCall { account: crowd.account(0) }).await?;
    Ok(())
}

async fn liquidation(bench: &Bench, rows: &mut Rows, bob: &Key) -> Result<()> {
    let world = &bench.world;
    let weak = world.trader("weak", wad(1_000)).await?;
    let keeper = world.trader("keeper", wad(100_000)).await?;
    world.settle(vec![fill(weak.account(0), bob.account(0), BTC, ONE, wad(10_000))]).await?;
    world.set_price(BTC, wad(9_250)).await?;
    let quote = IPlimsoll::quoteLiquidationCall { account: weak.account(0), instrument: BTC_PERP };
    bench.view(rows, "one position", &quote).await?;
    let call = |max| IPlimsoll::liquidateCall {
        account: weak.account(0),
        into: keeper.account(0),
        instrument: BTC_PERP,
        maxSize: max,
        limitPrice: 0,
    };
    bench.send(rows, "in part, into an account without a position", &keeper, &call(WAD / 100)).await?;
    bench.send(rows, "in part, into an account with one", &keeper, &call(u128::MAX)).await?;
    world.set_price(BTC, wad(10_000)).await?;
    Ok(())
}

/// A loss that nobody has a profit to bear, and its cover.
async fn bad_debt(bench: &Bench, rows: &mut Rows, bob: &Key) -> Result<()> {
    let world = &bench.world;
    let weak = world.trader("gone", wad(50)).await?;
    world.settle(vec![fill(weak.account(0), bob.account(0), ETH, ONE, wad(500))]).await?;
    world.set_price(ETH, wad(400)).await?;
    // Bob takes his profit, which ripens, and the one in his place has none.
    let other = world.trader("in his place", wad(1_000)).await?;
    world.settle(vec![fill(bob.account(0), other.account(0), ETH, ONE, wad(400))]).await?;
    world.chain.increase_time(3_000).await?;
    world.set_price(ETH, wad(400)).await?;
    let call = IPlimsoll::buryCall { account: weak.account(0) };
    bench.send(rows, "one position", bob, &call).await?;
    world.set_price(ETH, wad(400)).await?;
    let call = IPlimsoll::deleverageCall { instrument: perp(ETH) };
    bench.send(rows, "1 rung closed, nobody can pay", bob, &call).await?;

    let amount = to_quote_units(wad(100));
    let [mint, approve, _] = &world.deposit_txs(bob, bob.account(0), wad(100))[..] else {
        anyhow::bail!("three")
    };
    world.chain.send_all_ok(&[mint.clone(), approve.clone()]).await?;
    bench.send(rows, "", bob, &IPlimsoll::fundInsuranceCall { amount }).await?;
    let call = IPlimsoll::coverBadDebtCall { instrument: perp(ETH), amount: WAD };
    bench.send(rows, "", bob, &call).await?;
    Ok(())
}

async fn governance(bench: &Bench, rows: &mut Rows) -> Result<()> {
    let (world, owner) = (&bench.world, &bench.world.owner);
    let to = Address::repeat_byte(5);
    let params = MarketParams { insuranceShare: 50_000, ..scenario::market_params() };
    let call = IPlimsoll::listMarketCall { instrument: perp(3), params: params.clone() };
    bench.send(rows, "", owner, &call).await?;
    bench.send(rows, "", owner, &IPlimsoll::setMarketParamsCall { instrument: BTC_PERP, params }).await?;
    bench.send(rows, "", owner, &IPlimsoll::admitVenueCall { venue: to, admitted: true }).await?;
    bench.send(rows, "", owner, &IPlimsoll::setInsuranceCapCall { cap: 400_000 }).await?;
    bench.send(rows, "", owner, &IPlimsoll::withdrawFeesCall { to, amount: U256::from(1_000) }).await?;
    let until = world.chain.head().await?.timestamp() + 3_600;
    bench.send(rows, "", &world.guardian, &IPlimsoll::pauseCall { until }).await?;
    bench.send(rows, "", owner, &IPlimsoll::unpauseCall {}).await?;
    bench.send(rows, "", owner, &IPlimsoll::setGuardianCall { guardian: to }).await?;
    let pending = world.user("next owner").await?;
    bench.send(rows, "", owner, &IPlimsoll::transferOwnershipCall { pending: pending.address() }).await?;
    bench.send(rows, "", &pending, &IPlimsoll::acceptOwnershipCall {}).await?;
    bench.send(rows, "", &pending, &IPlimsoll::setOracleCall { oracle: world.oracle }).await?;
    Ok(())
}
