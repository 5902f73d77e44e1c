//! What the replay measured, for the summary and the report.

use std::collections::BTreeMap;

use plimsoll_harness::identity::Identity;

use super::prices::Tick;

/// Upper ends of the bands of health (equity over maintenance margin) that the report distinguishes; the last is open.
pub(crate) const HEALTH_BANDS: [(f64, &str); 6] = [
    (0.0, "insolvent (below 0)"),
    (1.0, "liquidatable (0 to 1)"),
    (2.0, "1 to 2"),
    (4.0, "2 to 4"),
    (8.0, "4 to 8"),
    (f64::INFINITY, "above 8"),
];

/// State after one tick, the keepers' work done. Amounts in WAD.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) tick: Tick,
    /// Open interest of both markets, quote.
    pub(crate) open_interest: [u128; 2],
    pub(crate) insurance: u128,
    /// Solvent accounts below maintenance and insolvent ones when the price arrived.
    pub(crate) liquidatable: usize,
    pub(crate) insolvent: usize,
    /// Accounts with positions by band of health, after the keepers' work.
    pub(crate) health: [usize; HEALTH_BANDS.len()],
    /// Difference of the identity, WAD.
    pub(crate) difference: i128,
}

/// One takeover by a keeper.
#[derive(Clone, Debug)]
pub(crate) struct Liquidation {
    pub(crate) step: usize,
    /// Closed notional at the mark, WAD.
    pub(crate) notional: u128,
    /// What the keeper gained at the mark, WAD.
    pub(crate) discount: u128,
    /// What insurance gained, WAD.
    pub(crate) fee: u128,
}

/// One burial. Amounts in WAD.
#[derive(Clone, Debug)]
pub(crate) struct Burial {
    pub(crate) step: usize,
    pub(crate) deficit: u128,
    /// What of it no open loss explained: paid by insurance, recorded as bad debt.
    pub(crate) insurance: u128,
    pub(crate) socialised: u128,
}

/// A rung before a pass, and what the pass did to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RungPart {
    pub(crate) long: bool,
    pub(crate) tick: i32,
    pub(crate) generation: u32,
    /// Units of the underlying, WAD.
    pub(crate) size: u128,
    pub(crate) members: u32,
    /// Sum of its members' profits at the mark, quote, WAD; zero unless all of them are in profit.
    pub(crate) profit: u128,
    /// What it paid, quote, WAD.
    pub(crate) taken: u128,
    /// Units closed afterwards at the mark, WAD.
    pub(crate) closed: u128,
}

/// A pot of young profit before a pass, and what it paid. Quote, WAD.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PotPart {
    pub(crate) window: u32,
    pub(crate) generation: u32,
    pub(crate) sum: u128,
    pub(crate) taken: u128,
}

/// A pass over a market's estate. Amounts in WAD.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub(crate) step: usize,
    /// Whose accounts lay in the estate, in words.
    pub(crate) buried: Vec<String>,
    pub(crate) instrument: u128,
    pub(crate) size: i128,
    pub(crate) mark: u128,
    pub(crate) surplus: u128,
    pub(crate) deficit: u128,
    pub(crate) insurance: u128,
    /// U: the sum of all profits of the market, open on both sides and young.
    pub(crate) capacity: u128,
    pub(crate) taken: u128,
    pub(crate) socialised: u128,
    /// h, WAD.
    pub(crate) haircut: u128,
    /// Rungs and pots that paid, and rungs that were closed against.
    pub(crate) payers: u32,
    pub(crate) paying_pots: u32,
    pub(crate) closed_rungs: u32,
    pub(crate) rungs: Vec<RungPart>,
    pub(crate) pots: Vec<PotPart>,
    pub(crate) gas: u64,
}

impl Pass {
    /// R: what insurance left of the deficit.
    pub(crate) const fn budget(&self) -> u128 {
        self.deficit - self.insurance
    }

