//! The engine's structs, events and errors, as Solidity sees them.
//!
//! Money, prices and sizes are WAD (1e18): money in the quote currency, prices in quote per unit of the underlying,
//! sizes in signed units of the underlying (positive long). Factors and rates are parts per million (ppm).

#![allow(missing_docs)]

use alloy_sol_types::sol;
pub use plimsoll_kit::sol::{
    NotOwner, NotPendingOwner, Overflow, OwnershipTransferStarted, OwnershipTransferred, ZeroAddress,
};
use stylus_sdk::prelude::*;

sol! {
    /// One fill of a venue: `taker` buys `size` (sells, when negative) from `maker` at `price`.
    #[derive(Debug, AbiType)]
    struct Fill {
        bytes32 taker;
        bytes32 maker;
        uint128 instrument;
        int128 size;
        uint128 price;
    }

    /// A trade to ask about: the account buys `size` (sells, when negative) at `price`.
    #[derive(Debug, AbiType)]
    struct Trade {
        uint128 instrument;
        int128 size;
        uint128 price;
    }

    /// The parameters of a perpetual market. Factors and fees in ppm, amounts of quote and of underlying in WAD. The
    /// amounts of quote `oiLow`, `oiHigh`, `depth` and `liquidationCost` are multiples of 1e12 (1e-6 quote), at most 1e31.
    #[derive(Debug, AbiType)]
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
    #[derive(Debug, AbiType)]
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
    #[derive(Debug, AbiType)]
    struct PositionView {
        uint128 instrument;
        int128 size;
        int128 basis;
    }

    /// Margin of an account at the oracle's prices.
    #[derive(Debug, AbiType)]
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
    #[derive(Debug, AbiType)]
    struct LiquidationQuote {
        uint128 size;
        uint128 price;
        uint128 mark;
        uint128 discount;
        uint128 fee;
    }

    /// A rung of the ladder.
    #[derive(Debug, AbiType)]
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
    #[derive(Debug, AbiType)]
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
    event Paused(address indexed by, uint64 until);
    event Unpaused(address indexed by);

    // ---- errors: who may

    error NotGuardian(address caller);
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
}
