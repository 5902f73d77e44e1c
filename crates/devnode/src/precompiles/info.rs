//! Small precompiles: `ArbInfo`, `ArbGasInfo`, `ArbAggregator`, `ArbosTest`.

use alloy_primitives::{Bytes, U256};
use alloy_sol_types::{SolInterface, SolValue};
use revm::context::{ContextTr, JournalTr};

use super::abi::ArbAggregator::ArbAggregatorCalls;
use super::abi::ArbGasInfo::ArbGasInfoCalls;
use super::abi::ArbInfo::ArbInfoCalls;
use super::abi::ArbosTest::ArbosTestCalls;
use super::{Call, Purity};
use crate::arbos::storage::{Fault, Slots};
use crate::config::{BASE_FEE, COINBASE};

const BALANCE_GAS: u64 = 700;
const COLD_CODE_GAS: u64 = 2_600;

pub(super) fn run_info(call: &mut Call<'_, '_>, data: &[u8]) -> Result<Bytes, Fault> {
    let method = ArbInfoCalls::abi_decode(data).map_err(|_| Fault::Reject)?;
    call.enter(Purity::View)?;
    Ok(match method {
        ArbInfoCalls::getBalance(m) => {
            call.burn(BALANCE_GAS)?;
            let Ok(account) = call.ctx.journal_mut().load_account(m.account);
            account.data.info.balance.abi_encode()
        }
        ArbInfoCalls::getCode(m) => {
            call.burn(COLD_CODE_GAS)?;
            let Ok(code) = call.ctx.journal_mut().code(m.account);
            let code = code.data;
            call.burn(3 * (code.len() as u64).div_ceil(32))?;
            code.abi_encode()
        }
    }
    .into())
}

/// L1 costs nothing here: every price of L1 is zero.
pub(super) fn run_gas_info(call: &mut Call<'_, '_>, data: &[u8]) -> Result<Bytes, Fault> {
    let method = ArbGasInfoCalls::abi_decode(data).map_err(|_| Fault::Reject)?;
    call.enter(Purity::View)?;
    let base = U256::from(BASE_FEE);
    let zero = U256::ZERO;
    Ok(match method {
        ArbGasInfoCalls::getPricesInWei(_) => {
            (zero, zero, base * U256::from(20_000), base, zero, base).abi_encode()
        }
        ArbGasInfoCalls::getPricesInArbGas(_) => (zero, zero, U256::from(20_000)).abi_encode(),
        ArbGasInfoCalls::getGasAccountingParams(_) => {
            (U256::from(7_000_000), U256::from(32_000_000), U256::from(32_000_000)).abi_encode()
        }
        ArbGasInfoCalls::getMinimumGasPrice(_) => base.abi_encode(),
        ArbGasInfoCalls::getL1BaseFeeEstimate(_)
        | ArbGasInfoCalls::getL1GasPriceEstimate(_)
        | ArbGasInfoCalls::getCurrentTxL1GasFees(_) => zero.abi_encode(),
    }
    .into())
}

pub(super) fn run_aggregator(call: &mut Call<'_, '_>, data: &[u8]) -> Result<Bytes, Fault> {
    let method = ArbAggregatorCalls::abi_decode(data).map_err(|_| Fault::Reject)?;
    call.enter(Purity::View)?;
    Ok(match method {
        ArbAggregatorCalls::getPreferredAggregator(_) => (COINBASE, true).abi_encode(),
        ArbAggregatorCalls::getDefaultAggregator(_) => COINBASE.abi_encode(),
        ArbAggregatorCalls::getTxBaseFee(_) => U256::ZERO.abi_encode(),
    }
    .into())
}

pub(super) fn run_test(call: &mut Call<'_, '_>, data: &[u8]) -> Result<Bytes, Fault> {
    let method = ArbosTestCalls::abi_decode(data).map_err(|_| Fault::Reject)?;
    call.enter(Purity::Pure)?;
    match method {
        ArbosTestCalls::burnArbGas(m) => {
            let gas = u64::try_from(m.gasAmount).map_err(|_| Fault::Reject)?;
            call.burn(gas)?;
        }
    }
    Ok(Bytes::new())
}
