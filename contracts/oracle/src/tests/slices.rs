//! Reports of slices: what is admitted, and that each broken rule refuses the whole.

use alloy_sol_types::SolError;

use super::{SlicePoint as Point, *};
use crate::sol::{
    ButterflyArbitrage, CalendarArbitrage, ConfidenceOutOfBounds, Expired, ExpiryTooFar, ForwardJumpTooLarge,
    ForwardOutOfBounds, NoPoints, RateOutOfBounds, SliceExpired, SliceFromFuture, SliceNotNewer, SliceTooOld,
    SliceUpdated, SlicesNotSorted, SviOutOfDomain, TooFewSignatures, UnknownSigner, UnknownSurface,
    VarianceOutOfBounds, VolJumpTooLarge, WingsTooSteep,
};

/// Axel Vogt's slice (Gatheral and Jacquier, arXiv:1204.0646), whose density is negative around k = 0.88.
fn vogt(days: u32, time: u64) -> Point {
    Point {
        a: -41_000_000_000,
        b: 133_100_000_000,
        rho: 306_000_000_000,
        m: 358_600_000_000,
        sigma: 415_300_000_000,
        ..super::slice(ETH, days, time)
    }
}

fn eth(days: u32, time: u64) -> Point {
    super::slice(ETH, days, time)
}

/// An oracle that holds slices of ETH for 7, 30 and 90 days since `NOW`, at `NOW + 60`.
fn rig() -> Rig {
    let rig = Rig::new();
    rig.submit_slices(&[7, 30, 90].map(|days| eth(days, NOW))).unwrap();
    rig.host.0.borrow_mut().logs.clear();
    rig.at(NOW + 60);
    rig
}

/// A slice with all of its variance scaled.
fn scaled(point: Point, percent: i64) -> Point {
    Point { a: point.a * percent / 100, b: point.b * percent / 100, ..point }
}

#[test]
fn submit_slices_stores_what_is_signed_and_logs_it() {
    let rig = Rig::new();
    let points = [super::slice(BTC, 14, NOW), eth(7, NOW - 1200)];
    rig.submit_slices(&points).unwrap();
    let logged: Vec<_> = rig.events::<SliceUpdated>();
    assert_eq!(logged.len(), 2);
    for (event, point) in logged.iter().zip(&points) {
        assert_eq!((event.underlying, event.expiry), (point.underlying, point.expiry));
        assert_eq!(event.slice.abi_encode(), point.abi_encode());
    }
    let view =
        &rig.call(IOracle::slicesCall { underlying: ETH, expiries: vec![points[1].expiry] }).unwrap()[0];
    assert_eq!((view.status, view.time, view.age), (1, NOW - 1200, 1200));
    let (stored, p) = (&view.slice, &points[1]);
    assert_eq!((stored.expiry, stored.forward, stored.sviForward), (p.expiry, p.forward, p.forward));
    assert_eq!(stored.rate, 50_000_000_000_000_000, "5 % a year");
    let svi = [stored.a, stored.b, stored.rho, stored.m, stored.sigma];
    assert_eq!(svi, [p.a, p.b, p.rho, p.m, p.sigma].map(|x| i128::from(x) * 1_000_000));
    // (7 days + 1200 s) / 365 days.
    assert_eq!(stored.sviYears, 606_000 * WAD / 31_536_000);
    let confidences = [stored.forwardConfidence, stored.rateConfidence, stored.volConfidence];
    assert_eq!(confidences, [1_000_000_000_000_000_000, 990_000_000_000_000_000, 950_000_000_000_000_000]);
}

#[test]
fn submit_slices_takes_anyone() {
    let rig = Rig::new();
    rig.as_caller(Address::repeat_byte(9)).submit_slices(&[eth(7, NOW)]).unwrap();
}

#[test]
fn slice_digest_is_that_of_eip_712() {
    let rig = rig();
    let slices = vec![super::slice(BTC, 14, NOW), vogt(7, NOW)];
    let digest = rig.call(IOracle::sliceDigestCall { slices: slices.clone(), deadline: 5 }).unwrap();
    assert_eq!(digest, rig.slice_digest(&slices, 5));
}

