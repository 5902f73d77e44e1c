//! `ArbWasmCache`: which programs are pinned in the cache.

use alloy_primitives::{B256, Bytes};
use alloy_sol_types::{SolInterface, SolValue};

use super::abi::ArbWasm;
use super::abi::ArbWasmCache::{ArbWasmCacheCalls as M, UpdateProgramCache};
use super::{Call, Purity};
use crate::arbos::params::StylusParams;
use crate::arbos::programs::{Program, revert};
use crate::arbos::storage::{Fault, Slots};
use crate::arbos::{cache_managers, chain_owners};

const MOST_MANAGERS: u64 = 65_536;

pub(super) fn run(call: &mut Call<'_, '_>, data: &[u8]) -> Result<Bytes, Fault> {
    let method = M::abi_decode(data).map_err(|_| Fault::Reject)?;
    let arbos = call.ctx.chain.arbos_version;
    let known = match &method {
        M::cacheCodehash(_) => arbos == 30,
        M::cacheProgram(_) => arbos >= 31,
        _ => true,
    };
    if !known {
        return Err(Fault::Reject);
    }
    call.enter(match &method {
        M::cacheCodehash(_) | M::cacheProgram(_) | M::evictCodehash(_) => Purity::Write,
        _ => Purity::View,
    })?;
    Ok(match method {
        M::isCacheManager(m) => cache_managers().contains(call, m.manager)?.abi_encode(),
        M::allCacheManagers(_) => cache_managers().members(call, MOST_MANAGERS)?.abi_encode(),
        M::codehashIsCached(m) => Program::read(call, m.codehash)?.cached.abi_encode(),
        M::cacheCodehash(m) => set_cached(call, m.codehash, true)?,
        M::evictCodehash(m) => set_cached(call, m.codehash, false)?,
        M::cacheProgram(m) => {
            let code_hash = call.code_hash(m.addr)?;
            set_cached(call, code_hash, true)?
        }
    }
    .into())
}

fn set_cached(call: &mut Call<'_, '_>, code_hash: B256, cached: bool) -> Result<Vec<u8>, Fault> {
    let caller = call.caller;
    if !cache_managers().contains(call, caller)? && !chain_owners().contains(call, caller)? {
        // A stranger pays with all its gas.
        return Err(Fault::OutOfGas);
    }
    let params = StylusParams::read(call)?;
    let time = call.time();
    let mut program = Program::read(call, code_hash)?;
    if cached && program.version != params.version {
        return Err(revert(ArbWasm::ProgramNeedsUpgrade {
            version: program.version,
            stylusVersion: params.version,
        }));
    }
    if cached && program.expired(time, &params) {
        return Err(revert(ArbWasm::ProgramExpired { ageInSeconds: program.age(time) }));
    }
    if program.cached == cached {
        return Ok(Vec::new());
    }
    call.emit(&UpdateProgramCache { manager: caller, codehash: code_hash, cached })?;
    call.burn(u64::from(program.init_cost))?;
    program.cached = cached;
    program.write(call, code_hash)?;
    Ok(Vec::new())
}
