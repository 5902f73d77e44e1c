//! Random sequences of every action against the pure model natively and against the contract on a node: every balance
//! exactly the same after every step, every refusal with the same error and arguments.
//!
//! Three markets, one of them thin, prices that drift, gap and crash, keepers that sleep, raids on the best rung, and a
//! short pause of the engine now and then. What each fixed seed reaches is asserted, so that a change of the generator
//! cannot make the test an empty one.

use std::env;

use anyhow::{Context, Result, ensure};
use plimsoll_e2e::differential::{Pair, reached::Reached};
use plimsoll_harness::prelude::*;
use plimsoll_model::{Generator, Options};

/// Environment variable with a seed to explore.
const SEED: &str = "PLIMSOLL_SEED";
/// Environment variable with the number of steps of that exploration.
const STEPS: &str = "PLIMSOLL_STEPS";
/// How often the engine is paused, steps.
const PAUSE_EVERY: usize = 60;

/// Runs a sequence; `None` where the node cannot set the time of blocks.
async fn run(test: &str, seed: u64, people: usize, steps: usize) -> Result<Option<Reached>> {
    let mut options = Options::with_accounts(0);
    let Some(mut pair) = Pair::open(test, &[Capability::TimeTravel], &mut options, people).await? else {
        return Ok(None);
    };
    let mut generator = Generator::new(seed, options);
    let done = pair.run(&mut generator, steps, PAUSE_EVERY).await;
    eprintln!("seed {seed}, {people} accounts: {:?}", pair.reached);
    done.with_context(|| format!("{SEED}={seed} with {people} accounts"))?;
    Ok(Some(pair.reached))
}

/// What every fixed seed must reach.
fn ensure_worth_it(reached: &Reached) -> Result<()> {
    ensure!(reached.accepted * 10 >= reached.steps * 6, "most steps are valid");
    ensure!(reached.fills >= 100, "fills");
    ensure!(reached.liquidations >= 5, "liquidations");
    ensure!(reached.withdrawals >= 5, "withdrawals");
    ensure!(reached.burials >= 10, "burials");
    ensure!(reached.passes >= 5, "passes");
    ensure!(reached.paying >= 5, "passes that took from profits");
    ensure!(reached.insured >= 5, "passes that drew on insurance");
    for error in ["EnginePaused", "Insolvent", "InsufficientMargin", "NotLiquidatable", "Solvent"] {
        ensure!(reached.refused.contains_key(error), "a refusal with {error}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ledgers_agree_rungs_closed_against_again_and_again() -> Result<()> {
    // Raids again and again: rungs that are retired, taken from and closed against more than once.
    let Some(reached) = run(test_name!(), 8, 16, 800).await? else { return Ok(()) };
    ensure_worth_it(&reached)?;
    ensure!(reached.burials >= 20, "many burials");
    ensure!(reached.pots >= 3, "passes in which young profit paid");
    ensure!(reached.most_retired >= 3, "retired rungs with members");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ledgers_agree_losses_spread_over_many_rungs() -> Result<()> {
    let Some(reached) = run(test_name!(), 53, 32, 900).await? else { return Ok(()) };
    ensure_worth_it(&reached)?;
    ensure!(reached.most_rungs >= 8, "many rungs on a side");
    ensure!(reached.most_payers >= 6, "a pass that many rungs paid for");
    ensure!(reached.most_rungs_closed >= 5, "a pass that closed against many rungs");
    ensure!(reached.several_markets >= 5, "burials over several markets");
    ensure!(reached.refused.contains_key("OpenInterestTooLarge"), "a market at its cap");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ledgers_agree_losses_beyond_all_profits() -> Result<()> {
    let Some(reached) = run(test_name!(), 57, 16, 900).await? else { return Ok(()) };
    ensure_worth_it(&reached)?;
    ensure!(reached.socialised >= 1, "a loss that was recorded as bad debt");
    ensure!(reached.covered >= 1, "bad debt that was covered");
    ensure!(reached.refused.contains_key("InsufficientCollateral"), "withdrawals beyond what is free");
    ensure!(reached.refused.contains_key("PriceUnusable"), "acts on prices that are too old");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ledgers_agree_explored_seed() -> Result<()> {
    let number = |name: &str, default: u64| match env::var(name) {
        Ok(text) => text.parse().with_context(|| format!("{name}={text}")),
        Err(_) => Ok(default),
    };
    let (seed, steps) = (number(SEED, 0)?, number(STEPS, 300)?);
    eprintln!("{SEED}={seed} {STEPS}={steps}");
    if let Some(reached) = run(test_name!(), seed, 16, usize::try_from(steps)?).await? {
        ensure!(reached.steps == steps, "{} steps of {steps}", reached.steps);
    }
    Ok(())
}
