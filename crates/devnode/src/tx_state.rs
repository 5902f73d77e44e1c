//! What a transaction carries besides the journal.

use std::collections::HashMap;
use std::sync::Arc;

use alloy_primitives::{Address, B256};

use crate::arbos::params::StylusParams;
use crate::program_cache::ProgramCache;
use crate::trace::Tracer;

/// What a transaction carries besides the journal: memory pages, open frames, programs that ran.
#[derive(Debug, Default)]
pub struct TxState {
    /// Version of ArbOS.
    pub arbos_version: u64,
    /// Number of the L2 block.
    pub l2_block: u64,
    /// Pages of memory open now, over all programs.
    pub pages_open: u16,
    /// Most pages open at once so far.
    pub pages_ever: u16,
    /// Frames open now, of either kind.
    pub open_frames: usize,
    /// Open frames that are no delegate calls, by acting account.
    acting: HashMap<Address, u32>,
    /// Callers and acting accounts of the open frames.
    frames: Vec<(Address, Address, bool)>,
    /// Programs that ran lately in this block, oldest first.
    pub recent: Vec<B256>,
    /// Compiled programs.
    pub programs: Arc<ProgramCache>,
    /// Who watches, if anybody.
    pub tracer: Option<Box<Tracer>>,
}

impl TxState {
    /// The state of a transaction that has not begun.
    #[must_use]
    pub fn new(arbos_version: u64, l2_block: u64, programs: Arc<ProgramCache>) -> Self {
        Self { arbos_version, l2_block, programs, ..Default::default() }
    }

    /// The settings of the VM under the parameters of the chain.
    #[must_use]
    pub const fn vm_config(&self, params: &StylusParams) -> stylus_vm::Config {
        let mut config = stylus_vm::Config::for_arbos(self.arbos_version);
        config.ink_price = params.ink_price;
        config.max_stack_depth = params.max_stack_depth;
        config.max_wasm_size = params.max_wasm_size;
        config.page_limit = params.page_limit;
        config.debug = true;
        config
    }

    pub(crate) fn open(&mut self, caller: Address, acting: Address, delegate: bool) {
        self.open_frames += 1;
        if !delegate {
            *self.acting.entry(acting).or_default() += 1;
        }
        self.frames.push((caller, acting, delegate));
    }

    pub(crate) fn close(&mut self) {
        self.open_frames = self.open_frames.saturating_sub(1);
        if let Some((_, acting, false)) = self.frames.pop()
            && let Some(count) = self.acting.get_mut(&acting)
        {
            *count = count.saturating_sub(1);
        }
    }

    pub(crate) fn reentrant(&self, acting: Address) -> bool {
        self.acting.get(&acting).is_some_and(|count| *count > 1)
    }

    /// Who called the account that calls a precompile.
    #[must_use]
    pub fn caller_of(&self, account: Address) -> Address {
        let frame = self.frames.iter().rev().find(|(_, acting, _)| *acting == account);
        frame.map_or(account, |(caller, _, _)| *caller)
    }

    /// Notes that a program runs; true when it ran already in this block and is still remembered.
    pub(crate) fn touch_recent(&mut self, code_hash: B256, size: u16) -> bool {
        let hit = self.recent.iter().position(|hash| *hash == code_hash);
        if let Some(at) = hit {
            self.recent.remove(at);
        }
        self.recent.push(code_hash);
        if self.recent.len() > usize::from(size) {
            self.recent.remove(0);
        }
        hit.is_some()
    }
}
