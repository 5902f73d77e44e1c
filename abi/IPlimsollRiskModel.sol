// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Plimsoll risk model
/// @notice Margin of a portfolio of options, perpetuals and collateral, over a grid of scenarios.
/// @dev Money, prices and sizes are WAD (1e18): money in the quote currency, prices in quote per unit of the
/// underlying, sizes in signed units of the underlying. Factors, rates, volatilities, variances and confidences are WAD
/// too: 1e18 is one. A year has 31,536,000 seconds. Ids of instruments are packed by the library `PlimsollIds`, legs by
/// `PlimsollLegs`. `IRiskModel` is the least that a consumer needs.
interface IPlimsollRiskModel {
    /// Forward, rate and volatility smile of one expiry: what the oracle's `surface` returns. The total variance at
    /// log-moneyness k = ln(strike/sviForward) is a + b(rho(k-m) + sqrt((k-m)^2 + sigma^2)), over `sviYears`.
    struct Expiry {
        /// Unix seconds.
        uint32 expiry;
        /// Forward price of the expiry.
        uint128 forward;
        /// Continuous rate per year; counted as zero when negative.
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

    /// An asset held as collateral. Its value is amount * price / stablePrice.
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

    /// Options, perpetuals and collateral of one account in one underlying, and the prices to value them at.
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
        /// Options: the instrument's id in the upper half, the size (int128, negative when short) in the lower. Any order.
        bytes32[] legs;
    }

    /// Margin of a portfolio. Balances below zero are short of margin.
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
    struct Greeks {
        /// Value.
        int128 value;
        /// By the forward: units of the underlying, discounted.
        int128 delta;
        /// Twice by the forward.
        int128 gamma;
        /// By volatility.
        int128 vega;
        /// By the passing of time at a constant forward.
        int128 theta;
        /// By the rate at a constant forward.
        int128 rho;
        /// By forward and volatility.
        int128 vanna;
        /// Twice by volatility.
        int128 volga;
    }

    /// The profit of a scenario, decomposed: profit = linear + sum of expiries; sum of expiries = sum of legs + discount; sum
    /// of legs = delta + gamma + vega + rest. Where a skew makes an expiry gain, the gain counts as a loss and everything of
    /// that expiry has the other sign.
    struct Attribution {
        /// Of everything.
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
        /// Of each expiry, in the portfolio's order.
        int128[] expiries;
        /// Of each leg, before static discounts, in the portfolio's order.
        int128[] legs;
    }

    /// Where an account may be liquidated.
    struct LiquidationRange {
        /// The highest price at or below spot, zero when there is none.
        uint128 below;
        /// The lowest price at or above spot, zero when there is none.
        uint128 above;
        /// Distance of `below` from spot in standard deviations over the horizon, zero when there is none.
        uint128 distanceBelow;
        /// Distance of `above` from spot in standard deviations over the horizon, zero when there is none.
        uint128 distanceAbove;
        /// Score of touching either within the horizon, by the tails of a Student-t of three degrees of freedom.
        uint64 probability;
    }

    /// Margin of portfolios of several underlyings together.
    struct Together {
        /// Initial margin balance of all: must not be negative to open.
        int128 initial;
        /// Maintenance margin balance of all: below zero the account may be liquidated.
        int128 maintenance;
        /// Value of everything, cash included.
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
    struct Scenario {
        /// What spot and forwards are multiplied by.
        uint128 spot;
        /// What happens to volatility: 0 nothing, 1 up, 2 down, 3 linear skew, 4 absolute skew.
        uint8 shock;
        /// What the profit is multiplied by.
        uint128 damp;
    }

    /// How far volatility moves: by `range * (30 days / max(time, floor))^power`.
    struct VolShock {
        /// Range of a move up.
        uint128 rangeUp;
        /// Range of a move down.
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
    struct SkewShock {
        /// Base of the linear tilt's cap.
        int128 linearBase;
        /// Growth of that cap with sqrt(T).
        int128 linearC;
        /// Base of the absolute tilt's cap.
        int128 absBase;
        /// Growth of that cap with sqrt(T).
        int128 absC;
        /// Least k*.
        uint128 minKStar;
        /// Standard deviations to k*.
        uint128 width;
        /// Volatility that they are measured in.
        int128 volStatic;
        /// Growth of that volatility with sqrt(T).
        int128 volScale;
    }

