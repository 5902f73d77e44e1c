//! What must hold of any portfolio margin, whoever works it out.

use plimsoll_risk::{
    WAD, ids,
    portfolio::{Leg, Params, Portfolio, Slice},
};
use proptest::prelude::*;

use crate::portfolios::{TIME, UNDERLYING, bare, slice};

pub const SPOT: u128 = 2_500 * WAD;
pub const ONE: i128 = WAD as i128;

/// Rounding that adds up over slots and strikes, WAD of quote per unit of notional of one spot: 1e-15.
pub const DUST: i128 = 2_500_000;

/// The standard parameters where values, not charges, are looked at: no static discount.
pub fn plain() -> Params {
    let mut params = Params::standard();
    params.margin.long_base = WAD;
    params.margin.short_base = WAD;
    (params.margin.long_rate_mult, params.margin.long_rate_add) = (0, 0);
    (params.margin.short_rate_mult, params.margin.short_rate_add) = (0, 0);
    params.scenarios.retain(|scenario| !scenario.shock.is_skew());
    params
}

/// One expiry with one option a strike.
pub fn options(slice: Slice, legs: &[(u64, bool, i128)]) -> Portfolio {
    Portfolio {
        perp_price: SPOT,
        slices: vec![slice],
        legs: legs
            .iter()
            .map(|(strike, call, size)| Leg {
                instrument: ids::option(UNDERLYING, slice.expiry, strike * 100_000_000, *call),
                size: *size,
            })
            .collect(),
        ..bare(SPOT)
    }
}

/// A slice whose smile is flat: volatility is that of `a`.
pub fn flat(mut slice: Slice, variance: u128) -> Slice {
    slice.svi.b = 0;
    slice.svi.a = variance as i128;
    slice
}

pub fn discounted(slice: &Slice, amount: u128) -> f64 {
    let years = f64::from(slice.expiry - TIME as u32) / 31_536_000.0;
    amount as f64 * (-(slice.rate.max(0) as f64) / 1e18 * years).exp()
}

pub fn any_slice() -> impl Strategy<Value = Slice> {
    (1u32..2 * 31_536_000).prop_flat_map(|seconds| slice(seconds, SPOT))
}

