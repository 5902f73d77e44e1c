//! Positions: catching up, taking out, putting back, trading.

use alloy_primitives::B256;
use plimsoll_risk::{
    ladder::{self, CaughtUp, Position, Side},
    position,
};

use crate::{
    Account, Ledger, Market, Revert,
    ladder::{LadderSide, SHRINK_BITS},
    sol,
    words::{Record, Region},
};

/// A position as it is stored, where it sits, and what it has become.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    stored: Position,
    at: LadderSide,
    tick: i32,
    /// What it has become.
    pub now: CaughtUp,
}

/// A position's words, as of its last touch. Size (i128) and basis (i128).
const AMOUNTS: u8 = 0;
/// Running index of its rung (i128), shrink index (u96), epoch (u32).
const SNAPSHOT: u8 = 1;

impl Ledger {
    fn position_record(&self, account: B256, market: u16) -> Record {
        self.record(Region::Position, &account, &market.to_be_bytes())
    }

    fn stored_position(&self, account: B256, market: u16) -> Position {
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

    fn store_position(&mut self, account: B256, market: u16, p: &Position) {
        let record = self.position_record(account, market);
        self.write(&record, AMOUNTS, p.size as u128, p.basis as u128);
        self.write(&record, SNAPSHOT, p.index as u128, p.shrink | u128::from(p.epoch) << SHRINK_BITS);
    }

    fn erase_position(&mut self, account: B256, market: u16) {
        let record = self.position_record(account, market);
        self.write(&record, AMOUNTS, 0, 0);
    }

    /// An account's position in a market, caught up; `None` when it has none. Writes nothing.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn find_position(&self, account: B256, market: &Market) -> Result<Option<Found>, Revert> {
        let stored = self.stored_position(account, market.id);
        let Some(tick) = ladder::tick_of(stored.size, stored.basis)? else { return Ok(None) };
        let at = LadderSide { market: market.id, side: Side::of(stored.size) };
        let rung = self.rung(at, tick);
        let now = ladder::catch_up(&stored, &rung, market.funding.index, |epoch| {
            self.ended_epoch(at, tick, epoch)
        })?;
        Ok(Some(Found { stored, at, tick, now }))
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

    /// Counts size on a side that rounding left without a holder, and takes it from open interest.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn drop_size(&mut self, market: &mut Market, side: Side, size: u128) -> Result<(), Revert> {
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
            self.set_debt(market, debt, dust.checked_add(size).ok_or(plimsoll_risk::Overflow)?);
        }
        Ok(())
    }

    /// Catches an account's position up and takes it off the ladder. Returns what it was: size and basis.
    ///
    /// # Errors
    /// `Overflow`.
    ///
    /// # Events
    /// `CaughtUp`, when anything happened to it.
    pub fn take_out(&mut self, account: &mut Account, market: &mut Market) -> Result<(i128, i128), Revert> {
        let Some(found) = self.find_position(account.id, market)? else { return Ok((0, 0)) };
        self.realise(account, market, &found)?;
        self.leave(&found, market)?;
        self.erase_position(account.id, market.id);
        Ok((found.now.size, found.now.basis))
    }

    fn realise(&self, account: &mut Account, market: &Market, found: &Found) -> Result<(), Revert> {
        account.credit(found.now.cash)?;
        if found.now.cash != 0 || found.now.size != found.stored.size {
            self.emit(&sol::CaughtUp {
                account: account.id,
                instrument: market.instrument(),
                cash: found.now.cash,
                size: found.now.size,
                basis: found.now.basis,
            });
        }
        Ok(())
    }

    /// Puts a position of an account on the ladder, where its entry price belongs. Nothing for size zero.
    ///
    /// # Errors
    /// `EntryOutOfRange`, `TooManyPositions`, `Overflow`.
    pub fn put_back(
        &mut self,
        account: &mut Account,
        market: &Market,
        size: i128,
        basis: i128,
    ) -> Result<(), Revert> {
        if size == 0 {
            account.exit(market.id);
            return Ok(());
        }
        let tick = ladder::tick_of(size, basis)?
            .ok_or_else(|| Revert::new(sol::EntryOutOfRange { instrument: market.instrument() }))?;
        account.enter(market.id)?;
        self.place(account.id, market, tick, size, basis)
    }

    fn place(
        &mut self,
        account: B256,
        market: &Market,
        tick: i32,
        size: i128,
        basis: i128,
    ) -> Result<(), Revert> {
        let at = LadderSide { market: market.id, side: Side::of(size) };
        let mut rung = self.rung(at, tick);
        let mut tally = self.tally(at, tick);
        rung.join(&mut tally, size, basis)?;
        self.store_rung(at, tick, &rung, &tally);
        let placed = Position::place(size, basis, &rung, market.funding.index)?;
        self.store_position(account, market.id, &placed);
        Ok(())
    }

    /// Changes an account's position at a price. `flow` is the quote that the change moves to the account.
    ///
    /// # Errors
    /// `EntryOutOfRange`, `TooManyPositions`, `Overflow`.
    pub fn trade(
        &mut self,
        account: &mut Account,
        market: &mut Market,
        change: i128,
        flow: i128,
        price: u128,
    ) -> Result<(), Revert> {
        let (size, basis) = self.take_out(account, market)?;
        let traded = position::trade(size, basis, change, flow, price)?;
        account.credit(traded.cash)?;
        market.moved(size, traded.size)?;
        self.put_back(account, market, traded.size, traded.basis)
    }

    /// Realises what happened to an account's position and leaves it where it is, or where its entry price now
    /// belongs. A rest too small to have an entry price is dropped: its basis goes to cash, its size is counted.
    ///
    /// # Errors
    /// `Overflow`.
    ///
    /// # Events
    /// `CaughtUp`, when anything happened to it.
    pub fn touch_position(&mut self, account: &mut Account, market: &mut Market) -> Result<(), Revert> {
        let Some(found) = self.find_position(account.id, market)? else { return Ok(()) };
        self.realise(account, market, &found)?;
        let CaughtUp { size, basis, member, .. } = found.now;
        let tick = ladder::tick_of(size, basis)?;
        if member && tick == Some(found.tick) {
            let rung = self.rung(found.at, found.tick);
            let placed = Position::place(size, basis, &rung, market.funding.index)?;
            self.store_position(account.id, market.id, &placed);
            return Ok(());
        }
        self.leave(&found, market)?;
        match tick {
            Some(tick) => self.place(account.id, market, tick, size, basis),
            None => {
                self.erase_position(account.id, market.id);
                account.exit(market.id);
                account.credit(basis)?;
                self.drop_size(market, Side::of(size), size.unsigned_abs())
            }
        }
    }
}
