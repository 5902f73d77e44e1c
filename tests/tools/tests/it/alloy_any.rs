//! alloy with `AnyNetwork`, as programs for Arbitrum use it: fields that Ethereum does not know, fillers, bindings, logs.

use alloy::{
    consensus::Transaction,
    network::{
        AnyNetwork, AnyRpcBlock, AnyTransactionReceipt, EthereumWallet, ReceiptResponse, TransactionBuilder,
        TransactionResponse,
    },
    primitives::{Address, B256, Bytes, U64, U256},
    providers::{DynProvider, PendingTransactionBuilder, Provider, ProviderBuilder, WalletProvider},
    rpc::types::{BlockNumberOrTag, Filter, TransactionRequest},
    serde::WithOtherFields,
    signers::local::PrivateKeySigner,
    sol_types::{SolCall, SolEvent},
};
use anyhow::{Context, Result};
use plimsoll_harness::{
    bindings::arbitrum::{ARB_WASM, ArbWasm},
    prelude::*,
};
use plimsoll_tools::keeper::{self, Keeper};

/// Wei for the data fee of an activation; what is too much comes back.
const ACTIVATION_VALUE: u64 = 10_000_000_000_000_000;

/// A provider with alloy's usual fillers (chain id, nonce, fees, gas) that signs for a key.
fn provider(
    world: &World,
    key: &Key,
) -> Result<impl Provider<AnyNetwork> + WalletProvider<AnyNetwork> + Clone + use<>> {
    let signer = PrivateKeySigner::from_bytes(&key.secret())?;
    Ok(ProviderBuilder::new()
        .network::<AnyNetwork>()
        .wallet(EthereumWallet::from(signer))
        .connect_http(world.chain.url().parse()?))
}

async fn mined(pending: PendingTransactionBuilder<AnyNetwork>) -> Result<AnyTransactionReceipt> {
    Ok(pending.with_required_confirmations(1).get_receipt().await?)
}

fn request(to: Address, data: Vec<u8>) -> WithOtherFields<TransactionRequest> {
    WithOtherFields::new(TransactionRequest::default()).with_to(to).with_input(data)
}

/// A quantity among the fields that Ethereum does not know.
fn other(fields: &alloy::serde::OtherFields, name: &str) -> Result<u64> {
    let value: U64 = fields.get_deserialized(name).with_context(|| format!("no {name} in {fields:?}"))??;
    Ok(value.to())
}

