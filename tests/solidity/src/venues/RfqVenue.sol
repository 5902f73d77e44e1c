// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IPlimsoll} from "abi/IPlimsoll.sol";
import {PlimsollIds} from "abi/PlimsollIds.sol";

/// @title A request-for-quote venue that clears through the engine
/// @notice Market makers sign quotes off chain (EIP-712); takers bring them here, whole or in parts, and the engine
/// settles. The venue holds no money and no positions: margin, prices and permissions are the engine's business.
contract RfqVenue is EIP712 {
    /// @notice A maker's offer.
    struct Quote {
        /// The maker's account.
        bytes32 maker;
        /// The only account that may take it; zero: any.
        bytes32 taker;
        uint128 instrument;
        /// What the taker buys (sells, when negative) at most, WAD of the underlying.
        int128 size;
        /// WAD of quote per unit of the underlying.
        uint128 price;
        /// Last second in which it stands.
        uint64 expiry;
        /// Tells quotes of one account apart, and lets the maker call off all below a number.
        uint64 nonce;
        /// Who signed: the owner of the maker's account or one of its operators.
        address signer;
    }

    /// @notice A quote to take.
    struct Order {
        Quote quote;
        /// 65 bytes of an ordinary account, or whatever the signing contract wants (EIP-1271).
        bytes signature;
        /// The account that takes it; the caller owns it or is an operator of its owner.
        bytes32 taker;
        /// How much of it, WAD of the underlying, without sign.
        uint128 amount;
    }

    bytes32 private constant QUOTE_TYPE = keccak256(
        "Quote(bytes32 maker,bytes32 taker,uint128 instrument,int128 size,uint128 price,uint64 expiry,uint64 nonce,address signer)"
    );
    uint256 private constant CANCELLED = type(uint256).max;

    /// @notice Where the venue settles.
    IPlimsoll public immutable engine;
    /// @notice Quotes of an account with a nonce below this are void.
    mapping(bytes32 account => uint64) public minNonce;
    /// @dev How much of a quote is filled, by its digest; `CANCELLED` when it was called off.
    mapping(bytes32 digest => uint256) private filled;

    event QuoteFilled(
        bytes32 indexed digest, bytes32 indexed maker, bytes32 indexed taker, uint128 instrument, int128 size, uint128 price
    );
    event QuoteCancelled(bytes32 indexed digest, bytes32 indexed maker);
    event NonceRaised(bytes32 indexed account, uint64 minNonce);

    /// @notice The list is empty.
    error NoOrders();
    /// @notice The amount is zero.
    error ZeroAmount(bytes32 digest);
    /// @notice The caller is neither the owner of the account nor one of its operators.
    error NotAuthorized(bytes32 account, address caller);
    /// @notice The signer is neither the owner of the maker's account nor one of its operators.
    error SignerNotAuthorized(bytes32 maker, address signer);
    /// @notice The signature is not one of the signer over this quote.
    error BadSignature(bytes32 digest, address signer);
    /// @notice The quote stood until `expiry`.
    error QuoteExpired(bytes32 digest, uint64 expiry);
    /// @notice The maker has called the quote off.
    error QuoteVoid(bytes32 digest);
    /// @notice Less is left of the quote than was asked for.
    error NotEnoughLeft(bytes32 digest, uint128 asked, uint256 left);
    /// @notice The quote is for another account.
    error WrongTaker(bytes32 digest, bytes32 wanted, bytes32 taker);
    /// @notice A nonce only ever rises.
    error NonceNotHigher(bytes32 account, uint64 nonce, uint64 current);

    constructor(IPlimsoll engine_) EIP712("Plimsoll RFQ", "1") {
        engine = engine_;
    }

    // ---- taking

    /// @notice Takes one quote.
    function take(Order calldata order) external {
        IPlimsoll.Fill[] memory fills = new IPlimsoll.Fill[](1);
        fills[0] = accept(order);
        engine.settle(fills);
    }

    /// @notice Takes several quotes, all or none. The engine looks at margin once, after the last of them.
    function takeMany(Order[] calldata orders) external {
        if (orders.length == 0) revert NoOrders();
        IPlimsoll.Fill[] memory fills = new IPlimsoll.Fill[](orders.length);
        for (uint256 i = 0; i < orders.length; i++) {
            fills[i] = accept(orders[i]);
        }
        engine.settle(fills);
    }

    // ---- calling off

    /// @notice Calls a quote off, for the owner of the maker's account and its operators.
    function cancel(Quote calldata quote) external {
        authorize(quote.maker);
        bytes32 digest = digestOf(quote);
        filled[digest] = CANCELLED;
        emit QuoteCancelled(digest, quote.maker);
    }

    /// @notice Calls off all quotes of an account with a nonce below `nonce`.
    function raiseNonce(bytes32 account, uint64 nonce) external {
        authorize(account);
        uint64 current = minNonce[account];
        if (nonce <= current) revert NonceNotHigher(account, nonce, current);
        minNonce[account] = nonce;
        emit NonceRaised(account, nonce);
    }

    // ---- views

    /// @notice What the signer of a quote signs.
    function digestOf(Quote calldata quote) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(QUOTE_TYPE, quote)));
    }

    /// @notice How much of a quote can still be taken, WAD of the underlying; zero when it is void or expired.
    function remaining(Quote calldata quote) external view returns (uint256) {
        if (block.timestamp > quote.expiry || quote.nonce < minNonce[quote.maker]) return 0;
        uint256 done = filled[digestOf(quote)];
        return done == CANCELLED ? 0 : magnitude(quote.size) - done;
    }

    // ---- inside

    /// @dev Checks an order, books it as filled, and gives the fill. The booking stands before the engine is called, and
    /// falls with the transaction if the engine refuses.
    function accept(Order calldata order) private returns (IPlimsoll.Fill memory) {
        Quote calldata quote = order.quote;
        bytes32 digest = digestOf(quote);
        if (order.amount == 0) revert ZeroAmount(digest);
        if (block.timestamp > quote.expiry) revert QuoteExpired(digest, quote.expiry);
        if (quote.taker != 0 && quote.taker != order.taker) revert WrongTaker(digest, quote.taker, order.taker);
        authorize(order.taker);

        uint256 done = filled[digest];
        if (done == CANCELLED || quote.nonce < minNonce[quote.maker]) revert QuoteVoid(digest);
        uint256 left = magnitude(quote.size) - done;
        if (order.amount > left) revert NotEnoughLeft(digest, order.amount, left);
        filled[digest] = done + order.amount;

        if (!mayAct(quote.maker, quote.signer)) revert SignerNotAuthorized(quote.maker, quote.signer);
        if (!SignatureChecker.isValidSignatureNow(quote.signer, digest, order.signature)) {
            revert BadSignature(digest, quote.signer);
        }

        // No larger than the quote's own size, so it fits.
        int256 amount = int256(uint256(order.amount));
        int128 size = int128(quote.size < 0 ? -amount : amount);
        emit QuoteFilled(digest, quote.maker, order.taker, quote.instrument, size, quote.price);
        return IPlimsoll.Fill({
            taker: order.taker,
            maker: quote.maker,
            instrument: quote.instrument,
            size: size,
            price: quote.price
        });
    }

    function authorize(bytes32 account) private view {
        if (!mayAct(account, msg.sender)) revert NotAuthorized(account, msg.sender);
    }

    function mayAct(bytes32 account, address who) private view returns (bool) {
        address owner = PlimsollIds.ownerOf(account);
        return who == owner || engine.isOperator(owner, who);
    }

    function magnitude(int128 size) private pure returns (uint256) {
        return uint256(size < 0 ? -int256(size) : int256(size));
    }
}
