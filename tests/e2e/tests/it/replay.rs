//! Replays traces of the exact reference of ledger and ladder through transactions on a node, and compares every account, the
//! estate, insurance and bad debt after every action: with the reference to within the declared dust, and with the model exactly.
//!
//! The reference lets accounts trade up to eight times their equity and charges nothing: a market with a margin of a tenth, without
//! fees, least position or funding of its own does the same. Nobody liquidates. Three things the traces give where the engine
//! derives them: cumulative funding, the clock of young profit, and insurance without buckets. They are written into the engine's
//! storage, which needs a node that can do that, and their effect is what views then say. A pass that would come too soon
//! comes a minute later, at the same price.
//!
//! The dust is that of the model's own replay, where it is derived (`crates/model/tests/it/replay.rs`).

use std::{fs::File, io::Read, path::Path};

use alloy::primitives::{B256, U256, keccak256};
use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use plimsoll_e2e::differential::Pair;
use plimsoll_fixed::signed_mul_div_floor;
use plimsoll_harness::{bindings::IPlimsoll, prelude::*};
use plimsoll_model::{Action, Ages, Fill, Options, Step, generate::ordinary_market};
use plimsoll_risk::{estate::PASS_INTERVAL, ids::NO_MARKET, ladder, position, waterfall::Bucket};
use serde_json::Value;

/// The market of the replay.
const MARKET: u16 = 1;
/// Seconds of a window of young profit for each of the reference's: no act between two prices leaves it.
const WINDOW: u32 = 14_400;
/// Digits of the trace beyond a WAD.
const EXTRA: i128 = 1_000_000;
/// Units of the quote token in one of quote.
const QUOTE: u128 = 1_000_000;
/// Words of a market's record: funding with the clock, and what it drew of insurance.
const FUNDING: u8 = 0;
const BUCKET: u8 = 11;
/// The slot of tokens and shares of insurance.
const TOTALS: U256 = U256::from_limbs([14, 0, 0, 0]);

/// A decimal with 24 digits after the point, in units of 1e-24.
fn decimal(value: &Value) -> Result<i128> {
    let text = value.as_str().context("a decimal")?;
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = text.split_once('.').context("a point")?;
    ensure!(part.len() == 24, "{text} has not 24 digits");
    let magnitude = whole.parse::<i128>()? * EXTRA * WAD as i128 + part.parse::<i128>()?;
    Ok(if negative { -magnitude } else { magnitude })
}

/// The same as a WAD, which it must be exactly.
fn exact(value: &Value) -> Result<i128> {
    let value = decimal(value)?;
    ensure!(value % EXTRA == 0, "more than 18 digits");
    Ok(value / EXTRA)
}

fn number(action: &Value, name: &str) -> Result<u64> {
    action[name].as_u64().with_context(|| format!("{name} of an action"))
}

/// The slot of a word of a market: its record's key is `keccak256(region, market as 32 bytes, 20 bytes of nothing)`, the region of
/// markets being 5, with the last byte replaced by the word's number.
fn market_slot(market: u16, word: u8) -> U256 {
    let mut key = [0; 53];
    key[0] = 5;
    key[31..33].copy_from_slice(&market.to_be_bytes());
    let mut slot = keccak256(key).0;
    slot[31] = word;
    U256::from_be_bytes(slot)
}

/// A word of two halves.
fn word(low: u128, high: u128) -> B256 {
    B256::from(U256::from(high) << 128 | U256::from(low))
}

struct Replay {
    pair: Pair,
    funding: i128,
    mark: u128,
    /// Ticks of the reference's clock in a window.
    window: u32,
    actions: usize,
    burials: u128,
    passes: u128,
    paying: u128,
    /// Largest differences in quote and size.
    largest: (u128, u128),
}

