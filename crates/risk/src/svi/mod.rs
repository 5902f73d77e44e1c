//! A volatility slice: the total variance of one expiry as a function of the strike, in raw SVI form.
//!
//! `w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2))`, where `k = ln(strike / forward)` and `w` is the square of
//! the volatility times the years to expiry (Gatheral and Jacquier, arXiv:1204.0646). Everything is a signed WAD.
//!
//! [`check_shape`] and [`check_calendar`] admit a slice only when they prove it free of static arbitrage, within a
//! fixed number of steps. They may refuse a slice that is only just free of it. They never admit one that has arbitrage
//! between two points of a grid.

mod butterfly;
mod calendar;
mod curve;
mod q64;
mod report;
mod slice;
mod surface;

use plimsoll_fixed::{Overflow, WAD, hypotenuse_floor, isqrt_floor, signed_mul_div_floor};

use self::curve::Curve;

pub use self::{
    calendar::check_calendar,
    report::{
        JumpRules, MAX_TENOR, ReportedSliceError, SurfaceError, check_reported_slice, check_surface, is_over,
        slice_status,
    },
    slice::{MAX_FORWARD, MAX_RATE, RATE_UNIT, SVI_UNIT, Slice, YEAR},
    surface::{Crossing, Dated, MAX_EXPIRIES, check_calendars, drop_over, list_reported},
};

const ONE: i128 = WAD as i128;

/// Largest `|a|` and largest total variance at the forward, WAD: twelve (1200 %) squared, over a year. The model caps
/// total variance there.
pub const MAX_VARIANCE: i128 = 144 * ONE;

/// Smallest total variance of any strike, WAD: 1e-8, a volatility of 30 % for three and a half seconds. A slice that
/// touches zero has no volatility to price with, and `g` divides by it.
pub const MIN_VARIANCE: i128 = ONE / 100_000_000;

/// Largest `|m|` and `sigma`, WAD: a strike at `exp(10)`, 22,000 times the forward.
pub const MAX_SCALE: i128 = 10 * ONE;

/// Smallest `sigma`, WAD: 1e-6. Below, the curvature at `m` exceeds what the checks are laid out for.
pub const MIN_SIGMA: i128 = ONE / 1_000_000;

/// Largest `|k|`, WAD, of the functions of a slice: 1e6.
const MAX_K: u128 = 1_000_000 * WAD;

/// A raw SVI slice, WAD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Svi {
    /// Level of total variance.
    pub a: i128,
    /// Half the sum of the wings' slopes.
    pub b: i128,
    /// Asymmetry of the wings.
    pub rho: i128,
    /// Where along `k` the slice is centred.
    pub m: i128,
    /// Width of the bend between the wings.
    pub sigma: i128,
}

/// Why the shape of a slice is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShapeError {
    /// A parameter is outside its domain; the number is its position in [`Svi`].
    Domain(u8),
    /// The smallest total variance is below [`MIN_VARIANCE`], or that at the forward above [`MAX_VARIANCE`].
    Variance,
    /// A wing is steeper than two: `b (1 + |rho|) > 2`.
    Wings,
    /// Not shown free of butterfly arbitrage: the density of some strike may be negative.
    Butterfly,
}

impl Svi {
    /// Total variance at `k`, WAD.
    ///
    /// Rounded down, by less than 1e-17 for `|k - m| <= 9` and parameters that [`check_shape`] admits; beyond, the
    /// root adds `2^-60` of `b |k - m|`.
    ///
    /// # Errors
    /// [`Overflow`] for `|k|` beyond 1e6 and for parameters far outside their domain.
    pub fn variance_floor(&self, k: i128) -> Result<i128, Overflow> {
        let (y, z) = self.arms(k)?;
        let bend = signed_mul_div_floor(self.rho, y, WAD)?.checked_add(z).ok_or(Overflow)?;
        signed_mul_div_floor(self.b, bend, WAD)?.checked_add(self.a).ok_or(Overflow)
    }

    /// The derivative of total variance by `k`, `b (rho + y / z)` with `y = k - m` and `z = sqrt(y^2 + sigma^2)`, WAD.
    ///
    /// Within 4e-18 for a `sigma` of 1 or more; a smaller one divides the error of the root: 1e-18 / sigma.
    ///
    /// # Errors
    /// As [`Self::variance_floor`]; also for a `sigma` of zero at `k = m`.
    pub fn slope(&self, k: i128) -> Result<i128, Overflow> {
        let (y, z) = self.arms(k)?;
        let tilt = signed_mul_div_floor(y, ONE, z.unsigned_abs())?;
        signed_mul_div_floor(self.b, tilt.checked_add(self.rho).ok_or(Overflow)?, WAD)
    }

