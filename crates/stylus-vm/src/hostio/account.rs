//! Balance and code of accounts.

use alloy_primitives::{Address, Bytes};

use super::{Io, io::Result};
use crate::pricing::{COLD_ACCOUNT_GAS, EVM_API, EXT_CODE_GAS, EXT_CODE_UNIT, HOSTIO, PTR};

/// From this version on, an empty code is not remembered as the last one read.
const LAST_CODE_CACHE_FIX: u64 = 40;

impl Io<'_, '_> {
    pub(super) fn account_balance(&mut self, address: u32, dest: u32) -> Result {
        self.buy(HOSTIO + 2 * PTR + EVM_API)?;
        self.require_gas(COLD_ACCOUNT_GAS)?;
        let address = self.read_address(address)?;
        let (balance, gas) = self.state.host.account_balance(address);
        self.buy_gas(gas)?;
        let balance = balance.to_be_bytes::<32>();
        self.write(dest, &balance)?;
        self.trace(&[address.as_slice()], &[&balance]);
        Ok(())
    }

    pub(super) fn account_code(&mut self, address: u32, offset: u32, size: u32, dest: u32) -> Result<u32> {
        self.buy(HOSTIO + EVM_API)?;
        self.require_gas(COLD_ACCOUNT_GAS)?;
        let address = self.read_address(address)?;
        let code = self.code_of(address)?;
        // the whole code is paid for, however little of it is asked for
        self.pay_for_write(code.len())?;
        let rest = code.get(offset as usize..).unwrap_or_default();
        let part = &rest[..rest.len().min(size as usize)];
        self.write(dest, part)?;
        self.trace(&[address.as_slice(), &offset.to_be_bytes(), &size.to_be_bytes()], &[part]);
        Ok(part.len() as u32)
    }

    pub(super) fn account_code_size(&mut self, address: u32) -> Result<u32> {
        self.buy(HOSTIO + EVM_API)?;
        self.require_gas(COLD_ACCOUNT_GAS)?;
        let address = self.read_address(address)?;
        let size = self.code_of(address)?.len() as u32;
        self.trace(&[address.as_slice()], &[&size.to_be_bytes()]);
        Ok(size)
    }

    pub(super) fn account_codehash(&mut self, address: u32, dest: u32) -> Result {
        self.buy(HOSTIO + 2 * PTR + EVM_API)?;
        self.require_gas(COLD_ACCOUNT_GAS)?;
        let address = self.read_address(address)?;
        let (hash, gas) = self.state.host.account_codehash(address);
        self.buy_gas(gas)?;
        self.write(dest, hash.as_slice())?;
        self.trace(&[address.as_slice()], &[hash.as_slice()]);
        Ok(())
    }

    /// The code of an account, paid for; that of the account asked for last is free.
    fn code_of(&mut self, address: Address) -> Result<Bytes> {
        if let Some((last, code)) = &self.state.last_code
            && *last == address
        {
            return Ok(code.clone());
        }
        let (code, touch) = self.state.host.account_code(address);
        if !code.is_empty() || self.state.config.arbos_version < LAST_CODE_CACHE_FIX {
            self.state.last_code = Some((address, code.clone()));
        }
        let extension = EXT_CODE_GAS.saturating_mul(self.state.config.max_code_size) / EXT_CODE_UNIT;
        self.buy_gas(touch.saturating_add(extension))?;
        Ok(code)
    }
}
