//! Logarithms.
//!
//! `x = 2^e * m`, `ln m = ln z - ln c` with `c` a 16-bit reciprocal of the cell (64 of them) in which `m` lies and
//! `z = m * c` between 1 and 1 + 2^-5: a product without rounding, a table, ten terms of the series. The sum is kept in
//! 512ths of a wei and rounded once.

use crate::{
    Overflow,
    limb::{horner, mul_hi, wide_mul},
};

/// 2^15 / (1 + j / 64), rounded up.
#[rustfmt::skip]
const RECIPROCALS: [u16; 64] = [
    32768, 32264, 31776, 31301, 30841, 30394, 29960, 29538, 29128, 28729, 28340, 27963,
    27595, 27236, 26887, 26547, 26215, 25891, 25576, 25267, 24967, 24673, 24386, 24106,
    23832, 23564, 23302, 23046, 22796, 22551, 22311, 22076, 21846, 21621, 21400, 21184,
    20972, 20764, 20561, 20361, 20165, 19973, 19785, 19600, 19419, 19240, 19066, 18894,
    18725, 18559, 18397, 18237, 18079, 17925, 17773, 17624, 17477, 17332, 17190, 17051,
    16913, 16778, 16645, 16514,
];

/// -ln(RECIPROCALS / 2^15) in 16ths of a wei, to nearest; checked against a high-precision library in the tests.
#[rustfmt::skip]
const LOGS: [u64; 64] = [
    0x0000_0000_0000_0000, 0x0371_1818_dc40_e104, 0x06d3_6e7c_6553_8360, 0x0a2b_9066_e5a9_c1cd,
    0x0d75_228f_340e_151a, 0x10b3_08ed_b5e5_dff7, 0x13e4_8f79_3d07_9340, 0x170a_eaf4_fec6_6940,
    0x1a25_74aa_f37a_57c3, 0x1d35_7cfb_c5a3_aca2, 0x203c_6cc9_f511_9b36, 0x2335_ac6c_6971_1177,
    0x2626_b688_9c3b_f002, 0x290f_136a_97df_4482, 0x2bec_2b86_c51f_3421, 0x2ebf_9167_5cb6_1574,
    0x318a_f0fa_b8fe_eb32, 0x344d_dda9_7b2e_7964, 0x3705_afbf_2a3f_eb90, 0x39b8_a168_9eab_a7e6,
    0x3c5f_9507_7139_f5fd, 0x3f00_eaa4_a72b_0cb9, 0x419a_00de_f47f_cea3, 0x442a_7492_772a_4007,
    0x46b4_439d_f11c_9757, 0x4937_1c8f_ba6f_f93a, 0x4bb2_ac81_4512_81a4, 0x4e26_9f26_d4f0_f026,
    0x5092_9ee1_1014_fb56, 0x52f8_da16_d090_c2a6, 0x5559_0d7a_271a_19a7, 0x57b2_f493_7c46_adbf,
    0x5a06_49cc_7f43_6bba, 0x5c52_c67c_5651_62cb, 0x5e9a_caf0_0672_6368, 0x60db_745d_fef7_5540,
    0x6317_2f05_9909_a8ef, 0x654d_c530_85e5_95f1, 0x677c_3c86_3280_442f, 0x69a7_de2a_51e3_be7d,
    0x6bcd_b511_21a3_091f, 0x6ded_8836_6c7a_23e2, 0x7007_1dd8_9d52_940b, 0x721d_21f0_5d46_1a43,
    0x742c_80c2_3492_cd27, 0x763a_e71a_ac5d_e2e0, 0x783f_505c_5234_578f, 0x7a42_7133_f8cd_819f,
    0x7c41_2c71_8269_bb5a, 0x7e3b_58a1_fb4d_b49c, 0x802d_b4bf_7362_773f, 0x821e_3d55_835f_cc2a,
    0x840c_dc26_b1aa_c8a3, 0x85f3_22cc_3880_b45b, 0x87d7_35f5_2b8d_5bd0, 0x89b5_c43c_a1c6_f8d8,
    0x8b91_e150_5a62_f4a6, 0x8d6b_749f_1f53_99f1, 0x8f3f_16a3_03d9_d9da, 0x910c_9925_9ff3_6be2,
    0x92da_8651_70bb_5de8, 0x94a2_1221_b8f9_6d90, 0x9666_777d_817e_db3b, 0x9827_9b7c_00d3_cc80,
];

