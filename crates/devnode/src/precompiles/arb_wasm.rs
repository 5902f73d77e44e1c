//! `ArbWasm`: activation of programs and what is known of them.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolInterface, SolValue};
use revm::context::{ContextTr, JournalTr};
use stylus_vm::fragments::Root;

use super::abi::ArbWasm::{self, ArbWasmCalls as M};
use super::{COLD_ACCOUNT_GAS, Call, Purity, WARM_ACCOUNT_GAS};
use crate::arbos::params::{MIN_CACHED_UNITS, MIN_INIT_UNITS, PAGE_RAMP, SCALAR_PERCENT, StylusParams};
use crate::arbos::programs::{self, Program, revert};
use crate::arbos::storage::{Fault, Slots};
use crate::arbos::{self, pricer};
use crate::modules;

/// Gas that every activation pays before anything else.
const ACTIVATION_FIXED_GAS: u64 = 1_659_168;
/// From this version on, owners may add to it.
const ACTIVATION_GAS: u64 = 60;
/// Gas of each word of a fragment that activation reads.
const COPY_WORD_GAS: u64 = 3;

pub(super) fn run(call: &mut Call<'_, '_>, data: &[u8]) -> Result<Bytes, Fault> {
    let method = M::abi_decode(data).map_err(|_| Fault::Reject)?;
    if matches!(method, M::activationGas(_)) && call.ctx.chain.arbos_version < ACTIVATION_GAS {
        return Err(Fault::Reject);
    }
    call.enter(match &method {
        M::activateProgram(_) | M::codehashKeepalive(_) => Purity::Payable,
        _ => Purity::View,
    })?;
    match method {
        M::activateProgram(m) => return activate(call, m.program),
        M::codehashKeepalive(m) => return keepalive(call, m.codehash),
        M::activationGas(_) => {
            let gas: u64 = programs::activation_gas_space().get(call, 0)?.saturating_to();
            return Ok(gas.abi_encode().into());
        }
        _ => {}
    }
    let p = StylusParams::read(call)?;
    Ok(match method {
        M::stylusVersion(_) => p.version.abi_encode(),
        M::codehashVersion(m) => active(call, m.codehash, &p)?.version.abi_encode(),
        M::codehashAsmSize(m) => active(call, m.codehash, &p)?.asm_size().abi_encode(),
        M::programVersion(m) => of_address(call, m.program, &p)?.version.abi_encode(),
        M::programInitGas(m) => {
            let program = of_address(call, m.program, &p)?;
            let cached = program.cached_gas(&p);
            let mut init = program.init_gas(&p);
            if p.version > 1 {
                init += cached;
            }
            (init, cached).abi_encode()
        }
        M::programMemoryFootprint(m) => of_address(call, m.program, &p)?.footprint.abi_encode(),
        M::programTimeLeft(m) => {
            let program = of_address(call, m.program, &p)?;
            program.time_left(call.time(), &p).abi_encode()
        }
        M::inkPrice(_) => p.ink_price.abi_encode(),
        M::maxStackDepth(_) => p.max_stack_depth.abi_encode(),
        M::freePages(_) => p.free_pages.abi_encode(),
        M::pageGas(_) => p.page_gas.abi_encode(),
        M::pageRamp(_) => PAGE_RAMP.abi_encode(),
        M::pageLimit(_) => p.page_limit.abi_encode(),
        M::minInitGas(_) => {
            (u64::from(p.min_init_gas) * MIN_INIT_UNITS, u64::from(p.min_cached_gas) * MIN_CACHED_UNITS)
                .abi_encode()
        }
        M::initCostScalar(_) => (u64::from(p.init_cost_scalar) * SCALAR_PERCENT).abi_encode(),
        M::expiryDays(_) => p.expiry_days.abi_encode(),
        M::keepaliveDays(_) => p.keepalive_days.abi_encode(),
        M::blockCacheSize(_) => p.block_cache_size.abi_encode(),
        M::activateProgram(_) | M::codehashKeepalive(_) | M::activationGas(_) => Vec::new(),
    }
    .into())
}

fn active(call: &mut Call<'_, '_>, code_hash: B256, params: &StylusParams) -> Result<Program, Fault> {
    let time = call.time();
    Program::active(call, code_hash, time, params)
}

fn of_address(call: &mut Call<'_, '_>, program: Address, params: &StylusParams) -> Result<Program, Fault> {
    let code_hash = call.code_hash(program)?;
    active(call, code_hash, params)
}

