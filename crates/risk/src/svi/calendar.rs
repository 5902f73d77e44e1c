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

use core::cmp::Ordering;

use plimsoll_fixed::{WAD, compare_products};

use super::{
    Svi, hypotenuse,
    q64::{Q, fraction, mul},
    to_q64,
};

/// What a difference may fall short of zero by: 1e-12 of total variance, the unit of the parameters, and far above the
/// rounding of the root at the farthest point.
const TOLERANCE: i128 = Q / 1_000_000_000_000;

/// Steps in each direction after which two slices count as crossed.
const MOST_STEPS: u32 = 400;

/// Smallest step of `k`: 2^-24.
const LEAST_STEP: i128 = Q >> 24;

/// Farthest `k`: 65,536.
const FARTHEST: i128 = Q << 16;

/// Whether the total variance of `later` is shown to be at least that of `earlier` at every `k`, to 1e-12.
///
/// Both must have passed [`check_shape`](super::check_shape). Two equal slices are no arbitrage; two that differ in
/// their level alone need no search.
#[must_use]
pub fn check_calendar(earlier: &Svi, later: &Svi) -> bool {
    if *earlier == (Svi { a: earlier.a, ..*later }) {
        return later.a >= earlier.a;
    }
    let mirrored = |svi: &Svi| Svi { rho: -svi.rho, m: -svi.m, ..*svi };
    is_ordered_upward(earlier, later) && is_ordered_upward(&mirrored(earlier), &mirrored(later))
}

/// A slice prepared for one direction.
struct Half {
    a: i128,
    b: i128,
    rho: i128,
    m: i128,
    sigma: i128,
    /// Slope of the wing.
    wing: i128,
}

/// What is known of a slice at one point.
#[derive(Clone, Copy)]
struct Node {
    y: i128,
    z: i128,
    w: i128,
    slope: i128,
}

impl Half {
    fn of(svi: &Svi) -> Self {
        let [a, b, rho, m, sigma] = [svi.a, svi.b, svi.rho, svi.m, svi.sigma].map(to_q64);
        Self { a, b, rho, m, sigma, wing: mul(b, Q + rho) }
    }

    fn node(&self, k: i128) -> Node {
        let y = k - self.m;
        let z = hypotenuse(y.unsigned_abs(), self.sigma.unsigned_abs()) as i128;
        let w = self.a + mul(self.b, mul(self.rho, y) + z);
        let slope = mul(self.b, self.rho + fraction(y, z));
        Node { y, z, w, slope }
    }

    fn asymptote(&self, node: &Node) -> i128 {
        self.a + mul(self.wing, node.y)
    }
}

fn is_ordered_upward(earlier: &Svi, later: &Svi) -> bool {
    let slopes = |svi: &Svi| (svi.b.unsigned_abs(), WAD.saturating_add_signed(svi.rho));
    let ((b, tilt), (later_b, later_tilt)) = (slopes(earlier), slopes(later));
    if compare_products(later_b, later_tilt, b, tilt) == Ordering::Less {
        return false;
    }
    let (early, late) = (Half::of(earlier), Half::of(later));
    let (mut k, mut step) = (0, early.sigma.min(late.sigma));
    let (mut early_near, mut late_near) = (early.node(k), late.node(k));
    if late_near.w - early_near.w < -TOLERANCE {
        return false;
    }
    for _ in 0..MOST_STEPS {
        if wing_is_ordered(&early, &late, &early_near, &late_near) {
            return true;
        }
        let (early_far, late_far) = (early.node(k + step), late.node(k + step));
        let far_gap = late_far.w - early_far.w;
        if far_gap < -TOLERANCE {
            return false;
        }
        let sag = mul(step, late_far.slope - late_near.slope) / 4;
        if far_gap.min(late_near.w - early_near.w) - sag >= -TOLERANCE {
            k += step;
            (early_near, late_near) = (early_far, late_far);
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
fn wing_is_ordered(early: &Half, late: &Half, early_near: &Node, late_near: &Node) -> bool {
    if late_near.slope >= early.wing {
        return true;
    }
    if early_near.y <= 0 || late_near.y <= 0 {
        return false;
    }
    let above = mul(early.b, early_near.z - early_near.y);
    late.asymptote(late_near) - early.asymptote(early_near) - above >= -TOLERANCE
}
