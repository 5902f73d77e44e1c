//! Real numbers of 256 bits, and the functions that fixed-point arithmetic is checked against.
//!
//! Tests and the table of accuracy use this crate; no contract does. The elementary functions are those of `astro-float`.
//! The normal distribution is computed by its series of positive terms, Student's t with three degrees of freedom by its
//! closed form. The tests of this crate compare all of them with published values.

use core::{
    cmp::Ordering,
    ops::{Add, Div, Mul, Neg, Sub},
};
use std::cell::RefCell;

use astro_float_num::{BigFloat, Consts, Radix, RoundingMode, Sign};

const BITS: usize = 256;
const ROUND: RoundingMode = RoundingMode::ToEven;
const WAD: i128 = 1_000_000_000_000_000_000;

thread_local! {
    static CONSTS: RefCell<Consts> = RefCell::new(Consts::new().expect("memory for constants"));
}

fn with_consts<T>(f: impl FnOnce(&mut Consts) -> T) -> T {
    CONSTS.with(|consts| f(&mut consts.borrow_mut()))
}

/// A real number, to 256 bits.
#[derive(Clone, Debug)]
pub struct Real(BigFloat);

impl Real {
    /// An integer.
    #[must_use]
    pub fn int(x: i128) -> Self {
        Self(BigFloat::from_i128(x, BITS))
    }

    /// An unsigned integer.
    #[must_use]
    pub fn uint(x: u128) -> Self {
        Self(BigFloat::from_u128(x, BITS))
    }

    /// The number that a WAD stands for.
    #[must_use]
    pub fn wad(x: i128) -> Self {
        Self::int(x) / Self::int(WAD)
    }

    /// The number that an unsigned WAD stands for.
    #[must_use]
    pub fn unsigned_wad(x: u128) -> Self {
        Self::uint(x) / Self::int(WAD)
    }

    /// A decimal number.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(with_consts(|consts| BigFloat::parse(text, Radix::Dec, BITS, ROUND, consts)))
    }

    /// pi
    #[must_use]
    pub fn pi() -> Self {
        Self(with_consts(|consts| consts.pi(BITS, ROUND)))
    }

    /// e to this power.
    #[must_use]
    pub fn exp(&self) -> Self {
        Self(with_consts(|consts| self.0.exp(BITS, ROUND, consts)))
    }

    /// The natural logarithm.
    #[must_use]
    pub fn ln(&self) -> Self {
        Self(with_consts(|consts| self.0.ln(BITS, ROUND, consts)))
    }

    /// The logarithm to base 2.
    #[must_use]
    pub fn log2(&self) -> Self {
        self.ln() / Self::int(2).ln()
    }

    /// This number to a power.
    #[must_use]
    pub fn pow(&self, exponent: &Self) -> Self {
        (self.ln() * exponent.clone()).exp()
    }

    /// The square root.
    #[must_use]
    pub fn sqrt(&self) -> Self {
        Self(self.0.sqrt(BITS, ROUND))
    }

    /// The arctangent.
    #[must_use]
    pub fn atan(&self) -> Self {
        Self(with_consts(|consts| self.0.atan(BITS, ROUND, consts)))
    }

    /// The absolute value.
    #[must_use]
    pub fn abs(&self) -> Self {
        Self(self.0.abs())
    }

    /// The density of the normal distribution.
    #[must_use]
    pub fn normal_pdf(&self) -> Self {
        let two = Self::int(2);
        (-(self.clone() * self.clone() / two.clone())).exp() / (two * Self::pi()).sqrt()
    }

    /// The normal distribution function: 1/2 + density * (x + x^3/3 + x^5/15 + ...), to an absolute 2^-240.
    #[must_use]
    pub fn normal_cdf(&self) -> Self {
        if self.abs() > Self::int(25) {
            return Self::int(i128::from(self.0.is_positive()));
        }
        let square = self.clone() * self.clone();
        let (mut term, mut sum, mut n) = (self.clone(), self.clone(), 3);
        while !term.0.is_zero() && term.0.exponent() > sum.0.exponent().map(|e| e - BITS as i32) {
            term = term * square.clone() / Self::int(n);
            sum = sum + term.clone();
            n += 2;
        }
        Self::int(1) / Self::int(2) + self.normal_pdf() * sum
    }

    /// The upper tail of Student's t with three degrees of freedom.
    #[must_use]
    pub fn student_t3_tail(&self) -> Self {
        let u = self.clone() / Self::int(3).sqrt();
        let ratio = u.clone() / (Self::int(1) + u.clone() * u.clone());
        Self::int(1) / Self::int(2) - (ratio + u.atan()) / Self::pi()
    }

    /// How far a WAD is from this number, in thousandths of a wei, rounded down.
    #[must_use]
    pub fn milliwei_from(&self, wad: i128) -> u128 {
        ((self.clone() * Self::int(WAD) - Self::int(wad)).abs() * Self::int(1000)).floor()
    }

    /// How far an unsigned WAD is from this number, in thousandths of a wei, rounded down.
    #[must_use]
    pub fn milliwei_from_unsigned(&self, wad: u128) -> u128 {
        ((self.clone() * Self::int(WAD) - Self::uint(wad)).abs() * Self::int(1000)).floor()
    }

    /// The nearest integer of a number that is not negative; the largest when it does not fit.
    #[must_use]
    pub fn round(&self) -> u128 {
        (self.clone() + Self::int(1) / Self::int(2)).floor()
    }

    /// A number that is not negative, rounded down; zero for a negative one, the largest when it does not fit.
    #[must_use]
    pub fn floor(&self) -> u128 {
        let Some((words, _, sign, exponent, _)) = self.0.as_raw_parts() else { return u128::MAX };
        if sign == Sign::Neg || exponent <= 0 || self.0.is_zero() {
            return 0;
        }
        if exponent > 128 {
            return u128::MAX;
        }
        // The mantissa is a fraction with its top bit set, words from the lowest.
        let top = words
            .iter()
            .rev()
            .take(2)
            .fold((0u128, 128u32), |(sum, at), word| (sum | u128::from(*word) << (at - 64), at - 64));
        top.0 >> (128 - exponent)
    }
}

