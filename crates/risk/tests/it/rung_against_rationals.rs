//! Random lives of a rung against the same in exact rational numbers.
//!
//! # Tolerance
//!
//! In units of the last place, for each member, from what may be rounded:
//! - catching up rounds cash and basis down and the size toward zero, each by less than 1 a step;
//! - an index is right to 1 unit when it is noted and when it is read, an event (`take`, `close`) moves it by a rounded
//!   step: each unit of an index is `|q|/A` units of cash, with q and A of the same moment;
//! - `close` moves the index by `part*(p - F)`: `part` and the new A are right to 1 unit, p to 1 unit of its own scale,
//!   so the index to `(|p - F| + |F|)/2^95 + 3` units;
//! - `close` rounds A down by less than 1: the member's size and basis lose up to `|q|/A` and `|b|/A` beyond what they
//!   should. A size that is off by s makes every later closing and payment off by s at its price, and funding too.
//!
//! The test adds these up as it goes, from sizes and indices before each event.

use crate::support::{ExactRung, distance, exact, wad};
use num::{BigRational, Signed, ToPrimitive, Zero};
use plimsoll_risk::{
    WAD,
    fill::flow_floor,
    ladder::{CaughtUp, Epoch, ONE, Position, Rung, Side, Tally, catch_up},
};
use proptest::prelude::*;

const U: i128 = WAD as i128;

#[derive(Clone, Debug)]
enum Event {
    Join {
        size: u128,
        entry: u128,
    },
    Leave {
        which: prop::sample::Index,
    },
    Touch {
        which: prop::sample::Index,
    },
    Fund {
        step: i64,
    },
    Take {
        ppm: u32,
        per_unit: u64,
    },
    /// Leaves `left` parts in 2^32 of the rung.
    Close {
        left: u32,
        price: u128,
    },
    /// All of it.
    CloseOut {
        price: u128,
    },
}

fn events() -> impl Strategy<Value = Event> {
    let price = || (U as u128..40_000 * WAD).boxed();
    prop_oneof![
        6 => (1_000_000u128..1 << 76, price()).prop_map(|(size, entry)| Event::Join { size, entry }),
        1 => any::<prop::sample::Index>().prop_map(|which| Event::Leave { which }),
        1 => any::<prop::sample::Index>().prop_map(|which| Event::Touch { which }),
        2 => (-5_000_000_000_000_000_000i64..5_000_000_000_000_000_000).prop_map(|step| Event::Fund { step }),
        3 => (1u32..=1_000_000, 1u64..1 << 62).prop_map(|(ppm, per_unit)| Event::Take { ppm, per_unit }),
        3 => (any::<u32>(), price()).prop_map(|(left, price)| Event::Close { left, price }),
        // nearly all of it: shrinks the rung towards the end of its epoch
        3 => (1u32..1 << 20, price()).prop_map(|(left, price)| Event::Close { left, price }),
        1 => price().prop_map(|price| Event::CloseOut { price }),
    ]
}

/// What a member may be off by.
#[derive(Clone, Debug, Default)]
struct Slack {
    cash: BigRational,
    size: BigRational,
    basis: BigRational,
}

struct Life {
    side: Side,
    rung: Rung,
    tally: Tally,
    ended: Vec<Epoch>,
    funding: i128,
    funding_wad: BigRational,
    positions: Vec<(u32, Position)>,
    exact: ExactRung,
    slack: std::collections::BTreeMap<u32, Slack>,
    /// Cash realised by touches.
    cash: std::collections::BTreeMap<u32, i128>,
    next_id: u32,
    renormalised: u32,
}

fn units(value: &BigRational) -> u128 {
    value.ceil().to_integer().to_u128().unwrap()
}

impl Life {
    fn new(side: Side) -> Self {
        Self {
            side,
            rung: Rung::default(),
            tally: Tally::default(),
            ended: Vec::new(),
            funding: 0,
            funding_wad: BigRational::zero(),
            positions: Vec::new(),
            exact: ExactRung::default(),
            slack: Default::default(),
            cash: Default::default(),
            next_id: 0,
            renormalised: 0,
        }
    }

    fn now(&self, position: &Position) -> CaughtUp {
        catch_up(position, &self.rung, self.funding, |epoch| self.ended[epoch as usize]).unwrap()
    }

