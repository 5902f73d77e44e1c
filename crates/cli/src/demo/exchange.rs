//! What people do on the chain: deposits, quotes and trades, reports of prices.

use std::collections::HashMap;

use alloy::primitives::{Address, B256};
use anyhow::{Context, Result};
use plimsoll_fixed::{mul_div_ceil, mul_div_floor};
use plimsoll_harness::{
    bindings::{
        IPlimsoll::{self, IPlimsollErrors},
        solidity::RfqVenue::Quote,
    },
    ids::{BTC, ETH, WAD},
    key::Key,
    prelude::{Failure, Receipt, Tx, World},
    rfq, scenario,
};

use alloy::sol_types::SolInterface;

use super::{
    market::{BTC_PERP, HALF_SPREAD, MAX_TRADE_AGE},
    people::{People, Trader},
    prices::{STEP, Tick},
    record::Record,
};

/// Seconds that a market maker's quote stands.
const QUOTE_LIFE: u64 = 7_200;
/// Trades sent between two looks at the age of the price.
const TRADES: usize = 10;
const PPM: u128 = 1_000_000;

/// The deployment, and what every actor shares.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) world: World,
    pub(crate) venue: Address,
    pub(crate) people: People,
    /// Every account that ever held anything.
    pub(crate) accounts: Vec<B256>,
    pub(crate) record: Record,
    /// Chain time less historical time, seconds.
    pub(crate) shift: u64,
    /// Nonces of quotes and which market maker is next.
    quotes: u64,
    prices: HashMap<u128, u128>,
    /// Chain time of the last report.
    reported: u64,
    /// Whose accounts lie in the estate of each market.
    pub(crate) interred: HashMap<u128, Vec<String>>,
    /// Who closed and waits for young profit to ripen.
    ripening: Vec<Trader>,
}

/// A trade that somebody wants: buys `size` (sells, when negative) from whichever market maker quotes.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) who: Key,
    pub(crate) account: B256,
    pub(crate) instrument: u128,
    pub(crate) size: i128,
}

impl Exchange {
    /// Deploys the venue in Solidity, has it admitted, and brings everybody's money in.
    pub(crate) async fn open(
        world: World,
        people: People,
        insurance: u128,
        cap: u32,
        shift: u64,
    ) -> Result<Self> {
        let chain = &world.chain;
        let venue = rfq::deploy(chain, &world.owner, world.engine).await.context("deploying the venue")?;
        let admit = IPlimsoll::admitVenueCall { venue, admitted: true };
        chain.transact(&world.owner, world.engine, &admit).await.context("admitting the venue")?;
        let call = IPlimsoll::setInsuranceCapCall { cap };
        chain.transact(&world.owner, world.engine, &call).await.context("setting the insurance cap")?;
        if insurance > 0 {
            world.fund_insurance(insurance).await.context("funding insurance")?;
        }
        let mut exchange = Self {
            world,
            venue,
            people,
            accounts: Vec::new(),
            record: Record::default(),
            shift,
            quotes: 0,
            prices: HashMap::new(),
            reported: 0,
            interred: HashMap::new(),
            ripening: Vec::new(),
        };
        exchange.bring_money().await?;
        Ok(exchange)
    }

    async fn bring_money(&mut self) -> Result<()> {
        let people = &self.people;
        let everybody: Vec<(Key, u128)> = (people.traders.iter().map(|t| (t.key.clone(), t.collateral)))
            .chain(people.makers.iter().map(|key| (key.clone(), people.maker_capital)))
            .chain(people.keepers.iter().map(|key| (key.clone(), people.keeper_capital)))
            .collect();
        scenario::fund(&self.world.chain, everybody.iter().map(|(key, _)| key)).await?;
        let mut txs = Vec::new();
        for (key, money) in &everybody {
            let account = key.account(0);
            txs.extend(self.world.deposit_txs(key, account, *money));
            txs.push(self.world.approve_venue_tx(key, account, self.venue));
            self.accounts.push(account);
        }
        const KINDS: [&str; 4] = ["token mint", "token approve", "deposit", "approveVenue"];
        let receipts = self.world.chain.send_all_ok(&txs).await.context("bringing money in")?;
        for (receipt, kind) in receipts.iter().zip(KINDS.iter().cycle()) {
            self.record.gas(kind, receipt.gas());
        }
        Ok(())
    }

    /// Moves the clock to the tick, where the node can, and reports both prices.
    pub(crate) async fn report(&mut self, tick: &Tick) -> Result<()> {
        if self.world.node.capabilities().time_travel {
            let chain = &self.world.chain;
            let time = tick.time + self.shift;
            if chain.head().await?.timestamp() < time {
                chain.set_next_time(time).await?;
                chain.mine().await?;
            }
        }
        self.prices = HashMap::from([(BTC_PERP, tick.btc), (super::market::ETH_PERP, tick.eth)]);
        self.submit().await
    }

