//! A pass over a market's estate, computed again off chain by the functions that the contract runs, from the views before
//! it, and compared with the event and the views after it.
//!
//! The views list each side's rungs in the order of the pass, but not how the sides interleave. A running sum deals the
//! payments out, so a payment is known to within one unit. The rung after the pass says which: exactly one payment leads
//! from the rung before to the rung after, digit by digit. What rungs are closed by and what pots pay is known exactly.

use anyhow::{Context, Result, ensure};
use plimsoll_harness::bindings::IPlimsoll::{Deleveraged, MarketState, PotView, RungView};
use plimsoll_risk::{
    ladder::{Entry, Estate, Indices, Passed, Pot, Rung, RungKey, Side, Standing, pass},
    waterfall,
};

use super::record::{PotPart, RungPart};

/// A market as the views show it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) market: MarketState,
    pub(crate) longs: Vec<RungView>,
    pub(crate) shorts: Vec<RungView>,
    pub(crate) pots: Vec<PotView>,
}

impl Seen {
    /// The rungs of both sides.
    pub(crate) fn standings(&self) -> Vec<Standing> {
        let side =
            |side, views: &[RungView]| views.iter().map(|view| standing(side, view)).collect::<Vec<_>>();
        [side(Side::Long, &self.longs), side(Side::Short, &self.shorts)].concat()
    }

    /// Whether an estate waits.
    pub(crate) const fn estate_waits(&self) -> bool {
        let MarketState { estateCash, estateSize, estateBasis, .. } = self.market;
        estateCash != 0 || estateSize != 0 || estateBasis != 0
    }

    /// The young pots in a window.
    fn young(&self, window: u32) -> Vec<(PotPart, Pot)> {
        self.pots
            .iter()
            .filter(|view| Entry { window: view.window, ..Entry::default() }.is_young(window))
            .map(|view| {
                let PotView { window, generation, sum, kept } = *view;
                (PotPart { window, generation, sum, taken: 0 }, Pot { sum, kept })
            })
            .collect()
    }
}

fn standing(side: Side, view: &RungView) -> Standing {
    let indices = Indices {
        size: view.sizeIndex,
        basis: view.basisIndex,
        moved: view.moved,
        funding: view.fundingIndex,
    };
    let at = RungKey { side, tick: view.tick, generation: view.generation };
    Standing { at, rung: Rung { size: view.size, basis: view.basis, members: view.members, indices } }
}

/// What each rung and each pot paid, and by how much each rung was closed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    pub(crate) rungs: Vec<RungPart>,
    pub(crate) pots: Vec<PotPart>,
}

