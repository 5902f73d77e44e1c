//! The oracle: reports and their signatures, what a price may be used for over time, and who sets the rules.

use alloy::{
    primitives::{Address, Bytes, U256, uint},
    sol_types::{SolCall, SolValue},
};
use anyhow::Result;
use plimsoll_e2e::{
    abi::{interface, malformed, zeros},
    engines::probe,
};
use plimsoll_harness::{
    bindings::{
        IPlimsollOracle::{Feed, PricePoint},
        OracleArguments,
    },
    build, deploy,
    deploy::CONSTRUCTOR_SELECTOR,
    oracle::{digest, signatures},
    prelude::*,
    scenario::feed,
};

/// Order of the group of secp256k1 (SEC 2, section 2.4.1).
const ORDER: U256 = uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);

/// A submission of signed points with whatever signatures.
async fn submit(
    world: &World,
    points: &[PricePoint],
    deadline: u64,
    signatures: Vec<Bytes>,
) -> Result<Receipt, Failure> {
    let call = IPlimsollOracle::submitCall { points: points.to_vec(), deadline, signatures };
    world.chain.transact(&world.owner, world.oracle, &call).await
}

/// The same with the signatures that the oracle wants.
async fn report(world: &World, points: &[PricePoint], deadline: u64) -> Result<Receipt, Failure> {
    submit(world, points, deadline, signed(world, points, deadline, &world.reporters[..2])?).await
}

fn signed(world: &World, points: &[PricePoint], deadline: u64, keys: &[Key]) -> Result<Vec<Bytes>> {
    signatures(digest(world.chain.chain_id(), world.oracle, points, deadline), keys)
}

/// Status, price and time of the bitcoin feed.
async fn price(world: &World) -> Result<(u8, u128, u64), Failure> {
    let view = world.chain.call(world.oracle, &IPlimsollOracle::priceCall { underlying: BTC }).await?;
    Ok((view.status, view.value, view.time))
}

/// A time at which a new report is due: past the last one, and the chain's own from now on.
async fn next_time(world: &World) -> Result<u64> {
    world.pass_time(2).await?;
    Ok(world.chain.head().await?.timestamp())
}

fn point(price: u128, time: u64) -> PricePoint {
    PricePoint { underlying: BTC, price, time }
}

/// A world for reports of chosen times; `None`, said aloud, on a node whose clock cannot be moved.
async fn timed(test: &str) -> Result<Option<World>> {
    World::alone(test, &[Capability::TimeTravel]).await
}

#[tokio::test]
async fn reports_are_admitted_whole_from_anyone_who_brings_enough_signatures() -> Result<()> {
    let world = World::start().await?;
    let (chain, oracle) = (&world.chain, world.oracle);
    let stranger = world.user("stranger").await?;
    let time = next_time(&world).await?;
    let eth = PricePoint { underlying: ETH, price: wad(600), time: time - 1 };
    let points = [point(wad(10_500), time), eth];
    let deadline = time + 60;
    // The digest by the contract is EIP-712 as alloy computes it.
    let asked = IPlimsollOracle::digestCall { points: points.to_vec(), deadline };
    assert_eq!(chain.call(oracle, &asked).await?, digest(chain.chain_id(), oracle, &points, deadline));

    let call = IPlimsollOracle::submitCall {
        points: points.to_vec(),
        deadline,
        signatures: signed(&world, &points, deadline, &world.reporters[1..])?,
    };
    let receipt = chain.transact(&stranger, oracle, &call).await?;
    let events = receipt.events::<IPlimsollOracle::PriceUpdated>();
    let events: Vec<_> = events.iter().map(|e| (e.underlying, e.price, e.time)).collect();
    assert_eq!(events, [(BTC, wad(10_500), time), (ETH, wad(600), time - 1)]);
    assert_eq!(price(&world).await?, (1, wad(10_500), time));
    // In the order of the question, and an underlying without a feed is unset.
    let asked = IPlimsollOracle::pricesCall { underlyings: vec![ETH, 77, BTC, ETH] };
    let views = chain.call(oracle, &asked).await?;
    let views: Vec<_> = views.iter().map(|v| (v.status, v.price, v.time)).collect();
    let (eth, btc) = ((1, wad(600), time - 1), (1, wad(10_500), time));
    assert_eq!(views, [eth, (0, 0, 0), btc, eth]);
    assert!(chain.call(oracle, &IPlimsollOracle::pricesCall { underlyings: vec![] }).await?.is_empty());

    // The same report again is no longer news. All three signatures are as good as two.
    let refused =
        chain.transact(&stranger, oracle, &call).await.expect_revert::<IPlimsollOracle::NotNewer>()?;
    assert_eq!((refused.underlying, refused.time, refused.last), (BTC, time, time));
    let time = next_time(&world).await?;
    let points = [point(wad(10_600), time)];
    submit(&world, &points, time + 60, signed(&world, &points, time + 60, &world.reporters)?).await?;
    assert_eq!(price(&world).await?, (1, wad(10_600), time));
    Ok(())
}

