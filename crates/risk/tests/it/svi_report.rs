//! When reported volatility slices are admitted, their two slots, and how they age.

use plimsoll_risk::{
    WAD,
    oracle::{Ages, Status},
    svi::{
        JumpRules, MAX_FORWARD, MAX_RATE, MAX_TENOR, ReportedSliceError, ShapeError, Slice, SurfaceError,
        check_reported_slice, check_surface, slice_status,
    },
};
use proptest::prelude::*;

const NOW: u64 = 1_700_000_000;
const EXPIRY: u32 = 1_700_000_000 + 30 * 86_400;
const AGES: Ages = Ages { max_age: 1200, max_age_late: 7200 };
const JUMPS: JumpRules = JumpRules { max_vol_jump: 200_000, max_forward_jump: 100_000 };

/// Total variance at the forward 0.01 + 0.1 * (0 + 0.2) = 0.03, over 30 days: a volatility of 60 %.
const SLICE: Slice = Slice {
    time: NOW,
    forward: 2000 * WAD,
    rate: 50_000_000,
    svi: [10_000_000_000, 100_000_000_000, 0, 0, 200_000_000_000],
    confidences: [1_000_000, 990_000, 950_000],
};

fn check(slice: &Slice, last: &Slice) -> Result<(), ReportedSliceError> {
    check_reported_slice(slice, EXPIRY, last, &AGES, &JUMPS, NOW)
}

#[test]
fn check_reported_slice_admits_a_good_one() {
    assert_eq!(check(&SLICE, &Slice::default()), Ok(()));
    assert_eq!(check(&Slice { time: NOW - 1200, ..SLICE }, &Slice::default()), Ok(()));
    assert_eq!(check(&SLICE, &Slice { time: NOW - 1, ..SLICE }), Ok(()));
    for forward in [1, MAX_FORWARD] {
        assert_eq!(check(&Slice { forward, ..SLICE }, &Slice::default()), Ok(()));
    }
    for rate in [-MAX_RATE, MAX_RATE] {
        assert_eq!(check(&Slice { rate, ..SLICE }, &Slice::default()), Ok(()));
    }
}

#[test]
fn check_reported_slice_errors_in_order() {
    use ReportedSliceError as E;
    let none = Slice::default();
    // Each of these breaks every later rule as well.
    let vogt = [-41_000_000_000, 133_100_000_000, 306_000_000_000, 358_600_000_000, 415_300_000_000];
    let bad =
        Slice { svi: vogt, confidences: [0, 0, 1_000_001], rate: MAX_RATE + 1, forward: 0, time: NOW + 1 };
    let no_surface = Ages::default();
    let at = |expiry, ages| check_reported_slice(&bad, expiry, &none, ages, &JUMPS, NOW);
    assert_eq!(at(0, &no_surface), Err(E::UnknownSurface));
    assert_eq!(at(NOW as u32, &AGES), Err(E::Expired));
    assert_eq!(at(0, &AGES), Err(E::Expired));
    assert_eq!(at(NOW as u32 + MAX_TENOR as u32 + 1, &AGES), Err(E::TooFar));
    assert_eq!(at(NOW as u32 + MAX_TENOR as u32, &AGES), Err(E::FromFuture));
    let bad = Slice { time: NOW - 1201, ..bad };
    assert_eq!(check(&bad, &Slice { time: NOW - 1201, ..none }), Err(E::NotNewer { last: NOW - 1201 }));
    assert_eq!(check(&bad, &none), Err(E::TooOld { oldest: NOW - 1200 }));
    let bad = Slice { time: NOW, ..bad };
    assert_eq!(check(&bad, &none), Err(E::Forward));
    assert_eq!(check(&Slice { forward: MAX_FORWARD + 1, ..bad }, &none), Err(E::Forward));
    let bad = Slice { forward: WAD, ..bad };
    assert_eq!(check(&bad, &none), Err(E::Rate));
    assert_eq!(check(&Slice { rate: i32::MIN, ..bad }, &none), Err(E::Rate));
    let bad = Slice { rate: 0, ..bad };
    assert_eq!(check(&bad, &none), Err(E::Confidence));
    let bad = Slice { confidences: [0; 3], ..bad };
    assert_eq!(check(&bad, &none), Err(E::Shape(ShapeError::Butterfly)));
    assert_eq!(check(&Slice { svi: [i64::MIN; 5], ..bad }, &none), Err(E::Shape(ShapeError::Domain(0))));
}

