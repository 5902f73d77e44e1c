//! `docs/portfolio-margin.md`: every number of its worked example, in floating point by the formulas beside it and through
//! the model.
#![allow(clippy::float_arithmetic)]

use crate::support::page::{Row, Rows, section, text};
use crate::support::{float_margin, portfolio_cases as cases};
use plimsoll_risk::{
    WAD,
    portfolio::{
        Assessment, Attribution, Compiled, Detail, LiquidationPrices, Params, Portfolio, Scenario, Shock,
        assess_detail, attribute, distance_floor, greeks, liquidation_prices, liquidation_probability, moved,
    },
};
use serde_json::Value;

const STRIKES: [f64; 2] = [105_000.0, 115_000.0];
const SIZES: [f64; 2] = [-1.0, 1.0];
const FORWARD: f64 = 100_100.0;
const SPOT: f64 = 100_000.0;
/// Units of the perpetual times its price.
const LINEAR: f64 = 0.2 * 100_050.0;

fn example() -> (Portfolio, Params) {
    let all: Value = serde_json::from_str(&text("docs/examples/call-spread.json")).unwrap();
    (cases::portfolio(&all[0]), cases::params(&all[0]))
}

fn cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / 2f64.sqrt())
}

fn both(of: impl Fn(usize) -> f64) -> [f64; 2] {
    [of(0), of(1)]
}

fn float(wad: i128) -> f64 {
    wad as f64 / 1e18
}

/// The example by the page's formulas.
struct Hand {
    years: f64,
    discount: f64,
    vols: [f64; 2],
}

/// Both options at a forward and volatilities.
struct Priced {
    d1: [f64; 2],
    d2: [f64; 2],
    calls: [f64; 2],
    /// Of the account.
    value: f64,
    delta: f64,
}

impl Hand {
    fn price(&self, forward: f64, vols: [f64; 2]) -> Priced {
        let spread = both(|i| vols[i] * self.years.sqrt());
        let d1 = both(|i| (forward / STRIKES[i]).ln() / spread[i] + spread[i] / 2.0);
        let d2 = both(|i| d1[i] - spread[i]);
        let calls = both(|i| self.discount * (forward * cdf(d1[i]) - STRIKES[i] * cdf(d2[i])));
        let delta = both(|i| self.discount * SIZES[i] * cdf(d1[i]));
        let value = SIZES[0] * calls[0] + SIZES[1] * calls[1];
        Priced { d1, d2, calls, value, delta: delta[0] + delta[1] }
    }
}

/// The example through the model.
struct Model {
    portfolio: Portfolio,
    compiled: Compiled,
    detail: Detail,
}

impl Model {
    fn new() -> Self {
        let (mut portfolio, params) = example();
        let compiled = Compiled::new(&params).unwrap();
        let detail = assess_detail(&mut portfolio, &compiled, None).unwrap();
        Self { portfolio, compiled, detail }
    }

    fn attribute(&self, scenario: u16) -> Attribution {
        attribute(&mut self.portfolio.clone(), &self.compiled, scenario).unwrap()
    }

    fn assess(&self, portfolio: &Portfolio) -> Assessment {
        assess_detail(&mut portfolio.clone(), &self.compiled, None).unwrap().assessment
    }
}

/// A row's numbers, by hand and as the model has them.
fn check(row: &Row, hand: &[f64], model: &[i128]) {
    row.check("by hand", hand);
    row.check("the model", &model.iter().copied().map(float).collect::<Vec<_>>());
}

#[test]
fn every_number_of_the_example_is_right() {
    let page = text("docs/portfolio-margin.md");
    let mut rows = Rows::of(section(&page, "<!-- example: begin -->", "<!-- example: end -->"));
    let model = Model::new();
    let hand = today(&mut rows, &model);
    scenarios(&mut rows, &model, &hand);
    margin(&mut rows, &model, &hand);
    hedging(&mut rows, &model, &hand);
    breaks(&mut rows, &model);
    rows.all_taken();
}

