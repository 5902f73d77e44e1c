//! `ArbOwner`, `ArbOwnerPublic` and `ArbDebug`: who rules the chain and what they may set.

use alloy_primitives::{Bytes, FixedBytes, U256};
use alloy_sol_types::{SolInterface, SolValue};

use super::abi::ArbDebug::ArbDebugCalls;
use super::abi::ArbOwner::{ArbOwnerCalls as M, OwnerActs};
use super::abi::ArbOwnerPublic::ArbOwnerPublicCalls as P;
use super::{Call, Free, Purity};
use crate::arbos::params::{MIN_CACHED_UNITS, MIN_INIT_UNITS, SCALAR_PERCENT, StylusParams};
use crate::arbos::storage::Fault;
use crate::arbos::{self, cache_managers, chain_owners, programs};
use crate::config::ARBOS_VERSIONS;
use crate::modules;

const MOST_OWNERS: u64 = 65_536;
const BROTLI_LEVEL: u64 = 1;

pub(super) fn run(call: &mut Call<'_, '_>, data: &[u8]) -> Result<Bytes, Fault> {
    let caller = call.caller;
    if !chain_owners().contains(call, caller)? {
        return Err(Fault::Fail("unauthorized caller to access-controlled method".into()));
    }
    let method = M::abi_decode(data).map_err(|_| Fault::Reject)?;
    if call.ctx.chain.arbos_version < since(&method) {
        return Err(Fault::Reject);
    }
    let view = matches!(
        method,
        M::isChainOwner(_) | M::getAllChainOwners(_) | M::getNetworkFeeAccount(_) | M::getInfraFeeAccount(_)
    );
    // Owners act for free.
    let gas = call.gas_left;
    call.gas_left = u64::MAX;
    call.enter(if view { Purity::View } else { Purity::Write })?;
    let output = act(call, method)?;
    if !view {
        let selector: FixedBytes<4> = FixedBytes::from_slice(&data[..4]);
        call.emit(&OwnerActs { method: selector, owner: caller, data: Bytes::copy_from_slice(data) })?;
    }
    // The caller pays for the output as for any other.
    call.gas_left = gas.saturating_add(3 * (output.len() as u64).div_ceil(32));
    Ok(output.into())
}

/// The version of ArbOS that brought a method.
const fn since(method: &M) -> u64 {
    match method {
        M::setWasmMaxSize(_) => 40,
        M::setMaxStylusContractFragments(_) | M::setWasmActivationGas(_) => 60,
        _ => 0,
    }
}

fn act(call: &mut Call<'_, '_>, method: M) -> Result<Vec<u8>, Fault> {
    match method {
        M::addChainOwner(m) => chain_owners().add(call, m.newOwner)?,
        M::removeChainOwner(m) => {
            if !chain_owners().contains(call, m.ownerToRemove)? {
                return Err(Fault::Fail("tried to remove non-owner".into()));
            }
            chain_owners().remove(call, m.ownerToRemove)?;
        }
        M::isChainOwner(m) => return Ok(chain_owners().contains(call, m.addr)?.abi_encode()),
        M::getAllChainOwners(_) => return Ok(chain_owners().members(call, MOST_OWNERS)?.abi_encode()),
        M::getNetworkFeeAccount(_) => return Ok(arbos::network_fee_account(call)?.abi_encode()),
        M::getInfraFeeAccount(_) => return Ok(arbos::infra_fee_account(call)?.abi_encode()),
        M::setNetworkFeeAccount(m) => arbos::set_network_fee_account(call, m.newNetworkFeeAccount)?,
        M::setInfraFeeAccount(m) => arbos::set_infra_fee_account(call, m.newInfraFeeAccount)?,
        M::setL1PricePerUnit(m) => arbos::set_l1_price(call, m.pricePerUnit)?,
        M::addWasmCacheManager(m) => cache_managers().add(call, m.manager)?,
        M::removeWasmCacheManager(m) => {
            if !cache_managers().contains(call, m.manager)? {
                return Err(Fault::Fail("tried to remove non-manager".into()));
            }
            cache_managers().remove(call, m.manager)?;
        }
        M::setWasmActivationGas(m) => programs::activation_gas_space().set(call, 0, U256::from(m.gas))?,
        M::scheduleArbOSUpgrade(m) => {
            let now = arbos::version(call)?;
            if m.newVersion < now || !ARBOS_VERSIONS.contains(&m.newVersion) {
                return Err(Fault::Fail(format!("cannot move from ArbOS {now} to {}", m.newVersion)));
            }
            if m.timestamp > call.time() {
                return Err(Fault::Fail("an upgrade later than now is not supported".into()));
            }
            arbos::upgrade(call, m.newVersion)?;
        }
        other => set_param(call, other)?,
    }
    Ok(Vec::new())
}

