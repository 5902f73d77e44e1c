//! Black-76: European options on a forward, and all their greeks.
//!
//! `C = D (F N(d1) - K N(d2))`, `P = D (K N(-d2) - F N(-d1))` with `s = vol sqrt T`, `d1 = ln(F/K) / s + s / 2`,
//! `d2 = d1 - s`, `D = exp(-r T)` (Black, "The pricing of commodity contracts", 1976).
//!
//! The difference in the brackets is one exact 256-bit sum, rounded once; an error of `d1` shifts `d2` by the same and so
//! cancels to first order. What remains is bounded by [`Terms::error_ceil`]'s formula.
//!
//! Greeks are derivatives by the forward (not the spot), by a volatility of 1.00, and by a year: their formulas evaluated
//! in WAD. Delta is within `2e-18 (1 + D + D/s)`. Where the density at `d1` is above 1e-5, gamma, vega and theta's decay
//! are within a relative 1e-12 and ten units (up to 100 years), for the decay times `1 + vol / sqrt T`; so are vanna and
//! volga, the units times `(1 + |d2|) / vol` and `(1 + |d1 d2|) / vol`, besides what an error of `2e-18 / s` in `d1` and
//! `d2` makes where those pass through zero.

use plimsoll_fixed::{
    Overflow, WAD, exp_wad, ln_wad, mul_div_ceil, mul_div_floor, normal_cdf_wad, normal_pdf_wad,
    signed_mul_div_floor, signed_mul_div_toward_zero, signed_mul_wad_floor, signed_weighted_sum_floor,
    sqrt_wad_floor,
};

const ONE: i128 = WAD as i128;
/// The unit of the root of time, finer than a WAD by 1e9: a minute's root is 0.0014.
const FINE: u128 = 1_000_000_000 * WAD;

/// The right that an option gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To buy.
    Call,
    /// To sell.
    Put,
}

/// What the price of an option depends on; all WAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Forward price of the underlying at expiry, quote.
    pub forward: u128,
    /// Strike, quote.
    pub strike: u128,
    /// Volatility of a year.
    pub vol: u128,
    /// Years to expiry; up to 340.
    pub time: u128,
    /// Interest rate of a year, continuously compounded; may be negative.
    pub rate: i128,
}

/// Price and derivatives of one option on one unit of the underlying; all WAD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Greeks {
    /// The price, quote; within [`Terms::error_ceil`].
    pub price: u128,
    /// By the forward.
    pub delta: i128,
    /// Twice by the forward, per quote.
    pub gamma: u128,
    /// By volatility (for a change of 1.00), quote.
    pub vega: u128,
    /// By the passing of time at a constant forward, quote a year: minus the derivative by the time to expiry.
    pub theta: i128,
    /// By the rate at a constant forward (for a change of 1.00), quote.
    pub rho: i128,
    /// By the forward and volatility.
    pub vanna: i128,
    /// Twice by volatility, quote.
    pub volga: i128,
}

/// What price and greeks share.
struct Shape {
    discount: u128,
    /// The root of time, in `FINE`.
    root: u128,
    /// `None` where nothing is uncertain.
    depth: Option<Depth>,
}

struct Depth {
    s: u128,
    d1: i128,
    d2: i128,
}

impl Terms {
    /// `exp(-r T)`.
    ///
    /// # Errors
    /// [`Overflow`] beyond 2^128.
    pub fn discount(&self) -> Result<u128, Overflow> {
        exp_wad(signed_mul_wad_floor(self.rate, self.time)?.checked_neg().ok_or(Overflow)?)
    }