#[tokio::test]
async fn alloy_reads_blocks_transactions_and_receipts_of_arbitrum() -> Result<()> {
    let world = World::start().await?;
    let alice = world.user("alice").await?;
    let provider = provider(&world, &alice)?;
    assert_eq!(provider.get_chain_id().await?, world.chain.chain_id());

    let sent = request(alice.address(), vec![1, 2, 3]).with_value(U256::from(5));
    let receipt = mined(provider.send_transaction(sent).await?).await?;
    assert!(receipt.status());
    // 21,000, and 16 for each byte that is not zero; on Nitro also for L1.
    assert!(receipt.gas_used() >= 21_048);
    let number = receipt.block_number().context("no block")?;
    other(&receipt.other, "gasUsedForL1")?;

    let block: AnyRpcBlock = provider.get_block_by_number(number.into()).full().await?.context("no block")?;
    assert_eq!(block.header.number, number);
    assert_eq!(other(&block.other, "l1BlockNumber")?, other(&receipt.other, "l1BlockNumber")?);
    assert!(block.other.contains_key("sendRoot") && block.other.contains_key("sendCount"));
    let full = block.transactions.as_transactions().context("only hashes")?;
    let tx = full.iter().find(|tx| tx.tx_hash() == receipt.transaction_hash()).context("not in its block")?;
    assert_eq!((tx.from(), tx.to()), (alice.address(), Some(alice.address())));
    let alone =
        provider.get_transaction_by_hash(receipt.transaction_hash()).await?.context("no transaction")?;
    assert_eq!(alone.tx_hash(), tx.tx_hash());
    assert_eq!(
        receipt.effective_gas_price(),
        u128::from(block.header.base_fee_per_gas.context("no base fee")?)
    );

    // Every block of the deployment parses whole, receipts too: creations, transactions without chain id.
    for number in world.first_block.saturating_sub(8)..=number {
        let block = provider.get_block_by_number(number.into()).full().await?.context("no block")?;
        let receipts = provider.get_block_receipts(number.into()).await?.context("no receipts")?;
        assert_eq!(block.transactions.len(), receipts.len());
    }
    assert!(provider.get_block_by_number(BlockNumberOrTag::Number(1 << 40)).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn alloy_fills_transactions_by_itself() -> Result<()> {
    let world = World::start().await?;
    let [alice, bob] = [world.user("alice").await?, world.user("bob").await?];
    let provider = provider(&world, &alice)?;
    let token = IToken::new(world.token, provider.clone());

    // Nonce, gas, fees and chain id come from the fillers; five under way at once have five nonces.
    let mut pending = Vec::new();
    for amount in 1..=5_u64 {
        pending.push(token.mint(alice.address(), U256::from(amount)).send().await?);
    }
    for one in pending {
        assert!(mined(one).await?.status());
    }
    assert_eq!(provider.get_transaction_count(alice.address()).await?, 5);
    assert_eq!(token.balanceOf(alice.address()).call().await?, U256::from(15));

    let call = token.transfer(bob.address(), U256::from(10));
    let estimate = call.estimate_gas().await?;
    let receipt = mined(call.send().await?).await?;
    assert!(receipt.gas_used() <= estimate, "{} of {estimate}", receipt.gas_used());
    let sent =
        provider.get_transaction_by_hash(receipt.transaction_hash()).await?.context("no transaction")?;
    let fees = provider.estimate_eip1559_fees().await?;
    let base = provider.get_gas_price().await?;
    assert!(fees.max_fee_per_gas >= base);
    assert_eq!(sent.chain_id(), Some(world.chain.chain_id()));
    assert_eq!(sent.gas_limit(), estimate);

    let history = provider.get_fee_history(4, BlockNumberOrTag::Latest, &[50.0]).await?;
    assert_eq!((history.base_fee_per_gas.len(), history.gas_used_ratio.len()), (5, 4));
    // The past by number and by hash, storage: ERC20 keeps the supply in slot 2.
    let block = receipt.block_number().context("no block")?;
    let before = token.balanceOf(bob.address()).block((block - 1).into()).call().await?;
    assert_eq!(token.balanceOf(bob.address()).call().await? - before, U256::from(10));
    let hash = receipt.block_hash().context("no block")?;
    assert_eq!(token.balanceOf(bob.address()).block(hash.into()).call().await? - before, U256::from(10));
    assert_eq!(provider.get_storage_at(world.token, U256::from(2)).await?, U256::from(15));
    Ok(())
}

#[tokio::test]
async fn alloy_works_with_the_engine() -> Result<()> {
    let world = World::start().await?;
    let alice = world.trader("alice", wad(1_000)).await?;
    let provider = provider(&world, &alice)?;
    let engine = IPlimsoll::new(world.engine, provider.clone());
    let account = alice.account(0);
    assert_eq!(engine.marginOf(account).call().await?.equity, wad(1_000) as i128);

    // One unit above what is free, which is 1e12 WAD; by call, by estimate and by sending.
    let refused = engine.withdraw(account, world.token, U256::from(1_000_000_001_u64), alice.address());
    for error in [
        refused.call().await.err().context("allowed")?,
        refused.estimate_gas().await.err().context("estimated")?,
        refused.send().await.err().context("sent")?,
    ] {
        let error: IPlimsoll::InsufficientCollateral =
            error.as_decoded_error().with_context(|| format!("{error}"))?;
        assert_eq!((error.account, error.free), (account, wad(1_000)));
        assert_eq!(error.amount, wad(1_000) + 1_000_000_000_000);
    }

    let receipt =
        mined(engine.withdraw(account, world.token, U256::from(1_000_000), alice.address()).send().await?)
            .await?;
    let logs = receipt.inner.inner.logs();
    assert!(logs.iter().any(|log| log.topic0() == Some(&IPlimsoll::Withdrawn::SIGNATURE_HASH)));

    // Logs by a filter of the bindings, and a filter that the node keeps and is polled for.
    let found = engine.Withdrawn_filter().topic1(account).from_block(world.first_block).query().await?;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].0.to, found[0].0.amount), (alice.address(), U256::from(1_000_000)));
    assert_eq!(found[0].1.transaction_hash, Some(receipt.transaction_hash()));
    let filter = Filter::new().address(world.engine).event_signature(IPlimsoll::Withdrawn::SIGNATURE_HASH);
    let id = provider.new_filter(&filter).await?;
    mined(engine.withdraw(account, world.token, U256::from(2_000_000), alice.address()).send().await?)
        .await?;
    let changes: Vec<alloy::rpc::types::Log> = provider.get_filter_changes(id).await?;
    let amounts = changes.iter().map(|log| Ok(IPlimsoll::Withdrawn::decode_log(&log.inner)?.amount));
    assert_eq!(amounts.collect::<Result<Vec<_>>>()?, [U256::from(2_000_000)]);
    assert!(provider.get_filter_changes::<alloy::rpc::types::Log>(id).await?.is_empty());
    assert!(provider.uninstall_filter(id).await?);

    // Two calls in one look at the same block.
    let erased: DynProvider<AnyNetwork> = provider.erased();
    let engine = IPlimsoll::new(world.engine, erased);
    let (margin, totals) = tokio::try_join!(async { engine.marginOf(account).call().await }, async {
        engine.totals().call().await
    },)?;
    assert_eq!((margin.equity, totals.tokens), (wad(997) as i128, wad(997)));
    Ok(())
}

