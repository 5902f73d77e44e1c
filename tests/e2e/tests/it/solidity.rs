//! The Solidity contracts of the tests against the engine: two venues, a consumer of risk, a probe.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::sol_types::SolCall;
use anyhow::Result;
use plimsoll_e2e::book::{
    Holding, balanced, dec, fill, holding, options, params, refused_by, udec, world, world_alone,
};
use plimsoll_harness::{
    bindings::{
        IPlimsoll::marginOfCall,
        solidity::{
            GasProbe::{Measured, measureCall, measureViewsCall},
            HowToSettle, ProtectionDesk,
            RfqVenue::{self, Order, Quote, QuoteFilled, takeCall, takeManyCall},
        },
    },
    ids::to_quote_units,
    prelude::*,
    rfq,
    scenario::init_code,
    workspace::Artifact,
};

const ONE: i128 = WAD as i128;

/// Maker and taker of a request-for-quote venue.
struct Rfq {
    world: World,
    venue: Address,
    maker: Key,
    taker: Key,
}

impl Rfq {
    async fn new() -> Result<Self> {
        let world = world(&options(&params())).await?;
        let venue = rfq::deploy(&world.chain, &world.owner, world.engine).await?;
        let admit = IPlimsoll::admitVenueCall { venue, admitted: true };
        world.chain.transact(&world.owner, world.engine, &admit).await?;
        let maker = world.trader("maker", wad(10_000)).await?;
        let taker = world.trader("taker", wad(1_000)).await?;
        let approve = [&maker, &taker].map(|key| world.approve_venue_tx(key, key.account(0), venue));
        world.chain.send_all_ok(&approve).await?;
        Ok(Self { world, venue, maker, taker })
    }

    /// The taker may buy one at 10,000.
    fn quote(&self) -> Quote {
        Quote {
            maker: self.maker.account(0),
            taker: B256::ZERO,
            instrument: perp(BTC),
            size: ONE,
            price: wad(10_000),
            expiry: u64::MAX,
            nonce: 1,
            signer: self.maker.address(),
        }
    }

    fn order(&self, quote: Quote, signer: &Key, amount: u128) -> Result<Order> {
        let taker = self.taker.account(0);
        let order = rfq::order(self.world.chain.chain_id(), self.venue, quote, signer, taker)?;
        Ok(Order { amount, ..order })
    }

    async fn take(&self, order: Order) -> Result<QuoteFilled> {
        let receipt = self.world.chain.transact(&self.taker, self.venue, &takeCall { order }).await?;
        receipt.event()
    }

    async fn refuse<E: alloy::sol_types::SolError>(&self, order: Order) -> Result<E> {
        refused_by(&self.world, self.venue, &self.taker, &takeCall { order }).await
    }

    async fn remaining(&self, quote: &Quote) -> Result<U256> {
        let call = RfqVenue::remainingCall { quote: quote.clone() };
        Ok(self.world.chain.call(self.venue, &call).await?)
    }
}

#[tokio::test]
async fn rfq_quotes_settle_in_parts_and_never_twice() -> Result<()> {
    let rfq = Rfq::new().await?;
    let quote = rfq.quote();
    let digest = rfq::digest(rfq.world.chain.chain_id(), rfq.venue, &quote);
    let call = RfqVenue::digestOfCall { quote: quote.clone() };
    assert_eq!(rfq.world.chain.call(rfq.venue, &call).await?, digest);

    let event = rfq.take(rfq.order(quote.clone(), &rfq.maker, WAD / 4)?).await?;
    assert_eq!((event.digest, event.size, event.price), (digest, ONE / 4, wad(10_000)));
    assert_eq!(rfq.remaining(&quote).await?, U256::from(WAD / 4 * 3));
    let taker = holding(&rfq.world, rfq.taker.account(0)).await?;
    assert_eq!(taker, Holding::new(dec("1000"), &[(BTC, ONE / 4, dec("-2500"))]));

    // Whole again: three quarters are left.
    let error: RfqVenue::NotEnoughLeft = rfq.refuse(rfq.order(quote.clone(), &rfq.maker, WAD)?).await?;
    assert_eq!((error.asked, error.left), (WAD, U256::from(WAD / 4 * 3)));
    rfq.take(rfq.order(quote.clone(), &rfq.maker, WAD / 4 * 3)?).await?;
    let error: RfqVenue::NotEnoughLeft = rfq.refuse(rfq.order(quote.clone(), &rfq.maker, 1)?).await?;
    assert_eq!(error.left, U256::ZERO);
    let maker = holding(&rfq.world, rfq.maker.account(0)).await?;
    assert_eq!(maker, Holding::new(dec("10000"), &[(BTC, -ONE, dec("10000"))]));
    balanced(&rfq.world, 0).await
}

