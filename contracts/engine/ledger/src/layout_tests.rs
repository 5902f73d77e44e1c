//! Every word of the engine's storage by its raw slot, computed here as the page says.

use alloy_primitives::{U256, address, b256};
use plimsoll_kit::testing::{
    host::TestHost,
    slots::{holds, number, record as slot},
};
use plimsoll_risk::{
    funding::Funding,
    ladder::{Entry, Estate, GroundMut, Holding, Indices, Member, ONE, Pot, Pouch, Rung},
    market::Params,
};

use super::*;
use crate::{
    Market,
    ladder::{Grounds, Lists},
    params,
    sol::MarketParams,
    storage::InsuranceShares,
    testing,
};

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
    ledger.set_totals(9, InsuranceShares { cap: 300_000, markets: 200_000 });
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
            (at(6), number(7)),
            (at(7), number(8)),
            (at(8), A.into_word()),
            (at(9), B.into_word()),
            (at(10), b256!("000000000000000000001122bb00000000000000000000000000000000000001")),
            (at(11), A.into_word()),
            (at(12), b256!("000000000000000000000006bb00000000000000000000000000000000000001")),
            (at(13), b256!("0000000000000000000000000000000800000000000000000000000000000007")),
            (at(14), b256!("000000000000000000030d40000493e000000000000000000000000000000009")),
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
            (U256::from(15), number(2)),
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
        interest: -20,
        fundingNotional: 21_000_000_000_000,
        maxTradeAge: 22,
        youngWindow: 23,
        insuranceShare: 24,
    };
    let rules: Params = params::from_abi(&given);
    ledger.store_params(0x0102, &rules);
    ledger.set_debt(0x0102, 25, -1);
    let funding = Funding { index: -2, usable: 26, rate: -3, premiums: -4, notional: 27 };
    ledger.store_market(&Market {
        id: 0x0102,
        quote: Default::default(),
        margin: rules.margin,
        fills: rules.fills,
        time: rules.time,
        funding_cap: rules.funding.cap,
        funding,
        accrued: false,
        clock: 28,
        stands: true,
        last_fill: 29,
        generation: 30,
        touched: true,
        open_interest: 31,
        open_interest_before: 0,
    });
    ledger.set_estate(0x0102, &Estate { cash: -5, size: 32, basis: -6, funding: 33 });
    ledger.store_lists(0x0102, &Lists { live: 34, first: 35, next: 36, last_pass: 37 });
    let bucket = ledger.market_record(0x0102);
    ledger.write(&bucket, market::BUCKET, 38, 39);
    let at = |word| slot(5, number(0x0102), &[], word);
    holds(
        &host,
        [
            // The clock's highest bit says that it stands.
            (at(0), b256!("0000001d8000001cfffffffd0000001afffffffffffffffffffffffffffffffe")),
            (at(1), b256!("0000001e0000001bfffffffffffffffc0000000000000000000000000000001f")),
            (at(2), b256!("ffffffffffffffffffffffffffffffff00000000000000000000000000000019")),
            (at(3), b256!("0017001600000007000000060000000500000004000000030000000200000001")),
            (at(4), b256!("000000000000000f000000000000000e000000000000000d000000000000000c")),
            (at(5), b256!("0000000000000000000000000000001100000000000000000000000000000010")),
            (at(6), b256!("0000000b0000000a000000090000000800000000000000000000000000000013")),
            (at(7), b256!("000000000000001500000018ffffffec00000000000000000000000000000012")),
            (at(8), b256!("00000000000000000000000000000020fffffffffffffffffffffffffffffffb")),
            (at(9), b256!("00000000000000000000000000000021fffffffffffffffffffffffffffffffa")),
            (at(10), b256!("0000000000000000000000000000002500000000000000240000002300000022")),
            (at(11), b256!("0000000000000000000000000000002700000000000000000000000000000026")),
        ],
    );
    assert_eq!(ledger.estate(0x0102), Estate { cash: -5, size: 32, basis: -6, funding: 33 });
    assert_eq!(ledger.lists(0x0102), Lists { live: 34, first: 35, next: 36, last_pass: 37 });
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
fn words_of_a_holding() {
    let (host, mut ledger) = fresh();
    let member = Member { size: -7, basis: 8, funding: -9, generation: 10 };
    let mut young = Pouch::default();
    // Places are windows modulo four: 5 and 7 stand at the second and the fourth.
    young.entries[1] = Entry { window: 5, generation: 11, amount: 12 };
    young.entries[3] = Entry { window: 7, generation: 13, amount: 14 };
    let holding = Holding { member, young };
    ledger.store_holding(ACCOUNT, 0x0102, &Holding::default(), &holding);
    let at = |word| slot(7, ACCOUNT, &[1, 2], word);
    let of_young = |word| slot(12, ACCOUNT, &[1, 2], word);
    let expected = [
        (at(0), b256!("00000000000000000000000000000008fffffffffffffffffffffffffffffff9")),
        // The second and the fourth place count: 0b1010.
        (at(1), b256!("00000000000000000000000a0000000afffffffffffffffffffffffffffffff7")),
        (of_young(1), b256!("00000000000000000000000b000000050000000000000000000000000000000c")),
        (of_young(3), b256!("00000000000000000000000d000000070000000000000000000000000000000e")),
    ];
    holds(&host, expected);
    assert_eq!(ledger.stored_holding(ACCOUNT, 0x0102), holding);

    // What is gone does not count any more; its word stays.
    let left = Holding {
        member,
        young: Pouch { entries: [Entry::default(), young.entries[1], Entry::default(), Entry::default()] },
    };
    ledger.store_holding(ACCOUNT, 0x0102, &holding, &left);
    let [amounts, _, second, fourth] = expected;
    let joined = (at(1), b256!("0000000000000000000000020000000afffffffffffffffffffffffffffffff7"));
    holds(&host, [amounts, joined, second, fourth]);
    assert_eq!(ledger.stored_holding(ACCOUNT, 0x0102), left);
}

