//! Who sets what, within which bounds; the pause and what it never stops; insurance and fees.

use alloy::{
    primitives::{Address, Bytes, U256},
    sol_types::SolCall,
};
use anyhow::Result;
use plimsoll_e2e::engines::{balance, solidity, state};
use plimsoll_harness::{
    bindings::{IPlimsoll::MarketParams, solidity::FakeOracle},
    prelude::*,
    scenario::{Options, market_params},
};

/// Seven days, the longest pause.
const WEEK: u64 = 7 * 24 * 3_600;

#[tokio::test]
async fn setters_refuse_everyone_but_the_owner() -> Result<()> {
    let world = World::start().await?;
    let stranger = world.user("stranger").await?;
    let (instrument, params) = (perp(BTC), market_params());
    let (to, here) = (stranger.address(), stranger.address());
    let setters: Vec<(&str, Vec<u8>)> = vec![
        (
            "listMarket",
            IPlimsoll::listMarketCall { instrument: perp(9), params: params.clone() }.abi_encode(),
        ),
        ("setMarketParams", IPlimsoll::setMarketParamsCall { instrument, params }.abi_encode()),
        ("admitVenue", IPlimsoll::admitVenueCall { venue: here, admitted: true }.abi_encode()),
        ("setOracle", IPlimsoll::setOracleCall { oracle: here }.abi_encode()),
        ("setInsuranceCap", IPlimsoll::setInsuranceCapCall { cap: 1 }.abi_encode()),
        ("setGuardian", IPlimsoll::setGuardianCall { guardian: here }.abi_encode()),
        ("transferOwnership", IPlimsoll::transferOwnershipCall { pending: here }.abi_encode()),
        ("unpause", IPlimsoll::unpauseCall {}.abi_encode()),
        ("withdrawFees", IPlimsoll::withdrawFeesCall { to, amount: U256::from(1) }.abi_encode()),
    ];
    let before = state(&world, &[]).await?;
    for caller in [&stranger, &world.guardian, &world.venue] {
        for (name, data) in &setters {
            let tx = Tx::raw(caller, world.engine, data.clone());
            let refused = world.chain.send(tx).await.expect_revert::<IPlimsoll::NotOwner>();
            let refused = refused.map_err(|e| e.context(*name))?;
            assert_eq!(refused.caller, caller.address(), "{name}");
        }
    }
    assert_eq!(state(&world, &[]).await?, before);
    Ok(())
}

#[tokio::test]
async fn ownership_passes_in_two_steps_or_not_at_all() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let [heir, other] = [world.user("heir").await?, world.user("other").await?];
    let name = |pending: Address| IPlimsoll::transferOwnershipCall { pending };
    let accept = IPlimsoll::acceptOwnershipCall {};
    let owner = async || chain.call(engine, &IPlimsoll::ownerCall {}).await;
    let pending = async || chain.call(engine, &IPlimsoll::pendingOwnerCall {}).await;
    let old = world.owner.address();

    let refused =
        chain.transact(&heir, engine, &accept).await.expect_revert::<IPlimsoll::NotPendingOwner>()?;
    assert_eq!(refused.caller, heir.address());
    let event = chain
        .transact(&world.owner, engine, &name(heir.address()))
        .await?
        .event::<IPlimsoll::OwnershipTransferStarted>()?;
    assert_eq!((event.owner, event.pending), (old, heir.address()));
    assert_eq!((owner().await?, pending().await?), (old, heir.address()));
    // Named is not owner yet, and only the named one accepts: neither the owner nor another.
    for caller in [&world.owner, &other] {
        chain.transact(caller, engine, &accept).await.expect_revert::<IPlimsoll::NotPendingOwner>()?;
    }
    let cap = IPlimsoll::setInsuranceCapCall { cap: 400_000 };
    chain.transact(&heir, engine, &cap).await.expect_revert::<IPlimsoll::NotOwner>()?;
    // Another name replaces the first; zero calls the transfer off.
    for (next, refused) in [(other.address(), &heir), (Address::ZERO, &other)] {
        chain.transact(&world.owner, engine, &name(next)).await?;
        chain.transact(refused, engine, &accept).await.expect_revert::<IPlimsoll::NotPendingOwner>()?;
    }
    assert_eq!((owner().await?, pending().await?), (old, Address::ZERO));

    chain.transact(&world.owner, engine, &name(heir.address())).await?;
    let event = chain.transact(&heir, engine, &accept).await?.event::<IPlimsoll::OwnershipTransferred>()?;
    assert_eq!((event.previous, event.owner), (old, heir.address()));
    assert_eq!((owner().await?, pending().await?), (heir.address(), Address::ZERO));
    chain.transact(&world.owner, engine, &cap).await.expect_revert::<IPlimsoll::NotOwner>()?;
    chain.transact(&heir, engine, &cap).await?;
    // Accepted once: a second time there is nothing to accept.
    chain.transact(&heir, engine, &accept).await.expect_revert::<IPlimsoll::NotPendingOwner>()?;
    Ok(())
}

