//! Deleveraging a side: what it costs, what it takes, and from whom.

use crate::support::CountedSide;
use plimsoll_risk::{
    WAD,
    fill::flow_floor,
    ladder::{Facing, ONE, Position, Side, catch_up, deleverage, least_profit, price_index_floor, tick_of},
    position,
};
use proptest::prelude::*;

const U: i128 = WAD as i128;

/// `accounts` members of `units` each, spread evenly over `rungs` neighbouring ticks from 8,000 up.
fn side(side: Side, accounts: u32, rungs: u32, units: u128) -> (CountedSide, Vec<(i32, Position)>) {
    let mut ladder = CountedSide::new(side);
    let mut positions = Vec::new();
    for number in 0..accounts {
        let (rung, within) = (number % rungs, number / rungs);
        // 2^(1/64) is 1.0889 %: entries of one rung differ by less than that
        let mut entry = 8_000 * WAD;
        for _ in 0..rung {
            entry += entry * 10_890 / 1_000_000;
        }
        entry += entry / 1_000_000 * u128::from(within % 97);
        let size = side.signed(units).unwrap();
        let basis = flow_floor(size, entry).unwrap();
        let tick = tick_of(size, basis).unwrap().unwrap();
        ladder.join(tick, size, basis);
        let placed = Position::place(size, basis, &ladder.rungs[&tick].0, 0).unwrap();
        positions.push((tick, placed));
    }
    (ladder, positions)
}

#[test]
fn deleverage_costs_the_same_for_100_and_10_000_accounts() {
    for facing in [Side::Long, Side::Short] {
        let mark = if facing == Side::Long { 16_000 * WAD } else { 5_000 * WAD };
        let run = |accounts: u32, units: u128| {
            let (mut ladder, _) = side(facing, accounts, 20, units);
            let rungs = ladder.occupied.len();
            let total: u128 = ladder.rungs.values().map(|(rung, _)| rung.size).sum();
            // closes half of the side and takes a hundredth of its worth
            let spread = deleverage(&mut ladder, total / 2, mark, 0, total / 100).unwrap();
            assert!(spread.taken == total / 100 && spread.closed >= 10 && spread.payers >= 20);
            (rungs, spread.payers, spread.closed, ladder.counts())
        };
        let few = run(100, 100 * WAD);
        assert_eq!(few, run(10_000, WAD), "the same total, a hundred times the accounts");
        assert_eq!(few, run(10_000, 100 * WAD), "a hundred times the total");
        eprintln!("{facing:?}: {} rungs, (next, read, write) = {:?}", few.0, few.3);
    }
}

#[test]
fn deleverage_takes_exactly_the_budget_or_all_there_is() {
    let (ladder, _) = side(Side::Long, 60, 6, WAD);
    let mark = 10_000 * WAD;
    let all = plimsoll_risk::ladder::capacity_floor(&mut ladder.clone(), mark).unwrap();
    for (budget, taken) in [(0, 0), (1, 1), (all / 3, all / 3), (all, all), (all + 1, all), (u128::MAX, all)]
    {
        let spread = deleverage(&mut ladder.clone(), 0, mark, 0, budget).unwrap();
        assert_eq!(spread.taken, taken);
        assert_eq!((spread.closed, spread.unmatched), (0, 0));
    }
}

#[test]
fn deleverage_closes_the_most_profitable_first() {
    for facing in [Side::Long, Side::Short] {
        let (mut ladder, _) = side(facing, 60, 6, WAD);
        let order: Vec<i32> = {
            let mut order = Vec::new();
            let mut at = ladder.next(None);
            while let Some(tick) = at {
                order.push(tick);
                at = ladder.next(Some(tick));
            }
            order
        };
        let mark = if facing == Side::Long { 20_000 * WAD } else { 4_000 * WAD };
        for pair in order.windows(2) {
            assert!(least_profit(facing, pair[0], mark) > least_profit(facing, pair[1], mark));
        }
        // Each rung has 10 units: 25 close two rungs and half of the third.
        let spread = deleverage(&mut ladder, 25 * WAD, mark, 0, 0).unwrap();
        assert_eq!((spread.closed, spread.unmatched, spread.dropped), (3, 0, 0));
        let sizes: Vec<u128> = order.iter().map(|tick| ladder.rungs[tick].0.size / WAD).collect();
        assert_eq!(sizes, [0, 0, 5, 10, 10, 10]);
        assert!(!ladder.occupied.contains(&order[0]) && ladder.occupied.contains(&order[2]));
    }
}

#[test]
fn deleverage_reports_size_that_nobody_faces() {
    let (mut ladder, _) = side(Side::Short, 4, 2, WAD);
    let spread = deleverage(&mut ladder, 5 * WAD, 4_000 * WAD, 0, 0).unwrap();
    assert_eq!((spread.unmatched, spread.closed), (WAD, 2));
    let mut empty = CountedSide::new(Side::Long);
    let spread = deleverage(&mut empty, WAD, 4_000 * WAD, 0, WAD).unwrap();
    assert_eq!((spread.taken, spread.capacity, spread.unmatched), (0, 0, WAD));
}

