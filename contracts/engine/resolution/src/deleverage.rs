//! `deleverage`: insurance, then profits by the ladder, then recorded loss.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::{
    Account, Ledger, Markets, Revert,
    ladder::{LadderSide, StoredSide},
    margin::require_usable,
    market::NO_MARKET,
    revert::require,
    sol,
};
use plimsoll_risk::{
    Overflow, fill,
    ladder::{self, Side, Spread},
    position,
    waterfall::{self, MarketLoss},
};

/// One market's part of the deficit.
struct Part {
    market: u16,
    insurance: u128,
    budget: u128,
}

pub(crate) fn deleverage(ledger: &mut Ledger, id: B256) -> Result<(u128, u128, u128, u128), Revert> {
    let mut account = ledger.load_account(id);
    let mut markets = ledger.load_markets(&account.markets)?;
    require_usable(&account, &markets)?;
    let equity = ledger.margin(&account, &markets)?.equity;
    require(equity < 0, || sol::Solvent { account: id, equity })?;

    let deficit = equity.unsigned_abs();
    let insurance = draw_insurance(ledger, id, deficit)?;
    let budget = deficit - insurance;
    let mut taken = 0u128;
    let mut unassigned = budget;
    for part in split(ledger, &account, &markets, insurance, budget)? {
        taken = taken.checked_add(close(ledger, &mut account, &mut markets, &part)?).ok_or(Overflow)?;
        unassigned -= part.budget;
    }
    // No position was left to assign it to: the account had none, or all had been closed by other deleveragings.
    if unassigned > 0 {
        record_bad_debt(ledger, NO_MARKET, 0, unassigned)?;
    }
    let socialised = budget - taken;
    account.credit(i128::try_from(deficit).map_err(|_| Overflow)?)?;
    ledger.store_account(&account);
    for market in markets.iter() {
        ledger.store_market(market);
    }
    Ok((deficit, insurance, taken, socialised))
}

fn draw_insurance(ledger: &mut Ledger, account: B256, deficit: u128) -> Result<u128, Revert> {
    let ((fund, fees), (_, cap)) = (ledger.funds(), ledger.totals());
    let amount = waterfall::insurance_draw(deficit, fund, cap)?;
    if amount > 0 {
        ledger.set_funds(fund - amount, fees);
        ledger.emit(&sol::InsurancePaid { account, amount, left: fund - amount });
    }
    Ok(amount)
}

/// Splits what insurance pays and what profits must over the account's markets.
fn split(
    ledger: &Ledger,
    account: &Account,
    markets: &Markets,
    insurance: u128,
    budget: u128,
) -> Result<Vec<Part>, Revert> {
    let mut losses = Vec::with_capacity(account.markets.len());
    for id in &account.markets {
        let market = markets.get(*id)?;
        let (size, basis) = ledger
            .find_position(account.id, market)?
            .map_or((0, 0), |found| (found.now.size, found.now.basis));
        let profit = position::profit(size, basis, market.quote.price)?;
        losses.push(MarketLoss {
            loss: profit.min(0).unsigned_abs(),
            notional: fill::notional_ceil(size, market.quote.price)?,
        });
    }
    let paid = waterfall::split_deficit(insurance, &losses)?;
    let due = waterfall::split_deficit(budget, &losses)?;
    let parts = account.markets.iter().zip(paid.into_iter().zip(due));
    Ok(parts.map(|(market, (insurance, budget))| Part { market: *market, insurance, budget }).collect())
}

/// Closes the account's position in one market; returns what was taken from the other side's profits.
fn close(
    ledger: &mut Ledger,
    account: &mut Account,
    markets: &mut Markets,
    part: &Part,
) -> Result<u128, Revert> {
    let market = markets.get_mut(part.market)?;
    let mark = market.quote.price;
    let (size, basis) = ledger.take_out(account, market)?;
    account.credit(position::profit(size, basis, mark)?)?;
    account.exit(part.market);

    let side = Side::of(size);
    let at = LadderSide { market: part.market, side: side.opposite() };
    let mut facing = StoredSide { ledger: &mut *ledger, at };
    let spread =
        ladder::deleverage(&mut facing, size.unsigned_abs(), mark, market.funding.index, part.budget)?;
    let Spread { capacity, taken, payers, closed, unmatched, dropped } = spread;

    market.moved(size, 0)?;
    let matched = size.unsigned_abs() - unmatched;
    market.moved(at.side.signed(matched.checked_add(dropped).ok_or(Overflow)?)?, 0)?;
    ledger.count_dust(part.market, side.signed(unmatched)?)?;
    ledger.count_dust(part.market, at.side.signed(dropped)?)?;

    let socialised = part.budget - taken;
    if socialised > 0 {
        record_bad_debt(ledger, part.market, market.instrument(), socialised)?;
    }
    ledger.emit(&sol::Deleveraged {
        account: account.id,
        instrument: market.instrument(),
        size,
        mark,
        deficit: part.insurance.checked_add(part.budget).ok_or(Overflow)?,
        insurance: part.insurance,
        budget: part.budget,
        capacity,
        taken,
        socialised,
        haircut: waterfall::haircut(taken, capacity)?,
        payers,
        closedRungs: closed,
    });
    Ok(taken)
}

/// Records a loss that neither insurance nor profits bore.
fn record_bad_debt(ledger: &mut Ledger, market: u16, instrument: u128, amount: u128) -> Result<(), Revert> {
    let (debt, dust) = ledger.debt(market);
    let total = debt.checked_add(amount).ok_or(Overflow)?;
    ledger.set_debt(market, total, dust);
    ledger.emit(&sol::BadDebtRecorded { instrument, amount, total });
    Ok(())
}
