//! Stores and reads the model's parameters. They are kept as the code of contracts that hold nothing else, because code
//! is cheaper to read than dozens of cold slots.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolEvent;
use plimsoll_kit::{
    Revert,
    answer::{self, Encoded},
    codec::{Args, Argument, Word, concat},
    events::emit,
    revert::require,
};
use plimsoll_risk::portfolio::{Compiled, Tail};
use stylus_sdk::{deploy::RawDeploy, prelude::*};

use crate::{
    Model, convert,
    errors::{params_refusal, refusal},
    layout::parameters::{COMPILED, RAW, TAIL},
    sol::{BadMoves, NoParams, Params, ParamsNotStored, ParamsSet, ShortfallSet},
};

/// Init code that returns the bytes that follow it. Their length goes into the second and third byte. RETURNDATASIZE is a
/// short way to push zero.
const RETURN_REST: [u8; 10] = [
    0x61, 0, 0,    // PUSH2 length
    0x80, // DUP1
    0x60, 10,   // PUSH1: where the rest begins
    0x3d, // RETURNDATASIZE
    0x39, // CODECOPY
    0x3d, // RETURNDATASIZE
    0xf3, // RETURN
];
/// First byte of the code: a call of the contract stops at once and does nothing.
const STOP: u8 = 0;
impl Model {
    /// Checks parameters and stores them.
    ///
    /// # Errors
    /// `TooManyScenarios`, `BadScenario`, `ParameterOutOfBounds`, `ParamsNotStored`.
    pub fn replace_params(&mut self, underlying: u16, params: &Params) -> Result<(), Revert> {
        let compiled = Compiled::new(&convert::params(params)?).map_err(params_refusal)?;
        let raw = answer::encode(params);
        let compiled = self.store(&compiled.to_bytes())?;
        let at = self.store(&raw)?;
        self.set_place(underlying, COMPILED, compiled);
        self.set_place(underlying, RAW, at);
        emit(self.vm(), &[ParamsSet::SIGNATURE_HASH, underlying.word()], &raw);
        Ok(())
    }

    /// An underlying's parameters as the model computes with them: one slot and one code.
    ///
    /// # Errors
    /// `NoParams`.
    pub fn compiled_params(&self, underlying: u16) -> Result<Compiled, Revert> {
        let data = self.code_at(self.compiled_of(underlying));
        data.get(1..).and_then(Compiled::from_bytes).ok_or_else(|| Revert::new(NoParams { underlying }))
    }

    /// The contract that holds the compiled parameters; zero when there are none.
    pub fn compiled_of(&self, underlying: u16) -> Address {
        self.place(underlying, COMPILED)
    }

    /// An underlying's parameters as they were set, encoded.
    ///
    /// # Errors
    /// `NoParams`.
    pub fn encoded_params(&self, underlying: u16) -> Result<Encoded, Revert> {
        let data = self.code_at(self.place(underlying, RAW));
        let encoded = data.get(1..).ok_or_else(|| Revert::new(NoParams { underlying }))?;
        Ok(Encoded(encoded.to_vec()))
    }

    /// An underlying's parameters as they were set.
    ///
    /// # Errors
    /// `NoParams`.
    pub fn params_of(&self, underlying: u16) -> Result<Params, Revert> {
        let Encoded(encoded) = self.encoded_params(underlying)?;
        Params::decode(Args(&encoded), 0).ok_or_else(|| Revert::new(NoParams { underlying }))
    }

    /// Sets an underlying's shortfall; no moves take it away.
    ///
    /// # Errors
    /// `NoParams`, `EmptyTail`, `BadMoves`, `ParamsNotStored`.
    pub fn replace_tail(&mut self, underlying: u16, tail: &Tail) -> Result<(), Revert> {
        require(self.compiled_of(underlying) != Address::ZERO, || NoParams { underlying })?;
        let (address, share, binding) = if tail.moves.is_empty() {
            (Address::ZERO, 0, false)
        } else {
            (self.store(&tail.to_bytes().map_err(refusal)?)?, tail.share as u64, tail.binding)
        };
        self.set_tail(underlying, address);
        let words = [share.word(), binding.word(), (tail.moves.len() as u64).word()];
        emit(self.vm(), &[ShortfallSet::SIGNATURE_HASH, underlying.word()], &concat(&[], &words));
        Ok(())
    }

    /// An underlying's shortfall, if it has one.
    ///
    /// # Errors
    /// `BadMoves`.
    pub fn tail(&self, underlying: u16) -> Result<Option<Tail>, Revert> {
        if !self.has_tail(underlying) {
            return Ok(None);
        }
        let data = self.code_at(self.place(underlying, TAIL));
        let tail = data.get(1..).and_then(Tail::from_bytes);
        tail.map(Some).ok_or_else(|| Revert::new(BadMoves {}))
    }

    /// Creates a contract whose code is `data` behind one byte.
    fn store(&self, data: &[u8]) -> Result<Address, Revert> {
        let length = u16::try_from(data.len() + 1).map_err(|_| Revert::new(ParamsNotStored {}))?;
        let mut code = RETURN_REST.to_vec();
        code[1..3].copy_from_slice(&length.to_be_bytes());
        code.push(STOP);
        code.extend_from_slice(data);
        // SAFETY: the init code is the one above, which calls nobody.
        let created = unsafe { RawDeploy::new().deploy(self.vm(), &code, U256::ZERO) };
        created.map_err(|_| Revert::new(ParamsNotStored {}))
    }
}
