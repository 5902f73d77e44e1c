// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title An account that is a contract: acts for its key, and signs by EIP-1271
contract ContractWallet is IERC1271 {
    /// @notice The key that this wallet obeys.
    address public immutable key;

    /// @notice The caller is not the wallet's key.
    error NotKey(address caller);

    constructor(address key_) {
        key = key_;
    }

    /// @notice Calls `to`; passes on what it returns or reverts with.
    function execute(address to, bytes calldata data) external returns (bytes memory) {
        if (msg.sender != key) revert NotKey(msg.sender);
        (bool success, bytes memory result) = to.call(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
        return result;
    }

    /// @notice EIP-1271: valid when the key signed `hash`.
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecover(hash, signature);
        bool valid = failure == ECDSA.RecoverError.NoError && signer == key;
        return valid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
