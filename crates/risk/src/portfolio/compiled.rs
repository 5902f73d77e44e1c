//! Parameters prepared for the inner loop: each distinct revaluation once, with everything that depends on it alone.

use alloc::vec::Vec;

use plimsoll_fixed::{binary::Scale, ln_wad};

use super::{
    BasisShock, Contingency, MAX_SCENARIOS, MarginFactors, Params, ParamsError, Scenario, Shock, SkewShock,
    VolShock, kernel::to_log,
};
use crate::WAD;

/// A revaluation: the forwards' multiplier and a direction of volatility. Scenarios that differ by their damping alone
/// share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// Multiplier of spot, WAD.
    pub(super) spot: u128,
    /// The same, ready to multiply.
    pub(super) multiplier: Scale,
}

/// A scenario: a revaluation and what its profit is multiplied by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Index of the revaluation.
    pub(super) slot: usize,
    /// Whether only losses count.
    pub(super) skew: bool,
    /// Damping.
    pub(super) damp: Scale,
    /// Whether spot falls.
    pub(super) falls: bool,
    /// How far it moves, relative, times the damping.
    pub(super) distance: Scale,
}

impl Outcome {
    /// Whether the whole profit counts: damped scenarios are the tails.
    pub(super) fn is_undamped(&self) -> bool {
        self.damp == Scale::ONE
    }
}

/// Parameters, checked and made ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// Revaluations, sorted by direction of volatility; the first is today's.
    pub(super) slots: Vec<Slot>,
    /// Logarithms of their multipliers.
    pub(super) logs: Vec<i64>,
    /// Where each direction begins, and the end.
    pub(super) bounds: [usize; 6],
    /// The basis' two revaluations.
    pub(super) basis_slots: [usize; 2],
    /// Scenarios in the order of the parameters.
    pub(super) outcomes: Vec<Outcome>,
    pub(super) vol_shock: VolShock,
    pub(super) skew: SkewShock,
    pub(super) margin: MarginFactors,
    pub(super) basis: BasisShock,
    pub(super) contingency: Contingency,
}

/// Most revaluations: every scenario, today's and the basis' two.
const MAX_SLOTS: usize = MAX_SCENARIOS + 3;

impl Compiled {
    /// Checks parameters and makes them ready.
    ///
    /// # Errors
    /// As [`Params::check`].
    pub fn new(params: &Params) -> Result<Self, ParamsError> {
        params.check()?;
        let Params { vol_shock, skew, margin, basis, contingency, .. } = params;
        let mut pairs: Vec<(Shock, u128)> = Vec::with_capacity(MAX_SLOTS);
        let mut add = |shock: Shock, spot: u128| {
            if !pairs.contains(&(shock, spot)) {
                pairs.push((shock, spot));
            }
        };
        add(Shock::None, WAD);
        add(Shock::None, basis.up);
        add(Shock::None, basis.down);
        for scenario in &params.scenarios {
            add(scenario.shock, scenario.spot);
        }
        // By insertion, stable: today's revaluation stays first.
        for end in 1..pairs.len() {
            let mut at = end;
            while at > 0 && pairs[at - 1].0 > pairs[at].0 {
                pairs.swap(at - 1, at);
                at -= 1;
            }
        }
        let find =
            |shock: Shock, spot: u128| pairs.iter().position(|pair| *pair == (shock, spot)).unwrap_or(0);
        let mut bounds = [pairs.len(); 6];
        for shock in Shock::ALL {
            bounds[shock as usize] = pairs.iter().take_while(|pair| pair.0 < shock).count();
        }
        let outcome = |scenario: &Scenario| {
            let damp = exact(scenario.damp);
            Outcome {
                slot: find(scenario.shock, scenario.spot),
                skew: scenario.shock.is_skew(),
                damp,
                falls: scenario.spot < WAD,
                distance: Scale::from_wad(scenario.spot.abs_diff(WAD)).times(damp),
            }
        };
        Ok(Self {
            basis_slots: [find(Shock::None, basis.up), find(Shock::None, basis.down)],
            outcomes: params.scenarios.iter().map(outcome).collect(),
            logs: pairs.iter().map(|(_, spot)| log_of(*spot)).collect(),
            slots: pairs.iter().map(|(_, spot)| Slot { spot: *spot, multiplier: exact(*spot) }).collect(),
            bounds,
            vol_shock: *vol_shock,
            skew: *skew,
            margin: *margin,
            basis: *basis,
            contingency: *contingency,
        })
    }
}

impl Compiled {
    /// The revaluations of a direction of volatility.
    pub(super) fn range(&self, shock: Shock) -> core::ops::Range<usize> {
        let [none, up, down, linear, absolute, end] = self.bounds;
        match shock {
            Shock::None => none..up,
            Shock::Up => up..down,
            Shock::Down => down..linear,
            Shock::LinearSkew => linear..absolute,
            Shock::AbsoluteSkew => absolute..end,
        }
    }

    /// What happens to volatility in a revaluation.
    pub(super) fn shock_of(&self, slot: usize) -> Shock {
        Shock::ALL.into_iter().find(|shock| self.range(*shock).contains(&slot)).unwrap_or(Shock::None)
    }

    /// Parameters without scenarios, shocks or charges, for callers that need values alone.
    pub(super) fn bare() -> Self {
        Self {
            slots: alloc::vec![Slot { spot: WAD, multiplier: Scale::ONE }],
            logs: alloc::vec![0],
            bounds: [0, 1, 1, 1, 1, 1],
            basis_slots: [0, 0],
            outcomes: Vec::new(),
            vol_shock: VolShock {
                range_up: 0,
                range_down: 0,
                short_term_power: 0,
                long_term_power: 0,
                floor: 0,
                min_vol_up: 0,
            },
            skew: SkewShock {
                linear_base: 0,
                linear_c: 0,
                abs_base: 0,
                abs_c: 0,
                min_k_star: WAD,
                width: 0,
                vol_static: 0,
                vol_scale: 0,
            },
            margin: MarginFactors {
                maintenance: WAD,
                initial: WAD,
                long_base: WAD,
                long_rate_mult: 0,
                long_rate_add: 0,
                short_base: WAD,
                short_rate_mult: 0,
                short_rate_add: 0,
            },
            basis: BasisShock { up: WAD, down: WAD, add: 0, mult: 0 },
            contingency: Contingency {
                peg_threshold: 0,
                peg_factor: 0,
                confidence_threshold: 0,
                confidence_margin: 0,
                perp_maintenance: 0,
                perp_initial: 0,
                option_maintenance: 0,
                option_initial: 0,
            },
        }
    }
}

/// A WAD; one, which changes nothing, exactly.
fn exact(value: u128) -> Scale {
    if value == WAD { Scale::ONE } else { Scale::from_wad(value) }
}

/// The logarithm of a multiplier that is not zero.
pub(super) fn log_of(multiplier: u128) -> i64 {
    ln_wad(multiplier).map_or(0, to_log)
}
