//! Surfaces: reports of volatility slices and the rules that refuse one, what a slice may be used for over time, and
//! who sets the rules.

use alloy::primitives::{Bytes, U256};
use anyhow::Result;
use plimsoll_harness::{
    bindings::IPlimsollOracle::{Expiry, SliceView},
    oracle::{self, signatures},
    prelude::*,
    surfaces::{SlicePoint, Surface, call, digest, smile, surface},
};

const DAY: u32 = 86_400;

/// The last slices of bitcoin.
async fn views(world: &World, expiries: &[u32]) -> Result<Vec<SliceView>, Failure> {
    let call = IPlimsollOracle::slicesCall { underlying: BTC, expiries: expiries.to_vec() };
    world.chain.call(world.oracle, &call).await
}

/// The same for a risk model, all of them fresh.
async fn strict(world: &World, expiries: &[u32]) -> Result<Vec<Expiry>, Failure> {
    let call = IPlimsollOracle::surfaceCall { underlying: BTC, expiries: expiries.to_vec() };
    world.chain.call(world.oracle, &call).await
}

async fn expiries(world: &World) -> Result<Vec<u32>, Failure> {
    world.chain.call(world.oracle, &IPlimsollOracle::expiriesCall { underlying: BTC }).await
}

/// A time at which a new report is due: past the last one, and the chain's own from now on.
async fn next_time(world: &World) -> Result<u64> {
    world.pass_time(2).await?;
    Ok(world.chain.head().await?.timestamp())
}

/// A world with a surface for bitcoin, slices of 60 % volatility at these days from a time, and that time.
async fn with_slices(world: &World, rules: Surface, days: &[u32]) -> Result<(Vec<u32>, u64)> {
    world.set_surface(BTC, rules).await?;
    let time = next_time(world).await?;
    let dates: Vec<u32> = days.iter().map(|days| time as u32 + days * DAY).collect();
    let slices: Vec<_> = dates.iter().map(|date| btc(*date, time)).collect();
    world.set_slices(&slices).await?;
    Ok((dates, time))
}

fn btc(expiry: u32, time: u64) -> SlicePoint {
    smile(BTC, expiry, time, wad(10_000), 600_000)
}

/// Axel Vogt's slice (Gatheral and Jacquier, arXiv:1204.0646): the density is negative around k = 0.88.
fn vogt(slice: SlicePoint) -> SlicePoint {
    SlicePoint {
        a: -41_000_000_000,
        b: 133_100_000_000,
        rho: 306_000_000_000,
        m: 358_600_000_000,
        sigma: 415_300_000_000,
        ..slice
    }
}

/// A world for reports of chosen times; `None`, said aloud, on a node whose clock cannot be moved.
async fn timed(test: &str) -> Result<Option<World>> {
    World::alone(test, &[Capability::TimeTravel]).await
}

