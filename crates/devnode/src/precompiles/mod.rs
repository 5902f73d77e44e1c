//! The precompiles of Arbitrum beside those of Ethereum.

pub mod abi;

mod arb_owner;
mod arb_sys;
mod arb_wasm;
mod arb_wasm_cache;
mod info;

use alloy_primitives::{Address, B256, Bytes, IntoLogData, Log, U256, address};
use revm::Database;
use revm::context::{ContextTr, JournalTr, LocalContextTr};
use revm::handler::{EthPrecompiles, PrecompileProvider};
use revm::interpreter::{CallInputs, Gas, InstructionResult, InterpreterResult};
use revm::precompile::{Precompiles, secp256r1};
use revm::primitives::AddressSet;
use revm::primitives::hardfork::SpecId;

use crate::arbos::storage::{Fault, Slots};
use crate::arbos::{ARBOS_STATE, OPEN_GAS};
use crate::evm::Ctx;

/// `ArbSys`.
pub const ARB_SYS: Address = address!("0000000000000000000000000000000000000064");
/// `ArbInfo`.
pub const ARB_INFO: Address = address!("0000000000000000000000000000000000000065");
/// `ArbosTest`.
pub const ARBOS_TEST: Address = address!("0000000000000000000000000000000000000069");
/// `ArbOwnerPublic`.
pub const ARB_OWNER_PUBLIC: Address = address!("000000000000000000000000000000000000006b");
/// `ArbGasInfo`.
pub const ARB_GAS_INFO: Address = address!("000000000000000000000000000000000000006c");
/// `ArbAggregator`.
pub const ARB_AGGREGATOR: Address = address!("000000000000000000000000000000000000006d");
/// `ArbOwner`.
pub const ARB_OWNER: Address = address!("0000000000000000000000000000000000000070");
/// `ArbWasm`.
pub const ARB_WASM: Address = address!("0000000000000000000000000000000000000071");
/// `ArbWasmCache`.
pub const ARB_WASM_CACHE: Address = address!("0000000000000000000000000000000000000072");
/// `ArbDebug`.
pub const ARB_DEBUG: Address = address!("00000000000000000000000000000000000000ff");
/// `NodeInterface`: answered by the RPC server only, no contract on the chain.
pub const NODE_INTERFACE: Address = address!("00000000000000000000000000000000000000c8");

/// Every address that ArbOS answers.
pub const ALL: [Address; 10] = [
    ARB_SYS,
    ARB_INFO,
    ARBOS_TEST,
    ARB_OWNER_PUBLIC,
    ARB_GAS_INFO,
    ARB_AGGREGATOR,
    ARB_OWNER,
    ARB_WASM,
    ARB_WASM_CACHE,
    ARB_DEBUG,
];

const COPY_GAS: u64 = 3;
const COLD_ACCOUNT_GAS: u64 = 2_600;
const WARM_ACCOUNT_GAS: u64 = 100;

/// What a method may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Purity {
    Pure,
    View,
    Write,
    Payable,
}

/// A call of a precompile.
struct Call<'c, 'a> {
    ctx: &'c mut Ctx<'a>,
    address: Address,
    acting: Address,
    caller: Address,
    value: U256,
    is_static: bool,
    words: u64,
    gas_left: u64,
}

impl Slots for Call<'_, '_> {
    fn load(&mut self, key: U256) -> U256 {
        load_slot(self.ctx, key)
    }

    fn store(&mut self, key: U256, value: U256) {
        store_slot(self.ctx, key, value);
    }

    fn burn(&mut self, gas: u64) -> Result<(), Fault> {
        match self.gas_left.checked_sub(gas) {
            Some(left) => {
                self.gas_left = left;
                Ok(())
            }
            None => {
                self.gas_left = 0;
                Err(Fault::OutOfGas)
            }
        }
    }
}

/// ArbOS storage of a running transaction, read and written for free: what the chain itself does.
pub(crate) struct Free<'c, 'a>(pub(crate) &'c mut Ctx<'a>);

