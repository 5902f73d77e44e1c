//! A perpetual market's parameters and the bounds that hold for them whoever sets them.

use plimsoll_fixed::{Overflow, PPM, WAD, WAD_PER_PPM, mul_div_ceil};

/// Highest price that the engine takes, WAD: 1e8 quote. Keeps every index far below its range.
pub const MAX_PRICE: u128 = 100_000_000 * WAD;

/// Largest amount of an underlying that a parameter may name, WAD: 1e15 units.
pub const MAX_AMOUNT: u128 = 1_000_000_000_000_000 * WAD;

/// Quote amounts among the parameters are multiples of this, WAD: 1e-6 quote.
pub const AMOUNT_UNIT: u128 = 1_000_000_000_000;

/// Largest quote amount that a parameter may name, WAD: 1e13 quote.
pub const MAX_QUOTE: u128 = 10_000_000_000_000 * WAD;

/// A quote amount that a parameter may name.
const fn is_amount(x: u128) -> bool {
    x <= MAX_QUOTE && x.is_multiple_of(AMOUNT_UNIT)
}

/// The parameters of a perpetual market. Factors, fees and shares in ppm, amounts in WAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// Initial margin factor while open interest is at most `oi_low`.
    pub initial_factor: u32,
    /// Maintenance margin factor.
    pub maintenance_factor: u32,
    /// A fill may differ from the index price by at most this.
    pub price_band: u32,
    /// Share of unrealised profit that counts toward initial margin.
    pub profit_weight: u32,
    /// Fee of a fill's taker.
    pub taker_fee: u32,
    /// Fee of a fill's maker.
    pub maker_fee: u32,
    /// Largest funding rate per 8 hours.
    pub funding_cap: u32,
    /// Fee of a liquidation to insurance.
    pub liquidation_fee: u32,
    /// Discount of a liquidation at the maintenance line.
    pub min_discount: u32,
    /// Discount of a liquidation when no equity is left.
    pub max_discount: u32,
    /// A liquidation aims at maintenance times one plus this.
    pub target_buffer: u32,
    /// Open interest, quote, from which the initial factor grows.
    pub oi_low: u128,
    /// Open interest, quote, at which the initial factor reaches one.
    pub oi_high: u128,
    /// Quote that moves the market by 1 %; zero for no concentration term.
    pub depth: u128,
    /// Maintenance margin of every open position beside its factor: what it costs to be liquidated, quote.
    pub liquidation_cost: u128,
    /// Largest open interest, units of the underlying.
    pub max_open_interest: u128,
    /// Largest position of one account, units of the underlying.
    pub max_position: u128,
    /// Step of a liquidation's size, units of the underlying.
    pub lot: u128,
    /// A liquidation closes a position whole rather than leave less than this, quote.
    pub min_notional: u128,
}

impl Params {
    /// Checks every bound. On failure the number of the first field, in the order of declaration, that is out of bounds
    /// by itself or against the ones before it.
    ///
    /// A liquidation must help: discount and fee together stay below the maintenance factor, which also keeps the
    /// closed form of its size ([`crate::liquidation`]) positive.
    ///
    /// # Errors
    /// The field's number.
    pub fn validate(&self) -> Result<(), u8> {
        let ok = [
            (1_000..=1_000_000).contains(&self.initial_factor),
            self.maintenance_factor >= 500 && self.maintenance_factor <= self.initial_factor,
            (100..=500_000).contains(&self.price_band),
            self.profit_weight <= 1_000_000,
            self.taker_fee <= 20_000,
            self.maker_fee <= 20_000,
            self.funding_cap <= 120_000,
            self.liquidation_fee < self.maintenance_factor,
            self.min_discount < self.maintenance_factor - self.liquidation_fee.min(self.maintenance_factor),
            self.max_discount >= self.min_discount
                && self.max_discount
                    < self.maintenance_factor - self.liquidation_fee.min(self.maintenance_factor),
            (1_000..=1_000_000).contains(&self.target_buffer),
            is_amount(self.oi_low),
            is_amount(self.oi_high) && (self.oi_high == 0 || self.oi_high > self.oi_low),
            is_amount(self.depth) && (self.depth == 0 || self.depth >= WAD),
            is_amount(self.liquidation_cost) && self.liquidation_cost <= 1_000_000 * WAD,
            (1..=MAX_AMOUNT).contains(&self.max_open_interest),
            (1..=self.max_open_interest).contains(&self.max_position),
            (1..=self.max_position).contains(&self.lot),
            self.min_notional <= 1_000_000 * WAD,
        ];
        for (index, ok) in (0u8..).zip(ok) {
            if !ok {
                return Err(index);
            }
        }
        Ok(())
    }

