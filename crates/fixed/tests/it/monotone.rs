//! Every function is monotone: at each seam of its tables and reductions, where an error would show, from each wei to the
//! next, and over any distance.

use crate::points::{EXP_MAX, EXP_MIN, any_size, seams_of};
use plimsoll_fixed::{
    WAD, atan_wad, exp_wad, ln_wad, log2_wad, normal_cdf_wad, normal_pdf_wad, pow_wad, sqrt_wad_ceil,
    sqrt_wad_floor, student_t3_tail_wad,
};
use proptest::prelude::*;

/// Less 2^127, so that every unsigned result fits.
fn exp(x: i128) -> i128 {
    (exp_wad(x).unwrap_or(u128::MAX) ^ (1 << 127)).cast_signed()
}

fn ln(x: i128) -> i128 {
    ln_wad(x as u128).unwrap()
}

fn log2(x: i128) -> i128 {
    log2_wad(x as u128).unwrap()
}

fn cdf(x: i128) -> i128 {
    normal_cdf_wad(x) as i128
}

/// Rising on both sides.
fn pdf(x: i128) -> i128 {
    let y = normal_pdf_wad(x) as i128;
    if x < 0 { y } else { WAD as i128 - y }
}

fn minus_t3(x: i128) -> i128 {
    -(student_t3_tail_wad(x) as i128)
}

type Rising = fn(i128) -> i128;

fn rises(name: &str, f: Rising, points: &[i128]) {
    for pair in points.windows(2) {
        assert!(f(pair[0]) <= f(pair[1]), "{name} falls from {} to {}", pair[0], pair[1]);
    }
}

#[test]
fn functions_rise_at_every_seam() {
    rises("exp", exp, &seams_of("exp"));
    let positive: Vec<_> = seams_of("ln").into_iter().filter(|x| *x > 0).collect();
    rises("ln", ln, &positive);
    rises("log2", log2, &positive);
    rises("cdf", cdf, &seams_of("normal"));
    rises("pdf", pdf, &seams_of("pdf"));
    rises("atan", atan_wad, &seams_of("atan"));
    rises("t3", minus_t3, &seams_of("student"));
}

/// Neighbours around a thousand places: half of the steps are below what the result can show.
fn walk(f: Rising, from: i128) -> bool {
    let mut last = f(from);
    (1..32).all(|off| {
        let next = f(from + off);
        let fine = last <= next;
        last = next;
        fine
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn functions_rise_from_wei_to_wei(x in -11 * WAD as i128..11 * WAD as i128, e in EXP_MIN - 99..EXP_MAX, size in any_size()) {
        prop_assert!(walk(exp, e), "exp {e}");
        for (name, f) in [("cdf", cdf as Rising), ("pdf", pdf), ("atan", atan_wad), ("t3", minus_t3)] {
            prop_assert!(walk(f, x), "{name} {x}");
        }
        let size = (size >> 2).max(1) as i128;
        for (name, f) in [("ln", ln as Rising), ("log2", log2), ("atan", atan_wad), ("t3", minus_t3)] {
            prop_assert!(walk(f, size), "{name} {size}");
        }
    }

    #[test]
    fn functions_rise_over_any_distance(a in -11 * WAD as i128..11 * WAD as i128, b in -11 * WAD as i128..11 * WAD as i128,
        x in any_size(), y in any_size()) {
        let (a, b) = (a.min(b), a.max(b));
        for (name, f) in [("exp", exp as Rising), ("cdf", cdf), ("pdf", pdf), ("atan", atan_wad), ("t3", minus_t3)] {
            prop_assert!(f(a) <= f(b), "{name} {a} {b}");
        }
        let (x, y) = (x.min(y), x.max(y));
        prop_assert!(ln_wad(x).unwrap() <= ln_wad(y).unwrap());
        prop_assert!(log2_wad(x).unwrap() <= log2_wad(y).unwrap());
        prop_assert!(sqrt_wad_floor(x) <= sqrt_wad_floor(y));
        prop_assert!(sqrt_wad_ceil(x) <= sqrt_wad_ceil(y));
    }

    #[test]
    fn pow_rises_with_its_base_and_turns_at_one(x in any_size(), off in 1u128..20, y in 0..9 * WAD as i128) {
        let next = x.saturating_add(off);
        let pow = |x, y| pow_wad(x, y).unwrap_or(u128::MAX);
        prop_assert!(pow(x, y) <= pow(next, y));
        prop_assert!(pow(x, -y) >= pow(next, -y));
        if x >= WAD {
            prop_assert!(pow(x, y) <= pow(x, y + 1));
        } else {
            prop_assert!(pow(x, y) >= pow(x, y + 1));
        }
    }
}
