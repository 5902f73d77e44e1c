//! A portfolio: its positions, the prices to value them at, and the checks that it must pass.

use alloc::vec::Vec;

use plimsoll_fixed::{Overflow, mul_div_floor, signed_mul_wad_floor};

use super::{
    Error, MAX_COLLATERALS, MAX_LEGS, MAX_MONEYNESS, MAX_PRICE, MAX_RATE, MAX_SLICES, MAX_SVI, MAX_YEARS,
    SliceRule,
};
use crate::{WAD, ids, svi::Svi};

/// The forward, rate and volatility smile of one expiry. All WAD unless said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Unix seconds.
    pub expiry: u32,
    /// Forward price.
    pub forward: u128,
    /// Continuous rate per year; counted as zero when negative.
    pub rate: i128,
    /// Raw SVI: total variance `a + b(rho(k-m) + sqrt((k-m)^2 + sigma^2))` at `k = ln(strike/svi_forward)`.
    pub svi: Svi,
    /// Forward that k is measured from.
    pub svi_forward: u128,
    /// Years that the total variance is of.
    pub svi_years: u128,
    /// Confidence in the forward, at most one.
    pub forward_confidence: u128,
    /// Confidence in the rate, at most one.
    pub rate_confidence: u128,
    /// Confidence in the smile, at most one.
    pub vol_confidence: u128,
}

/// An asset held as collateral, worth `amount * price / stable_price`. All WAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collateral {
    /// Units.
    pub amount: u128,
    /// Price in dollars.
    pub price: u128,
    /// Confidence in the price, at most one.
    pub confidence: u128,
    /// Share of the value that maintenance does not count.
    pub maintenance_haircut: u128,
    /// Further share that initial margin does not count.
    pub initial_haircut: u128,
    /// Whether the value moves with spot in the scenarios.
    pub risk_cancelling: bool,
}

/// A position in an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Id of the instrument, see [`crate::ids`].
    pub instrument: u128,
    /// Units of the underlying, WAD, negative when short.
    pub size: i128,
}

/// Options, perpetuals and collateral of one account in one underlying. All WAD unless said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portfolio {
    /// Number of the underlying.
    pub underlying: u16,
    /// Time of valuation, Unix seconds.
    pub time: u64,
    /// Quote.
    pub cash: i128,
    /// Price of the underlying.
    pub spot: u128,
    /// Confidence in it, at most one.
    pub spot_confidence: u128,
    /// Units of the perpetual, negative when short.
    pub perps: i128,
    /// Price of the perpetual.
    pub perp_price: u128,
    /// Confidence in it, at most one; does not count without a position.
    pub perp_confidence: u128,
    /// Unrealised profit of the perpetual.
    pub perp_pnl: i128,
    /// Funding due to the account, negative when it owes.
    pub perp_funding: i128,
    /// Price of the quote currency in dollars.
    pub stable_price: u128,
    /// Quote that moves the price by one percent; zero when hedging out is not charged.
    pub depth: u128,
    /// Collateral.
    pub collaterals: Vec<Collateral>,
    /// Surface, in ascending order of expiry. Slices that no leg needs do not count.
    pub slices: Vec<Slice>,
    /// Options, in any order.
    pub legs: Vec<Leg>,
}

