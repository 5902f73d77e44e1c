//! Butterfly arbitrage: that `g(k) >= 0` for every `k`, between the points looked at and beyond them.
//!
//! `g = (1 - q/2)^2 - r/4 - w'^2/16 + w''/2` with `q = k w' / w` and `r = w'^2 / w`. Each half line from `m` outward is
//! cut into steps; on a step every term is bounded by its values at the ends, because each is monotone there or known
//! not to be. With `y = k - m >= 0` (the other half is the mirrored slice, `g` being the same):
//!
//! - `w'` rises (`w` is convex) and `w''` falls.
//! - `w` has its least value where `w'` is zero, elsewhere on the step at an end.
//! - `k / w` has the derivative `N / w^2`, `N = w - k w'`, and `N' = -k w''`: `N` rises up to `k = 0` and falls after.
//!   So `N` is at least the smaller of its end values: with both positive, `k / w` rises; with both negative and `k` of
//!   one sign, it falls.
//! - `r` has the derivative `w' D / w^2`, `D = 2 w w'' - w'^2`, and `D' = 2 w w''' <= 0`; where `w' <= 0`, `D` is not
//!   negative (it is positive where `w' = 0`, which lies beyond). So `r` is largest at an end, or, when `D` changes its
//!   sign, where `D = 0`: there `r = 2 w''`, at most twice `w''` at the near end.
//!
//! Beyond the last step, `K` with `k > 0` and `w' >= 0`: with the slope `s = b (1 + rho)` of the wing, `w` is at least
//! its asymptote `s (k - m) + a`, so `q <= s k / (s (k - m) + a)`, which falls towards 1 from its value at `K` or is at
//! most 1; `r` falls where `D <= 0` and is at most `s^2 / w(K)` anyway; `w'^2 < s^2`; `w'' > 0`. This shows the whole
//! wing at once; it needs `s < 2`, as at 2 `g` ends at zero and turns negative on its way for any usual slice.
//!
//! Points are `k = m + sigma sinh(u)` with `t = exp(u)` as the parameter, which needs no root. Rounding: quantities are
//! exact to some units of 2^-64, total variance is at least 1e-8, so quotients by it err by 1e-9 of themselves and
//! 1e-9 for every 1e3 of `k`; what is shown is `g > 1e-6 + 2^-23 (sum of the terms' magnitudes)`, hundreds of times that.

use super::{
    curve::Curve,
    q64::{Q, mul, reciprocal, square},
};

/// Steps in each direction after which the check gives up and the slice is refused.
const MOST_STEPS: u32 = 400;

/// Smallest step of `t`: 2^-20.
const LEAST_STEP: i128 = Q >> 20;

/// Farthest `y`: 1000. A wing that is not proved by then is refused.
const FARTHEST: i128 = 1000 * Q;

/// Whether `g > 0` is shown for every strike of a slice whose parameters are in their domain.
pub(super) fn is_free(curve: &Curve) -> bool {
    curve.b == 0 || (is_free_upward(curve) && is_free_upward(&curve.mirrored()))
}

/// A term of `g` with 32 binary digits after the point, which are enough for it. Ends at 2^28.
type Term = i64;

const UNIT: Term = 1 << 32;

fn term(x: i128) -> Term {
    (x >> 32).clamp(-(1 << 60), 1 << 60) as Term
}

/// What is known at one point.
#[derive(Clone, Copy)]
struct Node {
    y: i128,
    k: i128,
    w: i128,
    slope: i128,
    /// `k / w`.
    ratio: i128,
    /// `w'^2`.
    steep: Term,
    /// `w'^2 / w`.
    r: Term,
    /// `w''`.
    curvature: Term,
    /// `N >= 0`: `k / w` does not fall.
    rises: bool,
    /// `D > 0`.
    bends: bool,
}

#[inline(never)]
fn is_free_upward(curve: &Curve) -> bool {
    let (peak, least, wing) = (mul(curve.b, reciprocal(curve.sigma)), curve.least(), curve.wing());
    let (mut t, mut step) = (Q, Q);
    let mut near = node(curve, peak, t);
    for _ in 0..MOST_STEPS {
        if wing_is_free(curve, wing, &near) {
            return true;
        }
        let far = node(curve, peak, t + step);
        if step_is_free(least, &near, &far) {
            t += step;
            near = far;
            step *= 2;
        } else {
            step /= 2;
        }
        if step < LEAST_STEP || near.y > FARTHEST {
            return false;
        }
    }
    false
}

