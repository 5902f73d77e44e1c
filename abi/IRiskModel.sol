// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title The plug for a risk model
/// @notice The least that an engine, or a protocol with a book of its own, asks of a model of margin. Any contract may
/// implement it; `IPlimsollRiskModel` does.
/// @dev Money, prices and sizes are WAD (1e18): money in the quote currency, prices in quote per unit of the underlying,
/// sizes in signed units of the underlying. Factors, rates, volatilities, variances and confidences are WAD too: 1e18 is
/// one. Ids of instruments are packed by the library `PlimsollIds`, legs by `PlimsollLegs`.
interface IRiskModel {
    /// @notice Forward, rate and volatility smile of one expiry: what an oracle's `surface` returns.
    /// @dev The total variance at log-moneyness k = ln(strike/sviForward) is
    /// a + b(rho(k-m) + sqrt((k-m)^2 + sigma^2)), over `sviYears`.
    struct Expiry {
        /// Unix seconds.
        uint32 expiry;
        /// Forward price of the expiry.
        uint128 forward;
        /// Continuous rate per year.
        int128 rate;
        /// Level of total variance.
        int128 a;
        /// Half the sum of the wings' slopes; not negative.
        int128 b;
        /// Asymmetry of the wings, between minus one and one.
        int128 rho;
        /// Where along k the smile is centred.
        int128 m;
        /// Width of the bend between the wings; not negative.
        int128 sigma;
        /// Forward that log-moneyness is measured from.
        uint128 sviForward;
        /// Years that the total variance is of.
        uint128 sviYears;
        /// Confidence in the forward, at most one.
        uint64 forwardConfidence;
        /// Confidence in the rate, at most one.
        uint64 rateConfidence;
        /// Confidence in the smile, at most one.
        uint64 volConfidence;
    }

    /// @notice An asset held as collateral. Its value is amount * price / stablePrice.
    struct Collateral {
        /// Units of the asset.
        uint128 amount;
        /// Price of a unit in dollars.
        uint128 price;
        /// Confidence in the price, at most one.
        uint64 confidence;
        /// Share of the value that maintenance does not count.
        uint64 maintenanceHaircut;
        /// Further share that initial margin does not count.
        uint64 initialHaircut;
        /// Whether the value moves with the underlying's spot in the scenarios.
        bool riskCancelling;
    }

    /// @notice Options, perpetuals and collateral of one account in one underlying, and the prices to value them at.
    struct Portfolio {
        /// Whose parameters apply; every leg's instrument must be of it.
        uint16 underlying;
        /// Time of valuation, Unix seconds.
        uint64 time;
        /// Cash in the quote currency, negative when owed.
        int128 cash;
        /// Price of the underlying.
        uint128 spot;
        /// Confidence in it, at most one.
        uint64 spotConfidence;
        /// Units of the perpetual held, negative when short.
        int128 perps;
        /// Price of the perpetual.
        uint128 perpPrice;
        /// Confidence in it, at most one; does not count without a position.
        uint64 perpConfidence;
        /// Unrealised profit of the perpetual.
        int128 perpPnl;
        /// Funding due to the account, negative when it owes.
        int128 perpFunding;
        /// Price of the quote currency in dollars.
        uint128 stablePrice;
        /// Quote that moves the price by one percent, for the charge of hedging out; zero for no charge.
        uint128 depth;
        /// Assets other than cash.
        Collateral[] collaterals;
        /// In ascending order of expiry. Those that no leg needs do not count.
        Expiry[] expiries;
        /// Options, as `PlimsollLegs.pack` packs them, in any order.
        bytes32[] legs;
    }

    /// @notice Margin of a portfolio. Balances below zero are short of margin.
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
        /// What maintenance charges beside the worst case.
        uint128 maintenanceContingency;
        /// What initial margin charges beyond that.
        uint128 initialContingency;
    }

    /// @notice Margin of a portfolio, under its underlying's parameters.
    /// @dev Must revert rather than value in part what it cannot value whole, and must not depend on who calls.
    /// @param portfolio What is held, and the prices to value it at.
    /// @return assessment Balances after margin, and what they are made of.
    function assess(Portfolio calldata portfolio) external view returns (Assessment memory assessment);
}
