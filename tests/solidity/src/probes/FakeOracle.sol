// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IPlimsollOracle} from "abi/IPlimsollOracle.sol";

/// @title An oracle that says what a test tells it, or fails as it is told
contract FakeOracle {
    /// @notice How a call is answered.
    enum Mode {
        /// With the prices that were set.
        Honest,
        /// With the bytes that were set, whatever was asked.
        Raw,
        /// By a revert with the bytes that were set.
        Reverts
    }

    /// @notice How calls are answered now.
    Mode public mode;
    /// @notice What is answered in the modes other than `Honest`.
    bytes public raw;
    mapping(uint16 => IPlimsollOracle.PriceView) private views;

    /// @notice Sets a price and its status. Its feed has no usable seconds.
    function setPrice(uint16 underlying, uint8 status, uint128 price_, uint64 time) external {
        views[underlying] = IPlimsollOracle.PriceView(status, price_, time, 0);
    }

    /// @notice Says how calls are answered from now on.
    function setMode(Mode mode_, bytes calldata raw_) external {
        (mode, raw) = (mode_, raw_);
    }

    /// @notice As the oracle's function of this name.
    function prices(uint16[] calldata underlyings) external view returns (IPlimsollOracle.PriceView[] memory found) {
        misbehave();
        found = new IPlimsollOracle.PriceView[](underlyings.length);
        for (uint256 i = 0; i < underlyings.length; i++) {
            found[i] = views[underlyings[i]];
        }
    }

    /// @notice As the oracle's function of this name.
    function price(uint16 underlying) external view returns (uint8 status, uint128 value, uint64 time) {
        misbehave();
        IPlimsollOracle.PriceView memory found = views[underlying];
        return (found.status, found.price, found.time);
    }

    /// @dev Ends the call here unless the mode is honest.
    function misbehave() private view {
        if (mode == Mode.Honest) return;
        bytes memory data = raw;
        bool fails = mode == Mode.Reverts;
        assembly ("memory-safe") {
            let start := add(data, 32)
            let size := mload(data)
            if fails { revert(start, size) }
            return(start, size)
        }
    }
}
