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
    ONE, Svi,
    q64::{Q, mul, reciprocal, square},
    to_q64,
};

/// Steps in each direction after which a slice counts as not shown.
const MOST_STEPS: u32 = 400;

/// Smallest step of `t`: 2^-20.
const LEAST_STEP: i128 = Q >> 20;

/// Farthest `y`: 1000. A wing not shown by then is refused.
const FARTHEST: i128 = 1000 * Q;

/// Whether `g > 0` is shown for every strike of a slice whose parameters are in their domain.
pub(super) fn is_free(svi: &Svi) -> bool {
    if svi.b == 0 {
        return true;
    }
    let mirrored = Svi { rho: -svi.rho, m: -svi.m, ..*svi };
    is_free_upward(svi) && is_free_upward(&mirrored)
}

/// A slice prepared for one direction.
struct Half {
    a: i128,
    b: i128,
    rho: i128,
    m: i128,
    sigma: i128,
    /// `b / sigma`.
    peak: i128,
    /// The smallest total variance.
    least: i128,
    /// Slope of the wing.
    wing: i128,
}

/// What is known at one point.
#[derive(Clone, Copy)]
struct Node {
    y: i128,
    k: i128,
    w: i128,
    slope: i128,
    curvature: i128,
    /// `1 / w`, `k / w`, `w'^2 / w`.
    inverse: i128,
    ratio: i128,
    r: i128,
    /// `w - k w'` and `2 w w'' - w'^2`, for their signs.
    n: i128,
    d: i128,
}

fn is_free_upward(svi: &Svi) -> bool {
    let Some(half) = Half::of(svi) else { return false };
    let mut t = Q;
    let mut step = Q;
    let mut near = half.node(t);
    for _ in 0..MOST_STEPS {
        if half.wing_is_free(&near) {
            return true;
        }
        let far = half.node(t + step);
        if half.step_is_free(&near, &far) {
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

/// Whether `positive > negative` by more than rounding can make up for. Neither is negative.
fn exceeds(positive: i128, negative: i128) -> bool {
    let margin = (positive >> 23) + (negative >> 23) + (Q >> 20);
    positive.checked_sub(negative).is_some_and(|difference| difference > margin)
}

impl Half {
    fn of(svi: &Svi) -> Option<Self> {
        let [a, b, rho, m, sigma] = [svi.a, svi.b, svi.rho, svi.m, svi.sigma].map(to_q64);
        let least = to_q64(svi.least_variance().ok()?);
        let wing = mul(b, to_q64(ONE.checked_add(svi.rho)?));
        Some(Self { a, b, rho, m, sigma, peak: mul(b, reciprocal(sigma)), least, wing })
    }

    fn node(&self, t: i128) -> Node {
        let inverse = reciprocal(t);
        let (sinh, cosh) = ((t - inverse) / 2, (t + inverse) / 2);
        let sech = reciprocal(cosh);
        let y = mul(self.sigma, sinh);
        let k = self.m + y;
        let w = self.a + mul(self.b, mul(self.rho, y) + mul(self.sigma, cosh));
        // The hyperbolic tangent, from the side on which it is exact for a large `t`.
        let slope = mul(self.b, self.rho + Q - mul(sech, inverse));
        let curvature = mul(self.peak, mul(sech, square(sech)));
        let inverse = reciprocal(w);
        let steep = square(slope);
        Node {
            y,
            k,
            w,
            slope,
            curvature,
            inverse,
            ratio: mul(k, inverse),
            r: mul(steep, inverse),
            n: w - mul(k, slope),
            d: 2 * mul(w, curvature) - steep,
        }
    }

    /// Whether `g > 0` from one point to the next.
    fn step_is_free(&self, near: &Node, far: &Node) -> bool {
        let lowest = if near.slope < 0 && far.slope > 0 { self.least } else { near.w.min(far.w) };
        if lowest <= 0 {
            return false;
        }

        let (low, high) = if near.n >= 0 && far.n >= 0 {
            (near.ratio, far.ratio)
        } else if near.n <= 0 && far.n <= 0 && (near.k < 0) == (far.k < 0) {
            (far.ratio, near.ratio)
        } else {
            let (most, least) = (reciprocal(lowest), near.inverse.min(far.inverse));
            (
                mul(near.k, if near.k < 0 { most } else { least }),
                mul(far.k, if far.k < 0 { least } else { most }),
            )
        };
        let products =
            [mul(near.slope, low), mul(near.slope, high), mul(far.slope, low), mul(far.slope, high)];
        let (q_low, q_high) = products
            .into_iter()
            .fold((i128::MAX, i128::MIN), |(low, high), product| (low.min(product), high.max(product)));
        let least_square = if q_high < 2 * Q {
            square(Q - q_high / 2)
        } else if q_low > 2 * Q {
            square(q_low / 2 - Q)
        } else {
            0
        };

        let steepest = square(near.slope).max(square(far.slope));
        let r = if near.d > 0 && far.d < 0 {
            mul(steepest, reciprocal(lowest)).min(near.curvature.saturating_mul(2))
        } else {
            near.r.max(far.r)
        };
        exceeds(least_square.saturating_add(far.curvature / 2), (r / 4).saturating_add(steepest / 16))
    }

    /// Whether `g > 0` from a point on, for ever.
    fn wing_is_free(&self, near: &Node) -> bool {
        if near.k <= 0 || near.slope < 0 {
            return false;
        }
        let asymptote = self.a + mul(self.wing, near.y);
        if asymptote <= 0 {
            return false;
        }
        let q = mul(mul(near.k, self.wing), reciprocal(asymptote)).max(Q);
        if q >= 2 * Q {
            return false;
        }
        let steep = square(self.wing);
        let r = if near.d <= 0 { near.r } else { mul(steep, near.inverse) };
        exceeds(square(Q - q / 2), r / 4 + steep / 16)
    }
}
