//! `a * b / c` with an exact 256-bit product and the rounding direction in the name.
//!
//! The two unsigned functions are never inlined: a contract calls them in a hundred places, and may take 24,000 bytes.

use crate::{Overflow, U256, WAD};

/// `a * b / c`, rounded down.
///
/// # Errors
/// [`Overflow`] when `c` is zero or the quotient does not fit.
#[inline(never)]
pub const fn mul_div_floor(a: u128, b: u128, c: u128) -> Result<u128, Overflow> {
    match U256::product(a, b).div_rem(c) {
        Ok((quotient, _)) => Ok(quotient),
        Err(overflow) => Err(overflow),
    }
}

/// `a * b / c`, rounded up.
///
/// # Errors
/// [`Overflow`] when `c` is zero or the quotient does not fit.
#[inline(never)]
pub const fn mul_div_ceil(a: u128, b: u128, c: u128) -> Result<u128, Overflow> {
    match U256::product(a, b).div_rem(c) {
        Ok((quotient, 0)) => Ok(quotient),
        Ok((quotient, _)) => match quotient.checked_add(1) {
            Some(up) => Ok(up),
            None => Err(Overflow),
        },
        Err(overflow) => Err(overflow),
    }
}

/// A magnitude with its sign, as a signed number.
fn signed(negative: bool, magnitude: u128) -> Result<i128, Overflow> {
    if negative {
        0i128.checked_sub_unsigned(magnitude).ok_or(Overflow)
    } else {
        i128::try_from(magnitude).map_err(|_| Overflow)
    }
}

/// `a * b / c`, rounded toward negative infinity.
///
/// # Errors
/// [`Overflow`] when `c` is zero or the quotient does not fit.
pub fn signed_mul_div_floor(a: i128, b: i128, c: u128) -> Result<i128, Overflow> {
    let (x, y) = (a.unsigned_abs(), b.unsigned_abs());
    let negative = (a < 0) != (b < 0);
    signed(negative, if negative { mul_div_ceil(x, y, c)? } else { mul_div_floor(x, y, c)? })
}

/// `a * b / c`, rounded toward positive infinity.
///
/// # Errors
/// [`Overflow`] when `c` is zero or the quotient does not fit.
pub fn signed_mul_div_ceil(a: i128, b: i128, c: u128) -> Result<i128, Overflow> {
    let (x, y) = (a.unsigned_abs(), b.unsigned_abs());
    let negative = (a < 0) != (b < 0);
    signed(negative, if negative { mul_div_floor(x, y, c)? } else { mul_div_ceil(x, y, c)? })
}

/// `a * b / c`, rounded toward zero.
///
/// # Errors
/// [`Overflow`] when `c` is zero or the quotient does not fit.
pub fn signed_mul_div_toward_zero(a: i128, b: u128, c: u128) -> Result<i128, Overflow> {
    signed(a < 0, mul_div_floor(a.unsigned_abs(), b, c)?)
}

/// The product of a signed and an unsigned WAD, rounded toward negative infinity.
///
/// # Errors
/// [`Overflow`] when the product does not fit.
pub fn signed_mul_wad_floor(a: i128, b: u128) -> Result<i128, Overflow> {
    let magnitude = a.unsigned_abs();
    signed(a < 0, if a < 0 { mul_div_ceil(magnitude, b, WAD)? } else { mul_div_floor(magnitude, b, WAD)? })
}

/// The product of a signed and an unsigned WAD, rounded toward positive infinity.
///
/// # Errors
/// [`Overflow`] when the product does not fit.
pub fn signed_mul_wad_ceil(a: i128, b: u128) -> Result<i128, Overflow> {
    let magnitude = a.unsigned_abs();
    signed(a < 0, if a < 0 { mul_div_floor(magnitude, b, WAD)? } else { mul_div_ceil(magnitude, b, WAD)? })
}

