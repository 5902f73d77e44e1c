//! The oracle: prices and volatilities from signed reports, and whether they may be used.
//!
//! Anyone may bring a report that N of M signers signed (EIP-712). A report is admitted whole or refused whole; no
//! value is ever clamped. Every price is read together with its status. A price that may not be used has a status that
//! says so: it is not shown as zero, nor as a new price. The rules are in [`plimsoll_risk::oracle`] and
//! [`plimsoll_risk::svi`]; this crate holds storage, signatures and the ABI.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]
// The SDK writes functions of its own for these features, without documentation.
#![cfg_attr(any(feature = "export-abi", feature = "contract-client-gen"), allow(missing_docs))]

extern crate alloc;

pub mod sol;

// With the feature `contract-client-gen` the SDK keeps the ABI alone and strips fields and bodies, so everything that
// the bodies call is left out too.
#[cfg(not(feature = "contract-client-gen"))]
pub mod eip712;
#[cfg(not(feature = "contract-client-gen"))]
mod encode;
#[cfg(not(feature = "contract-client-gen"))]
mod governance;
#[cfg(not(feature = "contract-client-gen"))]
mod layout;
#[cfg(not(feature = "contract-client-gen"))]
mod lens;
#[cfg(not(feature = "contract-client-gen"))]
mod reports;
#[cfg(not(feature = "contract-client-gen"))]
mod signatures;
#[cfg(not(feature = "contract-client-gen"))]
mod slices;
#[cfg(not(feature = "contract-client-gen"))]
mod storage;
#[cfg(not(feature = "contract-client-gen"))]
mod surfaces;
#[cfg(all(test, not(feature = "contract-client-gen")))]
mod tests;

use alloc::{vec, vec::Vec};

use alloy_primitives::{Address, B256};
use plimsoll_kit::data::Data;
#[cfg(not(any(test, feature = "export-abi", feature = "contract-client-gen")))]
use plimsoll_kit::inert::{constructor, public};
#[cfg(not(feature = "contract-client-gen"))]
use plimsoll_kit::{Revert, door::Root, ownership::Ownership, row::Row, slot::Slot};
pub use plimsoll_risk::svi::MAX_EXPIRIES;
use stylus_sdk::prelude::*;

use crate::sol::{Expiry, Feed, PricePoint, PriceView, SlicePoint, SliceView, Surface};

/// Largest number of signers.
pub const MAX_SIGNERS: usize = 16;

/// The root of the oracle's storage; [`layout`] says what stands where.
#[storage]
pub struct Oracle {
    /// Who sets feeds and signers, and who may follow.
    ownership: Ownership,
    quorum: Slot,
    signers: Row<MAX_SIGNERS>,
}

#[cfg(not(feature = "contract-client-gen"))]
plimsoll_kit::root!(Oracle);
#[cfg(not(feature = "contract-client-gen"))]
plimsoll_kit::functions!(Oracle, constructor(Address, Vec<Address>, u8):
    "submit" submit(Vec<PricePoint>, u64, Vec<Data>);
    "prices" prices(Vec<u16>);
    "price" price(u16);
    "feed" feed(u16);
    "digest" digest(Vec<PricePoint>, u64);
    "submitSlices" submit_slices(Vec<SlicePoint>, u64, Vec<Data>);
    "surface" surface(u16, Vec<u32>);
    "slices" slices(u16, Vec<u32>);
    "expiries" expiries(u16);
    "surfaceRules" surface_rules(u16);
    "sliceDigest" slice_digest(Vec<SlicePoint>, u64);
    "setSurface" set_surface(u16, Surface);
    "signers" signers();
    "threshold" threshold();
    "owner" owner();
    "pendingOwner" pending_owner();
    "setFeed" set_feed(u16, Feed);
    "setSigners" set_signers(Vec<Address>, u8);
    "transferOwnership" transfer_ownership(Address);
    "acceptOwnership" accept_ownership();
);

#[cfg(not(feature = "contract-client-gen"))]
impl Root for Oracle {}