#[tokio::test]
async fn listing_takes_new_perpetuals_with_sound_parameters() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let list = async |instrument, params| {
        chain.transact(&world.owner, engine, &IPlimsoll::listMarketCall { instrument, params }).await
    };
    let before = state(&world, &[]).await?;
    // u16 underlying, u8 kind (1: perpetual), then zeros: underlying zero, other kinds, anything behind the kind.
    let underlying = 3_u128 << 112;
    let bad = [
        0,
        1 << 104,
        underlying,
        underlying | 2 << 104,
        underlying | 3 << 104,
        underlying | 0xff << 104,
        perp(3) | 1,
        perp(3) | 1 << 103,
        u128::MAX,
    ];
    for instrument in bad {
        let refused = list(instrument, market_params()).await.expect_revert::<IPlimsoll::BadInstrument>()?;
        assert_eq!(refused.instrument, instrument);
        let call = IPlimsoll::setMarketParamsCall { instrument, params: market_params() };
        let refused =
            chain.transact(&world.owner, engine, &call).await.expect_revert::<IPlimsoll::UnknownMarket>();
        assert_eq!(refused?.instrument, instrument);
    }
    let refused = list(perp(BTC), market_params()).await.expect_revert::<IPlimsoll::MarketExists>()?;
    assert_eq!(refused.instrument, perp(BTC));
    let unlisted = IPlimsoll::setMarketParamsCall { instrument: perp(3), params: market_params() };
    let refused =
        chain.transact(&world.owner, engine, &unlisted).await.expect_revert::<IPlimsoll::UnknownMarket>()?;
    assert_eq!(refused.instrument, perp(3));
    // Bad parameters leave no market behind.
    let unsound = MarketParams { lot: 0, ..market_params() };
    assert_eq!(list(perp(3), unsound).await.expect_revert::<IPlimsoll::ParameterOutOfBounds>()?.index, 17);
    assert_eq!(state(&world, &[]).await?, before);

    let half = MarketParams { insuranceShare: 50_000, ..market_params() };
    let receipt = list(perp(3), half.clone()).await?;
    assert_eq!(receipt.event::<IPlimsoll::MarketListed>()?.instrument, perp(3));
    let set = receipt.event::<IPlimsoll::MarketParamsSet>()?;
    assert_eq!((set.instrument, set.params), (perp(3), half.clone()));
    list(perp(u16::MAX), half.clone()).await?;
    // Together the markets' shares of insurance are at the cap now.
    let refused = list(perp(4), MarketParams { insuranceShare: 1, ..half }).await;
    assert_eq!(refused.expect_revert::<IPlimsoll::ParameterOutOfBounds>()?.index, 23);
    // Both ends of a window's length, which is set once.
    let of = |seconds| MarketParams { insuranceShare: 0, youngWindow: seconds, ..market_params() };
    for seconds in [0, 59, 14_401, u16::MAX] {
        let refused = list(perp(4), of(seconds)).await.expect_revert::<IPlimsoll::ParameterOutOfBounds>()?;
        assert_eq!(refused.index, 22);
    }
    list(perp(4), of(60)).await?;
    list(perp(5), of(14_400)).await?;
    let listed = chain.call(engine, &IPlimsoll::instrumentsCall {}).await?;
    assert_eq!(listed, [BTC, ETH, 3, u16::MAX, 4, 5].map(perp));
    list(perp(3), market_params()).await.expect_revert::<IPlimsoll::MarketExists>()?;
    Ok(())
}

