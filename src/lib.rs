//! The engine's address: a router over its modules.
//!
//! The router holds the storage of the whole engine and the table of its modules. The table is fixed at construction,
//! so the logic cannot be changed. The selector of a call decides which module runs it, by delegate call. The router
//! refuses any call that comes back while the engine is at work, and every failure has a typed error.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

pub mod routes;
#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

use alloy_primitives::{Address, U256};
#[cfg(not(any(test, feature = "export-abi")))]
use plimsoll_kit::inert::{constructor, public};
use plimsoll_kit::{Revert, door::Root, revert::require, sol::ZeroAddress, table::module_of};
use plimsoll_ledger::{Ledger, MODULES, sol as errors, storage::InsuranceShares};
use plimsoll_risk::{collateral::MAX_DECIMALS, limits::DEFAULT_INSURANCE_CAP};
use stylus_sdk::{call::RawCall, prelude::*};

/// The engine.
#[storage]
pub struct Engine {
    ledger: Ledger,
}

plimsoll_kit::root!(Engine);
plimsoll_kit::functions!(Engine, constructor(Vec<Address>, Address, Address, Address, Address):
    "modules" modules();
);

impl Root for Engine {
    const REFUSES_REENTRY: bool = true;

    fn module(&self, selector: [u8; 4]) -> Option<Address> {
        let module = self.ledger.modules.getter(module_of(routes::ROUTES, selector)?)?.address();
        // Zero until the engine is constructed.
        (!module.is_zero()).then_some(module)
    }
}

/// The router's own functions; all others are in its modules.
#[public]
impl Engine {
    /// Fixes the modules and names who governs.
    ///
    /// # Errors
    /// `ZeroAddress`, `TransferFailed` when the quote token does not tell its decimals, `ParameterOutOfBounds` when there
    /// are too few modules (0) or it has too many decimals (1).
    #[constructor]
    pub fn constructor(
        &mut self,
        modules: Vec<Address>,
        owner: Address,
        guardian: Address,
        quote_token: Address,
        oracle: Address,
    ) -> Result<(), Revert> {
        require(modules.len() == MODULES, || errors::ParameterOutOfBounds { index: 0 })?;
        for address in modules.iter().chain([&owner, &quote_token, &oracle]) {
            require(*address != Address::ZERO, || ZeroAddress {})?;
        }
        let decimals = self.decimals_of(quote_token)?;
        require(decimals <= MAX_DECIMALS, || errors::ParameterOutOfBounds { index: 1 })?;
        for (number, module) in modules.into_iter().enumerate() {
            if let Some(mut slot) = self.ledger.modules.setter(number) {
                slot.set_address(module);
            }
        }
        self.ledger.set_guard(guardian, 0);
        self.ledger.set_quote(quote_token, decimals);
        self.ledger.oracle.set_address(oracle);
        self.ledger.set_totals(0, InsuranceShares { cap: DEFAULT_INSURANCE_CAP, markets: 0 });
        self.ledger.ownership.begin(owner)?;
        self.ledger.emit(&errors::GuardianSet { guardian });
        self.ledger.emit(&errors::OracleSet { oracle });
        self.ledger.emit(&errors::InsuranceCapSet { cap: DEFAULT_INSURANCE_CAP });
        Ok(())
    }

    /// The modules: trading, liquidation, upkeep, resolution, collateral, lens, preview, governance.
    pub fn modules(&self) -> Vec<Address> {
        (0..MODULES).filter_map(|number| Some(self.ledger.modules.getter(number)?.address())).collect()
    }
}

impl Engine {
    fn decimals_of(&self, token: Address) -> Result<u8, Revert> {
        let data = stylus_sdk::function_selector!("decimals");
        // SAFETY: static, and nothing has been stored.
        let answer = unsafe { RawCall::new_static(self.vm()).limit_return_data(0, 32).call(token, &data) };
        answer
            .ok()
            .filter(|word| word.len() == 32)
            .and_then(|word| u8::try_from(U256::from_be_slice(&word)).ok())
            .ok_or_else(|| Revert::new(errors::TransferFailed { token }))
    }
}
