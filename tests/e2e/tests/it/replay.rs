//! Replays traces of the ladder's exact reference through transactions on a node, and compares every account after every
//! action: with the reference to within the declared dust, and with the model exactly.
//!
//! The reference lets accounts trade at the mark up to eight times their equity and charges nothing: a market with a
//! margin of a tenth, without fees, and an insurance fund that one event may use up does the same. Nobody liquidates.
//! Only funding is given by the traces where the engine derives it from fills: here it is written into the market's
//! storage, which needs a node that can do that, and its effect is what the market's view then says.
//!
//! The dust is that of the model's own replay, where it is derived (`crates/model/tests/it/replay.rs`): rung edges are floats in the
//! reference, right to 2^-52, and roundings are counted by the book.

use std::{fs::File, io::Read, path::Path};

use alloy::primitives::{B256, U256, keccak256};
use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use plimsoll_e2e::differential::Pair;
use plimsoll_fixed::{mul_div_ceil, signed_mul_div_floor};
use plimsoll_harness::{bindings::IPlimsoll, prelude::*};
use plimsoll_model::{Action, Ages, Fill, Options, Step, generate::ordinary_market};
use plimsoll_risk::{ladder, position};
use serde_json::Value;

/// The market of the replay.
const MARKET: u16 = 1;
/// Digits of the trace beyond a WAD.
const EXTRA: i128 = 1_000_000;
/// Units of the quote token in one of quote.
const QUOTE: u128 = 1_000_000;
/// The reference keeps marks within 20 and 500, so entries too, to within one tick.
const HIGHEST_EDGE: u128 = 508 * WAD;

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

fn off(ours: i128, theirs: &Value) -> Result<u128> {
    Ok((ours - decimal(theirs)?.div_euclid(EXTRA)).unsigned_abs())
}

fn number(action: &Value, name: &str) -> Result<u64> {
    action[name].as_u64().with_context(|| format!("{name} of an action"))
}

/// The slot of a market's funding index, premium and last premium: word 0 of its record, whose key is
/// `keccak256(region, market as 32 bytes, 20 bytes of nothing)`, the region of markets being 5.
fn funding_slot(market: u16) -> U256 {
    let mut key = [0; 53];
    key[0] = 5;
    key[31..33].copy_from_slice(&market.to_be_bytes());
    let mut slot = keccak256(key).0;
    slot[31] = 0;
    U256::from_be_bytes(slot)
}

struct Replay {
    pair: Pair,
    funding: i128,
    mark: u128,
    notional: u128,
    actions: usize,
    deleverages: u128,
    paying: u64,
    largest: (u128, u128),
}

impl Replay {
    /// The deposits and the fund of a trace; `None`, said aloud, on a node that cannot set time and storage.
    async fn open(test: &str, first: &Value) -> Result<Option<Self>> {
        let deposits = first["deposits"].as_array().context("deposits")?;
        let mut params = ordinary_market();
        (params.margin.initial_factor, params.margin.maintenance_factor) = (100_000, 30_000);
        (params.fills.taker_fee, params.fills.maker_fee) = (0, 0);
        let ages = Ages { max_age: 3_600, max_age_late: 3_600 };
        let mut options = Options { accounts: Vec::new(), markets: vec![(MARKET, params, 100 * WAD)], ages };
        // Funding is given by the traces, so it is written where the engine keeps it.
        let needs = [Capability::TimeTravel, Capability::SetStorage];
        let Some(mut pair) = Pair::open(test, &needs, &mut options, deposits.len()).await? else {
            return Ok(None);
        };
        let World { chain, owner, engine, .. } = &pair.world;
        chain.transact(owner, *engine, &IPlimsoll::setInsuranceCapCall { cap: 1_000_000 }).await?;
        pair.book.set_time(chain.head().await?.timestamp());
        pair.book.set_insurance_cap(1_000_000)?;
        let mut replay = Self {
            pair,
            funding: 0,
            mark: 100 * WAD,
            notional: 0,
            actions: 0,
            deleverages: 0,
            paying: 0,
            largest: (0, 0),
        };
        for (account, deposit) in options.accounts.into_iter().zip(deposits) {
            let amount = u128::from(deposit.as_u64().context("a deposit")?) * QUOTE;
            replay.step(Action::Deposit { account, amount }).await?;
        }
        let amount = u128::from(number(first, "insurance")?) * QUOTE;
        replay.step(Action::FundInsurance { amount }).await?;
        Ok(Some(replay))
    }

