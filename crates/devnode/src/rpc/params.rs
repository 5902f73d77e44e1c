//! Reading parameters.

use std::str::FromStr;

use alloy_eips::eip2930::AccessListItem;
use alloy_primitives::{Address, B256, Bytes, U256};
use serde_json::{Map, Value};

use super::RpcError;
use crate::chain::BlockRef;
use crate::chain::call::{CallRequest, Overrides};
use crate::state::AccountOverride;

/// Parameters by position.
#[derive(Debug)]
pub(super) struct Params(Vec<Value>);

type Result<T> = std::result::Result<T, RpcError>;

impl Params {
    pub(super) const fn new(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// The parameter at a position; null where there is none.
    pub(super) fn at(&self, i: usize) -> &Value {
        self.0.get(i).unwrap_or(&Value::Null)
    }

    fn need(&self, i: usize) -> Result<&Value> {
        match self.at(i) {
            Value::Null => Err(RpcError::invalid_params(format!("missing value for required argument {i}"))),
            value => Ok(value),
        }
    }

    pub(super) fn address(&self, i: usize) -> Result<Address> {
        address(self.need(i)?)
    }

    pub(super) fn hash(&self, i: usize) -> Result<B256> {
        hash(self.need(i)?)
    }

    pub(super) fn bytes(&self, i: usize) -> Result<Bytes> {
        bytes(self.need(i)?)
    }

    pub(super) fn word(&self, i: usize) -> Result<U256> {
        word(self.need(i)?)
    }

    pub(super) fn number(&self, i: usize) -> Result<u64> {
        number(self.need(i)?)
    }

    pub(super) fn block(&self, i: usize) -> Result<BlockRef> {
        block(self.at(i))
    }

    pub(super) fn flag(&self, i: usize) -> Result<bool> {
        match self.at(i) {
            Value::Null => Ok(false),
            Value::Bool(flag) => Ok(*flag),
            _ => Err(RpcError::invalid_params(format!("argument {i} is no boolean"))),
        }
    }

    pub(super) fn call(&self, i: usize) -> Result<CallRequest> {
        call(object(self.need(i)?)?)
    }

    /// Overrides of accounts at `i` and of the block at `i + 1`.
    pub(super) fn overrides(&self, i: usize) -> Result<Overrides> {
        let mut out = Overrides::default();
        if let Some(accounts) = optional(self.at(i)) {
            for (key, value) in object(accounts)? {
                out.accounts.push((address(&Value::String(key.clone()))?, account(object(value)?)?));
            }
        }
        if let Some(block) = optional(self.at(i + 1)) {
            let block = object(block)?;
            out.time = field(block, &["time", "timestamp"], number)?;
            out.number = field(block, &["number"], number)?;
        }
        Ok(out)
    }
}

fn optional(value: &Value) -> Option<&Value> {
    (!value.is_null()).then_some(value)
}

fn object(value: &Value) -> Result<&Map<String, Value>> {
    value.as_object().ok_or_else(|| RpcError::invalid_params("expected an object"))
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().ok_or_else(|| RpcError::invalid_params("expected a string"))
}

fn parse<T: FromStr>(value: &Value, what: &str) -> Result<T> {
    let text = text(value)?;
    if !text.starts_with("0x") && !text.starts_with("0X") {
        return Err(RpcError::invalid_params(format!("{what} without 0x prefix")));
    }
    text.parse().map_err(|_| RpcError::invalid_params(format!("invalid {what}")))
}

pub(super) fn address(value: &Value) -> Result<Address> {
    parse(value, "address")
}

pub(super) fn hash(value: &Value) -> Result<B256> {
    parse(value, "hash")
}

pub(super) fn bytes(value: &Value) -> Result<Bytes> {
    parse(value, "hex data")
}

/// A number: a quantity in hex, or a JSON number.
pub(super) fn word(value: &Value) -> Result<U256> {
    match value {
        Value::Number(number) => match number.as_u64() {
            Some(number) => Ok(U256::from(number)),
            None => Err(RpcError::invalid_params("number is no unsigned integer")),
        },
        Value::String(text) => {
            let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
            let parsed = match digits {
                Some("") => Ok(U256::ZERO),
                Some(digits) => U256::from_str_radix(digits, 16),
                None => U256::from_str_radix(text, 10),
            };
            parsed.map_err(|_| RpcError::invalid_params("invalid quantity"))
        }
        _ => Err(RpcError::invalid_params("expected a quantity")),
    }
}

pub(super) fn number(value: &Value) -> Result<u64> {
    u64::try_from(word(value)?).map_err(|_| RpcError::invalid_params("quantity exceeds 64 bits"))
}

fn price(value: &Value) -> Result<u128> {
    u128::try_from(word(value)?).map_err(|_| RpcError::invalid_params("quantity exceeds 128 bits"))
}

pub(super) fn block(value: &Value) -> Result<BlockRef> {
    match value {
        Value::Null => Ok(BlockRef::Latest),
        Value::Object(fields) => {
            if let Some(hash) = field(fields, &["blockHash"], hash)? {
                return Ok(BlockRef::Hash(hash));
            }
            match fields.get("blockNumber") {
                Some(number) => block(number),
                None => Err(RpcError::invalid_params("block without number or hash")),
            }
        }
        Value::String(text) => match text.as_str() {
            "latest" | "safe" | "finalized" => Ok(BlockRef::Latest),
            "pending" => Ok(BlockRef::Pending),
            "earliest" => Ok(BlockRef::Number(0)),
            text if text.len() == 66 => Ok(BlockRef::Hash(hash(value)?)),
            _ => Ok(BlockRef::Number(number(value)?)),
        },
        other => Ok(BlockRef::Number(number(other)?)),
    }
}

/// A field under the first of its names that is there and not null.
pub(super) fn field<T>(
    fields: &Map<String, Value>,
    names: &[&str],
    read: impl Fn(&Value) -> Result<T>,
) -> Result<Option<T>> {
    names.iter().find_map(|name| fields.get(*name).and_then(optional)).map(read).transpose()
}

fn call(fields: &Map<String, Value>) -> Result<CallRequest> {
    let input = field(fields, &["input"], bytes)?;
    let data = field(fields, &["data"], bytes)?;
    if let (Some(input), Some(data)) = (&input, &data)
        && input != data
    {
        return Err(RpcError::invalid_params("both data and input are set and not equal"));
    }
    Ok(CallRequest {
        from: field(fields, &["from"], address)?,
        to: field(fields, &["to"], address)?,
        gas: field(fields, &["gas", "gasLimit"], number)?,
        gas_price: field(fields, &["gasPrice", "maxFeePerGas"], price)?,
        value: field(fields, &["value"], word)?.unwrap_or_default(),
        data: input.or(data).unwrap_or_default(),
        nonce: field(fields, &["nonce"], number)?,
        access_list: field(fields, &["accessList"], access_list)?.unwrap_or_default(),
    })
}

fn access_list(value: &Value) -> Result<Vec<AccessListItem>> {
    let items = value.as_array().ok_or_else(|| RpcError::invalid_params("access list is no array"))?;
    items
        .iter()
        .map(|item| {
            let item = object(item)?;
            let keys = |value: &Value| -> Result<Vec<B256>> {
                let keys =
                    value.as_array().ok_or_else(|| RpcError::invalid_params("storage keys are no array"))?;
                keys.iter().map(hash).collect()
            };
            Ok(AccessListItem {
                address: field(item, &["address"], address)?
                    .ok_or_else(|| RpcError::invalid_params("access list item without address"))?,
                storage_keys: field(item, &["storageKeys"], keys)?.unwrap_or_default(),
            })
        })
        .collect()
}

fn account(fields: &Map<String, Value>) -> Result<AccountOverride> {
    let slots = |value: &Value| -> Result<Vec<(U256, U256)>> {
        object(value)?
            .iter()
            .map(|(key, value)| Ok((word(&Value::String(key.clone()))?, word(value)?)))
            .collect()
    };
    let whole = field(fields, &["state"], slots)?;
    let part = field(fields, &["stateDiff"], slots)?;
    if whole.is_some() && part.is_some() {
        return Err(RpcError::invalid_params("both state and stateDiff are set"));
    }
    Ok(AccountOverride {
        balance: field(fields, &["balance"], word)?,
        nonce: field(fields, &["nonce"], number)?,
        code: field(fields, &["code"], bytes)?,
        clear_slots: whole.is_some(),
        slots: whole.or(part).unwrap_or_default(),
    })
}