#[tokio::test]
async fn slices_are_admitted_whole_from_anyone_and_read_back_as_signed() -> Result<()> {
    let world = World::start().await?;
    let (chain, at) = (&world.chain, world.oracle);
    let stranger = world.user("stranger").await?;
    world.set_surface(BTC, surface()).await?;
    world.set_surface(ETH, surface()).await?;
    let time = next_time(&world).await?;
    let date = time as u32 + 30 * DAY;
    let slices = [
        SlicePoint { forwardConfidence: 999_999, rateConfidence: 0, volConfidence: 1, ..btc(date, time) },
        SlicePoint { rate: -2_000_000_000, m: -3_000_000_000, ..btc(date + DAY, time - 1) },
        smile(ETH, date, time, wad(500), 800_000),
    ];
    let deadline = time + 600;
    let asked = IPlimsollOracle::sliceDigestCall { slices: slices.to_vec(), deadline };
    let signed = digest(chain.chain_id(), at, &slices, deadline);
    assert_eq!(chain.call(at, &asked).await?, signed, "the digest is EIP-712 as alloy computes it");

    let submit = call(&slices, deadline, signatures(signed, &world.reporters[1..])?);
    let receipt = chain.transact(&stranger, at, &submit).await?;
    let events = receipt.events::<IPlimsollOracle::SliceUpdated>();
    assert_eq!(events.len(), 3);
    for (event, slice) in events.iter().zip(&slices) {
        assert_eq!((event.underlying, event.expiry, &event.slice), (slice.underlying, slice.expiry, slice));
    }
    assert_eq!(expiries(&world).await?, [date, date + DAY]);

    let read = views(&world, &[date + DAY, date]).await?;
    for (view, slice) in read.iter().zip([&slices[1], &slices[0]]) {
        assert_eq!((view.status, view.time), (1, slice.time));
        assert_eq!(view.age, chain.head().await?.timestamp() - slice.time);
        let unit = |x: i64| i128::from(x) * 1_000_000;
        let ppm = |x: u32| u64::from(x) * 1_000_000_000_000;
        let seconds = u128::from(u64::from(slice.expiry) - slice.time);
        let expected = Expiry {
            expiry: slice.expiry,
            forward: slice.forward,
            rate: i128::from(slice.rate) * 1_000_000_000,
            a: unit(slice.a),
            b: unit(slice.b),
            rho: unit(slice.rho),
            m: unit(slice.m),
            sigma: unit(slice.sigma),
            sviForward: slice.forward,
            sviYears: seconds * WAD / 31_536_000,
            forwardConfidence: ppm(slice.forwardConfidence),
            rateConfidence: ppm(slice.rateConfidence),
            volConfidence: ppm(slice.volConfidence),
        };
        assert_eq!(view.slice, expected);
        assert_eq!(strict(&world, &[slice.expiry]).await?, [expected]);
    }
    assert!(views(&world, &[]).await?.is_empty() && strict(&world, &[]).await?.is_empty());
    // The same report again is no longer news.
    let refused = chain.transact(&stranger, at, &submit).await;
    let refused = refused.expect_revert::<IPlimsollOracle::SliceNotNewer>()?;
    assert_eq!((refused.underlying, refused.expiry, refused.time, refused.last), (BTC, date, time, time));
    Ok(())
}

/// Sends a good slice and a bad one behind it, expects the error, and that it names underlying and expiry.
macro_rules! refused {
    ($world:expr, $slices:expr, $error:ident, $expiry:expr) => {{
        let refused = $world.set_slices($slices).await.expect_revert::<IPlimsollOracle::$error>();
        let refused = refused.map_err(|e| e.context(stringify!($error)))?;
        assert_eq!((refused.underlying, refused.expiry), (BTC, $expiry));
        refused
    }};
}

#[tokio::test]
async fn slices_that_break_a_rule_are_refused_and_change_nothing() -> Result<()> {
    let Some(world) = timed(test_name!()).await? else { return Ok(()) };
    let rules = Surface { maxVolJump: 200_000, maxForwardJump: 100_000, ..surface() };
    let (dates, time) = with_slices(&world, rules, &[7, 30, 90]).await?;
    let now = next_time(&world).await?;
    let before = views(&world, &dates).await?;
    let (first, date) = (btc(dates[0], now), dates[1]);
    let good = btc(date, now);
    let two = |bad: &SlicePoint| [first.clone(), bad.clone()];

    world.set_slices(&[]).await.expect_revert::<IPlimsollOracle::NoPoints>()?;
    let refused = world.set_slices(&[smile(9, date, now, wad(1), 1)]).await;
    assert_eq!(refused.expect_revert::<IPlimsollOracle::UnknownSurface>()?.underlying, 9);
    refused!(world, &two(&first), SlicesNotSorted, dates[0]);
    refused!(world, &[good.clone(), first.clone()], SlicesNotSorted, dates[0]);
    for over in [now as u32, 0] {
        refused!(world, &[SlicePoint { expiry: over, ..good.clone() }], SliceExpired, over);
    }
    let far = now as u32 + 3_651 * DAY;
    refused!(world, &two(&SlicePoint { expiry: far, ..good.clone() }), ExpiryTooFar, far);
    for time in [now + 1_000, u64::MAX] {
        let bad = SlicePoint { time, ..good.clone() };
        assert_eq!(refused!(world, &two(&bad), SliceFromFuture, date).time, time);
    }
    for old in [time, time - 1, 0] {
        let bad = SlicePoint { time: old, ..good.clone() };
        let refused = refused!(world, &two(&bad), SliceNotNewer, date);
        assert_eq!((refused.time, refused.last), (old, time));
    }
    for forward in [0, wad(100_000_000) + 1, u128::MAX] {
        let bad = SlicePoint { forward, ..good.clone() };
        assert_eq!(refused!(world, &two(&bad), ForwardOutOfBounds, date).forward, forward);
    }
    for rate in [2_000_000_001, i32::MIN] {
        let bad = SlicePoint { rate, ..good.clone() };
        assert_eq!(refused!(world, &two(&bad), RateOutOfBounds, date).rate, rate);
    }
    let sure = SlicePoint { volConfidence: 1_000_001, ..good.clone() };
    refused!(world, &two(&sure), ConfidenceOutOfBounds, date);
    for (index, bad) in [
        (0, SlicePoint { a: 144_000_000_000_001, ..good.clone() }),
        (1, SlicePoint { b: -1, ..good.clone() }),
        (2, SlicePoint { rho: -1_000_000_000_000, ..good.clone() }),
        (3, SlicePoint { m: i64::MIN, ..good.clone() }),
        (4, SlicePoint { sigma: 999_999, ..good.clone() }),
    ] {
        assert_eq!(refused!(world, &two(&bad), SviOutOfDomain, date).index, index);
    }
    refused!(world, &two(&SlicePoint { a: 0, b: 0, ..good.clone() }), VarianceOutOfBounds, date);
    let steep = SlicePoint { a: 6_000_000_000_000, b: 1_700_000_000_000, ..good.clone() };
    refused!(world, &two(&steep), WingsTooSteep, date);
    refused!(world, &two(&vogt(good.clone())), ButterflyArbitrage, date);

    // Jumps of 10 % of the forward and 20 % of the volatility at the most.
    for forward in [wad(11_000) + 1, wad(9_000) - 1] {
        let bad = SlicePoint { forward, ..good.clone() };
        assert_eq!(refused!(world, &two(&bad), ForwardJumpTooLarge, date).forward, forward);
    }
    for vol in [721_000, 479_000] {
        refused!(world, &two(&smile(BTC, date, now, wad(10_000), vol)), VolJumpTooLarge, date);
    }
    // One bad slice spoiled the good one before it, every time.
    let after = views(&world, &dates).await?;
    for (then, now) in before.iter().zip(&after) {
        assert_eq!((then.time, &then.slice), (now.time, &now.slice));
    }
    world.set_slices(&two(&smile(BTC, date, now, wad(11_000), 719_000))).await?;
    Ok(())
}