fn today(rows: &mut Rows, model: &Model) -> Hand {
    let svi = model.portfolio.slices[0].svi;
    let years = 7.0 / 365.0;
    let k = both(|i| (STRIKES[i] / FORWARD).ln());
    let w = k.map(|k| 0.0038 + 0.02 * (-0.1 * k + k.hypot(0.1)));
    let hand = Hand { years, discount: (-0.05 * years).exp(), vols: w.map(|w| (w / years).sqrt()) };
    let now = hand.price(FORWARD, hand.vols);
    let spread = both(|i| now.d1[i] - now.d2[i]);

    let mut row = |name: &str| rows.take("Today", name);
    row("log-moneyness").check("by hand", &k);
    let cut = 4.0 * (0.0038f64 + 0.02 * 0.1).sqrt();
    row("cut at").check("by hand", &[cut, cut]);
    let variances: Vec<i128> = k.iter().map(|k| svi.variance_floor((k * 1e18) as i128).unwrap()).collect();
    check(&row("total variance"), &w, &variances);
    row("volatility").check("by hand", &hand.vols);
    row("spread").check("by hand", &spread);
    row("d1").check("by hand", &now.d1);
    row("d2").check("by hand", &now.d2);
    row("N(d1)").check("by hand", &now.d1.map(cdf));
    row("N(d2)").check("by hand", &now.d2.map(cdf));
    let found = greeks(&mut model.portfolio.clone()).unwrap();
    let legs: Vec<i128> = found.legs.iter().map(|leg| leg.value).collect();
    row("call").check("by hand", &now.calls);
    check(&row("of the account"), &both(|i| SIZES[i] * now.calls[i]), &legs);
    row("years").check("by hand", &[years]);
    row("discount").check("by hand", &[hand.discount]);
    check(&row("options"), &[now.value], &[found.expiries[0].value]);
    let value = 6_000.0 + 150.0 - 20.0 + now.value;
    check(&row("value of everything"), &[value], &[model.detail.assessment.mark_to_market]);
    hand
}

fn scenarios(rows: &mut Rows, model: &Model, hand: &Hand) {
    let (years, root) = (hand.years, hand.years.sqrt());
    let now = hand.price(FORWARD, hand.vols);
    let term = (30.0f64 / 7.0).powf(0.3);
    let (up, down) = (1.0 + 0.5 * term, 1.0 - 0.3 * term);
    let long = 1.05 * (-0.21 * years).exp();
    let short = (0.05 * years).exp().min(0.95 * (0.21 * years).exp());
    let (cap, reach) = (0.25 - 0.1 * root, (4.0 * root * 0.6).max(0.01));
    for (name, number) in [
        ("term", term),
        ("volatility up", up),
        ("volatility down", down),
        ("static discount, positive", long),
        ("static discount, negative", short),
        ("tilt's cap", cap),
        ("tilt's k*", reach),
    ] {
        rows.take("What all scenarios share", name).check("by hand", &[number]);
    }
    let discounted = |value: f64| value * if value < 0.0 { short } else { long };

    for (heading, number, spot, vol) in [("Scenario 1", 1, 1.135, down), ("Scenario 22", 22, 0.82, up)] {
        let vols = hand.vols.map(|of| if spot < 1.0 { (of * vol).max(0.4) } else { of * vol });
        let there = hand.price(FORWARD * spot, vols);
        let found = model.attribute(number);
        let mut row = |name: &str| rows.take(heading, name);
        row("volatility").check("by hand", &vols);
        row("d1").check("by hand", &there.d1);
        row("d2").check("by hand", &there.d2);
        row("call").check("by hand", &there.calls);
        let changes = both(|i| SIZES[i] * (there.calls[i] - now.calls[i]));
        check(&row("change of the account's"), &changes, &found.legs);
        row("options").check("by hand", &[there.value]);
        row("discounted").check("by hand", &[discounted(there.value)]);
        let (change, linear) = (discounted(there.value) - now.value, LINEAR * (spot - 1.0));
        check(&row("change"), &[change], &[found.expiries[0]]);
        check(&row("perpetual"), &[linear], &[found.linear]);
        check(&row("profit"), &[change + linear], &[model.detail.profits[usize::from(number)]]);
    }
    // Beside the grid: a scenario of its own.
    let there = hand.price(FORWARD * 1.18, hand.vols.map(|of| of * down));
    let change = discounted(there.value) - now.value;
    let (mut portfolio, mut params) = example();
    params.scenarios = vec![Scenario { spot: WAD / 100 * 118, shock: Shock::Down, damp: WAD }];
    let found = assess_detail(&mut portfolio, &Compiled::new(&params).unwrap(), None).unwrap();
    check(&rows.take("Scenario 1", "profit at 18 % up"), &[change + LINEAR * 0.18], &found.profits);

    let mut row = |name: &str| rows.take("Scenario 31", name);
    let tilts = both(|i| 1.0 + ((STRIKES[i] / FORWARD).ln() * cap / reach).clamp(-cap, cap));
    let vols = both(|i| hand.vols[i] * tilts[i]);
    let there = hand.price(FORWARD, vols);
    row("tilt").check("by hand", &tilts);
    row("volatility").check("by hand", &vols);
    row("call").check("by hand", &there.calls);
    row("options").check("by hand", &[there.value]);
    row("discounted").check("by hand", &[discounted(there.value)]);
    let change = discounted(there.value) - now.value;
    row("change").check("by hand", &[change]);
    check(&row("profit"), &[-change.abs()], &[model.detail.profits[31]]);
    assert_eq!(model.detail.profits[31], model.detail.profits[32]); // as the page says of the absolute skew
}

