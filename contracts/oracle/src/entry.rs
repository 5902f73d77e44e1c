//! The door: finds the function, decodes its arguments, encodes what it returns.
//!
//! `#[public]` makes a router too, which the ABI export and the tests use. This one is smaller, cheaper to call, and
//! gives a typed error where that one reverts with no data, so that a caller can tell a bad call from a trap.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, Bytes, FixedBytes, U256};
use plimsoll_ledger::{
    Revert,
    codec::{Args, Words, head_and_array, value},
    module::done,
};
use stylus_sdk::{
    ArbResult,
    abi::{CONSTRUCTOR_SELECTOR, internal::CONSTRUCTOR_EXECUTED_SLOT},
    function_selector,
    host::VM,
    prelude::*,
};

use crate::{
    Oracle, decode,
    sol::{
        AlreadyConstructed, Feed, MalformedCall, NotPayable, PricePoint, SlicePoint, Surface, UnknownSelector,
    },
};

const SUBMIT: [u8; 4] = function_selector!("submit", Vec<PricePoint>, u64, Vec<Bytes>);
const PRICES: [u8; 4] = function_selector!("prices", Vec<u16>);
const PRICE: [u8; 4] = function_selector!("price", u16);
const FEED: [u8; 4] = function_selector!("feed", u16);
const DIGEST: [u8; 4] = function_selector!("digest", Vec<PricePoint>, u64);
const SUBMIT_SLICES: [u8; 4] = function_selector!("submitSlices", Vec<SlicePoint>, u64, Vec<Bytes>);
const SURFACE: [u8; 4] = function_selector!("surface", u16, Vec<u32>);
const SLICES: [u8; 4] = function_selector!("slices", u16, Vec<u32>);
const EXPIRIES: [u8; 4] = function_selector!("expiries", u16);
const SURFACE_RULES: [u8; 4] = function_selector!("surfaceRules", u16);
const SLICE_DIGEST: [u8; 4] = function_selector!("sliceDigest", Vec<SlicePoint>, u64);
const SET_SURFACE: [u8; 4] = function_selector!("setSurface", u16, Surface);
const SIGNERS: [u8; 4] = function_selector!("signers");
const THRESHOLD: [u8; 4] = function_selector!("threshold");
const OWNER: [u8; 4] = function_selector!("owner");
const PENDING_OWNER: [u8; 4] = function_selector!("pendingOwner");
const SET_FEED: [u8; 4] = function_selector!("setFeed", u16, Feed);
const SET_SIGNERS: [u8; 4] = function_selector!("setSigners", Vec<Address>, u8);
const TRANSFER_OWNERSHIP: [u8; 4] = function_selector!("transferOwnership", Address);
const ACCEPT_OWNERSHIP: [u8; 4] = function_selector!("acceptOwnership");
const CONSTRUCTOR: [u8; 4] = CONSTRUCTOR_SELECTOR.to_be_bytes();

/// What the SDK stores once the constructor has run: a packed `bool` in the first byte.
const CONSTRUCTED: B256 = {
    let mut word = [0; 32];
    word[0] = 1;
    B256::new(word)
};

// SAFETY: `Oracle` is the root: `enter` makes the only instance of a call, at slot zero.
unsafe impl TopLevelStorage for Oracle {}

/// The program's entry.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
#[entrypoint]
pub(crate) fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    // SAFETY: the only accessor of the storage's root.
    let mut oracle = unsafe { Oracle::new(U256::ZERO, 0, host) };
    oracle.dispatch(&input).map_err(Into::into)
}

impl Oracle {
    /// Answers a call.
    ///
    /// # Errors
    /// [`NotPayable`] with value, which no function takes; [`UnknownSelector`], padded with zeros for a call of less
    /// than four bytes; [`MalformedCall`] for arguments that do not decode; what the function itself says.
    pub(crate) fn dispatch(&mut self, input: &[u8]) -> Result<Vec<u8>, Revert> {
        if !self.vm().msg_value().is_zero() {
            return Err(Revert::new(NotPayable {}));
        }
        let Some((selector, args)) = input.split_first_chunk() else {
            let mut selector = FixedBytes::ZERO;
            selector[..input.len()].copy_from_slice(input);
            return Err(Revert::new(UnknownSelector { selector }));
        };
        let selector = FixedBytes::new(*selector);
        self.route(selector, Args(args)).unwrap_or_else(|| Err(Revert::new(MalformedCall { selector })))
    }

