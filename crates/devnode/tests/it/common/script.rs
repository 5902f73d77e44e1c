//! A program that does what its calldata says: one host function after the other, so that a test spells out a frame
//! as a list and nests frames by putting a script into the calldata of a call.
//!
//! Results are appended to a buffer that the frame returns when the script ends.

use alloy_primitives::{Address, B256, Bytes};
use plimsoll_devnode::chain::Chain;
use plimsoll_devnode::chain::block::Mined;
use serde_json::Value;

use super::word;

/// Host functions by name and arguments. In the script each function is its position here plus one, followed by its
/// arguments in this order:
///
/// - `p` 32 bytes, `a` 20 bytes, `d` length and bytes: the function gets a pointer to them (and the length)
/// - `n` 4 bytes, `g` 8 bytes, little endian: the function gets the number
/// - `w` 32, `b` 20, `r` 4 bytes of the result buffer: nothing in the script; `o` as many as the function says
///
/// What a function returns is appended too, little endian, except after `o`.
const FUNCTIONS: &[(&str, &str, &str)] = &[
    ("write_result", "d", ""),
    ("exit_early", "n", ""),
    ("storage_load_bytes32", "pw", ""),
    ("storage_cache_bytes32", "pp", ""),
    ("storage_flush_cache", "n", ""),
    ("transient_load_bytes32", "pw", ""),
    ("transient_store_bytes32", "pp", ""),
    ("call_contract", "adpgr", "i32"),
    ("delegate_call_contract", "adgr", "i32"),
    ("static_call_contract", "adgr", "i32"),
    ("create1", "dpbr", ""),
    ("create2", "dppbr", ""),
    ("read_return_data", "onn", "i32"),
    ("return_data_size", "", "i32"),
    ("emit_log", "dn", ""),
    ("account_balance", "aw", ""),
    ("account_code", "anno", "i32"),
    ("account_code_size", "a", "i32"),
    ("account_codehash", "aw", ""),
    ("evm_gas_left", "", "i64"),
    ("evm_ink_left", "", "i64"),
    ("block_basefee", "w", ""),
    ("block_coinbase", "b", ""),
    ("contract_address", "b", ""),
    ("msg_sender", "b", ""),
    ("msg_value", "w", ""),
    ("tx_gas_price", "w", ""),
    ("tx_origin", "b", ""),
    ("chainid", "", "i64"),
    ("block_gas_limit", "", "i64"),
    ("block_number", "", "i64"),
    ("block_timestamp", "", "i64"),
    ("msg_reentrant", "", "i32"),
    ("tx_ink_price", "", "i32"),
    ("math_div", "pp", ""),
    ("math_mod", "pp", ""),
    ("math_pow", "pp", ""),
    ("math_add_mod", "ppp", ""),
    ("math_mul_mod", "ppp", ""),
    ("native_keccak256", "dw", ""),
    ("pay_for_memory_grow", "n", ""),
];

const REVERT: u8 = 0xf0;
const TRAP: u8 = 0xf1;
const FOREVER: u8 = 0xf2;
const RECURSE: u8 = 0xf3;
const GROW: u8 = 0xf4;

/// Where the result buffer begins; calldata lies below.
const OUT: u32 = 48_000;
/// Gas argument of a call that asks for all there is.
pub const ALL: u64 = u64::MAX;

