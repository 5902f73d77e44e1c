//! Every word of the engine's storage by its raw slot, computed here as the page says.

use alloy_primitives::{U256, address, b256};
use plimsoll_kit::testing::{
    host::TestHost,
    slots::{self, holds, number, record as slot},
};
use plimsoll_risk::{
    funding::Funding,
    ladder::{Position, Rung, Tally},
    market::Params,
};

use super::*;
use crate::{Market, params, sol::MarketParams, testing};

const A: Address = address!("0x00000000000000000000000000000000000000aa");
const B: Address = address!("0xbb00000000000000000000000000000000000001");
const ACCOUNT: B256 = b256!("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0000000000000000000000cc");

/// A ledger on a host without anything.
fn fresh() -> (TestHost, Ledger) {
    let host = TestHost::default();
    let ledger = testing::ledger(&host);
    (host, ledger)
}

#[test]
fn single_fields_stand_at_the_first_slots() {
    let (host, mut ledger) = fresh();
    for place in 0..MODULES {
        ledger.modules.setter(place).unwrap().set_address(Address::with_last_byte(1 + place as u8));
    }
    ledger.ownership.owner.set_address(A);
    ledger.ownership.pending.set_address(B);
    ledger.set_guard(B, 0x1122);
    ledger.oracle.set_address(A);
    ledger.set_quote(B, 6);
    ledger.set_funds(7, 8);
    ledger.set_totals(9, 300_000);
    let at = |slot: u64| U256::from(slot);
    holds(
        &host,
        [
            (at(0), number(1)),
            (at(1), number(2)),
            (at(2), number(3)),
            (at(3), number(4)),
            (at(4), number(5)),
            (at(5), number(6)),
            (at(6), A.into_word()),
            (at(7), B.into_word()),
            (at(8), b256!("000000000000000000001122bb00000000000000000000000000000000000001")),
            (at(9), A.into_word()),
            (at(10), b256!("000000000000000000000006bb00000000000000000000000000000000000001")),
            (at(11), b256!("0000000000000000000000000000000800000000000000000000000000000007")),
            (at(12), b256!("000000000000000000000000000493e000000000000000000000000000000009")),
        ],
    );
}

#[test]
fn flags_and_the_list_of_markets() {
    let (host, mut ledger) = fresh();
    ledger.set_venue_admitted(B, true);
    ledger.set_operator(A, B, true);
    ledger.set_venue_approval(ACCOUNT, B, true);
    ledger.push_listed(0x0203);
    ledger.push_listed(0x0405);
    holds(
        &host,
        [
            (slot(1, B.into_word(), &[], 0), number(1)),
            (slot(2, A.into_word(), B.as_slice(), 0), number(1)),
            (slot(3, ACCOUNT, B.as_slice(), 0), number(1)),
            (slot(4, number(0), &[], 0), number(0x0203)),
            (slot(4, number(1), &[], 0), number(0x0405)),
            (U256::from(13), number(2)),
        ],
    );
}

#[test]
fn words_of_a_market() {
    let (host, mut ledger) = fresh();
    let given = MarketParams {
        initialFactor: 1,
        maintenanceFactor: 2,
        profitWeight: 3,
        priceBand: 4,
        takerFee: 5,
        makerFee: 6,
        fundingCap: 7,
        liquidationFee: 8,
        minDiscount: 9,
        maxDiscount: 10,
        targetBuffer: 11,
        oiLow: 12_000_000_000_000,
        oiHigh: 13_000_000_000_000,
        depth: 14_000_000_000_000,
        liquidationCost: 15_000_000_000_000,
        maxOpenInterest: 16,
        maxPosition: 17,
        lot: 18,
        minNotional: 19,
    };
    let rules: Params = params::from_abi(&given);
    ledger.store_params(0x0102, &rules);
    ledger.set_debt(0x0102, 20, -1);
    let funding = Funding { index: -2, premium: -3, last: 21, time: 22 };
    ledger.store_market(&Market {
        id: 0x0102,
        quote: Default::default(),
        margin: rules.margin,
        fills: rules.fills,
        funding_cap: rules.funding_cap,
        funding,
        rate: 0,
        open_interest: 23,
        open_interest_before: 0,
    });
    let at = |word| slot(5, number(0x0102), &[], word);
    holds(
        &host,
        [
            (at(0), b256!("0000000000000015fffffffffffffffdfffffffffffffffffffffffffffffffe")),
            (at(1), b256!("0000000000000001000000000000001600000000000000000000000000000017")),
            (at(2), b256!("ffffffffffffffffffffffffffffffff00000000000000000000000000000014")),
            (at(3), b256!("0000000000000007000000060000000500000004000000030000000200000001")),
            (at(4), b256!("000000000000000f000000000000000e000000000000000d000000000000000c")),
            (at(5), b256!("0000000000000000000000000000001100000000000000000000000000000010")),
            (at(6), b256!("0000000b0000000a000000090000000800000000000000000000000000000013")),
            (at(7), number(18)),
        ],
    );
}

