//! A perpetual market's parameters and their hard bounds, which hold for the owner too.

use plimsoll_fixed::{Overflow, WAD, WAD_PER_PPM, mul_div_ceil};

use crate::{
    funding::{FundingRules, NOTIONAL_UNIT},
    limits::MAX_INSURANCE_CAP,
};

/// Largest amount of an underlying that a parameter may name, WAD: 1e15 units.
pub const MAX_AMOUNT: u128 = 1_000_000_000_000_000 * WAD;

/// Quote amounts of a margin check are multiples of this, WAD: 1e-6 quote. In this unit [`MAX_QUOTE`] fits 64 bits, so that
/// four amounts share a slot of storage.
pub const AMOUNT_UNIT: u128 = 1_000_000_000_000;

/// Largest quote amount that a parameter may name, WAD: 1e13 quote.
pub const MAX_QUOTE: u128 = 10_000_000_000_000 * WAD;

const _: () = assert!(MAX_QUOTE / AMOUNT_UNIT <= u64::MAX as u128, "an amount fits a quarter of a slot");

/// Shortest window of young profit, seconds: two of them leave keepers time to find a bankrupt.
pub const MIN_WINDOW: u16 = 60;

/// Longest window of young profit, seconds: four hours. Profit is locked for up to three of them.
pub const MAX_WINDOW: u16 = 14_400;

/// A quote amount that a parameter may name.
const fn is_amount(x: u128) -> bool {
    x <= MAX_QUOTE && x.is_multiple_of(AMOUNT_UNIT)
}

/// What a margin check reads of a market. Factors and shares in ppm, amounts in quote, WAD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MarginParams {
    /// Initial margin factor while open interest is at most `oi_low`.
    pub initial_factor: u32,
    /// Maintenance margin factor.
    pub maintenance_factor: u32,
    /// Share of unrealised profit that counts toward initial margin.
    pub profit_weight: u32,
    /// Open interest, quote, from which the initial factor grows.
    pub oi_low: u128,
    /// Open interest, quote, at which the initial factor reaches one.
    pub oi_high: u128,
    /// Quote that moves the market by 1 %; zero for no concentration term.
    pub depth: u128,
    /// Maintenance margin of every open position beside its factor: what it costs to be liquidated, quote.
    pub liquidation_cost: u128,
}

/// What holds for a single fill, ppm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FillRules {
    /// A fill may differ from the index price by at most this.
    pub price_band: u32,
    /// Fee of a fill's taker.
    pub taker_fee: u32,
    /// Fee of a fill's maker.
    pub maker_fee: u32,
}

/// What counts toward time: how old a price may be for risk to grow, and how long realised profit is young. Seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRules {
    /// Risk may grow only at a price at most this old.
    pub max_trade_age: u16,
    /// Length of a window: realised profit is young for two to three of them.
    pub young_window: u16,
}

/// How large a market and a position in it may become, units of the underlying, WAD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// Largest open interest.
    pub open_interest: u128,
    /// Largest position of one account.
    pub position: u128,
}

/// How a position is liquidated. Fee, discounts and buffer in ppm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiquidationRules {
    /// Fee to insurance.
    pub fee: u32,
    /// Discount at the maintenance line.
    pub min_discount: u32,
    /// Discount when no equity is left.
    pub max_discount: u32,
    /// A liquidation aims at maintenance times one plus this.
    pub target_buffer: u32,
    /// Step of a liquidation's size, units of the underlying, WAD.
    pub lot: u128,
    /// A liquidation closes a position whole rather than leave less than this, quote, WAD.
    pub min_notional: u128,
}

/// The parameters of a perpetual market, by what a call loads together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Params {
    /// Margin.
    pub margin: MarginParams,
    /// Fills.
    pub fills: FillRules,
    /// Time.
    pub time: TimeRules,
    /// Funding.
    pub funding: FundingRules,
    /// Largest share of the insurance fund that the market may draw, ppm; what it drew refills over a day.
    pub insurance_share: u32,
    /// Caps.
    pub caps: Caps,
    /// Liquidation.
    pub liquidation: LiquidationRules,
}

