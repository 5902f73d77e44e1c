//! Random sequences of actions, for the native properties and for the differential test on a node.
//!
//! A [`Generator`] looks at the book, so that most of what it proposes is valid, and is a pure function of its seed and of
//! the books it was shown. It makes markets drift, gap and crash, lets keepers sleep so that accounts go insolvent, and
//! plays out *raids*: an account takes a position nearly as large as the facing side's largest rung, is ruined by a gap and
//! buried, several times over, so that rungs are closed against again and again.

use plimsoll_risk::{
    PPM, WAD,
    funding::FundingRules,
    ladder::Side,
    market::{Caps, FillRules, LiquidationRules, MarginParams, Params, TimeRules},
    oracle::{Ages, MAX_PRICE},
};

use crate::{
    account::AccountId,
    action::{Action, Step},
    book::{Book, Use},
    error::Error,
    market::{Market, MarketId},
    random::Random,
    settle::Fill,
};

/// WAD of a unit of the quote token: amounts are proposed for one of 6 decimals.
const TOKEN_UNIT: u128 = 1_000_000_000_000;

/// Parameters of an ordinary market: 5 % initial and 3 % maintenance margin, fees, funding up to 1 % per 8 hours.
#[must_use]
pub fn ordinary_market() -> Params {
    Params {
        margin: MarginParams {
            initial_factor: 50_000,
            maintenance_factor: 30_000,
            profit_weight: 1_000_000,
            oi_low: 20_000_000 * WAD,
            oi_high: 50_000_000 * WAD,
            depth: 0,
            liquidation_cost: 0,
        },
        fills: FillRules { price_band: 50_000, taker_fee: 500, maker_fee: 200 },
        time: TimeRules { max_trade_age: 60, young_window: 900 },
        funding: FundingRules { cap: 10_000, interest: 100, least_notional: 100_000 * WAD },
        insurance_share: 100_000,
        caps: Caps { open_interest: 1_000_000 * WAD, position: 100_000 * WAD },
        liquidation: LiquidationRules {
            fee: 5_000,
            min_discount: 1_000,
            max_discount: 15_000,
            target_buffer: 200_000,
            lot: WAD / 1_000,
            min_notional: 10 * WAD,
        },
    }
}

/// Parameters of a thin market: 10 % and 6 %, a quarter of profits counts and is young for minutes, a concentration term, a
/// cost of liquidation.
#[must_use]
pub fn thin_market() -> Params {
    Params {
        margin: MarginParams {
            initial_factor: 100_000,
            maintenance_factor: 60_000,
            profit_weight: 250_000,
            depth: 500_000 * WAD,
            liquidation_cost: WAD,
            oi_low: 1_000_000 * WAD,
            oi_high: 10_000_000 * WAD,
        },
        time: TimeRules { max_trade_age: 60, young_window: 60 },
        ..ordinary_market()
    }
}

/// What a sequence works with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The accounts that take part, at least three.
    pub accounts: Vec<AccountId>,
    /// The markets, their parameters and first prices.
    pub markets: Vec<(MarketId, Params, u128)>,
    /// How long prices may be used.
    pub ages: Ages,
}

impl Options {
    /// Three markets, of which one is thin, and so many numbered accounts.
    #[must_use]
    pub fn with_accounts(accounts: u64) -> Self {
        Self {
            accounts: (1..=accounts).map(AccountId::from_number).collect(),
            markets: vec![
                (1, ordinary_market(), 10_000 * WAD),
                (2, ordinary_market(), 500 * WAD),
                (3, thin_market(), WAD / 4),
            ],
            ages: Ages { max_age: 60, max_age_late: 3_600 },
        }
    }

    /// Lists the markets in a book.
    ///
    /// # Errors
    /// Those of [`Book::list_market`].
    pub fn open(&self, book: &mut Book) -> Result<(), Error> {
        self.markets.iter().try_for_each(|&(market, params, _)| book.list_market(market, params, self.ages))
    }
}

