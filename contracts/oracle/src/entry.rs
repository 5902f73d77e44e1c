//! The door: finds the function, decodes its arguments, encodes what it returns.
//!
//! `#[public]` makes a router too, which the ABI export and the tests use. This one is smaller, cheaper to call, and
//! gives a typed error where that one reverts with no data, so that a caller can tell a bad call from a trap.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, Bytes, FixedBytes, U256};
use stylus_sdk::{
    ArbResult,
    abi::{CONSTRUCTOR_SELECTOR, internal::CONSTRUCTOR_EXECUTED_SLOT},
    function_selector,
    host::VM,
    prelude::*,
};

use crate::{
    Oracle,
    codec::{self, Args, array, concat, uint},
    errors::Error,
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
    oracle.dispatch(&input).map_err(|error| error.encode())
}

impl Oracle {
    /// Answers a call.
    ///
    /// # Errors
    /// [`NotPayable`] with value, which no function takes; [`UnknownSelector`], padded with zeros for a call of less
    /// than four bytes; [`MalformedCall`] for arguments that do not decode; what the function itself says.
    pub(crate) fn dispatch(&mut self, input: &[u8]) -> Result<Vec<u8>, Error> {
        if !self.vm().msg_value().is_zero() {
            return Err(NotPayable {}.into());
        }
        let Some((selector, args)) = input.split_first_chunk() else {
            let mut selector = FixedBytes::ZERO;
            selector[..input.len()].copy_from_slice(input);
            return Err(UnknownSelector { selector }.into());
        };
        let selector = FixedBytes::new(*selector);
        self.route(selector, Args(args)).unwrap_or_else(|| Err(MalformedCall { selector }.into()))
    }

    /// Runs the function; none when its arguments do not decode.
    fn route(&mut self, selector: FixedBytes<4>, args: Args<'_>) -> Option<Result<Vec<u8>, Error>> {
        Some(match selector.0 {
            SUBMIT => {
                let (points, deadline, signatures) = (args.points(0)?, args.uint(1)?, args.signatures(2)?);
                done(self.admit(&points, deadline, &signatures))
            }
            PRICES => {
                let underlyings = args.underlyings(0)?;
                let now = self.vm().block_timestamp();
                let mut words = Vec::with_capacity(3 * underlyings.len());
                for underlying in &underlyings {
                    let view = self.view(*underlying, now);
                    words.extend([uint(view.status), uint(view.price), uint(view.time)]);
                }
                Ok(array(underlyings.len(), &words))
            }
            PRICE => {
                let view = self.view(args.uint(0)?, self.vm().block_timestamp());
                Ok(concat(&[], &[uint(view.status), uint(view.price), uint(view.time)]))
            }
            FEED => Ok(concat(&[], &codec::feed(&self.feed_of(args.uint(0)?)))),
            DIGEST => Ok(self.digest_of(&args.points(0)?, args.uint(1)?).to_vec()),
            SUBMIT_SLICES => {
                let (slices, deadline, signatures) = (args.slices(0)?, args.uint(1)?, args.signatures(2)?);
                done(self.admit_slices(&slices, deadline, &signatures))
            }
            SURFACE => {
                let (underlying, expiries) = (args.uint(0)?, args.expiries(1)?);
                let mut words = Vec::with_capacity(13 * expiries.len());
                for expiry in &expiries {
                    match self.usable_slice(underlying, *expiry) {
                        Ok(slice) => words.extend_from_slice(&codec::expiry(&slice)),
                        Err(error) => return Some(Err(error)),
                    }
                }
                Ok(array(expiries.len(), &words))
            }
            SLICES => {
                let (underlying, expiries) = (args.uint(0)?, args.expiries(1)?);
                let mut words = Vec::with_capacity(16 * expiries.len());
                for expiry in &expiries {
                    let view = self.slice_view(underlying, *expiry);
                    words.extend([uint(view.status), uint(view.time), uint(view.age)]);
                    words.extend_from_slice(&codec::expiry(&view.slice));
                }
                Ok(array(expiries.len(), &words))
            }
            EXPIRIES => {
                let expiries = self.expiries_of(args.uint(0)?);
                let words: Vec<_> = expiries.into_iter().map(uint).collect();
                Ok(array(words.len(), &words))
            }
            SURFACE_RULES => Ok(concat(&[], &codec::surface(&self.surface_of(args.uint(0)?)))),
            SLICE_DIGEST => Ok(self.slice_digest_of(&args.slices(0)?, args.uint(1)?).to_vec()),
            SET_SURFACE => {
                let (underlying, surface) = (args.uint(0)?, args.surface(1)?);
                done(self.only_owner().and_then(|()| self.replace_surface(underlying, surface)))
            }
            SIGNERS => {
                let words: Vec<_> = self.all_signers().iter().map(|signer| signer.into_word()).collect();
                Ok(array(words.len(), &words))
            }
            THRESHOLD => Ok(uint(self.quorum().0).to_vec()),
            OWNER => Ok(self.owner.get().to_vec()),
            PENDING_OWNER => Ok(self.pending_owner.get().to_vec()),
            SET_FEED => {
                let (underlying, feed) = (args.uint(0)?, args.feed(1)?);
                done(self.only_owner().and_then(|()| self.replace_feed(underlying, feed)))
            }
            SET_SIGNERS => {
                let (signers, threshold) = (args.addresses(0)?, args.uint(1)?);
                done(self.only_owner().and_then(|()| self.replace_signers(&signers, threshold)))
            }
            TRANSFER_OWNERSHIP => {
                let pending = args.address(0)?;
                done(self.only_owner().map(|()| self.start_transfer(pending)))
            }
            ACCEPT_OWNERSHIP => done(self.accept_transfer()),
            CONSTRUCTOR => {
                if !self.vm().storage_load_bytes32(CONSTRUCTOR_EXECUTED_SLOT).is_zero() {
                    return Some(Err(AlreadyConstructed {}.into()));
                }
                let (owner, signers, threshold) = (args.address(0)?, args.addresses(1)?, args.uint(2)?);
                // SAFETY: the slot is a hash that no field of the storage can reach.
                unsafe { self.vm().storage_cache_bytes32(CONSTRUCTOR_EXECUTED_SLOT, CONSTRUCTED) };
                done(self.construct(owner, &signers, threshold))
            }
            _ => Err(UnknownSelector { selector }.into()),
        })
    }
}

/// What a function without results returns.
fn done(result: Result<(), Error>) -> Result<Vec<u8>, Error> {
    result.map(|()| Vec::new())
}
