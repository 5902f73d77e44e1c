//! Volatility at a strike, from a slice of the surface.

use plimsoll_fixed::{binary::Scale, hypotenuse_floor, ln_wad};

use super::{Error, Slice, SliceRule, Svi};
use crate::{WAD, svi::MAX_VARIANCE};

/// A slice, made ready.
#[derive(Clone, Copy, Debug)]
pub(super) struct Smile {
    expiry: u32,
    svi: Svi,
    b: Scale,
    rho: Scale,
    /// Logarithm of the forward that log-moneyness is measured from, WAD.
    log: i128,
    /// Log-moneyness counts up to this, WAD.
    bound: i128,
    /// One over the years that total variance is of.
    per_year: Scale,
}

impl Smile {
    /// Takes a slice that is in its domain.
    pub(super) fn new(slice: &Slice) -> Result<Self, Error> {
        let svi = slice.svi;
        let b = Scale::from_wad(svi.b as u128);
        let bad = Error::BadSlice(slice.expiry, SliceRule::NegativeVariance);
        let middle = svi.a + b.of_floor(svi.sigma)?;
        if middle < 0 {
            return Err(bad);
        }
        Ok(Self {
            expiry: slice.expiry,
            svi,
            b,
            rho: Scale::from_wad(svi.rho.unsigned_abs()),
            log: ln_wad(slice.svi_forward)?,
            bound: 4 * Scale::from_wad(middle as u128).root().of_floor(WAD as i128)?,
            per_year: Scale::from_wad(slice.svi_years).inverse().ok_or(bad)?,
        })
    }

    /// Volatility at a strike, of which the logarithm (WAD) is given.
    pub(super) fn volatility(&self, log_strike: i128) -> Result<Scale, Error> {
        let Svi { a, rho, m, sigma, .. } = self.svi;
        // Not `clamp`: its panic would add the code that prints numbers to the program.
        let k = (log_strike - self.log).max(-self.bound).min(self.bound);
        let y = k - m;
        let tilted = self.rho.of_floor(y)?;
        let wing = hypotenuse_floor(y.unsigned_abs(), sigma as u128) as i128
            + if rho < 0 { -tilted } else { tilted };
        let variance = (a + self.b.of_floor(wing)?).min(MAX_VARIANCE);
        if variance < 0 {
            return Err(Error::BadSlice(self.expiry, SliceRule::NegativeVariance));
        }
        Ok(Scale::from_wad(variance as u128).times(self.per_year).root())
    }
}
