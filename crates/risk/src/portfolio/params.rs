//! The parameters of the scenario model, their defaults and their hard bounds.

use alloc::vec::Vec;

use crate::WAD;

/// Most scenarios.
pub const MAX_SCENARIOS: usize = 40;
/// Largest and smallest multiplier of spot.
pub const MAX_MOVE: u128 = 20 * WAD;
/// Smallest multiplier of spot.
pub const MIN_MOVE: u128 = WAD / 1000;

/// What happens to volatility in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Shock {
    /// Nothing.
    None = 0,
    /// It goes up.
    Up = 1,
    /// It goes down.
    Down = 2,
    /// The smile tilts: volatility above the forward and below it move apart.
    LinearSkew = 3,
    /// The smile bends: both wings move together.
    AbsoluteSkew = 4,
}

impl Shock {
    /// All, by number.
    pub const ALL: [Self; 5] = [Self::None, Self::Up, Self::Down, Self::LinearSkew, Self::AbsoluteSkew];

    /// Whether the smile is reshaped: then only losses count, expiry by expiry.
    #[must_use]
    pub const fn is_skew(self) -> bool {
        matches!(self, Self::LinearSkew | Self::AbsoluteSkew)
    }
}

/// One revaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// What spot and forwards are multiplied by, WAD.
    pub spot: u128,
    /// What happens to volatility.
    pub shock: Shock,
    /// What the profit is multiplied by, WAD.
    pub damp: u128,
}

/// How far volatility moves, by `range * (30 days / max(time, floor))^power`. WAD unless said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VolShock {
    /// Up.
    pub range_up: u128,
    /// Down.
    pub range_down: u128,
    /// Power up to 30 days.
    pub short_term_power: u128,
    /// Power beyond.
    pub long_term_power: u128,
    /// Least time to expiry that counts, seconds; zero counts as one second.
    pub floor: u32,
    /// Least volatility in scenarios where it goes up.
    pub min_vol_up: u128,
}

/// How the smile tilts: cap = base + c*sqrt(T), reached at k* = max(min, sqrt(T)*width*(static + scale*sqrt(T))). WAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SkewShock {
    /// Base of the linear tilt's cap.
    pub linear_base: i128,
    /// Its growth with sqrt(T).
    pub linear_c: i128,
    /// Base of the absolute tilt's cap.
    pub abs_base: i128,
    /// Its growth with sqrt(T).
    pub abs_c: i128,
    /// Least k*.
    pub min_k_star: u128,
    /// Standard deviations to k*.
    pub width: u128,
    /// Volatility that they are measured in.
    pub vol_static: i128,
    /// Its growth with sqrt(T).
    pub vol_scale: i128,
}

/// What the worst case is multiplied by, and static discounts on an expiry's shocked value. WAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarginFactors {
    /// Factor of the worst case for maintenance.
    pub maintenance: u128,
    /// Factor of the worst case for initial margin.
    pub initial: u128,
    /// Positive values are multiplied by `long_base * exp(-T(rate*long_rate_mult + long_rate_add))`.
    pub long_base: u128,
    /// See `long_base`.
    pub long_rate_mult: u128,
    /// See `long_base`.
    pub long_rate_add: u128,
    /// Negative values by `min(exp(rate*T), short_base * exp(T(rate*short_rate_mult + short_rate_add)))`.
    pub short_base: u128,
    /// See `short_base`.
    pub short_rate_mult: u128,
    /// See `short_base`.
    pub short_rate_add: u128,
}

/// Forwards against spot: the worse of two moves, times add + mult*T. WAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasisShock {
    /// Move up.
    pub up: u128,
    /// Move down.
    pub down: u128,
    /// Share of the loss that counts at once.
    pub add: u128,
    /// Further share per year to expiry.
    pub mult: u128,
}

/// Charges beside the worst case. WAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contingency {
    /// Quote price below which the initial factor grows.
    pub peg_threshold: u128,
    /// By this per 1.00.
    pub peg_factor: u128,
    /// Confidence below which notional is charged.
    pub confidence_threshold: u128,
    /// By (1 - confidence) times this.
    pub confidence_margin: u128,
    /// Share of the perpetual's notional at spot, maintenance.
    pub perp_maintenance: u128,
    /// Further share for initial margin.
    pub perp_initial: u128,
    /// Share of naked short options' notional at spot, maintenance.
    pub option_maintenance: u128,
    /// Further share for initial margin.
    pub option_initial: u128,
}

/// Everything that governance sets for an underlying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params {
    /// Revaluations.
    pub scenarios: Vec<Scenario>,
    /// Volatility.
    pub vol_shock: VolShock,
    /// Skew.
    pub skew: SkewShock,
    /// Factors and static discounts.
    pub margin: MarginFactors,
    /// Basis.
    pub basis: BasisShock,
    /// Contingencies.
    pub contingency: Contingency,
}

/// Why parameters are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamsError {
    /// More than [`MAX_SCENARIOS`].
    TooManyScenarios(usize),
    /// A scenario is out of bounds (index): spot outside [`MIN_MOVE`] to [`MAX_MOVE`], damp above ten, a skew that
    /// moves spot, or a second scenario of the same skew.
    BadScenario(usize),
    /// A parameter is outside its hard bounds: its position among the fields after the scenarios, from zero.
    OutOfBounds(u8),
}

/// 1e-4, WAD.
const BIP: u128 = WAD / 10_000;
/// One, WAD.
const ONE: u128 = WAD;

