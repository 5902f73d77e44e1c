//! Decimals to 1e-18 and back, exactly.

use anyhow::{Context, Result, bail};

/// One, WAD.
pub(super) const ONE: i128 = 1_000_000_000_000_000_000;
/// Digits after the point.
const PLACES: i64 = 18;
/// More digits than any `i128` has.
const MOST: usize = 40;

/// A decimal as JSON writes it, with or without an exponent, times 1e18; the last digit is rounded half to even.
///
/// # Errors
/// When it is no decimal, or outside 128 bits.
pub fn wad(text: &str) -> Result<i128> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if whole.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        bail!("{text} is no decimal");
    }
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Ok(0);
    }
    // The value is `digits` times ten to this power, in units of 1e-18.
    let power = exponent.saturating_add(PLACES).saturating_sub(fraction.len() as i64);
    let magnitude = if power >= 0 {
        let zeros = usize::try_from(power).unwrap_or(usize::MAX);
        if digits.len().saturating_add(zeros) > MOST {
            bail!("{text} is too large");
        }
        [digits, &"0".repeat(zeros)].concat().parse()
    } else {
        let dropped = usize::try_from(power.unsigned_abs()).unwrap_or(usize::MAX);
        rounded(digits, dropped)
    };
    // One digit more than fits is an error of its own.
    let magnitude: u128 = magnitude.with_context(|| format!("{text} is too large"))?;
    let signed = i128::try_from(magnitude).with_context(|| format!("{text} is too large"))?;
    Ok(if negative { -signed } else { signed })
}

/// An exponent; beyond what 64 bits hold, the largest or smallest one.
fn exponent_of(text: &str) -> Result<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        bail!("e{text} is no exponent");
    }
    // Halved, so that sums with it stay within 64 bits.
    const LIMIT: i64 = i64::MAX / 2;
    let size = digits.parse::<i64>().map_or(LIMIT, |size| size.min(LIMIT));
    Ok(if text.starts_with('-') { -size } else { size })
}

/// Digits without the last `dropped`, rounded half to even.
fn rounded(digits: &str, dropped: usize) -> std::result::Result<u128, std::num::ParseIntError> {
    if dropped > digits.len() {
        return Ok(0);
    }
    let (kept, rest) = digits.split_at(digits.len() - dropped);
    let kept: u128 = if kept.is_empty() { 0 } else { kept.parse()? };
    let half = match rest.split_at(1) {
        ("5", tail) if tail.bytes().all(|byte| byte == b'0') => kept % 2 == 1,
        (first, _) => first >= "5",
    };
    Ok(kept.saturating_add(u128::from(half)))
}

/// A number of 1e-18 as a decimal with all its 18 places, which [`wad`] takes back to the same number.
#[must_use]
pub fn decimal(value: i128) -> String {
    let (whole, rest) =
        (value.unsigned_abs() / ONE.unsigned_abs(), value.unsigned_abs() % ONE.unsigned_abs());
    format!("{}{whole}.{rest:018}", if value < 0 { "-" } else { "" })
}
