//! Files of portfolios with their parameters: what `plimsoll margin` reads, and the tests.
//!
//! A file is a list of cases. Numbers are decimals, and go from their text to 1e-18 without a float in between; the last
//! digit is rounded half to even. Times to expiry count from [`TIME`]. What is no part of the schema is passed over.

mod abi;
mod decimal;
mod node;

use std::collections::HashSet;

use anyhow::{Context, Result, ensure};
use plimsoll_risk::{
    ids,
    portfolio::{
        BasisShock, Collateral, Contingency, Leg, MarginFactors, Params, Portfolio, Scenario, Shock,
        SkewShock, Slice, Svi, VolShock,
    },
};

use self::node::Node;
pub use self::{
    abi::{error_name, params_to_abi, portfolio_from_abi, portfolio_to_abi, refusal_name},
    decimal::{decimal, wad},
};

/// Time of valuation of every case, Unix seconds.
pub const TIME: u64 = 1_700_000_000;
/// Units of a strike in one unit of quote.
const STRIKE_UNIT: i128 = 10_000_000_000;
const SECONDS_A_DAY: i128 = 86_400;

/// A portfolio under parameters of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Name of the case, unique in its file.
    pub id: String,
    /// What to assess. Its underlying is zero until [`Case::of_underlying`] says which; the expiries are sorted.
    pub portfolio: Portfolio,
    /// Under which parameters.
    pub params: Params,
    /// What it should come to, where the file says so.
    pub expected: Option<Expected>,
}

/// What a case should come to, WAD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Initial margin balance.
    pub initial: i128,
    /// Maintenance margin balance.
    pub maintenance: i128,
    /// Value of everything.
    pub mark_to_market: i128,
    /// Profit in every scenario.
    pub profits: Vec<i128>,
}

impl Case {
    /// The portfolio with everything in it of one underlying.
    #[must_use]
    pub fn of_underlying(&self, underlying: u16) -> Portfolio {
        let mut portfolio = self.portfolio.clone();
        portfolio.underlying = underlying;
        for leg in &mut portfolio.legs {
            leg.instrument |= u128::from(underlying) << 112;
        }
        portfolio
    }
}

/// The cases of a file.
///
/// # Errors
/// What is wrong, and where: the case and the path of the field in it.
pub fn parse(text: &str) -> Result<Vec<Case>> {
    let list = Node::root(text)?.items().context("the file is no list of cases")?;
    let mut cases = Vec::with_capacity(list.len());
    let mut seen = HashSet::new();
    for (index, node) in list.into_iter().enumerate() {
        let id = node.field("id").and_then(|id| id.name()).with_context(|| format!("case number {index}"))?;
        let case = parse_case(&id, &node).with_context(|| format!("case {id}"))?;
        ensure!(seen.insert(id.clone()), "case {id} comes twice");
        cases.push(case);
    }
    Ok(cases)
}

fn parse_case(id: &str, node: &Node<'_>) -> Result<Case> {
    let expected = node.optional("expected")?.map(|node| expected(&node)).transpose()?;
    Ok(Case {
        id: id.to_owned(),
        portfolio: portfolio(&node.field("portfolio")?)?,
        params: params(&node.field("params")?)?,
        expected,
    })
}

fn expected(node: &Node<'_>) -> Result<Expected> {
    Ok(Expected {
        initial: node.wad("initial_margin_balance")?,
        maintenance: node.wad("maintenance_margin_balance")?,
        mark_to_market: node.wad("mark_to_market")?,
        profits: node.list("scenario_pnl", |profit| profit.to_wad())?,
    })
}

fn portfolio(node: &Node<'_>) -> Result<Portfolio> {
    let mut slices = node.list("expiries", slice)?;
    slices.sort_by_key(|slice| slice.expiry);
    Ok(Portfolio {
        underlying: 0,
        time: TIME,
        cash: node.wad("cash")?,
        spot: node.unsigned("spot")?,
        spot_confidence: confidence(node, "spot_confidence")?,
        perps: node.wad("perps")?,
        perp_price: node.unsigned("perp_price")?,
        perp_confidence: confidence(node, "perp_confidence")?,
        perp_pnl: node.wad("perp_unrealised_pnl")?,
        perp_funding: node.wad("perp_unrealised_funding")?,
        stable_price: node.unsigned("stable_price")?,
        depth: 0,
        collaterals: node.list("collaterals", collateral)?,
        slices,
        legs: node.list("options", leg)?,
    })
}

/// A share, of which the ABI has 64 bits.
fn confidence(node: &Node<'_>, name: &str) -> Result<u128> {
    let value = node.unsigned(name)?;
    node.field(name)?.check(u64::try_from(value).is_ok(), "is too large")?;
    Ok(value)
}

fn collateral(node: Node<'_>) -> Result<Collateral> {
    Ok(Collateral {
        amount: node.unsigned("amount")?,
        price: node.unsigned("price")?,
        confidence: confidence(&node, "confidence")?,
        maintenance_haircut: confidence(&node, "mm_haircut")?,
        initial_haircut: confidence(&node, "im_haircut")?,
        risk_cancelling: node.boolean("risk_cancelling")?,
    })
}

