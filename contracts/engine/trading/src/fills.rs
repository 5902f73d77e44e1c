//! `settle`: fills of a venue, applied together and judged by what they leave.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use plimsoll_ledger::{
    Account, Ledger, Market, Markets, Revert,
    margin::require_fresh,
    market::underlying,
    revert::require,
    sol::{self, Fill},
};
use plimsoll_risk::{Overflow, fill as rules, margin::Margin};
use stylus_sdk::prelude::*;

/// An account in a call: as it is now, and how it stood before the first fill.
struct Party {
    account: Account,
    before: Margin,
}

/// A position that the call changed: whose, where, and its size before.
struct Changed {
    party: usize,
    market: u16,
    before: i128,
}

pub(crate) fn settle(ledger: &mut Ledger, fills: &[Fill]) -> Result<(), Revert> {
    let venue = ledger.vm().msg_sender();
    require(ledger.is_venue_admitted(venue), || sol::VenueNotAdmitted { venue })?;
    require(!fills.is_empty(), || sol::NoFills {})?;

    let mut parties = enter(ledger, venue, fills)?;
    let mut markets = load_markets(ledger, fills, &parties)?;
    let open_interest: Vec<(u16, u128)> = markets.iter().map(|m| (m.id, m.open_interest)).collect();
    for party in &mut parties {
        require_fresh(&party.account, &markets)?;
        party.before = ledger.margin(&party.account, &markets)?;
    }

    let (mut collected, mut changed) = (0u128, Vec::new());
    for fill in fills {
        let market = markets.get_mut(underlying(fill.instrument)?)?;
        let fees = apply(ledger, venue, fill, market, &mut parties, &mut changed)?;
        collected = collected.checked_add(fees).ok_or(Overflow)?;
    }

    check_caps(ledger, &parties, &mut markets, &changed, &open_interest)?;
    let until = ledger.paused_until();
    for party in &parties {
        judge(party, &ledger.margin(&party.account, &markets)?, until)?;
        ledger.store_account(&party.account);
    }
    for market in markets.iter() {
        if changed.iter().any(|c| c.market == market.id) {
            ledger.store_market(market);
        }
    }
    let (insurance, fees) = ledger.funds();
    ledger.set_funds(insurance, fees.checked_add(collected).ok_or(Overflow)?);
    Ok(())
}

/// Checks what holds for a fill by itself, and loads every account once.
fn enter(ledger: &Ledger, venue: Address, fills: &[Fill]) -> Result<Vec<Party>, Revert> {
    let mut parties: Vec<Party> = Vec::new();
    for fill in fills {
        require(fill.size != 0, || sol::ZeroSize {})?;
        require(fill.taker != fill.maker, || sol::SelfTrade { account: fill.taker })?;
        for account in [fill.taker, fill.maker] {
            if parties.iter().any(|p| p.account.id == account) {
                continue;
            }
            require(ledger.is_venue_approved(account, venue), || sol::VenueNotApproved { account, venue })?;
            parties.push(Party { account: ledger.load_account(account), before: Margin::default() });
        }
    }
    Ok(parties)
}

/// Loads the markets of all fills, whose prices must be fresh, and of all positions.
fn load_markets(ledger: &Ledger, fills: &[Fill], parties: &[Party]) -> Result<Markets, Revert> {
    let mut ids = Vec::new();
    for fill in fills {
        ids.push(underlying(fill.instrument)?);
    }
    let traded = ids.len();
    for party in parties {
        ids.extend_from_slice(&party.account.markets);
    }
    let markets = ledger.load_markets(&ids)?;
    for id in &ids[..traded] {
        let market = markets.get(*id)?;
        require(market.quote.is_fresh(), || sol::PriceUnusable {
            instrument: market.instrument(),
            status: market.quote.status,
        })?;
    }
    Ok(markets)
}

fn place_of(parties: &[Party], account: B256) -> usize {
    // Every account of a fill was entered.
    parties.iter().position(|p| p.account.id == account).unwrap_or_default()
}

/// Applies one fill, the taker first; returns the fees of both sides.
fn apply(
    ledger: &mut Ledger,
    venue: Address,
    fill: &Fill,
    market: &mut Market,
    parties: &mut [Party],
    changed: &mut Vec<Changed>,
) -> Result<u128, Revert> {
    let instrument = fill.instrument;
    let index = market.quote.price;
    let (low, high) = rules::price_band(index, market.params.price_band)?;
    require((low..=high).contains(&fill.price), || sol::PriceOutOfBand {
        instrument,
        price: fill.price,
        low,
        high,
    })?;

    let notional = rules::notional_ceil(fill.size, fill.price)?;
    let taker_fee = rules::fee_ceil(notional, market.params.taker_fee)?;
    let maker_fee = rules::fee_ceil(notional, market.params.maker_fee)?;
    let opposite = fill.size.checked_neg().ok_or(Overflow)?;
    for (account, change, fee) in [(fill.taker, fill.size, taker_fee), (fill.maker, opposite, maker_fee)] {
        let party = place_of(parties, account);
        let account = &mut parties[party].account;
        if !changed.iter().any(|c| c.party == party && c.market == market.id) {
            let before = ledger.find_position(account.id, market)?.map_or(0, |found| found.now.size);
            changed.push(Changed { party, market: market.id, before });
        }
        let flow = rules::flow(change, fill.price)?;
        ledger.trade(account, market, change, flow, fill.price)?;
        account.charge(fee)?;
    }
    market.funding.observe(fill.price, index)?;
    ledger.emit(&sol::Filled {
        venue,
        taker: fill.taker,
        maker: fill.maker,
        instrument,
        size: fill.size,
        price: fill.price,
        takerFee: taker_fee,
        makerFee: maker_fee,
    });
    Ok(taker_fee.checked_add(maker_fee).ok_or(Overflow)?)
}

/// Positions and open interest that grew stay within their caps.
fn check_caps(
    ledger: &Ledger,
    parties: &[Party],
    markets: &mut Markets,
    changed: &[Changed],
    open_interest: &[(u16, u128)],
) -> Result<(), Revert> {
    for change in changed {
        let market = markets.get_mut(change.market)?;
        if market.params.max_position == 0 {
            ledger.load_caps(market);
        }
        let account = parties[change.party].account.id;
        let size = ledger.find_position(account, market)?.map_or(0, |found| found.now.size).unsigned_abs();
        let most = market.params.max_position;
        let instrument = market.instrument();
        require(size <= most || size <= change.before.unsigned_abs(), || sol::PositionTooLarge {
            account,
            instrument,
            size,
            most,
        })?;
        let had = open_interest.iter().find(|(id, _)| *id == change.market).map_or(0, |(_, had)| *had);
        let (open, most) = (market.open_interest, market.params.max_open_interest);
        require(open <= most || open <= had, || sol::OpenInterestTooLarge {
            instrument,
            openInterest: open,
            most,
        })?;
    }
    Ok(())
}

/// The point-of-trade rule: initial margin held, or strictly safer than before; while paused, strictly safer.
fn judge(party: &Party, after: &Margin, paused_until: u64) -> Result<(), Revert> {
    let account = party.account.id;
    let safer = after.is_safer_than(&party.before);
    require(after.equity >= 0, || sol::Insolvent { account, equity: after.equity })?;
    require(safer || paused_until == 0, || sol::EnginePaused { until: paused_until })?;
    require(safer || after.meets_initial(), || sol::InsufficientMargin {
        account,
        equity: after.initial_equity,
        initial: after.initial,
    })
}
