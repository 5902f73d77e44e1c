//! What must hold after every step of random sequences of every action (the invariants of the design, section 13).

use crate::support::{Counts, Watch};
use plimsoll_model::{Book, Config, Generator, Options, Step};
use proptest::prelude::*;

/// Runs a sequence and checks everything after each step.
fn run(seed: u64, accounts: u64, steps: usize) -> Result<Counts, TestCaseError> {
    let options = Options::with_accounts(accounts);
    let mut book = Book::new(Config::default(), 1_500_000_000);
    options.open(&mut book).map_err(|e| TestCaseError::fail(e.to_string()))?;
    let mut generator = Generator::new(seed, options);
    let mut watch = Watch::default();
    for number in 0..steps {
        let step = generator.step(&book);
        watch
            .step(&mut book, &step)
            .map_err(|e| TestCaseError::fail(format!("step {number}, {step:?}: {e}")))?;
    }
    Ok(watch.counts)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn invariants_hold_after_every_step(seed: u64, accounts in 3u64..30) {
        run(seed, accounts, 250)?;
    }
}

#[test]
fn sequences_reach_what_they_are_for() {
    let mut all = Counts::default();
    for seed in 0..6 {
        let counts = run(seed, 24, 1_000).unwrap();
        all.add(&counts);
    }
    eprintln!("{all:#?}");
    assert!(all.accepted * 10 >= all.steps * 6, "most steps are valid");
    assert!(all.refused * 50 >= all.steps, "some are not");
    assert!(all.liquidations >= 50);
    assert!(all.deleverages >= 50);
    assert!(all.paying >= 20, "deleveragings that took from profits");
    assert!(all.socialised >= 1, "deleveragings that profits could not cover");
    assert!(all.several_markets >= 1, "deleveragings over several markets");
    assert!(all.renormalised >= 3, "epochs that ended with survivors");
    assert!(all.closed_out >= 10, "rungs closed out");
    assert!(all.repeated >= 5, "rungs that paid more than once");
    assert!(all.most_rungs >= 8, "many rungs");
}

#[test]
fn sequences_are_a_function_of_their_seed() {
    let steps = |seed| -> Vec<Step> {
        let options = Options::with_accounts(8);
        let mut book = Book::new(Config::default(), 1_500_000_000);
        options.open(&mut book).unwrap();
        let mut generator = Generator::new(seed, options);
        (0..100)
            .map(|_| {
                let step = generator.step(&book);
                let _ = book.apply(&step);
                step
            })
            .collect()
    };
    assert_eq!(steps(7), steps(7));
    assert_ne!(steps(7), steps(8));
}
