// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title An ordinary ERC-20 that anyone may mint
contract UsdToken is ERC20 {
    uint8 private immutable DECIMALS;

    /// @param decimals_ 6 for a token like USDC, 18 for one like DAI.
    constructor(string memory name_, string memory symbol_, uint8 decimals_) ERC20(name_, symbol_) {
        DECIMALS = decimals_;
    }

    /// @notice Number of decimals.
    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }

    /// @notice Creates `amount` for `to`.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
