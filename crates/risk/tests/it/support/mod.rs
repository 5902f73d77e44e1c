//! A ladder's side in memory, and the same ladder in exact rational numbers.

#![allow(dead_code)] // each test takes what it needs
#![allow(clippy::float_arithmetic)]

pub(crate) mod float_margin;
pub(crate) mod page;
pub(crate) mod portfolio_cases;
pub(crate) mod svi;

use std::collections::{BTreeMap, BTreeSet};

use num::{BigInt, BigRational, ToPrimitive, Zero};
use plimsoll_risk::{
    WAD,
    ladder::{Epoch, Facing, Rung, Side, Tally},
};

/// An integer as a rational.
pub(crate) fn exact(value: impl Into<BigInt>) -> BigRational {
    BigRational::from_integer(value.into())
}

/// A WAD as the rational it stands for.
pub(crate) fn wad(value: impl Into<BigInt>) -> BigRational {
    exact(value) / exact(WAD)
}

/// How far a WAD is from a rational, in units of the last place, rounded up.
pub(crate) fn distance(value: i128, from: &BigRational) -> u128 {
    let off = (exact(value) - from * exact(WAD)).ceil().to_integer();
    let other = (from * exact(WAD) - exact(value)).ceil().to_integer();
    off.max(other).to_u128().unwrap()
}

/// A side of a ladder that counts how often it is read and written.
#[derive(Clone, Debug)]
pub(crate) struct CountedSide {
    pub(crate) side: Side,
    pub(crate) rungs: BTreeMap<i32, (Rung, Tally)>,
    pub(crate) occupied: BTreeSet<i32>,
    pub(crate) ended: BTreeMap<(i32, u32), Epoch>,
    pub(crate) nexts: u64,
    pub(crate) reads: u64,
    pub(crate) writes: u64,
}

impl CountedSide {
    pub(crate) fn new(side: Side) -> Self {
        Self {
            side,
            rungs: BTreeMap::new(),
            occupied: BTreeSet::new(),
            ended: BTreeMap::new(),
            nexts: 0,
            reads: 0,
            writes: 0,
        }
    }

    pub(crate) fn join(&mut self, tick: i32, size: i128, basis: i128) {
        let (rung, tally) = self.rungs.entry(tick).or_default();
        rung.join(tally, size, basis).unwrap();
        self.occupied.insert(tick);
    }

    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        (self.nexts, self.reads, self.writes)
    }
}

impl Facing for CountedSide {
    fn side(&self) -> Side {
        self.side
    }

    fn next(&mut self, tick: Option<i32>) -> Option<i32> {
        self.nexts += 1;
        match (self.side, tick) {
            (Side::Long, None) => self.occupied.first().copied(),
            (Side::Short, None) => self.occupied.last().copied(),
            (Side::Long, Some(tick)) => self.occupied.range(tick + 1..).next().copied(),
            (Side::Short, Some(tick)) => self.occupied.range(..tick).next_back().copied(),
        }
    }

    fn rung(&mut self, tick: i32) -> Rung {
        self.reads += 1;
        self.rungs.get(&tick).copied().unwrap_or_default().0
    }

    fn tally(&mut self, tick: i32) -> Tally {
        self.reads += 1;
        self.rungs.get(&tick).copied().unwrap_or_default().1
    }

    fn taken(&mut self, tick: i32, rung: &Rung) {
        self.writes += 1;
        self.rungs.entry(tick).or_default().0 = *rung;
    }

    fn closed(&mut self, tick: i32, rung: &Rung, tally: &Tally, ended: Option<(u32, Epoch)>) {
        self.writes += 1;
        if let Some((epoch, end)) = ended {
            self.ended.insert((tick, epoch), end);
        }
        self.rungs.insert(tick, (*rung, *tally));
        if tally.members == 0 {
            self.occupied.remove(&tick);
        }
    }
}

/// A rung in rationals: every member for itself, each event applied to each of them. No index, no epoch: what the
/// indices are short for.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExactRung {
    pub(crate) members: BTreeMap<u32, ExactMember>,
}

/// A member in rationals.
#[derive(Clone, Debug)]
pub(crate) struct ExactMember {
    pub(crate) cash: BigRational,
    pub(crate) size: BigRational,
    pub(crate) basis: BigRational,
}

impl ExactRung {
    pub(crate) fn size(&self) -> BigRational {
        self.members
            .values()
            .map(|m| if m.size < BigRational::zero() { -&m.size } else { m.size.clone() })
            .sum()
    }

    pub(crate) fn join(&mut self, id: u32, size: i128, basis: i128) {
        let member = ExactMember { cash: BigRational::zero(), size: wad(size), basis: wad(basis) };
        self.members.insert(id, member);
    }

    /// Funding of `step` per unit: longs pay, shorts receive.
    pub(crate) fn fund(&mut self, step: &BigRational) {
        for member in self.members.values_mut() {
            member.cash -= &member.size * step;
        }
    }

    /// Takes the same per unit from each.
    pub(crate) fn take(&mut self, amount: &BigRational) {
        let per_unit = amount / self.size();
        for member in self.members.values_mut() {
            let size = if member.size < BigRational::zero() { -&member.size } else { member.size.clone() };
            member.cash -= size * &per_unit;
        }
    }

    /// Closes the same fraction of each at a price.
    pub(crate) fn close(&mut self, closed: &BigRational, price: &BigRational) {
        let fraction = closed / self.size();
        for member in self.members.values_mut() {
            let (size, basis) = (&member.size * &fraction, &member.basis * &fraction);
            member.cash += &size * price + &basis;
            member.size -= size;
            member.basis -= basis;
        }
    }
}