#[tokio::test]
async fn reports_that_break_a_rule_are_refused_and_change_nothing() -> Result<()> {
    let Some(world) = timed(test_name!()).await? else { return Ok(()) };
    let chain = &world.chain;
    let time = next_time(&world).await?;
    report(&world, &[point(wad(10_000), time)], time + 60).await?;
    let now = next_time(&world).await?;
    let before = price(&world).await?;
    let far = now + 100_000;

    report(&world, &[], far).await.expect_revert::<IPlimsollOracle::NoPoints>()?;
    let expired = report(&world, &[point(wad(1), now)], now - 1).await;
    assert_eq!(expired.expect_revert::<IPlimsollOracle::Expired>()?.deadline, now - 1);
    let unknown = PricePoint { underlying: 77, price: wad(1), time: now };
    let refused = report(&world, &[unknown], far).await.expect_revert::<IPlimsollOracle::UnknownFeed>()?;
    assert_eq!(refused.underlying, 77);
    let twice = report(&world, &[point(wad(10_001), now), point(wad(10_002), now)], far).await;
    assert_eq!(twice.expect_revert::<IPlimsollOracle::DuplicateUnderlying>()?.underlying, BTC);
    for ahead in [now + 1_000, u64::MAX] {
        let refused = report(&world, &[point(wad(10_001), ahead)], far).await;
        let refused = refused.expect_revert::<IPlimsollOracle::FromFuture>()?;
        assert_eq!((refused.underlying, refused.time), (BTC, ahead));
    }
    for old in [time, time - 1, 0] {
        let refused = report(&world, &[point(wad(10_001), old)], far).await;
        let refused = refused.expect_revert::<IPlimsollOracle::NotNewer>()?;
        assert_eq!((refused.time, refused.last), (old, time));
    }
    // The feed takes 0.01 to 10 million.
    for price in [0, WAD / 100 - 1, wad(10_000_000) + 1, u128::MAX] {
        let refused = report(&world, &[point(price, now)], far).await;
        let refused = refused.expect_revert::<IPlimsollOracle::PriceOutOfBounds>()?;
        assert_eq!((refused.underlying, refused.price), (BTC, price));
    }
    // One bad point spoils the good one before it.
    let points = [point(wad(10_001), now), PricePoint { underlying: ETH, price: 0, time: now }];
    let refused = report(&world, &points, far).await.expect_revert::<IPlimsollOracle::PriceOutOfBounds>()?;
    assert_eq!(refused.underlying, ETH);
    assert_eq!(price(&world).await?, before);

    // A report is good for 60 s: at its 60th second it is taken, at its 61st no more. The deadline's own second counts.
    let time = chain.head().await?.timestamp() + 100;
    chain.set_next_time(time + 61).await?;
    let refused = report(&world, &[point(wad(10_001), time)], far).await;
    let refused = refused.expect_revert::<IPlimsollOracle::TooOld>()?;
    assert_eq!((refused.underlying, refused.time), (BTC, time));
    assert!(refused.oldest > time);
    let time = chain.head().await?.timestamp() + 100;
    chain.set_next_time(time + 60).await?;
    report(&world, &[point(wad(10_001), time)], time + 60).await?;
    assert_eq!(price(&world).await?, (1, wad(10_001), time));
    Ok(())
}