#[tokio::test]
async fn rfq_the_engines_refusal_passes_through_and_the_quote_stays() -> Result<()> {
    let rfq = Rfq::new().await?;
    // 3 at 10,000 need 1,500 of the taker's 1,000.
    let quote = Quote { size: 3 * ONE, ..rfq.quote() };
    let error: IPlimsoll::InsufficientMargin =
        rfq.refuse(rfq.order(quote.clone(), &rfq.maker, 3 * WAD)?).await?;
    assert_eq!((error.account, error.equity, error.initial), (rfq.taker.account(0), 1_000 * ONE, wad(1_500)));
    assert_eq!(rfq.remaining(&quote).await?, U256::from(3 * WAD));
    let far = Quote { price: wad(10_501), ..rfq.quote() };
    let error: IPlimsoll::PriceOutOfBand = rfq.refuse(rfq.order(far, &rfq.maker, WAD)?).await?;
    assert_eq!(error.high, wad(10_500));
    // Governance expels the venue.
    let admit = IPlimsoll::admitVenueCall { venue: rfq.venue, admitted: false };
    rfq.world.chain.transact(&rfq.world.owner, rfq.world.engine, &admit).await?;
    let error: IPlimsoll::VenueNotAdmitted = rfq.refuse(rfq.order(quote, &rfq.maker, WAD)?).await?;
    assert_eq!(error.venue, rfq.venue);
    Ok(())
}

#[tokio::test]
async fn rfq_errors_on_what_nobody_signed_or_may_take() -> Result<()> {
    let rfq = Rfq::new().await?;
    let (quote, maker) = (rfq.quote(), &rfq.maker);
    let good = rfq.order(quote.clone(), maker, WAD)?;
    rfq.refuse::<RfqVenue::ZeroAmount>(Order { amount: 0, ..good.clone() }).await?;
    // signed by another, or another quote than was signed
    let forged = rfq.order(quote.clone(), &rfq.taker, WAD)?;
    assert_eq!(rfq.refuse::<RfqVenue::BadSignature>(forged).await?.signer, maker.address());
    let better = Quote { price: wad(9_999), ..quote.clone() };
    rfq.refuse::<RfqVenue::BadSignature>(Order { quote: better, ..good.clone() }).await?;
    rfq.refuse::<RfqVenue::BadSignature>(Order { signature: Bytes::new(), ..good.clone() }).await?;
    // signed rightly by who may not
    let alien = rfq.order(Quote { signer: rfq.taker.address(), ..quote.clone() }, &rfq.taker, WAD)?;
    assert_eq!(rfq.refuse::<RfqVenue::SignerNotAuthorized>(alien).await?.signer, rfq.taker.address());
    let old = rfq.order(Quote { expiry: 1, ..quote.clone() }, maker, WAD)?;
    assert_eq!(rfq.refuse::<RfqVenue::QuoteExpired>(old).await?.expiry, 1);
    let others = rfq.order(Quote { taker: maker.account(5), ..quote.clone() }, maker, WAD)?;
    assert_eq!(rfq.refuse::<RfqVenue::WrongTaker>(others).await?.wanted, maker.account(5));
    let foreign = Order { taker: maker.account(0), ..good.clone() };
    assert_eq!(rfq.refuse::<RfqVenue::NotAuthorized>(foreign).await?.caller, rfq.taker.address());
    refused_by::<RfqVenue::NoOrders, _>(&rfq.world, rfq.venue, &rfq.taker, &takeManyCall { orders: vec![] })
        .await?;

    // An operator of the maker in the engine signs for it; two quotes are taken together.
    let desk = rfq.world.user("desk").await?;
    let set = IPlimsoll::setOperatorCall { operator: desk.address(), approved: true };
    rfq.world.chain.transact(maker, rfq.world.engine, &set).await?;
    let first = rfq.order(Quote { signer: desk.address(), ..quote.clone() }, &desk, WAD / 10)?;
    let second = rfq.order(Quote { nonce: 2, size: -ONE / 10, ..quote.clone() }, maker, WAD / 10)?;
    rfq.world.chain.send(rfq::take(&rfq.taker, rfq.venue, vec![first, second])).await?;
    assert_eq!(holding(&rfq.world, rfq.taker.account(0)).await?, Holding::new(dec("1000"), &[]));

    // Called off: one by itself, and all below a nonce.
    let cancel = RfqVenue::cancelCall { quote: quote.clone() };
    let error: RfqVenue::NotAuthorized = refused_by(&rfq.world, rfq.venue, &rfq.taker, &cancel).await?;
    assert_eq!(error.account, maker.account(0));
    rfq.world.chain.transact(maker, rfq.venue, &cancel).await?;
    rfq.refuse::<RfqVenue::QuoteVoid>(good).await?;
    let raise = RfqVenue::raiseNonceCall { account: maker.account(0), nonce: 5 };
    rfq.world.chain.transact(maker, rfq.venue, &raise).await?;
    let error: RfqVenue::NonceNotHigher = refused_by(&rfq.world, rfq.venue, maker, &raise).await?;
    assert_eq!((error.nonce, error.current), (5, 5));
    let void = rfq.order(Quote { nonce: 4, ..quote.clone() }, maker, WAD)?;
    rfq.refuse::<RfqVenue::QuoteVoid>(void).await?;
    rfq.take(rfq.order(Quote { nonce: 5, ..quote }, maker, WAD / 10)?).await?;
    Ok(())
}

