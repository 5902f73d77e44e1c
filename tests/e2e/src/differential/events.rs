//! What the events of an accepted transaction say, against what the model's operation returned.

use alloy::primitives::B256;
use anyhow::{Context, Result, ensure};
use plimsoll_harness::{bindings::IPlimsoll, chain::Receipt, prelude::*};
use plimsoll_model::{Action, Book, Buried, Liquidation, MarketId, Outcome, Pass, Step};
use plimsoll_risk::{
    ladder::{Estate, Passed},
    liquidation, waterfall,
};

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
        (Action::Bury { account: id }, Outcome::Buried(done)) => buried(account(*id), receipt, done)?,
        (Action::Deleverage { market }, Outcome::Passed(done)) => deleveraged(after, *market, receipt, done)?,
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
        reward: done.reward,
        equityBefore: margin(before, *id)?.equity,
        equityAfter: margin(after, *id)?.equity,
    };
    let event: IPlimsoll::Liquidated = receipt.event()?;
    ensure!(event == expected, "the contract: {event:?}\nthe model: {expected:?}");
    Ok(())
}

fn buried(id: B256, receipt: &Receipt, done: &Buried) -> Result<()> {
    let events: Vec<IPlimsoll::Interred> = receipt.events();
    let expected: Vec<IPlimsoll::Interred> = done
        .markets
        .iter()
        .map(|m| IPlimsoll::Interred {
            account: id,
            instrument: perp(m.market),
            size: m.size,
            basis: m.basis,
            cash: m.cash,
            part: m.part,
        })
        .collect();
    ensure!(events == expected, "the contract: {events:?}\nthe model: {expected:?}");
    let event: IPlimsoll::Buried = receipt.event()?;
    let Buried { deficit, insurance, socialised, .. } = *done;
    let expected = IPlimsoll::Buried { account: id, deficit, insurance, socialised };
    ensure!(event == expected, "the contract: {event:?}\nthe model: {expected:?}");
    paid(receipt, insurance)?;
    recorded(receipt, 0, socialised)
}

fn deleveraged(after: &Book, market: MarketId, receipt: &Receipt, done: &Pass) -> Result<()> {
    let Passed { surplus, deficit, insurance, capacity, taken, socialised, payers, pots, closed, .. } =
        done.passed;
    let expected = IPlimsoll::Deleveraged {
        instrument: perp(market),
        mark: done.mark,
        size: done.estate.size,
        surplus,
        deficit,
        insurance,
        capacity,
        taken,
        socialised,
        haircut: waterfall::haircut_ceil(taken, capacity).ok().context("a haircut")?,
        payers,
        pots,
        closedRungs: closed,
    };
    let event: IPlimsoll::Deleveraged = receipt.event()?;
    ensure!(event == expected, "the contract: {event:?}\nthe model: {expected:?}");
    ensure!(deficit == insurance + taken + socialised, "{event:?}");
    paid(receipt, insurance)?;
    recorded(receipt, perp(market), socialised)?;
    ensure!(
        after.market(market)?.estate
            == Estate { funding: after.moment(market)?.funding, ..Estate::default() },
        "an estate is left"
    );
    Ok(())
}

fn paid(receipt: &Receipt, insurance: u128) -> Result<()> {
    let events: Vec<IPlimsoll::InsurancePaid> = receipt.events();
    let told: u128 = events.iter().map(|event| event.amount).sum();
    ensure!(told == insurance, "insurance paid {told}, not {insurance}");
    Ok(())
}

fn recorded(receipt: &Receipt, instrument: u128, socialised: u128) -> Result<()> {
    let events: Vec<IPlimsoll::BadDebtRecorded> = receipt.events();
    let told: u128 = events.iter().map(|event| event.amount).sum();
    ensure!(told == socialised, "bad debt of {told}, not {socialised}");
    ensure!(events.iter().all(|event| event.instrument == instrument), "{events:?}");
    Ok(())
}
