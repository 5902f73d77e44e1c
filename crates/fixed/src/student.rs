//! The tail of Student's t with three degrees of freedom.
//!
//! With `theta = atan(x / sqrt 3)` the distribution function is `1/2 + (2 theta + sin 2 theta) / (2 pi)`. Beyond
//! `x = sqrt 3` the complement `psi = pi / 2 - theta` gives the tail as `(2 psi - sin 2 psi) / (2 pi)`, a series without
//! cancellation. Angles are taken in steps of 2^-60, coarse enough for the rounding of the series not to show: monotone.

use crate::{
    atan::atan_fraction,
    limb::{WAD64, horner, mul_hi, mul_hi_nearest, ratio, wide_mul},
};

/// sqrt 3 in wei, rounded down.
const ROOT_3: u64 = 1_732_050_807_568_877_293;
/// 4 sqrt 3 in wei.
const FOUR_ROOTS: u64 = 6_928_203_230_275_509_174;
/// 2 / pi and 2 / (3 pi) times 2^64.
const TWO_BY_PI: u64 = 0xa2f9_836e_4e44_152a;
const TWO_BY_3_PI: u64 = 0x3653_2bcf_6f6c_070e;
/// 6 * 4^k / (2k + 3)! times 2^64, for k = 1 to 10.
const SERIES: [u64; 10] = [
    0x3333_3333_3333_3333,
    0x04e0_4e04_e04e_04e0,
    0x0045_59aa_f004_559b,
    0x0002_8596_81be_fe75,
    0x0000_108d_b48e_be52,
    0x0000_0050_b7db_b59b,
    0x0000_0001_2fe1_5942,
    0x0000_0000_038d_dd1d,
    0x0000_0000_0008_aa56,
    0x0000_0000_0000_1189,
];

/// Steps of 16, at their middle.
#[inline]
const fn coarse(angle: u64) -> u64 {
    (angle & !15) | 8
}

/// `(2 a - sin 2 a) / (2 pi)` for an angle up to pi / 4, all times 2^64.
fn tail(angle: u64) -> u64 {
    let square = mul_hi(angle, angle);
    let c = SERIES;
    let sum = horner!(- square 0 [c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9]]);
    // 2 / (3 pi) * a^3 * (1 - a^2 * sum), each product of growing factors.
    let reduced = angle - mul_hi(angle, mul_hi(square, sum));
    wide_mul(TWO_BY_3_PI, mul_hi(angle, mul_hi(angle, reduced))).0
}

/// `P(T > x)` for Student's t with three degrees of freedom, a WAD of a WAD, within 1.2 wei. Total, monotone;
/// `student_t3_tail_wad(x) + student_t3_tail_wad(-x)` is one.
#[must_use]
pub fn student_t3_tail_wad(x: i128) -> u128 {
    let size = x.unsigned_abs();
    let upper = if size <= u128::from(ROOT_3) {
        // 2^64 / (1e18 * sqrt 3) = 10.650232...
        let wei = size as u64;
        let angle = coarse(atan_fraction(wei * 10 + mul_hi(wei, 0xa675_a5bb_028a_f045)));
        WAD64 / 2 - mul_hi_nearest(wide_mul(angle, TWO_BY_PI).0 - tail(angle), WAD64)
    } else if size >> 100 != 0 {
        0
    } else {
        mul_hi_nearest(tail(coarse(atan_fraction(ratio(FOUR_ROOTS, 4 * size)))), WAD64)
    };
    u128::from(if x < 0 { WAD64 - upper } else { upper })
}

#[cfg(test)]
mod tests {
    use plimsoll_exact::Real;

    use super::*;

    #[test]
    fn constants_are_what_they_are_said_to_be() {
        let (scale, wei) = (Real::uint(1 << 64), Real::int(i128::from(WAD64)));
        let root = Real::int(3).sqrt();
        assert_eq!((root.clone() * wei.clone()).floor(), ROOT_3.into());
        assert_eq!((root * wei * Real::int(4)).round(), FOUR_ROOTS.into());
        assert_eq!((scale.clone() * Real::int(2) / Real::pi()).round(), TWO_BY_PI.into());
        assert_eq!((scale.clone() * Real::int(2) / (Real::int(3) * Real::pi())).round(), TWO_BY_3_PI.into());
        let mut exact = scale;
        for (k, entry) in (1i128..).zip(SERIES) {
            exact = exact * Real::int(4) / Real::int((2 * k + 2) * (2 * k + 3));
            assert_eq!(exact.round(), entry.into(), "{k}");
        }
    }
}
