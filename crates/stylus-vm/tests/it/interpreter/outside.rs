//! The host functions (4.2) that reach other accounts: calls, creations, return data, logs, balances and code.

use super::Stop;
use super::chain::{Account, Request, Word};
use super::hooks::{Act, Done, E, H, P, read_price, write_price};

/// Gas of an extension of the code size limit, at the usual limit of 24,576 bytes.
const CODE_GAS: u64 = 700;

impl Act<'_, '_> {
    pub(super) fn outside(&mut self, name: &str) -> Result<Done, Stop> {
        match name {
            "call_contract" => self.message("call_contract", Some(3), 4, 5),
            "delegate_call_contract" => self.message("delegate_call_contract", None, 3, 4),
            "static_call_contract" => self.message("static_call_contract", None, 3, 4),
            "create1" => self.create("create1", None, 3, 4),
            "create2" => self.create("create2", Some(3), 4, 5),
            "return_data_size" => {
                self.pay(H)?;
                Ok(("return_data_size", Some(self.hooks.return_data.len() as u64)))
            }
            "read_return_data" => {
                self.pay(H + E)?;
                let (offset, size) = (self.arg(1) as usize, self.arg(2) as usize);
                let rest = self.hooks.return_data.get(offset..).unwrap_or_default();
                let part = rest[..rest.len().min(size)].to_vec();
                self.pay(write_price(part.len() as u64))?;
                // assumed: nothing is written where there is nothing to write, wherever the pointer is
                if !part.is_empty() {
                    self.put(0, &part)?;
                }
                Ok(("read_return_data", Some(part.len() as u64)))
            }
            "emit_log" => {
                self.pay(H + E)?;
                let (len, topics) = (self.arg(1), self.arg(2));
                if topics > 4 || len < 32 * topics {
                    return Err(Stop::Failure);
                }
                self.pay(read_price(len))?;
                self.pay_gas((1 + topics) * 375 + 8 * (len - 32 * topics))?;
                let bytes = self.memory.read(self.arg(0), len)?.to_vec();
                self.hooks.chain.forbid_static()?;
                let (words, data) = bytes.split_at(32 * topics as usize);
                let words = words.chunks(32).map(|word| word.try_into().expect("32 bytes")).collect();
                self.hooks.chain.logs.push((words, data.to_vec()));
                Ok(("emit_log", None))
            }
            "account_balance" => {
                let account = self.account(2 * P)?;
                let gas = self.hooks.chain.touch(account);
                let balance = self.hooks.chain.balances.get(&account).copied().unwrap_or_default();
                self.pay_gas(gas)?;
                self.put(1, &balance)?;
                Ok(("account_balance", None))
            }
            "account_codehash" => {
                let account = self.account(2 * P)?;
                let gas = self.hooks.chain.touch(account);
                let code = self.hooks.chain.codes.get(&account).cloned().unwrap_or_default();
                self.pay_gas(gas)?;
                self.put(1, alloy_primitives::keccak256(code).as_slice())?;
                Ok(("account_codehash", None))
            }
            "account_code_size" => {
                let account = self.account(0)?;
                let size = self.code(account)?.len() as u64;
                Ok(("account_code_size", Some(size)))
            }
            "account_code" => {
                let account = self.account(0)?;
                let code = self.code(account)?;
                self.pay(write_price(code.len() as u64))?;
                let rest = code.get(self.arg(1) as usize..).unwrap_or_default();
                let part = &rest[..rest.len().min(self.arg(2) as usize)];
                self.put(3, part)?;
                Ok(("account_code", Some(part.len() as u64)))
            }
            other => panic!("no host function {other}"),
        }
    }

    /// The account that the first argument points to, after the charges that all these functions begin with.
    fn account(&mut self, pointers: u64) -> Result<Account, Stop> {
        self.pay(H + pointers + E)?;
        self.ink.require_gas(2_600)?;
        self.array(0)
    }

    /// An account's code, for the gas of touching it and of its length, free for the account asked for last.
    fn code(&mut self, account: Account) -> Result<Vec<u8>, Stop> {
        let code = self.hooks.chain.codes.get(&account).cloned().unwrap_or_default();
        if self.hooks.last_code != Some(account) {
            // until ArbOS 40 an account without code was remembered too
            if !code.is_empty() || self.hooks.setup.data.arbos_version < 40 {
                self.hooks.last_code = Some(account);
            }
            let touch = self.hooks.chain.touch(account);
            self.pay_gas(touch + CODE_GAS)?;
        }
        Ok(code)
    }

    fn message(
        &mut self,
        kind: &'static str,
        value: Option<usize>,
        gas: usize,
        ret_len: usize,
    ) -> Result<Done, Stop> {
        self.pay(H + 3 * P + E)?;
        self.pay(read_price(self.arg(2)))?;
        self.pay(read_price(self.arg(2)))?;
        let gas_left = self.ink.gas_left();
        let to: Account = self.array(0)?;
        let data = self.memory.read(self.arg(1), self.arg(2))?.to_vec();
        let value: Word = value.map_or(Ok(Word::default()), |arg| self.array(arg))?;
        let gas_request = self.args[gas].min(gas_left);
        let chain = &mut self.hooks.chain;
        let mut cost = chain.touch(to);
        if value != Word::default() {
            cost += 9_000;
        }
        chain.requests.push(Request { kind, to, data, value, salt: None, gas_left, gas_request });
        let (success, burned, returned) = chain.answer.clone();
        self.pay_gas(cost + burned)?;
        self.put(ret_len, &(returned.len() as u32).to_le_bytes())?;
        self.hooks.return_data = returned;
        Ok((kind, Some(if success { 0 } else { 2 })))
    }

    fn create(
        &mut self,
        kind: &'static str,
        salt: Option<usize>,
        address: usize,
        ret_len: usize,
    ) -> Result<Done, Stop> {
        let pointers = if salt.is_some() { 4 } else { 3 };
        self.pay(H + pointers * P + E)?;
        self.pay(read_price(self.arg(1)))?;
        self.pay(read_price(self.arg(1)))?;
        let data = self.memory.read(self.arg(0), self.arg(1))?.to_vec();
        let value: Word = self.array(2)?;
        let salt: Option<Word> = salt.map(|arg| self.array(arg)).transpose()?;
        self.hooks.chain.forbid_static()?;
        let gas_left = self.ink.gas_left();
        let to = Account::default();
        self.hooks.chain.requests.push(Request {
            kind,
            to,
            data,
            value,
            salt,
            gas_left,
            gas_request: gas_left,
        });
        self.pay_gas(32_000)?;
        let returned = self.hooks.chain.answer.2.clone();
        self.put(ret_len, &(returned.len() as u32).to_le_bytes())?;
        self.hooks.return_data = returned;
        let created = self.hooks.chain.created.unwrap_or_default();
        self.put(address, &created)?;
        Ok((kind, None))
    }
}