impl Params {
    /// The peer's own figures: 33 scenarios (23 of spot by volatility, 8 tails, 2 skews).
    #[must_use]
    pub fn standard() -> Self {
        use Shock::{AbsoluteSkew, Down, LinearSkew, None, Up};
        let mut scenarios = Vec::with_capacity(33);
        let mut add = |spot: u128, shock, damp: u128| scenarios.push(Scenario { spot, shock, damp });
        add(ONE + 1_800 * BIP, Up, ONE);
        for step in [1_350, 900, 450, 0] {
            for shock in [Down, None, Up] {
                add(ONE + step * BIP, shock, ONE);
            }
        }
        for step in [450, 900, 1_350] {
            for shock in [Down, None, Up] {
                add(ONE - step * BIP, shock, ONE);
            }
        }
        add(ONE - 1_800 * BIP, Up, ONE);
        // in parts of 1e-5
        let tails = [
            (34, 21_000),
            (67, 42_000),
            (150, 27_720),
            (200, 13_860),
            (300, 6_930),
            (400, 4_620),
            (500, 3_465),
            (600, 2_772),
        ];
        for (percent, damp) in tails {
            add(ONE / 100 * percent, Up, ONE / 100_000 * damp);
        }
        add(ONE, LinearSkew, ONE);
        add(ONE, AbsoluteSkew, ONE);
        Self {
            scenarios,
            vol_shock: VolShock {
                range_up: 5_000 * BIP,
                range_down: 3_000 * BIP,
                short_term_power: 3_000 * BIP,
                long_term_power: 1_300 * BIP,
                floor: 86_400,
                min_vol_up: 4_000 * BIP,
            },
            skew: SkewShock {
                linear_base: (2_500 * BIP) as i128,
                linear_c: -((1_000 * BIP) as i128),
                abs_base: (2_500 * BIP) as i128,
                abs_c: -((1_000 * BIP) as i128),
                min_k_star: 100 * BIP,
                width: 4 * ONE,
                vol_static: (6_000 * BIP) as i128,
                vol_scale: 0,
            },
            margin: MarginFactors {
                maintenance: 8_000 * BIP,
                initial: ONE,
                long_base: 10_500 * BIP,
                long_rate_mult: ONE,
                long_rate_add: 1_600 * BIP,
                short_base: 9_500 * BIP,
                short_rate_mult: ONE,
                short_rate_add: 1_600 * BIP,
            },
            basis: BasisShock { up: 10_450 * BIP, down: 9_550 * BIP, add: 5_000 * BIP, mult: 2 * ONE },
            contingency: Contingency {
                peg_threshold: 9_900 * BIP,
                peg_factor: 4 * ONE,
                confidence_threshold: 5_500 * BIP,
                confidence_margin: ONE,
                perp_maintenance: 300 * BIP,
                perp_initial: 100 * BIP,
                option_maintenance: 30 * BIP,
                option_initial: 20 * BIP,
            },
        }
    }

    /// The parameters after the scenarios, in order, each with its hard bounds.
    fn bounded(&self) -> [(i128, i128, i128); 34] {
        let Self { vol_shock: v, skew: s, margin: g, basis: b, contingency: c, .. } = self;
        let one = ONE as i128;
        let up = |x: u128, most: i128| (x.min(i128::MAX as u128) as i128, 0, most * one);
        let both = |x: i128, most: i128| (x, -most * one, most * one);
        let within = |x: u128, least: u128, most: u128| {
            (x.min(i128::MAX as u128) as i128, least as i128, most as i128)
        };
        [
            up(v.range_up, 100),
            up(v.range_down, 100),
            up(v.short_term_power, 5),
            up(v.long_term_power, 5),
            (i128::from(v.floor), 0, 365 * 86_400),
            up(v.min_vol_up, 10),
            both(s.linear_base, 10),
            both(s.linear_c, 20),
            both(s.abs_base, 10),
            both(s.abs_c, 20),
            up(s.min_k_star, 10),
            up(s.width, 100),
            both(s.vol_static, 100),
            both(s.vol_scale, 100),
            within(g.maintenance, ONE / 10, 10 * ONE),
            within(g.initial, ONE / 2, 10 * ONE),
            up(g.long_base, 10),
            up(g.long_rate_mult, 100),
            up(g.long_rate_add, 10),
            up(g.short_base, 10),
            up(g.short_rate_mult, 100),
            up(g.short_rate_add, 10),
            within(b.up, MIN_MOVE, MAX_MOVE),
            within(b.down, MIN_MOVE, MAX_MOVE),
            up(b.add, 100),
            up(b.mult, 100),
            up(c.peg_threshold, 1),
            up(c.peg_factor, 100),
            up(c.confidence_threshold, 1),
            up(c.confidence_margin, 10),
            up(c.perp_maintenance, 3),
            up(c.perp_initial, 3),
            up(c.option_maintenance, 3),
            up(c.option_initial, 3),
        ]
    }

    /// Checks the hard bounds.
    ///
    /// # Errors
    /// The first one broken.
    pub fn check(&self) -> Result<(), ParamsError> {
        if self.scenarios.len() > MAX_SCENARIOS {
            return Err(ParamsError::TooManyScenarios(self.scenarios.len()));
        }
        let mut skews = [false; 5];
        for (index, scenario) in self.scenarios.iter().enumerate() {
            let mut fine = (MIN_MOVE..=MAX_MOVE).contains(&scenario.spot) && scenario.damp <= 10 * ONE;
            if scenario.shock.is_skew() {
                let seen = &mut skews[scenario.shock as usize];
                fine &= scenario.spot == ONE && !*seen;
                *seen = true;
            }
            if !fine {
                return Err(ParamsError::BadScenario(index));
            }
        }
        for (index, (value, least, most)) in self.bounded().into_iter().enumerate() {
            if value < least || value > most {
                return Err(ParamsError::OutOfBounds(index as u8));
            }
        }
        Ok(())
    }
}
