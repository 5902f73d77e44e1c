//! The shape of a volatility slice: known values, a float reference, and what is admitted.

#![allow(clippy::float_arithmetic)]

use crate::support::svi as reference;
use crate::support::svi::{Reference, least_g, least_gap, scaled, svi, wad};
use num::BigInt;
use plimsoll_risk::{
    WAD,
    svi::{MAX_SCALE, MAX_VARIANCE, MIN_SIGMA, ShapeError, Svi, check_calendar, check_shape},
};
use proptest::{prelude::*, strategy::ValueTree};

/// `a, b, rho, m, sigma, years, forward, strike, volatility`: lyra-utils test/math/SVI.t.sol, volatility recomputed with
/// mpmath to 25 digits.
const PUBLISHED: [([f64; 5], f64, f64, f64, f64); 9] = {
    const FIRST: [f64; 5] = [
        0.00821917808219178,
        0.01232876712328767,
        -0.000821917808219178,
        -0.000410958904109589,
        0.000410958904109589,
    ];
    const SECOND: [f64; 5] = [
        0.027616438356164386,
        0.041424657534246574,
        0.003452054794520548,
        0.001726027397260274,
        0.000345205479452055,
    ];
    const THIRD: [f64; 5] = [
        0.17753424657534247,
        0.17753424657534247,
        0.05917808219178082,
        0.02958904109589041,
        0.0216986301369863,
    ];
    const YEARS: [f64; 3] = [0.00821917808219178, 0.038356164383561646, 0.2465753424657534];
    [
        (FIRST, YEARS[0], 1800.0, 1500.0, 1.128_313_283_835_480_3),
        (SECOND, YEARS[1], 1805.0, 1500.0, 0.959_724_473_412_013),
        (SECOND, YEARS[1], 1805.0, 1800.0, 0.851_385_607_696_952_2),
        (SECOND, YEARS[1], 1805.0, 2100.0, 0.939_244_986_304_054),
        (SECOND, YEARS[1], 1805.0, 2400.0, 1.013_357_133_427_566_8),
        (THIRD, YEARS[2], 1830.0, 1500.0, 0.935_672_821_844_278_5),
        (THIRD, YEARS[2], 1830.0, 1800.0, 0.868_753_074_733_793_1),
        (THIRD, YEARS[2], 1830.0, 2100.0, 0.896_626_901_741_326_7),
        (THIRD, YEARS[2], 1830.0, 2400.0, 0.951_272_174_421_869_4),
    ]
};

/// Axel Vogt's slice, in Gatheral and Jacquier, arXiv:1204.0646.
const VOGT: [f64; 5] = [-0.0410, 0.1331, 0.3060, 0.3586, 0.4153];

#[test]
fn variance_matches_the_published_volatilities() {
    for (parameters, years, forward, strike, volatility) in PUBLISHED {
        let w = svi(parameters).variance_floor(wad((strike / forward).ln())).unwrap();
        let found = (w as f64 / 1e18 / years).sqrt();
        assert!((found - volatility).abs() < 2e-15, "{strike}: {found} against {volatility}");
    }
}

#[test]
fn check_shape_admits_the_published_slices() {
    for (parameters, ..) in PUBLISHED {
        assert_eq!(check_shape(&svi(parameters)), Ok(()));
    }
}

#[test]
fn density_factor_of_vogt_has_the_published_minimum() {
    let vogt = svi(VOGT);
    let (g, at) =
        (0..2000).map(|k| (vogt.density_factor(wad(f64::from(k) / 1000.0)).unwrap(), k)).min().unwrap();
    // min g = -0.0328633403676 at k = 0.88, computed with mpmath at steps of 0.01.
    let published = vogt.density_factor(wad(0.88)).unwrap() as f64 / 1e18;
    assert!((published + 0.032_863_340_367_6).abs() < 1e-12, "{published}");
    assert!((875..=885).contains(&at) && (g as f64 / 1e18 + 0.03286).abs() < 1e-5, "{g} at {at}");
    assert!(vogt.density_factor(wad(0.64)).unwrap() > 0 && vogt.density_factor(wad(1.26)).unwrap() > 0);
}