/// What a raid does next.
#[derive(Clone, Copy, Debug)]
enum Raid {
    /// The raider gets just the margin it needs.
    Fund,
    /// It takes the position.
    Enter,
    /// The price jumps against it.
    Gap,
    /// It is buried.
    Ruin,
}

/// A plan that takes several steps.
#[derive(Clone, Copy, Debug)]
struct Plan {
    market: MarketId,
    /// The side that is closed against.
    facing: Side,
    raider: AccountId,
    maker: AccountId,
    stage: Raid,
    rounds: u64,
}

/// Proposes one step after the other.
#[derive(Clone, Debug)]
pub struct Generator {
    random: Random,
    options: Options,
    plan: Option<Plan>,
    /// Steps during which keepers sleep and the price of one market, or of all, runs one way, ppm a report.
    crash: Option<(u64, Option<MarketId>, i64)>,
}

impl Generator {
    /// A generator for a seed.
    #[must_use]
    pub const fn new(seed: u64, options: Options) -> Self {
        Self { random: Random(seed), options, plan: None, crash: None }
    }

    /// The next step for a book: later than the book's time by some seconds, now and then by hours.
    pub fn step(&mut self, book: &Book) -> Step {
        let pause = match self.random.below(200) {
            0 => self.random.within(3_601, 40_000),
            1 => self.random.within(61, 3_000),
            // While keepers sleep time goes by.
            _ if self.crash.is_some() && self.random.one_in(2) => self.random.within(10, 59),
            _ => self.random.within(1, 5),
        };
        let now = book.now + pause;
        let unusable = book.markets.values().any(|m| {
            m.price.price == 0 || now.saturating_sub(m.price.time) > u64::from(self.options.ages.max_age)
        });
        // Mostly the oracle reports before anybody acts; now and then somebody is faster.
        let action = if unusable && !self.random.one_in(8) {
            self.report(book, None)
        } else if let Some(action) = self.follow_plan(book) {
            action
        } else {
            self.anything(book)
        };
        Step { now, action }
    }

    fn account(&mut self) -> AccountId {
        self.random.pick(&self.options.accounts).unwrap_or_default()
    }

    fn market(&mut self) -> MarketId {
        let at = self.random.below(self.options.markets.len() as u64) as usize;
        self.options.markets.get(at).map_or(1, |&(market, ..)| market)
    }

    fn first_price(&self, market: MarketId) -> u128 {
        self.options.markets.iter().find(|&&(id, ..)| id == market).map_or(WAD, |&(_, _, price)| price)
    }

    /// A price moved by so many ppm, kept within a factor of 50 of where the market began.
    fn moved(&self, book: &Book, market: MarketId, ppm: i64) -> u128 {
        let first = self.first_price(market);
        let last = match book.markets.get(&market).map_or(0, |m| m.price.price) {
            0 => return first,
            price => price,
        };
        let moved = last / PPM * (PPM as i64 + ppm).max(1) as u128;
        moved.clamp(first / 50, (first * 50).min(MAX_PRICE))
    }

    /// New prices of all markets; one of them may be given.
    fn report(&mut self, book: &Book, given: Option<(MarketId, u128)>) -> Action {
        let markets: Vec<MarketId> = self.options.markets.iter().map(|&(market, ..)| market).collect();
        let mut prices = Vec::new();
        for market in markets {
            let ppm = match self.random.below(12) {
                0 => self.random.within(0, 240_000) as i64 - 120_000,
                1..6 => self.random.within(0, 40_000) as i64 - 20_000,
                _ => self.random.within(0, 4_000) as i64 - 2_000,
            };
            let ppm = match self.crash {
                Some((_, crashing, run)) if crashing.is_none_or(|one| one == market) => run,
                _ => ppm,
            };
            let price = match given {
                Some((moved, price)) if moved == market => price,
                _ => self.moved(book, market, ppm),
            };
            prices.push((market, price));
        }
        Action::Prices(prices)
    }

