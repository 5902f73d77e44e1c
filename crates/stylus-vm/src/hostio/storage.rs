//! Storage and transient storage.

use super::{Escape, Io, io::Result};
use crate::{
    HostError,
    pricing::{COLD_SLOAD_GAS, EVM_API, HOSTIO, PTR, SSTORE_SENTRY_GAS, TRANSIENT_GAS},
};

/// Gas that must be left for the dearest tier of the cache.
const REQUIRED_ACCESS_GAS: u64 = 10;
/// From this version on, a flush that cannot be paid ends out of ink; before, it was a failure.
const FLUSH_OUT_OF_GAS: u64 = 50;

impl Io<'_, '_> {
    pub(super) fn storage_load_bytes32(&mut self, key: u32, dest: u32) -> Result {
        self.buy(HOSTIO + 2 * PTR)?;
        let request = self.ink_to_gas(EVM_API);
        self.require_gas(COLD_SLOAD_GAS + REQUIRED_ACCESS_GAS + request)?;
        let key = self.read_word(key)?;
        let mut gas = self.state.cache.read_gas();
        let value = match self.state.cache.get(key) {
            Some(value) => value,
            None => {
                let (value, access) = self.state.host.storage_load(key);
                self.state.cache.insert_known(key, value);
                gas = gas.saturating_add(access).saturating_add(request);
                value
            }
        };
        self.buy_gas(gas)?;
        self.write(dest, value.as_slice())?;
        self.trace(&[key.as_slice()], &[value.as_slice()]);
        Ok(())
    }

    pub(super) fn storage_cache_bytes32(&mut self, key: u32, value: u32) -> Result {
        self.buy(HOSTIO + 2 * PTR)?;
        self.require_gas(SSTORE_SENTRY_GAS + REQUIRED_ACCESS_GAS)?;
        let (key, value) = (self.read_word(key)?, self.read_word(value)?);
        let gas = self.state.cache.write_gas();
        self.state.cache.write(key, value);
        self.buy_gas(gas)?;
        self.trace(&[key.as_slice(), value.as_slice()], &[]);
        Ok(())
    }

    pub(super) fn storage_flush_cache(&mut self, clear: u32) -> Result {
        self.buy(HOSTIO + EVM_API)?;
        self.require_gas(SSTORE_SENTRY_GAS)?;
        let gas_left = self.gas_left();
        let dirty = self.state.cache.flush();
        if clear != 0 {
            self.state.cache.clear();
        }
        if !dirty.is_empty() {
            let gas = self.state.host.storage_store(&dirty, gas_left).map_err(|error| match error {
                HostError::OutOfGas if self.state.config.arbos_version < FLUSH_OUT_OF_GAS => {
                    Escape::Logical("storage writes cannot be paid")
                }
                HostError::OutOfGas => {
                    self.ink = 0;
                    Escape::OutOfInk
                }
                HostError::Failure => error.into(),
            })?;
            self.buy_gas(gas)?;
        }
        self.trace(&[&[u8::from(clear != 0)]], &[]);
        Ok(())
    }

    pub(super) fn transient_load_bytes32(&mut self, key: u32, dest: u32) -> Result {
        self.buy(HOSTIO + 2 * PTR + EVM_API)?;
        self.buy_gas(TRANSIENT_GAS)?;
        let key = self.read_word(key)?;
        let value = self.state.host.transient_load(key);
        self.write(dest, value.as_slice())?;
        self.trace(&[key.as_slice()], &[value.as_slice()]);
        Ok(())
    }

    pub(super) fn transient_store_bytes32(&mut self, key: u32, value: u32) -> Result {
        self.buy(HOSTIO + 2 * PTR + EVM_API)?;
        self.buy_gas(TRANSIENT_GAS)?;
        let (key, value) = (self.read_word(key)?, self.read_word(value)?);
        self.state.host.transient_store(key, value)?;
        self.trace(&[key.as_slice(), value.as_slice()], &[]);
        Ok(())
    }
}
