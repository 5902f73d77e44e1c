// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token that fails, or lies, in the ways that tokens do
contract FalseToken is ERC20 {
    /// @notice What a transfer does.
    enum Mode {
        /// It moves and returns true.
        Honest,
        /// It moves nothing and returns false.
        ReturnsFalse,
        /// It moves nothing and returns true.
        Lies,
        /// It moves, and returns the number 2, which is no bool.
        ReturnsTwo,
        /// It moves half, and returns true.
        MovesHalf,
        /// It moves, and returns 64 KiB.
        ReturnsBomb,
        /// It reverts without data.
        Reverts,
        /// It reverts with 64 KiB.
        RevertsBomb
    }

    /// @notice What transfers do now.
    Mode public mode;

    constructor() ERC20("False Dollar", "XUSD") {}

    /// @notice Number of decimals.
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// @notice Creates `amount` for `to`.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice Says what transfers do from now on.
    function setMode(Mode mode_) external {
        mode = mode_;
    }

    /// @notice Moves `value`, or does what the mode says.
    function transfer(address to, uint256 value) public override returns (bool) {
        (uint256 moved, bool result) = plan(value);
        super.transfer(to, moved);
        return answer(result);
    }

    /// @notice Moves `value` out of an allowance, or does what the mode says.
    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        (uint256 moved, bool result) = plan(value);
        super.transferFrom(from, to, moved);
        return answer(result);
    }

    /// @dev How much moves, and what is returned.
    function plan(uint256 value) private view returns (uint256 moved, bool result) {
        if (mode == Mode.ReturnsFalse) return (0, false);
        if (mode == Mode.Lies) return (0, true);
        if (mode == Mode.MovesHalf) return (value / 2, true);
        if (mode == Mode.Reverts || mode == Mode.RevertsBomb) {
            uint256 size = mode == Mode.Reverts ? 0 : 65536;
            assembly ("memory-safe") {
                revert(mload(0x40), size)
            }
        }
        return (value, true);
    }

    /// @dev Ends the call itself where the answer is no bool.
    function answer(bool result) private view returns (bool) {
        if (mode == Mode.ReturnsTwo) {
            assembly ("memory-safe") {
                mstore(0, 2)
                return(0, 32)
            }
        }
        if (mode == Mode.ReturnsBomb) {
            assembly ("memory-safe") {
                let start := mload(0x40)
                mstore(start, 1)
                return(start, 65536)
            }
        }
        return result;
    }
}
