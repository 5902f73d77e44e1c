// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IRiskModel} from "abi/IRiskModel.sol";
import {PlimsollLegs} from "abi/PlimsollLegs.sol";

/// @title A book of options in storage, assessed with as little overhead as there can be
/// @notice One slot a leg, four an expiry: what an engine would read. For measuring gas.
contract PortfolioBench {
    using SafeCast for int256;
    using SafeCast for uint256;

    /// @notice An expiry of the surface in four slots: SVI parameters below nine, prices below 7.9e10, WAD.
    struct Stored {
        int64 a;
        int64 b;
        int64 rho;
        int64 m;
        int64 sigma;
        int64 rate;
        uint64 sviYears;
        uint64 volConfidence;
        uint96 forward;
        uint96 sviForward;
        uint32 expiry;
        uint64 forwardConfidence;
        uint64 rateConfidence;
    }

    /// @notice The model that is asked.
    IRiskModel public immutable model;
    uint16 private immutable underlying;

    bytes32[] private legs;
    Stored[] private surface;

    /// @notice What the model said.
    event Assessed(int128 initial, int128 maintenance);

    constructor(IRiskModel model_, uint16 underlying_) {
        (model, underlying) = (model_, underlying_);
    }

    /// @notice Replaces the book.
    function set(bytes32[] calldata legs_, IRiskModel.Expiry[] calldata expiries) external {
        delete legs;
        delete surface;
        legs = legs_;
        for (uint256 i = 0; i < expiries.length; i++) {
            IRiskModel.Expiry calldata e = expiries[i];
            surface.push(
                Stored({
                    a: int256(e.a).toInt64(),
                    b: int256(e.b).toInt64(),
                    rho: int256(e.rho).toInt64(),
                    m: int256(e.m).toInt64(),
                    sigma: int256(e.sigma).toInt64(),
                    rate: int256(e.rate).toInt64(),
                    sviYears: uint256(e.sviYears).toUint64(),
                    volConfidence: e.volConfidence,
                    forward: uint256(e.forward).toUint96(),
                    sviForward: uint256(e.sviForward).toUint96(),
                    expiry: e.expiry,
                    forwardConfidence: e.forwardConfidence,
                    rateConfidence: e.rateConfidence
                })
            );
        }
    }

    /// @notice Reads the book and has it assessed, as a trade would: a transaction to be measured.
    /// @param time Time of valuation, Unix seconds.
    /// @param cash WAD of quote.
    /// @param spot Price of the underlying, WAD.
    function assess(uint64 time, int128 cash, uint128 spot) external returns (int128 initial, int128 maintenance) {
        IRiskModel.Assessment memory found =
            model.assess(PlimsollLegs.options(underlying, time, cash, spot, readSurface(), readLegs()));
        (initial, maintenance) = (found.initial, found.maintenance);
        emit Assessed(initial, maintenance);
    }

    /// @dev Word by word: Solidity's own copy checks bounds and lengths at every element.
    function readLegs() private view returns (bytes32[] memory all) {
        uint256 count = legs.length;
        all = new bytes32[](count);
        assembly ("memory-safe") {
            mstore(0, legs.slot)
            let slot := keccak256(0, 32)
            let to := add(all, 32)
            for { let i := 0 } lt(i, count) { i := add(i, 1) } { mstore(add(to, mul(i, 32)), sload(add(slot, i))) }
        }
    }

    function readSurface() private view returns (IRiskModel.Expiry[] memory all) {
        all = new IRiskModel.Expiry[](surface.length);
        for (uint256 i = 0; i < all.length; i++) {
            Stored storage s = surface[i];
            IRiskModel.Expiry memory e = all[i];
            (e.a, e.b, e.rho, e.m) = (s.a, s.b, s.rho, s.m);
            (e.sigma, e.rate, e.sviYears, e.volConfidence) = (s.sigma, s.rate, s.sviYears, s.volConfidence);
            (e.forward, e.sviForward, e.expiry) = (s.forward, s.sviForward, s.expiry);
            (e.forwardConfidence, e.rateConfidence) = (s.forwardConfidence, s.rateConfidence);
        }
    }
}