impl Replay {
    /// The deposits and the fund of a trace; `None`, said aloud, on a node that cannot set time and storage.
    async fn open(test: &str, first: &Value) -> Result<Option<Self>> {
        let deposits = first["deposits"].as_array().context("deposits")?;
        ensure!(number(first, "young")? == u64::from(ladder::WINDOWS));
        let mut params = ordinary_market();
        (params.margin.initial_factor, params.margin.maintenance_factor) = (100_000, 30_000);
        (params.fills.taker_fee, params.fills.maker_fee) = (0, 0);
        (params.funding.cap, params.funding.interest) = (0, 0);
        (params.time.max_trade_age, params.time.young_window) = (u16::MAX, WINDOW as u16);
        params.liquidation.min_notional = 0;
        let ages = Ages { max_age: 86_400, max_age_late: 86_400 };
        let mut options = Options { accounts: Vec::new(), markets: vec![(MARKET, params, 100 * WAD)], ages };
        let needs = [Capability::TimeTravel, Capability::SetStorage];
        let Some(mut pair) = Pair::open(test, &needs, &mut options, deposits.len()).await? else {
            return Ok(None);
        };
        let World { chain, owner, engine, .. } = &pair.world;
        chain.transact(owner, *engine, &IPlimsoll::setInsuranceCapCall { cap: 1_000_000 }).await?;
        let of = IPlimsoll::marketParamsCall { instrument: perp(MARKET) };
        let params = IPlimsoll::MarketParams { insuranceShare: 1_000_000, ..chain.call(*engine, &of).await? };
        let call = IPlimsoll::setMarketParamsCall { instrument: perp(MARKET), params };
        chain.transact(owner, *engine, &call).await?;
        pair.book.set_time(chain.head().await?.timestamp());
        pair.book.markets.get_mut(&MARKET).context("a market")?.params.insurance_share = 1_000_000;
        pair.book.config.insurance_cap = 1_000_000;
        let mut replay = Self {
            pair,
            funding: 0,
            mark: exact(&first["mark"])?.unsigned_abs(),
            window: number(first, "window")? as u32,
            actions: 0,
            burials: 0,
            passes: 0,
            paying: 0,
            largest: (0, 0),
        };
        for (account, deposit) in options.accounts.into_iter().zip(deposits) {
            let amount = u128::from(deposit.as_u64().context("a deposit")?) * QUOTE;
            replay.step(Action::Deposit { account, amount }).await?;
        }
        let amount = u128::from(number(first, "insurance")?) * QUOTE;
        replay.step(Action::FundInsurance { amount }).await?;
        // What no market bears may draw the whole fund too: twice the most that governance can set.
        let tokens = replay.pair.book.tokens;
        replay.store(TOTALS, word(tokens, 2_000_000 | 1_000_000 << 32)).await?;
        replay.pair.book.config.insurance_cap = 2_000_000;
        replay.step(Action::Prices(vec![(MARKET, replay.mark)])).await?;
        Ok(Some(replay))
    }

    async fn step_after(&mut self, seconds: u64, action: Action) -> Result<()> {
        let step = Step { now: self.pair.book.now + seconds, action };
        self.pair.apply(&step).await.with_context(|| format!("{step:?}"))
    }

    async fn step(&mut self, action: Action) -> Result<()> {
        self.step_after(1, action).await
    }

    async fn store(&self, slot: U256, word: B256) -> Result<()> {
        let World { chain, engine, .. } = &self.pair.world;
        let _: Value = chain.request("hardhat_setStorageAt", (*engine, slot, word)).await?;
        Ok(())
    }

    /// Fills the buckets of insurance on both sides.
    async fn fill_buckets(&mut self) -> Result<()> {
        for market in [MARKET, NO_MARKET] {
            self.store(market_slot(market, BUCKET), B256::ZERO).await?;
        }
        self.pair.book.unassigned_bucket = Bucket::default();
        self.pair.book.markets.get_mut(&MARKET).context("a market")?.bucket = Bucket::default();
        Ok(())
    }

