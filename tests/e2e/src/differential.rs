//! The pure model and the contract side by side: what happens to one happens to the other, and both must agree.
//!
//! [`Pair`] holds a [`World`] and a [`Book`] with the same markets and people. [`Pair::apply`] sends a step as a
//! transaction in a block of the step's time, applies it to the book, and compares: the refusal with every argument of
//! its error, or else what the events say, and in both cases the whole ledger ([`compare`]).

pub mod compare;
pub mod events;
pub mod reached;

use std::collections::BTreeMap;

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    sol_types::SolError,
};
use anyhow::{Context, Result, bail, ensure};
use plimsoll_harness::{
    bindings::{
        IPlimsoll::{self, Fill, MarketParams},
        IPlimsollOracle::{Feed, PricePoint},
        IToken,
    },
    chain::Receipt,
    oracle,
    prelude::*,
    scenario,
};
use plimsoll_model::{AccountId, Action, Ages, Book, Config, Error, Generator, Outcome, Params, Step};
use plimsoll_risk::oracle::MAX_PRICE;

use self::reached::Reached;

/// Quote units that each person gets: more than any sequence deposits.
const MINTED: u128 = 1 << 90;
/// Seconds that a report may be submitted after its time.
const REPORT_LIFE: u64 = 60;

/// A book's account in the contract's form.
#[must_use]
pub fn account(id: AccountId) -> B256 {
    B256::from(id.0)
}

/// A market's parameters in the contract's form.
#[must_use]
pub fn market_params(p: &Params) -> MarketParams {
    let Params { margin, fills, time, funding, insurance_share, caps, liquidation: rules } = p;
    MarketParams {
        initialFactor: margin.initial_factor,
        maintenanceFactor: margin.maintenance_factor,
        priceBand: fills.price_band,
        profitWeight: margin.profit_weight,
        takerFee: fills.taker_fee,
        makerFee: fills.maker_fee,
        fundingCap: funding.cap,
        liquidationFee: rules.fee,
        minDiscount: rules.min_discount,
        maxDiscount: rules.max_discount,
        targetBuffer: rules.target_buffer,
        oiLow: margin.oi_low,
        oiHigh: margin.oi_high,
        depth: margin.depth,
        liquidationCost: margin.liquidation_cost,
        maxOpenInterest: caps.open_interest,
        maxPosition: caps.position,
        lot: rules.lot,
        minNotional: rules.min_notional,
        interest: funding.interest,
        fundingNotional: funding.least_notional,
        maxTradeAge: time.max_trade_age,
        youngWindow: time.young_window,
        insuranceShare: *insurance_share,
    }
}