#[test]
fn budget_comes_before_closing() {
    // Else the one rung, closed out, would have escaped the budget: 10 units bought at 100, closed at 150, budget 200.
    let mut ladder = CountedSide::new(Side::Long);
    let basis = flow_floor(10 * U, 100 * WAD).unwrap();
    let tick = tick_of(10 * U, basis).unwrap().unwrap();
    ladder.join(tick, 10 * U, basis);
    let placed = Position::place(10 * U, basis, &ladder.rungs[&tick].0, 0).unwrap();
    let spread = deleverage(&mut ladder, 10 * WAD, 150 * WAD, 0, 200 * WAD).unwrap();
    assert_eq!((spread.taken, spread.payers, spread.closed), (200 * WAD, 1, 1));
    let rung = ladder.rungs[&tick].0;
    let now = catch_up(&placed, &rung, 0, |epoch| ladder.ended[&(tick, epoch)]).unwrap();
    assert!(!now.member && now.size == 0 && now.basis == 0);
    // 500 of profit less 200
    assert!((300 * U - 2..=300 * U).contains(&now.cash), "{}", now.cash);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// However many events follow: nobody has paid more than its profit at the time, all that is taken is paid, the most
    /// profitable pay no less, everybody is closed at the mark.
    #[test]
    fn nobody_pays_more_than_its_profit(long: bool, accounts in 1u32..60, rungs in 1u32..12,
                                        events in prop::collection::vec((1u64..1000, 0u64..400, 0u64..1200), 1..6)) {
        let facing = if long { Side::Long } else { Side::Short };
        let (mut ladder, positions) = side(facing, accounts, rungs, 3 * WAD);
        let value = |ladder: &CountedSide, mark: u128, (tick, placed): &(i32, Position)| {
            let now = catch_up(placed, &ladder.rungs[tick].0, 0, |e| ladder.ended[&(*tick, e)]).unwrap();
            let profit = position::profit_floor(now.size, now.basis, mark).unwrap();
            (now.cash + profit, profit, now.size.unsigned_abs(), now.member)
        };
        let mut paid = vec![0u128; positions.len()]; // per unit, WAD
        for (move_by, closed, asked) in events {
            let mark = if long { 8_000 * WAD + 10 * WAD * u128::from(move_by) } else { 10_500 * WAD - 8 * WAD * u128::from(move_by) };
            let before: Vec<_> = positions.iter().map(|p| value(&ladder, mark, p)).collect();
            let total: u128 = ladder.rungs.values().map(|(rung, _)| rung.size).sum();
            let capacity = plimsoll_risk::ladder::capacity_floor(&mut ladder, mark).unwrap();
            let budget = plimsoll_fixed::mul_div_floor(capacity, u128::from(asked), 1000).unwrap();
            let size = plimsoll_fixed::mul_div_floor(total, u128::from(closed), 1000).unwrap();
            let spread = deleverage(&mut ladder, size, mark, 0, budget).unwrap();
            prop_assert_eq!(spread.taken, budget.min(capacity));
            // Sizes cancel afterwards: the other side's rest, the facing rungs, and what is without a holder.
            let left = spread.left(facing.opposite().signed(size).unwrap(), total).unwrap();
            let held: u128 = ladder.rungs.values().map(|(rung, _)| rung.size).sum();
            let rest = total - size;
            prop_assert_eq!(left.open_interest, if long { held } else { rest });
            let signed = facing.signed(held).unwrap() + facing.opposite().signed(rest).unwrap();
            prop_assert_eq!(signed + left.dust, 0);
            let mut sum = 0i128;
            // What an account's view may be off by: its size at the mark and a few units, before and after.
            let slack = (mark / WAD) as i128 + 8;
            for (at, was) in before.iter().enumerate() {
                let is = value(&ladder, mark, &positions[at]);
                let fee = was.0 - is.0;
                prop_assert!(fee >= -slack, "gained {}", -fee);
                sum += fee;
                if fee > slack {
                    prop_assert!(was.3 && was.1 > 0);
                    paid[at] += plimsoll_fixed::mul_div_floor((fee - slack).unsigned_abs(), WAD, was.2).unwrap();
                    let in_all = plimsoll_fixed::mul_div_floor(paid[at], was.2, WAD).unwrap();
                    prop_assert!(in_all as i128 <= was.1 + slack, "paid {in_all} in all of {}", was.1);
                }
            }
            let slack = slack * positions.len() as i128;
            prop_assert!((sum - spread.taken as i128).abs() <= slack, "paid {sum}, taken {}", spread.taken);
        }
    }
}

#[test]
fn index_scale_holds_the_highest_price() {
    // At the highest price a whole rung's closing moves its index by less than the index can hold.
    assert!(price_index_floor(plimsoll_risk::oracle::MAX_PRICE).unwrap() < i128::MAX / 16);
    assert_eq!(ONE, 1 << 95);
}
