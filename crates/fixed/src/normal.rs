//! The normal distribution.
//!
//! The area from `a`, the next lower eighth, to `x = a + h` is `density(a) * (h - a h^2 / 2 + ...)`, the series of
//! `exp(-a s - s^2 / 2)` integrated term by term; its terms obey a recurrence of two steps. Tables hold area and density
//! at the eighths. The area is cut off at the next eighth's, which makes it monotone across the seam; within a cell the
//! integral grows by at least six units of 2^-64 for a wei, and its rounding is below four.

use crate::{
    exp::{LN2, mantissa},
    limb::{WAD64, fraction_of_wad, mul_hi, mul_hi_nearest, product, signed_mul_62, wide_mul},
};

/// Area from zero to k / 8 times 2^64, to nearest; checked against a high-precision library in the tests.
#[rustfmt::skip]
const AREA: [u64; 73] = [
    0x0000_0000_0000_0000, 0x0cbb_a4f1_01a5_6606, 0x1944_d158_b76b_61a8, 0x256b_61bf_85f6_f39b,
    0x3103_af11_9563_b6f3, 0x3be8_5f53_86cd_80b1, 0x45fb_bff5_298b_6496, 0x4f28_9614_feb6_8c1f,
    0x5762_5e89_069b_e9a5, 0x5ea5_04be_0c9e_8efe, 0x64f4_22ed_4563_d6bb, 0x6a59_e69c_236d_fa07,
    0x6ee5_b927_69b8_1162, 0x72aa_cd20_2d83_e8fa, 0x75be_aedf_5d54_91ac, 0x7837_f1ac_4d02_6145,
    0x7a2d_0c1f_4d89_e81a, 0x7bb3_6f12_031f_f615, 0x7cde_db61_bc59_3db6, 0x7dc0_f4bc_6c9a_d046,
    0x7e69_0b1a_81b6_31ba, 0x7ee4_1193_f820_eb9c, 0x7f3c_b7de_5b09_bfea, 0x7f7b_9bb7_8c19_2049,
    0x7fa7_8878_19e9_28a5, 0x7fc5_bca1_6a3e_4525, 0x7fda_2f20_505f_97f3, 0x7fe7_cfe4_1bf6_8540,
    0x7ff0_c121_b6a4_4116, 0x7ff6_8804_01e7_70c4, 0x7ffa_349a_a6d3_48c8, 0x7ffc_8191_338b_6b79,
    0x7ffd_eca5_0d56_a001, 0x7ffe_c901_5132_72e2, 0x7fff_4cad_21a0_6dd9, 0x7fff_9a22_92e8_f65d,
    0x7fff_c6ff_1ae4_58a0, 0x7fff_e093_8f82_db4f, 0x7fff_eeef_a925_fc34, 0x7fff_f6df_5b31_2727,
    0x7fff_fb30_d743_7b32, 0x7fff_fd81_0ae4_e25b, 0x7fff_feb9_5e93_2849, 0x7fff_ff5b_8a39_aaa4,
    0x7fff_ffae_70c1_58e0, 0x7fff_ffd8_2997_5b72, 0x7fff_ffec_d5ca_1cca, 0x7fff_fff6_eb64_e444,
    0x7fff_fffb_c33c_43fe, 0x7fff_fffe_0d76_2b79, 0x7fff_ffff_1e59_eb86, 0x7fff_ffff_9b6a_40f4,
    0x7fff_ffff_d3d7_f69a, 0x7fff_ffff_ece8_ea96, 0x7fff_ffff_f7df_43b1, 0x7fff_ffff_fc97_91ff,
    0x7fff_ffff_fe97_c3ca, 0x7fff_ffff_ff6d_84fb, 0x7fff_ffff_ffc5_5838, 0x7fff_ffff_ffe8_ded8,
    0x7fff_ffff_fff7_04b8, 0x7fff_ffff_fffc_90c6, 0x7fff_ffff_fffe_b4ec, 0x7fff_ffff_ffff_853c,
    0x7fff_ffff_ffff_d32c, 0x7fff_ffff_ffff_efe2, 0x7fff_ffff_ffff_fa4b, 0x7fff_ffff_ffff_fe03,
    0x7fff_ffff_ffff_ff51, 0x7fff_ffff_ffff_ffc5, 0x7fff_ffff_ffff_ffec, 0x7fff_ffff_ffff_fffa,
    0x7fff_ffff_ffff_fffe,
];

