//! The ladder in storage: rungs, ended epochs and the bitmap of occupied ticks.

use alloc::vec::Vec;

use plimsoll_fixed::{TICK_MAX, TICK_MIN};
use plimsoll_kit::words::Records;
use plimsoll_risk::ladder::{Epoch, Facing, ONE, Rung, SHRINK_BITS, Side, Tally};

use crate::{
    Ledger,
    layout::{
        LadderSide,
        rung::{FLOW, STATE, TALLY, TURNED},
    },
};

/// Ticks in a word of the bitmap.
const TICKS_PER_WORD: i32 = 256;

/// Words of a side's bitmap.
const BITMAP_WORDS: i32 = (TICK_MAX + 1 - TICK_MIN) / TICKS_PER_WORD;

impl Ledger {
    /// Reads a rung without its tally: two slots.
    pub fn rung(&self, at: LadderSide, tick: i32) -> Rung {
        let record = self.rung_record(at, tick);
        let (index, taken) = self.read(&record, FLOW);
        let (size, rest) = self.read(&record, STATE);
        let shrink = rest & ((1 << SHRINK_BITS) - 1);
        Rung {
            // A rung that was never written has not shrunk.
            shrink: if shrink == 0 { ONE } else { shrink },
            index: if index == 0 { 0 } else { (index ^ TURNED) as i128 },
            taken,
            size,
            epoch: (rest >> SHRINK_BITS) as u32,
        }
    }

    /// Reads a rung's tally.
    pub fn tally(&self, at: LadderSide, tick: i32) -> Tally {
        let (basis, members) = self.read(&self.rung_record(at, tick), TALLY);
        Tally { basis: basis as i128, members: members as u32 }
    }

    fn store_flow(&mut self, at: LadderSide, tick: i32, rung: &Rung) {
        let record = self.rung_record(at, tick);
        self.write(&record, FLOW, rung.index as u128 ^ TURNED, rung.taken);
    }

    /// Writes a rung and its tally, and whether its tick is occupied.
    pub fn store_rung(&mut self, at: LadderSide, tick: i32, rung: &Rung, tally: &Tally) {
        let record = self.rung_record(at, tick);
        self.write(&record, FLOW, rung.index as u128 ^ TURNED, rung.taken);
        self.write(&record, STATE, rung.size, rung.shrink | u128::from(rung.epoch) << SHRINK_BITS);
        self.write(&record, TALLY, tally.basis as u128, u128::from(tally.members));
        self.set_occupied(at, tick, tally.members > 0);
    }

    /// How an epoch of a rung ended.
    pub fn ended_epoch(&self, at: LadderSide, tick: i32, epoch: u32) -> Epoch {
        let (index, shrink) = self.read(&self.epoch_record(at, tick, epoch), 0);
        Epoch { shrink, index: index as i128 }
    }

    fn set_occupied(&mut self, at: LadderSide, tick: i32, occupied: bool) {
        let place = tick - TICK_MIN;
        let record = self.occupied_record(at, (place / TICKS_PER_WORD) as u32);
        let mut halves = self.read(&record, 0);
        let bit = (place % TICKS_PER_WORD) as u32;
        let half = if bit < 128 { &mut halves.0 } else { &mut halves.1 };
        let mask = 1 << (bit % 128);
        if (*half & mask != 0) != occupied {
            *half ^= mask;
            self.write(&record, 0, halves.0, halves.1);
        }
    }

    /// The next occupied tick after `tick`, most profitable first: lowest entry for longs, highest for shorts.
    pub fn next_occupied(&self, at: LadderSide, tick: Option<i32>) -> Option<i32> {
        let step = match at.side {
            Side::Long => 1,
            Side::Short => -1,
        };
        let first = match (tick, at.side) {
            (Some(tick), _) => tick - TICK_MIN + step,
            (None, Side::Long) => 0,
            (None, Side::Short) => TICK_MAX - TICK_MIN,
        };
        // In halves of a word: a word is read twice, the second time from the cache.
        let mut half = first.div_euclid(128);
        let mut from = first.rem_euclid(128) as u32;
        while (0..2 * BITMAP_WORDS).contains(&half) {
            let (low, high) = self.read(&self.occupied_record(at, (half / 2) as u32), 0);
            let bits = if half % 2 == 0 { low } else { high };
            let (rest, found) = match at.side {
                Side::Long => (bits >> from, from as i32 + (bits >> from).trailing_zeros() as i32),
                Side::Short => {
                    let rest = bits << (127 - from);
                    (rest, from as i32 - rest.leading_zeros() as i32)
                }
            };
            if rest != 0 {
                return Some(half * 128 + found + TICK_MIN);
            }
            half += step;
            from = if step > 0 { 0 } else { 127 };
        }
        None
    }

    /// All occupied ticks of a side, most profitable first.
    pub fn occupied_ticks(&self, at: LadderSide) -> Vec<i32> {
        let mut ticks = Vec::new();
        let mut tick = self.next_occupied(at, None);
        while let Some(found) = tick {
            ticks.push(found);
            tick = self.next_occupied(at, Some(found));
        }
        ticks
    }
}

/// A side of the ladder in storage, for [`plimsoll_risk::ladder::deleverage`].
#[derive(Debug)]
pub struct StoredSide<L> {
    /// The ledger, shared to look or mutable to deleverage.
    pub ledger: L,
    /// Which side.
    pub at: LadderSide,
}

impl Facing for StoredSide<&mut Ledger> {
    fn side(&self) -> Side {
        self.at.side
    }

    fn next(&mut self, tick: Option<i32>) -> Option<i32> {
        self.ledger.next_occupied(self.at, tick)
    }

    fn rung(&mut self, tick: i32) -> Rung {
        self.ledger.rung(self.at, tick)
    }

    fn tally(&mut self, tick: i32) -> Tally {
        self.ledger.tally(self.at, tick)
    }

    fn taken(&mut self, tick: i32, rung: &Rung) {
        self.ledger.store_flow(self.at, tick, rung);
    }

    fn closed(&mut self, tick: i32, rung: &Rung, tally: &Tally, ended: Option<(u32, Epoch)>) {
        self.ledger.store_rung(self.at, tick, rung, tally);
        if let Some((epoch, end)) = ended {
            let record = self.ledger.epoch_record(self.at, tick, epoch);
            self.ledger.write(&record, 0, end.index as u128, end.shrink);
        }
    }
}
