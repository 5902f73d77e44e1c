//! The oracle: every function with two of three signers and two feeds.

use alloy::primitives::Address;
use anyhow::Result;
use plimsoll_e2e::book;
use plimsoll_harness::{
    bindings::IPlimsollOracle::{self, PricePoint, submitCall},
    prelude::*,
};

use crate::bench::{Bench, Rows};

pub(crate) async fn all(bench: &Bench, rows: &mut Rows) -> Result<()> {
    let (world, at, owner) = (&bench.world, bench.world.oracle, &bench.world.owner);
    for (case, prices) in [
        ("1 price, 2 signatures", &[(BTC, wad(10_000))][..]),
        ("2 prices, 2 signatures", &[(BTC, wad(10_001)), (ETH, wad(500))]),
    ] {
        let receipt = world.set_prices(prices).await?;
        rows.note::<submitCall>(case, receipt.gas(), &bench.calldata(&receipt).await?);
    }

    bench.view_of(rows, "1 price", at, &IPlimsollOracle::pricesCall { underlyings: vec![BTC] }).await?;
    bench.view_of(rows, "2 prices", at, &IPlimsollOracle::pricesCall { underlyings: vec![BTC, ETH] }).await?;
    bench.view_of(rows, "", at, &IPlimsollOracle::priceCall { underlying: BTC }).await?;
    bench.view_of(rows, "", at, &IPlimsollOracle::feedCall { underlying: BTC }).await?;
    let points = vec![PricePoint { underlying: BTC, price: wad(10_000), time: book::START }];
    bench.view_of(rows, "1 price", at, &IPlimsollOracle::digestCall { points, deadline: 1 }).await?;
    bench.view_of(rows, "three", at, &IPlimsollOracle::signersCall {}).await?;
    bench.view_of(rows, "", at, &IPlimsollOracle::thresholdCall {}).await?;
    bench.view_of(rows, "", at, &IPlimsollOracle::ownerCall {}).await?;
    bench.view_of(rows, "", at, &IPlimsollOracle::pendingOwnerCall {}).await?;

    let set = |underlying| IPlimsollOracle::setFeedCall { underlying, feed: book::feed() };
    bench.send_to(rows, "new", at, owner, &set(9)).await?;
    bench.send_to(rows, "replaced", at, owner, &set(BTC)).await?;
    let signers: Vec<Address> = world.reporters.iter().take(2).map(Key::address).collect();
    let call = IPlimsollOracle::setSignersCall { signers, threshold: 2 };
    bench.send_to(rows, "two for three", at, owner, &call).await?;
    let pending = world.user("next oracle owner").await?;
    let call = IPlimsollOracle::transferOwnershipCall { pending: pending.address() };
    bench.send_to(rows, "", at, owner, &call).await?;
    bench.send_to(rows, "", at, &pending, &IPlimsollOracle::acceptOwnershipCall {}).await?;
    Ok(())
}
