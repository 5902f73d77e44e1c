//! Portfolios of several underlyings together: a market factor moves all of them, and each has moves of its own.
//!
//! Of each underlying the grid gives the loss x when spots go down, and when they go up (a gain is a negative loss).
//! With loading l on the factor, the systematic losses add up with their signs, S = sum(l*x), and the others as
//! independent ones do, I^2 = sum((1 - l^2)*x^2); a direction costs sqrt(max(S, 0)^2 + I^2). The correlation of two
//! underlyings is the product of their loadings. Losses use at least the floor, so that two that lose together are never
//! diversified beyond it; gains use the loading as it is, so that the floor gives no credit. In the tails, the scenarios
//! that are damped, everything is lost at once and nothing is gained: losses add up.

use alloc::vec::Vec;

use plimsoll_fixed::{isqrt_floor, mul_div_ceil, mul_div_floor, signed_mul_wad_floor};

use super::{Assessment, Compiled, Detail, Error};
use crate::WAD;

/// Most underlyings.
pub const MAX_UNDERLYINGS: usize = 16;

/// One underlying's part.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// Its number.
    pub underlying: u16,
    /// Its margin and profits.
    pub detail: &'a Detail,
    /// Its parameters.
    pub compiled: &'a Compiled,
    /// Loading on the market factor, WAD, at most one.
    pub loading: u128,
}

/// Margin of several portfolios together, WAD of quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Together {
    /// Initial margin balance, rounded down.
    pub initial: i128,
    /// Maintenance margin balance, rounded down.
    pub maintenance: i128,
    /// Value of everything, cash included.
    pub mark_to_market: i128,
    /// Loss of the worst case, rounded up.
    pub loss: u128,
    /// Loss when spots go down, and when they go up.
    pub directions: [u128; 2],
    /// Loss in the tails.
    pub tail: u128,
    /// The sum of each one's own worst case: never less than `loss`.
    pub alone: u128,
}

/// Checks what portfolios are put together by: each one's underlying and loading (WAD), and the floor (WAD).
///
/// # Errors
/// [`Error::BadFactor`] for a loading or a floor above one, no underlyings or more than [`MAX_UNDERLYINGS`];
/// [`Error::DuplicateUnderlying`], because two portfolios of one underlying move as one, whatever their loading.
pub fn check_factors(underlyings: &[(u16, u128)], floor: u128) -> Result<(), Error> {
    let count = underlyings.len();
    if count == 0 || count > MAX_UNDERLYINGS || floor > WAD {
        return Err(Error::BadFactor);
    }
    for (index, (underlying, loading)) in underlyings.iter().enumerate() {
        if *loading > WAD {
            return Err(Error::BadFactor);
        }
        if underlyings.iter().take(index).any(|(other, _)| other == underlying) {
            return Err(Error::DuplicateUnderlying(*underlying));
        }
    }
    Ok(())
}

/// Margin of several portfolios together, with correlations of at least `floor` (WAD) between losses.
///
/// # Errors
/// As [`check_factors`]; [`Error::Overflow`].
pub fn together(parts: &[Part<'_>], floor: u128) -> Result<Together, Error> {
    let factors: Vec<_> = parts.iter().map(|part| (part.underlying, part.loading)).collect();
    check_factors(&factors, floor)?;
    let least = isqrt_floor(floor * WAD);
    let mut directions = [0; 2];
    for (direction, loss) in [true, false].into_iter().zip(&mut directions) {
        let losses: Vec<(i128, u128)> =
            parts.iter().map(|part| (part.loss(direction), part.loading)).collect();
        *loss = combined(&losses, least)?;
    }
    let (mut tail, mut alone, mut basis) = (0u128, 0u128, 0u128);
    let add = |total: &mut u128, loss: u128| -> Result<(), Error> {
        *total = total.checked_add(loss).ok_or(Error::Overflow)?;
        Ok(())
    };
    for part in parts {
        let Assessment { worst, basis: own, .. } = part.detail.assessment;
        add(&mut tail, part.tail_loss())?;
        add(&mut alone, worst.min(0).unsigned_abs())?;
        add(&mut basis, own.min(0).unsigned_abs())?;
    }
    // What binds an underlying by itself (its shortfall, say) has no direction: it is not diversified either.
    let undirected = parts.iter().map(Part::undirected_loss).max().unwrap_or(0);
    let loss = directions[0].max(directions[1]).max(tail).max(basis).max(undirected).min(alone);
    let (mut initial, mut maintenance, mut mark_to_market) = (0i128, 0i128, 0i128);
    let (mut initial_factor, mut maintenance_factor) = (0, 0);
    for part in parts {
        let own = &part.detail.assessment;
        let [of_initial, of_maintenance] = part.factors()?;
        initial_factor = of_initial.max(initial_factor);
        maintenance_factor = of_maintenance.max(maintenance_factor);
        // What each would have without its worst case.
        let rest = |balance: i128, factor: u128| -> Result<i128, Error> {
            balance.checked_sub(signed_mul_wad_floor(own.worst, factor)?).ok_or(Error::Overflow)
        };
        initial = initial.checked_add(rest(own.initial, of_initial)?).ok_or(Error::Overflow)?;
        maintenance =
            maintenance.checked_add(rest(own.maintenance, of_maintenance)?).ok_or(Error::Overflow)?;
        mark_to_market = mark_to_market.checked_add(own.mark_to_market).ok_or(Error::Overflow)?;
    }
    let charge = |loss: u128, factor: u128| -> Result<i128, Error> {
        i128::try_from(mul_div_ceil(loss, factor, WAD)?).map_err(|_| Error::Overflow)
    };
    Ok(Together {
        initial: initial.checked_sub(charge(loss, initial_factor)?).ok_or(Error::Overflow)?,
        maintenance: maintenance.checked_sub(charge(loss, maintenance_factor)?).ok_or(Error::Overflow)?,
        mark_to_market,
        loss,
        directions,
        tail,
        alone,
    })
}

impl Part<'_> {
    /// The loss in undamped scenarios where spot falls (or rises), or stays; negative when all are gains.
    fn loss(&self, falls: bool) -> i128 {
        let scenarios = self.compiled.outcomes.iter().zip(&self.detail.profits);
        let own = scenarios.filter(|(outcome, _)| {
            outcome.is_undamped() && (outcome.distance.is_zero() || outcome.falls == falls)
        });
        own.map(|(_, profit)| profit.saturating_neg()).max().unwrap_or(0)
    }

    /// The loss in damped scenarios.
    fn tail_loss(&self) -> u128 {
        let scenarios = self.compiled.outcomes.iter().zip(&self.detail.profits);
        let damped = scenarios.filter(|(outcome, _)| !outcome.is_undamped());
        damped.map(|(_, profit)| profit.min(&0).unsigned_abs()).max().unwrap_or(0)
    }

    /// The worst case where it is the shortfall's.
    fn undirected_loss(&self) -> u128 {
        let own = &self.detail.assessment;
        if own.worst_scenario == super::SHORTFALL { own.worst.min(0).unsigned_abs() } else { 0 }
    }

    /// What the worst case is multiplied by: for initial margin and for maintenance.
    fn factors(&self) -> Result<[u128; 2], Error> {
        Ok([self.detail.initial_factor, self.compiled.margin.maintenance])
    }
}

