//! A slice in 64-bit binary fixed point, as the arbitrage checks compute with it.

use plimsoll_fixed::{hypotenuse_floor, isqrt_floor};

use super::{
    MIN_VARIANCE, Svi,
    q64::{Q, fraction, from_wad, mul},
};

/// A slice whose parameters are in their domain.
#[derive(Clone, Copy)]
pub(super) struct Curve {
    pub(super) a: i128,
    pub(super) b: i128,
    pub(super) rho: i128,
    pub(super) m: i128,
    pub(super) sigma: i128,
}

/// What is known of a slice at one point.
#[derive(Clone, Copy)]
pub(super) struct Point {
    /// `k - m`.
    pub(super) y: i128,
    /// `sqrt(y^2 + sigma^2)`.
    pub(super) z: i128,
    /// Total variance.
    pub(super) w: i128,
    /// Its derivative by `k`.
    pub(super) slope: i128,
}

impl Curve {
    #[inline(never)]
    pub(super) fn of(svi: &Svi) -> Self {
        let [a, b, rho, m, sigma] = [svi.a, svi.b, svi.rho, svi.m, svi.sigma].map(from_wad);
        Self { a, b, rho, m, sigma }
    }

    /// The same seen from the other side: at `-k` what this is at `k`.
    pub(super) fn mirrored(&self) -> Self {
        Self { rho: -self.rho, m: -self.m, ..*self }
    }

    #[inline(never)]
    pub(super) fn at(&self, k: i128) -> Point {
        let y = k - self.m;
        let z = hypotenuse_floor(y.unsigned_abs(), self.sigma.unsigned_abs()).cast_signed();
        let w = self.a + mul(self.b, mul(self.rho, y) + z);
        Point { y, z, w, slope: mul(self.b, self.rho + fraction(y, z)) }
    }

    /// The slope of the wing towards large `k`.
    pub(super) fn wing(&self) -> i128 {
        mul(self.b, Q + self.rho)
    }

    /// The total variance of the strike that has the smallest.
    pub(super) fn least(&self) -> i128 {
        // sqrt((1 - rho) (1 + rho)), whose square is below 2^64 units.
        let narrow = isqrt_floor(mul(Q - self.rho, Q + self.rho).unsigned_abs() << 62).cast_signed() << 1;
        self.a + mul(self.b, mul(self.sigma, narrow))
    }

    /// Whether total variance is at least [`MIN_VARIANCE`] everywhere.
    pub(super) fn is_positive(&self) -> bool {
        self.least() >= from_wad(MIN_VARIANCE)
    }
}