    /// The initial margin factor, WAD, at an open interest in quote:
    /// `base + (1 - base) * clamp((OI - low)/(high - low), 0, 1)`. Rounded up.
    ///
    /// Source: dYdX v4, open-interest-scaled initial margin.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn initial_factor_at(&self, open_interest: u128) -> Result<u128, Overflow> {
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

/// Bound of the share of the insurance fund that one event may draw, ppm.
pub const MAX_INSURANCE_CAP: u32 = PPM as u32;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Parameters of a deep market, as tests use them.
    pub(crate) const DEEP: Params = Params {
        initial_factor: 50_000,
        maintenance_factor: 30_000,
        price_band: 50_000,
        profit_weight: 1_000_000,
        taker_fee: 500,
        maker_fee: 200,
        funding_cap: 10_000,
        liquidation_fee: 5_000,
        min_discount: 1_000,
        max_discount: 15_000,
        target_buffer: 200_000,
        oi_low: 20_000_000 * WAD,
        oi_high: 50_000_000 * WAD,
        depth: 0,
        liquidation_cost: 0,
        max_open_interest: 1_000_000 * WAD,
        max_position: 100_000 * WAD,
        lot: WAD / 1000,
        min_notional: 10 * WAD,
    };

    #[test]
    fn validate_accepts_a_sound_market() {
        assert_eq!(DEEP.validate(), Ok(()));
    }

    #[test]
    fn validate_names_each_field() {
        let cases: [(u8, Params); 19] = [
            (0, Params { initial_factor: 1_000_001, ..DEEP }),
            (1, Params { maintenance_factor: 50_001, ..DEEP }),
            (2, Params { price_band: 500_001, ..DEEP }),
            (3, Params { profit_weight: 1_000_001, ..DEEP }),
            (4, Params { taker_fee: 20_001, ..DEEP }),
            (5, Params { maker_fee: 20_001, ..DEEP }),
            (6, Params { funding_cap: 120_001, ..DEEP }),
            (7, Params { liquidation_fee: 30_000, ..DEEP }),
            (8, Params { min_discount: 25_000, ..DEEP }),
            (9, Params { max_discount: 25_000, ..DEEP }),
            (10, Params { target_buffer: 0, ..DEEP }),
            (11, Params { oi_low: u128::MAX, ..DEEP }),
            (12, Params { oi_high: DEEP.oi_low, ..DEEP }),
            (13, Params { depth: 1, ..DEEP }),
            (14, Params { liquidation_cost: u128::MAX, ..DEEP }),
            (15, Params { max_open_interest: 0, ..DEEP }),
            (16, Params { max_position: DEEP.max_open_interest + 1, ..DEEP }),
            (17, Params { lot: 0, ..DEEP }),
            (18, Params { min_notional: u128::MAX, ..DEEP }),
        ];
        for (index, params) in cases {
            assert_eq!(params.validate(), Err(index), "{params:?}");
        }
    }

    #[test]
    fn initial_factor_scales_with_open_interest() {
        // dYdX: base 5 %, halfway between the lines: 5 % + 95 % / 2
        assert_eq!(DEEP.initial_factor_at(0), Ok(WAD / 20));
        assert_eq!(DEEP.initial_factor_at(20_000_000 * WAD), Ok(WAD / 20));
        assert_eq!(DEEP.initial_factor_at(35_000_000 * WAD), Ok(WAD * 525 / 1000));
        assert_eq!(DEEP.initial_factor_at(50_000_000 * WAD), Ok(WAD));
        assert_eq!(DEEP.initial_factor_at(u128::MAX), Ok(WAD));
        assert_eq!(Params { oi_high: 0, oi_low: 0, ..DEEP }.initial_factor_at(u128::MAX), Ok(WAD / 20));
    }
}
