// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Plimsoll oracle
/// @notice Prices from reports that enough of a set of signers have signed (EIP-712).
/// @dev Prices are WAD (1e18): quote per unit of the underlying.
interface IPlimsollOracle {
    /// A price of an underlying as its signers saw it at `time`.
    struct PricePoint {
        uint16 underlying;
        uint128 price;
        uint64 time;
    }

    /// The rules of an underlying's price.
    struct Feed {
        /// Up to this age, seconds, a price is fresh: for every use.
        uint32 maxAge;
        /// Up to this age, seconds, a price is late: for liquidation only. Beyond, it is stale: for none.
        uint32 maxAgeLate;
        /// Smallest and largest price accepted, WAD.
        uint128 minPrice;
        uint128 maxPrice;
        /// Largest difference from a previous price that is still fresh, ppm of it. Zero: no such rule.
        uint32 maxMove;
    }

    /// The last price of an underlying, and whether it may be used.
    struct PriceView {
        /// 0 unset, 1 fresh, 2 late (for liquidation only), 3 stale (for nothing).
        uint8 status;
        uint128 price;
        uint64 time;
    }

    // ---- events

    event PriceUpdated(uint16 indexed underlying, uint128 price, uint64 time);
    /// The feed's new band does not hold the last price: there is none until the next report.
    event PriceWithdrawn(uint16 indexed underlying, uint128 price, uint64 time);
    event FeedSet(uint16 indexed underlying, Feed feed);
    event SignersSet(address[] signers, uint8 threshold);
    event OwnershipTransferStarted(address indexed owner, address indexed pending);
    event OwnershipTransferred(address indexed previous, address indexed owner);

    // ---- errors: the call as such

    /// No function has this selector.
    error UnknownSelector(bytes4 selector);
    /// The arguments do not decode.
    error MalformedCall(bytes4 selector);
    /// The function takes no ether.
    error NotPayable();
    /// The constructor has run.
    error AlreadyConstructed();

    // ---- errors: who may

    error NotOwner(address caller);
    error NotPendingOwner(address caller);

    // ---- errors: a submission

    error NoPoints();
    /// The block is later than `deadline`.
    error Expired(uint64 deadline);
    error UnknownFeed(uint16 underlying);
    error DuplicateUnderlying(uint16 underlying);
    /// The price is of the future.
    error FromFuture(uint16 underlying, uint64 time);
    /// The stored price is of `last`, which is not before `time`.
    error NotNewer(uint16 underlying, uint64 time, uint64 last);
    /// The price would not be fresh: it is from before `oldest`.
    error TooOld(uint16 underlying, uint64 time, uint64 oldest);
    /// The price is outside the feed's band.
    error PriceOutOfBounds(uint16 underlying, uint128 price);
    /// The price is too far from `last`, which is still fresh.
    error MoveTooLarge(uint16 underlying, uint128 price, uint128 last);

    // ---- errors: signatures

    error TooFewSignatures(uint256 got, uint8 threshold);
    /// The signature is not 65 bytes, `v` not 27 or 28, `s` in the upper half, or no key belongs to it.
    error BadSignature(uint256 index);
    error UnknownSigner(address signer);
    /// Signatures must be in ascending order of their signers, each once. Not the order of `signer`.
    error SignersNotSorted(address signer);

    // ---- errors: parameters

    error ZeroAddress();
    /// The threshold is zero or above the number of signers.
    error BadThreshold(uint8 threshold, uint256 signers);
    error TooManySigners(uint256 signers, uint256 most);
    error DuplicateSigner(address signer);
    /// `index`: the position in `Feed` of the parameter that is outside its hard bounds.
    error ParameterOutOfBounds(uint8 index);

    // ---- oracle

    /// @notice Brings a report, which must be signed by enough signers, in ascending order of their addresses.
    /// @dev Errors: The first rule broken: of the report as such, of its points in their order, of its signatures in theirs.
    /// Events: `PriceUpdated` for every point.
    function submit(PricePoint[] calldata points, uint64 deadline, bytes[] calldata signatures) external;

    /// @notice The last price of each underlying, with what it may be used for now.
    function prices(uint16[] calldata underlyings) external view returns (PriceView[] memory);

    /// @notice The last price of an underlying: status (0 unset, 1 fresh, 2 late, 3 stale), price, time.
    /// @return status 0 unset, 1 fresh, 2 late (for liquidation only), 3 stale (for nothing)
    /// @return value the last price, WAD
    /// @return time of which it is, Unix seconds
    function price(uint16 underlying) external view returns (uint8 status, uint128 value, uint64 time);

    /// @notice The rules of an underlying's price, all zero for one without a feed.
    function feed(uint16 underlying) external view returns (Feed memory);

    /// @notice The digest that signers of a report sign.
    function digest(PricePoint[] calldata points, uint64 deadline) external view returns (bytes32);

    /// @notice All signers.
    function signers() external view returns (address[] memory);

    /// @notice How many signatures a report needs.
    function threshold() external view returns (uint8);

    /// @notice Sets the rules of an underlying's price.
    /// @dev Errors: `NotOwner`, `ParameterOutOfBounds`.
    /// Events: `FeedSet`; `PriceWithdrawn` when the last price is outside the new band.
    function setFeed(uint16 underlying, Feed calldata feed) external;

    /// @notice Replaces the signers and how many of them a report needs.
    /// @dev Errors: `NotOwner`, `TooManySigners`, `BadThreshold`, `ZeroAddress`,
    /// `DuplicateSigner`.
    /// Events: `SignersSet`.
    function setSigners(address[] calldata signers, uint8 threshold) external;

    /// @notice The owner.
    function owner() external view returns (address);

    /// @notice Who may become the owner; zero for nobody.
    function pendingOwner() external view returns (address);

    /// @notice Names the next owner; zero calls the transfer off.
    /// @dev Errors: `NotOwner`.
    /// Events: `OwnershipTransferStarted`.
    function transferOwnership(address pending) external;

    /// @notice Makes the caller the owner, if it was named.
    /// @dev Errors: `NotPendingOwner`.
    /// Events: `OwnershipTransferred`.
    function acceptOwnership() external;
}