/// The revert data that the contract gives for a refusal of the model. `NotNewer` is the oracle's; no sequence gets
/// there, since time always moves on.
#[must_use]
pub fn revert_data(error: &Error) -> Bytes {
    let data = match *error {
        Error::Overflow => IPlimsoll::Overflow {}.abi_encode(),
        Error::EnginePaused { until } => IPlimsoll::EnginePaused { until }.abi_encode(),
        Error::UnknownMarket { instrument } => IPlimsoll::UnknownMarket { instrument }.abi_encode(),
        Error::MarketExists { instrument } => IPlimsoll::MarketExists { instrument }.abi_encode(),
        Error::DuplicateInstrument { instrument } => {
            IPlimsoll::DuplicateInstrument { instrument }.abi_encode()
        }
        Error::ZeroAmount => IPlimsoll::ZeroAmount {}.abi_encode(),
        Error::ZeroSize => IPlimsoll::ZeroSize {}.abi_encode(),
        Error::NoFills => IPlimsoll::NoFills {}.abi_encode(),
        Error::SelfTrade { account: id } => IPlimsoll::SelfTrade { account: account(id) }.abi_encode(),
        Error::PriceOutOfBand { instrument, price, low, high } => {
            IPlimsoll::PriceOutOfBand { instrument, price, low, high }.abi_encode()
        }
        Error::EntryOutOfRange { instrument } => IPlimsoll::EntryOutOfRange { instrument }.abi_encode(),
        Error::PriceUnusable { instrument, status } => {
            IPlimsoll::PriceUnusable { instrument, status }.abi_encode()
        }
        Error::PositionTooLarge { account: id, instrument, size, most } => {
            IPlimsoll::PositionTooLarge { account: account(id), instrument, size, most }.abi_encode()
        }
        Error::OpenInterestTooLarge { instrument, open_interest, most } => {
            IPlimsoll::OpenInterestTooLarge { instrument, openInterest: open_interest, most }.abi_encode()
        }
        Error::TooManyPositions { account: id, most } => {
            IPlimsoll::TooManyPositions { account: account(id), most }.abi_encode()
        }
        Error::InsufficientMargin { account: id, equity, initial } => {
            IPlimsoll::InsufficientMargin { account: account(id), equity, initial }.abi_encode()
        }
        Error::InsufficientCollateral { account: id, amount, free } => {
            IPlimsoll::InsufficientCollateral { account: account(id), amount, free }.abi_encode()
        }
        Error::Insolvent { account: id, equity } => {
            IPlimsoll::Insolvent { account: account(id), equity }.abi_encode()
        }
        Error::NotLiquidatable { account: id, equity, maintenance } => {
            IPlimsoll::NotLiquidatable { account: account(id), equity, maintenance }.abi_encode()
        }
        Error::NoPosition { account: id, instrument } => {
            IPlimsoll::NoPosition { account: account(id), instrument }.abi_encode()
        }
        Error::SelfLiquidation { account: id } => {
            IPlimsoll::SelfLiquidation { account: account(id) }.abi_encode()
        }
        Error::LimitPrice { price, limit } => IPlimsoll::LimitPrice { price, limit }.abi_encode(),
        Error::Solvent { account: id, equity } => {
            IPlimsoll::Solvent { account: account(id), equity }.abi_encode()
        }
        Error::EstateWaits { instrument } => IPlimsoll::EstateWaits { instrument }.abi_encode(),
        Error::NoEstate { instrument } => IPlimsoll::NoEstate { instrument }.abi_encode(),
        Error::PriceNotNewer { instrument, time, last } => {
            IPlimsoll::PriceNotNewer { instrument, time, last }.abi_encode()
        }
        Error::PassTooSoon { instrument, next } => IPlimsoll::PassTooSoon { instrument, next }.abi_encode(),
        Error::PriceTooOld { instrument, age, most } => {
            IPlimsoll::PriceTooOld { instrument, age, most }.abi_encode()
        }
        Error::PositionTooSmall { account: id, instrument, notional, least } => {
            IPlimsoll::PositionTooSmall { account: account(id), instrument, notional, least }.abi_encode()
        }
        Error::ZeroAddress => IPlimsoll::ZeroAddress {}.abi_encode(),
        Error::NoBadDebt { instrument } => IPlimsoll::NoBadDebt { instrument }.abi_encode(),
        Error::FeesTooSmall { amount, fees } => IPlimsoll::FeesTooSmall { amount, fees }.abi_encode(),
        Error::ParameterOutOfBounds { index } => IPlimsoll::ParameterOutOfBounds { index }.abi_encode(),
        Error::NotNewer { .. } => Vec::new(),
    };
    data.into()
}

/// A deployment and a book in the same state, and what has happened so far.
#[derive(Debug)]
pub struct Pair {
    /// The deployment.
    pub world: World,
    /// The model.
    pub book: Book,
    /// What the sequence has reached.
    pub reached: Reached,
    /// Accounts that are compared, in order.
    pub accounts: Vec<AccountId>,
    /// Quote units that each address should hold outside the engine.
    pub wallets: BTreeMap<Address, U256>,
    people: BTreeMap<AccountId, Key>,
    patron: Key,
}