fn node(curve: &Curve, peak: i128, t: i128) -> Node {
    let inverse = reciprocal(t);
    let (sinh, cosh) = ((t - inverse) / 2, (t + inverse) / 2);
    let sech = reciprocal(cosh);
    let y = mul(curve.sigma, sinh);
    let k = curve.m + y;
    let w = curve.a + mul(curve.b, mul(curve.rho, y) + mul(curve.sigma, cosh));
    // The hyperbolic tangent, from the side on which it is exact for a large `t`.
    let slope = mul(curve.b, curve.rho + Q - mul(sech, inverse));
    let curvature = mul(peak, mul(sech, square(sech)));
    let inverse = reciprocal(w);
    let steep = square(slope);
    Node {
        y,
        k,
        w,
        slope,
        ratio: mul(k, inverse),
        steep: term(steep),
        r: term(mul(steep, inverse)),
        curvature: term(curvature),
        rises: w >= mul(k, slope),
        bends: 2 * mul(w, curvature) > steep,
    }
}

/// Whether `g > 0` from one point to the next.
fn step_is_free(least: i128, near: &Node, far: &Node) -> bool {
    let lowest = if near.slope < 0 && far.slope > 0 { least } else { near.w.min(far.w) };
    let most = reciprocal(lowest);
    let mut ratios = [near.ratio, far.ratio];
    if near.rises != far.rises || (!near.rises && (near.k < 0) != (far.k < 0)) {
        // Not monotone for sure: an end of the step by the smallest variance, where that is the wider bound.
        ratios = [near.ratio.min(mul(near.k, most)), far.ratio.max(mul(far.k, most))];
        if near.k > 0 {
            ratios[0] = near.ratio.min(far.ratio);
        }
        if far.k < 0 {
            ratios[1] = near.ratio.max(far.ratio);
        }
    }
    let (mut q_low, mut q_high) = (Term::MAX, Term::MIN);
    for slope in [near.slope, far.slope] {
        for ratio in ratios {
            let q = term(mul(slope, ratio));
            (q_low, q_high) = (q_low.min(q), q_high.max(q));
        }
    }
    let mut r = near.r.max(far.r);
    if near.bends && !far.bends {
        let steepest = square(near.slope.abs().max(far.slope.abs()));
        r = term(mul(steepest, most)).min(2 * near.curvature);
    }
    exceeds(q_low, q_high, far.curvature, r, near.steep.max(far.steep))
}

/// Whether `g > 0` from a point on, for ever.
fn wing_is_free(curve: &Curve, wing: i128, near: &Node) -> bool {
    let asymptote = curve.a + mul(wing, near.y);
    if near.k <= 0 || near.slope < 0 || asymptote <= 0 {
        return false;
    }
    let q = term(mul(mul(near.k, wing), reciprocal(asymptote))).max(UNIT);
    let steep = square(wing);
    let r = if near.bends { term(mul(steep, reciprocal(near.w))) } else { near.r };
    q < 2 * UNIT && exceeds(0, q, 0, r, term(steep))
}

/// Whether `(1 - q/2)^2 + w''/2 > r/4 + w'^2/16` for every `q` of a range, by more than rounding can make up for.
#[inline(never)]
fn exceeds(q_low: Term, q_high: Term, curvature: Term, r: Term, steep: Term) -> bool {
    // The distance of `q / 2` from one. It is cut short so that its square, 2^24, and `w'' / 2`, at most 1e6, stay below
    // a quarter of the largest term: where `r` was cut short nothing is shown.
    let distance = (UNIT - q_high / 2).max(q_low / 2 - UNIT).clamp(0, UNIT << 12);
    let square = (i128::from(distance) * i128::from(distance)) >> 32;
    let positive = square as Term + curvature / 2;
    let negative = r / 4 + steep / 16;
    positive - negative > (positive >> 23) + (negative >> 23) + (UNIT >> 20)
}
