//! Reports: what is admitted, and that each broken rule refuses the whole.

use super::*;
use crate::sol::{
    DuplicateUnderlying, Expired, FromFuture, NoPoints, NotNewer, PriceDoubted, PriceOutOfBounds,
    PriceUpdated, TooOld, UnknownFeed,
};

#[test]
fn price_unset_before_the_first_report() {
    let rig = Rig::new();
    assert_eq!(rig.price(BTC), (0, 0, 0));
    assert_eq!(rig.price(77), (0, 0, 0));
}

#[test]
fn price_ages_from_fresh_to_late_to_stale() {
    let rig = Rig::new();
    rig.submit(&[point(BTC, 19_000 * WAD, NOW)]).unwrap();
    for (age, status) in [(0, 1), (60, 1), (61, 2), (600, 2), (601, 3), (1_000_000, 3)] {
        assert_eq!(rig.at(NOW + age).price(BTC), (status, 19_000 * WAD, NOW), "age {age}");
    }
}

#[test]
fn prices_answers_in_the_order_asked() {
    let rig = Rig::new();
    rig.submit(&[point(ETH, 800 * WAD, NOW - 1), point(BTC, 19_000 * WAD, NOW)]).unwrap();
    let views = rig.call(IOracle::pricesCall { underlyings: vec![BTC, 9, ETH, BTC] }).unwrap();
    let btc = PriceView { status: 1, price: 19_000 * WAD, time: NOW, usable: 0 };
    let none = PriceView { status: 0, price: 0, time: 0, usable: 0 };
    let eth = PriceView { status: 1, price: 800 * WAD, time: NOW - 1, usable: 1 };
    assert_eq!(views, [btc.clone(), none, eth, btc]);
    assert!(rig.call(IOracle::pricesCall { underlyings: vec![] }).unwrap().is_empty());
}

#[test]
fn prices_count_usable_seconds() {
    let rig = Rig::new();
    let usable = |now| {
        rig.at(now);
        rig.call(IOracle::pricesCall { underlyings: vec![BTC] }).unwrap()[0].usable
    };
    assert_eq!(usable(NOW), 0);
    rig.submit(&[point(BTC, 19_000 * WAD, NOW)]).unwrap();
    // Fresh for 60 s: no second after them counts, however long the outage.
    for (now, expected) in [(0, 0), (1, 1), (60, 60), (61, 60), (10_000, 60)] {
        assert_eq!(usable(NOW + now), expected, "{now} s after the first price");
    }
    // The next report is 5 s old when it comes: they count, as fresh ones.
    rig.at(NOW + 10_005).submit(&[point(BTC, 19_000 * WAD, NOW + 10_000)]).unwrap();
    assert_eq!(usable(NOW + 10_005), 65);
    // 20 s after it another one: 60 + 20, and from then on.
    rig.at(NOW + 10_020).submit(&[point(BTC, 19_000 * WAD, NOW + 10_020)]).unwrap();
    assert_eq!(usable(NOW + 10_020), 80);
    assert_eq!(usable(NOW + 10_030), 90);
}

#[test]
fn prices_keep_usable_seconds_when_the_feed_changes() {
    let rig = Rig::new();
    let usable = |now| {
        rig.at(now);
        rig.call(IOracle::pricesCall { underlyings: vec![BTC] }).unwrap()[0].usable
    };
    let set = |feed| rig.call(IOracle::setFeedCall { underlying: BTC, feed }).unwrap();
    rig.submit(&[point(BTC, 19_000 * WAD, NOW)]).unwrap();
    // 60 s, then an outage. A larger age makes the price fresh again from now on, and the outage stays one.
    assert_eq!(usable(NOW + 1_000), 60);
    set(Feed { maxAge: 1_500, maxAgeLate: 3_000, ..RULES });
    for (now, expected) in [(1_000, 60), (1_010, 70), (1_500, 560), (5_000, 560)] {
        assert_eq!(usable(NOW + now), expected, "{now} s after the price");
    }
    // A smaller one takes none back.
    rig.at(NOW + 6_000).submit(&[point(BTC, 19_000 * WAD, NOW + 6_000)]).unwrap();
    assert_eq!(usable(NOW + 6_100), 660);
    set(Feed { maxAge: 10, ..RULES });
    assert_eq!(usable(NOW + 6_100), 660);
    rig.submit(&[point(BTC, 19_000 * WAD, NOW + 6_100)]).unwrap();
    assert_eq!(usable(NOW + 6_105), 665);
    // Nor does a band that withdraws the price.
    set(Feed { maxPrice: 18_000 * WAD, ..RULES });
    assert_eq!((usable(NOW + 6_105), usable(NOW + 9_000)), (665, 665));
    rig.submit(&[point(BTC, 17_000 * WAD, NOW + 9_000)]).unwrap();
    assert_eq!(usable(NOW + 9_007), 672);
}

#[test]
fn submit_logs_every_price() {
    let rig = Rig::new();
    rig.submit(&[point(BTC, 19_000 * WAD, NOW), point(ETH, 800 * WAD, NOW)]).unwrap();
    let update = |underlying, price| PriceUpdated { underlying, price, time: NOW };
    assert_eq!(rig.events::<PriceUpdated>(), [update(BTC, 19_000 * WAD), update(ETH, 800 * WAD)]);
}

