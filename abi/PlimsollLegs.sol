// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IRiskModel} from "abi/IRiskModel.sol";

/// @title Legs of a portfolio
/// @notice Packs and unpacks the words that options are handed to a risk model in, and makes portfolios of options alone.
/// @dev A leg is the instrument's id (128 bits, see `PlimsollIds`) above the size (int128, two's complement).
library PlimsollLegs {
    /// @dev One, and full confidence, WAD.
    uint64 internal constant ONE = 1e18;

    /// @notice The word of a position.
    /// @param instrument An option's id.
    /// @param size WAD of the underlying, negative when short.
    function pack(uint128 instrument, int128 size) internal pure returns (bytes32) {
        return bytes32((uint256(instrument) << 128) | uint128(size));
    }

    /// @notice The position of a word.
    /// @param leg A leg's word.
    /// @return instrument An option's id.
    /// @return size WAD of the underlying, negative when short.
    function unpack(bytes32 leg) internal pure returns (uint128 instrument, int128 size) {
        return (instrumentOf(leg), sizeOf(leg));
    }

    /// @notice The instrument of a word.
    /// @param leg A leg's word.
    function instrumentOf(bytes32 leg) internal pure returns (uint128) {
        return uint128(uint256(leg) >> 128);
    }

    /// @notice The size of a word, WAD of the underlying, negative when short.
    /// @param leg A leg's word.
    function sizeOf(bytes32 leg) internal pure returns (int128) {
        return int128(uint128(uint256(leg)));
    }

    /// @notice A portfolio of cash and options alone: no perpetual, no collateral, no charge for hedging out, every price
    /// trusted in full and the quote currency worth one.
    /// @param underlying Number of the underlying.
    /// @param time Time of valuation, Unix seconds.
    /// @param cash WAD of quote.
    /// @param spot Price of the underlying, WAD.
    /// @param expiries In ascending order.
    /// @param legs In any order.
    /// @return portfolio What a risk model takes.
    function options(
        uint16 underlying,
        uint64 time,
        int128 cash,
        uint128 spot,
        IRiskModel.Expiry[] memory expiries,
        bytes32[] memory legs
    ) internal pure returns (IRiskModel.Portfolio memory portfolio) {
        portfolio.underlying = underlying;
        portfolio.time = time;
        portfolio.cash = cash;
        portfolio.spot = spot;
        portfolio.spotConfidence = ONE;
        portfolio.perpConfidence = ONE;
        portfolio.stablePrice = ONE;
        portfolio.expiries = expiries;
        portfolio.legs = legs;
    }
}
