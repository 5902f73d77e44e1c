// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IRiskModel} from "abi/IRiskModel.sol";
import {PlimsollLegs} from "abi/PlimsollLegs.sol";

/// @title What is asked of the price oracle, whose slices of the surface are the model's expiries word by word
interface IPrices {
    function price(uint16 underlying) external view returns (uint8 status, uint128 value, uint64 time);
    function surface(uint16 underlying, uint32[] calldata expiries) external view returns (IRiskModel.Expiry[] memory);
}

/// @title The check before a trade, for a protocol that keeps its own book of options
/// @notice Prices come from the oracle, which refuses what is not fresh; the model values the account as it would be.
contract CheckBeforeTrade {
    using SafeCast for int256;

    struct Trade {
        uint128 instrument; // PlimsollIds.option(underlying, expiry, strike, isCall)
        int128 size; // what the account buys (sells, when negative), 1e18 = one unit of the underlying
        uint128 price; // quote per unit, 1e18
    }

    uint8 private constant FRESH = 1;
    int256 private constant WAD = 1e18;

    IRiskModel public immutable model;
    IPrices public immutable oracle;
    uint16 public immutable underlying;

    /// @notice The price of the underlying is not fresh.
    error PriceUnusable(uint8 status);
    /// @notice The account would be short of initial margin by this much.
    error MarginTooLow(int128 initial);

    constructor(IRiskModel model_, IPrices oracle_, uint16 underlying_) {
        (model, oracle, underlying) = (model_, oracle_, underlying_);
    }

    /// @notice Initial margin balance after a trade; reverts where it would be negative.
    /// @param cash The account's, 1e18.
    /// @param legs Its options, a word each.
    /// @param expiries Those of its options and of the trade's, ascending, each once.
    function check(int128 cash, bytes32[] calldata legs, uint32[] calldata expiries, Trade calldata trade)
        external
        view
        returns (int128 initial)
    {
        // What is bought costs the next unit up; what is sold brings the one below.
        int256 cost = int256(trade.size) * int256(uint256(trade.price));
        cash -= ((cost > 0 ? cost + WAD - 1 : cost) / WAD).toInt128();
        // Reverts with SliceUnusable for the first expiry that is not fresh.
        IRiskModel.Expiry[] memory surface = oracle.surface(underlying, expiries);
        bytes32[] memory after_ = withTrade(legs, trade.instrument, trade.size);
        // Reverts with a typed error: UnknownExpiry, StrikeOutOfRange, TooManyLegs, ...
        initial = model.assess(
            PlimsollLegs.options(underlying, uint64(block.timestamp), cash, freshSpot(), surface, after_)
        ).initial;
        if (initial < 0) revert MarginTooLow(initial);
    }

    function freshSpot() private view returns (uint128) {
        (uint8 status, uint128 value,) = oracle.price(underlying);
        if (status != FRESH) revert PriceUnusable(status);
        return value;
    }

    /// @dev Legs of one instrument must be one leg, and none may be empty.
    function withTrade(bytes32[] calldata legs, uint128 instrument, int128 size)
        private
        pure
        returns (bytes32[] memory all)
    {
        all = new bytes32[](legs.length + 1);
        uint256 count = 0;
        for (uint256 i = 0; i < legs.length; i++) {
            if (PlimsollLegs.instrumentOf(legs[i]) == instrument) size += PlimsollLegs.sizeOf(legs[i]);
            else all[count++] = legs[i];
        }
        if (size != 0) all[count++] = PlimsollLegs.pack(instrument, size);
        assembly ("memory-safe") {
            mstore(all, count)
        }
    }
}