/// The rung of the 258th tick from the lowest, short, of generation 3.
const AT: RungKey = RungKey { side: Side::Short, tick: TICK_MIN + 257, generation: 3 };

/// Its key in the list: retired, side, tick, generation.
const KEY: u128 = 0x0001_0101_0000_0003;

#[test]
fn words_of_a_rung() {
    let (host, mut ledger) = fresh();
    let rung = Rung { size: 12, basis: -14, members: 15, indices: Indices::default() };
    Grounds { ledger: &mut ledger, market: 0x0102 }.store_rung(AT, &rung);
    let word = |word| slot(8, number(0x0102 << 64 | KEY), &[], word);
    let lists = (slot(5, number(0x0102), &[], 10), number(1));
    let live = slot(9, number(0x0102 << 32), &[], 0);
    holds(
        &host,
        [
            (word(0), b256!("fffffffffffffffffffffffffffffff20000000000000000000000000000000c")),
            // 2^95 in both halves: nothing has happened; 15 members; the first of the list.
            (word(1), b256!("000000008000000000000000000000000000000f800000000000000000000000")),
            // The moved index is stored with its sign bit turned.
            (word(2), b256!("0000000000000000000000000000000080000000000000000000000000000000")),
            lists,
            (live, number(KEY)),
        ],
    );

    let indices = Indices { size: ONE / 2, basis: ONE - 1, moved: -16, funding: 17 };
    let retired = Rung { size: 6, basis: -7, members: 15, indices };
    ledger.store_retired(0x0102, AT, &retired);
    holds(
        &host,
        [
            (word(0), b256!("fffffffffffffffffffffffffffffff900000000000000000000000000000006")),
            (word(1), b256!("000000007fffffffffffffffffffffff0000000f400000000000000000000000")),
            (word(2), b256!("000000000000000000000000000000117ffffffffffffffffffffffffffffff0")),
            lists,
            // The key's highest byte says that it is retired.
            (live, number(1 << 56 | KEY)),
        ],
    );
    assert_eq!(ledger.live(0x0102), [(AT, true)]);
    assert_eq!(
        plimsoll_risk::ladder::Ground::rung(&Grounds { ledger: &ledger, market: 0x0102 }, AT),
        retired
    );
}

