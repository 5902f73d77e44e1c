//! A market's parameters between the ABI and the rules.

use plimsoll_risk::market::Params;

use crate::sol::MarketParams;

/// The rules' form of parameters.
#[must_use]
pub const fn from_abi(p: &MarketParams) -> Params {
    Params {
        initial_factor: p.initialFactor,
        maintenance_factor: p.maintenanceFactor,
        price_band: p.priceBand,
        profit_weight: p.profitWeight,
        taker_fee: p.takerFee,
        maker_fee: p.makerFee,
        funding_cap: p.fundingCap,
        liquidation_fee: p.liquidationFee,
        min_discount: p.minDiscount,
        max_discount: p.maxDiscount,
        target_buffer: p.targetBuffer,
        oi_low: p.oiLow,
        oi_high: p.oiHigh,
        depth: p.depth,
        liquidation_cost: p.liquidationCost,
        max_open_interest: p.maxOpenInterest,
        max_position: p.maxPosition,
        lot: p.lot,
        min_notional: p.minNotional,
    }
}

/// The ABI's form of parameters.
#[must_use]
pub const fn to_abi(p: &Params) -> MarketParams {
    MarketParams {
        initialFactor: p.initial_factor,
        maintenanceFactor: p.maintenance_factor,
        priceBand: p.price_band,
        profitWeight: p.profit_weight,
        takerFee: p.taker_fee,
        makerFee: p.maker_fee,
        fundingCap: p.funding_cap,
        liquidationFee: p.liquidation_fee,
        minDiscount: p.min_discount,
        maxDiscount: p.max_discount,
        targetBuffer: p.target_buffer,
        oiLow: p.oi_low,
        oiHigh: p.oi_high,
        depth: p.depth,
        liquidationCost: p.liquidation_cost,
        maxOpenInterest: p.max_open_interest,
        maxPosition: p.max_position,
        lot: p.lot,
        minNotional: p.min_notional,
    }
}