/// Each parameter at both ends of its range and one step beyond, in the order of the struct. The bounds, ppm: initial
/// 1,000 to 1e6; maintenance 500 to initial; band 100 to 500,000; weight to 1e6; fees to 20,000; funding to 120,000; the
/// fee of a liquidation plus a discount below maintenance; buffer 1,000 to 1e6. Units of the underlying: to 1e15. Quote: to
/// 1e13, in steps of 1e12 WAD, a millionth; costs and smallest notional to 1e6; the notional of funding from 10. Interest to the cap of
/// funding either way. The window of young profit, 60 to 14,400 s, stays as it was listed; the markets' shares of insurance are at most the
/// cap, 300,000, together, of which the other market has 100,000.
#[tokio::test]
async fn parameters_outside_their_bounds_are_named_by_their_place() -> Result<()> {
    let world = World::start().await?;
    let base = market_params();
    let most = wad(1_000_000_000_000_000);
    let (money, step) = (wad(10_000_000_000_000), WAD / 1_000_000);
    macro_rules! cases {
        ($($index:literal $field:ident good [$($good:expr),*] bad [$($bad:expr),*];)*) => {{
            let (mut good, mut bad) = (Vec::new(), Vec::new());
            $(
                $(good.push(MarketParams { $field: $good, ..base.clone() });)*
                $(bad.push(($index, MarketParams { $field: $bad, ..base.clone() }));)*
            )*
            (good, bad)
        }};
    }
    // The base has initial 50,000, maintenance 30,000, liquidation fee 5,000, discounts 2,000 and 20,000: fee and
    // largest discount may reach 29,999 together.
    let (good, bad): (Vec<_>, Vec<(u8, _)>) = cases! {
        0 initialFactor good [30_000, 1_000_000] bad [0, 999, 1_000_001, u32::MAX];
        1 maintenanceFactor good [25_001, 50_000] bad [0, 499, 50_001, u32::MAX];
        2 priceBand good [100, 500_000] bad [0, 99, 500_001, u32::MAX];
        3 profitWeight good [0, 1_000_000] bad [1_000_001, u32::MAX];
        4 takerFee good [0, 20_000] bad [20_001, u32::MAX];
        5 makerFee good [0, 20_000] bad [20_001, u32::MAX];
        6 fundingCap good [0, 120_000] bad [120_001, u32::MAX];
        7 liquidationFee good [0, 9_999] bad [30_000, u32::MAX];
        8 minDiscount good [0, 20_000] bad [25_000, u32::MAX];
        9 maxDiscount good [2_000, 24_999] bad [1_999, 25_000, u32::MAX];
        10 targetBuffer good [1_000, 1_000_000] bad [0, 999, 1_000_001, u32::MAX];
        11 oiLow good [0, base.oiHigh - step] bad [1, step - 1, money + step, u128::MAX];
        12 oiHigh good [0, base.oiLow + step, money] bad [base.oiLow, step, money - 1, money + step, u128::MAX];
        13 depth good [0, WAD, money] bad [1, WAD - step, WAD + 1, money + step, u128::MAX];
        14 liquidationCost good [0, step, wad(1_000_000)] bad [1, wad(1_000_000) + step, u128::MAX];
        15 maxOpenInterest good [most, base.maxPosition] bad [0, most + 1, u128::MAX];
        16 maxPosition good [base.lot, base.maxOpenInterest] bad [0, base.maxOpenInterest + 1, u128::MAX];
        17 lot good [1, base.maxPosition] bad [0, base.maxPosition + 1, u128::MAX];
        18 minNotional good [0, wad(1_000_000)] bad [wad(1_000_000) + 1, u128::MAX];
        19 interest good [-1_000, 1_000] bad [-1_001, 1_001, i32::MIN, i32::MAX];
        20 fundingNotional good [wad(10), money] bad [0, wad(10) - step, wad(10) + 1, money + step, u128::MAX];
        21 maxTradeAge good [1, u16::MAX] bad [0];
        22 youngWindow good [base.youngWindow] bad [0, 59, 14_401, u16::MAX, 60, 1_000];
        23 insuranceShare good [0, 200_000] bad [200_001, 1_000_001, u32::MAX];
    };
    let set = |params: MarketParams| IPlimsoll::setMarketParamsCall { instrument: perp(BTC), params };
    let before = state(&world, &[]).await?;
    for (index, params) in bad {
        let refused = world.chain.transact(&world.owner, world.engine, &set(params.clone())).await;
        let refused = refused.expect_revert::<IPlimsoll::ParameterOutOfBounds>();
        let refused = refused.map_err(|e| e.context(format!("{index}: {params:?}")))?;
        assert_eq!(refused.index, index, "{params:?}");
    }
    assert_eq!(state(&world, &[]).await?, before);

    for params in good {
        let receipt = world.chain.transact(&world.owner, world.engine, &set(params.clone())).await?;
        assert_eq!(receipt.event::<IPlimsoll::MarketParamsSet>()?.params, params);
        let stored = IPlimsoll::marketParamsCall { instrument: perp(BTC) };
        assert_eq!(world.chain.call(world.engine, &stored).await?, params, "what was set is what is read");
    }
    Ok(())
}

