//! Each door of the book: what it does in a plain case with known numbers, and what it refuses.

use plimsoll_model::{
    AccountId, Ages, Book, Config, Error, Fill, Use,
    generate::{ordinary_market, thin_market},
};
use plimsoll_risk::{WAD, ids, ladder::Side};

const U: i128 = WAD as i128;
/// One quote in units of a token with 6 decimals.
const QUOTE: u128 = 1_000_000;
const BTC: u16 = 1;
const ETH: u16 = 2;
const AGES: Ages = Ages { max_age: 60, max_age_late: 3_600 };

fn who(number: u64) -> AccountId {
    AccountId::from_number(number)
}

/// Two markets without fees, BTC at 10,000 and ETH at 500; five accounts with 1,000 quote each.
fn book() -> Book {
    let mut params = ordinary_market();
    (params.fills.taker_fee, params.fills.maker_fee) = (0, 0);
    let mut book = Book::new(Config::default(), 1_500_000_000);
    book.list_market(BTC, params, AGES).unwrap();
    book.list_market(ETH, params, AGES).unwrap();
    book.set_price(BTC, 10_000 * WAD).unwrap();
    book.set_price(ETH, 500 * WAD).unwrap();
    for number in 1..=5 {
        assert_eq!(book.deposit(who(number), 1_000 * QUOTE), Ok(1_000 * WAD));
    }
    book
}

fn fill(taker: u64, maker: u64, market: u16, size: i128, price: u128) -> Fill {
    Fill { taker: who(taker), maker: who(maker), market, size, price }
}

/// The next report, a second later.
fn report(book: &mut Book, market: u16, price: u128) {
    book.set_time(book.now + 1);
    book.set_price(market, price * WAD).unwrap();
}

/// A refusal leaves everything as it was.
fn refused<T: std::fmt::Debug>(
    book: &mut Book,
    error: &str,
    operation: impl FnOnce(&mut Book) -> Result<T, Error>,
) {
    let before = book.clone();
    assert_eq!(operation(book).unwrap_err().name(), error);
    assert_eq!(*book, before);
}

#[test]
fn settle_moves_a_position_and_its_fees() {
    let mut book = book();
    book.markets.get_mut(&BTC).unwrap().params.fills.taker_fee = 500;
    book.markets.get_mut(&BTC).unwrap().params.fills.maker_fee = 200;
    book.settle(&[fill(1, 2, BTC, U / 2, 10_100 * WAD)]).unwrap();
    // 5 basis points of 5,050, and 2
    assert_eq!(book.account_of(who(1)).unwrap().cash, 1_000 * U - 2_525_000_000_000_000_000);
    assert_eq!(book.account_of(who(2)).unwrap().cash, 1_000 * U - 1_010_000_000_000_000_000);
    assert_eq!(book.fees, 3_535_000_000_000_000_000);
    assert_eq!(book.position_of(who(1), BTC).unwrap().basis, -5_050 * U);
    assert_eq!(book.position_of(who(2), BTC).unwrap().basis, 5_050 * U);
    assert_eq!(book.open_interest(BTC), Ok(WAD / 2));
    // the fill's premium of 1 %, in 1e-12
    assert_eq!(book.market(BTC).unwrap().funding.last, 10_000_000_000);
    // equity falls by the loss at the mark: 50 and the fee
    assert_eq!(book.margin_of(who(1), Use::Trading).unwrap().equity, 947_475_000_000_000_000_000);
    book.check().unwrap();
    assert_eq!(book.identity().unwrap().difference, 0);
}