/// ln 2 in 2^-25 wei: the bits from 42 on, and those below.
const LN2_HI: i64 = 5_288_293_308_715;
const LN2_LO: i64 = 1_772_661_088_115;
/// ln 1e18 in 512ths of a wei.
const LN_WAD: i128 = 21_220_624_217_033_125_023_910;
/// log2 1e18 in 512ths of a wei.
const LOG2_WAD: i128 = 30_614_889_322_481_931_397_973;
/// 1 / ln 2 - 1, times 2^64.
const LOG2_E: u64 = 0x7154_7652_b82f_e177;
/// 512e18 / 2^27.
const LOG2_2: i64 = 3_814_697_265_625;
/// 16ths of a wei in one.
const SIXTEENTHS: u64 = 16_000_000_000_000_000_000;

/// `x = m / 2^63 * 2^e` with the top bit of `m` set; bits below the 64th are dropped.
#[inline]
const fn normalise(x: u128) -> (i64, u64) {
    let (hi, lo) = ((x >> 64) as u64, x as u64);
    if hi == 0 {
        let zeros = lo.leading_zeros();
        (63 - zeros as i64, lo << zeros)
    } else {
        let zeros = hi.leading_zeros();
        (127 - zeros as i64, (hi << zeros) | ((lo >> 1) >> (63 - zeros)))
    }
}

/// `ln(m / 2^63)` in 512ths of a wei, for `m` with its top bit set: within 20 of the truth, monotone.
#[inline]
fn mantissa(m: u64) -> u128 {
    let cell = (m >> 57) as usize % 64;
    let reciprocal = u64::from(RECIPROCALS[cell]);
    // m * reciprocal is below 2^79 and at least 2^78; what is above 2^78, times 2^69.
    let t = (((m >> 32) * reciprocal - (1 << 46)) << 23) + (((m & 0xffff_ffff) * reciprocal) >> 9);
    let n = INVERSES;
    let sum = horner!(- t 5 [n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8]]);
    let log = t - (mul_hi(t, mul_hi(t, sum)) >> 5);
    (u128::from(LOGS[cell]) << 5) + u128::from(mul_hi(log, SIXTEENTHS))
}

/// 1 / n times 2^64, for n = 2 to 10.
const INVERSES: [u64; 9] = [
    0x8000_0000_0000_0000,
    0x5555_5555_5555_5555,
    0x4000_0000_0000_0000,
    0x3333_3333_3333_3333,
    0x2aaa_aaaa_aaaa_aaab,
    0x2492_4924_9249_2492,
    0x2000_0000_0000_0000,
    0x1c71_c71c_71c7_1c72,
    0x1999_9999_9999_999a,
];

/// `ln x` of a WAD in 512ths of a wei, within 90 of the truth; `x` not zero.
#[inline]
pub(crate) fn ln_fine(x: u128) -> i128 {
    let (e, m) = normalise(x);
    let doublings = (((e * LN2_HI) as i128) << 42) + (e * LN2_LO) as i128;
    (doublings >> 16) - LN_WAD + mantissa(m) as i128
}

/// The natural logarithm of a WAD, to nearest with an error below 0.7 wei; monotone; `ln_wad(1e18)` is zero.
///
/// # Errors
/// [`Overflow`] when `x` is zero.
pub fn ln_wad(x: u128) -> Result<i128, Overflow> {
    if x == 0 { Err(Overflow) } else { Ok((ln_fine(x) + 256) >> 9) }
}