    fn anything(&mut self, book: &Book) -> Action {
        self.crash = self.crash.and_then(|(left, market, ppm)| Some((left.checked_sub(1)?, market, ppm)));
        if self.crash.is_none() && self.random.one_in(100) {
            let ppm = self.random.within(20_000, 120_000) as i64;
            let ppm = if self.random.one_in(2) { ppm } else { -ppm * 3 / 4 };
            let market = if self.random.one_in(2) { None } else { Some(self.market()) };
            self.crash = Some((self.random.within(4, 40), market, ppm));
        }
        if self.plan.is_none() && self.random.one_in(80) {
            self.plan_raid(book);
        }
        if self.crash.is_none()
            && let Some(action) = self.keep(book)
        {
            return action;
        }
        if self.crash.is_some() {
            match self.random.below(12) {
                0..4 => return self.report(book, None),
                // Who won leaves, with what has ripened.
                4..6 => return self.withdraw(book),
                6 => return self.sell_out(book),
                _ => {}
            }
        }
        match self.random.below(100) {
            0..8 => self.deposit(book),
            8..10 => self.withdraw(book),
            10..24 => self.report(book, None),
            24..82 => self.settle(book),
            82..88 => Action::Touch { account: self.account() },
            88..91 => Action::Poke(vec![self.market()]),
            91..93 => Action::FundInsurance { amount: u128::from(self.random.within(0, 200_000_000)) },
            93..95 => self.cover(book),
            95 if self.random.one_in(2) => Action::Bury { account: self.account() },
            95 => Action::WithdrawFees { amount: self.random.part(book.fees / TOKEN_UNIT, 0, 1_100_000) },
            96 => Action::Deleverage { market: self.market() },
            _ => {
                let (account, into, market) = (self.account(), self.account(), self.market());
                Action::Liquidate { account, into, market, max_size: u128::MAX, limit: 0 }
            }
        }
    }

    /// A deposit, mostly to somebody who has nothing.
    fn deposit(&mut self, book: &Book) -> Action {
        let mut poor = self.options.accounts.clone();
        poor.retain(|&account| book.account(account).cash <= 0 && book.account(account).markets.is_empty());
        let account = self.random.pick(&poor).unwrap_or_else(|| self.account());
        let amount = if self.random.one_in(30) { 0 } else { self.random.within(1, 20_000_000_000) };
        Action::Deposit { account, amount: u128::from(amount) }
    }

    fn withdraw(&mut self, book: &Book) -> Action {
        let account = self.account();
        let free = book.free_collateral(account).unwrap_or(WAD) / TOKEN_UNIT;
        // Now and then more than is free.
        Action::Withdraw { account, amount: self.random.part(free, 100_000, 1_050_000).max(1) }
    }

    /// Somebody in profit closes a position against somebody else, at the index.
    fn sell_out(&mut self, book: &Book) -> Action {
        let market = self.market();
        let index = book.markets.get(&market).map_or(WAD, |m| m.price.price).max(1);
        let mut winners = self.options.accounts.clone();
        winners.retain(|&account| {
            book.held(account, market)
                .is_ok_and(|held| held.size != 0 && held.profit_floor(index).is_ok_and(|profit| profit > 0))
        });
        let (taker, maker) = (self.random.pick(&winners).unwrap_or_else(|| self.account()), self.account());
        let size = book.held(taker, market).map_or(0, |held| held.size.saturating_neg());
        Action::Settle(vec![Fill { taker, maker, market, size, price: index }])
    }

    fn cover(&mut self, book: &Book) -> Action {
        let market = if self.random.one_in(5) { None } else { Some(self.market()) };
        let debt =
            market.map_or(book.unassigned_bad_debt, |m| book.markets.get(&m).map_or(0, |m| m.bad_debt));
        let amount = self.random.part(debt, 100_000, 1_500_000).max(WAD);
        Action::CoverBadDebt { market, amount }
    }