    /// Runs the function; none when its arguments do not decode.
    fn route(&mut self, selector: FixedBytes<4>, args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        Some(match selector.0 {
            SUBMIT => {
                let (points, deadline, signatures) =
                    (decode::points(args, 0)?, args.uint(1)?, decode::signatures(args, 2)?);
                done(self.admit(&points, deadline, &signatures))
            }
            PRICES => {
                let underlyings = decode::numbers(args, 0)?;
                let now = self.vm().block_timestamp();
                let views: Vec<_> = underlyings.into_iter().map(|one| self.view(one, now)).collect();
                Ok(head_and_array(&[], &views))
            }
            PRICE => Ok(one(&self.view(args.uint(0)?, self.vm().block_timestamp()))),
            FEED => Ok(one(&self.feed_of(args.uint(0)?))),
            DIGEST => Ok(self.digest_of(&decode::points(args, 0)?, args.uint(1)?).to_vec()),
            SUBMIT_SLICES => {
                let (slices, deadline, signatures) =
                    (decode::slices(args, 0)?, args.uint(1)?, decode::signatures(args, 2)?);
                done(self.admit_slices(&slices, deadline, &signatures))
            }
            SURFACE => {
                let (underlying, expiries) = (args.uint(0)?, decode::numbers(args, 1)?);
                let all: Result<Vec<_>, _> =
                    expiries.into_iter().map(|expiry| self.usable_slice(underlying, expiry)).collect();
                all.map(|all| head_and_array(&[], &all))
            }
            SLICES => {
                let (underlying, expiries) = (args.uint(0)?, decode::numbers(args, 1)?);
                let views: Vec<_> =
                    expiries.into_iter().map(|expiry| self.slice_view(underlying, expiry)).collect();
                Ok(head_and_array(&[], &views))
            }
            EXPIRIES => Ok(head_and_array(&[], &self.expiries_of(args.uint(0)?))),
            SURFACE_RULES => Ok(one(&self.surface_of(args.uint(0)?))),
            SLICE_DIGEST => Ok(self.slice_digest_of(&decode::slices(args, 0)?, args.uint(1)?).to_vec()),
            SET_SURFACE => {
                let (underlying, surface) = (args.uint(0)?, decode::surface(args, 1)?);
                done(self.ownership.only_owner().and_then(|()| self.replace_surface(underlying, surface)))
            }
            SIGNERS => Ok(head_and_array(&[], &self.all_signers())),
            THRESHOLD => Ok(one(&self.quorum().0)),
            OWNER => Ok(one(&self.ownership.owner.address())),
            PENDING_OWNER => Ok(one(&self.ownership.pending.address())),
            SET_FEED => {
                let (underlying, feed) = (args.uint(0)?, decode::feed(args, 1)?);
                done(self.ownership.only_owner().and_then(|()| self.replace_feed(underlying, feed)))
            }
            SET_SIGNERS => {
                let (signers, threshold) = (decode::addresses(args, 0)?, args.uint(1)?);
                done(self.ownership.only_owner().and_then(|()| self.replace_signers(&signers, threshold)))
            }
            TRANSFER_OWNERSHIP => done(self.ownership.transfer(args.address(0)?)),
            ACCEPT_OWNERSHIP => done(self.ownership.accept()),
            CONSTRUCTOR => {
                if !self.vm().storage_load_bytes32(CONSTRUCTOR_EXECUTED_SLOT).is_zero() {
                    return Some(Err(Revert::new(AlreadyConstructed {})));
                }
                let (owner, signers, threshold) =
                    (args.address(0)?, decode::addresses(args, 1)?, args.uint(2)?);
                // SAFETY: the slot is a hash that no field of the storage can reach.
                unsafe { self.vm().storage_cache_bytes32(CONSTRUCTOR_EXECUTED_SLOT, CONSTRUCTED) };
                done(self.construct(owner, &signers, threshold))
            }
            _ => Err(Revert::new(UnknownSelector { selector })),
        })
    }
}

/// What a function with one result of fixed size returns. Out of line, and the same for every type.
#[inline(never)]
fn one(result: &dyn Words) -> Vec<u8> {
    value(result)
}
