//! The portfolio margin cases and the float reference's schema.

#![allow(dead_code)] // each test takes what it needs

use plimsoll_risk::{
    WAD, ids,
    portfolio::{
        BasisShock, Collateral, Contingency, Leg, MarginFactors, Params, Portfolio, Scenario, Shock,
        SkewShock, Slice, Svi, VolShock,
    },
};
use serde_json::Value;

/// The time that every case is valued at.
pub(crate) const TIME: u64 = 1_700_000_000;
/// The number that every case's underlying gets.
pub(crate) const UNDERLYING: u16 = 1;

/// A decimal of JSON as a WAD, rounded to the nearest.
pub(crate) fn wad(value: &Value) -> i128 {
    let text = value.as_number().unwrap_or_else(|| panic!("{value} is not a number")).to_string();
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
    let (negative, digits) = digits.strip_prefix('-').map_or((false, digits), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let number: i128 = format!("{whole}{fraction}").parse().unwrap();
    let scale = exponent.parse::<i32>().unwrap() - fraction.len() as i32 + 18;
    let number = if scale >= 0 {
        number * 10i128.pow(scale as u32)
    } else {
        let unit = 10i128.pow(scale.unsigned_abs().min(38));
        (number + unit / 2) / unit
    };
    if negative { -number } else { number }
}

fn positive(value: &Value) -> u128 {
    u128::try_from(wad(value)).unwrap()
}

/// The portfolio of a case.
pub(crate) fn portfolio(case: &Value) -> Portfolio {
    let book = &case["portfolio"];
    let list = |name: &str| book[name].as_array().unwrap();
    let expiry = |value: &Value| (TIME as i64 + value["seconds_to_expiry"].as_i64().unwrap()) as u32;
    let mut slices: Vec<Slice> = list("expiries")
        .iter()
        .map(|slice| {
            let svi = &slice["svi"];
            Slice {
                expiry: expiry(slice),
                forward: positive(&slice["forward"]),
                rate: wad(&slice["rate"]),
                svi: Svi {
                    a: wad(&svi["a"]),
                    b: wad(&svi["b"]),
                    rho: wad(&svi["rho"]),
                    m: wad(&svi["m"]),
                    sigma: wad(&svi["sigma"]),
                },
                svi_forward: positive(&svi["forward"]),
                svi_years: positive(&svi["tau_years"]),
                forward_confidence: positive(&slice["forward_confidence"]),
                rate_confidence: positive(&slice["rate_confidence"]),
                vol_confidence: positive(&slice["vol_confidence"]),
            }
        })
        .collect();
    slices.sort_by_key(|slice| slice.expiry);
    Portfolio {
        underlying: UNDERLYING,
        time: TIME,
        cash: wad(&book["cash"]),
        spot: positive(&book["spot"]),
        spot_confidence: positive(&book["spot_confidence"]),
        perps: wad(&book["perps"]),
        perp_price: positive(&book["perp_price"]),
        perp_confidence: positive(&book["perp_confidence"]),
        perp_pnl: wad(&book["perp_unrealised_pnl"]),
        perp_funding: wad(&book["perp_unrealised_funding"]),
        stable_price: positive(&book["stable_price"]),
        depth: 0,
        collaterals: list("collaterals")
            .iter()
            .map(|asset| Collateral {
                amount: positive(&asset["amount"]),
                price: positive(&asset["price"]),
                confidence: positive(&asset["confidence"]),
                maintenance_haircut: positive(&asset["mm_haircut"]),
                initial_haircut: positive(&asset["im_haircut"]),
                risk_cancelling: asset["risk_cancelling"].as_bool().unwrap(),
            })
            .collect(),
        slices,
        legs: list("options")
            .iter()
            .map(|option| {
                let strike = positive(&option["strike"]);
                assert_eq!(strike % 10_000_000_000, 0, "strike in 1e-8");
                let strike = u64::try_from(strike / 10_000_000_000).unwrap();
                let call = option["call"].as_bool().unwrap();
                Leg {
                    instrument: ids::option(UNDERLYING, expiry(option), strike, call),
                    size: wad(&option["amount"]),
                }
            })
            .collect(),
    }
}

/// The parameters of a case.
pub(crate) fn params(case: &Value) -> Params {
    let params = &case["params"];
    let of = |group: &str, name: &str| wad(&params[group][name]);
    let up = |group: &str, name: &str| u128::try_from(of(group, name)).unwrap();
    let shock = |value: &Value| match value.as_str().unwrap() {
        "none" => Shock::None,
        "up" => Shock::Up,
        "down" => Shock::Down,
        "skew_linear" => Shock::LinearSkew,
        "skew_abs" => Shock::AbsoluteSkew,
        other => panic!("no such shock: {other}"),
    };
    Params {
        scenarios: params["scenarios"]
            .as_array()
            .unwrap()
            .iter()
            .map(|scenario| Scenario {
                spot: positive(&scenario[0]),
                shock: shock(&scenario[1]),
                damp: positive(&scenario[2]),
            })
            .collect(),
        vol_shock: VolShock {
            range_up: up("vol_shock", "range_up"),
            range_down: up("vol_shock", "range_down"),
            short_term_power: up("vol_shock", "short_term_power"),
            long_term_power: up("vol_shock", "long_term_power"),
            floor: u32::try_from(up("vol_shock", "dte_floor_days") * 86_400 / WAD).unwrap(),
            min_vol_up: up("vol_shock", "min_vol_up"),
        },
        skew: SkewShock {
            linear_base: of("skew", "linear_base_cap"),
            linear_c: of("skew", "linear_c_base"),
            abs_base: of("skew", "abs_base_cap"),
            abs_c: of("skew", "abs_c_base"),
            min_k_star: up("skew", "min_k_star"),
            width: up("skew", "width_scale"),
            vol_static: of("skew", "vol_static"),
            vol_scale: of("skew", "vol_scale"),
        },
        margin: MarginFactors {
            maintenance: up("margin", "mm_factor"),
            initial: up("margin", "im_factor"),
            long_base: up("margin", "long_base_discount"),
            long_rate_mult: up("margin", "long_rate_mult"),
            long_rate_add: up("margin", "long_rate_add"),
            short_base: up("margin", "short_base_discount"),
            short_rate_mult: up("margin", "short_rate_mult"),
            short_rate_add: up("margin", "short_rate_add"),
        },
        basis: BasisShock {
            up: up("basis", "spot_up"),
            down: up("basis", "spot_down"),
            add: up("basis", "add"),
            mult: up("basis", "mult"),
        },
        contingency: Contingency {
            peg_threshold: up("contingency", "peg_threshold"),
            peg_factor: up("contingency", "peg_factor"),
            confidence_threshold: up("contingency", "confidence_threshold"),
            confidence_margin: up("contingency", "confidence_margin"),
            perp_maintenance: up("contingency", "perp_mm"),
            perp_initial: up("contingency", "perp_im"),
            option_maintenance: up("contingency", "option_mm"),
            option_initial: up("contingency", "option_im"),
        },
    }
}
