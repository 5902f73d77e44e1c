//! The policies, and what each takes in a wave.

use anyhow::{Context, Result, ensure};
use plimsoll_fixed::mul_div_floor;
use plimsoll_harness::ids::WAD;
use plimsoll_risk::{
    ladder::{Estate, Pot, pass},
    waterfall,
};

use super::csv::Wave;

/// A rule by which winners pay for losers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    /// The engine's: everyone in profit pays the same share of its own profit, together exactly what is needed.
    Plimsoll,
    /// What the venue did that day: its queue, closed at the prices it chose.
    Production,
    /// A queue by rank that takes whole profits until what is needed is met, the last one in part.
    Queue,
    /// In proportion to positions, by whole contracts in each market.
    ContractProRata,
    /// In proportion to what each winner could pay: its profit, at most its equity.
    WealthProRata,
    /// In proportion to profit.
    ProfitProRata,
    /// In proportion to equity.
    EquityProRata,
    /// The study's vector mirror descent, market by market.
    MirrorDescent,
    /// The study's integer program: whole contracts, the largest share as small as can be.
    MinMax,
}

impl Policy {
    pub(super) const ALL: [Self; 9] = [
        Self::Plimsoll,
        Self::Production,
        Self::Queue,
        Self::ContractProRata,
        Self::WealthProRata,
        Self::ProfitProRata,
        Self::EquityProRata,
        Self::MirrorDescent,
        Self::MinMax,
    ];

    /// Its name in JSON.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Plimsoll => "plimsoll",
            Self::Production => "production",
            Self::Queue => "queue",
            Self::ContractProRata => "contract_pro_rata",
            Self::WealthProRata => "wealth_pro_rata",
            Self::ProfitProRata => "profit_pro_rata",
            Self::EquityProRata => "equity_pro_rata",
            Self::MirrorDescent => "mirror_descent",
            Self::MinMax => "min_max",
        }
    }

    /// Its name in tables.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Plimsoll => "Plimsoll",
            Self::Production => "production",
            Self::Queue => "queue",
            Self::ContractProRata => "contracts",
            Self::WealthProRata => "wealth",
            Self::ProfitProRata => "profit",
            Self::EquityProRata => "equity",
            Self::MirrorDescent => "descent",
            Self::MinMax => "min-max",
        }
    }

    /// The file's suffix for it; the file has no row of the engine's rule, nor of an exact queue.
    const fn column(self) -> Option<&'static str> {
        match self {
            Self::Plimsoll | Self::Queue => None,
            Self::Production => Some("prod"),
            Self::ContractProRata => Some("contract_pr"),
            Self::WealthProRata => Some("pr"),
            Self::ProfitProRata => Some("pnl_pr"),
            Self::EquityProRata => Some("eq_pr"),
            Self::MirrorDescent => Some("vector"),
            Self::MinMax => Some("fixed_point_ilp_integer"),
        }
    }

    /// Whether it takes what is needed exactly, as long as winners can pay it.
    const fn is_exact(self) -> bool {
        matches!(self, Self::Queue | Self::WealthProRata | Self::ProfitProRata | Self::EquityProRata)
    }
}

/// Where a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The function that the contract runs.
    Rule,
    /// The policy's definition.
    Computed,
    /// The file.
    File,
}

impl Source {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Computed => "computed",
            Self::File => "file",
        }
    }
}

/// What a share is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// The winner's profit, at most its equity.
    Profit,
    /// The winner's equity.
    Equity,
}

impl Of {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Profit => "profit",
            Self::Equity => "equity",
        }
    }
}

/// The largest share that one winner pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share {
    /// WAD of one.
    pub(super) wad: u128,
    pub(super) of: Of,
    /// Whether it is the least that it can be, because the file does not have every account.
    pub(super) at_least: bool,
    pub(super) source: Source,
}

/// One policy in one wave. Amounts in WAD of US dollars.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) wave: u32,
    pub(super) start: String,
    pub(super) policy: Policy,
    pub(super) needed: i128,
    /// What the policy set out to take; the venue published none.
    pub(super) budget: Option<i128>,
    pub(super) taken: i128,
    pub(super) share: Option<Share>,
    /// Where what was taken comes from.
    pub(super) source: Source,
}

