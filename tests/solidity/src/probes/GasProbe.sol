// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Measures what calls cost inside a transaction
/// @notice Gas is the difference of two readings of `gasleft` around the call: the call with its cold account access
/// and the copy of what it returns, without the transaction's own cost and its calldata.
contract GasProbe {
    /// @notice One call and what it cost.
    event Measured(address indexed target, bytes4 indexed selector, bool success, uint256 gasUsed, bytes result);

    /// @notice Static calls, one after another; a later one finds warm what an earlier one touched.
    function measureViews(address target, bytes[] calldata payloads) external returns (uint256[] memory gasUsed) {
        gasUsed = new uint256[](payloads.length);
        for (uint256 i = 0; i < payloads.length; i++) {
            bytes memory payload = payloads[i];
            uint256 before = gasleft();
            (bool success, bytes memory result) = target.staticcall(payload);
            gasUsed[i] = before - gasleft();
            emit Measured(target, bytes4(payload), success, gasUsed[i], result);
        }
    }

    /// @notice One call that may write; its failure is recorded, not passed on.
    function measure(address target, bytes calldata data) external returns (uint256 gasUsed) {
        bytes memory payload = data;
        uint256 before = gasleft();
        (bool success, bytes memory result) = target.call(payload);
        gasUsed = before - gasleft();
        emit Measured(target, bytes4(payload), success, gasUsed, result);
    }
}
