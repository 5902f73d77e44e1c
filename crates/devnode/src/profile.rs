//! Where the ink of a transaction goes, across contracts: fixed costs, frames, starts of programs, their functions and
//! host functions (`inkProfiler`). Ink is the unit throughout; gas of EVM code counts at the price of ink.
//!
//! A program's frame keeps for itself what none of its functions used: the charge for return data, the rest of the last
//! unit of gas, and what is taken when it runs out of gas. A frame of EVM code is what it used without its callees.

use std::collections::{BTreeMap, HashMap};

use alloy_primitives::{Address, B256};
use revm::handler::FrameResult;
use revm::interpreter::{CallScheme, FrameInput};
use serde_json::{Map, Value, json};
use stylus_vm::profile::{Profile, Site};
use stylus_vm::{Config, Program};

use crate::arbos::storage::Fault;

/// A place that is no part of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Transaction,
    /// What a transaction costs before it runs: base, calldata, access list.
    Intrinsic,
    /// Memory and preparation of a program.
    Start,
    Frame(Frame),
}

/// A call or creation.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Frame {
    kind: &'static str,
    /// Whose code runs; `None` while a contract is being created.
    code: Option<Address>,
    code_hash: B256,
    is_program: bool,
}

/// A frame that runs.
#[derive(Clone, Debug)]
struct Open {
    place: usize,
    gas: u64,
    /// What had been spent when it began.
    spent: i128,
    depth: usize,
}

/// Watches one transaction.
#[derive(Debug)]
pub struct Profiler {
    ink_price: u32,
    gas_limit: u64,
    profile: Profile,
    places: Vec<Place>,
    open: Vec<Open>,
    /// Programs with hooks, which stay out of the cache of the chain, by code and depth of the stack.
    programs: HashMap<(B256, u32), Program>,
    names: HashMap<B256, BTreeMap<u32, String>>,
}

impl Profiler {
    /// Nothing has happened yet in a transaction of this gas limit; one unit of gas is `ink_price` ink.
    #[must_use]
    pub fn new(gas_limit: u64, ink_price: u32) -> Self {
        Self {
            ink_price,
            gas_limit,
            profile: Profile::new(Site::Chain(0)),
            places: vec![Place::Transaction],
            open: Vec::new(),
            programs: HashMap::new(),
            names: HashMap::new(),
        }
    }

    /// The tree that running programs add to.
    pub(crate) const fn profile(&mut self) -> &mut Profile {
        &mut self.profile
    }

    /// A frame begins.
    pub(crate) fn enter(&mut self, input: &FrameInput) {
        let gas = match input {
            FrameInput::Call(call) => call.gas_limit,
            FrameInput::Create(create) => create.gas_limit(),
            FrameInput::Empty => 0,
        };
        if self.open.is_empty() {
            self.fixed(Place::Intrinsic, self.gas_limit.saturating_sub(gas));
        }
        let depth = self.profile.depth();
        let place = self.place(Place::Frame(Frame::of(input)));
        self.open.push(Open { place, gas, spent: self.profile.spent(), depth });
        self.profile.open(Site::Chain(place as u32));
    }

    /// The frame on top ends.
    pub(crate) fn exit(&mut self, result: &FrameResult) {
        let Some(open) = self.open.pop() else { return };
        let inner = result.interpreter_result();
        let left = if inner.result.is_ok_or_revert() { inner.gas.remaining() } else { 0 };
        let below = self.profile.spent() - open.spent;
        self.profile.close_to(open.depth + 1);
        self.profile.spend(self.ink(open.gas.saturating_sub(left)) - below);
        self.profile.close();
        if let (FrameResult::Create(outcome), Some(Place::Frame(frame))) =
            (result, self.places.get_mut(open.place))
        {
            frame.code = outcome.address;
        }
    }

    /// The program on top starts, for so much gas.
    pub(crate) fn start(&mut self, gas: u64) {
        self.fixed(Place::Start, gas);
    }

    /// The program of a code hash, with hooks; `module` unpacks it.
    pub(crate) fn program(
        &mut self,
        hash: B256,
        config: &Config,
        module: impl FnOnce() -> Result<Vec<u8>, stylus_vm::Error>,
    ) -> Result<Program, Fault> {
        let key = (hash, config.max_stack_depth);
        if let Some(program) = self.programs.get(&key) {
            return Ok(program.clone());
        }
        let fail = |e: stylus_vm::Error| Fault::Fail(e.to_string());
        let wasm = module().map_err(fail)?;
        let program = Program::compile_profiled(&wasm, config).map_err(fail)?;
        self.names.insert(hash, stylus_vm::names::function_names(&wasm));
        self.programs.insert(key, program.clone());
        Ok(program)
    }

