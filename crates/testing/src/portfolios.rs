//! Random portfolios and parameters, with the extremes of both.

use plimsoll_risk::{
    WAD, ids,
    portfolio::{Collateral, Leg, Params, Portfolio, Scenario, Shock, Slice, Svi},
};
use proptest::{collection::vec, prelude::*, sample::select};

pub const TIME: u64 = 1_700_000_000;
pub const UNDERLYING: u16 = 3;

/// A number between two thousandths, WAD.
pub fn milli(low: u64, high: u64) -> impl Strategy<Value = u128> {
    (low..=high).prop_map(|x| u128::from(x) * (WAD / 1000))
}

/// The same with a sign.
pub fn signed_milli(low: i64, high: i64) -> impl Strategy<Value = i128> {
    (low..=high).prop_map(|x| i128::from(x) * (WAD as i128 / 1000))
}

fn confidence() -> impl Strategy<Value = u128> {
    prop_oneof![3 => Just(WAD), 1 => milli(0, 1000)]
}

/// A slice without negative variance: a is above what b takes away.
pub fn slice(seconds: u32, forward: u128) -> impl Strategy<Value = Slice> {
    (
        (1u64..1500, 0u64..400, -990i64..990, -500i64..500, 0u64..2000),
        (900u64..1100, 900u64..1100, -100i64..400),
        (confidence(), confidence(), confidence()),
    )
        .prop_map(move |((a, b, rho, m, sigma), (own, svi, rate), (c1, c2, c3))| {
            let milli = |x: i64| i128::from(x) * (WAD as i128 / 1000);
            let years = (u128::from(seconds.max(600)) * WAD) / (365 * 86_400);
            // Volatility from a few percent to several hundred.
            let a = milli(a as i64) * years as i128 / WAD as i128 + 1_000_000_000_000;
            Slice {
                expiry: TIME as u32 + seconds,
                forward: forward / 1000 * u128::from(own),
                rate: milli(rate),
                svi: Svi { a, b: milli(b as i64), rho: milli(rho), m: milli(m), sigma: milli(sigma as i64) },
                svi_forward: forward / 1000 * u128::from(svi),
                svi_years: years,
                forward_confidence: c1,
                rate_confidence: c2,
                vol_confidence: c3,
            }
        })
}

/// Seconds to expiry: gone, in settlement, days, years.
fn seconds() -> impl Strategy<Value = u32> {
    prop_oneof![
        1 => Just(0u32),
        2 => 1u32..1_800,
        4 => 1_800u32..30 * 86_400,
        3 => 30 * 86_400u32..3 * 365 * 86_400,
    ]
}

/// A portfolio of at most so many legs and expiries.
pub fn portfolio(legs: usize, expiries: usize) -> impl Strategy<Value = Portfolio> {
    let expiries = proptest::collection::btree_set(seconds(), 1..=expiries);
    (expiries, select(vec_of_spots())).prop_flat_map(move |(seconds, spot)| {
        let count = seconds.len();
        let slices: Vec<_> = seconds.into_iter().map(|seconds| slice(seconds, spot)).collect();
        let leg = (0..count, 100u64..4000, any::<bool>(), -2_000_000i64..2_000_000);
        let collateral = (milli(0, 20_000), milli(1, 3_000_000), confidence(), milli(0, 200), any::<bool>());
        (
            slices,
            vec(leg, 0..=legs),
            (signed_milli(-9_000, 9_000), milli(1, 2_000), confidence(), confidence()),
            vec(collateral, 0..4),
            (signed_milli(-1_000_000_000, 1_000_000_000), milli(100, 1_500)),
        )
            .prop_map(move |(slices, legs, (perps, perp, c1, c2), collaterals, (cash, stable))| {
                let legs = legs.into_iter().map(|(slice, strike, call, size)| {
                    // A strike of so many thousandths of spot, in 1e-8.
                    let strike = (spot / 1000 * u128::from(strike) / 10_000_000_000).max(1) as u64;
                    let size = i128::from(if size == 0 { 1 } else { size }) * (WAD as i128 / 10_000);
                    Leg { instrument: ids::option(UNDERLYING, slices[slice].expiry, strike, call), size }
                });
                let mut legs: Vec<Leg> = legs.collect();
                legs.sort_by_key(|leg| leg.instrument);
                legs.dedup_by_key(|leg| leg.instrument);
                Portfolio {
                    underlying: UNDERLYING,
                    time: TIME,
                    cash,
                    spot,
                    spot_confidence: c1,
                    perps,
                    perp_price: spot / 1000 * (perp / (WAD / 1000)),
                    perp_confidence: c2,
                    perp_pnl: cash / 7,
                    perp_funding: cash / 100,
                    stable_price: stable,
                    depth: 0,
                    collaterals: collaterals
                        .into_iter()
                        .map(|(amount, price, confidence, haircut, risk_cancelling)| Collateral {
                            amount,
                            price,
                            confidence,
                            maintenance_haircut: haircut,
                            initial_haircut: haircut / 2,
                            risk_cancelling,
                        })
                        .collect(),
                    slices,
                    legs,
                }
            })
    })
}