#[test]
fn check_shape_errors_butterfly_for_vogt() {
    assert_eq!(check_shape(&svi(VOGT)), Err(ShapeError::Butterfly));
    let [a, b, rho, m, sigma] = VOGT;
    assert_eq!(check_shape(&svi([a, b, -rho, -m, sigma])), Err(ShapeError::Butterfly));
    // Gatheral and Jacquier mend it by keeping (v, psi, p) and taking c = 0.3493158, vtilde = 0.01548182 (section 5.1).
    let mended = reference::from_jump_wings(0.01742625, -0.1752111, 0.6997381, 0.3493158, 0.01548182);
    assert_eq!(check_shape(&svi(mended)), Ok(()), "{mended:?}");
}

#[test]
fn check_shape_errors_butterfly_by_a_hair() {
    // From the mended slice to Vogt's own: the last one that is good and the first that is bad, by a float grid.
    let between = |share: f64| {
        let mix = |from: f64, to: f64| from + share * (to - from);
        let (c, least) = (mix(0.3493158, 1.316798), mix(0.01548182, 0.0116249));
        svi(reference::from_jump_wings(0.01742625, -0.1752111, 0.6997381, c, least))
    };
    let share_of = |g: f64| {
        let (mut good, mut bad) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = (good + bad) / 2.0;
            if least_g(&between(middle)) > g { good = middle } else { bad = middle }
        }
        good
    };
    assert_eq!(check_shape(&between(share_of(0.0001))), Ok(()));
    let bad = between(share_of(-0.0001));
    // Negative over less than a tenth of `k`, around the one place.
    let negative = (0..4000).filter(|k| Reference::of(&bad).g(f64::from(*k) / 1000.0) < 0.0).count();
    assert!((1..100).contains(&negative), "{negative}");
    assert_eq!(check_shape(&bad), Err(ShapeError::Butterfly));
    assert_eq!(check_shape(&between(share_of(-1e-9))), Err(ShapeError::Butterfly));
}

#[test]
fn check_shape_errors_domain_names_the_parameter() {
    let good = svi([0.04, 0.1, -0.3, 0.05, 0.2]);
    assert_eq!(check_shape(&good), Ok(()));
    let one = 1_000_000_000_000_000_000;
    for (position, bad) in [
        (0, Svi { a: MAX_VARIANCE + 1, ..good }),
        (0, Svi { a: -MAX_VARIANCE - 1, ..good }),
        (0, Svi { a: i128::MIN, ..good }),
        (1, Svi { b: -1, ..good }),
        (1, Svi { b: 2 * one + 1, ..good }),
        (1, Svi { b: i128::MAX, ..good }),
        (2, Svi { rho: one, ..good }),
        (2, Svi { rho: -one, ..good }),
        (2, Svi { rho: i128::MIN, ..good }),
        (3, Svi { m: MAX_SCALE + 1, ..good }),
        (3, Svi { m: i128::MIN, ..good }),
        (4, Svi { sigma: MIN_SIGMA - 1, ..good }),
        (4, Svi { sigma: 0, ..good }),
        (4, Svi { sigma: -1, ..good }),
        (4, Svi { sigma: MAX_SCALE + 1, ..good }),
    ] {
        assert_eq!(check_shape(&bad), Err(ShapeError::Domain(position)), "{bad:?}");
    }
}

#[test]
fn check_shape_errors_variance_too_small_or_too_large() {
    // a + b sigma sqrt(1 - rho^2) with rho = 0.6: a + 0.8 * 0.1 * 0.2 = a + 0.016.
    let with = |a| check_shape(&svi([a, 0.1, 0.6, 0.0, 0.2]));
    assert_eq!(with(-0.016), Err(ShapeError::Variance));
    assert_eq!(with(-0.016 + 0.9e-8), Err(ShapeError::Variance));
    assert_ne!(with(-0.016 + 1.1e-8), Err(ShapeError::Variance));
    assert_eq!(check_shape(&svi([143.0, 0.0, 0.0, 0.0, 1.0])), Ok(()));
    assert_eq!(check_shape(&svi([143.0, 1.0, 0.0, 0.0, 2.0])), Err(ShapeError::Variance));
}

