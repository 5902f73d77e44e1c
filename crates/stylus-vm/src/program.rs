//! A program: a validated, instrumented and compiled module with its figures.

use std::sync::Arc;

use alloy_primitives::{B256, keccak256};
use wasmi::{CompilationMode, Engine};

use crate::{
    Config, Error,
    figures::Sizes,
    host::{EvmData, Host},
    instrument::{self, hooks},
    module::Module,
    run::{self, Call, RunResult},
    validate,
};

/// Figures of a program that the chain stores at activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramInfo {
    /// Pages of initial memory.
    pub footprint: u16,
    /// Estimate of the size of the native code, bytes; the data fee is priced by it.
    pub asm_estimate: u32,
    /// Cost of preparing the program, before scaling; before ArbOS 31 it contains the cached cost. See [`crate::pricing::init_gas`].
    pub init_cost: u16,
    /// Cost of calling the prepared program, before scaling; see [`crate::pricing::cached_gas`].
    pub cached_cost: u16,
    /// Gas of activation by the module's size, without the fixed part.
    pub activation_gas: u64,
    /// Hash of the instrumented module. Nitro hashes its prover's machine instead, which is not reproduced here.
    pub module_hash: B256,
}

/// A program ready to run. Clones share one compiled module.
#[derive(Clone, Debug)]
pub struct Program {
    info: ProgramInfo,
    compiled: Arc<Compiled>,
}

/// What the engine made of the instrumented module.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) engine: Engine,
    pub(crate) module: wasmi::Module,
    /// Module and name of each import, in order.
    pub(crate) imports: Vec<(String, String)>,
    /// Whether the module has the hooks of a profile, which are its last imports.
    pub(crate) hooks: bool,
}

impl Program {
    /// Validates, instruments and compiles a module as activation does, with `open_pages` open in the transaction.
    ///
    /// # Errors
    /// The rule of [`Error`] that the module breaks.
    pub fn activate(wasm: &[u8], config: &Config, open_pages: u16) -> Result<Self, Error> {
        let limit = config.page_limit.saturating_sub(open_pages);
        let program = Self::build(wasm, config, config.arbos_version, false)?;
        if program.info.footprint > limit {
            return Err(Error::MemoryTooLarge { pages: u64::from(program.info.footprint), limit });
        }
        Ok(program)
    }

    /// Prepares a module that the chain has activated before: every rule of activation but the one on open pages and
    /// those that came later, for what runs goes on running.
    ///
    /// # Errors
    /// The rule of [`Error`] that the module breaks.
    pub fn compile(wasm: &[u8], config: &Config) -> Result<Self, Error> {
        Self::build(wasm, config, 0, false)
    }

    /// As [`Self::compile`], with hooks that add to [`Host::profile`] in each function. Figures, results and ink are the
    /// same; it runs slower.
    ///
    /// # Errors
    /// The rule of [`Error`] that the module breaks.
    pub fn compile_profiled(wasm: &[u8], config: &Config) -> Result<Self, Error> {
        Self::build(wasm, config, 0, true)
    }

    /// `features` is the version of ArbOS whose WebAssembly proposals the module may use.
    fn build(wasm: &[u8], config: &Config, features: u64, profiled: bool) -> Result<Self, Error> {
        let module = Module::parse(wasm, features)?;
        validate::validate(&module, config)?;
        let sizes = Sizes::of(&module);
        let footprint = module.memories.first().map_or(0, |memory| memory.min);
        let mut imports: Vec<_> =
            module.imports.iter().map(|import| (import.module.to_owned(), import.name.to_owned())).collect();
        let instrumented = instrument::instrument(module, config)?;
        let info = ProgramInfo {
            footprint: u16::try_from(footprint).map_err(|_| Error::CostOverflow("footprint"))?,
            asm_estimate: sizes.asm_estimate()?,
            init_cost: sizes.init_cost(config)?,
            cached_cost: sizes.cached_cost()?,
            activation_gas: sizes.activation_gas(instrumented.operators, config),
            module_hash: keccak256(&instrumented.wasm),
        };
        // one engine a program: code is freed with the program, which an engine shared by all would keep
        let engine = Engine::new(&engine_config());
        let mut code = instrumented.wasm;
        if profiled {
            code = hooks::add(&code, imports.len() as u32)?;
            imports.extend(hooks::HOOKS.map(|hook| (hooks::MODULE.to_owned(), hook.to_owned())));
        }
        let module = wasmi::Module::new(&engine, &code).map_err(|error| Error::Engine(error.to_string()))?;
        Ok(Self { info, compiled: Arc::new(Compiled { engine, module, imports, hooks: profiled }) })
    }

    /// The figures of the program.
    #[must_use]
    pub const fn info(&self) -> &ProgramInfo {
        &self.info
    }

    /// Runs the program to its end. `data`, `call` and `config` belong to this frame; `host` is the chain.
    ///
    /// Calls that the program makes run inside [`Host::call`], on the same native stack: about 8 KiB a frame in a dev
    /// build, a small host included, so that 1,024 nested frames need some 8 MiB, which a thread must be given.
    pub fn run(&self, host: &mut dyn Host, config: &Config, data: &EvmData, call: Call<'_>) -> RunResult {
        run::run(&self.compiled, host, config, data, call)
    }
}

/// The instrumented module of a wasm binary: what [`Program::compile`] hands to the engine. For tools that measure.
///
/// # Errors
/// As [`Program::compile`].
pub fn instrumented_wasm(wasm: &[u8], config: &Config) -> Result<Vec<u8>, Error> {
    let module = Module::parse(wasm, config.arbos_version)?;
    validate::validate(&module, config)?;
    Ok(instrument::instrument(module, config)?.wasm)
}

/// Frames that the engine may nest. The stack budget of 262,144 words at 6 words for the smallest frame ends first.
const MAX_RECURSION: usize = 100_000;
/// Bytes of the engine's stack, twice the largest budget of 262,144 words with the engine's own words a frame.
const MAX_STACK: usize = 64 << 20;

fn engine_config() -> wasmi::Config {
    let mut config = wasmi::Config::default();
    config
        .wasm_reference_types(false)
        .wasm_tail_call(false)
        .wasm_extended_const(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .ignore_custom_sections(true)
        .compilation_mode(CompilationMode::LazyTranslation)
        .set_max_stack_height(MAX_STACK)
        .set_max_recursion_depth(MAX_RECURSION);
    config
}
