// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token that refuses every transfer from or to a listed address, as USDC and USDT do
contract BlacklistToken is ERC20 {
    /// @notice Whether an address is listed.
    mapping(address => bool) public blacklisted;

    /// @notice `who` is listed.
    error Blacklisted(address who);

    constructor() ERC20("Blacklist Dollar", "BUSD") {}

    /// @notice Number of decimals.
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// @notice Creates `amount` for `to`.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice Lists an address, or takes it off the list.
    function setBlacklisted(address who, bool listed) external {
        blacklisted[who] = listed;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (blacklisted[from]) revert Blacklisted(from);
        if (blacklisted[to]) revert Blacklisted(to);
        super._update(from, to, value);
    }
}
