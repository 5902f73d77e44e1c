// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IPlimsoll} from "abi/IPlimsoll.sol";
import {IPlimsollOracle} from "abi/IPlimsollOracle.sol";
import {PlimsollIds} from "abi/PlimsollIds.sol";

/// @title A desk that sells protection against a fall, and reads the engine before it does
/// @notice A note pays what the price has fallen below its level at the sale, up to 20 %, a day later. The payout is
/// reserved in full. The desk's trader hedges by a short in the engine; the desk sells only while the engine would let
/// that account put the hedge on, with margin to spare. The desk itself never trades and has no rights in the engine.
contract ProtectionDesk {
    using SafeERC20 for IERC20Metadata;

    /// @notice A note that was sold.
    struct Note {
        address holder;
        /// Unix seconds.
        uint64 expiry;
        /// WAD of the underlying.
        uint128 size;
        /// Where it begins to pay, WAD.
        uint128 strike;
        /// Where it pays no more, WAD.
        uint128 floor;
    }

    /// @notice How long a note runs, seconds.
    uint64 public constant TERM = 1 days;
    uint256 private constant PPM = 1e6;
    uint256 private constant WAD = 1e18;
    /// @dev A note pays up to this fall, ppm of its strike.
    uint256 private constant RANGE = 200_000;
    /// @dev Premium, ppm of notional.
    uint256 private constant PREMIUM = 20_000;
    /// @dev What the trader hedges, ppm of the note's size.
    uint256 private constant HEDGE = 500_000;
    /// @dev Equity that the hedging account must have after the hedge, ppm of its initial margin.
    uint256 private constant SPARE = 1_200_000;
    uint8 private constant FRESH = 1;

    /// @notice The engine that is asked.
    IPlimsoll public immutable engine;
    /// @notice The market that prices and hedges the notes.
    uint128 public immutable instrument;
    /// @notice The trader's account.
    bytes32 public immutable hedger;
    /// @notice What premiums and payouts are paid in; at most 18 decimals.
    IERC20Metadata public immutable token;
    uint256 private immutable UNIT;

    /// @notice Tokens reserved for open notes.
    uint256 public reserved;
    Note[] private sold;

    event NoteSold(uint256 indexed id, address indexed holder, uint128 size, uint128 strike, uint64 expiry, uint256 premium);
    event NoteSettled(uint256 indexed id, address indexed holder, uint128 price, uint256 paid);

    /// @notice The size is zero, or too large to hedge.
    error BadSize(uint128 size);
    /// @notice The engine has no fresh price.
    error PriceNotFresh(uint8 status);
    /// @notice The engine would refuse the hedge.
    error HedgeRefused(int128 equity, uint128 initial);
    /// @notice The hedge would leave too little margin to spare.
    error MarginTooThin(int128 equity, uint128 initial);
    /// @notice The premium is above what the buyer allows.
    error PremiumTooHigh(uint256 premium, uint256 most);
    /// @notice The desk has too few tokens to reserve the payout.
    error ReserveTooSmall(uint256 needed, uint256 free);
    /// @notice There is no such note, or it has been settled.
    error UnknownNote(uint256 id);
    /// @notice The note runs until `expiry`.
    error NotExpired(uint256 id, uint64 expiry);

    constructor(IPlimsoll engine_, IERC20Metadata token_, bytes32 hedger_, uint128 instrument_) {
        (engine, token, hedger, instrument) = (engine_, token_, hedger_, instrument_);
        UNIT = 10 ** (18 - token_.decimals());
    }

    // ---- buying and settling

    /// @notice Sells the caller a note, if the engine allows the hedge.
    /// @param size WAD of the underlying.
    /// @param maxPremium The most that the caller pays, token units.
    function buy(uint128 size, uint256 maxPremium) external returns (uint256 id) {
        if (size == 0 || size > uint128(type(int128).max)) revert BadSize(size);
        uint128 mark = price();
        requireHedge(size, mark);

        uint256 notional = Math.mulDiv(size, mark, WAD, Math.Rounding.Ceil);
        uint256 premium = units(Math.mulDiv(notional, PREMIUM, PPM, Math.Rounding.Ceil));
        if (premium > maxPremium) revert PremiumTooHigh(premium, maxPremium);
        uint128 floor = uint128(Math.mulDiv(mark, PPM - RANGE, PPM));
        uint256 most = reserveOf(size, mark, floor);
        uint256 free = token.balanceOf(address(this)) - reserved;
        if (most > free) revert ReserveTooSmall(most, free);

        reserved += most;
        id = sold.length;
        uint64 expiry = uint64(block.timestamp) + TERM;
        sold.push(Note(msg.sender, expiry, size, mark, floor));
        emit NoteSold(id, msg.sender, size, mark, expiry, premium);
        token.safeTransferFrom(msg.sender, address(this), premium);
    }

    /// @notice Pays a note out at the engine's price of now; for anyone, once it has expired.
    function settle(uint256 id) external returns (uint256 paid) {
        Note memory note = noteOf(id);
        if (block.timestamp < note.expiry) revert NotExpired(id, note.expiry);
        uint128 mark = price();

        delete sold[id];
        reserved -= reserveOf(note.size, note.strike, note.floor);
        uint256 lowest = Math.max(mark, note.floor);
        if (lowest < note.strike) paid = Math.mulDiv(note.size, note.strike - lowest, WAD) / UNIT;
        emit NoteSettled(id, note.holder, mark, paid);
        if (paid > 0) token.safeTransfer(note.holder, paid);
    }

    // ---- views

    /// @notice The note `id`.
    function noteOf(uint256 id) public view returns (Note memory note) {
        if (id >= sold.length || sold[id].holder == address(0)) revert UnknownNote(id);
        return sold[id];
    }

    /// @notice Margin of the account that hedges, as the engine sees it.
    function marginOfHedger() external view returns (IPlimsoll.Margin memory) {
        return engine.marginOf(hedger);
    }

    /// @notice Whether the engine allows the hedge of a note, and margin after it.
    function checkHedge(uint128 size) external view returns (bool allowed, IPlimsoll.Margin memory afterwards) {
        return engine.checkTrade(hedger, hedgeOf(size, price()));
    }

    // ---- inside

    /// @dev A view of the engine is all that it takes to refuse a sale before anything has happened.
    function requireHedge(uint128 size, uint128 mark) private view {
        (bool allowed, IPlimsoll.Margin memory margin) = engine.checkTrade(hedger, hedgeOf(size, mark));
        if (!allowed) revert HedgeRefused(margin.initialEquity, margin.initial);
        if (margin.initialEquity < int256(Math.mulDiv(margin.initial, SPARE, PPM, Math.Rounding.Ceil))) {
            revert MarginTooThin(margin.initialEquity, margin.initial);
        }
    }

    function hedgeOf(uint128 size, uint128 mark) private view returns (IPlimsoll.Trade[] memory trades) {
        trades = new IPlimsoll.Trade[](1);
        int256 hedged = int256(Math.mulDiv(size, HEDGE, PPM, Math.Rounding.Ceil));
        trades[0] = IPlimsoll.Trade({instrument: instrument, size: int128(-hedged), price: mark});
    }

    function price() private view returns (uint128) {
        uint16 underlying = PlimsollIds.underlyingOf(instrument);
        (uint8 status, uint128 mark,) = IPlimsollOracle(engine.oracle()).price(underlying);
        if (status != FRESH) revert PriceNotFresh(status);
        return mark;
    }

    function reserveOf(uint128 size, uint128 strike, uint128 floor) private view returns (uint256) {
        return units(Math.mulDiv(size, strike - floor, WAD, Math.Rounding.Ceil));
    }

    /// @dev Token units for an amount in WAD, rounded up.
    function units(uint256 amount) private view returns (uint256) {
        return Math.ceilDiv(amount, UNIT);
    }
}
