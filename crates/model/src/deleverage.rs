//! `deleverage`: a pass resolves a market's estate. Insurance pays first, then everyone in profit the same share; the rest is
//! recorded as bad debt.

use plimsoll_risk::{
    estate::{self, Refusal},
    ids,
    ladder::{self, Entry, Estate, Ground, GroundMut, Passed, Standing},
};

use crate::{
    book::{Book, Use},
    dust,
    error::Error,
    market::MarketId,
};

/// A pass: its price, the estate as it was, and what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    /// The mark.
    pub mark: u128,
    /// The estate, caught up.
    pub estate: Estate,
    /// What was done.
    pub passed: Passed,
}

impl Book {
    /// Resolves the estate of a market, at a fresh price that is newer than its last fill.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`], [`Error::PriceUnusable`], [`Error::NoEstate`], [`Error::PriceNotNewer`],
    /// [`Error::PassTooSoon`], [`Error::Overflow`].
    pub fn deleverage(&mut self, market: MarketId) -> Result<Pass, Error> {
        self.atomically(|book| {
            let mark = book.price(market, Use::Trading)?;
            book.accrue(market)?;
            let (state, instrument) = (book.market(market)?, ids::perp(market));
            let sizeable = book.is_sizeable(market)?;
            estate::admit_pass(
                state.estate.waits(),
                sizeable,
                state.price.time,
                state.last_fill,
                state.last_pass,
                book.now,
            )
            .map_err(|refusal| match refusal {
                Refusal::NoEstate => Error::NoEstate { instrument },
                Refusal::PriceNotNewer => {
                    Error::PriceNotNewer { instrument, time: state.price.time, last: state.last_fill }
                }
                Refusal::TooSoon => {
                    Error::PassTooSoon { instrument, next: state.last_pass + estate::PASS_INTERVAL }
                }
            })?;
            book.pass(market, mark)
        })
    }

    /// A pass without a check of prices and times: for replaying traces of other models.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`], [`Error::Overflow`].
    pub fn pass(&mut self, market: MarketId, mark: u128) -> Result<Pass, Error> {
        let now = self.moment(market)?;
        let available = self.insurance_available(Some(market))?;
        let state = self.market_mut(market)?;
        state.estate.catch_up(now.funding)?;
        let estate = state.estate;

        let mut rungs: Vec<Standing> =
            state.ladder.live.iter().map(|&at| Standing { at, rung: state.ladder.rung(at) }).collect();
        let young = |&&(window, generation): &&(u32, u32)| {
            Entry { window, generation, amount: 0 }.is_young(now.window)
        };
        let keys: Vec<(u32, u32)> = state.ladder.queue.iter().filter(young).copied().collect();
        let mut pots: Vec<_> =
            keys.iter().map(|&(window, generation)| state.ladder.pot(window, generation)).collect();
        let passed = ladder::pass(&estate, available, mark, now.funding, &mut rungs, &mut pots)?;
        for Standing { at, rung } in &rungs {
            state.ladder.store_rung(*at, rung);
        }
        for (&(window, generation), pot) in keys.iter().zip(&pots) {
            state.ladder.store_pot(window, generation, pot);
        }
        if passed.retired_any() {
            state.generation = state.generation.checked_add(1).ok_or(Error::Overflow)?;
        }
        state.open_interest = dust::shifted(state.open_interest, passed.open_interest)?;
        state.dust = state.dust.checked_add(passed.unmatched).ok_or(Error::Overflow)?;
        state.bad_debt = state.bad_debt.checked_add(passed.socialised).ok_or(Error::Overflow)?;
        state.estate = Estate { funding: now.funding, ..Estate::default() };
        state.stands = false;
        self.draw_insurance(Some(market), passed.insurance)?;
        self.insurance = self.insurance.checked_add(passed.surplus).ok_or(Error::Overflow)?;
        let time = self.now;
        self.market_mut(market)?.last_pass = time;
        self.dust.passed(passed.payers + passed.closed, passed.pots);
        Ok(Pass { mark, estate, passed })
    }
}
