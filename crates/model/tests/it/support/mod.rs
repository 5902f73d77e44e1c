//! Checks what a step of a sequence did against what it was allowed to do.

use std::collections::BTreeMap;

use plimsoll_model::{
    AccountId, Action, Book, Deleveraging, Error, MarketId, MarketSpread, Outcome, Step, Use,
};
use plimsoll_risk::{
    WAD,
    ladder::{Side, least_profit},
    margin::Margin,
    position,
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
    pub(crate) deleverages: u64,
    pub(crate) paying: u64,
    pub(crate) socialised: u64,
    pub(crate) several_markets: u64,
    pub(crate) unassigned: u64,
    pub(crate) renormalised: u64,
    pub(crate) closed_out: u64,
    pub(crate) repeated: u64,
    pub(crate) most_rungs: usize,
    pub(crate) most_epochs_crossed: u32,
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
            (&mut self.deleverages, other.deleverages),
            (&mut self.paying, other.paying),
            (&mut self.socialised, other.socialised),
            (&mut self.several_markets, other.several_markets),
            (&mut self.unassigned, other.unassigned),
            (&mut self.renormalised, other.renormalised),
            (&mut self.closed_out, other.closed_out),
            (&mut self.repeated, other.repeated),
        ] {
            *sum += count;
        }
        self.most_rungs = self.most_rungs.max(other.most_rungs);
        self.most_epochs_crossed = self.most_epochs_crossed.max(other.most_epochs_crossed);
        self.largest_difference = self.largest_difference.max(other.largest_difference);
        self.largest_bound = self.largest_bound.max(other.largest_bound);
    }
}

/// Follows a book step by step.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) counts: Counts,
    /// What each member has paid per unit since it was last traded, on its rung (side and tick), WAD, rounded down.
    /// A touch that leaves it on its rung does not start it anew.
    paid: BTreeMap<(AccountId, MarketId), ((Side, i32), u128)>,
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
fn no_less_healthy(before: &Margin, after: &Margin) -> bool {
    let Ok(had) = u128::try_from(before.equity) else { return after.equity >= before.equity };
    let has = u128::try_from(after.equity.saturating_add(4)).unwrap_or(0);
    plimsoll_fixed::compare_products(has, before.maintenance, had, after.maintenance).is_ge()
}