#[test]
fn words_of_the_list_of_rungs() {
    let (host, mut ledger) = fresh();
    let rung = Rung { size: 1, basis: -1, members: 1, indices: Indices::default() };
    let key = |generation| RungKey { side: Side::Long, tick: TICK_MIN + 2, generation };
    let mut ground = Grounds { ledger: &mut ledger, market: 0x0102 };
    for generation in 1..=5 {
        ground.store_rung(key(generation), &rung);
    }
    let live = |word: u128| slot(9, number(0x0102 << 32 | word), &[], 0);
    let read = |at: U256| host.0.borrow().storage.get(&at).copied().unwrap_or_default();
    assert_eq!(read(live(0)), b256!("0000000200000004000000020000000300000002000000020000000200000001"));
    assert_eq!(read(live(1)), number(2 << 32 | 5));

    // The last one takes the place of the one that leaves, and knows it: place 1 above its basis index.
    ground.store_rung(key(2), &Rung::default());
    assert_eq!(read(live(0)), b256!("0000000200000004000000020000000300000002000000050000000200000001"));
    assert_eq!(read(slot(5, number(0x0102), &[], 10)), number(4));
    assert_eq!(
        read(slot(8, number(0x0102 << 64 | 2 << 32 | 5), &[], 1)),
        b256!("0000000180000000000000000000000000000001800000000000000000000000")
    );
    assert_eq!(ledger.live(0x0102), [1, 5, 3, 4].map(|generation| (key(generation), false)));
}

#[test]
fn words_of_pots_and_their_queue() {
    let (host, mut ledger) = fresh();
    let mut ground = Grounds { ledger: &mut ledger, market: 0x0102 };
    ground.store_pot(5, 6, &Pot { sum: 7, kept: ONE });
    ground.store_pot(6, 7, &Pot { sum: 8, kept: ONE / 4 });
    let pot = |window: u128, generation| slot(10, number(0x0102 << 64 | window << 32 | generation), &[], 0);
    let queue = slot(11, number(0x0102 << 32), &[], 0);
    let lists = slot(5, number(0x0102), &[], 10);
    let pots = [
        // 2^95, and the bit above it that says that it is queued.
        (pot(5, 6), b256!("0000000180000000000000000000000000000000000000000000000000000007")),
        (pot(6, 7), b256!("0000000120000000000000000000000000000000000000000000000000000008")),
    ];
    let [first, second] = pots;
    holds(
        &host,
        [
            first,
            second,
            (queue, b256!("0000000000000000000000000000000000000006000000070000000500000006")),
            (lists, b256!("0000000000000000000000000000000000000000000000020000000000000000")),
        ],
    );
    assert_eq!(ledger.queued(0x0102), [(5, 6), (6, 7)]);

    // A pot of window 8 lets what was realised three windows before go.
    Grounds { ledger: &mut ledger, market: 0x0102 }.store_pot(8, 7, &Pot { sum: 9, kept: ONE });
    assert_eq!(ledger.queued(0x0102), [(6, 7), (8, 7)]);
    let third = (pot(8, 7), b256!("0000000180000000000000000000000000000000000000000000000000000009"));
    holds(
        &host,
        [
            first,
            second,
            third,
            (queue, b256!("0000000000000000000000080000000700000006000000070000000500000006")),
            (lists, b256!("0000000000000000000000000000000000000000000000030000000100000000")),
        ],
    );
}
