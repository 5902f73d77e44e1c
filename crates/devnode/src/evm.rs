//! The machine that runs a transaction: revm's interpreter for EVM code, `stylus-vm` for programs, one journal for
//! both.

use std::convert::Infallible;
use std::marker::PhantomData;

use alloy_primitives::{Address, B256, Bytes, U256};
use revm::context::result::{EVMError, ExecutionResult, HaltReason};
use revm::context::{
    BlockEnv, CfgEnv, Context, ContextTr, Evm, FrameStack, Journal, JournalTr, LocalContextTr, TxEnv,
};
use revm::handler::evm::{ContextDbError, EvmTr, FrameInitResult, FrameTr};
use revm::handler::instructions::EthInstructions;
use revm::handler::{EthFrame, FrameData, FrameInitOrResult, FrameResult, Handler, ItemOrResult};
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_action::FrameInit;
use revm::interpreter::interpreter_types::LoopControl as _;
use revm::interpreter::{
    CallScheme, FrameInput, Gas, Host as _, Instruction, InstructionContext, InstructionResult, Interpreter,
    InterpreterAction, InterpreterResult, push,
};
use revm::primitives::hardfork::SpecId;
use revm::state::EvmState;
use stylus_vm::{Call, EvmData, Outcome};

use crate::arbos;
use crate::arbos::params::StylusParams;
use crate::arbos::programs::Program as Entry;
use crate::arbos::storage::Fault;
use crate::frame_host::FrameHost;
use crate::modules;
use crate::precompiles::{ArbPrecompiles, Free};
use crate::profile::Profiler;
use crate::state::View;
use crate::trace::{FrameStart, Tracer};
use crate::tx_state::TxState;

/// The context of a running transaction.
pub type Ctx<'a> = Context<BlockEnv, TxEnv, CfgEnv, View<'a>, Journal<View<'a>>, TxState>;

type Inner<'a> =
    Evm<Ctx<'a>, (), EthInstructions<EthInterpreter, Ctx<'a>>, ArbPrecompiles, EthFrame<EthInterpreter>>;

/// Error of a transaction that may not be included at all.
pub type TxError = EVMError<Infallible>;

/// The hard fork of Ethereum whose rules a version of ArbOS follows.
#[must_use]
pub const fn spec_of(arbos_version: u64) -> SpecId {
    match arbos_version {
        0..40 => SpecId::CANCUN,
        40..50 => SpecId::PRAGUE,
        _ => SpecId::OSAKA,
    }
}

/// The machine.
pub struct ArbEvm<'a> {
    pub(crate) inner: Inner<'a>,
}

impl std::fmt::Debug for ArbEvm<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArbEvm").finish_non_exhaustive()
    }
}

const GASPRICE: u8 = 0x3a;

/// `GASPRICE` is the base fee on Arbitrum, also in a call that pays nothing.
fn gas_price(context: InstructionContext<'_, Ctx<'_>, EthInterpreter>) -> Result<(), InstructionResult> {
    let price = context.host.basefee();
    push!(context.interpreter, price);
    Ok(())
}

impl<'a> ArbEvm<'a> {
    /// A machine over a state.
    #[must_use]
    pub fn new(view: View<'a>, cfg: CfgEnv, block: BlockEnv, tx: TxState) -> Self {
        let spec = cfg.spec;
        let mut ctx: Ctx<'a> = Context::new(view, spec);
        ctx.journaled_state.set_spec_id(spec);
        ctx.cfg = cfg;
        ctx.block = block;
        ctx.chain = tx;
        let mut instruction = EthInstructions::new_mainnet_with_spec(spec);
        instruction.insert_instruction(GASPRICE, Instruction::new(gas_price), 2);
        Self {
            inner: Evm {
                ctx,
                inspector: (),
                instruction,
                precompiles: ArbPrecompiles::new(spec),
                frame_stack: FrameStack::new_prealloc(8),
            },
        }
    }