/// Worst case of the example, by hand.
fn worst(hand: &Hand) -> f64 {
    let now = hand.price(FORWARD, hand.vols).value;
    let term = (30.0f64 / 7.0).powf(0.3);
    let there = hand.price(FORWARD * 1.135, hand.vols.map(|vol| vol * (1.0 - 0.3 * term))).value;
    there * 0.95 * (0.21 * hand.years).exp() - now + LINEAR * 0.135
}

fn margin(rows: &mut Rows, model: &Model, hand: &Hand) {
    let found = &model.detail.assessment;
    let now = hand.price(FORWARD, hand.vols).value;
    let mut row = |name: &str| rows.take("Margin", name);
    let [up, down] = [1.045, 0.955].map(|spot| hand.price(FORWARD * spot, hand.vols).value - now);
    row("basis, up").check("by hand", &[up]);
    row("basis, down").check("by hand", &[down]);
    let basis = up.min(down).min(0.0) * (0.5 + 2.0 * hand.years);
    check(&row("basis contingency"), &[basis], &[found.basis]);
    let worst = worst(hand);
    check(&row("worst case"), &[worst], &[found.worst]);
    assert_eq!(found.worst_scenario, 1);
    row("perpetual, maintenance").check("by hand", &[0.2 * SPOT * 0.03]);
    row("naked short, maintenance").check("by hand", &[SPOT * 0.003]);
    let charges = [0.2 * SPOT * 0.03 + SPOT * 0.003, 0.2 * SPOT * 0.01 + SPOT * 0.002];
    check(&row("maintenance contingency"), &charges[..1], &[found.maintenance_contingency as i128]);
    check(&row("initial contingency"), &charges[1..], &[found.initial_contingency as i128]);
    let value = 6_000.0 + 150.0 - 20.0 + now;
    check(&row("maintenance balance"), &[value + 0.8 * worst - charges[0]], &[found.maintenance]);
    check(&row("initial balance"), &[value + worst - charges[0] - charges[1]], &[found.initial]);
}

