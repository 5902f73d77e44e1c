//! What the events of an accepted transaction say, against what the model's operation returned.

use anyhow::{Context, Result, ensure};
use plimsoll_harness::{bindings::IPlimsoll, chain::Receipt, prelude::*};
use plimsoll_model::{Action, Book, Deleveraging, Liquidation, Outcome, Step};
use plimsoll_risk::{liquidation, waterfall};

use super::{account, compare::margin};

/// Checks the events that tell what a step did.
///
/// # Errors
/// When one is missing, or says something else.
pub fn check(before: &Book, after: &Book, step: &Step, receipt: &Receipt, outcome: &Outcome) -> Result<()> {
    match (&step.action, outcome) {
        (Action::Deposit { account: id, amount }, Outcome::Amount(credited)) => {
            let event: IPlimsoll::Deposited = receipt.event()?;
            ensure!(event.account == account(*id) && event.credited == *credited, "{event:?}");
            ensure!(event.amount.to::<u128>() == *amount, "{event:?}");
        }
        (Action::FundInsurance { .. }, Outcome::Amount(credited)) => {
            let event: IPlimsoll::InsuranceFunded = receipt.event()?;
            ensure!(event.credited == *credited, "{event:?}, {credited}");
        }
        (Action::CoverBadDebt { market, .. }, Outcome::Amount(covered)) => {
            let event: IPlimsoll::BadDebtCovered = receipt.event()?;
            ensure!(event.instrument == market.map_or(0, perp) && event.amount == *covered, "{event:?}");
        }
        (Action::Settle(fills), _) => {
            let events: Vec<IPlimsoll::Filled> = receipt.events();
            ensure!(events.len() == fills.len(), "{} fills in events", events.len());
            let fees = after.fees - before.fees;
            let told: u128 = events.iter().map(|event| event.takerFee + event.makerFee).sum();
            ensure!(told == fees, "fees of {told} in events, {fees} collected");
        }
        (Action::Liquidate { .. }, Outcome::Liquidated(done)) => {
            liquidated(before, after, step, receipt, done)?;
        }
        (Action::Deleverage { .. }, Outcome::Deleveraged(done)) => deleveraged(after, step, receipt, done)?,
        _ => {}
    }
    Ok(())
}

fn liquidated(before: &Book, after: &Book, step: &Step, receipt: &Receipt, done: &Liquidation) -> Result<()> {
    let Action::Liquidate { account: id, into, market, .. } = &step.action else { return Ok(()) };
    let mark = after.market(*market)?.price.price;
    let expected = IPlimsoll::Liquidated {
        account: account(*id),
        liquidator: account(*into),
        instrument: perp(*market),
        size: done.side.signed(done.size).ok().context("a size")?,
        price: done.price,
        mark,
        discount: liquidation::discount_floor(done.size, mark, done.price).ok().context("a discount")?,
        fee: done.fee,
        equityBefore: margin(before, *id)?.equity,
        equityAfter: margin(after, *id)?.equity,
    };
    let event: IPlimsoll::Liquidated = receipt.event()?;
    ensure!(event == expected, "the contract: {event:?}\nthe model: {expected:?}");
    Ok(())
}

fn deleveraged(after: &Book, step: &Step, receipt: &Receipt, done: &Deleveraging) -> Result<()> {
    let Action::Deleverage { account: id } = &step.action else { return Ok(()) };
    let events: Vec<IPlimsoll::Deleveraged> = receipt.events();
    ensure!(events.len() == done.markets.len(), "{} markets in events, {done:?}", events.len());
    for (event, market) in events.iter().zip(&done.markets) {
        let spread = &market.spread;
        let expected = IPlimsoll::Deleveraged {
            account: account(*id),
            instrument: perp(market.market),
            size: market.size,
            mark: market.mark,
            deficit: market.insurance + market.budget,
            insurance: market.insurance,
            budget: market.budget,
            capacity: spread.capacity,
            taken: spread.taken,
            socialised: market.budget - spread.taken,
            haircut: waterfall::haircut_ceil(spread.taken, spread.capacity).ok().context("a haircut")?,
            payers: spread.payers,
            closedRungs: spread.closed,
        };
        ensure!(*event == expected, "the contract: {event:?}\nthe model: {expected:?}");
    }
    let paid: Vec<IPlimsoll::InsurancePaid> = receipt.events();
    let told: u128 = paid.iter().map(|event| event.amount).sum();
    ensure!(told == done.insurance, "insurance paid {told}, {}", done.insurance);
    ensure!(paid.iter().all(|event| event.left == after.insurance), "{paid:?}");
    let recorded: Vec<IPlimsoll::BadDebtRecorded> = receipt.events();
    let told: u128 = recorded.iter().map(|event| event.amount).sum();
    ensure!(told == done.socialised, "bad debt of {told}, {}", done.socialised);
    let none: u128 = recorded.iter().filter(|event| event.instrument == 0).map(|event| event.amount).sum();
    ensure!(none == done.unassigned, "unassigned {none}, {}", done.unassigned);
    Ok(())
}
