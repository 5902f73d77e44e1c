//! The scenario model in floating point, written from its formulas in `docs/portfolio-margin.md` without regard to how
//! the integer one goes about them: every option by itself, every scenario by itself.

#![allow(dead_code)] // each test takes what it needs

use plimsoll_risk::{
    ids::{self, OptionTerms},
    portfolio::{Move, Params, Portfolio, Shock, Slice},
};

const YEAR: f64 = 365.0 * 86_400.0;
const WAD: f64 = 1e18;

pub(crate) fn float(x: u128) -> f64 {
    x as f64 / WAD
}

pub(crate) fn signed(x: i128) -> f64 {
    x as f64 / WAD
}

fn cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / 2f64.sqrt())
}

fn black(forward: f64, strike: f64, spread: f64, call: bool) -> f64 {
    if spread <= 1e-17 {
        return if call { (forward - strike).max(0.0) } else { (strike - forward).max(0.0) };
    }
    let d1 = (forward / strike).ln() / spread + spread / 2.0;
    let d2 = d1 - spread;
    if call { forward * cdf(d1) - strike * cdf(d2) } else { strike * cdf(-d2) - forward * cdf(-d1) }
}

/// Volatility at a strike.
pub(crate) fn volatility(slice: &Slice, strike: f64) -> f64 {
    let svi = &slice.svi;
    let (a, b, rho, m, sigma) =
        (signed(svi.a), signed(svi.b), signed(svi.rho), signed(svi.m), signed(svi.sigma));
    let bound = 4.0 * (a + b * sigma).sqrt();
    let k = (strike / float(slice.svi_forward)).ln().clamp(-bound, bound);
    let w = a + b * ((k - m).hypot(sigma) + rho * (k - m));
    (w.min(144.0) / float(slice.svi_years)).sqrt()
}

/// What the model gives.
#[derive(Debug)]
pub(crate) struct Margin {
    pub(crate) initial: f64,
    pub(crate) maintenance: f64,
    pub(crate) mark_to_market: f64,
    pub(crate) profits: Vec<f64>,
    pub(crate) worst: f64,
    pub(crate) basis: f64,
    pub(crate) shortfall: f64,
    pub(crate) maintenance_contingency: f64,
    pub(crate) initial_contingency: f64,
    /// Profit in each move of a shortfall.
    pub(crate) tail: Vec<f64>,
    /// Forward or strike, whichever is larger, times the size, of all options; perpetuals and collateral too.
    pub(crate) notional: f64,
}

/// Moves, and whether the mean profit in all of them binds.
type Tail<'a> = std::option::Option<(&'a [Move], bool)>;

struct Option {
    terms: OptionTerms,
    size: f64,
    strike: f64,
    vol: f64,
}