    /// What the worst case is multiplied by, and what static discounts do to an expiry's shocked value.
    struct MarginFactors {
        /// Factor of the worst case for maintenance.
        uint128 maintenance;
        /// Factor of the worst case for initial margin.
        uint128 initial;
        /// A positive value is multiplied by longBase * exp(-T(rate*longRateMult + longRateAdd)).
        uint128 longBase;
        /// See `longBase`.
        uint128 longRateMult;
        /// See `longBase`.
        uint128 longRateAdd;
        /// A negative value is multiplied by min(exp(rate*T), shortBase * exp(T(rate*shortRateMult + shortRateAdd))).
        uint128 shortBase;
        /// See `shortBase`.
        uint128 shortRateMult;
        /// See `shortBase`.
        uint128 shortRateAdd;
    }

    /// Forwards against spot: the worse of two moves, times add + mult*T.
    struct BasisShock {
        /// What forwards are multiplied by in the move up.
        uint128 up;
        /// What forwards are multiplied by in the move down.
        uint128 down;
        /// Share of the loss that counts at once.
        uint128 add;
        /// Further share per year to expiry.
        uint128 mult;
    }

    /// Charges beside the worst case.
    struct Contingency {
        /// Quote price below which initial margin grows, by `pegFactor` per 1.00.
        uint128 pegThreshold;
        /// See `pegThreshold`.
        uint128 pegFactor;
        /// Confidence below which (1 - confidence)*`confidenceMargin` of notional is charged.
        uint128 confidenceThreshold;
        /// See `confidenceThreshold`.
        uint128 confidenceMargin;
        /// Share of the perpetual's notional at spot, for maintenance.
        uint128 perpMaintenance;
        /// Further share for initial margin.
        uint128 perpInitial;
        /// Share of naked short options' notional at spot, for maintenance.
        uint128 optionMaintenance;
        /// Further share for initial margin.
        uint128 optionInitial;
    }

    /// A move of spot and of all volatilities, both as natural logarithms of what they are multiplied by, in 1e-8. At most a
    /// factor of 16 either way.
    struct Move {
        /// ln(spot after / spot before), 1e-8.
        int32 spot;
        /// ln(volatility after / volatility before), 1e-8, the same at all strikes and expiries.
        int32 vol;
    }

    /// Everything that governance sets for an underlying.
    struct Params {
        /// Revaluations, 40 at most.
        Scenario[] scenarios;
        /// How far volatility moves.
        VolShock volShock;
        /// How the smile tilts.
        SkewShock skew;
        /// What the worst case and shocked values are multiplied by.
        MarginFactors margin;
        /// How forwards move against spot.
        BasisShock basis;
        /// Charges beside the worst case.
        Contingency contingency;
    }

    // ---- events

    /// The owner set an underlying's parameters.
    /// @param underlying Number of the underlying.
    /// @param params All of them.
    event ParamsSet(uint16 indexed underlying, Params params);

    /// The owner set an underlying's expected shortfall. No moves, and zeros: there is no shortfall any more.
    /// @param underlying Number of the underlying.
    /// @param share Share of the moves that the mean is of, WAD of one.
    /// @param binding Whether margin is the larger of the scenarios' and this; else it is only told.
    /// @param moves How many moves there are.
    event ShortfallSet(uint16 indexed underlying, uint64 share, bool binding, uint256 moves);

    // ---- errors: the call as such

    /// The constructor takes another number of modules.
    /// @param modules How many it was given.
    /// @param needed How many it takes.
    error WrongModules(uint256 modules, uint256 needed);

    /// There is no contract at a module's address.
    /// @param module The address.
    error NoCode(address module);

    /// No function has this selector.
    /// @param selector First four bytes of the call, padded with zeros.
    error UnknownSelector(bytes4 selector);

    /// The arguments do not decode, or the gas ran out inside.
    /// @param selector Selector of the function.
    error MalformedCall(bytes4 selector);

