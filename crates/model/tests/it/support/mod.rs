//! Checks what a step of a sequence did against what it was allowed to do.

use std::collections::BTreeMap;

use plimsoll_fixed::{mul_div_ceil, mul_div_floor};
use plimsoll_model::{
    AccountId, Action, Book, Buried, Error, Liquidation, MarketId, Outcome, Pass, PositionView, Step, Use,
};
use plimsoll_risk::{
    PPM, WAD,
    ladder::{FUNDING_ONE, Ground, Holding, Side, tick_of},
    margin::Margin,
    trade,
};

/// What the sequences went through.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) steps: u64,
    pub(crate) accepted: u64,
    pub(crate) refused: u64,
    pub(crate) errors: BTreeMap<&'static str, u64>,
    pub(crate) fills: u64,
    pub(crate) liquidations: u64,
    pub(crate) burials: u64,
    pub(crate) several_markets: u64,
    pub(crate) unexplained: u64,
    /// Pairs of accounts that were buried in both orders.
    pub(crate) orders: u64,
    pub(crate) passes: u64,
    pub(crate) paying: u64,
    /// Passes in which young profit paid.
    pub(crate) young: u64,
    pub(crate) socialised: u64,
    pub(crate) surplus: u64,
    /// Rungs that were retired, that paid once more after that, and that were closed whole.
    pub(crate) retired: u64,
    pub(crate) repeated: u64,
    pub(crate) closed_out: u64,
    /// Members caught up over a history.
    pub(crate) caught_up: u64,
    /// Touches that netted or realised something.
    pub(crate) netted: u64,
    pub(crate) ripened: u64,
    pub(crate) clocks_stood: u64,
    pub(crate) most_rungs: usize,
    pub(crate) most_generations: u32,
    pub(crate) largest_difference: u128,
    pub(crate) largest_bound: u128,
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Self) {
        for (name, count) in &other.errors {
            *self.errors.entry(name).or_default() += count;
        }
        for (sum, count) in [
            (&mut self.steps, other.steps),
            (&mut self.accepted, other.accepted),
            (&mut self.refused, other.refused),
            (&mut self.fills, other.fills),
            (&mut self.liquidations, other.liquidations),
            (&mut self.burials, other.burials),
            (&mut self.several_markets, other.several_markets),
            (&mut self.unexplained, other.unexplained),
            (&mut self.orders, other.orders),
            (&mut self.passes, other.passes),
            (&mut self.paying, other.paying),
            (&mut self.young, other.young),
            (&mut self.socialised, other.socialised),
            (&mut self.surplus, other.surplus),
            (&mut self.retired, other.retired),
            (&mut self.repeated, other.repeated),
            (&mut self.closed_out, other.closed_out),
            (&mut self.caught_up, other.caught_up),
            (&mut self.netted, other.netted),
            (&mut self.ripened, other.ripened),
            (&mut self.clocks_stood, other.clocks_stood),
        ] {
            *sum += count;
        }
        self.most_rungs = self.most_rungs.max(other.most_rungs);
        self.most_generations = self.most_generations.max(other.most_generations);
        self.largest_difference = self.largest_difference.max(other.largest_difference);
        self.largest_bound = self.largest_bound.max(other.largest_bound);
    }
}

/// Follows a book step by step.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) counts: Counts,
}

type Check = Result<(), String>;

macro_rules! ensure {
    ($what:expr, $($message:tt)+) => {
        if !$what {
            return Err(format!($($message)+));
        }
    };
}

fn text(error: Error) -> String {
    format!("unreadable: {error:?}")
}

/// Health E/M does not fall, with a few units of rounding allowed for.
fn no_less_healthy(before: &Margin, after: &Margin, slack: u128) -> bool {
    let Ok(had) = u128::try_from(before.stressed()) else { return after.stressed() >= before.stressed() };
    let has = u128::try_from(after.stressed().saturating_add_unsigned(slack)).unwrap_or(0);
    plimsoll_fixed::compare_products(has, before.maintenance, had, after.maintenance).is_ge()
}