impl Slots for Free<'_, '_> {
    fn load(&mut self, key: U256) -> U256 {
        load_slot(self.0, key)
    }

    fn store(&mut self, key: U256, value: U256) {
        store_slot(self.0, key, value);
    }

    fn burn(&mut self, _gas: u64) -> Result<(), Fault> {
        Ok(())
    }
}

fn load_slot(ctx: &mut Ctx<'_>, key: U256) -> U256 {
    let journal = ctx.journal_mut();
    let Ok(_) = journal.load_account(ARBOS_STATE);
    let Ok(slot) = journal.sload(ARBOS_STATE, key);
    slot.data
}

fn store_slot(ctx: &mut Ctx<'_>, key: U256, value: U256) {
    let journal = ctx.journal_mut();
    let Ok(_) = journal.load_account(ARBOS_STATE);
    let Ok(_) = journal.sstore(ARBOS_STATE, key, value);
}

impl Call<'_, '_> {
    /// Checks the context and pays for arguments and, unless the method is pure, for opening the state.
    fn enter(&mut self, purity: Purity) -> Result<(), Fault> {
        let outside = self.acting != self.address && purity >= Purity::View;
        let forbidden = self.is_static && purity >= Purity::Write;
        let unpayable = !self.value.is_zero() && purity != Purity::Payable;
        if outside || forbidden || unpayable {
            return Err(Fault::Reject);
        }
        self.burn(COPY_GAS * self.words).map_err(|_| Fault::Reject)?;
        if purity != Purity::Pure {
            self.burn(OPEN_GAS)?;
        }
        Ok(())
    }

    /// Emits an event of the precompile and pays for it as `LOG` does.
    fn emit(&mut self, event: &impl IntoLogData) -> Result<(), Fault> {
        let data = event.to_log_data();
        self.burn(375 * (1 + data.topics().len() as u64) + 8 * data.data.len() as u64)?;
        self.ctx.journal_mut().log(Log { address: self.address, data });
        Ok(())
    }

    fn time(&self) -> u64 {
        self.ctx.block.timestamp.saturating_to()
    }

    fn code_hash(&mut self, address: Address) -> Result<B256, Fault> {
        self.burn(COLD_ACCOUNT_GAS)?;
        Ok(crate::modules::peek(self.ctx, address).0)
    }

    fn pay(&mut self, to: Address, amount: U256) -> Result<(), Fault> {
        let Ok(error) = self.ctx.journal_mut().transfer(self.address, to, amount);
        match error {
            None => Ok(()),
            Some(_) => Err(Fault::Fail("insufficient balance for transfer".into())),
        }
    }
}

/// Ethereum's precompiles and Arbitrum's.
#[derive(Clone, Debug)]
pub struct ArbPrecompiles {
    ethereum: EthPrecompiles,
    warm: AddressSet,
}

impl ArbPrecompiles {
    /// The precompiles of a hard fork.
    #[must_use]
    pub fn new(spec: SpecId) -> Self {
        let mut ethereum = EthPrecompiles::new(spec);
        if spec < SpecId::OSAKA {
            // Arbitrum has P256VERIFY (RIP-7212) since ArbOS 30, before Ethereum had it.
            ethereum.precompiles = early_p256(spec);
        }
        let mut warm = ethereum.warm_addresses().clone();
        warm.extend(ALL);
        Self { ethereum, warm }
    }
}

fn early_p256(spec: SpecId) -> &'static Precompiles {
    use std::sync::OnceLock;
    static CANCUN: OnceLock<Precompiles> = OnceLock::new();
    static PRAGUE: OnceLock<Precompiles> = OnceLock::new();
    let (cell, base) = if spec < SpecId::PRAGUE {
        (&CANCUN, Precompiles::cancun())
    } else {
        (&PRAGUE, Precompiles::prague())
    };
    cell.get_or_init(|| {
        let mut all = base.clone();
        all.extend([secp256r1::P256VERIFY]);
        all
    })
}