    async fn step(&mut self, action: Action) -> Result<()> {
        let step = Step { now: self.pair.book.now + 1, action };
        self.pair.apply(&step).await.with_context(|| format!("{step:?}"))
    }

    /// The index in the low half of its word; premiums, in the high one, are zero since every fill is at the mark.
    async fn write_funding(&self, index: i128) -> Result<()> {
        let World { chain, engine, .. } = &self.pair.world;
        let word = B256::from(U256::from(index as u128));
        let slot = funding_slot(MARKET);
        let _: Value = chain.request("hardhat_setStorageAt", (*engine, slot, word)).await?;
        Ok(())
    }

    async fn price(&mut self, action: &Value) -> Result<()> {
        self.mark = exact(&action["mark"])?.unsigned_abs();
        self.step(Action::Prices(vec![(MARKET, self.mark)])).await?;
        self.funding += exact(&action["funding_per_unit"])?;
        let index = signed_mul_div_floor(self.funding, ladder::ONE as i128, WAD).ok().context("an index")?;
        self.write_funding(index).await?;
        self.pair.book.set_funding_index(MARKET, index)?;
        self.pair.compare().await
    }

    async fn trade(&mut self, action: &Value) -> Result<()> {
        ensure!(exact(&action["price"])?.unsigned_abs() == self.mark, "a trade off the mark");
        let account = |name| number(action, name).map(|number| self.pair.accounts[number as usize]);
        let (taker, maker) = (account("buyer")?, account("seller")?);
        let size = i128::from(number(action, "size")?) * WAD as i128;
        self.step(Action::Settle(vec![Fill { taker, maker, market: MARKET, size, price: self.mark }])).await
    }

    async fn deleverage(&mut self, action: &Value) -> Result<()> {
        self.deleverages += 1;
        let open_interest = self.pair.book.open_interest(MARKET)?;
        let notional = mul_div_ceil(open_interest, HIGHEST_EDGE, WAD).ok().context("a notional")?;
        self.notional = self.notional.max(notional);
        let account = self.pair.accounts[number(action, "account")? as usize];
        let fund = |pair: &Pair| (pair.book.insurance, pair.book.bad_debt());
        let before = fund(&self.pair);
        let paying = self.pair.reached.paying;
        self.step(Action::Deleverage { account }).await?;
        self.paying += self.pair.reached.paying - paying;
        // What the events said is the model's, exactly; what that is, the reference's.
        let after = fund(&self.pair);
        let bound = self.cash_bound()?;
        let paid = (before.0 - after.0) as i128;
        let socialised = (after.1 - before.1) as i128;
        ensure!(off(paid, &action["insurance"])? <= bound, "insurance paid {paid}: {}", action["insurance"]);
        let (budget, taken) = (decimal(&action["budget"])?, decimal(&action["taken"])?);
        let theirs = (budget - taken).div_euclid(EXTRA);
        ensure!((socialised - theirs).unsigned_abs() <= bound, "socialised {socialised}, not {theirs}");
        Ok(())
    }

    fn cash_bound(&self) -> Result<u128> {
        let n = self.deleverages;
        let floats = (self.notional >> 51) + 1;
        Ok(floats * (n * (n + 1) / 2) + self.pair.book.identity()?.bound * (n + 1) + 1)
    }

