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
        /// Number of the underlying.
        uint16 underlying;
        /// Quote per unit of the underlying, WAD.
        uint128 price;
        /// When the signers saw it, Unix seconds.
        uint64 time;
    }

    /// The rules of an underlying's price.
    #[derive(AbiType)]
    struct Feed {
        /// Up to this age, seconds, a price is fresh: for every use.
        uint32 maxAge;
        /// Up to this age, seconds, a price is late: for liquidation only. Beyond, it is stale: for none.
        uint32 maxAgeLate;
        /// Smallest price accepted, WAD.
        uint128 minPrice;
        /// Largest price accepted, WAD.
        uint128 maxPrice;
        /// Largest difference from a previous price that is still fresh, ppm of it: a report beyond it makes the feed late until a
        /// second one agrees. Zero: no such rule.
        uint32 maxMove;
    }

    /// The last price of an underlying, and whether it may be used.
    #[derive(AbiType)]
    struct PriceView {
        /// 0 unset, 1 fresh, 2 late (for liquidation only), 3 stale (for nothing).
        uint8 status;
        /// Quote per unit of the underlying, WAD; zero when there is none.
        uint128 price;
        /// When the signers saw it, Unix seconds.
        uint64 time;
        /// Usable seconds of the feed so far: those in which its price was fresh.
        uint32 usable;
    }

    /// The volatility of an expiry as its signers saw it at `time`: total variance by `k = ln(strike / forward)` is
    /// `a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2))`.
    #[derive(AbiType)]
    struct SlicePoint {
        /// Number of the underlying.
        uint16 underlying;
        /// Expiry, Unix seconds.
        uint32 expiry;
        /// When the signers saw it, Unix seconds.
        uint64 time;
        /// Forward price of the expiry, quote per unit of the underlying, WAD.
        uint128 forward;
        /// Interest rate, continuous, a year, 1e-9.
        int32 rate;
        /// Level of total variance, 1e-12.
        int64 a;
        /// Half the sum of the wings' slopes, 1e-12.
        int64 b;
        /// Asymmetry of the wings, 1e-12.
        int64 rho;
        /// Where along `k` the slice is centred, 1e-12.
        int64 m;
        /// Width of the bend between the wings, 1e-12.
        int64 sigma;
        /// How sure the signers are of the forward, ppm.
        uint32 forwardConfidence;
        /// How sure the signers are of the rate, ppm.
        uint32 rateConfidence;
        /// How sure the signers are of the volatility, ppm.
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
        /// Expiry, Unix seconds.
        uint32 expiry;
        /// Forward price, quote per unit of the underlying.
        uint128 forward;
        /// Interest rate, continuous, a year.
        int128 rate;
        /// Level of total variance.
        int128 a;
        /// Half the sum of the wings' slopes.
        int128 b;
        /// Asymmetry of the wings.
        int128 rho;
        /// Where along `k` the slice is centred.
        int128 m;
        /// Width of the bend between the wings.
        int128 sigma;
        /// The forward that `k` is measured from.
        uint128 sviForward;
        /// Years of 365 days from the time of the slice to the expiry.
        uint128 sviYears;
        /// How sure the signers are of the forward, at most one.
        uint64 forwardConfidence;
        /// How sure the signers are of the rate, at most one.
        uint64 rateConfidence;
        /// How sure the signers are of the volatility, at most one.
        uint64 volConfidence;
    }

    /// The last slice of an expiry, and whether it may be used.
    #[derive(AbiType)]
    struct SliceView {
        /// 0 unset, 1 fresh, 2 late (for liquidation only), 3 stale (for nothing) or expired.
        uint8 status;
        /// When the signers saw it, Unix seconds.
        uint64 time;
        /// Seconds since `time`.
        uint64 age;
        /// The slice as a risk model takes it; meaningless unless fresh or late.
        Expiry slice;
    }

    // ---- events

    /// A report brought a price.
    /// @param underlying Number of the underlying.
    /// @param price Quote per unit of the underlying, WAD.
    /// @param time When the signers saw it, Unix seconds.
    event PriceUpdated(uint16 indexed underlying, uint128 price, uint64 time);

    /// A report's price moves too far from the last one, which is still fresh. The feed is late from now on, until a second report
    /// agrees with one of the two.
    /// @param underlying Number of the underlying.
    /// @param price The reported price, quote per unit, WAD.
    /// @param time When its signers saw it, Unix seconds.
    /// @param last The last price, quote per unit, WAD.
    event PriceDoubted(uint16 indexed underlying, uint128 price, uint64 time, uint128 last);

    /// The feed's new band does not hold the last price: there is none until the next report.
    /// @param underlying Number of the underlying.
    /// @param price The price withdrawn, quote per unit, WAD.
    /// @param time When its signers saw it, Unix seconds.
    event PriceWithdrawn(uint16 indexed underlying, uint128 price, uint64 time);

    /// The owner set the rules of an underlying's price.
    /// @param underlying Number of the underlying.
    /// @param feed The rules.
    event FeedSet(uint16 indexed underlying, Feed feed);

    /// A report brought a slice.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    /// @param slice The slice as it was signed.
    event SliceUpdated(uint16 indexed underlying, uint32 indexed expiry, SlicePoint slice);

    /// The slice was stale when the surface's rules were set, and stays of no use: there is none until the next report.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    /// @param time When its signers saw it, Unix seconds.
    event SliceWithdrawn(uint16 indexed underlying, uint32 indexed expiry, uint64 time);

    /// The owner set the rules of an underlying's volatility.
    /// @param underlying Number of the underlying.
    /// @param rules The rules.
    event SurfaceSet(uint16 indexed underlying, Surface rules);

    /// The signers were replaced.
    /// @param signers All of them, in the order in which they were set.
    /// @param threshold How many signatures a report needs.
    event SignersSet(address[] signers, uint8 threshold);

    // ---- errors: a submission

    /// The report is empty.
    error NoPoints();

    /// The block is later than `deadline`.
    /// @param deadline Up to when the report may be brought, Unix seconds.
    error Expired(uint64 deadline);

    /// The underlying has no feed.
    /// @param underlying Number of the underlying.
    error UnknownFeed(uint16 underlying);

    /// The report names an underlying twice.
    /// @param underlying Number of the underlying.
    error DuplicateUnderlying(uint16 underlying);

    /// The price is of the future.
    /// @param underlying Number of the underlying.
    /// @param time Of which the price is, Unix seconds.
    error FromFuture(uint16 underlying, uint64 time);

    /// The stored price is of `last`, which is not before `time`.
    /// @param underlying Number of the underlying.
    /// @param time Of which the reported price is, Unix seconds.
    /// @param last Of which the stored price is, Unix seconds.
    error NotNewer(uint16 underlying, uint64 time, uint64 last);

    /// The price would not be fresh: it is from before `oldest`.
    /// @param underlying Number of the underlying.
    /// @param time Of which the price is, Unix seconds.
    /// @param oldest Of which the oldest price is that would be fresh, Unix seconds.
    error TooOld(uint16 underlying, uint64 time, uint64 oldest);

    /// The price is outside the feed's band.
    /// @param underlying Number of the underlying.
    /// @param price Quote per unit of the underlying, WAD.
    error PriceOutOfBounds(uint16 underlying, uint128 price);

    // ---- errors: a submission of slices

    /// The underlying has no surface.
    /// @param underlying Number of the underlying.
    error UnknownSurface(uint16 underlying);

    /// Slices must be in ascending order of underlying and expiry, each once.
    /// @param underlying Underlying of the first slice in a wrong place.
    /// @param expiry Its expiry, Unix seconds.
    error SlicesNotSorted(uint16 underlying, uint32 expiry);

    /// The underlying would have more than `most` expiries that are not over.
    /// @param underlying Number of the underlying.
    /// @param most How many it may have.
    error TooManyExpiries(uint16 underlying, uint256 most);

    /// The expiry is not in the future: no time is left.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    error SliceExpired(uint16 underlying, uint32 expiry);

    /// The expiry is more than ten years away.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    error ExpiryTooFar(uint16 underlying, uint32 expiry);

    /// The slice is of the future.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    /// @param time Of which the slice is, Unix seconds.
    error SliceFromFuture(uint16 underlying, uint32 expiry, uint64 time);

    /// The stored slice is of `last`, which is not before `time`.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    /// @param time Of which the reported slice is, Unix seconds.
    /// @param last Of which the stored slice is, Unix seconds.
    error SliceNotNewer(uint16 underlying, uint32 expiry, uint64 time, uint64 last);

    /// The slice would not be fresh: it is from before `oldest`.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    /// @param time Of which the slice is, Unix seconds.
    /// @param oldest Of which the oldest slice is that would be fresh, Unix seconds.
    error SliceTooOld(uint16 underlying, uint32 expiry, uint64 time, uint64 oldest);

    /// The forward is zero or above 1e8.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    /// @param forward The forward, quote per unit, WAD.
    error ForwardOutOfBounds(uint16 underlying, uint32 expiry, uint128 forward);

    /// The rate is beyond 200 % a year.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    /// @param rate The rate, continuous, a year, 1e-9.
    error RateOutOfBounds(uint16 underlying, uint32 expiry, int32 rate);

    /// A confidence is above one.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    error ConfidenceOutOfBounds(uint16 underlying, uint32 expiry);

    /// A parameter of the slice is outside its domain.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    /// @param index Place of the parameter among `a`, `b`, `rho`, `m`, `sigma`, from zero.
    error SviOutOfDomain(uint16 underlying, uint32 expiry, uint8 index);

    /// The least total variance is below 1e-8, or that at the forward above 144.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    error VarianceOutOfBounds(uint16 underlying, uint32 expiry);

    /// A wing is steeper than two.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    error WingsTooSteep(uint16 underlying, uint32 expiry);

    /// The slice is not shown free of butterfly arbitrage: some strike's density may be negative.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    error ButterflyArbitrage(uint16 underlying, uint32 expiry);

    /// The slice is not shown free of calendar arbitrage with the one of the expiry `other`.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry of the reported slice, Unix seconds.
    /// @param other Expiry of its neighbour, before or after it, Unix seconds.
    error CalendarArbitrage(uint16 underlying, uint32 expiry, uint32 other);

    /// The forward is too far from that of the previous slice, which is still fresh.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    /// @param forward The reported forward, quote per unit, WAD.
    error ForwardJumpTooLarge(uint16 underlying, uint32 expiry, uint128 forward);

    /// The volatility at the forward is too far from that of the previous slice, which is still fresh.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    error VolJumpTooLarge(uint16 underlying, uint32 expiry);

    // ---- errors: reading a surface

    /// The slice is not fresh.
    /// @param underlying Number of the underlying.
    /// @param expiry Expiry, Unix seconds.
    /// @param status As in `SliceView`: 0 unset, 2 late, 3 stale or expired.
    error SliceUnusable(uint16 underlying, uint32 expiry, uint8 status);

    // ---- errors: signatures

    /// The report has fewer signatures than it needs.
    /// @param got How many it has.
    /// @param threshold How many it needs.
    error TooFewSignatures(uint256 got, uint8 threshold);

    /// The signature is not 65 bytes, `v` not 27 or 28, `s` in the upper half, or no key belongs to it.
    /// @param index Place of the signature in the report, from zero.
    error BadSignature(uint256 index);

    /// The signature is of nobody who may sign.
    /// @param signer Whose it is.
    error UnknownSigner(address signer);

    /// Signatures must be in ascending order of their signers, each once.
    /// @param signer The first signer in a wrong place.
    error SignersNotSorted(address signer);

    // ---- errors: parameters

    /// The threshold is zero or above the number of signers. A report finds it zero while no signers are set.
    /// @param threshold How many signatures a report would need.
    /// @param signers How many signers there would be.
    error BadThreshold(uint8 threshold, uint256 signers);

    /// There would be too many signers.
    /// @param signers How many there would be.
    /// @param most How many there may be.
    error TooManySigners(uint256 signers, uint256 most);

    /// A signer is named twice.
    /// @param signer The signer.
    error DuplicateSigner(address signer);

    /// A parameter is outside its hard bounds.
    /// @param index Place of the field in `Feed` or `Surface`, from zero.
    error ParameterOutOfBounds(uint8 index);
}
