//! The two sides: the VM with the host of the other tests, the interpreter with its own chain; made from one scene.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U256};
use stylus_vm::host::{CallKind, CallRequest, CreateRequest};
use stylus_vm::{Call, Config, EvmData, Program, RunResult};

use crate::common::{TestHost, evm_data};
use crate::interpreter::chain::Request;
use crate::interpreter::{Chain, Ended, Module, Setup, run};
use stylus_testing::generator::Scene;

/// Parameters of a scene.
pub(super) fn config(scene: &Scene) -> Config {
    Config {
        ink_price: scene.ink_price,
        max_stack_depth: scene.stack,
        ..Config::for_arbos(scene.arbos_version)
    }
}

fn data(scene: &Scene) -> EvmData {
    EvmData { arbos_version: scene.arbos_version, ..evm_data() }
}

/// Balance of the account of zeros, wei.
const BALANCE: u64 = 0x1234_5678_9abc;

/// Runs the VM.
pub(super) fn on_engine(program: &Program, scene: &Scene, gas: u64) -> (RunResult, TestHost) {
    let mut host = TestHost::new();
    for (key, value) in &scene.storage {
        host.storage.insert(B256::new(*key), B256::new(*value));
        host.original.insert(B256::new(*key), B256::new(*value));
    }
    for (account, code) in &scene.codes {
        host.codes.insert(Address::new(*account), Bytes::from(code.clone()));
    }
    host.balances.insert(Address::ZERO, U256::from(BALANCE));
    host.is_static = scene.is_static;
    host.open_pages = program.info().footprint;
    host.ever_pages = host.open_pages;
    host.answer = (scene.answer.0, scene.answer.1, Bytes::from(scene.answer.2.clone()));
    host.created = scene.created.map(Address::new);
    let call = Call { calldata: &scene.calldata, gas, starting_gas: gas + scene.extra_gas };
    let result = program.run(&mut host, &config(scene), &data(scene), call);
    (result, host)
}

/// Runs the interpreter.
pub(super) fn interpreted(module: &Module<'_>, scene: &Scene, gas: u64) -> (Ended, Chain) {
    let mut chain = Chain::default();
    // the host of the other tests has one account that is warm
    chain.warm_accounts.insert([0xc3; 20]);
    chain.storage.extend(scene.storage.iter().copied());
    chain.original.extend(scene.storage.iter().copied());
    chain.codes.extend(scene.codes.iter().cloned());
    let mut balance = [0; 32];
    balance[24..].copy_from_slice(&BALANCE.to_be_bytes());
    chain.balances.insert([0; 20], balance);
    chain.is_static = scene.is_static;
    chain.open_pages = module.pages();
    chain.ever_pages = chain.open_pages;
    chain.answer = scene.answer.clone();
    chain.created = scene.created;
    let data = data(scene);
    let setup = Setup {
        gas,
        starting_gas: gas + scene.extra_gas,
        ink_price: scene.ink_price,
        stack: scene.stack,
        calldata: &scene.calldata,
        data: &data,
    };
    let ended = run(module, &mut chain, setup);
    (ended, chain)
}

/// Completed host functions of the VM and their ink.
pub(super) fn calls(host: &TestHost) -> Vec<(&'static str, u64)> {
    let frame = |name| name == "user_entrypoint" || name == "user_returned";
    host.traces.iter().filter(|line| !frame(line.name)).map(|line| (line.name, line.ink)).collect()
}

/// What is on the VM's chain in the end.
pub(super) fn seen_host(host: &TestHost) -> String {
    let words = |of: &std::collections::HashMap<B256, B256>| {
        of.iter().map(|(key, value)| (key.0, value.0)).collect::<BTreeMap<_, _>>()
    };
    let logs = host.logs.iter();
    let logs = logs.map(|(topics, data)| (topics.iter().map(|topic| topic.0).collect(), data.to_vec()));
    seen(
        (words(&host.storage), words(&host.transient)),
        &logs.collect::<Vec<_>>(),
        (host.open_pages.into(), host.ever_pages.into()),
        (host.calls.iter().map(call).collect(), host.creates.iter().map(create).collect()),
    )
}

/// What is on the interpreter's chain in the end.
pub(super) fn seen_chain(chain: &Chain) -> String {
    let (creates, calls) =
        chain.requests.iter().cloned().partition(|request| request.kind.starts_with("create"));
    seen(
        (
            chain.storage.iter().map(|(key, value)| (*key, *value)).collect(),
            chain.transient.iter().map(|(key, value)| (*key, *value)).collect(),
        ),
        &chain.logs,
        (chain.open_pages, chain.ever_pages),
        (calls, creates),
    )
}

type Words = BTreeMap<[u8; 32], [u8; 32]>;

fn seen(
    (storage, transient): (Words, Words),
    logs: &[(Vec<[u8; 32]>, Vec<u8>)],
    pages: (u64, u64),
    (calls, creates): (Vec<Request>, Vec<Request>),
) -> String {
    format!("{storage:?}\n{transient:?}\n{logs:?}\n{pages:?}\n{calls:?}\n{creates:?}")
}

fn call(request: &CallRequest) -> Request {
    Request {
        kind: match request.kind {
            CallKind::Call => "call_contract",
            CallKind::Delegate => "delegate_call_contract",
            CallKind::Static => "static_call_contract",
        },
        to: request.to.into_array(),
        data: request.data.to_vec(),
        value: request.value.to_be_bytes(),
        salt: None,
        gas_left: request.gas_left,
        gas_request: request.gas_request,
    }
}

fn create(request: &CreateRequest) -> Request {
    Request {
        kind: if request.salt.is_some() { "create2" } else { "create1" },
        to: [0; 20],
        data: request.code.to_vec(),
        value: request.endowment.to_be_bytes(),
        salt: request.salt.map(|salt| salt.0),
        gas_left: request.gas_left,
        gas_request: request.gas_left,
    }
}