    /// The mark, and what the trace says of funding and clock.
    async fn price(&mut self, action: &Value) -> Result<()> {
        self.mark = exact(&action["mark"])?.unsigned_abs();
        self.step(Action::Prices(vec![(MARKET, self.mark)])).await?;
        self.funding += exact(&action["funding_per_unit"])?;
        let index =
            signed_mul_div_floor(self.funding, ladder::FUNDING_ONE as i128, WAD).ok().context("an index")?;
        let clock = number(action, "clock")? as u32 / self.window * WINDOW;
        self.pair.book.set_progress(MARKET, index, clock)?;
        let World { chain, engine, .. } = &self.pair.world;
        let state = chain.call(*engine, &IPlimsoll::marketCall { instrument: perp(MARKET) }).await?;
        let usable = self.pair.book.market(MARKET)?.funding.usable;
        ensure!(state.usable == usable, "usable seconds: {} and {usable}", state.usable);
        // Index; usable seconds, a rate of nothing, the clock with the bit that says that it stands, the last fill.
        let clock = clock | u32::from(state.clockStands) << 31;
        let high = u128::from(usable) | u128::from(clock) << 64 | u128::from(state.lastFill) << 96;
        self.store(market_slot(MARKET, FUNDING), word(index as u128, high)).await?;
        self.pair.compare().await
    }

    async fn fill(&mut self, action: &Value) -> Result<()> {
        let account = |name| number(action, name).map(|number| self.pair.accounts[number as usize]);
        let (taker, maker) = (account("buyer")?, account("seller")?);
        let size = i128::from(action["size"].as_i64().context("a size")?) * WAD as i128;
        let price = exact(&action["price"])?.unsigned_abs();
        self.step(Action::Settle(vec![Fill { taker, maker, market: MARKET, size, price }])).await
    }

    async fn pass(&mut self, action: &Value) -> Result<()> {
        let last = self.pair.book.market(MARKET)?.last_pass;
        let wait = (last + PASS_INTERVAL).saturating_sub(self.pair.book.now).max(1);
        self.step_after(wait, Action::Prices(vec![(MARKET, self.mark)])).await?;
        self.fill_buckets().await?;
        let before = (self.pair.book.insurance, self.pair.book.bad_debt(), self.pair.reached.paying);
        self.step(Action::Deleverage { market: MARKET }).await?;
        self.passes += 1;
        self.paying += u128::from(self.pair.reached.paying - before.2);
        // What the event said is the model's, exactly; what that is, the reference's.
        let book = &self.pair.book;
        let moved = book.insurance as i128 - before.0 as i128;
        let socialised = book.bad_debt() as i128 - before.1 as i128;
        let expected = decimal(&action["surplus"])? - decimal(&action["insurance"])?;
        self.within("insurance", moved, expected)?;
        self.within("socialised", socialised, decimal(&action["budget"])? - decimal(&action["taken"])?)
    }

    fn quote_bound(&self) -> Result<u128> {
        Ok(self.pair.book.identity()?.bound * (self.passes + 1) + 1)
    }

    /// A quote of ours against one of the reference, in units of 1e-24.
    fn within(&self, what: &str, ours: i128, theirs: i128) -> Result<()> {
        let (off, bound) = ((ours - theirs.div_euclid(EXTRA)).unsigned_abs(), self.quote_bound()?);
        ensure!(off <= bound, "{what}: {ours} against {theirs}, off by {off}, at most {bound}");
        Ok(())
    }

    async fn act(&mut self, action: &Value) -> Result<()> {
        let account = || number(action, "account").map(|number| self.pair.accounts[number as usize]);
        match action["action"].as_str().context("an action")? {
            "price" => self.price(action).await,
            "fill" => self.fill(action).await,
            "bury" => {
                let account = account()?;
                self.fill_buckets().await?;
                self.burials += 1;
                self.step(Action::Bury { account }).await
            }
            "touch" => {
                let account = account()?;
                self.step(Action::Touch { account }).await
            }
            "pass" => self.pass(action).await,
            other => anyhow::bail!("unknown action {other}"),
        }
    }

