// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Ids of accounts and instruments
/// @notice Packs and unpacks the two ids that the engine takes.
/// @dev An account id is the owner's address (20 bytes) followed by a subaccount number (12 bytes). An instrument id is
/// underlying (16 bits) << 112 | kind (8) << 104 | expiry (32) << 72 | strike (64) << 8 | right (8). Neither needs to be
/// registered: every subaccount of an address exists.
library PlimsollIds {
    /// @dev Kind of a perpetual future: expiry, strike and right are zero.
    uint8 internal constant PERPETUAL = 1;
    /// @dev Kind of a European option.
    uint8 internal constant OPTION = 2;
    /// @dev Right of a put.
    uint8 internal constant PUT = 0;
    /// @dev Right of a call.
    uint8 internal constant CALL = 1;
    /// @dev One unit of underlying's price in the units of a strike: a strike of 1.0 is 1e8.
    uint64 internal constant STRIKE_ONE = 1e8;

    uint128 private constant UNDERLYING_SHIFT = 112;
    uint128 private constant KIND_SHIFT = 104;
    uint128 private constant EXPIRY_SHIFT = 72;
    uint128 private constant STRIKE_SHIFT = 8;
    uint256 private constant SUBACCOUNT_BITS = 96;

    /// @notice The owner of an account cannot be the zero address.
    error ZeroOwner();
    /// @notice The id's kind is neither a perpetual nor an option.
    /// @param instrument The id.
    /// @param kind Its kind.
    error UnknownKind(uint128 instrument, uint8 kind);
    /// @notice The id is a perpetual, but names an expiry, a strike or a right.
    /// @param instrument The id.
    error PerpetualWithTerms(uint128 instrument);
    /// @notice An option needs an expiry and a strike above zero.
    /// @param expiry The expiry given, Unix seconds.
    /// @param strike The strike given, 1e-8 of quote.
    error MissingTerms(uint32 expiry, uint64 strike);
    /// @notice The right of an option is neither put (0) nor call (1).
    /// @param instrument The id.
    /// @param right Its right.
    error UnknownRight(uint128 instrument, uint8 right);

    /// @notice The parts of an instrument id.
    struct Instrument {
        /// Number of the underlying.
        uint16 underlying;
        /// `PERPETUAL` or `OPTION`.
        uint8 kind;
        /// Unix seconds; zero for a perpetual.
        uint32 expiry;
        /// Quote per unit of the underlying, in 1e-8; zero for a perpetual.
        uint64 strike;
        /// `PUT` or `CALL`; zero for a perpetual.
        uint8 right;
    }

    // ---- accounts

    /// @notice The id of a subaccount.
    /// @param owner Who owns it; not zero.
    /// @param subaccount Any number that the owner likes.
    function account(address owner, uint96 subaccount) internal pure returns (bytes32) {
        if (owner == address(0)) revert ZeroOwner();
        return bytes32((uint256(uint160(owner)) << SUBACCOUNT_BITS) | subaccount);
    }

    /// @notice The parts of an account id.
    /// @param id An account's.
    /// @return owner Who owns it; not zero.
    /// @return subaccount Its number among the owner's.
    function unpackAccount(bytes32 id) internal pure returns (address owner, uint96 subaccount) {
        owner = ownerOf(id);
        if (owner == address(0)) revert ZeroOwner();
        subaccount = uint96(uint256(id));
    }

    /// @notice Who owns an account; the zero address for a bad id.
    /// @param id An account's.
    function ownerOf(bytes32 id) internal pure returns (address) {
        return address(uint160(uint256(id) >> SUBACCOUNT_BITS));
    }

    // ---- instruments

    /// @notice The id of the perpetual future on an underlying.
    /// @param underlying Number of the underlying.
    function perpetual(uint16 underlying) internal pure returns (uint128) {
        return (uint128(underlying) << UNDERLYING_SHIFT) | (uint128(PERPETUAL) << KIND_SHIFT);
    }

    /// @notice The id of a European option.
    /// @param underlying Number of the underlying.
    /// @param expiry Unix seconds; not zero.
    /// @param strike Quote per unit of the underlying, in 1e-8; not zero.
    /// @param isCall Whether it is a call; a put otherwise.
    function option(uint16 underlying, uint32 expiry, uint64 strike, bool isCall) internal pure returns (uint128) {
        if (expiry == 0 || strike == 0) revert MissingTerms(expiry, strike);
        return (uint128(underlying) << UNDERLYING_SHIFT) | (uint128(OPTION) << KIND_SHIFT)
            | (uint128(expiry) << EXPIRY_SHIFT) | (uint128(strike) << STRIKE_SHIFT)
            | uint128(isCall ? CALL : PUT);
    }

    /// @notice Packs the parts of an instrument; reverts where `unpack` would.
    /// @param parts What the id is made of.
    /// @return id The instrument's.
    function pack(Instrument memory parts) internal pure returns (uint128 id) {
        id = (uint128(parts.underlying) << UNDERLYING_SHIFT) | (uint128(parts.kind) << KIND_SHIFT)
            | (uint128(parts.expiry) << EXPIRY_SHIFT) | (uint128(parts.strike) << STRIKE_SHIFT)
            | uint128(parts.right);
        check(id, parts);
    }

    /// @notice The parts of an instrument id; reverts when the id is none that `perpetual` or `option` gives.
    /// @param id An instrument's.
    /// @return parts What it is made of.
    function unpack(uint128 id) internal pure returns (Instrument memory parts) {
        parts = Instrument({
            underlying: underlyingOf(id),
            kind: kindOf(id),
            expiry: uint32(id >> EXPIRY_SHIFT),
            strike: uint64(id >> STRIKE_SHIFT),
            right: uint8(id)
        });
        check(id, parts);
    }

    /// @notice Number of the underlying of an instrument id, good or bad.
    /// @param id An instrument's.
    function underlyingOf(uint128 id) internal pure returns (uint16) {
        return uint16(id >> UNDERLYING_SHIFT);
    }

    /// @notice Kind of an instrument id, good or bad.
    /// @param id An instrument's.
    function kindOf(uint128 id) internal pure returns (uint8) {
        return uint8(id >> KIND_SHIFT);
    }

    function check(uint128 id, Instrument memory parts) private pure {
        if (parts.kind == PERPETUAL) {
            if (parts.expiry != 0 || parts.strike != 0 || parts.right != 0) revert PerpetualWithTerms(id);
        } else if (parts.kind == OPTION) {
            if (parts.expiry == 0 || parts.strike == 0) revert MissingTerms(parts.expiry, parts.strike);
            if (parts.right > CALL) revert UnknownRight(id, parts.right);
        } else {
            revert UnknownKind(id, parts.kind);
        }
    }
}