#[tokio::test]
async fn signatures_must_be_enough_good_sorted_and_of_this_report() -> Result<()> {
    let world = World::start().await?;
    let time = next_time(&world).await?;
    let (points, deadline) = ([point(wad(10_500), time)], time + 600);
    let before = price(&world).await?;
    let mut keys = world.reporters.clone();
    keys.sort_by_key(Key::address);
    let good = signed(&world, &points, deadline, &keys)?;
    let send = async |signatures: Vec<Bytes>| submit(&world, &points, deadline, signatures).await;

    for count in [0, 1] {
        let refused =
            send(good[..count].to_vec()).await.expect_revert::<IPlimsollOracle::TooFewSignatures>()?;
        assert_eq!((refused.got, refused.threshold), (U256::from(count), 2));
    }
    // Descending, and one signer twice.
    for (pair, signer) in [([1, 0], &keys[0]), ([1, 1], &keys[1])] {
        let refused = send(pair.map(|i| good[i].clone()).to_vec()).await;
        let refused = refused.expect_revert::<IPlimsollOracle::SignersNotSorted>()?;
        assert_eq!(refused.signer, signer.address());
    }
    // Bytes that are no canonical signature, in the second place.
    let flipped = {
        // The same key's other signature: s' = order - s, and the other parity.
        let s = ORDER - U256::from_be_slice(&good[1][32..64]);
        let v = 27 + 28 - good[1][64];
        [&good[1][..32], &s.to_be_bytes::<32>(), &[v]].concat()
    };
    let with_v = |v: u8| [&good[1][..64], &[v]].concat();
    let word = |value: U256| value.to_be_bytes::<32>();
    let bad = [
        ("nothing", vec![]),
        ("64 bytes", good[1][..64].to_vec()),
        ("66 bytes", [&good[1][..], &[0]].concat()),
        ("the upper s", flipped),
        ("v of 0", with_v(0)),
        ("v of 1", with_v(1)),
        ("v of 29", with_v(29)),
        ("v of 255", with_v(255)),
        ("zeros", vec![0; 65]),
        ("r of zero", [&[0; 32], &good[1][32..]].concat()),
        ("s of zero", [&good[1][..32], &[0; 32], &good[1][64..]].concat()),
        ("r of the order", [&word(ORDER), &good[1][32..]].concat()),
    ];
    for (what, bytes) in bad {
        let refused = send(vec![good[0].clone(), bytes.into()]).await;
        let refused = refused.expect_revert::<IPlimsollOracle::BadSignature>();
        assert_eq!(refused.map_err(|e| e.context(what))?.index, U256::from(1), "{what}");
    }
    // A stranger, even beside enough signers.
    let stranger = Key::named("stranger");
    let four = [&keys[..], std::slice::from_ref(&stranger)].concat();
    let refused = send(signed(&world, &points, deadline, &four)?).await;
    assert_eq!(refused.expect_revert::<IPlimsollOracle::UnknownSigner>()?.signer, stranger.address());
    // What was signed for another report, oracle or chain recovers to somebody unknown.
    let (chain_id, other) = (world.chain.chain_id(), [point(wad(10_501), time)]);
    for wrong in [
        digest(chain_id, world.oracle, &other, deadline),
        digest(chain_id, world.oracle, &points, deadline + 1),
        digest(chain_id, world.engine, &points, deadline),
        digest(chain_id + 1, world.oracle, &points, deadline),
    ] {
        let refused = send(signatures(wrong, &keys[..2])?).await;
        refused.expect_revert::<IPlimsollOracle::UnknownSigner>()?;
    }
    assert_eq!(price(&world).await?, before);
    send(good[..2].to_vec()).await?;
    assert_eq!(price(&world).await?, (1, wad(10_500), time));
    Ok(())
}

