//! The slices of one underlying among each other, and what a model is told of a slice.

use std::cell::RefCell;

use plimsoll_risk::{
    WAD,
    oracle::Ages,
    svi::{Crossing, Dated, MAX_EXPIRIES, Slice, check_calendars, drop_over, is_over, list_reported},
};
use proptest::prelude::*;

const NOW: u64 = 1_700_000_000;
const AGES: Ages = Ages { max_age: 1200, max_age_late: 7200 };

/// A slice whose total variance is above or below another's as its level, 1e-12, is.
fn level(a: i64, time: u64) -> Slice {
    Slice { time, forward: WAD, rate: 0, svi: [a, 0, 0, 0, 200_000_000_000], confidences: [0; 3] }
}

fn expiry(days: u32) -> u32 {
    NOW as u32 + days * 86_400
}

/// New slices of so many days and of these levels.
fn reported(slices: &[(u32, i64)]) -> Vec<Dated> {
    slices.iter().map(|(days, a)| (expiry(*days), level(*a, NOW))).collect()
}

/// Days, level and age of stored slices; checks new ones beside them, and gives what was asked for, in days.
fn check(stored: &[(u32, i64, u64)], new: &[(u32, i64)]) -> (Result<(), Crossing>, Vec<u32>) {
    let reported = reported(new);
    let listed = list_reported(stored.iter().map(|(days, ..)| expiry(*days)).collect(), &reported).unwrap();
    let asked = RefCell::new(Vec::new());
    let result = check_calendars(&reported, &listed, &AGES, NOW, |at| {
        let (days, a, age) = *stored.iter().find(|(days, ..)| expiry(*days) == at).unwrap();
        asked.borrow_mut().push(days);
        level(a, NOW - age)
    });
    (result, asked.into_inner())
}

fn crossing(days: u32, other: u32) -> Result<(), Crossing> {
    Err(Crossing { expiry: expiry(days), other: expiry(other) })
}

#[test]
fn check_calendars_asks_for_the_nearest_alone() {
    let stored = [(1, 10, 0), (7, 20, 0), (30, 30, 0), (90, 40, 0)];
    assert_eq!(check(&stored, &[(20, 25)]), (Ok(()), vec![7, 30]));
    assert_eq!(check(&stored, &[(7, 20)]), (Ok(()), vec![1, 30]));
    assert_eq!(check(&stored, &[(100, 40)]), (Ok(()), vec![90]));
    assert_eq!(check(&[], &[(7, 20)]), (Ok(()), vec![]));
    // Equal levels are in order; one unit less is not.
    assert_eq!(check(&stored, &[(20, 20)]).0, Ok(()));
    assert_eq!(check(&stored, &[(20, 19)]), (crossing(20, 7), vec![7]));
    assert_eq!(check(&stored, &[(20, 31)]), (crossing(20, 30), vec![7, 30]));
    // What crosses farther away does not count: it was compared with its own neighbours.
    assert_eq!(check(&[(1, 50, 0), (7, 20, 0)], &[(20, 25)]).0, Ok(()));
}

#[test]
fn check_calendars_takes_a_reported_slice_for_the_stored_one() {
    let stored = [(7, 20, 0), (30, 30, 0), (90, 40, 0)];
    // Each pair is compared once, from the later one.
    assert_eq!(check(&stored, &[(7, 35), (30, 36)]), (Ok(()), vec![90]));
    assert_eq!(check(&stored, &[(7, 35), (30, 34)]), (crossing(30, 7), vec![]));
    assert_eq!(check(&stored, &[(30, 50), (90, 60)]), (Ok(()), vec![7]));
    assert_eq!(check(&stored, &[(20, 25), (25, 24)]), (crossing(25, 20), vec![7]));
    assert_eq!(check(&[], &[(7, 2), (30, 1)]), (crossing(30, 7), vec![]));
}

