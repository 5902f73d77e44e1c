// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IPlimsoll} from "abi/IPlimsoll.sol";

/// @title A hostile venue: settles any fills, and calls back into the engine from wherever it is called
/// @notice To re-enter, a hostile token or wallet is told to call `hook`, which then makes the calls that were prepared
/// and keeps how each ended.
contract HostileVenue {
    /// @notice A call to make.
    struct Step {
        address target;
        bytes payload;
    }

    /// @notice How a call ended.
    struct Outcome {
        bool success;
        bytes result;
    }

    /// @notice The engine under attack.
    IPlimsoll public immutable engine;
    Step[] private steps;
    Outcome[] private ended;

    constructor(IPlimsoll engine_) {
        engine = engine_;
    }

    /// @notice Settles fills that nobody asked for, unchecked.
    function settle(IPlimsoll.Fill[] calldata fills) external {
        engine.settle(fills);
    }

    /// @notice Settles the same fills several times in one transaction.
    function settleRepeatedly(IPlimsoll.Fill[] calldata fills, uint256 times) external {
        for (uint256 i = 0; i < times; i++) {
            engine.settle(fills);
        }
    }

    /// @notice Says what `hook` does, and forgets how earlier calls ended.
    function prepare(Step[] calldata steps_) external {
        delete steps;
        delete ended;
        for (uint256 i = 0; i < steps_.length; i++) {
            steps.push(steps_[i]);
        }
    }

    /// @notice Makes the prepared calls as this venue; failures are kept, not passed on.
    function hook() external {
        for (uint256 i = 0; i < steps.length; i++) {
            Step memory step = steps[i];
            (bool success, bytes memory result) = step.target.call(step.payload);
            ended.push(Outcome(success, result));
        }
    }

    /// @notice How the calls of `hook` ended.
    function outcomes() external view returns (Outcome[] memory) {
        return ended;
    }

    /// @notice Calls anyone as this venue; passes on what it returns or reverts with.
    function execute(address to, bytes calldata data) external returns (bytes memory) {
        (bool success, bytes memory result) = to.call(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
        return result;
    }
}