#[tokio::test]
async fn alloy_deploys_and_activates_a_stylus_program() -> Result<()> {
    let world = World::start().await?;
    let alice = world.user("alice").await?;
    let provider = provider(&world, &alice)?;
    let program = keeper::program()?;
    let create = WithOtherFields::new(TransactionRequest::default()).with_deploy_code(program.init_code());
    let receipt = mined(provider.send_transaction(create).await?).await?;
    let address = receipt.contract_address().context("no contract")?;
    assert_eq!(address, alice.address().create(0));
    assert_eq!(provider.get_code_at(address).await?, program.code);

    let activate = ArbWasm::activateProgramCall { program: address }.abi_encode();
    let activate = request(ARB_WASM, activate).with_value(U256::from(ACTIVATION_VALUE));
    let receipt = mined(provider.send_transaction(activate).await?).await?;
    let event = receipt.inner.inner.logs().first().context("no event")?;
    let event = ArbWasm::ProgramActivated::decode_log(&event.inner)?.data;
    assert_eq!((event.codehash, event.program), (program.code_hash(), address));

    let keeper = Keeper::new(address, &provider);
    assert_eq!(keeper.number().call().await?, U256::ZERO);
    let receipt = mined(keeper.setNumber(U256::from(9)).send().await?).await?;
    assert_eq!(
        receipt.inner.inner.logs()[0].topics()[1],
        B256::left_padding_from(alice.address().as_slice())
    );
    assert_eq!(keeper.number().call().await?, U256::from(9));
    assert_eq!(provider.get_storage_at(address, U256::ZERO).await?, U256::from(9));
    let refused = keeper.setNumber(U256::ZERO).call().await.err().context("allowed")?;
    assert!(refused.as_decoded_error::<Keeper::ZeroNumber>().is_some(), "{refused}");

    // What alloy has no method for.
    let version: U64 = provider.raw_request("eth_chainId".into(), ()).await?;
    assert_eq!(version.to::<u64>(), world.chain.chain_id());
    let raw: Bytes =
        provider.raw_request("eth_getRawTransactionByHash".into(), [receipt.transaction_hash()]).await?;
    assert!(!raw.is_empty());
    Ok(())
}