impl Params {
    /// Checks every bound. On failure the number of the first parameter, in the order of the ABI's `MarketParams`, that is
    /// out of bounds by itself or against the ones before it.
    ///
    /// A liquidation must help: discount and fee together stay below the maintenance factor, which also keeps the
    /// closed form of its size ([`crate::liquidation`]) positive.
    ///
    /// # Errors
    /// The parameter's number.
    pub fn validate(&self) -> Result<(), u8> {
        let Self { margin, fills, caps, liquidation: rules, funding, time, insurance_share } = self;
        let most_discount = margin.maintenance_factor.saturating_sub(rules.fee);
        let ok = [
            (1_000..=1_000_000).contains(&margin.initial_factor),
            margin.maintenance_factor >= 500 && margin.maintenance_factor <= margin.initial_factor,
            (100..=500_000).contains(&fills.price_band),
            margin.profit_weight <= 1_000_000,
            fills.taker_fee <= 20_000,
            fills.maker_fee <= 20_000,
            funding.cap <= 120_000,
            rules.fee < margin.maintenance_factor,
            rules.min_discount < most_discount,
            rules.max_discount >= rules.min_discount && rules.max_discount < most_discount,
            (1_000..=1_000_000).contains(&rules.target_buffer),
            is_amount(margin.oi_low),
            is_amount(margin.oi_high) && (margin.oi_high == 0 || margin.oi_high > margin.oi_low),
            is_amount(margin.depth) && (margin.depth == 0 || margin.depth >= WAD),
            is_amount(margin.liquidation_cost) && margin.liquidation_cost <= 1_000_000 * WAD,
            (1..=MAX_AMOUNT).contains(&caps.open_interest),
            (1..=caps.open_interest).contains(&caps.position),
            (1..=caps.position).contains(&rules.lot),
            rules.min_notional <= 1_000_000 * WAD,
            funding.interest.unsigned_abs() <= funding.cap,
            is_amount(funding.least_notional) && funding.least_notional >= NOTIONAL_UNIT,
            time.max_trade_age > 0,
            (MIN_WINDOW..=MAX_WINDOW).contains(&time.young_window),
            *insurance_share <= MAX_INSURANCE_CAP,
        ];
        for (index, ok) in (0u8..).zip(ok) {
            if !ok {
                return Err(index);
            }
        }
        Ok(())
    }
}

impl TimeRules {
    /// The window of a clock's seconds. A window's length never changes while its market is listed: profit would move between
    /// windows.
    #[must_use]
    pub const fn window(&self, clock: u32) -> u32 {
        match clock.checked_div(self.young_window as u32) {
            Some(window) => window,
            None => 0,
        }
    }
}

impl MarginParams {
    /// The initial margin factor, WAD, at an open interest in quote:
    /// `base + (1 - base) * clamp((OI - low)/(high - low), 0, 1)`. Rounded up.
    ///
    /// Source: dYdX v4, open-interest-scaled initial margin.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn initial_factor_ceil(&self, open_interest: u128) -> Result<u128, Overflow> {
        let base = u128::from(self.initial_factor) * WAD_PER_PPM;
        if self.oi_high == 0 || open_interest <= self.oi_low {
            return Ok(base);
        }
        if open_interest >= self.oi_high {
            return Ok(WAD.max(base));
        }
        let rest = WAD.saturating_sub(base);
        Ok(base + mul_div_ceil(rest, open_interest - self.oi_low, self.oi_high - self.oi_low)?)
    }

    /// The maintenance margin factor, WAD.
    #[must_use]
    pub fn maintenance_factor_wad(&self) -> u128 {
        u128::from(self.maintenance_factor) * WAD_PER_PPM
    }
}

impl Caps {
    /// Whether a position may go from one size to another: within the cap, or no larger than it was.
    #[must_use]
    pub const fn admit_position(&self, from: i128, to: i128) -> bool {
        let size = to.unsigned_abs();
        size <= self.position || size <= from.unsigned_abs()
    }

    /// Whether open interest may go from one sum to another: within the cap, or no larger than it was.
    #[must_use]
    pub const fn admit_open_interest(&self, from: u128, to: u128) -> bool {
        to <= self.open_interest || to <= from
    }
}

