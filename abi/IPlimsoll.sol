// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Plimsoll
/// @notice A risk engine for derivatives: collateral, positions, margin, liquidation and deleveraging behind one
/// address.
/// @dev Money, prices and sizes are WAD (1e18): money in the quote currency, prices in quote per unit of the
/// underlying, sizes in signed units of the underlying, positive for long. Factors and rates are parts per million.
/// Ids of accounts and instruments are packed by the library `PlimsollIds`.
interface IPlimsoll {
    /// One fill of a venue: `taker` buys `size` (sells, when negative) from `maker` at `price`.
    struct Fill {
        bytes32 taker;
        bytes32 maker;
        uint128 instrument;
        int128 size;
        uint128 price;
    }

    /// A trade to ask about: the account buys `size` (sells, when negative) at `price`.
    struct Trade {
        uint128 instrument;
        int128 size;
        uint128 price;
    }

    /// The parameters of a perpetual market. Factors and fees in ppm, amounts of quote and of underlying in WAD. The
    /// amounts of quote `oiLow`, `oiHigh`, `depth` and `liquidationCost` are multiples of 1e12 (1e-6 quote), at most 1e31.
    struct MarketParams {
        /// Initial margin, ppm of notional, while open interest is at most `oiLow`.
        uint32 initialFactor;
        /// Maintenance margin, ppm of notional.
        uint32 maintenanceFactor;
        /// A fill may differ from the oracle price by at most this, ppm.
        uint32 priceBand;
        /// Share of unrealised profit that counts toward initial margin, ppm.
        uint32 profitWeight;
        /// Fees, ppm of notional.
        uint32 takerFee;
        uint32 makerFee;
        /// Largest funding rate per 8 hours, ppm.
        uint32 fundingCap;
        /// Fee of a liquidation to insurance, ppm of what is closed.
        uint32 liquidationFee;
        /// Discount of a liquidation at the maintenance line, ppm.
        uint32 minDiscount;
        /// Discount of a liquidation when no equity is left, ppm.
        uint32 maxDiscount;
        /// A liquidation aims at maintenance times one plus this, ppm.
        uint32 targetBuffer;
        /// Open interest in quote from which the initial factor grows, and where it reaches one.
        uint128 oiLow;
        uint128 oiHigh;
        /// Quote that moves the market by 1 %; a position's initial margin grows with its notional over this. Zero: no such term.
        uint128 depth;
        /// Quote in maintenance margin per open position: what it costs to be liquidated.
        uint128 liquidationCost;
        /// Largest open interest of the market and largest position of an account, units of the underlying.
        uint128 maxOpenInterest;
        uint128 maxPosition;
        /// Step of a liquidation's size, units of the underlying.
        uint128 lot;
        /// A position whose notional would fall below this is liquidated whole, quote.
        uint128 minNotional;
    }

    /// A perpetual market's state.
    struct MarketState {
        /// Cumulative funding a long has paid per unit since the market was listed, quote, scale 2^95.
        int128 fundingIndex;
        /// Average premium of fills over the index, 1e-12.
        int64 premium;
        /// Up to when funding has accrued, Unix seconds.
        uint64 fundingTime;
        /// Sum of all long sizes.
        uint128 openInterest;
        /// Loss that neither insurance nor profits could bear.
        uint128 badDebt;
        /// Size that rounding left without a holder, longs positive.
        int128 dust;
    }

    /// A position as a write would find it now.
    struct PositionView {
        uint128 instrument;
        int128 size;
        int128 basis;
    }

    /// Margin of an account at the oracle's prices.
    struct Margin {
        /// Cash plus the profit and loss of every position.
        int128 equity;
        /// Equity with unrealised profit weighted, which must cover `initial` after a trade or a withdrawal.
        int128 initialEquity;
        uint128 initial;
        uint128 maintenance;
        /// Below this line the whole account may be taken over: 2/3 of maintenance.
        uint128 backstop;
        /// The worst oracle status among the account's markets: 0 unset, 1 fresh, 2 late, 3 stale.
        uint8 priceStatus;
    }

    /// What a liquidation of one position would do now.
    struct LiquidationQuote {
        uint128 size;
        uint128 price;
        uint128 mark;
        uint128 discount;
        uint128 fee;
    }