#[tokio::test]
async fn prices_are_fresh_then_late_then_stale_and_moves_are_bounded_while_fresh() -> Result<()> {
    let Some(world) = timed(test_name!()).await? else { return Ok(()) };
    let (chain, oracle) = (&world.chain, world.oracle);
    let time = next_time(&world).await?;
    report(&world, &[point(wad(10_000), time)], time + 60).await?;
    // Fresh for 60 s, late until 3,600 s.
    for (age, status) in [(60, 1), (61, 2), (3_600, 2), (3_601, 3), (1_000_000, 3)] {
        chain.set_next_time(time + age).await?;
        chain.mine().await?;
        assert_eq!(price(&world).await?, (status, wad(10_000), time), "{age} s");
    }
    // The rules of a feed hold for the last price at once.
    let set = async |feed: Feed| {
        let call = IPlimsollOracle::setFeedCall { underlying: BTC, feed };
        chain.transact(&world.owner, oracle, &call).await
    };
    let tenth = Feed { maxMove: 100_000, ..feed() };
    set(tenth.clone()).await?;

    // Moves of 10 % at the most, of a price that is still fresh: the first one after a gap may be any.
    let mut last = wad(20_000);
    let time = next_time(&world).await?;
    report(&world, &[point(last, time)], time + 60).await?;
    for next in [wad(22_000), wad(19_800)] {
        // One wei further than 10 % of the last, in the same direction, makes the feed late.
        let too_far = if next > last { next + 1 } else { next - 1 };
        let time = next_time(&world).await?;
        let receipt = report(&world, &[point(too_far, time)], time + 60).await?;
        let doubted = receipt.event::<IPlimsollOracle::PriceDoubted>()?;
        assert_eq!((doubted.underlying, doubted.price, doubted.last), (BTC, too_far, last));
        assert_eq!(price(&world).await?.0, 2);
        // A second report agrees.
        let time = next_time(&world).await?;
        report(&world, &[point(next, time)], time + 60).await?;
        last = next;
    }
    chain.increase_time(100).await?;
    let time = next_time(&world).await?;
    report(&world, &[point(wad(1), time)], time + 60).await?;
    assert_eq!(price(&world).await?, (1, wad(1), time));

    // A band that no longer holds the last price withdraws it; its time goes on to bar older reports.
    let narrow = Feed { minPrice: wad(2), maxPrice: wad(3), ..feed() };
    let receipt = set(narrow.clone()).await?;
    let event = receipt.event::<IPlimsollOracle::PriceWithdrawn>()?;
    assert_eq!((event.underlying, event.price, event.time), (BTC, wad(1), time));
    let event = receipt.event::<IPlimsollOracle::FeedSet>()?;
    assert_eq!((event.underlying, event.feed), (BTC, narrow.clone()));
    assert_eq!(chain.call(oracle, &IPlimsollOracle::feedCall { underlying: BTC }).await?, narrow);
    assert_eq!(price(&world).await?, (0, 0, time));
    let refused = report(&world, &[point(wad(2), time)], time + 60).await;
    refused.expect_revert::<IPlimsollOracle::NotNewer>()?;
    let time = next_time(&world).await?;
    report(&world, &[point(wad(3), time)], time + 60).await?;
    assert_eq!(price(&world).await?, (1, wad(3), time));
    // A band that still holds it, at its very end, does not.
    assert!(set(narrow).await?.events::<IPlimsollOracle::PriceWithdrawn>().is_empty());
    Ok(())
}