/// Computes the pass of `event` from `before`, at the market's cumulative funding when it ran, and demands that event and
/// `after` agree.
///
/// # Errors
/// The first disagreement.
pub(crate) fn verify(before: &Seen, after: &Seen, event: &Deleveraged, funding: i128) -> Result<Parts> {
    // The window may have changed between the view and the pass.
    let mut windows = vec![before.market.window];
    if after.market.window != before.market.window {
        windows.push(after.market.window);
    }
    let mut refused = None;
    for window in windows {
        match verify_at(before, after, event, funding, window) {
            Ok(parts) => return Ok(parts),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.context("a market has a window")?)
}

fn verify_at(before: &Seen, after: &Seen, event: &Deleveraged, funding: i128, window: u32) -> Result<Parts> {
    let old = before.standings();
    let (mut pot_parts, mut pots): (Vec<PotPart>, Vec<Pot>) = before.young(window).into_iter().unzip();
    let estate = estate(&before.market, event, funding)?;
    let mut rungs = old.clone();
    let done = pass(&estate, event.insurance, event.mark, funding, &mut rungs, &mut pots)?;
    agree(&done, event)?;

    let mut parts = Parts::default();
    let now = after.standings();
    for (Standing { at, rung }, passed) in old.iter().zip(&rungs) {
        let found = now.iter().find(|standing| standing.at == *at).context("a rung vanished")?;
        let profit = rung.profit_floor(at.side, at.tick, event.mark)?;
        let closed = rung.size - passed.rung.size;
        let expected = if profit > 0 { share_floor(done.taken, profit, done.capacity)? } else { 0 };
        let paid = payment(*at, rung, expected, profit, closed, event.mark, funding, &found.rung)?;
        parts.rungs.push(RungPart {
            long: at.side == Side::Long,
            tick: at.tick,
            generation: at.generation,
            size: rung.size,
            members: rung.members,
            profit,
            taken: paid,
            closed,
        });
    }
    for (part, pot) in pot_parts.iter_mut().zip(&pots) {
        part.taken = part.sum - pot.sum;
        let found = after
            .pots
            .iter()
            .find(|view| (view.window, view.generation) == (part.window, part.generation))
            .context("a pot vanished")?;
        ensure!(
            (found.sum, found.kept) == (pot.sum, pot.kept),
            "pot of window {} has {}, not {}",
            part.window,
            found.sum,
            pot.sum
        );
    }
    parts.pots = pot_parts;
    let paid: u128 = parts.rungs.iter().map(|r| r.taken).chain(parts.pots.iter().map(|p| p.taken)).sum();
    ensure!(paid == event.taken, "rungs and pots paid {paid}, the event says {}", event.taken);
    let payers = parts.rungs.iter().filter(|r| r.taken > 0).count();
    let pots = parts.pots.iter().filter(|p| p.taken > 0).count();
    ensure!(
        (payers, pots) == (event.payers as usize, event.pots as usize),
        "{payers} rungs and {pots} pots paid"
    );
    Ok(parts)
}

/// The estate before the pass. Its views were rounded a moment earlier: the event's figure may differ by a unit or two.
fn estate(market: &MarketState, event: &Deleveraged, funding: i128) -> Result<Estate> {
    let mut estate = Estate {
        cash: market.estateCash,
        size: market.estateSize,
        basis: market.estateBasis,
        funding: market.fundingIndex,
    };
    estate.catch_up(funding)?;
    let worth = estate.worth_floor(event.mark)?;
    let said = i128::try_from(event.surplus)? - i128::try_from(event.deficit)?;
    ensure!(worth.abs_diff(said) <= 2, "the estate was worth {worth}, the event says {said}");
    ensure!(estate.size == event.size, "the estate was {}, the event says {}", estate.size, event.size);
    estate.cash += said - worth;
    Ok(estate)
}

fn agree(done: &Passed, event: &Deleveraged) -> Result<()> {
    ensure!(
        done.capacity == event.capacity,
        "the event says U = {}, the views before it {}",
        event.capacity,
        done.capacity
    );
    for (name, computed, said) in [
        ("surplus", done.surplus, event.surplus),
        ("deficit", done.deficit, event.deficit),
        ("insurance", done.insurance, event.insurance),
        ("taken", done.taken, event.taken),
        ("socialised", done.socialised, event.socialised),
        ("haircut", waterfall::haircut_ceil(done.taken, done.capacity)?, event.haircut),
        ("closed rungs", done.closed.into(), event.closedRungs.into()),
    ] {
        ensure!(computed == said, "the event says {name} = {said}, the views before it {computed}");
    }
    Ok(())
}

fn share_floor(taken: u128, part: u128, all: u128) -> Result<u128> {
    Ok(plimsoll_fixed::mul_div_floor(taken, part, all)?)
}

/// The payment that leads from a rung to what it is after the pass: its share of what was taken, or one unit more or less.
#[allow(clippy::too_many_arguments, reason = "the pass of one rung")]
fn payment(
    at: RungKey,
    rung: &Rung,
    expected: u128,
    profit: u128,
    closed: u128,
    mark: u128,
    funding: i128,
    found: &Rung,
) -> Result<u128> {
    for paid in expected.saturating_sub(1)..=expected.saturating_add(1).min(profit) {
        let mut passed = *rung;
        passed.take(at.side, paid, profit, mark)?;
        passed.close(at.side, closed, mark, funding)?;
        if passed == *found {
            return Ok(paid);
        }
    }
    anyhow::bail!("no payment within a unit of {expected} leads from {rung:?} to {found:?}")
}

#[cfg(test)]
mod tests {
    use plimsoll_harness::ids::WAD;
    use plimsoll_risk::ladder::{ONE, tick_of};

    use super::*;

    const MARK: u128 = 100 * WAD;

    fn rung(size: i128, entry: i128) -> RungView {
        let unit = WAD as i128;
        let (size, basis) = (size * unit, -size * entry * unit);
        RungView {
            tick: tick_of(size, basis).unwrap().unwrap(),
            generation: 0,
            retired: false,
            members: 1,
            size: size.unsigned_abs(),
            basis,
            sizeIndex: ONE,
            basisIndex: ONE,
            moved: 0,
            fundingIndex: 0,
        }
    }

    fn view(at: &Standing) -> RungView {
        let Rung { size, basis, members, indices } = at.rung;
        RungView {
            tick: at.at.tick,
            generation: at.at.generation,
            retired: indices.retired(),
            members,
            size,
            basis,
            sizeIndex: indices.size,
            basisIndex: indices.basis,
            moved: indices.moved,
            fundingIndex: indices.funding,
        }
    }

    /// The example of docs/deleveraging.md. An estate, long 2 from 160 with cash 20: it lacks 100. Longs from 80 and 90 and
    /// shorts from 107 and 150 are in profit by 40, 30, 21 and 50; young profit is 9. U = 150. A short from 95 loses.
    fn market() -> (Seen, Estate) {
        let unit = WAD as i128;
        let estate = Estate { cash: 20 * unit, size: 2 * unit, basis: -2 * 160 * unit, funding: 0 };
        let market = MarketState {
            estateCash: estate.cash,
            estateSize: estate.size,
            estateBasis: estate.basis,
            window: 5,
            ..MarketState::default()
        };
        let seen = Seen {
            market,
            longs: vec![rung(2, 80), rung(3, 90)],
            shorts: vec![rung(-3, 107), rung(-1, 150), rung(-3, 95)],
            pots: vec![
                PotView { window: 1, generation: 0, sum: 500 * WAD, kept: ONE },
                PotView { window: 4, generation: 0, sum: 9 * WAD, kept: ONE },
            ],
        };
        (seen, estate)
    }

    /// The pass as a contract would run it, which has the sides' rungs in another order.
    fn run(seen: &Seen, estate: &Estate, insurance: u128) -> (Seen, Deleveraged) {
        let mut rungs = seen.standings();
        rungs.rotate_left(2);
        let mut pots = [Pot { sum: 9 * WAD, kept: ONE }];
        let done = pass(estate, insurance, MARK, 0, &mut rungs, &mut pots).unwrap();
        rungs.rotate_right(2);
        let views: Vec<RungView> = rungs.iter().map(view).collect();
        let mut after = seen.clone();
        (after.longs, after.shorts) = (views[..2].to_vec(), views[2..].to_vec());
        (after.pots[1].sum, after.pots[1].kept) = (pots[0].sum, pots[0].kept);
        let event = Deleveraged {
            instrument: 1,
            mark: MARK,
            size: estate.size,
            surplus: done.surplus,
            deficit: done.deficit,
            insurance: done.insurance,
            capacity: done.capacity,
            taken: done.taken,
            socialised: done.socialised,
            haircut: waterfall::haircut_ceil(done.taken, done.capacity).unwrap(),
            payers: done.payers,
            pots: done.pots,
            closedRungs: done.closed,
        };
        (after, event)
    }

    #[test]
    fn verify_finds_what_everyone_paid() {
        let (seen, estate) = market();
        let (after, event) = run(&seen, &estate, 40 * WAD);
        assert_eq!((event.deficit, event.capacity, event.taken), (100 * WAD, 150 * WAD, 60 * WAD));
        let parts = verify(&seen, &after, &event, 0).unwrap();
        // 60 of 150: 40 % of every profit
        let paid: Vec<u128> = parts.rungs.iter().map(|r| r.taken * 10 / WAD).collect();
        assert_eq!(paid, [160, 120, 84, 200, 0]);
        assert_eq!((parts.pots.len(), parts.pots[0].taken), (1, 36 * WAD / 10));
        // the shorts in profit hold 4: half of each is closed, and the loser is left alone
        let closed: Vec<u128> = parts.rungs.iter().map(|r| r.closed * 10 / WAD).collect();
        assert_eq!(closed, [0, 0, 15, 5, 0]);
        // what is left of the profits: 60 % of each, whatever was closed
        let left = |at: &Standing| at.rung.profit_floor(at.at.side, at.at.tick, MARK).unwrap() * 10 / WAD;
        assert_eq!(after.standings().iter().map(left).collect::<Vec<_>>(), [240, 180, 126, 300, 0]);
    }

    #[test]
    fn verify_refuses_another_event_and_another_rung() {
        let (seen, estate) = market();
        let (after, event) = run(&seen, &estate, 40 * WAD);
        let wrong = Deleveraged { taken: event.taken + 1, ..event.clone() };
        assert!(verify(&seen, &after, &wrong, 0).unwrap_err().to_string().contains("taken"));
        let mut other = after.clone();
        other.longs[0].basis -= 2;
        assert!(verify(&seen, &other, &event, 0).unwrap_err().to_string().contains("no payment"));
        let mut other = after;
        other.pots[1].sum -= 1;
        assert!(verify(&seen, &other, &event, 0).unwrap_err().to_string().contains("pot of window 4"));
    }
}