impl Portfolio {
    /// Checks everything that can be checked without valuing, and sorts the legs by expiry, strike and right.
    ///
    /// # Errors
    /// The first rule broken.
    pub fn check(&mut self) -> Result<(), Error> {
        let price = |price: u128| price != 0 && price <= MAX_PRICE;
        ensure(self.time != 0, Error::ZeroTime)?;
        ensure(price(self.spot), Error::BadSpot)?;
        ensure(price(self.stable_price), Error::BadStablePrice)?;
        ensure(self.perp_price <= MAX_PRICE, Error::BadPerpPrice)?;
        ensure(self.spot_confidence <= WAD, Error::BadConfidence(0))?;
        ensure(self.perp_confidence <= WAD, Error::BadConfidence(1))?;
        ensure(self.legs.len() <= MAX_LEGS, Error::TooManyLegs(self.legs.len()))?;
        ensure(self.slices.len() <= MAX_SLICES, Error::TooManyExpiries(self.slices.len()))?;
        ensure(self.collaterals.len() <= MAX_COLLATERALS, Error::TooManyCollaterals(self.collaterals.len()))?;
        for (index, asset) in self.collaterals.iter().enumerate() {
            let fine = asset.price <= MAX_PRICE
                && asset.confidence <= WAD
                && asset.maintenance_haircut <= WAD
                && asset.initial_haircut <= WAD;
            ensure(fine, Error::BadCollateral(index))?;
        }
        let mut last = None;
        for slice in &self.slices {
            ensure(last < Some(slice.expiry), Error::ExpiriesNotSorted(slice.expiry))?;
            last = Some(slice.expiry);
            slice.check()?;
        }
        self.sort_legs();
        let mut next = self.slices.iter().peekable();
        let mut previous = None;
        for leg in &self.legs {
            let option = ids::option_of(leg.instrument).ok_or(Error::NotAnOption(leg.instrument))?;
            ensure(option.underlying == self.underlying, Error::WrongUnderlying(leg.instrument))?;
            ensure(previous != Some(leg.instrument), Error::DuplicateLeg(leg.instrument))?;
            previous = Some(leg.instrument);
            ensure(leg.size != 0, Error::EmptyLeg(leg.instrument))?;
            while next.peek().is_some_and(|slice| slice.expiry < option.expiry) {
                next.next();
            }
            let slice = next
                .peek()
                .filter(|slice| slice.expiry == option.expiry)
                .ok_or(Error::UnknownExpiry(option.expiry))?;
            // Neither product can overflow: prices are below 2^100, the bound on moneyness below 2^20.
            let near = option.strike != 0
                && option.strike <= slice.forward * MAX_MONEYNESS
                && slice.forward <= option.strike * MAX_MONEYNESS;
            ensure(near, Error::StrikeOutOfRange(leg.instrument))?;
        }
        Ok(())
    }

    /// The value that moves in proportion to spot, WAD of quote, rounded down: perpetuals and collateral that does.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn linear_floor(&self) -> Result<i128, Overflow> {
        let mut total = signed_mul_wad_floor(self.perps, self.perp_price)?;
        for asset in self.collaterals.iter().filter(|asset| asset.risk_cancelling) {
            let value = i128::try_from(asset.value_floor(self.stable_price)?).map_err(|_| Overflow)?;
            total = total.checked_add(value).ok_or(Overflow)?;
        }
        // So that its negation fits the type too.
        total.checked_neg().ok_or(Overflow)?;
        Ok(total)
    }

    /// By insertion: callers mostly keep legs in order, and no portfolio is long.
    fn sort_legs(&mut self) {
        for end in 1..self.legs.len() {
            for at in (0..end).rev() {
                match self.legs.get_mut(at..at + 2) {
                    Some([left, right]) if left.instrument > right.instrument => core::mem::swap(left, right),
                    _ => break,
                }
            }
        }
    }
}

impl Collateral {
    /// What it is worth, WAD of quote, rounded down.
    ///
    /// # Errors
    /// [`Overflow`], also for a quote currency without a price.
    pub fn value_floor(&self, stable_price: u128) -> Result<u128, Overflow> {
        mul_div_floor(mul_div_floor(self.amount, self.price, WAD)?, WAD, stable_price)
    }
}

impl Slice {
    fn check(&self) -> Result<(), Error> {
        let Svi { a, b, rho, m, sigma } = self.svi;
        let price = |price: u128| price != 0 && price <= MAX_PRICE;
        let small = |x: i128| x.unsigned_abs() <= MAX_SVI;
        let rule = if !price(self.forward) || !price(self.svi_forward) {
            SliceRule::Forward
        } else if self.rate > MAX_RATE {
            SliceRule::Rate
        } else if self.svi_years == 0 || self.svi_years > MAX_YEARS {
            SliceRule::Years
        } else if b < 0 || sigma < 0 || rho.unsigned_abs() >= WAD || ![a, b, m, sigma].into_iter().all(small)
        {
            SliceRule::Domain
        } else if self.forward_confidence.max(self.rate_confidence).max(self.vol_confidence) > WAD {
            SliceRule::Confidence
        } else {
            return Ok(());
        };
        Err(Error::BadSlice(self.expiry, rule))
    }
}

fn ensure(fine: bool, error: Error) -> Result<(), Error> {
    if fine { Ok(()) } else { Err(error) }
}