/// The properties as tests, each asked so many times of a function that works a margin out.
#[macro_export]
macro_rules! portfolio_properties {
    ($cases:expr, $detail:path) => {
        mod properties {
            use $crate::{
                plimsoll_risk::{
                    WAD, ids,
                    portfolio::{Leg, Params, Portfolio, Scenario, Shock, Slice},
                },
                portfolios::{TIME, UNDERLYING, bare, milli, portfolio, slice},
                properties::{DUST, ONE, SPOT, any_slice, discounted, flat, options, plain},
                proptest::{self, prelude::*},
            };

            use $detail as detail;

            fn value(slice: Slice, strike: u64, call: bool) -> i128 {
                detail(&options(slice, &[(strike, call, ONE)]), &plain()).assessment.mark_to_market
            }

            proptest! {
                #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases($cases) })]

                /// A call less a put is a forward at the strike, today and in every scenario.
                #[test]
                fn parity_of_calls_and_puts(slice in any_slice(), strike in 300u64..9_000) {
                    let both = detail(&options(slice, &[(strike, true, ONE), (strike, false, -ONE)]), &plain());
                    let forward = discounted(&slice, slice.forward) - discounted(&slice, u128::from(strike) * WAD);
                    let slack = 1e-14 * (slice.forward as f64);
                    prop_assert!((both.assessment.mark_to_market as f64 - forward).abs() <= slack);
                    for (scenario, profit) in plain().scenarios.iter().zip(&both.profits) {
                        let seconds = f64::from(slice.expiry - TIME as u32);
                        let open = (seconds / 1_800.0).min(1.0);
                        let moved = (scenario.spot as f64 / 1e18 - 1.0) * open * discounted(&slice, slice.forward);
                        let wanted = moved * scenario.damp as f64 / 1e18;
                        prop_assert!((*profit as f64 - wanted).abs() <= 6.0 * slack, "{} {}", profit, wanted);
                    }
                }

                #[test]
                fn value_is_between_its_bounds(slice in any_slice(), strike in 300u64..9_000) {
                    let (forward, paid) = (discounted(&slice, slice.forward), discounted(&slice, u128::from(strike) * WAD));
                    let (call, put) = (value(slice, strike, true) as f64, value(slice, strike, false) as f64);
                    let slack = 1e-14 * forward.max(paid);
                    prop_assert!(call >= (forward - paid).max(0.0) - slack && call <= forward + slack);
                    prop_assert!(put >= (paid - forward).max(0.0) - slack && put <= paid + slack);
                }

                /// At one volatility: a smile may slope more than strikes do, unless it is free of arbitrage.
                #[test]
                fn value_falls_with_the_strike_of_a_call(slice in any_slice(), strike in 300u64..9_000, more in 1u64..500) {
                    let slice = flat(slice, slice.svi.a as u128);
                    let (low, high) = (value(slice, strike, true), value(slice, strike + more, true));
                    prop_assert!(high <= low + DUST, "{} {}", low, high);
                    let step = discounted(&slice, u128::from(more) * WAD);
                    prop_assert!((low - high) as f64 <= step + DUST as f64);
                    prop_assert!(value(slice, strike + more, false) >= value(slice, strike, false) - DUST);
                }

                #[test]
                fn value_grows_with_volatility(slice in any_slice(), strike in 300u64..9_000, more in milli(1, 500)) {
                    let (before, after) = (flat(slice, slice.svi.a as u128), flat(slice, slice.svi.a as u128 + more));
                    for call in [true, false] {
                        prop_assert!(value(after, strike, call) >= value(before, strike, call) - DUST);
                    }
                }

                /// At one volatility and without a rate.
                #[test]
                fn value_grows_with_time(slice in any_slice(), strike in 300u64..9_000, more in 1u32..31_536_000) {
                    let mut before = flat(slice, slice.svi.a as u128);
                    before.rate = 0;
                    let mut after = before;
                    after.expiry += more;
                    for call in [true, false] {
                        prop_assert!(value(after, strike, call) >= value(before, strike, call) - DUST);
                    }
                }

                #[test]
                fn value_moves_with_spot_by_delta_at_most(slice in any_slice(), strike in 300u64..9_000, spot in milli(300, 3_000)) {
                    let mut params = plain();
                    params.scenarios = vec![Scenario { spot, shock: Shock::None, damp: WAD }];
                    let profit = |call| detail(&options(slice, &[(strike, call, ONE)]), &params).profits[0];
                    let (call, put) = (profit(true), profit(false));
                    let seconds = u128::from(slice.expiry) - u128::from(TIME);
                    let open = seconds.min(1_800) as f64 / 1_800.0;
                    let most = discounted(&slice, slice.forward) * open * spot.abs_diff(WAD) as f64 / 1e18;
                    let (up, down) = if spot >= WAD { (call, put) } else { (put, call) };
                    prop_assert!(up >= -DUST && up as f64 <= most + 2.0 * DUST as f64);
                    prop_assert!(down <= DUST && -down as f64 <= most + 2.0 * DUST as f64);
                }

                /// The other side of every trade wins what this one loses, where nothing is charged.
                #[test]
                fn profits_of_opposite_portfolios_are_opposite(portfolio in portfolio(24, 4)) {
                    let mut other = portfolio.clone();
                    other.collaterals.clear();
                    let mut mine = other.clone();
                    other.perps = -other.perps;
                    other.legs.iter_mut().for_each(|leg| leg.size = -leg.size);
                    mine.cash = 0;
                    let params = plain();
                    let (mine, others) = (detail(&mine, &params), detail(&other, &params));
                    let notional: u128 = other.legs.iter().map(|leg| leg.size.unsigned_abs() / WAD + 1).sum::<u128>() + 10;
                    let slack = (notional * (other.spot / WAD + 1)) as i128 * 20_000;
                    for (a, b) in mine.profits.iter().zip(&others.profits) {
                        prop_assert!((a + b).abs() <= slack, "{} {} slack {}", a, b, slack);
                    }
                }

                #[test]
                fn order_of_legs_does_not_count(portfolio in portfolio(40, 6), seed: u64) {
                    let mut shuffled = portfolio.clone();
                    let mut state = seed | 1;
                    for at in (1..shuffled.legs.len()).rev() {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                        shuffled.legs.swap(at, (state >> 33) as usize % (at + 1));
                    }
                    let params = Params::standard();
                    prop_assert_eq!(detail(&portfolio, &params), detail(&shuffled, &params));
                }

                /// The grid's worst case of two books held together is not worse than both by themselves. Static discounts must not
                /// favour longs over shorts for that: the standard ones do up to a third of a year, and then it does not hold.
                #[test]
                fn worst_case_is_sub_additive(a in portfolio(20, 3), b in portfolio(20, 3), short in milli(1_000, 1_500), long in milli(500, 1_000)) {
                    let mut params = plain();
                    (params.margin.long_base, params.margin.short_base) = (long, short);
                    let (mut a, mut b) = (a, b);
                    (b.spot, b.slices) = (a.spot, a.slices.clone());
                    (b.stable_price, b.spot_confidence, b.perp_confidence, b.perp_price) =
                        (a.stable_price, a.spot_confidence, a.perp_confidence, a.perp_price);
                    // b's options at a's expiries
                    let expiries: Vec<u32> = a.slices.iter().map(|slice| slice.expiry).collect();
                    b.legs = a.legs.iter().zip(&b.legs).map(|(mine, other)| {
                        let terms = ids::option_of(mine.instrument).unwrap();
                        let strike = (terms.strike / 10_000_000_000) as u64 + 1;
                        Leg { instrument: ids::option(UNDERLYING, expiries[0].max(terms.expiry), strike, other.size > 0), size: other.size }
                    }).collect();
                    b.legs.sort_by_key(|leg| leg.instrument);
                    b.legs.dedup_by_key(|leg| leg.instrument);
                    a.legs.retain(|leg| b.legs.iter().all(|other| other.instrument != leg.instrument));
                    let mut both = a.clone();
                    both.legs.extend(b.legs.clone());
                    both.perps += b.perps;
                    both.collaterals.extend(b.collaterals.clone());
                    let worst = |book: &Portfolio| detail(book, &params).assessment.worst;
                    let (apart, together) = (worst(&a) + worst(&b), worst(&both));
                    let slack = 1_000_000 + (apart.abs() >> 40);
                    prop_assert!(together >= apart - slack, "{} {}", together, apart);
                }

                /// A short option is a pure liability: taking one over for nothing never helps. Two parts of the peer's model are
                /// left out because there it can: of skews only the loss counts, so a liability that gains by one offsets another's
                /// loss; and the basis counts moves of up to several times the value, so a deep liability is worth more as a hedge.
                /// The same of factors above one.
                #[test]
                fn a_liability_does_not_raise_a_balance(portfolio in portfolio(20, 3), strike in 200u64..5_000, call: bool, size in milli(1, 10_000), initial in milli(500, 1_000)) {
                    let mut params = Params::standard();
                    params.scenarios.retain(|scenario| !scenario.shock.is_skew());
                    params.basis.mult = 0;
                    (params.margin.initial, params.contingency.peg_factor) = (initial, 0);
                    let expiry = portfolio.slices[0].expiry;
                    let strike = (portfolio.spot / 1_000 * u128::from(strike) / 10_000_000_000).max(1) as u64;
                    let instrument = ids::option(UNDERLYING, expiry, strike, call);
                    prop_assume!(portfolio.legs.iter().all(|leg| leg.instrument != instrument));
                    // A long at the strike would be netted by the other right's short: the peer's quirk.
                    let other = ids::option(UNDERLYING, expiry, strike, !call);
                    prop_assume!(portfolio.legs.iter().all(|leg| leg.instrument != other));
                    let mut more = portfolio.clone();
                    more.legs.push(Leg { instrument, size: -(size as i128) });
                    let (before, after) = (detail(&portfolio, &params).assessment, detail(&more, &params).assessment);
                    let slack = 1_000_000 + (before.worst.abs() >> 40);
                    prop_assert!(after.initial <= before.initial + slack);
                    prop_assert!(after.maintenance <= before.maintenance + slack);
                }

                /// Initial margin asks for more than maintenance when its factor is not less.
                #[test]
                fn initial_is_not_above_maintenance(portfolio in portfolio(20, 3)) {
                    let margin = detail(&portfolio, &Params::standard()).assessment;
                    prop_assert!(margin.initial <= margin.maintenance);
                    prop_assert!(margin.worst <= 0 && margin.basis <= 0);
                }
            }
        }
    };
}