/// Open interest, the sum of long sizes, after a position went from one size to another.
///
/// # Errors
/// [`Overflow`] when it does not fit.
pub fn open_interest_after(open_interest: u128, from: i128, to: i128) -> Result<u128, Overflow> {
    let (from, to) = (from.max(0).unsigned_abs(), to.max(0).unsigned_abs());
    open_interest.checked_add(to).and_then(|sum| sum.checked_sub(from)).ok_or(Overflow)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Parameters of a deep market, as tests use them.
    pub(crate) const DEEP: Params = Params {
        margin: MarginParams {
            initial_factor: 50_000,
            maintenance_factor: 30_000,
            profit_weight: 1_000_000,
            oi_low: 20_000_000 * WAD,
            oi_high: 50_000_000 * WAD,
            depth: 0,
            liquidation_cost: 0,
        },
        fills: FillRules { price_band: 50_000, taker_fee: 500, maker_fee: 200 },
        time: TimeRules { max_trade_age: 60, young_window: 900 },
        funding: FundingRules { cap: 10_000, interest: 0, least_notional: 100_000 * WAD },
        insurance_share: 300_000,
        caps: Caps { open_interest: 1_000_000 * WAD, position: 100_000 * WAD },
        liquidation: LiquidationRules {
            fee: 5_000,
            min_discount: 1_000,
            max_discount: 15_000,
            target_buffer: 200_000,
            lot: WAD / 1000,
            min_notional: 10 * WAD,
        },
    };

    #[test]
    fn validate_accepts_a_sound_market() {
        assert_eq!(DEEP.validate(), Ok(()));
    }

    type Break = fn(&mut Params);

    #[test]
    fn validate_names_each_field() {
        let cases: [(u8, Break); 24] = [
            (0, |p| p.margin.initial_factor = 1_000_001),
            (1, |p| p.margin.maintenance_factor = 50_001),
            (2, |p| p.fills.price_band = 500_001),
            (3, |p| p.margin.profit_weight = 1_000_001),
            (4, |p| p.fills.taker_fee = 20_001),
            (5, |p| p.fills.maker_fee = 20_001),
            (6, |p| p.funding.cap = 120_001),
            (7, |p| p.liquidation.fee = 30_000),
            (8, |p| p.liquidation.min_discount = 25_000),
            (9, |p| p.liquidation.max_discount = 25_000),
            (10, |p| p.liquidation.target_buffer = 0),
            (11, |p| p.margin.oi_low = u128::MAX),
            (12, |p| p.margin.oi_high = p.margin.oi_low),
            (13, |p| p.margin.depth = 1),
            (14, |p| p.margin.liquidation_cost = u128::MAX),
            (15, |p| p.caps.open_interest = 0),
            (16, |p| p.caps.position = p.caps.open_interest + 1),
            (17, |p| p.liquidation.lot = 0),
            (18, |p| p.liquidation.min_notional = u128::MAX),
            (19, |p| p.funding.interest = -10_001),
            (20, |p| p.funding.least_notional = NOTIONAL_UNIT - AMOUNT_UNIT),
            (21, |p| p.time.max_trade_age = 0),
            (22, |p| p.time.young_window = 59),
            (23, |p| p.insurance_share = 1_000_001),
        ];
        for (index, break_it) in cases {
            let mut params = DEEP;
            break_it(&mut params);
            assert_eq!(params.validate(), Err(index), "{params:?}");
        }
    }

    #[test]
    fn initial_factor_scales_with_open_interest() {
        // dYdX: base 5 %, halfway between the lines: 5 % + 95 % / 2
        assert_eq!(DEEP.margin.initial_factor_ceil(0), Ok(WAD / 20));
        assert_eq!(DEEP.margin.initial_factor_ceil(20_000_000 * WAD), Ok(WAD / 20));
        assert_eq!(DEEP.margin.initial_factor_ceil(35_000_000 * WAD), Ok(WAD * 525 / 1000));
        assert_eq!(DEEP.margin.initial_factor_ceil(50_000_000 * WAD), Ok(WAD));
        assert_eq!(DEEP.margin.initial_factor_ceil(u128::MAX), Ok(WAD));
        assert_eq!(
            MarginParams { oi_high: 0, oi_low: 0, ..DEEP.margin }.initial_factor_ceil(u128::MAX),
            Ok(WAD / 20)
        );
    }

    #[test]
    fn caps_admit_what_is_within_or_does_not_grow() {
        let caps = Caps { open_interest: 10, position: 4 };
        assert!(caps.admit_position(0, 4) && caps.admit_position(0, -4));
        assert!(!caps.admit_position(0, 5) && !caps.admit_position(4, -5));
        // above the cap already: it may shrink, stay or turn over, and not grow
        assert!(caps.admit_position(-7, -7) && caps.admit_position(7, -6) && !caps.admit_position(7, 8));
        assert!(caps.admit_position(i128::MIN, i128::MIN));
        assert!(caps.admit_open_interest(0, 10) && !caps.admit_open_interest(10, 11));
        assert!(caps.admit_open_interest(15, 15) && !caps.admit_open_interest(15, 16));
    }

    #[test]
    fn open_interest_counts_longs_alone() {
        assert_eq!(open_interest_after(10, 3, 5), Ok(12));
        assert_eq!(open_interest_after(10, 3, -5), Ok(7));
        assert_eq!(open_interest_after(10, -3, 5), Ok(15));
        assert_eq!(open_interest_after(10, -3, -5), Ok(10));
        assert_eq!(open_interest_after(2, 3, 0), Err(Overflow));
        assert_eq!(open_interest_after(u128::MAX, 0, 1), Err(Overflow));
    }
}
