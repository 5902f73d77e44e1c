//! What a sequence went through, so that a test can say that it has tested something.

use std::collections::BTreeMap;

use plimsoll_model::{Action, Book, Error, Outcome, Step};
use plimsoll_risk::ladder::Side;

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
    /// Deleveragings.
    pub deleverages: u64,
    /// Those that took from profits.
    pub paying: u64,
    /// Those that drew on insurance.
    pub insured: u64,
    /// Those whose loss neither insurance nor profits could bear whole.
    pub socialised: u64,
    /// Those over several markets.
    pub several_markets: u64,
    /// Most rungs closed against in one market of one deleveraging.
    pub most_rungs_closed: u32,
    /// Most rungs that paid in one.
    pub most_payers: u32,
    /// Epochs that ended with survivors.
    pub renormalised: u64,
    /// Epochs that ended because a rung was closed out.
    pub closed_out: u64,
    /// Most rungs occupied on a side.
    pub most_rungs: usize,
    /// Coverings of bad debt.
    pub covered: u64,
}

impl Reached {
    /// Notes a step.
    pub fn note(&mut self, before: &Book, after: &Book, step: &Step, result: &Result<Outcome, Error>) {
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
            (_, Outcome::Deleveraged(done)) => {
                self.deleverages += 1;
                self.paying += u64::from(done.taken > 0);
                self.insured += u64::from(done.insurance > 0);
                self.socialised += u64::from(done.socialised > 0);
                self.several_markets += u64::from(done.markets.len() > 1);
                for market in &done.markets {
                    self.most_rungs_closed = self.most_rungs_closed.max(market.spread.closed);
                    self.most_payers = self.most_payers.max(market.spread.payers);
                }
            }
            _ => {}
        }
        for (id, market) in &after.markets {
            for side in [Side::Long, Side::Short] {
                let ladder = market.ladder(side);
                self.most_rungs = self.most_rungs.max(ladder.occupied.len());
                let had = before.markets.get(id).map(|market| &market.ladder(side).ended);
                for (at, end) in &ladder.ended {
                    if had.is_none_or(|had| !had.contains_key(at)) {
                        *(if end.shrink == 0 { &mut self.closed_out } else { &mut self.renormalised }) += 1;
                    }
                }
            }
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
        self.deleverages += other.deleverages;
        self.paying += other.paying;
        self.insured += other.insured;
        self.socialised += other.socialised;
        self.several_markets += other.several_markets;
        self.most_rungs_closed = self.most_rungs_closed.max(other.most_rungs_closed);
        self.most_payers = self.most_payers.max(other.most_payers);
        self.renormalised += other.renormalised;
        self.closed_out += other.closed_out;
        self.most_rungs = self.most_rungs.max(other.most_rungs);
        self.covered += other.covered;
    }
}