#[tokio::test]
async fn slices_of_an_underlying_never_cross_in_time() -> Result<()> {
    let Some(world) = timed(test_name!()).await? else { return Ok(()) };
    let (dates, _) = with_slices(&world, surface(), &[7, 30, 90]).await?;
    let now = next_time(&world).await?;
    let with = |expiry, vol| smile(BTC, expiry, now, wad(10_000), vol);
    // 60 % everywhere; 30 days at 28 % have less variance than 7 at 60 %, and at 105 % more than 90.
    for (vol, other) in [(280_000, dates[0]), (1_050_000, dates[2])] {
        let refused = refused!(world, &[with(dates[1], vol)], CalendarArbitrage, dates[1]);
        assert_eq!(refused.other, other);
    }
    // A new expiry between two, before all and behind all of them.
    let between = dates[1] - DAY;
    assert_eq!(refused!(world, &[with(between, 620_000)], CalendarArbitrage, between).other, dates[1]);
    let early = dates[0] - DAY;
    assert_eq!(refused!(world, &[with(early, 700_000)], CalendarArbitrage, early).other, dates[0]);
    let late = dates[2] + DAY;
    assert_eq!(refused!(world, &[with(late, 590_000)], CalendarArbitrage, late).other, dates[2]);
    // The middle in order and the wings not.
    let wide = SlicePoint { a: 0, b: 4 * with(dates[1], 600_000).b, ..with(dates[1], 600_000) };
    assert_eq!(refused!(world, &[wide], CalendarArbitrage, dates[1]).other, dates[2]);
    // Reported together they are compared with one another, whatever was stored.
    world.set_slices(&[with(dates[0], 200_000), with(dates[1], 280_000)]).await?;
    let now = next_time(&world).await?;
    let pair = [dates[0], dates[1]].map(|date| smile(BTC, date, now, wad(10_000), 280_000));
    let crossed = [smile(BTC, dates[0], now, wad(10_000), 700_000), pair[1].clone()];
    assert_eq!(refused!(world, &crossed, CalendarArbitrage, dates[1]).other, dates[0]);
    world.set_slices(&pair).await?;
    Ok(())
}

