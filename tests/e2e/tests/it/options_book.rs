//! Solidity on top of the risk model: an options exchange with its own book, the library of legs, a book in storage.

use alloy::{
    primitives::{B256, U256},
    sol_types::SolValue,
};
use anyhow::Result;
use plimsoll_e2e::{
    exchange::Exchange,
    risk::{Risk, leg, option, refused_with, sample},
    stored_book::{StoredBook, strip},
};
use plimsoll_harness::{
    bindings::solidity::{CheckBeforeTrade, LegsProbe, OptionsBook, PortfolioBench, legs_probe},
    ids::to_quote_units,
    prelude::*,
    scenario::init_code,
};
use plimsoll_risk::ids;

const ONE: i128 = WAD as i128;

#[tokio::test]
async fn an_exchange_trades_and_pays_out_as_far_as_margin_goes() -> Result<()> {
    let exchange = Exchange::new().await?;
    let (chain, book) = (&exchange.world.chain, exchange.book);
    let put = exchange.option(9_000, false);

    // The maker sells one put for 250: it has 4,250 and owes at worst far less than that; the taker's loss is the premium.
    let id = exchange.offer(put, -ONE, wad(250)).await?;
    let traded: OptionsBook::Traded = exchange.take(id).await?.event()?;
    assert!(traded.makerMargin > 0 && traded.takerMargin > 0, "{traded:?}");
    assert_eq!(exchange.cash(&exchange.maker).await?, 4_250 * ONE);
    assert_eq!(exchange.cash(&exchange.taker).await?, 3_750 * ONE);
    assert_eq!(exchange.legs(&exchange.maker).await?, [leg(put, -ONE)]);
    assert_eq!(exchange.legs(&exchange.taker).await?, [leg(put, ONE)]);
    refused_with(exchange.take(id).await, &OptionsBook::NotOnOffer { id })?;

    // Ten more would leave the maker short: nothing moves.
    let id = exchange.offer(put, -10 * ONE, wad(250)).await?;
    let refused = exchange.take(id).await.expect_revert::<OptionsBook::MarginTooLow>()?;
    assert!(refused.account == exchange.maker.address() && refused.initial < 0, "{refused:?}");
    assert_eq!(exchange.legs(&exchange.maker).await?, [leg(put, -ONE)]);

    // What may be withdrawn is what the margin leaves: a little more is refused, it itself is paid.
    let account = exchange.maker.address();
    let margin = chain.call(book, &OptionsBook::marginOfCall { account }).await?;
    // A minute of time value: the price of the option moves while the blocks do.
    let free = u128::try_from(margin.initial)? - wad(1);
    let more = OptionsBook::withdrawCall { amount: to_quote_units(free + wad(2)) };
    let refused = chain.transact(&exchange.maker, book, &more).await;
    assert_eq!(refused.expect_revert::<OptionsBook::MarginTooLow>()?.account, account);
    let call = OptionsBook::withdrawCall { amount: to_quote_units(free) };
    let paid: OptionsBook::Withdrawn = chain.transact(&exchange.maker, book, &call).await?.event()?;
    let held = chain.call(exchange.token, &IToken::balanceOfCall { owner: account }).await?;
    assert_eq!((paid.amount, held), (to_quote_units(free), to_quote_units(free)));

    // The price falls: the maker is short, and nothing is paid out any more.
    exchange.price(wad(7_500)).await?;
    let margin = chain.call(book, &OptionsBook::marginOfCall { account }).await?;
    assert!(margin.initial < 0, "{margin:?}");
    let some = OptionsBook::withdrawCall { amount: U256::from(1) };
    chain.transact(&exchange.maker, book, &some).await.expect_revert::<OptionsBook::MarginTooLow>()?;
    Ok(())
}

#[tokio::test]
async fn an_exchange_closes_positions_and_refuses_what_it_does_not_list() -> Result<()> {
    let exchange = Exchange::new().await?;
    let (chain, book) = (&exchange.world.chain, exchange.book);
    let strikes = [9_000, 10_000, 11_000].map(|strike| exchange.option(strike, true));
    for call in strikes {
        exchange.take(exchange.offer(call, ONE / 10, wad(1_000)).await?).await?;
    }
    // The first closes: the last takes its place, and closes too.
    for (call, left) in [(strikes[0], vec![strikes[2], strikes[1]]), (strikes[2], vec![strikes[1]])] {
        exchange.take(exchange.offer(call, -ONE / 10, wad(1_000)).await?).await?;
        let legs: Vec<B256> = left.into_iter().map(|call| leg(call, ONE / 10)).collect();
        assert_eq!(exchange.legs(&exchange.maker).await?, legs);
    }
    assert_eq!(exchange.cash(&exchange.maker).await?, 3_900 * ONE);

    // The oracle's own errors come through: no slice of that expiry.
    let expiry = exchange.month + 1;
    let unknown = ids::option(BTC, expiry, 10_000 * 100_000_000, true);
    let refused = exchange.take(exchange.offer(unknown, ONE, wad(1)).await?).await;
    let refused = refused.expect_revert::<IPlimsollOracle::SliceUnusable>()?;
    assert_eq!((refused.underlying, refused.expiry), (BTC, expiry));

    let offer = |instrument, size| OptionsBook::offerCall { instrument, size, price: WAD };
    let maker = &exchange.maker;
    let perpetual = chain.transact(maker, book, &offer(perp(BTC), ONE)).await;
    refused_with(perpetual, &OptionsBook::NotListed { instrument: perp(BTC) })?;
    refused_with(chain.transact(maker, book, &offer(strikes[0], 0)).await, &OptionsBook::ZeroSize {})?;
    let id = exchange.offer(strikes[0], ONE, WAD).await?;
    let own = chain.transact(maker, book, &OptionsBook::takeCall { id }).await;
    refused_with(own, &OptionsBook::OwnOffer { id })?;
    chain.transact(maker, book, &OptionsBook::cancelCall { id }).await?;
    refused_with(exchange.take(id).await, &OptionsBook::NotOnOffer { id })?;
    Ok(())
}