#[test]
fn check_calendars_passes_over_what_is_not_in_use() {
    // Late ones count, stale ones and those of the future do not.
    assert_eq!(check(&[(7, 20, 7200)], &[(30, 19)]), (crossing(30, 7), vec![7]));
    assert_eq!(check(&[(7, 20, 7201)], &[(30, 19)]), (Ok(()), vec![7]));
    let stale = [(1, 18, 0), (7, 90, 7201), (60, 1, 7201), (90, 21, 0)];
    assert_eq!(check(&stale, &[(30, 20)]), (Ok(()), vec![7, 1, 60, 90]));
    assert_eq!(check(&stale, &[(30, 17)]).0, crossing(30, 1));
    assert_eq!(check(&stale, &[(30, 22)]).0, crossing(30, 90));
    // A stale one between two reported ones: the earlier of them ends the search.
    assert_eq!(check(&[(10, 90, 7201)], &[(7, 20), (30, 19)]), (crossing(30, 7), vec![10, 10]));

    let new = reported(&[(30, 19)]);
    let ask = |of: Slice| check_calendars(&new, &[expiry(7), expiry(30)], &AGES, NOW, |_| of);
    assert_eq!(ask(level(20, NOW)), crossing(30, 7));
    for unused in [level(20, NOW + 1), level(20, NOW).withdrawn(), Slice::default()] {
        assert_eq!(ask(unused), Ok(()));
    }
    // One that is over counts as little, though lists leave it out.
    let over = |at| check_calendars(&new, &[at, expiry(30)], &AGES, NOW, |_| level(20, NOW));
    assert_eq!(over(NOW as u32), Ok(()));
    assert_eq!(over(NOW as u32 + 1), Err(Crossing { expiry: expiry(30), other: NOW as u32 + 1 }));
}

#[test]
fn list_reported_keeps_the_order_and_the_limit() {
    let list = |listed: &[u32], new: &[(u32, i64)]| list_reported(listed.to_vec(), &reported(new));
    let (a, b, c) = (expiry(1), expiry(2), expiry(3));
    assert_eq!(list(&[], &[(1, 0), (3, 0)]), Some(vec![a, c]));
    assert_eq!(list(&[b], &[(1, 0), (2, 0), (3, 0)]), Some(vec![a, b, c]));
    assert_eq!(list(&[a, c], &[]), Some(vec![a, c]));
    let full: Vec<_> = (1..=MAX_EXPIRIES as u32).map(expiry).collect();
    assert_eq!(list(&full, &[(1, 0), (MAX_EXPIRIES as u32, 0)]), Some(full.clone()));
    assert_eq!(list(&full, &[(0, 0)]), None);
    assert_eq!(list(&full, &[(31, 0)]), None);
}

#[test]
fn drop_over_leaves_what_has_time() {
    let mut listed = vec![NOW as u32 - 1, NOW as u32, NOW as u32 + 1, u32::MAX];
    drop_over(&mut listed, NOW);
    assert_eq!(listed, [NOW as u32 + 1, u32::MAX]);
    assert!(is_over(u32::MAX, u64::MAX) && is_over(0, 0) && !is_over(1, 0));
}

#[test]
fn slice_tells_a_model_wads() {
    let slice =
        Slice { rate: -50_000_001, confidences: [1_000_000, 990_001, 0], ..level(20_000_000_000, NOW) };
    assert_eq!(slice.rate_wad(), -50_000_001_000_000_000);
    assert_eq!(slice.confidences_wad(), [WAD as u64, 990_001_000_000_000_000, 0]);
    assert_eq!(Slice { confidences: [u32::MAX; 3], ..slice }.confidences_wad(), [u64::MAX; 3]);
    assert_eq!([NOW - 1, NOW, NOW + 7].map(|now| slice.age(now)), [0, 0, 7]);

    let withdrawn = slice.withdrawn();
    assert_eq!(withdrawn, Slice { time: NOW, ..Slice::default() });
    assert!(!withdrawn.exists());
    assert_eq!((withdrawn.years_floor(u32::MAX), withdrawn.age(NOW + 7)), (0, 7));
    assert_eq!(Slice::default().age(NOW), 0);
}

proptest! {
    /// Against the rule in words, over all pairs.
    #[test]
    fn check_calendars_compares_neighbours_in_use(
        all in prop::collection::btree_map(1..20_u32, (0..6_i64, any::<bool>(), any::<bool>()), 0..8),
    ) {
        // A level, whether it is reported, and whether it is stale where it is not.
        let stored: Vec<_> = all
            .iter()
            .filter(|(_, (_, new, _))| !new)
            .map(|(days, (a, _, stale))| (*days, *a, if *stale { 7201 } else { 1201 }))
            .collect();
        let new: Vec<_> =
            all.iter().filter(|(_, (_, new, _))| *new).map(|(days, (a, ..))| (*days, *a)).collect();
        let used: Vec<_> = all.iter().filter(|(_, (_, new, stale))| *new || !stale).collect();
        let crosses = used.windows(2).any(|pair| {
            let [(_, (early, early_new, _)), (_, (late, late_new, _))] = pair else { unreachable!() };
            (*early_new || *late_new) && late < early
        });
        prop_assert_eq!(check(&stored, &new).0.is_err(), crosses);
    }
}