fn set_param(call: &mut Call<'_, '_>, method: M) -> Result<(), Fault> {
    let mut p = StylusParams::read(call)?;
    match method {
        M::setInkPrice(m) => {
            if m.inkPrice == 0 || m.inkPrice > 0xff_ffff {
                return Err(Fault::Fail("ink price must be a positive uint24".into()));
            }
            p.ink_price = m.inkPrice;
        }
        M::setWasmMaxStackDepth(m) => p.max_stack_depth = m.depth,
        M::setWasmFreePages(m) => p.free_pages = m.pages,
        M::setWasmPageGas(m) => p.page_gas = m.gas,
        M::setWasmPageLimit(m) => p.page_limit = m.limit,
        M::setWasmMaxSize(m) => p.max_wasm_size = m.size,
        M::setWasmMinInitGas(m) => {
            p.min_init_gas = units(u64::from(m.gas), MIN_INIT_UNITS);
            p.min_cached_gas = units(u64::from(m.cached), MIN_CACHED_UNITS);
        }
        M::setWasmInitCostScalar(m) => p.init_cost_scalar = units(m.percent, SCALAR_PERCENT),
        M::setWasmExpiryDays(m) => p.expiry_days = m._days,
        M::setWasmKeepaliveDays(m) => p.keepalive_days = m._days,
        M::setWasmBlockCacheSize(m) => p.block_cache_size = m.count,
        M::setMaxStylusContractFragments(m) => p.max_fragments = m.maxFragments,
        _ => return Err(Fault::Reject),
    }
    p.write(call)
}

fn units(value: u64, unit: u64) -> u8 {
    u8::try_from(value.div_ceil(unit)).unwrap_or(u8::MAX)
}

pub(super) fn run_public(call: &mut Call<'_, '_>, data: &[u8]) -> Result<Bytes, Fault> {
    let method = P::abi_decode(data).map_err(|_| Fault::Reject)?;
    if matches!(method, P::getMaxStylusContractFragments(_))
        && call.ctx.chain.arbos_version < modules::FRAGMENTS
    {
        return Err(Fault::Reject);
    }
    call.enter(Purity::View)?;
    Ok(match method {
        P::isChainOwner(m) => chain_owners().contains(call, m.addr)?.abi_encode(),
        P::getAllChainOwners(_) => chain_owners().members(call, MOST_OWNERS)?.abi_encode(),
        P::getNetworkFeeAccount(_) => arbos::network_fee_account(call)?.abi_encode(),
        P::getInfraFeeAccount(_) => arbos::infra_fee_account(call)?.abi_encode(),
        P::getBrotliCompressionLevel(_) => BROTLI_LEVEL.abi_encode(),
        P::getMaxStylusContractFragments(_) => {
            U256::from(StylusParams::read(call)?.max_fragments).abi_encode()
        }
        P::getScheduledUpgrade(_) => (0u64, 0u64).abi_encode(),
    }
    .into())
}

pub(super) fn run_debug(call: &mut Call<'_, '_>, data: &[u8]) -> Result<Bytes, Fault> {
    let method = ArbDebugCalls::abi_decode(data).map_err(|_| Fault::Reject)?;
    call.enter(Purity::Write)?;
    match method {
        ArbDebugCalls::becomeChainOwner(_) => {
            let caller = call.caller;
            // A debug method: the state it writes is not charged.
            chain_owners().add(&mut Free(call.ctx), caller)?;
        }
    }
    Ok(Bytes::new())
}