#[tokio::test]
async fn venues_guardian_cap_and_oracle_are_set_and_seen() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine, owner) = (&world.chain, world.engine, &world.owner);
    let stranger = world.user("stranger").await?;
    let who = stranger.address();

    for admitted in [true, false] {
        let call = IPlimsoll::admitVenueCall { venue: who, admitted };
        let event = chain.transact(owner, engine, &call).await?.event::<IPlimsoll::VenueAdmitted>()?;
        assert_eq!((event.venue, event.admitted), (who, admitted));
        assert_eq!(chain.call(engine, &IPlimsoll::isVenueAdmittedCall { venue: who }).await?, admitted);
    }
    let nobody = IPlimsoll::admitVenueCall { venue: Address::ZERO, admitted: true };
    chain.transact(owner, engine, &nobody).await.expect_revert::<IPlimsoll::ZeroAddress>()?;
    let nobody = IPlimsoll::setOracleCall { oracle: Address::ZERO };
    chain.transact(owner, engine, &nobody).await.expect_revert::<IPlimsoll::ZeroAddress>()?;

    // From the sum of the two markets' shares to all of the fund.
    for cap in [200_000, 200_001, 1_000_000] {
        let call = IPlimsoll::setInsuranceCapCall { cap };
        assert_eq!(
            chain.transact(owner, engine, &call).await?.event::<IPlimsoll::InsuranceCapSet>()?.cap,
            cap
        );
        assert_eq!(chain.call(engine, &IPlimsoll::insuranceCapCall {}).await?, cap);
    }
    for cap in [0, 199_999, 1_000_001, u32::MAX] {
        let call = IPlimsoll::setInsuranceCapCall { cap };
        let refused =
            chain.transact(owner, engine, &call).await.expect_revert::<IPlimsoll::ParameterOutOfBounds>()?;
        assert_eq!(refused.index, 0);
    }
    assert_eq!(chain.call(engine, &IPlimsoll::insuranceCapCall {}).await?, 1_000_000);

    // Another guardian, then none: the old one may pause no more, the owner always may.
    let now = chain.head().await?.timestamp();
    let pause = IPlimsoll::pauseCall { until: now + 600 };
    for guardian in [who, Address::ZERO] {
        let call = IPlimsoll::setGuardianCall { guardian };
        assert_eq!(
            chain.transact(owner, engine, &call).await?.event::<IPlimsoll::GuardianSet>()?.guardian,
            guardian
        );
        assert_eq!(chain.call(engine, &IPlimsoll::guardianCall {}).await?, guardian);
        let refused = chain
            .transact(&world.guardian, engine, &pause)
            .await
            .expect_revert::<IPlimsoll::NotGuardian>()?;
        assert_eq!(refused.caller, world.guardian.address());
    }
    chain.transact(&stranger, engine, &pause).await.expect_revert::<IPlimsoll::NotGuardian>()?;
    assert_eq!(chain.transact(owner, engine, &pause).await?.event::<IPlimsoll::Paused>()?.until, now + 600);
    // A pause goes on when the guardian changes.
    chain.transact(owner, engine, &IPlimsoll::setGuardianCall { guardian: who }).await?;
    assert_eq!(chain.call(engine, &IPlimsoll::pausedUntilCall {}).await?, now + 600);

    // The quote token of the scenario.
    let quote = chain.call(engine, &IPlimsoll::quoteTokenCall {}).await?;
    assert_eq!((quote.token, quote.decimals), (world.token, 6));
    Ok(())
}

