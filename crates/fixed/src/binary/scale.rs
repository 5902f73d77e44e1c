//! Positive numbers of any size: a 64-bit mantissa and an exponent, as a floating-point number in integers.

use crate::{Overflow, isqrt_floor};

/// A positive number, `mantissa * 2^exponent`, or zero. The mantissa's top bit is set, so that the relative error of
/// each operation, which rounds down, is below 2^-63 where nothing else is said.
///
/// Exponents are added, negated and halved unchecked: callers keep them within 2,000 of zero, as
/// [`Scale::from_parts`] does, and multiply numbers of that size a few times only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    mantissa: u64,
    exponent: i32,
}

/// 1e-18 = 0x9392ee8e921d5d07.3aff * 2^-123
const PER_WAD: Scale = Scale { mantissa: 0x9392_ee8e_921d_5d07, exponent: -123 };

impl Scale {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0, exponent: 0 };
    /// One.
    pub const ONE: Self = Self { mantissa: 1 << 63, exponent: -63 };

    /// An integer times a power of two.
    #[must_use]
    #[inline(never)]
    pub const fn new(value: u128, exponent: i32) -> Self {
        if value == 0 {
            return Self::ZERO;
        }
        // By words: shifts of 128 bits are calls of the library.
        let (high, low) = ((value >> 64) as u64, value as u64);
        if high == 0 {
            let zeros = low.leading_zeros();
            return Self { mantissa: low << zeros, exponent: exponent - zeros as i32 };
        }
        let zeros = high.leading_zeros();
        // In two steps, because a shift by 64 would overflow.
        Self {
            mantissa: (high << zeros) | ((low >> 1) >> (63 - zeros)),
            exponent: exponent + 64 - zeros as i32,
        }
    }

    /// A WAD; relative error below 2^-61, never above the exact number.
    #[must_use]
    #[inline(never)]
    pub const fn from_wad(value: u128) -> Self {
        Self::new(value, 0).times(PER_WAD)
    }

    /// From the parts that [`Scale::parts`] returns; `None` for parts that it cannot return, and for exponents outside
    /// -2,000 to 2,000.
    #[must_use]
    pub const fn from_parts(mantissa: u64, exponent: i32) -> Option<Self> {
        // One zero, so that numbers are equal when their parts are.
        let normal = if mantissa == 0 { exponent == 0 } else { mantissa >> 63 == 1 };
        if !normal || exponent < -2_000 || exponent > 2_000 {
            None
        } else {
            Some(Self { mantissa, exponent })
        }
    }

    /// Mantissa and exponent.
    #[must_use]
    pub const fn parts(self) -> (u64, i32) {
        (self.mantissa, self.exponent)
    }

    /// Whether it is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// The product.
    #[must_use]
    #[inline(never)]
    pub const fn times(self, other: Self) -> Self {
        if self.is_zero() || other.is_zero() {
            return Self::ZERO;
        }
        let product = self.mantissa as u128 * other.mantissa as u128;
        let (high, low) = ((product >> 64) as u64, product as u64);
        let exponent = self.exponent + other.exponent + 64;
        // Two numbers with their top bits set: the product has its own there or one below.
        if high >> 63 == 1 {
            Self { mantissa: high, exponent }
        } else {
            Self { mantissa: (high << 1) | (low >> 63), exponent: exponent - 1 }
        }
    }

    /// The larger.
    #[must_use]
    pub const fn max(self, other: Self) -> Self {
        let less = if self.is_zero() || other.is_zero() {
            self.is_zero()
        } else {
            self.exponent < other.exponent
                || (self.exponent == other.exponent && self.mantissa < other.mantissa)
        };
        if less { other } else { self }
    }

    /// One over it; `None` for zero. Relative error below 2^-60.
    ///
    /// Two 64-bit divisions and a step of Newton's method, instead of a 128-bit division.
    #[must_use]
    #[inline(never)]
    pub const fn inverse(self) -> Option<Self> {
        if self.is_zero() {
            return None;
        }
        let m = self.mantissa;
        // 2^64 / (m / 2^32), too small by less than 1.25 * 2^-31 of it; below 2^33 because m / 2^32 >= 2^31.
        let guess = (u64::MAX / ((m >> 32) + 1)) as u128;
        // m * guess is a little below 2^96: what is missing, corrected.
        let missing = (1u128 << 96) - m as u128 * guess;
        let correction = ((missing >> 32) as u64 as u128 * guess) >> 32;
        Some(Self::new((guess << 32) + correction, -(self.exponent + 128)))
    }

    /// `value` times this, rounded down.
    ///
    /// # Errors
    /// [`Overflow`] outside `i128`, and for a number of 2^127 and more times anything but zero.
    #[inline(never)]
    pub const fn of_floor(self, value: i128) -> Result<i128, Overflow> {
        self.of(value, false)
    }

    /// `value` times this, rounded up.
    ///
    /// # Errors
    /// As [`Self::of_floor`].
    #[inline(never)]
    pub const fn of_ceil(self, value: i128) -> Result<i128, Overflow> {
        self.of(value, true)
    }

    /// `value` times this, rounded up or down.
    #[inline(always)]
    const fn of(self, value: i128, up: bool) -> Result<i128, Overflow> {
        if self.mantissa == 0 || value == 0 {
            return Ok(0);
        }
        // value * mantissa = top * 2^64 + low
        let low = (value as u64) as u128 * self.mantissa as u128;
        let top = (value >> 64) * self.mantissa as i128 + (low >> 64) as i128;
        let low = low as u64;
        // The wanted number is (top * 2^64 + low) * 2^exponent.
        if self.exponent >= 64 {
            return Err(Overflow);
        }
        let (floor, up) = if self.exponent <= -64 {
            let shift = -(self.exponent + 64);
            let shift = if shift > 127 { 127 } else { shift };
            let floor = top >> shift;
            (floor, up && (low != 0 || floor << shift != top))
        } else {
            let left = self.exponent + 64; // 1 ..= 127
            let moved = top << left;
            if moved >> left != top {
                return Err(Overflow);
            }
            // The lowest `left` bits of `moved` are zero and the rest fits them.
            if left < 64 {
                (moved | (low >> (64 - left)) as i128, up && low << left != 0)
            } else {
                (moved | ((low as u128) << (left - 64)) as i128, false)
            }
        };
        if !up {
            return Ok(floor);
        }
        match floor.checked_add(1) {
            Some(ceil) => Ok(ceil),
            None => Err(Overflow),
        }
    }

    /// This with `bits` fractional bits, rounded down, at most `most`.
    #[must_use]
    #[inline(never)]
    pub const fn to_fixed(self, bits: i32, most: u64) -> u64 {
        let shift = self.exponent + bits;
        if self.mantissa == 0 || shift <= -64 {
            return 0;
        }
        let value = if shift <= 0 { self.mantissa >> -shift } else { return most };
        if value > most { most } else { value }
    }

    /// The square root; relative error below 2^-62.
    #[must_use]
    #[inline(never)]
    pub const fn root(self) -> Self {
        if self.is_zero() {
            return Self::ZERO;
        }
        // An even exponent, and as many bits as fit.
        let odd = (self.exponent & 1) ^ 1;
        let value = (self.mantissa as u128) << (63 + odd);
        Self::new(isqrt_floor(value), (self.exponent - 63 - odd) >> 1)
    }
}

