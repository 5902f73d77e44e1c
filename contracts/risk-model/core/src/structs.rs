//! The fields of the interface's structs, listed once in their order; encoders and decoders follow this list.

use plimsoll_kit::{dynamic_structs, structs};

use crate::sol;

structs! {
    sol:
    Expiry {
        expiry, forward, rate, a, b, rho, m, sigma, sviForward, sviYears, forwardConfidence, rateConfidence,
        volConfidence
    }
    Collateral { amount, price, confidence, maintenanceHaircut, initialHaircut, riskCancelling }
    Assessment {
        initial, maintenance, markToMarket, worst, worstScenario, basis, shortfall, maintenanceContingency,
        initialContingency
    }
    Greeks { value, delta, gamma, vega, theta, rho, vanna, volga }
    LiquidationRange { below, above, distanceBelow, distanceAbove, probability }
    Together { initial, maintenance, markToMarket, loss, down, up, tail, alone }
    Move { spot, vol }
    Scenario { spot, shock, damp }
    VolShock { rangeUp, rangeDown, shortTermPower, longTermPower, floor, minVolUp }
    SkewShock { linearBase, linearC, absBase, absC, minKStar, width, volStatic, volScale }
    MarginFactors {
        maintenance, initial, longBase, longRateMult, longRateAdd, shortBase, shortRateMult, shortRateAdd
    }
    BasisShock { up, down, add, mult }
    Contingency {
        pegThreshold, pegFactor, confidenceThreshold, confidenceMargin, perpMaintenance, perpInitial,
        optionMaintenance, optionInitial
    }
}

dynamic_structs! {
    sol:
    Portfolio {
        underlying, time, cash, spot, spotConfidence, perps, perpPrice, perpConfidence, perpPnl, perpFunding,
        stablePrice, depth, collaterals, expiries, legs
    }
    Attribution { profit, linear, delta, gamma, vega, rest, discount, expiries, legs }
    Params { scenarios, volShock, skew, margin, basis, contingency }
}
