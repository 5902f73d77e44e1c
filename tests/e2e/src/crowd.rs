//! Thousands of accounts, made with few transactions.
//!
//! One contract owns them all: it makes many calls in a transaction, and is the venue that settles for them.

use alloy::{
    primitives::{Address, B256, Bytes, U256, bytes},
    sol_types::SolCall,
};
use anyhow::Result;
use plimsoll_harness::{
    bindings::IPlimsoll::{Fill, admitVenueCall, approveVenueCall, depositCall, settleCall},
    ids::to_quote_units,
    prelude::*,
};

/// Gas of one transaction of many calls.
const GAS: u64 = 31_000_000;
/// Calls that fit it: an account's first deposit with its approval; a fill that opens a position.
const ACCOUNTS: usize = 100;
const FILLS: usize = 60;

/// Init code of a contract whose calldata is any number of `target (32 bytes), length (32 bytes), payload`. It makes
/// these calls one after another, and reverts with what the first that fails returns.
///
/// ```text
/// 00 PUSH0
/// 01 JUMPDEST DUP1 CALLDATASIZE GT PUSH1 09 JUMPI STOP           [at]: until the end
/// 09 JUMPDEST DUP1 PUSH1 20 ADD CALLDATALOAD                     [at, length]
/// 0f DUP1 DUP3 PUSH1 40 ADD PUSH0 CALLDATACOPY
/// 16 PUSH0 PUSH0 DUP3 PUSH0 PUSH0 DUP7 CALLDATALOAD GAS CALL PUSH1 29 JUMPI
/// 22 RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY RETURNDATASIZE PUSH0 REVERT
/// 29 JUMPDEST ADD PUSH1 40 ADD PUSH1 01 JUMP
/// ```
const BATCHER: Bytes = bytes!(
    // Copies the 49 bytes behind these 10 to memory and returns them.
    "6031600a5f3960315ff3"
    "5f5b803611600957005b806020013580826040015f375f5f825f5f86355af16029573d5f5f3e3d5ffd5b01604001600156"
);

/// A crowd of accounts with one owner, numbered from zero.
#[derive(Debug)]
pub struct Crowd<'a> {
    world: &'a World,
    contract: Address,
    sender: Key,
}

impl<'a> Crowd<'a> {
    /// Deploys the contract and has it admitted as a venue.
    ///
    /// # Errors
    /// When a transaction fails.
    pub async fn new(world: &'a World) -> Result<Self> {
        let sender = world.user("crowd").await?;
        let contract = world.chain.create(&sender, BATCHER).await?;
        let admit = admitVenueCall { venue: contract, admitted: true };
        world.chain.transact(&world.owner, world.engine, &admit).await?;
        Ok(Self { world, contract, sender })
    }

    /// The account of a number.
    #[must_use]
    pub fn account(&self, number: u64) -> B256 {
        plimsoll_harness::ids::account_id(self.contract, number)
    }

    fn batch(&self, calls: impl IntoIterator<Item = (Address, Vec<u8>)>) -> Tx {
        let mut data = Vec::new();
        for (target, payload) in calls {
            data.extend_from_slice(target.into_word().as_slice());
            data.extend_from_slice(&U256::from(payload.len()).to_be_bytes::<32>());
            data.extend_from_slice(&payload);
        }
        Tx::raw(&self.sender, self.contract, data).gas(GAS)
    }

    /// Deposits `amount` (WAD) into each account of a range and lets the crowd's venue trade for it.
    ///
    /// # Errors
    /// When a transaction fails.
    pub async fn fund(&self, numbers: std::ops::Range<u64>, amount: u128) -> Result<()> {
        let (token, engine) = (self.world.token, self.world.engine);
        let amount = to_quote_units(amount);
        let all = amount * U256::from(numbers.end - numbers.start);
        let mut txs = vec![self.batch([
            (token, IToken::mintCall { to: self.contract, amount: all }.abi_encode()),
            (token, IToken::approveCall { spender: engine, amount: all }.abi_encode()),
        ])];
        let numbers: Vec<u64> = numbers.collect();
        for some in numbers.chunks(ACCOUNTS) {
            txs.push(self.batch(some.iter().flat_map(|&number| {
                let account = self.account(number);
                let approve = approveVenueCall { account, venue: self.contract, approved: true };
                let deposit = depositCall { account, token, amount };
                [(engine, approve.abi_encode()), (engine, deposit.abi_encode())]
            })));
        }
        self.world.chain.send_all_ok(&txs).await?;
        Ok(())
    }

    /// Settles any number of fills between accounts that approved the crowd's venue, many in a call.
    ///
    /// # Errors
    /// When a transaction fails.
    pub async fn settle(&self, fills: &[Fill]) -> Result<()> {
        let txs: Vec<Tx> = fills
            .chunks(FILLS)
            .map(|some| self.batch([(self.world.engine, settleCall { fills: some.into() }.abi_encode())]))
            .collect();
        self.world.chain.send_all_ok(&txs).await?;
        Ok(())
    }
}