    /// How far a price may be from the truth: `((F + K) * 5e-18 + 1) * max(D, 1) + 2` units, rounded up.
    ///
    /// `N` is off by less than a unit on either side, `D` by less than two, `s` by one; the value is rounded before and
    /// after it is discounted.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn error_ceil(&self) -> Result<u128, Overflow> {
        let scale = self.forward.checked_add(self.strike).ok_or(Overflow)?;
        let undiscounted = mul_div_ceil(scale, 5, WAD)?.checked_add(1).ok_or(Overflow)?;
        mul_div_ceil(undiscounted, self.discount()?.max(WAD), WAD)?.checked_add(2).ok_or(Overflow)
    }

    fn shape(&self) -> Result<Shape, Overflow> {
        let root = sqrt_wad_floor(self.time.checked_mul(WAD).ok_or(Overflow)?);
        let s = mul_div_floor(self.vol, root, FINE)?;
        let certain = s == 0 || self.forward == 0 || self.strike == 0;
        let depth = if certain {
            None
        } else {
            let moneyness = ln_wad(self.forward)? - ln_wad(self.strike)?;
            let s_signed = i128::try_from(s).map_err(|_| Overflow)?;
            let d1 = signed_mul_div_floor(moneyness, ONE, s)?.checked_add(s_signed / 2).ok_or(Overflow)?;
            Some(Depth { s, d1, d2: d1.checked_sub(s_signed).ok_or(Overflow)? })
        };
        Ok(Shape { discount: self.discount()?, root, depth })
    }

    /// The price before discounting, not below what exercise is worth nor above what can be won.
    fn forward_value(&self, kind: Kind, depth: Option<&Depth>) -> Result<u128, Overflow> {
        let (forward, strike) = (i128::try_from(self.forward), i128::try_from(self.strike));
        let (forward, strike) = (forward.map_err(|_| Overflow)?, strike.map_err(|_| Overflow)?);
        let call = match depth {
            None => 0,
            Some(Depth { d1, d2, .. }) => {
                let (n1, n2) = (normal_cdf_wad(*d1) as i128, normal_cdf_wad(*d2) as i128);
                signed_weighted_sum_floor(forward, n1, -strike, n2, WAD)?
            }
        };
        let call = call.max(forward - strike).clamp(0, forward);
        // Parity, exact: N(d) + N(-d) is one to the last unit.
        let value = match kind {
            Kind::Call => call,
            Kind::Put => call - (forward - strike),
        };
        Ok(value.unsigned_abs())
    }

    /// The price, within [`Terms::error_ceil`]; intrinsic value, discounted, where volatility or time is zero.
    ///
    /// Put-call parity holds to a unit: `C - P = D (F - K)` with the same rounded `D`.
    ///
    /// # Errors
    /// [`Overflow`] when a figure does not fit 127 bits, or time is beyond 340 years.
    pub fn price(&self, kind: Kind) -> Result<u128, Overflow> {
        let shape = self.shape()?;
        mul_div_floor(self.forward_value(kind, shape.depth.as_ref())?, shape.discount, WAD)
    }

    /// At most the true price, the error rounded against it: [`Terms::price`] less [`Terms::error_ceil`], not below zero.
    ///
    /// # Errors
    /// As [`Terms::price`].
    pub fn price_floor(&self, kind: Kind) -> Result<u128, Overflow> {
        Ok(self.price(kind)?.saturating_sub(self.error_ceil()?))
    }

    /// At least the true price, the error rounded for it: [`Terms::price`] and [`Terms::error_ceil`].
    ///
    /// # Errors
    /// As [`Terms::price`].
    pub fn price_ceil(&self, kind: Kind) -> Result<u128, Overflow> {
        self.price(kind)?.checked_add(self.error_ceil()?).ok_or(Overflow)
    }

    /// The price and all greeks.
    ///
    /// Where volatility or time is zero: delta is that of the intrinsic value (half of it at the money), theta and rho
    /// those of its discount, the others zero.
    ///
    /// # Errors
    /// [`Overflow`] when a figure does not fit 127 bits.
    pub fn greeks(&self, kind: Kind) -> Result<Greeks, Overflow> {
        let Shape { discount, root, depth } = self.shape()?;
        let price = mul_div_floor(self.forward_value(kind, depth.as_ref())?, discount, WAD)?;
        let signed_price = i128::try_from(price).map_err(|_| Overflow)?;
        let carry = signed_mul_wad_floor(self.rate, price)?;
        let rho = signed_mul_wad_floor(-signed_price, self.time)?;
        let discounted = |x: i128| signed_mul_div_toward_zero(x, discount, WAD);
        let Some(Depth { s, d1, d2 }) = depth else {
            let call = if self.forward > self.strike {
                ONE
            } else if self.forward == self.strike {
                ONE / 2
            } else {
                0
            };
            let delta = discounted(if kind == Kind::Call { call } else { call - ONE })?;
            return Ok(Greeks { price, delta, theta: carry, rho, ..Greeks::default() });
        };
        let n1 = normal_cdf_wad(d1) as i128;
        let delta = discounted(if kind == Kind::Call { n1 } else { n1 - ONE })?;
        let density = normal_pdf_wad(d1);
        // The density may be small, and is a factor last: what is rounded before is scaled down by it.
        let worth = mul_div_floor(self.forward, discount, WAD)?;
        let vega = mul_div_floor(mul_div_floor(worth, root, FINE)?, density, WAD)?;
        let spread = mul_div_ceil(self.forward, s, WAD)?;
        let gamma = mul_div_floor(mul_div_floor(density, WAD, spread)?, discount, WAD)?;
        let rate = mul_div_floor(self.vol, FINE, root.checked_mul(2).ok_or(Overflow)?)?;
        let pace = mul_div_floor(worth, rate, WAD)?;
        let decay = mul_div_floor(pace, density, WAD)?;
        let theta = carry.checked_sub_unsigned(decay).ok_or(Overflow)?;
        let vanna =
            discounted(signed_mul_div_toward_zero(d2, density, self.vol)?)?.checked_neg().ok_or(Overflow)?;
        let volga = signed_mul_div_toward_zero(
            signed_mul_div_toward_zero(d1, vega, WAD)?,
            d2.unsigned_abs(),
            self.vol,
        )?;
        let volga = if d2 < 0 { volga.checked_neg().ok_or(Overflow)? } else { volga };
        Ok(Greeks { price, delta, gamma, vega, theta, rho, vanna, volga })
    }
}
