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
        /// Account that takes.
        bytes32 taker;
        /// Account that makes; not the taker.
        bytes32 maker;
        /// Perpetual that changes hands.
        uint128 instrument;
        /// Units of the underlying, WAD, that the taker buys; negative when it sells, never zero.
        int128 size;
        /// Quote per unit of the underlying, WAD; within the market's band.
        uint128 price;
    }

    /// A trade to ask about: the account buys `size` (sells, when negative) at `price`.
    struct Trade {
        /// Perpetual to trade.
        uint128 instrument;
        /// Units of the underlying, WAD; negative to sell, never zero.
        int128 size;
        /// Quote per unit of the underlying, WAD; within the market's band.
        uint128 price;
    }

    /// The parameters of a perpetual market. Factors and fees are in ppm, amounts of quote and of underlying in WAD. The
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
        /// Fee of a fill's taker, ppm of notional.
        uint32 takerFee;
        /// Fee of a fill's maker, ppm of notional.
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
        /// Open interest, quote, from which the initial factor grows.
        uint128 oiLow;
        /// Open interest, quote, at which the initial factor reaches one. Zero: the factor does not grow.
        uint128 oiHigh;
        /// Quote that moves the market by 1 %; a position's initial margin grows with its notional over this. Zero: no such term.
        uint128 depth;
        /// Quote in maintenance margin per open position: what it costs to be liquidated.
        uint128 liquidationCost;
        /// Largest open interest of the market, units of the underlying.
        uint128 maxOpenInterest;
        /// Largest position of an account, units of the underlying.
        uint128 maxPosition;
        /// Step of a liquidation's size, units of the underlying.
        uint128 lot;
        /// Least notional of a position that is opened or grows, quote. One that would fall below it is liquidated whole.
        uint128 minNotional;
        /// Funding rate per 8 hours without any premium, ppm; at most `fundingCap` either way.
        int32 interest;
        /// The fills of an hour count toward the funding rate as if they were of at least this notional together, quote; a
        /// multiple of 1e12, at least 10 quote.
        uint128 fundingNotional;
        /// Risk may grow only at a price at most this old, seconds.
        uint16 maxTradeAge;
        /// Length of a window, seconds: realised profit is young for two to three of them. Fixed when the market is listed.
        uint16 youngWindow;
        /// Largest share of the insurance fund that the market may draw, ppm; what it drew refills over a day.
        uint32 insuranceShare;
    }

    /// A perpetual market's state.
    struct MarketState {
        /// Cumulative funding a long has paid per unit since the market was listed, quote, scale 2^64.
        int128 fundingIndex;
        /// Funding rate per 8 hours of the current hour, 1e-9. Longs pay shorts a positive rate.
        int32 fundingRate;
        /// The rate that the fills of the current hour so far set for the next one, 1e-9.
        int32 nextFundingRate;
        /// Usable seconds of the feed so far, those in which its price was fresh: funding has accrued up to now over them.
        uint32 usable;
        /// Window of the clock of young profit.
        uint32 window;
        /// Generation of rungs and pots that takes newcomers.
        uint32 generation;
        /// Whether the clock of young profit stands, because a sizeable estate waits.
        bool clockStands;
        /// Sum of all long sizes, units of the underlying.
        uint128 openInterest;
        /// Loss that neither insurance nor profits could bear and that nobody has covered yet, quote.
        uint128 badDebt;
        /// Size that rounding left without a holder, units of the underlying, longs positive.
        int128 dust;
        /// What the market may draw of insurance now, quote.
        uint128 insurance;
        /// The estate: quote that came with the positions of the buried.
        int128 estateCash;
        /// The estate: units of the underlying, negative when short.
        int128 estateSize;
        /// The estate: minus size times entry price, quote.
        int128 estateBasis;
        /// When a fill last happened, Unix seconds.
        uint64 lastFill;
        /// When a pass last ran, Unix seconds.
        uint64 lastPass;
    }

    /// A position as a write would find it now.
    struct PositionView {
        /// Perpetual that is held.
        uint128 instrument;
        /// Units of the underlying, negative when short.
        int128 size;
        /// Minus size times entry price, quote: the profit at a price is `size * price + basis`.
        int128 basis;
        /// Young profit of the market, quote: realised, and liable to the market's deficits until it is ripe.
        uint128 young;
    }

    /// Margin of an account at the oracle's prices, quote.
    struct Margin {
        /// Cash, young profit, and the profit and loss of every position at its last good price.
        int128 equity;
        /// What positions without a usable price would lose by a stress move: it counts for margin, never for a deficit.
        uint128 stress;
        /// What must cover `initial` after a trade: equity less stress, each market's profit weighted and at most its own
        /// requirement.
        int128 initialEquity;
        /// What must cover `initial` after a withdrawal: equity less stress and less all profit, open and young.
        int128 ripe;
        /// Initial margin: what it takes to open.
        uint128 initial;
        /// Maintenance margin: below this line the account may be liquidated.
        uint128 maintenance;
        /// Below this line the whole account may be taken over: 2/3 of maintenance.
        uint128 backstop;
        /// The worst oracle status among the account's markets: 0 unset, 1 fresh, 2 late, 3 stale.
        uint8 priceStatus;
    }

    /// What a liquidation of one position would do now.
    struct LiquidationQuote {
        /// Units of the underlying that may be taken over.
        uint128 size;
        /// Price at which they change hands, quote per unit.
        uint128 price;
        /// Mark price, quote per unit.
        uint128 mark;
        /// What the liquidator gains at the mark, quote.
        uint128 discount;
        /// What the account pays to insurance, quote.
        uint128 fee;
        /// What insurance pays the liquidator beside the discount, if it takes all of `size`, quote.
        uint128 reward;
    }

    /// A rung of the ladder: the positions of one side of a market whose entry prices lay within one tick when they joined, in
    /// one generation. A member that joined with size q and basis b has `sizeIndex * q` and `basisIndex * b - moved * q`.
    struct RungView {
        /// Tick of the entry prices: the price of tick t is 2^(t/64) quote.
        int32 tick;
        /// The market's generation when the members joined.
        uint32 generation;
        /// Whether something has happened to the members: then it takes no newcomers.
        bool retired;
        /// How many positions sit on the rung.
        uint32 members;
        /// Sum of the members' sizes without sign, units of the underlying.
        uint128 size;
        /// Sum of the members' bases, quote.
        int128 basis;
        /// What is left of each unit of size, scale 2^95.
        uint128 sizeIndex;
        /// What is left of each unit of basis, scale 2^95.
        uint128 basisIndex;
        /// Quote that each unit of size has moved out of the basis, scale 2^95.
        int128 moved;
        /// Funding that the closed part of each unit received, quote, scale 2^64.
        int128 fundingIndex;
    }

    /// A pot: the young profit of one window and generation of a market.
    struct PotView {
        /// Window of the market's clock in which it was realised.
        uint32 window;
        /// The market's generation when it was.
        uint32 generation;
        /// Sum of the members' young profit, quote.
        uint128 sum;
        /// What is left of each unit, scale 2^95.
        uint128 kept;
    }

    /// Totals of the ledger, WAD of quote.
    struct Totals {
        /// Insurance fund.
        uint128 insurance;
        /// Fees collected and not paid out yet.
        uint128 fees;
        /// Bad debt of all markets, and that which no market was to bear.
        uint128 badDebt;
        /// Quote tokens that the engine accounts for, in WAD.
        uint128 tokens;
    }

    // ---- collateral and permissions

    /// Somebody paid collateral into an account.
    /// @param account Account that was credited.
    /// @param token Collateral token.
    /// @param by Who paid.
    /// @param amount What the engine asked the token for, in the token's units.
    /// @param credited What arrived, WAD of quote.
    event Deposited(bytes32 indexed account, address indexed token, address indexed by, uint256 amount, uint128 credited);

    /// Collateral left an account.
    /// @param account Account that was debited.
    /// @param token Collateral token.
    /// @param to Who got the tokens.
    /// @param amount In the token's units.
    event Withdrawn(bytes32 indexed account, address indexed token, address indexed to, uint256 amount);

    /// An owner let somebody act for all of its accounts, or no longer.
    /// @param owner Owner of the accounts.
    /// @param operator Who may act.
    /// @param approved Whether it may from now on.
    event OperatorSet(address indexed owner, address indexed operator, bool approved);

    /// An account let a venue trade for it, or no longer.
    /// @param account The account.
    /// @param venue The venue.
    /// @param approved Whether it may from now on.
    event VenueApproved(bytes32 indexed account, address indexed venue, bool approved);

    /// What happened to a position since its account was last touched is realised: funding, and closings and payments of
    /// deleveraging.
    /// @param account Account that holds the position.
    /// @param instrument Perpetual.
    /// @param cash Quote that went to the account, WAD: funding, and profit that ripened; negative when it paid.
    /// @param size Size now, units of the underlying, WAD; negative when short.
    /// @param basis Basis now, WAD of quote: minus size times entry price.
    /// @param young Young profit now, WAD of quote.
    event CaughtUp(
        bytes32 indexed account, uint128 indexed instrument, int128 cash, int128 size, int128 basis, uint128 young
    );

    // ---- trading

    /// A fill was settled.
    /// @param venue Venue that brought it.
    /// @param taker Account that took.
    /// @param maker Account that made.
    /// @param instrument Perpetual that changed hands.
    /// @param size Units of the underlying that the taker bought, WAD; negative when it sold.
    /// @param price Quote per unit, WAD.
    /// @param takerFee Fee of the taker, WAD of quote.
    /// @param makerFee Fee of the maker, WAD of quote.
    event Filled(
        address indexed venue, bytes32 indexed taker, bytes32 indexed maker, uint128 instrument, int128 size,
        uint128 price, uint128 takerFee, uint128 makerFee
    );

    /// Funding of a market accrued, at a rate that is not zero. Longs pay shorts a positive rate.
    /// @param instrument Perpetual.
    /// @param index Cumulative funding a long has paid per unit since the market was listed, quote, scale 2^64.
    /// @param rate Rate per 8 hours of the current hour, 1e-9.
    /// @param price Price that it applied to, quote per unit, WAD.
    /// @param usable Usable seconds of the feed up to which funding has accrued.
    event FundingAccrued(uint128 indexed instrument, int128 index, int32 rate, uint128 price, uint32 usable);

    // ---- liquidation

    /// A liquidator took over part of a position, or all of it.
    /// @param account Account that was below its maintenance line.
    /// @param liquidator Account that took over.
    /// @param instrument Perpetual.
    /// @param size What changed hands, units of the underlying, WAD; signed as the account's position was.
    /// @param price Price at which it did, quote per unit, WAD.
    /// @param mark Mark price, quote per unit, WAD.
    /// @param discount What the liquidator gained at the mark, WAD of quote.
    /// @param fee What the account paid to insurance, WAD of quote.
    /// @param reward What insurance paid the liquidator, WAD of quote.
    /// @param equityBefore Equity of the account before, WAD of quote.
    /// @param equityAfter Equity of the account after, WAD of quote.
    event Liquidated(
        bytes32 indexed account, bytes32 indexed liquidator, uint128 indexed instrument, int128 size, uint128 price,
        uint128 mark, uint128 discount, uint128 fee, uint128 reward, int128 equityBefore, int128 equityAfter
    );

    /// An account below zero was emptied into the estates of its markets. Amounts are WAD of quote.
    /// @param account Account, flat at zero from now on.
    /// @param deficit What it lacked.
    /// @param insurance What insurance paid of the part that no open loss explains.
    /// @param socialised What of that part was recorded as bad debt of no market.
    event Buried(bytes32 indexed account, uint128 deficit, uint128 insurance, uint128 socialised);

    /// An estate took in what a buried account had in its market. Amounts are WAD of quote.
    /// @param account Account that was buried.
    /// @param instrument Perpetual of the market.
    /// @param size Position, units of the underlying, WAD; negative when short.
    /// @param basis Its basis: minus size times entry price, at the mark when it was in profit.
    /// @param cash Quote that came with it.
    /// @param part What of the account's deficit is the market's: in proportion to its open loss there, and at most that.
    event Interred(
        bytes32 indexed account, uint128 indexed instrument, int128 size, int128 basis, int128 cash, uint128 part
    );

    /// A pass resolved a market's estate. deficit = insurance + taken + socialised; everyone in profit paid the same share of its
    /// own profit, haircut = taken / capacity. Amounts are WAD of quote.
    /// @param instrument Perpetual of the market.
    /// @param mark Price of the pass, quote per unit, WAD.
    /// @param size Position of the estate, which was closed against those who face it, units of the underlying, WAD.
    /// @param surplus What the estate had beyond zero: it went to insurance.
    /// @param deficit What it lacked.
    /// @param insurance What the insurance fund paid of it.
    /// @param capacity The sum of all profits of the market, open and young.
    /// @param taken What they paid.
    /// @param socialised What was recorded as bad debt.
    /// @param haircut Share of each profit that was taken, WAD of one, rounded up.
    /// @param payers How many rungs paid.
    /// @param pots How many pots of young profit paid.
    /// @param closedRungs How many rungs were closed against, wholly or in part.
    event Deleveraged(
        uint128 indexed instrument, uint128 mark, int128 size, uint128 surplus, uint128 deficit, uint128 insurance,
        uint128 capacity, uint128 taken, uint128 socialised, uint128 haircut, uint32 payers, uint32 pots,
        uint32 closedRungs
    );

    /// Somebody paid into the insurance fund.
    /// @param by Who paid.
    /// @param amount What the engine asked the quote token for, in the token's units.
    /// @param credited What arrived, WAD of quote.
    event InsuranceFunded(address indexed by, uint256 amount, uint128 credited);

    /// The insurance fund paid.
    /// @param instrument Perpetual of the market it paid for; zero for what no market was to bear.
    /// @param amount What the fund paid, WAD of quote.
    /// @param left What the fund holds after it, WAD of quote.
    event InsurancePaid(uint128 indexed instrument, uint128 amount, uint128 left);

    /// A loss that neither insurance nor profits could bear was recorded.
    /// @param instrument Perpetual that bears it; zero when no open loss explains it.
    /// @param amount The loss, WAD of quote.
    /// @param total Bad debt of the market after it, WAD of quote.
    event BadDebtRecorded(uint128 indexed instrument, uint128 amount, uint128 total);

    /// The insurance fund paid bad debt off.
    /// @param instrument Perpetual whose debt it was; zero for what no market was to bear.
    /// @param amount What was paid, WAD of quote.
    /// @param total Bad debt of the market after it, WAD of quote.
    event BadDebtCovered(uint128 indexed instrument, uint128 amount, uint128 total);

    // ---- governance

    /// A market was listed.
    /// @param instrument Its perpetual.
    event MarketListed(uint128 indexed instrument);

    /// A market has other parameters from now on.
    /// @param instrument Its perpetual.
    /// @param params All of them.
    event MarketParamsSet(uint128 indexed instrument, MarketParams params);

    /// Governance admitted a venue, or no longer.
    /// @param venue The venue.
    /// @param admitted Whether it may settle from now on.
    event VenueAdmitted(address indexed venue, bool admitted);

    /// The engine reads another price oracle from now on.
    /// @param oracle The oracle.
    event OracleSet(address indexed oracle);

    /// All markets together may draw another share of the insurance fund from now on.
    /// @param cap Largest share, ppm of the fund.
    event InsuranceCapSet(uint32 cap);

    /// Collected fees were paid out.
    /// @param to Who got them.
    /// @param amount In the quote token's units.
    event FeesWithdrawn(address indexed to, uint256 amount);

    /// Another address may pause from now on.
    /// @param guardian The guardian; zero when the owner alone may.
    event GuardianSet(address indexed guardian);

    /// Withdrawals and fills that do not reduce risk are paused.
    /// @param by Who paused.
    /// @param until When the pause ends by itself, Unix seconds.
    event Paused(address indexed by, uint64 until);

    /// The owner ended the pause.
    /// @param by The owner.
    event Unpaused(address indexed by);

    // ---- errors: who may

    /// The caller is neither the guardian nor the owner of the engine.
    /// @param caller Who called.
    error NotGuardian(address caller);

    /// The caller is neither the owner of the account nor one of its operators; or an operator, where only the owner may act.
    /// @param account The account.
    /// @param caller Who called.
    error NotAuthorized(bytes32 account, address caller);

    /// An operator may withdraw to the account's owner only.
    /// @param account The account.
    /// @param to Who should have got the tokens.
    error OperatorRecipient(bytes32 account, address to);

    /// Governance does not admit the caller as a venue.
    /// @param venue The caller.
    error VenueNotAdmitted(address venue);

    /// The account has not approved the venue.
    /// @param account The account.
    /// @param venue The venue, which is the caller.
    error VenueNotApproved(bytes32 account, address venue);

    /// The engine is paused: no withdrawal from an account with positions or young profit, and no fill that does not make every
    /// account strictly safer.
    /// @param until When the pause ends by itself, Unix seconds.
    error EnginePaused(uint64 until);

    /// The caller is not the owner of the contract.
    /// @param caller Who called.
    error NotOwner(address caller);

    /// The owner has not named the caller as the next owner.
    /// @param caller Who called.
    error NotPendingOwner(address caller);

    /// An address is zero that may not be.
    error ZeroAddress();

    // ---- errors: what

    /// The id is not that of a listed perpetual.
    /// @param instrument The id.
    error UnknownMarket(uint128 instrument);

    /// The perpetual is listed already.
    /// @param instrument Its id.
    error MarketExists(uint128 instrument);

    /// The id is not that of a perpetual, or its underlying is zero.
    /// @param instrument The id.
    error BadInstrument(uint128 instrument);

    /// The call names a perpetual twice.
    /// @param instrument The second of the two.
    error DuplicateInstrument(uint128 instrument);

    /// The engine does not take this token.
    /// @param token The token.
    error TokenNotListed(address token);

    /// An amount is zero, or none of the tokens arrived.
    error ZeroAmount();

    /// A size is zero.
    error ZeroSize();

    /// The call brings no fill.
    error NoFills();

    /// Both sides of a fill are one account.
    /// @param account The account.
    error SelfTrade(bytes32 account);

    /// The price of a fill is too far from the oracle's.
    /// @param instrument Perpetual.
    /// @param price Price of the fill, quote per unit, WAD.
    /// @param low Lowest price that the market's band admits, WAD.
    /// @param high Highest price that it admits, WAD.
    error PriceOutOfBand(uint128 instrument, uint128 price, uint128 low, uint128 high);

    /// The entry price of the position is outside the ladder's range, or its size too small to have one.
    /// @param instrument Perpetual.
    error EntryOutOfRange(uint128 instrument);

    /// The oracle has no price that may be used for this: trades, burials and passes need a fresh one, liquidation a fresh or a late
    /// one.
    /// @param instrument Perpetual of the market.
    /// @param status Status of the price: 0 unset, 1 fresh but zero, 2 late, 3 stale.
    error PriceUnusable(uint128 instrument, uint8 status);

    /// Risk may not grow at a price of this age: whoever trades brings the newest report along.
    /// @param instrument Perpetual.
    /// @param age Age of the price, seconds.
    /// @param most The largest age, seconds.
    error PriceTooOld(uint128 instrument, uint64 age, uint16 most);

    /// A position that is opened or grows would be smaller than the market's least.
    /// @param account The account.
    /// @param instrument Perpetual.
    /// @param notional What its notional would be, WAD of quote.
    /// @param least The least notional, WAD of quote.
    error PositionTooSmall(bytes32 account, uint128 instrument, uint128 notional, uint128 least);

    /// The position has grown beyond the market's cap on one account.
    /// @param account The account.
    /// @param instrument Perpetual.
    /// @param size What the position would be, units of the underlying without sign, WAD.
    /// @param most The cap, units of the underlying, WAD.
    error PositionTooLarge(bytes32 account, uint128 instrument, uint128 size, uint128 most);

    /// Open interest has grown beyond the market's cap.
    /// @param instrument Perpetual.
    /// @param openInterest What it would be, units of the underlying, WAD.
    /// @param most The cap, units of the underlying, WAD.
    error OpenInterestTooLarge(uint128 instrument, uint128 openInterest, uint128 most);

    /// The account would have positions in too many markets.
    /// @param account The account.
    /// @param most How many it may have.
    error TooManyPositions(bytes32 account, uint8 most);

    // ---- errors: margin and waterfall

    /// The account would not hold its initial margin, and would not be strictly safer than before.
    /// @param account The account.
    /// @param equity Equity that counts toward initial margin: each market's profit is weighted, at most its requirement. WAD of quote.
    /// @param initial Initial margin, WAD of quote.
    error InsufficientMargin(bytes32 account, int128 equity, uint128 initial);

    /// The account has less free collateral than it would withdraw.
    /// @param account The account.
    /// @param amount What it would withdraw, WAD of quote.
    /// @param free What is free: at most what the engine holds, WAD of quote.
    error InsufficientCollateral(bytes32 account, uint128 amount, uint128 free);

    /// Equity of the account is below zero: fills may not leave it so, and `bury` alone resolves it.
    /// @param account The account.
    /// @param equity Its equity, WAD of quote.
    error Insolvent(bytes32 account, int128 equity);

    /// The account holds its maintenance margin.
    /// @param account The account.
    /// @param equity Its equity, WAD of quote.
    /// @param maintenance Its maintenance margin, WAD of quote.
    error NotLiquidatable(bytes32 account, int128 equity, uint128 maintenance);

    /// The account has no position in the market.
    /// @param account The account.
    /// @param instrument Perpetual of the market.
    error NoPosition(bytes32 account, uint128 instrument);

    /// An account cannot be liquidated into itself.
    /// @param account The account.
    error SelfLiquidation(bytes32 account);

    /// The takeover's price is worse for the liquidator than its limit: above it for a long, below it for a short.
    /// @param price The takeover's price, quote per unit, WAD.
    /// @param limit The liquidator's limit, quote per unit, WAD.
    error LimitPrice(uint128 price, uint128 limit);

    /// Equity of the account is not below zero: there is nothing to bury.
    /// @param account The account.
    /// @param equity Its equity, WAD of quote.
    error Solvent(bytes32 account, int128 equity);

    /// The account is in profit in a market whose estate waits: the pass comes first, so that this profit pays its share.
    /// @param instrument Perpetual of the market.
    error EstateWaits(uint128 instrument);

    /// No estate waits in the market.
    /// @param instrument Perpetual of the market.
    error NoEstate(uint128 instrument);

    /// A pass needs a price that is newer than the market's last fill: whoever calls brings the next report along.
    /// @param instrument Perpetual of the market.
    /// @param time Time of the price, Unix seconds.
    /// @param last Time of the last fill, Unix seconds.
    error PriceNotNewer(uint128 instrument, uint64 time, uint64 last);

    /// The last pass was less than a minute ago, and what the estate lacks is not sizeable.
    /// @param instrument Perpetual of the market.
    /// @param next From when on a pass may run, Unix seconds.
    error PassTooSoon(uint128 instrument, uint64 next);

    /// The market has no bad debt, or insurance has nothing to pay it with now.
    /// @param instrument Perpetual of the market; zero for what no market was to bear.
    error NoBadDebt(uint128 instrument);

    // ---- errors: tokens, parameters

    /// A call of the token failed, or it did not answer as an ERC-20 does.
    /// @param token The token.
    error TransferFailed(address token);

    /// The token moved another amount than it was asked to.
    /// @param token The token.
    /// @param asked What the engine asked for, in the token's units.
    /// @param moved What left the engine, in the token's units.
    error TransferMismatch(address token, uint256 asked, uint256 moved);

    /// Less fees have been collected than the owner would withdraw.
    /// @param amount What the owner would withdraw, WAD of quote.
    /// @param fees What has been collected, WAD of quote.
    error FeesTooSmall(uint128 amount, uint128 fees);

    /// A parameter is outside its hard bounds.
    /// @param index Place of the field in `MarketParams`, from zero. Zero for the insurance cap. At construction zero for
    /// the number of modules, one for the decimals of the quote token.
    error ParameterOutOfBounds(uint8 index);

    /// The pause would last longer than a pause may.
    /// @param until When it would end, Unix seconds.
    /// @param most The latest time at which it may, Unix seconds.
    error PauseTooLong(uint64 until, uint64 most);

    /// The oracle's call failed, or its answer is not what it should be.
    /// @param oracle The oracle.
    error OracleFailed(address oracle);

    // ---- ownership

    /// The owner named the next owner, who becomes it by accepting.
    /// @param owner The owner.
    /// @param pending Who may accept; zero when the transfer was called off.
    event OwnershipTransferStarted(address indexed owner, address indexed pending);

    /// The contract has another owner.
    /// @param previous The owner until now; zero at construction.
    /// @param owner The owner from now on.
    event OwnershipTransferred(address indexed previous, address indexed owner);

    // ---- errors: the call as such

    /// No function has this selector.
    /// @param selector First four bytes of the call, padded with zeros.
    error UnknownSelector(bytes4 selector);

    /// The arguments do not decode, or the gas ran out inside.
    /// @param selector Selector of the function.
    error MalformedCall(bytes4 selector);

    /// The function takes no ether.
    error NotPayable();

    /// The contract was called back while it was at work.
    error Reentered();

    /// The constructor has run already.
    error AlreadyConstructed();

    /// A result is outside the range of its type.
    error Overflow();

    // ---- trading

    /// @notice Settles fills, all or none. The caller is an admitted venue that every account approved. Each price lies within
    /// its market's band around the oracle's. In the end, and before each further fill of an account, the account holds its initial
    /// margin or is strictly safer than before. Risk grows at a recent price only. A realised gain is young profit.
    /// @dev Errors: `VenueNotAdmitted`, `VenueNotApproved`, `NoFills`, `ZeroSize`, `SelfTrade`, `UnknownMarket`, `PriceUnusable`,
    /// `PriceOutOfBand`, `EntryOutOfRange`, `TooManyPositions`, `PositionTooLarge`, `OpenInterestTooLarge`, `PriceTooOld`,
    /// `PositionTooSmall`, `Insolvent`,
    /// `InsufficientMargin`, `EnginePaused`, `OracleFailed`, `Overflow`.
    /// Events: `Filled` for each, `FundingAccrued`, `CaughtUp`.
    /// @param fills in the order in which they happened
    function settle(Fill[] calldata fills) external;

    // ---- liquidation

    /// @notice Takes over part of a position of an account below its maintenance line, at the mark less a discount that grows
    /// with the shortfall; sized so that the account comes back above its line. Where the discount does not pay for the work,
    /// insurance fills it up. Works on late prices, without a discount, and while paused.
    /// @dev Errors: `NotAuthorized`, `SelfLiquidation`, `ZeroSize`, `UnknownMarket`, `PriceUnusable`, `Insolvent`,
    /// `NotLiquidatable`, `NoPosition`, `LimitPrice`, `PositionTooLarge`, `OpenInterestTooLarge`, `InsufficientMargin` (of
    /// `into`), `EntryOutOfRange`, `TooManyPositions`, `OracleFailed`, `Overflow`.
    /// Events: `Liquidated`, `InsurancePaid`, `CaughtUp`, `FundingAccrued`.
    /// @param account the account to liquidate: solvent, below maintenance
    /// @param into the account that takes the position over; the caller is its owner or operator
    /// @param instrument the perpetual to close
    /// @param maxSize the most to take over, units of the underlying
    /// @param limitPrice the worst price for the caller; zero for none
    /// @return size what was taken over
    /// @return price at what price
    function liquidate(bytes32 account, bytes32 into, uint128 instrument, uint128 maxSize, uint128 limitPrice)
        external returns (uint128 size, uint128 price);

    // ---- upkeep

    /// @notice Accrues the funding of markets, and the clock of their young profit, up to now. Judges whether the clock stands: while an
    /// estate waits that lacks something sizeable.
    /// @dev Errors: `UnknownMarket`, `DuplicateInstrument`, `OracleFailed`, `Overflow`.
    /// Events: `FundingAccrued`.
    /// @param instruments perpetuals, each once
    function poke(uint128[] calldata instruments) external;

    /// @notice Catches an account up: realises into cash what happened to its positions, and profit that ripened. In a market whose
    /// estate waits, its young profit is netted against its own open loss, and a profit that its rung cannot judge is realised: so
    /// nobody shelters from a pass, and nobody pays on a gross gain. Anyone may call.
    /// @dev Errors: `OracleFailed`, `Overflow`.
    /// Events: `CaughtUp`, `FundingAccrued`.
    /// @param account any account
    function touch(bytes32 account) external;

    /// @notice Empties an account whose equity is below zero, whole: each position goes to the estate of its market, with so much of what
    /// the account has that the deficit is split over its losing positions in proportion to their open losses. The account is
    /// flat at zero from then on. What no open loss explains is insurance's, then bad debt. Works while paused.
    /// @dev Errors: `Solvent`; `PriceUnusable` when no market in which it has an open loss has a fresh price; `EstateWaits` when it is in
    /// profit in a market whose estate waits; `OracleFailed`, `Overflow`.
    /// Events: `Interred` for each market, `Buried`, `InsurancePaid`, `BadDebtRecorded`, `CaughtUp`, `FundingAccrued`.
    /// @param account an account whose equity is below zero
    /// @return deficit what was missing
    /// @return insurance what the fund paid of what no open loss explains
    /// @return socialised what of it was recorded as bad debt
    function bury(bytes32 account) external returns (uint128 deficit, uint128 insurance, uint128 socialised);

    // ---- resolution

    /// @notice Resolves a market's estate, at a fresh price that is newer than the market's last fill. A surplus goes to insurance. Of a
    /// deficit insurance pays what its bucket holds; everyone in profit, on either side, open and young, pays the same share of
    /// its own profit for the rest; what profits cannot bear is recorded as bad debt. Then the estate's position is closed at the
    /// mark against those who face it, everyone in profit by the same fraction, then the others. At most one pass a minute, unless
    /// the estate lacks something sizeable. Works while paused.
    /// @dev Errors: `UnknownMarket`, `PriceUnusable`, `NoEstate`, `PriceNotNewer`, `PassTooSoon`, `OracleFailed`, `Overflow`.
    /// Events: `Deleveraged`, `InsurancePaid`, `BadDebtRecorded`, `FundingAccrued`.
    /// @param instrument the perpetual
    /// @return deficit what the estate lacked
    /// @return insurance what the fund paid
    /// @return taken what profits paid
    /// @return socialised what was recorded as bad debt
    function deleverage(uint128 instrument)
        external returns (uint128 deficit, uint128 insurance, uint128 taken, uint128 socialised);

    /// @notice Adds to the insurance fund.
    /// @dev Errors: `ZeroAmount`, `TransferFailed`, `Overflow`.
    /// Events: `InsuranceFunded`.
    /// @param amount quote tokens to take from the caller, in the token's units
    /// @return what arrived, WAD
    function fundInsurance(uint256 amount) external returns (uint128);

    /// @notice Pays bad debt of a market from the insurance fund, as far as the market's bucket goes.
    /// @dev Errors: `UnknownMarket`, `ZeroAmount`, `NoBadDebt`.
    /// Events: `BadDebtCovered`, `InsurancePaid`.
    /// @param instrument the perpetual; zero for what no market was to bear
    /// @param amount the most to pay, WAD
    /// @return what was paid: limited by the debt and by what insurance may pay for the market now
    function coverBadDebt(uint128 instrument, uint128 amount) external returns (uint128);

    // ---- collateral

    /// @notice Takes `amount` of a token from the caller and credits what arrived to an account, whoever owns it.
    /// @dev Errors: `ZeroAddress` for an account that nobody owns, `TokenNotListed`, `ZeroAmount`, `TransferFailed`, `Overflow`.
    /// Events: `Deposited`.
    /// @param account the account to credit
    /// @param token a listed collateral token
    /// @param amount in the token's units
    /// @return what arrived, WAD of quote
    function deposit(bytes32 account, address token, uint256 amount) external returns (uint128);

    /// @notice Withdraws free collateral: what ripe equity, without open and young profit, has beyond initial margin.
    /// @dev Errors: `NotAuthorized`, `OperatorRecipient`, `TokenNotListed`, `ZeroAmount`, `ZeroAddress`, `EnginePaused`,
    /// `PriceUnusable`, `InsufficientCollateral`, `TransferFailed`, `TransferMismatch`, `OracleFailed`, `Overflow`.
    /// Events: `Withdrawn`.
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

    /// @notice Lets a venue trade for an account, or no longer. Only the owner lets one in; an operator may shut it out.
    /// @dev Errors: `NotAuthorized`, `ZeroAddress`.
    /// Events: `VenueApproved`.
    /// @param account the account; the caller is its owner, or an operator who ends an approval
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
    /// @return young young profit of the market
    function positionOf(bytes32 account, uint128 instrument)
        external view returns (int128 size, int128 basis, uint128 young);

    /// @notice What an account could withdraw at these prices, WAD of quote: no profit that is open or young, and no more than the engine
    /// holds.
    /// @dev Errors: `OracleFailed`, `Overflow`.
    /// @param account any account
    function freeCollateral(bytes32 account) external view returns (uint128);

    /// @notice The mark at which the account meets its maintenance line, everything else as it is; zero when no price does it.
    /// @dev Errors: `UnknownMarket`, `OracleFailed`, `Overflow`.
    /// @param account any account
    /// @param instrument a listed perpetual
    function liquidationPrice(bytes32 account, uint128 instrument) external view returns (uint128);

    /// @notice A market, its funding accrued to now.
    /// @dev Errors: `UnknownMarket`, `OracleFailed`, `Overflow`.
    /// @param instrument a listed perpetual
    function market(uint128 instrument) external view returns (MarketState memory);

    /// @notice One side of a market's ladder: its live rungs, in the order in which a pass goes through them.
    /// @dev Errors: `UnknownMarket`.
    /// @param instrument a listed perpetual
    /// @param long which side
    function rungs(uint128 instrument, bool long) external view returns (RungView[] memory);

    /// @notice The pots of a market's young profit, first used first. The first of them may be ripe.
    /// @dev Errors: `UnknownMarket`.
    /// @param instrument a listed perpetual
    function pots(uint128 instrument) external view returns (PotView[] memory);

    /// @notice Totals of the ledger.
    /// @dev Errors: `Overflow`.
    function totals() external view returns (Totals memory);

    // ---- preview

    /// @notice Whether the engine would settle trades of an account together, and its margin after them. Fees as a taker; bands
    /// and caps count, approval of a venue, the other side and what margin says between two fills do not. Where cash falls below
    /// zero beside the account's own profit, `settle` pays it from there; here that profit keeps its weight: the answer is
    /// then more cautious than `settle`.
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

    // ---- governance

    /// @notice Lists the perpetual of an underlying. Owner only.
    /// @dev Errors: `NotOwner`, `BadInstrument`, `MarketExists`, `ParameterOutOfBounds`.
    /// Events: `MarketListed`, `MarketParamsSet`.
    /// @param instrument its id; the underlying is not zero
    /// @param params its parameters
    function listMarket(uint128 instrument, MarketParams calldata params) external;

    /// @notice Replaces a market's parameters. Owner only.
    /// @dev Errors: `NotOwner`, `UnknownMarket`, `ParameterOutOfBounds`, `OracleFailed`, `Overflow`.
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
    /// @dev Errors: `NotOwner`, `ZeroAddress`, `OracleFailed` when it does not answer.
    /// Events: `OracleSet`.
    /// @param oracle a contract that answers `prices(uint16[])`
    function setOracle(address oracle) external;

    /// @notice Sets the share of the insurance fund that all markets together may draw; what was drawn refills over a day. Owner only.
    /// @dev Errors: `NotOwner`, `ParameterOutOfBounds`.
    /// Events: `InsuranceCapSet`.
    /// @param cap ppm of the fund; at least the sum of the markets' shares
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
    /// @dev Errors: `UnknownMarket`, `OracleFailed`, `Overflow`.
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

    /// @notice The share of the insurance fund that all markets together may draw, ppm.
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

    /// @notice The modules: trading, liquidation, upkeep, resolution, collateral, lens, preview, governance.
    function modules() external view returns (address[] memory);
}
