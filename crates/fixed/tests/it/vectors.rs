//! Published values of exp, ln and the normal distribution; `vectors.json` names the source of each.

use plimsoll_fixed::{exp_wad, ln_wad, normal_cdf_wad};
use serde_json::Value;

/// A decimal number times 1e18, rounded down to `digits` more digits.
fn decimal(text: &str, digits: usize) -> i128 {
    let (mantissa, exponent) =
        text.split_once('e').map_or((text, 0), |(m, e)| (m, e.parse::<i32>().unwrap()));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or((1, mantissa), |rest| (-1, rest));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let places = 18 + digits as i32 + exponent;
    let keep: String =
        format!("{whole}{part}").chars().take((whole.len() as i32 + places).max(0) as usize).collect();
    let have = keep.len() as i32 - whole.len() as i32;
    sign * keep.parse::<i128>().unwrap_or(0) * 10i128.pow((places - have) as u32)
}

/// A published value; wei where it says so.
fn published(text: &str) -> i128 {
    text.strip_suffix(" wei").map_or_else(|| decimal(text, 3), |wei| wei.parse::<i128>().unwrap() * 1000)
}

/// Compares a function with every vector of a family: with what was published to the tolerance of its source, and with
/// the value in high precision to the function's own bound, in thousandths of a wei of that value.
fn check(family: &str, f: impl Fn(i128) -> i128, bound: impl Fn(i128) -> i128) {
    let all: Vec<Value> = serde_json::from_str(include_str!("../vectors.json")).unwrap();
    let text = |vector: &Value, field: &str| vector[field].as_str().unwrap().to_owned();
    let mut found = 0;
    for vector in all {
        let id = text(&vector, "id");
        if !id.starts_with(family) {
            continue;
        }
        found += 1;
        let got = f(decimal(vector["inputs"]["x"].as_str().unwrap(), 0)) * 1000;
        let exact = decimal(&text(&vector, "high_precision"), 3);
        let tolerance = decimal(&vector["tolerance"].to_string(), 3);
        for (expected, bound) in
            [(published(&text(&vector, "expected_published")), tolerance), (exact, bound(exact))]
        {
            let error = (got - expected).abs();
            assert!(error <= bound, "{id}: {got} is {error} thousandths of a wei from {expected}");
        }
    }
    assert!(found >= 8, "{family}: {found}");
}

#[test]
fn exp_published_values() {
    check("EXP", |x| exp_wad(x).unwrap() as i128, |exact| 511 + exact / 2_857_142_857_142_857_142);
}

#[test]
fn ln_published_values() {
    check("LN", |x| ln_wad(x as u128).unwrap(), |_| 701);
}

#[test]
fn normal_cdf_published_values() {
    check("PHI", |x| normal_cdf_wad(x) as i128, |_| 801);
}
