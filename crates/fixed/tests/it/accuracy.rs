//! The error bounds that the functions promise, against a library of 256 bits, on random arguments, on the seams of every
//! table and reduction and their neighbours, and on extremes.

use crate::points::{EXP_MAX, EXP_MIN, any_size, seams_of};
use plimsoll_exact::Real;
use plimsoll_fixed::{
    Overflow, WAD, atan_wad, exp_wad, ln_wad, log2_wad, normal_cdf_wad, normal_pdf_wad, pow_wad,
    student_t3_tail_wad,
};
use proptest::prelude::*;

/// The largest error seen, which `-- --nocapture` prints, beside the bound.
fn check(name: &str, bound: u128, errors: impl Iterator<Item = (i128, u128)>) {
    let mut worst = (0, 0);
    for (x, error) in errors {
        if error >= worst.1 {
            worst = (x, error);
        }
    }
    println!("{name}: {} thousandths of a wei at {}", worst.1, worst.0);
    assert!(worst.1 <= bound, "{name}: {} thousandths of a wei at {}", worst.1, worst.0);
}

/// Of the error of exp, what its bound leaves: 0.51 wei and 3.5e-19 of the result.
fn exp_excess(x: i128, got: u128) -> u128 {
    let exact = Real::wad(x).exp();
    exact.milliwei_from_unsigned(got).saturating_sub(510 + (exact * Real::int(350)).floor())
}

#[test]
fn exp_is_within_its_bound_at_the_seams() {
    let errors =
        seams_of("exp").into_iter().filter_map(|x| exp_wad(x).ok().map(|got| (x, exp_excess(x, got))));
    check("exp, beyond its bound", 0, errors);
}

#[test]
fn exp_overflows_where_the_result_does() {
    assert_eq!(exp_wad(0), Ok(WAD));
    assert_eq!(exp_wad(EXP_MAX + 1), Err(Overflow));
    assert_eq!(exp_wad(EXP_MAX - 1).map(|top| top > u128::MAX - (u128::MAX >> 58)), Ok(true));
    assert_eq!(exp_wad(i128::MAX), Err(Overflow));
    assert_eq!(exp_wad(EXP_MIN), Ok(1));
    assert_eq!(exp_wad(EXP_MIN - 1), Ok(0));
    assert_eq!(exp_wad(i128::MIN), Ok(0));
}

#[test]
fn ln_and_log2_are_within_their_bounds_at_the_seams() {
    let seams = || seams_of("ln").into_iter().filter(|x| *x > 0);
    check("ln", 700, seams().map(|x| (x, Real::wad(x).ln().milliwei_from(ln_wad(x as u128).unwrap()))));
    check("log2", 800, seams().map(|x| (x, Real::wad(x).log2().milliwei_from(log2_wad(x as u128).unwrap()))));
}

#[test]
fn ln_and_log2_of_extremes() {
    assert_eq!(ln_wad(0), Err(Overflow));
    assert_eq!(log2_wad(0), Err(Overflow));
    assert_eq!(ln_wad(WAD), Ok(0));
    assert!(Real::unsigned_wad(u128::MAX).ln().milliwei_from(ln_wad(u128::MAX).unwrap()) <= 700);
    for k in -18..=68i32 {
        let x = if k < 0 { WAD >> -k } else { WAD << k };
        assert_eq!(log2_wad(x), Ok(i128::from(k) * WAD as i128), "2^{k}");
    }
}

#[test]
fn normal_is_within_its_bounds_at_the_seams() {
    check(
        "cdf",
        800,
        seams_of("normal")
            .into_iter()
            .map(|x| (x, Real::wad(x).normal_cdf().milliwei_from_unsigned(normal_cdf_wad(x)))),
    );
    check(
        "pdf",
        1000,
        seams_of("pdf")
            .into_iter()
            .map(|x| (x, Real::wad(x).normal_pdf().milliwei_from_unsigned(normal_pdf_wad(x)))),
    );
}

#[test]
fn atan_and_student_are_within_their_bounds_at_the_seams() {
    check(
        "atan",
        800,
        seams_of("atan").into_iter().map(|x| (x, Real::wad(x).atan().milliwei_from(atan_wad(x)))),
    );
    let student = seams_of("student").into_iter();
    check(
        "t3",
        1200,
        student.map(|x| (x, Real::wad(x).student_t3_tail().milliwei_from_unsigned(student_t3_tail_wad(x)))),
    );
}

