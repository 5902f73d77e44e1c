// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title The part of the ArbWasmCache precompile that a cache manager uses
interface IArbWasmCache {
    /// @notice Keeps a program ready to run.
    function cacheProgram(address program) external;
    /// @notice Lets a program go.
    function evictCodehash(bytes32 codehash) external;
    /// @notice Whether a program is kept.
    function codehashIsCached(bytes32 codehash) external view returns (bool);
}

/// @title A cache manager for development chains: caches any program for anyone, for nothing
/// @notice The chain owner must add it (`ArbOwner.addWasmCacheManager`). Bids are accepted as on a real chain, so that
/// tools that place them work; ether that comes with one goes back.
contract DevCacheManager {
    IArbWasmCache private constant CACHE = IArbWasmCache(address(0x72));

    /// @notice The sender did not take its ether back.
    error RefundFailed(uint256 amount);

    /// @notice Caches a program; nothing happens when it is cached already.
    function cacheProgram(address program) public {
        if (!CACHE.codehashIsCached(program.codehash)) CACHE.cacheProgram(program);
    }

    /// @notice Caches a program, and returns the bid.
    function placeBid(address program) external payable {
        cacheProgram(program);
        if (msg.value == 0) return;
        (bool sent,) = msg.sender.call{value: msg.value}("");
        if (!sent) revert RefundFailed(msg.value);
    }

    /// @notice Evicts a program.
    function evictProgram(address program) external {
        CACHE.evictCodehash(program.codehash);
    }

    /// @notice The smallest bid for a program: none.
    function getMinBid(address) external pure returns (uint192) {
        return 0;
    }
}