#[tokio::test]
async fn another_oracle_is_used_at_once_and_a_broken_one_is_named() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(1_000)).await?;
    let account = alice.account(0);
    world.trade(account, bob.account(0), perp(BTC), WAD as i128, wad(10_000)).await?;
    let fake = solidity(&world, "FakeOracle", &()).await?;
    let set = async |oracle| chain.transact(&world.owner, engine, &IPlimsoll::setOracleCall { oracle }).await;
    let margin = async || chain.call(engine, &IPlimsoll::marginOfCall { account }).await;
    let touch = IPlimsoll::touchCall { account };

    let event = set(fake).await?.event::<IPlimsoll::OracleSet>()?;
    assert_eq!((event.oracle, chain.call(engine, &IPlimsoll::oracleCall {}).await?), (fake, fake));
    // 1 BTC bought at 10,000: at 12,000 it is worth 2,000 more; initial margin 5 % of 12,000, maintenance 3 %.
    let price = |status, price| FakeOracle::setPriceCall { underlying: BTC, status, price_: price, time: 1 };
    chain.transact(&alice, fake, &price(1, wad(12_000))).await?;
    let found = margin().await?;
    assert_eq!((found.equity, found.initial, found.maintenance), (wad(3_000) as i128, wad(600), wad(360)));
    assert_eq!(found.priceStatus, 1);
    // Views answer on whatever the oracle has, and tell its status; acts do not.
    for (status, name) in [(0, "unset"), (2, "late"), (3, "stale"), (4, "no status")] {
        chain.transact(&alice, fake, &price(status, wad(12_000))).await?;
        assert_eq!(margin().await?.priceStatus, status, "{name}");
        let refused = world.trade(account, bob.account(0), perp(BTC), WAD as i128 / 10, wad(12_000)).await;
        let refused = refused.expect_revert::<IPlimsoll::PriceUnusable>()?;
        assert_eq!((refused.instrument, refused.status), (perp(BTC), status), "{name}");
    }
    // A fresh price of zero is no price.
    chain.transact(&alice, fake, &price(1, 0)).await?;
    let refused = world.trade(account, bob.account(0), perp(BTC), 1, 1).await;
    refused.expect_revert::<IPlimsoll::PriceUnusable>()?;
    // One bitcoin at 2^128 - 1 is more than signed money holds, 2^127 - 1.
    chain.transact(&alice, fake, &price(1, u128::MAX)).await?;
    margin().await.expect_revert::<IPlimsoll::Overflow>()?;

    let junk = |mode: u8, bytes: Vec<u8>| FakeOracle::setModeCall { mode_: mode, raw_: Bytes::from(bytes) };
    let (raw, reverts) = (1, 2);
    let answers = [
        (raw, vec![]),
        (raw, vec![0; 31]),
        // one word short of offset, length and one price; one byte more
        (raw, vec![0; 160]),
        (raw, vec![0; 193]),
        (raw, vec![0xff; 192]),
        (raw, vec![0xff; 16_384]),
        (reverts, vec![]),
        (reverts, vec![0xff; 16_384]),
        // what the engine itself would say
        (reverts, IPlimsoll::ownerCall {}.abi_encode()),
    ];
    for (mode, bytes) in answers {
        let length = bytes.len();
        chain.transact(&alice, fake, &junk(mode, bytes)).await?;
        let refused = margin().await.expect_revert::<IPlimsoll::OracleFailed>();
        assert_eq!(refused.map_err(|e| e.context(format!("mode {mode}, {length} bytes")))?.oracle, fake);
        chain.transact(&alice, engine, &touch).await.expect_revert::<IPlimsoll::OracleFailed>()?;
        let refused = world.trade(account, bob.account(0), perp(BTC), WAD as i128 / 10, wad(10_000)).await;
        refused.expect_revert::<IPlimsoll::OracleFailed>()?;
    }
    // Nobody at home, and a contract that is no oracle, are not taken.
    for oracle in [alice.address(), world.token] {
        assert_eq!(set(oracle).await.expect_revert::<IPlimsoll::OracleFailed>()?.oracle, oracle);
        assert_eq!(chain.call(engine, &IPlimsoll::oracleCall {}).await?, fake);
    }
    // An account without positions needs no oracle: money that is not at risk is never locked in.
    let carol = world.trader("carol", wad(10)).await?;
    let out = IPlimsoll::withdrawCall {
        account: carol.account(0),
        token: world.token,
        amount: U256::from(10_000_000),
        to: carol.address(),
    };
    chain.transact(&carol, engine, &out).await?;
    assert_eq!(balance(&world, carol.address()).await?, U256::from(10_000_000));

    // The true oracle back, everything stands as before.
    set(world.oracle).await?;
    assert_eq!(margin().await?.equity, wad(1_000) as i128);
    Ok(())
}

