//! `eth_createAccessList`: what a transaction touches.

use alloy_eips::eip2930::AccessListItem;
use alloy_primitives::{Address, B256};
use revm::context::result::ExecutionResult;
use revm::state::EvmState;

use super::call::{CallRequest, Overrides};
use super::error::{ChainError, halt_message};
use super::{BlockRef, Chain};
use crate::arbos::ARBOS_STATE;
use crate::config::COINBASE;
use crate::precompiles::ALL;

/// An access list, and the transaction that would carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessListResult {
    /// Accounts and words in order of their addresses and keys, those that are warm anyway left out.
    pub list: Vec<AccessListItem>,
    /// Gas that the transaction uses with the list.
    pub gas_used: u64,
    /// Why it fails, if it does.
    pub error: Option<String>,
}

/// A list changes gas, and code may look at gas: most tries until the list stays.
const TRIES: usize = 8;
/// Addresses of Ethereum's precompiles end here.
const LAST_PRECOMPILE: u64 = 0x11;
const P256_VERIFY: u64 = 0x100;

impl Chain {
    /// The access list of a transaction: every account and word that it touches, found by running it again with what
    /// was found before until nothing new comes up.
    ///
    /// # Errors
    /// [`ChainError::UnknownBlock`], [`ChainError::Invalid`]. A transaction that reverts has a list all the same.
    pub fn access_list(&self, request: &CallRequest, at: BlockRef) -> Result<AccessListResult, ChainError> {
        let mut list = request.access_list.clone();
        let mut tries = 0;
        loop {
            let with_list = CallRequest { access_list: list.clone(), ..request.clone() };
            let ran =
                self.try_call(&with_list, at, &Overrides::default(), self.gas_of_call(request), None)?;
            let mut skipped = vec![request.from.unwrap_or_default(), COINBASE, ARBOS_STATE];
            skipped.extend(request.to.or(super::execute::created(&ran.result)));
            let found = touched(&ran.state, &skipped);
            tries += 1;
            if found == list || tries == TRIES {
                let error = match &ran.result {
                    ExecutionResult::Success { .. } => None,
                    ExecutionResult::Revert { .. } => Some("execution reverted".into()),
                    ExecutionResult::Halt { reason, .. } => Some(halt_message(reason)),
                };
                return Ok(AccessListResult { list, gas_used: ran.result.tx_gas_used(), error });
            }
            list = found;
        }
    }
}

/// What a run touched. The callee and the sender are warm without being named: they are listed for their words only.
fn touched(state: &EvmState, warm: &[Address]) -> Vec<AccessListItem> {
    let mut list: Vec<AccessListItem> = state
        .iter()
        // The account that fees go to was touched by the payment, not by the code: it is empty of words and of code.
        .filter(|(address, account)| {
            !account.storage.is_empty()
                || !(warm.contains(address) || is_precompile(**address) || address.is_zero())
        })
        .filter(|(address, _)| **address != ARBOS_STATE)
        .map(|(address, account)| {
            let mut storage_keys: Vec<B256> = account.storage.keys().map(|key| B256::from(*key)).collect();
            storage_keys.sort_unstable();
            AccessListItem { address: *address, storage_keys }
        })
        .collect();
    list.sort_unstable_by_key(|item| item.address);
    list
}

fn is_precompile(address: Address) -> bool {
    let ethereum = (1..=LAST_PRECOMPILE).chain([P256_VERIFY]);
    ALL.contains(&address)
        || ethereum.map(|number| Address::left_padding_from(&number.to_be_bytes())).any(|a| a == address)
}