#[cfg(test)]
mod tests {
    use num::{BigInt, BigRational, One, Signed, Zero};
    use proptest::prelude::*;

    use super::*;

    fn exact(x: Scale) -> BigRational {
        let two = BigRational::from_integer(2.into());
        let mantissa = BigRational::from_integer(x.mantissa.into());
        mantissa * if x.exponent >= 0 { two.pow(x.exponent) } else { two.recip().pow(-x.exponent) }
    }

    /// That `got` is below `wanted` by at most 2^-bits of it.
    fn just_below(got: &BigRational, wanted: &BigRational, bits: usize) -> bool {
        let short = (wanted - got) * BigRational::from_integer(BigInt::one() << bits);
        !short.is_negative() && short <= *wanted
    }

    fn number() -> impl Strategy<Value = u128> {
        prop_oneof![
            any::<u128>(),
            any::<u64>().prop_map(u128::from),
            (0u32..128, -2i64..3).prop_map(|(bit, off)| (1u128 << bit).wrapping_add_signed(i128::from(off))),
        ]
    }

    fn scale() -> impl Strategy<Value = Scale> {
        (number(), -200i32..100).prop_map(|(value, exponent)| Scale::new(value, exponent))
    }

    /// A signed number of any size, also the least and the largest.
    fn value() -> impl Strategy<Value = i128> {
        prop_oneof![
            (any::<i128>(), 0u32..128).prop_map(|(value, cut)| value >> cut),
            (0u32..128, -2i128..3).prop_map(|(bit, off)| (1i128 << bit).wrapping_add(off)),
            Just(i128::MIN),
            Just(i128::MAX),
        ]
    }

