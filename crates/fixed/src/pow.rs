//! Powers.

use crate::{Overflow, WAD, exp_wad, ln::ln_fine, signed_mul_div_floor};

/// `x^y` for WADs; `0^0` is one, `0` to a positive power zero.
///
/// `exp(y ln x)` with `ln x` kept to a 512th of a wei: the relative error is below `1e-18 + |y| * 1.8e-19`, plus
/// 0.51 wei. Monotone in both.
///
/// # Errors
/// [`Overflow`] when the result does not fit, and for zero to a negative power.
pub fn pow_wad(x: u128, y: i128) -> Result<u128, Overflow> {
    if y == 0 || x == WAD {
        return Ok(WAD);
    }
    if x == 0 {
        return if y > 0 { Ok(0) } else { Err(Overflow) };
    }
    let ln = ln_fine(x);
    // Halves of a wei, so that rounding is to nearest.
    match signed_mul_div_floor(ln, y, 256 * WAD) {
        Ok(halves) => exp_wad((halves >> 1) + (halves & 1)),
        // The exponent is beyond 128 bits: its sign decides.
        Err(Overflow) if (ln < 0) != (y < 0) => Ok(0),
        Err(Overflow) => Err(Overflow),
    }
}
