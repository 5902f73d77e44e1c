//! A whole Plimsoll on a node, with the people around it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    sol_types::{SolType, SolValue, abi::TokenSeq},
};
use anyhow::{Context, Result};

use crate::{
    bindings::{
        EngineArguments,
        IPlimsoll::{self, Fill, MarketParams},
        IPlimsollOracle::{self, Feed, PricePoint},
        IToken, OracleArguments,
    },
    build,
    chain::{Chain, Receipt, Tx},
    deploy,
    identity::Identity,
    ids::{BTC, ETH, QUOTE_DECIMALS, WAD, perp, wad},
    key::Key,
    node::{self, Capability, Node},
    oracle,
    revert::Failure,
    setup::{self, Setup},
    workspace::Artifact,
};

/// Wei that a new user gets for gas.
const GAS_MONEY: u128 = 10 * WAD;
/// Seconds after its time within which a report must be submitted.
pub(crate) const REPORT_LIFE: u64 = 600;
/// Pause between two looks at a clock that nobody can move.
const WAIT: Duration = Duration::from_millis(300);

/// How a scenario is deployed.
#[derive(Clone, Debug)]
pub struct Options {
    /// Signers of the oracle.
    pub signers: usize,
    /// How many of them must sign.
    pub threshold: u8,
    /// Feeds of the oracle by underlying.
    pub feeds: Vec<(u16, Feed)>,
    /// Markets to list.
    pub markets: Vec<(u128, MarketParams)>,
    /// First prices by underlying, WAD.
    pub prices: Vec<(u16, u128)>,
}

impl Default for Options {
    /// BTC at 10,000 and ETH at 500, two of three signers, prices that stay fresh for a minute and late for an hour.
    fn default() -> Self {
        Self {
            signers: 3,
            threshold: 2,
            feeds: vec![(BTC, feed()), (ETH, feed())],
            markets: vec![(perp(BTC), market_params()), (perp(ETH), market_params())],
            prices: vec![(BTC, wad(10_000)), (ETH, wad(500))],
        }
    }
}

/// A feed with wide bounds: fresh for 60 s, late until 3,600 s, between 0.01 and 10 million, moves unbounded.
#[must_use]
pub fn feed() -> Feed {
    Feed { maxAge: 60, maxAgeLate: 3_600, minPrice: WAD / 100, maxPrice: wad(10_000_000), maxMove: 0 }
}

/// Parameters of an ordinary market: 5 % initial, 3 % maintenance, no fees, no terms in open interest or depth; trades at any fresh price.
#[must_use]
pub fn market_params() -> MarketParams {
    MarketParams {
        initialFactor: 50_000,
        maintenanceFactor: 30_000,
        priceBand: 50_000,
        profitWeight: 1_000_000,
        takerFee: 0,
        makerFee: 0,
        fundingCap: 1_000,
        liquidationFee: 5_000,
        minDiscount: 2_000,
        maxDiscount: 20_000,
        targetBuffer: 100_000,
        oiLow: wad(1_000_000_000),
        oiHigh: wad(2_000_000_000),
        depth: 0,
        liquidationCost: 0,
        maxOpenInterest: wad(1_000_000),
        maxPosition: wad(100_000),
        lot: WAD / 1_000,
        minNotional: wad(10),
        interest: 0,
        fundingNotional: wad(100_000),
        maxTradeAge: 60,
        youngWindow: 900,
        insuranceShare: 100_000,
    }
}

/// A deployed engine with its oracle and token, an owner, a guardian, price reporters, and a venue that is a plain key.
#[derive(Clone, Debug)]
pub struct World {
    /// The node; dropping the last clone of an embedded one stops it.
    pub node: Arc<Node>,
    /// Connection to it.
    pub chain: Chain,
    /// What the node's setup put in place.
    pub setup: Setup,
    /// The engine.
    pub engine: Address,
    /// The engine's modules.
    pub modules: Vec<Address>,
    /// The oracle.
    pub oracle: Address,
    /// The quote token: an ERC-20 of 6 decimals with an open mint.
    pub token: Address,
    /// Owner of engine and oracle.
    pub owner: Key,
    /// The engine's guardian.
    pub guardian: Key,
    /// The oracle's signers.
    pub reporters: Vec<Key>,
    /// How many of them must sign.
    pub threshold: u8,
    /// An admitted venue: a key that settles what the scenario says.
    pub venue: Key,
    /// Block of the engine's deployment, from which its events are read.
    pub first_block: u64,
    last_report: Arc<AtomicU64>,
}