#[tokio::test]
async fn feeds_take_parameters_within_bounds_from_the_owner_only() -> Result<()> {
    let world = World::start().await?;
    let (chain, oracle) = (&world.chain, world.oracle);
    let stranger = world.user("stranger").await?;
    let set = |feed: Feed| IPlimsollOracle::setFeedCall { underlying: 9, feed };
    let stored = IPlimsollOracle::feedCall { underlying: 9 };
    for caller in [&stranger, &world.guardian, &world.reporters[0]] {
        let refused = chain
            .transact(caller, oracle, &set(feed()))
            .await
            .expect_revert::<IPlimsollOracle::NotOwner>()?;
        assert_eq!(refused.caller, caller.address());
    }
    let week = 604_800;
    let most = wad(100_000_000);
    let bad = [
        (0, Feed { maxAge: 0, ..feed() }),
        (0, Feed { maxAge: 3_601, ..feed() }),
        (0, Feed { maxAge: u32::MAX, ..feed() }),
        (1, Feed { maxAgeLate: week + 1, ..feed() }),
        (1, Feed { maxAgeLate: u32::MAX, ..feed() }),
        (2, Feed { minPrice: 0, ..feed() }),
        (2, Feed { minPrice: wad(10_000_000) + 1, ..feed() }),
        (2, Feed { minPrice: u128::MAX, ..feed() }),
        (3, Feed { maxPrice: most + 1, ..feed() }),
        (3, Feed { maxPrice: u128::MAX, ..feed() }),
        (4, Feed { maxMove: 1_000_001, ..feed() }),
        (4, Feed { maxMove: u32::MAX, ..feed() }),
    ];
    for (index, feed) in bad {
        let refused = chain.transact(&world.owner, oracle, &set(feed.clone())).await;
        let refused = refused.expect_revert::<IPlimsollOracle::ParameterOutOfBounds>()?;
        assert_eq!(refused.index, index, "{feed:?}");
    }
    let nothing = Feed { maxAge: 0, maxAgeLate: 0, minPrice: 0, maxPrice: 0, maxMove: 0 };
    assert_eq!(chain.call(oracle, &stored).await?, nothing);
    for feed in [
        Feed { maxAge: 1, maxAgeLate: 1, minPrice: 1, maxPrice: 1, maxMove: 0 },
        Feed { maxAge: week, maxAgeLate: week, minPrice: most, maxPrice: most, maxMove: 1_000_000 },
    ] {
        let event = chain.transact(&world.owner, oracle, &set(feed.clone())).await?;
        let event = event.event::<IPlimsollOracle::FeedSet>()?;
        assert_eq!((event.underlying, &event.feed), (9, &feed));
        assert_eq!(chain.call(oracle, &stored).await?, feed, "what was set is what is read");
    }
    Ok(())
}

#[tokio::test]
async fn signers_are_replaced_by_the_owner_only_and_old_ones_count_no_more() -> Result<()> {
    let world = World::start().await?;
    let (chain, oracle) = (&world.chain, world.oracle);
    let set = |signers: Vec<Address>, threshold| IPlimsollOracle::setSignersCall { signers, threshold };
    let old: Vec<_> = world.reporters.iter().map(Key::address).collect();
    let signers = async || {
        let found = chain.call(oracle, &IPlimsollOracle::signersCall {}).await?;
        Ok::<_, Failure>((found, chain.call(oracle, &IPlimsollOracle::thresholdCall {}).await?))
    };
    assert_eq!(signers().await?, (old.clone(), 2));
    let thief = world.user("thief").await?;
    for caller in [&thief, &world.reporters[0]] {
        let refused = chain.transact(caller, oracle, &set(vec![thief.address()], 1)).await;
        assert_eq!(refused.expect_revert::<IPlimsollOracle::NotOwner>()?.caller, caller.address());
    }
    let refuse =
        async |signers, threshold| chain.transact(&world.owner, oracle, &set(signers, threshold)).await;
    let many: Vec<_> = (1..=17_u8).map(Address::repeat_byte).collect();
    let refused = refuse(many.clone(), 1).await.expect_revert::<IPlimsollOracle::TooManySigners>()?;
    assert_eq!((refused.signers, refused.most), (U256::from(17), U256::from(16)));
    for (count, threshold) in [(3, 0), (3, 4), (0, 0), (0, 1), (16, 17), (16, 255)] {
        let refused = refuse(many[..count].to_vec(), threshold).await;
        let refused = refused.expect_revert::<IPlimsollOracle::BadThreshold>()?;
        assert_eq!((refused.threshold, refused.signers), (threshold, U256::from(count)));
    }
    refuse(vec![old[0], Address::ZERO], 1).await.expect_revert::<IPlimsollOracle::ZeroAddress>()?;
    let refused =
        refuse(vec![old[0], old[1], old[0]], 1).await.expect_revert::<IPlimsollOracle::DuplicateSigner>()?;
    assert_eq!(refused.signer, old[0]);
    assert_eq!(signers().await?, (old.clone(), 2));

    // Sixteen are possible, sixteen of sixteen too, and fewer afterwards.
    for (next, threshold) in [(many[..16].to_vec(), 16), (vec![thief.address(), old[2]], 1)] {
        let receipt = chain.transact(&world.owner, oracle, &set(next.clone(), threshold)).await?;
        let event = receipt.event::<IPlimsollOracle::SignersSet>()?;
        assert_eq!((event.signers, event.threshold), (next.clone(), threshold));
        assert_eq!(signers().await?, (next, threshold));
    }
    let time = next_time(&world).await?;
    let (points, deadline) = ([point(wad(9_000), time)], time + 600);
    let by = |key: &Key| signed(&world, &points, deadline, std::slice::from_ref(key));
    let refused = submit(&world, &points, deadline, by(&world.reporters[0])?).await;
    assert_eq!(refused.expect_revert::<IPlimsollOracle::UnknownSigner>()?.signer, old[0]);
    submit(&world, &points, deadline, by(&thief)?).await?;
    assert_eq!(price(&world).await?, (1, wad(9_000), time));
    Ok(())
}

