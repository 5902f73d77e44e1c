//! The rules by which a reported slice is admitted, and by which it ages.

use plimsoll_fixed::PPM;

use super::{MAX_FORWARD, MAX_RATE, ShapeError, Slice, YEAR, check_shape, curve::Curve};
use crate::oracle::{Ages, MAX_AGE_LATE, MAX_MOVE, Price, Status, moves_too_far, status};

/// Longest time to an expiry, seconds: ten years.
pub const MAX_TENOR: u64 = 10 * YEAR;

/// How far a slice may lie from a previous one that is still fresh. Zero: no such rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JumpRules {
    /// Of the volatility at the forward, ppm of the previous one.
    pub max_vol_jump: u32,
    /// Of the forward, ppm of the previous one.
    pub max_forward_jump: u32,
}

/// A parameter of a surface that is outside its hard bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SurfaceError {
    /// `max_age` is zero or above `max_age_late`.
    MaxAge = 0,
    /// `max_age_late` is above [`MAX_AGE_LATE`].
    MaxAgeLate = 1,
    /// `max_vol_jump` is above [`MAX_MOVE`].
    MaxVolJump = 2,
    /// `max_forward_jump` is above [`MAX_MOVE`].
    MaxForwardJump = 3,
}

impl SurfaceError {
    /// The position of the parameter in the surface's ABI struct.
    #[must_use]
    pub const fn index(self) -> u8 {
        self as u8
    }
}

/// Why a reported slice is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportedSliceError {
    /// The underlying has no surface.
    UnknownSurface,
    /// The expiry is not in the future.
    Expired,
    /// The expiry is more than [`MAX_TENOR`] away.
    TooFar,
    /// The slice is of the future.
    FromFuture,
    /// The slice is not newer than the stored one, which is of `last`, Unix seconds.
    NotNewer {
        /// Time of the stored slice.
        last: u64,
    },
    /// The slice would not be fresh: the oldest that would is of `oldest`, Unix seconds.
    TooOld {
        /// Time of the oldest slice that would be accepted.
        oldest: u64,
    },
    /// The forward is zero or above [`MAX_FORWARD`].
    Forward,
    /// The rate is beyond [`MAX_RATE`] either way.
    Rate,
    /// A confidence is above one.
    Confidence,
    /// The shape is not free of arbitrage by itself.
    Shape(ShapeError),
    /// The forward is too far from the previous one.
    ForwardJump,
    /// The volatility at the forward is too far from the previous one.
    VolJump,
}

/// Checks a surface's parameters against their hard bounds.
///
/// # Errors
/// The first parameter, in the order of [`SurfaceError`], that is outside.
pub const fn check_surface(ages: &Ages, jumps: &JumpRules) -> Result<(), SurfaceError> {
    if ages.max_age == 0 || ages.max_age > ages.max_age_late {
        return Err(SurfaceError::MaxAge);
    }
    if ages.max_age_late > MAX_AGE_LATE {
        return Err(SurfaceError::MaxAgeLate);
    }
    if jumps.max_vol_jump > MAX_MOVE {
        return Err(SurfaceError::MaxVolJump);
    }
    if jumps.max_forward_jump > MAX_MOVE {
        return Err(SurfaceError::MaxForwardJump);
    }
    Ok(())
}

/// Whether an expiry is not in the future at time `now`, Unix seconds both: it has no time left.
#[must_use]
pub const fn is_over(expiry: u32, now: u64) -> bool {
    now >= expiry as u64
}

/// What a slice may be used for at time `now`: as a price of its age, and for nothing from the expiry on.
#[must_use]
pub const fn slice_status(slice: &Slice, expiry: u32, ages: &Ages, now: u64) -> Status {
    let price = Price { price: slice.exists() as u128, time: slice.time, usable: 0, doubted_after: 0 };
    match status(&price, ages, now) {
        Status::Fresh | Status::Late if is_over(expiry, now) => Status::Stale,
        other => other,
    }
}

/// Checks one reported slice by itself and against the slice `last` stored for its expiry.
///
/// # Errors
/// The first rule broken, in the order of [`ReportedSliceError`]. The jumps are only checked against a previous slice
/// that is still fresh: after a gap there is nothing to compare with, or the surface could never recover.
pub fn check_reported_slice(
    slice: &Slice,
    expiry: u32,
    last: &Slice,
    ages: &Ages,
    jumps: &JumpRules,
    now: u64,
) -> Result<(), ReportedSliceError> {
    if !ages.exists() {
        return Err(ReportedSliceError::UnknownSurface);
    }
    if is_over(expiry, now) {
        return Err(ReportedSliceError::Expired);
    }
    if u64::from(expiry) - now > MAX_TENOR {
        return Err(ReportedSliceError::TooFar);
    }
    if slice.time > now {
        return Err(ReportedSliceError::FromFuture);
    }
    if slice.time <= last.time {
        return Err(ReportedSliceError::NotNewer { last: last.time });
    }
    let oldest = now.saturating_sub(ages.max_age.into());
    if slice.time < oldest {
        return Err(ReportedSliceError::TooOld { oldest });
    }
    if slice.forward == 0 || slice.forward > MAX_FORWARD {
        return Err(ReportedSliceError::Forward);
    }
    if slice.rate.unsigned_abs() > MAX_RATE.unsigned_abs() {
        return Err(ReportedSliceError::Rate);
    }
    if slice.confidences.iter().any(|confidence| u128::from(*confidence) > PPM) {
        return Err(ReportedSliceError::Confidence);
    }
    check_shape(&slice.parameters()).map_err(ReportedSliceError::Shape)?;
    if slice_status(last, expiry, ages, now) != Status::Fresh {
        return Ok(());
    }
    if jumps.max_forward_jump != 0 && moves_too_far(slice.forward, last.forward, jumps.max_forward_jump) {
        return Err(ReportedSliceError::ForwardJump);
    }
    if jumps.max_vol_jump != 0 && vol_jumps_too_far(slice, last, expiry, jumps.max_vol_jump) {
        return Err(ReportedSliceError::VolJump);
    }
    Ok(())
}

/// Whether the volatility at the forward, `sqrt(w(0) / years)`, differs from that of `last` by more than `max` ppm of
/// it. Compared without a root, to 1e-12: `w(0) years' / (w'(0) years)` with `(1 +- max)^2`.
fn vol_jumps_too_far(slice: &Slice, last: &Slice, expiry: u32, max: u32) -> bool {
    // Variances of admitted slices are below 2^72, the seconds of ten years below 2^29. Of the larger product 86 bits
    // are kept, so that a factor of 2^42 fits.
    let variance = |slice: &Slice| Curve::of(&slice.parameters()).at(0).w.unsigned_abs().min(1 << 80);
    let seconds = |slice: &Slice| u128::from(slice.seconds(expiry).min(1 << 32));
    let (new, old) = (variance(slice) * seconds(last), variance(last) * seconds(slice));
    let shift = (128 - (new | old).leading_zeros()).saturating_sub(86);
    let (new, old) = ((new >> shift) * (PPM * PPM), old >> shift);
    let (up, down) = (PPM as u64 + u64::from(max), (PPM as u64).saturating_sub(max.into()));
    new > old * u128::from(up * up + 1) || new + old < old * u128::from(down * down)
}
