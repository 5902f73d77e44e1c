//! `market`, `rungs`, `totals`.

use alloc::vec::Vec;

use plimsoll_ledger::{
    LadderSide, Ledger, Revert,
    market::{NO_MARKET, underlying},
    revert::require,
    sol::{self, MarketState, RungView, Totals},
};
use plimsoll_risk::{Overflow, ladder::Side};

pub(crate) fn state(ledger: &Ledger, instrument: u128) -> Result<MarketState, Revert> {
    let id = underlying(instrument)?;
    let markets = ledger.load_markets(&[id])?;
    let market = markets.get(id)?;
    let (debt, dust) = ledger.debt(id);
    Ok(MarketState {
        fundingIndex: market.funding.index,
        premium: market.funding.premium,
        fundingTime: market.funding.time,
        openInterest: market.open_interest,
        badDebt: debt,
        dust,
    })
}

pub(crate) fn rungs(ledger: &Ledger, instrument: u128, long: bool) -> Result<Vec<RungView>, Revert> {
    let market = underlying(instrument)?;
    require(ledger.is_listed(market), || sol::UnknownMarket { instrument })?;
    let at = LadderSide { market, side: if long { Side::Long } else { Side::Short } };
    let ticks = ledger.occupied_ticks(at).into_iter();
    Ok(ticks
        .map(|tick| {
            let (rung, tally) = (ledger.rung(at, tick), ledger.tally(at, tick));
            RungView {
                tick,
                size: rung.size,
                basis: tally.basis,
                shrink: rung.shrink,
                index: rung.index,
                takenPerUnit: rung.taken,
                epoch: rung.epoch,
                members: tally.members,
            }
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
