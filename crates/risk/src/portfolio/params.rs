//! The parameters of the scenario model, their defaults and their hard bounds.

use alloc::vec::Vec;

use crate::WAD;

/// Most scenarios.
pub const MAX_SCENARIOS: usize = 40;
/// Largest multiplier of spot.
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

    /// The parameters after the scenarios, in order.
    #[must_use]
    pub fn numbers(&self) -> [i128; NUMBERS] {
        Rules {
            vol_shock: self.vol_shock,
            skew: self.skew,
            margin: self.margin,
            basis: self.basis,
            contingency: self.contingency,
        }
        .numbers()
    }

    /// Parameters from scenarios and what [`Params::numbers`] gives.
    #[must_use]
    pub fn from_numbers(scenarios: Vec<Scenario>, numbers: &[i128; NUMBERS]) -> Self {
        let Rules { vol_shock, skew, margin, basis, contingency } = Rules::from_numbers(numbers);
        Self { scenarios, vol_shock, skew, margin, basis, contingency }
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
        for (index, (value, (least, most))) in self.numbers().into_iter().zip(BOUNDS).enumerate() {
            if value < least || value > most {
                return Err(ParamsError::OutOfBounds(index as u8));
            }
        }
        Ok(())
    }
}

/// Parameters after the scenarios.
pub const NUMBERS: usize = 34;
/// Positions of the parameters that may be negative. All others are unsigned in the ABI.
pub const SIGNED: [usize; 6] = [6, 7, 8, 9, 12, 13];

/// The hard bounds of each.
const BOUNDS: [(i128, i128); NUMBERS] = {
    const ONE: i128 = WAD as i128;
    const fn up(most: i128) -> (i128, i128) {
        (0, most * ONE)
    }
    const fn both(most: i128) -> (i128, i128) {
        (-most * ONE, most * ONE)
    }
    const MOVES: (i128, i128) = (MIN_MOVE as i128, MAX_MOVE as i128);
    [
        up(100),              // volatility: range up
        up(100),              // range down
        up(5),                // short term power
        up(5),                // long term power
        (0, 365 * 86_400),    // floor, seconds
        up(10),               // least volatility up
        both(10),             // skew: linear base
        both(20),             // linear c
        both(10),             // absolute base
        both(20),             // absolute c
        up(10),               // least k*
        up(100),              // width
        both(100),            // static volatility
        both(100),            // its scale
        (ONE / 10, 10 * ONE), // margin: maintenance
        (ONE / 2, 10 * ONE),  // initial
        up(10),               // long base
        up(100),              // long rate's multiplier
        up(10),               // added to it
        up(10),               // short base
        up(100),              // short rate's multiplier
        up(10),               // added to it
        MOVES,                // basis: up
        MOVES,                // down
        up(100),              // add
        up(100),              // multiplier
        up(1),                // contingency: peg's threshold
        up(100),              // its factor
        up(1),                // confidence's threshold
        up(10),               // its margin
        up(3),                // perpetual, maintenance
        up(3),                // initial
        up(3),                // option, maintenance
        up(3),                // initial
    ]
};

/// The parameters after the scenarios.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) vol_shock: VolShock,
    pub(super) skew: SkewShock,
    pub(super) margin: MarginFactors,
    pub(super) basis: BasisShock,
    pub(super) contingency: Contingency,
}

impl Rules {
    /// All of them, in order. An unsigned value above the range of `i128` turns negative here, and so is out of bounds.
    pub(super) fn numbers(&self) -> [i128; NUMBERS] {
        let Self { vol_shock: v, skew: s, margin: g, basis: b, contingency: c } = self;
        let up = |x: u128| x as i128;
        [
            up(v.range_up),
            up(v.range_down),
            up(v.short_term_power),
            up(v.long_term_power),
            v.floor.into(),
            up(v.min_vol_up),
            s.linear_base,
            s.linear_c,
            s.abs_base,
            s.abs_c,
            up(s.min_k_star),
            up(s.width),
            s.vol_static,
            s.vol_scale,
            up(g.maintenance),
            up(g.initial),
            up(g.long_base),
            up(g.long_rate_mult),
            up(g.long_rate_add),
            up(g.short_base),
            up(g.short_rate_mult),
            up(g.short_rate_add),
            up(b.up),
            up(b.down),
            up(b.add),
            up(b.mult),
            up(c.peg_threshold),
            up(c.peg_factor),
            up(c.confidence_threshold),
            up(c.confidence_margin),
            up(c.perp_maintenance),
            up(c.perp_initial),
            up(c.option_maintenance),
            up(c.option_initial),
        ]
    }

    /// From what [`Rules::numbers`] gives.
    pub(super) fn from_numbers(n: &[i128; NUMBERS]) -> Self {
        Self {
            vol_shock: VolShock {
                range_up: n[0] as u128,
                range_down: n[1] as u128,
                short_term_power: n[2] as u128,
                long_term_power: n[3] as u128,
                floor: n[4] as u32,
                min_vol_up: n[5] as u128,
            },
            skew: SkewShock {
                linear_base: n[6],
                linear_c: n[7],
                abs_base: n[8],
                abs_c: n[9],
                min_k_star: n[10] as u128,
                width: n[11] as u128,
                vol_static: n[12],
                vol_scale: n[13],
            },
            margin: MarginFactors {
                maintenance: n[14] as u128,
                initial: n[15] as u128,
                long_base: n[16] as u128,
                long_rate_mult: n[17] as u128,
                long_rate_add: n[18] as u128,
                short_base: n[19] as u128,
                short_rate_mult: n[20] as u128,
                short_rate_add: n[21] as u128,
            },
            basis: BasisShock {
                up: n[22] as u128,
                down: n[23] as u128,
                add: n[24] as u128,
                mult: n[25] as u128,
            },
            contingency: Contingency {
                peg_threshold: n[26] as u128,
                peg_factor: n[27] as u128,
                confidence_threshold: n[28] as u128,
                confidence_margin: n[29] as u128,
                perp_maintenance: n[30] as u128,
                perp_initial: n[31] as u128,
                option_maintenance: n[32] as u128,
                option_initial: n[33] as u128,
            },
        }
    }
}
