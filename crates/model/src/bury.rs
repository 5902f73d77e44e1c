//! `bury`: empties an account below zero into the estates of its markets.

use plimsoll_risk::{ids, position, waterfall};

use crate::{account::AccountId, book::Book, error::Error, market::MarketId};

/// What a burial did, quote in WAD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buried {
    /// What the account lacked.
    pub deficit: u128,
    /// What insurance paid of the part that no open loss explains.
    pub insurance: u128,
    /// What of it became bad debt of no market.
    pub socialised: u128,
    /// What each market's estate took in, in the order of the account's list.
    pub markets: Vec<Interred>,
}

/// What an estate took in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interred {
    /// The market.
    pub market: MarketId,
    /// Signed size of the position.
    pub size: i128,
    /// Basis of the position.
    pub basis: i128,
    /// Cash that came with it.
    pub cash: i128,
    /// What of the deficit is the market's.
    pub part: u128,
}

impl Book {
    /// Empties an account whose equity is below zero, whole. Each position goes to its market's estate, with so much of what the
    /// account has that the deficit is split over its losing positions in proportion to their open losses.
    ///
    /// # Errors
    /// [`Error::Solvent`]; [`Error::PriceUnusable`] when no market in which it has an open loss has a fresh price;
    /// [`Error::EstateWaits`] when it is in profit in a market whose estate waits; [`Error::Overflow`].
    pub fn bury(&mut self, account: AccountId) -> Result<Buried, Error> {
        self.atomically(|book| {
            let markets = book.account(account).markets;
            markets.iter().try_for_each(|&market| book.accrue(market))?;
            let deficit = book.admit_burial(account)?;

            // Cash, ripe and young profit of all markets together, then the positions.
            let mut positions = Vec::with_capacity(markets.len());
            let mut losses = Vec::with_capacity(markets.len());
            for &market in &markets {
                let mut taken = (0, 0);
                book.with_holding(account, market, |holding, ladder, now, cash| {
                    let mut outcome = Default::default();
                    taken = holding.empty(ladder, now, cash, &mut outcome)?;
                    Ok(outcome)
                })?;
                let (size, mut basis) = taken;
                let profit = position::profit_at_floor(size, basis, book.market(market)?.price.price)?;
                if profit > 0 {
                    // Its open profit pays with the rest: the position goes over at the mark.
                    basis = basis.checked_sub(profit).ok_or(Error::Overflow)?;
                    book.add_cash(account, profit)?;
                }
                losses.push(profit.min(0).unsigned_abs());
                positions.push((market, size, basis));
            }
            let burial = waterfall::burial(deficit, &losses)?;
            let insurance = book.draw_insurance(None, burial.unexplained)?;
            let socialised = burial.unexplained - insurance;
            book.unassigned_bad_debt =
                book.unassigned_bad_debt.checked_add(socialised).ok_or(Error::Overflow)?;
            book.add_cash(account, i128::try_from(burial.unexplained).map_err(|_| Error::Overflow)?)?;

            let mut interred = Vec::with_capacity(positions.len());
            for ((market, size, basis), (loss, part)) in
                positions.into_iter().zip(losses.into_iter().zip(burial.parts))
            {
                let cash = i128::try_from(loss - part).map_err(|_| Error::Overflow)?;
                book.add_cash(account, -cash)?;
                book.inter(market, cash, size, basis)?;
                interred.push(Interred { market, size, basis, cash, part });
            }
            book.dust.passed(interred.len() as u32, 0);
            Ok(Buried { deficit, insurance, socialised, markets: interred })
        })
    }

    fn admit_burial(&self, account: AccountId) -> Result<u128, Error> {
        let margin = self.margin_of(account, crate::book::Use::Trading)?;
        let deficit = margin.deficit().ok_or(Error::Solvent { account, equity: margin.equity })?;
        let (mut lost, mut fresh, mut unusable) = (false, false, None);
        for view in self.account_of(account)?.positions {
            let state = self.market(view.market)?;
            let profit = view.held.profit_floor(state.price.price)?;
            if state.estate.waits() && (profit > 0 || view.held.young > 0) {
                return Err(Error::EstateWaits { instrument: ids::perp(view.market) });
            }
            if profit < 0 {
                lost = true;
                match self.price(view.market, crate::book::Use::Trading) {
                    Ok(_) => fresh = true,
                    Err(error) => unusable = Some(error),
                }
            }
        }
        match unusable {
            Some(error) if lost && !fresh => Err(error),
            _ => Ok(deficit),
        }
    }

    /// An estate takes in a position and cash. The clock of the market stands from now on, if it lacks something sizeable.
    fn inter(&mut self, market: MarketId, cash: i128, size: i128, basis: i128) -> Result<(), Error> {
        let state = self.market_mut(market)?;
        let mut estate = state.estate;
        estate.catch_up(state.funding.index)?;
        estate.take_in(cash, size, basis)?;
        state.estate = estate;
        self.judge_clock(market)
    }

    /// Whether a market's clock stands while its estate waits.
    pub(crate) fn judge_clock(&mut self, market: MarketId) -> Result<(), Error> {
        let sizeable = self.is_sizeable(market)?;
        self.market_mut(market)?.stands = sizeable;
        Ok(())
    }

    pub(crate) fn is_sizeable(&self, market: MarketId) -> Result<bool, Error> {
        let state = self.market(market)?;
        let mut estate = state.estate;
        estate.catch_up(state.funding.index)?;
        let mark = state.price.price;
        Ok(plimsoll_risk::estate::is_sizeable(estate.worth_floor(mark)?, state.open_interest, mark)?)
    }
}