impl World {
    /// Starts or reaches a node and deploys with [`Options::default`].
    ///
    /// # Errors
    /// When any step of node, build or deployment fails.
    pub async fn start() -> Result<Self> {
        Self::deploy(Node::start().await?, &Options::default()).await
    }

    /// As [`Self::start`] with nobody else on the node, for a test that needs these capabilities; `None`, said aloud,
    /// where the node lacks one. See [`Node::alone`].
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn alone(test: &str, needs: &[Capability]) -> Result<Option<Self>> {
        let Some(node) = Node::alone(test, needs, node::Options::default()).await? else { return Ok(None) };
        Ok(Some(Self::deploy(node, &Options::default()).await?))
    }

    /// Deploys on a node: setup, contracts, token, feeds, markets, first prices.
    ///
    /// # Errors
    /// When any step fails.
    pub async fn deploy(node: Node, options: &Options) -> Result<Self> {
        let chain = node.chain().clone();
        let contracts = build::contracts().await?;
        let setup = setup::setup(&chain).await?;
        let dev = Key::dev();
        let [owner, guardian, venue] = ["owner", "guardian", "venue"].map(Key::named);
        let reporters: Vec<Key> =
            (0..options.signers).map(|i| Key::named(&format!("reporter {i}"))).collect();
        fund(&chain, [&owner, &guardian, &venue].into_iter().chain(&reporters)).await?;

        let first_block = chain.head().await?.number();
        let token = chain
            .create(&dev, init_code("UsdToken", &("US dollar", "USD", U256::from(QUOTE_DECIMALS)))?)
            .await
            .context("deploying the quote token")?;
        let arguments = OracleArguments {
            owner: owner.address(),
            signers: reporters.iter().map(Key::address).collect(),
            threshold: options.threshold,
        };
        let oracle = deploy::oracle(&chain, &setup, &contracts, &dev, &arguments).await?;
        let modules = deploy::modules(&chain, &setup, &contracts, &dev).await?;
        let arguments = EngineArguments {
            modules: modules.clone(),
            owner: owner.address(),
            guardian: guardian.address(),
            quoteToken: token,
            oracle,
        };
        let engine = deploy::engine(&chain, &setup, &contracts, &dev, &arguments).await?;
        let world = Self {
            node: Arc::new(node),
            chain,
            setup,
            engine,
            modules,
            oracle,
            token,
            owner,
            guardian,
            reporters,
            threshold: options.threshold,
            venue,
            first_block,
            last_report: Arc::default(),
        };
        world.configure(options).await?;
        Ok(world)
    }

    async fn configure(&self, options: &Options) -> Result<()> {
        let mut txs = Vec::new();
        for (underlying, feed) in &options.feeds {
            let call = IPlimsollOracle::setFeedCall { underlying: *underlying, feed: feed.clone() };
            txs.push(Tx::call(&self.owner, self.oracle, &call));
        }
        for (instrument, params) in &options.markets {
            let call = IPlimsoll::listMarketCall { instrument: *instrument, params: params.clone() };
            txs.push(Tx::call(&self.owner, self.engine, &call));
        }
        let call = IPlimsoll::admitVenueCall { venue: self.venue.address(), admitted: true };
        txs.push(Tx::call(&self.owner, self.engine, &call));
        self.chain.send_all_ok(&txs).await.context("setting feeds, markets and venue")?;
        if !options.prices.is_empty() {
            self.set_prices(&options.prices).await.context("the first prices")?;
        }
        Ok(())
    }

