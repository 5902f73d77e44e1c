//! `market`, `rungs`, `pots`, `totals`.

use alloc::vec::Vec;

use plimsoll_ledger::{
    Ledger, Revert,
    ladder::Grounds,
    market::{NO_MARKET, underlying},
    revert::require,
    sol::{self, MarketState, PotView, RungView, Totals},
};
use plimsoll_risk::{
    Overflow,
    ladder::{Ground, Pot, Rung, Side},
};

pub(crate) fn state(ledger: &Ledger, instrument: u128) -> Result<MarketState, Revert> {
    let id = underlying(instrument)?;
    let markets = ledger.load_markets(&[id])?;
    let market = markets.get(id)?;
    let (debt, dust) = ledger.debt(id);
    let rules = ledger.load_funding_rules(id, market.funding_cap);
    let (estate, _) = ledger.estate_now(market)?;
    let (funding, lists) = (&market.funding, ledger.lists(id));
    Ok(MarketState {
        fundingIndex: funding.index,
        fundingRate: funding.rate,
        nextFundingRate: rules.rate_floor(funding.premiums, funding.notional),
        usable: funding.usable,
        window: market.moment().window,
        generation: market.generation,
        clockStands: market.stands,
        openInterest: market.open_interest,
        badDebt: debt,
        dust,
        insurance: ledger.insurance_available(id)?,
        estateCash: estate.cash,
        estateSize: estate.size,
        estateBasis: estate.basis,
        lastFill: market.last_fill.into(),
        lastPass: lists.last_pass,
    })
}

fn require_listed(ledger: &Ledger, instrument: u128) -> Result<u16, Revert> {
    let market = underlying(instrument)?;
    require(ledger.is_listed(market), || sol::UnknownMarket { instrument })?;
    Ok(market)
}

pub(crate) fn rungs(ledger: &Ledger, instrument: u128, long: bool) -> Result<Vec<RungView>, Revert> {
    let market = require_listed(ledger, instrument)?;
    let ground = Grounds { ledger, market };
    let mut live = ledger.live(market);
    live.retain(|(at, _)| (at.side == Side::Long) == long);
    Ok(live
        .into_iter()
        .map(|(at, retired)| {
            let Rung { size, basis, members, indices } = ground.rung(at);
            RungView {
                tick: at.tick,
                generation: at.generation,
                retired,
                members,
                size,
                basis,
                sizeIndex: indices.size,
                basisIndex: indices.basis,
                moved: indices.moved,
                fundingIndex: indices.funding,
            }
        })
        .collect())
}

pub(crate) fn pots(ledger: &Ledger, instrument: u128) -> Result<Vec<PotView>, Revert> {
    let market = require_listed(ledger, instrument)?;
    let ground = Grounds { ledger, market };
    Ok(ledger
        .queued(market)
        .into_iter()
        .map(|(window, generation)| {
            let Pot { sum, kept } = ground.pot(window, generation);
            PotView { window, generation, sum, kept }
        })
        .collect())
}

pub(crate) fn totals(ledger: &Ledger) -> Result<Totals, Revert> {
    let ((insurance, fees), (tokens, _)) = (ledger.funds(), ledger.totals());
    let mut bad_debt = ledger.debt(NO_MARKET).0;
    for id in ledger.listed() {
        bad_debt = bad_debt.checked_add(ledger.debt(id).0).ok_or(Overflow)?;
    }
    Ok(Totals { insurance, fees, badDebt: bad_debt, tokens })
}
