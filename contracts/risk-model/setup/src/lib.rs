//! The risk model's setup module: parameters, and who sets them.
//!
//! Runs in the model's storage, by delegate call.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

use alloy_primitives::Address;
#[cfg(not(any(test, feature = "export-abi")))]
use plimsoll_kit::inert::public;
use plimsoll_kit::{Revert, answer::Encoded};
use plimsoll_risk::portfolio::{self, Tail};
use plimsoll_risk_core::{
    Model,
    sol::{Move, Params},
};
use stylus_sdk::prelude::*;

/// The module over the model's storage.
#[storage]
pub struct Setup {
    model: Model,
}

plimsoll_kit::module!(Setup);
plimsoll_kit::functions!(Setup:
    "setParams" set_params(u16, Params);
    "params" encoded_params(u16);
    "setShortfall" set_shortfall(u16, u64, bool, Vec<Move>);
    "shortfall" shortfall(u16);
    "compiled" compiled(u16);
    "owner" owner();
    "pendingOwner" pending_owner();
    "transferOwnership" transfer_ownership(Address);
    "acceptOwnership" accept_ownership();
);

/// The module's functions.
#[public]
impl Setup {
    /// Sets an underlying's parameters, all of them.
    ///
    /// @param underlying number of the underlying
    /// @param params within the hard bounds
    ///
    /// # Errors
    /// `NotOwner`, `TooManyScenarios`, `BadScenario`, `ParameterOutOfBounds`, `ParamsNotStored`.
    ///
    /// # Events
    /// `ParamsSet`.
    pub fn set_params(&mut self, underlying: u16, params: Params) -> Result<(), Revert> {
        self.model.ownership.only_owner()?;
        self.model.replace_params(underlying, &params)
    }

    /// An underlying's parameters.
    ///
    /// @param underlying number of the underlying
    ///
    /// # Errors
    /// `NoParams`.
    pub fn params(&self, underlying: u16) -> Result<Params, Revert> {
        self.model.params_of(underlying)
    }

    /// Sets an underlying's expected shortfall: the mean profit in the worst of these moves, all of a portfolio revalued in
    /// each.
    ///
    /// @param underlying number of the underlying, whose parameters must be set
    /// @param share of the moves that the mean is of, 1e18 for all
    /// @param binding whether margin is the larger of the scenarios' and this; else it is only told
    /// @param moves at most 500; none takes the shortfall away
    ///
    /// # Errors
    /// `NotOwner`, `NoParams`, `EmptyTail`, `BadMoves`, `ParamsNotStored`.
    ///
    /// # Events
    /// `ShortfallSet`.
    pub fn set_shortfall(
        &mut self,
        underlying: u16,
        share: u64,
        binding: bool,
        moves: Vec<Move>,
    ) -> Result<(), Revert> {
        let moves = moves.iter().map(|shock| portfolio::Move { spot: shock.spot, vol: shock.vol }).collect();
        self.model.ownership.only_owner()?;
        self.model.replace_tail(underlying, &Tail { share: share.into(), binding, moves })
    }

    /// An underlying's expected shortfall; no moves where there is none.
    ///
    /// @param underlying number of the underlying
    /// @return `share` of the moves that the mean is of
    /// @return `binding` whether margin is the larger of the scenarios' and this
    /// @return `moves` of spot and volatility
    ///
    /// # Errors
    /// `BadMoves`.
    pub fn shortfall(&self, underlying: u16) -> Result<(u64, bool, Vec<Move>), Revert> {
        let Some(tail) = self.model.tail(underlying)? else { return Ok((0, false, Vec::new())) };
        let moves = tail.moves.iter().map(|shock| Move { spot: shock.spot, vol: shock.vol }).collect();
        Ok((tail.share as u64, tail.binding, moves))
    }

    /// The contract whose code, after its first byte, is an underlying's parameters as the model computes with them;
    /// zero when there are none. It changes when `setParams` sets them, not with the shortfall, which is kept elsewhere.
    ///
    /// @param underlying number of the underlying
    pub fn compiled(&self, underlying: u16) -> Address {
        self.model.compiled_of(underlying)
    }

    /// The owner.
    pub fn owner(&self) -> Address {
        self.model.ownership.owner.address()
    }

    /// Who may become the owner; zero for nobody.
    pub fn pending_owner(&self) -> Address {
        self.model.ownership.pending.address()
    }

    /// Names the next owner; zero calls the transfer off.
    ///
    /// @param pending who may become the owner
    ///
    /// # Errors
    /// `NotOwner`.
    ///
    /// # Events
    /// `OwnershipTransferStarted`.
    pub fn transfer_ownership(&mut self, pending: Address) -> Result<(), Revert> {
        self.model.ownership.transfer(pending)
    }

    /// Makes the caller the owner, if it was named.
    ///
    /// # Errors
    /// `NotPendingOwner`.
    ///
    /// # Events
    /// `OwnershipTransferred`.
    pub fn accept_ownership(&mut self) -> Result<(), Revert> {
        self.model.ownership.accept()
    }
}

impl Setup {
    /// What [`Setup::params`] returns, as it is stored: decoding it and encoding it again would cost as much as reading it.
    fn encoded_params(&self, underlying: u16) -> Result<Encoded, Revert> {
        self.model.encoded_params(underlying)
    }
}