#[test]
fn settle_refuses() {
    let mut book = book();
    let ok = fill(1, 2, BTC, U / 10, 10_000 * WAD);
    refused(&mut book, "NoFills", |b| b.settle(&[]));
    refused(&mut book, "ZeroSize", |b| b.settle(&[ok, Fill { size: 0, ..ok }]));
    refused(&mut book, "SelfTrade", |b| b.settle(&[ok, Fill { maker: who(1), ..ok }]));
    refused(&mut book, "UnknownMarket", |b| b.settle(&[ok, Fill { market: 9, ..ok }]));
    refused(&mut book, "PriceOutOfBand", |b| b.settle(&[Fill { price: 10_501 * WAD, ..ok }]));
    refused(&mut book, "PriceOutOfBand", |b| b.settle(&[Fill { price: 9_499 * WAD, ..ok }]));
    refused(&mut book, "PriceOutOfBand", |b| b.settle(&[Fill { price: 0, ..ok }]));
    refused(&mut book, "InsufficientMargin", |b| b.settle(&[Fill { size: 3 * U, ..ok }]));
    refused(&mut book, "Insolvent", |b| b.settle(&[Fill { size: 3 * U, price: 10_500 * WAD, ..ok }]));
    refused(&mut book, "Overflow", |b| b.settle(&[Fill { size: i128::MIN, ..ok }]));
    refused(&mut book, "Overflow", |b| b.settle(&[Fill { size: i128::MAX, ..ok }]));
    refused(&mut book, "PositionTooLarge", |b| {
        b.markets.get_mut(&BTC).unwrap().params.caps.position = WAD / 20;
        let result = b.settle(&[ok]);
        b.markets.get_mut(&BTC).unwrap().params.caps.position = 100_000 * WAD;
        result
    });
    refused(&mut book, "OpenInterestTooLarge", |b| {
        b.markets.get_mut(&BTC).unwrap().params.caps.open_interest = WAD / 20;
        let result = b.settle(&[ok]);
        b.markets.get_mut(&BTC).unwrap().params.caps.open_interest = 1_000_000 * WAD;
        result
    });
    // a size of one unit at a price below one has no entry price
    book.list_market(3, thin_market(), AGES).unwrap();
    book.set_price(3, WAD / 4).unwrap();
    refused(&mut book, "EntryOutOfRange", |b| b.settle(&[fill(1, 2, 3, 1, WAD / 4)]));
    book.set_time(book.now + 61);
    refused(&mut book, "PriceUnusable", |b| b.settle(&[ok]));
    assert_eq!(
        book.settle(&[ok]),
        Err(Error::PriceUnusable { instrument: ids::perp(BTC), status: 2 }),
        "late"
    );
}

#[test]
fn settle_counts_positions() {
    let mut book = Book::new(Config { max_positions: 2, ..Config::default() }, 1);
    for market in 1..=3 {
        book.list_market(market, ordinary_market(), AGES).unwrap();
        book.set_price(market, 100 * WAD).unwrap();
    }
    book.deposit(who(1), 1_000 * QUOTE).unwrap();
    book.deposit(who(2), 1_000 * QUOTE).unwrap();
    for market in 1..=2 {
        book.settle(&[fill(1, 2, market, U, 100 * WAD)]).unwrap();
    }
    refused(&mut book, "TooManyPositions", |b| b.settle(&[fill(1, 2, 3, U, 100 * WAD)]));
    book.settle(&[fill(1, 2, 1, -U, 100 * WAD)]).unwrap();
    assert_eq!(book.account(who(1)).markets, [2]);
    book.settle(&[fill(1, 2, 3, U, 100 * WAD)]).unwrap();
    assert_eq!(book.account(who(1)).markets, [2, 3]);
}

#[test]
fn pause_lets_risk_go_down_only() {
    let mut book = book();
    book.settle(&[fill(1, 2, BTC, U / 2, 10_000 * WAD)]).unwrap();
    book.pause(book.now + 100);
    refused(&mut book, "EnginePaused", |b| b.settle(&[fill(1, 2, BTC, U / 10, 10_000 * WAD)]));
    refused(&mut book, "EnginePaused", |b| b.withdraw(who(3), 1));
    book.settle(&[fill(1, 2, BTC, -U / 4, 10_000 * WAD)]).unwrap();
    book.deposit(who(1), 1).unwrap();
    book.set_time(book.now + 100);
    report(&mut book, BTC, 10_000);
    book.settle(&[fill(1, 2, BTC, U / 10, 10_000 * WAD)]).unwrap();
}

#[test]
fn withdraw_pays_what_is_free() {
    let mut book = book();
    // 0.5 BTC need 5 % of 5,000
    book.settle(&[fill(1, 2, BTC, U / 2, 10_000 * WAD)]).unwrap();
    assert_eq!(book.free_collateral(who(1)), Ok(750 * WAD));
    refused(&mut book, "InsufficientCollateral", |b| b.withdraw(who(1), 750 * QUOTE + 1));
    refused(&mut book, "ZeroAmount", |b| b.withdraw(who(1), 0));
    refused(&mut book, "Overflow", |b| b.withdraw(who(1), u128::MAX));
    book.withdraw(who(1), 750 * QUOTE).unwrap();
    assert_eq!(book.tokens, 4_250 * WAD);
    // without a position no price is needed
    book.set_time(book.now + 10_000);
    refused(&mut book, "PriceUnusable", |b| b.withdraw(who(1), 1));
    book.withdraw(who(3), 1_000 * QUOTE).unwrap();
    refused(&mut book, "InsufficientCollateral", |b| b.withdraw(who(3), 1));
    book.check().unwrap();
}

