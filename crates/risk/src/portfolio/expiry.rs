//! What is computed once for all strikes of an expiry.

use alloc::vec::Vec;

use plimsoll_fixed::{Overflow, binary::Scale, exp_wad, ln_wad, mul_div_ceil, mul_div_floor, pow_wad};

use super::{Compiled, Error, MAX_GROWTH, Slice, SliceRule, compiled::log_of, smile::Smile};
use crate::{WAD, svi::YEAR};

/// 30 days, seconds.
const MONTH: u64 = 30 * 86_400;
/// The settlement price is an average over this long before expiry, seconds.
const SETTLEMENT: u64 = 1_800;
/// Largest power of time that multiplies the ranges of volatility.
const MOST: u128 = 1_000_000_000 * WAD;

/// An expiry's terms, made ready.
#[derive(Clone, Debug)]
pub(super) struct Expiry {
    /// Seconds left, zero after expiry.
    pub(super) seconds: u64,
    /// Years left, WAD.
    pub(super) years: u128,
    /// Square root of the years left.
    pub(super) root: Scale,
    /// The forward.
    pub(super) forward: Scale,
    /// Its logarithm, WAD.
    pub(super) log: i128,
    /// exp(rate * years).
    growth: Scale,
    /// One over that.
    pub(super) discount: Scale,
    /// Rate that counts, WAD.
    pub(super) rate: u128,
    /// The smile.
    pub(super) smile: Smile,
}

impl Expiry {
    pub(super) fn new(slice: &Slice, time: u64) -> Result<Self, Error> {
        let seconds = u64::from(slice.expiry).saturating_sub(time);
        let years = mul_div_floor(seconds.into(), WAD, YEAR.into())?;
        let rate = slice.rate.max(0) as u128;
        // The discount is computed as the inverse of the growth: as a WAD it would keep few digits for a long time.
        let exponent = mul_div_floor(rate, years, WAD)?;
        if exponent > MAX_GROWTH {
            return Err(Error::BadSlice(slice.expiry, SliceRule::Rate));
        }
        let growth = Scale::from_wad(growth(exponent));
        Ok(Self {
            seconds,
            years,
            root: Scale::new(seconds.into(), 0).root().times(per_root_year()),
            forward: Scale::from_wad(slice.forward),
            log: ln_wad(slice.forward)?,
            growth,
            discount: growth.inverse().unwrap_or(Scale::ZERO),
            rate,
            smile: Smile::new(slice)?,
        })
    }

    /// Whether a part of the settlement price is already fixed.
    pub(super) fn settles(&self) -> bool {
        self.seconds < SETTLEMENT
    }

    /// What the forward is multiplied by when spot is.
    pub(super) fn multiplier(&self, spot: u128) -> u128 {
        multiplier_of(self.seconds, spot)
    }

    /// Logarithms and multipliers of the forward in each revaluation, where they are not those of spot.
    pub(super) fn moves(&self, compiled: &Compiled) -> Option<(Vec<i64>, Vec<Scale>)> {
        if !self.settles() {
            return None;
        }
        let moves = || compiled.slots.iter().map(|slot| self.multiplier(slot.spot));
        Some((moves().map(log_of).collect(), moves().map(Scale::from_wad).collect()))
    }

    /// Multipliers of volatility when it goes up and down.
    pub(super) fn vol_moves(&self, compiled: &Compiled) -> Result<[Scale; 2], Error> {
        let shock = &compiled.vol_shock;
        let power = if self.seconds <= MONTH { shock.short_term_power } else { shock.long_term_power };
        let left = self.seconds.max(shock.floor.into()).max(1);
        let term =
            pow_wad(mul_div_floor(MONTH.into(), WAD, left.into())?, power as i128).unwrap_or(MOST).min(MOST);
        let up = mul_div_ceil(shock.range_up, term, WAD)?;
        let down = mul_div_ceil(shock.range_down, term, WAD)?;
        Ok([Scale::from_wad(WAD + up), Scale::from_wad(WAD.saturating_sub(down))])
    }

