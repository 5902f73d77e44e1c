//! Portfolios of several underlyings together: a market factor moves all of them, and each has moves of its own.
//!
//! Of each underlying the grid gives the loss x when spots go down, and when they go up (a gain is a negative loss).
//! With loading l on the factor, the systematic losses add up with their signs, S = sum(l*x), and the others as
//! independent ones do, I^2 = sum((1 - l^2)*x^2); a direction costs sqrt(max(S, 0)^2 + I^2). The correlation of two
//! underlyings is the product of their loadings. Losses use at least the floor, so that two that lose together are never
//! diversified beyond it; gains use the loading as it is, so that the floor gives no credit. What an underlying loses
//! without a direction, in its basis contingency or in a shortfall that binds, it may lose in either. In the tails, the
//! scenarios that are damped and shortfalls that bind, everything is lost at once and nothing is gained: losses add up.

use alloc::vec::Vec;

use plimsoll_fixed::{isqrt_floor, mul_div_ceil, mul_div_floor, signed_mul_wad_floor};

use super::{Compiled, Detail, Error};
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
    /// Value of everything, cash included, rounded down.
    pub mark_to_market: i128,
    /// Loss of the worst case, rounded up.
    pub loss: u128,
    /// Loss when spots go down, and when they go up, rounded up.
    pub directions: [u128; 2],
    /// Loss in the tails, rounded up.
    pub tail: u128,
    /// The sum of each one's own worst case, rounded up: never less than `loss`.
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
    let own: Vec<[i128; 3]> = parts.iter().map(Part::losses).collect();
    let mut directions = [0; 2];
    for (direction, loss) in directions.iter_mut().enumerate() {
        let of = |own: &[i128; 3]| own.get(direction).copied().unwrap_or(0);
        let losses: Vec<(i128, u128)> =
            own.iter().zip(parts).map(|(own, part)| (of(own), part.loading)).collect();
        *loss = combined(&losses, least)?;
    }
    let (mut tail, mut alone, mut basis) = (0u128, 0u128, 0u128);
    let add = |total: &mut u128, profit: i128| -> Result<(), Error> {
        *total = total.checked_add(profit.min(0).unsigned_abs()).ok_or(Error::Overflow)?;
        Ok(())
    };
    for (part, [_, _, of_tail]) in parts.iter().zip(&own) {
        let own = &part.detail.assessment;
        add(&mut tail, of_tail.saturating_neg())?;
        add(&mut alone, own.worst)?;
        add(&mut basis, own.basis)?;
    }
    let loss = directions[0].max(directions[1]).max(tail).max(basis).min(alone);
    let (mut initial, mut maintenance, mut mark_to_market) = (0i128, 0i128, 0i128);
    let (mut initial_factor, mut maintenance_factor) = (0, 0);
    for part in parts {
        let own = &part.detail.assessment;
        let [of_initial, of_maintenance] = part.factors();
        initial_factor = of_initial.max(initial_factor);
        maintenance_factor = of_maintenance.max(maintenance_factor);
        // Each one's balances without its worst case.
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
    /// Losses when spots go down, when they go up, and in the tails; negative when all are gains.
    fn losses(&self) -> [i128; 3] {
        let own = &self.detail.assessment;
        let (mut down, mut up, mut tail) = (i128::MIN, i128::MIN, 0);
        for (outcome, profit) in self.compiled.outcomes.iter().zip(&self.detail.profits) {
            let loss = profit.saturating_neg();
            if !outcome.is_undamped() {
                tail = loss.max(tail);
                continue;
            }
            let still = outcome.distance.is_zero();
            if still || outcome.falls {
                down = loss.max(down);
            }
            if still || !outcome.falls {
                up = loss.max(up);
            }
        }
        if own.worst_scenario == super::SHORTFALL {
            tail = own.worst.saturating_neg().max(tail);
        }
        // A loss without a direction may come in either. When there is none, the gains still count.
        let both = if own.worst_scenario == super::SHORTFALL { own.worst } else { own.basis };
        let direct = |loss: i128| match (loss, both) {
            (i128::MIN, _) => both.saturating_neg(),
            (_, 0) => loss,
            _ => both.saturating_neg().max(loss),
        };
        [direct(down), direct(up), tail]
    }

    /// What the worst case is multiplied by: for initial margin and for maintenance.
    fn factors(&self) -> [u128; 2] {
        [self.detail.initial_factor, self.compiled.margin.maintenance]
    }
}

