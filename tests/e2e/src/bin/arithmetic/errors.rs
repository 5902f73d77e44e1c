//! How far results are from what a formula gives in 256 bits.

use anyhow::{Context, Result, ensure};
use plimsoll_arithmetic::{Formula, Numbers, REFUSED, scale};
use plimsoll_exact::Real;

/// Thousandths of a wei in one.
const MILLIWEI: i128 = 1_000_000_000_000_000_000_000;

/// The value of a formula.
fn exact(formula: Formula, x: &Real, y: &Real) -> Real {
    match formula {
        Formula::Nothing => x.clone(),
        Formula::Exp => x.exp(),
        Formula::Ln => x.ln(),
        Formula::Log2 => x.log2(),
        Formula::Sqrt => x.sqrt(),
        Formula::Pow => x.pow(y),
        Formula::NormalCdf => x.normal_cdf(),
        Formula::NormalPdf => x.normal_pdf(),
        Formula::StudentTail => x.student_t3_tail(),
        Formula::Atan => x.atan(),
        Formula::Product => x.clone() * y.clone(),
        Formula::Inverse => Real::int(1) / x.clone(),
    }
}

/// What an argument stands for.
fn argument(numbers: Numbers, x: i128) -> Result<Real> {
    Ok(match numbers {
        Numbers::Wad => Real::wad(x),
        Numbers::Binary => Real::int(x) / Real::int(1 << 57),
        Numbers::Scale => of_scale(x)?,
    })
}

/// How far a result is off, in thousandths of a wei.
fn error(exact: &Real, numbers: Numbers, got: i128) -> Result<u128> {
    ensure!(got != REFUSED, "a function refused its arguments");
    let got = match numbers {
        // exactly, which a quotient is not
        Numbers::Wad => return Ok(exact.milliwei_from(got)),
        Numbers::Binary => Real::int(got) / Real::int(1 << 62),
        Numbers::Scale => of_scale(got)?,
    };
    Ok(((exact.clone() - got).abs() * Real::int(MILLIWEI)).floor())
}

fn of_scale(words: i128) -> Result<Real> {
    let (mantissa, exponent) = scale(words).context("no Scale")?.parts();
    // By doubling and halving, which are exact: powers go through logarithms.
    let power = (0..exponent.unsigned_abs()).fold(Real::int(1), |power, _| power * Real::int(2));
    Ok(if exponent < 0 { Real::uint(mantissa.into()) / power } else { Real::uint(mantissa.into()) * power })
}

/// Errors in thousandths of a wei, and of 1e-18 of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Errors {
    pub(crate) worst: u128,
    pub(crate) mean: u128,
    /// Over results of one and more: below, a wei is more than 1e-18.
    pub(crate) worst_relative: Option<u128>,
}

impl Errors {
    /// The errors of results, each at its arguments.
    pub(crate) fn of(
        formula: Formula,
        numbers: Numbers,
        inputs: &[(i128, i128)],
        results: &[i128],
    ) -> Result<Self> {
        let (mut worst, mut sum, mut worst_relative) = (0, 0u128, None);
        for ((x, y), got) in inputs.iter().zip(results) {
            let exact = exact(formula, &argument(numbers, *x)?, &argument(numbers, *y)?);
            let error = error(&exact, numbers, *got)?;
            worst = worst.max(error);
            sum = sum.saturating_add(error);
            if exact.abs() >= Real::int(1) {
                let relative = (Real::uint(error) / exact.abs()).floor();
                worst_relative = Some(relative.max(worst_relative.unwrap_or(0)));
            }
        }
        Ok(Self { worst, mean: sum / results.len().max(1) as u128, worst_relative })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_worst_and_mean() {
        let one = 1_000_000_000_000_000_000;
        // sqrt of 4 is 2 and of 1/4 is 1/2: off by 6 and by 2 wei
        let inputs = [(4 * one, 0), (one / 4, 0)];
        let got = Errors::of(Formula::Sqrt, Numbers::Wad, &inputs, &[2 * one + 6, one / 2 - 2]).unwrap();
        assert_eq!(got, Errors { worst: 6000, mean: 4000, worst_relative: Some(3000) });
    }

    #[test]
    fn refusals_are_no_results() {
        for numbers in [Numbers::Wad, Numbers::Binary, Numbers::Scale] {
            assert!(Errors::of(Formula::Nothing, numbers, &[(0, 0)], &[REFUSED]).is_err());
        }
        // a mantissa without its top bit
        assert!(Errors::of(Formula::Nothing, Numbers::Scale, &[(0, 0)], &[1]).is_err());
    }

    #[test]
    fn binary_numbers_are_read_by_their_points() {
        // half of everything lies below zero: 2^61 of 2^62; 2^20 more is 2^-42
        let off = (1_000_000_000_000_000_000_000u128) >> 42;
        let got =
            Errors::of(Formula::NormalCdf, Numbers::Binary, &[(0, 0)], &[(1 << 61) + (1 << 20)]).unwrap();
        assert_eq!(got, Errors { worst: off, mean: off, worst_relative: None });
        // 2 and 1/2: mantissas of 2^63, exponents -62 and -64
        let two = (-62i128 << 64) | (1 << 63);
        let half = (-64i128 << 64) | (1 << 63);
        let got = Errors::of(Formula::Inverse, Numbers::Scale, &[(two, 0), (half, 0)], &[half, two]).unwrap();
        assert_eq!(got, Errors { worst: 0, mean: 0, worst_relative: Some(0) });
        let got = Errors::of(Formula::Product, Numbers::Scale, &[(two, two)], &[two]).unwrap();
        assert_eq!(got.worst, 2_000_000_000_000_000_000_000);
    }
}
