//! The door of the model: refuses ether, finds the function or its module, and gives a typed error where a trap or
//! arguments that do not decode would leave an empty revert.

use alloc::vec::Vec;

use alloy_primitives::{B256, FixedBytes, U256};
use plimsoll_ledger::{
    Revert,
    codec::{self, Args, Words, head_and_array},
    module::done,
};
use plimsoll_risk_core::sol::{MalformedCall, NotPayable, Portfolio, UnknownSelector};
use stylus_sdk::{
    ArbResult,
    abi::{CONSTRUCTOR_SELECTOR, internal::CONSTRUCTOR_EXECUTED_SLOT},
    function_selector,
    host::VM,
    prelude::*,
};

use crate::{RiskModel, routes::ROUTES};

const ASSESS: [u8; 4] = function_selector!("assess", Portfolio);
const SCENARIOS: [u8; 4] = function_selector!("scenarios", Portfolio);
const ASSESS_TOGETHER: [u8; 4] = function_selector!("assessTogether", Vec<Portfolio>, Vec<u64>, u64);
const MODULES: [u8; 4] = function_selector!("modules");
const CONSTRUCTOR: [u8; 4] = CONSTRUCTOR_SELECTOR.to_be_bytes();

/// Words of an `Assessment`.
const ASSESSMENT: usize = 9;

// SAFETY: `RiskModel` is the root: the entry point makes the only instance, at slot zero.
unsafe impl TopLevelStorage for RiskModel {}

/// The program's entry.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
#[entrypoint]
pub(crate) fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    if !host.msg_value().is_zero() {
        return Err(Revert::new(NotPayable {}).into());
    }
    let mut selector = [0; 4];
    for (byte, given) in selector.iter_mut().zip(&input) {
        *byte = *given;
    }
    // SAFETY: the only accessor of the storage's root.
    let mut model = unsafe { RiskModel::new(U256::ZERO, 0, host) };
    let args = Args(input.get(4..).unwrap_or_default());
    let answer = model.route(selector, args, &input).unwrap_or_else(|| Err(Revert::of_data(Vec::new())));
    answer.map_err(|error| {
        let data = Vec::from(error);
        if data.is_empty() {
            return Revert::new(MalformedCall { selector: FixedBytes(selector) }).into();
        }
        data
    })
}

fn unknown(selector: [u8; 4]) -> Revert {
    Revert::new(UnknownSelector { selector: FixedBytes(selector) })
}

impl RiskModel {
    /// Runs the function; none when its arguments do not decode.
    fn route(&mut self, selector: [u8; 4], args: Args<'_>, input: &[u8]) -> Option<Result<Vec<u8>, Revert>> {
        Some(match selector {
            ASSESS => self.grid(args, input)?.map(|(found, _)| codec::value(&found)),
            SCENARIOS => self.grid(args, input)?.map(|(found, profits)| {
                let mut head = Vec::with_capacity(ASSESSMENT);
                found.push(&mut head);
                head_and_array(&head, &profits)
            }),
            ASSESS_TOGETHER => self.together(args)?.map(|margin| codec::value(&margin)),
            MODULES => Ok(head_and_array(&[], &self.modules())),
            CONSTRUCTOR => self.construct(args)?,
            _ => match ROUTES.iter().find(|(routed, _)| *routed == selector) {
                Some((_, module)) => self.model.delegate(usize::from(*module), input),
                None => Err(unknown(selector)),
            },
        })
    }

    /// Runs the constructor once; `None` when its arguments do not decode.
    fn construct(&mut self, args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        if !self.vm().storage_load_bytes32(CONSTRUCTOR_EXECUTED_SLOT).is_zero() {
            return Some(Err(unknown(CONSTRUCTOR)));
        }
        let modules = args.array(0, 1, |words, at| words.address(at))?;
        let owner = args.address(1)?;
        // SAFETY: the slot is a hash that no field of the storage can reach.
        unsafe { self.vm().storage_cache_bytes32(CONSTRUCTOR_EXECUTED_SLOT, B256::with_last_byte(1)) };
        Some(done(self.constructor(modules, owner)))
    }
}