    /// A rung of the ladder.
    struct RungView {
        int32 tick;
        uint128 size;
        int128 basis;
        uint128 shrink;
        int128 index;
        uint128 takenPerUnit;
        uint32 epoch;
        uint32 members;
    }

    /// Totals of the ledger, WAD of quote.
    struct Totals {
        uint128 insurance;
        uint128 fees;
        uint128 badDebt;
        /// Quote tokens that the engine accounts for, in WAD.
        uint128 tokens;
    }

    // ---- collateral and permissions

    event Deposited(bytes32 indexed account, address indexed token, address indexed by, uint256 amount, uint128 credited);
    event Withdrawn(bytes32 indexed account, address indexed token, address indexed to, uint256 amount);
    event OperatorSet(address indexed owner, address indexed operator, bool approved);
    event VenueApproved(bytes32 indexed account, address indexed venue, bool approved);
    /// What happened to a position since its account was last touched, realised: funding, and closings and
    /// payments of deleveraging.
    event CaughtUp(bytes32 indexed account, uint128 indexed instrument, int128 cash, int128 size, int128 basis);

    // ---- trading

    event Filled(
        address indexed venue, bytes32 indexed taker, bytes32 indexed maker, uint128 instrument, int128 size,
        uint128 price, uint128 takerFee, uint128 makerFee
    );
    event FundingAccrued(uint128 indexed instrument, int128 index, int64 rate, uint128 price, uint64 time);

    // ---- liquidation

    /// `size` is signed as the account's position was. `discount` went to the liquidator, `fee` to insurance.
    event Liquidated(
        bytes32 indexed account, bytes32 indexed liquidator, uint128 indexed instrument, int128 size, uint128 price,
        uint128 mark, uint128 discount, uint128 fee, int128 equityBefore, int128 equityAfter
    );
    /// One market's share of a deleveraging. deficit = insurance + taken + socialised; haircut = taken / capacity.
    event Deleveraged(
        bytes32 indexed account, uint128 indexed instrument, int128 size, uint128 mark, uint128 deficit,
        uint128 insurance, uint128 budget, uint128 capacity, uint128 taken, uint128 socialised, uint128 haircut,
        uint32 payers, uint32 closedRungs
    );
    event InsuranceFunded(address indexed by, uint256 amount, uint128 credited);
    event InsurancePaid(bytes32 indexed account, uint128 amount, uint128 left);
    event BadDebtRecorded(uint128 indexed instrument, uint128 amount, uint128 total);
    event BadDebtCovered(uint128 indexed instrument, uint128 amount, uint128 total);

    // ---- governance

    event MarketListed(uint128 indexed instrument);
    event MarketParamsSet(uint128 indexed instrument, MarketParams params);
    event VenueAdmitted(address indexed venue, bool admitted);
    event OracleSet(address indexed oracle);
    event InsuranceCapSet(uint32 cap);
    event FeesWithdrawn(address indexed to, uint256 amount);
    event GuardianSet(address indexed guardian);
    event OwnershipTransferStarted(address indexed owner, address indexed pending);
    event OwnershipTransferred(address indexed previous, address indexed owner);
    event Paused(address indexed by, uint64 until);
    event Unpaused(address indexed by);

    // ---- errors: the call as such

    /// No function has this selector.
    error UnknownSelector(bytes4 selector);
    /// The arguments do not decode, or the gas ran out inside.
    error MalformedCall(bytes4 selector);
    /// The engine was called back while it was at work.
    error Reentered();
    /// The function takes no ether.
    error NotPayable();
    /// A result is outside the range of its type.
    error Overflow();

    // ---- errors: who may

    error NotOwner(address caller);
    error NotGuardian(address caller);
    error NotPendingOwner(address caller);
    /// The caller is neither the owner of the account nor one of its operators.
    error NotAuthorized(bytes32 account, address caller);
    /// An operator may withdraw to the account's owner only.
    error OperatorRecipient(bytes32 account, address to);
    error VenueNotAdmitted(address venue);
    error VenueNotApproved(bytes32 account, address venue);
    error EnginePaused(uint64 until);

    // ---- errors: what