/// A desk that hedges in the account of one trader, and a buyer with 1,000.
struct Desk {
    desk: Address,
    hedger: Key,
    buyer: Key,
}

impl Desk {
    async fn open(world: &World) -> Result<Self> {
        let hedger = world.trader("hedger", wad(1_000)).await?;
        let buyer = world.user("buyer").await?;
        let arguments = (world.engine, world.token, hedger.account(0), perp(BTC));
        let desk = world.chain.create(&world.owner, init_code("ProtectionDesk", &arguments)?).await?;
        world.chain.transact(&buyer, world.token, &pay(buyer.address(), 1_000)).await?;
        let approve = IToken::approveCall { spender: desk, amount: U256::MAX };
        world.chain.transact(&buyer, world.token, &approve).await?;
        Ok(Self { desk, hedger, buyer })
    }
}

fn pay(to: Address, units: u128) -> IToken::mintCall {
    IToken::mintCall { to, amount: to_quote_units(wad(units)) }
}

fn buy(size: u128) -> ProtectionDesk::buyCall {
    ProtectionDesk::buyCall { size, maxPremium: to_quote_units(wad(200)) }
}

#[tokio::test]
async fn the_desk_sells_only_what_the_engine_would_let_it_hedge() -> Result<()> {
    let world = world(&options(&params())).await?;
    let Desk { desk, hedger, buyer } = Desk::open(&world).await?;

    // The hedge of a note is a short of half its size: 250 of margin a bitcoin, of which the account has 1,000 and the
    // desk wants 1.2 times.
    let error: ProtectionDesk::HedgeRefused = refused_by(&world, desk, &buyer, &buy(udec("4.1"))).await?;
    assert_eq!((error.equity, error.initial), (1_000 * ONE, wad(1_025)));
    let error: ProtectionDesk::MarginTooThin = refused_by(&world, desk, &buyer, &buy(udec("3.5"))).await?;
    assert_eq!((error.equity, error.initial), (1_000 * ONE, wad(875)));
    // 2 % of 10,000 is 200, and up to 20 % may be paid: 2,000 to reserve.
    let dear = ProtectionDesk::buyCall { size: WAD, maxPremium: to_quote_units(wad(199)) };
    refused_by::<ProtectionDesk::PremiumTooHigh, _>(&world, desk, &buyer, &dear).await?;
    let error: ProtectionDesk::ReserveTooSmall = refused_by(&world, desk, &buyer, &buy(WAD)).await?;
    assert_eq!((error.needed, error.free), (to_quote_units(wad(2_000)), U256::ZERO));
    refused_by::<ProtectionDesk::BadSize, _>(&world, desk, &buyer, &buy(0)).await?;

    world.chain.transact(&buyer, world.token, &pay(desk, 2_000)).await?;
    let sold: ProtectionDesk::NoteSold = world.chain.transact(&buyer, desk, &buy(WAD)).await?.event()?;
    assert_eq!(
        (sold.holder, sold.strike, sold.premium),
        (buyer.address(), wad(10_000), to_quote_units(wad(200)))
    );

    // The trader hedges; its account is what the desk shows.
    let maker = world.trader("maker", wad(10_000)).await?;
    world.settle(vec![fill(hedger.account(0), maker.account(0), BTC, -ONE / 2, wad(10_000))]).await?;
    let shown = world.chain.call(desk, &ProtectionDesk::marginOfHedgerCall {}).await?;
    assert_eq!((shown.equity, shown.initial), (1_000 * ONE, wad(250)));

    // Before it is due it pays nothing.
    let settle = ProtectionDesk::settleCall { id: sold.id };
    refused_by::<ProtectionDesk::NotExpired, _>(&world, desk, &buyer, &settle).await?;
    Ok(())
}