#[tokio::test]
async fn pauses_end_by_themselves_and_a_later_one_never_shortens() -> Result<()> {
    let needs = [Capability::TimeTravel];
    let Some(world) = World::alone(test_name!(), &needs).await? else { return Ok(()) };
    let (chain, engine, guardian) = (&world.chain, world.engine, &world.guardian);
    let pause = async |by: &Key, until| chain.transact(by, engine, &IPlimsoll::pauseCall { until }).await;
    let until = async || chain.call(engine, &IPlimsoll::pausedUntilCall {}).await;
    let stranger = world.user("stranger").await?;
    let start = chain.head().await?.timestamp() + 1_000;

    let refused = pause(&stranger, start).await.expect_revert::<IPlimsoll::NotGuardian>()?;
    assert_eq!(refused.caller, stranger.address());
    // Seven days from the block's own time at the most: one second more is refused, whoever asks.
    for caller in [guardian, &world.owner] {
        for far in [start + WEEK + 1_000_000, u64::MAX] {
            let refused = pause(caller, far).await.expect_revert::<IPlimsoll::PauseTooLong>()?;
            assert_eq!(refused.until, far);
        }
    }
    chain.set_next_time(start).await?;
    chain.mine().await?;
    assert_eq!(until().await?, 0);
    let at = start + 10;
    chain.set_next_time(at).await?;
    let event = pause(guardian, at + WEEK).await?.event::<IPlimsoll::Paused>()?;
    assert_eq!((event.by, event.until), (guardian.address(), at + WEEK));
    // A shorter one, and one of the past, leave it as long as it was.
    for shorter in [at + 100, at, 0] {
        assert_eq!(pause(guardian, shorter).await?.event::<IPlimsoll::Paused>()?.until, at + WEEK);
    }
    assert_eq!(until().await?, at + WEEK);
    // The guardian cannot end it; the owner can, at once.
    let unpause = IPlimsoll::unpauseCall {};
    chain.transact(guardian, engine, &unpause).await.expect_revert::<IPlimsoll::NotOwner>()?;
    let event = chain.transact(&world.owner, engine, &unpause).await?.event::<IPlimsoll::Unpaused>()?;
    assert_eq!((event.by, until().await?), (world.owner.address(), 0));

    // A short one ends in its last second, without anybody's act.
    let [alice, bob] = [world.trader("alice", wad(100)).await?, world.trader("bob", wad(100)).await?];
    world.set_price(BTC, wad(10_000)).await?;
    world.trade(alice.account(0), bob.account(0), perp(BTC), WAD as i128 / 100, wad(10_000)).await?;
    let start = chain.head().await?.timestamp() + 100;
    chain.set_next_time(start).await?;
    pause(guardian, start + 50).await?;
    let out = IPlimsoll::withdrawCall {
        account: alice.account(0),
        token: world.token,
        amount: U256::from(1),
        to: alice.address(),
    };
    chain.set_next_time(start + 49).await?;
    let refused = chain.transact(&alice, engine, &out).await.expect_revert::<IPlimsoll::EnginePaused>()?;
    assert_eq!(refused.until, start + 50);
    chain.set_next_time(start + 50).await?;
    chain.transact(&alice, engine, &out).await?;
    assert_eq!(until().await?, 0);
    Ok(())
}

