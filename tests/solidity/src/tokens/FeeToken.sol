// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token that keeps a part of every transfer, so that less arrives than was sent
contract FeeToken is ERC20 {
    /// @notice What is kept, parts per million.
    uint256 public fee;

    /// @notice More than the whole.
    error FeeTooLarge(uint256 fee);

    constructor(uint256 fee_) ERC20("Fee Dollar", "FUSD") {
        setFee(fee_);
    }

    /// @notice Number of decimals.
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// @notice Creates `amount` for `to`.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice Sets the fee, parts per million.
    function setFee(uint256 fee_) public {
        if (fee_ > 1e6) revert FeeTooLarge(fee_);
        fee = fee_;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from == address(0) || to == address(0)) return super._update(from, to, value);
        uint256 kept = value * fee / 1e6;
        super._update(from, to, value - kept);
        super._update(from, address(0), kept);
    }
}
