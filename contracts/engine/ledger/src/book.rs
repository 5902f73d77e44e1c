//! The positions of an account during a call: each is loaded once, changed in memory and stored once.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_kit::words::Records;
use plimsoll_risk::{
    Overflow,
    ladder::{self, CaughtUp, Epoch, Position, SHRINK_BITS, Side},
    position,
};

use crate::{
    Account, Ledger, Market, Markets, Revert,
    layout::{
        LadderSide,
        position::{AMOUNTS, SNAPSHOT},
    },
    sol,
};

/// A position: as it was stored at its last touch, the rung that it sits on, and its state now.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    touched: Position,
    at: LadderSide,
    tick: i32,
    /// Its state now, caught up.
    pub now: CaughtUp,
}

/// What a call knows of an account's position in a market.
#[derive(Clone, Copy, Debug)]
struct Held {
    market: u16,
    /// None when there is none.
    found: Option<Found>,
    /// Whether it differs from what is stored.
    changed: bool,
}

/// An account and all its positions, caught up when they are loaded. Nothing is read again: funding stands still within a
/// call, a rung that others join or leave keeps its indices while it has a member, and a deleveraging closes rungs on the
/// sides that face the account.
#[derive(Debug)]
pub struct Portfolio {
    /// The account.
    pub account: Account,
    positions: Vec<Held>,
}

impl Ledger {
    pub(crate) fn stored_position(&self, account: B256, market: u16) -> Position {
        let record = self.position_record(account, market);
        let (size, basis) = self.read(&record, AMOUNTS);
        let (index, rest) = self.read(&record, SNAPSHOT);
        Position {
            size: size as i128,
            basis: basis as i128,
            shrink: rest & ((1 << SHRINK_BITS) - 1),
            index: index as i128,
            epoch: (rest >> SHRINK_BITS) as u32,
        }
    }

    /// Stores a position. When it has ended, only its amounts are cleared: a size of zero says that there is none.
    pub(crate) fn write_position(&mut self, account: B256, market: u16, position: Option<&Position>) {
        let record = self.position_record(account, market);
        let Some(p) = position else { return self.write(&record, AMOUNTS, 0, 0) };
        self.write(&record, AMOUNTS, p.size as u128, p.basis as u128);
        let rest = p.shrink | u128::from(p.epoch) << SHRINK_BITS;
        self.write(&record, SNAPSHOT, p.index as u128, rest);
    }

    /// An account's position in a market, caught up; `None` when it has none. Writes nothing.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn find_position(&self, account: B256, market: &Market) -> Result<Option<Found>, Revert> {
        let touched = self.stored_position(account, market.id);
        let Some(tick) = ladder::tick_of(touched.size, touched.basis)? else { return Ok(None) };
        let at = LadderSide { market: market.id, side: Side::of(touched.size) };
        let rung = self.rung(at, tick);
        let now = ladder::catch_up(&touched, &rung, market.funding.index, |epoch| {
            self.ended_epoch(at, tick, epoch)
        })?;
        Ok(Some(Found { touched, at, tick, now }))
    }

    /// Loads the positions of an account whose markets are loaded.
    ///
    /// # Errors
    /// `Overflow`, `UnknownMarket`.
    pub fn load_positions(&self, account: Account, markets: &Markets) -> Result<Portfolio, Revert> {
        let mut positions = Vec::with_capacity(account.markets.len() + 1);
        for id in &account.markets {
            let found = self.find_position(account.id, markets.get(*id)?)?;
            positions.push(Held { market: *id, found, changed: false });
        }
        Ok(Portfolio { account, positions })
    }

    /// Stores an account and those of its positions that changed.
    pub fn store_portfolio(&mut self, portfolio: &Portfolio) {
        for held in portfolio.positions.iter().filter(|held| held.changed) {
            let position = held.found.as_ref().map(|found| &found.touched);
            self.write_position(portfolio.account.id, held.market, position);
        }
        self.store_account(&portfolio.account);
    }

    /// Counts size on a side that rounding left without a holder, and takes it from open interest.
    ///
    /// # Errors
    /// `Overflow`.
    fn drop_size(&mut self, market: &mut Market, side: Side, size: u128) -> Result<(), Revert> {
        if size == 0 {
            return Ok(());
        }
        let signed = side.signed(size)?;
        market.moved(signed, 0)?;
        self.count_dust(market.id, signed)
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

    fn leave(&mut self, found: &Found, market: &mut Market) -> Result<(), Revert> {
        if !found.now.member {
            return Ok(());
        }
        let mut rung = self.rung(found.at, found.tick);
        let mut tally = self.tally(found.at, found.tick);
        let left_behind = rung.leave(&mut tally, found.now.size, found.now.basis)?;
        self.store_rung(found.at, found.tick, &rung, &tally);
        self.drop_size(market, found.at.side, left_behind)
    }

    fn join(&mut self, market: &Market, tick: i32, size: i128, basis: i128) -> Result<Found, Revert> {
        let at = LadderSide { market: market.id, side: Side::of(size) };
        let mut rung = self.rung(at, tick);
        let mut tally = self.tally(at, tick);
        rung.join(&mut tally, size, basis)?;
        self.store_rung(at, tick, &rung, &tally);
        let touched = Position::place(size, basis, &rung, market.funding.index)?;
        Found::placed(touched, at, tick, &rung, market)
    }
}

