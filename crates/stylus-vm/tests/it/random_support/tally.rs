//! What the random programs did, so that a test of nothing shows.

use std::collections::BTreeMap;
use std::fmt;

use stylus_vm::Outcome;

use crate::interpreter::{Ended, Place};

/// Counts of runs.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    runs: u64,
    /// Programs, which run with their whole budget first.
    programs: u64,
    /// Those runs by their number of instructions, as a power of ten.
    steps: BTreeMap<u32, u64>,
    outcomes: BTreeMap<&'static str, u64>,
    /// Runs that ended out of ink by the place where they did.
    places: BTreeMap<Place, u64>,
    /// Completed calls of each host function.
    hosts: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Counts the run of a program with its whole budget.
    pub(crate) fn count_program(&mut self, ended: &Ended) {
        self.programs += 1;
        *self.steps.entry(ended.steps.max(1).ilog10()).or_default() += 1;
        self.count(ended);
    }

    /// Counts a run.
    pub(crate) fn count(&mut self, ended: &Ended) {
        self.runs += 1;
        let outcome = match ended.outcome {
            Outcome::Success => "success",
            Outcome::Revert => "revert",
            Outcome::Failure => "failure",
            Outcome::OutOfInk => "out of ink",
            Outcome::OutOfStack => "out of stack",
        };
        *self.outcomes.entry(outcome).or_default() += 1;
        if let (Outcome::OutOfInk, Some(charge)) = (ended.outcome, ended.charges.last()) {
            *self.places.entry(charge.place).or_default() += 1;
        }
        for (name, _) in &ended.calls {
            *self.hosts.entry(name).or_default() += 1;
        }
    }

    /// Panics unless every outcome, every place and every host function occurs, and most runs do something.
    pub(crate) fn assert_varied(&self) {
        for outcome in ["success", "revert", "failure", "out of ink", "out of stack"] {
            let runs = self.outcomes.get(outcome).copied().unwrap_or_default();
            assert!(runs * 100 >= self.runs, "{outcome}: {runs} of {} runs", self.runs);
        }
        for place in [Place::Block, Place::Sized, Place::Grow, Place::Host, Place::Require] {
            let runs = self.places.get(&place).copied().unwrap_or_default();
            assert!(runs >= 20, "out of ink at {place:?}: {runs} runs");
        }
        for (name, ..) in stylus_testing::generator::imports::HOOKS {
            let calls = self.hosts.get(name).copied().unwrap_or_default();
            assert!(calls >= 20, "{name}: {calls} calls");
        }
        let short = self.steps.get(&0).copied().unwrap_or_default();
        assert!(
            short * 2 <= self.programs,
            "{short} of {} programs have less than ten instructions",
            self.programs
        );
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} programs, {} runs", self.programs, self.runs)?;
        writeln!(f, "programs by power of ten of instructions: {:?}", self.steps)?;
        writeln!(f, "outcomes: {:?}", self.outcomes)?;
        writeln!(f, "out of ink at: {:?}", self.places)?;
        write!(f, "host functions: {:?}", self.hosts)
    }
}