    /// What rungs of one side paid, and what they could have.
    pub(crate) fn side(&self, long: bool) -> (u128, u128) {
        let rungs = self.rungs.iter().filter(|rung| rung.long == long);
        rungs.fold((0, 0), |(taken, profit), rung| (taken + rung.taken, profit + rung.profit))
    }

    /// What pots paid, and what was in them.
    pub(crate) fn young(&self) -> (u128, u128) {
        self.pots.iter().fold((0, 0), |(taken, sum), pot| (taken + pot.taken, sum + pot.sum))
    }
}

/// Gas of one kind of transaction.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gas {
    pub(crate) count: u64,
    pub(crate) total: u64,
    pub(crate) least: u64,
    pub(crate) most: u64,
}

impl Gas {
    pub(crate) fn add(&mut self, gas: u64) {
        self.least = if self.count == 0 { gas } else { self.least.min(gas) };
        self.most = self.most.max(gas);
        self.count += 1;
        self.total += gas;
    }

    pub(crate) fn mean(&self) -> u64 {
        self.total / self.count.max(1)
    }
}

/// Everything that was measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) steps: Vec<Step>,
    pub(crate) liquidations: Vec<Liquidation>,
    pub(crate) burials: Vec<Burial>,
    pub(crate) passes: Vec<Pass>,
    pub(crate) gas: BTreeMap<&'static str, Gas>,
    /// Transactions that the engine refused, by typed error.
    pub(crate) refused: BTreeMap<String, u64>,
    /// Trades that opened positions, and exits of accounts that left by themselves.
    pub(crate) entries: usize,
    pub(crate) exits: usize,
    /// Young profit of those who left, when they did, and the accounts that had some. Quote, WAD.
    pub(crate) young_at_exit: u128,
    pub(crate) young_exits: usize,
    pub(crate) before: Identity,
    pub(crate) after: Identity,
    /// Compressed size of each contract, bytes.
    pub(crate) sizes: Vec<(String, usize)>,
}

impl Record {
    pub(crate) fn gas(&mut self, kind: &'static str, gas: u64) {
        self.gas.entry(kind).or_default().add(gas);
    }

    pub(crate) fn sum(&self, part: impl Fn(&Pass) -> u128) -> u128 {
        self.passes.iter().map(part).sum()
    }

    /// The same over burials.
    pub(crate) fn sum_buried(&self, part: impl Fn(&Burial) -> u128) -> u128 {
        self.burials.iter().map(part).sum()
    }

    /// The pass that took most from profits, if any took something.
    pub(crate) fn largest(&self) -> Option<&Pass> {
        self.passes.iter().filter(|pass| pass.taken > 0).max_by_key(|pass| pass.taken)
    }

    /// Largest absolute difference of the identity over all steps, WAD.
    pub(crate) fn worst_difference(&self) -> u128 {
        self.steps.iter().map(|s| s.difference.unsigned_abs()).max().unwrap_or(0)
    }
}

/// Band of [`HEALTH_BANDS`] of an account with a maintenance requirement.
pub(crate) fn band(equity: i128, maintenance: u128) -> usize {
    let health = equity as f64 / maintenance.max(1) as f64;
    HEALTH_BANDS.iter().position(|&(end, _)| health < end).unwrap_or(HEALTH_BANDS.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn band_puts_each_edge_above() {
        for (equity, expected) in
            [(-1, 0), (0, 1), (99, 1), (100, 2), (199, 2), (399, 3), (400, 4), (800, 5), (9_999, 5)]
        {
            assert_eq!(band(equity, 100), expected, "{equity}");
        }
    }

    #[test]
    fn gas_keeps_least_mean_and_most() {
        let mut gas = Gas::default();
        for x in [30, 10, 20] {
            gas.add(x);
        }
        assert_eq!((gas.count, gas.least, gas.mean(), gas.most), (3, 10, 20, 30));
    }
}
