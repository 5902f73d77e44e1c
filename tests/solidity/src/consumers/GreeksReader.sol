// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IPlimsollRiskModel} from "abi/IPlimsollRiskModel.sol";
import {PlimsollLegs} from "abi/PlimsollLegs.sol";

/// @title A hedger that asks the risk model for sensitivities alone
/// @notice Keeps no book: whoever has one hands it over and is told what to trade.
contract GreeksReader {
    /// @notice The model that is asked.
    IPlimsollRiskModel public immutable model;

    constructor(IPlimsollRiskModel model_) {
        model = model_;
    }

    /// @notice Units of the underlying to trade, WAD, so that a portfolio does not move with spot; negative to sell. The
    /// model's delta of the account counts options, the perpetual and collateral that moves with spot.
    function hedgeOf(IPlimsollRiskModel.Portfolio calldata portfolio) external view returns (int256) {
        (IPlimsollRiskModel.Greeks memory account,,) = model.greeks(portfolio);
        return -int256(account.delta);
    }

    /// @notice The leg that loses most by a day's passing, and what it loses, WAD of quote; the first leg and zero when
    /// none does.
    function mostDecay(IPlimsollRiskModel.Portfolio calldata portfolio)
        external
        view
        returns (uint128 instrument, int256 loss)
    {
        (,, IPlimsollRiskModel.Greeks[] memory byLeg) = model.greeks(portfolio);
        if (byLeg.length > 0) instrument = PlimsollLegs.instrumentOf(portfolio.legs[0]);
        for (uint256 i = 0; i < byLeg.length; i++) {
            int256 day = -int256(byLeg[i].theta) / 365;
            if (day > loss) (instrument, loss) = (PlimsollLegs.instrumentOf(portfolio.legs[i]), day);
        }
    }

    /// @notice Vega by expiry, in the portfolio's order.
    function vegas(IPlimsollRiskModel.Portfolio calldata portfolio) external view returns (int128[] memory all) {
        (, IPlimsollRiskModel.Greeks[] memory byExpiry,) = model.greeks(portfolio);
        all = new int128[](byExpiry.length);
        for (uint256 i = 0; i < all.length; i++) all[i] = byExpiry[i].vega;
    }
}
