// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import {IPlimsollOracle} from "abi/IPlimsollOracle.sol";
import {IRiskModel} from "abi/IRiskModel.sol";
import {PlimsollIds} from "abi/PlimsollIds.sol";
import {PlimsollLegs} from "abi/PlimsollLegs.sol";

/// @title An options exchange with a book of its own, which asks the risk model before every trade and withdrawal
/// @notice Makers post offers, takers take them; cash and positions are kept here, one word a position. Neither side may
/// be left without initial margin, unless the trade leaves it better off than it was. Options are settled in cash. The
/// exchange holds no risk code: the model values the whole account at once.
/// @dev Cash, sizes and prices are WAD; the token has at most 18 decimals. Spot and surface come from the oracle, fresh or
/// not at all: those expiries alone that the account holds. An account that owes more than it has is nobody's business
/// here: liquidation is the engine's part.
contract OptionsBook is ReentrancyGuard {
    using SafeERC20 for IERC20Metadata;
    using SafeCast for int256;
    using SafeCast for uint256;

    /// @notice What a maker would trade.
    struct Offer {
        address maker;
        /// An option's id.
        uint128 instrument;
        /// What the maker buys (sells, when negative), WAD of the underlying.
        int128 size;
        /// Quote per unit of the underlying, WAD.
        uint128 price;
    }

    uint256 private constant WAD = 1e18;
    uint8 private constant FRESH = 1;
    /// @dev Where the expiry stands in an option's id, see `PlimsollIds`.
    uint256 private constant EXPIRY_SHIFT = 72;
    /// @dev A unit of a strike, WAD.
    uint256 private constant STRIKE_UNIT = WAD / PlimsollIds.STRIKE_ONE;

    /// @notice The model that is asked.
    IRiskModel public immutable model;
    /// @notice What cash is deposited and paid out in.
    IERC20Metadata public immutable token;
    /// @notice Number of the underlying of all options here.
    uint16 public immutable underlying;
    /// @notice Where prices come from.
    IPlimsollOracle public immutable oracle;
    uint256 private immutable UNIT;

    /// @notice Cash of an account, WAD; below zero when it has paid premiums from collateral.
    mapping(address account => int128) public cashOf;
    /// @notice Offers by their number.
    Offer[] public offers;
    /// @notice What options of an expiry are settled at, WAD; zero before it is known.
    mapping(uint32 expiry => uint128) public settlementPriceOf;

    mapping(address account => bytes32[]) private legs;
    /// @dev Place of a position among its account's, from one.
    mapping(address account => mapping(uint128 instrument => uint256)) private places;

    event Deposited(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, uint256 amount);
    event Offered(uint256 indexed id, address indexed maker, uint128 instrument, int128 size, uint128 price);
    event Traded(uint256 indexed id, address indexed taker, address indexed maker, int128 takerMargin, int128 makerMargin);
    event SettlementPriceSet(uint32 indexed expiry, uint128 price);
    /// @notice An option of an account was settled: what it got, or paid, when negative.
    event Settled(address indexed account, uint128 indexed instrument, int128 size, int128 paid);

    /// @notice The oracle has no fresh price.
    error PriceNotFresh(uint8 status);
    /// @notice The offer was taken or withdrawn, or never was.
    error NotOnOffer(uint256 id);
    /// @notice The offer is the caller's own.
    error OwnOffer(uint256 id);
    /// @notice An offer of nothing.
    error ZeroSize();
    /// @notice The id is no option on this book's underlying.
    error NotListed(uint128 instrument);
    /// @notice The option has expired.
    error Expired(uint128 instrument);
    /// @notice The oracle's price is older than the expiry that it would settle.
    error PriceBeforeExpiry(uint32 expiry, uint64 time);
    /// @notice The account has less cash than that.
    error CashTooLow(address account, int128 cash);
    /// @notice The account would be short of initial margin by this much.
    error MarginTooLow(address account, int128 initial);

    constructor(IRiskModel model_, IPlimsollOracle oracle_, IERC20Metadata token_, uint16 underlying_) {
        (model, oracle, token, underlying) = (model_, oracle_, token_, underlying_);
        UNIT = 10 ** (18 - token_.decimals());
    }

    // ---- cash

    /// @notice Takes tokens from the caller, and counts those that arrive.
    function deposit(uint256 amount) external nonReentrant {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 arrived = token.balanceOf(address(this)) - before;
        cashOf[msg.sender] = (int256(cashOf[msg.sender]) + (arrived * UNIT).toInt256()).toInt128();
        emit Deposited(msg.sender, arrived);
    }

    /// @notice Pays tokens out, as long as there is cash and what stays is enough for the positions. Without positions no
    /// price is asked for.
    function withdraw(uint256 amount) external nonReentrant {
        int128 cash = (int256(cashOf[msg.sender]) - (amount * UNIT).toInt256()).toInt128();
        if (cash < 0) revert CashTooLow(msg.sender, cash);
        cashOf[msg.sender] = cash;
        if (legs[msg.sender].length != 0) {
            int128 initial = marginOf(msg.sender).initial;
            if (initial < 0) revert MarginTooLow(msg.sender, initial);
        }
        emit Withdrawn(msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    // ---- trading

    /// @notice Posts an offer. Its margin is checked when it is taken.
    function offer(uint128 instrument, int128 size, uint128 price) external returns (uint256 id) {
        if (size == 0) revert ZeroSize();
        PlimsollIds.Instrument memory parts = PlimsollIds.unpack(instrument);
        if (parts.kind != PlimsollIds.OPTION || parts.underlying != underlying) revert NotListed(instrument);
        requireAlive(instrument);
        id = offers.length;
        offers.push(Offer(msg.sender, instrument, size, price));
        emit Offered(id, msg.sender, instrument, size, price);
    }

    /// @notice Withdraws an offer of the caller's.
    function cancel(uint256 id) external {
        if (id >= offers.length || offers[id].maker != msg.sender) revert NotOnOffer(id);
        delete offers[id];
    }

    /// @notice Takes the other side of an offer, whole. Either side must have initial margin afterwards, or more of it than
    /// before.
    function take(uint256 id) external {
        if (id >= offers.length || offers[id].size == 0) revert NotOnOffer(id);
        Offer memory o = offers[id];
        if (o.maker == msg.sender) revert OwnOffer(id);
        requireAlive(o.instrument);
        delete offers[id];
        int128 makerMargin = trade(o.maker, o.instrument, o.size, o.price);
        int128 takerMargin = trade(msg.sender, o.instrument, -o.size, o.price);
        emit Traded(id, msg.sender, o.maker, takerMargin, makerMargin);
    }

    // ---- expiry

    /// @notice Settles an account's options that have expired, in cash: for anybody to call. What an option is settled at is
    /// the oracle's first fresh price of its expiry or later that anybody brings here.
    /// @dev Whoever calls first chooses among the prices of a few seconds; an average over the last half hour, which the model
    /// reckons with, leaves less to choose. Who is long gets what is rounded down, who is short pays what is rounded up.
    function settle(address account) external {
        bytes32[] storage own = legs[account];
        for (uint256 i = own.length; i > 0; i--) {
            uint128 instrument = PlimsollLegs.instrumentOf(own[i - 1]);
            PlimsollIds.Instrument memory parts = PlimsollIds.unpack(instrument);
            if (parts.expiry > block.timestamp) continue;
            uint256 price = settlementPrice(parts.expiry);
            uint256 strike = uint256(parts.strike) * STRIKE_UNIT;
            uint256 worth = parts.right == PlimsollIds.CALL ? Math.saturatingSub(price, strike) : Math.saturatingSub(strike, price);
            int128 size = PlimsollLegs.sizeOf(own[i - 1]);
            int256 paid = size < 0
                ? -Math.mulDiv(SignedMath.abs(size), worth, WAD, Math.Rounding.Ceil).toInt256()
                : Math.mulDiv(SignedMath.abs(size), worth, WAD).toInt256();
            cashOf[account] = (int256(cashOf[account]) + paid).toInt128();
            close(account, instrument);
            emit Settled(account, instrument, size, paid.toInt128());
        }
    }

    // ---- views

    /// @notice Positions of an account, as `PlimsollLegs` packs them.
    function legsOf(address account) external view returns (bytes32[] memory) {
        return legs[account];
    }

    /// @notice Margin of an account now.
    function marginOf(address account) public view returns (IRiskModel.Assessment memory) {
        return assess(cashOf[account], legs[account]);
    }

    // ---- inside

    function assess(int128 cash, bytes32[] memory own) private view returns (IRiskModel.Assessment memory) {
        (uint8 status, uint128 spot,) = oracle.price(underlying);
        if (status != FRESH) revert PriceNotFresh(status);
        IRiskModel.Expiry[] memory surface = surfaceOf(own);
        return model.assess(PlimsollLegs.options(underlying, uint64(block.timestamp), cash, spot, surface, own));
    }

    function requireAlive(uint128 instrument) private view {
        if (uint32(instrument >> EXPIRY_SHIFT) <= block.timestamp) revert Expired(instrument);
    }

    /// @dev What an expiry is settled at; recorded with the first question that the oracle can answer.
    function settlementPrice(uint32 expiry) private returns (uint128 price) {
        price = settlementPriceOf[expiry];
        if (price != 0) return price;
        (uint8 status, uint128 value, uint64 time) = oracle.price(underlying);
        if (status != FRESH) revert PriceNotFresh(status);
        if (time < expiry) revert PriceBeforeExpiry(expiry, time);
        settlementPriceOf[expiry] = value;
        emit SettlementPriceSet(expiry, value);
        return value;
    }

    /// @dev The slices of all expiries among some legs, each once and in ascending order.
    function surfaceOf(bytes32[] memory own) private view returns (IRiskModel.Expiry[] memory slices) {
        uint32[] memory expiries = new uint32[](own.length);
        uint256 count;
        for (uint256 i = 0; i < own.length; i++) {
            uint32 expiry = uint32(PlimsollLegs.instrumentOf(own[i]) >> EXPIRY_SHIFT);
            uint256 place = count;
            while (place > 0 && expiries[place - 1] > expiry) place--;
            if (place > 0 && expiries[place - 1] == expiry) continue;
            for (uint256 k = count++; k > place; k--) expiries[k] = expiries[k - 1];
            expiries[place] = expiry;
        }
        assembly ("memory-safe") {
            mstore(expiries, count)
        }
        IPlimsollOracle.Expiry[] memory found = oracle.surface(underlying, expiries);
        // The oracle's struct is the model's, word for word.
        assembly ("memory-safe") {
            slices := found
        }
    }

    /// @dev One side of a trade. What the account was before costs a second question only where it is short afterwards.
    function trade(address account, uint128 instrument, int128 size, uint128 price) private returns (int128 initial) {
        (int128 cash, bytes32[] memory before) = (cashOf[account], legs[account]);
        move(account, instrument, size, price);
        initial = marginOf(account).initial;
        if (initial < 0 && assess(cash, before).initial >= initial) revert MarginTooLow(account, initial);
    }

    /// @dev Adds to a position and pays for it. The price is rounded against nobody in particular: both sides get the same.
    function move(address account, uint128 instrument, int128 size, uint128 price) private {
        int256 cost = int256(Math.mulDiv(SignedMath.abs(size), price, WAD));
        cashOf[account] = (int256(cashOf[account]) - (size < 0 ? -cost : cost)).toInt128();

        bytes32[] storage own = legs[account];
        uint256 place = places[account][instrument];
        if (place == 0) {
            own.push(PlimsollLegs.pack(instrument, size));
            places[account][instrument] = own.length;
            return;
        }
        int128 total = (int256(PlimsollLegs.sizeOf(own[place - 1])) + size).toInt128();
        if (total != 0) {
            own[place - 1] = PlimsollLegs.pack(instrument, total);
            return;
        }
        close(account, instrument);
    }

    /// @dev A closed position leaves its place to the last one.
    function close(address account, uint128 instrument) private {
        bytes32[] storage own = legs[account];
        uint256 place = places[account][instrument];
        bytes32 last = own[own.length - 1];
        own[place - 1] = last;
        places[account][PlimsollLegs.instrumentOf(last)] = place;
        own.pop();
        delete places[account][instrument];
    }
}
