//! Keepers: accounts like any other that watch health, take over positions and call for deleveraging.

use alloy::primitives::B256;
use anyhow::{Context, Result};
use plimsoll_fixed::{mul_div_ceil, mul_div_floor};
use plimsoll_harness::{
    bindings::IPlimsoll::{self, Deleveraged, InsurancePaid, Liquidated, Margin, RungView},
    ids::WAD,
    key::Key,
};
use plimsoll_risk::{
    ladder::{Side, least_profit},
    waterfall,
};

use super::{
    exchange::{Exchange, Wish},
    market::{ABSORBED_PER_STEP, BTC_PERP, ETH_PERP, KEEPER_LEVERAGE},
    record::{Deleveraging, FacingRung, Liquidation},
};

/// Accounts asked about in one call.
const BATCH: usize = 100;
/// How much worse than quoted a takeover may be, ppm of the price.
const SLIPPAGE: u128 = 500;
const PPM: u128 = 1_000_000;
/// Rounds of looking and acting after one price.
const ROUNDS: usize = 6;

/// What the keepers found when the price arrived.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    pub(crate) liquidatable: usize,
    pub(crate) insolvent: usize,
}

/// A keeper's means: positions it can still take over, quote, WAD.
#[derive(Clone, Debug)]
struct Means {
    key: Key,
    capacity: u128,
}

impl Exchange {
    /// Margins of all accounts, in their order.
    pub(crate) async fn margins(&self) -> Result<Vec<Margin>> {
        let calls = self
            .accounts
            .chunks(BATCH)
            .map(|accounts| IPlimsoll::marginsOfCall { accounts: accounts.to_vec() });
        let margins = self.world.chain.call_many(self.world.engine, calls).await.context("marginsOf")?;
        Ok(margins.into_iter().flatten().collect())
    }

    /// Everything that keepers do after one price, until nothing is left to do or they are out of means.
    pub(crate) async fn keep(&mut self, step: usize) -> Result<Found> {
        let mut found = None;
        let mut means = self.means().await?;
        for _ in 0..ROUNDS {
            let margins = self.margins().await?;
            let below = |insolvent: bool| -> Vec<(B256, Margin)> {
                (self.accounts.iter().zip(&margins))
                    .filter(|(_, m)| m.maintenance > 0 || m.equity < 0)
                    .filter(|(_, m)| is_below(m) && (m.equity < 0) == insolvent)
                    .map(|(&account, m)| (account, m.clone()))
                    .collect()
            };
            let (mut liquidatable, mut insolvent) = (below(false), below(true));
            found.get_or_insert(Found { liquidatable: liquidatable.len(), insolvent: insolvent.len() });
            // The worst first, as keepers who compete for discounts would.
            liquidatable
                .sort_by_key(|(_, m)| m.equity.saturating_mul(1_000) / (m.maintenance.max(1) as i128));
            insolvent.sort_by_key(|(_, m)| m.equity);
            let mut acted = false;
            for (account, _) in insolvent {
                acted |= self.deleverage(account, step).await?;
            }
            for (account, _) in liquidatable {
                acted |= self.liquidate(account, step, &mut means).await?;
            }
            if !acted {
                break;
            }
        }
        self.unwind(&means).await?;
        Ok(found.unwrap_or_default())
    }

    async fn means(&self) -> Result<Vec<Means>> {
        let keys = self.people.keepers.clone();
        let (chain, engine) = (&self.world.chain, self.world.engine);
        let accounts: Vec<B256> = keys.iter().map(|key| key.account(0)).collect();
        let margins = chain.call(engine, &IPlimsoll::marginsOfCall { accounts: accounts.clone() }).await?;
        let calls = accounts.iter().map(|&account| IPlimsoll::accountOfCall { account });
        let states = chain.call_many(engine, calls).await?;
        keys.into_iter()
            .zip(margins.iter().zip(states))
            .map(|(key, (margin, state))| {
                let mut held = 0_u128;
                for position in state.positions {
                    held += notional(position.size.unsigned_abs(), self.price(position.instrument))?;
                }
                let most = u128::try_from(margin.equity).unwrap_or(0) * KEEPER_LEVERAGE;
                Ok(Means { key, capacity: most.saturating_sub(held) })
            })
            .collect()
    }