    /// What the node says of every account, the estate and the fund, against the trace.
    async fn check(&mut self, action: &Value) -> Result<()> {
        ensure!(self.pair.reached.refused.is_empty(), "refused: {:?}", self.pair.reached.refused);
        let World { chain, engine, .. } = &self.pair.world;
        let (quote_bound, size_bound) = (self.quote_bound()?, self.pair.book.dust.size(24) + 1);
        let totals = chain.call(*engine, &IPlimsoll::totalsCall {}).await?;
        let state = chain.call(*engine, &IPlimsoll::marketCall { instrument: perp(MARKET) }).await?;
        let mut quotes = vec![
            ("insurance".to_owned(), totals.insurance as i128, &action["insurance_after"]),
            ("bad debt".to_owned(), totals.badDebt as i128, &action["bad_debt"]),
            ("estate's cash".to_owned(), state.estateCash, &action["estate"][0]),
            ("estate's basis".to_owned(), state.estateBasis, &action["estate"][2]),
        ];
        let mut sizes = vec![("estate".to_owned(), state.estateSize, &action["estate"][1])];
        let calls =
            self.pair.accounts.iter().map(|id| IPlimsoll::accountOfCall { account: B256::from(id.0) });
        for (number, account) in chain.call_many(*engine, calls).await?.iter().enumerate() {
            let row = &action["accounts"][number];
            let (size, basis, young) =
                account.positions.first().map_or((0, 0, 0), |p| (p.size, p.basis, p.young as i128));
            let profit = position::profit_floor(size, basis, self.mark).ok().context("a profit")?;
            let of = |what: &str| format!("account {number}'s {what}");
            sizes.push((of("size"), size, &row[1]));
            quotes.extend([
                (of("cash"), account.cash, &row[0]),
                (of("basis"), basis, &row[2]),
                (of("young profit"), young, &row[3]),
                (of("equity"), account.cash + young + profit, &row[4]),
            ]);
        }
        let off = |ours: i128, theirs: &Value| {
            Ok::<_, anyhow::Error>((ours - decimal(theirs)?.div_euclid(EXTRA)).unsigned_abs())
        };
        for (what, ours, theirs) in quotes {
            let off = off(ours, theirs)?;
            ensure!(
                off <= quote_bound,
                "{what}: {ours} against {theirs}, off by {off}, at most {quote_bound}"
            );
            self.largest.0 = self.largest.0.max(off);
        }
        for (what, ours, theirs) in sizes {
            let off = off(ours, theirs)?;
            ensure!(off <= size_bound, "{what}: {ours} against {theirs}, off by {off}, at most {size_bound}");
            self.largest.1 = self.largest.1.max(off);
        }
        self.actions += 1;
        Ok(())
    }
}

/// Replays a trace; its burials, passes, and passes that took from profits. `None` where the node cannot.
async fn replay(test: &str, name: &str) -> Result<Option<(u128, u128, u128)>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/model/tests/fixtures").join(name);
    let mut text = String::new();
    GzDecoder::new(File::open(path)?).read_to_string(&mut text)?;
    let mut lines = text.lines().map(serde_json::from_str::<Value>);
    let first = lines.next().context("a first action")??;
    let Some(mut replay) = Replay::open(test, &first).await? else { return Ok(None) };
    replay.check(&first).await?;
    for (number, action) in lines.enumerate() {
        let action = action?;
        let at = || format!("line {}, {}", number + 2, action["action"]);
        replay.act(&action).await.with_context(at)?;
        replay.check(&action).await.with_context(|| format!("after {}", at()))?;
    }
    let Replay { actions, burials, passes, paying, largest, .. } = replay;
    let bound = replay.quote_bound()?;
    eprintln!(
        "{name}: {actions} actions, {burials} burials, {passes} passes, {paying} of them from profits; off by at most \
         {largest:?} of quote and size, bound {bound}"
    );
    Ok(Some((burials, passes, paying)))
}

// How many burials, passes, and passes that took from profits a trace has is counted in the file itself.

#[tokio::test(flavor = "multi_thread")]
async fn replay_seed_15() -> Result<()> {
    let Some(seen) = replay(test_name!(), "ladder-seed-15.jsonl.gz").await? else { return Ok(()) };
    assert_eq!(seen, (15, 11, 8));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn replay_seed_7() -> Result<()> {
    let Some(seen) = replay(test_name!(), "ladder-seed-7.jsonl.gz").await? else { return Ok(()) };
    assert_eq!(seen, (12, 10, 10));
    Ok(())
}