#[test]
fn check_reported_slice_errors_forward_jump() {
    let last = Slice { time: NOW - 1200, ..SLICE };
    let to = |forward| check(&Slice { forward, ..SLICE }, &last);
    assert_eq!((to(2200 * WAD), to(1800 * WAD)), (Ok(()), Ok(())));
    for forward in [2200 * WAD + 1, 1800 * WAD - 1] {
        assert_eq!(to(forward), Err(ReportedSliceError::ForwardJump));
        // Not against one that is no longer fresh, nor one withdrawn, nor without the rule.
        let slice = Slice { forward, ..SLICE };
        assert_eq!(check(&slice, &Slice { time: NOW - 1201, ..last }), Ok(()));
        assert_eq!(check(&slice, &Slice { time: NOW - 1200, ..Slice::default() }), Ok(()));
        let free = JumpRules { max_forward_jump: 0, ..JUMPS };
        assert_eq!(check_reported_slice(&slice, EXPIRY, &last, &AGES, &free, NOW), Ok(()));
    }
}

#[test]
fn check_reported_slice_errors_vol_jump() {
    // A flat slice has the variance `a`; 20 % of the volatility up and down are 1.44 and 0.64 of it. The previous
    // slice is 30 days and 1200 seconds from the expiry: 2,593,200 s against 2,592,000 s.
    let last = Slice { time: NOW - 1200, svi: [25_932_000_000, 0, 0, 0, 1_000_000], ..SLICE };
    let to = |a| check(&Slice { svi: [a, 0, 0, 0, 1_000_000], ..SLICE }, &last);
    assert_eq!((to(25_920_000_000), to(37_324_800_000), to(16_588_800_000)), (Ok(()), Ok(()), Ok(())));
    for a in [37_324_800_001, 16_588_799_999] {
        assert_eq!(to(a), Err(ReportedSliceError::VolJump), "{a}");
        let slice = Slice { svi: [a, 0, 0, 0, 1_000_000], ..SLICE };
        let free = JumpRules { max_vol_jump: 0, ..JUMPS };
        assert_eq!(check_reported_slice(&slice, EXPIRY, &last, &AGES, &free, NOW), Ok(()));
    }
}

#[test]
fn slice_status_ages_and_ends_with_the_expiry() {
    let at = |now| slice_status(&SLICE, EXPIRY, &AGES, now);
    for (age, expected) in
        [(0, Status::Fresh), (1200, Status::Fresh), (1201, Status::Late), (7200, Status::Late)]
    {
        assert_eq!(at(NOW + age), expected);
    }
    assert_eq!(at(NOW + 7201), Status::Stale);
    assert_eq!(at(NOW - 1), Status::Stale);
    let near = NOW as u32 + 10;
    assert_eq!(slice_status(&SLICE, near, &AGES, NOW + 9), Status::Fresh);
    assert_eq!(slice_status(&SLICE, near, &AGES, NOW + 10), Status::Stale);
    let withdrawn = Slice { time: NOW, ..Slice::default() };
    assert_eq!(slice_status(&withdrawn, EXPIRY, &AGES, NOW), Status::Unset);
}

#[test]
fn check_surface_errors_name_the_parameter() {
    let check = |max_age, max_age_late, max_vol_jump, max_forward_jump| {
        check_surface(&Ages { max_age, max_age_late }, &JumpRules { max_vol_jump, max_forward_jump })
            .map_err(SurfaceError::index)
    };
    assert_eq!(check(1, 1, 0, 0), Ok(()));
    assert_eq!(check(604_800, 604_800, 1_000_000, 1_000_000), Ok(()));
    assert_eq!((check(0, 1, 0, 0), check(2, 1, 0, 0)), (Err(0), Err(0)));
    assert_eq!(check(1, 604_801, 0, 0), Err(1));
    assert_eq!(check(1, 1, 1_000_001, 0), Err(2));
    assert_eq!(check(1, 1, 0, 1_000_001), Err(3));
}

#[test]
fn years_are_of_365_days() {
    assert_eq!(SLICE.years_floor(1_700_000_000 + 365 * 86_400), WAD);
    assert_eq!(SLICE.years_floor(EXPIRY), 82_191_780_821_917_808);
    assert_eq!((SLICE.years_floor(0), SLICE.seconds(0)), (0, 0));
}

proptest! {
    #[test]
    fn pack_keeps_every_slice_in_its_domain(
        time: u64, forward in 0..=MAX_FORWARD, rate: i32, confidences in prop::array::uniform3(0..=1_000_000_u32),
        a in -144_000_000_000_000..=144_000_000_000_000_i64, b in 0..=2_000_000_000_000_i64,
        rho in -1_000_000_000_000..=1_000_000_000_000_i64, m in -10_000_000_000_000..=10_000_000_000_000_i64,
        sigma in 0..=10_000_000_000_000_i64,
    ) {
        let slice = Slice { time, forward, rate, svi: [a, b, rho, m, sigma], confidences };
        prop_assert_eq!(Slice::unpack(slice.pack()), slice);
    }
}
