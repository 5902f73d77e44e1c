//! What the price oracle accepts and what its prices may be used for.
//!
//! Prices are WAD (1e18) of the quote currency per unit of the underlying, times Unix seconds, ages seconds, moves
//! parts per million. Nothing here rounds: every comparison is exact.
//!
//! A price is *fresh* up to `max_age` seconds: anything may be done with it. Up to `max_age_late` it is *late*:
//! liquidation, which must go on while reports are slow, may still use it, trading may not. Beyond, it is *stale* and
//! nobody may. A report that breaks any rule is refused, never clamped.

use plimsoll_fixed::{PPM, WAD};

/// Largest price, 1e8 quote per unit: what the engine's arithmetic is laid out for.
pub const MAX_PRICE: u128 = 100_000_000 * WAD;

/// Largest `max_age_late`, seconds: a week.
pub const MAX_AGE_LATE: u32 = 7 * 24 * 60 * 60;

/// Largest `max_move`, ppm: a doubling. Zero, not a large number, switches the rule off.
pub const MAX_MOVE: u32 = 1_000_000;

/// What a price may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// There is no price.
    Unset = 0,
    /// For everything.
    Fresh = 1,
    /// For liquidation only.
    Late = 2,
    /// For nothing.
    Stale = 3,
}

impl Status {
    /// The number that stands for the status in the ABI.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The status that an ABI number stands for, none for an unknown number.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Unset),
            1 => Some(Self::Fresh),
            2 => Some(Self::Late),
            3 => Some(Self::Stale),
            _ => None,
        }
    }

    /// Whether an account may trade or withdraw at the price.
    #[must_use]
    pub const fn allows_trading(self) -> bool {
        matches!(self, Self::Fresh)
    }

    /// Whether an account may be liquidated at the price.
    #[must_use]
    pub const fn allows_liquidation(self) -> bool {
        matches!(self, Self::Fresh | Self::Late)
    }
}

/// A price and the time it was observed at. A zero price stands for none; its time then still bars older reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// WAD of quote per unit of the underlying.
    pub price: u128,
    /// Unix seconds.
    pub time: u64,
}

/// For how long a price may be used, seconds. All zero: the feed does not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ages {
    /// Fresh up to this age.
    pub max_age: u32,
    /// Late up to this age.
    pub max_age_late: u32,
}

impl Ages {
    /// Whether a feed with these ages exists.
    #[must_use]
    pub const fn exists(&self) -> bool {
        self.max_age != 0
    }
}

/// The band of prices that a feed accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Band {
    /// Smallest price, WAD.
    pub min_price: u128,
    /// Largest price, WAD.
    pub max_price: u128,
    /// Largest difference from a previous price that is still fresh, ppm of that price. Zero: no such rule.
    pub max_move: u32,
}

impl Band {
    /// Whether `price` lies within the band, ends included.
    #[must_use]
    pub const fn contains(&self, price: u128) -> bool {
        self.min_price <= price && price <= self.max_price
    }
}

/// A parameter of a feed that is outside its hard bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FeedError {
    /// `max_age` is zero or above `max_age_late`.
    MaxAge = 0,
    /// `max_age_late` is above [`MAX_AGE_LATE`].
    MaxAgeLate = 1,
    /// `min_price` is zero or above `max_price`.
    MinPrice = 2,
    /// `max_price` is above [`MAX_PRICE`].
    MaxPrice = 3,
    /// `max_move` is above [`MAX_MOVE`].
    MaxMove = 4,
}

impl FeedError {
    /// The position of the parameter in the feed's ABI struct.
    #[must_use]
    pub const fn index(self) -> u8 {
        self as u8
    }
}

/// Why a reported price is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportError {
    /// The underlying has no feed.
    UnknownFeed,
    /// The report is of the future.
    FromFuture,
    /// The report is not newer than the stored price, which is of `last`, Unix seconds.
    NotNewer {
        /// Time of the stored price.
        last: u64,
    },
    /// The report would not be fresh: the oldest that would is of `oldest`, Unix seconds.
    TooOld {
        /// Time of the oldest report that would be accepted.
        oldest: u64,
    },
    /// The price is outside the feed's band.
    OutOfBounds,
    /// The price is too far from `last`, the previous one, WAD.
    MoveTooLarge {
        /// The stored price.
        last: u128,
    },
}

/// What `last` may be used for at time `now`.
///
/// A price of the future has no age and counts as stale.
#[must_use]
pub const fn status(last: &Price, ages: &Ages, now: u64) -> Status {
    if last.price == 0 {
        return Status::Unset;
    }
    let Some(age) = now.checked_sub(last.time) else {
        return Status::Stale;
    };
    if age <= ages.max_age as u64 {
        Status::Fresh
    } else if age <= ages.max_age_late as u64 {
        Status::Late
    } else {
        Status::Stale
    }
}

/// Checks a feed's parameters against their hard bounds.
///
/// # Errors
/// The first parameter, in the order of [`FeedError`], that is outside.
pub const fn check_feed(ages: &Ages, band: &Band) -> Result<(), FeedError> {
    if ages.max_age == 0 || ages.max_age > ages.max_age_late {
        return Err(FeedError::MaxAge);
    }
    if ages.max_age_late > MAX_AGE_LATE {
        return Err(FeedError::MaxAgeLate);
    }
    if band.min_price == 0 || band.min_price > band.max_price {
        return Err(FeedError::MinPrice);
    }
    if band.max_price > MAX_PRICE {
        return Err(FeedError::MaxPrice);
    }
    if band.max_move > MAX_MOVE {
        return Err(FeedError::MaxMove);
    }
    Ok(())
}

/// Whether `price` differs from `last` by more than `max_move` ppm of `last`: `1e6 * |price - last| > max_move * last`.
///
/// # Overflow
/// A difference beyond `u128 / 1e6` counts as too far; prices up to [`MAX_PRICE`] never come near it.
#[must_use]
pub const fn moves_too_far(price: u128, last: u128, max_move: u32) -> bool {
    match price.abs_diff(last).checked_mul(PPM) {
        Some(difference) => difference > last.saturating_mul(max_move as u128),
        None => true,
    }
}

/// Checks one reported price against its feed and the price `last` stored for it.
///
/// # Errors
/// The first rule broken, in this order: the feed exists; the report is not of the future; it is newer than `last`; it
/// is fresh; its price is within the band; and, where the feed has such a rule and `last` is still fresh, within the
/// largest move from it. After a gap there is no previous price to compare with, or the feed could never recover.
pub const fn check_report(
    report: &Price,
    last: &Price,
    ages: &Ages,
    band: &Band,
    now: u64,
) -> Result<(), ReportError> {
    if !ages.exists() {
        return Err(ReportError::UnknownFeed);
    }
    if report.time > now {
        return Err(ReportError::FromFuture);
    }
    if report.time <= last.time {
        return Err(ReportError::NotNewer { last: last.time });
    }
    let oldest = now.saturating_sub(ages.max_age as u64);
    if report.time < oldest {
        return Err(ReportError::TooOld { oldest });
    }
    if report.price == 0 || !band.contains(report.price) {
        return Err(ReportError::OutOfBounds);
    }
    if band.max_move != 0
        && matches!(status(last, ages, now), Status::Fresh)
        && moves_too_far(report.price, last.price, band.max_move)
    {
        return Err(ReportError::MoveTooLarge { last: last.price });
    }
    Ok(())
}
