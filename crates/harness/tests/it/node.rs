//! The harness against the embedded node, or the one at `PLIMSOLL_RPC_URL`: everything but the engine.

use alloy::{
    primitives::{Address, U256},
    sol_types::SolCall,
};
use anyhow::{Result, ensure};
use plimsoll_harness::{
    bindings::{
        IToken,
        arbitrum::{ARB_WASM_CACHE, ArbWasmCache},
        solidity::UsdToken::{self, ERC20InsufficientBalance},
    },
    chain::{Chain, Tx},
    key::Key,
    node::{Capabilities, Capability, Node, Options},
    revert::ExpectRevert,
    scenario,
    setup::{self, CREATE2_FACTORY, STYLUS_DEPLOYER},
    test_name,
};

async fn token(chain: &Chain) -> Result<(Key, Address)> {
    let key = Key::fresh("token user");
    scenario::fund(chain, [&key]).await?;
    let code = scenario::init_code("UsdToken", &("US dollar", "USD", U256::from(6)))?;
    Ok((key.clone(), chain.create(&key, code).await?))
}

#[tokio::test]
async fn setup_puts_everything_in_place_and_may_run_twice() -> Result<()> {
    let node = Node::start().await?;
    let chain = node.chain();
    let first = setup::setup(chain).await?;
    let second = setup::setup(chain).await?;
    assert_eq!(first.cache_manager, second.cache_manager);
    for address in [CREATE2_FACTORY, STYLUS_DEPLOYER, first.cache_manager] {
        assert!(!chain.code(address).await?.is_empty(), "{address}");
    }
    let question = ArbWasmCache::isCacheManagerCall { manager: first.cache_manager };
    assert!(chain.call(ARB_WASM_CACHE, &question).await?);
    Ok(())
}

#[tokio::test]
async fn transactions_give_receipts_events_and_typed_errors() -> Result<()> {
    let node = Node::start().await?;
    let chain = node.chain();
    let (key, token) = token(chain).await?;
    let mint = IToken::mintCall { to: key.address(), amount: U256::from(5) };
    let receipt = chain.transact(&key, token, &mint).await?;
    let transfer: UsdToken::Transfer = receipt.event()?;
    assert_eq!((transfer.from, transfer.to, transfer.value), (Address::ZERO, key.address(), U256::from(5)));

    let too_much = IToken::transferCall { to: Address::repeat_byte(1), amount: U256::from(6) };
    let refused: ERC20InsufficientBalance = chain.transact(&key, token, &too_much).await.expect_revert()?;
    assert_eq!((refused.balance, refused.needed), (U256::from(5), U256::from(6)));
    let refused: ERC20InsufficientBalance =
        chain.call_from(key.address(), token, &too_much).await.expect_revert()?;
    assert_eq!(refused.sender, key.address());
    Ok(())
}

#[tokio::test]
async fn batches_keep_order_and_nonces_past_a_failure() -> Result<()> {
    let node = Node::start().await?;
    let chain = node.chain();
    let (key, token) = token(chain).await?;
    let transfer =
        |amount: u64| IToken::transferCall { to: Address::repeat_byte(7), amount: U256::from(amount) };
    let mut txs =
        vec![Tx::call(&key, token, &IToken::mintCall { to: key.address(), amount: U256::from(300) })];
    txs.extend((0..300).map(|_| Tx::call(&key, token, &transfer(1)).gas(200_000)));
    txs.insert(150, Tx::call(&key, token, &transfer(1_000)).gas(200_000));
    let outcomes = chain.send_all(&txs).await?;
    let failed: Vec<usize> = (0..outcomes.len()).filter(|&i| outcomes[i].is_err()).collect();
    assert_eq!(failed, [150]);
    let owner = Address::repeat_byte(7);
    let balance = chain.call(token, &IToken::balanceOfCall { owner }).await?;
    assert_eq!(balance, U256::from(300));
    Ok(())
}

#[tokio::test]
async fn snapshots_and_time_travel_return_and_advance() -> Result<()> {
    let needs = [Capability::Snapshots, Capability::TimeTravel];
    let Some(node) = Node::alone(test_name!(), &needs, Options::default()).await? else { return Ok(()) };
    let chain = node.chain();
    let (key, token) = token(chain).await?;
    let owner = key.address();
    let mint = IToken::mintCall { to: owner, amount: U256::from(5) };
    let snapshot = chain.snapshot().await?;
    let before = chain.head().await?;
    chain.transact(&key, token, &mint).await?;
    chain.increase_time(1_000).await?;
    let after = chain.head().await?;
    ensure!(after.timestamp() >= before.timestamp() + 1_000, "{before:?} {after:?}");
    chain.revert_to(snapshot).await?;
    assert_eq!(chain.call(token, &IToken::balanceOfCall { owner }).await?, U256::ZERO);
    // the nonces of the undone transactions are free again
    chain.transact(&key, token, &mint).await?;
    assert_eq!(chain.call(token, &IToken::balanceOfCall { owner }).await?, U256::from(5));
    let at = chain.head().await?.timestamp() + 5_000;
    chain.set_next_time(at).await?;
    chain.mine().await?;
    assert_eq!(chain.head().await?.timestamp(), at);
    Ok(())
}

#[tokio::test]
async fn estimate_covers_what_the_transaction_uses() -> Result<()> {
    let node = Node::start().await?;
    let chain = node.chain();
    let (key, token) = token(chain).await?;
    let call = IToken::mintCall { to: key.address(), amount: U256::from(5) };
    let estimate = chain.estimate(&Tx::call(&key, token, &call)).await?;
    let used = chain.send(Tx::call(&key, token, &call).gas(estimate)).await?.gas();
    ensure!(used <= estimate, "{used} of {estimate}");
    let nonsense = Tx::raw(&key, token, UsdToken::approveCall::SELECTOR.to_vec());
    chain.estimate(&nonsense).await.expect_any_revert()?;
    Ok(())
}

#[tokio::test]
async fn a_plain_node_has_none_of_the_test_methods_and_tests_are_told() -> Result<()> {
    let plain = Node::embedded(Options { plain: true, ..Options::default() }).await?;
    let reached = Node::reach(plain.chain().url()).await?;
    assert_eq!(reached.capabilities(), Capabilities::all(false));
    assert_eq!(plain.capabilities(), reached.capabilities());
    // Two lines on standard error that are no failures.
    assert!(!reached.require("an example", &[Capability::Snapshots]));
    assert!(!reached.require("an example", &[Capability::SetStorage, Capability::TimeTravel]));
    assert!(reached.require("an example", &[]));
    for method in ["evm_mine", "hardhat_setCode", "anvil_setNonce"] {
        let refused = plain.chain().request::<_, serde_json::Value>(method, [0_u8; 0]).await;
        ensure!(format!("{:#}", refused.unwrap_err()).contains("-32601"), "{method}");
    }
    // Everything else is there.
    setup::setup(plain.chain()).await?;

    let whole = Node::embedded(Options::default()).await?;
    assert_eq!(Node::reach(whole.chain().url()).await?.capabilities(), Capabilities::all(true));
    Ok(())
}