#[test]
fn check_shape_errors_wings_steeper_than_two() {
    // Wide enough for the density to be no trouble before the wings: a - |m| slope above 2.
    let with = |b, rho| check_shape(&svi([6.0, b, rho, 0.0, 1.0]));
    assert_eq!(with(1.6, 0.25), Err(ShapeError::Butterfly), "a slope of exactly 2");
    assert_eq!(with(1.6, 0.250_000_000_001), Err(ShapeError::Wings));
    assert_eq!(with(1.6, -0.250_000_000_001), Err(ShapeError::Wings));
    assert_eq!(with(1.5, 0.25), Ok(()));
    assert_eq!(with(1.5, -0.25), Ok(()));
}

#[test]
fn check_shape_admits_a_flat_slice() {
    assert_eq!(check_shape(&svi([1e-8, 0.0, 0.0, 0.0, 1e-6])), Ok(()));
}

#[test]
fn check_calendar_at_the_edges() {
    let slice = svi([0.04, 0.1, -0.3, 0.05, 0.2]);
    assert!(check_calendar(&slice, &slice));
    let higher = Svi { a: slice.a + 1_000_000, ..slice };
    assert!(
        check_calendar(&slice, &higher) && !check_calendar(&Svi { a: slice.a + 3_000_000, ..slice }, &slice)
    );
    // Steeper wings do not help a lower middle, nor a higher middle flatter wings.
    let steep = svi([0.01, 0.3, -0.3, 0.05, 0.1]);
    assert!(!check_calendar(&slice, &steep) && !check_calendar(&steep, &slice));
    let steeper_left_only = svi([0.05, 0.1, -0.31, 0.05, 0.2]);
    assert!(!check_calendar(&slice, &steeper_left_only));
    // They cross only where no strike is, at k of about 0.0008 / (0.07 - 0.06993) = 11, by the slopes of the wings.
    assert!(!check_calendar(&slice, &svi([0.0408, 0.0999, -0.3, 0.05, 0.2])));
}

/// Slices of any shape that markets or mischief may bring: tame, wild, narrow.
fn any_svi() -> impl Strategy<Value = Svi> {
    let tame = (0.0..0.1, 0.001..0.5, -0.9..0.9, -0.3..0.3, 0.005..1.0);
    let wild = (-1.0..5.0, 0.0..2.0, -0.999..0.999, -5.0..5.0, 0.0001..8.0);
    let short = (0.0..0.002, 0.0001..0.02, -0.8..0.8, -0.05..0.05, 0.001..0.1);
    let tiny = (1e-8..1e-6, 0.00001..1.9, -0.99..0.99, -0.1..0.1, 0.000_001..0.001);
    let parameters = prop_oneof![tame, wild, short, tiny];
    let any = parameters.prop_map(|(a, b, rho, m, sigma)| svi([a, b, rho, m, sigma]));
    // Deep ones: `a` takes back most of what the bend adds.
    let bent = (0.5..0.999, 0.01..0.8, -0.9..0.9, -0.5..0.5, 0.01..1.0).prop_map(
        |(share, b, rho, m, sigma): (f64, f64, f64, f64, f64)| {
            svi([-share * b * sigma * (1.0 - rho.powi(2)).sqrt(), b, rho, m, sigma])
        },
    );
    prop_oneof![3 => any, 1 => bent]
}

