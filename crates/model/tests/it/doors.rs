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

/// The same without funding.
fn still() -> Book {
    let mut book = book();
    for market in book.markets.values_mut() {
        (market.params.funding.interest, market.params.funding.cap, market.funding.rate) = (0, 0, 0);
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

/// The same price for both markets again and again, so that so many seconds are usable.
fn pass_time(book: &mut Book, seconds: u64) {
    let prices: Vec<_> = book.markets.iter().map(|(&id, m)| (id, m.price.price)).collect();
    for _ in 0..seconds.div_ceil(60) {
        book.set_time(book.now + 60);
        for &(market, price) in &prices {
            book.set_price(market, price).unwrap();
        }
    }
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

fn equity(book: &Book, number: u64) -> i128 {
    book.margin_of(who(number), Use::Liquidation).unwrap().equity
}

#[test]
fn deposit_credits_an_owned_account() {
    let mut book = book();
    assert_eq!(book.tokens, 5_000 * WAD);
    refused(&mut book, "ZeroAmount", |b| b.deposit(who(1), 0));
    refused(&mut book, "ZeroAddress", |b| b.deposit(AccountId::default(), 1));
    refused(&mut book, "Overflow", |b| b.deposit(who(1), u128::MAX));
    assert_eq!(book.deposit(who(1), 1), Ok(WAD / QUOTE));
    assert_eq!(book.account(who(1)).cash, 1_000 * U + U / QUOTE as i128);
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
    assert_eq!(book.held(who(1), BTC).unwrap().basis, -5_050 * U);
    assert_eq!(book.held(who(2), BTC).unwrap().basis, 5_050 * U);
    assert_eq!(book.open_interest(BTC), Ok(WAD / 2));
    // the fill's premium of 1 % in 1e-9, weighted by a notional of 505 steps of ten
    let funding = book.market(BTC).unwrap().funding;
    assert_eq!((funding.premiums, funding.notional), (505 * 10_000_000, 505));
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
    // less than ten quote
    refused(&mut book, "PositionTooSmall", |b| b.settle(&[Fill { size: U / 1_001, ..ok }]));
    book.list_market(3, thin_market(), AGES).unwrap();
    book.set_price(3, WAD / 4).unwrap();
    // one unit in the last place at 0.25 has no entry price
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
fn settle_admits_growth_at_a_recent_price_only() {
    let mut book = book();
    book.markets.get_mut(&BTC).unwrap().params.time.max_trade_age = 5;
    let ok = fill(1, 2, BTC, U / 2, 10_000 * WAD);
    book.set_time(book.now + 5);
    book.settle(&[ok]).unwrap();
    book.set_time(book.now + 1);
    refused(&mut book, "PriceTooOld", |b| b.settle(&[Fill { size: U / 10, ..ok }]));
    refused(&mut book, "PriceTooOld", |b| b.settle(&[Fill { size: -U, ..ok }]));
    // both reduce
    book.settle(&[Fill { size: -U / 4, ..ok }]).unwrap();
    // one reduces, the other would grow
    refused(&mut book, "PriceTooOld", |b| b.settle(&[fill(1, 3, BTC, -U / 4, 10_000 * WAD)]));
}

#[test]
fn settle_admits_no_state_between_fills_that_margin_would_not_carry() {
    let mut book = book();
    let there = fill(1, 2, BTC, 3 * U, 10_000 * WAD);
    refused(&mut book, "InsufficientMargin", |b| b.settle(&[there, Fill { size: -3 * U, ..there }]));
    let there = Fill { size: U, ..there };
    book.settle(&[there, Fill { size: -U, ..there }]).unwrap();
    assert!(book.account(who(1)).markets.is_empty());
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
fn settle_makes_gains_young_and_losses_eat_them_first() {
    let mut book = still();
    book.settle(&[fill(1, 2, BTC, U, 10_000 * WAD)]).unwrap();
    report(&mut book, BTC, 10_200);
    book.settle(&[fill(1, 3, BTC, -U, 10_200 * WAD)]).unwrap();
    // 200 are young: equity, and not to be had
    assert_eq!(book.held(who(1), BTC).unwrap().young, 200 * WAD);
    assert_eq!((equity(&book, 1), book.free_collateral(who(1))), (1_200 * U, Ok(1_000 * WAD)));
    // a loss of 150 eats young profit, and one of 100 the rest and 50 of cash
    book.settle(&[fill(1, 4, BTC, U, 10_350 * WAD), fill(1, 4, BTC, -U, 10_200 * WAD)]).unwrap();
    assert_eq!((book.held(who(1), BTC).unwrap().young, book.account(who(1)).cash), (50 * WAD, 1_000 * U));
    book.settle(&[fill(1, 4, BTC, U, 10_300 * WAD), fill(1, 4, BTC, -U, 10_200 * WAD)]).unwrap();
    assert_eq!((book.held(who(1), BTC).unwrap().young, book.account(who(1)).cash), (0, 950 * U));
    // what the other gained by it is young too, and ripe after three windows of usable seconds at the latest
    assert_eq!(
        (book.held(who(4), BTC).unwrap().young, book.free_collateral(who(4))),
        (250 * WAD, Ok(1_000 * WAD))
    );
    pass_time(&mut book, 1_800);
    assert_eq!(book.free_collateral(who(4)), Ok(1_000 * WAD));
    pass_time(&mut book, 900);
    assert_eq!(book.free_collateral(who(4)), Ok(1_250 * WAD));
    // seconds without a price do not count
    let mut asleep = still();
    asleep.settle(&[fill(1, 2, BTC, U, 10_000 * WAD), fill(1, 2, BTC, -U, 10_100 * WAD)]).unwrap();
    asleep.set_time(asleep.now + 100_000);
    report(&mut asleep, BTC, 10_000);
    assert_eq!(asleep.free_collateral(who(1)), Ok(1_000 * WAD));
    book.check().unwrap();
}

#[test]
fn pause_lets_risk_go_down_only() {
    let mut book = book();
    book.settle(&[fill(1, 2, BTC, U / 2, 10_000 * WAD)]).unwrap();
    book.pause(book.now + 100);
    refused(&mut book, "EnginePaused", |b| b.settle(&[fill(1, 2, BTC, U / 10, 10_000 * WAD)]));
    refused(&mut book, "EnginePaused", |b| b.withdraw(who(1), 1));
    // an idle account leaves in every state
    book.withdraw(who(3), 1).unwrap();
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
    // a profit that is not realised is no more to be had than one that is young
    report(&mut book, BTC, 10_400);
    refused(&mut book, "InsufficientCollateral", |b| b.withdraw(who(1), 1));
    // without a usable price a position stands with a stress move; without a position none is needed
    book.deposit(who(1), 750 * QUOTE).unwrap();
    book.set_time(book.now + 10_000);
    // 1,000 less 5 % of 5,200 twice, and the interest of one minute: 0.01 % per 8 h of 5,200
    let free = book.free_collateral(who(1)).unwrap();
    assert!((479 * WAD..480 * WAD).contains(&free), "{free}");
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
    // equity 400 of a maintenance of 432, less a second's funding
    let was = book.margin_of(who(1), Use::Liquidation).unwrap();
    assert_eq!((was.equity / U, was.maintenance), (399, 432 * WAD));
    refused(&mut book, "SelfLiquidation", |b| b.liquidate(who(1), who(1), BTC, WAD, 0));
    refused(&mut book, "ZeroSize", |b| b.liquidate(who(1), who(3), BTC, 0, 0));
    refused(&mut book, "UnknownMarket", |b| b.liquidate(who(1), who(3), 9, WAD, 0));
    refused(&mut book, "NoPosition", |b| b.liquidate(who(1), who(3), ETH, WAD, 0));
    refused(&mut book, "LimitPrice", |b| b.liquidate(who(1), who(3), BTC, WAD, 9_500 * WAD));
    refused(&mut book, "InsufficientMargin", |b| b.liquidate(who(1), who(9), BTC, WAD, 0));
    refused(&mut book, "PositionTooLarge", |b| {
        b.markets.get_mut(&BTC).unwrap().params.caps.position = WAD / 20;
        let result = b.liquidate(who(1), who(3), BTC, WAD, 0);
        b.markets.get_mut(&BTC).unwrap().params.caps.position = 100_000 * WAD;
        result
    });
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

/// 1 is long 1.5 from 10,000 with 1,000 and the price falls to 9,000: a deficit of 500. No funding.
fn ruined() -> Book {
    let mut book = still();
    book.settle(&[fill(1, 2, BTC, 3 * U / 2, 10_000 * WAD)]).unwrap();
    refused(&mut book, "Solvent", |b| b.bury(who(1)));
    refused(&mut book, "NoEstate", |b| b.deleverage(BTC));
    report(&mut book, BTC, 9_000);
    book
}

#[test]
fn bury_and_deleverage_follow_the_waterfall() {
    let mut book = ruined();
    // a market may draw a tenth of it
    book.fund_insurance(100 * QUOTE).unwrap();
    refused(&mut book, "Insolvent", |b| b.liquidate(who(1), who(3), BTC, WAD, 0));
    let done = book.bury(who(1)).unwrap();
    assert_eq!((done.deficit, done.insurance, done.socialised), (500 * WAD, 0, 0));
    assert_eq!((done.markets.len(), done.markets[0].part, done.markets[0].cash), (1, 500 * WAD, 1_000 * U));
    // the owner is out, flat at zero
    assert_eq!((book.account(who(1)).cash, book.account(who(1)).markets.len()), (0, 0));
    refused(&mut book, "Solvent", |b| b.bury(who(1)));
    let estate = book.market(BTC).unwrap().estate;
    assert_eq!((estate.cash, estate.size, estate.basis), (1_000 * U, 3 * U / 2, -15_000 * U));
    book.check().unwrap();

    let pass = book.deleverage(BTC).unwrap().passed;
    assert_eq!(
        (pass.deficit, pass.insurance, pass.taken, pass.socialised),
        (500 * WAD, 10 * WAD, 490 * WAD, 0)
    );
    assert_eq!((pass.capacity, pass.surplus, pass.payers, pass.closed), (1_500 * WAD, 0, 1, 1));
    // the facing short earned 1,500 and pays 490 of it; its position is closed, what it gained lies in its basis
    let held = book.held(who(2), BTC).unwrap();
    assert!(held.size == 0 && (1_010 * U - 5..=1_010 * U).contains(&held.basis), "{held:?}");
    assert_eq!((equity(&book, 2), book.free_collateral(who(2))), (1_000 * U + held.basis, Ok(1_000 * WAD)));
    assert_eq!((book.open_interest(BTC), book.insurance), (Ok(0), 90 * WAD));
    // a touch realises it: young
    book.touch(who(2)).unwrap();
    assert_eq!(book.held(who(2), BTC).unwrap().young, held.basis.unsigned_abs());
    refused(&mut book, "NoEstate", |b| b.deleverage(BTC));
    book.check().unwrap();
}

#[test]
fn deleverage_needs_a_newer_price_and_a_minute_or_a_sizeable_estate() {
    let mut book = ruined();
    book.settle(&[fill(3, 4, BTC, U / 100, 9_000 * WAD)]).unwrap();
    book.bury(who(1)).unwrap();
    refused(&mut book, "PriceNotNewer", |b| b.deleverage(BTC));
    refused(&mut book, "UnknownMarket", |b| b.deleverage(9));
    report(&mut book, BTC, 9_000);
    book.deleverage(BTC).unwrap();
    // an estate with a surplus is not sizeable: it waits for the minute
    book.settle(&[fill(3, 4, BTC, U / 2, 9_000 * WAD)]).unwrap();
    report(&mut book, BTC, 8_000);
    book.accounts.get_mut(&who(3)).unwrap().cash -= 600 * U;
    book.accounts.get_mut(&who(4)).unwrap().cash += 600 * U;
    book.bury(who(3)).unwrap();
    report(&mut book, BTC, 9_500);
    refused(&mut book, "PassTooSoon", |b| b.deleverage(BTC));
    book.set_time(book.now + 58);
    book.set_price(BTC, 9_500 * WAD).unwrap();
    let pass = book.deleverage(BTC).unwrap().passed;
    assert!(pass.surplus > 0 && pass.deficit == 0, "{pass:?}");
    assert_eq!(book.insurance, pass.surplus);
    book.set_time(book.now + 61);
    refused(&mut book, "PriceUnusable", |b| b.deleverage(BTC));
    book.check().unwrap();
}

#[test]
fn bury_waits_for_the_pass_where_the_account_is_in_profit() {
    let mut book = ruined();
    // 2 wins on BTC and has lost more on ETH
    book.settle(&[fill(2, 5, ETH, 30 * U, 500 * WAD)]).unwrap();
    book.bury(who(1)).unwrap();
    report(&mut book, ETH, 400);
    assert!(equity(&book, 2) < 0);
    refused(&mut book, "EstateWaits", |b| b.bury(who(2)));
    report(&mut book, BTC, 9_000);
    book.deleverage(BTC).unwrap();
    book.bury(who(2)).unwrap();
    book.check().unwrap();
}

#[test]
fn bury_needs_one_fresh_price_of_a_losing_market() {
    let mut book = ruined();
    book.set_time(book.now + 61);
    refused(&mut book, "PriceUnusable", |b| b.bury(who(1)));
    report(&mut book, ETH, 500);
    refused(&mut book, "PriceUnusable", |b| b.bury(who(1)));
    report(&mut book, BTC, 9_000);
    book.bury(who(1)).unwrap();
}

#[test]
fn bury_splits_by_open_loss() {
    let mut book = still();
    // 1 is long 1 BTC and 10 ETH with 1,000; it loses 800 and 600: a deficit of 400, of which 4/7 and 3/7
    book.settle(&[fill(1, 2, BTC, U, 10_000 * WAD), fill(1, 3, ETH, 10 * U, 500 * WAD)]).unwrap();
    report(&mut book, BTC, 9_200);
    book.set_price(ETH, 440 * WAD).unwrap();
    let done = book.bury(who(1)).unwrap();
    let parts: Vec<u128> = done.markets.iter().map(|m| m.part).collect();
    assert_eq!(done.deficit, 400 * WAD);
    assert_eq!(parts, [228_571_428_571_428_571_429, 171_428_571_428_571_428_571]);
    book.check().unwrap();
}

#[test]
fn deleverage_records_what_profits_cannot_pay() {
    let mut book = ruined();
    // the winner sells out to another, nobody comes while its profit ripens, and it leaves
    book.settle(&[fill(2, 3, BTC, 3 * U / 2, 9_000 * WAD)]).unwrap();
    pass_time(&mut book, 2_700);
    assert_eq!(book.free_collateral(who(2)), Ok(2_500 * WAD));
    book.withdraw(who(2), 2_500 * QUOTE).unwrap();
    book.bury(who(1)).unwrap();
    let pass = book.deleverage(BTC).unwrap().passed;
    assert_eq!((pass.taken, pass.socialised, pass.capacity), (0, 500 * WAD, 0));
    assert_eq!(book.market(BTC).unwrap().bad_debt, 500 * WAD);
    // being closed costs nobody anything
    assert_eq!((book.open_interest(BTC), equity(&book, 3)), (Ok(0), 1_000 * U));
    book.check().unwrap();
    refused(&mut book, "NoBadDebt", |b| b.cover_bad_debt(Some(BTC), WAD)); // no fund
    refused(&mut book, "ZeroAmount", |b| b.cover_bad_debt(Some(BTC), 0));
    refused(&mut book, "UnknownMarket", |b| b.cover_bad_debt(Some(9), WAD));
    book.fund_insurance(2_000 * QUOTE).unwrap();
    refused(&mut book, "NoBadDebt", |b| b.cover_bad_debt(Some(ETH), WAD));
    // a tenth of the fund at once, and no more
    assert_eq!(book.cover_bad_debt(Some(BTC), 50 * WAD), Ok(50 * WAD));
    let rest = book.cover_bad_debt(Some(BTC), u128::MAX).unwrap();
    assert!((140 * WAD..=150 * WAD).contains(&rest), "{rest}");
    refused(&mut book, "NoBadDebt", |b| b.cover_bad_debt(Some(BTC), u128::MAX));
    // a day later the bucket is full again
    book.set_time(book.now + 24 * 3_600);
    assert!(book.cover_bad_debt(Some(BTC), u128::MAX).unwrap() > 100 * WAD);
    book.check().unwrap();
}

#[test]
fn bury_assigns_debt_without_open_loss_to_no_market() {
    let mut book = book();
    // Debt without a position it can have only by other means: stand in for them.
    book.accounts.get_mut(&who(4)).unwrap().cash -= 1_010 * U;
    book.accounts.get_mut(&who(3)).unwrap().cash += 1_010 * U;
    // two markets may draw a tenth each, which leaves a tenth of the fund for what no market bears
    book.fund_insurance(50 * QUOTE).unwrap();
    let done = book.bury(who(4)).unwrap();
    assert_eq!((done.deficit, done.insurance, done.socialised), (10 * WAD, 5 * WAD, 5 * WAD));
    assert_eq!((book.unassigned_bad_debt, book.account(who(4)).cash), (5 * WAD, 0));
    book.check().unwrap();
    book.fund_insurance(1_000 * QUOTE).unwrap();
    assert_eq!(book.cover_bad_debt(None, u128::MAX), Ok(5 * WAD));
    book.check().unwrap();
}

#[test]
fn touch_nets_and_realises_while_an_estate_waits() {
    let mut book = ruined();
    // 2 sells half of its short: 750 are young; 3, who bought, will lose on it
    book.settle(&[fill(2, 3, BTC, 3 * U / 4, 9_000 * WAD)]).unwrap();
    // 4 enters at the mark: its rung holds the mark, which its edge cannot judge
    book.settle(&[fill(4, 5, BTC, U / 2, 9_000 * WAD)]).unwrap();
    report(&mut book, BTC, 9_010);
    let before: Vec<_> = (2..=5).map(|n| equity(&book, n)).collect();
    // without an estate a touch catches up and does nothing else
    book.touch(who(4)).unwrap();
    assert_eq!(book.held(who(4), BTC).unwrap().young, 0);
    book.bury(who(1)).unwrap();
    book.touch(who(4)).unwrap();
    assert_eq!(book.held(who(4), BTC).unwrap().young, 5 * WAD);
    assert_eq!(book.held(who(4), BTC).unwrap().basis, -4_505 * U);
    // 2 turns around at a loss of its own: a later touch nets it against its young profit
    book.settle(&[fill(2, 5, BTC, 3 * U / 2, 9_100 * WAD)]).unwrap();
    let held = book.held(who(2), BTC).unwrap();
    let loss = -held.profit_floor(9_010 * WAD).unwrap();
    assert!(loss > 0);
    book.touch(who(2)).unwrap();
    let after = book.held(who(2), BTC).unwrap();
    assert_eq!((after.young, after.profit_floor(9_010 * WAD)), (held.young - loss.unsigned_abs(), Ok(0)));
    let after: Vec<_> = (2..=5).map(|n| equity(&book, n)).collect();
    assert_eq!((before[1], before[2]), (after[1], after[2]), "a touch costs nobody anything");
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
    refused(&mut book, "MarketExists", |b| b.list_market(BTC, ordinary_market(), AGES));
    refused(&mut book, "ParameterOutOfBounds", |b| {
        let mut params = ordinary_market();
        params.liquidation.lot = 0;
        b.list_market(7, params, AGES)
    });
    // the markets' shares of insurance are at most the common cap
    refused(&mut book, "ParameterOutOfBounds", |b| {
        let mut params = ordinary_market();
        params.insurance_share = 100_001;
        b.list_market(7, params, AGES)
    });
    refused(&mut book, "ParameterOutOfBounds", |b| b.set_insurance_cap(199_999));
    refused(&mut book, "NotNewer", |b| b.set_price(BTC, WAD));
}

#[test]
fn funding_is_paid_by_who_is_long() {
    let mut book = book();
    book.settle(&[fill(1, 2, BTC, U / 2, 10_500 * WAD)]).unwrap();
    let before = book.account_of(who(2)).unwrap().cash;
    pass_time(&mut book, 8 * 3_600);
    // 5,250 at a premium of 5 % against a least notional of 100,000: 0.2625 % per 8 h, and interest of 0.01 %. The second
    // hour has that rate, the others interest alone: (7 * 0.01 % + 0.2725 %) / 8 of 5,000 is 2.140625.
    let paid = book.account_of(who(2)).unwrap().cash - before;
    assert!((paid - 2_140_625_000_000_000_000).abs() <= 100, "{paid}");
    let long = book.account_of(who(1)).unwrap().cash - 1_000 * U;
    assert!((long + paid).abs() <= 4, "{long} {paid}");
    book.check().unwrap();
}

#[test]
fn funding_stands_while_there_is_no_price() {
    let mut book = book();
    book.settle(&[fill(1, 2, BTC, U / 2, 10_500 * WAD)]).unwrap();
    book.set_time(book.now + 60);
    let cash = book.account_of(who(1)).unwrap().cash;
    book.set_time(book.now + 72 * 3_600);
    assert_eq!(book.account_of(who(1)).unwrap().cash, cash);
}