impl Pair {
    /// Deploys on a node with the markets of these options, none of them with a price yet, and `people` accounts that
    /// have quote to deposit. The options' accounts become theirs. `None`, said aloud, on a node that lacks what the test
    /// needs: time travel at the least.
    ///
    /// # Errors
    /// When any step of the deployment fails.
    pub async fn open(
        test: &str,
        needs: &[Capability],
        options: &mut plimsoll_model::Options,
        people: usize,
    ) -> Result<Option<Self>> {
        let Some(node) = Node::alone(test, needs, Default::default()).await? else { return Ok(None) };
        let feed = |ages: Ages| Feed {
            maxAge: ages.max_age,
            maxAgeLate: ages.max_age_late,
            minPrice: 1,
            maxPrice: MAX_PRICE,
            maxMove: 0,
        };
        let deployment = scenario::Options {
            feeds: options.markets.iter().map(|&(market, ..)| (market, feed(options.ages))).collect(),
            markets: options.markets.iter().map(|(m, p, _)| (perp(*m), market_params(p))).collect(),
            prices: Vec::new(),
            ..scenario::Options::default()
        };
        let world = World::deploy(node, &deployment).await?;
        let keys: Vec<Key> = (0..people).map(|number| Key::named(&format!("person {number}"))).collect();
        let patron = Key::named("patron");
        scenario::fund(&world.chain, keys.iter().chain([&patron])).await?;
        options.accounts = keys.iter().map(|key| AccountId(key.account(0).0)).collect();

        let mut wallets = BTreeMap::from([(world.owner.address(), U256::ZERO)]);
        let mut txs = Vec::new();
        for key in keys.iter().chain([&patron]) {
            let amount = U256::from(MINTED);
            txs.push(Tx::call(key, world.token, &IToken::mintCall { to: key.address(), amount }));
            txs.push(Tx::call(key, world.token, &IToken::approveCall { spender: world.engine, amount }));
            txs.push(world.approve_venue_tx(key, key.account(0), world.venue.address()));
            wallets.insert(key.address(), amount);
        }
        world.chain.send_all_ok(&txs).await?;

        let mut book = Book::new(Config::default(), 0);
        for &(market, params, _) in &options.markets {
            // Without a price no second has been usable: funding has not moved.
            book.list_market(market, params, options.ages)?;
        }
        book.set_time(world.chain.head().await?.timestamp());
        let accounts = options.accounts.clone();
        let people = accounts.iter().copied().zip(keys).collect();
        Ok(Some(Self { world, book, reached: Reached::default(), accounts, wallets, people, patron }))
    }

    fn key(&self, id: AccountId) -> Result<&Key> {
        self.people.get(&id).context("an account of nobody")
    }

    /// The transaction that does what a step says.
    fn transaction(&self, step: &Step) -> Result<Tx> {
        let (engine, token) = (self.world.engine, self.world.token);
        let anyone = &self.patron;
        Ok(match &step.action {
            Action::Deposit { account: id, amount } => {
                let call =
                    IPlimsoll::depositCall { account: account(*id), token, amount: U256::from(*amount) };
                Tx::call(self.key(*id)?, engine, &call)
            }
            Action::Withdraw { account: id, amount } => {
                let key = self.key(*id)?;
                let (amount, to) = (U256::from(*amount), key.address());
                Tx::call(key, engine, &IPlimsoll::withdrawCall { account: account(*id), token, amount, to })
            }
            Action::Prices(prices) => {
                let points: Vec<PricePoint> = prices
                    .iter()
                    .map(|&(underlying, price)| PricePoint { underlying, price, time: step.now })
                    .collect();
                let world = &self.world;
                let signers = &world.reporters[..usize::from(world.threshold)];
                let deadline = step.now + REPORT_LIFE;
                oracle::submission(&world.chain, world.oracle, anyone, signers, &points, deadline)?
            }
            Action::Settle(fills) => {
                let fills = fills
                    .iter()
                    .map(|fill| Fill {
                        taker: account(fill.taker),
                        maker: account(fill.maker),
                        instrument: perp(fill.market),
                        size: fill.size,
                        price: fill.price,
                    })
                    .collect();
                Tx::call(&self.world.venue, engine, &IPlimsoll::settleCall { fills })
            }
            Action::Liquidate { account: id, into, market, max_size, limit } => {
                let call = IPlimsoll::liquidateCall {
                    account: account(*id),
                    into: account(*into),
                    instrument: perp(*market),
                    maxSize: *max_size,
                    limitPrice: *limit,
                };
                Tx::call(self.key(*into)?, engine, &call)
            }
            Action::Bury { account: id } => {
                Tx::call(anyone, engine, &IPlimsoll::buryCall { account: account(*id) })
            }
            Action::Deleverage { market } => {
                Tx::call(anyone, engine, &IPlimsoll::deleverageCall { instrument: perp(*market) })
            }
            Action::Touch { account: id } => {
                Tx::call(anyone, engine, &IPlimsoll::touchCall { account: account(*id) })
            }
            Action::Poke(markets) => {
                let instruments = markets.iter().map(|&market| perp(market)).collect();
                Tx::call(anyone, engine, &IPlimsoll::pokeCall { instruments })
            }
            Action::FundInsurance { amount } => {
                Tx::call(anyone, engine, &IPlimsoll::fundInsuranceCall { amount: U256::from(*amount) })
            }
            Action::CoverBadDebt { market, amount } => {
                let instrument = market.map_or(0, perp);
                Tx::call(anyone, engine, &IPlimsoll::coverBadDebtCall { instrument, amount: *amount })
            }
            Action::WithdrawFees { amount } => {
                let (to, amount) = (self.world.owner.address(), U256::from(*amount));
                Tx::call(&self.world.owner, engine, &IPlimsoll::withdrawFeesCall { to, amount })
            }
        })
    }