    /// Static discounts of positive and of negative values.
    pub(super) fn static_discounts(&self, compiled: &Compiled) -> Result<[Scale; 2], Error> {
        let factors = &compiled.margin;
        let exponent = |mult: u128, add: u128| -> Result<u128, Overflow> {
            let rate = mul_div_floor(self.rate, mult, WAD)? + add;
            mul_div_floor(rate, self.years, WAD)
        };
        let long = decay(exponent(factors.long_rate_mult, factors.long_rate_add)?);
        let long = Scale::from_wad(factors.long_base).times(Scale::from_wad(long));
        let short = growth(exponent(factors.short_rate_mult, factors.short_rate_add)?);
        let short = Scale::from_wad(factors.short_base).times(Scale::from_wad(short));
        // At most what the value was discounted by.
        Ok([long, if self.growth.max(short) == short { self.growth } else { short }])
    }

    /// How the smile tilts in the two skew scenarios: cap (WAD) and its growth per unit of log-moneyness.
    pub(super) fn tilts(&self, compiled: &Compiled) -> Result<[Tilt; 2], Error> {
        let skew = &compiled.skew;
        let root = |x: i128| self.root.of_floor(x);
        let vol = skew.vol_static + root(skew.vol_scale)?;
        let reach = if vol <= 0 { 0 } else { mul_div_floor(skew.width, root(vol)? as u128, WAD)? };
        let reach = reach.max(skew.min_k_star);
        let tilt = |base: i128, c: i128| -> Result<Tilt, Error> {
            let cap = base + root(c)?;
            let slope = Scale::from_wad(cap.unsigned_abs());
            Ok(Tilt { cap, slope: Scale::from_wad(reach).inverse().map(|inverse| slope.times(inverse)) })
        };
        Ok([tilt(skew.linear_base, skew.linear_c)?, tilt(skew.abs_base, skew.abs_c)?])
    }
}

/// What the forward of an expiry in `seconds` is multiplied by when spot is: in the last half hour a share of it is
/// already fixed. WAD.
pub(super) fn multiplier_of(seconds: u64, spot: u128) -> u128 {
    if seconds >= SETTLEMENT {
        return spot;
    }
    let (left, whole) = (u128::from(seconds), u128::from(SETTLEMENT));
    (spot * left + WAD * (whole - left)) / whole
}

/// A tilt of the smile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tilt {
    /// Largest, WAD; a negative cap tilts the other way.
    cap: i128,
    /// |cap| / k*; none when k* is zero: a step.
    slope: Option<Scale>,
}

impl Tilt {
    /// What volatility at log-moneyness `k` (WAD) is multiplied by.
    pub(super) fn multiplier(&self, k: i128) -> Scale {
        let size = match self.slope {
            Some(slope) => slope.of_floor(k.abs()).unwrap_or(i128::MAX / 2),
            None if k == 0 => 0,
            None => i128::MAX / 2,
        };
        // k*cap/k*, of which the upper side is capped by cap and the lower by -cap, even where cap is negative.
        let tilt = if self.cap < 0 { -size } else { size };
        let tilt = if k >= 0 { tilt.min(self.cap) } else { (-tilt).max(-self.cap) };
        Scale::from_wad((WAD as i128 + tilt).max(0) as u128)
    }
}

/// 1 / sqrt(31,536,000)
fn per_root_year() -> Scale {
    const ROOT: Scale = Scale::new(YEAR as u128, 0).root();
    const INVERSE: Scale = match ROOT.inverse() {
        Some(inverse) => inverse,
        None => Scale::ZERO,
    };
    INVERSE
}

/// exp(-x), WAD; zero where it is below the last place.
#[inline(never)]
fn decay(x: u128) -> u128 {
    exp_wad(-(x.min(100 * WAD) as i128)).unwrap_or(0)
}

/// exp(x), WAD; at most exp([`MAX_GROWTH`]).
#[inline(never)]
fn growth(x: u128) -> u128 {
    exp_wad(x.min(MAX_GROWTH) as i128).unwrap_or(u128::MAX)
}
