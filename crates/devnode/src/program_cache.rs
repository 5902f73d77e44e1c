//! Compiled programs by code hash: what costs the machine time, not gas.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use alloy_primitives::B256;
use stylus_vm::{Config, Program};

use crate::arbos::storage::Fault;

/// Programs that ran lately.
#[derive(Debug)]
pub struct ProgramCache {
    inner: Mutex<Inner>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Inner {
    programs: HashMap<Key, (Program, u64)>,
    clock: u64,
}

/// Code and the setting that its preparation depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key(B256, u16);

impl Default for ProgramCache {
    fn default() -> Self {
        Self::new(512)
    }
}

impl ProgramCache {
    /// A cache of at most `capacity` programs.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { inner: Mutex::default(), capacity: capacity.max(1) }
    }

    /// The compiled program of a deployed code that has been activated before. `hash` stands for all that `module`
    /// is made of; `module` is asked for only when it is not here.
    ///
    /// # Errors
    /// [`Fault::Fail`] when the code no longer passes under the parameters of the chain.
    pub fn get_or_compile(
        &self,
        hash: B256,
        config: &Config,
        module: impl FnOnce() -> Result<Vec<u8>, stylus_vm::Error>,
    ) -> Result<Program, Fault> {
        let key = Key(hash, config.page_limit);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        if let Some((program, used)) = inner.programs.get_mut(&key) {
            *used = now;
            return Ok(program.clone());
        }
        let fail = |e: stylus_vm::Error| Fault::Fail(e.to_string());
        let program = module().and_then(|wasm| Program::compile(&wasm, config)).map_err(fail)?;
        if inner.programs.len() >= self.capacity
            && let Some(oldest) =
                inner.programs.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| *key)
        {
            inner.programs.remove(&oldest);
        }
        inner.programs.insert(key, (program.clone(), now));
        Ok(program)
    }
}