/// Density at k / 8 times 2^64, to nearest; checked as well.
#[rustfmt::skip]
const DENSITY: [u64; 73] = [
    0x6621_14cf_50d9_4234, 0x6555_9e5f_f3b5_4d37, 0x62fc_ae84_12fb_31c9, 0x5f31_e53b_058c_0149,
    0x5a20_f408_821a_b0a5, 0x5402_5b73_bf5f_20f7, 0x4d17_57be_b4d0_5237, 0x45a5_6578_bfca_16b7,
    0x3df1_cb1c_662e_6ee2, 0x363d_8c40_648e_ead3, 0x2ec2_1728_63e1_8f4f, 0x27ae_e242_9f4b_1a6b,
    0x2128_10ad_a43d_08d6, 0x1b46_1789_64b2_0e11, 0x1616_4536_bf16_2bc5, 0x119b_fa35_16da_dc9f,
    0x0dd2_5a1b_741d_6a37, 0x0aae_39fb_3b9d_880e, 0x0820_16fe_9ee0_d0d9, 0x0615_ea50_a0d4_0300,
    0x047c_bc15_5fd4_9589, 0x0341_e457_d3a6_48f2, 0x0253_f4a9_8c68_3c7e, 0x01a3_4ea5_7d8c_e35b,
    0x0122_7213_fd77_688a, 0x00c6_1113_6bd7_29af, 0x0084_f9c7_0c51_4102, 0x0057_e43d_b3a1_ecdd,
    0x0039_312f_a28f_cc3e, 0x0024_a37e_f456_1f5b, 0x0017_1b92_ecaa_a791, 0x000e_5910_3969_051c,
    0x0008_c54c_7160_5a5a, 0x0005_473e_97b1_739f, 0x0003_2095_fbbd_1994, 0x0001_d2fa_4448_6e8e,
    0x0001_0c29_a533_d0bc, 0x0000_979a_fd8e_9e83, 0x0000_5461_91be_ec32, 0x0000_2e3c_aeee_7617,
    0x0000_18f1_6964_c8fd, 0x0000_0d3f_443c_bdfc, 0x0000_06ed_2a2f_899b, 0x0000_0390_bf3c_0c18,
    0x0000_01ce_8ec3_9251, 0x0000_00e6_c751_5a0f, 0x0000_0071_5ac9_314d, 0x0000_0036_d091_653a,
    0x0000_001a_1880_fbd1, 0x0000_000c_3b16_d17f, 0x0000_0005_a4c2_a194, 0x0000_0002_904f_db15,
    0x0000_0001_2585_56ae, 0x0000_0000_813c_489c, 0x0000_0000_3804_f9b6, 0x0000_0000_17e7_fa23,
    0x0000_0000_0a0b_31fa, 0x0000_0000_0427_7e18, 0x0000_0000_01b1_0f58, 0x0000_0000_00ad_9c42,
    0x0000_0000_0044_8521, 0x0000_0000_001a_9fbf, 0x0000_0000_000a_2f42, 0x0000_0000_0003_d5e7,
    0x0000_0000_0001_6c0e, 0x0000_0000_0000_84e3, 0x0000_0000_0000_2fc1, 0x0000_0000_0000_10e5,
    0x0000_0000_0000_05e2, 0x0000_0000_0000_0205, 0x0000_0000_0000_00ae, 0x0000_0000_0000_003a,
    0x0000_0000_0000_0013,
];

/// An eighth, in wei.
const EIGHTH: u64 = WAD64 / 8;
/// From here on the upper tail is below half a wei: 8.8351...
const LAST: u64 = 8_835_109_788_175_395_787;
/// Beyond this the density is below half a wei: 9.0797...
const LAST_DENSITY: u64 = 9_079_729_106_228_675_904;
/// 32e18 / sqrt(2 pi)
const PEAK: u64 = 12_766_152_972_845_845_694;