fn equity(book: &Book, account: AccountId) -> Result<i128, String> {
    book.margin_of(account, Use::Liquidation).map(|margin| margin.equity).map_err(text)
}

/// What rounding may move of one account in one step: for each market of its list a few units, as much size at the mark, and
/// as many of the last digits of funding per unit.
fn slack(book: &Book, account: AccountId) -> u128 {
    let stored = book.account(account);
    let of = |(market, holding): (&MarketId, &Holding)| {
        8 * (book.markets[market].price.price / WAD + holding.member.size.unsigned_abs() / FUNDING_ONE + 2)
    };
    16 + stored.holdings.iter().map(of).sum::<u128>()
}

/// The accounts that an action names: nobody else may lose by it.
fn parties(action: &Action) -> Vec<AccountId> {
    match action {
        Action::Deposit { account, .. }
        | Action::Withdraw { account, .. }
        | Action::Bury { account }
        | Action::Touch { account } => vec![*account],
        Action::Settle(fills) => fills.iter().flat_map(|fill| [fill.taker, fill.maker]).collect(),
        Action::Liquidate { account, into, .. } => vec![*account, *into],
        _ => Vec::new(),
    }
}

/// What an account has in a market that a pass takes from: profit on a rung that pays, and young profit.
struct Profit {
    open: u128,
    young: u128,
}

fn profit(book: &Book, account: AccountId, market: MarketId) -> Result<Profit, String> {
    let (state, held) = (&book.markets[&market], book.held(account, market).map_err(text)?);
    let mut open = 0;
    if let Some(holding) = book.account(account).holdings.get(&market)
        && let Some(at) = holding.rung().map_err(|e| e.to_string())?
        && state.ladder.rung(at).pays(at.side, at.tick, state.price.price).map_err(|e| e.to_string())?
    {
        let own = held.profit_floor(state.price.price).map_err(|e| e.to_string())?;
        ensure_loser(own, state.price.price)?;
        open = u128::try_from(own).unwrap_or(0);
    }
    Ok(Profit { open, young: held.young })
}

/// No loser is on a rung that pays; rounding may take a few units.
fn ensure_loser(own: i128, mark: u128) -> Check {
    ensure!(own >= -(8 * (mark / WAD + 2)).cast_signed(), "a loser on a paying rung: {own}");
    Ok(())
}

impl Watch {
    /// Applies a step and checks what it did.
    pub(crate) fn step(&mut self, book: &mut Book, step: &Step) -> Check {
        let mut before = book.clone();
        before.set_time(step.now);
        if let Action::Bury { account } = step.action {
            self.order_of_burials(&before, account)?;
        }
        let result = book.apply(step);
        self.counts.steps += 1;
        match &result {
            Err(error) => {
                self.counts.refused += 1;
                *self.counts.errors.entry(error.name()).or_default() += 1;
                ensure!(*book == before, "an error changed something: {error:?}");
                // The generator stays within what money can hold.
                ensure!(*error != Error::Overflow, "overflow");
                return Ok(());
            }
            Ok(outcome) => {
                self.counts.accepted += 1;
                self.judge(&before, book, &step.action, outcome)?;
            }
        }
        if !matches!(step.action, Action::Prices(_) | Action::Deleverage { .. }) {
            self.others_keep(&before, book, &step.action)?;
        }
        book.check().map_err(|found| format!("{found:?}"))?;
        let identity = book.identity().map_err(text)?;
        self.counts.largest_difference =
            self.counts.largest_difference.max(identity.difference.unsigned_abs());
        self.counts.largest_bound = self.counts.largest_bound.max(identity.bound);
        for market in book.markets.values() {
            self.counts.most_rungs = self.counts.most_rungs.max(market.ladder.live.len());
            self.counts.most_generations = self.counts.most_generations.max(market.generation);
            self.counts.clocks_stood += u64::from(market.stands);
        }
        self.view_equals_write(book)
    }

