//! The ladder in storage: rungs, pots, and the lists by which a pass finds them.

use alloc::vec::Vec;

use plimsoll_kit::words::{Record, Records, halves, quarters, split_quarters};
use plimsoll_risk::ladder::{Ground, GroundMut, Indices, ONE, Pot, Rung, RungKey, WINDOWS};

use crate::{
    Ledger,
    layout::{
        live::{KEYS, RETIRED},
        live_key,
        market::LISTS,
        of_live_key,
        rung::{INDEX_BITS, INDICES, STATE, SUMS, TURNED},
    },
};

/// Bits of an index that shares its half of a word.
const INDEX: u128 = (1 << INDEX_BITS) - 1;

/// The lists of a market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// How many rungs are live.
    pub live: u32,
    /// The first pot of the queue.
    pub first: u32,
    /// Where the next pot goes.
    pub next: u32,
    /// When a pass last ran, Unix seconds.
    pub last_pass: u64,
}

/// A market's ladder in storage, shared to look or mutable to change.
#[derive(Debug)]
pub struct Grounds<L> {
    /// The ledger.
    pub ledger: L,
    /// The market.
    pub market: u16,
}

impl Ledger {
    /// The lists of a market.
    pub fn lists(&self, market: u16) -> Lists {
        let (low, high) = self.read(&self.market_record(market), LISTS);
        let [live, first, next, _] = split_quarters(low);
        Lists { live, first, next, last_pass: high as u64 }
    }

    /// Stores the lists of a market.
    pub fn store_lists(&mut self, market: u16, lists: &Lists) {
        let record = self.market_record(market);
        let low = quarters([lists.live, lists.first, lists.next, 0]);
        self.write(&record, LISTS, low, halves(lists.last_pass, 0));
    }

    /// The entry of a list of four `u64` a word.
    fn entry(&self, record: &Record, place: u32) -> u64 {
        let (low, high) = self.read(record, 0);
        let half = if place & 2 == 0 { low } else { high };
        (half >> (64 * (place & 1))) as u64
    }

    fn set_entry(&mut self, record: &Record, place: u32, entry: u64) {
        let (mut low, mut high) = self.read(record, 0);
        let half = if place & 2 == 0 { &mut low } else { &mut high };
        let shift = 64 * (place & 1);
        *half = *half & !(u128::from(u64::MAX) << shift) | u128::from(entry) << shift;
        self.write(record, 0, low, high);
    }

    fn live_entry(&self, market: u16, place: u32) -> u64 {
        self.entry(&self.live_record(market, place / KEYS), place % KEYS)
    }

    fn set_live_entry(&mut self, market: u16, place: u32, key: u64) {
        let record = self.live_record(market, place / KEYS);
        self.set_entry(&record, place % KEYS, key);
    }

    /// The live rungs of a market and whether each is retired, in the order of the list.
    pub fn live(&self, market: u16) -> Vec<(RungKey, bool)> {
        let count = self.lists(market).live;
        (0..count)
            .map(|place| {
                let key = self.live_entry(market, place);
                (of_live_key(key), key & RETIRED != 0)
            })
            .collect()
    }

    /// The queued pots of a market, window and generation, first used first.
    pub fn queued(&self, market: u16) -> Vec<(u32, u32)> {
        let Lists { first, next, .. } = self.lists(market);
        (first..next).map(|place| self.queue_entry(market, place)).collect()
    }

    fn queue_entry(&self, market: u16, place: u32) -> (u32, u32) {
        let entry = self.entry(&self.queue_record(market, place / KEYS), place % KEYS);
        ((entry >> 32) as u32, entry as u32)
    }

    /// A rung, and its place in the list.
    fn placed_rung(&self, market: u16, at: RungKey) -> (Rung, u32) {
        let record = self.rung_record(market, at);
        let (low, high) = self.read(&record, STATE);
        let members = (low >> INDEX_BITS) as u32;
        if members == 0 {
            return (Rung::default(), 0);
        }
        let (size, basis) = self.read(&record, SUMS);
        let mut indices = Indices { size: low & INDEX, basis: high & INDEX, ..Indices::default() };
        if indices.retired() {
            let (moved, funding) = self.read(&record, INDICES);
            (indices.moved, indices.funding) = ((moved ^ TURNED) as i128, funding as i128);
        }
        (Rung { size, basis: basis as i128, members, indices }, (high >> INDEX_BITS) as u32)
    }

