//! The two markets of the demo and the figures that shape its crowd.

use plimsoll_harness::{
    bindings::{IPlimsoll::MarketParams, IPlimsollOracle::Feed},
    ids::{BTC, ETH, WAD, perp, wad},
};

/// The perpetual on bitcoin.
pub(crate) const BTC_PERP: u128 = perp(BTC);
/// The perpetual on ether.
pub(crate) const ETH_PERP: u128 = perp(ETH);

/// Initial margin, ppm: at most ten times leverage, as venues allowed in a market with daily moves of 10 to 20 %.
pub(crate) const INITIAL: u32 = 100_000;
/// Maintenance margin, ppm.
pub(crate) const MAINTENANCE: u32 = 50_000;
/// Half of the spread that market makers quote, ppm of the index.
pub(crate) const HALF_SPREAD: u128 = 500;
/// Share of the insurance fund that one market may draw, ppm. What it drew refills over a day.
pub(crate) const INSURANCE_SHARE: u32 = 150_000;
/// Share that both markets together may draw, ppm.
pub(crate) const INSURANCE_CAP: u32 = 2 * INSURANCE_SHARE;
/// Realised profit is young for two to three windows of this length, seconds.
pub(crate) const YOUNG_WINDOW: u16 = 900;
/// Risk may grow only at a price at most this old, seconds: whoever trades brings a report along.
pub(crate) const MAX_TRADE_AGE: u16 = 60;

/// What market makers take off keepers in a quarter of an hour over both markets, US dollars: keepers cannot sell
/// faster than the market buys.
pub(crate) const ABSORBED_PER_STEP: u128 = 600_000;
/// Leverage up to which keepers take positions over.
pub(crate) const KEEPER_LEVERAGE: u128 = 4;

/// Name of a market's underlying.
pub(crate) fn name(instrument: u128) -> &'static str {
    if instrument == BTC_PERP { "BTC" } else { "ETH" }
}

/// Parameters of a market by the units that count as a lot and as a great deal.
fn params(lot: u128, most: u128) -> MarketParams {
    MarketParams {
        initialFactor: INITIAL,
        maintenanceFactor: MAINTENANCE,
        priceBand: 20_000,
        profitWeight: 1_000_000,
        takerFee: 500,
        makerFee: 200,
        fundingCap: 3_000,
        liquidationFee: 5_000,
        minDiscount: 5_000,
        maxDiscount: 25_000,
        targetBuffer: 200_000,
        oiLow: wad(100_000_000),
        oiHigh: wad(400_000_000),
        depth: wad(2_000_000),
        liquidationCost: wad(5),
        maxOpenInterest: most,
        maxPosition: most / 4,
        lot,
        minNotional: wad(100),
        interest: 100,
        fundingNotional: wad(1_000_000),
        maxTradeAge: MAX_TRADE_AGE,
        youngWindow: YOUNG_WINDOW,
        insuranceShare: INSURANCE_SHARE,
    }
}

/// The markets that the demo lists.
pub(crate) fn markets() -> Vec<(u128, MarketParams)> {
    vec![(BTC_PERP, params(WAD / 1_000, wad(20_000))), (ETH_PERP, params(WAD / 100, wad(400_000)))]
}

/// The oracle's feeds: a report every quarter of an hour, moves of more than 40 % between reports refused.
pub(crate) fn feeds() -> Vec<(u16, Feed)> {
    let feed = |low: u128, high: u128| Feed {
        maxAge: 1_800,
        maxAgeLate: 7_200,
        minPrice: wad(low),
        maxPrice: wad(high),
        maxMove: 400_000,
    };
    vec![(BTC, feed(100, 1_000_000)), (ETH, feed(1, 100_000))]
}