    /// Counts what an event does to every member: so many units of the index, a price at which size counts, and whether
    /// the shrink index was rounded.
    fn count(&mut self, index: u128, price: &BigRational, shrunk: bool) {
        let shrink = exact(self.rung.shrink);
        for (id, slack) in &mut self.slack {
            let Some(member) = self.exact.members.get(id) else { continue };
            let (size, basis) = (member.size.abs() * exact(WAD), member.basis.abs() * exact(WAD));
            slack.cash += &size / &shrink * exact(index) + &slack.size * price;
            if shrunk {
                slack.size += &size / &shrink;
                slack.basis += &basis / &shrink;
                // basis that the size loses goes to cash
                slack.cash += &basis / &shrink + &slack.basis;
            }
        }
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Join { size, entry } => {
                let size = self.side.signed(*size).unwrap();
                let basis = flow_floor(size, *entry).unwrap();
                self.rung.join(&mut self.tally, size, basis).unwrap();
                let placed = Position::place(size, basis, &self.rung, self.funding).unwrap();
                self.positions.push((self.next_id, placed));
                self.exact.join(self.next_id, size, basis);
                // noting the index, reading it, and the three roundings of catching up once
                let noted = exact(2u8) * exact(size.unsigned_abs()) / exact(self.rung.shrink) + exact(2u8);
                let slack = Slack { cash: noted, size: exact(1u8), basis: exact(1u8) };
                self.slack.insert(self.next_id, slack);
                self.cash.insert(self.next_id, 0);
                self.next_id += 1;
            }
            Event::Leave { which } => {
                if self.positions.is_empty() {
                    return;
                }
                let (id, position) = self.positions.swap_remove(which.index(self.positions.len()));
                let now = self.now(&position);
                if now.member {
                    let left_behind = self.rung.leave(&mut self.tally, now.size, now.basis).unwrap();
                    assert!(self.tally.members > 0 || self.rung.size == 0 && self.tally == Tally::default());
                    assert!(left_behind == 0 || self.tally.members == 0);
                    if self.tally.members == 0 {
                        assert_eq!(self.rung, Rung { epoch: self.rung.epoch, ..Rung::default() });
                    }
                }
                self.exact.members.remove(&id);
            }
            Event::Touch { which } => {
                if self.positions.is_empty() {
                    return;
                }
                let at = which.index(self.positions.len());
                let (id, position) = self.positions[at];
                let now = self.now(&position);
                if !now.member || now.size == 0 {
                    return;
                }
                let placed = Position::place(now.size, now.basis, &self.rung, self.funding).unwrap();
                self.positions[at] = (id, placed);
                *self.cash.get_mut(&id).unwrap() += now.cash;
                let slack = self.slack.get_mut(&id).unwrap();
                let index = exact(2u8) * exact(now.size.unsigned_abs()) / exact(self.rung.shrink);
                slack.cash += index + exact(2u8);
                slack.size += exact(1u8);
                slack.basis += exact(1u8);
            }
            Event::Fund { step } => {
                // A step that both sides of the comparison hold exactly: a multiple of 2^-60 is both a WAD's rational and
                // an index.
                let step = i128::from(*step) >> 20;
                let index = step << 52; // step * 2^-43 in the scale of 2^95
                let exact_step = exact(step) / exact(1u64 << 43);
                self.count(0, &exact_step.abs(), false);
                self.funding += index;
                self.funding_wad += &exact_step;
                self.exact.fund(&exact_step);
            }
            Event::Take { ppm, per_unit } => {
                let worth =
                    plimsoll_fixed::mul_div_floor(self.rung.size, u128::from(*per_unit), WAD).unwrap();
                let amount = plimsoll_fixed::mul_div_floor(worth, u128::from(*ppm), 1_000_000).unwrap();
                // A rung that holds nothing but dust has nothing to take from.
                if amount == 0 || self.exact.size().is_zero() || self.rung.size < 1_000_000 {
                    return;
                }
                let before = self.rung.taken;
                let charged = wad(amount) / self.exact.size();
                let price = charged.clone();
                // the exact rung divides by the members' own sum, which may be less than the rung's by their slack
                let missing = (exact(self.rung.size) - self.exact.size() * exact(WAD)).abs();
                let relative = &missing / exact(self.rung.size);
                self.count(1, &price, false);
                for (id, slack) in &mut self.slack {
                    if let Some(member) = self.exact.members.get(id) {
                        slack.cash += member.size.abs() * exact(WAD) * &charged * &relative;
                    }
                }
                self.rung.take_ceil(self.side, amount).unwrap();
                self.exact.take(&wad(amount));
                let per_unit = self.rung.taken - before;
                let due = exact(amount) * exact(WAD) / exact(self.rung.size);
                assert!(exact(per_unit) >= due && exact(per_unit) < due + exact(1u8), "taken is rounded up");
            }
            Event::Close { left, price } => {
                let left = plimsoll_fixed::mul_div_floor(self.rung.size, u128::from(*left), 1 << 32).unwrap();
                self.close(self.rung.size - left, *price);
            }
            Event::CloseOut { price } => self.close(self.rung.size, *price),
        }
    }

    fn close(&mut self, closed: u128, price: u128) {
        if closed == 0 || self.exact.size().is_zero() || self.rung.size < 1_000_000 {
            return;
        }
        let (had, epoch, basis) = (self.rung.size, self.rung.epoch, self.tally.basis);
        let spread = plimsoll_risk::ladder::price_index_floor(price).unwrap().abs_diff(self.funding) / ONE;
        let off = spread + self.funding.unsigned_abs() / ONE + 4;
        // the same fraction of each, of the rung's sum and of the members' own
        let fraction = exact(closed) / exact(had);
        let exact_closed = &fraction * self.exact.size();
        self.count(off, &wad(price), true);
        let closing = self.rung.close(&mut self.tally, self.side, closed, price, self.funding).unwrap();
        self.exact.close(&exact_closed, &wad(price));
        assert_eq!(self.rung.size + closing.dropped, had - closed);
        match closing.ended {
            None => assert!(self.rung.epoch == epoch && self.rung.shrink >= 1 << 79),
            Some(end) => {
                assert_eq!(self.rung.epoch, epoch + 1);
                self.ended.push(end);
                assert_eq!(self.rung.shrink, ONE);
                if end.shrink == 0 {
                    assert_eq!((self.rung.size, self.rung.taken, self.tally), (0, 0, Tally::default()));
                } else {
                    self.renormalised += 1;
                    assert!(self.rung.size == had - closed && end.shrink < 1 << 79);
                    // survivors carry over with one more step of catching up
                    for (id, slack) in &mut self.slack {
                        if let Some(member) = self.exact.members.get(id) {
                            let index = member.size.abs() * exact(WAD) / exact(end.shrink);
                            slack.cash += index * exact(2u8) + exact(2u8);
                            slack.size += exact(1u8);
                            slack.basis += exact(1u8);
                        }
                    }
                }
            }
        }
        if closing.ended.is_none_or(|end| end.shrink != 0) {
            let scaled = exact(basis) * exact(had - closed) / exact(had);
            assert!(distance(self.tally.basis, &(scaled / exact(WAD))) <= 1, "the tally's basis scales");
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let (mut sum, mut members) = (0u128, 0u32);
        for (id, position) in &self.positions {
            let now = self.now(position);
            let (member, slack) = (&self.exact.members[id], &self.slack[id]);
            let cash = self.cash[id] + now.cash;
            // A size below one unit is dropped and its basis goes to cash: compare the sum then.
            let entry = member.basis.abs() / (member.size.abs() + exact(1u8) / exact(u128::MAX));
            let whole =
                if now.size == 0 { &slack.basis + exact(units(&entry)) * &slack.size } else { exact(0u8) };
            let (most_cash, most_basis) = (units(&(&slack.cash + &whole)), units(&(&slack.basis + &whole)));
            if now.size == 0 {
                let both = &member.cash + &member.basis;
                let off = distance(cash, &both);
                let most = most_cash + most_basis + 2;
                prop_assert!(off <= most, "cash of a closed position off by {off}, at most {most}");
            } else {
                let off = distance(cash, &member.cash);
                prop_assert!(off <= most_cash, "cash off by {off}, at most {most_cash}");
                let off = distance(now.basis, &member.basis);
                prop_assert!(off <= most_basis, "basis off by {off}, at most {most_basis}");
            }
            let off = distance(now.size, &member.size);
            prop_assert!(off <= units(&slack.size) + 1, "size off by {off}, at most {}", slack.size);
            // never more than its share: toward zero
            prop_assert!(exact(now.size.unsigned_abs()) <= member.size.abs() * exact(WAD) + &slack.size);
            if now.member {
                members += 1;
                sum += now.size.unsigned_abs();
            }
        }
        prop_assert_eq!(self.tally.members, members);
        prop_assert!(self.rung.size >= sum, "members {} exceed their rung {}", sum, self.rung.size);
        let most: BigRational =
            self.slack.values().map(|slack| &slack.size + exact(1u8)).fold(BigRational::zero(), |a, b| a + b);
        prop_assert!(exact(self.rung.size - sum) <= most, "rung {} members {sum}", self.rung.size);
        Ok(())
    }
}

fn live(side: Side, events: &[Event]) -> Result<u32, TestCaseError> {
    let mut life = Life::new(side);
    for event in events {
        life.apply(event);
        life.check()?;
    }
    Ok(life.renormalised)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rung_follows_its_members(long: bool, events in prop::collection::vec(events(), 1..40)) {
        live(if long { Side::Long } else { Side::Short }, &events)?;
    }
}

#[test]
fn survivors_carry_over_several_epochs() {
    // One member sleeps through five renormalisations, another joins after each. Each closing leaves 2^20 parts in 2^32,
    // two of them end an epoch: 2^-24 < 2^-16.
    for side in [Side::Long, Side::Short] {
        let mut events = vec![Event::Join { size: 1 << 100, entry: 10_000 * WAD }];
        for round in 0..5u64 {
            events.push(Event::Fund { step: 1 << 50 });
            for _ in 0..2 {
                events.push(Event::Close { left: 1 << 20, price: (9_000 + 700 * u128::from(round)) * WAD });
            }
            events.push(Event::Take { ppm: 500_000, per_unit: 1 << 60 });
            events.push(Event::Join { size: 1 << 60, entry: 10_000 * WAD });
        }
        assert!(live(side, &events).unwrap() >= 3);
    }
}
