// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title A token whose functions return nothing, as USDT's on Ethereum
contract NoReturnToken {
    /// @notice Number of decimals.
    uint8 public constant decimals = 6;
    /// @notice All tokens.
    uint256 public totalSupply;
    /// @notice Tokens of an address.
    mapping(address => uint256) public balanceOf;
    /// @notice What an owner lets a spender move.
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    /// @notice More than the balance of `from`.
    error BalanceTooSmall(address from, uint256 value, uint256 balance);
    /// @notice More than the allowance of `spender`.
    error AllowanceTooSmall(address spender, uint256 value, uint256 allowance);

    /// @notice Creates `value` for `to`.
    function mint(address to, uint256 value) external {
        totalSupply += value;
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    /// @notice Moves `value` to `to`.
    function transfer(address to, uint256 value) external {
        move(msg.sender, to, value);
    }

    /// @notice Moves `value` out of an allowance.
    function transferFrom(address from, address to, uint256 value) external {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed < value) revert AllowanceTooSmall(msg.sender, value, allowed);
        allowance[from][msg.sender] = allowed - value;
        move(from, to, value);
    }

    /// @notice Sets an allowance.
    function approve(address spender, uint256 value) external {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
    }

    function move(address from, address to, uint256 value) private {
        uint256 balance = balanceOf[from];
        if (balance < value) revert BalanceTooSmall(from, value, balance);
        balanceOf[from] = balance - value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }
}
