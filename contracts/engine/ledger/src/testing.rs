//! An engine on a native host, for the tests of its modules: a token, an oracle, two markets, a venue, and accounts
//! with positions.

#![allow(missing_docs, missing_debug_implementations, clippy::missing_panics_doc)]

use std::{string::String, vec, vec::Vec};

use alloy_primitives::{Address, B256, U256, address};
use alloy_sol_types::{SolType, SolValue, abi::TokenSeq};
use plimsoll_kit::testing::{
    calls::{Known, selector},
    doors::Doors,
    host::{Door, TestHost, World},
};
use plimsoll_risk::{fill, ids, ladder::Estate};
use stylus_sdk::prelude::*;

use crate::{Ledger, params, sol::MarketParams, storage::InsuranceShares};

pub const WAD: u128 = 1_000_000_000_000_000_000;
pub const OWNER: Address = address!("0x00000000000000000000000000000000000000aa");
pub const GUARDIAN: Address = address!("0x00000000000000000000000000000000000000ab");
/// Who calls unless a test says otherwise: the owner of the first accounts.
pub const TRADER: Address = address!("0x00000000000000000000000000000000000000ac");
pub const OTHER: Address = address!("0x00000000000000000000000000000000000000ad");
pub const ENGINE: Address = address!("0x5fbdb2315678afecb367f032d93f642f64180aa3");
pub const ORACLE: Address = address!("0x00000000000000000000000000000000000000c1");
pub const TOKEN: Address = address!("0x00000000000000000000000000000000000000c2");
pub const NOW: u64 = 1_700_000_000;
pub const BTC: u16 = 1;
pub const ETH: u16 = 2;
/// A market whose estate waits. 3 is not listed.
pub const ESTATE: u16 = 4;
/// Usable seconds of every feed.
pub const USABLE: u32 = 1_000;
/// The oracle's price of everything, quote per unit.
pub const PRICE: u128 = 10_000 * WAD;

/// An account of an owner.
pub fn account(owner: Address, subaccount: u8) -> B256 {
    let mut id = B256::ZERO;
    id[..20].copy_from_slice(owner.as_slice());
    id[31] = subaccount;
    id
}

/// Well above its margin, long one bitcoin.
pub fn healthy() -> B256 {
    account(TRADER, 1)
}

/// Below its maintenance line, long one bitcoin from a higher price.
pub fn weak() -> B256 {
    account(OTHER, 1)
}

/// Through zero, short one bitcoin from a lower price.
pub fn bankrupt() -> B256 {
    account(OTHER, 2)
}

/// A call by its signature.
pub fn call<A: SolValue>(signature: &str, arguments: &A) -> Vec<u8>
where
    for<'a> <A::SolType as SolType>::Token<'a>: TokenSeq<'a>,
{
    let mut input = selector(signature).to_vec();
    input.extend(arguments.abi_encode_params());
    input
}

/// Parameters like those of a large market.
pub fn market_params() -> MarketParams {
    MarketParams {
        initialFactor: 50_000,
        maintenanceFactor: 30_000,
        priceBand: 50_000,
        profitWeight: 1_000_000,
        takerFee: 500,
        makerFee: 200,
        fundingCap: 10_000,
        liquidationFee: 5_000,
        minDiscount: 2_000,
        maxDiscount: 20_000,
        targetBuffer: 200_000,
        oiLow: 1_000_000_000 * WAD,
        oiHigh: 2_000_000_000 * WAD,
        depth: 0,
        liquidationCost: 0,
        maxOpenInterest: 1_000_000 * WAD,
        maxPosition: 1_000 * WAD,
        lot: WAD / 1_000,
        minNotional: 100 * WAD,
        interest: 100,
        fundingNotional: 100_000 * WAD,
        maxTradeAge: 60,
        youngWindow: 900,
        insuranceShare: 50_000,
    }
}

/// Every price is fresh, and the same.
fn oracle(world: &mut World, input: &[u8]) -> Vec<u8> {
    let (underlyings,) = <(Vec<u16>,)>::abi_decode_params(&input[4..]).unwrap();
    let answers: Vec<(u16, u128, u64, u32)> =
        underlyings.iter().map(|_| (1, PRICE, world.now, USABLE)).collect();
    answers.abi_encode()
}

/// A token that everybody has let the engine spend.
fn token(world: &mut World, input: &[u8]) -> Vec<u8> {
    let is = |signature: &str| input.starts_with(&selector(signature));
    let data = &input[4..];
    let (from, to, amount) = if is("balanceOf(address)") {
        return world.notes.get(&B256::from_slice(data)).copied().unwrap_or_default().abi_encode();
    } else if is("transferFrom(address,address,uint256)") {
        <(Address, Address, U256)>::abi_decode_params(data).unwrap()
    } else {
        let (to, amount) = <(Address, U256)>::abi_decode_params(data).unwrap();
        (world.contract, to, amount)
    };
    let had = world.notes.get(&from.into_word()).copied().unwrap_or_default();
    let Some(left) = had.checked_sub(amount) else { return false.abi_encode() };
    world.notes.insert(from.into_word(), left);
    *world.notes.entry(to.into_word()).or_default() += amount;
    true.abi_encode()
}

