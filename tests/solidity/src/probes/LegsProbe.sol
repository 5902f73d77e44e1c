// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IPlimsollRiskModel} from "abi/IPlimsollRiskModel.sol";
import {IRiskModel} from "abi/IRiskModel.sol";
import {PlimsollLegs} from "abi/PlimsollLegs.sol";

/// @title The library of legs behind a door, and both interfaces of the risk model side by side, for tests
contract LegsProbe {
    /// @notice `PlimsollLegs.pack`.
    function pack(uint128 instrument, int128 size) external pure returns (bytes32) {
        return PlimsollLegs.pack(instrument, size);
    }

    /// @notice `PlimsollLegs.unpack`.
    function unpack(bytes32 leg) external pure returns (uint128 instrument, int128 size) {
        return PlimsollLegs.unpack(leg);
    }

    /// @notice `PlimsollLegs.options`.
    function options(
        uint16 underlying,
        uint64 time,
        int128 cash,
        uint128 spot,
        IRiskModel.Expiry[] calldata expiries,
        bytes32[] calldata legs
    ) external pure returns (IRiskModel.Portfolio memory) {
        return PlimsollLegs.options(underlying, time, cash, spot, expiries, legs);
    }

    /// @notice The selector of `assess` in either interface.
    function selectors() external pure returns (bytes4 plug, bytes4 model) {
        return (IRiskModel.assess.selector, IPlimsollRiskModel.assess.selector);
    }

    /// @notice A portfolio read as the one interface has it and written as the other does.
    function translate(IRiskModel.Portfolio calldata portfolio) external pure returns (IPlimsollRiskModel.Portfolio memory) {
        return abi.decode(abi.encode(portfolio), (IPlimsollRiskModel.Portfolio));
    }

    /// @notice What a model says, asked through the plug.
    function assess(IRiskModel model, IRiskModel.Portfolio calldata portfolio)
        external
        view
        returns (IRiskModel.Assessment memory)
    {
        return model.assess(portfolio);
    }
}