/// The logarithm to base 2 of a WAD, to nearest with an error below 0.8 wei; monotone; exact at powers of two.
///
/// # Errors
/// [`Overflow`] when `x` is zero.
pub fn log2_wad(x: u128) -> Result<i128, Overflow> {
    if x == 0 {
        return Err(Overflow);
    }
    let (e, m) = normalise(x);
    let ln = mantissa(m);
    let (more, _) = wide_mul((ln >> 5) as u64, LOG2_E);
    let part = ln + (u128::from(more) << 5);
    Ok(((((e * LOG2_2) as i128) << 27) - LOG2_WAD + part as i128 + 256) >> 9)
}

#[cfg(test)]
mod tests {
    use plimsoll_exact::Real;
    use proptest::prelude::*;

    use super::*;
    use crate::WAD;

    /// Whether `got` is `ln(x / one)` within `bound`, both in 512ths of a wei.
    fn is_ln(x: u128, one: u128, got: i128, bound: i128) -> bool {
        let exact = (Real::uint(x) / Real::uint(one)).ln() * Real::uint(512 * WAD);
        (exact - Real::int(got)).abs() <= Real::int(bound)
    }

    fn check_mantissa(m: u64) {
        let got = mantissa(m);
        assert!(is_ln(m.into(), 1 << 63, got as i128, 20), "{m}");
        assert!(got <= mantissa(m.saturating_add(1)), "{m}");
    }

    #[test]
    fn mantissa_is_within_its_bound_and_monotone_at_the_seams() {
        for edge in (64..128u64).map(|cell| cell << 57) {
            (0..3).for_each(|off| check_mantissa(edge + off));
            // the last of the cell
            (0..3).for_each(|off| check_mantissa(edge + ((1 << 57) - 1 - off)));
        }
    }

    #[test]
    fn ln_fine_is_within_its_bound_at_the_seams() {
        for bit in 6..128 {
            for edge in (64..128u128).map(|cell| cell << (bit - 6)) {
                // the most that is dropped beyond 64 bits, too
                let dropped = (1u128 << bit) >> 63;
                for x in [edge - 1, edge, edge + 1, (edge + dropped).saturating_sub(1)] {
                    assert!(is_ln(x, WAD, ln_fine(x), 90), "{x}");
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn mantissa_and_ln_fine_are_within_their_bounds(m in 1u64 << 63.., x in 1u128.., cut in 0u32..128) {
            check_mantissa(m);
            let x = (x >> cut).max(1);
            prop_assert!(is_ln(x, WAD, ln_fine(x), 90), "{}", x);
        }
    }

    #[test]
    fn constants_are_what_they_are_said_to_be() {
        let wei = Real::int(1_000_000_000_000_000_000);
        for (j, (reciprocal, log)) in RECIPROCALS.into_iter().zip(LOGS).enumerate() {
            assert_eq!(reciprocal, (64u32 << 15).div_ceil(64 + j as u32) as u16, "{j}");
            let exact =
                (Real::int(1 << 15) / Real::int(reciprocal.into())).ln() * wei.clone() * Real::int(16);
            assert_eq!(exact.round(), log.into(), "{j}");
        }
        for (n, inverse) in (2..).zip(INVERSES) {
            assert_eq!((Real::uint(1 << 64) / Real::int(n)).round(), inverse.into(), "{n}");
        }
        let ln2 = Real::int(2).ln();
        let ln2_wei = ln2.clone() * wei.clone() * Real::int(1 << 25);
        assert_eq!(ln2_wei.round(), ((LN2_HI as u128) << 42) + LN2_LO as u128);
        assert_eq!((wei.ln() * wei.clone() * Real::int(512)).round(), LN_WAD as u128);
        assert_eq!((wei.log2() * wei.clone() * Real::int(512)).round(), LOG2_WAD as u128);
        assert_eq!(((Real::int(1) / ln2 - Real::int(1)) * Real::uint(1 << 64)).round(), LOG2_E.into());
        assert_eq!(i128::from(LOG2_2) << 27, 512_000_000_000_000_000_000);
    }
}