/// The text of the program.
pub fn actor() -> String {
    let mut imports = String::from("(import \"vm_hooks\" \"read_args\" (func $read_args (param i32)))\n");
    let mut ops = String::new();
    let field =
        |bytes: u32| format!("local.get $p (local.set $p (i32.add (local.get $p) (i32.const {bytes}))) ");
    let room = |bytes: u32| {
        format!("local.get $out (local.set $out (i32.add (local.get $out) (i32.const {bytes}))) ")
    };
    for (i, (name, args, result)) in FUNCTIONS.iter().enumerate() {
        let (mut params, mut push) = (String::new(), String::new());
        for arg in args.chars() {
            params.push_str(match arg {
                'd' => " i32 i32",
                'g' => " i64",
                _ => " i32",
            });
            push.push_str(&match arg {
                'p' => field(32),
                'a' => field(20),
                'n' => format!("{}i32.load ", field(4)),
                'g' => format!("{}i64.load ", field(8)),
                'd' => "(local.set $n (i32.load (local.get $p))) \
                        (local.set $p (i32.add (local.get $p) (i32.const 4))) local.get $p local.get $n \
                        (local.set $p (i32.add (local.get $p) (local.get $n))) "
                    .into(),
                'w' => room(32),
                'b' => room(20),
                'r' => room(4),
                _ => "local.get $out ".into(),
            });
        }
        let after = match *result {
            "" => String::new(),
            _ if args.contains('o') => "local.get $out i32.add local.set $out".into(),
            kind => format!(
                "local.set ${kind} ({kind}.store (local.get $out) (local.get ${kind})) \
                 (local.set $out (i32.add (local.get $out) (i32.const {})))",
                if kind == "i32" { 4 } else { 8 }
            ),
        };
        let results = if result.is_empty() { String::new() } else { format!("(result {result})") };
        let params = if params.is_empty() { String::new() } else { format!("(param{params})") };
        imports += &format!("(import \"vm_hooks\" \"{name}\" (func ${name} {params} {results}))\n");
        ops += &format!(
            "(if (i32.eq (local.get $op) (i32.const {})) (then {push} call ${name} {after} br $next))\n",
            i + 1
        );
    }
    format!(
        r#"(module {imports}
  (memory (export "memory") 1)
  (func $recurse (result i32) (i32.add (call $recurse) (i32.const 1)))
  (func (export "user_entrypoint") (param $len i32) (result i32)
    (local $p i32) (local $out i32) (local $op i32) (local $n i32) (local $i32 i32) (local $i64 i64) (local $status i32)
    (call $read_args (i32.const 0))
    (local.set $out (i32.const {OUT}))
    (block $end
      (loop $next
        (br_if $end (i32.ge_u (local.get $p) (local.get $len)))
        (local.set $op (i32.load8_u (local.get $p)))
        (br_if $end (i32.eqz (local.get $op)))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        {ops}
        (if (i32.eq (local.get $op) (i32.const {REVERT})) (then (local.set $status (i32.const 1)) br $end))
        (if (i32.eq (local.get $op) (i32.const {FOREVER})) (then (loop $for_ever (br $for_ever))))
        (if (i32.eq (local.get $op) (i32.const {RECURSE})) (then (drop (call $recurse))))
        (if (i32.eq (local.get $op) (i32.const {GROW})) (then
          (if (i32.eq (memory.grow (i32.load (local.get $p))) (i32.const -1)) (then unreachable))
          (local.set $p (i32.add (local.get $p) (i32.const 4)))
          br $next))
        unreachable))
    (call $write_result (i32.const {OUT}) (i32.sub (local.get $out) (i32.const {OUT})))
    (local.get $status)))"#
    )
}

/// A list of what a frame does.
#[derive(Clone, Debug, Default)]
pub struct Script(Vec<u8>);

impl From<Script> for Bytes {
    fn from(script: Script) -> Self {
        script.0.into()
    }
}

impl AsRef<[u8]> for Script {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// An empty script.
pub fn script() -> Script {
    Script::default()
}

impl Script {
    /// Any host function, with its arguments as they stand in a script.
    pub fn host(mut self, name: &str, args: &[u8]) -> Self {
        let at = FUNCTIONS.iter().position(|function| function.0 == name);
        self.0.push(at.unwrap_or_else(|| panic!("no host function {name}")) as u8 + 1);
        self.0.extend(args);
        self
    }

    fn control(mut self, op: u8) -> Self {
        self.0.push(op);
        self
    }

    /// Ends the script; what follows is never read. Makes a script as long as it has to be.
    pub fn padded(mut self, len: usize) -> Self {
        assert!(self.0.len() <= len, "the script is longer");
        self.0.resize(len, 0);
        self
    }

    pub fn load(self, key: u64) -> Self {
        self.host("storage_load_bytes32", &word(key))
    }

    pub fn store(self, key: u64, value: u64) -> Self {
        self.host("storage_cache_bytes32", &[word(key), word(value)].concat())
    }

    pub fn flush(self) -> Self {
        self.host("storage_flush_cache", &0u32.to_le_bytes())
    }

    /// Flushes and forgets the cached words.
    pub fn flush_and_clear(self) -> Self {
        self.host("storage_flush_cache", &1u32.to_le_bytes())
    }

    pub fn transient_load(self, key: u64) -> Self {
        self.host("transient_load_bytes32", &word(key))
    }

    pub fn transient_store(self, key: u64, value: u64) -> Self {
        self.host("transient_store_bytes32", &[word(key), word(value)].concat())
    }

    /// Appends the length of what came back and the status, 4 bytes each.
    pub fn call(self, to: Address, value: u64, gas: u64, data: impl AsRef<[u8]>) -> Self {
        let args = [to.as_slice(), &counted(data.as_ref()), &word(value), &gas.to_le_bytes()].concat();
        self.host("call_contract", &args)
    }

    /// As [`Self::call`].
    pub fn delegate(self, to: Address, gas: u64, data: impl AsRef<[u8]>) -> Self {
        let args = [to.as_slice(), &counted(data.as_ref()), &gas.to_le_bytes()].concat();
        self.host("delegate_call_contract", &args)
    }

    /// As [`Self::call`].
    pub fn static_call(self, to: Address, gas: u64, data: impl AsRef<[u8]>) -> Self {
        let args = [to.as_slice(), &counted(data.as_ref()), &gas.to_le_bytes()].concat();
        self.host("static_call_contract", &args)
    }

    /// Appends the address and the length of what came back (4 bytes).
    pub fn create1(self, code: &[u8], endowment: u64) -> Self {
        self.host("create1", &[counted(code).as_slice(), &word(endowment)].concat())
    }