    /// The function takes no ether.
    error NotPayable();

    /// The constructor has run already.
    error AlreadyConstructed();

    /// A result is outside the range of its type.
    error Overflow();

    // ---- errors: parameters

    /// Nobody has set the underlying's parameters.
    /// @param underlying Number of the underlying.
    error NoParams(uint16 underlying);

    /// The parameters have too many scenarios.
    /// @param scenarios How many they have.
    /// @param most How many they may have.
    error TooManyScenarios(uint256 scenarios, uint256 most);

    /// A shock that is none, a move of spot that is not from 0.001 to 20, a damp above 10, a skew that moves spot, or the
    /// second scenario of one skew.
    /// @param index Place of the scenario, from zero.
    error BadScenario(uint256 index);

    /// A parameter is outside its hard bounds.
    /// @param index Place of the field, counted from zero over all fields after the scenarios.
    error ParameterOutOfBounds(uint8 index);

    /// The chain refused the contract that holds the parameters.
    error ParamsNotStored();

    // ---- errors: a portfolio

    /// The time of valuation is zero.
    error ZeroTime();

    /// The price of the underlying is zero, or above 1e12.
    error BadSpot();

    /// The price of the quote currency is zero, or above 1e12.
    error BadStablePrice();

    /// The price of the perpetual is above 1e12.
    error BadPerpPrice();

    /// A confidence is above one.
    /// @param which 0 that in spot, 1 that in the perpetual's price.
    error BadConfidence(uint8 which);

    /// The portfolio has too many legs.
    /// @param legs How many it has.
    /// @param most How many it may have.
    error TooManyLegs(uint256 legs, uint256 most);

    /// The portfolio has too many expiries.
    /// @param expiries How many it has.
    /// @param most How many it may have.
    error TooManyExpiries(uint256 expiries, uint256 most);

    /// The portfolio has too many collaterals.
    /// @param collaterals How many it has.
    /// @param most How many it may have.
    error TooManyCollaterals(uint256 collaterals, uint256 most);

    /// The price of a collateral is above 1e12, or its confidence or a haircut above one.
    /// @param index Place of the collateral in the portfolio, from zero.
    error BadCollateral(uint256 index);

    /// Expiries are not in ascending order, or one comes twice.
    /// @param expiry The one in the wrong place, Unix seconds.
    error ExpiriesNotSorted(uint32 expiry);

    /// An expiry's forward, rate or smile is out of its domain.
    /// @param expiry The expiry, Unix seconds.
    /// @param rule 0 a forward that is zero or above 1e12, 1 a rate above 10 or rate * years left above 20, 2 years that are
    /// zero or above 100, 3 b < 0, sigma < 0, |rho| >= 1 or a parameter above 1,000, 4 negative variance, 5 a confidence
    /// above one.
    error BadSlice(uint32 expiry, uint8 rule);

    /// A leg is not an option.
    /// @param instrument The leg's instrument.
    error NotAnOption(uint128 instrument);

    /// A leg is of another underlying than the portfolio.
    /// @param instrument The leg's instrument.
    error WrongUnderlying(uint128 instrument);

    /// A leg's expiry is not among the portfolio's.
    /// @param expiry The leg's expiry, Unix seconds.
    error UnknownExpiry(uint32 expiry);

    /// Two legs are of one instrument.
    /// @param instrument The instrument.
    error DuplicateLeg(uint128 instrument);

    /// The size of a leg is zero.
    /// @param instrument The leg's instrument.
    error EmptyLeg(uint128 instrument);

    /// The strike is zero, or more than a million times the forward, or less than a millionth of it.
    /// @param instrument The leg's instrument.
    error StrikeOutOfRange(uint128 instrument);

    /// The tail of a shortfall is empty or more than everything.
    error EmptyTail();

    /// A shortfall or a search has no moves, too many, or one that is out of bounds; or the step of a search is.
    error BadMoves();

    /// Loadings or the floor of the factor model are above one, or there are no underlyings or too many.
    error BadFactor();

    /// Two portfolios that are put together are of one underlying.
    /// @param underlying Number of the underlying.
    error DuplicateUnderlying(uint16 underlying);