/// Nothing but a surface of one expiry, at its time.
pub fn bare(spot: u128) -> Portfolio {
    let years = WAD / 100;
    let svi = Svi { a: years as i128, b: 0, rho: 0, m: 0, sigma: 0 };
    let slice = Slice {
        expiry: TIME as u32,
        forward: spot,
        rate: 0,
        svi,
        svi_forward: spot,
        svi_years: years,
        forward_confidence: WAD,
        rate_confidence: WAD,
        vol_confidence: WAD,
    };
    Portfolio {
        underlying: UNDERLYING,
        time: TIME,
        cash: 0,
        spot,
        spot_confidence: WAD,
        perps: 0,
        perp_price: 0,
        perp_confidence: WAD,
        perp_pnl: 0,
        perp_funding: 0,
        stable_price: WAD,
        depth: 0,
        collaterals: Vec::new(),
        slices: vec![slice],
        legs: Vec::new(),
    }
}

fn vec_of_spots() -> Vec<u128> {
    vec![WAD / 100, WAD, 2_500 * WAD, 95_663_506_048_550_000_000_000]
}

/// Parameters: the standard ones, or any within sane bounds, or with some at their extremes.
pub fn params() -> impl Strategy<Value = Params> {
    let random = (
        vec((milli(20, 8_000), 0usize..3, milli(0, 5_000)), 0..38),
        (
            milli(0, 2_000),
            milli(0, 2_000),
            milli(0, 1_000),
            milli(0, 1_000),
            0u32..40 * 86_400,
            milli(0, 2_000),
        ),
        (
            signed_milli(-2_000, 9_500),
            signed_milli(-10_000, 2_000),
            signed_milli(-2_000, 9_500),
            signed_milli(-10_000, 2_000),
            milli(1, 1_000),
            milli(0, 5_000),
            signed_milli(-2_000, 4_500),
            signed_milli(-20_000, 1_000),
        ),
        (
            milli(500, 2_000),
            milli(0, 2_000),
            milli(0, 3_000),
            milli(0, 1_000),
            milli(0, 3_000),
            milli(0, 10_000),
            milli(0, 5_000),
        ),
        (milli(1, 3_000), milli(1, 3_000), milli(0, 4_000), milli(0, 5_000)),
        (milli(0, 1_000), milli(0, 5_000), milli(0, 1_000), milli(0, 1_000), milli(0, 50)),
    )
        .prop_map(|(scenarios, vol, skew, margin, basis, charges)| {
            let mut params = Params::standard();
            let shocks = [Shock::None, Shock::Up, Shock::Down];
            params.scenarios = scenarios
                .into_iter()
                .map(|(spot, shock, damp)| Scenario { spot, shock: shocks[shock], damp })
                .collect();
            for shock in [Shock::AbsoluteSkew, Shock::LinearSkew] {
                params.scenarios.push(Scenario { spot: WAD, shock, damp: WAD });
            }
            let v = &mut params.vol_shock;
            (v.range_up, v.range_down, v.short_term_power, v.long_term_power, v.floor, v.min_vol_up) = vol;
            let s = &mut params.skew;
            (
                s.linear_base,
                s.linear_c,
                s.abs_base,
                s.abs_c,
                s.min_k_star,
                s.width,
                s.vol_static,
                s.vol_scale,
            ) = skew;
            let g = &mut params.margin;
            (
                g.initial,
                g.long_base,
                g.long_rate_mult,
                g.long_rate_add,
                g.short_base,
                g.short_rate_mult,
                g.short_rate_add,
            ) = margin;
            let b = &mut params.basis;
            (b.up, b.down, b.add, b.mult) = basis;
            let c = &mut params.contingency;
            (
                c.peg_threshold,
                c.peg_factor,
                c.confidence_threshold,
                c.confidence_margin,
                c.option_maintenance,
            ) = charges;
            params
        });
    prop_oneof![1 => Just(Params::standard()), 3 => random]
}