    async fn submit(&mut self) -> Result<()> {
        let prices = [(BTC, self.price(BTC_PERP)), (ETH, self.price(super::market::ETH_PERP))];
        let receipt = self.world.set_prices(&prices).await.context("reporting prices")?;
        self.record.gas("oracle submit, 2 prices", receipt.gas());
        self.reported = self.world.chain.head().await?.timestamp();
        Ok(())
    }

    /// Brings a new report of the same prices where the last one would soon be too old for trades that grow risk.
    async fn freshen(&mut self) -> Result<()> {
        let now = self.world.chain.head().await?.timestamp();
        if now.saturating_sub(self.reported) > u64::from(MAX_TRADE_AGE) / 2 {
            self.submit().await?;
        }
        Ok(())
    }

    /// Last reported price of a market, WAD.
    pub(crate) fn price(&self, instrument: u128) -> u128 {
        self.prices.get(&instrument).copied().unwrap_or(0)
    }

    /// Accrues funding of both markets.
    pub(crate) async fn poke(&mut self) -> Result<()> {
        let call = IPlimsoll::pokeCall { instruments: vec![BTC_PERP, super::market::ETH_PERP] };
        let key = self.people.keepers.first().unwrap_or(&self.world.owner);
        let receipt = self.world.chain.transact(key, self.world.engine, &call).await.context("poke")?;
        self.record.gas("poke, 2 markets", receipt.gas());
        Ok(())
    }

    // ---- trading through the venue

    /// Trades all wishes against market makers' quotes; true where the engine settled.
    ///
    /// Each quote comes from the next market maker in turn.
    pub(crate) async fn trade(&mut self, wishes: &[Wish], kind: &'static str) -> Result<Vec<bool>> {
        let mut done = Vec::with_capacity(wishes.len());
        for wishes in wishes.chunks(TRADES) {
            self.freshen().await?;
            let expiry = self.world.chain.head().await?.timestamp() + QUOTE_LIFE;
            let mut txs = Vec::with_capacity(wishes.len());
            for wish in wishes {
                let order = self.order(wish, wish.size, expiry)?;
                txs.push(rfq::take(&wish.who, self.venue, vec![order]));
            }
            for outcome in self.world.chain.send_all(&txs).await? {
                done.push(self.settled(outcome, kind)?);
            }
        }
        Ok(done)
    }

    /// A trade so large that every market maker quotes a part of it, all or none.
    pub(crate) async fn trade_in_parts(&mut self, wish: &Wish, kind: &'static str) -> Result<bool> {
        self.freshen().await?;
        let expiry = self.world.chain.head().await?.timestamp() + QUOTE_LIFE;
        let makers = self.people.makers.len() as i128;
        let part = wish.size / makers;
        let mut orders = Vec::new();
        for i in 0..makers {
            let size = if i == 0 { wish.size - part * (makers - 1) } else { part };
            orders.push(self.order(wish, size, expiry)?);
        }
        let outcome = self.world.chain.send(rfq::take(&wish.who, self.venue, orders)).await;
        self.settled(outcome, kind)
    }

    fn order(
        &mut self,
        wish: &Wish,
        size: i128,
        expiry: u64,
    ) -> Result<plimsoll_harness::bindings::solidity::RfqVenue::Order> {
        self.quotes += 1;
        let makers = &self.people.makers;
        let maker = &makers[self.quotes as usize % makers.len()];
        let quote = Quote {
            maker: maker.account(0),
            taker: wish.account,
            instrument: wish.instrument,
            size,
            price: quoted(self.price(wish.instrument), size > 0)?,
            expiry,
            nonce: self.quotes,
            signer: maker.address(),
        };
        rfq::order(self.world.chain.chain_id(), self.venue, quote, maker, wish.account)
    }

    /// Counts a transaction's gas, or the typed error that it was refused with; other failures end the demo.
    pub(crate) fn settled(&mut self, outcome: Result<Receipt, Failure>, kind: &'static str) -> Result<bool> {
        match outcome {
            Ok(receipt) => {
                self.record.gas(kind, receipt.gas());
                Ok(true)
            }
            Err(Failure::Reverted(revert)) => {
                let name = match IPlimsollErrors::abi_decode(&revert.data) {
                    Ok(error) => format!("{error:?}").split(['(', ' ']).next().unwrap_or("").to_owned(),
                    Err(_) => revert.to_string(),
                };
                *self.record.refused.entry(format!("{kind}: {name}")).or_default() += 1;
                Ok(false)
            }
            Err(Failure::Other(error)) => Err(error.context(kind)),
        }
    }

    // ---- the crowd's comings and goings