    /// Deploys a risk model with the scenario's owner and no parameters. Only where a test needs one.
    ///
    /// # Errors
    /// As [`deploy::program`].
    pub async fn deploy_risk_model(&self) -> Result<Address> {
        let contracts = build::contracts().await?;
        deploy::risk_model(&self.chain, &self.setup, &contracts, &Key::dev(), self.owner.address()).await
    }

    // ---- people

    /// A key with ether for gas: the one of that name where nobody else is at work, a fresh one where somebody is.
    ///
    /// # Errors
    /// When the transfer fails.
    pub async fn user(&self, name: &str) -> Result<Key> {
        let key = if self.node.is_alone() { Key::named(name) } else { Key::fresh(name) };
        fund(&self.chain, [&key]).await?;
        Ok(key)
    }

    /// A funded key whose account 0 holds `amount` of quote (WAD, rounded down to token units) and trades through the
    /// scenario's venue.
    ///
    /// # Errors
    /// When a step fails.
    pub async fn trader(&self, name: &str, amount: u128) -> Result<Key> {
        let key = self.user(name).await?;
        let mut txs = self.deposit_txs(&key, key.account(0), amount);
        txs.push(self.approve_venue_tx(&key, key.account(0), self.venue.address()));
        self.chain.send_all_ok(&txs).await.with_context(|| format!("setting up {name}"))?;
        Ok(key)
    }

    /// The transactions by which a key mints quote, approves the engine and deposits into an account.
    #[must_use]
    pub fn deposit_txs(&self, key: &Key, account: B256, amount: u128) -> Vec<Tx> {
        let amount = crate::ids::to_quote_units(amount);
        vec![
            Tx::call(key, self.token, &IToken::mintCall { to: key.address(), amount }),
            Tx::call(key, self.token, &IToken::approveCall { spender: self.engine, amount }),
            Tx::call(key, self.engine, &IPlimsoll::depositCall { account, token: self.token, amount }),
        ]
    }

    /// The transaction by which a key lets a venue trade for its account.
    #[must_use]
    pub fn approve_venue_tx(&self, key: &Key, account: B256, venue: Address) -> Tx {
        Tx::call(key, self.engine, &IPlimsoll::approveVenueCall { account, venue, approved: true })
    }

    /// Mints quote to the owner and pays it into insurance, WAD.
    ///
    /// # Errors
    /// When a step fails.
    pub async fn fund_insurance(&self, amount: u128) -> Result<()> {
        let amount = crate::ids::to_quote_units(amount);
        let owner = &self.owner;
        self.chain
            .send_all_ok(&[
                Tx::call(owner, self.token, &IToken::mintCall { to: owner.address(), amount }),
                Tx::call(owner, self.token, &IToken::approveCall { spender: self.engine, amount }),
                Tx::call(owner, self.engine, &IPlimsoll::fundInsuranceCall { amount }),
            ])
            .await?;
        Ok(())
    }

    // ---- prices and time

    /// Reports prices (WAD by underlying) at the chain's time, signed by as many reporters as must.
    ///
    /// # Errors
    /// [`Failure::Reverted`] when the oracle refuses.
    pub async fn set_prices(&self, prices: &[(u16, u128)]) -> Result<Receipt, Failure> {
        let time = self.report_time().await?;
        let points: Vec<PricePoint> =
            prices.iter().map(|&(underlying, price)| PricePoint { underlying, price, time }).collect();
        let signers = &self.reporters[..usize::from(self.threshold).min(self.reporters.len())];
        let from = self.reporters.first().context("the scenario has no reporter")?;
        let deadline = time + REPORT_LIFE;
        oracle::submit(&self.chain, self.oracle, from, signers, &points, deadline).await
    }

    /// Reports one price, WAD.
    ///
    /// # Errors
    /// As [`Self::set_prices`].
    pub async fn set_price(&self, underlying: u16, price: u128) -> Result<Receipt, Failure> {
        self.set_prices(&[(underlying, price)]).await
    }