    error UnknownMarket(uint128 instrument);
    error MarketExists(uint128 instrument);
    error BadInstrument(uint128 instrument);
    error DuplicateInstrument(uint128 instrument);
    error TokenNotListed(address token);
    error ZeroAddress();
    error ZeroAmount();
    error ZeroSize();
    error NoFills();
    error SelfTrade(bytes32 account);
    error PriceOutOfBand(uint128 instrument, uint128 price, uint128 low, uint128 high);
    /// The entry price of the position is outside the ladder's range, or its size too small to have one.
    error EntryOutOfRange(uint128 instrument);
    /// `status`: 0 unset, 2 late, 3 stale.
    error PriceUnusable(uint128 instrument, uint8 status);
    error PositionTooLarge(bytes32 account, uint128 instrument, uint128 size, uint128 most);
    error OpenInterestTooLarge(uint128 instrument, uint128 openInterest, uint128 most);
    error TooManyPositions(bytes32 account, uint8 most);

    // ---- errors: margin and waterfall

    error InsufficientMargin(bytes32 account, int128 equity, uint128 initial);
    error InsufficientCollateral(bytes32 account, uint128 amount, uint128 free);
    /// Equity is below zero: the account is for `deleverage` alone.
    error Insolvent(bytes32 account, int128 equity);
    error NotLiquidatable(bytes32 account, int128 equity, uint128 maintenance);
    error NoPosition(bytes32 account, uint128 instrument);
    error SelfLiquidation(bytes32 account);
    error LimitPrice(uint128 price, uint128 limit);
    error Solvent(bytes32 account, int128 equity);
    error NoBadDebt(uint128 instrument);

    // ---- errors: tokens, parameters

    error TransferFailed(address token);
    /// The token moved another amount than it was asked to.
    error TransferMismatch(address token, uint256 asked, uint256 moved);
    error FeesTooSmall(uint128 amount, uint128 fees);
    error ParameterOutOfBounds(uint8 index);
    error PauseTooLong(uint64 until, uint64 most);
    error OracleFailed(address oracle);

    // ---- trading

    /// @notice Settles fills, all or none. The caller is an admitted venue that every account approved. Each price lies within
    /// its market's band around the oracle's; in the end each account holds its initial margin or is strictly safer than
    /// before.
    /// @dev Errors: `VenueNotAdmitted`, `VenueNotApproved`, `NoFills`, `ZeroSize`, `SelfTrade`, `UnknownMarket`, `PriceUnusable`,
    /// `PriceOutOfBand`, `EntryOutOfRange`, `TooManyPositions`, `PositionTooLarge`, `OpenInterestTooLarge`, `Insolvent`,
    /// `InsufficientMargin`, `EnginePaused`, `OracleFailed`, `Overflow`.
    /// Events: `Filled` for each, `FundingAccrued`, `CaughtUp`.
    /// @param fills in the order in which they happened
    function settle(Fill[] calldata fills) external;

    /// @notice Accrues funding of markets up to now.
    /// @dev Errors: `UnknownMarket`, `DuplicateInstrument`, `PriceUnusable`, `OracleFailed`, `Overflow`.
    /// Events: `FundingAccrued`.
    /// @param instruments perpetuals, each once
    function poke(uint128[] calldata instruments) external;

    /// @notice Realises into cash what happened to an account's positions since they were last touched.
    /// @dev Errors: `OracleFailed`, `Overflow`.
    /// Events: `CaughtUp`.
    /// @param account any account
    function touch(bytes32 account) external;

    // ---- liquidation

    /// @notice Takes over part of a position of an account below its maintenance line, at the mark less a discount that grows
    /// with the shortfall; sized so that the account comes back above its line. Works on late prices, and while paused.
    /// @dev Errors: `NotAuthorized`, `SelfLiquidation`, `ZeroSize`, `UnknownMarket`, `PriceUnusable`, `Insolvent`,
    /// `NotLiquidatable`, `NoPosition`, `LimitPrice`, `InsufficientMargin` (of `into`), `EntryOutOfRange`,
    /// `TooManyPositions`, `OracleFailed`, `Overflow`.
    /// Events: `Liquidated`, `CaughtUp`, `FundingAccrued`.
    /// @param account the account to liquidate: solvent, below maintenance
    /// @param into the account that takes the position over; the caller is its owner or operator
    /// @param instrument the perpetual to close
    /// @param maxSize the most to take over, units of the underlying
    /// @param limitPrice the worst price for the caller; zero for none
    /// @return size what was taken over
    /// @return price at what price
    function liquidate(bytes32 account, bytes32 into, uint128 instrument, uint128 maxSize, uint128 limitPrice)
        external returns (uint128 size, uint128 price);

