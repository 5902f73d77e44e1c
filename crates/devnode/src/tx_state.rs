//! What a transaction carries besides the journal.

use std::collections::HashMap;
use std::sync::Arc;

use alloy_primitives::{Address, B256};

use crate::arbos::params::StylusParams;
use crate::profile::Profiler;
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
    recent: Vec<B256>,
    /// Compiled programs.
    pub programs: Arc<ProgramCache>,
    /// Who watches, if anybody.
    pub tracer: Option<Box<Tracer>>,
    /// Who takes a profile, if anybody.
    pub profiler: Option<Box<Profiler>>,
}

impl TxState {
    /// The state of a transaction that has not begun.
    #[must_use]
    pub fn new(arbos_version: u64, l2_block: u64, programs: Arc<ProgramCache>) -> Self {
        Self { arbos_version, l2_block, programs, ..Default::default() }
    }

    /// Goes on from the programs that ran lately in the same block, as [`Self::take_recent`] of the transaction before
    /// gave them.
    #[must_use]
    pub fn with_recent(mut self, recent: Vec<B256>) -> Self {
        self.recent = recent;
        self
    }

    /// The code hashes of the programs that ran lately in this block, oldest first: what the next transaction of the
    /// block starts with. They stay also when the transaction fails.
    #[must_use]
    pub fn take_recent(&mut self) -> Vec<B256> {
        std::mem::take(&mut self.recent)
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
        let surplus = self.recent.len().saturating_sub(usize::from(size));
        self.recent.drain(..surplus);
        hit.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_goes_on_in_the_next_transaction_of_a_block() {
        let [a, b] = [1, 2].map(B256::repeat_byte);
        let mut first = TxState::default();
        assert!(!first.touch_recent(a, 32));
        assert!(!first.touch_recent(b, 32));
        assert!(first.touch_recent(a, 32));
        let recent = first.take_recent();
        assert_eq!(recent, [b, a], "oldest first");
        assert!(first.take_recent().is_empty());
        let mut second = TxState::default().with_recent(recent);
        assert!(second.touch_recent(b, 32), "it ran in the transaction before");
        assert!(!TxState::default().touch_recent(b, 32), "a new block begins with none");
        // The parameter may have become smaller in between: the oldest go.
        let mut third = TxState::default().with_recent(vec![a, b]);
        assert!(third.touch_recent(b, 1));
        assert!(!third.touch_recent(a, 1));
    }
}