#[tokio::test]
async fn a_bad_slice_leaves_the_old_one_which_ages_into_unusable() -> Result<()> {
    let Some(world) = timed(test_name!()).await? else { return Ok(()) };
    let chain = &world.chain;
    let (dates, time) = with_slices(&world, surface(), &[30]).await?;
    let date = dates[0];
    let stored = views(&world, &dates).await?[0].slice.clone();
    // Fresh for 1,200 s, late until 7,200 s. At every age somebody brings Vogt's slice, signed by all.
    for (age, status) in [(1_200, 1), (1_201, 2), (7_200, 2), (7_201, 3), (1_000_000, 3)] {
        chain.set_next_time(time + age).await?;
        refused!(world, &[vogt(btc(date, time + age))], ButterflyArbitrage, date);
        let view = views(&world, &dates).await?.remove(0);
        assert_eq!((view.status, view.time, view.age, &view.slice), (status, time, age, &stored), "{age} s");
        match strict(&world, &dates).await {
            Ok(slices) => assert!(status == 1 && slices == [stored.clone()]),
            refused => {
                let refused = refused.expect_revert::<IPlimsollOracle::SliceUnusable>()?;
                assert_eq!((refused.underlying, refused.expiry, refused.status), (BTC, date, status));
            }
        }
    }
    // A slice that is too old to be fresh is no report; a good one mends the surface, whatever it jumped.
    let now = next_time(&world).await?;
    let old = SlicePoint { time: now - 1_300, ..btc(date, now) };
    assert!(refused!(world, &[old], SliceTooOld, date).oldest > now - 1_300);
    world.set_slices(&[smile(BTC, date, now, wad(20_000), 300_000)]).await?;
    assert_eq!(strict(&world, &dates).await?[0].forward, wad(20_000));
    // An expiry without a slice, and one that is over, however fresh its slice.
    let none = strict(&world, &[date, date + 1]).await.expect_revert::<IPlimsollOracle::SliceUnusable>()?;
    assert_eq!((none.expiry, none.status), (date + 1, 0));
    chain.set_next_time(u64::from(date) - 10).await?;
    world.set_slices(&[btc(date, u64::from(date) - 11)]).await?;
    assert_eq!(views(&world, &dates).await?[0].status, 1);
    chain.set_next_time(date.into()).await?;
    chain.mine().await?;
    assert_eq!(views(&world, &dates).await?[0].status, 3);
    assert!(expiries(&world).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn slices_must_be_signed_as_slices_by_enough_signers() -> Result<()> {
    let world = World::start().await?;
    let (chain, at) = (&world.chain, world.oracle);
    world.set_surface(BTC, surface()).await?;
    let time = next_time(&world).await?;
    let date = time as u32 + 30 * DAY;
    let (slices, deadline) = ([btc(date, time)], time + 600);
    let send = async |deadline: u64, signatures: Vec<Bytes>| {
        chain.transact(&world.owner, at, &call(&slices, deadline, signatures)).await
    };
    let mut keys = world.reporters.clone();
    keys.sort_by_key(Key::address);
    let good = signatures(digest(chain.chain_id(), at, &slices, deadline), &keys)?;

    send(time - 1, good.clone()).await.expect_revert::<IPlimsollOracle::Expired>()?;
    for count in [0, 1] {
        let refused = send(deadline, good[..count].to_vec()).await;
        let refused = refused.expect_revert::<IPlimsollOracle::TooFewSignatures>()?;
        assert_eq!((refused.got, refused.threshold), (U256::from(count), 2));
    }
    let refused = send(deadline, vec![good[1].clone(), good[0].clone()]).await;
    refused.expect_revert::<IPlimsollOracle::SignersNotSorted>()?;
    let refused = send(deadline, vec![good[0].clone(), vec![0; 65].into()]).await;
    assert_eq!(refused.expect_revert::<IPlimsollOracle::BadSignature>()?.index, U256::from(1));
    // Of another slice, deadline, oracle or chain, or of prices.
    let other = [SlicePoint { volConfidence: 999_999, ..btc(date, time) }];
    let id = chain.chain_id();
    for wrong in [
        digest(id, at, &other, deadline),
        digest(id, at, &slices, deadline + 1),
        digest(id, world.engine, &slices, deadline),
        digest(id + 1, at, &slices, deadline),
        oracle::digest(id, at, &[], deadline),
    ] {
        let refused = send(deadline, signatures(wrong, &keys[..2])?).await;
        refused.expect_revert::<IPlimsollOracle::UnknownSigner>()?;
    }
    assert!(expiries(&world).await?.is_empty());
    send(deadline, good[1..].to_vec()).await?;
    assert_eq!(expiries(&world).await?, [date]);
    Ok(())
}

#[tokio::test]
async fn surfaces_take_parameters_within_bounds_from_the_owner_only() -> Result<()> {
    let Some(world) = timed(test_name!()).await? else { return Ok(()) };
    let (chain, at) = (&world.chain, world.oracle);
    let stranger = world.user("stranger").await?;
    let rules = IPlimsollOracle::surfaceRulesCall { underlying: BTC };
    let nothing = Surface { maxAge: 0, maxAgeLate: 0, maxVolJump: 0, maxForwardJump: 0 };
    for caller in [&stranger, &world.guardian, &world.reporters[0]] {
        let set = IPlimsollOracle::setSurfaceCall { underlying: BTC, surface: surface() };
        let refused = chain.transact(caller, at, &set).await.expect_revert::<IPlimsollOracle::NotOwner>()?;
        assert_eq!(refused.caller, caller.address());
    }
    let week = 604_800;
    for (index, bad) in [
        (0, Surface { maxAge: 0, ..surface() }),
        (0, Surface { maxAge: 7_201, ..surface() }),
        (1, Surface { maxAgeLate: week + 1, ..surface() }),
        (1, Surface { maxAgeLate: u32::MAX, ..surface() }),
        (2, Surface { maxVolJump: 1_000_001, ..surface() }),
        (3, Surface { maxForwardJump: u32::MAX, ..surface() }),
    ] {
        let refused = world.set_surface(BTC, bad.clone()).await;
        let refused = refused.expect_revert::<IPlimsollOracle::ParameterOutOfBounds>()?;
        assert_eq!(refused.index, index, "{bad:?}");
    }
    assert_eq!(chain.call(at, &rules).await?, nothing);
    for good in [
        Surface { maxAge: 1, maxAgeLate: 1, maxVolJump: 0, maxForwardJump: 0 },
        Surface { maxAge: week, maxAgeLate: week, maxVolJump: 1_000_000, maxForwardJump: 1_000_000 },
    ] {
        let event = world.set_surface(BTC, good.clone()).await?.event::<IPlimsollOracle::SurfaceSet>()?;
        assert_eq!((event.underlying, &event.rules), (BTC, &good));
        assert_eq!(chain.call(at, &rules).await?, good);
    }

    // A slice that was stale stays of no use when longer ages would bring it back; its time bars older reports.
    let (dates, time) = with_slices(&world, surface(), &[7, 30]).await?;
    chain.set_next_time(time + 7_000).await?;
    world.set_slices(&[btc(dates[0], time + 6_990)]).await?;
    chain.set_next_time(time + 7_201).await?;
    let longer = Surface { maxAge: 100_000, maxAgeLate: 100_000, ..surface() };
    let receipt = world.set_surface(BTC, longer).await?;
    let event = receipt.event::<IPlimsollOracle::SliceWithdrawn>()?;
    assert_eq!((event.underlying, event.expiry, event.time), (BTC, dates[1], time));
    let read = views(&world, &dates).await?;
    let read: Vec<_> = read.iter().map(|view| (view.status, view.time)).collect();
    assert_eq!(read, [(1, time + 6_990), (0, time)]);
    assert_eq!(expiries(&world).await?, dates[..1]);
    refused!(world, &[btc(dates[1], time)], SliceNotNewer, dates[1]);
    world.set_slices(&[btc(dates[1], time + 1)]).await?;
    assert_eq!(expiries(&world).await?, dates);
    Ok(())
}

#[tokio::test]
async fn expiries_are_thirty_at_the_most_and_those_over_make_room() -> Result<()> {
    let Some(world) = timed(test_name!()).await? else { return Ok(()) };
    let days: Vec<u32> = (1..=30).collect();
    let (dates, time) = with_slices(&world, surface(), &days).await?;
    assert_eq!(expiries(&world).await?, dates);
    let more = dates[29] + DAY;
    let refused = world.set_slices(&[btc(more, time)]).await;
    let refused = refused.expect_revert::<IPlimsollOracle::TooManyExpiries>()?;
    assert_eq!((refused.underlying, refused.most), (BTC, U256::from(30)));
    world.chain.set_next_time(dates[0].into()).await?;
    world.set_slices(&[btc(more, u64::from(dates[0]) - 1)]).await?;
    assert_eq!(expiries(&world).await?, [&dates[1..], &[more]].concat());
    Ok(())
}