    /// Runs a transaction. Recurses natively with each nested program: run it on a large stack.
    ///
    /// # Errors
    /// The rule of inclusion that the transaction breaks.
    pub fn transact(&mut self, tx: TxEnv) -> Result<(ExecutionResult<HaltReason>, EvmState), TxError> {
        self.inner.ctx.tx = tx;
        let result = HandlerFor(PhantomData).run(self);
        let state = self.inner.ctx.journal_mut().finalize();
        Ok((result?, state))
    }

    /// The tracer, after the transaction.
    pub fn take_tracer(&mut self) -> Option<Box<Tracer>> {
        self.inner.ctx.chain.tracer.take()
    }

    /// The programs that ran lately in the block, after the transaction.
    pub fn take_recent(&mut self) -> Vec<B256> {
        self.inner.ctx.chain.take_recent()
    }

    /// The profile, after the transaction.
    pub fn take_profiler(&mut self) -> Option<Box<Profiler>> {
        self.inner.ctx.chain.profiler.take()
    }

    /// Runs a frame that the top frame asked for, and all that it asks for, to its end.
    pub(crate) fn run_nested(&mut self, input: FrameInput) -> FrameResult {
        let frame = self.inner.frame_stack.get();
        let depth = frame.depth + 1;
        let memory = frame.interpreter.memory.new_child_context();
        let base = self.inner.frame_stack.index();
        let result = self.nested_loop(FrameInit { depth, memory, frame_input: input }, base);
        self.inner.frame_stack.get().interpreter.memory.free_child_context();
        match result {
            Ok(result) => result,
            // The database cannot fail and frames report their failures as results.
            Err(_) => FrameResult::new_call_oog(0, 0..0, 0),
        }
    }