    /// Moves the time of the latest block on by at least so many seconds: at once where nobody else is at work, by waiting
    /// where the clock is the world's or everybody's.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn pass_time(&self, seconds: u64) -> Result<()> {
        if self.node.is_alone() && self.node.capabilities().time_travel {
            return self.chain.increase_time(seconds).await;
        }
        let until = self.chain.head().await?.timestamp() + seconds;
        while self.chain.head().await?.timestamp() < until {
            tokio::time::sleep(WAIT).await;
            self.chain.mine_by_transfer().await?;
        }
        Ok(())
    }

    /// A time for a report that is newer than the last one's and not in the future of the next block.
    async fn report_time(&self) -> Result<u64> {
        let last = self.last_report.load(Ordering::SeqCst);
        let mut now = self.chain.head().await?.timestamp();
        if now <= last {
            // Two reports within a second: let the clock move on.
            self.pass_time(last + 1 - now).await?;
            now = self.chain.head().await?.timestamp();
        }
        self.last_report.store(now, Ordering::SeqCst);
        Ok(now)
    }

    // ---- trading

    /// A fill of the scenario's venue: `taker` buys `size` (sells, when negative) from `maker` at `price`, WAD.
    ///
    /// # Errors
    /// [`Failure::Reverted`] when the engine refuses.
    pub async fn trade(
        &self,
        taker: B256,
        maker: B256,
        instrument: u128,
        size: i128,
        price: u128,
    ) -> Result<Receipt, Failure> {
        self.settle(vec![Fill { taker, maker, instrument, size, price }]).await
    }

    /// Settles fills through the scenario's venue.
    ///
    /// # Errors
    /// [`Failure::Reverted`] when the engine refuses.
    pub async fn settle(&self, fills: Vec<Fill>) -> Result<Receipt, Failure> {
        self.chain.transact(&self.venue, self.engine, &IPlimsoll::settleCall { fills }).await
    }

    // ---- ledger

    /// The identity over all accounts that ever received a deposit, a fill or a liquidation.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn identity(&self) -> Result<Identity> {
        let accounts = self.accounts().await?;
        Identity::read(&self.chain, self.engine, &accounts).await
    }

    /// Every account that the engine's events name, in the order of first mention.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn accounts(&self) -> Result<Vec<B256>> {
        let (chain, engine, first) = (&self.chain, self.engine, self.first_block);
        let mut accounts = Vec::new();
        for (_, event) in chain.events::<IPlimsoll::Deposited>(engine, first).await? {
            accounts.push(event.account);
        }
        for (_, event) in chain.events::<IPlimsoll::Filled>(engine, first).await? {
            accounts.extend([event.taker, event.maker]);
        }
        for (_, event) in chain.events::<IPlimsoll::Liquidated>(engine, first).await? {
            accounts.extend([event.account, event.liquidator]);
        }
        let mut seen = std::collections::HashSet::new();
        accounts.retain(|account| seen.insert(*account));
        Ok(accounts)
    }
}

/// Gives each key ether for gas unless it has enough.
///
/// # Errors
/// When a transfer fails.
pub async fn fund<'a>(chain: &Chain, keys: impl IntoIterator<Item = &'a Key>) -> Result<()> {
    let dev = Key::dev();
    let mut txs = Vec::new();
    for key in keys {
        if chain.balance(key.address()).await? < U256::from(GAS_MONEY / 2) {
            txs.push(Tx::raw(&dev, key.address(), Vec::new()).value(U256::from(GAS_MONEY)).gas(100_000));
        }
    }
    chain.send_all_ok(&txs).await.context("sending gas money")?;
    Ok(())
}

/// Init code of an artifact whose constructor takes these ABI-encodable arguments, given as a tuple.
///
/// # Errors
/// When there is no such artifact.
pub fn init_code<T: SolValue>(name: &str, arguments: &T) -> Result<Bytes>
where
    for<'a> <T::SolType as SolType>::Token<'a>: TokenSeq<'a>,
{
    Ok(Artifact::load(name)?.init_code(&arguments.abi_encode_params()))
}
