//! Events, encoded and logged.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use stylus_sdk::prelude::*;

use crate::{
    Oracle,
    codec::{self, concat, count, uint},
    sol::{
        Feed, FeedSet, OwnershipTransferStarted, OwnershipTransferred, PriceUpdated, PriceWithdrawn,
        SignersSet, SlicePoint, SliceUpdated, SliceWithdrawn, Surface, SurfaceSet,
    },
};

impl Oracle {
    /// Logs [`PriceUpdated`].
    pub(crate) fn log_update(&self, underlying: u16, price: u128, time: u64) {
        self.emit::<PriceUpdated>(&[uint(underlying)], &[uint(price), uint(time)]);
    }

    /// Logs [`PriceWithdrawn`].
    pub(crate) fn log_withdrawal(&self, underlying: u16, price: u128, time: u64) {
        self.emit::<PriceWithdrawn>(&[uint(underlying)], &[uint(price), uint(time)]);
    }

    /// Logs [`FeedSet`].
    pub(crate) fn log_feed(&self, underlying: u16, feed: &Feed) {
        self.emit::<FeedSet>(&[uint(underlying)], &codec::feed(feed));
    }

    /// Logs [`SliceUpdated`].
    pub(crate) fn log_slice(&self, slice: &SlicePoint) {
        let indexed = [uint(slice.underlying), uint(slice.expiry)];
        self.emit::<SliceUpdated>(&indexed, &codec::slice(slice));
    }

    /// Logs [`SliceWithdrawn`].
    pub(crate) fn log_slice_withdrawal(&self, underlying: u16, expiry: u32, time: u64) {
        self.emit::<SliceWithdrawn>(&[uint(underlying), uint(expiry)], &[uint(time)]);
    }

    /// Logs [`SurfaceSet`].
    pub(crate) fn log_surface(&self, underlying: u16, surface: &Surface) {
        self.emit::<SurfaceSet>(&[uint(underlying)], &codec::surface(surface));
    }

    /// Logs [`SignersSet`].
    pub(crate) fn log_signers(&self, signers: &[Address], threshold: u8) {
        let mut words = Vec::with_capacity(3 + signers.len());
        words.extend([uint(64_u8), uint(threshold), count(signers.len())]);
        words.extend(signers.iter().map(|signer| signer.into_word()));
        self.emit::<SignersSet>(&[], &words);
    }

    /// Logs [`OwnershipTransferStarted`].
    pub(crate) fn log_transfer_start(&self, owner: Address, pending: Address) {
        self.emit::<OwnershipTransferStarted>(&[owner.into_word(), pending.into_word()], &[]);
    }

    /// Logs [`OwnershipTransferred`].
    pub(crate) fn log_transfer(&self, previous: Address, owner: Address) {
        self.emit::<OwnershipTransferred>(&[previous.into_word(), owner.into_word()], &[]);
    }

    fn emit<E: SolEvent>(&self, indexed: &[B256], words: &[B256]) {
        self.log(E::SIGNATURE_HASH, indexed, words);
    }

    #[inline(never)]
    fn log(&self, event: B256, indexed: &[B256], words: &[B256]) {
        let mut log = concat(event.as_slice(), indexed);
        log.extend_from_slice(&concat(&[], words));
        self.vm().emit_log(&log, 1 + indexed.len());
    }
}
