//! From deployed code to a program that runs: in one account, or in fragments that a root names.

use alloy_primitives::{Address, B256, Bytes, keccak256};
use revm::Database;
use revm::context::JournalTr;
use stylus_vm::fragments::{self, Root};
use stylus_vm::{Config, Program};

use crate::arbos::storage::Fault;
use crate::evm::Ctx;

/// From this version on, programs may stand in several accounts.
pub(crate) const FRAGMENTS: u64 = 60;

/// Whether a call of this code runs a program. A fragment by itself is none: what calls it runs `EF`, which is no
/// instruction of the EVM.
pub(crate) fn is_program(code: &[u8], arbos_version: u64) -> bool {
    stylus_vm::code::is_program(code) || is_root(code, arbos_version)
}

/// Whether a code is the root of a program in fragments.
pub(crate) fn is_root(code: &[u8], arbos_version: u64) -> bool {
    arbos_version >= FRAGMENTS && fragments::is_root(code)
}

/// Code and its hash as the transaction sees them, without making the account warm.
pub(crate) fn peek(ctx: &mut Ctx<'_>, address: Address) -> (B256, Bytes) {
    let journal = &mut ctx.journaled_state;
    let known = journal.inner.state.get(&address).map(|account| account.info.clone());
    let Ok(info) = known.map_or_else(|| journal.db_mut().basic(address), |info| Ok(Some(info)));
    let Some(info) = info else { return (B256::ZERO, Bytes::new()) };
    let code = match info.code {
        Some(code) => code,
        None => {
            let Ok(code) = journal.db_mut().code_by_hash(info.code_hash);
            code
        }
    };
    (info.code_hash, code.original_bytes())
}

/// The compiled program of a code that has been activated before; its limits were checked then and hold no more.
pub(crate) fn prepare(
    ctx: &mut Ctx<'_>,
    code_hash: B256,
    code: &Bytes,
    config: &Config,
) -> Result<Program, Fault> {
    if !fragments::is_root(code) {
        return compile(ctx, code_hash, code_hash, config, || stylus_vm::decompress(code, u32::MAX));
    }
    let root = Root::parse(code).map_err(|e| Fault::Fail(e.to_string()))?;
    let parts: Vec<(B256, Bytes)> = root.fragments.iter().map(|address| peek(ctx, *address)).collect();
    // The root names accounts; what stands there is not the same after a snapshot is reverted.
    let mut content = code_hash.to_vec();
    content.extend(parts.iter().flat_map(|(hash, _)| *hash));
    let codes: Vec<Bytes> = parts.into_iter().map(|(_, code)| code).collect();
    compile(ctx, code_hash, keccak256(content), config, || root.join(&codes))
}

/// The compiled program from the cache, by the hash of all that it consists of; under a profiler one of its own with
/// hooks, which never enters the cache.
fn compile(
    ctx: &mut Ctx<'_>,
    code_hash: B256,
    content: B256,
    config: &Config,
    module: impl FnOnce() -> Result<Vec<u8>, stylus_vm::Error>,
) -> Result<Program, Fault> {
    match &mut ctx.chain.profiler {
        Some(profiler) => profiler.program(code_hash, config, module),
        None => ctx.chain.programs.get_or_compile(content, config, module),
    }
}