impl Watch {
    /// Applies a step and checks what it did.
    pub(crate) fn step(&mut self, book: &mut Book, step: &Step) -> Check {
        let mut before = book.clone();
        before.set_time(step.now);
        let result = book.apply(step);
        self.counts.steps += 1;
        match &result {
            Err(error) => {
                self.counts.refused += 1;
                *self.counts.errors.entry(error.name()).or_default() += 1;
                ensure!(*book == before, "an error changed something: {error:?}");
                if *error == Error::Overflow {
                    // The generator stays within what money can hold; but while somebody is insolvent, others may have
                    // more free collateral than there are tokens.
                    ensure!(matches!(step.action, Action::Withdraw { .. }), "overflow");
                    let owed = book.accounts.keys().any(|id| {
                        book.margin_of(*id, Use::Liquidation).is_ok_and(|margin| margin.equity < 0)
                    });
                    ensure!(owed || book.bad_debt() > 0, "tokens are short and nobody owes any");
                }
                return Ok(());
            }
            Ok(outcome) => {
                self.counts.accepted += 1;
                self.judge(&before, book, &step.action, outcome)?;
            }
        }
        book.check().map_err(|found| format!("{found:?}"))?;
        let identity = book.identity().map_err(text)?;
        self.counts.largest_difference =
            self.counts.largest_difference.max(identity.difference.unsigned_abs());
        self.counts.largest_bound = self.counts.largest_bound.max(identity.bound);
        for market in book.markets.values() {
            for side in [Side::Long, Side::Short] {
                self.counts.most_rungs = self.counts.most_rungs.max(market.ladder(side).occupied.len());
            }
        }
        self.view_equals_write(book)?;
        self.follow_members(book, &step.action);
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
                    ensure!(is.meets_initial() || is.is_safer_than(&was), "fill accepted: {was:?} to {is:?}");
                }
                Ok(())
            }
            (Action::Withdraw { account, .. }, _) => {
                let is = after.margin_of(*account, Use::Trading).map_err(text)?;
                ensure!(is.meets_initial(), "withdrawn below initial margin: {is:?}");
                Ok(())
            }
            (Action::Liquidate { account, into, market, max_size, .. }, Outcome::Liquidated(done)) => {
                self.counts.liquidations += 1;
                let margin = |book: &Book, account| book.margin_of(account, Use::Liquidation).map_err(text);
                let (was, is) = (margin(before, *account)?, margin(after, *account)?);
                ensure!(no_less_healthy(&was, &is), "a liquidation lowered health: {was:?} to {is:?}");
                ensure!(is.equity >= -4, "a liquidation took more than there was: {is:?}");
                ensure!(done.size <= *max_size && done.size > 0, "size {}", done.size);
                let held = before.position_of(*account, *market).map_err(text)?.size;
                let left = after.position_of(*account, *market).map_err(text)?.size;
                ensure!(
                    Side::of(held) == done.side && done.side.signed(done.size) == Ok(held - left),
                    "closed {done:?} of {held}, left {left}"
                );
                ensure!(left == 0 || (left > 0) == (held > 0), "a liquidation turned a position");
                let rules = &after.markets[market].params.liquidation;
                if left != 0 && !is.is_liquidatable() && was.is_liquidatable() {
                    // The target is not overshot by more than a lot (and what the penalty leaves).
                    let mark = after.price(*market, Use::Liquidation).map_err(text)?;
                    let lot = plimsoll_fixed::mul_div_ceil(rules.lot, mark, WAD).unwrap();
                    let target = plimsoll_fixed::mul_div_ceil(
                        is.maintenance + lot,
                        1_000_000 + u128::from(rules.target_buffer),
                        1_000_000,
                    )
                    .unwrap();
                    ensure!(is.equity <= (target + 10) as i128, "overshot: {is:?}, target {target}");
                }
                let (was, is) = (margin(before, *into)?, margin(after, *into)?);
                ensure!(is.meets_initial() || is.is_safer_than(&was), "taken over: {was:?} to {is:?}");
                Ok(())
            }
            (Action::Deleverage { account }, Outcome::Deleveraged(done)) => {
                self.counts.deleverages += 1;
                self.judge_deleveraging(before, after, *account, done)
            }
            _ => Ok(()),
        }
    }

    fn judge_deleveraging(
        &mut self,
        before: &Book,
        after: &Book,
        account: AccountId,
        done: &Deleveraging,
    ) -> Check {
        let was = before.margin_of(account, Use::Liquidation).map_err(text)?;
        ensure!(was.equity < 0 && done.deficit == was.equity.unsigned_abs(), "deficit {done:?} of {was:?}");
        ensure!(after.account(account).cash == 0, "left with {}", after.account(account).cash);
        ensure!(after.account(account).markets.is_empty(), "positions left");
        ensure!(done.taken == done.deficit - done.insurance - done.socialised, "taken is not R: {done:?}");
        ensure!(before.insurance - after.insurance == done.insurance, "insurance");
        ensure!(after.bad_debt() - before.bad_debt() == done.socialised, "bad debt");
        let budgets: u128 = done.markets.iter().map(|m| m.budget).sum();
        ensure!(budgets + done.unassigned + done.insurance == done.deficit, "budgets: {done:?}");
        self.counts.paying += u64::from(done.taken > 0);
        self.counts.unassigned += u64::from(done.unassigned > 0);
        self.counts.socialised += u64::from(done.socialised > 0);
        self.counts.several_markets +=
            u64::from(done.markets.iter().filter(|m| m.size != 0 && m.budget > 0).count() > 1);
        for closed in done.markets.iter().filter(|m| m.size != 0) {
            self.judge_market(before, after, account, closed)?;
        }
        for (id, market) in &before.markets {
            if !done.markets.iter().any(|m| m.market == *id) {
                ensure!(after.markets[id] == *market, "market {id} was touched");
            }
        }
        for (id, stored) in &before.accounts {
            if *id != account {
                ensure!(after.accounts[id] == *stored, "another account was written");
            }
        }
        Ok(())
    }

    /// One market's share: who paid what, who was closed.
    fn judge_market(
        &mut self,
        before: &Book,
        after: &Book,
        account: AccountId,
        closed: &MarketSpread,
    ) -> Check {
        let MarketSpread { market, size, mark, spread, budget, .. } = *closed;
        let side = Side::of(size);
        let facing = side.opposite();
        let (was, is) = (&before.markets[&market], &after.markets[&market]);
        ensure!(spread.taken == budget.min(spread.capacity), "took {spread:?} of {budget}");

        // The account's own side: nothing but its own departure.
        let own = before.account(account).positions[&market];
        let (_, own_tick, _) = before.rung_of(market, &own).map_err(text)?;
        for (tick, rung) in &was.ladder(side).rungs {
            ensure!(
                *tick == own_tick || is.ladder(side).rungs[tick] == *rung,
                "a rung of its own side moved"
            );
        }

        // Rungs: what each can pay is an admissible share of U, and closing follows the order of profit.
        let mut open_seen = false;
        let mut at = was.ladder(facing).next(facing, None);
        let (mut taken, mut gone) = (0u128, 0u128);
        let mut last: Option<(u128, u128)> = None;
        while let Some(tick) = at {
            let (old, _) = was.ladder(facing).rung(tick);
            let (new, _) = is.ladder(facing).rung(tick);
            self.counts.closed_out += u64::from(new.epoch > old.epoch && new.size == 0);
            self.counts.renormalised += u64::from(new.epoch > old.epoch && new.size > 0);
            ensure!(new.size <= old.size, "a rung grew");
            ensure!(!open_seen || new.size == old.size, "closed out of order at {tick}");
            open_seen |= new.size > 0;
            gone += old.size - new.size;
            let least = least_profit(facing, tick, mark);
            // A rung that was closed out has forgotten what was taken from it; its members have not.
            let per_unit = if new.size > 0 { new.taken - old.taken } else { 0 };
            ensure!(new.size == 0 || new.taken <= least.max(old.taken), "took more than the rung's profit");
            self.counts.repeated += u64::from(per_unit > 0 && old.taken > 0);
            taken += plimsoll_fixed::mul_div_floor(per_unit, old.size, WAD).unwrap();
            // Of two rungs from which nothing was taken before, the more profitable one pays no less per unit.
            if new.size > 0 && old.taken == 0 && old.size > 1_000_000 {
                if let Some((better, paid)) = last {
                    let slack = 2 + WAD / old.size;
                    ensure!(
                        better < least || per_unit <= paid + slack,
                        "{tick} paid {per_unit}, better {paid}"
                    );
                }
                last = Some((least, per_unit));
            }
            at = was.ladder(facing).next(facing, Some(tick));
        }
        ensure!(gone == size.unsigned_abs() - spread.unmatched + spread.dropped, "closed {gone}, {spread:?}");
        let rounding = after.dust.quote - before.dust.quote + 2;
        ensure!(
            taken <= spread.taken + rounding + u128::from(spread.payers) * 1_000_000,
            "{taken} {spread:?}"
        );

        self.judge_members(before, after, account, closed, facing)
    }

    fn judge_members(
        &mut self,
        before: &Book,
        after: &Book,
        account: AccountId,
        closed: &MarketSpread,
        facing: Side,
    ) -> Check {
        let MarketSpread { market, mark, spread, .. } = *closed;
        let mut total = 0i128;
        let mut members = 0i128;
        for id in before.accounts.keys().filter(|id| **id != account) {
            let old = before.position_of(*id, market).map_err(text)?;
            let new = after.position_of(*id, market).map_err(text)?;
            let Some(stored) = before.account(*id).positions.get(&market).copied() else { continue };
            if !old.member || Side::of(stored.size) != facing {
                ensure!(old == new, "somebody who does not face it was touched");
                continue;
            }
            let profit = position::profit_floor(old.size, old.basis, mark).map_err(|e| e.to_string())?;
            let value = |p: &plimsoll_model::PositionView| {
                p.cash + position::profit_floor(p.size, p.basis, mark).unwrap_or(0)
            };
            // What rounding may take from one account: its size, rounded, at the mark, and a few units.
            let unit = (mark / WAD) as i128 + 8 + old.size.abs() / (1 << 76);
            let paid = value(&old) - value(&new);
            ensure!(paid >= -unit, "{id:?} gained {paid} by a deleveraging");
            total += paid;
            members += 1;
            if paid <= unit {
                continue;
            }
            // Never more than its own profit, together with all it has paid since it joined its rung.
            let (_, tick, _) = before.rung_of(market, &stored).map_err(text)?;
            let entry = self.paid.entry((*id, market)).or_insert(((facing, tick), 0));
            let per_unit =
                plimsoll_fixed::mul_div_floor((paid - unit).unsigned_abs(), WAD, old.size.unsigned_abs())
                    .map_err(|e| e.to_string())?;
            entry.1 += per_unit;
            let in_all = plimsoll_fixed::mul_div_floor(entry.1, old.size.unsigned_abs(), WAD).unwrap();
            ensure!(in_all as i128 <= profit + unit, "{id:?} paid {in_all} in all, profit {profit}");
        }
        // Together they paid what was taken, to within the roundings.
        let slack = (mark / WAD + 10) as i128 * (members + 1)
            + i128::try_from(after.dust.quote - before.dust.quote).unwrap_or(i128::MAX);
        ensure!((total - spread.taken as i128).abs() <= slack, "paid {total}, taken {}", spread.taken);
        Ok(())
    }

    /// A view of an account is what a touch then finds.
    fn view_equals_write(&mut self, book: &Book) -> Check {
        let accounts: Vec<AccountId> = book.accounts.keys().copied().collect();
        let Some(&account) = accounts.get(self.counts.steps as usize % accounts.len().max(1)) else {
            return Ok(());
        };
        for stored in book.account(account).positions.iter() {
            let (_, _, rung) = book.rung_of(*stored.0, stored.1).map_err(text)?;
            self.counts.most_epochs_crossed =
                self.counts.most_epochs_crossed.max(rung.epoch - stored.1.epoch);
        }
        let view = book.account_of(account).map_err(text)?;
        let mut touched = book.clone();
        touched.touch(account).map_err(text)?;
        touched.check().map_err(|found| format!("after a touch: {found:?}"))?;
        let write = touched.account(account);
        // A rest too small for an entry price is dropped by a write; its basis goes to cash.
        let dropped: i128 = view
            .positions
            .iter()
            .filter(|p| p.size != 0 && !write.markets.contains(&p.market))
            .map(|p| p.basis)
            .sum();
        ensure!(view.cash + dropped == write.cash, "view {} write {}", view.cash, write.cash);
        for position in &view.positions {
            let Some(stored) = write.positions.get(&position.market) else {
                ensure!(position.size.abs() < 1_000_000, "a touch dropped {position:?}");
                continue;
            };
            ensure!(
                (stored.size, stored.basis) == (position.size, position.basis),
                "{position:?} {stored:?}"
            );
        }
        let again = touched.account_of(account).map_err(text)?;
        let unit = |p: &plimsoll_model::PositionView| 4 + p.size.abs() / (1 << 78);
        let slack: i128 = view.positions.iter().map(unit).sum();
        ensure!(
            (again.cash - write.cash).abs() <= slack,
            "caught up twice: {} then {}",
            write.cash,
            again.cash
        );
        Ok(())
    }

    /// Forgets what was paid by those who have traded or left their rung.
    fn follow_members(&mut self, book: &Book, action: &Action) {
        let traded = |account: AccountId, in_market: MarketId| match action {
            Action::Settle(fills) => fills
                .iter()
                .any(|fill| (fill.taker == account || fill.maker == account) && fill.market == in_market),
            Action::Liquidate { account: whose, into, market, .. } => {
                (*whose == account || *into == account) && *market == in_market
            }
            _ => false,
        };
        self.paid.retain(|(account, market), (at, _)| {
            !traded(*account, *market)
                && book
                    .account(*account)
                    .positions
                    .get(market)
                    .and_then(|p| book.rung_of(*market, p).ok())
                    .is_some_and(|(side, tick, _)| (side, tick) == *at)
        });
    }
}