    fn rational(value: u128) -> BigRational {
        BigRational::from_integer(value.into())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn new_keeps_64_bits(value in number()) {
            prop_assert!(just_below(&exact(Scale::new(value, 0)), &rational(value), 63));
        }

        #[test]
        fn from_wad_is_within_three_roundings(value in number()) {
            let wanted = rational(value) / rational(crate::WAD);
            prop_assert!(just_below(&exact(Scale::from_wad(value)), &wanted, 61));
        }

        #[test]
        fn times_is_just_below(a in scale(), b in scale()) {
            prop_assert!(just_below(&exact(a.times(b)), &(exact(a) * exact(b)), 63));
        }

        #[test]
        fn inverse_is_just_below(a in scale(), high in (1u64 << 31..1 << 32, 0u32..31), low in any::<u32>(), cut in 0u32..32) {
            // Errors are largest a little above a power of two.
            let high = ((high.0 & !(1 << 31)) >> high.1) | (1 << 31);
            let near = Scale { mantissa: (high << 32) | u64::from(low >> cut), exponent: 0 };
            for a in [a, near] {
                let Some(inverse) = a.inverse() else {
                    prop_assert!(a.is_zero());
                    continue;
                };
                prop_assert!(just_below(&exact(inverse), &exact(a).recip(), 60));
            }
        }

        #[test]
        fn root_is_just_below(a in scale()) {
            let root = exact(a.root());
            prop_assert!(just_below(&(&root * &root), &exact(a), 61));
        }

        #[test]
        fn max_is_the_larger(a in scale(), b in scale()) {
            prop_assert_eq!(exact(a.max(b)), exact(a).max(exact(b)));
        }

        #[test]
        fn of_rounds_exactly(a in scale(), value in value()) {
            let wanted = exact(a) * BigRational::from_integer(value.into());
            let refused = a.exponent >= 64 && value != 0;
            let fits = |x: BigInt| i128::try_from(&x).ok().filter(|_| !refused || a.is_zero());
            prop_assert_eq!(a.of_floor(value).ok(), fits(wanted.floor().to_integer()));
            prop_assert_eq!(a.of_ceil(value).ok(), fits(wanted.ceil().to_integer()));
        }

        #[test]
        fn to_fixed_rounds_down(a in scale(), bits in 0i32..64, most in any::<u64>()) {
            let wanted = (exact(a) * BigRational::from_integer(BigInt::one() << bits as usize)).floor().to_integer();
            prop_assert_eq!(BigInt::from(a.to_fixed(bits, most)), wanted.min(most.into()));
        }
    }

    #[test]
    fn zero_is_absorbed() {
        assert!(exact(Scale::ZERO).is_zero());
        assert_eq!(Scale::ZERO.times(Scale::ONE), Scale::ZERO);
        assert_eq!(Scale::ZERO.inverse(), None);
        assert_eq!(Scale::ZERO.root(), Scale::ZERO);
        assert_eq!(Scale::ZERO.of_floor(-5), Ok(0));
        assert_eq!(Scale::ONE.of_floor(-5), Ok(-5));
    }

    #[test]
    fn inverse_of_the_worst_mantissa_known() {
        // 1.0271 * 2^-61
        let worst = Scale { mantissa: 0x8000_5a2c_0000_b48a, exponent: 0 };
        let (inverse, wanted) = (exact(worst.inverse().unwrap()), exact(worst).recip());
        assert!(just_below(&inverse, &wanted, 60) && !just_below(&inverse, &wanted, 61));
    }

    #[test]
    fn of_takes_and_gives_the_least_and_the_largest() {
        let half = Scale { mantissa: 1 << 63, exponent: -64 };
        for (scale, value, floor, ceil) in [
            (Scale::ZERO, i128::MIN, Ok(0), Ok(0)),
            (half, i128::MIN, Ok(i128::MIN / 2), Ok(i128::MIN / 2)),
            (Scale::ONE, i128::MIN, Ok(i128::MIN), Ok(i128::MIN)),
            (Scale::ONE, i128::MAX, Ok(i128::MAX), Ok(i128::MAX)),
            (half, i128::MAX, Ok(i128::MAX / 2), Ok(i128::MAX / 2 + 1)),
            (Scale::new(1, 1), i128::MIN, Err(Overflow), Err(Overflow)),
            (Scale::new(1, 1), i128::MIN / 2, Ok(i128::MIN), Ok(i128::MIN)),
            (Scale::new(1, 126), -2, Ok(i128::MIN), Ok(i128::MIN)),
            (Scale::new(1, 127), -1, Err(Overflow), Err(Overflow)),
            // (2^64 - 1) 2^-1 * (2^64 + 1) = 2^127 - 1/2
            (Scale::new(u64::MAX.into(), -1), (1 << 64) + 1, Ok(i128::MAX), Err(Overflow)),
        ] {
            assert_eq!((scale.of_floor(value), scale.of_ceil(value)), (floor, ceil), "{scale:?} {value}");
        }
    }

    #[test]
    fn parts_round_trip_and_others_are_refused() {
        let (mantissa, exponent) = PER_WAD.parts();
        assert_eq!(Scale::from_parts(mantissa, exponent), Some(PER_WAD));
        assert_eq!(Scale::from_parts(1, 0), None);
        assert_eq!(Scale::from_parts(1 << 63, 2_001), None);
        assert_eq!(Scale::from_parts(1 << 63, -2_001), None);
        assert_eq!(Scale::from_parts(0, 0), Some(Scale::ZERO));
        assert_eq!(Scale::from_parts(0, 1), None);
    }
}
