//! Instructions of EVM code one by one: the default tracer of Ethereum clients ("struct logger").

use std::collections::{BTreeMap, HashMap};

use alloy_primitives::{Address, B256, U256, hex};
use revm::bytecode::OpCode;
use revm::bytecode::opcode::{SLOAD, SSTORE};
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_types::{InputsTr, Jumps, MemoryTr, ReturnData};
use revm::interpreter::{InstructionResult, Interpreter};
use serde_json::{Map, Value, json};

/// What to note of each instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Operands.
    pub stack: bool,
    /// Memory.
    pub memory: bool,
    /// Words of storage that the contract has read or written so far.
    pub storage: bool,
    /// What the last call returned.
    pub return_data: bool,
    /// Most instructions to note; the rest of the transaction runs unseen.
    pub limit: usize,
}

/// Most instructions noted when the request sets no limit of its own.
pub const MOST_STEPS: usize = 2_000_000;

impl Default for Options {
    fn default() -> Self {
        Self { stack: true, memory: false, storage: true, return_data: false, limit: MOST_STEPS }
    }
}

/// One instruction before it runs.
#[derive(Clone, Debug)]
struct Step {
    pc: usize,
    op: u8,
    gas: u64,
    cost: u64,
    depth: usize,
    refund: i64,
    stack: Option<Vec<U256>>,
    memory: Option<Vec<u8>>,
    return_data: Option<Vec<u8>>,
    storage: Option<BTreeMap<B256, B256>>,
    error: Option<String>,
}

/// The instructions of a transaction.
#[derive(Clone, Debug, Default)]
pub struct StructLog {
    options: Options,
    steps: Vec<Step>,
    /// Words that each contract has touched.
    touched: HashMap<Address, BTreeMap<B256, B256>>,
    /// Whether the instruction that runs now was noted.
    noting: bool,
    /// Top of the stack before it: the key of a read.
    top: Option<U256>,
}

impl StructLog {
    /// A log that is empty so far.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { options, ..Default::default() }
    }

    /// An instruction is about to run in a frame; the outermost has depth 1.
    pub(super) fn begin(&mut self, interpreter: &Interpreter<EthInterpreter>, depth: usize) {
        self.noting = self.steps.len() < self.options.limit;
        if !self.noting {
            return;
        }
        let Options { stack, memory, return_data, .. } = self.options;
        let op = interpreter.bytecode.opcode();
        let operands = interpreter.stack.data();
        self.top = operands.last().copied();
        if op == SSTORE
            && let [.., value, key] = operands.as_slice()
        {
            self.note(interpreter.input.target_address(), *key, *value);
        }
        self.steps.push(Step {
            pc: interpreter.bytecode.pc(),
            op,
            gas: interpreter.gas.remaining(),
            cost: 0,
            depth,
            refund: interpreter.gas.refunded(),
            stack: stack.then(|| operands.to_vec()),
            memory: memory.then(|| interpreter.memory.slice(0..interpreter.memory.size()).to_vec()),
            return_data: return_data.then(|| interpreter.return_data.buffer().to_vec()),
            storage: None,
            error: None,
        });
    }

    /// The instruction that began last has run.
    pub(super) fn end(
        &mut self,
        interpreter: &Interpreter<EthInterpreter>,
        cost: u64,
        result: Option<InstructionResult>,
    ) {
        if !self.noting {
            return;
        }
        let Some(op) = self.steps.last().map(|step| step.op) else { return };
        let address = interpreter.input.target_address();
        if op == SLOAD && result.is_none() {
            // The key was on top of the stack before, the value is there now.
            if let (Some(key), Some(value)) = (self.top, interpreter.stack.data().last()) {
                self.note(address, key, *value);
            }
        }
        let storage = (self.options.storage && matches!(op, SLOAD | SSTORE))
            .then(|| self.touched.get(&address).cloned().unwrap_or_default());
        if let Some(step) = self.steps.last_mut() {
            step.cost = cost;
            step.storage = storage;
            step.error = result.filter(|result| result.is_halt()).map(|result| format!("{result:?}"));
        }
    }

    fn note(&mut self, address: Address, key: U256, value: U256) {
        self.touched.entry(address).or_default().insert(key.into(), value.into());
    }

    /// The instructions as Ethereum clients print them.
    pub(super) fn to_json(&self) -> Value {
        self.steps.iter().map(step_json).collect()
    }
}

fn step_json(step: &Step) -> Value {
    let name = OpCode::new(step.op)
        .map_or_else(|| format!("opcode 0x{:x} not defined", step.op), |op| op.to_string());
    let mut out = Map::new();
    out.insert("pc".into(), json!(step.pc));
    out.insert("op".into(), json!(name));
    out.insert("gas".into(), json!(step.gas));
    out.insert("gasCost".into(), json!(step.cost));
    out.insert("depth".into(), json!(step.depth));
    if step.refund > 0 {
        out.insert("refund".into(), json!(step.refund));
    }
    if let Some(error) = &step.error {
        out.insert("error".into(), json!(error));
    }
    if let Some(stack) = &step.stack {
        out.insert("stack".into(), stack.iter().map(|word| json!(format!("{word:#x}"))).collect());
    }
    if let Some(memory) = &step.memory {
        out.insert("memory".into(), memory.chunks(32).map(|word| json!(hex::encode(word))).collect());
    }
    if let Some(data) = &step.return_data {
        out.insert("returnData".into(), json!(hex::encode_prefixed(data)));
    }
    if let Some(storage) = &step.storage {
        let words = storage.iter().map(|(key, value)| (hex::encode(key), json!(hex::encode(value))));
        out.insert("storage".into(), Value::Object(words.collect()));
    }
    Value::Object(out)
}