/// The storage's root on a host.
pub fn ledger(host: &TestHost) -> Ledger {
    // SAFETY: the tests run no call while they have it.
    unsafe { Ledger::new(U256::ZERO, 0, host.vm()) }
}

/// An engine with three markets, a venue that every account approved (the trader), a fund, fees, bad debt, accounts in
/// positions, young profit in ether, and an estate that lacks 1,500.
pub fn engine() -> TestHost {
    let host = TestHost::default();
    {
        let mut world = host.0.borrow_mut();
        (world.contract, world.sender, world.now) = (ENGINE, TRADER, NOW);
        world.precompiles.insert(ORACLE, oracle);
        world.precompiles.insert(TOKEN, token);
        for holder in [ENGINE, TRADER, OTHER, OWNER] {
            world.notes.insert(holder.into_word(), U256::from(1_000_000 * WAD));
        }
    }
    let mut ledger = ledger(&host);
    ledger.ownership.begin(OWNER).unwrap();
    ledger.set_guard(GUARDIAN, 0);
    ledger.set_quote(TOKEN, 18);
    ledger.oracle.set_address(ORACLE);
    ledger.set_totals(1_000_000 * WAD, InsuranceShares { cap: 300_000, markets: 150_000 });
    ledger.set_funds(1_000 * WAD, 100 * WAD);
    let rules = params::from_abi(&market_params());
    for market in [BTC, ETH, ESTATE] {
        ledger.list_market(market, &rules, USABLE);
        ledger.store_params(market, &rules);
    }
    ledger.set_debt(BTC, 50 * WAD, 0);
    ledger.set_venue_admitted(TRADER, true);
    let (one, price) = (WAD as i128, 12_000 * WAD);
    deposit(&mut ledger, healthy(), 20_000);
    deposit(&mut ledger, weak(), 2_200);
    deposit(&mut ledger, bankrupt(), 1_000);
    deposit(&mut ledger, account(OTHER, 3), 20_000);
    trade(&mut ledger, healthy(), BTC, one, PRICE);
    trade(&mut ledger, weak(), BTC, one, price);
    trade(&mut ledger, bankrupt(), BTC, -one, 8_000 * WAD);
    trade(&mut ledger, account(OTHER, 3), BTC, -one, price);
    // 1,000 of young profit, and a short that faces the estate.
    trade(&mut ledger, healthy(), ETH, one, 9_000 * WAD);
    trade(&mut ledger, healthy(), ETH, -one, PRICE);
    trade(&mut ledger, account(OTHER, 3), ESTATE, -one, price);
    let estate = Estate { cash: 500 * one, size: one, basis: -12_000 * one, funding: 0 };
    ledger.set_estate(ESTATE, &estate);
    for account in [healthy(), weak(), bankrupt(), account(OTHER, 3)] {
        ledger.set_venue_approval(account, TRADER, true);
    }
    host.0.borrow_mut().logs.clear();
    host
}

/// Gives an account cash.
fn deposit(ledger: &mut Ledger, id: B256, cash: u128) {
    let mut account = ledger.load_account(id);
    account.credit((cash * WAD) as i128).unwrap();
    ledger.store_account(&account);
}

/// Lets an account buy, or sell when `size` is negative.
fn trade(ledger: &mut Ledger, id: B256, market: u16, size: i128, price: u128) {
    let account = ledger.load_account(id);
    let mut ids = account.markets.clone();
    ids.push(market);
    let mut markets = ledger.load_markets(&ids).unwrap();
    let mut portfolio = ledger.load_positions(account, &markets).unwrap();
    let market = markets.get_mut(market).unwrap();
    portfolio.trade(ledger, market, size, fill::flow_floor(size, price).unwrap(), price).unwrap();
    ledger.store_portfolio(&portfolio);
    ledger.store_market(market);
}

/// Both doors of a module in that engine, called by an address, with good calls of every function.
pub fn doors(
    caller: Address,
    own: Door,
    sdk: Door,
    signatures: Vec<(&'static str, String)>,
    calls: Vec<Vec<u8>>,
) -> Doors {
    let host = engine();
    host.0.borrow_mut().sender = caller;
    let known = Known {
        words: vec![healthy(), weak(), bankrupt(), account(TRADER, 2), account(OTHER, 3)],
        addresses: vec![OWNER, GUARDIAN, TRADER, OTHER, TOKEN, ORACLE],
        numbers: vec![
            ids::perp(BTC),
            ids::perp(ETH),
            ids::perp(ESTATE),
            ids::perp(3),
            PRICE,
            WAD,
            WAD / 2,
            NOW.into(),
            300_000,
        ],
    };
    Doors { host, own, sdk, signatures, calls, known, names: &[] }
}