#[test]
fn submit_slices_errors_leave_everything_as_it_was() {
    let rig = rig();
    let before = rig.storage();
    let time = NOW + 60;
    let good = eth(30, time);
    let expiry = good.expiry;
    let underlying = ETH;
    // Each bad slice stands behind a good one, which must not be admitted either.
    let with = |bad: Point| rig.submit_slices(&[eth(7, time), bad]);

    refused(rig.submit_slices(&[]), NoPoints {});
    refused(with(super::slice(9, 30, time)), UnknownSurface { underlying: 9 });
    refused(with(eth(7, time)), SlicesNotSorted { underlying, expiry: eth(7, time).expiry });
    let unsorted = SlicesNotSorted { underlying: BTC, expiry };
    refused(with(Point { underlying: BTC, ..good.clone() }), unsorted);
    let over = Point { expiry: time as u32, ..good.clone() };
    refused(rig.submit_slices(&[over]), SliceExpired { underlying, expiry: time as u32 });
    let far = Point { expiry: time as u32 + 3651 * 86_400, ..good.clone() };
    refused(with(far.clone()), ExpiryTooFar { underlying, expiry: far.expiry });
    let future = SliceFromFuture { underlying, expiry, time: time + 1 };
    refused(with(Point { time: time + 1, ..good.clone() }), future);
    let old = SliceNotNewer { underlying, expiry, time: NOW, last: NOW };
    refused(with(Point { time: NOW, ..good.clone() }), old);
    let forward = 100_000_000 * WAD + 1;
    for forward in [0, forward, u128::MAX] {
        let bad = Point { forward, ..good.clone() };
        refused(with(bad), ForwardOutOfBounds { underlying, expiry, forward });
    }
    for rate in [2_000_000_001, i32::MIN] {
        refused(with(Point { rate, ..good.clone() }), RateOutOfBounds { underlying, expiry, rate });
    }
    for bad in [
        Point { forwardConfidence: 1_000_001, ..good.clone() },
        Point { rateConfidence: 1_000_001, ..good.clone() },
        Point { volConfidence: u32::MAX, ..good.clone() },
    ] {
        refused(with(bad), ConfidenceOutOfBounds { underlying, expiry });
    }
    for (index, bad) in [
        (0, Point { a: i64::MIN, ..good.clone() }),
        (1, Point { b: -1, ..good.clone() }),
        (2, Point { rho: 1_000_000_000_000, ..good.clone() }),
        (3, Point { m: 10_000_000_000_001, ..good.clone() }),
        (4, Point { sigma: 0, ..good.clone() }),
    ] {
        refused(with(bad), SviOutOfDomain { underlying, expiry, index });
    }
    let flat = Point { a: 9_999, b: 0, ..good.clone() };
    refused(with(flat), VarianceOutOfBounds { underlying, expiry });
    let steep = Point { a: 6_000_000_000_000, b: 1_700_000_000_000, ..good.clone() };
    refused(with(steep), WingsTooSteep { underlying, expiry });
    refused(with(vogt(30, time)), ButterflyArbitrage { underlying, expiry });
    let forward = good.forward * 13 / 10;
    let jump = ForwardJumpTooLarge { underlying, expiry, forward };
    refused(with(Point { forward, ..good.clone() }), jump);
    refused(with(scaled(good.clone(), 240)), VolJumpTooLarge { underlying, expiry });
    let low = scaled(good.clone(), 24);
    refused(with(low), VolJumpTooLarge { underlying, expiry });

    assert_eq!(rig.storage(), before);
    with(good).unwrap();
}

#[test]
fn submit_slices_errors_too_old() {
    let rig = Rig::new();
    let bad = eth(7, NOW - 1201);
    let expected = SliceTooOld { underlying: ETH, expiry: bad.expiry, time: NOW - 1201, oldest: NOW - 1200 };
    refused(rig.submit_slices(&[bad]), expected);
}

