//! The reasons for which a portfolio is refused.

use plimsoll_fixed::Overflow;

/// Why a portfolio is refused. What cannot be valued exactly is refused whole; nothing is clamped or skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// A result is outside its type: the portfolio is too large.
    Overflow,
    /// The time of valuation is zero.
    ZeroTime,
    /// The spot price is zero or above [`super::MAX_PRICE`].
    BadSpot,
    /// The price of the quote currency is zero or above [`super::MAX_PRICE`].
    BadStablePrice,
    /// The price of the perpetual is above [`super::MAX_PRICE`].
    BadPerpPrice,
    /// A confidence is above one. `which`: 0 spot, 1 perpetual.
    BadConfidence(u8),
    /// More legs than [`super::MAX_LEGS`].
    TooManyLegs(usize),
    /// More expiries than [`super::MAX_SLICES`].
    TooManyExpiries(usize),
    /// More collaterals than [`super::MAX_COLLATERALS`].
    TooManyCollaterals(usize),
    /// A collateral's price, confidence or haircut is out of bounds: its index.
    BadCollateral(usize),
    /// Expiries are not in ascending order, or one comes twice: the one in the wrong place.
    ExpiriesNotSorted(u32),
    /// A slice of the surface is out of its domain: which expiry, and the rule that it breaks.
    BadSlice(u32, SliceRule),
    /// A leg is not an option: its instrument.
    NotAnOption(u128),
    /// A leg is of another underlying: its instrument.
    WrongUnderlying(u128),
    /// A leg's expiry is not among the portfolio's.
    UnknownExpiry(u32),
    /// Two legs are of the same instrument.
    DuplicateLeg(u128),
    /// A leg's size is zero: its instrument.
    EmptyLeg(u128),
    /// A leg's strike is zero, or more than [`super::MAX_MONEYNESS`] times the forward or less than its inverse.
    StrikeOutOfRange(u128),
    /// The tail of a shortfall is empty or more than everything.
    EmptyTail,
    /// A shortfall has no moves, more than [`super::MAX_SHOCKS`], or one that is out of bounds.
    BadMoves,
    /// Loadings or the floor of the factor model are above one, or there are no underlyings or too many.
    BadFactor,
    /// Two portfolios that are put together are of one underlying.
    DuplicateUnderlying(u16),
    /// There is no scenario of this number.
    UnknownScenario(u16),
}

/// A rule that a slice of the surface breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SliceRule {
    /// The forward or the SVI's forward is zero or above [`super::MAX_PRICE`].
    Forward = 0,
    /// The rate is above [`super::MAX_RATE`], or times the years left above [`super::MAX_GROWTH`].
    Rate = 1,
    /// The SVI's time is zero or above [`super::MAX_YEARS`].
    Years = 2,
    /// An SVI parameter is out of its domain: b < 0, |rho| >= 1, sigma < 0, or larger than [`super::MAX_SVI`].
    Domain = 3,
    /// The total variance is negative at a strike that the portfolio holds, or a + b*sigma is.
    NegativeVariance = 4,
    /// A confidence is above one.
    Confidence = 5,
}

impl From<Overflow> for Error {
    fn from(_: Overflow) -> Self {
        Self::Overflow
    }
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Debug::fmt(self, f)
    }
}

impl core::error::Error for Error {}