impl PartialEq for Real {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Real {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        BigFloat::cmp(&self.0, &other.0).map(|sign| sign.cmp(&0))
    }
}

impl Neg for Real {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.neg())
    }
}

impl Add for Real {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.add(&other.0, BITS, ROUND))
    }
}

impl Sub for Real {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.sub(&other.0, BITS, ROUND))
    }
}

impl Mul for Real {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self(self.0.mul(&other.0, BITS, ROUND))
    }
}

impl Div for Real {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        Self(self.0.div(&other.0, BITS, ROUND))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thirty digits, by mpmath at 60 digits (scipy agrees on Student's t to its own 16).
    fn close(got: &Real, expected: &str) {
        let error = (got.clone() - Real::parse(expected)).abs();
        assert!(error < Real::parse("2e-30"), "{got:?} against {expected}");
    }

    #[test]
    fn functions_have_their_published_values() {
        close(&Real::int(1).exp(), "2.71828182845904523536028747135266");
        close(&Real::int(2).ln(), "0.693147180559945309417232121458177");
        close(&Real::int(10).log2(), "3.32192809488736234787031942948939");
        close(&Real::int(1).atan(), "0.785398163397448309615660845819876");
        close(&Real::parse("1.2").normal_cdf(), "0.884930329778291731977779793043");
        close(&Real::parse("-3.3").normal_cdf(), "0.000483424142383777201110108129627");
        close(&Real::int(0).normal_cdf(), "0.5");
        close(&Real::int(0).normal_pdf(), "0.398942280401432677939946059934382");
        close(&Real::int(0).student_t3_tail(), "0.5");
        close(&Real::int(1).student_t3_tail(), "0.195501109477885320955501708755091");
        close(&Real::int(2).student_t3_tail(), "0.0696629842794215884240477281162067");
        close(&Real::parse("10.5").student_t3_tail(), "0.000922296539931828084489271301632109");
    }

    #[test]
    fn floor_and_round_of_known_numbers() {
        assert_eq!(Real::parse("3.99").floor(), 3);
        assert_eq!(Real::parse("3.99").round(), 4);
        assert_eq!(Real::parse("0.25").floor(), 0);
        assert_eq!(Real::int(-5).floor(), 0);
        assert_eq!(Real::uint(u128::MAX).floor(), u128::MAX);
        assert_eq!((Real::uint(u128::MAX) * Real::int(2)).floor(), u128::MAX);
        assert_eq!(Real::parse("0.5").milliwei_from(499_999_999_999_999_999), 1000);
    }
}
