//! `bury`: empties an account below zero into the estates of its markets.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::{
    Ledger, Markets, Revert,
    book::Portfolio,
    market::{NO_MARKET, Use},
    revert::require,
    sol,
};
use plimsoll_risk::{Overflow, position, waterfall};

/// A position on its way to an estate.
struct Taken {
    market: u16,
    size: i128,
    basis: i128,
}

pub(crate) fn bury(ledger: &mut Ledger, id: B256) -> Result<(u128, u128, u128), Revert> {
    let account = ledger.load_account(id);
    let open = account.markets.clone();
    let mut markets = ledger.load_markets(&open)?;
    let mut portfolio = ledger.load_positions(account, &markets)?;
    let deficit = admit(ledger, &portfolio, &markets)?;

    // Cash, ripe and young profit of all markets together, then the positions.
    let (mut taken, mut losses) = (Vec::with_capacity(open.len()), Vec::with_capacity(open.len()));
    for id in open {
        let market = markets.get_mut(id)?;
        let (mut size, mut basis) = (0, 0);
        portfolio.act(ledger, market, &mut |holding, ground, now, cash| {
            let mut outcome = Default::default();
            (size, basis) = holding.empty(ground, now, cash, &mut outcome)?;
            Ok(outcome)
        })?;
        let profit = position::profit_at_floor(size, basis, market.quote.price)?;
        if profit > 0 {
            // Its open profit pays with the rest: the position goes over at the mark.
            basis = basis.checked_sub(profit).ok_or(Overflow)?;
            portfolio.account.credit(profit)?;
        }
        losses.push(profit.min(0).unsigned_abs());
        taken.push(Taken { market: id, size, basis });
    }
    let burial = waterfall::burial(deficit, &losses)?;
    let insurance = ledger.draw_insurance(NO_MARKET, 0, burial.unexplained)?;
    let socialised = burial.unexplained - insurance;
    ledger.record_bad_debt(NO_MARKET, 0, socialised)?;
    portfolio.account.credit(i128::try_from(burial.unexplained).map_err(|_| Overflow)?)?;

    for (Taken { market, size, basis }, (loss, part)) in taken.iter().zip(losses.iter().zip(&burial.parts)) {
        let cash = loss.checked_sub(*part).ok_or(Overflow)?;
        portfolio.account.charge(cash)?;
        let cash = i128::try_from(cash).map_err(|_| Overflow)?;
        let market = markets.get_mut(*market)?;
        let mut estate = ledger.estate(market.id);
        estate.catch_up(market.funding.index)?;
        estate.take_in(cash, *size, *basis)?;
        ledger.set_estate(market.id, &estate);
        market.stands = ledger.estate_now(market)?.1;
        ledger.store_market(market);
        ledger.emit(&sol::Interred {
            account: id,
            instrument: market.instrument(),
            size: *size,
            basis: *basis,
            cash,
            part: *part,
        });
    }
    ledger.store_portfolio(&portfolio);
    ledger.emit(&sol::Buried { account: id, deficit, insurance, socialised });
    Ok((deficit, insurance, socialised))
}

/// What the account lacks, if it may be buried.
fn admit(ledger: &Ledger, portfolio: &Portfolio, markets: &Markets) -> Result<u128, Revert> {
    let margin = portfolio.margin(markets, Use::Trading)?;
    let (account, equity) = (portfolio.account.id, margin.equity);
    let deficit = margin.deficit().ok_or_else(|| Revert::new(sol::Solvent { account, equity }))?;
    let (mut fresh, mut unusable) = (false, None);
    for (id, held) in portfolio.iter() {
        let market = markets.get(id)?;
        let (instrument, quote) = (market.instrument(), market.quote);
        let profit = held.profit_floor(quote.price)?;
        if profit > 0 || held.young > 0 {
            // That profit pays its share of the waiting deficit first.
            require(!ledger.estate(id).waits(), || sol::EstateWaits { instrument })?;
        }
        if profit < 0 {
            if quote.allows_trading() {
                fresh = true;
            } else {
                unusable = Some(sol::PriceUnusable { instrument, status: quote.code });
            }
        }
    }
    match unusable {
        Some(error) if !fresh => Err(Revert::new(error)),
        _ => Ok(deficit),
    }
}
