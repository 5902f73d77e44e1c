//! Solidity on top of the risk model: an options exchange with its own book, the library of legs, a book in storage.

use alloy::{
    primitives::{Address, B256, U256},
    sol_types::SolValue,
};
use anyhow::Result;
use plimsoll_e2e::{
    risk::{Risk, leg, option, refused_with, sample, standard},
    stored_book::{StoredBook, strip},
};
use plimsoll_harness::{
    bindings::solidity::{CheckBeforeTrade, LegsProbe, OptionsBook, PortfolioBench, legs_probe},
    ids::to_quote_units,
    prelude::*,
    scenario::init_code,
    surfaces::{smile, surface},
};
use plimsoll_risk::ids;

const ONE: i128 = WAD as i128;

/// The exchange over the engine's oracle, and two accounts with cash.
struct Exchange {
    world: World,
    model: Address,
    book: Address,
    token: Address,
    maker: Key,
    taker: Key,
    /// The expiry that the surface has.
    month: u32,
}

impl Exchange {
    async fn new() -> Result<Self> {
        let world = World::start().await?;
        let chain = &world.chain;
        let model = world.deploy_risk_model().await?;
        let call = IPlimsollRiskModel::setParamsCall { underlying: BTC, params: standard() };
        chain.transact(&world.owner, model, &call).await?;
        world.set_surface(BTC, surface()).await?;
        let [maker, taker] = [world.user("maker").await?, world.user("taker").await?];
        let token = world.token;
        let book =
            chain.create(&world.owner, init_code("OptionsBook", &(model, world.oracle, token, BTC))?).await?;
        for key in [&maker, &taker] {
            let amount = to_quote_units(wad(4_000));
            chain.transact(key, token, &IToken::mintCall { to: key.address(), amount }).await?;
            chain.transact(key, token, &IToken::approveCall { spender: book, amount }).await?;
            chain.transact(key, book, &OptionsBook::depositCall { amount }).await?;
        }
        let month = chain.head().await?.timestamp() as u32 + 30 * 86_400;
        let exchange = Self { world, model, book, token, maker, taker, month };
        exchange.price(wad(10_000)).await?;
        Ok(exchange)
    }

    /// Reports a price, and a slice of 60 % volatility at a forward of the same.
    async fn price(&self, spot: u128) -> Result<()> {
        self.world.pass_time(2).await?;
        self.world.set_price(BTC, spot).await?;
        let time = self.world.chain.head().await?.timestamp();
        self.world.set_slices(&[smile(BTC, self.month, time, spot, 600_000)]).await?;
        Ok(())
    }

    /// An option on bitcoin of the surface's expiry; the strike in whole units of quote.
    fn option(&self, strike: u64, call: bool) -> u128 {
        ids::option(BTC, self.month, strike * 100_000_000, call)
    }

    async fn offer(&self, instrument: u128, size: i128, price: u128) -> Result<U256> {
        let call = OptionsBook::offerCall { instrument, size, price };
        let event: OptionsBook::Offered =
            self.world.chain.transact(&self.maker, self.book, &call).await?.event()?;
        Ok(event.id)
    }

    async fn take(&self, id: U256) -> Result<Receipt, Failure> {
        self.world.chain.transact(&self.taker, self.book, &OptionsBook::takeCall { id }).await
    }

    async fn cash(&self, key: &Key) -> Result<i128, Failure> {
        self.world.chain.call(self.book, &OptionsBook::cashOfCall { account: key.address() }).await
    }

    async fn legs(&self, key: &Key) -> Result<Vec<B256>, Failure> {
        self.world.chain.call(self.book, &OptionsBook::legsOfCall { account: key.address() }).await
    }
}

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
