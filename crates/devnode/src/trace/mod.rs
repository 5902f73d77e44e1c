//! Watching a transaction: the frames (`callTracer`), the host calls of programs (`stylusTracer`), the instructions of
//! EVM code (the default tracer), and where the gas went.

mod split;
mod struct_log;

use alloy_primitives::{Address, Bytes, U256, hex};
use revm::context::ContextTr;
use revm::handler::FrameResult;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_types::{Jumps, LoopControl};
use revm::interpreter::{CallScheme, FrameInput, InstructionResult, Interpreter};
use serde_json::{Value, json};

pub use self::split::GasSplit;
use self::split::Sums;
pub use self::struct_log::{MOST_STEPS, Options as StepOptions, StructLog};
use crate::evm::Ctx;

/// A frame as it begins.
#[derive(Clone, Debug)]
pub struct FrameStart {
    kind: &'static str,
    from: Address,
    to: Option<Address>,
    value: U256,
    gas: u64,
    input: Bytes,
}

impl FrameStart {
    /// The frame that an input will make.
    #[must_use]
    pub fn of(input: &FrameInput, ctx: &Ctx<'_>) -> Self {
        match input {
            FrameInput::Call(call) => Self {
                kind: match call.scheme {
                    CallScheme::Call => "CALL",
                    CallScheme::CallCode => "CALLCODE",
                    CallScheme::DelegateCall => "DELEGATECALL",
                    CallScheme::StaticCall => "STATICCALL",
                },
                from: if call.scheme.is_delegate_call() { call.target_address } else { call.caller },
                to: Some(call.bytecode_address),
                value: call.value.get(),
                gas: call.gas_limit,
                input: call.input.bytes_local(ctx.local()),
            },
            FrameInput::Create(create) => Self {
                kind: if matches!(create.scheme(), revm::context::CreateScheme::Create2 { .. }) {
                    "CREATE2"
                } else {
                    "CREATE"
                },
                from: create.caller(),
                to: None,
                value: create.value(),
                gas: create.gas_limit(),
                input: create.init_code().clone(),
            },
            FrameInput::Empty => Self {
                kind: "CALL",
                from: Address::ZERO,
                to: None,
                value: U256::ZERO,
                gas: 0,
                input: Bytes::new(),
            },
        }
    }
}

/// A frame and what it called.
#[derive(Clone, Debug)]
struct Frame {
    start: FrameStart,
    to: Option<Address>,
    gas_used: u64,
    output: Bytes,
    result: InstructionResult,
    calls: Vec<Self>,
    hosts: Vec<HostCall>,
}

/// One call of a host function.
#[derive(Clone, Debug)]
struct HostCall {
    name: &'static str,
    args: Bytes,
    outs: Bytes,
    start_ink: u64,
    end_ink: u64,
    /// Index among the calls of the frame when this host call made one.
    child: Option<usize>,
}

/// What was seen of a transaction.
#[derive(Clone, Debug, Default)]
pub struct Tracer {
    open: Vec<Frame>,
    root: Option<Frame>,
    /// What to see of EVM code's instructions.
    detail: Detail,
    /// The instruction of EVM code that runs now, and the gas left before it.
    running: (u8, u64),
    sums: Sums,
}

/// How closely EVM code is watched. Each step up makes it slower.
#[derive(Clone, Debug, Default)]
enum Detail {
    /// Frames only.
    #[default]
    Frames,
    /// What each instruction costs.
    Costs,
    /// Every instruction, noted.
    Steps(StructLog),
}

impl Tracer {
    /// A tracer that sees what each instruction costs, for [`Self::split`].
    #[must_use]
    pub fn with_costs() -> Self {
        Self { detail: Detail::Costs, ..Default::default() }
    }

    /// A tracer that notes every instruction of EVM code.
    #[must_use]
    pub fn with_steps(options: StepOptions) -> Self {
        Self { detail: Detail::Steps(StructLog::new(options)), ..Default::default() }
    }

    /// Whether EVM code is to be run one instruction at a time.
    pub(crate) const fn wants_steps(&self) -> bool {
        !matches!(self.detail, Detail::Frames)
    }

    /// An instruction of EVM code is about to run, in a frame of this depth (the outermost has 1).
    pub(crate) fn step_begins(&mut self, interpreter: &Interpreter<EthInterpreter>, depth: usize) {
        self.running = (interpreter.bytecode.opcode(), interpreter.gas.remaining());
        if let Detail::Steps(log) = &mut self.detail {
            log.begin(interpreter, depth);
        }
    }

    /// That instruction has run; `result` says why the frame ends, if it does.
    pub(crate) fn step_ends(
        &mut self,
        interpreter: &mut Interpreter<EthInterpreter>,
        result: Option<InstructionResult>,
    ) {
        let (opcode, before) = self.running;
        let cost = before.saturating_sub(interpreter.gas.remaining());
        self.sums.step(opcode, cost, interpreter.bytecode.action().as_ref());
        if let Detail::Steps(log) = &mut self.detail {
            log.end(interpreter, cost, result);
        }
    }

    /// A program starts for so much gas.
    pub(crate) fn program_starts(&mut self, gas: u64, ink_price: u32) {
        self.sums.program(gas, ink_price);
    }

    /// Where the gas went, of a transaction with this gas limit that spent so much and got so much refunded.
    #[must_use]
    pub fn split(&self, gas_limit: u64, spent: u64, refund: u64) -> GasSplit {
        let intrinsic = gas_limit.saturating_sub(self.root.as_ref().map_or(gas_limit, |root| root.start.gas));
        self.sums.split(intrinsic, spent, refund)
    }

