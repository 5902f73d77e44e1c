//! `settle`: applies all fills of a call, then checks the margin of every account they touched.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use plimsoll_kit::places::places;
use plimsoll_ledger::{
    Account, Ledger, Market, Markets, Revert,
    book::Portfolio,
    market::{Use, underlying},
    revert::require,
    sol::{self, Fill},
};
use plimsoll_risk::{
    Overflow, fill as rules,
    margin::Margin,
    trade::{self, Refusal},
};
use stylus_sdk::prelude::*;

/// An account in a call: as it is now, and its margin before the first fill.
struct Party {
    portfolio: Portfolio,
    before: Margin,
}

/// Places of a fill's two sides among the parties.
#[derive(Clone, Copy)]
struct Sides {
    taker: usize,
    maker: usize,
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

    let (accounts, sides) = enter(ledger, venue, fills)?;
    let mut markets = load_markets(ledger, fills, &accounts)?;
    let mut parties = Vec::with_capacity(accounts.len());
    for account in accounts {
        let portfolio = ledger.load_positions(account, &markets)?;
        let before = portfolio.margin(&markets, Use::Trading)?;
        parties.push(Party { portfolio, before });
    }

    let (mut collected, mut changed) = (0u128, Vec::<Changed>::new());
    let until = ledger.paused_until();
    for (fill, sides) in fills.iter().zip(sides) {
        for place in [sides.taker, sides.maker] {
            // No state between two fills that the account's margin would not carry.
            if changed.iter().any(|change| change.party == place) {
                judge(&parties, place, &changed, &markets, until)?;
            }
        }
        let market = markets.get_mut(underlying(fill.instrument)?)?;
        let fees = apply(ledger, venue, fill, sides, market, &mut parties, &mut changed)?;
        collected = collected.checked_add(fees).ok_or(Overflow)?;
    }

    check_caps(ledger, &parties, &markets, &changed)?;
    for party in &mut parties {
        party.portfolio.pay_debt(ledger, &mut markets)?;
    }
    for (place, party) in places(&parties) {
        judge(&parties, place, &changed, &markets, until)?;
        ledger.store_portfolio(&party.portfolio);
    }
    ledger.store_touched(&markets);
    let (insurance, fees) = ledger.funds();
    ledger.set_funds(insurance, fees.checked_add(collected).ok_or(Overflow)?);
    Ok(())
}

/// Checks what holds for a fill by itself, and loads every account once.
fn enter(ledger: &Ledger, venue: Address, fills: &[Fill]) -> Result<(Vec<Account>, Vec<Sides>), Revert> {
    let (mut accounts, mut sides) = (Vec::new(), Vec::with_capacity(fills.len()));
    for fill in fills {
        require(fill.size != 0, || sol::ZeroSize {})?;
        require(fill.taker != fill.maker, || sol::SelfTrade { account: fill.taker })?;
        let taker = enter_account(ledger, venue, fill.taker, &mut accounts)?;
        let maker = enter_account(ledger, venue, fill.maker, &mut accounts)?;
        sides.push(Sides { taker, maker });
    }
    Ok((accounts, sides))
}

/// The place of an account among those of the call. A new one is loaded; it must have approved the venue.
fn enter_account(
    ledger: &Ledger,
    venue: Address,
    id: B256,
    accounts: &mut Vec<Account>,
) -> Result<usize, Revert> {
    if let Some(place) = accounts.iter().position(|account| account.id == id) {
        return Ok(place);
    }
    require(ledger.is_venue_approved(id, venue), || sol::VenueNotApproved { account: id, venue })?;
    accounts.push(ledger.load_account(id));
    Ok(accounts.len() - 1)
}

/// Loads the markets of all fills, whose prices must be fresh, and of all positions.
fn load_markets(ledger: &Ledger, fills: &[Fill], accounts: &[Account]) -> Result<Markets, Revert> {
    let mut ids = Vec::new();
    for fill in fills {
        ids.push(underlying(fill.instrument)?);
    }
    let traded = ids.len();
    for account in accounts {
        ids.extend_from_slice(&account.markets);
    }
    let markets = ledger.load_markets(&ids)?;
    for id in &ids[..traded] {
        let market = markets.get(*id)?;
        require(market.quote.allows_trading(), || sol::PriceUnusable {
            instrument: market.instrument(),
            status: market.quote.code,
        })?;
    }
    Ok(markets)
}