    /// There is no scenario of this number.
    /// @param scenario The number.
    error UnknownScenario(uint16 scenario);

    // ---- ownership

    /// The owner named the next owner, who becomes it by accepting.
    /// @param owner The owner.
    /// @param pending Who may accept; zero when the transfer was called off.
    event OwnershipTransferStarted(address indexed owner, address indexed pending);

    /// The contract has another owner.
    /// @param previous The owner until now; zero at construction.
    /// @param owner The owner from now on.
    event OwnershipTransferred(address indexed previous, address indexed owner);

    // ---- errors: who may

    /// The caller is not the owner of the contract.
    /// @param caller Who called.
    error NotOwner(address caller);

    /// The owner has not named the caller as the next owner.
    /// @param caller Who called.
    error NotPendingOwner(address caller);

    /// An address is zero that may not be.
    error ZeroAddress();

    // ---- setup

    /// @notice Sets an underlying's parameters, all of them.
    /// @dev Errors: `NotOwner`, `TooManyScenarios`, `BadScenario`, `ParameterOutOfBounds`, `ParamsNotStored`.
    /// Events: `ParamsSet`.
    /// @param underlying number of the underlying
    /// @param params within the hard bounds
    function setParams(uint16 underlying, Params calldata params) external;

    /// @notice An underlying's parameters.
    /// @dev Errors: `NoParams`.
    /// @param underlying number of the underlying
    function params(uint16 underlying) external view returns (Params memory);

    /// @notice Sets an underlying's expected shortfall: the mean profit in the worst of these moves, all of a portfolio revalued in
    /// each.
    /// @dev Errors: `NotOwner`, `NoParams`, `EmptyTail`, `BadMoves`, `ParamsNotStored`.
    /// Events: `ShortfallSet`.
    /// @param underlying number of the underlying, whose parameters must be set
    /// @param share of the moves that the mean is of, 1e18 for all
    /// @param binding whether margin is the larger of the scenarios' and this; else it is only told
    /// @param moves at most 500; none takes the shortfall away
    function setShortfall(uint16 underlying, uint64 share, bool binding, Move[] calldata moves) external;

    /// @notice An underlying's expected shortfall; no moves where there is none.
    /// @dev Errors: `BadMoves`.
    /// @param underlying number of the underlying
    /// @return share of the moves that the mean is of
    /// @return binding whether margin is the larger of the scenarios' and this
    /// @return moves of spot and volatility
    function shortfall(uint16 underlying) external view returns (uint64 share, bool binding, Move[] memory moves);

    /// @notice The contract whose code, after its first byte, is an underlying's parameters as the model computes with them;
    /// zero when there are none. It changes when `setParams` sets them, not with the shortfall, which is kept elsewhere.
    /// @param underlying number of the underlying
    function compiled(uint16 underlying) external view returns (address);

    /// @notice The owner.
    function owner() external view returns (address);

    /// @notice Who may become the owner; zero for nobody.
    function pendingOwner() external view returns (address);

    /// @notice Names the next owner; zero calls the transfer off.
    /// @dev Errors: `NotOwner`.
    /// Events: `OwnershipTransferStarted`.
    /// @param pending who may become the owner
    function transferOwnership(address pending) external;

    /// @notice Makes the caller the owner, if it was named.
    /// @dev Errors: `NotPendingOwner`.
    /// Events: `OwnershipTransferred`.
    function acceptOwnership() external;

    // ---- greeks

    /// @notice Sensitivities of a portfolio. Parameters do not count: none need to be set.
    /// @dev Errors: The first rule of the portfolio that is broken; `Overflow`.
    /// Rounding: Down, leg by leg; sums are exact.
    /// @param portfolio as in `assess`
    /// @return account everything: options, the perpetual, collateral that moves with spot
    /// @return byExpiry the options of each expiry, in the portfolio's order
    /// @return byLeg each leg, in the portfolio's order
    function greeks(Portfolio calldata portfolio)
        external view returns (Greeks memory account, Greeks[] memory byExpiry, Greeks[] memory byLeg);