/// Losses (WAD, gains negative) with their loadings, rounded up.
#[inline(never)]
fn combined(losses: &[(i128, u128)], least: u128) -> Result<u128, Error> {
    let (mut systematic, mut own) = (0i128, 0u128);
    // Squares of WAD leave 128 bits: everything is measured in units that keep 60 bits of the largest.
    let largest = losses.iter().map(|(loss, _)| loss.unsigned_abs()).max().unwrap_or(0);
    let unit = 1u128 << 68u32.saturating_sub(largest.leading_zeros());
    for (loss, loading) in losses {
        let loading = if *loss > 0 { (*loading).max(least) } else { *loading };
        let size = loss.unsigned_abs().div_ceil(unit);
        // A gain lowers the systematic loss, so it is rounded toward zero.
        let part = if *loss > 0 {
            mul_div_ceil(size, loading, WAD)?
        } else {
            mul_div_floor(loss.unsigned_abs() / unit, loading, WAD)?
        };
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
    use crate::portfolio::{Assessment, BASIS, Params, SHORTFALL, Scenario, Shock};

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

    /// An underlying that loses so much when spots go down, when they go up, in a damped scenario, in its basis and in a
    /// shortfall that binds; gains are negative.
    fn detail(down: i128, up: i128, tail: i128, basis: i128, shortfall: i128) -> (Detail, Compiled) {
        let scenario = |spot: u128, damp| Scenario { spot, shock: Shock::None, damp };
        let mut params = Params::standard();
        params.scenarios =
            [scenario(WAD / 2, WAD), scenario(2 * WAD, WAD), scenario(4 * WAD, WAD / 2)].into();
        let (worst, worst_scenario) = [(down, 0), (up, 1), (tail, 2), (basis, BASIS), (shortfall, SHORTFALL)]
            .into_iter()
            .max_by_key(|(loss, _)| *loss)
            .map(|(loss, which)| (-ONE * loss, which))
            .unwrap();
        let assessment = Assessment {
            initial: worst,
            maintenance: worst / 10 * 8,
            mark_to_market: 0,
            worst,
            worst_scenario,
            basis: -ONE * basis,
            shortfall: -ONE * shortfall,
            maintenance_contingency: 0,
            initial_contingency: 0,
        };
        let profits = [down, up, tail].map(|loss| -ONE * loss).into();
        let detail = Detail { assessment, profits, tail: Vec::new(), initial_factor: WAD };
        (detail, Compiled::new(&params).unwrap())
    }

    /// What underlyings with one loading lose together.
    fn loss_of(parts: &[(Detail, Compiled)], loading: u128, floor: u128) -> Together {
        let parts: Vec<Part<'_>> = parts
            .iter()
            .enumerate()
            .map(|(number, (detail, compiled))| Part { underlying: number as u16, detail, compiled, loading })
            .collect();
        together(&parts, floor).unwrap()
    }

    #[test]
    fn together_of_known_losses() {
        // Independent, both when spots go down: 3 and 4 make 5; up, 1 and 0. Balances lose that instead of 7.
        let found = loss_of(&[detail(3, 1, 0, 0, 0), detail(4, 0, 0, 0, 0)], 0, 0);
        assert_eq!((found.loss, found.directions, found.alone), (5 * WAD, [5 * WAD, WAD], 7 * WAD));
        assert_eq!((found.initial, found.maintenance), (-5 * ONE, -4 * ONE));
        // On one factor what one gains when spots go down pays for the other: 10 - 4; up, 4 is lost and 1 gained.
        let found = loss_of(&[detail(10, -1, 0, 0, 0), detail(-4, 4, 0, 0, 0)], WAD, 0);
        assert_eq!((found.loss, found.directions), (6 * WAD, [6 * WAD, 3 * WAD]));
        // In the tails losses add up, whatever the loadings.
        let found = loss_of(&[detail(3, 1, 8, 0, 0), detail(4, 0, 9, 0, 0)], 0, 0);
        assert_eq!((found.loss, found.tail), (17 * WAD, 17 * WAD));
    }

    #[test]
    fn together_does_not_diversify_what_has_no_direction() {
        // Two shortfalls that bind are lost at once.
        let found = loss_of(&[detail(10, 0, 0, 0, 100), detail(10, 0, 0, 0, 100)], WAD, WAD);
        assert_eq!((found.loss, found.alone), (200 * WAD, 200 * WAD));
        let found = loss_of(&[detail(10, 0, 0, 0, 100), detail(10, 0, 0, 0, 100)], 0, 0);
        assert_eq!(found.loss, 200 * WAD);
        // A shortfall of one and the grid of the other: on one factor they add up in the grid's direction.
        let found = loss_of(&[detail(10, 0, 0, 0, 100), detail(0, 50, 0, 0, 0)], WAD, WAD);
        assert_eq!((found.loss, found.directions), (150 * WAD, [100 * WAD, 150 * WAD]));
        // So do a basis and the grid; two bases always.
        let found = loss_of(&[detail(0, 0, 0, 30, 0), detail(40, 0, 0, 0, 0)], 0, 0);
        assert_eq!((found.loss, found.directions), (50 * WAD, [50 * WAD, 30 * WAD]));
        let found = loss_of(&[detail(0, 0, 0, 30, 0), detail(0, 0, 0, 40, 0)], 0, 0);
        assert_eq!(found.loss, 70 * WAD);
    }

    #[test]
    fn together_refuses_factors_beyond_one_and_an_underlying_twice() {
        let part = |underlying, loading| (underlying, loading);
        let one = part(1, WAD);
        assert_eq!(check_factors(&[], 0), Err(Error::BadFactor));
        let many: Vec<_> = (0..17).map(|number| part(number, 0)).collect();
        assert_eq!(check_factors(&many, 0), Err(Error::BadFactor));
        assert_eq!(check_factors(&many[1..], WAD), Ok(()));
        assert_eq!(check_factors(&[one], WAD + 1), Err(Error::BadFactor));
        assert_eq!(check_factors(&[part(1, WAD + 1)], 0), Err(Error::BadFactor));
        assert_eq!(check_factors(&[one, part(2, 0), part(1, 0)], 0), Err(Error::DuplicateUnderlying(1)));
    }

    #[test]
    fn combined_keeps_large_numbers() {
        let large = 1i128 << 120;
        let got = combined(&[(3 * large, 0), (4 * large, 0)], 0).unwrap();
        let wanted = 5u128 << 120;
        assert!(got >= wanted && got - wanted <= wanted >> 55);
    }
}
