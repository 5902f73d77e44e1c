//! From selectors to the module's functions.

use alloc::vec::Vec;

use alloy_primitives::Address;
use plimsoll_ledger::{
    Revert,
    codec::{self, Args, Word, head_and_array},
    module::done,
};
use plimsoll_risk::portfolio::Tail;
use plimsoll_risk_core::{
    decode,
    sol::{Move, Params},
};
use stylus_sdk::function_selector;

use crate::Setup;

const SET_PARAMS: [u8; 4] = function_selector!("setParams", u16, Params);
const PARAMS: [u8; 4] = function_selector!("params", u16);
const SET_SHORTFALL: [u8; 4] = function_selector!("setShortfall", u16, u64, bool, Vec<Move>);
const SHORTFALL: [u8; 4] = function_selector!("shortfall", u16);
const COMPILED: [u8; 4] = function_selector!("compiled", u16);
const OWNER: [u8; 4] = function_selector!("owner");
const PENDING_OWNER: [u8; 4] = function_selector!("pendingOwner");
const TRANSFER_OWNERSHIP: [u8; 4] = function_selector!("transferOwnership", Address);
const ACCEPT_OWNERSHIP: [u8; 4] = function_selector!("acceptOwnership");

impl Setup {
    pub(crate) fn route(&mut self, selector: [u8; 4], args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        Some(match selector {
            SET_PARAMS => {
                let (underlying, params) = (args.uint(0)?, decode::params(args, 1)?);
                let model = &mut self.model;
                done(model.ownership.only_owner().and_then(|()| model.replace_params(underlying, &params?)))
            }
            PARAMS => self.model.raw_params(args.uint(0)?),
            SET_SHORTFALL => {
                let (share, binding) = (args.uint::<u64>(1)?.into(), args.boolean(2)?);
                let tail = Tail { share, binding, moves: decode::moves(args, 3)? };
                done(self.replace_tail(args.uint(0)?, tail))
            }
            SHORTFALL => self
                .shortfall(args.uint(0)?)
                .map(|(share, binding, moves)| head_and_array(&[share.word(), binding.word()], &moves)),
            COMPILED => Ok(codec::value(&self.compiled(args.uint(0)?))),
            OWNER => Ok(codec::value(&self.owner())),
            PENDING_OWNER => Ok(codec::value(&self.pending_owner())),
            TRANSFER_OWNERSHIP => done(self.transfer_ownership(args.address(0)?)),
            ACCEPT_OWNERSHIP => done(self.accept_ownership()),
            _ => return None,
        })
    }
}
