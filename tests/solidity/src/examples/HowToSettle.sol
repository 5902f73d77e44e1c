// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IPlimsoll} from "abi/IPlimsoll.sol";
import {PlimsollIds} from "abi/PlimsollIds.sol";

/// @title The smallest venue: makers post offers, takers take them, the engine clears
/// @notice Governance admits the venue once (`admitVenue`); each trader deposits collateral and approves it for an
/// account (`approveVenue`). From then on the engine moves positions and cash, and reverts a trade that leaves either
/// side without the margin for it: the venue needs no risk code and holds no money.
contract HowToSettle {
    struct Offer {
        bytes32 account; // the maker's: its address and a subaccount number
        uint128 instrument; // PlimsollIds.perpetual(underlying)
        int128 size; // what the maker buys (sells, when negative), 1e18 = one unit of the underlying
        uint128 price; // quote per unit, 1e18
    }

    IPlimsoll public immutable engine;
    Offer[] public offers;

    error NotOnOffer(uint256 id);

    constructor(IPlimsoll engine_) {
        engine = engine_;
    }

    /// @notice Offers a trade from one of the caller's subaccounts.
    function post(uint96 subaccount, uint128 instrument, int128 size, uint128 price) external returns (uint256 id) {
        id = offers.length;
        offers.push(Offer(PlimsollIds.account(msg.sender, subaccount), instrument, size, price));
    }

    /// @notice Takes the other side of an offer with one of the caller's subaccounts.
    function take(uint256 id, uint96 subaccount) external {
        if (id >= offers.length || offers[id].size == 0) revert NotOnOffer(id);
        Offer memory offer = offers[id];
        delete offers[id];

        IPlimsoll.Fill[] memory fills = new IPlimsoll.Fill[](1);
        fills[0] = IPlimsoll.Fill({
            taker: PlimsollIds.account(msg.sender, subaccount),
            maker: offer.account,
            instrument: offer.instrument,
            size: -offer.size,
            price: offer.price
        });
        engine.settle(fills); // reverts with a typed error: InsufficientMargin, PriceOutOfBand, VenueNotApproved, ...
    }
}