    fn nested_loop(
        &mut self,
        init: FrameInit,
        base: Option<usize>,
    ) -> Result<FrameResult, ContextDbError<Ctx<'a>>> {
        if let ItemOrResult::Result(result) = self.frame_init(init)? {
            return Ok(result);
        }
        loop {
            let result = match self.frame_run()? {
                ItemOrResult::Item(init) => match self.frame_init(init)? {
                    ItemOrResult::Item(_) => continue,
                    ItemOrResult::Result(result) => result,
                },
                ItemOrResult::Result(result) => result,
            };
            if self.inner.frame_stack.get().is_finished() {
                self.pop_frame();
                if self.inner.frame_stack.index() == base {
                    return Ok(result);
                }
            }
            self.return_to_top(result)?;
        }
    }

    fn pop_frame(&mut self) {
        self.inner.frame_stack.pop();
        self.inner.ctx.chain.close();
    }

    fn return_to_top(&mut self, result: FrameResult) -> Result<(), ContextDbError<Ctx<'a>>> {
        self.inner.frame_stack.get().return_result::<_, ContextDbError<Ctx<'a>>>(&mut self.inner.ctx, result)
    }

    /// The calldata, gas and identity of the top frame when it is a program.
    fn program_frame(&mut self) -> Option<ProgramFrame> {
        let Evm { ctx, frame_stack, .. } = &mut self.inner;
        let frame = frame_stack.get();
        let FrameInput::Call(inputs) = &frame.input else { return None };
        let (code_hash, bytecode) = &inputs.known_bytecode;
        if !modules::is_program(bytecode.original_byte_slice(), ctx.chain.arbos_version) {
            return None;
        }
        Some(ProgramFrame {
            code_hash: *code_hash,
            code: bytecode.original_bytes(),
            calldata: inputs.input.bytes(ctx),
            gas: inputs.gas_limit,
            acting: inputs.target_address,
            caller: inputs.caller,
            value: inputs.value.get(),
            is_static: inputs.is_static,
        })
    }

    fn run_program(&mut self, frame: &ProgramFrame) -> InterpreterResult {
        let mut gas = Gas::new(frame.gas);
        let (result, output, left, refund) = match self.try_program(frame) {
            Ok(done) => done,
            Err(Fault::OutOfGas) => (InstructionResult::OutOfGas, Default::default(), 0, 0),
            Err(fault) => {
                let message = match fault {
                    Fault::Revert(data) => program_error(&data),
                    other => other.to_string(),
                };
                if self.inner.ctx.chain.open_frames == 1 {
                    self.inner.ctx.local_mut().set_precompile_error_context(message);
                }
                (InstructionResult::PrecompileError, Default::default(), 0, 0)
            }
        };
        gas.set_remaining(left.min(frame.gas));
        gas.set_refunded(refund);
        InterpreterResult { result, output, gas }
    }

    fn try_program(&mut self, frame: &ProgramFrame) -> Result<Ran, Fault> {
        let ctx = &mut self.inner.ctx;
        let time = ctx.block.timestamp.saturating_to();
        let params = StylusParams::read(&mut Free(ctx))?;
        let entry = Entry::active(&mut Free(ctx), frame.code_hash, time, &params)?;
        let chain = &mut ctx.chain;
        let recent = !entry.cached
            && chain.arbos_version >= 60
            && chain.touch_recent(frame.code_hash, params.block_cache_size);
        let (open, ever) = (chain.pages_open, chain.pages_ever);
        let memory =
            stylus_vm::memory_model::MemoryModel { free_pages: params.free_pages, page_gas: params.page_gas };
        let cost = memory
            .cost(entry.footprint, open, ever)
            .saturating_add(entry.start_gas(entry.cached || recent, &params));
        let gas = frame.gas.checked_sub(cost).ok_or(Fault::OutOfGas)?;
        if let Some(tracer) = &mut chain.tracer {
            tracer.program_starts(cost, params.ink_price);
        }

        let config = chain.vm_config(&params);
        if let Some(profiler) = &mut chain.profiler {
            profiler.start(cost);
        }
        let program = modules::prepare(ctx, frame.code_hash, &frame.code, &config)?;
        let chain = &mut self.inner.ctx.chain;
        // From here on nothing fails without giving the pages back.
        chain.pages_open = open.saturating_add(entry.footprint);
        chain.pages_ever = ever.max(chain.pages_open);
        let data = self.evm_data(frame);
        let mut host = FrameHost::new(self, frame, memory);
        let call = Call { calldata: &frame.calldata, gas, starting_gas: frame.gas };
        let run = program.run(&mut host, &config, &data, call);
        let refund = host.refund();
        self.inner.ctx.chain.pages_open = open;
        let result = match run.outcome {
            Outcome::Success => InstructionResult::Return,
            Outcome::Revert | Outcome::Failure => InstructionResult::Revert,
            Outcome::OutOfInk => InstructionResult::OutOfGas,
            // Counted among the reverts, but no gas is left and nothing is returned.
            Outcome::OutOfStack => InstructionResult::CallTooDeep,
        };
        Ok((result, run.output, run.gas_left, refund))
    }

    fn evm_data(&self, frame: &ProgramFrame) -> EvmData {
        let ctx = &self.inner.ctx;
        let base_fee = U256::from(ctx.block.basefee);
        EvmData {
            arbos_version: ctx.chain.arbos_version,
            block_basefee: base_fee,
            chain_id: ctx.cfg.chain_id,
            block_coinbase: ctx.block.beneficiary,
            block_gas_limit: ctx.block.gas_limit,
            block_number: ctx.block.number.saturating_to(),
            block_timestamp: ctx.block.timestamp.saturating_to(),
            contract_address: frame.acting,
            msg_sender: frame.caller,
            msg_value: frame.value,
            tx_gas_price: base_fee,
            tx_origin: ctx.tx.caller,
            reentrant: ctx.chain.reentrant(frame.acting),
        }
    }
}

type Ran = (InstructionResult, Bytes, u64, i64);

