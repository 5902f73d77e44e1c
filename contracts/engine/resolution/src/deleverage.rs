//! `deleverage`: closes an insolvent account. Insurance pays first, then profits by the ladder; the rest is recorded as
//! bad debt.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::{
    LadderSide, Ledger, Markets, Revert, book::Portfolio, ladder::StoredSide, margin::require_usable,
    market::NO_MARKET, sol,
};
use plimsoll_risk::{
    Overflow,
    ladder::{self, Side},
    position,
    waterfall::{self, MarketLoss, Plan},
};

pub(crate) fn deleverage(ledger: &mut Ledger, id: B256) -> Result<(u128, u128, u128, u128), Revert> {
    let account = ledger.load_account(id);
    let mut markets = ledger.load_markets(&account.markets)?;
    require_usable(&account, &markets)?;
    let mut portfolio = ledger.load_positions(account, &markets)?;
    let margin = portfolio.margin(&markets)?;
    let deficit =
        margin.deficit().ok_or_else(|| Revert::new(sol::Solvent { account: id, equity: margin.equity }))?;

    let mut plan = plan(ledger, &portfolio, &markets, deficit)?;
    draw_insurance(ledger, id, plan.insurance)?;
    for (place, market) in portfolio.account.markets.clone().into_iter().enumerate() {
        close(ledger, &mut portfolio, &mut markets, market, &mut plan, place)?;
    }
    // This part belongs to no market: the account had no position, or other deleveragings had closed all of them.
    if plan.unassigned > 0 {
        record_bad_debt(ledger, NO_MARKET, 0, plan.unassigned)?;
    }
    portfolio.account.credit(i128::try_from(deficit).map_err(|_| Overflow)?)?;
    ledger.store_portfolio(&portfolio);
    for market in markets.iter() {
        ledger.store_market(market);
    }
    Ok((plan.deficit, plan.insurance, plan.taken, plan.socialised))
}

/// Who bears the deficit, by the account's markets in their order.
fn plan(ledger: &Ledger, portfolio: &Portfolio, markets: &Markets, deficit: u128) -> Result<Plan, Revert> {
    let mut losses = Vec::with_capacity(portfolio.account.markets.len());
    for id in &portfolio.account.markets {
        let (size, basis) = portfolio.position(*id);
        losses.push(MarketLoss::of_ceil(size, basis, markets.get(*id)?.quote.price)?);
    }
    let ((fund, _), (_, cap)) = (ledger.funds(), ledger.totals());
    Ok(Plan::new(deficit, fund, cap, &losses)?)
}

fn draw_insurance(ledger: &mut Ledger, account: B256, amount: u128) -> Result<(), Revert> {
    if amount > 0 {
        let (fund, fees) = ledger.funds();
        let left = fund.checked_sub(amount).ok_or(Overflow)?;
        ledger.set_funds(left, fees);
        ledger.emit(&sol::InsurancePaid { account, amount, left });
    }
    Ok(())
}

/// Closes the account's position in one market, whose part of the plan stands at `place`.
fn close(
    ledger: &mut Ledger,
    portfolio: &mut Portfolio,
    markets: &mut Markets,
    id: u16,
    plan: &mut Plan,
    place: usize,
) -> Result<(), Revert> {
    let market = markets.get_mut(id)?;
    let mark = market.quote.price;
    let (size, basis) = portfolio.take_out(ledger, market)?;
    portfolio.account.credit(position::profit_floor(size, basis, mark)?)?;
    portfolio.put_back(ledger, market, 0, 0)?;

    let part = *plan.parts.get(place).ok_or(Overflow)?;
    let at = LadderSide { market: id, side: Side::of(size).opposite() };
    let mut facing = StoredSide { ledger: &mut *ledger, at };
    let spread =
        ladder::deleverage(&mut facing, size.unsigned_abs(), mark, market.funding.index, part.budget)?;
    let left = spread.left(size, market.open_interest)?;
    market.open_interest = left.open_interest;
    ledger.count_dust(id, left.dust)?;

    let socialised = plan.bear(&part, spread.taken)?;
    if socialised > 0 {
        record_bad_debt(ledger, id, market.instrument(), socialised)?;
    }
    ledger.emit(&sol::Deleveraged {
        account: portfolio.account.id,
        instrument: market.instrument(),
        size,
        mark,
        deficit: part.deficit()?,
        insurance: part.insurance,
        budget: part.budget,
        capacity: spread.capacity,
        taken: spread.taken,
        socialised,
        haircut: waterfall::haircut_ceil(spread.taken, spread.capacity)?,
        payers: spread.payers,
        closedRungs: spread.closed,
    });
    Ok(())
}

/// Records a loss that neither insurance nor profits bore.
fn record_bad_debt(ledger: &mut Ledger, market: u16, instrument: u128, amount: u128) -> Result<(), Revert> {
    let (debt, dust) = ledger.debt(market);
    let total = debt.checked_add(amount).ok_or(Overflow)?;
    ledger.set_debt(market, total, dust);
    ledger.emit(&sol::BadDebtRecorded { instrument, amount, total });
    Ok(())
}
