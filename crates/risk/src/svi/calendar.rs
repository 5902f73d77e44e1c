//! Calendar arbitrage: that total variance at no `k` is smaller for the later of two expiries.
//!
//! Both slices are convex. On a step from `k0` to `k1` the earlier one lies below its chord, and the later one less
//! than `(k1 - k0) (w'(k1) - w'(k0)) / 4` below its own (the height, at most, of the triangle between a chord and the
//! tangents at its ends). So their difference is at least the smaller of its end values less that, whatever happens
//! between.
//!
//! Beyond the last step `K`, with the slopes `s` of the wings: when the later slice's `w'(K)` is at least the earlier
//! one's `s`, the difference only grows; and when `s` of the later is at least that of the earlier, the difference is
//! at least that of the asymptotes at `K` less what the earlier lies above its own there, `b (z - y)`, which falls.
//! With `s` of the later below that of the earlier the two cross for sure.

use super::{
    Svi,
    curve::{Curve, Point},
    q64::{Q, mul},
};

/// Tolerance of the check: a difference may be below zero by 1e-12 of total variance. This is the unit of the parameters,
/// and far above the rounding of the root at the farthest point.
const TOLERANCE: i128 = Q / 1_000_000_000_000;

/// Steps in each direction after which two slices count as crossed.
const MOST_STEPS: u32 = 400;

/// Smallest step of `k`: 2^-24.
const LEAST_STEP: i128 = Q >> 24;

/// Farthest `k`: 65,536.
const FARTHEST: i128 = Q << 16;

/// Whether the total variance of `later` is shown to be at least that of `earlier` at every `k`, to 1e-12 up to
/// `|k|` of a million (beyond, the rounding of the wings' slopes, `2^-63`, may come to more).
///
/// Both must have passed [`check_shape`](super::check_shape). Two equal slices are no arbitrage; two that differ in
/// their level alone need no search.
#[must_use]
pub fn check_calendar(earlier: &Svi, later: &Svi) -> bool {
    if *earlier == (Svi { a: earlier.a, ..*later }) {
        return later.a >= earlier.a;
    }
    let (early, late) = (Curve::of(earlier), Curve::of(later));
    is_ordered_upward(&early, &late) && is_ordered_upward(&early.mirrored(), &late.mirrored())
}

#[inline(never)]
fn is_ordered_upward(early: &Curve, late: &Curve) -> bool {
    if late.wing() < early.wing() {
        return false;
    }
    let (mut k, mut step) = (0, early.sigma.min(late.sigma));
    let (mut early_near, mut late_near) = (early.at(k), late.at(k));
    let mut gap = late_near.w - early_near.w;
    if gap < -TOLERANCE {
        return false;
    }
    for _ in 0..MOST_STEPS {
        if wing_is_ordered(early, late, &early_near, &late_near) {
            return true;
        }
        let (early_far, late_far) = (early.at(k + step), late.at(k + step));
        let far_gap = late_far.w - early_far.w;
        if far_gap < -TOLERANCE {
            return false;
        }
        let sag = mul(step, late_far.slope - late_near.slope) / 4;
        if gap.min(far_gap) - sag >= -TOLERANCE {
            k += step;
            (early_near, late_near, gap) = (early_far, late_far, far_gap);
            step *= 2;
        } else {
            step /= 2;
        }
        if step < LEAST_STEP || k > FARTHEST {
            return false;
        }
    }
    false
}

/// Whether the difference, which is not negative at a point, stays so from there on.
fn wing_is_ordered(early: &Curve, late: &Curve, early_near: &Point, late_near: &Point) -> bool {
    let (wing, late_wing) = (early.wing(), late.wing());
    if late_near.slope >= wing {
        return true;
    }
    if early_near.y <= 0 || late_near.y <= 0 {
        return false;
    }
    // Asymptotes, and what the earlier slice lies above its own.
    let above = mul(early.b, early_near.z - early_near.y);
    let late_asymptote = late.a + mul(late_wing, late_near.y);
    late_asymptote - early.a - mul(wing, early_near.y) - above >= -TOLERANCE
}
