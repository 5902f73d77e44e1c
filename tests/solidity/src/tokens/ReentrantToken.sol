// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A hostile token: while it moves, it calls whom a test tells it to call
/// @notice What the calls returned is kept, so that a test sees whether re-entry was refused, and by which error.
contract ReentrantToken is ERC20 {
    /// @notice Where in a transfer the call happens.
    enum Moment {
        Never,
        BeforeMove,
        AfterMove
    }

    /// @notice When the call happens.
    Moment public moment;
    /// @notice Who is called.
    address public target;
    /// @notice With which calldata.
    bytes public payload;
    /// @notice Whether a failed call makes the transfer fail with the same data.
    bool public bubble;

    /// @notice How often the target was called.
    uint256 public calls;
    /// @notice Whether the last call succeeded.
    bool public lastSuccess;
    /// @notice What the last call returned, or reverted with.
    bytes public lastReturn;

    bool private inside;

    constructor() ERC20("Reentrant Dollar", "RUSD") {}

    /// @notice Number of decimals.
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// @notice Creates `amount` for `to`; never calls.
    function mint(address to, uint256 amount) external {
        inside = true;
        _mint(to, amount);
        inside = false;
    }

    /// @notice Says what happens in the next transfers.
    function arm(Moment moment_, address target_, bytes calldata payload_, bool bubble_) external {
        (moment, target, payload, bubble) = (moment_, target_, payload_, bubble_);
        (calls, lastSuccess, lastReturn) = (0, false, "");
    }

    /// @notice Calls anyone as this token, so that it can own accounts and approve venues.
    function execute(address to, bytes calldata data) external returns (bytes memory) {
        (bool success, bytes memory result) = to.call(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
        return result;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (moment == Moment.BeforeMove) reenter();
        super._update(from, to, value);
        if (moment == Moment.AfterMove) reenter();
    }

    /// @dev Once a transfer: what is called may move this token again.
    function reenter() private {
        if (inside) return;
        inside = true;
        (bool success, bytes memory result) = target.call(payload);
        inside = false;
        (calls, lastSuccess, lastReturn) = (calls + 1, success, result);
        if (!success && bubble) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
    }
}
