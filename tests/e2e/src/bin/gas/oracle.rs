//! The oracle: every function with two of three signers and two feeds.

use alloy::primitives::Address;
use anyhow::Result;
use plimsoll_e2e::book;
use plimsoll_harness::{
    bindings::IPlimsollOracle::{self, PricePoint, submitCall, submitSlicesCall},
    prelude::*,
    surfaces::{self, Surface},
};

use crate::bench::{Bench, Rows};

pub(crate) async fn all(bench: &Bench, rows: &mut Rows) -> Result<()> {
    let (world, at, owner) = (&bench.world, bench.world.oracle, &bench.world.owner);
    for (case, prices) in [
        ("1 price, 2 signatures", &[(BTC, wad(10_000))][..]),
        ("2 prices, 2 signatures", &[(BTC, wad(10_001)), (ETH, wad(500))]),
    ] {
        let receipt = world.set_prices(prices).await?;
        bench.note::<submitCall>(rows, case, at, &receipt, &bench.calldata(&receipt).await?).await?;
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

    surfaces(bench, rows).await?;

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

/// Slices of bitcoin, first reported, then reported again; and read.
async fn surfaces(bench: &Bench, rows: &mut Rows) -> Result<()> {
    let (world, at, owner) = (&bench.world, bench.world.oracle, &bench.world.owner);
    let rules = Surface { maxAge: book::DAY, maxAgeLate: 2 * book::DAY, ..surfaces::surface() };
    for case in ["new", "replaced"] {
        let call = IPlimsollOracle::setSurfaceCall { underlying: BTC, surface: rules.clone() };
        bench.send_to(rows, case, at, owner, &call).await?;
    }
    let date = |number: usize| (book::START as u32) + (number as u32 + 1) * 7 * book::DAY;
    for (count, case) in [
        (1, "1 slice, new, 2 signatures"),
        (1, "1 slice, 2 signatures"),
        (4, "4 slices, 3 of them new, 2 signatures"),
        (4, "4 slices, 2 signatures"),
        (12, "12 slices, 8 of them new, 2 signatures"),
        (12, "12 slices, 2 signatures"),
        (1, "1 slice beside 11 others, 2 signatures"),
    ] {
        bench.tick().await?;
        let time = world.chain.head().await?.timestamp();
        let slice = |number| surfaces::smile(BTC, date(number), time, wad(10_000), 600_000);
        let slices: Vec<_> = (0..count).map(slice).collect();
        let receipt = world.set_slices(&slices).await?;
        bench.note::<submitSlicesCall>(rows, case, at, &receipt, &bench.calldata(&receipt).await?).await?;
    }
    for count in [1, 4, 12] {
        let expiries: Vec<u32> = (0..count).map(date).collect();
        let case = if count == 1 { "1 expiry".to_owned() } else { format!("{count} expiries") };
        let call = IPlimsollOracle::surfaceCall { underlying: BTC, expiries: expiries.clone() };
        bench.view_of(rows, &case, at, &call).await?;
        let call = IPlimsollOracle::slicesCall { underlying: BTC, expiries };
        bench.view_of(rows, &case, at, &call).await?;
    }
    bench.view_of(rows, "12", at, &IPlimsollOracle::expiriesCall { underlying: BTC }).await?;
    bench.view_of(rows, "", at, &IPlimsollOracle::surfaceRulesCall { underlying: BTC }).await?;
    let slices = vec![surfaces::smile(BTC, date(0), book::START, wad(10_000), 600_000)];
    bench.view_of(rows, "1 slice", at, &IPlimsollOracle::sliceDigestCall { slices, deadline: 1 }).await
}
