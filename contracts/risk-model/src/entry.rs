//! The door: finds the function, decodes its arguments, encodes what it returns.
//!
//! `#[public]` makes a router too, which the ABI export and the tests use. This one is smaller, cheaper to call, and
//! gives a typed error where that one reverts with no data, so that a caller can tell a bad call from a trap.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, FixedBytes, U256};
use plimsoll_core::{
    Revert,
    codec::{self, Args, Words, head_and_array},
    module::done,
    revert::require,
};
use stylus_sdk::{
    ArbResult,
    abi::{CONSTRUCTOR_SELECTOR, internal::CONSTRUCTOR_EXECUTED_SLOT},
    function_selector,
    host::VM,
    prelude::*,
};

use crate::{
    RiskModel, decode,
    sol::{AlreadyConstructed, MalformedCall, NotPayable, Params, Portfolio, UnknownSelector},
};

const ASSESS: [u8; 4] = function_selector!("assess", Portfolio);
const SCENARIOS: [u8; 4] = function_selector!("scenarios", Portfolio);
const SET_PARAMS: [u8; 4] = function_selector!("setParams", u16, Params);
const PARAMS: [u8; 4] = function_selector!("params", u16);
const COMPILED: [u8; 4] = function_selector!("compiled", u16);
const OWNER: [u8; 4] = function_selector!("owner");
const PENDING_OWNER: [u8; 4] = function_selector!("pendingOwner");
const TRANSFER_OWNERSHIP: [u8; 4] = function_selector!("transferOwnership", Address);
const ACCEPT_OWNERSHIP: [u8; 4] = function_selector!("acceptOwnership");
const CONSTRUCTOR: [u8; 4] = CONSTRUCTOR_SELECTOR.to_be_bytes();

/// What the SDK stores once the constructor has run: a packed `bool` in the first byte.
const CONSTRUCTED: B256 = {
    let mut word = [0; 32];
    word[0] = 1;
    B256::new(word)
};

// SAFETY: `RiskModel` is the root: `enter` makes the only instance of a call, at slot zero.
unsafe impl TopLevelStorage for RiskModel {}

/// The program's entry.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
#[entrypoint]
pub(crate) fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    // SAFETY: the only accessor of the storage's root.
    let mut model = unsafe { RiskModel::new(U256::ZERO, 0, host) };
    model.dispatch(&input).map_err(Into::into)
}

impl RiskModel {
    /// Answers a call.
    ///
    /// # Errors
    /// [`NotPayable`] with value, which no function takes; [`UnknownSelector`], padded with zeros for a call of less
    /// than four bytes; [`MalformedCall`] for arguments that do not decode; what the function itself says.
    pub(crate) fn dispatch(&mut self, input: &[u8]) -> Result<Vec<u8>, Revert> {
        require(self.vm().msg_value().is_zero(), || NotPayable {})?;
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
            ASSESS => self.margin(decode::portfolio(args, 0)?).map(|found| codec::value(&found)),
            SCENARIOS => self.grid(decode::portfolio(args, 0)?).map(|(found, profits)| {
                let mut head = Vec::with_capacity(9);
                found.push(&mut head);
                head_and_array(&head, &profits)
            }),
            SET_PARAMS => {
                let (underlying, params) = (args.uint(0)?, decode::params(args, 1)?);
                done(self.only_owner().and_then(|()| self.replace_params(underlying, &params?)))
            }
            PARAMS => self.raw_params(args.uint(0)?),
            COMPILED => Ok(codec::value(&self.compiled_of(args.uint(0)?))),
            OWNER => Ok(codec::value(&self.owner.get())),
            PENDING_OWNER => Ok(codec::value(&self.pending_owner.get())),
            TRANSFER_OWNERSHIP => {
                let pending = args.address(0)?;
                done(self.only_owner().map(|()| self.start_transfer(pending)))
            }
            ACCEPT_OWNERSHIP => done(self.accept_transfer()),
            CONSTRUCTOR => {
                if !self.vm().storage_load_bytes32(CONSTRUCTOR_EXECUTED_SLOT).is_zero() {
                    return Some(Err(Revert::new(AlreadyConstructed {})));
                }
                let owner = args.address(0)?;
                // SAFETY: the slot is a hash that no field of the storage can reach.
                unsafe { self.vm().storage_cache_bytes32(CONSTRUCTOR_EXECUTED_SLOT, CONSTRUCTED) };
                done(self.construct(owner))
            }
            _ => Err(Revert::new(UnknownSelector { selector })),
        })
    }
}