    /// What a keeper would do: bury whom it finds insolvent, resolve estates, liquidate whom it finds below maintenance.
    fn keep(&mut self, book: &Book) -> Option<Action> {
        let accounts = self.options.accounts.clone();
        let (mut insolvent, mut weak) = (Vec::new(), Vec::new());
        for &account in &accounts {
            if let Ok(margin) = book.margin_of(account, Use::Liquidation) {
                if margin.equity < 0 {
                    insolvent.push(account);
                } else if margin.is_liquidatable() {
                    weak.push(account);
                }
            }
        }
        // Whom an estate keeps from being buried has to wait for its pass.
        let held_up = |account: AccountId| {
            book.account_of(account).is_ok_and(|view| {
                view.positions.iter().any(|p| {
                    book.markets.get(&p.market).is_some_and(|m| {
                        m.estate.waits()
                            && (p.held.young > 0 || p.held.profit_floor(m.price.price).is_ok_and(|x| x > 0))
                    })
                })
            })
        };
        if let Some(account) = self.random.pick(&insolvent)
            && !self.random.one_in(4)
            && (!held_up(account) || self.random.one_in(8))
        {
            return Some(Action::Bury { account });
        }
        let waiting: Vec<MarketId> =
            book.markets.iter().filter(|(_, m)| m.estate.waits()).map(|(&market, _)| market).collect();
        if let Some(market) = self.random.pick(&waiting)
            && self.random.one_in(2)
        {
            // Who calls a pass brings a newer price along; now and then somebody touches an account before.
            let state = book.markets.get(&market)?;
            return Some(match self.random.below(6) {
                0 => Action::Touch { account: self.account() },
                _ if state.price.time <= state.last_fill => self.report(book, None),
                _ => Action::Deleverage { market },
            });
        }
        let account = self.random.pick(&weak)?;
        if !self.random.one_in(2) {
            return None;
        }
        let market = self.random.pick(&book.account(account).markets)?;
        let into = *accounts
            .iter()
            .filter(|&&a| a != account)
            .max_by_key(|&&a| book.free_collateral(a).unwrap_or(0))?;
        let size = book.held(account, market).ok()?.size.unsigned_abs();
        let max_size =
            if self.random.one_in(2) { u128::MAX } else { self.random.part(size, 10_000, 900_000).max(1) };
        let limit = if self.random.one_in(8) { book.price(market, Use::Liquidation).ok()? } else { 0 };
        Some(Action::Liquidate { account, into, market, max_size, limit })
    }

    fn settle(&mut self, book: &Book) -> Action {
        let count = match self.random.below(10) {
            0 => self.random.within(0, 4),
            _ => 1,
        };
        Action::Settle((0..count).map(|_| self.fill(book)).collect())
    }

    /// A fill that mostly stays within both sides' margin, mostly within the band.
    fn fill(&mut self, book: &Book) -> Fill {
        let market = self.market();
        let (mut taker, mut maker) = (self.account(), self.account());
        for _ in 0..8 {
            // Look for some who can.
            if book.free_collateral(taker).unwrap_or(0) == 0 {
                taker = self.account();
            }
            if book.free_collateral(maker).unwrap_or(0) == 0 {
                maker = self.account();
            }
        }
        if taker == maker && !self.random.one_in(10) {
            maker = self.options.accounts.iter().copied().find(|&a| a != taker).unwrap_or(maker);
        }
        let index = book.markets.get(&market).map_or(WAD, |m| m.price.price).max(1_000_000);
        let deviation = match self.random.below(20) {
            0 => self.random.within(0, 120_000) as i64 - 60_000,
            _ => self.random.within(0, 20_000) as i64 - 10_000,
        };
        let price = index / PPM * (PPM as i64 + deviation) as u128;
        let held = book.held(taker, market).map_or(0, |h| h.size);
        let buying = self.random.one_in(2);
        let size = if held != 0 && self.random.one_in(3) {
            // Reduce, close or turn what there is.
            let part = match self.random.below(4) {
                0 => held.unsigned_abs(),
                1 => self.random.part(held.unsigned_abs(), 1_000_000, 2_000_000),
                _ => self.random.part(held.unsigned_abs(), 1_000, 1_000_000),
            };
            Side::of(held).opposite().signed(part).unwrap_or(0)
        } else {
            let free = [taker, maker]
                .map(|account| book.free_collateral(account).unwrap_or(0))
                .into_iter()
                .min()
                .unwrap_or(0)
                .min(10_000_000 * WAD);
            let free = free.max(WAD / 100);
            let leverage = self.random.within(2, 16);
            let magnitude =
                plimsoll_fixed::mul_div_floor(free.saturating_mul(leverage.into()), WAD, price).unwrap_or(0);
            let magnitude = self.random.part(magnitude, 20_000, 700_000);
            let side = if buying { Side::Long } else { Side::Short };
            side.signed(magnitude).unwrap_or(0)
        };
        Fill { taker, maker, market, size, price }
    }