#[test]
fn submit_takes_anyone() {
    let rig = Rig::new();
    rig.as_caller(Address::repeat_byte(9)).submit(&[point(BTC, WAD, NOW)]).unwrap();
    assert_eq!(rig.price(BTC).0, 1);
}

#[test]
fn submit_admits_the_ends_of_the_band() {
    let rig = Rig::new();
    rig.submit(&[point(BTC, RULES.minPrice, NOW), point(ETH, RULES.maxPrice, NOW)]).unwrap();
    assert_eq!((rig.price(BTC).1, rig.price(ETH).1), (WAD, 1_000_000 * WAD));
}

#[test]
fn submit_errors_leave_everything_as_it_was() {
    let rig = Rig::new();
    rig.submit(&[point(BTC, 10_000 * WAD, NOW)]).unwrap();
    rig.at(NOW + 10);
    let before = rig.storage();
    // Each bad point stands behind a good one, which must not be admitted either.
    let with = |bad| rig.submit(&[point(ETH, 800 * WAD, NOW + 10), bad]);

    refused(rig.submit(&[]), NoPoints {});
    refused(with(point(9, WAD, NOW + 10)), UnknownFeed { underlying: 9 });
    refused(with(point(ETH, WAD, NOW + 9)), DuplicateUnderlying { underlying: ETH });
    let future = FromFuture { underlying: BTC, time: NOW + 11 };
    refused(with(point(BTC, 10_000 * WAD, NOW + 11)), future);
    refused(with(point(BTC, 10_000 * WAD, NOW)), NotNewer { underlying: BTC, time: NOW, last: NOW });
    refused(with(point(BTC, 10_000 * WAD, 0)), NotNewer { underlying: BTC, time: 0, last: NOW });
    for price in [0, WAD - 1, 1_000_000 * WAD + 1, u128::MAX] {
        refused(with(point(BTC, price, NOW + 10)), PriceOutOfBounds { underlying: BTC, price });
    }
    assert_eq!(rig.storage(), before);
    with(point(BTC, 11_000 * WAD, NOW + 10)).unwrap();
}

#[test]
fn a_report_that_moves_too_far_makes_the_feed_late_until_a_second_agrees() {
    for (jump, second) in [(9_000 * WAD - 1, 8_500 * WAD), (11_000 * WAD + 1, 12_000 * WAD)] {
        let rig = Rig::new();
        rig.submit(&[point(BTC, 10_000 * WAD, NOW)]).unwrap();
        let _: Vec<PriceUpdated> = rig.events();
        rig.at(NOW + 10).submit(&[point(BTC, jump, NOW + 9)]).unwrap();
        let doubted = PriceDoubted { underlying: BTC, price: jump, time: NOW + 9, last: 10_000 * WAD };
        assert_eq!(rig.events::<PriceDoubted>(), [doubted]);
        rig.submit(&[point(ETH, 800 * WAD, NOW + 9)]).unwrap();
        // The last price is late, that of another feed is not.
        assert_eq!((rig.price(BTC), rig.price(ETH).0), ((2, 10_000 * WAD, NOW), 1));
        let older = NotNewer { underlying: BTC, time: NOW + 9, last: NOW + 9 };
        refused(rig.submit(&[point(BTC, 10_000 * WAD, NOW + 9)]), older);
        rig.submit(&[point(BTC, second, NOW + 10)]).unwrap();
        assert_eq!(rig.price(BTC), (1, second, NOW + 10));
    }
}

#[test]
fn submit_errors_too_old() {
    let rig = Rig::new();
    let time = NOW - 61;
    refused(rig.submit(&[point(BTC, WAD, time)]), TooOld { underlying: BTC, time, oldest: NOW - 60 });
    rig.submit(&[point(BTC, WAD, NOW - 60)]).unwrap();
}

#[test]
fn submit_errors_expired() {
    let rig = Rig::new();
    let points = vec![point(BTC, WAD, NOW)];
    let submit = |deadline| {
        let digest = rig.digest(&points, deadline);
        let signatures = vec![rig.sign(0, digest), rig.sign(1, digest)];
        rig.call(IOracle::submitCall { points: points.clone(), deadline, signatures })
    };
    refused(submit(NOW - 1), Expired { deadline: NOW - 1 });
    submit(NOW).unwrap();
}

#[test]
fn submit_errors_replayed() {
    let rig = Rig::new();
    rig.submit(&[point(BTC, WAD, NOW)]).unwrap();
    refused(rig.submit(&[point(BTC, WAD, NOW)]), NotNewer { underlying: BTC, time: NOW, last: NOW });
}

#[test]
fn submit_admits_any_move_after_a_gap() {
    let rig = Rig::new();
    rig.submit(&[point(BTC, 10_000 * WAD, NOW)]).unwrap();
    rig.at(NOW + 61).submit(&[point(BTC, 100 * WAD, NOW + 61)]).unwrap();
    assert_eq!(rig.price(BTC), (1, 100 * WAD, NOW + 61));
}
