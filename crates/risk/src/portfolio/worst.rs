//! A search for the move of spot and volatility in which a portfolio loses most.

use alloc::vec::Vec;

use super::{
    Compiled, Error, Move, Portfolio,
    priced::price_checked,
    shocks::{MOST, Shocks},
};

/// Steps into which each pass of the search divides its range of spot.
const POINTS: i32 = 48;

/// The worst move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorstMove {
    /// The move.
    pub shock: Move,
    /// Profit in it, WAD of quote, rounded down.
    pub profit: i128,
}

/// The move of spot between `low` and `high` (1e-8 of a logarithm), with volatility moved by one of `vols`, in which the
/// portfolio loses most.
///
/// The first pass values 49 prices with each volatility. Further passes narrow the range around the worst price, until
/// neighbours are 1e-8 apart. The search can miss a loss that lies between two prices of the first pass.
///
/// # Errors
/// [`Error::BadMoves`] for an empty range, a move beyond a factor of 16, no volatility or more than eight;
/// and as [`super::assess`].
pub fn worst_move(portfolio: &mut Portfolio, low: i32, high: i32, vols: &[i32]) -> Result<WorstMove, Error> {
    // The moves of volatility are checked where the portfolio is valued.
    if low > high || low.unsigned_abs().max(high.unsigned_abs()) > MOST || vols.is_empty() || vols.len() > 8 {
        return Err(Error::BadMoves);
    }
    portfolio.check()?;
    let mut found: Option<WorstMove> = None;
    let (mut from, mut to) = (low, high);
    let mut vols = Vec::from(vols);
    loop {
        let step = (to - from).div_euclid(POINTS) + 1;
        let spots = || (0..=POINTS).map(|point| from.saturating_add(step * point).min(to));
        let moves: Vec<Move> =
            vols.iter().flat_map(|vol| spots().map(|spot| Move { spot, vol: *vol })).collect();
        for (shock, profit) in moves.iter().zip(profits_of(portfolio, &moves)?) {
            if found.is_none_or(|best| profit < best.profit) {
                found = Some(WorstMove { shock: *shock, profit });
            }
        }
        let best = found.ok_or(Error::BadMoves)?;
        if step == 1 {
            return Ok(best);
        }
        // The worst lies within a step of what was found, at the same volatility.
        (from, to) =
            (best.shock.spot.saturating_sub(step).max(low), best.shock.spot.saturating_add(step).min(high));
        vols = alloc::vec![best.shock.vol];
    }
}

/// The profit of a checked portfolio in each move, undamped and undiscounted, rounded down.
fn profits_of(portfolio: &Portfolio, moves: &[Move]) -> Result<Vec<i128>, Error> {
    let linear = portfolio.linear_floor()?;
    let mut profits = Vec::with_capacity(moves.len());
    for shock in moves {
        let moved = if linear == 0 { 0 } else { shock.multiplier().of_floor(linear)? };
        profits.push(moved.checked_sub(linear).ok_or(Error::Overflow)?);
    }
    let Portfolio { slices, legs, time, .. } = portfolio;
    for of in &price_checked(slices, legs, *time, &Compiled::bare(), &Shocks::new(moves)?)? {
        let now = of.values.first().copied().unwrap_or(0);
        for (profit, value) in profits.iter_mut().zip(&of.tail) {
            let change = value.checked_sub(now).ok_or(Error::Overflow)?;
            *profit = profit.checked_add(change).ok_or(Error::Overflow)?;
        }
    }
    Ok(profits)
}