#[test]
fn words_of_an_account() {
    let (host, mut ledger) = fresh();
    let mut account = ledger.load_account(ACCOUNT);
    (account.cash, account.nonce) = (-5, 6);
    for market in 1..=17 {
        account.enter(market).unwrap();
    }
    ledger.store_account(&account);
    let at = |word| slot(6, ACCOUNT, &[], word);
    holds(
        &host,
        [
            // The nonce counts the write.
            (at(0), b256!("00000000000000110000000000000007fffffffffffffffffffffffffffffffb")),
            (at(1), b256!("0010000f000e000d000c000b000a000900080007000600050004000300020001")),
            (at(2), number(17)),
        ],
    );
    assert_eq!(ledger.load_account(ACCOUNT).markets, account.markets);
}

#[test]
fn words_of_a_position() {
    let (host, mut ledger) = fresh();
    let position = Position { size: -7, basis: 8, shrink: 1 << 95, index: -9, epoch: 10 };
    ledger.write_position(ACCOUNT, 0x0102, Some(&position));
    let at = |word| slot(7, ACCOUNT, &[1, 2], word);
    holds(
        &host,
        [
            (at(0), b256!("00000000000000000000000000000008fffffffffffffffffffffffffffffff9")),
            (at(1), b256!("0000000a800000000000000000000000fffffffffffffffffffffffffffffff7")),
        ],
    );
    assert_eq!(ledger.stored_position(ACCOUNT, 0x0102), position);
}

#[test]
fn words_of_a_rung_and_its_bit() {
    let (host, mut ledger) = fresh();
    let at = LadderSide { market: 0x0102, side: Side::Short };
    // The 257th tick from the lowest: the first bit of the second word.
    let tick = TICK_MIN + 256;
    let rung = Rung { shrink: 1 << 95, index: -1, taken: 11, size: 12, epoch: 13 };
    ledger.store_rung(at, tick, &rung, &Tally { basis: -14, members: 15 });
    // market, side 1 for short, number
    let word = |number: u128| slot(8, slots::number(0x01_0201 << 32 | 256), &[], number as u8);
    holds(
        &host,
        [
            // The index is stored with its sign bit turned.
            (word(0), b256!("0000000000000000000000000000000b7fffffffffffffffffffffffffffffff")),
            (word(1), b256!("0000000d8000000000000000000000000000000000000000000000000000000c")),
            (word(2), b256!("0000000000000000000000000000000ffffffffffffffffffffffffffffffff2")),
            (slot(10, number(0x01_0201 << 32 | 1), &[], 0), number(1)),
        ],
    );
    assert_eq!((ledger.rung(at, tick), ledger.tally(at, tick).members), (rung, 15));
}

#[test]
fn words_of_an_ended_epoch() {
    let (host, mut ledger) = fresh();
    let at = LadderSide { market: 0x0102, side: Side::Long };
    let record = ledger.epoch_record(at, TICK_MIN + 3, 4);
    ledger.write(&record, 0, 5, 6);
    let key = number((0x01_0200 << 32 | 3) << 32 | 4);
    holds(
        &host,
        [(slot(9, key, &[], 0), b256!("0000000000000000000000000000000600000000000000000000000000000005"))],
    );
    let ended = ledger.ended_epoch(at, TICK_MIN + 3, 4);
    assert_eq!((ended.index, ended.shrink), (5, 6));
}
