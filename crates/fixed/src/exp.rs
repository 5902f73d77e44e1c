//! The exponential function.
//!
//! `exp(x) = 2^k * exp(j/64) * exp(s)` with `0 <= s < 1/64`: a shift, a table, eight terms of the series. The mantissa
//! carries 64 bits; its relative error stays below 3.5e-19, less than half of what one wei of `x` changes, so that the
//! function is monotone across the seams of the table and of the powers of two.

use crate::{
    Overflow,
    limb::{WAD64, fraction_of_wad, horner, mul_hi, product},
};

/// exp(j / 64) times 2^63, to nearest; checked against a high-precision library in the tests.
#[rustfmt::skip]
const EXP: [u64; 45] = [
    0x8000_0000_0000_0000, 0x8204_055a_aef1_c8bd, 0x8410_2b00_893f_64c7, 0x8624_91b4_14f4_5e15,
    0x8841_5abb_e9a7_6beb, 0x8a66_a7e4_c4e6_b22b, 0x8c94_9b83_a706_6b45, 0x8ecb_5877_f873_c9e9,
    0x910b_022d_b7ae_67ce, 0x9353_bc9f_b00b_215b, 0x95a5_ac59_b963_ca81, 0x9800_f67b_00d7_b806,
    0x9a65_c0b8_5ac1_a96a, 0x9cd4_315e_9e08_32fc, 0x9f4c_6f55_08ee_5d52, 0xa1ce_a21f_af8a_c772,
    0xa45a_f1e1_f40c_333b, 0xa6f1_8761_08f3_009e, 0xa992_8c06_7d67_bb65, 0xac3e_29e2_d3d7_813b,
    0xaef4_8bb0_22ff_a9db, 0xb1b5_dcd4_c192_c269, 0xb482_4965_fca1_967f, 0xb759_fe2a_d8f3_ada5,
    0xba3d_289e_df7b_5312, 0xbd2b_f6f4_f511_ef1a, 0xc026_981a_3daa_2e5d, 0xc32d_3bb9_0b26_2a0b,
    0xc640_123b_d800_7ee1, 0xc95f_4cd0_4df7_fdba, 0xcc8b_1d6a_58ee_609c, 0xcfc3_b6c7_462b_3283,
    0xd309_4c70_f034_de4c, 0xd65c_12c0_f772_a299, 0xd9bc_3ee4_07ca_f517, 0xdd2a_06dd_2b72_af4b,
    0xe0a5_a189_2b22_3222, 0xe42f_46a1_fbe6_83dd, 0xe7c7_2ec2_3ac5_45bf, 0xeb6d_9368_b66b_3bf2,
    0xef22_aefc_071e_02e5, 0xf2e6_bcce_352a_7191, 0xf6b9_f920_6e0a_0fc4, 0xfa9c_a126_c87a_f32c,
    0xfe8e_f30c_17c6_44e9,
];

/// 1 / n! times 2^64, for n = 2 to 8.
const FACTORIALS: [u64; 7] = [
    0x8000_0000_0000_0000,
    0x2aaa_aaaa_aaaa_aaab,
    0x0aaa_aaaa_aaaa_aaab,
    0x0222_2222_2222_2222,
    0x005b_05b0_5b05_b05b,
    0x000d_00d0_0d00_d00d,
    0x0001_a01a_01a0_1a02,
];

/// ln 2 times 2^64.
pub(crate) const LN2: u64 = 0xb172_17f7_d1cf_79ac;
/// ln 2 in wei, its whole part, and the rest times 2^56.
const LN2_WEI: u64 = 693_147_180_559_945_309;
const LN2_REST: i64 = 30_064_742_827_616_728;
/// 2^86 / (ln 2 * 1e18), rounded down.
const INVERSE_LN2: i64 = 111_623_122;

