//! What a sequence went through, so that a test can say that it has tested something.

use std::collections::BTreeMap;

use plimsoll_model::{Action, Book, Error, Outcome, Step};

/// Counts over a sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Steps.
    pub steps: u64,
    /// Steps that were accepted.
    pub accepted: u64,
    /// Refusals by the name of their error.
    pub refused: BTreeMap<&'static str, u64>,
    /// Fills settled.
    pub fills: u64,
    /// Liquidations.
    pub liquidations: u64,
    /// Withdrawals of collateral and of fees.
    pub withdrawals: u64,
    /// Burials.
    pub burials: u64,
    /// Those over several markets.
    pub several_markets: u64,
    /// Those of which a part no open loss explains.
    pub unexplained: u64,
    /// Passes.
    pub passes: u64,
    /// Those that took from profits.
    pub paying: u64,
    /// Those in which young profit paid.
    pub pots: u64,
    /// Those that drew on insurance.
    pub insured: u64,
    /// Those whose loss neither insurance nor profits could bear whole.
    pub socialised: u64,
    /// Those that left a surplus.
    pub surplus: u64,
    /// Most rungs closed against in one.
    pub most_rungs_closed: u32,
    /// Most rungs that paid in one.
    pub most_payers: u32,
    /// Most live rungs of a market.
    pub most_rungs: usize,
    /// Most live rungs of a market that were retired.
    pub most_retired: usize,
    /// Coverings of bad debt.
    pub covered: u64,
}

impl Reached {
    /// Notes a step.
    pub fn note(&mut self, after: &Book, step: &Step, result: &Result<Outcome, Error>) {
        self.steps += 1;
        let outcome = match result {
            Ok(outcome) => outcome,
            Err(error) => {
                *self.refused.entry(error.name()).or_default() += 1;
                return;
            }
        };
        self.accepted += 1;
        match (&step.action, outcome) {
            (Action::Settle(fills), _) => self.fills += fills.len() as u64,
            (Action::Withdraw { .. } | Action::WithdrawFees { .. }, _) => self.withdrawals += 1,
            (Action::CoverBadDebt { .. }, _) => self.covered += 1,
            (_, Outcome::Liquidated(_)) => self.liquidations += 1,
            (_, Outcome::Buried(done)) => {
                self.burials += 1;
                self.several_markets += u64::from(done.markets.iter().filter(|m| m.part > 0).count() > 1);
                self.unexplained += u64::from(done.insurance + done.socialised > 0);
            }
            (_, Outcome::Passed(done)) => {
                let done = &done.passed;
                self.passes += 1;
                self.paying += u64::from(done.taken > 0);
                self.pots += u64::from(done.pots > 0);
                self.insured += u64::from(done.insurance > 0);
                self.socialised += u64::from(done.socialised > 0);
                self.surplus += u64::from(done.surplus > 0);
                self.most_rungs_closed = self.most_rungs_closed.max(done.closed);
                self.most_payers = self.most_payers.max(done.payers);
            }
            _ => {}
        }
        for market in after.markets.values() {
            self.most_rungs = self.most_rungs.max(market.ladder.live.len());
            let retired = market.ladder.rungs.values().filter(|rung| rung.retired()).count();
            self.most_retired = self.most_retired.max(retired);
        }
    }

    /// Adds what another sequence reached.
    pub fn add(&mut self, other: &Self) {
        for (name, count) in &other.refused {
            *self.refused.entry(name).or_default() += count;
        }
        self.steps += other.steps;
        self.accepted += other.accepted;
        self.fills += other.fills;
        self.liquidations += other.liquidations;
        self.withdrawals += other.withdrawals;
        self.burials += other.burials;
        self.several_markets += other.several_markets;
        self.unexplained += other.unexplained;
        self.passes += other.passes;
        self.paying += other.paying;
        self.pots += other.pots;
        self.insured += other.insured;
        self.socialised += other.socialised;
        self.surplus += other.surplus;
        self.most_rungs_closed = self.most_rungs_closed.max(other.most_rungs_closed);
        self.most_payers = self.most_payers.max(other.most_payers);
        self.most_rungs = self.most_rungs.max(other.most_rungs);
        self.most_retired = self.most_retired.max(other.most_retired);
        self.covered += other.covered;
    }
}
