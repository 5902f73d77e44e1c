//! Every word of the oracle's storage by its raw slot, computed here as the page says.

use alloy_primitives::b256;
use plimsoll_kit::{
    testing::slots::{holds, number, record},
    words::Records,
};
use plimsoll_risk::oracle::{Ages, Band, Price};
use stylus_sdk::prelude::*;

use super::*;
use crate::Oracle;

const A: Address = address!("0xaa00000000000000000000000000000000000001");
const B: Address = address!("0xbb00000000000000000000000000000000000002");

fn fresh() -> (TestHost, Oracle) {
    let host = TestHost::default();
    // SAFETY: the only accessor.
    let oracle = unsafe { Oracle::new(U256::ZERO, 0, host.vm()) };
    (host, oracle)
}

/// Slot of a word of a record whose key is one word.
fn slot(region: u8, key: B256, word: u8) -> U256 {
    record(region, key, &[], word)
}

#[test]
fn owner_and_signers() {
    let (host, mut oracle) = fresh();
    oracle.construct(OWNER, &[A, B], 2).unwrap();
    oracle.ownership.pending.set_address(B);
    let at = |slot: u64| U256::from(slot);
    holds(
        &host,
        [
            (at(0), OWNER.into_word()),
            (at(1), B.into_word()),
            (at(2), b256!("0000000000000000000000000000000200000000000000000000000000000002")),
            (at(3), A.into_word()),
            (at(4), B.into_word()),
            (slot(2, A.into_word(), 0), number(1)),
            (slot(2, B.into_word(), 0), number(1)),
        ],
    );
}

#[test]
fn words_of_a_feed() {
    let (host, mut oracle) = fresh();
    let price = Price { price: 1 << 95, time: 2, usable: 6, doubted_after: 7 };
    let ages = Ages { max_age: 3, max_age_late: 4 };
    let band = Band { min_price: (1 << 96) - 1, max_price: 0x0123_4567_89ab_cdef_0011_2233, max_move: 5 };
    oracle.set_feed_state(0x0102, &price, &ages);
    oracle.set_band(0x0102, &band);
    let doubting = Price { price: 8, time: 9, ..Price::default() };
    oracle.set_doubting(0x0102, &doubting);
    let at = |word| slot(1, number(0x0102), word);
    holds(
        &host,
        [
            (at(0), b256!("0000000400000003000007000000000200000006800000000000000000000000")),
            (at(1), b256!("00000000000000050123456789abcdef00112233ffffffffffffffffffffffff")),
            (at(2), b256!("0000000000000000000000000000000900000000000000000000000000000008")),
        ],
    );
    assert_eq!(oracle.feed_state(0x0102), (price, ages));
    assert_eq!((oracle.band(0x0102), oracle.doubting(0x0102)), (band, doubting));
}

#[test]
fn words_of_a_surface() {
    let (host, mut oracle) = fresh();
    oracle
        .replace_surface(
            0x0102,
            crate::sol::Surface { maxAge: 60, maxAgeLate: 120, maxVolJump: 3, maxForwardJump: 4 },
        )
        .unwrap();
    oracle.set_listed(0x0102, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let at = |word| slot(3, number(0x0102), word);
    holds(
        &host,
        [
            (at(0), b256!("000000000000000000000000000000090000000400000003000000780000003c")),
            (at(1), b256!("0000000800000007000000060000000500000004000000030000000200000001")),
            (at(2), number(9)),
        ],
    );
    assert_eq!(oracle.listed(0x0102), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn words_of_a_slice() {
    let (host, oracle) = fresh();
    let (underlying, expiry) = (0x0102, 0x0304_0506);
    let mut oracle = oracle;
    let record = oracle.slice_record(underlying, expiry);
    oracle.write(&record, 0, 1, 2);
    oracle.write(&record, 1, 3, 4);
    let at = |word| slot(4, number(0x0102_0304_0506), word);
    holds(
        &host,
        [
            (at(0), b256!("0000000000000000000000000000000200000000000000000000000000000001")),
            (at(1), b256!("0000000000000000000000000000000400000000000000000000000000000003")),
        ],
    );
    // The words are those that a slice packs into.
    let slice = oracle.stored_slice(underlying, expiry);
    assert_eq!(slice.pack(), [[1, 0, 2, 0], [3, 0, 4, 0]]);
    oracle.store_slice(underlying, expiry, &slice);
    assert_eq!(oracle.stored_slice(underlying, expiry), slice);
}
