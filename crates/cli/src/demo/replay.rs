//! The replay: one price after the other, what people and keepers do about it, and the ledger checked each time.

use anyhow::{Context, Result, ensure};
use plimsoll_fixed::mul_div_floor;
use plimsoll_harness::{bindings::IPlimsoll, identity::Identity, ids::WAD};

use super::{
    exchange::Exchange,
    keepers::Found,
    market::{BTC_PERP, ETH_PERP},
    prices::{HOUR, Moment, Tick},
    progress,
    record::{HEALTH_BANDS, Step, band},
};

/// Largest difference of the identity that counts as dust, WAD: a billionth of a dollar. Each rounding is below 1e-18
/// dollars for a balance and 2^-95 of a price per unit of size for an index.
pub(crate) const DUST: u128 = WAD / 1_000_000_000;

impl Exchange {
    /// Replays every tick.
    pub(crate) async fn replay(&mut self, ticks: &[Tick]) -> Result<()> {
        self.record.before = self.identity().await.context("before the replay")?;
        for (index, tick) in ticks.iter().enumerate() {
            self.step(index, tick).await.with_context(|| format!("at {}", progress::moment(tick)))?;
            if tick.moment == Moment::Close {
                println!("{}", progress::hour(&self.record));
            }
        }
        self.record.after = self.identity().await.context("after the replay")?;
        Ok(())
    }

    async fn step(&mut self, index: usize, tick: &Tick) -> Result<()> {
        self.report(tick).await?;
        if tick.time.is_multiple_of(HOUR) {
            self.poke().await?;
        }
        let found = self.keep(index).await?;
        self.crowd(index).await?;
        let step = self.measure(tick, found).await?;
        self.record.steps.push(step);
        Ok(())
    }

    async fn measure(&self, tick: &Tick, found: Found) -> Result<Step> {
        let (chain, engine) = (&self.world.chain, self.world.engine);
        let identity = self.identity().await?;
        let mut health = [0; HEALTH_BANDS.len()];
        for margin in self.margins().await? {
            if margin.maintenance > 0 {
                health[band(margin.equity, margin.maintenance)] += 1;
            }
        }
        let mut open_interest = [0; 2];
        for (oi, instrument) in open_interest.iter_mut().zip([BTC_PERP, ETH_PERP]) {
            let market = chain.call(engine, &IPlimsoll::marketCall { instrument }).await?;
            *oi = mul_div_floor(market.openInterest, self.price(instrument), WAD)?;
        }
        Ok(Step {
            tick: *tick,
            open_interest,
            insurance: identity.insurance,
            liquidatable: found.liquidatable,
            insolvent: found.insolvent,
            health,
            difference: identity.difference,
        })
    }

    /// The identity over everybody, which must hold to the dust.
    async fn identity(&self) -> Result<Identity> {
        let identity = Identity::read(&self.world.chain, self.world.engine, &self.accounts).await?;
        ensure!(identity.difference.unsigned_abs() <= DUST, "the ledger does not balance: {identity}");
        Ok(identity)
    }
}