fn activate(call: &mut Call<'_, '_>, address: Address) -> Result<Bytes, Fault> {
    call.burn(ACTIVATION_FIXED_GAS)?;
    let params = StylusParams::read(call)?;
    if call.ctx.chain.arbos_version >= ACTIVATION_GAS {
        let extra: u64 = programs::activation_gas_space().get(call, 0)?.saturating_to();
        call.burn(extra)?;
    }
    let time = call.time();
    let (code_hash, code) = modules::peek(call.ctx, address);

    let old = Program::read(call, code_hash)?;
    if old.version == params.version && !old.expired(time, &params) {
        return Err(revert(ArbWasm::ProgramUpToDate {}));
    }
    let wasm = module(call, &code, &params)?;
    let config = call.ctx.chain.vm_config(&params);
    let open = call.ctx.chain.pages_open;
    let program = stylus_vm::Program::activate(&wasm, &config, open)
        .map_err(|e| Fault::Fail(format!("program activation failed: {e}")))?;
    let info = *program.info();
    call.burn(info.activation_gas)?;

    programs::module_hash_space().set_at(call, code_hash, info.module_hash.into())?;
    let data_fee = pricer::charge(call, info.asm_estimate, time)?;
    let entry = Program {
        version: params.version,
        init_cost: info.init_cost,
        cached_cost: info.cached_cost,
        footprint: info.footprint,
        activated_at: programs::hours(time),
        asm_estimate_kb: info.asm_estimate.div_ceil(1024).min(0xff_ffff),
        cached: old.cached,
    };
    entry.write(call, code_hash)?;
    pay_data_fee(call, data_fee)?;
    call.emit(&ArbWasm::ProgramActivated {
        codehash: code_hash,
        moduleHash: info.module_hash,
        program: address,
        dataFee: data_fee,
        version: params.version,
    })?;
    Ok((params.version, data_fee).abi_encode().into())
}

/// The module of a deployed code; reading fragments is paid for.
///
/// What is no program is a Solidity error. What does not unpack reverts without data and keeps the gas left: only the
/// rules for modules take it all.
fn module(call: &mut Call<'_, '_>, code: &[u8], params: &StylusParams) -> Result<Vec<u8>, Fault> {
    let unpacks = |result: Result<Vec<u8>, stylus_vm::Error>| result.map_err(|_| Fault::Revert(Bytes::new()));
    if stylus_vm::code::is_program(code) && code.len() >= stylus_vm::code::HEADER_LEN {
        return unpacks(stylus_vm::decompress(code, params.max_wasm_size));
    }
    if !modules::is_root(code, call.ctx.chain.arbos_version) {
        return Err(revert(ArbWasm::ProgramNotWasm {}));
    }
    let root = Root::parse(code)
        .and_then(|root| root.check(params.max_wasm_size, params.max_fragments).map(|()| root))
        .map_err(|_| Fault::Revert(Bytes::new()))?;
    let mut parts = Vec::with_capacity(root.fragments.len());
    for address in &root.fragments {
        let Ok(part) = call.ctx.journal_mut().code(*address);
        call.burn(if part.is_cold { COLD_ACCOUNT_GAS } else { WARM_ACCOUNT_GAS })?;
        call.burn(COPY_WORD_GAS * (part.data.len() as u64).div_ceil(32))?;
        parts.push(part.data);
    }
    unpacks(root.join(&parts))
}

fn keepalive(call: &mut Call<'_, '_>, code_hash: B256) -> Result<Bytes, Fault> {
    let params = StylusParams::read(call)?;
    let time = call.time();
    let mut program = active(call, code_hash, &params)?;
    if program.fresh(time, &params) {
        return Err(revert(ArbWasm::ProgramKeepaliveTooSoon { ageInSeconds: program.age(time) }));
    }
    let data_fee = pricer::charge(call, program.asm_size(), time)?;
    program.activated_at = programs::hours(time);
    program.write(call, code_hash)?;
    pay_data_fee(call, data_fee)?;
    call.emit(&ArbWasm::ProgramLifetimeExtended { codehash: code_hash, dataFee: data_fee })?;
    Ok(Bytes::new())
}

/// Passes the data fee on and gives the rest of the value back to the caller.
fn pay_data_fee(call: &mut Call<'_, '_>, data_fee: U256) -> Result<(), Fault> {
    let value = call.value;
    let Some(rest) = value.checked_sub(data_fee) else {
        return Err(revert(ArbWasm::ProgramInsufficientValue { have: value, want: data_fee }));
    };
    let network = arbos::network_fee_account(call)?;
    call.pay(network, data_fee)?;
    let caller = call.caller;
    call.pay(caller, rest)
}
