//! `ArbSys`: facts of the L2 chain.

use alloy_primitives::{Address, Bytes, U256, address};
use alloy_sol_types::{SolInterface, SolValue};

use super::abi::ArbSys::{ArbSysCalls as M, InvalidBlockNumber};
use super::{Call, Purity, l2_block_hash};
use crate::arbos::programs::revert;
use crate::arbos::storage::Fault;

/// What is added to the address of an L1 contract that sends to L2.
const ALIAS_OFFSET: Address = address!("1111000000000000000000000000000000001111");
/// ArbOS counts its versions from here.
const VERSION_OFFSET: u64 = 55;

pub(super) fn run(call: &mut Call<'_, '_>, data: &[u8]) -> Result<Bytes, Fault> {
    let method = M::abi_decode(data).map_err(|_| Fault::Reject)?;
    call.enter(match &method {
        M::mapL1SenderContractAddressToL2Alias(_) => Purity::Pure,
        _ => Purity::View,
    })?;
    let chain = &call.ctx.chain;
    Ok(match method {
        M::arbBlockNumber(_) => U256::from(chain.l2_block).abi_encode(),
        M::arbBlockHash(m) => {
            let current = chain.l2_block;
            let number = u64::try_from(m.arbBlockNum).ok().filter(|n| *n < current && *n + 256 >= current);
            match number.and_then(|n| l2_block_hash(call.ctx, n)) {
                Some(hash) => hash.abi_encode(),
                None => {
                    let current = U256::from(current);
                    return Err(revert(InvalidBlockNumber { requested: m.arbBlockNum, current }));
                }
            }
        }
        M::arbChainID(_) => U256::from(call.ctx.cfg.chain_id).abi_encode(),
        M::arbOSVersion(_) => U256::from(VERSION_OFFSET + chain.arbos_version).abi_encode(),
        M::getStorageGasAvailable(_) => U256::ZERO.abi_encode(),
        M::isTopLevelCall(_) => (chain.open_frames <= 2).abi_encode(),
        M::mapL1SenderContractAddressToL2Alias(m) => {
            let sum = U256::from_be_bytes(m.sender.into_word().0)
                .wrapping_add(U256::from_be_bytes(ALIAS_OFFSET.into_word().0));
            Address::from_word(sum.into()).abi_encode()
        }
        // No transaction here comes from L1, so no sender is ever aliased.
        M::wasMyCallersAddressAliased(_) => false.abi_encode(),
        M::myCallersAddressWithoutAliasing(_) => chain.caller_of(call.caller).abi_encode(),
    }
    .into())
}
