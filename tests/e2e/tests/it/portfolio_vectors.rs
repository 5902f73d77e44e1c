//! Published numbers through programs on the node: prices and greeks, volatilities, and the elementary functions.

use std::fs;

use alloy::{primitives::I256, sol};
use anyhow::{Context, Result};
use plimsoll_arithmetic::FUNCTIONS;
use plimsoll_e2e::{
    abi::file,
    risk::{Risk, leg, sample, standard},
};
use plimsoll_harness::{
    bindings::IPlimsollRiskModel::{Expiry, Portfolio, greeksCall},
    build, deploy,
    margin_cases::{TIME, wad},
    prelude::*,
    setup,
};
use plimsoll_risk::ids;
use serde_json::Value;

const ONE: i128 = WAD as i128;
const ARITHMETIC: &str = "plimsoll-arithmetic-program";
const YEAR: u128 = 31_536_000;
/// Number of the underlying.
const VECTORS: u16 = 77;

fn json(path: &str) -> Result<Vec<Value>> {
    Ok(serde_json::from_str(&fs::read_to_string(file(path)?)?)?)
}

/// A number of a vector, times 1e18.
fn number(value: &Value) -> Result<i128> {
    wad(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// A flat smile over so many seconds.
fn flat(seconds: u32, vol: u128, forward: u128, rate: i128) -> Expiry {
    let years = WAD * u128::from(seconds) / YEAR;
    let times = |x: u128, y: u128| plimsoll_fixed::mul_div_floor(x, y, WAD).unwrap();
    let one = WAD as u64;
    Expiry {
        expiry: TIME as u32 + seconds,
        forward,
        rate,
        a: times(times(vol, vol), years) as i128,
        b: 0,
        rho: 0,
        m: 0,
        sigma: 0,
        sviForward: forward,
        sviYears: years,
        forwardConfidence: one,
        rateConfidence: one,
        volConfidence: one,
    }
}

/// One option on one expiry.
fn one(expiry: Expiry, strike: u64, call: bool) -> Portfolio {
    let instrument = ids::option(VECTORS, expiry.expiry, strike, call);
    Portfolio {
        underlying: VECTORS,
        cash: 0,
        spot: expiry.forward,
        expiries: vec![expiry],
        legs: vec![leg(instrument, ONE)],
        ..sample()
    }
}

/// Quote that a value may be off: 4e-15 of the forward, for what the inputs' own last places are worth, and two units.
fn slack(forward: u128) -> u128 {
    forward / 250_000_000_000_000 + 2
}

/// The value by both ways that the contract has: the grid's kernel and the greeks' formula.
async fn values(risk: &Risk, portfolio: &Portfolio) -> Result<[i128; 2]> {
    let grid = risk.assess(portfolio).await?.markToMarket;
    let greeks = risk.chain.call(risk.model, &greeksCall { portfolio: portfolio.clone() }).await?;
    Ok([grid, greeks.account.value])
}

#[tokio::test]
async fn published_prices_and_deltas_of_black_76() -> Result<()> {
    let risk = Risk::start().await?;
    risk.set(VECTORS, &standard()).await?;
    let (mut prices, mut deltas) = (0, 0);
    for vector in json("crates/risk/tests/black76.json")? {
        let id = vector["id"].as_str().context("an id")?;
        let (inputs, high) = (&vector["inputs"], &vector["high_precision"]);
        let positive = |value: &Value| Ok::<_, anyhow::Error>(u128::try_from(number(value)?)?);
        let strike = u64::try_from(positive(&inputs["K"])? / 10_000_000_000)?;
        let vol = positive(&inputs["vol"])?;
        let seconds = |years: i128| u32::try_from(years as u128 * YEAR / WAD);
        if id.starts_with("B76") {
            let seconds: u32 = inputs["secs"].as_str().context("seconds")?.parse()?;
            let rate = rate_of(positive(&inputs["df"])?, seconds)?;
            let forward = positive(&inputs["F"])?;
            for (call, wanted) in [(true, &high["call"]), (false, &high["put"])] {
                let portfolio = one(flat(seconds, vol, forward, rate), strike, call);
                for found in values(&risk, &portfolio).await? {
                    assert!(found.abs_diff(number(wanted)?) <= slack(forward), "{id}: {found} {wanted}");
                }
                prices += 1;
            }
        } else if let Some(price) = high.get("price") {
            let forward = positive(&high["forward"])?;
            let seconds = seconds(number(&inputs["T"])?)?;
            let call = inputs["type"] == "c";
            let portfolio = one(flat(seconds, vol, forward, number(&inputs["r"])?), strike, call);
            for found in values(&risk, &portfolio).await? {
                assert!(found.abs_diff(number(price)?) <= slack(forward), "{id}: {found} {price}");
            }
            prices += 1;
        } else if inputs["greek"] == "delta" {
            // q = r: the forward is the spot.
            let forward = positive(&inputs["S"])?;
            let seconds = seconds(number(&inputs["T"])?)?;
            let call = inputs["type"] == "c";
            let portfolio = one(flat(seconds, vol, forward, number(&inputs["r"])?), strike, call);
            let found = risk.chain.call(risk.model, &greeksCall { portfolio }).await?.account.delta;
            assert!(found.abs_diff(number(high)?) <= 1_000, "{id}: {found} {high}");
            deltas += 1;
        }
    }
    assert_eq!((prices, deltas), (43 + 8, 2));
    Ok(())
}

/// The rate that gives a discount.
fn rate_of(discount: u128, seconds: u32) -> Result<i128> {
    let log = plimsoll_fixed::ln_wad(discount).context("a discount of zero")?;
    Ok(-log * YEAR as i128 / i128::from(seconds))
}

/// a, b, rho, m, sigma, years, forward, strike, volatility: lyra-utils test/math/SVI.t.sol, volatility recomputed with
/// mpmath.
const SMILES: [[&str; 9]; 4] = [
    [
        "0.00821917808219178",
        "0.01232876712328767",
        "-0.000821917808219178",
        "-0.000410958904109589",
        "0.000410958904109589",
        "0.00821917808219178",
        "1800",
        "1500",
        "1.12831328383548033686189",
    ],
    [
        "0.027616438356164386",
        "0.041424657534246574",
        "0.003452054794520548",
        "0.001726027397260274",
        "0.000345205479452055",
        "0.038356164383561646",
        "1805",
        "2400",
        "1.013357133427566814159104",
    ],
    [
        "0.17753424657534247",
        "0.17753424657534247",
        "0.05917808219178082",
        "0.02958904109589041",
        "0.0216986301369863",
        "0.2465753424657534",
        "1830",
        "1800",
        "0.8687530747337931547140714",
    ],
    [
        "0.17753424657534247",
        "0.17753424657534247",
        "0.05917808219178082",
        "0.02958904109589041",
        "0.0216986301369863",
        "0.2465753424657534",
        "1830",
        "2400",
        "0.9512721744218694472472769",
    ],
];

#[tokio::test]
async fn published_volatilities_of_svi() -> Result<()> {
    let risk = Risk::start().await?;
    risk.set(VECTORS, &standard()).await?;
    for row in SMILES {
        let [a, b, rho, m, sigma, years, forward, strike, vol] = row.map(wad);
        let (forward, strike) = (forward? as u128, u64::try_from(strike? / 10_000_000_000)?);
        let seconds = u32::try_from((years? as u128 * YEAR + WAD / 2) / WAD)?;
        // An option is worth what it is worth at the published volatility on a flat smile.
        let plain = flat(seconds, vol? as u128, forward, 0);
        let smile = Expiry { a: a?, b: b?, rho: rho?, m: m?, sigma: sigma?, ..plain.clone() };
        let [found, _] = values(&risk, &one(smile, strike, true)).await?;
        let [wanted, _] = values(&risk, &one(plain, strike, true)).await?;
        assert!(found.abs_diff(wanted) <= 4 * slack(forward), "{row:?}: {found} {wanted}");
        assert!(wanted > 0);
    }
    Ok(())
}

sol! {
    /// The program of `tests/arithmetic`.
    interface Arithmetic {
        function run(uint8 number, int256[] xs, int256[] ys) external returns (uint256 ink, int256[] results);
    }
}

#[tokio::test]
async fn published_values_of_exp_ln_and_the_normal_distribution() -> Result<()> {
    let node = Node::start().await?;
    let chain = node.chain();
    let setup = setup::setup(chain).await?;
    let programs = build::programs(&[ARITHMETIC], &["tests/arithmetic"]).await?;
    let at = deploy::program(chain, &setup, &Key::dev(), programs.get(ARITHMETIC)?, None).await?;
    let mut compared = 0;
    for vector in json("crates/fixed/tests/vectors.json")? {
        let id = vector["id"].as_str().context("an id")?;
        let name = match id.split('-').next() {
            Some("EXP") => "exp",
            Some("LN") => "ln",
            _ => "normal cdf",
        };
        let place =
            FUNCTIONS.iter().position(|function| function.name == name).context("no such function")?;
        let x = I256::try_from(number(&vector["inputs"]["x"])?)?;
        let call = Arithmetic::runCall { number: place as u8, xs: vec![x], ys: vec![I256::ZERO] };
        let found = i128::try_from(chain.call(at, &call).await?.results[0])?;
        let wanted = number(&vector["high_precision"])?;
        // Of a large number the relative error counts.
        let slack = 2 + wanted.unsigned_abs() / 500_000_000_000_000_000;
        assert!(found.abs_diff(wanted) <= slack, "{id}: {found} {wanted}");
        compared += 1;
    }
    assert_eq!(compared, 28);
    Ok(())
}
