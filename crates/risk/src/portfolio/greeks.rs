//! Sensitivities of a portfolio: by leg, by expiry and of the account.

use alloc::vec::Vec;

use plimsoll_fixed::{binary::Scale, ln_wad, signed_mul_div_floor};

use super::{Error, Portfolio, expiry::Expiry};
use crate::{
    WAD,
    black76::{Kind, Terms},
    ids::{self, OptionTerms},
};

/// Value and derivatives, WAD. Of a leg each is that of one unit, within the errors of `black76`, times the size, rounded
/// toward minus infinity: see [`crate::black76::Greeks`] for what
/// they are by and per. Of perpetuals and collateral only value and delta are not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Greeks {
    /// Value, quote.
    pub value: i128,
    /// By the forward: units of the underlying, discounted.
    pub delta: i128,
    /// Twice by the forward, per quote.
    pub gamma: i128,
    /// By a volatility of 1.00, quote.
    pub vega: i128,
    /// By the passing of a year at a constant forward, quote.
    pub theta: i128,
    /// By a rate of 1.00 at a constant forward, quote.
    pub rho: i128,
    /// By forward and volatility.
    pub vanna: i128,
    /// Twice by volatility, quote.
    pub volga: i128,
}

impl Greeks {
    fn fields(&self) -> [i128; 8] {
        [self.value, self.delta, self.gamma, self.vega, self.theta, self.rho, self.vanna, self.volga]
    }

    fn of_fields([value, delta, gamma, vega, theta, rho, vanna, volga]: [i128; 8]) -> Self {
        Self { value, delta, gamma, vega, theta, rho, vanna, volga }
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn plus(&self, other: &Self) -> Result<Self, Error> {
        let mut sum = self.fields();
        for (total, more) in sum.iter_mut().zip(other.fields()) {
            *total = total.checked_add(more).ok_or(Error::Overflow)?;
        }
        Ok(Self::of_fields(sum))
    }

    /// Of so many units, WAD.
    fn times(&self, size: i128) -> Result<Self, Error> {
        let mut product = self.fields();
        for field in &mut product {
            *field = signed_mul_div_floor(*field, size, WAD)?;
        }
        Ok(Self::of_fields(product))
    }
}

/// Sensitivities of a portfolio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sensitivities {
    /// Everything: options, the perpetual, collateral that moves with spot; the value is the mark to market.
    pub account: Greeks,
    /// The options of each slice of the surface, in the portfolio's order.
    pub expiries: Vec<Greeks>,
    /// Each leg, in the order in which they were given.
    pub legs: Vec<Greeks>,
}

/// Sensitivities of a portfolio. Sorts its legs; the answer keeps the order in which they came.
///
/// # Errors
/// As [`super::assess`].
pub fn greeks(portfolio: &mut Portfolio) -> Result<Sensitivities, Error> {
    let given = portfolio.legs.clone();
    portfolio.check()?;
    let mut account = outright(portfolio)?;
    let mut expiries = Vec::with_capacity(portfolio.slices.len());
    let mut legs = alloc::vec![Greeks::default(); given.len()];
    for slice in &portfolio.slices {
        let mut expiry = None;
        let mut total = Greeks::default();
        for (leg, greeks) in given.iter().zip(&mut legs) {
            let Some(terms) = ids::option_of(leg.instrument).filter(|terms| terms.expiry == slice.expiry)
            else {
                continue;
            };
            let expiry = match &expiry {
                Some(expiry) => expiry,
                None => expiry.insert(Expiry::new(slice, portfolio.time)?),
            };
            *greeks = unit(slice.forward, expiry, &terms)?.times(leg.size)?;
            total = total.plus(greeks)?;
        }
        account = account.plus(&total)?;
        expiries.push(total);
    }
    Ok(Sensitivities { account, expiries, legs })
}

/// The greeks of one unit of an option.
fn unit(forward: u128, expiry: &Expiry, option: &OptionTerms) -> Result<Greeks, Error> {
    let terms = Terms {
        forward,
        strike: option.strike,
        vol: to_wad(expiry.smile.volatility(ln_wad(option.strike)?)?)?,
        time: expiry.years,
        rate: i128::try_from(expiry.rate).map_err(|_| Error::Overflow)?,
    };
    let of = terms.greeks(if option.call { Kind::Call } else { Kind::Put })?;
    let signed = |x: u128| i128::try_from(x).map_err(|_| Error::Overflow);
    Ok(Greeks {
        value: signed(of.price)?,
        delta: of.delta,
        gamma: signed(of.gamma)?,
        vega: signed(of.vega)?,
        theta: of.theta,
        rho: of.rho,
        vanna: of.vanna,
        volga: of.volga,
    })
}

/// A number as a WAD, rounded down.
pub(super) fn to_wad(number: Scale) -> Result<u128, Error> {
    Ok(number.of_floor(WAD as i128)?.unsigned_abs())
}

/// What is not an option: cash, the perpetual, collateral.
fn outright(portfolio: &Portfolio) -> Result<Greeks, Error> {
    let mut total = Greeks::default();
    for value in [portfolio.cash, portfolio.perp_pnl, portfolio.perp_funding] {
        total.value = total.value.checked_add(value).ok_or(Error::Overflow)?;
    }
    total.delta = portfolio.perps;
    for asset in &portfolio.collaterals {
        let value =
            i128::try_from(asset.value_floor(portfolio.stable_price)?).map_err(|_| Error::Overflow)?;
        total.value = total.value.checked_add(value).ok_or(Error::Overflow)?;
        if asset.risk_cancelling {
            let units = signed_mul_div_floor(value, WAD as i128, portfolio.spot)?;
            total.delta = total.delta.checked_add(units).ok_or(Error::Overflow)?;
        }
    }
    Ok(total)
}