#[tokio::test]
async fn pauses_stop_risk_and_withdrawals_and_nothing_else() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let btc = perp(BTC);
    let tenth = WAD as i128 / 10;
    // Dora holds 60 for 0.1 BTC at 10,000 (initial margin 50), eve 52, against bob; keeper takes over.
    let [alice, bob, keeper] = [
        world.trader("alice", wad(1_000)).await?,
        world.trader("bob", wad(2_000)).await?,
        world.trader("keeper", wad(1_000)).await?,
    ];
    let [dora, eve] = [world.trader("dora", wad(60)).await?, world.trader("eve", wad(52)).await?];
    for party in [&alice, &dora, &eve] {
        world.trade(party.account(0), bob.account(0), btc, tenth, wad(10_000)).await?;
    }
    let until = chain.head().await?.timestamp() + 3_600;
    chain.transact(&world.guardian, engine, &IPlimsoll::pauseCall { until }).await?;
    let accounts = [alice.account(0), bob.account(0), keeper.account(0)];
    let before = state(&world, &accounts).await?;

    // Stopped: withdrawals, and fills that leave a party no safer: more risk, a new position, or a swap of places.
    let out = IPlimsoll::withdrawCall {
        account: alice.account(0),
        token: world.token,
        amount: U256::from(1),
        to: alice.address(),
    };
    let refused = chain.transact(&alice, engine, &out).await.expect_revert::<IPlimsoll::EnginePaused>()?;
    assert_eq!(refused.until, until);
    for (taker, maker) in [(&alice, &bob), (&keeper, &bob), (&keeper, &alice)] {
        let refused = world.trade(taker.account(0), maker.account(0), btc, tenth / 10, wad(10_000)).await;
        assert_eq!(refused.expect_revert::<IPlimsoll::EnginePaused>()?.until, until);
    }
    assert_eq!(state(&world, &accounts).await?, before);

    // Never stopped: withdrawals of who has no position, deposits, permissions, fills that make both sides safer.
    let leave = IPlimsoll::withdrawCall {
        account: keeper.account(0),
        token: world.token,
        amount: U256::from(1),
        to: keeper.address(),
    };
    chain.transact(&keeper, engine, &leave).await?;
    chain.send_all_ok(&world.deposit_txs(&alice, alice.account(0), wad(5))).await?;
    chain.send(world.approve_venue_tx(&alice, alice.account(1), world.venue.address())).await?;
    world.trade(alice.account(0), bob.account(0), btc, -tenth / 2, wad(10_000)).await?;
    world.fund_insurance(wad(10)).await?;
    chain.transact(&keeper, engine, &IPlimsoll::pokeCall { instruments: vec![btc] }).await?;
    chain.transact(&keeper, engine, &IPlimsoll::touchCall { account: alice.account(0) }).await?;
    // Nor prices, liquidation, burial and passes. At 9,600 dora has 60 - 40 = 20 of a maintenance of 3 % of 960 = 28.8.
    world.set_price(BTC, wad(9_600)).await?;
    let liquidate = IPlimsoll::liquidateCall {
        account: dora.account(0),
        into: keeper.account(0),
        instrument: btc,
        maxSize: wad(1),
        limitPrice: 0,
    };
    chain.transact(&keeper, engine, &liquidate).await?.event::<IPlimsoll::Liquidated>()?;
    // At 9,450 eve has 52 - 55 = -3.
    world.set_price(BTC, wad(9_450)).await?;
    let bury = IPlimsoll::buryCall { account: eve.account(0) };
    let event = chain.transact(&keeper, engine, &bury).await?.event::<IPlimsoll::Buried>()?;
    assert_eq!(event.deficit, wad(3));
    world.set_price(BTC, wad(9_450)).await?;
    let deleverage = IPlimsoll::deleverageCall { instrument: btc };
    let event = chain.transact(&keeper, engine, &deleverage).await?.event::<IPlimsoll::Deleveraged>()?;
    assert_eq!(event.deficit, wad(3));
    assert_eq!(chain.call(engine, &IPlimsoll::pausedUntilCall {}).await?, until);

    // Without the pause what was refused goes.
    chain.transact(&world.owner, engine, &IPlimsoll::unpauseCall {}).await?;
    chain.transact(&alice, engine, &out).await?;
    world.trade(alice.account(0), bob.account(0), btc, tenth / 10, wad(9_450)).await?;
    Ok(())
}