    /// The second derivative of total variance by `k`, `b sigma^2 / z^3`, WAD. Never negative.
    ///
    /// Relative error below 4e-18 / sigma.
    ///
    /// # Errors
    /// As [`Self::slope`].
    pub fn curvature(&self, k: i128) -> Result<i128, Overflow> {
        let (_, z) = self.arms(k)?;
        let ratio = signed_mul_div_floor(self.sigma, ONE, z.unsigned_abs())?;
        let square = signed_mul_div_floor(ratio, ratio, WAD)?;
        signed_mul_div_floor(self.b, square, z.unsigned_abs())
    }

    /// `g(k) = (1 - k w' / 2w)^2 - w'^2 / 4 (1 / w + 1 / 4) + w'' / 2`, WAD: the density of the forward at a strike has
    /// its sign (Gatheral and Jacquier, lemma 2.2).
    ///
    /// # Errors
    /// As [`Self::slope`]; also where total variance is not positive.
    pub fn density_factor(&self, k: i128) -> Result<i128, Overflow> {
        let (w, slope, curvature) = (self.variance_floor(k)?, self.slope(k)?, self.curvature(k)?);
        let divisor = u128::try_from(w).map_err(|_| Overflow)?;
        let pull = signed_mul_div_floor(k, slope, divisor)? / 2;
        let rest = ONE.checked_sub(pull).ok_or(Overflow)?;
        let square = signed_mul_div_floor(rest, rest, WAD)?;
        let by_variance = signed_mul_div_floor(slope, slope, divisor)? / 4;
        let flat = signed_mul_div_floor(slope, slope, WAD)? / 16;
        let positive = square.checked_add(curvature / 2).ok_or(Overflow)?;
        positive.checked_sub(by_variance.checked_add(flat).ok_or(Overflow)?).ok_or(Overflow)
    }

    /// The smallest total variance of any strike, `a + b sigma sqrt(1 - rho^2)`, WAD, rounded down by less than 3e-17.
    ///
    /// # Errors
    /// [`Overflow`] for `|rho| > 1` and for parameters far outside their domain.
    pub fn least_variance_floor(&self) -> Result<i128, Overflow> {
        let rho = self.rho.unsigned_abs();
        let square = rho.checked_mul(rho).ok_or(Overflow)?;
        let root = isqrt_floor((WAD * WAD).checked_sub(square).ok_or(Overflow)?);
        let width = signed_mul_div_floor(self.sigma, root as i128, WAD)?;
        signed_mul_div_floor(self.b, width, WAD)?.checked_add(self.a).ok_or(Overflow)
    }

    /// `k - m` and `sqrt((k - m)^2 + sigma^2)`, WAD, the root rounded down.
    fn arms(&self, k: i128) -> Result<(i128, i128), Overflow> {
        let y = k.checked_sub(self.m).ok_or(Overflow)?;
        if y.unsigned_abs() > MAX_K || self.sigma.unsigned_abs() > MAX_K {
            return Err(Overflow);
        }
        Ok((y, hypotenuse_floor(y.unsigned_abs(), self.sigma.unsigned_abs()) as i128))
    }
}

/// Checks a slice by itself: the domain of its parameters, its least variance, its wings, and the density of every
/// strike.
///
/// # Errors
/// The first rule broken, in that order. The density is shown to be positive at every strike, not at those of a grid.
pub fn check_shape(svi: &Svi) -> Result<(), ShapeError> {
    let domain = [
        svi.a.unsigned_abs() <= MAX_VARIANCE.unsigned_abs(),
        (0..=2 * ONE).contains(&svi.b),
        svi.rho.unsigned_abs() < WAD,
        svi.m.unsigned_abs() <= MAX_SCALE.unsigned_abs(),
        (MIN_SIGMA..=MAX_SCALE).contains(&svi.sigma),
    ];
    for (position, inside) in (0..).zip(domain) {
        if !inside {
            return Err(ShapeError::Domain(position));
        }
    }
    let curve = Curve::of(svi);
    if !curve.is_positive() || curve.at(0).w > q64::from_wad(MAX_VARIANCE) {
        return Err(ShapeError::Variance);
    }
    // Both factors are below 2.1e18 after the check of the domain.
    if svi.b.unsigned_abs() * (WAD + svi.rho.unsigned_abs()) > 2 * WAD * WAD {
        return Err(ShapeError::Wings);
    }
    if butterfly::is_free(&curve) { Ok(()) } else { Err(ShapeError::Butterfly) }
}