    // ---- resolution

    /// @notice Closes an insolvent account: insurance pays its deficit up to the set share of the fund, the rest is taken from
    /// the profits on the other side of its markets, the same per unit from all on a rung; then its positions are
    /// closed at the mark against the most profitable. What profits cannot bear is recorded as bad debt. Works on late
    /// prices, and while paused.
    /// @dev Errors: `Solvent`, `PriceUnusable`, `OracleFailed`, `Overflow`.
    /// Events: `Deleveraged` for each market, `InsurancePaid`, `BadDebtRecorded`, `CaughtUp`, `FundingAccrued`.
    /// @param account an account whose equity is below zero
    /// @return deficit what was missing
    /// @return insurance what the fund paid
    /// @return taken what profits paid
    /// @return socialised what was recorded as bad debt
    function deleverage(bytes32 account)
        external returns (uint128 deficit, uint128 insurance, uint128 taken, uint128 socialised);

    /// @notice Adds to the insurance fund.
    /// @dev Errors: `ZeroAmount`, `TransferFailed`, `Overflow`.
    /// Events: `InsuranceFunded`.
    /// @param amount quote tokens to take from the caller, in the token's units
    /// @return credited what arrived, WAD
    function fundInsurance(uint256 amount) external returns (uint128);

    /// @notice Pays bad debt of a market from the insurance fund.
    /// @dev Errors: `UnknownMarket`, `ZeroAmount`, `NoBadDebt`.
    /// Events: `BadDebtCovered`.
    /// @param instrument the perpetual; zero for the debt of accounts that had no position
    /// @param amount the most to pay, WAD
    /// @return covered what was paid: limited by the debt and by the fund
    function coverBadDebt(uint128 instrument, uint128 amount) external returns (uint128);

    // ---- collateral

    /// @notice Takes `amount` of a token from the caller and credits what arrived to an account, whoever owns it.
    /// @dev Errors: `TokenNotListed`, `ZeroAmount`, `TransferFailed`, `Overflow`.
    /// Events: `Deposited`.
    /// @param account the account to credit
    /// @param token a listed collateral token
    /// @param amount in the token's units
    /// @return credited what arrived, WAD of quote
    function deposit(bytes32 account, address token, uint256 amount) external returns (uint128);

    /// @notice Withdraws free collateral: what equity, with unrealised profit weighted, has beyond initial margin.
    /// @dev Errors: `NotAuthorized`, `OperatorRecipient`, `TokenNotListed`, `ZeroAmount`, `ZeroAddress`, `EnginePaused`,
    /// `PriceUnusable`, `InsufficientCollateral`, `TransferFailed`, `TransferMismatch`, `Overflow`.
    /// Events: `Withdrawn`, `CaughtUp`.
    /// @param account the account to debit; the caller is its owner, or an operator who sends to the owner
    /// @param token a listed collateral token
    /// @param amount in the token's units
    /// @param to who gets the tokens
    function withdraw(bytes32 account, address token, uint256 amount, address to) external;

    /// @notice Lets another address act for all of the caller's accounts: approve venues, liquidate into them, withdraw to the
    /// owner.
    /// @dev Errors: `ZeroAddress`.
    /// Events: `OperatorSet`.
    /// @param operator the address
    /// @param approved whether it may
    function setOperator(address operator, bool approved) external;

    /// @notice Lets a venue trade for an account, or no longer.
    /// @dev Errors: `NotAuthorized`, `ZeroAddress`.
    /// Events: `VenueApproved`.
    /// @param account the account; the caller is its owner or operator
    /// @param venue the venue, which governance admits on its own
    /// @param approved whether it may
    function approveVenue(bytes32 account, address venue, bool approved) external;