#[test]
fn submit_slices_errors_expired_and_badly_signed() {
    let rig = Rig::new();
    let slices = vec![eth(7, NOW)];
    let submit = |deadline, signed: &[Point], keys: &[usize]| {
        let digest = rig.slice_digest(signed, deadline);
        let signatures = keys.iter().map(|key| rig.sign(*key, digest)).collect();
        rig.call(IOracle::submitSlicesCall { slices: slices.clone(), deadline, signatures })
    };
    refused(submit(NOW - 1, &slices, &[0, 1]), Expired { deadline: NOW - 1 });
    refused(submit(NOW, &slices, &[0]), TooFewSignatures { got: U256::ONE, threshold: 2 });
    let stranger = submit(NOW, &[eth(8, NOW)], &[0, 1]).err().unwrap();
    assert!(stranger.starts_with(&UnknownSigner::SELECTOR));
    submit(NOW, &slices, &[0, 2]).unwrap();
}

#[test]
fn submit_slices_errors_signed_as_prices() {
    // A digest of prices is none of slices, whatever it says.
    let rig = Rig::new();
    let digest = rig.digest(&[], u64::MAX);
    let signatures = vec![rig.sign(0, digest), rig.sign(1, digest)];
    let slices = vec![eth(7, NOW)];
    let call = IOracle::submitSlicesCall { slices, deadline: u64::MAX, signatures };
    let reason = rig.call(call).err().unwrap();
    assert!(reason.starts_with(&UnknownSigner::SELECTOR));
}

#[test]
fn calendar_errors_against_the_stored_neighbours() {
    let rig = rig();
    let time = NOW + 60;
    let at = |days| eth(days, NOW).expiry;
    let crossed = |days, other| CalendarArbitrage { underlying: ETH, expiry: at(days), other: at(other) };
    let free = Surface { maxVolJump: 0, ..SURFACE };
    rig.call(IOracle::setSurfaceCall { underlying: ETH, surface: free }).unwrap();
    // 30 days' variance below that of 7 days, then above that of 90; as replacement and as a new expiry between.
    for (days, next) in [(30, 90), (29, 30)] {
        refused(rig.submit_slices(&[scaled(eth(days, time), 20)]), crossed(days, 7));
        refused(rig.submit_slices(&[scaled(eth(days, time), 320)]), crossed(days, next));
    }
    refused(rig.submit_slices(&[scaled(eth(1, time), 800)]), crossed(1, 7));
    refused(rig.submit_slices(&[scaled(eth(91, time), 98)]), crossed(91, 90));
    // With its neighbour in the same report it is that one which counts.
    rig.submit_slices(&[scaled(eth(7, time), 10), scaled(eth(30, time), 20)]).unwrap();
    refused(
        rig.at(time + 1).submit_slices(&[scaled(eth(7, time + 1), 90), scaled(eth(30, time + 1), 20)]),
        crossed(30, 7),
    );
    // A wing that crosses far out, where no strike is.
    let tilted = Point { rho: -250_000_000_000, ..eth(89, time + 1) };
    refused(rig.submit_slices(&[Point { b: tilted.b * 105 / 100, ..tilted }]), crossed(89, 90));
}

#[test]
fn calendar_passes_over_stale_neighbours_and_keeps_late_ones() {
    let rig = rig();
    let low = |time| scaled(eth(30, time), 20);
    let crossed = CalendarArbitrage { underlying: ETH, expiry: low(NOW).expiry, other: eth(7, NOW).expiry };
    refused(rig.at(NOW + 7200).submit_slices(&[low(NOW + 7200)]), crossed);
    rig.at(NOW + 7201).submit_slices(&[low(NOW + 7201)]).unwrap();
    // The next usable one behind a stale one is compared: 30 days against a new 1 day.
    let high = scaled(eth(1, NOW + 7202), 900);
    let crossed = CalendarArbitrage { underlying: ETH, expiry: high.expiry, other: low(NOW).expiry };
    refused(rig.at(NOW + 7202).submit_slices(&[high]), crossed);
}
