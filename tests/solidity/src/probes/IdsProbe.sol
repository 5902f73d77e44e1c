// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {PlimsollIds} from "abi/PlimsollIds.sol";

/// @title The packing library behind a door, for tests
contract IdsProbe {
    /// @notice `PlimsollIds.account`.
    function account(address owner, uint96 subaccount) external pure returns (bytes32) {
        return PlimsollIds.account(owner, subaccount);
    }

    /// @notice `PlimsollIds.unpackAccount`.
    function unpackAccount(bytes32 id) external pure returns (address owner, uint96 subaccount) {
        return PlimsollIds.unpackAccount(id);
    }

    /// @notice `PlimsollIds.perpetual`.
    function perpetual(uint16 underlying) external pure returns (uint128) {
        return PlimsollIds.perpetual(underlying);
    }

    /// @notice `PlimsollIds.option`.
    function option(uint16 underlying, uint32 expiry, uint64 strike, bool isCall) external pure returns (uint128) {
        return PlimsollIds.option(underlying, expiry, strike, isCall);
    }

    /// @notice `PlimsollIds.pack`.
    function pack(PlimsollIds.Instrument calldata parts) external pure returns (uint128) {
        return PlimsollIds.pack(parts);
    }

    /// @notice `PlimsollIds.unpack`.
    function unpack(uint128 id) external pure returns (PlimsollIds.Instrument memory) {
        return PlimsollIds.unpack(id);
    }
}