    /// Contracts that the transaction created, with their init codes.
    #[must_use]
    pub fn creations(&self) -> Vec<(Address, Bytes)> {
        let mut found = Vec::new();
        let mut rest: Vec<&Frame> = self.root.iter().collect();
        while let Some(frame) = rest.pop() {
            if let (Some(address), true) = (frame.to, frame.start.kind.starts_with("CREATE")) {
                found.push((address, frame.start.input.clone()));
            }
            rest.extend(&frame.calls);
        }
        found
    }

    /// The form of the default tracer, for a transaction that used so much gas.
    #[must_use]
    pub fn struct_trace(&self, gas_used: u64) -> Value {
        let steps = match &self.detail {
            Detail::Steps(log) => log.to_json(),
            _ => json!([]),
        };
        let root = self.root.as_ref();
        json!({
            "gas": gas_used,
            "failed": root.is_some_and(|root| !root.result.is_ok()),
            "returnValue": root.map(|root| root.output.clone()).unwrap_or_default(),
            "structLogs": steps,
        })
    }

    /// A frame begins.
    pub fn enter(&mut self, start: FrameStart) {
        self.open.push(Frame {
            to: start.to,
            start,
            gas_used: 0,
            output: Bytes::new(),
            result: InstructionResult::Stop,
            calls: Vec::new(),
            hosts: Vec::new(),
        });
    }

    /// The frame on top ends.
    pub fn exit(&mut self, result: &FrameResult) {
        let Some(mut frame) = self.open.pop() else { return };
        let inner = result.interpreter_result();
        frame.result = inner.result;
        frame.output = inner.output.clone();
        let left = if inner.result.is_ok_or_revert() { inner.gas.remaining() } else { 0 };
        frame.gas_used = frame.start.gas.saturating_sub(left);
        if let FrameResult::Create(outcome) = result {
            frame.to = outcome.address;
        }
        match self.open.last_mut() {
            Some(parent) => parent.calls.push(frame),
            None => self.root = Some(frame),
        }
    }

    /// The program on top called a host function.
    pub fn host_call(&mut self, name: &'static str, args: &[u8], outs: &[u8], start_ink: u64, end_ink: u64) {
        let Some(frame) = self.open.last_mut() else { return };
        let claimed = frame.hosts.iter().filter(|host| host.child.is_some()).count();
        let calls = name.ends_with("call_contract") || name.starts_with("create");
        let child = (calls && claimed < frame.calls.len()).then(|| frame.calls.len() - 1);
        let callee =
            calls.then(|| child.and_then(|i| frame.calls.get(i)).map_or(0, |callee| callee.gas_used));
        self.sums.host_call(name, start_ink.saturating_sub(end_ink), callee);
        frame.hosts.push(HostCall {
            name,
            args: Bytes::copy_from_slice(args),
            outs: Bytes::copy_from_slice(outs),
            start_ink,
            end_ink,
            child,
        });
    }

    /// The form of `callTracer`.
    #[must_use]
    pub fn call_trace(&self) -> Value {
        self.root.as_ref().map_or(Value::Null, call_json)
    }

    /// The form of `stylusTracer`: the host calls of the outermost program; what a program called is nested as
    /// `steps`.
    #[must_use]
    pub fn stylus_trace(&self) -> Value {
        self.root.as_ref().map_or_else(|| json!([]), |root| Value::Array(steps(root)))
    }
}

fn call_json(frame: &Frame) -> Value {
    let mut out = json!({
        "type": frame.start.kind,
        "from": frame.start.from,
        "gas": format!("0x{:x}", frame.start.gas),
        "gasUsed": format!("0x{:x}", frame.gas_used),
        "input": frame.start.input,
        "value": frame.start.value,
    });
    if let Some(to) = frame.to {
        out["to"] = json!(to);
    }
    if !frame.output.is_empty() {
        out["output"] = json!(frame.output);
    }
    if !frame.result.is_ok() {
        out["error"] = json!(match frame.result {
            InstructionResult::Revert => "execution reverted".into(),
            other => format!("{other:?}"),
        });
        if let Some(reason) = revert_reason(&frame.output) {
            out["revertReason"] = json!(reason);
        }
    }
    if !frame.calls.is_empty() {
        out["calls"] = Value::Array(frame.calls.iter().map(call_json).collect());
    }
    out
}

fn steps(frame: &Frame) -> Vec<Value> {
    if frame.hosts.is_empty() {
        // An EVM frame has no host calls of its own; show those of the programs it called.
        return frame.calls.iter().flat_map(steps).collect();
    }
    frame
        .hosts
        .iter()
        .map(|host| {
            let mut out = json!({
                "name": host.name,
                "args": hex::encode_prefixed(&host.args),
                "outs": hex::encode_prefixed(&host.outs),
                "startInk": host.start_ink,
                "endInk": host.end_ink,
            });
            if let Some(child) = host.child.and_then(|i| frame.calls.get(i)) {
                if let Some(to) = child.to {
                    out["address"] = json!(to);
                }
                out["steps"] = Value::Array(steps(child));
            }
            out
        })
        .collect()
}

/// The text of `Error(string)` in revert data.
#[must_use]
pub fn revert_reason(data: &[u8]) -> Option<String> {
    use alloy_sol_types::{Revert, SolError};
    Revert::abi_decode(data).ok().map(|revert| revert.reason)
}