#[tokio::test]
async fn fees_are_paid_to_whom_the_owner_says_and_never_more_than_collected() -> Result<()> {
    // 0.05 % and 0.01 %
    let params = MarketParams { takerFee: 500, makerFee: 100, ..market_params() };
    let options = Options { markets: vec![(perp(BTC), params)], ..Options::default() };
    let world = World::deploy(Node::start().await?, &options).await?;
    let (chain, engine) = (&world.chain, world.engine);
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(1_000)).await?;
    let treasury = Address::repeat_byte(0x55);
    // 0.1 BTC at 10,000 is 1,000: 0.5 of taker and 0.1 of maker.
    let receipt =
        world.trade(alice.account(0), bob.account(0), perp(BTC), WAD as i128 / 10, wad(10_000)).await?;
    let event = receipt.event::<IPlimsoll::Filled>()?;
    assert_eq!((event.takerFee, event.makerFee), (WAD / 2, WAD / 10));
    assert_eq!(chain.call(engine, &IPlimsoll::totalsCall {}).await?.fees, WAD * 6 / 10);

    let withdraw = async |to, amount| {
        chain.transact(&world.owner, engine, &IPlimsoll::withdrawFeesCall { to, amount }).await
    };
    let before = state(&world, &[]).await?;
    let refused = withdraw(treasury, U256::from(600_001)).await.expect_revert::<IPlimsoll::FeesTooSmall>()?;
    assert_eq!((refused.amount, refused.fees), (600_001_000_000_000_000, WAD * 6 / 10));
    withdraw(treasury, U256::ZERO).await.expect_revert::<IPlimsoll::ZeroAmount>()?;
    withdraw(Address::ZERO, U256::from(1)).await.expect_revert::<IPlimsoll::ZeroAddress>()?;
    for amount in [U256::from(u128::MAX), U256::MAX] {
        withdraw(treasury, amount).await.expect_revert::<IPlimsoll::Overflow>()?;
    }
    let refused = withdraw(engine, U256::from(1)).await.expect_revert::<IPlimsoll::TransferMismatch>()?;
    assert_eq!(refused.moved, U256::ZERO);
    assert_eq!(state(&world, &[]).await?, before);

    let event = withdraw(treasury, U256::from(400_000)).await?.event::<IPlimsoll::FeesWithdrawn>()?;
    assert_eq!((event.to, event.amount), (treasury, U256::from(400_000)));
    withdraw(treasury, U256::from(200_001)).await.expect_revert::<IPlimsoll::FeesTooSmall>()?;
    withdraw(treasury, U256::from(200_000)).await?;
    assert_eq!(balance(&world, treasury).await?, U256::from(600_000));
    assert_eq!(chain.call(engine, &IPlimsoll::totalsCall {}).await?.fees, 0);
    assert_eq!(world.identity().await?.difference, 0);
    Ok(())
}

#[tokio::test]
async fn insurance_is_funded_by_anyone_and_covers_only_debt() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let donor = world.user("donor").await?;
    let (mint, approve) = (
        IToken::mintCall { to: donor.address(), amount: U256::from(7_000_000) },
        IToken::approveCall { spender: engine, amount: U256::MAX },
    );
    chain
        .send_all_ok(&[Tx::call(&donor, world.token, &mint), Tx::call(&donor, world.token, &approve)])
        .await?;
    let fund = |amount| IPlimsoll::fundInsuranceCall { amount };
    let receipt = chain.transact(&donor, engine, &fund(U256::from(7_000_000))).await?;
    let event = receipt.event::<IPlimsoll::InsuranceFunded>()?;
    assert_eq!((event.by, event.amount, event.credited), (donor.address(), U256::from(7_000_000), wad(7)));
    let totals = chain.call(engine, &IPlimsoll::totalsCall {}).await?;
    assert_eq!((totals.insurance, totals.tokens), (wad(7), wad(7)));
    chain.transact(&donor, engine, &fund(U256::ZERO)).await.expect_revert::<IPlimsoll::ZeroAmount>()?;
    for amount in [U256::from(1), U256::MAX] {
        chain.transact(&donor, engine, &fund(amount)).await.expect_revert::<IPlimsoll::TransferFailed>()?;
    }
    // No debt, no payment: the fund has no way out to anybody.
    let cover = async |instrument, amount| {
        let call = IPlimsoll::coverBadDebtCall { instrument, amount };
        chain.transact(&donor, engine, &call).await
    };
    for instrument in [perp(BTC), 0] {
        let refused = cover(instrument, wad(1)).await.expect_revert::<IPlimsoll::NoBadDebt>()?;
        assert_eq!(refused.instrument, instrument);
    }
    cover(perp(BTC), 0).await.expect_revert::<IPlimsoll::ZeroAmount>()?;
    for instrument in [perp(77), 1, u128::MAX] {
        let refused = cover(instrument, 1).await.expect_revert::<IPlimsoll::UnknownMarket>()?;
        assert_eq!(refused.instrument, instrument);
    }
    assert_eq!(chain.call(engine, &IPlimsoll::totalsCall {}).await?.insurance, wad(7));
    Ok(())
}