fn leg(node: Node<'_>) -> Result<Leg> {
    let strike = node.wad("strike")?;
    let units = strike / STRIKE_UNIT;
    let field = node.field("strike")?;
    field.check(strike % STRIKE_UNIT == 0, "is no whole number of 1e-8")?;
    field.check(u64::try_from(units).is_ok(), "is negative or too large for 64 bits of 1e-8")?;
    let instrument = ids::option(0, expiry(&node)?, units as u64, node.boolean("call")?);
    Ok(Leg { instrument, size: node.wad("amount")? })
}

fn slice(node: Node<'_>) -> Result<Slice> {
    let svi = node.field("svi")?;
    Ok(Slice {
        expiry: expiry(&node)?,
        forward: node.unsigned("forward")?,
        rate: node.wad("rate")?,
        svi: Svi {
            a: svi.wad("a")?,
            b: svi.wad("b")?,
            rho: svi.wad("rho")?,
            m: svi.wad("m")?,
            sigma: svi.wad("sigma")?,
        },
        svi_forward: svi.unsigned("forward")?,
        svi_years: svi.unsigned("tau_years")?,
        forward_confidence: confidence(&node, "forward_confidence")?,
        rate_confidence: confidence(&node, "rate_confidence")?,
        vol_confidence: confidence(&node, "vol_confidence")?,
    })
}

/// Unix seconds of an expiry that is so many from [`TIME`], past or to come.
fn expiry(node: &Node<'_>) -> Result<u32> {
    let field = node.field("seconds_to_expiry")?;
    let seconds = field.whole(1)?;
    let time = seconds.checked_add(i128::from(TIME)).and_then(|time| u32::try_from(time).ok());
    field.check(time.is_some_and(|time| time > 0), "is outside the years 1970 to 2106")?;
    Ok(time.unwrap_or_default())
}

fn params(node: &Node<'_>) -> Result<Params> {
    let (vol, skew, margin) = (node.field("vol_shock")?, node.field("skew")?, node.field("margin")?);
    let (basis, contingency) = (node.field("basis")?, node.field("contingency")?);
    Ok(Params {
        scenarios: node.list("scenarios", scenario)?,
        vol_shock: VolShock {
            range_up: vol.unsigned("range_up")?,
            range_down: vol.unsigned("range_down")?,
            short_term_power: vol.unsigned("short_term_power")?,
            long_term_power: vol.unsigned("long_term_power")?,
            floor: floor(&vol.field("dte_floor_days")?)?,
            min_vol_up: vol.unsigned("min_vol_up")?,
        },
        skew: SkewShock {
            linear_base: skew.wad("linear_base_cap")?,
            linear_c: skew.wad("linear_c_base")?,
            abs_base: skew.wad("abs_base_cap")?,
            abs_c: skew.wad("abs_c_base")?,
            min_k_star: skew.unsigned("min_k_star")?,
            width: skew.unsigned("width_scale")?,
            vol_static: skew.wad("vol_static")?,
            vol_scale: skew.wad("vol_scale")?,
        },
        margin: MarginFactors {
            maintenance: margin.unsigned("mm_factor")?,
            initial: margin.unsigned("im_factor")?,
            long_base: margin.unsigned("long_base_discount")?,
            long_rate_mult: margin.unsigned("long_rate_mult")?,
            long_rate_add: margin.unsigned("long_rate_add")?,
            short_base: margin.unsigned("short_base_discount")?,
            short_rate_mult: margin.unsigned("short_rate_mult")?,
            short_rate_add: margin.unsigned("short_rate_add")?,
        },
        basis: BasisShock {
            up: basis.unsigned("spot_up")?,
            down: basis.unsigned("spot_down")?,
            add: basis.unsigned("add")?,
            mult: basis.unsigned("mult")?,
        },
        contingency: Contingency {
            peg_threshold: contingency.unsigned("peg_threshold")?,
            peg_factor: contingency.unsigned("peg_factor")?,
            confidence_threshold: contingency.unsigned("confidence_threshold")?,
            confidence_margin: contingency.unsigned("confidence_margin")?,
            perp_maintenance: contingency.unsigned("perp_mm")?,
            perp_initial: contingency.unsigned("perp_im")?,
            option_maintenance: contingency.unsigned("option_mm")?,
            option_initial: contingency.unsigned("option_im")?,
        },
    })
}

/// Days as whole seconds.
fn floor(node: &Node<'_>) -> Result<u32> {
    let seconds = node.whole(SECONDS_A_DAY)?;
    node.check(u32::try_from(seconds).is_ok(), "is negative or too long")?;
    Ok(seconds as u32)
}

/// Multiplier of spot, name of the shock, damp.
fn scenario(node: Node<'_>) -> Result<Scenario> {
    let parts = node.items()?;
    node.check(parts.len() == 3, "is not [spot, shock, damp]")?;
    let shock = match parts[1].name()?.as_str() {
        "none" => Shock::None,
        "up" => Shock::Up,
        "down" => Shock::Down,
        "skew_linear" => Shock::LinearSkew,
        "skew_abs" => Shock::AbsoluteSkew,
        _ => parts[1].refuse("is none of none, up, down, skew_linear, skew_abs")?,
    };
    Ok(Scenario { spot: parts[0].to_unsigned()?, shock, damp: parts[2].to_unsigned()? })
}

#[cfg(test)]
mod tests;