    /// @notice Pays collected fees out. Owner only.
    /// @dev Errors: `NotOwner`, `ZeroAddress`, `ZeroAmount`, `FeesTooSmall`, `TransferFailed`, `TransferMismatch`, `Overflow`.
    /// Events: `FeesWithdrawn`.
    /// @param to who gets them
    /// @param amount in the quote token's units
    function withdrawFees(address to, uint256 amount) external;

    // ---- lens

    /// @notice Equity and margin lines of an account, at the oracle's prices whatever their status.
    /// @dev Errors: `OracleFailed`, `Overflow`.
    /// @param account any account
    function marginOf(bytes32 account) external view returns (Margin memory);

    /// @notice Equity and margin lines of many accounts, with one call of the oracle.
    /// @dev Errors: `OracleFailed`, `Overflow`.
    /// @param accounts any accounts
    function marginsOf(bytes32[] calldata accounts) external view returns (Margin[] memory);

    /// @notice An account, caught up.
    /// @dev Errors: `OracleFailed`, `Overflow`.
    /// @param account any account
    /// @return cash WAD of quote
    /// @return nonce how often the account was written
    /// @return positions in the order in which they are kept
    function accountOf(bytes32 account)
        external view returns (int128 cash, uint64 nonce, PositionView[] memory positions);

    /// @notice A position, caught up; zero when there is none.
    /// @dev Errors: `UnknownMarket`, `OracleFailed`, `Overflow`.
    /// @param account any account
    /// @param instrument a listed perpetual
    /// @return size signed units of the underlying
    /// @return basis minus size times entry price
    function positionOf(bytes32 account, uint128 instrument) external view returns (int128 size, int128 basis);

    /// @notice What an account could withdraw at these prices, WAD of quote: no more than the engine holds.
    /// @dev Errors: `OracleFailed`, `Overflow`.
    /// @param account any account
    function freeCollateral(bytes32 account) external view returns (uint128);

    /// @notice The mark at which the account meets its maintenance line, everything else as it is; zero when no price does it.
    /// @dev Errors: `UnknownMarket`, `OracleFailed`, `Overflow`.
    /// @param account any account
    /// @param instrument a listed perpetual
    function liquidationPrice(bytes32 account, uint128 instrument) external view returns (uint128);

    /// @notice Whether the engine would settle trades of an account together, and its margin after them. Fees as a taker; bands
    /// and caps count, approval of a venue and the other side do not.
    /// @dev Errors: `ZeroSize`, `DuplicateInstrument`, `UnknownMarket`, `PriceUnusable`, `PriceOutOfBand`, `OracleFailed`,
    /// `Overflow`.
    /// @param account any account
    /// @param trades at most one an instrument
    /// @return allowed whether it would
    /// @return afterwards the margin they would leave
    function checkTrade(bytes32 account, Trade[] calldata trades)
        external view returns (bool allowed, Margin memory afterwards);

    /// @notice What `liquidate` would do to a position now.
    /// @dev Errors: `UnknownMarket`, `PriceUnusable`, `Insolvent`, `NotLiquidatable`, `NoPosition`, `OracleFailed`, `Overflow`.
    /// @param account an account below its maintenance line
    /// @param instrument one of its perpetuals
    function quoteLiquidation(bytes32 account, uint128 instrument) external view returns (LiquidationQuote memory);

    /// @notice A market, its funding accrued to now.
    /// @dev Errors: `UnknownMarket`, `OracleFailed`, `Overflow`.
    /// @param instrument a listed perpetual
    function market(uint128 instrument) external view returns (MarketState memory);

    /// @notice One side of a market's ladder, most profitable rung first.
    /// @dev Errors: `UnknownMarket`.
    /// @param instrument a listed perpetual
    /// @param long which side
    function rungs(uint128 instrument, bool long) external view returns (RungView[] memory);

    /// @notice Totals of the ledger.
    function totals() external view returns (Totals memory);

    // ---- governance

    /// @notice Lists the perpetual of an underlying. Owner only.
    /// @dev Errors: `NotOwner`, `BadInstrument`, `MarketExists`, `ParameterOutOfBounds`.
    /// Events: `MarketListed`, `MarketParamsSet`.
    /// @param instrument its id; the underlying is not zero
    /// @param params its parameters
    function listMarket(uint128 instrument, MarketParams calldata params) external;

