//! The floor of a call: what the EVM's rules make unavoidable, however the contracts are written.
//!
//! It is the sum of the transaction's 21,000 and its calldata, of each account reached, of each slot read or changed, once and at its
//! net change, less what clearing gave back, of the events, and of what other people's code took: the quote token's, and precompiles'. What is above it is
//! the programs' own: their start, their instructions, slots touched twice.
//!
//! Source: EIP-2028 (calldata), EIP-2929 (cold accounts and slots), EIP-2200 and EIP-3529 (changes and refunds), the yellow paper (logs).

use std::collections::BTreeSet;

use alloy::primitives::{Address, B256, Bytes, U64, U256};
use anyhow::{Context, Result};
use plimsoll_harness::{gas::GasProfile, prelude::*};
use serde_json::{Value, json};

/// A transaction's own price.
const TRANSACTION: u64 = 21_000;
/// Reaching an account for the first time.
const COLD_ACCOUNT: u64 = 2_600;
/// Reaching a slot for the first time.
const COLD_SLOT: u64 = 2_100;
/// Making a zero slot something else, without reaching it.
const SET: u64 = 20_000;
/// Changing a slot that is not zero, without reaching it.
const RESET: u64 = 2_900;
/// An event, each of its topics, and each byte of its data.
const LOG: u64 = 375;
const TOPIC: u64 = 375;
const LOG_BYTE: u64 = 8;
/// What the code of a Stylus program begins with.
const PROGRAM: [u8; 3] = [0xef, 0xf0, 0x00];

/// 16 a byte, 4 where it is zero.
pub(crate) fn calldata(data: &[u8]) -> u64 {
    data.iter().map(|&byte| if byte == 0 { 4 } else { 16 }).sum()
}

/// The floor of a transaction to a program.
pub(crate) async fn of_transaction(
    chain: &Chain,
    receipt: &Receipt,
    to: Address,
    data: &[u8],
) -> Result<u64> {
    let touched = Touched::fetch(chain, receipt, to).await?;
    let logs: u64 = receipt
        .logs
        .iter()
        .map(|log| (log.address(), log.data()))
        .filter(|(by, _)| !touched.others.contains(by))
        .map(|(_, log)| LOG + TOPIC * log.topics().len() as u64 + LOG_BYTE * log.data.len() as u64)
        .sum();
    let slots = touched.slots(chain, receipt).await?;
    // Whoever clears the same slots is given the same back, the token's among them.
    let refund = GasProfile::fetch(chain, receipt.transaction_hash).await?.refund;
    // Both ends of the transaction are warm.
    let accounts = COLD_ACCOUNT * touched.accounts.iter().filter(|account| **account != to).count() as u64;
    Ok(TRANSACTION + calldata(data) + logs + slots + accounts + touched.elsewhere - refund)
}

/// The floor of a static call of a program that a transaction makes from another contract, once or more often.
pub(crate) async fn of_view(chain: &Chain, receipt: &Receipt, to: Address) -> Result<u64> {
    let touched = Touched::fetch(chain, receipt, to).await?;
    let mut accounts = touched.accounts.clone();
    accounts.insert(to);
    // The contract that measures is where the transaction goes.
    Ok(COLD_ACCOUNT * accounts.len() as u64 + COLD_SLOT * touched.keys.len() as u64)
}

/// What a transaction reached.
#[derive(Debug, Default)]
struct Touched {
    /// Slots by whose storage they are in, of programs.
    keys: BTreeSet<(Address, B256)>,
    /// Accounts called by programs; without precompiles, which are warm.
    accounts: BTreeSet<Address>,
    /// Those of them that are no programs, and precompiles.
    others: BTreeSet<Address>,
    /// Gas of the calls to them.
    elsewhere: u64,
}

impl Touched {
    async fn fetch(chain: &Chain, receipt: &Receipt, to: Address) -> Result<Self> {
        let mut touched = Self::default();
        let trace = |tracer: &str| (receipt.transaction_hash, json!({ "tracer": tracer }));
        let steps: Value = chain.request("debug_traceTransaction", trace("stylusTracer")).await?;
        touched.steps(&steps, to)?;
        let frames: Value = chain.request("debug_traceTransaction", trace("callTracer")).await?;
        let programs = programs(chain, &frames).await?;
        touched.frames(&frames, &programs)?;
        Ok(touched)
    }

    /// Host calls of a program whose storage is `at`'s, and of those it called.
    fn steps(&mut self, steps: &Value, at: Address) -> Result<()> {
        for step in steps.as_array().context("no host calls")? {
            let name = step["name"].as_str().context("no name")?;
            if name == "storage_load_bytes32" || name == "storage_cache_bytes32" {
                let args: Bytes = serde_json::from_value(step["args"].clone())?;
                self.keys.insert((at, B256::from_slice(args.get(..32).context("no key")?)));
            }
            if step["steps"].is_array() {
                let delegated = name == "delegate_call_contract";
                let callee = if delegated { at } else { serde_json::from_value(step["address"].clone())? };
                self.steps(&step["steps"], callee)?;
            }
        }
        Ok(())
    }

    /// The calls of programs, from a frame down; not those of other code, whose gas has them.
    fn frames(&mut self, frame: &Value, programs: &BTreeSet<Address>) -> Result<()> {
        for call in frame["calls"].as_array().into_iter().flatten() {
            let to: Address = serde_json::from_value(call["to"].clone())?;
            let from: Address = serde_json::from_value(frame["to"].clone())?;
            if programs.contains(&to) {
                self.accounts.insert(to);
                self.frames(call, programs)?;
            } else if programs.contains(&from) {
                if !is_precompile(to) {
                    self.accounts.insert(to);
                }
                self.others.insert(to);
                self.elsewhere += u64::from_str_radix(
                    call["gasUsed"].as_str().and_then(|gas| gas.strip_prefix("0x")).context("no gas")?,
                    16,
                )?;
            }
        }
        Ok(())
    }

    /// Gas of all slots, each reached once and changed once.
    async fn slots(&self, chain: &Chain, receipt: &Receipt) -> Result<u64> {
        let (after, mut gas) = (receipt.block_number, 0);
        let before = after.saturating_sub(U64::from(1));
        for (account, key) in &self.keys {
            let was: U256 = chain.request("eth_getStorageAt", (account, key, before)).await?;
            let is: U256 = chain.request("eth_getStorageAt", (account, key, after)).await?;
            gas += COLD_SLOT;
            if was != is {
                gas += if was.is_zero() { SET } else { RESET };
            }
        }
        Ok(gas)
    }
}

/// Whether an address is one of the EVM's precompiles or of Arbitrum's.
fn is_precompile(address: Address) -> bool {
    let (high, low) = address.split_at(18);
    high.iter().all(|byte| *byte == 0) && low != [0, 0]
}

/// The programs among all that a transaction called.
async fn programs(chain: &Chain, frames: &Value) -> Result<BTreeSet<Address>> {
    let mut called = BTreeSet::new();
    let mut open = vec![frames];
    while let Some(frame) = open.pop() {
        called.insert(serde_json::from_value::<Address>(frame["to"].clone())?);
        open.extend(frame["calls"].as_array().into_iter().flatten());
    }
    let mut programs = BTreeSet::new();
    for address in called {
        if chain.code(address).await?.starts_with(&PROGRAM) {
            programs.insert(address);
        }
    }
    Ok(programs)
}
