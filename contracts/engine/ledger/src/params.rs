//! Converts a market's parameters between the ABI's struct and the rules' types.

use plimsoll_risk::{
    funding::FundingRules,
    market::{Caps, FillRules, LiquidationRules, MarginParams, Params, TimeRules},
};

use crate::sol::MarketParams;

/// The rules' form of parameters.
#[must_use]
pub const fn from_abi(p: &MarketParams) -> Params {
    Params {
        margin: MarginParams {
            initial_factor: p.initialFactor,
            maintenance_factor: p.maintenanceFactor,
            profit_weight: p.profitWeight,
            oi_low: p.oiLow,
            oi_high: p.oiHigh,
            depth: p.depth,
            liquidation_cost: p.liquidationCost,
        },
        fills: FillRules { price_band: p.priceBand, taker_fee: p.takerFee, maker_fee: p.makerFee },
        time: TimeRules { max_trade_age: p.maxTradeAge, young_window: p.youngWindow },
        funding: FundingRules { cap: p.fundingCap, interest: p.interest, least_notional: p.fundingNotional },
        insurance_share: p.insuranceShare,
        caps: Caps { open_interest: p.maxOpenInterest, position: p.maxPosition },
        liquidation: LiquidationRules {
            fee: p.liquidationFee,
            min_discount: p.minDiscount,
            max_discount: p.maxDiscount,
            target_buffer: p.targetBuffer,
            lot: p.lot,
            min_notional: p.minNotional,
        },
    }
}

/// The ABI's form of parameters.
#[must_use]
pub const fn to_abi(params: &Params) -> MarketParams {
    let Params { margin, fills, time, funding, insurance_share, caps, liquidation: rules } = params;
    MarketParams {
        initialFactor: margin.initial_factor,
        maintenanceFactor: margin.maintenance_factor,
        priceBand: fills.price_band,
        profitWeight: margin.profit_weight,
        takerFee: fills.taker_fee,
        makerFee: fills.maker_fee,
        fundingCap: funding.cap,
        liquidationFee: rules.fee,
        minDiscount: rules.min_discount,
        maxDiscount: rules.max_discount,
        targetBuffer: rules.target_buffer,
        oiLow: margin.oi_low,
        oiHigh: margin.oi_high,
        depth: margin.depth,
        liquidationCost: margin.liquidation_cost,
        maxOpenInterest: caps.open_interest,
        maxPosition: caps.position,
        lot: rules.lot,
        minNotional: rules.min_notional,
        interest: funding.interest,
        fundingNotional: funding.least_notional,
        maxTradeAge: time.max_trade_age,
        youngWindow: time.young_window,
        insuranceShare: *insurance_share,
    }
}
