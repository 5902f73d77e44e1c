//! An options exchange in Solidity with a book of its own, over the risk model and the oracle.

use alloy::primitives::{Address, B256, U256};
use anyhow::Result;
use plimsoll_harness::{
    bindings::solidity::OptionsBook,
    ids::to_quote_units,
    prelude::*,
    scenario::init_code,
    surfaces::{smile, surface},
};
use plimsoll_risk::ids;

use crate::risk::standard;

/// The exchange over the engine's oracle, and two accounts with 4,000 of cash each.
#[derive(Debug)]
pub struct Exchange {
    /// Engine, oracle and keys.
    pub world: World,
    /// The risk model.
    pub model: Address,
    /// The exchange.
    pub book: Address,
    /// What its cash is.
    pub token: Address,
    /// Who posts offers.
    pub maker: Key,
    /// Who takes them.
    pub taker: Key,
    /// The expiry that the surface has.
    pub month: u32,
}

impl Exchange {
    /// Deploys all of it, with bitcoin at 10,000.
    ///
    /// # Errors
    /// When a step fails.
    pub async fn new() -> Result<Self> {
        let world = World::start().await?;
        let chain = &world.chain;
        let model = world.deploy_risk_model().await?;
        let call = IPlimsollRiskModel::setParamsCall { underlying: BTC, params: standard() };
        chain.transact(&world.owner, model, &call).await?;
        world.set_surface(BTC, surface()).await?;
        let [maker, taker] = [world.user("maker").await?, world.user("taker").await?];
        let token = world.token;
        let book =
            chain.create(&world.owner, init_code("OptionsBook", &(model, world.oracle, token, BTC))?).await?;
        for key in [&maker, &taker] {
            let amount = to_quote_units(wad(4_000));
            chain.transact(key, token, &IToken::mintCall { to: key.address(), amount }).await?;
            chain.transact(key, token, &IToken::approveCall { spender: book, amount }).await?;
            chain.transact(key, book, &OptionsBook::depositCall { amount }).await?;
        }
        let month = chain.head().await?.timestamp() as u32 + 30 * 86_400;
        let exchange = Self { world, model, book, token, maker, taker, month };
        exchange.price(wad(10_000)).await?;
        Ok(exchange)
    }

    /// Reports a price, and a slice of 60 % volatility at a forward of the same.
    ///
    /// # Errors
    /// When a report is refused.
    pub async fn price(&self, spot: u128) -> Result<()> {
        self.world.pass_time(2).await?;
        self.world.set_price(BTC, spot).await?;
        let time = self.world.chain.head().await?.timestamp();
        self.world.set_slices(&[smile(BTC, self.month, time, spot, 600_000)]).await?;
        Ok(())
    }

    /// An option on bitcoin of the surface's expiry; the strike in whole units of quote.
    #[must_use]
    pub fn option(&self, strike: u64, call: bool) -> u128 {
        ids::option(BTC, self.month, strike * 100_000_000, call)
    }

    /// Posts an offer of the maker's.
    ///
    /// # Errors
    /// When the exchange refuses.
    pub async fn offer(&self, instrument: u128, size: i128, price: u128) -> Result<U256> {
        let call = OptionsBook::offerCall { instrument, size, price };
        let event: OptionsBook::Offered =
            self.world.chain.transact(&self.maker, self.book, &call).await?.event()?;
        Ok(event.id)
    }

    /// Takes it as the taker.
    ///
    /// # Errors
    /// When the exchange refuses.
    pub async fn take(&self, id: U256) -> Result<Receipt, Failure> {
        self.world.chain.transact(&self.taker, self.book, &OptionsBook::takeCall { id }).await
    }

    /// Cash of an account.
    ///
    /// # Errors
    /// When the exchange refuses.
    pub async fn cash(&self, key: &Key) -> Result<i128, Failure> {
        self.world.chain.call(self.book, &OptionsBook::cashOfCall { account: key.address() }).await
    }

    /// Positions of an account.
    ///
    /// # Errors
    /// When the exchange refuses.
    pub async fn legs(&self, key: &Key) -> Result<Vec<B256>, Failure> {
        self.world.chain.call(self.book, &OptionsBook::legsOfCall { account: key.address() }).await
    }
}
