//! Black-76 against published prices and greeks (`black76.json` names their sources), against the formula and its finite
//! differences in 256 bits, and against the inequalities that no price may break.

use crate::exact76::Exact;
use plimsoll_exact::Real;
use plimsoll_fixed::mul_div_floor;
use plimsoll_risk::{
    Overflow, WAD,
    black76::{Greeks, Kind, Terms},
};
use proptest::prelude::*;
use serde_json::Value;

const ONE: i128 = WAD as i128;
const BOTH: [Kind; 2] = [Kind::Call, Kind::Put];

fn vectors(prefix: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(include_str!("../black76.json")).unwrap();
    all.into_iter().filter(|vector| vector["id"].as_str().unwrap().starts_with(prefix)).collect()
}

/// A decimal number or fraction.
fn real(value: &Value) -> Real {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.split_once('/') {
        Some((n, d)) => Real::parse(n) / Real::parse(d),
        None => Real::parse(&text),
    }
}

fn wad(x: &Real) -> i128 {
    let size = (x.abs() * Real::uint(WAD)).round() as i128;
    if *x < Real::int(0) { -size } else { size }
}

fn unsigned(x: &Real) -> u128 {
    wad(x).unsigned_abs()
}

/// The difference is at most `tolerance` of a unit of quote.
fn close(id: &str, got: i128, expected: &Real, tolerance: &str) {
    let error = (Real::wad(got) - expected.clone()).abs();
    assert!(error <= Real::parse(tolerance), "{id}: {got} against {expected:?}");
}

#[test]
fn price_haug_published_values() {
    let cases: Vec<_> =
        vectors("HAUG").into_iter().filter(|case| case["inputs"]["S_or_F"].is_string()).collect();
    assert_eq!(cases.len(), 43);
    for case in cases {
        let (id, inputs, exact) = (case["id"].as_str().unwrap(), &case["inputs"], &case["high_precision"]);
        let terms = Terms {
            forward: unsigned(&real(&exact["forward"])),
            strike: unsigned(&real(&inputs["K"])),
            vol: unsigned(&real(&inputs["vol"])),
            time: unsigned(&real(&inputs["T"])),
            rate: wad(&real(&inputs["r"])),
        };
        let price = terms.price(if inputs["type"] == "c" { Kind::Call } else { Kind::Put }).unwrap();
        close(id, price as i128, &real(&case["expected_published"]), "1e-4");
        // the forward of the vector is given to 25 digits, ours to 18
        let bound = Real::unsigned_wad(terms.error_ceil().unwrap() + 2);
        assert!((Real::unsigned_wad(price) - real(&exact["price"])).abs() <= bound, "{id}: {price}");
    }
}

#[test]
fn price_lyra_published_values() {
    let cases = vectors("B76");
    assert_eq!(cases.len(), 4);
    for case in cases {
        let (id, inputs) = (case["id"].as_str().unwrap(), &case["inputs"]);
        let time = real(&inputs["secs"]) / Real::int(365 * 86_400);
        let terms = Terms {
            forward: unsigned(&real(&inputs["F"])),
            strike: unsigned(&real(&inputs["K"])),
            vol: unsigned(&real(&inputs["vol"])),
            time: unsigned(&time),
            rate: wad(&(-real(&inputs["df"]).ln() / time)),
        };
        for (kind, name) in [(Kind::Call, "call"), (Kind::Put, "put")] {
            let price = terms.price(kind).unwrap() as i128;
            close(id, price, &real(&case["expected_published"][name]), "1e-12");
            // T and r are rounded to a WAD here
            close(id, price, &real(&case["high_precision"][name]), "1e-14");
        }
    }
}