/// A frame whose code is a program.
#[derive(Clone, Debug)]
pub(crate) struct ProgramFrame {
    code_hash: B256,
    code: Bytes,
    calldata: Bytes,
    gas: u64,
    pub(crate) acting: Address,
    pub(crate) caller: Address,
    pub(crate) value: U256,
    pub(crate) is_static: bool,
}

fn program_error(data: &[u8]) -> String {
    use crate::precompiles::abi::ArbWasm::ArbWasmErrors as E;
    use alloy_sol_types::SolInterface;
    match E::abi_decode(data) {
        Ok(E::ProgramNotActivated(_)) => "ProgramNotActivated()".into(),
        Ok(E::ProgramNeedsUpgrade(e)) => format!("ProgramNeedsUpgrade({}, {})", e.version, e.stylusVersion),
        Ok(E::ProgramExpired(e)) => format!("ProgramExpired({})", e.ageInSeconds),
        _ => "execution reverted".into(),
    }
}

impl<'a> EvmTr for ArbEvm<'a> {
    type Context = Ctx<'a>;
    type Instructions = EthInstructions<EthInterpreter, Ctx<'a>>;
    type Precompiles = ArbPrecompiles;
    type Frame = EthFrame<EthInterpreter>;

    fn all(&self) -> (&Self::Context, &Self::Instructions, &Self::Precompiles, &FrameStack<Self::Frame>) {
        self.inner.all()
    }

    fn all_mut(
        &mut self,
    ) -> (&mut Self::Context, &mut Self::Instructions, &mut Self::Precompiles, &mut FrameStack<Self::Frame>)
    {
        self.inner.all_mut()
    }

    fn frame_init(
        &mut self,
        init: <Self::Frame as FrameTr>::FrameInit,
    ) -> Result<FrameInitResult<'_, Self::Frame>, ContextDbError<Self::Context>> {
        if self.inner.ctx.chain.tracer.is_some() {
            let start = FrameStart::of(&init.frame_input, &self.inner.ctx);
            if let Some(tracer) = &mut self.inner.ctx.chain.tracer {
                tracer.enter(start);
            }
        }
        if let Some(profiler) = &mut self.inner.ctx.chain.profiler {
            profiler.enter(&init.frame_input);
        }
        let identity = match &init.frame_input {
            FrameInput::Call(call) => Some((
                call.caller,
                call.target_address,
                matches!(call.scheme, CallScheme::DelegateCall | CallScheme::CallCode),
            )),
            _ => None,
        };
        match self.inner.frame_init(init)? {
            ItemOrResult::Item(_) => {}
            ItemOrResult::Result(result) => {
                if let Some(tracer) = &mut self.inner.ctx.chain.tracer {
                    tracer.exit(&result);
                }
                if let Some(profiler) = &mut self.inner.ctx.chain.profiler {
                    profiler.exit(&result);
                }
                return Ok(ItemOrResult::Result(result));
            }
        }
        let Evm { ctx, frame_stack, .. } = &mut self.inner;
        let frame = frame_stack.get();
        let (caller, acting, delegate) = identity.unwrap_or_else(|| {
            let input = &frame.interpreter.input;
            (input.caller_address, input.target_address, false)
        });
        ctx.chain.open(caller, acting, delegate);
        Ok(ItemOrResult::Item(frame))
    }

    fn frame_run(&mut self) -> Result<FrameInitOrResult<Self::Frame>, ContextDbError<Self::Context>> {
        let action = match self.program_frame() {
            Some(program) => InterpreterAction::Return(self.run_program(&program)),
            None => {
                let Evm { ctx, instruction, frame_stack, .. } = &mut self.inner;
                let frame = frame_stack.get();
                if ctx.chain.tracer.as_ref().is_some_and(|tracer| tracer.wants_steps()) {
                    run_stepwise(&mut frame.interpreter, instruction, ctx)
                } else {
                    let (table, gas) = (instruction.instruction_table(), instruction.gas_table());
                    frame.interpreter.run_plain(table, gas, ctx)
                }
            }
        };
        let Evm { ctx, frame_stack, .. } = &mut self.inner;
        let frame = frame_stack.get();
        let action = check_created_code(&frame.data, ctx.chain.arbos_version, action);
        let result = frame.process_next_action::<_, ContextDbError<Self::Context>>(ctx, action)?;
        if let ItemOrResult::Result(result) = &result {
            frame.set_finished(true);
            if let Some(tracer) = &mut ctx.chain.tracer {
                tracer.exit(result);
            }
            if let Some(profiler) = &mut ctx.chain.profiler {
                profiler.exit(result);
            }
        }
        Ok(result)
    }

    fn frame_return_result(
        &mut self,
        result: <Self::Frame as FrameTr>::FrameResult,
    ) -> Result<Option<<Self::Frame as FrameTr>::FrameResult>, ContextDbError<Self::Context>> {
        if self.inner.frame_stack.get().is_finished() {
            self.pop_frame();
        }
        if self.inner.frame_stack.index().is_none() {
            return Ok(Some(result));
        }
        self.return_to_top(result)?;
        Ok(None)
    }
}