#[tokio::test]
async fn legs_pack_alike_in_solidity_and_rust_and_both_interfaces_are_one() -> Result<()> {
    let risk = Risk::start().await?;
    let chain = &risk.chain;
    let probe = chain.create(&risk.owner, init_code("LegsProbe", &())?).await?;
    for (instrument, size) in
        [(option(7, 20_000, true), ONE), (0, -1), (u128::MAX, i128::MIN), (1, i128::MAX), (perp(BTC), 0)]
    {
        let word = chain.call(probe, &LegsProbe::packCall { instrument, size }).await?;
        assert_eq!(word, leg(instrument, size));
        let back = chain.call(probe, &LegsProbe::unpackCall { leg: word }).await?;
        assert_eq!((back.instrument, back.size), (instrument, size));
    }

    let selectors = chain.call(probe, &LegsProbe::selectorsCall {}).await?;
    assert_eq!(selectors.plug, selectors.model);
    let portfolio = legs_probe::IRiskModel::Portfolio::abi_decode(&sample().abi_encode())?;
    let translated = chain.call(probe, &LegsProbe::translateCall { portfolio: portfolio.clone() }).await?;
    assert_eq!(translated.abi_encode(), sample().abi_encode());
    let asked = LegsProbe::assessCall { model: risk.model, portfolio: portfolio.clone() };
    let found = chain.call(probe, &asked).await?;
    assert_eq!(found.abi_encode(), risk.assess(&sample()).await?.abi_encode());

    let made = LegsProbe::optionsCall {
        underlying: BTC,
        time: portfolio.time,
        cash: portfolio.cash,
        spot: portfolio.spot,
        expiries: portfolio.expiries.clone(),
        legs: portfolio.legs.clone(),
    };
    assert_eq!(chain.call(probe, &made).await?, portfolio);
    Ok(())
}

#[tokio::test]
async fn a_book_in_storage_is_assessed_within_its_budget() -> Result<()> {
    let risk = Risk::start().await?;
    let book = StoredBook::deploy(&risk.chain, &risk.owner, risk.model).await?;
    for (count, days, most) in
        [(64, vec![7], 300_000), (64, vec![7, 30, 60, 90], 300_000), (128, vec![30], 560_000)]
    {
        let portfolio = strip(count, &days);
        let receipt = book.assess(&risk.chain, &risk.owner, &portfolio).await?;
        let found: PortfolioBench::Assessed = receipt.event()?;
        let expected = risk.assess(&portfolio).await?;
        assert_eq!((found.initial, found.maintenance), (expected.initial, expected.maintenance));
        println!("{count} options, {} expiries: {} gas", days.len(), receipt.gas());
        assert!(receipt.gas() <= most, "{count} options, {days:?}: {} gas", receipt.gas());
    }
    Ok(())
}

#[tokio::test]
async fn the_example_checks_before_a_trade() -> Result<()> {
    let exchange = Exchange::new().await?;
    let world = &exchange.world;
    let (chain, model) = (&world.chain, exchange.model);
    let check =
        chain.create(&world.owner, init_code("CheckBeforeTrade", &(model, world.oracle, BTC))?).await?;
    let call = exchange.option(10_000, true);
    let ask = |cash: i128, size: i128, expiries: Vec<u32>| CheckBeforeTrade::checkCall {
        cash: cash * ONE,
        legs: vec![leg(call, ONE)],
        expiries,
        trade: CheckBeforeTrade::Trade { instrument: call, size, price: wad(600) },
    };
    // It holds one call; selling that leaves cash alone, and margin is all of it.
    let month = vec![exchange.month];
    assert_eq!(chain.call(check, &ask(100, -ONE, month.clone())).await?, 700 * ONE);
    // Selling a second makes it short of one, for which 100 and two premiums are not enough, but 5,000 are.
    let short: CheckBeforeTrade::MarginTooLow =
        chain.call(check, &ask(100, -2 * ONE, month.clone())).await.expect_revert()?;
    assert!(short.initial < 0, "{short:?}");
    assert!(chain.call(check, &ask(5_000, -2 * ONE, month.clone())).await? > 0);
    // An expiry without a slice, and prices that have aged.
    let refused = chain.call(check, &ask(100, -ONE, vec![exchange.month + 1])).await;
    refused.expect_revert::<IPlimsollOracle::SliceUnusable>()?;
    world.pass_time(100_000).await?;
    let refused = chain.call(check, &ask(100, -ONE, month)).await;
    refused.expect_revert::<IPlimsollOracle::SliceUnusable>()?;
    Ok(())
}