    /// As [`Self::create1`].
    pub fn create2(self, code: &[u8], endowment: u64, salt: B256) -> Self {
        let args = [counted(code).as_slice(), &word(endowment), salt.as_slice()].concat();
        self.host("create2", &args)
    }

    /// Appends a part of what came back last.
    pub fn returned(self, offset: u32, size: u32) -> Self {
        self.host("read_return_data", &[offset.to_le_bytes(), size.to_le_bytes()].concat())
    }

    pub fn log(self, topics: &[B256], data: &[u8]) -> Self {
        let bytes = [topics.concat().as_slice(), data].concat();
        let args = [counted(&bytes).as_slice(), &(topics.len() as u32).to_le_bytes()].concat();
        self.host("emit_log", &args)
    }

    /// Pays for pages without getting them.
    pub fn pay_for_pages(self, pages: u32) -> Self {
        self.host("pay_for_memory_grow", &pages.to_le_bytes())
    }

    /// Grows the memory by pages, or traps.
    pub fn grow(mut self, pages: u32) -> Self {
        self = self.control(GROW);
        self.0.extend(pages.to_le_bytes());
        self
    }

    /// Sets the result, which ends up as output only if the frame ends by [`Self::exit`].
    pub fn result(self, data: &[u8]) -> Self {
        self.host("write_result", &counted(data))
    }

    /// Ends by `exit_early`.
    pub fn exit(self, status: u32) -> Self {
        self.host("exit_early", &status.to_le_bytes())
    }

    /// Ends with status 1; the output is what was appended.
    pub fn revert(self) -> Self {
        self.control(REVERT)
    }

    /// Sets a result and traps.
    pub fn trap(self) -> Self {
        self.result(b"lost").control(TRAP)
    }

    /// Runs until ink ends.
    pub fn forever(self) -> Self {
        self.control(FOREVER)
    }

    /// Calls a function that calls itself, until stack ends.
    pub fn recurse(self) -> Self {
        self.control(RECURSE)
    }
}

/// A length and the bytes.
pub fn counted(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_le_bytes(), bytes].concat()
}

/// Reads what a script appended.
pub struct Reader(Bytes);

pub fn read(bytes: &Bytes) -> Reader {
    Reader(bytes.clone())
}

impl Reader {
    pub fn bytes(&mut self, len: usize) -> Bytes {
        self.0.split_to(len)
    }

    pub fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.bytes(4)[..].try_into().expect("4 bytes"))
    }

    pub fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.bytes(8)[..].try_into().expect("8 bytes"))
    }

    pub fn address(&mut self) -> Address {
        Address::from_slice(&self.bytes(20))
    }

    pub fn word(&mut self) -> B256 {
        B256::from_slice(&self.bytes(32))
    }

    /// A word that is a small number.
    pub fn small(&mut self) -> u64 {
        alloy_primitives::U256::from_be_bytes(self.word().0).to()
    }

    /// Length of what came back, and the status.
    pub fn call(&mut self) -> (u32, u32) {
        (self.u32(), self.u32())
    }

    pub fn ends(&self) -> bool {
        self.0.is_empty()
    }
}

/// A host call as the trace shows it.
#[derive(Clone, Debug)]
pub struct Step {
    pub name: String,
    pub args: Bytes,
    pub outs: Bytes,
    pub start: u64,
    pub end: u64,
    /// Host calls of the frame that it made.
    pub steps: Vec<Self>,
}

impl Step {
    pub const fn ink(&self) -> u64 {
        self.start - self.end
    }
}

/// The host calls of a mined transaction, by `stylusTracer`.
pub fn steps(chain: &Chain, tx: &Mined) -> Vec<Step> {
    parse(&chain.retrace(tx.hash).expect("the transaction is known").stylus_trace())
}

fn parse(trace: &Value) -> Vec<Step> {
    let bytes = |value: &Value| value.as_str().expect("hex").parse().expect("hex");
    let step = |step: &Value| Step {
        name: step["name"].as_str().expect("a name").to_owned(),
        args: bytes(&step["args"]),
        outs: bytes(&step["outs"]),
        start: step["startInk"].as_u64().expect("ink"),
        end: step["endInk"].as_u64().expect("ink"),
        steps: if step["steps"].is_array() { parse(&step["steps"]) } else { Vec::new() },
    };
    trace.as_array().expect("a list").iter().map(step).collect()
}

/// The calls of one host function, in order.
pub fn named(steps: &[Step], name: &str) -> Vec<Step> {
    let found: Vec<Step> = steps.iter().filter(|step| step.name == name).cloned().collect();
    assert!(!found.is_empty(), "no {name} in {steps:?}");
    found
}

/// The ink of each call of one host function, in order.
pub fn inks(steps: &[Step], name: &str) -> Vec<u64> {
    named(steps, name).iter().map(Step::ink).collect()
}