/// Runs EVM code one instruction at a time under the tracer's eyes, until it ends or calls.
fn run_stepwise<'a>(
    interpreter: &mut Interpreter<EthInterpreter>,
    instruction: &EthInstructions<EthInterpreter, Ctx<'a>>,
    ctx: &mut Ctx<'a>,
) -> InterpreterAction {
    let (table, gas) = (instruction.instruction_table(), instruction.gas_table());
    loop {
        let depth = ctx.chain.open_frames;
        if let Some(tracer) = &mut ctx.chain.tracer {
            tracer.step_begins(interpreter, depth);
        }
        let result = interpreter.step(table, gas, ctx).err();
        if let Some(tracer) = &mut ctx.chain.tracer {
            tracer.step_ends(interpreter, result);
        }
        if let Some(result) = result {
            if interpreter.bytecode.action().is_none() {
                interpreter.halt(result);
            }
            return interpreter.take_next_action();
        }
    }
}

/// EIP-3541 holds on Arbitrum, except for the prefixes of Stylus.
fn check_created_code(data: &FrameData, arbos_version: u64, action: InterpreterAction) -> InterpreterAction {
    let InterpreterAction::Return(mut result) = action else { return action };
    if data.is_create() && result.result.is_ok() && result.output.first() == Some(&0xef) {
        let fragments = arbos_version >= 60;
        let allowed = match result.output.get(..4) {
            Some([0xef, 0xf0, 0x00, _]) => true,
            Some([0xef, 0xf0, 0x01 | 0x02, _]) => fragments,
            _ => false,
        };
        if !allowed {
            result.result = InstructionResult::CreateContractStartingWithEF;
        }
    }
    InterpreterAction::Return(result)
}

/// Ethereum's rules of inclusion and payment, except that the base fee goes to ArbOS' network account.
struct HandlerFor<'a>(PhantomData<&'a ()>);

impl<'a> Handler for HandlerFor<'a> {
    type Evm = ArbEvm<'a>;
    type Error = TxError;
    type HaltReason = HaltReason;

    fn reward_beneficiary(&self, evm: &mut ArbEvm<'a>, result: &mut FrameResult) -> Result<(), TxError> {
        let ctx = &mut evm.inner.ctx;
        let price = ctx.tx.gas_price.min(u128::from(ctx.block.basefee));
        let fee = U256::from(price) * U256::from(result.gas().used());
        if fee.is_zero() {
            return Ok(());
        }
        let Ok(to) = arbos::network_fee_account(&mut Free(ctx)) else { return Ok(()) };
        ctx.journal_mut().balance_incr(to, fee).map_err(EVMError::Database)
    }
}