/// Applies one fill, the taker first; returns the fees of both sides.
fn apply(
    ledger: &mut Ledger,
    venue: Address,
    fill: &Fill,
    sides: Sides,
    market: &mut Market,
    parties: &mut [Party],
    changed: &mut Vec<Changed>,
) -> Result<u128, Revert> {
    let instrument = fill.instrument;
    let index = market.quote.price;
    let band = market.fills.price_band(index)?;
    require(band.admits(fill.price), || sol::PriceOutOfBand {
        instrument,
        price: fill.price,
        low: band.low,
        high: band.high,
    })?;

    let fees = market.fills.fees_ceil(fill.size, fill.price)?;
    let opposite = fill.size.checked_neg().ok_or(Overflow)?;
    for (party, change, fee) in [(sides.taker, fill.size, fees.taker), (sides.maker, opposite, fees.maker)] {
        let portfolio = &mut parties[party].portfolio;
        if !changed.iter().any(|c| c.party == party && c.market == market.id) {
            let before = portfolio.size(market.id);
            changed.push(Changed { party, market: market.id, before });
        }
        let flow = rules::flow_floor(change, fill.price)?;
        portfolio.trade(ledger, market, change, flow, fill.price)?;
        portfolio.account.charge(fee)?;
    }
    let notional = rules::notional_ceil(fill.size, fill.price)?;
    market.funding.observe_floor(fill.price, index, notional)?;
    market.last_fill = ledger.vm().block_timestamp() as u32;
    ledger.emit(&sol::Filled {
        venue,
        taker: fill.taker,
        maker: fill.maker,
        instrument,
        size: fill.size,
        price: fill.price,
        takerFee: fees.taker,
        makerFee: fees.maker,
    });
    Ok(fees.taker.checked_add(fees.maker).ok_or(Overflow)?)
}

/// Requires that positions and open interest which grew are within their bounds, and that risk grew at a recent price.
fn check_caps(
    ledger: &Ledger,
    parties: &[Party],
    markets: &Markets,
    changed: &[Changed],
) -> Result<(), Revert> {
    let now = ledger.vm().block_timestamp();
    for change in changed {
        let market = markets.get(change.market)?;
        // The second side of a fill finds the words of the first in the cache.
        let (caps, least) = (ledger.load_caps(market.id), ledger.load_min_notional(market.id));
        let portfolio = &parties[change.party].portfolio;
        let account = portfolio.account.id;
        let size = portfolio.size(market.id);
        let instrument = market.instrument();
        ledger.require_within(&caps, account, market, change.before, size)?;
        if trade::grows(change.before, size) {
            require(trade::is_recent(&market.time, market.quote.time, now), || sol::PriceTooOld {
                instrument,
                age: now.saturating_sub(market.quote.time),
                most: market.time.max_trade_age,
            })?;
            let notional = rules::notional_ceil(size, market.quote.price)?;
            require(notional >= least, || sol::PositionTooSmall { account, instrument, notional, least })?;
        }
    }
    Ok(())
}

/// The point-of-trade rule.
fn judge(
    parties: &[Party],
    place: usize,
    changed: &[Changed],
    markets: &Markets,
    until: u64,
) -> Result<(), Revert> {
    let Party { portfolio, before } = &parties[place];
    let account = portfolio.account.id;
    let after = portfolio.margin(markets, Use::Trading)?;
    let own = |change: &&Changed| change.party == place;
    let grew = changed.iter().filter(own).any(|c| trade::grows(c.before, portfolio.size(c.market)));
    trade::verdict(before, &after, grew, until != 0).map_err(|refusal| match refusal {
        Refusal::Insolvent => Revert::new(sol::Insolvent { account, equity: after.equity }),
        Refusal::Paused => Revert::new(sol::EnginePaused { until }),
        Refusal::InsufficientMargin => Revert::new(sol::InsufficientMargin {
            account,
            equity: after.initial_equity,
            initial: after.initial,
        }),
    })
}