    /// Takes over part of one position of the account, by the keeper with most means; false when none has any.
    async fn liquidate(&mut self, account: B256, step: usize, means: &mut [Means]) -> Result<bool> {
        let (chain, engine) = (self.world.chain.clone(), self.world.engine);
        let Some(keeper) =
            means.iter_mut().filter(|m| m.key.account(0) != account).max_by_key(|m| m.capacity)
        else {
            return Ok(false);
        };
        let state = chain.call(engine, &IPlimsoll::accountOfCall { account }).await?;
        let Some(position) = state
            .positions
            .iter()
            .max_by_key(|p| notional(p.size.unsigned_abs(), self.price(p.instrument)).unwrap_or(0))
        else {
            return Ok(false);
        };
        let instrument = position.instrument;
        let question = IPlimsoll::quoteLiquidationCall { account, instrument };
        let quote = match chain.call(engine, &question).await {
            Ok(quote) => quote,
            // Another liquidation of this round has touched the account's margin.
            Err(plimsoll_harness::revert::Failure::Reverted(_)) => return Ok(false),
            Err(other) => return Err(other.into()),
        };
        let affordable = mul_div_floor(keeper.capacity, WAD, quote.mark.max(1))?;
        let affordable = affordable - affordable % (WAD / 100);
        let size = quote.size.min(affordable);
        if size == 0 {
            return Ok(false);
        }
        let call = IPlimsoll::liquidateCall {
            account,
            into: keeper.key.account(0),
            instrument,
            maxSize: size,
            limitPrice: with_slippage(quote.price, position.size > 0)?,
        };
        let key = keeper.key.clone();
        let outcome = chain.transact(&key, engine, &call).await;
        let Ok(receipt) = &outcome else {
            keeper.capacity = 0;
            return self.settled(outcome, "liquidate");
        };
        let event: Liquidated = receipt.event()?;
        let notional = notional(event.size.unsigned_abs(), event.mark)?;
        keeper.capacity = keeper.capacity.saturating_sub(notional);
        self.record.liquidations.push(Liquidation {
            step,
            notional,
            discount: event.discount,
            fee: event.fee,
        });
        self.settled(outcome, "liquidate")
    }

    /// Has an insolvent account deleveraged, and notes which rungs stood on the other side.
    async fn deleverage(&mut self, account: B256, step: usize) -> Result<bool> {
        let (chain, engine) = (self.world.chain.clone(), self.world.engine);
        let mut facing = Vec::new();
        for (instrument, long) in
            [BTC_PERP, ETH_PERP].into_iter().flat_map(|instrument| [(instrument, false), (instrument, true)])
        {
            let rungs = chain.call(engine, &IPlimsoll::rungsCall { instrument, long }).await?;
            facing.push((instrument, long, rungs));
        }
        let caller = self.people.keepers.first().unwrap_or(&self.world.owner).clone();
        let outcome = chain.transact(&caller, engine, &IPlimsoll::deleverageCall { account }).await;
        let Ok(receipt) = &outcome else {
            return self.settled(outcome, "deleverage");
        };
        let events: Vec<Deleveraged> = receipt.events();
        let who = self.people.name(account);
        for event in &events {
            let long = event.size < 0;
            let rungs = facing
                .iter()
                .find(|(instrument, side, _)| *instrument == event.instrument && *side == long)
                .map_or(&[][..], |(_, _, rungs)| rungs);
            self.record.deleveragings.push(Deleveraging {
                step,
                who: who.clone(),
                instrument: event.instrument,
                size: event.size,
                mark: event.mark,
                deficit: event.deficit,
                insurance: event.insurance,
                budget: event.budget,
                capacity: event.capacity,
                taken: event.taken,
                socialised: event.socialised,
                haircut: event.haircut,
                payers: event.payers,
                closed_rungs: event.closedRungs,
                rungs: self.verify(rungs, event, long).await?,
                gas: receipt.gas(),
            });
        }
        let kind = match (events.iter().any(|e| e.taken > 0), receipt.events::<InsurancePaid>().is_empty()) {
            (true, _) => "deleverage, profits pay",
            (false, false) => "deleverage, insurance pays",
            (false, true) => "deleverage, nothing to pay",
        };
        self.settled(outcome, kind)
    }