    /// What the node says of every account and of the fund, against the trace.
    async fn check(&mut self, action: &Value) -> Result<()> {
        let World { chain, engine, .. } = &self.pair.world;
        let (cash_bound, size_bound) = (self.cash_bound()?, self.pair.book.dust.size_of(MARKET) + 2);
        let dropped = mul_div_ceil(size_bound, HIGHEST_EDGE, WAD).ok().context("a bound")?;
        let totals = chain.call(*engine, &IPlimsoll::totalsCall {}).await?;
        let fund = totals.insurance as i128 - totals.badDebt as i128;
        ensure!(off(fund, &action["insurance_after"])? <= cash_bound, "fund {fund}");
        let calls =
            self.pair.accounts.iter().map(|id| IPlimsoll::accountOfCall { account: B256::from(id.0) });
        let accounts = chain.call_many(*engine, calls).await?;
        for (number, account) in accounts.iter().enumerate() {
            let row = &action["accounts"][number];
            let (size, basis) = account.positions.first().map_or((0, 0), |p| (p.size, p.basis));
            let profit = position::profit_floor(size, basis, self.mark).ok().context("a profit")?;
            let at = format!("account {number}");
            let (cash, units) = (off(account.cash, &row[0])?, off(size, &row[1])?);
            let equity = off(account.cash + profit, &row[2])?;
            ensure!(cash <= cash_bound + dropped, "{at}: cash off by {cash}, at most {cash_bound}");
            ensure!(units <= size_bound, "{at}: size off by {units}, at most {size_bound}");
            ensure!(equity <= cash_bound + dropped + 1, "{at}: equity off by {equity}");
            self.largest = (self.largest.0.max(cash), self.largest.1.max(units));
        }
        self.actions += 1;
        Ok(())
    }
}

/// Replays a trace; what it went through, `None` where the node cannot.
async fn replay(test: &str, name: &str) -> Result<Option<Replay>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/model/tests/fixtures").join(name);
    let mut text = String::new();
    GzDecoder::new(File::open(path)?).read_to_string(&mut text)?;
    let mut lines = text.lines().map(serde_json::from_str::<Value>);
    let first = lines.next().context("a first action")??;
    let Some(mut replay) = Replay::open(test, &first).await? else { return Ok(None) };
    replay.check(&first).await?;
    for (number, action) in lines.enumerate() {
        let action = action?;
        let kind = action["action"].as_str().context("an action")?;
        match kind {
            "price" => replay.price(&action).await,
            "trade" => replay.trade(&action).await,
            "deleverage" => replay.deleverage(&action).await,
            other => anyhow::bail!("unknown action {other}"),
        }
        .with_context(|| format!("line {}, {kind}", number + 2))?;
        replay.check(&action).await.with_context(|| format!("after line {}, {kind}", number + 2))?;
    }
    eprintln!(
        "{name}: {} actions, {} deleveragings, {} of them from profits; off by at most {:?} of cash and size, bound {}",
        replay.actions,
        replay.deleverages,
        replay.paying,
        replay.largest,
        replay.cash_bound()?
    );
    Ok(Some(replay))
}

// How many deleveragings a trace has is counted in the file itself.

#[tokio::test(flavor = "multi_thread")]
async fn replay_seed_15() -> Result<()> {
    let Some(replay) = replay(test_name!(), "ladder-seed-15.jsonl.gz").await? else { return Ok(()) };
    ensure!(replay.deleverages == 20, "{} deleveragings", replay.deleverages);
    ensure!(replay.paying > 0, "none took from profits");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn replay_seed_7() -> Result<()> {
    let Some(replay) = replay(test_name!(), "ladder-seed-7.jsonl.gz").await? else { return Ok(()) };
    ensure!(replay.deleverages == 16, "{} deleveragings", replay.deleverages);
    ensure!(replay.paying > 0, "none took from profits");
    Ok(())
}