impl Row {
    /// What was taken beyond what was needed; negative where it was too little.
    pub(super) const fn overshoot(&self) -> i128 {
        self.taken - self.needed
    }
}

/// A wave by every policy.
///
/// # Errors
/// When the file lacks a column, or a figure is out of range.
pub(super) fn all(wave: &Wave) -> Result<Vec<Row>> {
    Policy::ALL.into_iter().map(|policy| row(wave, policy).with_context(|| policy.name())).collect()
}

fn row(wave: &Wave, policy: Policy) -> Result<Row> {
    let (taken, source) = match (policy, policy.column()) {
        (Policy::Plimsoll, _) => (rule(wave)?.0, Source::Rule),
        _ if policy.is_exact() => (wave.needed.min(wave.capacity), Source::Computed),
        (_, Some(column)) => (wave.amount(&format!("budget_{column}"))?, Source::File),
        (_, None) => anyhow::bail!("the file says nothing of it"),
    };
    let share = match (policy, policy.column()) {
        (Policy::Plimsoll, _) => {
            Some(Share { wad: rule(wave)?.1, of: Of::Profit, at_least: false, source: Source::Rule })
        }
        (_, Some(column)) => {
            let wad = u128::try_from(wave.amount(&format!("max_pct_{column}"))?)?;
            Some(Share { wad, of: Of::Equity, at_least: false, source: Source::File })
        }
        (_, None) => first_in_queue(wave)?,
    };
    Ok(Row {
        wave: wave.number,
        start: wave.start.clone(),
        policy,
        needed: wave.needed,
        budget: (policy != Policy::Production).then_some(wave.needed),
        taken,
        share,
        source,
    })
}

/// What the engine's pass takes, and the share of everyone's own profit: the wave's losers are an estate that lacks what was
/// needed, and all profits are young, so that one pot has them.
fn rule(wave: &Wave) -> Result<(i128, u128)> {
    let estate = Estate { cash: -wave.needed, ..Estate::default() };
    let mut pots = [Pot { sum: u128::try_from(wave.capacity)?, ..Pot::default() }];
    let done = pass(&estate, 0, WAD, 0, &mut [], &mut pots)?;
    Ok((i128::try_from(done.taken)?, waterfall::haircut_ceil(done.taken, done.capacity)?))
}

/// The least that the hardest hit winner of an exact queue pays, as a share of what it could: the first pays with all that it
/// has or all that is needed, and nobody has more than the richest.
fn first_in_queue(wave: &Wave) -> Result<Option<Share>> {
    let Some(most) = richest(wave)? else { return Ok(None) };
    let needed = u128::try_from(wave.needed)?;
    let wad = if needed >= most { WAD } else { mul_div_floor(needed, WAD, most)? };
    Ok(Some(Share { wad, of: Of::Profit, at_least: true, source: Source::Computed }))
}

/// What the winner that could pay most could pay.
///
/// The file gives, after wealth pro-rata, what the richest winner has left, S, by `rd_nse = S / (S + D - B)`. Everyone paid
/// the share B/capacity, so before it had `S / (1 - B/capacity)`.
fn richest(wave: &Wave) -> Result<Option<u128>> {
    let unit = WAD as i128;
    let ratio = wave.amount("rd_nse_pr")?;
    let left = wave.amount("deficit_usd")? - wave.needed;
    let rest = unit - ratio;
    if rest == 0 || left == 0 || (rest < 0) != (left < 0) || wave.needed >= wave.capacity {
        return Ok(None);
    }
    let survivor = mul_div_floor(ratio.unsigned_abs(), left.unsigned_abs(), rest.unsigned_abs())?;
    let (capacity, needed) = (u128::try_from(wave.capacity)?, u128::try_from(wave.needed)?);
    let most = mul_div_floor(survivor, capacity, capacity - needed)?;
    ensure!(most <= capacity + WAD, "one winner has more than all: {most}");
    Ok(Some(most))
}
