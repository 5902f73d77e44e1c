//! What an account has in its markets during a call: each holding is loaded once, changed in memory and stored once. The rules
//! are [`plimsoll_risk::ladder::Holding`]'s.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_kit::words::Records;
use plimsoll_risk::{
    Overflow,
    ladder::{Entry, Held, Holding, Member, Moment, Outcome, Pouch},
};

use crate::{
    Account, Ledger, Market, Markets, Revert,
    ladder::Grounds,
    layout::{
        position::{AMOUNTS, JOINED},
        young::PLACES,
    },
    revert::require,
    sol,
};

/// What a call knows of an account in a market.
#[derive(Clone, Copy, Debug)]
struct Found {
    market: u16,
    /// As it is stored.
    stored: Holding,
    /// As it is to be stored.
    holding: Holding,
    /// The same, caught up.
    now: Held,
}

/// An account and all it has, caught up when it is loaded. Nothing is read again: funding stands still within a call, and a
/// rung that others join or leave keeps its indices.
#[derive(Debug)]
pub struct Portfolio {
    /// The account.
    pub account: Account,
    found: Vec<Found>,
}

impl Ledger {
    /// What an account has in a market, as stored.
    pub(crate) fn stored_holding(&self, account: B256, market: u16) -> Holding {
        let record = self.position_record(account, market);
        let (size, basis) = self.read(&record, AMOUNTS);
        let (funding, rest) = self.read(&record, JOINED);
        let member = Member {
            size: size as i128,
            basis: basis as i128,
            funding: funding as i128,
            generation: rest as u32,
        };
        let mask = (rest >> 32) as u32;
        let mut young = Pouch::default();
        if mask != 0 {
            let record = self.young_record(account, market);
            for (place, entry) in (0..PLACES).zip(&mut young.entries) {
                if mask & 1 << place != 0 {
                    let (amount, rest) = self.read(&record, place);
                    *entry = Entry { amount, window: rest as u32, generation: (rest >> 32) as u32 };
                }
            }
        }
        Holding { member, young }
    }

    /// Stores what an account has in a market, as far as it differs from what is stored.
    pub(crate) fn store_holding(&mut self, account: B256, market: u16, stored: &Holding, holding: &Holding) {
        let record = self.position_record(account, market);
        let Holding { member, young } = holding;
        self.write(&record, AMOUNTS, member.size as u128, member.basis as u128);
        let mut mask = 0u128;
        let places = (0..PLACES).zip(stored.young.entries.iter().zip(&young.entries));
        for (place, (was, is)) in places {
            if is.amount == 0 {
                continue;
            }
            mask |= 1 << place;
            if was != is {
                let record = self.young_record(account, market);
                let rest = u128::from(is.window) | u128::from(is.generation) << 32;
                self.write(&record, place, is.amount, rest);
            }
        }
        let rest = u128::from(member.generation) | mask << 32;
        self.write(&record, JOINED, member.funding as u128, rest);
    }

    fn held(&self, market: &Market, holding: &Holding) -> Result<Held, Revert> {
        Ok(holding.held(&Grounds { ledger: self, market: market.id }, &market.moment())?)
    }

    /// What an account has in a market, caught up. Writes nothing.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn held_of(&self, account: B256, market: &Market) -> Result<Held, Revert> {
        self.held(market, &self.stored_holding(account, market.id))
    }

    /// Loads what an account has in its markets, which are loaded.
    ///
    /// # Errors
    /// `Overflow`, `UnknownMarket`.
    pub fn load_positions(&self, account: Account, markets: &Markets) -> Result<Portfolio, Revert> {
        let mut found = Vec::with_capacity(account.markets.len() + 1);
        for id in &account.markets {
            let stored = self.stored_holding(account.id, *id);
            let now = self.held(markets.get(*id)?, &stored)?;
            found.push(Found { market: *id, stored, holding: stored, now });
        }
        Ok(Portfolio { account, found })
    }

    /// Stores an account and what has changed of what it has.
    pub fn store_portfolio(&mut self, portfolio: &Portfolio) {
        for Found { market, stored, holding, .. } in &portfolio.found {
            if stored != holding {
                self.store_holding(portfolio.account.id, *market, stored, holding);
            }
        }
        self.store_account(&portfolio.account);
    }

    /// Counts size that rounding left without a holder.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn count_dust(&mut self, market: u16, size: i128) -> Result<(), Revert> {
        if size != 0 {
            let (debt, dust) = self.debt(market);
            self.set_debt(market, debt, dust.checked_add(size).ok_or(Overflow)?);
        }
        Ok(())
    }
}

impl Portfolio {
    /// What the account has in a market, caught up; nothing where there is nothing.
    #[must_use]
    pub fn held(&self, market: u16) -> Held {
        self.found.iter().find(|found| found.market == market).map_or_else(Held::default, |found| found.now)
    }

