//! Arguments that try the functions: the seams of their tables and reductions, computed in high precision, and sizes
//! spread over all magnitudes.

use plimsoll_exact::Real;
use plimsoll_fixed::WAD;
use proptest::prelude::*;

/// The largest argument of exp whose result fits: ln(2^128 / 1e18) = 47.276307437780177293.08...
pub(crate) const EXP_MAX: i128 = 47_276_307_437_780_177_293;
/// The smallest whose result is not zero: ln(0.5e-18) = -42.139678854452767621.74...
pub(crate) const EXP_MIN: i128 = -42_139_678_854_452_767_621;

/// A positive number of any magnitude.
pub(crate) fn any_size() -> impl Strategy<Value = u128> {
    prop_oneof![
        (any::<u128>(), 0u32..128).prop_map(|(x, cut)| (x >> cut).max(1)),
        (0..4 * WAD).prop_map(|x| x.max(1)),
        (0..1_000_000u128).prop_map(|x| WAD + x),
        (1..1_000_000u128).prop_map(|x| WAD - x),
    ]
}

/// A real number in wei with its four neighbours on either side.
fn around(out: &mut Vec<i128>, x: Real) {
    let (negative, size) = (x < Real::int(0), (x.abs() * Real::uint(WAD)).round());
    let Ok(size) = i128::try_from(size) else { return };
    let centre = if negative { -size } else { size };
    out.extend((-4..=4).map(|off| centre.saturating_add(off)));
}

/// The seams of a function's tables and reductions, with neighbours, in rising order.
pub(crate) fn seams_of(function: &str) -> Vec<i128> {
    let mut out = Vec::new();
    let part = |n: i128, d: i128| Real::int(n) / Real::int(d);
    let ln2 = Real::int(2).ln();
    match function {
        // k ln 2 + j / 64
        "exp" => {
            for k in -62..69 {
                (0..45).for_each(|j| around(&mut out, ln2.clone() * Real::int(k) + part(j, 64)));
            }
        }
        // 2^e * (1 + j / 64): exact integers in wei
        "ln" => {
            for e in 0..127u32 {
                for j in 0..64i128 {
                    let edge = if e < 6 { ((64 + j) << e) >> 6 } else { (64 + j) << (e - 6) };
                    // beyond 64 bits, arguments differ from the 64th bit on
                    let step = 1i128 << e.saturating_sub(63);
                    out.extend((-4..=4).filter_map(|off| edge.checked_add(off)));
                    out.extend((-4..=4).filter_map(|off| edge.checked_add(off * step)));
                }
            }
        }
        "normal" => (-73..74).for_each(|k| around(&mut out, part(k, 8))),
        // x^2 / 2 = k ln 2 - j / 64
        "pdf" => {
            for k in 1..61 {
                for j in 0..45 {
                    let x = (Real::int(2) * (ln2.clone() * Real::int(k) - part(j, 64))).sqrt();
                    around(&mut out, -x.clone());
                    around(&mut out, x);
                }
            }
        }
        // k / 32 and its inverse, for Student's t times the root of 3
        "atan" | "student" => {
            let root = if function == "atan" { Real::int(1) } else { Real::int(3).sqrt() };
            for k in -32..33 {
                around(&mut out, part(k, 32) * root.clone());
                if k != 0 {
                    around(&mut out, part(32, k) * root.clone());
                }
            }
            // where the reciprocal drops bits, and where the tail vanishes
            for bit in 60..127 {
                around(&mut out, Real::uint(1 << bit) / Real::uint(WAD));
                around(&mut out, -(Real::uint(1 << bit) / Real::uint(WAD)));
            }
        }
        _ => unreachable!("no function {function}"),
    }
    out.extend([-2, -1, 0, 1, 2]);
    out.sort_unstable();
    out.dedup();
    out
}