/// The contract's functions, each checked for who may call it and handed on.
#[public]
impl Oracle {
    /// # Errors
    /// As [`Oracle::set_signers`]; [`sol::ZeroAddress`] for the owner.
    #[constructor]
    pub fn constructor(
        &mut self,
        owner: Address,
        signers: Vec<Address>,
        threshold: u8,
    ) -> Result<(), Revert> {
        self.construct(owner, &signers, threshold)
    }

    /// Brings a report, which must be signed by enough signers, in ascending order of their addresses.
    ///
    /// @param points prices, each underlying once
    /// @param deadline up to when the report may be brought, Unix seconds
    /// @param signatures 65 bytes each: `r`, `s`, `v`
    ///
    /// # Errors
    /// The first rule broken: of the report as such, of its points in their order, of its signatures in theirs.
    ///
    /// # Events
    /// [`sol::PriceUpdated`] for every point, or [`sol::PriceDoubted`] for one that moves too far.
    pub fn submit(
        &mut self,
        points: Vec<PricePoint>,
        deadline: u64,
        signatures: Vec<Data>,
    ) -> Result<(), Revert> {
        self.admit(&points, deadline, &signatures)
    }

    /// The last price of each underlying, with what it may be used for now.
    ///
    /// @param underlyings numbers of underlyings
    pub fn prices(&self, underlyings: Vec<u16>) -> Vec<PriceView> {
        let now = self.vm().block_timestamp();
        underlyings.into_iter().map(|underlying| self.view(underlying, now)).collect()
    }

    /// The last price of an underlying: status (0 unset, 1 fresh, 2 late, 3 stale), price, time.
    ///
    /// @param underlying number of the underlying
    /// @return `status` 0 unset, 1 fresh, 2 late (for liquidation only), 3 stale (for nothing)
    /// @return `value` the last price, WAD
    /// @return `time` of which it is, Unix seconds
    pub fn price(&self, underlying: u16) -> (u8, u128, u64) {
        let view = self.view(underlying, self.vm().block_timestamp());
        (view.status, view.price, view.time)
    }

    /// The rules of an underlying's price, all zero for one without a feed.
    ///
    /// @param underlying number of the underlying
    pub fn feed(&self, underlying: u16) -> Feed {
        self.feed_of(underlying)
    }

    /// The digest that signers of a report sign.
    ///
    /// @param points prices of the report
    /// @param deadline up to when it may be brought, Unix seconds
    pub fn digest(&self, points: Vec<PricePoint>, deadline: u64) -> B256 {
        self.digest_of(&points, deadline)
    }

    /// Brings a report of slices, in ascending order of underlying and expiry, signed as one of prices is.
    ///
    /// Admitted whole or not at all. A slice must be free of butterfly arbitrage by itself and of calendar arbitrage
    /// with the nearest usable expiries before and after it, those of the same report included.
    ///
    /// @param slices in ascending order of underlying and expiry, each once
    /// @param deadline up to when the report may be brought, Unix seconds
    /// @param signatures 65 bytes each: `r`, `s`, `v`
    ///
    /// # Errors
    /// The first rule broken: of the report as such, of each underlying's slices in their order, of its calendar, of
    /// the signatures.
    ///
    /// # Events
    /// [`sol::SliceUpdated`] for every slice.
    pub fn submit_slices(
        &mut self,
        slices: Vec<SlicePoint>,
        deadline: u64,
        signatures: Vec<Data>,
    ) -> Result<(), Revert> {
        self.admit_slices(&slices, deadline, &signatures)
    }

    /// The slices of these expiries, all of them fresh, as a risk model takes them.
    ///
    /// @param underlying number of the underlying
    /// @param expiries Unix seconds
    ///
    /// # Errors
    /// [`sol::SliceUnusable`] for the first that is not fresh.
    pub fn surface(&self, underlying: u16, expiries: Vec<u32>) -> Result<Vec<Expiry>, Revert> {
        expiries.into_iter().map(|expiry| self.usable_slice(underlying, expiry)).collect()
    }

