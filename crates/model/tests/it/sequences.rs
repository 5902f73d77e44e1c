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
            .map_err(|e| TestCaseError::fail(format!("seed {seed}, step {number}, {step:?}: {e}")))?;
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
#[ignore = "nightly: 10^7 steps"]
fn invariants_hold_for_a_night() {
    let mut all = Counts::default();
    for seed in 0..20_000 {
        all.add(&run(0x5eed_0000 + seed, 3 + seed % 27, 500).unwrap());
        if (seed + 1) % 1_000 == 0 {
            eprintln!("{} of 10,000,000 steps", (seed + 1) * 500);
        }
    }
    eprintln!("{all:#?}");
}

#[test]
fn sequences_reach_what_they_are_for() {
    let mut all = Counts::default();
    for seed in 0..8 {
        // Few, of whom all who won may have left, and many.
        let counts = run(seed, if seed % 2 == 0 { 5 } else { 24 }, 1_000).unwrap();
        all.add(&counts);
    }
    eprintln!("{all:#?}");
    assert!(all.accepted * 10 >= all.steps * 6, "most steps are valid");
    assert!(all.refused * 50 >= all.steps, "some are not");
    assert!(all.liquidations >= 50);
    assert!(all.burials >= 50);
    assert!(all.several_markets >= 1, "burials over several markets");
    assert!(all.orders >= 10, "pairs of burials");
    assert!(all.passes >= 50);
    assert!(all.paying >= 20, "passes that took from profits");
    assert!(all.young >= 5, "passes that took from young profit");
    assert!(all.socialised >= 1, "passes that profits could not cover");
    assert!(all.surplus >= 3, "estates with a surplus");
    assert!(all.retired >= 50 && all.repeated >= 5 && all.closed_out >= 10, "rungs with a history");
    assert!(all.caught_up >= 50, "members that were caught up over one");
    assert!(all.netted >= 5, "touches while an estate waited");
    assert!(all.ripened >= 20, "young profit that ripened");
    assert!(all.clocks_stood >= 20, "clocks that stood");
    assert!(all.most_rungs >= 8 && all.most_generations >= 5, "many rungs and generations");
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
