// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {FixedPointMathLib as Solady} from "solady/src/utils/FixedPointMathLib.sol";
import {SD59x18, exp, ln, log2, pow, sqrt, wrap, unwrap} from "@prb/math/src/SD59x18.sol";

/// @title Runs the functions of solady and prb-math that ARITHMETIC.md compares with Plimsoll's
/// @notice Numbers: 0 nothing; solady 1 exp, 2 ln, 4 sqrt, 5 pow; prb-math 11 exp, 12 ln, 13 log2, 14 sqrt, 15 pow.
contract ArithmeticBench {
    /// @notice Runs a function over all inputs.
    /// @return spent gas of the loop
    /// @return results WAD
    function run(uint8 number, int256[] calldata xs, int256[] calldata ys)
        external
        view
        returns (uint256 spent, int256[] memory results)
    {
        function(int256, int256) internal pure returns (int256) f = choose(number);
        int256[] memory firsts = xs;
        int256[] memory seconds_ = ys;
        results = new int256[](xs.length);
        uint256 before = gasleft();
        for (uint256 i = 0; i < firsts.length; i++) {
            results[i] = f(firsts[i], seconds_[i]);
        }
        spent = before - gasleft();
    }

    function choose(uint8 number) private pure returns (function(int256, int256) internal pure returns (int256)) {
        if (number == 1) return soladyExp;
        if (number == 2) return soladyLn;
        if (number == 4) return soladySqrt;
        if (number == 5) return soladyPow;
        if (number == 11) return prbExp;
        if (number == 12) return prbLn;
        if (number == 13) return prbLog2;
        if (number == 14) return prbSqrt;
        if (number == 15) return prbPow;
        return nothing;
    }

    function nothing(int256 x, int256) private pure returns (int256) {
        return x;
    }

    function soladyExp(int256 x, int256) private pure returns (int256) {
        return Solady.expWad(x);
    }

    function soladyLn(int256 x, int256) private pure returns (int256) {
        return Solady.lnWad(x);
    }

    function soladySqrt(int256 x, int256) private pure returns (int256) {
        return int256(Solady.sqrtWad(uint256(x)));
    }

    function soladyPow(int256 x, int256 y) private pure returns (int256) {
        return Solady.powWad(x, y);
    }

    function prbExp(int256 x, int256) private pure returns (int256) {
        return unwrap(exp(wrap(x)));
    }

    function prbLn(int256 x, int256) private pure returns (int256) {
        return unwrap(ln(wrap(x)));
    }

    function prbLog2(int256 x, int256) private pure returns (int256) {
        return unwrap(log2(wrap(x)));
    }

    function prbSqrt(int256 x, int256) private pure returns (int256) {
        return unwrap(sqrt(wrap(x)));
    }

    function prbPow(int256 x, int256 y) private pure returns (int256) {
        return unwrap(pow(wrap(x), wrap(y)));
    }
}