    /// Does a step on both sides and compares everything.
    ///
    /// # Errors
    /// When the two disagree, or the node fails.
    pub async fn apply(&mut self, step: &Step) -> Result<()> {
        let chain = &self.world.chain;
        chain.set_next_time(step.now).await?;
        let sent = chain.send(self.transaction(step)?).await;
        let mut before = self.book.clone();
        before.set_time(step.now);
        let result = self.book.apply(step);
        self.reached.note(&self.book, step, &result);
        match (sent, result) {
            (Ok(receipt), Ok(outcome)) => self.accepted(&before, step, &receipt, &outcome)?,
            (Err(Failure::Reverted(revert)), Err(error)) => {
                let expected = revert_data(&error);
                ensure!(revert.data == expected, "the contract: {revert}; the model: {error:?}");
            }
            (Ok(_), Err(error)) => bail!("the contract accepts what the model refuses: {error:?}"),
            (Err(failure), Ok(outcome)) => bail!("the contract: {failure}; the model accepts: {outcome:?}"),
            (Err(Failure::Other(error)), Err(_)) => return Err(error),
        }
        let head = self.world.chain.head().await?.timestamp();
        ensure!(head == step.now, "the block is of {head}, not {}", step.now);
        self.compare().await
    }

    fn accepted(&mut self, before: &Book, step: &Step, receipt: &Receipt, outcome: &Outcome) -> Result<()> {
        events::check(before, &self.book, step, receipt, outcome)?;
        let (who, paid, got) = match &step.action {
            Action::Deposit { account: id, amount } => (self.key(*id)?.address(), *amount, 0),
            Action::FundInsurance { amount } => (self.patron.address(), *amount, 0),
            Action::Withdraw { account: id, amount } => (self.key(*id)?.address(), 0, *amount),
            Action::WithdrawFees { amount } => (self.world.owner.address(), 0, *amount),
            _ => return Ok(()),
        };
        let wallet = self.wallets.entry(who).or_default();
        *wallet = *wallet + U256::from(got) - U256::from(paid);
        Ok(())
    }

    /// Pauses both for so many seconds, in a block one second later.
    ///
    /// # Errors
    /// When the node or the contract refuses.
    pub async fn pause(&mut self, seconds: u64) -> Result<()> {
        let now = self.book.now + 1;
        let until = now + seconds;
        self.world.chain.set_next_time(now).await?;
        let World { chain, guardian, engine, .. } = &self.world;
        chain.transact(guardian, *engine, &IPlimsoll::pauseCall { until }).await?;
        self.book.set_time(now);
        self.book.pause(until);
        self.compare().await
    }

    /// Runs so many generated steps, with a short pause of the engine every `pause_every` of them.
    ///
    /// # Errors
    /// At the first disagreement, with its step.
    pub async fn run(&mut self, generator: &mut Generator, steps: usize, pause_every: usize) -> Result<()> {
        for number in 0..steps {
            if number % pause_every == pause_every - 1 {
                self.pause(PAUSE).await.with_context(|| format!("the pause before step {number}"))?;
            }
            let step = generator.step(&self.book);
            self.apply(&step).await.with_context(|| format!("step {number}: {step:?}"))?;
        }
        Ok(())
    }
}

/// Seconds of a pause in a sequence: about five steps.
const PAUSE: u64 = 15;