impl<'a> PrecompileProvider<Ctx<'a>> for ArbPrecompiles {
    type Output = InterpreterResult;

    fn set_spec(&mut self, spec: SpecId) -> bool {
        if spec == self.ethereum.spec {
            return false;
        }
        *self = Self::new(spec);
        true
    }

    fn run(&mut self, ctx: &mut Ctx<'a>, inputs: &CallInputs) -> Result<Option<InterpreterResult>, String> {
        if ALL.contains(&inputs.bytecode_address) {
            return Ok(Some(run(ctx, inputs)));
        }
        self.ethereum.run(ctx, inputs)
    }

    fn warm_addresses(&self) -> &AddressSet {
        &self.warm
    }
}

fn run(ctx: &mut Ctx<'_>, inputs: &CallInputs) -> InterpreterResult {
    let data = inputs.input.bytes(ctx);
    let mut call = Call {
        address: inputs.bytecode_address,
        acting: inputs.target_address,
        caller: inputs.caller,
        value: inputs.value.get(),
        is_static: inputs.is_static,
        words: (data.len().saturating_sub(4) as u64).div_ceil(32),
        gas_left: inputs.gas_limit,
        ctx,
    };
    let outcome = dispatch(&mut call, &data);
    let outcome = outcome.and_then(|output| {
        call.burn(COPY_GAS * (output.len() as u64).div_ceil(32)).map_err(|_| Fault::Reject)?;
        Ok(output)
    });
    let mut left = call.gas_left;
    let (result, output) = match outcome {
        Ok(output) => (InstructionResult::Return, output),
        Err(Fault::Revert(data)) => match left.checked_sub(COPY_GAS * (data.len() as u64).div_ceil(32)) {
            Some(rest) => {
                left = rest;
                (InstructionResult::Revert, data)
            }
            None => {
                left = 0;
                (InstructionResult::Revert, Bytes::new())
            }
        },
        Err(Fault::Reject) => {
            left = 0;
            (InstructionResult::Revert, Bytes::new())
        }
        Err(Fault::OutOfGas) => (InstructionResult::PrecompileOOG, Bytes::new()),
        Err(Fault::Fail(message)) => {
            ctx.local_mut().set_precompile_error_context(message);
            (InstructionResult::PrecompileError, Bytes::new())
        }
    };
    if !result.is_ok_or_revert() {
        left = 0;
    }
    let mut gas = Gas::new(inputs.gas_limit);
    gas.set_remaining(left.min(inputs.gas_limit));
    InterpreterResult { result, output, gas }
}

fn dispatch(call: &mut Call<'_, '_>, data: &[u8]) -> Result<Bytes, Fault> {
    match call.address {
        ARB_SYS => arb_sys::run(call, data),
        ARB_WASM => arb_wasm::run(call, data),
        ARB_WASM_CACHE => arb_wasm_cache::run(call, data),
        ARB_OWNER => arb_owner::run(call, data),
        ARB_OWNER_PUBLIC => arb_owner::run_public(call, data),
        ARB_DEBUG => arb_owner::run_debug(call, data),
        ARB_INFO => info::run_info(call, data),
        ARB_GAS_INFO => info::run_gas_info(call, data),
        ARB_AGGREGATOR => info::run_aggregator(call, data),
        ARBOS_TEST => info::run_test(call, data),
        _ => Err(Fault::Reject),
    }
}

/// The hash of an L2 block that is at most 256 blocks old.
fn l2_block_hash(ctx: &Ctx<'_>, number: u64) -> Option<B256> {
    ctx.journaled_state.db().l2_block_hash(number)
}

const _: fn() = || {
    // The database of the context cannot fail; the irrefutable `let Ok(..)` above rest on it.
    fn infallible<D: Database<Error = std::convert::Infallible>>() {}
    infallible::<crate::state::View<'static>>();
};