/// Haug's greeks are by the spot; by the chain rule from those by the forward `F = S exp((r - q) T)`.
#[test]
fn greeks_haug_published_values() {
    let cases: Vec<_> = vectors("HAUG-G").into_iter().collect();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let (id, inputs) = (case["id"].as_str().unwrap(), &case["inputs"]);
        let [spot, rate, yield_, time] = ["S", "r", "q", "T"].map(|name| real(&inputs[name]));
        let growth = ((rate.clone() - yield_.clone()) * time.clone()).exp();
        let forward = spot * growth.clone();
        let terms = Terms {
            forward: unsigned(&forward),
            strike: unsigned(&real(&inputs["K"])),
            vol: unsigned(&real(&inputs["vol"])),
            time: unsigned(&time),
            rate: wad(&rate),
        };
        let greeks = terms.greeks(if inputs["type"] == "c" { Kind::Call } else { Kind::Put }).unwrap();
        let delta = Real::wad(greeks.delta);
        let got = match inputs["greek"].as_str().unwrap() {
            "delta" => delta * growth,
            "gamma" => Real::unsigned_wad(greeks.gamma) * growth.clone() * growth,
            "vega" => Real::unsigned_wad(greeks.vega),
            "theta" => Real::wad(greeks.theta) - delta * forward * (rate - yield_),
            "rho" => Real::wad(greeks.rho) + delta * forward * time,
            other => panic!("{other}"),
        };
        close(id, wad(&got), &real(&case["expected_published"]), "1e-4");
        close(id, wad(&got), &real(&case["high_precision"]), "1e-14");
    }
}

#[test]
fn nothing_uncertain_is_intrinsic() {
    let base = Terms { forward: 110 * WAD, strike: 100 * WAD, vol: 0, time: WAD, rate: 0 };
    for terms in [base, Terms { vol: WAD, time: 0, ..base }] {
        let call = terms.greeks(Kind::Call).unwrap();
        assert_eq!(
            call,
            Greeks {
                price: 10 * WAD,
                delta: ONE,
                rho: -((10 * WAD * terms.time / WAD) as i128),
                ..Greeks::default()
            }
        );
        let put = terms.greeks(Kind::Put).unwrap();
        assert_eq!(put, Greeks::default());
        let below = Terms { forward: 90 * WAD, ..terms };
        assert_eq!(below.greeks(Kind::Put).unwrap().delta, -ONE);
        assert_eq!(below.price(Kind::Put), Ok(10 * WAD));
        assert_eq!(below.price(Kind::Call), Ok(0));
        let at = Terms { forward: 100 * WAD, ..terms };
        assert_eq!(at.greeks(Kind::Call).unwrap().delta, ONE / 2);
        assert_eq!(at.greeks(Kind::Put).unwrap().delta, -ONE / 2);
    }
    // discounted by exp(-0.1) = 0.904837418035959573...
    let discounted = Terms { rate: ONE / 10, ..base };
    close(
        "call",
        discounted.price(Kind::Call).unwrap() as i128,
        &Real::parse("9.04837418035959573"),
        "1e-16",
    );
    let greeks = discounted.greeks(Kind::Call).unwrap();
    close("theta", greeks.theta, &Real::parse("0.904837418035959573"), "1e-16");
}

#[test]
fn worthless_underlying_or_strike_is_intrinsic() {
    let terms = Terms { forward: 0, strike: 5 * WAD, vol: WAD, time: WAD, rate: 0 };
    assert_eq!((terms.price(Kind::Call), terms.price(Kind::Put)), (Ok(0), Ok(5 * WAD)));
    let terms = Terms { forward: 5 * WAD, strike: 0, ..terms };
    assert_eq!((terms.price(Kind::Call), terms.price(Kind::Put)), (Ok(5 * WAD), Ok(0)));
}