    /// What each facing rung could pay and paid, computed off chain; the rungs that are left must say the same.
    async fn verify(&self, before: &[RungView], event: &Deleveraged, long: bool) -> Result<Vec<FacingRung>> {
        let facing = recompute(before, event, long)?;
        let question = IPlimsoll::rungsCall { instrument: event.instrument, long };
        let after = self.world.chain.call(self.world.engine, &question).await?;
        for (rung, old) in facing.iter().zip(before).filter(|(rung, _)| rung.closed < rung.size) {
            let new = after.iter().find(|new| new.tick == rung.tick).context("a rung vanished")?;
            let paid = mul_div_ceil(rung.taken, WAD, rung.size)?;
            anyhow::ensure!(
                new.takenPerUnit == old.takenPerUnit + paid,
                "rung {} took {} a unit and then {}, not {paid} more",
                rung.tick,
                old.takenPerUnit,
                new.takenPerUnit
            );
        }
        Ok(facing)
    }

    /// Keepers sell what they took over to market makers, no faster than those buy.
    async fn unwind(&mut self, means: &[Means]) -> Result<()> {
        let (chain, engine) = (self.world.chain.clone(), self.world.engine);
        let mut absorbed = ABSORBED_PER_STEP * WAD;
        let calls = means.iter().map(|m| IPlimsoll::accountOfCall { account: m.key.account(0) });
        let states = chain.call_many(engine, calls).await?;
        let mut wishes = Vec::new();
        for (keeper, state) in means.iter().zip(states) {
            for position in state.positions {
                let mark = self.price(position.instrument);
                let held = position.size.unsigned_abs();
                let most = mul_div_floor(absorbed, WAD, mark.max(1))?;
                let size = if held <= most { held } else { most - most % (WAD / 100) };
                if size == 0 {
                    continue;
                }
                absorbed = absorbed.saturating_sub(notional(size, mark)?);
                let size = i128::try_from(size)?;
                wishes.push(Wish {
                    who: keeper.key.clone(),
                    account: keeper.key.account(0),
                    instrument: position.instrument,
                    size: if position.size > 0 { -size } else { size },
                });
            }
        }
        self.trade(&wishes, "RFQ take, 1 fill").await?;
        Ok(())
    }
}

fn is_below(margin: &Margin) -> bool {
    margin.equity < 0 || margin.equity.unsigned_abs() < margin.maintenance
}

fn notional(size: u128, price: u128) -> Result<u128> {
    Ok(mul_div_floor(size, price, WAD)?)
}

/// The worst price that a keeper accepts: a block later funding has moved the account's health and with it the price.
fn with_slippage(price: u128, long: bool) -> Result<u128> {
    let share = if long { PPM + SLIPPAGE } else { PPM - SLIPPAGE };
    Ok(mul_div_floor(price, share, PPM)?)
}

/// What each facing rung could pay and paid, computed off chain by the functions that the contract runs, from the state
/// before the event. The sums must meet the event's to the last unit.
fn recompute(rungs: &[RungView], event: &Deleveraged, long: bool) -> Result<Vec<FacingRung>> {
    let side = if long { Side::Long } else { Side::Short };
    let mut facing: Vec<FacingRung> = rungs
        .iter()
        .map(|rung| {
            let profit = least_profit(side, rung.tick, event.mark).saturating_sub(rung.takenPerUnit);
            Ok(FacingRung {
                tick: rung.tick,
                size: rung.size,
                members: rung.members,
                capacity: mul_div_floor(rung.size, profit, WAD)?,
                taken: 0,
                closed: 0,
            })
        })
        .collect::<Result<_>>()?;
    if event.budget > 0 {
        let capacity: u128 = facing.iter().map(|rung| rung.capacity).sum();
        anyhow::ensure!(
            capacity == event.capacity,
            "the event says U = {}, the rungs before it {capacity}",
            event.capacity
        );
        let weights: Vec<u128> = facing.iter().map(|rung| rung.capacity).collect();
        for (rung, taken) in facing.iter_mut().zip(waterfall::shares(event.taken, &weights)?) {
            rung.taken = taken;
        }
    }
    let mut left = event.size.unsigned_abs();
    for rung in &mut facing {
        rung.closed = left.min(rung.size);
        left -= rung.closed;
    }
    Ok(facing)
}
