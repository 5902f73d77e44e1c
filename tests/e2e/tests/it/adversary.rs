//! The attacker of `plimsoll_model::adversary` on the node: the known attacks, and what a search climbed to from them.
//!
//! Natively it stays within the bound of the design over millions of actions. Here every act of it is a transaction, and after each one
//! the contract's whole ledger is the model's, to the unit.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use plimsoll_e2e::differential::Pair;
use plimsoll_harness::prelude::*;
use plimsoll_model::{
    AccountId, Action, Options, Step,
    adversary::{AGES, MARKETS, Move, OPENING, Search, Setting, named, play, steps},
};

/// Days keep windows and hours of funding where they are.
const DAY: u64 = 86_400;

/// The scene of the tables, with the insurance cap of a new engine.
fn setting() -> Setting {
    let mut setting = Setting::standard(400_000);
    (setting.params.insurance_share, setting.insurance_cap) = (150_000, 300_000);
    setting
}

/// Does all of a play in transactions; `None` where the node cannot set the time of blocks.
async fn replay(test: &str, moves: &[Move]) -> Result<Option<Pair>> {
    let setting = setting();
    let steps = steps(&setting, moves);
    let mut numbered: Vec<AccountId> = steps.iter().flat_map(|step| accounts(&step.action)).collect();
    numbered.sort_unstable();
    numbered.dedup();
    let markets = MARKETS.map(|market| (market, setting.params, 0)).into();
    let mut options = Options { accounts: Vec::new(), markets, ages: AGES };
    let needs = [Capability::TimeTravel];
    let Some(mut pair) = Pair::open(test, &needs, &mut options, numbered.len()).await? else {
        return Ok(None);
    };
    let people: BTreeMap<AccountId, AccountId> = numbered.into_iter().zip(options.accounts).collect();
    let later = (pair.book.now + DAY).saturating_sub(OPENING).div_ceil(DAY) * DAY;
    for (number, step) in steps.iter().enumerate() {
        let step = Step { now: step.now + later, action: renamed(&step.action, &people) };
        pair.apply(&step).await.with_context(|| format!("step {number}: {step:?}"))?;
    }
    Ok(Some(pair))
}

/// Whom an action names.
fn accounts(action: &Action) -> Vec<AccountId> {
    match action {
        Action::Deposit { account, .. }
        | Action::Withdraw { account, .. }
        | Action::Bury { account }
        | Action::Touch { account } => vec![*account],
        Action::Settle(fills) => fills.iter().flat_map(|fill| [fill.taker, fill.maker]).collect(),
        Action::Liquidate { account, into, .. } => vec![*account, *into],
        _ => Vec::new(),
    }
}

/// The action of other people.
fn renamed(action: &Action, people: &BTreeMap<AccountId, AccountId>) -> Action {
    let mut action = action.clone();
    let rename = |account: &mut AccountId| *account = people[account];
    match &mut action {
        Action::Deposit { account, .. }
        | Action::Withdraw { account, .. }
        | Action::Bury { account }
        | Action::Touch { account } => rename(account),
        Action::Settle(fills) => {
            for fill in fills {
                rename(&mut fill.taker);
                rename(&mut fill.maker);
            }
        }
        Action::Liquidate { account, into, .. } => {
            rename(account);
            rename(into);
        }
        _ => {}
    }
    action
}

#[tokio::test(flavor = "multi_thread")]
async fn known_attacks_do_on_the_node_what_they_do_in_the_model() -> Result<()> {
    let mut reached = (0, 0, 0);
    for (name, moves) in named() {
        ensure!(!play(&setting(), &moves).breaks(), "{name} gains more than the bound");
        let Some(pair) = replay(test_name!(), &moves).await.with_context(|| name.to_owned())? else {
            return Ok(());
        };
        reached.0 += pair.reached.steps;
        reached.1 += pair.reached.burials;
        reached.2 += pair.reached.paying;
    }
    eprintln!("{reached:?} steps, burials, passes that took from profits");
    let (steps, burials, paying) = reached;
    ensure!(steps >= 300 && burials >= 15 && paying >= 10, "attacks that reach something: {reached:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_search_found_does_on_the_node_what_it_does_in_the_model() -> Result<()> {
    let report = Search::new(setting(), 1).run(50_000);
    ensure!(report.broken.is_none(), "{:?}", report.broken);
    for found in &report.best[1..] {
        ensure!(found.play.excess() > 0, "a search that found nothing");
        let Some(pair) = replay(test_name!(), &found.moves).await? else { return Ok(()) };
        eprintln!("excess {} of {}: {:?}", found.play.excess(), found.play.bound, pair.reached);
        ensure!(pair.reached.burials >= 1 && pair.reached.paying >= 1, "{:?}", pair.reached);
    }
    Ok(())
}