/// Losses (WAD, gains negative) with their loadings, rounded up.
fn combined(losses: &[(i128, u128)], least: u128) -> Result<u128, Error> {
    let (mut systematic, mut own) = (0i128, 0u128);
    // Squares of WAD leave 128 bits: everything is measured in units that keep 60 bits of the largest.
    let largest = losses.iter().map(|(loss, _)| loss.unsigned_abs()).max().unwrap_or(0);
    let unit = 1u128 << 68u32.saturating_sub(largest.leading_zeros());
    for (loss, loading) in losses {
        let loading = if *loss > 0 { (*loading).max(least) } else { *loading };
        let size = loss.unsigned_abs().div_ceil(unit);
        let part =
            if *loss > 0 { mul_div_ceil(size, loading, WAD)? } else { mul_div_floor(size, loading, WAD)? };
        systematic += if *loss > 0 { part as i128 } else { -(part as i128) };
        let rest = WAD - mul_div_floor(loading, loading, WAD)?;
        own = own.checked_add(mul_div_ceil(size * size, rest, WAD)?).ok_or(Error::Overflow)?;
    }
    let systematic = systematic.max(0).unsigned_abs();
    let square =
        systematic.checked_mul(systematic).and_then(|s| s.checked_add(own)).ok_or(Error::Overflow)?;
    let root = isqrt_floor(square);
    let root = if root * root < square { root + 1 } else { root };
    root.checked_mul(unit).ok_or(Error::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: i128 = WAD as i128;

    #[test]
    fn combined_of_known_triangles() {
        // independent: 3 and 4 make 5
        assert_eq!(combined(&[(3 * ONE, 0), (4 * ONE, 0)], 0), Ok(5 * WAD));
        // one factor: they add up, or cancel
        assert_eq!(combined(&[(3 * ONE, WAD), (4 * ONE, WAD)], 0), Ok(7 * WAD));
        assert_eq!(combined(&[(-3 * ONE, WAD), (4 * ONE, WAD)], 0), Ok(WAD));
        // a gain in the market's direction is no loss, what is its own remains: loading 0.6 leaves 0.8
        assert_eq!(combined(&[(-10 * ONE, WAD / 10 * 6)], 0), Ok(8 * WAD));
        // the floor is for losses: with 1/4 both load 1/2, and 1 + 1 + 2/4 = 2.5
        let floored = combined(&[(ONE, 0), (ONE, 0)], WAD / 2).unwrap();
        assert!(floored.abs_diff(1_581_138_830_084_189_666) < 1_000, "{floored}"); // sqrt(2.5)
        let credit = combined(&[(ONE, 0), (-ONE, 0)], WAD / 2).unwrap();
        // only the loss loads: 1/4 systematic, 3/4 and 1 own
        assert!(credit.abs_diff(1_414_213_562_373_095_049) < 1_000, "{credit}");
    }

    #[test]
    fn combined_keeps_large_numbers() {
        let large = 1i128 << 120;
        let got = combined(&[(3 * large, 0), (4 * large, 0)], 0).unwrap();
        let wanted = 5u128 << 120;
        assert!(got >= wanted && got - wanted <= wanted >> 55);
    }
}
