//! `deleverage`: a pass resolves a market's estate. Insurance pays first, then everyone in profit the same share; the rest is
//! recorded as bad debt.

use alloc::vec::Vec;

use plimsoll_ledger::{Ledger, Market, Revert, ladder::Grounds, market::underlying, revert::require, sol};
use plimsoll_risk::{
    Overflow,
    estate::{self, PASS_INTERVAL, Refusal},
    ladder::{self, Entry, Estate, Ground, GroundMut, Passed, Pot, RungKey, Side, Standing, edge_price},
    waterfall,
};
use stylus_sdk::prelude::*;

pub(crate) fn deleverage(ledger: &mut Ledger, instrument: u128) -> Result<(u128, u128, u128, u128), Revert> {
    let id = underlying(instrument)?;
    let mut markets = ledger.load_markets(&[id])?;
    let market = markets.get_mut(id)?;
    let quote = market.quote;
    require(quote.allows_trading(), || sol::PriceUnusable { instrument, status: quote.code })?;
    let (estate, sizeable) = ledger.estate_now(market)?;
    let mut lists = ledger.lists(id);
    let (now, last) = (ledger.vm().block_timestamp(), u64::from(market.last_fill));
    estate::admit_pass(estate.waits(), sizeable, quote.time, last, lists.last_pass, now).map_err(
        |refusal| match refusal {
            Refusal::NoEstate => Revert::new(sol::NoEstate { instrument }),
            Refusal::PriceNotNewer => Revert::new(sol::PriceNotNewer { instrument, time: quote.time, last }),
            Refusal::TooSoon => Revert::new(sol::PassTooSoon {
                instrument,
                next: lists.last_pass.saturating_add(PASS_INTERVAL),
            }),
        },
    )?;

    let mut rungs = rungs(ledger, market, &estate)?;
    let (keys, mut pots) = young(ledger, market);
    let available = ledger.insurance_available(id)?;
    let done = ladder::pass(&estate, available, quote.price, market.funding.index, &mut rungs, &mut pots)?;
    for Standing { at, rung } in rungs.iter().filter(|standing| standing.rung.retired()) {
        ledger.store_retired(id, *at, rung);
    }
    let mut ground = Grounds { ledger: &mut *ledger, market: id };
    for ((window, generation), pot) in keys.iter().zip(&pots).filter(|(_, pot)| pot.retired()) {
        ground.store_pot(*window, *generation, pot);
    }
    if done.retired_any() {
        market.generation = market.generation.checked_add(1).ok_or(Overflow)?;
    }
    market.open_interest = market.open_interest.checked_add_signed(done.open_interest).ok_or(Overflow)?;
    market.stands = false;
    ledger.store_market(market);
    ledger.count_dust(id, done.unmatched)?;
    ledger.set_estate(id, &Estate { funding: market.funding.index, ..Estate::default() });
    lists.last_pass = now;
    ledger.store_lists(id, &lists);
    settle(ledger, market, &estate, &done)?;
    Ok((done.deficit, done.insurance, done.taken, done.socialised))
}

/// The rungs that pay or face the estate. One on which nothing has happened and whose tick is not in profit does not pay: it is not
/// even read.
fn rungs(ledger: &Ledger, market: &Market, estate: &Estate) -> Result<Vec<Standing>, Revert> {
    let facing = (estate.size != 0).then(|| Side::of(estate.size).opposite());
    let ground = Grounds { ledger, market: market.id };
    let mut rungs = Vec::new();
    for (at, retired) in ledger.live(market.id) {
        if retired || facing == Some(at.side) || in_profit(at, market.quote.price)? {
            rungs.push(Standing { at, rung: ground.rung(at) });
        }
    }
    Ok(rungs)
}

fn in_profit(at: RungKey, mark: u128) -> Result<bool, Revert> {
    let edge = edge_price(at.side, at.tick)?;
    Ok(match at.side {
        Side::Long => mark >= edge,
        Side::Short => mark <= edge,
    })
}

/// The pots that are young.
fn young(ledger: &Ledger, market: &Market) -> (Vec<(u32, u32)>, Vec<Pot>) {
    let window = market.moment().window;
    let ground = Grounds { ledger, market: market.id };
    let mut keys = ledger.queued(market.id);
    keys.retain(|(of, _)| Entry { window: *of, ..Entry::default() }.is_young(window));
    let pots = keys.iter().map(|(window, generation)| ground.pot(*window, *generation)).collect();
    (keys, pots)
}

/// Insurance pays and receives, bad debt is recorded, and the event says so.
fn settle(ledger: &mut Ledger, market: &Market, estate: &Estate, done: &Passed) -> Result<(), Revert> {
    let instrument = market.instrument();
    ledger.draw_insurance(market.id, instrument, done.insurance)?;
    if done.surplus > 0 {
        let (insurance, fees) = ledger.funds();
        ledger.set_funds(insurance.checked_add(done.surplus).ok_or(Overflow)?, fees);
    }
    ledger.record_bad_debt(market.id, instrument, done.socialised)?;
    ledger.emit(&sol::Deleveraged {
        instrument,
        mark: market.quote.price,
        size: estate.size,
        surplus: done.surplus,
        deficit: done.deficit,
        insurance: done.insurance,
        capacity: done.capacity,
        taken: done.taken,
        socialised: done.socialised,
        haircut: waterfall::haircut_ceil(done.taken, done.capacity)?,
        payers: done.payers,
        pots: done.pots,
        closedRungs: done.closed,
    });
    Ok(())
}