#[tokio::test]
async fn the_desk_pays_a_note_that_is_due_at_a_fresh_price_once() -> Result<()> {
    let needs = [Capability::TimeTravel];
    let Some(world) = world_alone(test_name!(), &needs, &options(&params())).await? else { return Ok(()) };
    let Desk { desk, buyer, .. } = Desk::open(&world).await?;
    world.chain.transact(&buyer, world.token, &pay(desk, 2_000)).await?;
    let sold: ProtectionDesk::NoteSold = world.chain.transact(&buyer, desk, &buy(WAD)).await?.event()?;
    // A day later at 9,000 the note pays 1,000; at a price that is late, nothing.
    let settle = ProtectionDesk::settleCall { id: sold.id };
    world.chain.set_next_time(sold.expiry + 100).await?;
    world.chain.mine().await?;
    let error: ProtectionDesk::PriceNotFresh = refused_by(&world, desk, &buyer, &settle).await?;
    assert_eq!(error.status, 2);
    world.set_price(BTC, wad(9_000)).await?;
    let paid: ProtectionDesk::NoteSettled = world.chain.transact(&buyer, desk, &settle).await?.event()?;
    assert_eq!((paid.holder, paid.paid), (buyer.address(), to_quote_units(wad(1_000))));
    let balance = IToken::balanceOfCall { owner: buyer.address() };
    assert_eq!(world.chain.call(world.token, &balance).await?, to_quote_units(wad(1_800)));
    refused_by::<ProtectionDesk::UnknownNote, _>(&world, desk, &buyer, &settle).await?;
    Ok(())
}

#[tokio::test]
async fn the_smallest_venue_settles_an_offer_once() -> Result<()> {
    let world = world(&options(&params())).await?;
    let venue = world.chain.create(&world.owner, init_code("HowToSettle", &(world.engine,))?).await?;
    let admit = IPlimsoll::admitVenueCall { venue, admitted: true };
    world.chain.transact(&world.owner, world.engine, &admit).await?;
    let maker = world.trader("maker", wad(1_000)).await?;
    let taker = world.trader("taker", wad(1_000)).await?;
    let offer = HowToSettle::postCall {
        subaccount: alloy::primitives::Uint::from(0),
        instrument: perp(BTC),
        size: ONE,
        price: wad(9_900),
    };
    world.chain.transact(&maker, venue, &offer).await?;
    let take = HowToSettle::takeCall { id: U256::ZERO, subaccount: alloy::primitives::Uint::from(0) };
    // Neither has approved the venue yet.
    let error: IPlimsoll::VenueNotApproved = refused_by(&world, venue, &taker, &take).await?;
    assert_eq!((error.account, error.venue), (taker.account(0), venue));
    let approve = [&maker, &taker].map(|key| world.approve_venue_tx(key, key.account(0), venue));
    world.chain.send_all_ok(&approve).await?;
    world.chain.transact(&taker, venue, &take).await?;
    // The maker bought.
    let found = holding(&world, maker.account(0)).await?;
    assert_eq!(found, Holding::new(dec("1000"), &[(BTC, ONE, dec("-9900"))]));
    let found = holding(&world, taker.account(0)).await?;
    assert_eq!(found, Holding::new(dec("1000"), &[(BTC, -ONE, dec("9900"))]));
    refused_by::<HowToSettle::NotOnOffer, _>(&world, venue, &taker, &take).await?;
    Ok(())
}

#[tokio::test]
async fn views_from_solidity_return_what_a_client_sees_and_a_failed_call_is_told() -> Result<()> {
    let world = world(&options(&params())).await?;
    let alice = world.trader("alice", wad(1_234)).await?;
    let probe = world.chain.create(&world.owner, Artifact::load("GasProbe")?.init_code(&[])).await?;
    let view = marginOfCall { account: alice.account(0) };
    let payloads = vec![Bytes::from(view.abi_encode()); 2];
    let call = measureViewsCall { target: world.engine, payloads };
    let receipt = world.chain.transact(&alice, probe, &call).await?;
    let expected = world.chain.call(world.engine, &view).await?;
    let measured: Vec<Measured> = receipt.events();
    assert_eq!(measured.len(), 2);
    for m in &measured {
        assert!(m.success);
        assert_eq!(marginOfCall::abi_decode_returns(&m.result)?, expected);
    }
    // Storage is warm the second time: at least the 2,000 of one slot less.
    assert!(measured[0].gasUsed >= measured[1].gasUsed + U256::from(2_000), "{measured:?}");

    // A view that would write fails in a static call, a refused write reports its typed error.
    let touch = IPlimsoll::touchCall { account: alice.account(0) }.abi_encode();
    let call = measureViewsCall { target: world.engine, payloads: vec![touch.into()] };
    let measured: Measured = world.chain.transact(&alice, probe, &call).await?.event()?;
    assert!(!measured.success);
    let solvent = IPlimsoll::buryCall { account: alice.account(0) }.abi_encode();
    let call = measureCall { target: world.engine, data: solvent.into() };
    let measured: Measured = world.chain.transact(&alice, probe, &call).await?.event()?;
    let error = <IPlimsoll::Solvent as alloy::sol_types::SolError>::abi_decode(&measured.result)?;
    assert_eq!((measured.success, error.account, error.equity), (false, alice.account(0), 1_234 * ONE));
    Ok(())
}
