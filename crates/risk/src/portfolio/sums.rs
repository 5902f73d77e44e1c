//! Checked sums.

use plimsoll_fixed::Overflow;

/// The sum of some numbers.
pub(super) fn sum(numbers: &[i128]) -> Result<i128, Overflow> {
    numbers.iter().try_fold(0i128, |total, number| total.checked_add(*number)).ok_or(Overflow)
}

/// One number less another.
pub(super) fn difference(a: i128, b: i128) -> Result<i128, Overflow> {
    a.checked_sub(b).ok_or(Overflow)
}
