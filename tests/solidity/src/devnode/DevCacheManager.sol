// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title The part of the ArbWasm precompile that a cache manager uses
interface IArbWasm {
    /// @notice Estimated bytes of a program's machine code; refuses what is not activated.
    function codehashAsmSize(bytes32 codehash) external view returns (uint32);
}

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
/// @notice The chain owner must add it (`ArbOwner.addWasmCacheManager`). It has the functions and errors of a real chain's
/// cache manager that `cargo stylus cache` knows, so that tools work; ether that comes with a bid goes back.
contract DevCacheManager {
    IArbWasm private constant WASM = IArbWasm(address(0x71));
    IArbWasmCache private constant CACHE = IArbWasmCache(address(0x72));

    /// @notice Bytes of machine code that the cache is said to have room for; nothing is ever refused.
    uint64 public constant cacheSize = 512 * 1024 * 1024;
    /// @notice There is never a pause.
    bool public constant isPaused = false;
    /// @notice Bytes of machine code of the programs that are cached through this contract.
    uint64 public queueSize;
    /// @dev What each of them added to `queueSize`.
    mapping(bytes32 => uint64) private sizes;

    /// @notice A bid for what is cached already.
    error AlreadyCached(bytes32 codehash);
    /// @notice The sender did not take its ether back.
    error RefundFailed(uint256 amount);

    /// @notice Caches a program; nothing happens when it is cached already.
    function cacheProgram(address program) external {
        bytes32 codehash = program.codehash;
        if (!CACHE.codehashIsCached(codehash)) add(program, codehash);
    }

    /// @notice Caches a program that is not cached, and returns the bid.
    function placeBid(address program) external payable {
        bytes32 codehash = program.codehash;
        if (CACHE.codehashIsCached(codehash)) revert AlreadyCached(codehash);
        add(program, codehash);
        if (msg.value == 0) return;
        (bool sent,) = msg.sender.call{value: msg.value}("");
        if (!sent) revert RefundFailed(msg.value);
    }

    /// @notice Evicts a program.
    function evictProgram(address program) external {
        bytes32 codehash = program.codehash;
        queueSize -= sizes[codehash];
        delete sizes[codehash];
        CACHE.evictCodehash(codehash);
    }

    /// @notice The smallest bid for a program: none. Refuses what is not activated.
    function getMinBid(address program) external view returns (uint192) {
        WASM.codehashAsmSize(program.codehash);
        return 0;
    }

    /// @notice The smallest bid for so many bytes of machine code: none.
    function getMinBid(uint64) external pure returns (uint192) {
        return 0;
    }

    function add(address program, bytes32 codehash) private {
        uint64 size = WASM.codehashAsmSize(codehash);
        queueSize = queueSize - sizes[codehash] + size;
        sizes[codehash] = size;
        CACHE.cacheProgram(program);
    }
}