/// `(a * b + c * d) / e`, rounded once toward negative infinity.
///
/// # Errors
/// [`Overflow`] when `e` is zero, the sum needs more than 256 bits or the quotient does not fit.
pub fn signed_weighted_sum_floor(a: i128, b: i128, c: i128, d: i128, e: u128) -> Result<i128, Overflow> {
    let left = U256::product(a.unsigned_abs(), b.unsigned_abs());
    let right = U256::product(c.unsigned_abs(), d.unsigned_abs());
    let (left_negative, right_negative) = ((a < 0) != (b < 0), (c < 0) != (d < 0));
    let (negative, magnitude) = if left_negative == right_negative {
        (left_negative, left.checked_add(right)?)
    } else if let Some(difference) = left.checked_sub(right) {
        (left_negative, difference)
    } else {
        (right_negative, right.checked_sub(left).ok_or(Overflow)?)
    };
    let (quotient, rest) = magnitude.div_rem(e)?;
    if negative && rest != 0 {
        signed(true, quotient.checked_add(1).ok_or(Overflow)?)
    } else {
        signed(negative, quotient)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ruint::aliases::U512;

    use super::*;

    /// Sign and magnitude of a signed number as the reference type.
    fn wide(x: i128) -> (bool, U512) {
        (x < 0, U512::from(x.unsigned_abs()))
    }

    /// The quotient of magnitudes, rounded away from zero or toward it, with its sign; none where it does not fit.
    fn rounded(negative: bool, n: U512, d: U512, away: bool) -> Option<i128> {
        let (q, r) = n.div_rem(d);
        let q = if away && !r.is_zero() { q + U512::from(1) } else { q };
        let q: u128 = q.try_into().ok()?;
        if negative { 0i128.checked_sub_unsigned(q) } else { i128::try_from(q).ok() }
    }

    /// Numbers of all magnitudes, also the largest.
    fn number() -> impl Strategy<Value = u128> {
        prop_oneof![
            9 => (any::<u128>(), 0u32..128).prop_map(|(x, cut)| x >> cut),
            1 => (0u128..3).prop_map(|off| u128::MAX - off),
        ]
    }

    /// Signed numbers of all magnitudes, also the least and the largest.
    fn signed_number() -> impl Strategy<Value = i128> {
        prop_oneof![
            9 => (any::<i128>(), 0u32..128).prop_map(|(x, cut)| x >> cut),
            1 => (-2i128..3).prop_map(|off| i128::MAX.wrapping_add(off)),
        ]
    }

    fn divisor() -> impl Strategy<Value = u128> {
        number().prop_map(|x| x.max(1))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn mul_div_matches_reference(a in number(), b in number(), c in divisor()) {
            let (q, r) = (U512::from(a) * U512::from(b)).div_rem(U512::from(c));
            let up = if r.is_zero() { q } else { q + U512::from(1) };
            prop_assert_eq!(mul_div_floor(a, b, c).ok(), u128::try_from(q).ok());
            prop_assert_eq!(mul_div_ceil(a, b, c).ok(), u128::try_from(up).ok());
        }

        #[test]
        fn signed_mul_div_matches_reference(a in signed_number(), b in signed_number(), c in divisor()) {
            let ((n1, x), (n2, y)) = (wide(a), wide(b));
            let (negative, product, d) = (n1 != n2, x * y, U512::from(c));
            prop_assert_eq!(signed_mul_div_floor(a, b, c).ok(), rounded(negative, product, d, negative));
            prop_assert_eq!(signed_mul_div_ceil(a, b, c).ok(), rounded(negative, product, d, !negative));
        }

        #[test]
        fn signed_by_unsigned_matches_reference(a in signed_number(), b in number(), c in divisor()) {
            let (negative, x) = wide(a);
            let (product, wad) = (x * U512::from(b), U512::from(WAD));
            prop_assert_eq!(signed_mul_div_toward_zero(a, b, c).ok(), rounded(negative, product, U512::from(c), false));
            prop_assert_eq!(signed_mul_wad_floor(a, b).ok(), rounded(negative, product, wad, negative));
            prop_assert_eq!(signed_mul_wad_ceil(a, b).ok(), rounded(negative, product, wad, !negative));
        }

        #[test]
        fn weighted_sum_matches_reference(a in signed_number(), b in signed_number(), c in signed_number(),
            d in signed_number(), e in divisor()) {
            let ((na, xa), (nb, xb), (nc, xc), (nd, xd)) = (wide(a), wide(b), wide(c), wide(d));
            let (l, r) = (xa * xb, xc * xd);
            let (ln, rn) = (na != nb, nc != nd);
            let (negative, magnitude) = if ln == rn { (ln, l + r) } else if l >= r { (ln, l - r) } else { (rn, r - l) };
            let wanted = rounded(negative, magnitude, U512::from(e), negative);
            prop_assert_eq!(signed_weighted_sum_floor(a, b, c, d, e).ok(), wanted);
        }
    }

    #[test]
    fn mul_wad_rounds_as_named() {
        let third = 333_333_333_333_333_333;
        // 2 wei * 0.333.. = 0.666..
        assert_eq!(signed_mul_wad_floor(2, third), Ok(0));
        assert_eq!(signed_mul_wad_ceil(2, third), Ok(1));
        assert_eq!(signed_mul_wad_floor(-2, third), Ok(-1));
        assert_eq!(signed_mul_wad_ceil(-2, third), Ok(0));
    }

    #[test]
    fn extremes_are_overflow_not_panic() {
        assert_eq!(mul_div_floor(u128::MAX, u128::MAX, 1), Err(Overflow));
        assert_eq!(mul_div_ceil(u128::MAX, u128::MAX, u128::MAX), Ok(u128::MAX));
        assert_eq!(mul_div_floor(1, 1, 0), Err(Overflow));
        assert_eq!(signed_mul_div_floor(i128::MIN, 1, 1), Ok(i128::MIN));
        assert_eq!(signed_mul_div_floor(i128::MIN, -1, 1), Err(Overflow));
        assert_eq!(signed_weighted_sum_floor(i128::MIN, i128::MIN, i128::MIN, i128::MIN, 1), Err(Overflow));
    }
}
