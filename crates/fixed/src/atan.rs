//! The arctangent.
//!
//! For `v` below one, `atan v = atan c + atan((v - c) / (1 + v c))` with `c` the next lower 32nd: one division, six terms
//! of the series, cut off at the next 32nd's so that it is monotone across the seam. Above one, `pi / 2 - atan(1 / x)`.

use crate::limb::{WAD64, div_2_by_1, fraction_of_wad, horner, mul_hi, mul_hi_nearest, ratio, wide_mul};

/// atan(k / 32) times 2^64, to nearest; checked against a high-precision library in the tests.
#[rustfmt::skip]
const ATAN: [u64; 33] = [
    0x0000_0000_0000_0000, 0x07ff_556e_ea5d_892a, 0x0ffa_addb_967e_f4e3, 0x17ee_1826_02f1_0e8c,
    0x1fd5_ba9a_ac2f_6dc6, 0x27ad_ddd1_8cc4_d8b1, 0x2f72_f697_9cb6_044d, 0x3721_aea5_24c1_4409,
    0x3eb6_ebf2_5901_bac5, 0x462f_d68c_2fc5_e098, 0x4d89_dcdc_1faf_2f35, 0x54c2_b665_4735_276d,
    0x5bd8_6507_937b_c23a, 0x62c9_34e5_286c_95b7, 0x6993_bb0f_308f_f2db, 0x7036_d325_3b27_be34,
    0x76b1_9c15_86ed_3da3, 0x7d03_742d_5050_5f2e, 0x832b_f4a6_d986_7e2a, 0x892a_ecdf_de95_47b5,
    0x8f00_5d5e_f7f5_9f9b, 0x94ac_72c9_8471_86f6, 0x9a2f_80e6_71bd_da20, 0x9f89_fdc4_f4b7_a1ed,
    0xa4bc_7d19_34f7_0924, 0xa9c7_abdc_4830_f5c9, 0xaeac_4c38_b4d8_c080, 0xb36b_31c9_1f04_3691,
    0xb805_3e2b_c231_9e74, 0xbc7b_5dea_e98a_f281, 0xc0ce_85b8_ac52_6641, 0xc4ff_affa_bf8f_bd55,
    0xc90f_daa2_2168_c235,
];

/// 1/3, 1/5, 1/7, 1/9, 1/11 times 2^64.
const ODDS: [u64; 5] = [
    0x5555_5555_5555_5555,
    0x3333_3333_3333_3333,
    0x2492_4924_9249_2492,
    0x1c71_c71c_71c7_1c72,
    0x1745_d174_5d17_45d1,
];

/// The arctangent of a fraction of 2^64, in 2^-64: within four units, monotone.
pub(crate) fn atan_fraction(v: u64) -> u64 {
    let cell = (v >> 59) as usize;
    let c = v & !((1 << 59) - 1);
    let above = v - c;
    let t = div_2_by_1(above >> 1, above << 63, (1 << 63) | (mul_hi(v, c) >> 1));
    let square = mul_hi(t, t);
    let odd = ODDS;
    let sum = horner!(- square 0 [odd[0], odd[1], odd[2], odd[3], odd[4]]);
    // Exactly rounded, the last product grows by at most one unit when t does: the difference never falls.
    let angle = ATAN[cell] + t - wide_mul(t, mul_hi(square, sum)).0;
    if angle < ATAN[cell + 1] { angle } else { ATAN[cell + 1] }
}

/// The arctangent of a WAD, a WAD in radians, to nearest with an error below 0.8 wei. Total, odd, monotone.
#[must_use]
pub fn atan_wad(x: i128) -> i128 {
    let size = x.unsigned_abs();
    let angle = if size < u128::from(WAD64) {
        mul_hi_nearest(atan_fraction(fraction_of_wad(size as u64)), WAD64)
    } else {
        // pi / 2 may exceed 2^64: halved, then doubled with the scale.
        let half = ATAN[32] - atan_fraction(ratio(WAD64, size)).div_ceil(2);
        mul_hi_nearest(half, 2 * WAD64)
    };
    let angle = i128::from(angle);
    if x < 0 { -angle } else { angle }
}

#[cfg(test)]
mod tests {
    use plimsoll_exact::Real;
    use proptest::prelude::*;

    use super::*;

    fn check_fraction(v: u64) {
        let got = atan_fraction(v);
        let exact = (Real::uint(v.into()) / Real::uint(1 << 64)).atan() * Real::uint(1 << 64);
        assert!((exact - Real::uint(got.into())).abs() <= Real::int(4), "{v}");
        assert!(got <= atan_fraction(v.saturating_add(1)), "{v}");
    }

    #[test]
    fn atan_fraction_is_within_its_bound_and_monotone_at_the_seams() {
        for edge in (0..32u64).map(|cell| cell << 59) {
            (0..4).for_each(|off| check_fraction(edge + off));
            (0..4).for_each(|off| check_fraction(edge + ((1 << 59) - 1 - off)));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn atan_fraction_is_within_its_bound_and_monotone(v: u64, cut in 0u32..64) {
            check_fraction(v);
            check_fraction(v >> cut);
        }
    }

    #[test]
    fn constants_are_what_they_are_said_to_be() {
        let scale = Real::uint(1 << 64);
        for (k, entry) in ATAN.into_iter().enumerate() {
            assert_eq!(
                ((Real::int(k as i128) / Real::int(32)).atan() * scale.clone()).round(),
                entry.into(),
                "{k}"
            );
        }
        for (odd, entry) in (3..).step_by(2).zip(ODDS) {
            assert_eq!((scale.clone() / Real::int(odd)).round(), entry.into(), "{odd}");
        }
    }
}