#[test]
fn liquidate_takes_over_a_part() {
    let mut book = book();
    book.settle(&[fill(1, 2, BTC, 3 * U / 2, 10_000 * WAD)]).unwrap();
    refused(&mut book, "NotLiquidatable", |b| b.liquidate(who(1), who(3), BTC, WAD, 0));
    report(&mut book, BTC, 9_600);
    // equity 400 of a maintenance of 432
    let was = book.margin_of(who(1), Use::Liquidation).unwrap();
    assert_eq!((was.equity, was.maintenance), (400 * U, 432 * WAD));
    refused(&mut book, "SelfLiquidation", |b| b.liquidate(who(1), who(1), BTC, WAD, 0));
    refused(&mut book, "ZeroSize", |b| b.liquidate(who(1), who(3), BTC, 0, 0));
    refused(&mut book, "UnknownMarket", |b| b.liquidate(who(1), who(3), 9, WAD, 0));
    refused(&mut book, "NoPosition", |b| b.liquidate(who(1), who(3), ETH, WAD, 0));
    refused(&mut book, "LimitPrice", |b| b.liquidate(who(1), who(3), BTC, WAD, 9_500 * WAD));
    refused(&mut book, "InsufficientMargin", |b| b.liquidate(who(1), who(9), BTC, WAD, 0));
    let (quote, side) = book.quote_liquidation(who(1), BTC).unwrap();
    assert_eq!(side, Side::Long);
    let done = book.liquidate(who(1), who(3), BTC, u128::MAX, 0).unwrap();
    assert_eq!((done.size, done.price), (quote.size, quote.price));
    assert!(done.size > 0 && done.size < 3 * WAD / 2 && done.price < 9_600 * WAD);
    assert_eq!(book.insurance, done.fee);
    let is = book.margin_of(who(1), Use::Liquidation).unwrap();
    // 1.2 times maintenance, to within a lot
    let target = (is.maintenance * 12 / 10) as i128;
    assert!(is.equity >= target && is.equity <= target + 10 * U, "{is:?}");
    book.set_time(book.now + 3_601);
    refused(&mut book, "PriceUnusable", |b| b.liquidate(who(1), who(3), BTC, WAD, 0));
    book.check().unwrap();
}

/// 1 is long 1.5 from 10,000 with 1,000 and the price falls to 9,000: a deficit of 500.
fn ruined() -> Book {
    let mut book = book();
    book.settle(&[fill(1, 2, BTC, 3 * U / 2, 10_000 * WAD)]).unwrap();
    refused(&mut book, "Solvent", |b| b.deleverage(who(1)));
    report(&mut book, BTC, 9_000);
    book
}

#[test]
fn deleverage_follows_the_waterfall() {
    let mut book = ruined();
    book.fund_insurance(100 * QUOTE).unwrap();
    refused(&mut book, "Insolvent", |b| b.liquidate(who(1), who(3), BTC, WAD, 0));
    let plan = book.plan(who(1)).unwrap();
    assert_eq!((plan.deficit, plan.insurance, plan.parts[0].budget), (500 * WAD, 30 * WAD, 470 * WAD));
    let done = book.deleverage(who(1)).unwrap();
    assert_eq!(
        (done.deficit, done.insurance, done.taken, done.socialised),
        (500 * WAD, 30 * WAD, 470 * WAD, 0)
    );
    // the facing short earned 1,500 and pays 470 of it; both are closed
    assert_eq!(book.account_of(who(1)).unwrap().cash, 0);
    let winner = book.account_of(who(2)).unwrap().cash;
    assert!((2_030 * U - 5..=2_030 * U).contains(&winner), "{winner}");
    assert_eq!((book.open_interest(BTC), book.insurance), (Ok(0), 70 * WAD));
    // it is closed out before anybody touches it; touching removes it from the list
    assert_eq!(book.account(who(2)).markets, [BTC]);
    book.touch(who(2)).unwrap();
    assert!(book.account(who(2)).markets.is_empty());
    book.check().unwrap();
}