    /// Nothing that strangers do but prices and passes moves an account's equity or its cash.
    fn others_keep(&self, before: &Book, after: &Book, action: &Action) -> Check {
        let parties = parties(action);
        for &account in before.accounts.keys().filter(|account| !parties.contains(account)) {
            let (was, is) = (equity(before, account)?, equity(after, account)?);
            ensure!(was == is, "{account:?} is no party and went from {was} to {is}");
            ensure!(before.accounts[&account] == after.accounts[&account], "a stranger was written");
        }
        Ok(())
    }

    fn judge(&mut self, before: &Book, after: &Book, action: &Action, outcome: &Outcome) -> Check {
        match (action, outcome) {
            (Action::Settle(fills), _) => {
                self.counts.fills += fills.len() as u64;
                for account in fills.iter().flat_map(|fill| [fill.taker, fill.maker]) {
                    let was = before.margin_of(account, Use::Trading).map_err(text)?;
                    let is = after.margin_of(account, Use::Trading).map_err(text)?;
                    ensure!(is.equity >= 0, "insolvent after a fill: {is:?}");
                    let mut grew = false;
                    for fill in fills.iter().filter(|fill| fill.taker == account || fill.maker == account) {
                        let size =
                            |book: &Book| book.held(account, fill.market).map(|h| h.size).map_err(text);
                        grew |= trade::grows(size(before)?, size(after)?);
                    }
                    ensure!(
                        is.meets_initial() || (!grew && is.is_safer_than(&was)),
                        "fill accepted: {was:?} to {is:?}"
                    );
                    self.no_debt_beside_profit(after, account)?;
                }
                for fill in fills {
                    let state = &after.markets[&fill.market];
                    for account in [fill.taker, fill.maker] {
                        let size =
                            |book: &Book| book.held(account, fill.market).map(|h| h.size).map_err(text);
                        if trade::grows(size(before)?, size(after)?) {
                            let age = after.now - state.price.time;
                            ensure!(age <= state.params.time.max_trade_age.into(), "grew at {age} s");
                        }
                    }
                }
                Ok(())
            }
            (Action::Withdraw { account, .. }, _) => {
                let is = after.margin_of(*account, Use::Trading).map_err(text)?;
                ensure!(is.meets_initial(), "withdrawn below initial margin: {is:?}");
                ensure!(is.ripe >= 0 && is.ripe.unsigned_abs() >= is.initial, "withdrew profit: {is:?}");
                Ok(())
            }
            (Action::Liquidate { account, into, market, max_size, .. }, Outcome::Liquidated(done)) => {
                self.counts.liquidations += 1;
                self.judge_liquidation(before, after, (*account, *into), *market, *max_size, done)
            }
            (Action::Bury { account }, Outcome::Buried(done)) => {
                self.counts.burials += 1;
                self.judge_burial(before, after, *account, done)
            }
            (Action::Deleverage { market }, Outcome::Passed(pass)) => {
                self.counts.passes += 1;
                self.judge_pass(before, after, *market, pass)
            }
            (Action::Touch { account }, _) => {
                let (was, is) = (equity(before, *account)?, equity(after, *account)?);
                ensure!(was.abs_diff(is) <= slack(before, *account), "a touch moved {was} to {is}");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Cash does not stay below zero beside profit.
    fn no_debt_beside_profit(&self, book: &Book, account: AccountId) -> Check {
        let view = book.account_of(account).map_err(text)?;
        if view.cash >= 0 {
            return Ok(());
        }
        for position in view.positions {
            let profit = position
                .held
                .profit_floor(book.markets[&position.market].price.price)
                .map_err(|e| e.to_string())?;
            ensure!(position.held.young == 0 && profit <= 0, "{} of cash beside {position:?}", view.cash);
        }
        Ok(())
    }

    fn judge_liquidation(
        &self,
        before: &Book,
        after: &Book,
        (account, into): (AccountId, AccountId),
        market: MarketId,
        max_size: u128,
        done: &Liquidation,
    ) -> Check {
        let margin = |book: &Book, account| book.margin_of(account, Use::Liquidation).map_err(text);
        let (was, is) = (margin(before, account)?, margin(after, account)?);
        let units = slack(before, account);
        ensure!(no_less_healthy(&was, &is, units), "a liquidation lowered health: {was:?} to {is:?}");
        ensure!(is.equity >= -units.cast_signed(), "a liquidation took more than there was: {is:?}");
        ensure!(done.size <= max_size && done.size > 0, "size {}", done.size);
        let held = before.held(account, market).map_err(text)?.size;
        let left = after.held(account, market).map_err(text)?.size;
        ensure!(
            Side::of(held) == done.side && done.side.signed(done.size) == Ok(held - left),
            "closed {done:?} of {held}, left {left}"
        );
        ensure!(left == 0 || (left > 0) == (held > 0), "a liquidation turned a position");
        let params = &after.markets[&market].params;
        // A position that would be left too small is for taking over whole, and may be taken in parts.
        let (quote, _) = before.quote_liquidation(account, market).map_err(text)?;
        let whole = quote.size == held.unsigned_abs();
        if left != 0 && !whole && !is.is_liquidatable() && was.is_liquidatable() {
            // The target is not overshot by more than a lot (and what the penalty leaves).
            let mark = after.price(market, Use::Liquidation).map_err(text)?;
            let lot = mul_div_ceil(params.liquidation.lot, mark, WAD).unwrap();
            let aim = PPM + u128::from(params.liquidation.target_buffer);
            let target = mul_div_ceil(is.maintenance + lot, aim, PPM).unwrap();
            ensure!(is.stressed() <= (target + units).cast_signed(), "overshot: {is:?}, target {target}");
        }
        ensure!(done.reward <= params.margin.liquidation_cost, "reward {}", done.reward);
        let (was, is) = (margin(before, into)?, margin(after, into)?);
        ensure!(is.meets_initial() || is.is_safer_than(&was), "taken over: {was:?} to {is:?}");
        self.no_debt_beside_profit(after, account)
    }

    fn judge_burial(&mut self, before: &Book, after: &Book, account: AccountId, done: &Buried) -> Check {
        let was = equity(before, account)?;
        ensure!(
            was < 0 && done.deficit.abs_diff(was.unsigned_abs()) <= slack(before, account),
            "{was}: {done:?}"
        );
        ensure!(after.account(account) == plimsoll_model::Account::default(), "not flat at zero");
        let parts: u128 = done.markets.iter().map(|m| m.part).sum();
        ensure!(done.insurance + done.socialised + parts == done.deficit, "parts: {done:?}");
        ensure!(before.insurance - after.insurance == done.insurance, "insurance");
        ensure!(after.bad_debt() - before.bad_debt() == done.socialised, "bad debt");
        self.counts.several_markets += u64::from(done.markets.iter().filter(|m| m.part > 0).count() > 1);
        self.counts.unexplained += u64::from(done.insurance + done.socialised > 0);
        let mut losses = 0;
        for interred in &done.markets {
            let mark = before.markets[&interred.market].price.price;
            let held = before.held(account, interred.market).map_err(text)?;
            let loss = held.profit_floor(mark).map_err(|e| e.to_string())?.min(0).unsigned_abs();
            losses += loss;
            let units = slack(before, account);
            ensure!(interred.part <= loss + units, "more than the open loss: {interred:?}, {loss}");
            ensure!(held.size.abs_diff(interred.size) <= 1_000_000, "size {held:?} {interred:?}");
            // The estate is short of the part, to within the roundings.
            let worth = |book: &Book| -> Result<i128, String> {
                let mut estate = book.markets[&interred.market].estate;
                let funding = book.moment(interred.market).map_err(text)?.funding;
                estate.catch_up(funding).map_err(|e| e.to_string())?;
                estate.worth_floor(mark).map_err(|e| e.to_string())
            };
            let fell = worth(before)? - worth(after)?;
            ensure!(
                fell.abs_diff(interred.part.cast_signed()) <= units,
                "an estate fell by {fell}: {interred:?}"
            );
        }
        // In proportion to the open losses, to within a unit.
        for interred in &done.markets {
            let mark = before.markets[&interred.market].price.price;
            let held = before.held(account, interred.market).map_err(text)?;
            let loss = held.profit_floor(mark).map_err(|e| e.to_string())?.min(0).unsigned_abs();
            let due =
                if losses == 0 { 0 } else { mul_div_floor(done.deficit.min(losses), loss, losses).unwrap() };
            ensure!(interred.part.abs_diff(due) <= slack(before, account), "{interred:?}, due {due}");
        }
        Ok(())
    }

    /// Burying one and then another leaves what the other order does.
    fn order_of_burials(&mut self, before: &Book, first: AccountId) -> Check {
        let other = before.accounts.keys().copied().find(|&account| {
            account != first && before.margin_of(account, Use::Trading).is_ok_and(|margin| margin.equity < 0)
        });
        let Some(other) = other else { return Ok(()) };
        let both = |order: [AccountId; 2]| -> Result<Option<Book>, String> {
            let mut book = before.clone();
            for account in order {
                match book.bury(account) {
                    Ok(_) => {}
                    // Its profit has to pay the estate of the one before: then a pass comes first, in either order.
                    Err(Error::EstateWaits { .. } | Error::PriceUnusable { .. } | Error::Solvent { .. }) => {
                        return Ok(None);
                    }
                    Err(error) => return Err(text(error)),
                }
            }
            Ok(Some(book))
        };
        let (Some(one), Some(two)) = (both([first, other])?, both([other, first])?) else { return Ok(()) };
        self.counts.orders += 1;
        let units = slack(before, first) + slack(before, other);
        ensure!(one.insurance.abs_diff(two.insurance) <= units, "insurance by order");
        ensure!(one.bad_debt().abs_diff(two.bad_debt()) <= units, "bad debt by order");
        for (market, state) in &one.markets {
            let (a, b) = (state.estate, two.markets[market].estate);
            ensure!(a.size.abs_diff(b.size) <= 16, "size by order: {a:?} {b:?}");
            ensure!((a.cash + a.basis).abs_diff(b.cash + b.basis) <= units, "estates by order: {a:?} {b:?}");
        }
        for account in before.accounts.keys() {
            ensure!(equity(&one, *account)? == equity(&two, *account)?, "equity by order");
        }
        Ok(())
    }

    fn judge_pass(&mut self, before: &Book, after: &Book, market: MarketId, pass: &Pass) -> Check {
        let done = &pass.passed;
        let (was, is) = (&before.markets[&market], &after.markets[&market]);
        let mark = pass.mark;
        ensure!(was.price.price == mark, "the mark");
        let rest = done.deficit - done.insurance;
        ensure!(done.taken == rest.min(done.capacity) && done.taken + done.socialised == rest, "R: {done:?}");
        ensure!(done.surplus == 0 || done.deficit == 0, "surplus and deficit");
        ensure!(before.insurance + done.surplus == after.insurance + done.insurance, "insurance");
        ensure!(after.bad_debt() - before.bad_debt() == done.socialised, "bad debt");
        ensure!(!is.estate.waits() && !is.stands, "the estate is resolved");
        ensure!(after.accounts == before.accounts, "an account was written");
        for (id, state) in &before.markets {
            ensure!(*id == market || after.markets[id] == *state, "market {id} was touched");
        }
        self.counts.paying += u64::from(done.taken > 0);
        self.counts.young += u64::from(done.pots > 0);
        self.counts.socialised += u64::from(done.socialised > 0);
        self.counts.surplus += u64::from(done.surplus > 0);

        // Everyone pays the same share of its own profit and nobody anything else; being closed costs nobody anything.
        let (mut sum, mut profits, mut units) = (0i128, 0u128, 0u128);
        for &account in before.accounts.keys() {
            let own = profit(before, account, market)?;
            let unit = slack(before, account);
            let due = match done.capacity {
                0 => 0,
                capacity => {
                    mul_div_floor(own.open + own.young, done.taken, capacity).map_err(|e| e.to_string())?
                }
            };
            let paid = equity(before, account)? - equity(after, account)?;
            ensure!(paid.abs_diff(due.cast_signed()) <= unit, "{account:?} paid {paid}, due {due}, {done:?}");
            let (had, has) =
                (before.held(account, market).map_err(text)?, after.held(account, market).map_err(text)?);
            ensure!(has.size.unsigned_abs() <= had.size.unsigned_abs(), "a position grew");
            ensure!(
                before
                    .account_of(account)
                    .map_err(text)?
                    .cash
                    .abs_diff(after.account_of(account).map_err(text)?.cash)
                    <= unit,
                "a pass took cash"
            );
            // Young profit pays by the same share as open profit.
            let young = match done.capacity {
                0 => 0,
                capacity => mul_div_floor(own.young, done.taken, capacity).map_err(|e| e.to_string())?,
            };
            ensure!((had.young - has.young).abs_diff(young) <= unit, "young {} {}", had.young, has.young);
            sum += paid;
            profits += own.open + own.young;
            units += unit;
        }
        ensure!(sum.abs_diff(done.taken.cast_signed()) <= units, "paid {sum}, {done:?}");
        // What dust of size on retired rungs is worth may be in the sum of profits beside what members own.
        let dust = before.dust.quote(0);
        ensure!(profits.abs_diff(done.capacity) <= units + dust, "profits {profits}, {done:?}");
        self.judge_closing(before, after, market, pass)
    }

    /// The facing side is closed by the same fraction: first all in profit, then, if that is not enough, the rest.
    fn judge_closing(&mut self, before: &Book, after: &Book, market: MarketId, pass: &Pass) -> Check {
        let (was, is) = (&before.markets[&market].ladder, &after.markets[&market].ladder);
        let facing = Side::of(pass.estate.size).opposite();
        let mut groups = [(0u128, 0u128); 2];
        let mut rungs = Vec::new();
        for (&at, old) in &was.rungs {
            let new = is.rungs.get(&at).copied().unwrap_or_default();
            let pays = old.profit_floor(at.side, at.tick, pass.mark).map_err(|e| e.to_string())? > 0;
            self.counts.retired += u64::from(new.retired() && !old.retired());
            let paid = new.indices.basis != old.indices.basis;
            self.counts.repeated += u64::from(paid && old.retired());
            self.counts.closed_out += u64::from(new.size == 0 && old.size > 0);
            if !pays {
                ensure!(!paid, "a rung that does not pay paid");
            }
            if at.side != facing {
                ensure!(new.size == old.size, "a rung of the estate's own side was closed");
                continue;
            }
            let group = &mut groups[usize::from(!pays)];
            group.0 += old.size;
            group.1 += old.size - new.size;
            rungs.push((usize::from(!pays), old.size, old.size - new.size));
        }
        let closed = groups[0].1 + groups[1].1;
        ensure!(
            closed + pass.passed.unmatched.unsigned_abs() == pass.estate.size.unsigned_abs(),
            "closed {closed}"
        );
        ensure!(
            groups[1].1 == 0 || groups[0].0 == groups[0].1,
            "losers were closed before winners: {groups:?}"
        );
        for (group, size, gone) in rungs {
            let (all, sum) = groups[group];
            let due = if all == 0 { 0 } else { mul_div_floor(size, sum, all).unwrap() };
            ensure!(gone.abs_diff(due) <= 1, "closed {gone} of {size}, due {due}");
        }
        Ok(())
    }

    /// A view of an account is what a touch then finds. While an estate waits a touch may also net and realise.
    fn view_equals_write(&mut self, book: &Book) -> Check {
        let accounts: Vec<AccountId> = book.accounts.keys().copied().collect();
        let Some(&account) = accounts.get(self.counts.steps as usize % accounts.len().max(1)) else {
            return Ok(());
        };
        let view = book.account_of(account).map_err(text)?;
        let mut touched = book.clone();
        touched.touch(account).map_err(text)?;
        touched.check().map_err(|found| format!("after a touch: {found:?}"))?;
        let write = touched.account_of(account).map_err(text)?;
        let units = slack(book, account);
        let (was, is) = (equity(book, account)?, equity(&touched, account)?);
        ensure!(was.abs_diff(is) <= units, "a touch moved {was} to {is}");
        let waits = view.positions.iter().any(|p| book.markets[&p.market].estate.waits());
        // Catching up makes no profit ripe: nobody may withdraw more after it. Where a position has no entry price its loss is
        // realised, and eats young profit.
        let free = |book: &Book| book.free_collateral(account).map_err(text);
        let (had, has) = (free(book)?, free(&touched)?);
        let eats = |p: &PositionView| p.held.young > 0 && tick_of(p.held.size, p.held.basis) == Ok(None);
        let nets = waits || view.positions.iter().any(eats);
        // A position that passes left without an entry price goes, and its requirement with it: what its liquidation would cost.
        let goes = |p: &&PositionView| p.held.size != 0 && tick_of(p.held.size, p.held.basis) == Ok(None);
        let costs = view.positions.iter().filter(goes);
        let freed: u128 = costs.map(|p| book.markets[&p.market].params.margin.liquidation_cost + 10).sum();
        ensure!(nets || has <= had + units + freed, "{has} may be withdrawn after a touch, {had} before");
        let stored = touched.account(account);
        ensure!(stored.cash.abs_diff(write.cash) <= units, "not caught up: {} {}", stored.cash, write.cash);
        let old = book.account(account);
        let mut plain = true;
        for position in &view.positions {
            let has = touched.held(account, position.market).map_err(text)?;
            let had = position.held;
            ensure!(has.size.abs_diff(had.size) <= 1_000_000, "size {had:?} {has:?}");
            plain &= had.size != 0 && (has.basis, has.young) == (had.basis, had.young);
            if let Some(holding) = old.holdings.get(&position.market) {
                let rung = holding.rung().map_err(|e| e.to_string())?;
                let ladder = &book.markets[&position.market].ladder;
                self.counts.caught_up += u64::from(rung.is_some_and(|at| ladder.rung(at).retired()));
                let young: u128 = holding.young.entries.iter().map(|entry| entry.amount).sum();
                self.counts.ripened += u64::from(young > 0 && had.young == 0);
            }
        }
        self.counts.netted += u64::from(waits && !plain);
        // Nothing waits, nothing is owed on the way: the write finds the view to the unit. What a position without an entry
        // price lost, because it was closed, is owed when it is touched.
        let mut owed = old.cash;
        for PositionView { market, held } in &view.positions {
            owed += held.cash.min(0);
            if tick_of(held.size, held.basis) == Ok(None) {
                let mark = book.markets[market].price.price;
                owed += held.profit_floor(mark).map_err(|e| e.to_string())?.min(0);
            }
        }
        let owed = owed < 0;
        if !waits && !owed {
            for position in &view.positions {
                let (had, has) = (position.held, touched.held(account, position.market).map_err(text)?);
                // One without an entry price is realised and entered anew.
                let realised = tick_of(had.size, had.basis) == Ok(None) || has.size == 0;
                ensure!(realised || (had.size, had.basis) == (has.size, has.basis), "{had:?} {has:?}");
                ensure!(realised || had.young == has.young, "{had:?} {has:?}");
            }
        }
        Ok(())
    }
}
