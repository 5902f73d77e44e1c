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

/// Every vector of a family: id, argument, and the value in thousandths of a wei.
fn family(prefix: &str) -> Vec<(String, i128, i128)> {
    let all: Vec<Value> = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let found: Vec<_> = all
        .iter()
        .filter_map(|vector| {
            let id = vector["id"].as_str()?;
            let x = decimal(vector["inputs"]["x"].as_str()?, 0);
            id.starts_with(prefix)
                .then(|| (id.to_owned(), x, decimal(vector["high_precision"].as_str().unwrap(), 3)))
        })
        .collect();
    assert!(found.len() >= 8, "{prefix}: {}", found.len());
    found
}

fn close(id: &str, got: i128, expected: i128, thousandths: i128) {
    let error = (got * 1000 - expected).abs();
    assert!(error <= thousandths, "{id}: {got} is {error} thousandths of a wei from {expected}");
}

#[test]
fn exp_published_values() {
    for (id, x, expected) in family("EXP") {
        close(&id, exp_wad(x).unwrap() as i128, expected, 511 + expected / 2_857_142_857_142_857_142);
    }
}

#[test]
fn ln_published_values() {
    for (id, x, expected) in family("LN") {
        close(&id, ln_wad(x as u128).unwrap(), expected, 701);
    }
}

#[test]
fn normal_cdf_published_values() {
    for (id, x, expected) in family("PHI") {
        close(&id, normal_cdf_wad(x) as i128, expected, 801);
    }
}