#[test]
fn deleverage_records_what_profits_cannot_pay() {
    let mut book = ruined();
    // another long from 9,000 faces a short that has no profit yet; the winner sells out to it
    book.settle(&[fill(2, 3, BTC, 3 * U / 2, 9_000 * WAD)]).unwrap();
    let done = book.deleverage(who(1)).unwrap();
    assert_eq!((done.taken, done.socialised, done.unassigned), (0, 500 * WAD, 0));
    assert_eq!(book.market(BTC).unwrap().bad_debt, 500 * WAD);
    book.check().unwrap();
    refused(&mut book, "NoBadDebt", |b| b.cover_bad_debt(Some(BTC), WAD)); // no fund
    refused(&mut book, "ZeroAmount", |b| b.cover_bad_debt(Some(BTC), 0));
    refused(&mut book, "UnknownMarket", |b| b.cover_bad_debt(Some(9), WAD));
    book.fund_insurance(200 * QUOTE).unwrap();
    refused(&mut book, "NoBadDebt", |b| b.cover_bad_debt(Some(ETH), WAD));
    assert_eq!(book.cover_bad_debt(Some(BTC), 50 * WAD), Ok(50 * WAD));
    assert_eq!(book.cover_bad_debt(Some(BTC), u128::MAX), Ok(150 * WAD));
    assert_eq!((book.insurance, book.bad_debt()), (0, 300 * WAD));
    book.check().unwrap();
}

#[test]
fn deleverage_of_an_account_that_was_closed_out_assigns_its_debt_to_no_market() {
    // A position that was closed out stays in the list until its account is touched, but has no loss and no notional.
    let mut book = book();
    book.settle(&[fill(4, 5, ETH, 30 * U, 500 * WAD)]).unwrap();
    // 5 is short 30 ETH; the price rises to 560 and 5 loses 1,800 of its 1,000
    report(&mut book, ETH, 560);
    book.deleverage(who(5)).unwrap();
    // 4 is closed out with 1,800 of profit less 800; it takes its money out and owes nothing
    assert_eq!(book.position_of(who(4), ETH).unwrap().size, 0);
    let free = book.free_collateral(who(4)).unwrap();
    book.withdraw(who(4), free / 1_000_000_000_000).unwrap();
    // Debt of its own it can have only by other means: stand in for them.
    let account = book.accounts.get_mut(&who(4)).unwrap();
    account.cash -= 10 * U;
    book.accounts.get_mut(&who(3)).unwrap().cash += 10 * U;
    let done = book.deleverage(who(4)).unwrap();
    assert!(done.deficit <= 10 * WAD && done.deficit > 9 * WAD);
    assert_eq!((done.taken, done.socialised, done.unassigned), (0, done.deficit, done.deficit));
    assert_eq!(book.unassigned_bad_debt, done.deficit);
    book.check().unwrap();
    book.fund_insurance(100 * QUOTE).unwrap();
    assert_eq!(book.cover_bad_debt(None, u128::MAX), Ok(done.deficit));
    book.check().unwrap();
}

#[test]
fn poke_and_fees_refuse() {
    let mut book = book();
    refused(&mut book, "DuplicateInstrument", |b| b.poke(&[BTC, BTC]));
    refused(&mut book, "UnknownMarket", |b| b.poke(&[BTC, 9]));
    refused(&mut book, "ZeroAmount", |b| b.withdraw_fees(0));
    refused(&mut book, "FeesTooSmall", |b| b.withdraw_fees(1));
    refused(&mut book, "ZeroAmount", |b| b.fund_insurance(0));
    refused(&mut book, "ZeroAmount", |b| b.deposit(who(1), 0));
    refused(&mut book, "Overflow", |b| b.deposit(who(1), u128::MAX));
    refused(&mut book, "MarketExists", |b| b.list_market(BTC, ordinary_market(), AGES));
    refused(&mut book, "ParameterOutOfBounds", |b| {
        let mut params = ordinary_market();
        params.liquidation.lot = 0;
        b.list_market(7, params, AGES)
    });
    book.set_time(book.now + 3_601);
    refused(&mut book, "PriceUnusable", |b| b.poke(&[BTC]));
}

#[test]
fn funding_is_paid_by_who_is_long() {
    let mut book = book();
    // 5 % above the index: the cap of 1 % per 8 hours holds from the first minutes on, once the average is above it
    book.settle(&[fill(1, 2, BTC, U / 2, 10_500 * WAD)]).unwrap();
    let before = book.account_of(who(2)).unwrap().cash;
    for _ in 0..480 {
        book.set_time(book.now + 60);
        book.set_price(BTC, 10_000 * WAD).unwrap();
        book.poke(&[BTC]).unwrap();
    }
    let paid = before - book.account_of(who(2)).unwrap().cash;
    // The average follows 5 % as 1 - exp(-t/8h) and meets the cap of 1 % after 8h * ln(1.25) = 1.785 hours; on 5,000 quote
    // that is 5.79 until then and 38.84 after.
    assert!((4_443..=4_483).contains(&(-paid / (U / 100))), "{paid}");
    let long = book.account_of(who(1)).unwrap().cash - 1_000 * U;
    assert!((long - paid).abs() <= 4, "{long} {paid}");
    book.check().unwrap();
}