impl Found {
    /// A position that was placed on a rung just now.
    fn placed(
        touched: Position,
        at: LadderSide,
        tick: i32,
        rung: &ladder::Rung,
        market: &Market,
    ) -> Result<Self, Revert> {
        // Of the rung's current epoch: none has ended since.
        let now = ladder::catch_up(&touched, rung, market.funding.index, |_| Epoch::default())?;
        Ok(Self { touched, at, tick, now })
    }
}

impl Portfolio {
    /// The position in a market; `None` when there is none.
    #[must_use]
    pub fn found(&self, market: u16) -> Option<&Found> {
        self.positions.iter().find(|held| held.market == market)?.found.as_ref()
    }

    /// Size and basis of the position in a market; zero when there is none.
    #[must_use]
    pub fn position(&self, market: u16) -> (i128, i128) {
        self.found(market).map_or((0, 0), |found| (found.now.size, found.now.basis))
    }

    /// Every position with its market, in the order in which the account keeps them when they were loaded.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &Found)> {
        self.positions.iter().filter_map(|held| Some((held.market, held.found.as_ref()?)))
    }

    fn set(&mut self, market: u16, found: Option<Found>) {
        match self.positions.iter_mut().find(|held| held.market == market) {
            Some(held) => (held.found, held.changed) = (found, true),
            None => self.positions.push(Held { market, found, changed: true }),
        }
    }

    /// Realises what happened to a position.
    fn realise(&mut self, ledger: &Ledger, market: &Market, found: &Found) -> Result<(), Revert> {
        let now = &found.now;
        self.account.credit(now.cash)?;
        if now.cash != 0 || now.size != found.touched.size {
            ledger.emit(&sol::CaughtUp {
                account: self.account.id,
                instrument: market.instrument(),
                cash: now.cash,
                size: now.size,
                basis: now.basis,
            });
        }
        Ok(())
    }

    /// Takes the position in a market off the ladder. Returns what it was: size and basis. The account still lists it,
    /// until [`Self::put_back`].
    ///
    /// # Errors
    /// `Overflow`.
    ///
    /// # Events
    /// `CaughtUp`, when anything happened to it.
    pub fn take_out(&mut self, ledger: &mut Ledger, market: &mut Market) -> Result<(i128, i128), Revert> {
        let Some(found) = self.found(market.id).copied() else { return Ok((0, 0)) };
        self.realise(ledger, market, &found)?;
        ledger.leave(&found, market)?;
        self.set(market.id, None);
        Ok((found.now.size, found.now.basis))
    }

    /// Puts a position on the ladder, where its entry price belongs. Size zero ends it.
    ///
    /// # Errors
    /// `EntryOutOfRange`, `TooManyPositions`, `Overflow`.
    pub fn put_back(
        &mut self,
        ledger: &mut Ledger,
        market: &Market,
        size: i128,
        basis: i128,
    ) -> Result<(), Revert> {
        if size == 0 {
            self.account.exit(market.id);
            return Ok(());
        }
        let tick = ladder::tick_of(size, basis)?
            .ok_or_else(|| Revert::new(sol::EntryOutOfRange { instrument: market.instrument() }))?;
        self.account.enter(market.id)?;
        let found = ledger.join(market, tick, size, basis)?;
        self.set(market.id, Some(found));
        Ok(())
    }

    /// Changes the position in a market at a price. `flow` is the quote that the change moves to the account.
    ///
    /// # Errors
    /// `EntryOutOfRange`, `TooManyPositions`, `Overflow`.
    ///
    /// # Events
    /// `CaughtUp`, when anything happened to it before.
    pub fn trade(
        &mut self,
        ledger: &mut Ledger,
        market: &mut Market,
        change: i128,
        flow: i128,
        price: u128,
    ) -> Result<(), Revert> {
        let (size, basis) = self.take_out(ledger, market)?;
        let traded = position::trade(size, basis, change, flow, price)?;
        self.account.credit(traded.cash)?;
        market.moved(size, traded.size)?;
        self.put_back(ledger, market, traded.size, traded.basis)
    }

    /// Realises what happened to the position in a market and leaves it where it is, or where its entry price now
    /// belongs. A rest too small to have an entry price is dropped: its basis goes to cash, its size is counted.
    ///
    /// # Errors
    /// `Overflow`.
    ///
    /// # Events
    /// `CaughtUp`, when anything happened to it.
    pub fn touch(&mut self, ledger: &mut Ledger, market: &mut Market) -> Result<(), Revert> {
        let Some(found) = self.found(market.id).copied() else { return Ok(()) };
        self.realise(ledger, market, &found)?;
        let CaughtUp { size, basis, member, .. } = found.now;
        let tick = ladder::tick_of(size, basis)?;
        if member && tick == Some(found.tick) {
            let rung = ledger.rung(found.at, found.tick);
            let touched = Position::place(size, basis, &rung, market.funding.index)?;
            let again = Found::placed(touched, found.at, found.tick, &rung, market)?;
            self.set(market.id, Some(again));
            return Ok(());
        }
        ledger.leave(&found, market)?;
        let moved = tick.map(|tick| ledger.join(market, tick, size, basis)).transpose()?;
        self.set(market.id, moved);
        if moved.is_none() {
            self.account.exit(market.id);
            self.account.credit(basis)?;
            ledger.drop_size(market, Side::of(size), size.unsigned_abs())?;
        }
        Ok(())
    }
}