    /// The last slice of each expiry, with what it may be used for now.
    ///
    /// @param underlying number of the underlying
    /// @param expiries Unix seconds
    pub fn slices(&self, underlying: u16, expiries: Vec<u32>) -> Vec<SliceView> {
        expiries.into_iter().map(|expiry| self.slice_view(underlying, expiry)).collect()
    }

    /// The expiries of an underlying that have slices and are not over, ascending.
    ///
    /// @param underlying number of the underlying
    pub fn expiries(&self, underlying: u16) -> Vec<u32> {
        self.expiries_of(underlying)
    }

    /// The rules of an underlying's volatility, all zero for one without a surface.
    ///
    /// @param underlying number of the underlying
    pub fn surface_rules(&self, underlying: u16) -> Surface {
        self.surface_of(underlying)
    }

    /// The digest that signers of a report of slices sign.
    ///
    /// @param slices those of the report
    /// @param deadline up to when it may be brought, Unix seconds
    pub fn slice_digest(&self, slices: Vec<SlicePoint>, deadline: u64) -> B256 {
        self.slice_digest_of(&slices, deadline)
    }

    /// Sets the rules of an underlying's volatility. Slices that are stale by the rules so far are withdrawn.
    ///
    /// @param underlying number of the underlying
    /// @param surface the rules, within their hard bounds
    ///
    /// # Errors
    /// `NotOwner`, [`sol::ParameterOutOfBounds`].
    ///
    /// # Events
    /// [`sol::SurfaceSet`]; [`sol::SliceWithdrawn`] for every slice withdrawn.
    pub fn set_surface(&mut self, underlying: u16, surface: Surface) -> Result<(), Revert> {
        self.ownership.only_owner()?;
        self.replace_surface(underlying, surface)
    }

    /// All signers.
    pub fn signers(&self) -> Vec<Address> {
        self.all_signers()
    }

    /// How many signatures a report needs.
    pub fn threshold(&self) -> u8 {
        self.quorum().0
    }

    /// Sets the rules of an underlying's price.
    ///
    /// @param underlying number of the underlying
    /// @param feed the rules, within their hard bounds
    ///
    /// # Errors
    /// `NotOwner`, [`sol::ParameterOutOfBounds`].
    ///
    /// # Events
    /// [`sol::FeedSet`]; [`sol::PriceWithdrawn`] when the last price is outside the new band.
    pub fn set_feed(&mut self, underlying: u16, feed: Feed) -> Result<(), Revert> {
        self.ownership.only_owner()?;
        self.replace_feed(underlying, feed)
    }

    /// Replaces the signers and how many of them a report needs.
    ///
    /// @param signers all of them, in any order, 16 at most
    /// @param threshold how many signatures a report needs
    ///
    /// # Errors
    /// `NotOwner`, [`sol::TooManySigners`], [`sol::BadThreshold`], [`sol::ZeroAddress`],
    /// [`sol::DuplicateSigner`].
    ///
    /// # Events
    /// [`sol::SignersSet`].
    pub fn set_signers(&mut self, signers: Vec<Address>, threshold: u8) -> Result<(), Revert> {
        self.ownership.only_owner()?;
        self.replace_signers(&signers, threshold)
    }

    /// The owner.
    pub fn owner(&self) -> Address {
        self.ownership.owner.address()
    }

    /// Who may become the owner; zero for nobody.
    pub fn pending_owner(&self) -> Address {
        self.ownership.pending.address()
    }

    /// Names the next owner; zero calls the transfer off.
    ///
    /// @param pending who may accept
    ///
    /// # Errors
    /// `NotOwner`.
    ///
    /// # Events
    /// `OwnershipTransferStarted`.
    pub fn transfer_ownership(&mut self, pending: Address) -> Result<(), Revert> {
        self.ownership.transfer(pending)
    }

    /// Makes the caller the owner, if it was named.
    ///
    /// # Errors
    /// `NotPendingOwner`.
    ///
    /// # Events
    /// `OwnershipTransferred`.
    pub fn accept_ownership(&mut self) -> Result<(), Revert> {
        self.ownership.accept()
    }
}