/// That the property tests below see good and bad slices, and both orders, often enough to mean something.
#[test]
fn any_svi_is_good_and_bad() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut counts = [0; 4];
    for _ in 0..2000 {
        let (early, late) = ((any_svi(), any_svi()).new_tree(&mut runner).unwrap()).current();
        match check_shape(&early) {
            Ok(()) => counts[0] += 1,
            Err(ShapeError::Butterfly) => counts[1] += 1,
            Err(_) => {}
        }
        counts[2 + usize::from(check_calendar(&early, &late))] += 1;
    }
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn variance_and_derivatives_match_floats(svi in any_svi(), k in -4.0..4.0_f64) {
        let (k, reference) = (wad(k), Reference::of(&svi));
        let at = k as f64 / 1e18;
        let near = |found: i128, expected: f64, bound: f64| (found as f64 / 1e18 - expected).abs() < bound;
        prop_assert!(near(svi.variance_floor(k).unwrap(), reference.w(at), 1e-13));
        prop_assert!(near(svi.slope(k).unwrap(), reference.slope(at), 1e-13));
        let curvature = reference.curvature(at);
        prop_assert!(near(svi.curvature(k).unwrap(), curvature, 1e-12 * (1.0 + curvature)));
        if reference.w(at) > 1e-6 {
            let g = reference.g(at);
            prop_assert!(near(svi.density_factor(k).unwrap(), g, 1e-7 * (1.0 + g.abs())));
        }
    }

    /// Against twenty more digits.
    #[test]
    fn variance_rounds_down_by_less_than_ten_units(svi in any_svi(), k in -4.0..4.0_f64) {
        let (k, more) = (wad(k), BigInt::from(10).pow(20));
        let [a, b, rho, m, sigma] = [svi.a, svi.b, svi.rho, svi.m, svi.sigma].map(BigInt::from);
        let y = BigInt::from(k) - m;
        let z = ((&y * &y + &sigma * &sigma) * &more * &more).sqrt();
        let bend = rho * y * &more / BigInt::from(WAD) + z;
        let exact: BigInt = a * &more + b * bend / BigInt::from(WAD);
        let short = exact - BigInt::from(svi.variance_floor(k).unwrap()) * &more;
        prop_assert!(short > BigInt::from(-100) && short < more * 10, "{short}");
    }

    #[test]
    fn check_shape_admits_no_negative_density(svi in any_svi()) {
        if check_shape(&svi).is_ok() {
            let least = least_g(&svi);
            prop_assert!(least > 0.0, "{least}");
        }
    }

    #[test]
    fn check_shape_refuses_little_that_is_good(svi in any_svi()) {
        // Good by 0.001 everywhere is good enough, the end of the wings included.
        let shape = check_shape(&svi);
        if shape == Err(ShapeError::Butterfly) {
            prop_assert!(least_g(&svi) < 0.001, "{}", least_g(&svi));
        }
    }

    #[test]
    fn check_calendar_agrees_with_a_dense_grid(early in any_svi(), late in any_svi()) {
        let gap = least_gap(&early, &late);
        if check_calendar(&early, &late) {
            prop_assert!(gap > -2e-12, "{gap}");
        }
    }

    #[test]
    fn check_calendar_admits_what_grows_everywhere(
        early in any_svi(), level in 1.0001..3.0_f64, wings in 1.0..2.0_f64,
    ) {
        // The same shape with every part of it larger has the larger variance at every strike.
        if early.a <= 0 {
            return Ok(());
        }
        let late = Svi { a: scaled(early.a, level), b: scaled(early.b, wings), ..early };
        prop_assert!(check_calendar(&early, &late));
        prop_assert!(!check_calendar(&late, &early));
    }

    #[test]
    fn check_calendar_refuses_a_pair_that_crosses(
        early in any_svi(), late in any_svi(), at in -2.0..2.0_f64, below in 1e-9..1e-3_f64,
    ) {
        // The later slice moved so that it lies a little lower at one strike.
        let k = wad(at);
        let gap = late.variance_floor(k).unwrap() - early.variance_floor(k).unwrap();
        let late = Svi { a: late.a - gap - wad(below), ..late };
        prop_assert!(!check_calendar(&early, &late));
    }
}