/// The margin of a checked portfolio; with the mean profit in some moves, which may bind.
pub(crate) fn margin(portfolio: &Portfolio, params: &Params, tail: Tail<'_>) -> Margin {
    let charges = &params.contingency;
    let doubt = |confidence: u128, notional: f64| {
        if confidence < charges.confidence_threshold {
            (1.0 - float(confidence)) * float(charges.confidence_margin) * notional
        } else {
            0.0
        }
    };
    let spot = float(portfolio.spot);
    let perps = signed(portfolio.perps);
    let confidence = if portfolio.perps == 0 {
        portfolio.spot_confidence
    } else {
        portfolio.spot_confidence.min(portfolio.perp_confidence)
    };
    let mut value = signed(portfolio.perp_pnl) + signed(portfolio.perp_funding) + signed(portfolio.cash);
    let mut maintenance = perps.abs() * spot * float(charges.perp_maintenance);
    let mut initial =
        perps.abs() * spot * float(charges.perp_initial) + doubt(confidence, perps.abs() * spot);
    let mut linear = perps * float(portfolio.perp_price);
    let mut notional = linear.abs();
    for asset in &portfolio.collaterals {
        let worth = float(asset.amount) * float(asset.price) / float(portfolio.stable_price);
        value += worth;
        notional += worth;
        maintenance += worth * float(asset.maintenance_haircut);
        initial += worth * float(asset.initial_haircut)
            + doubt(asset.confidence.min(portfolio.spot_confidence), worth);
        if asset.risk_cancelling {
            linear += worth;
        }
    }
    let mut profits: Vec<f64> = params
        .scenarios
        .iter()
        .map(|scenario| linear * (float(scenario.spot) - 1.0) * float(scenario.damp))
        .collect();
    let mut basis = 0.0;
    let (moves, binding) = tail.unwrap_or_default();
    let factor_of = |unit: i32| (f64::from(unit) / 1e8).exp();
    let mut tail: Vec<f64> = moves.iter().map(|shock| linear * (factor_of(shock.spot) - 1.0)).collect();
    for slice in &portfolio.slices {
        let options: Vec<Option> = portfolio
            .legs
            .iter()
            .filter_map(|leg| {
                let terms = ids::option_of(leg.instrument).filter(|terms| terms.expiry == slice.expiry)?;
                let strike = float(terms.strike);
                Some(Option { terms, size: signed(leg.size), strike, vol: volatility(slice, strike) })
            })
            .collect();
        if options.is_empty() {
            continue;
        }
        let seconds = (f64::from(slice.expiry) - portfolio.time as f64).max(0.0);
        let (years, rate) = (seconds / YEAR, signed(slice.rate).max(0.0));
        let (discount, forward) = ((-rate * years).exp(), float(slice.forward));
        let open = (seconds / 1800.0).min(1.0);
        let total = |spot: f64, vol: &dyn Fn(&Option) -> f64| -> f64 {
            let forward = forward * (1.0 + (spot - 1.0) * open);
            options
                .iter()
                .map(|o| o.size * discount * black(forward, o.strike, vol(o) * years.sqrt(), o.terms.call))
                .sum()
        };
        let now = total(1.0, &|o| o.vol);
        value += now;
        notional += options.iter().map(|o| o.size.abs() * o.strike.max(forward)).sum::<f64>();
        let worse = [params.basis.up, params.basis.down].map(|spot| total(float(spot), &|o| o.vol) - now);
        basis +=
            worse[0].min(worse[1]).min(0.0) * (float(params.basis.add) + float(params.basis.mult) * years);

        let mut strikes: Vec<f64> = options.iter().map(|o| o.strike).collect();
        strikes.dedup();
        let naked: f64 = strikes
            .iter()
            .map(|strike| {
                let at = options.iter().filter(|o| o.strike == *strike);
                at.map(|o| -o.size).sum::<f64>().max(0.0)
            })
            .sum();
        maintenance += naked * spot * float(charges.option_maintenance);
        initial += naked * spot * float(charges.option_initial);
        let confidence =
            confidence.min(slice.forward_confidence).min(slice.rate_confidence).min(slice.vol_confidence);
        initial += doubt(confidence, options.iter().map(|o| o.size.abs()).sum::<f64>() * spot);

        let shock = &params.vol_shock;
        let days = seconds.max(f64::from(shock.floor)).max(1.0) / 86_400.0;
        let power = if seconds <= 30.0 * 86_400.0 { shock.short_term_power } else { shock.long_term_power };
        let term = (30.0 / days).powf(float(power));
        let up = 1.0 + float(shock.range_up) * term;
        let down = (1.0 - float(shock.range_down) * term).max(0.0);
        let g = &params.margin;
        let long =
            float(g.long_base) * (-years * (rate * float(g.long_rate_mult) + float(g.long_rate_add))).exp();
        let short = (float(g.short_base)
            * (years * (rate * float(g.short_rate_mult) + float(g.short_rate_add))).exp())
        .min(1.0 / discount);
        let s = &params.skew;
        let root = years.sqrt();
        let reach = float(s.min_k_star)
            .max(root * float(s.width) * (signed(s.vol_static) + root * signed(s.vol_scale)));
        let tilt = |k: f64, base: i128, c: i128| {
            let cap = signed(base) + signed(c) * root;
            let at = if k == 0.0 { 0.0 } else { k * cap / reach };
            (1.0 + if k >= 0.0 { at.min(cap) } else { at.max(-cap) }).max(0.0)
        };
        for (scenario, profit) in params.scenarios.iter().zip(&mut profits) {
            let vol = |o: &Option| {
                let k = (o.strike / forward).ln();
                match scenario.shock {
                    Shock::None => o.vol,
                    Shock::Up => (o.vol * up).max(float(shock.min_vol_up)),
                    Shock::Down => o.vol * down,
                    Shock::LinearSkew => o.vol * tilt(k, s.linear_base, s.linear_c),
                    Shock::AbsoluteSkew => o.vol * tilt(k.abs(), s.abs_base, s.abs_c),
                }
            };
            let shocked = total(float(scenario.spot), &vol);
            let change = (shocked * if shocked < 0.0 { short } else { long } - now) * float(scenario.damp);
            *profit += if scenario.shock.is_skew() { -change.abs() } else { change };
        }
        for (shock, profit) in moves.iter().zip(&mut tail) {
            *profit += total(factor_of(shock.spot), &|o| o.vol * factor_of(shock.vol)) - now;
        }
    }
    let shortfall = if tail.is_empty() { 0.0 } else { tail.iter().sum::<f64>() / tail.len() as f64 };
    let grid = profits.iter().copied().fold(basis, f64::min);
    let worst = if binding { grid.min(shortfall) } else { grid };
    let off_peg = (float(charges.peg_threshold) - float(portfolio.stable_price)).max(0.0);
    let factor = float(params.margin.initial) + off_peg * float(charges.peg_factor);
    Margin {
        initial: worst * factor - maintenance - initial + value,
        maintenance: worst * float(params.margin.maintenance) - maintenance + value,
        mark_to_market: value,
        profits,
        worst,
        basis,
        shortfall,
        maintenance_contingency: maintenance,
        initial_contingency: initial,
        tail,
        notional,
    }
}