    /// Signed size of the position in a market.
    #[must_use]
    pub fn size(&self, market: u16) -> i128 {
        self.held(market).size
    }

    /// What the account has in each market, in the order in which it keeps them when they were loaded.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &Held)> {
        self.found.iter().map(|found| (found.market, &found.now))
    }

    /// Cash with all that catching up brings.
    ///
    /// # Errors
    /// `Overflow`.
    #[inline(never)]
    pub fn cash(&self) -> Result<i128, Revert> {
        let mut cash = self.account.cash;
        for (_, held) in self.iter() {
            cash = cash.checked_add(held.cash).ok_or(Overflow)?;
        }
        Ok(cash)
    }

    /// Does something to what the account has in a market: what the act did beside. The market is in the account's list from then on as long as the
    /// account has anything there.
    ///
    /// # Errors
    /// `TooManyPositions`, `Overflow`.
    ///
    /// # Events
    /// `CaughtUp`, when anything had happened to it before.
    #[inline(never)]
    pub fn act(
        &mut self,
        ledger: &mut Ledger,
        market: &mut Market,
        act: &mut Act<'_>,
    ) -> Result<Outcome, Revert> {
        let place = match self.found.iter().position(|found| found.market == market.id) {
            Some(place) => place,
            None => {
                let nothing = Holding::default();
                let now = Held::default();
                self.found.push(Found { market: market.id, stored: nothing, holding: nothing, now });
                self.found.len() - 1
            }
        };
        let all = self.cash()?;
        let Some(found) = self.found.get_mut(place) else { return Err(Overflow.into()) };
        market.touched = true;
        // The holding sees the account's cash with what its other markets will bring: whoever has ripe profit waiting there is
        // not below zero, and his open profit here must not pay as if he were.
        let cash = &mut self.account.cash;
        let elsewhere = all.wrapping_sub(*cash).wrapping_sub(found.now.cash);
        *cash = cash.checked_add(elsewhere).ok_or(Overflow)?;
        let (now, before) = (market.moment(), found.now);
        if before.cash != 0
            || before.size != found.holding.member.size
            || before.basis != found.holding.member.basis
        {
            let Held { cash, size, basis, young } = before;
            let (account, instrument) = (self.account.id, market.instrument());
            ledger.emit(&sol::CaughtUp { account, instrument, cash, size, basis, young });
        }
        let mut ground = Grounds { ledger: &mut *ledger, market: market.id };
        let outcome = act(&mut found.holding, &mut ground, &now, cash)?;
        *cash = cash.checked_sub(elsewhere).ok_or(Overflow)?;
        found.now = found.holding.held(&ground, &now)?;
        market.open_interest =
            market.open_interest.checked_add_signed(outcome.open_interest).ok_or(Overflow)?;
        let empty = found.holding.is_empty();
        ledger.count_dust(market.id, outcome.dust)?;
        if empty {
            self.account.exit(market.id)
        } else {
            self.account.enter(market.id)?
        }
        Ok(outcome)
    }

    /// Changes the position in a market at a price. `flow` is the quote that the change moves to the account.
    ///
    /// # Errors
    /// `EntryOutOfRange`, `TooManyPositions`, `Overflow`.
    ///
    /// # Events
    /// `CaughtUp`.
    pub fn trade(
        &mut self,
        ledger: &mut Ledger,
        market: &mut Market,
        change: i128,
        flow: i128,
        price: u128,
    ) -> Result<(), Revert> {
        let outcome = self.act(ledger, market, &mut |holding, ground, now, cash| {
            holding.trade(ground, now, cash, change, flow, price)
        })?;
        require(!outcome.dropped, || sol::EntryOutOfRange { instrument: market.instrument() })
    }

    /// Pays cash that is below zero from the account's own profit, market by market.
    ///
    /// # Errors
    /// `Overflow`, `UnknownMarket`.
    ///
    /// # Events
    /// `CaughtUp`.
    pub fn pay_debt(&mut self, ledger: &mut Ledger, markets: &mut Markets) -> Result<(), Revert> {
        for id in self.account.markets.clone() {
            let cash = self.cash()?;
            if cash >= 0 {
                break;
            }
            let market = markets.get_mut(id)?;
            self.act(ledger, market, &mut |holding, ground, now, own| {
                holding.pay_debt(ground, now, own, cash.unsigned_abs())
            })?;
        }
        Ok(())
    }
}

/// An act on a holding.
pub type Act<'a> =
    dyn FnMut(&mut Holding, &mut Grounds<&mut Ledger>, &Moment, &mut i128) -> Result<Outcome, Overflow> + 'a;
