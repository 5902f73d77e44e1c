//! Keepers: accounts like any other that watch health, bury who is below zero, call for passes and take over positions.

use alloy::primitives::B256;
use anyhow::{Context, Result};
use plimsoll_fixed::mul_div_floor;
use plimsoll_harness::{
    bindings::IPlimsoll::{self, Buried, Deleveraged, FundingAccrued, Interred, Liquidated, Margin},
    ids::WAD,
    key::Key,
    prelude::Tx,
};
use plimsoll_risk::{
    ladder::{Side, edge_price, tick_of},
    position,
};

use super::{
    exchange::{Exchange, Wish},
    market::{self, ABSORBED_PER_STEP, BTC_PERP, ETH_PERP, KEEPER_LEVERAGE},
    passes::{self, Seen},
    record::{Burial, Liquidation, Pass},
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
            // Burials and passes first: a pass needs a price that is newer than the last fill.
            for (account, _) in insolvent {
                acted |= self.bury(account, step).await?;
            }
            acted |= self.passes(step).await?;
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

    /// Buries an account below zero: its positions go to the estates of their markets. False when the engine refuses: the
    /// account is in profit in a market whose estate waits.
    async fn bury(&mut self, account: B256, step: usize) -> Result<bool> {
        let (chain, engine) = (self.world.chain.clone(), self.world.engine);
        let outcome = chain.transact(&self.caller(), engine, &IPlimsoll::buryCall { account }).await;
        let Ok(receipt) = &outcome else {
            return self.settled(outcome, "bury");
        };
        let buried: Buried = receipt.event()?;
        let who = self.people.name(account);
        for event in receipt.events::<Interred>() {
            self.interred.entry(event.instrument).or_default().push(who.clone());
        }
        self.record.burials.push(Burial {
            step,
            deficit: buried.deficit,
            insurance: buried.insurance,
            socialised: buried.socialised,
        });
        self.settled(outcome, "bury")
    }

    /// A pass of each market whose estate waits. One that the engine refuses, because a fill is newer than the price or the
    /// last pass was a moment ago, waits for the next report.
    async fn passes(&mut self, step: usize) -> Result<bool> {
        let mut acted = false;
        for instrument in [BTC_PERP, ETH_PERP] {
            let market =
                self.world.chain.call(self.world.engine, &IPlimsoll::marketCall { instrument }).await?;
            if market.estateSize != 0 || market.estateCash != 0 || market.estateBasis != 0 {
                acted |= self.deleverage(instrument, step).await?;
            }
        }
        Ok(acted)
    }

    /// One pass, computed again off chain from the views before it.
    async fn deleverage(&mut self, instrument: u128, step: usize) -> Result<bool> {
        let (chain, engine) = (self.world.chain.clone(), self.world.engine);
        self.touch_before(instrument).await?;
        let before = self.see(instrument).await?;
        let outcome = chain.transact(&self.caller(), engine, &IPlimsoll::deleverageCall { instrument }).await;
        let Ok(receipt) = &outcome else {
            return self.settled(outcome, "deleverage");
        };
        let event: Deleveraged = receipt.event()?;
        let accrued = receipt.events::<FundingAccrued>().into_iter().find(|e| e.instrument == instrument);
        let funding = accrued.map_or(before.market.fundingIndex, |e| e.index);
        let after = self.see(instrument).await?;
        anyhow::ensure!(!after.estate_waits(), "a pass leaves an estate");
        let parts = passes::verify(&before, &after, &event, funding)
            .with_context(|| format!("the pass of {}", market::name(instrument)))?;
        let kind = match (event.taken > 0, event.deficit > 0) {
            (true, _) => "deleverage, profits pay",
            (false, true) => "deleverage, insurance pays",
            (false, false) => "deleverage, a surplus",
        };
        self.record.passes.push(Pass {
            step,
            buried: self.interred.remove(&instrument).unwrap_or_default(),
            instrument,
            size: event.size,
            mark: event.mark,
            surplus: event.surplus,
            deficit: event.deficit,
            insurance: event.insurance,
            capacity: event.capacity,
            taken: event.taken,
            socialised: event.socialised,
            haircut: event.haircut,
            payers: event.payers,
            paying_pots: event.pots,
            closed_rungs: event.closedRungs,
            rungs: parts.rungs,
            pots: parts.pots,
            gas: receipt.gas(),
        });
        self.settled(outcome, kind)
    }

    /// Touches whom a pass could not judge: who has a profit on a rung that does not pay as a whole, which is the one that the
    /// mark stands on, and who has young profit beside an open loss.
    async fn touch_before(&mut self, instrument: u128) -> Result<()> {
        let (chain, engine) = (self.world.chain.clone(), self.world.engine);
        let mark = self.price(instrument);
        let calls = self
            .accounts
            .iter()
            .map(|&account| IPlimsoll::positionOfCall { account, instrument })
            .collect::<Vec<_>>();
        let positions = chain.call_many(engine, calls).await?;
        let mut txs = Vec::new();
        for (&account, held) in self.accounts.iter().zip(positions) {
            let profit = position::profit_at_floor(held.size, held.basis, mark)?;
            let sheltered = match tick_of(held.size, held.basis)? {
                Some(tick) if profit > 0 => {
                    let edge = edge_price(Side::of(held.size), tick)?;
                    if held.size > 0 { mark < edge } else { mark > edge }
                }
                _ => false,
            };
            if sheltered || (profit < 0 && held.young > 0) {
                txs.push(Tx::call(&self.caller(), engine, &IPlimsoll::touchCall { account }));
            }
        }
        for outcome in chain.send_all(&txs).await? {
            self.settled(outcome, "touch before a pass")?;
        }
        Ok(())
    }

    /// A market as the views show it.
    async fn see(&self, instrument: u128) -> Result<Seen> {
        let (chain, engine) = (&self.world.chain, self.world.engine);
        Ok(Seen {
            market: chain.call(engine, &IPlimsoll::marketCall { instrument }).await?,
            longs: chain.call(engine, &IPlimsoll::rungsCall { instrument, long: true }).await?,
            shorts: chain.call(engine, &IPlimsoll::rungsCall { instrument, long: false }).await?,
            pots: chain.call(engine, &IPlimsoll::potsCall { instrument }).await?,
        })
    }

    /// Who calls for burials and passes: any keeper, or the owner where there is none.
    fn caller(&self) -> Key {
        self.people.keepers.first().unwrap_or(&self.world.owner).clone()
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