    // ---- attribution

    /// @notice The profit of a scenario, decomposed.
    /// @dev Errors: `NoParams`, `UnknownScenario`, then as `assess`.
    /// @param portfolio as in `assess`
    /// @param scenario an index of scenario, or 65535 for the basis contingency: what `assess` gives as the worst, unless
    /// that is 65534, the expected shortfall, which is a mean of many moves and `UnknownScenario` here
    /// @return found profit = linear + sum of expiries, which are the sum of legs + discount, and those delta + gamma +
    /// vega + rest, all exactly
    function attribute(Portfolio calldata portfolio, uint16 scenario) external view returns (Attribution memory found);

    // ---- worst

    /// @notice The move in which a portfolio loses most, of spot within a range and of volatility by one of a list. Profits are
    /// neither damped nor discounted. Looks at 49 prices with each volatility, then closer around the worst down to 1e-8: a
    /// loss that is confined between two prices of the first look can be missed.
    /// @dev Errors: `BadMoves`, then as `assess`, but for `NoParams`: no parameters are read.
    /// @param portfolio as in `assess`
    /// @param low smallest move of spot, a natural logarithm in 1e-8
    /// @param high largest
    /// @param vols moves of volatility, one to eight
    /// @return found the move
    /// @return profit in it
    function worstMove(Portfolio calldata portfolio, int32 low, int32 high, int32[] calldata vols)
        external view returns (Move memory found, int128 profit);

    // ---- liquidation

    /// @notice The nearest prices on either side of spot at which the maintenance balance is below zero, volatility at each strike
    /// the same; how far they are; and a score of touching one. Looks outward up to a factor of 16, then halves the step
    /// that crossed zero: a dip within one step can be missed.
    /// @dev Errors: `NoParams`, `BadMoves` for the step, `Overflow` for a volatility or horizon of zero, then as `assess`.
    /// @param portfolio as in `assess`
    /// @param step of the search, a natural logarithm in 1e-8: from 500,000 (0.5 %) to 50,000,000
    /// @param volatility per year, which distances are measured in, WAD
    /// @param horizon over which it acts, seconds
    /// @return found prices are zero where there is none; both are spot where maintenance is short already
    function liquidationRange(Portfolio calldata portfolio, uint32 step, uint128 volatility, uint32 horizon)
        external view returns (LiquidationRange memory found);

    // ---- router

    /// @notice The modules: setup, greeks, attribution, worst, liquidation, pricer.
    function modules() external view returns (address[] memory);

    /// @notice Margin of a portfolio, under its underlying's parameters.
    /// @dev Errors: `NoParams`, then the first rule of the portfolio that is broken; `Overflow`.
    /// Rounding: Balances down, charges up, to 1e-18.
    /// @param portfolio options, perpetuals and collateral of one account in one underlying, and the prices to value
    /// them at
    /// @return assessment balances after margin, and what they are made of
    function assess(Portfolio calldata portfolio) external view returns (Assessment memory assessment);

    /// @notice Margin of a portfolio, and its profit in every scenario.
    /// @dev Errors: As `assess`.
    /// @param portfolio as in `assess`
    /// @return assessment balances after margin, and what they are made of
    /// @return profits in the order of the parameters' scenarios, dampened, negative for a loss
    function scenarios(Portfolio calldata portfolio)
        external view returns (Assessment memory assessment, int128[] memory profits);

    /// @notice Margin of portfolios of several underlyings together: one factor moves all of them, each has moves of its own, and
    /// in the tails nothing is offset.
    /// @dev Errors: `BadFactor`, `DuplicateUnderlying`, then as `assess`, portfolio by portfolio.
    /// @param portfolios one of each underlying, each as in `assess`
    /// @param loadings on the factor, one of each portfolio, 1e18 at most: two underlyings' correlation is the product of
    /// theirs
    /// @param floor least correlation between losses, 1e18 at most
    /// @return margin of all; never asks for more than the portfolios would by themselves with the largest of their
    /// factors
    function assessTogether(Portfolio[] calldata portfolios, uint64[] calldata loadings, uint64 floor)
        external view returns (Together memory margin);
}
