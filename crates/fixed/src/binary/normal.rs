//! The normal distribution function for the hot loop.

use super::{
    LOW, mul_high_split,
    normal_table::{FINE, INTERVALS, WIDE},
};

/// One, in the unit of [`normal_cdf`]: 62 fractional bits.
pub const CDF_ONE: i64 = 1 << 62;

/// The normal distribution function of `d` (Q57), in Q62.
///
/// Error below 2.5e-18 up to 8.5 standard deviations; beyond, zero or one, off by at most 9.5e-18. The values at `d` and
/// `-d` add up to one exactly, but at zero, where it is 2^61 - 4. Monotone only within 10 units (2.2e-18): it may fall by
/// so much at a quarter deviation, where two polynomials meet, and by 3 between.
#[inline(always)]
#[must_use]
pub fn normal_cdf(d: i64) -> i64 {
    let negative = d >> 63;
    // The absolute value. The least number has none and stays itself, but its interval is far beyond the last.
    let size = ((d ^ negative).wrapping_sub(negative)) as u64;
    // No branch: on the chain a branch costs as much as two multiplications. The last row is zero.
    let interval = ((size >> 55) as usize).min(INTERVALS);
    // Where in the interval, from -1 to 1: Q63.
    let u = ((size << 9) as i64) ^ i64::MIN;
    let (high, low) = (u >> 32, u & LOW);
    let fine = &FINE[interval];
    let wide = &WIDE[interval];
    // The upper half of u is enough for terms below 2^-30. Shifts: 31 bits of u and those of one coefficient, less
    // those of the next.
    let mut sum = i64::from(fine[3]);
    sum = i64::from(fine[2]) + ((high * sum) >> 35);
    sum = i64::from(fine[1]) + ((high * sum) >> 36);
    sum = i64::from(fine[0]) + ((high * sum) >> 36);
    sum = wide[6] + ((high * sum) >> 24);
    sum = wide[5] + mul_high_split(high, low, sum);
    sum = wide[4] + mul_high_split(high, low, sum);
    sum = wide[3] + mul_high_split(high, low, sum);
    sum = wide[2] + mul_high_split(high, low, sum);
    sum = wide[1] + mul_high_split(high, low, sum);
    let tail = wide[0] + mul_high_split(high, low, sum);
    // The tail itself below the mean, one less it above.
    let above = !negative;
    (CDF_ONE & above) + (tail ^ above) - above
}

#[cfg(test)]
mod tests {
    use plimsoll_exact::Real;
    use proptest::prelude::*;

    use super::*;

    /// Beyond the last interval.
    const EDGE: i64 = (INTERVALS as i64) << 55;

    /// How far the value at `d` is from the truth.
    fn error(d: i64) -> Real {
        let exact = (Real::int(d.into()) / Real::int(1 << 57)).normal_cdf();
        (exact - Real::int(normal_cdf(d).into()) / Real::int(1 << 62)).abs()
    }

    /// Where one polynomial ends and the next begins, on both sides of the mean.
    fn seams() -> impl Iterator<Item = i64> {
        (-(INTERVALS as i64)..=INTERVALS as i64).map(|interval| interval << 55)
    }

    /// A distance of any magnitude, below a quarter deviation.
    fn distance() -> impl Strategy<Value = i64> {
        (0i64..1 << 55, 0u32..55).prop_map(|(distance, cut)| distance >> cut)
    }

    #[test]
    fn normal_cdf_is_within_its_bound_at_the_seams() {
        let bound = Real::parse("2.5e-18");
        for d in seams().flat_map(|seam| (-3..=3).map(move |off| seam + off)).filter(|d| d.abs() < EDGE) {
            assert!(error(d) < bound, "{d}");
        }
    }

    #[test]
    fn normal_cdf_saturates_without_a_jump_that_counts() {
        for d in [EDGE, EDGE + 1, 9 << 57, i64::MAX] {
            assert_eq!((normal_cdf(d), normal_cdf(-d)), (CDF_ONE, 0));
            assert!(error(d) < Real::parse("9.5e-18") && error(-d) < Real::parse("9.5e-18"));
        }
        assert_eq!(normal_cdf(i64::MIN), 0);
        // 9.48e-18 by mpmath: 43.7 units
        assert!((35..=52).contains(&(CDF_ONE - normal_cdf(EDGE - 1))));
    }

    #[test]
    fn normal_cdf_at_the_mean() {
        assert_eq!(normal_cdf(0), CDF_ONE / 2 - 4);
    }

    #[test]
    fn normal_cdf_falls_by_ten_units_at_most_at_the_seams() {
        for d in seams().flat_map(|seam| (-64..64).map(move |off| seam + off)) {
            assert!(normal_cdf(d + 1) >= normal_cdf(d) - 10, "{d}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn normal_cdf_is_symmetric(d in 1i64..10 << 57) {
            prop_assert_eq!(normal_cdf(d) + normal_cdf(-d), CDF_ONE);
        }

        #[test]
        fn normal_cdf_hardly_falls(interval in 0..INTERVALS as i64, near in distance(), far in distance()) {
            let (seam, near, far) = (interval << 55, near.min(far), near.max(far));
            prop_assert!(normal_cdf(seam + far) >= normal_cdf(seam + near) - 3);
            prop_assert!(normal_cdf(seam + far) >= normal_cdf(seam - near) - 10);
            prop_assert!(normal_cdf(near - seam) >= normal_cdf(-far - seam) - 10);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn normal_cdf_is_within_its_bound(d in 1 - EDGE..EDGE) {
            prop_assert!(error(d) < Real::parse("2.5e-18"));
        }
    }
}