#[test]
fn symmetric_functions_saturate_at_the_extremes() {
    for (x, upper) in [(i128::MAX, WAD), (i128::MIN, 0)] {
        assert_eq!(normal_cdf_wad(x), upper);
        assert_eq!(normal_pdf_wad(x), 0);
        assert_eq!(student_t3_tail_wad(x), WAD - upper);
    }
    // pi / 2 = 1.570796326794896619231...
    assert_eq!(atan_wad(i128::MAX), 1_570_796_326_794_896_619);
    assert_eq!(atan_wad(i128::MIN), -1_570_796_326_794_896_619);
    assert_eq!((normal_cdf_wad(0), student_t3_tail_wad(0), atan_wad(0)), (WAD / 2, WAD / 2, 0));
}

#[test]
fn pow_conventions() {
    assert_eq!(pow_wad(0, 0), Ok(WAD));
    assert_eq!(pow_wad(u128::MAX, 0), Ok(WAD));
    assert_eq!(pow_wad(0, 1), Ok(0));
    assert_eq!(pow_wad(0, -1), Err(Overflow));
    assert_eq!(pow_wad(WAD, i128::MAX), Ok(WAD));
    assert_eq!(pow_wad(WAD, i128::MIN), Ok(WAD));
    assert_eq!(pow_wad(2 * WAD, i128::MAX), Err(Overflow));
    assert_eq!(pow_wad(2 * WAD, i128::MIN), Ok(0));
    assert_eq!(pow_wad(WAD / 2, i128::MIN), Err(Overflow));
    assert_eq!(pow_wad(1, i128::MAX), Ok(0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6_000))]

    #[test]
    fn exp_is_within_its_bound(x in EXP_MIN..EXP_MAX) {
        prop_assert_eq!(exp_excess(x, exp_wad(x).unwrap()), 0);
    }

    #[test]
    fn ln_and_log2_are_within_their_bounds(x in any_size()) {
        let exact = Real::uint(x) / Real::uint(WAD);
        prop_assert!(exact.ln().milliwei_from(ln_wad(x).unwrap()) <= 700);
        prop_assert!(exact.log2().milliwei_from(log2_wad(x).unwrap()) <= 800);
    }

    #[test]
    fn normal_is_within_its_bounds(x in -10 * WAD as i128..10 * WAD as i128) {
        let exact = Real::wad(x);
        prop_assert!(exact.normal_cdf().milliwei_from_unsigned(normal_cdf_wad(x)) <= 800);
        prop_assert!(exact.normal_pdf().milliwei_from_unsigned(normal_pdf_wad(x)) <= 1000);
    }

    #[test]
    fn atan_and_student_are_within_their_bounds(size in any_size(), negative: bool) {
        let x = (size >> 1) as i128 * if negative { -1 } else { 1 };
        let exact = Real::wad(x);
        prop_assert!(exact.atan().milliwei_from(atan_wad(x)) <= 800);
        // The two halves of the closed form cancel, but 256 bits are enough for an error far below a wei.
        prop_assert!(exact.student_t3_tail().milliwei_from_unsigned(student_t3_tail_wad(x)) <= 1200);
    }

    #[test]
    fn pow_is_within_its_bound(x in any_size(), y in -50 * WAD as i128..50 * WAD as i128, cut in 0u32..60) {
        let y = y >> cut;
        match pow_wad(x, y) {
            Ok(got) => {
                let exact = Real::unsigned_wad(x).pow(&Real::wad(y));
                // 0.51 wei, and of the result 1e-18 + |y| * 1.8e-19
                let share = Real::int(1000) + Real::int(180) * Real::wad(y).abs();
                prop_assert!(exact.milliwei_from_unsigned(got) <= 511 + (share * exact).floor());
            }
            Err(Overflow) => prop_assert!(x == 0 || Real::wad(y) * Real::unsigned_wad(x).ln() > Real::wad(EXP_MAX - 100)),
        }
    }

    #[test]
    fn exp_undoes_ln(x in any_size()) {
        // ln is within 0.7 wei: exp of it within 7e-19 + 3.5e-19 of x, and 0.51 wei.
        if let Ok(back) = exp_wad(ln_wad(x).unwrap()) {
            prop_assert!(back.abs_diff(x) <= 1 + x / 900_000_000_000_000_000, "{x} {back}");
        }
    }

    #[test]
    fn distributions_are_symmetric(x: i128, cut in 0u32..127) {
        let x = (x >> cut).max(-i128::MAX);
        prop_assert_eq!(normal_cdf_wad(x) + normal_cdf_wad(-x), WAD);
        prop_assert_eq!(student_t3_tail_wad(x) + student_t3_tail_wad(-x), WAD);
        prop_assert_eq!(normal_pdf_wad(x), normal_pdf_wad(-x));
        prop_assert_eq!(atan_wad(x), -atan_wad(-x));
    }
}
