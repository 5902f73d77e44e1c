//! The oracle's structs, events and errors, as Solidity sees them.
//!
//! Prices are WAD (1e18) of the quote currency per unit of the underlying, times Unix seconds, expiries too.

#![allow(missing_docs)]

use alloy_sol_types::sol;
pub use plimsoll_kit::sol::ZeroAddress;
use stylus_sdk::prelude::*;

sol! {
    #![sol(extra_derives(Debug, PartialEq, Eq))]

    /// A price of an underlying as its signers saw it at `time`.
    #[derive(AbiType)]
    struct PricePoint {
        uint16 underlying;
        uint128 price;
        uint64 time;
    }

    /// The rules of an underlying's price.
    #[derive(AbiType)]
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
    #[derive(AbiType)]
    struct PriceView {
        /// 0 unset, 1 fresh, 2 late (for liquidation only), 3 stale (for nothing).
        uint8 status;
        uint128 price;
        uint64 time;
    }

    /// The volatility of an expiry as its signers saw it at `time`: total variance by `k = ln(strike / forward)` is
    /// `a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2))`.
    #[derive(AbiType)]
    struct SlicePoint {
        uint16 underlying;
        uint32 expiry;
        uint64 time;
        /// WAD.
        uint128 forward;
        /// Continuous, a year, 1e-9.
        int32 rate;
        /// SVI parameters, 1e-12.
        int64 a;
        int64 b;
        int64 rho;
        int64 m;
        int64 sigma;
        /// How sure the signers are, ppm.
        uint32 forwardConfidence;
        uint32 rateConfidence;
        uint32 volConfidence;
    }

    /// The rules of an underlying's volatility.
    #[derive(AbiType)]
    struct Surface {
        /// Up to this age, seconds, a slice is fresh: for every use.
        uint32 maxAge;
        /// Up to this age, seconds, a slice is late: for liquidation only. Beyond, it is stale: for none.
        uint32 maxAgeLate;
        /// Largest difference of the volatility at the forward from a previous slice that is still fresh, ppm of it.
        /// Zero: no such rule.
        uint32 maxVolJump;
        /// The same of the forward.
        uint32 maxForwardJump;
    }

    /// An expiry as a risk model takes it: all WAD but `expiry`.
    #[derive(AbiType)]
    struct Expiry {
        uint32 expiry;
        uint128 forward;
        /// Continuous, a year.
        int128 rate;
        int128 a;
        int128 b;
        int128 rho;
        int128 m;
        int128 sigma;
        /// The forward that `k` is measured from.
        uint128 sviForward;
        /// Years of 365 days from the time of the slice to the expiry.
        uint128 sviYears;
        uint64 forwardConfidence;
        uint64 rateConfidence;
        uint64 volConfidence;
    }

    /// The last slice of an expiry, and whether it may be used.
    #[derive(AbiType)]
    struct SliceView {
        /// 0 unset, 1 fresh, 2 late (for liquidation only), 3 stale (for nothing) or expired.
        uint8 status;
        uint64 time;
        /// Seconds since `time`.
        uint64 age;
        Expiry slice;
    }

    // ---- events

    event PriceUpdated(uint16 indexed underlying, uint128 price, uint64 time);
    /// The feed's new band does not hold the last price: there is none until the next report.
    event PriceWithdrawn(uint16 indexed underlying, uint128 price, uint64 time);
    event FeedSet(uint16 indexed underlying, Feed feed);
    event SliceUpdated(uint16 indexed underlying, uint32 indexed expiry, SlicePoint slice);
    /// The slice was stale when the surface's rules were set, and stays of no use: there is none until the next report.
    event SliceWithdrawn(uint16 indexed underlying, uint32 indexed expiry, uint64 time);
    event SurfaceSet(uint16 indexed underlying, Surface rules);
    event SignersSet(address[] signers, uint8 threshold);

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

    // ---- errors: a submission of slices

    error UnknownSurface(uint16 underlying);
    /// Slices must be in ascending order of underlying and expiry, each once.
    error SlicesNotSorted(uint16 underlying, uint32 expiry);
    /// The underlying would have more than `most` expiries that are not over.
    error TooManyExpiries(uint16 underlying, uint256 most);
    /// The expiry is not in the future: no time is left.
    error SliceExpired(uint16 underlying, uint32 expiry);
    /// The expiry is more than ten years away.
    error ExpiryTooFar(uint16 underlying, uint32 expiry);
    error SliceFromFuture(uint16 underlying, uint32 expiry, uint64 time);
    /// The stored slice is of `last`, which is not before `time`.
    error SliceNotNewer(uint16 underlying, uint32 expiry, uint64 time, uint64 last);
    /// The slice would not be fresh: it is from before `oldest`.
    error SliceTooOld(uint16 underlying, uint32 expiry, uint64 time, uint64 oldest);
    /// The forward is zero or above 1e8.
    error ForwardOutOfBounds(uint16 underlying, uint32 expiry, uint128 forward);
    /// The rate is beyond 200 % a year.
    error RateOutOfBounds(uint16 underlying, uint32 expiry, int32 rate);
    /// A confidence is above one.
    error ConfidenceOutOfBounds(uint16 underlying, uint32 expiry);
    /// `index`: the position among `a`, `b`, `rho`, `m`, `sigma` of the parameter outside its domain.
    error SviOutOfDomain(uint16 underlying, uint32 expiry, uint8 index);
    /// The least total variance is below 1e-8, or that at the forward above 144.
    error VarianceOutOfBounds(uint16 underlying, uint32 expiry);
    /// A wing is steeper than two.
    error WingsTooSteep(uint16 underlying, uint32 expiry);
    /// The slice is not shown free of butterfly arbitrage: some strike's density may be negative.
    error ButterflyArbitrage(uint16 underlying, uint32 expiry);
    /// The slice is not shown free of calendar arbitrage with the one of the expiry `other`.
    error CalendarArbitrage(uint16 underlying, uint32 expiry, uint32 other);
    /// The forward is too far from that of the previous slice, which is still fresh.
    error ForwardJumpTooLarge(uint16 underlying, uint32 expiry, uint128 forward);
    /// The volatility at the forward is too far from that of the previous slice, which is still fresh.
    error VolJumpTooLarge(uint16 underlying, uint32 expiry);

    // ---- errors: reading a surface

    /// The slice is not fresh: `status` as in `SliceView`.
    error SliceUnusable(uint16 underlying, uint32 expiry, uint8 status);

    // ---- errors: signatures

    error TooFewSignatures(uint256 got, uint8 threshold);
    /// The signature is not 65 bytes, `v` not 27 or 28, `s` in the upper half, or no key belongs to it.
    error BadSignature(uint256 index);
    error UnknownSigner(address signer);
    /// Signatures must be in ascending order of their signers, each once. Not the order of `signer`.
    error SignersNotSorted(address signer);

    // ---- errors: parameters

    /// The threshold is zero or above the number of signers.
    error BadThreshold(uint8 threshold, uint256 signers);
    error TooManySigners(uint256 signers, uint256 most);
    error DuplicateSigner(address signer);
    /// `index`: the position in `Feed` or `Surface` of the parameter that is outside its hard bounds.
    error ParameterOutOfBounds(uint8 index);
}
