//! Who may act for an account: its owner, operators, and the venues it approved.

use alloy::primitives::{Address, U256};
use anyhow::Result;
use plimsoll_e2e::engines::{balance, state};
use plimsoll_harness::{bindings::IPlimsoll::Fill, prelude::*};

#[tokio::test]
async fn operators_act_for_all_accounts_of_their_owner_until_called_off() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let alice = world.trader("alice", wad(100)).await?;
    let [oscar, mallory] = [world.user("oscar").await?, world.user("mallory").await?];
    let venue = Address::repeat_byte(0x77);
    let approve = |account| IPlimsoll::approveVenueCall { account, venue, approved: true };
    let approved =
        async |account| chain.call(engine, &IPlimsoll::isVenueApprovedCall { account, venue }).await;
    let is_operator = async |owner: &Key, operator: &Key| {
        let call = IPlimsoll::isOperatorCall { owner: owner.address(), operator: operator.address() };
        chain.call(engine, &call).await
    };
    let withdraw = |to: &Key| IPlimsoll::withdrawCall {
        account: alice.account(0),
        token: world.token,
        amount: U256::from(1_000_000),
        to: to.address(),
    };

    // Nobody acts for alice before she says so, whoever names himself.
    let me = IPlimsoll::setOperatorCall { operator: oscar.address(), approved: true };
    chain.transact(&oscar, engine, &me).await?;
    let refused = chain.transact(&oscar, engine, &approve(alice.account(0))).await;
    let error = refused.expect_revert::<IPlimsoll::NotAuthorized>()?;
    assert_eq!((error.account, error.caller), (alice.account(0), oscar.address()));

    let set = |approved| IPlimsoll::setOperatorCall { operator: oscar.address(), approved };
    let event = chain.transact(&alice, engine, &set(true)).await?.event::<IPlimsoll::OperatorSet>()?;
    assert_eq!((event.owner, event.operator, event.approved), (alice.address(), oscar.address(), true));
    assert!(is_operator(&alice, &oscar).await? && !is_operator(&oscar, &alice).await?);

    // Every account of alice, used or not: he shuts a venue out, which she alone lets in.
    let shut = |account| IPlimsoll::approveVenueCall { account, venue, approved: false };
    for account in [alice.account(0), alice.account(7), alice.account(u64::MAX)] {
        let event =
            chain.transact(&alice, engine, &approve(account)).await?.event::<IPlimsoll::VenueApproved>()?;
        assert_eq!((event.account, event.venue, event.approved), (account, venue, true));
        assert!(approved(account).await?);
        let event =
            chain.transact(&oscar, engine, &shut(account)).await?.event::<IPlimsoll::VenueApproved>()?;
        assert_eq!((event.account, event.venue, event.approved), (account, venue, false));
        assert!(!approved(account).await?);
        let error = chain.transact(&oscar, engine, &approve(account)).await;
        let error = error.expect_revert::<IPlimsoll::NotAuthorized>()?;
        assert_eq!((error.account, error.caller), (account, oscar.address()));
        assert!(!approved(account).await?);
    }
    // Withdrawals by an operator go to the owner and to nobody else.
    let before = state(&world, &[alice.account(0)]).await?;
    for to in [&oscar, &mallory] {
        let refused = chain.transact(&oscar, engine, &withdraw(to)).await;
        let error = refused.expect_revert::<IPlimsoll::OperatorRecipient>()?;
        assert_eq!((error.account, error.to), (alice.account(0), to.address()));
    }
    assert_eq!(state(&world, &[alice.account(0)]).await?, before);
    chain.transact(&oscar, engine, &withdraw(&alice)).await?;
    assert_eq!(balance(&world, alice.address()).await?, U256::from(1_000_000));

    // An operator's operator is nobody.
    let pass_on = IPlimsoll::setOperatorCall { operator: mallory.address(), approved: true };
    chain.transact(&oscar, engine, &pass_on).await?;
    chain
        .transact(&mallory, engine, &shut(alice.account(0)))
        .await
        .expect_revert::<IPlimsoll::NotAuthorized>()?;
    chain.transact(&mallory, engine, &withdraw(&alice)).await.expect_revert::<IPlimsoll::NotAuthorized>()?;

    // Called off: at once, and for everything.
    let event = chain.transact(&alice, engine, &set(false)).await?.event::<IPlimsoll::OperatorSet>()?;
    assert!(!event.approved && !is_operator(&alice, &oscar).await?);
    chain
        .transact(&oscar, engine, &shut(alice.account(0)))
        .await
        .expect_revert::<IPlimsoll::NotAuthorized>()?;
    chain.transact(&oscar, engine, &withdraw(&alice)).await.expect_revert::<IPlimsoll::NotAuthorized>()?;
    // What the operator had done stays until the owner undoes it.
    assert!(!approved(alice.account(7)).await?);
    chain.transact(&alice, engine, &approve(alice.account(7))).await?;
    assert!(approved(alice.account(7)).await?);

    let nobody = IPlimsoll::setOperatorCall { operator: Address::ZERO, approved: true };
    chain.transact(&alice, engine, &nobody).await.expect_revert::<IPlimsoll::ZeroAddress>()?;
    Ok(())
}

