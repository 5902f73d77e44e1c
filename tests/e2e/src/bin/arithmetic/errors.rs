//! How far results are from what a formula gives in 256 bits.

use plimsoll_arithmetic::Formula;
use plimsoll_exact::Real;

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
    }
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
    pub(crate) fn of(formula: Formula, inputs: &[(i128, i128)], results: &[i128]) -> Self {
        let (mut worst, mut sum, mut worst_relative) = (0, 0u128, None);
        for ((x, y), result) in inputs.iter().zip(results) {
            let exact = exact(formula, &Real::wad(*x), &Real::wad(*y));
            let error = exact.milliwei_from(*result);
            worst = worst.max(error);
            sum = sum.saturating_add(error);
            if exact.abs() >= Real::int(1) {
                let relative = (Real::uint(error) / exact.abs()).floor();
                worst_relative = Some(relative.max(worst_relative.unwrap_or(0)));
            }
        }
        Self { worst, mean: sum / results.len().max(1) as u128, worst_relative }
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
        let got = Errors::of(Formula::Sqrt, &inputs, &[2 * one + 6, one / 2 - 2]);
        assert_eq!(got, Errors { worst: 6000, mean: 4000, worst_relative: Some(3000) });
    }
}
