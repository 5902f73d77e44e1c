//! Bodies of JSON-RPC requests.

use alloy_primitives::{Address, B256};
use plimsoll_devnode::chain::Chain;
use plimsoll_devnode::rpc::Server;

use crate::chain::config;
use crate::common;

/// A server, and what stands on its chain.
#[derive(Debug)]
pub struct Subject {
    server: Server,
    program: Address,
    transaction: B256,
    /// Inputs answered: filters pile up.
    used: u32,
}

/// Inputs that one server answers.
const MOST_USED: u32 = 500;

impl Subject {
    /// A server on a chain with a program and some transactions.
    #[must_use]
    pub fn new() -> Self {
        let mut chain = Chain::new(config());
        let rich = config().accounts[0].1;
        chain.set_balance(
            plimsoll_devnode::config::DEV_ADDRESS,
            rich * alloy_primitives::U256::from(1_000_000),
        );
        let program = common::program(&mut chain, common::STORER);
        let transaction = common::send(&mut chain, Some(program), common::storer(7, 1, 2), 0).hash;
        chain.set_balance(plimsoll_devnode::config::DEV_ADDRESS, rich);
        Self { server: Server::new(chain), program, transaction, used: 0 }
    }

    /// Whether this one is to be replaced.
    #[must_use]
    pub const fn is_used(&self) -> bool {
        self.used >= MOST_USED
    }

    /// Answers the lines of an input, each a body, in which `$TX` stands for a transaction's hash and `$AT` for a
    /// program's address, and takes back what they did. False when a request has gone back behind that point itself.
    pub fn answer(&mut self, input: &[u8]) -> bool {
        self.used += 1;
        let input = replace(input, b"$TX", self.transaction.to_string().as_bytes());
        let input = replace(&input, b"$AT", self.program.to_string().as_bytes());
        let before = self.server.chain().snapshot();
        for body in input.split(|byte| *byte == b'\n') {
            if let Some(answer) = self.server.handle(body) {
                // what is sent over the wire
                let _ = answer.to_string();
            }
        }
        let alive = self.server.handle(br#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#);
        assert_eq!(alive.expect("it is answered")["result"], "0x64aba");
        self.server.chain().revert(before)
    }
}

impl Default for Subject {
    fn default() -> Self {
        Self::new()
    }
}

fn replace(input: &[u8], what: &[u8], with: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(input.len());
    let mut at = 0;
    while at < input.len() {
        if input[at..].starts_with(what) {
            output.extend_from_slice(with);
            at += what.len();
        } else {
            output.push(input[at]);
            at += 1;
        }
    }
    output
}