#[tokio::test]
async fn ownership_of_the_oracle_passes_in_two_steps() -> Result<()> {
    let world = World::start().await?;
    let (chain, oracle) = (&world.chain, world.oracle);
    let [heir, thief] = [world.user("heir").await?, world.user("thief").await?];
    let name = |pending| IPlimsollOracle::transferOwnershipCall { pending };
    let accept = IPlimsollOracle::acceptOwnershipCall {};
    let owners = async || {
        let owner = chain.call(oracle, &IPlimsollOracle::ownerCall {}).await?;
        Ok::<_, Failure>((owner, chain.call(oracle, &IPlimsollOracle::pendingOwnerCall {}).await?))
    };
    let old = world.owner.address();
    let refused = chain.transact(&thief, oracle, &name(thief.address())).await;
    assert_eq!(refused.expect_revert::<IPlimsollOracle::NotOwner>()?.caller, thief.address());
    let event = chain.transact(&world.owner, oracle, &name(heir.address())).await?;
    let event = event.event::<IPlimsollOracle::OwnershipTransferStarted>()?;
    assert_eq!((event.owner, event.pending), (old, heir.address()));
    assert_eq!(owners().await?, (old, heir.address()));
    for caller in [&thief, &world.owner] {
        let refused = chain.transact(caller, oracle, &accept).await;
        assert_eq!(refused.expect_revert::<IPlimsollOracle::NotPendingOwner>()?.caller, caller.address());
    }
    chain.transact(&world.owner, oracle, &name(Address::ZERO)).await?;
    chain.transact(&heir, oracle, &accept).await.expect_revert::<IPlimsollOracle::NotPendingOwner>()?;
    chain.transact(&world.owner, oracle, &name(heir.address())).await?;
    let event =
        chain.transact(&heir, oracle, &accept).await?.event::<IPlimsollOracle::OwnershipTransferred>()?;
    assert_eq!((event.previous, event.owner), (old, heir.address()));
    assert_eq!(owners().await?, (heir.address(), Address::ZERO));
    chain.transact(&world.owner, oracle, &name(old)).await.expect_revert::<IPlimsollOracle::NotOwner>()?;
    Ok(())
}