#[test]
fn absurd_terms_are_overflow_not_panic() {
    for forward in [1, WAD, u128::MAX / 3, u128::MAX] {
        for (vol, time) in [(1, 1), (u128::MAX, 1), (1, u128::MAX), (u128::MAX, u128::MAX), (WAD, WAD)] {
            for rate in [i128::MIN, -ONE, 0, i128::MAX] {
                let terms = Terms { forward, strike: 7 * WAD, vol, time, rate };
                for kind in BOTH {
                    let _ = (terms.price_floor(kind), terms.price_ceil(kind), terms.greeks(kind));
                }
            }
        }
    }
    let base = Terms { forward: u128::MAX, strike: WAD, vol: WAD, time: WAD, rate: 0 };
    assert_eq!(base.price(Kind::Call), Err(Overflow));
    assert_eq!(Terms { forward: WAD, rate: -99 * ONE, ..base }.price(Kind::Call), Err(Overflow));
}

/// Terms of options that trade: forward from 0.0001 to a million, strike within a factor of 30, a minute to ten years,
/// volatility from 1 to 1000 %.
fn terms() -> impl Strategy<Value = Terms> {
    let vol = prop_oneof![WAD / 100..2 * WAD, WAD / 10..10 * WAD];
    let time = prop_oneof![1_902_587_519_025u128..WAD / 12, WAD / 365..10 * WAD];
    (1_000_000u128..10_000_000, 8u32..18, 33_000u128..30_000_000, vol, time, -ONE / 5..ONE / 2, any::<bool>())
        .prop_map(|(digits, scale, share, vol, time, rate, near)| {
            let forward = digits * 10u128.pow(scale);
            let share = if near { 900_000 + share / 150 } else { share };
            Terms { forward, strike: forward / 1_000_000 * share, vol, time, rate }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn price_is_within_its_bound(terms in terms()) {
        let exact = Exact::of(&terms);
        // The budget: 1e-15 of forward and strike, and units.
        let growth = exact.discount().round().max(1);
        prop_assert!(terms.error_ceil().unwrap() <= ((terms.forward + terms.strike) / 1_000_000_000_000_000 + 4) * (growth + 1));
        for kind in BOTH {
            let price = exact.price(kind);
            // far out of the money the reference is zero but for its own 2^-240
            prop_assert!(Real::unsigned_wad(terms.price_floor(kind).unwrap()) <= price.clone() + Real::parse("1e-60"));
            prop_assert!(Real::unsigned_wad(terms.price_ceil(kind).unwrap()) >= price);
        }
    }

    #[test]
    fn greeks_match_finite_differences(terms in terms()) {
        let exact = Exact::of(&terms);
        let s = Real::unsigned_wad(terms.vol) * Real::unsigned_wad(terms.time).sqrt();
        let density = exact.d1().normal_pdf();
        for kind in BOTH {
            let got = terms.greeks(kind).unwrap();
            let want = exact.greeks(kind);
            let within = |name: &str, got: Real, want: &Real, bound: Real| {
                let error = (got.clone() - want.clone()).abs();
                prop_assert!(error <= bound.clone(), "{name}: {got:?} against {want:?}, {bound:?} allowed");
                Ok(())
            };
            let wei = |n: i128| Real::wad(n);
            within("delta", Real::wad(got.delta), &want.delta, exact.discount() * (wei(3) + wei(2) / s.clone()) + wei(2))?;
            let price_error = Real::unsigned_wad(terms.error_ceil().unwrap());
            let (time, rate) = (Real::unsigned_wad(terms.time), Real::wad(terms.rate).abs());
            within("rho", Real::wad(got.rho), &want.rho, price_error.clone() * time + wei(2))?;
            if density > Real::parse("1e-5") {
                let share = |x: &Real| x.abs() * Real::parse("1e-12") + wei(10);
                within("gamma", Real::unsigned_wad(got.gamma), &want.gamma, share(&want.gamma))?;
                within("vega", Real::unsigned_wad(got.vega), &want.vega, share(&want.vega))?;
                let pace = Real::unsigned_wad(terms.vol) / Real::unsigned_wad(terms.time).sqrt();
                within("theta", Real::wad(got.theta), &want.theta, share(&want.decay) + wei(10) * pace + price_error * rate + wei(2))?;
                let vol = Real::unsigned_wad(terms.vol);
                let (d1, d2) = (exact.d1().abs(), (exact.d1() - s.clone()).abs());
                let bound = share(&want.vanna) + (wei(10) + density.clone() * wei(4) / s.clone()) * (Real::int(1) + d2.clone()) / vol.clone();
                within("vanna", Real::wad(got.vanna), &want.vanna, bound)?;
                let factor = (Real::int(1) + d1.clone() * d2.clone()) / vol.clone();
                let bound = share(&want.volga) + wei(10) * factor + want.vega.clone() * wei(4) / s.clone() * (d1 + d2) / vol;
                within("volga", Real::wad(got.volga), &want.volga, bound)?;
            }
        }
    }

    #[test]
    fn put_call_parity_holds_to_a_unit(terms in terms()) {
        let (call, put) = (terms.price(Kind::Call).unwrap() as i128, terms.price(Kind::Put).unwrap() as i128);
        let gap = terms.forward as i128 - terms.strike as i128;
        let parity = Real::int(gap) * Real::unsigned_wad(terms.discount().unwrap());
        prop_assert!((Real::int(call - put) - parity).abs() <= Real::int(1));
        if terms.rate == 0 {
            prop_assert_eq!(call - put, gap);
        }
        let (c, p) = (terms.greeks(Kind::Call).unwrap(), terms.greeks(Kind::Put).unwrap());
        prop_assert_eq!((c.gamma, c.vega, c.vanna, c.volga), (p.gamma, p.vega, p.vanna, p.volga));
        prop_assert!((c.delta - p.delta).abs_diff(terms.discount().unwrap() as i128) <= 2);
    }

    #[test]
    fn price_lies_between_exercise_and_the_underlying(terms in terms()) {
        let discounted = |x: u128| mul_div_floor(x, terms.discount().unwrap(), WAD).unwrap();
        let (call, put) = (terms.price(Kind::Call).unwrap(), terms.price(Kind::Put).unwrap());
        prop_assert!(call >= discounted(terms.forward.saturating_sub(terms.strike)));
        prop_assert!(put >= discounted(terms.strike.saturating_sub(terms.forward)));
        prop_assert!(call <= discounted(terms.forward));
        prop_assert!(put <= discounted(terms.strike));
    }

    #[test]
    fn price_is_monotone_to_its_bound(terms in terms(), more in 1u128..1_000_000) {
        let up = |x: u128| x + x / 1_000_000_000 * more + 1;
        let flat = Terms { rate: 0, ..terms };
        let rises = |low: &Terms, high: &Terms, kind| {
            let slack = low.error_ceil().unwrap() + high.error_ceil().unwrap();
            prop_assert!(low.price(kind).unwrap() <= high.price(kind).unwrap() + slack, "{low:?} {high:?} {kind:?}");
            Ok(())
        };
        let strike = Terms { strike: up(terms.strike), ..terms };
        let forward = Terms { forward: up(terms.forward), ..terms };
        rises(&strike, &terms, Kind::Call)?;
        rises(&terms, &strike, Kind::Put)?;
        rises(&terms, &forward, Kind::Call)?;
        rises(&forward, &terms, Kind::Put)?;
        for kind in BOTH {
            rises(&terms, &Terms { vol: up(terms.vol), ..terms }, kind)?;
            rises(&flat, &Terms { time: up(flat.time), ..flat }, kind)?;
        }
    }

    #[test]
    fn price_scales_with_the_unit_of_quote(terms in terms(), factor in 2u128..1000) {
        let scaled = Terms { forward: terms.forward * factor, strike: terms.strike * factor, ..terms };
        for kind in BOTH {
            let (one, many) = (terms.price(kind).unwrap(), scaled.price(kind).unwrap());
            let slack = terms.error_ceil().unwrap() * factor + scaled.error_ceil().unwrap();
            prop_assert!((one * factor).abs_diff(many) <= slack);
        }
    }
}