/// `exp(r / 2^64)` times 2^63, for `r` below ln 2.
#[inline]
pub(crate) fn mantissa(r: u64) -> u64 {
    let head = EXP[(r >> 58) as usize % EXP.len()];
    // s times 2^69: room for exp(s) - 1 below 2^-5.
    let s = (r << 6) >> 1;
    let f = FACTORIALS;
    let sum = horner!(+ s 5 [f[0], f[1], f[2], f[3], f[4], f[5], f[6]]);
    let growth = s + (mul_hi(s, mul_hi(s, sum)) >> 5);
    head + (mul_hi(head, growth) >> 5)
}

/// `floor(x / ln 2)` for a WAD, and the rest as a fraction of 2^64. Needs `|x| < 2^66`.
#[inline]
fn reduce(x: i128) -> (i64, u64) {
    // The cut and rounded factors are off by less than 2^34 of 2^54: added, the guess is never too small, and seldom
    // (one time in a million) too large.
    let mut k = (((x >> 32) as i64) * INVERSE_LN2 + (1 << 34)) >> 54;
    loop {
        // k * ln 2 in wei, rounded up to `edge`, and what it was rounded up by.
        let rest = k * LN2_REST;
        let (whole, part) = (rest >> 56, rest & ((1 << 56) - 1));
        let up = (part != 0) as i64;
        let edge = (k as u64).wrapping_mul(LN2_WEI).wrapping_add((whole + up) as u64);
        let above = (x as u64).wrapping_sub(edge) as i64;
        if above < 0 {
            k -= 1;
            continue;
        }
        let lack = ((up << 56) - part) as u64;
        // 2^64 / 1e18 * 2^28 = 4951760157.14...
        return (k, fraction_of_wad(above as u64) + (((lack >> 28) * 4_951_760_157) >> 56));
    }
}

/// `e^x` for a WAD, to nearest with an error below 0.51 wei + 3.5e-19 of the result; monotone; `exp_wad(0)` is one.
///
/// # Errors
/// [`Overflow`] when the result does not fit, from about 47.276 on.
pub fn exp_wad(x: i128) -> Result<u128, Overflow> {
    if x < -42_139_678_854_452_767_622 {
        return Ok(0);
    }
    if x > 47_276_307_437_780_177_294 {
        return Err(Overflow);
    }
    let (k, r) = reduce(x);
    let wei = product(mantissa(r), WAD64);
    if k <= 62 {
        return Ok(((wei >> (62 - k)) + 1) >> 1);
    }
    let shift = (k - 63) as u32;
    if shift > 0 && wei >> (128 - shift) != 0 { Err(Overflow) } else { Ok(wei << shift) }
}

#[cfg(test)]
mod tests {
    use plimsoll_exact::Real;

    use super::*;

    #[test]
    fn constants_are_what_they_are_said_to_be() {
        let scale = Real::uint(1 << 63);
        for (j, entry) in EXP.into_iter().enumerate() {
            assert_eq!(
                ((Real::int(j as i128) / Real::int(64)).exp() * scale.clone()).round(),
                u128::from(entry),
                "{j}"
            );
        }
        let mut factorial = 1;
        for (i, entry) in FACTORIALS.into_iter().enumerate() {
            factorial *= i as i128 + 2;
            assert_eq!((Real::uint(1 << 64) / Real::int(factorial)).round(), u128::from(entry), "{i}");
        }
        let ln2 = Real::int(2).ln();
        assert_eq!((ln2.clone() * Real::uint(1 << 64)).round(), u128::from(LN2));
        let wei = ln2.clone() * Real::int(i128::from(WAD64));
        assert_eq!(wei.floor(), u128::from(LN2_WEI));
        let rest = (wei.clone() - Real::uint(u128::from(LN2_WEI))) * Real::uint(1 << 56);
        assert_eq!(rest.round(), LN2_REST as u128);
        assert_eq!((Real::uint(1 << 86) / wei).floor(), INVERSE_LN2 as u128);
    }
}