    /// @notice Replaces a market's parameters. Owner only.
    /// @dev Errors: `NotOwner`, `UnknownMarket`, `ParameterOutOfBounds`, `OracleFailed`.
    /// Events: `MarketParamsSet`, `FundingAccrued`.
    /// @param instrument a listed perpetual
    /// @param params its parameters
    function setMarketParams(uint128 instrument, MarketParams calldata params) external;

    /// @notice Admits a venue, or no longer. Owner only.
    /// @dev Errors: `NotOwner`, `ZeroAddress`.
    /// Events: `VenueAdmitted`.
    /// @param venue the address that calls `settle`
    /// @param admitted whether it may
    function admitVenue(address venue, bool admitted) external;

    /// @notice Names another oracle. Owner only.
    /// @dev Errors: `NotOwner`, `ZeroAddress`.
    /// Events: `OracleSet`.
    /// @param oracle a contract that answers `prices(uint16[])`
    function setOracle(address oracle) external;

    /// @notice Sets the share of the insurance fund that one event may draw. Owner only.
    /// @dev Errors: `NotOwner`, `ParameterOutOfBounds`.
    /// Events: `InsuranceCapSet`.
    /// @param cap ppm of the fund
    function setInsuranceCap(uint32 cap) external;

    /// @notice Names another guardian, zero for none. Owner only. A pause goes on.
    /// @dev Errors: `NotOwner`.
    /// Events: `GuardianSet`.
    /// @param guardian who may pause
    function setGuardian(address guardian) external;

    /// @notice Names the next owner; zero calls the transfer off. Owner only.
    /// @dev Errors: `NotOwner`.
    /// Events: `OwnershipTransferStarted`.
    /// @param pending who may accept
    function transferOwnership(address pending) external;

    /// @notice Makes the caller the owner, if it was named.
    /// @dev Errors: `NotPendingOwner`.
    /// Events: `OwnershipTransferred`.
    function acceptOwnership() external;

    /// @notice Stops withdrawals and every fill that does not reduce risk, until a time at most seven days ahead. Liquidation,
    /// deposits and risk reduction go on. Guardian or owner.
    /// @dev Errors: `NotGuardian`, `PauseTooLong`.
    /// Events: `Paused`.
    /// @param until Unix seconds
    function pause(uint64 until) external;

    /// @notice Ends a pause. Owner only.
    /// @dev Errors: `NotOwner`.
    /// Events: `Unpaused`.
    function unpause() external;

    /// @notice A market's parameters.
    /// @dev Errors: `UnknownMarket`, `OracleFailed`.
    /// @param instrument a listed perpetual
    function marketParams(uint128 instrument) external view returns (MarketParams memory);

    /// @notice All listed perpetuals.
    function instruments() external view returns (uint128[] memory);

    /// @notice Whether an address may act for an owner.
    /// @param owner the owner of accounts
    /// @param operator the address
    function isOperator(address owner, address operator) external view returns (bool);

    /// @notice Whether governance admits a venue.
    /// @param venue the venue
    function isVenueAdmitted(address venue) external view returns (bool);

    /// @notice Whether an account lets a venue trade for it.
    /// @param account any account
    /// @param venue the venue
    function isVenueApproved(bytes32 account, address venue) external view returns (bool);

    /// @notice The quote token.
    /// @return token its address
    /// @return decimals its decimals
    function quoteToken() external view returns (address token, uint8 decimals);

    /// @notice The price oracle.
    function oracle() external view returns (address);

    /// @notice The share of the insurance fund that one event may draw, ppm.
    function insuranceCap() external view returns (uint32);

    /// @notice Who sets parameters.
    function owner() external view returns (address);

    /// @notice Who may become the owner; zero for nobody.
    function pendingOwner() external view returns (address);

    /// @notice Who may pause; zero for nobody but the owner.
    function guardian() external view returns (address);

    /// @notice Until when the engine is paused, Unix seconds; zero when it is not.
    function pausedUntil() external view returns (uint64);

    // ---- router

    /// @notice The modules: trading, liquidation, resolution, collateral, lens, governance.
    function modules() external view returns (address[] memory);
}