#[tokio::test]
async fn strangers_neither_withdraw_nor_approve_nor_liquidate_into_an_account() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let alice = world.trader("alice", wad(100)).await?;
    let mallory = world.trader("mallory", wad(100)).await?;
    let before = state(&world, &[alice.account(0), mallory.account(0)]).await?;
    let account = alice.account(0);
    let not_alice = |error: IPlimsoll::NotAuthorized| {
        assert_eq!((error.account, error.caller), (account, mallory.address()));
    };

    let amount = U256::from(1);
    for to in [mallory.address(), alice.address()] {
        let call = IPlimsoll::withdrawCall { account, token: world.token, amount, to };
        not_alice(chain.transact(&mallory, engine, &call).await.expect_revert()?);
    }
    let call = IPlimsoll::approveVenueCall { account, venue: mallory.address(), approved: true };
    not_alice(chain.transact(&mallory, engine, &call).await.expect_revert()?);
    let call = IPlimsoll::liquidateCall {
        account: mallory.account(0),
        into: account,
        instrument: perp(BTC),
        maxSize: WAD,
        limitPrice: 0,
    };
    not_alice(chain.transact(&mallory, engine, &call).await.expect_revert()?);
    // The owner of the engine and its guardian are strangers here too.
    for power in [&world.owner, &world.guardian, &world.venue] {
        let call = IPlimsoll::withdrawCall { account, token: world.token, amount, to: power.address() };
        let refused =
            chain.transact(power, engine, &call).await.expect_revert::<IPlimsoll::NotAuthorized>()?;
        assert_eq!(refused.caller, power.address());
    }
    // The account of the zero address belongs to nobody.
    let call = IPlimsoll::withdrawCall {
        account: account_id(Address::ZERO, 0),
        token: world.token,
        amount,
        to: mallory.address(),
    };
    chain.transact(&mallory, engine, &call).await.expect_revert::<IPlimsoll::NotAuthorized>()?;
    assert_eq!(state(&world, &[alice.account(0), mallory.account(0)]).await?, before);
    Ok(())
}

#[tokio::test]
async fn venues_need_admission_by_governance_and_approval_by_every_account() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(1_000)).await?;
    let accounts = [alice.account(0), bob.account(0)];
    let fill = Fill {
        taker: accounts[0],
        maker: accounts[1],
        instrument: perp(BTC),
        size: WAD as i128 / 100,
        price: wad(10_000),
    };
    let settle = IPlimsoll::settleCall { fills: vec![fill.clone()] };
    let before = state(&world, &accounts).await?;

    // Neither the parties themselves nor governance settle.
    for caller in [&alice, &bob, &world.owner, &world.guardian] {
        let refused =
            chain.transact(caller, engine, &settle).await.expect_revert::<IPlimsoll::VenueNotAdmitted>()?;
        assert_eq!(refused.venue, caller.address());
    }
    // Approved by both and not admitted.
    let rogue = world.user("rogue").await?;
    for party in [&alice, &bob] {
        chain.send(world.approve_venue_tx(party, party.account(0), rogue.address())).await?;
    }
    chain.transact(&rogue, engine, &settle).await.expect_revert::<IPlimsoll::VenueNotAdmitted>()?;
    // Admitted, and one side withdraws its approval: taker, then maker, then another subaccount of an approving owner.
    let admit = |venue: &Key, admitted| IPlimsoll::admitVenueCall { venue: venue.address(), admitted };
    chain.transact(&world.owner, engine, &admit(&rogue, true)).await?;
    for party in [&alice, &bob] {
        let account = party.account(0);
        let set = |approved| IPlimsoll::approveVenueCall { account, venue: rogue.address(), approved };
        let event = chain.transact(party, engine, &set(false)).await?.event::<IPlimsoll::VenueApproved>()?;
        assert_eq!((event.account, event.venue, event.approved), (account, rogue.address(), false));
        let refused =
            chain.transact(&rogue, engine, &settle).await.expect_revert::<IPlimsoll::VenueNotApproved>()?;
        assert_eq!((refused.account, refused.venue), (account, rogue.address()));
        chain.transact(party, engine, &set(true)).await?;
    }
    let other = IPlimsoll::settleCall { fills: vec![Fill { maker: bob.account(1), ..fill.clone() }] };
    let refused =
        chain.transact(&rogue, engine, &other).await.expect_revert::<IPlimsoll::VenueNotApproved>()?;
    assert_eq!(refused.account, bob.account(1));
    // A good fill before a bad one does not stand either.
    let both = vec![fill.clone(), Fill { maker: bob.account(1), ..fill }];
    let both = IPlimsoll::settleCall { fills: both };
    chain.transact(&rogue, engine, &both).await.expect_revert::<IPlimsoll::VenueNotApproved>()?;
    assert_eq!(state(&world, &accounts).await?, before);

    // With both it settles; without admission no more, whatever the accounts say.
    chain.transact(&rogue, engine, &settle).await?;
    chain.transact(&world.owner, engine, &admit(&rogue, false)).await?;
    chain.transact(&rogue, engine, &settle).await.expect_revert::<IPlimsoll::VenueNotAdmitted>()?;
    let nobody = IPlimsoll::approveVenueCall { account: accounts[0], venue: Address::ZERO, approved: true };
    chain.transact(&alice, engine, &nobody).await.expect_revert::<IPlimsoll::ZeroAddress>()?;
    Ok(())
}