    /// Entries and exits that are due at this tick.
    pub(crate) async fn crowd(&mut self, index: usize) -> Result<()> {
        let due: Vec<Trader> = self.people.traders.iter().filter(|t| t.enters == index).cloned().collect();
        let (whales, others): (Vec<Trader>, Vec<Trader>) = due.into_iter().partition(|t| t.whale);
        let wishes: Vec<Wish> = others.iter().map(|t| self.entry(t)).collect::<Result<_>>()?;
        let done = self.trade(&wishes, "RFQ take, 1 fill").await?;
        self.record.entries += done.iter().filter(|&&done| done).count();
        for whale in whales {
            let wish = self.entry(&whale)?;
            let done = self.trade_in_parts(&wish, "RFQ takeMany, 6 fills").await?;
            anyhow::ensure!(done, "the whale's trade was refused: {:?}", self.record.refused);
            self.record.entries += 1;
        }
        let leaving: Vec<Trader> =
            self.people.traders.iter().filter(|t| t.leaves == Some(index)).cloned().collect();
        self.leave(&leaving).await?;
        self.withdraw().await
    }

    fn entry(&self, trader: &Trader) -> Result<Wish> {
        let units = mul_div_floor(trader.notional(), WAD, self.price(trader.instrument))?;
        // Whole thousandths, as a person would ask for.
        let units = i128::try_from(units - units % (WAD / 1_000))?;
        Ok(Wish {
            who: trader.key.clone(),
            account: trader.account(),
            instrument: trader.instrument,
            size: if trader.long { units } else { -units },
        })
    }

    /// Closes what is left of the positions.
    async fn leave(&mut self, traders: &[Trader]) -> Result<()> {
        if traders.is_empty() {
            return Ok(());
        }
        let (chain, engine) = (self.world.chain.clone(), self.world.engine);
        let calls = traders
            .iter()
            .map(|t| IPlimsoll::positionOfCall { account: t.account(), instrument: t.instrument });
        let positions = chain.call_many(engine, calls).await.context("positions of those who leave")?;
        let wishes: Vec<Wish> = (traders.iter().zip(positions))
            .filter(|(_, position)| position.size != 0)
            .map(|(t, position)| Wish {
                who: t.key.clone(),
                account: t.account(),
                instrument: t.instrument,
                size: -position.size,
            })
            .collect();
        let done = self.trade(&wishes, "RFQ take, 1 fill").await?;
        self.record.exits += done.iter().filter(|&&done| done).count();
        let calls = traders
            .iter()
            .map(|t| IPlimsoll::positionOfCall { account: t.account(), instrument: t.instrument });
        for position in chain.call_many(engine, calls).await.context("young profit of those who leave")? {
            self.record.young_at_exit += position.young;
            self.record.young_exits += usize::from(position.young > 0);
        }
        self.ripening.extend_from_slice(traders);
        Ok(())
    }

    /// Everyone who has closed withdraws what is free. Young profit is not: who has some comes back until it is ripe.
    async fn withdraw(&mut self) -> Result<()> {
        let (chain, engine, token) = (self.world.chain.clone(), self.world.engine, self.world.token);
        let traders = std::mem::take(&mut self.ripening);
        let calls = traders.iter().map(|t| IPlimsoll::freeCollateralCall { account: t.account() });
        let free = chain.call_many(engine, calls).await.context("free collateral of those who leave")?;
        let txs: Vec<Tx> = (traders.iter().zip(free))
            .map(|(t, free)| (t, plimsoll_harness::ids::to_quote_units(free)))
            .filter(|(_, amount)| !amount.is_zero())
            .map(|(t, amount)| {
                let (account, to) = (t.account(), t.key.address());
                Tx::call(&t.key, engine, &IPlimsoll::withdrawCall { account, token, amount, to })
            })
            .collect();
        for outcome in chain.send_all(&txs).await? {
            self.settled(outcome, "withdraw")?;
        }
        let calls = traders
            .iter()
            .map(|t| IPlimsoll::positionOfCall { account: t.account(), instrument: t.instrument });
        let positions = chain.call_many(engine, calls).await.context("young profit of those who leave")?;
        let young = traders.into_iter().zip(positions).filter(|(_, position)| position.young > 0);
        self.ripening = young.map(|(trader, _)| trader).collect();
        Ok(())
    }
}

/// A market maker's price: half a spread above the index for a buyer, below it for a seller.
fn quoted(index: u128, buys: bool) -> Result<u128> {
    Ok(if buys {
        mul_div_ceil(index, PPM + HALF_SPREAD, PPM)?
    } else {
        mul_div_floor(index, PPM - HALF_SPREAD, PPM)?
    })
}

/// Chain time of the first tick less its historical time, on a chain whose clock stands at `now`.
pub(crate) fn time_shift(now: u64, first: u64) -> u64 {
    (now + STEP).saturating_sub(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_price_is_half_a_spread_away() {
        assert_eq!(quoted(10_000 * WAD, true).unwrap(), 10_005 * WAD);
        assert_eq!(quoted(10_000 * WAD, false).unwrap(), 9_995 * WAD);
    }

    #[test]
    fn time_shift_is_zero_on_a_chain_that_starts_in_the_past() {
        assert_eq!(time_shift(1_000, 1_000_000), 0);
        assert_eq!(time_shift(2_000_000, 1_000_000), 1_000_000 + STEP);
    }
}