    fn fixed(&mut self, place: Place, gas: u64) {
        let place = self.place(place);
        self.profile.open(Site::Chain(place as u32));
        self.profile.spend(self.ink(gas));
        self.profile.close();
    }

    /// The number of a place; a creation is always another one.
    fn place(&mut self, place: Place) -> usize {
        let creates = matches!(&place, Place::Frame(frame) if frame.code.is_none());
        match self.places.iter().position(|known| *known == place) {
            Some(known) if !creates => known,
            _ => {
                self.places.push(place);
                self.places.len() - 1
            }
        }
    }

    fn ink(&self, gas: u64) -> i128 {
        i128::from(gas) * i128::from(self.ink_price)
    }

    /// The form of `inkProfiler`, for a transaction that used `gas_used` gas after `refund` of it was given back.
    ///
    /// `nodes` is the tree, parents before children: `parent` is an index (null for the first), `kind` one of
    /// `transaction`, `intrinsic`, `frame`, `start`, `function`, `host`; a frame has `call`, `address`, `codeHash`,
    /// `program`, a function `index` and, if the deployed code names it, `name`, a host function `name`. `ink` is what
    /// was spent there and in no callee; all of them together are `gas` times `inkPrice`, `gas` less `refund` is
    /// `gasUsed`.
    #[must_use]
    pub fn to_json(&self, gas_used: u64, refund: u64) -> Value {
        // the code that a function belongs to is that of the frame around it
        let mut hashes: Vec<Option<B256>> = Vec::with_capacity(self.profile.nodes().len());
        let mut nodes = Vec::with_capacity(self.profile.nodes().len());
        for node in self.profile.nodes() {
            let mut hash = node.parent.and_then(|parent| hashes[parent]);
            let mut out = Map::new();
            let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
            put("parent", json!(node.parent));
            match node.site {
                Site::Chain(place) => match &self.places[place as usize] {
                    Place::Transaction => put("kind", json!("transaction")),
                    Place::Intrinsic => put("kind", json!("intrinsic")),
                    Place::Start => put("kind", json!("start")),
                    Place::Frame(frame) => {
                        hash = Some(frame.code_hash);
                        put("kind", json!("frame"));
                        put("call", json!(frame.kind));
                        put("address", json!(frame.code));
                        put("codeHash", json!(frame.code_hash));
                        put("program", json!(frame.is_program))
                    }
                },
                Site::Function(index) => {
                    let names = hash.and_then(|hash| self.names.get(&hash));
                    if let Some(name) = names.and_then(|names| names.get(&index)) {
                        put("name", json!(name));
                    }
                    put("kind", json!("function"));
                    put("index", json!(index))
                }
                Site::Host(name) => {
                    put("kind", json!("host"));
                    put("name", json!(name))
                }
            };
            put("calls", json!(node.calls));
            // far within 64 bits: a transaction's gas times the price, 24 bits
            put("ink", json!(i64::try_from(node.ink).unwrap_or(i64::MAX)));
            hashes.push(hash);
            nodes.push(Value::Object(out));
        }
        json!({
            "inkPrice": self.ink_price,
            "gasUsed": gas_used,
            "refund": refund,
            "gas": gas_used + refund,
            "nodes": nodes,
        })
    }
}

impl Frame {
    fn of(input: &FrameInput) -> Self {
        match input {
            FrameInput::Call(call) => {
                let (code_hash, code) = &call.known_bytecode;
                Self {
                    kind: match call.scheme {
                        CallScheme::Call => "CALL",
                        CallScheme::CallCode => "CALLCODE",
                        CallScheme::DelegateCall => "DELEGATECALL",
                        CallScheme::StaticCall => "STATICCALL",
                    },
                    code: Some(call.bytecode_address),
                    code_hash: *code_hash,
                    is_program: stylus_vm::code::is_program(code.original_byte_slice()),
                }
            }
            FrameInput::Create(_) | FrameInput::Empty => {
                Self { kind: "CREATE", code: None, code_hash: B256::ZERO, is_program: false }
            }
        }
    }
}