    fn write_rung(&mut self, record: &Record, rung: &Rung, place: u32) {
        let Rung { size, basis, members, indices } = rung;
        self.write(record, SUMS, *size, *basis as u128);
        let low = indices.size | u128::from(*members) << INDEX_BITS;
        self.write(record, STATE, low, indices.basis | u128::from(place) << INDEX_BITS);
    }

    /// Stores a rung after a pass, and in the list that it is retired.
    pub fn store_retired(&mut self, market: u16, at: RungKey, rung: &Rung) {
        let record = self.rung_record(market, at);
        let place = (self.read(&record, STATE).1 >> INDEX_BITS) as u32;
        self.write_rung(&record, rung, place);
        let Indices { moved, funding, .. } = rung.indices;
        self.write(&record, INDICES, moved as u128 ^ TURNED, funding as u128);
        self.set_live_entry(market, place, live_key(at) | RETIRED);
    }

    /// Puts a rung that was empty at the end of the list. Returns its place.
    fn list_rung(&mut self, market: u16, at: RungKey) -> u32 {
        let mut lists = self.lists(market);
        let place = lists.live;
        lists.live += 1;
        self.store_lists(market, &lists);
        self.set_live_entry(market, place, live_key(at));
        place
    }

    /// Takes a rung off the list: the last one takes its place.
    fn unlist_rung(&mut self, market: u16, place: u32) {
        let mut lists = self.lists(market);
        lists.live = lists.live.saturating_sub(1);
        self.store_lists(market, &lists);
        let last = self.live_entry(market, lists.live);
        if place != lists.live {
            self.set_live_entry(market, place, last);
            let moved = self.rung_record(market, of_live_key(last));
            let (low, high) = self.read(&moved, STATE);
            self.write(&moved, STATE, low, high & INDEX | u128::from(place) << INDEX_BITS);
        }
    }
}

impl Ground for Grounds<&Ledger> {
    fn rung(&self, at: RungKey) -> Rung {
        self.ledger.placed_rung(self.market, at).0
    }

    fn pot(&self, window: u32, generation: u32) -> Pot {
        read_pot(self.ledger, self.market, window, generation).0
    }
}

impl Ground for Grounds<&mut Ledger> {
    fn rung(&self, at: RungKey) -> Rung {
        self.ledger.placed_rung(self.market, at).0
    }

    fn pot(&self, window: u32, generation: u32) -> Pot {
        read_pot(self.ledger, self.market, window, generation).0
    }
}

impl GroundMut for Grounds<&mut Ledger> {
    fn store_rung(&mut self, at: RungKey, rung: &Rung) {
        let (market, ledger) = (self.market, &mut *self.ledger);
        let record = ledger.rung_record(market, at);
        let (low, high) = ledger.read(&record, STATE);
        let mut place = (high >> INDEX_BITS) as u32;
        match ((low >> INDEX_BITS) as u32, rung.members) {
            (0, 0) => return,
            (0, _) => {
                place = ledger.list_rung(market, at);
                ledger.write(&record, INDICES, TURNED, 0);
            }
            (_, 0) => ledger.unlist_rung(market, place),
            _ => {}
        }
        ledger.write_rung(&record, rung, place);
    }

    fn store_pot(&mut self, window: u32, generation: u32, pot: &Pot) {
        let (market, ledger) = (self.market, &mut *self.ledger);
        if !read_pot(ledger, market, window, generation).1 {
            let mut lists = ledger.lists(market);
            // The new one's window is young: what is ripe beside it is ripe.
            while lists.first < lists.next
                && window.saturating_sub(ledger.queue_entry(market, lists.first).0) >= WINDOWS
            {
                lists.first += 1;
            }
            let record = ledger.queue_record(market, lists.next / KEYS);
            ledger.set_entry(&record, lists.next % KEYS, u64::from(window) << 32 | u64::from(generation));
            lists.next += 1;
            ledger.store_lists(market, &lists);
        }
        let record = ledger.pot_record(market, window, generation);
        ledger.write(&record, 0, pot.sum, pot.kept | 1 << INDEX_BITS);
    }
}

/// A pot, and whether it is queued. `ONE` stands for itself: what was never written is fresh.
fn read_pot(ledger: &Ledger, market: u16, window: u32, generation: u32) -> (Pot, bool) {
    let (sum, high) = ledger.read(&ledger.pot_record(market, window, generation), 0);
    let queued = high >> INDEX_BITS != 0;
    (Pot { sum, kept: if queued { high & INDEX } else { ONE } }, queued)
}