/// The area under the density from zero to `x`, times 2^64; `x` at most `LAST`.
fn area(x: u64) -> u64 {
    let cell = x / EIGHTH;
    let h = fraction_of_wad(x % EIGHTH);
    // a * h and h * h, times 2^62.
    let u = ((((h >> 32) * cell) << 27) + (((h & 0xffff_ffff) * cell) >> 5)) as i64;
    let v = (mul_hi(h, h) >> 2) as i64;
    // Term n is h^n times the n-th coefficient of exp(-a s - s^2 / 2); the sum is of term n over n + 1.
    let (mut before, mut term) = (0i64, 1i64 << 62);
    let mut sum = term;
    let mut n = 1;
    while n < 14 {
        let next = -(signed_mul_62(u, term) + signed_mul_62(v, before)) / n;
        before = term;
        term = next;
        n += 1;
        sum += term / n;
    }
    // h is below 1/8, its integral h * sum.
    let integral = mul_hi(h << 2, sum as u64);
    let cell = cell as usize % (AREA.len() - 1);
    let area = AREA[cell] + mul_hi(DENSITY[cell], integral);
    if area < AREA[cell + 1] { area } else { AREA[cell + 1] }
}

/// The normal distribution function of a WAD as a WAD, to nearest with an error below 0.8 wei.
///
/// Total: zero below -8.84, one above 8.84. Monotone; `normal_cdf_wad(x) + normal_cdf_wad(-x)` is one.
#[must_use]
pub fn normal_cdf_wad(x: i128) -> u128 {
    let size = x.unsigned_abs();
    let area = if size >= u128::from(LAST) { WAD64 / 2 } else { mul_hi_nearest(area(size as u64), WAD64) };
    u128::from(if x < 0 { WAD64 / 2 - area } else { WAD64 / 2 + area })
}

/// The normal density of a WAD as a WAD, to nearest with an error below one wei.
///
/// Total: zero beyond 9.08 on either side. Even, and monotone on either side.
#[must_use]
pub fn normal_pdf_wad(x: i128) -> u128 {
    let size = x.unsigned_abs();
    if size > u128::from(LAST_DENSITY) {
        return 0;
    }
    // x times 2^60, then x^2 / 2 times 2^64, in steps of 16: coarse enough for the rounding of exp not to show.
    let x = size as u64;
    let x = x + wide_mul(x, 0x2725_dd1d_243a_ba0e).0;
    let z = ((product(x, x) >> 57) & !15) | 8;
    // exp(-z) = 2^-(k + 1) * exp((k + 1) ln 2 - z)
    let mut k = ((((z >> 32) as u64) * 24_204_406) >> 56) as u32;
    let mut rest = z - product(u64::from(k), LN2);
    if rest >= u128::from(LN2) {
        k += 1;
        rest -= u128::from(LN2);
    }
    let wei = product(mantissa((LN2 - 1).saturating_sub(rest as u64)), PEAK);
    // 2^63 of the mantissa, 2^5 of the peak.
    ((wei >> (68 + k)) + 1) >> 1
}

#[cfg(test)]
mod tests {
    use plimsoll_exact::Real;

    use super::*;

    #[test]
    fn constants_are_what_they_are_said_to_be() {
        let (scale, half) = (Real::uint(1 << 64), Real::int(1) / Real::int(2));
        for k in 0..AREA.len() {
            let x = Real::int(k as i128) / Real::int(8);
            assert_eq!(((x.normal_cdf() - half.clone()) * scale.clone()).round(), AREA[k].into(), "{k}");
            assert_eq!((x.normal_pdf() * scale.clone()).round(), DENSITY[k].into(), "{k}");
        }
        assert_eq!((Real::int(0).normal_pdf() * Real::int(32 * i128::from(WAD64))).round(), PEAK.into());
        // The two ends, to a wei of the argument.
        let wei = Real::wad(1) * half;
        let tail = |x: u64| Real::int(1) - Real::wad(x.into()).normal_cdf();
        assert!(tail(LAST - 1) > wei && tail(LAST) < wei);
        assert!(
            Real::wad(LAST_DENSITY.into()).normal_pdf() > wei
                && Real::wad(i128::from(LAST_DENSITY) + 1).normal_pdf() < wei
        );
    }
}
