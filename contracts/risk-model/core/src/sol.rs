//! The risk model's structs, events and errors, as Solidity sees them.
//!
//! Money, prices and sizes are WAD (1e18): money in the quote currency, prices in quote per unit of the underlying,
//! sizes in signed units of the underlying. Factors, rates, volatilities, variances and confidences are WAD too: 1e18 is
//! one. Rates, volatilities and powers of time are per year of 31,536,000 seconds.

#![allow(missing_docs)]

use alloy_sol_types::sol;
pub use plimsoll_kit::sol::Overflow;
use stylus_sdk::prelude::*;

sol! {
    #![sol(extra_derives(Debug, PartialEq, Eq))]

    /// Forward, rate and volatility smile of one expiry: what the oracle's `surface` returns. The total variance at
    /// log-moneyness k = ln(strike/sviForward) is a + b(rho(k-m) + sqrt((k-m)^2 + sigma^2)), over `sviYears`.
    #[derive(AbiType)]
    struct Expiry {
        /// Unix seconds.
        uint32 expiry;
        /// Forward price of the expiry.
        uint128 forward;
        /// Continuous rate per year; counted as zero when negative.
        int128 rate;
        int128 a;
        int128 b;
        int128 rho;
        int128 m;
        int128 sigma;
        /// Forward that log-moneyness is measured from.
        uint128 sviForward;
        /// Years that the total variance is of.
        uint128 sviYears;
        uint64 forwardConfidence;
        uint64 rateConfidence;
        uint64 volConfidence;
    }

    /// An asset held as collateral. Its value is amount * price / stablePrice.
    #[derive(AbiType)]
    struct Collateral {
        uint128 amount;
        uint128 price;
        uint64 confidence;
        /// Share of the value that maintenance does not count.
        uint64 maintenanceHaircut;
        /// Further share that initial margin does not count.
        uint64 initialHaircut;
        /// Whether the value moves with the underlying's spot in the scenarios.
        bool riskCancelling;
    }

    /// Options, perpetuals and collateral of one account in one underlying, and the prices to value them at.
    #[derive(AbiType)]
    struct Portfolio {
        /// Whose parameters apply; every leg's instrument must be of it.
        uint16 underlying;
        /// Time of valuation, Unix seconds.
        uint64 time;
        int128 cash;
        /// Price of the underlying.
        uint128 spot;
        uint64 spotConfidence;
        /// Units of the perpetual held, negative when short.
        int128 perps;
        uint128 perpPrice;
        uint64 perpConfidence;
        /// Unrealised profit of the perpetual.
        int128 perpPnl;
        /// Funding due to the account, negative when it owes.
        int128 perpFunding;
        /// Price of the quote currency in dollars.
        uint128 stablePrice;
        /// Quote that moves the price by one percent, for the charge of hedging out; zero for no charge.
        uint128 depth;
        Collateral[] collaterals;
        /// In ascending order of expiry. Those that no leg needs do not count.
        Expiry[] expiries;
        /// Options: the instrument's id in the upper half, the size (int128, negative when short) in the lower. Any order.
        bytes32[] legs;
    }

    /// Margin of a portfolio. Balances below zero are short of margin.
    #[derive(AbiType)]
    struct Assessment {
        /// Initial margin balance: must not be negative to open.
        int128 initial;
        /// Maintenance margin balance: below zero the account may be liquidated.
        int128 maintenance;
        /// Value of everything, cash included.
        int128 markToMarket;
        /// Profit (mostly: loss) in the worst case.
        int128 worst;
        /// Which: an index of scenario, 65535 for the basis contingency, 65534 for the expected shortfall.
        uint16 worstScenario;
        /// Profit in the basis contingency; not positive.
        int128 basis;
        /// Mean profit of the shortfall's tail; zero without one.
        int128 shortfall;
        /// What maintenance charges beside the worst case: perpetuals, naked shorts, haircuts, hedging.
        uint128 maintenanceContingency;
        /// What initial margin charges beyond that.
        uint128 initialContingency;
    }

    /// Sensitivities in quote: delta per unit of the forward's move, gamma per unit squared, vega and volga per 1.00 of
    /// volatility, theta per year, rho per 1.00 of rate.
    #[derive(AbiType)]
    struct Greeks {
        int128 value;
        int128 delta;
        int128 gamma;
        int128 vega;
        int128 theta;
        int128 rho;
        int128 vanna;
        int128 volga;
    }

    /// The profit of a scenario, decomposed: profit = linear + sum of expiries; sum of expiries = sum of legs + discount; sum
    /// of legs = delta + gamma + vega + rest. Where a skew makes an expiry gain, the gain counts as a loss and everything of
    /// that expiry has the other sign.
    #[derive(AbiType)]
    struct Attribution {
        int128 profit;
        /// Of the perpetual and of collateral.
        int128 linear;
        /// Of the options, first order in the forward.
        int128 delta;
        /// Second order in the forward.
        int128 gamma;
        /// First order in volatility.
        int128 vega;
        /// Mixed and higher orders.
        int128 rest;
        /// What static discounts take or give.
        int128 discount;
        int128[] expiries;
        /// Before static discounts, in the portfolio's order.
        int128[] legs;
    }

    /// Where an account may be liquidated.
    #[derive(AbiType)]
    struct LiquidationRange {
        /// The highest price at or below spot, zero when there is none.
        uint128 below;
        /// The lowest price at or above spot, zero when there is none.
        uint128 above;
        /// Distances in standard deviations over the horizon.
        uint128 distanceBelow;
        uint128 distanceAbove;
        /// Score of touching either within the horizon, by the tails of a Student-t of three degrees of freedom.
        uint64 probability;
    }

    /// Margin of portfolios of several underlyings together.
    #[derive(AbiType)]
    struct Together {
        int128 initial;
        int128 maintenance;
        int128 markToMarket;
        /// Loss of the worst case.
        uint128 loss;
        /// Loss when spots go down.
        uint128 down;
        /// Loss when spots go up.
        uint128 up;
        /// Loss in the tails, where nothing is offset.
        uint128 tail;
        /// The sum of each underlying's own worst case.
        uint128 alone;
    }

    /// One revaluation.
    #[derive(AbiType)]
    struct Scenario {
        /// What spot and forwards are multiplied by.
        uint128 spot;
        /// What happens to volatility: 0 nothing, 1 up, 2 down, 3 linear skew, 4 absolute skew.
        uint8 shock;
        /// What the profit is multiplied by.
        uint128 damp;
    }

    /// How far volatility moves: by `range * (30 days / max(time, floor))^power`.
    #[derive(AbiType)]
    struct VolShock {
        uint128 rangeUp;
        uint128 rangeDown;
        /// Power up to 30 days.
        uint128 shortTermPower;
        /// Power beyond.
        uint128 longTermPower;
        /// Least time to expiry that counts, seconds.
        uint32 floor;
        /// Least volatility in scenarios where it goes up.
        uint128 minVolUp;
    }

    /// How the smile tilts: cap = base + c*sqrt(T), reached at k* = max(min, sqrt(T)*width*(static + scale*sqrt(T))).
    #[derive(AbiType)]
    struct SkewShock {
        int128 linearBase;
        int128 linearC;
        int128 absBase;
        int128 absC;
        uint128 minKStar;
        uint128 width;
        int128 volStatic;
        int128 volScale;
    }

    /// What the worst case is multiplied by, and what static discounts do to an expiry's shocked value.
    #[derive(AbiType)]
    struct MarginFactors {
        uint128 maintenance;
        uint128 initial;
        uint128 longBase;
        uint128 longRateMult;
        uint128 longRateAdd;
        uint128 shortBase;
        uint128 shortRateMult;
        uint128 shortRateAdd;
    }

    /// Forwards against spot: the worse of two moves, times add + mult*T.
    #[derive(AbiType)]
    struct BasisShock {
        uint128 up;
        uint128 down;
        uint128 add;
        uint128 mult;
    }

    /// Charges beside the worst case.
    #[derive(AbiType)]
    struct Contingency {
        /// Quote price below which initial margin grows, by `pegFactor` per 1.00.
        uint128 pegThreshold;
        uint128 pegFactor;
        /// Confidence below which (1 - confidence)*`confidenceMargin` of notional is charged.
        uint128 confidenceThreshold;
        uint128 confidenceMargin;
        uint128 perpMaintenance;
        uint128 perpInitial;
        uint128 optionMaintenance;
        uint128 optionInitial;
    }

    /// A move of spot and of all volatilities, both as natural logarithms of what they are multiplied by, in 1e-8. At most a
    /// factor of 16 either way.
    #[derive(AbiType)]
    struct Move {
        int32 spot;
        int32 vol;
    }

    /// Everything that governance sets for an underlying.
    #[derive(AbiType)]
    struct Params {
        Scenario[] scenarios;
        VolShock volShock;
        SkewShock skew;
        MarginFactors margin;
        BasisShock basis;
        Contingency contingency;
    }

    // ---- events

    event ParamsSet(uint16 indexed underlying, Params params);
    /// No moves, and zeros: there is no shortfall any more.
    event ShortfallSet(uint16 indexed underlying, uint64 share, bool binding, uint256 moves);

    // ---- errors: the call as such

    /// The constructor takes another number of modules.
    error WrongModules(uint256 modules, uint256 needed);
    /// There is no contract at a module's address.
    error NoCode(address module);


    // ---- errors: parameters

    /// Nobody has set the underlying's parameters.
    error NoParams(uint16 underlying);
    error TooManyScenarios(uint256 scenarios, uint256 most);
    /// A shock that is none, a move of spot from 0.001 to 20 or a damp up to 10 that is not, a skew that moves spot, or the
    /// second scenario of one skew.
    error BadScenario(uint256 index);
    /// `index`: the position, counted from zero over all fields after the scenarios, of the one outside its hard bounds.
    error ParameterOutOfBounds(uint8 index);
    /// The chain refused the contract that holds the parameters.
    error ParamsNotStored();

    // ---- errors: a portfolio

    error ZeroTime();
    /// Zero, or above 1e12.
    error BadSpot();
    /// Zero, or above 1e12.
    error BadStablePrice();
    /// Above 1e12.
    error BadPerpPrice();
    /// Above one. `which`: 0 spot, 1 perpetual.
    error BadConfidence(uint8 which);
    error TooManyLegs(uint256 legs, uint256 most);
    error TooManyExpiries(uint256 expiries, uint256 most);
    error TooManyCollaterals(uint256 collaterals, uint256 most);
    /// Its price is above 1e12, or a confidence or haircut above one.
    error BadCollateral(uint256 index);
    /// Not in ascending order, or one twice: the one in the wrong place.
    error ExpiriesNotSorted(uint32 expiry);
    /// `rule`: 0 a forward that is zero or above 1e12, 1 a rate above 10 or rate * years left
    /// above 20, 2 years that are zero or above 100, 3 b < 0,
    /// sigma < 0, |rho| >= 1 or a parameter above 1,000, 4 negative variance, 5 a confidence above one.
    error BadSlice(uint32 expiry, uint8 rule);
    error NotAnOption(uint128 instrument);
    error WrongUnderlying(uint128 instrument);
    /// A leg's expiry is not among the portfolio's.
    error UnknownExpiry(uint32 expiry);
    error DuplicateLeg(uint128 instrument);
    /// The size is zero.
    error EmptyLeg(uint128 instrument);
    /// The strike is zero, or more than a million times the forward, or less than a millionth of it.
    error StrikeOutOfRange(uint128 instrument);
    /// The tail of a shortfall is empty or more than everything.
    error EmptyTail();
    /// A shortfall or a search has no moves, too many, or one that is out of bounds; or the step of a search is.
    error BadMoves();
    /// Loadings or the floor of the factor model are above one, or there are no underlyings or too many.
    error BadFactor();
    /// Two portfolios that are put together are of one underlying.
    error DuplicateUnderlying(uint16 underlying);
    /// There is no scenario of this number.
    error UnknownScenario(uint16 scenario);
}