    /// The size of the largest rung of a side.
    fn largest_rung(market: &Market, side: Side) -> Option<u128> {
        market.ladder.rungs.iter().filter(|(at, _)| at.side == side).map(|(_, rung)| rung.size).max()
    }

    fn plan_raid(&mut self, book: &Book) {
        let market = self.market();
        let facing = if self.random.one_in(2) { Side::Long } else { Side::Short };
        let Some(state) = book.markets.get(&market) else { return };
        if Self::largest_rung(state, facing).is_none() {
            return;
        }
        let mut idle: Vec<AccountId> = self.options.accounts.clone();
        idle.retain(|&account| book.account(account).markets.is_empty());
        let (Some(raider), Some(maker)) =
            (self.random.pick(&idle).or_else(|| Some(self.account())), Some(self.account()))
        else {
            return;
        };
        if raider != maker {
            let rounds = self.random.within(2, 6);
            self.plan = Some(Plan { market, facing, raider, maker, stage: Raid::Fund, rounds });
        }
    }

    fn follow_plan(&mut self, book: &Book) -> Option<Action> {
        let mut plan = self.plan.take()?;
        if self.random.one_in(12) {
            self.plan = Some(plan); // others act in between
            return None;
        }
        let state = book.markets.get(&plan.market)?;
        let best = Self::largest_rung(state, plan.facing)?;
        let price = state.price.price;
        // Nearly the whole of the largest rung.
        let size = best - best / u128::from(self.random.within(50, 5_000));
        let notional = plimsoll_fixed::mul_div_ceil(size, price, WAD).ok()?;
        let action = match plan.stage {
            Raid::Fund => {
                plan.stage = Raid::Enter;
                let share = u128::from(state.params.margin.initial_factor) + 15_000;
                let amount = plimsoll_fixed::mul_div_ceil(notional, share, PPM).ok()? / TOKEN_UNIT + 10;
                Action::Deposit { account: plan.raider, amount }
            }
            Raid::Enter => {
                plan.stage = Raid::Gap;
                let size = plan.facing.opposite().signed(size).ok()?;
                Action::Settle(vec![Fill {
                    taker: plan.raider,
                    maker: plan.maker,
                    market: plan.market,
                    size,
                    price,
                }])
            }
            Raid::Gap => {
                plan.stage = Raid::Ruin;
                let ppm = self.random.within(100_000, 250_000) as i64;
                let ppm = if plan.facing == Side::Long { ppm } else { -ppm * 3 / 4 };
                let price = self.moved(book, plan.market, ppm);
                self.report(book, Some((plan.market, price)))
            }
            Raid::Ruin => {
                plan.stage = Raid::Fund;
                plan.rounds = plan.rounds.checked_sub(1)?;
                Action::Bury { account: plan.raider }
            }
        };
        self.plan = Some(plan);
        Some(action)
    }
}