fn hedging(rows: &mut Rows, model: &Model, hand: &Hand) {
    let mut row = |name: &str| rows.take("Hedging out", name);
    let delta = |spot: f64| hand.price(FORWARD * spot, hand.vols).delta;
    let of_options = greeks(&mut model.portfolio.clone()).unwrap().expiries[0].delta;
    check(&row("delta of the options"), &[delta(1.0)], &[of_options]);
    let [now, up, down] = [1.0, 1.045, 0.955].map(|spot| (delta(spot) * SPOT * spot + LINEAR * spot).abs());
    row("to hedge today").check("by hand", &[now]);
    row("to hedge after 4.5 % up").check("by hand", &[up]);
    row("to hedge after 4.5 % down").check("by hand", &[down]);
    let cost = now.max(up).max(down).powi(2) / (200.0 * 50_000.0);
    let thin = Portfolio { depth: 50_000 * WAD, ..model.portfolio.clone() };
    let (found, without) = (model.assess(&thin), &model.detail.assessment);
    let charged = (found.maintenance_contingency - without.maintenance_contingency) as i128;
    check(&row("cost"), &[cost], &[charged]);
    let balance = 6_130.0 + hand.price(FORWARD, hand.vols).value + 0.8 * worst(hand) - 900.0 - cost;
    check(&row("maintenance balance"), &[balance], &[found.maintenance]);
}

fn breaks(rows: &mut Rows, model: &Model) {
    let (_, params) = example();
    let maintenance = |log: f64| {
        let after = moved(&model.portfolio, (log.exp() * 1e18) as u128).unwrap();
        float_margin::margin(&after, &params, None).maintenance
    };
    // From the last step above the line to the first below it, then halved.
    let side = |sign: f64| {
        let first = (1..200).find(|step| maintenance(sign * f64::from(*step) / 200.0) < 0.0).unwrap();
        let (mut fine, mut bad) = (f64::from(first - 1) / 200.0, f64::from(first) / 200.0);
        for _ in 0..50 {
            let middle = (fine + bad) / 2.0;
            if maintenance(sign * middle) < 0.0 { bad = middle } else { fine = middle }
        }
        sign * bad
    };
    let logs = [side(-1.0), side(1.0)];
    let prices = liquidation_prices(&model.portfolio, &model.compiled, None, 1_000_000).unwrap();
    let found = [prices.below.unwrap(), prices.above.unwrap()];
    let mut row = |name: &str| rows.take("Where it breaks", name);
    check(&row("liquidation price"), &logs.map(|log| SPOT * log.exp()), &found.map(|price| price as i128));
    let (spot, vol) = (model.portfolio.spot, WAD / 100 * 55);
    let distances = logs.map(|log| log.abs() / (0.55 * (1.0f64 / 365.0).sqrt()));
    let away = found.map(|price| distance_floor(spot, price, vol, 86_400).unwrap() as i128);
    check(&row("distance"), &distances, &away);
    // F(t) = 1/2 + (u / (1 + u^2) + atan u) / pi with u = t / sqrt 3, here the distance itself
    let scores = distances.map(|u| 1.0 - 2.0 / std::f64::consts::PI * (u / (1.0 + u * u) + u.atan()));
    let alone = |below, above| {
        liquidation_probability(spot, LiquidationPrices { below, above }, vol, 86_400).unwrap() as i128
    };
    check(&row("score"), &scores, &[alone(prices.below, None), alone(None, prices.above)]);
    // What the page says of prices beyond.
    let at = |percent: u128| model.assess(&moved(&model.portfolio, WAD / 100 * percent).unwrap()).maintenance;
    assert!(at(125) < 0 && at(130) > 0);
}

/// The file holds what the float reference, another program, makes of it.
#[test]
fn the_example_is_what_its_file_expects() {
    let all: Value = serde_json::from_str(&text("docs/examples/call-spread.json")).unwrap();
    let (expected, found) = (&all[0]["expected"], Model::new().detail);
    let near = |got: i128, wanted: &Value| {
        let wanted = wanted.as_f64().unwrap();
        assert!((float(got) - wanted).abs() <= 1e-10 * wanted.abs().max(1.0), "{got} {wanted}");
    };
    near(found.assessment.initial, &expected["initial_margin_balance"]);
    near(found.assessment.maintenance, &expected["maintenance_margin_balance"]);
    near(found.assessment.mark_to_market, &expected["mark_to_market"]);
    let profits = expected["scenario_pnl"].as_array().unwrap();
    assert_eq!(profits.len(), found.profits.len());
    for (got, wanted) in found.profits.iter().zip(profits) {
        near(*got, wanted);
    }
    assert_eq!(example().1, Params::standard());
}
