//! Arguments and results of this frame, calls to others, creations, logs.

use alloy_primitives::{Bytes, U256};

use super::{Escape, Io, io::Result};
use crate::{
    HostError,
    host::{CallKind, CallRequest, CreateRequest},
    pricing::{EVM_API, HOSTIO, LOG_DATA_GAS, LOG_TOPIC_GAS, PTR},
};

/// What a program sees of a call that failed.
const CALL_FAILED: u32 = 2;
/// Most topics of a log.
const MAX_TOPICS: u32 = 4;

impl Io<'_, '_> {
    pub(super) fn read_args(&mut self, dest: u32) -> Result {
        self.buy(HOSTIO)?;
        let args = self.state.calldata;
        self.pay_for_write(args.len())?;
        self.write(dest, args)?;
        self.trace(&[], &[args]);
        Ok(())
    }

    pub(super) fn write_result(&mut self, ptr: u32, len: u32) -> Result {
        self.buy(HOSTIO)?;
        self.pay_for_read(len)?;
        self.pay_for_copy(len)?;
        let output = self.read(ptr, len)?.to_vec();
        self.trace(&[&output], &[]);
        self.state.output = output;
        Ok(())
    }

    pub(super) fn exit_early(&mut self, status: u32) -> Result {
        self.trace(&[&status.to_be_bytes()], &[]);
        Err(Escape::Exit(status))
    }

    pub(super) fn call_contract(
        &mut self,
        to: u32,
        data: u32,
        len: u32,
        value: u32,
        gas: u64,
        ret_len: u32,
    ) -> Result<u32> {
        self.message_call(CallKind::Call, to, data, len, Some(value), gas, ret_len)
    }

    pub(super) fn delegate_call_contract(
        &mut self,
        to: u32,
        data: u32,
        len: u32,
        gas: u64,
        ret_len: u32,
    ) -> Result<u32> {
        self.message_call(CallKind::Delegate, to, data, len, None, gas, ret_len)
    }

    pub(super) fn static_call_contract(
        &mut self,
        to: u32,
        data: u32,
        len: u32,
        gas: u64,
        ret_len: u32,
    ) -> Result<u32> {
        self.message_call(CallKind::Static, to, data, len, None, gas, ret_len)
    }

    #[allow(clippy::too_many_arguments, reason = "the arguments of the host function")]
    fn message_call(
        &mut self,
        kind: CallKind,
        to: u32,
        data: u32,
        len: u32,
        value: Option<u32>,
        gas: u64,
        ret_len: u32,
    ) -> Result<u32> {
        self.buy(HOSTIO + 3 * PTR + EVM_API)?;
        self.pay_for_read(len)?;
        self.pay_for_copy(len)?;
        let gas_left = self.gas_left();
        let gas_request = gas.min(gas_left);
        let to = self.read_address(to)?;
        let data = Bytes::copy_from_slice(self.read(data, len)?);
        let value = value.map(|ptr| self.read_u256(ptr)).transpose()?;
        let request = CallRequest {
            kind,
            to,
            data: data.clone(),
            value: value.unwrap_or(U256::ZERO),
            gas_left,
            gas_request,
        };
        let outcome = self.state.host.call(request);
        self.buy_gas(outcome.gas_cost)?;
        let returned = outcome.return_data.len() as u32;
        self.state.return_data = outcome.return_data;
        self.write_u32(ret_len, returned)?;
        let status = if outcome.success { 0 } else { CALL_FAILED };
        let value = value.map(|value| value.to_be_bytes::<32>());
        self.trace(
            &[to.as_slice(), &gas.to_be_bytes(), value.as_ref().map_or(&[], |value| value), &data],
            &[&returned.to_be_bytes(), &[status as u8]],
        );
        Ok(status)
    }

    pub(super) fn create1(
        &mut self,
        code: u32,
        len: u32,
        endowment: u32,
        address: u32,
        ret_len: u32,
    ) -> Result {
        self.buy(HOSTIO + 3 * PTR + EVM_API)?;
        self.create(code, len, endowment, None, address, ret_len)
    }

    pub(super) fn create2(
        &mut self,
        code: u32,
        len: u32,
        endowment: u32,
        salt: u32,
        address: u32,
        ret_len: u32,
    ) -> Result {
        self.buy(HOSTIO + 4 * PTR + EVM_API)?;
        self.create(code, len, endowment, Some(salt), address, ret_len)
    }

    fn create(
        &mut self,
        code: u32,
        len: u32,
        endowment: u32,
        salt: Option<u32>,
        address: u32,
        ret_len: u32,
    ) -> Result {
        self.pay_for_read(len)?;
        self.pay_for_copy(len)?;
        let code = Bytes::copy_from_slice(self.read(code, len)?);
        let endowment = self.read_u256(endowment)?;
        let salt = salt.map(|ptr| self.read_word(ptr)).transpose()?;
        let gas_left = self.gas_left();
        let request = CreateRequest { code: code.clone(), endowment, salt, gas_left };
        let outcome = match self.state.host.create(request) {
            Ok(outcome) => outcome,
            Err(HostError::OutOfGas) => {
                self.buy_gas(gas_left)?;
                return Err(Escape::Logical("a creation cannot be paid"));
            }
            Err(error) => return Err(error.into()),
        };
        self.buy_gas(outcome.gas_cost)?;
        let returned = outcome.return_data.len() as u32;
        self.state.return_data = outcome.return_data;
        self.write_u32(ret_len, returned)?;
        let created = outcome.address.unwrap_or_default();
        self.write(address, created.as_slice())?;
        let endowment = endowment.to_be_bytes::<32>();
        self.trace(
            &[&endowment, salt.as_ref().map_or(&[], |salt| salt.as_slice()), &code],
            &[created.as_slice(), &returned.to_be_bytes()],
        );
        Ok(())
    }

    pub(super) fn read_return_data(&mut self, dest: u32, offset: u32, size: u32) -> Result<u32> {
        self.buy(HOSTIO + EVM_API)?;
        let rest = self.state.return_data.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(size as usize);
        let part = self.state.return_data.slice_ref(&rest[..count]);
        self.pay_for_write(count)?;
        // nothing to copy is no access: the pointer is not looked at
        if count > 0 {
            self.write(dest, &part)?;
        }
        self.trace(&[&offset.to_be_bytes(), &size.to_be_bytes()], &[&part]);
        Ok(count as u32)
    }

    pub(super) fn return_data_size(&mut self) -> Result<u32> {
        self.buy(HOSTIO)?;
        let size = self.state.return_data.len() as u32;
        self.trace(&[], &[&size.to_be_bytes()]);
        Ok(size)
    }

    pub(super) fn emit_log(&mut self, data: u32, len: u32, topics: u32) -> Result {
        self.buy(HOSTIO + EVM_API)?;
        if topics > MAX_TOPICS || len < topics * 32 {
            return Err(Escape::Logical("bad topic data"));
        }
        self.pay_for_read(len)?;
        let rest = u64::from(len - topics * 32);
        self.buy_gas((1 + u64::from(topics)) * LOG_TOPIC_GAS + LOG_DATA_GAS * rest)?;
        let bytes = Bytes::copy_from_slice(self.read(data, len)?);
        let split = topics as usize * 32;
        let words = bytes[..split].chunks_exact(32).map(alloy_primitives::B256::from_slice).collect();
        self.state.host.emit_log(words, bytes.slice(split..))?;
        self.trace(&[&topics.to_be_bytes(), &bytes], &[]);
        Ok(())
    }
}