#[tokio::test]
async fn calls_that_are_no_calls_are_named_by_the_oracle_too() -> Result<()> {
    let world = World::start().await?;
    let (owner, oracle) = (world.owner.address(), world.oracle);
    let cases: [(&[u8], [u8; 4]); 4] =
        [(&[], [0; 4]), (&[1], [1, 0, 0, 0]), (&[1, 2, 3], [1, 2, 3, 0]), (&[0xff; 40], [0xff; 4])];
    for (data, selector) in cases {
        let refused = probe(&world, owner, oracle, data.to_vec()).await;
        assert_eq!(refused.expect_revert::<IPlimsollOracle::UnknownSelector>()?.selector, selector);
    }
    for function in interface("IPlimsollOracle")?.functions() {
        let signature = function.signature();
        for (what, data) in malformed(function) {
            let refused = probe(&world, owner, oracle, data).await;
            let refused = refused.expect_revert::<IPlimsollOracle::MalformedCall>();
            let refused = refused.map_err(|e| e.context(format!("{signature} with {what}")))?;
            assert_eq!(refused.selector, function.selector(), "{signature} with {what}");
        }
        let request = serde_json::json!({
            "from": owner, "to": oracle, "value": U256::from(1), "data": Bytes::from(zeros(function, 0)),
        });
        world.chain.call_raw(request).await.expect_revert::<IPlimsollOracle::NotPayable>()?;
    }
    let tx = Tx::raw(&world.owner, oracle, IPlimsollOracle::ownerCall {}.abi_encode()).value(U256::from(1));
    world.chain.send(tx).await.expect_revert::<IPlimsollOracle::NotPayable>()?;
    assert_eq!(world.chain.balance(oracle).await?, U256::ZERO);
    Ok(())
}

#[tokio::test]
async fn construction_happens_once_and_with_sound_arguments() -> Result<()> {
    let world = World::start().await?;
    let contracts = build::contracts().await?;
    let code = contracts.get(build::ORACLE)?;
    let bare = deploy::program(&world.chain, &world.setup, &Key::dev(), code, None).await?;
    let send = async |to, arguments: OracleArguments| {
        let data = deploy::constructor(&arguments.abi_encode_params());
        world.chain.send(Tx::raw(&world.owner, to, data)).await
    };
    let signers: Vec<_> = world.reporters.iter().map(Key::address).collect();
    let good = OracleArguments { owner: world.owner.address(), signers, threshold: 2 };
    let with = |signers: Vec<Address>, threshold| OracleArguments { signers, threshold, ..good.clone() };

    let nobody = OracleArguments { owner: Address::ZERO, ..good.clone() };
    send(bare, nobody).await.expect_revert::<IPlimsollOracle::ZeroAddress>()?;
    send(bare, with(vec![Address::ZERO], 1)).await.expect_revert::<IPlimsollOracle::ZeroAddress>()?;
    send(bare, with(vec![], 0)).await.expect_revert::<IPlimsollOracle::BadThreshold>()?;
    send(bare, with(good.signers.clone(), 4)).await.expect_revert::<IPlimsollOracle::BadThreshold>()?;
    send(bare, with(vec![bare; 17], 1)).await.expect_revert::<IPlimsollOracle::TooManySigners>()?;
    send(bare, with(vec![bare; 2], 1)).await.expect_revert::<IPlimsollOracle::DuplicateSigner>()?;
    let short = deploy::constructor(&good.abi_encode_params()[..64]);
    let refused = world.chain.send(Tx::raw(&world.owner, bare, short)).await;
    let refused = refused.expect_revert::<IPlimsollOracle::MalformedCall>()?;
    assert_eq!(refused.selector, CONSTRUCTOR_SELECTOR);
    // Before it runs the contract belongs to nobody.
    let call = IPlimsollOracle::setFeedCall { underlying: BTC, feed: feed() };
    world.chain.transact(&world.owner, bare, &call).await.expect_revert::<IPlimsollOracle::NotOwner>()?;

    let event = send(bare, good.clone()).await?.event::<IPlimsollOracle::OwnershipTransferred>()?;
    assert_eq!((event.previous, event.owner), (Address::ZERO, world.owner.address()));
    for contract in [bare, world.oracle] {
        send(contract, good.clone()).await.expect_revert::<IPlimsollOracle::AlreadyConstructed>()?;
    }
    Ok(())
}
