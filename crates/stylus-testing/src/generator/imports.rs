//! Host functions that programs import, and what their arguments are.

use wasm_encoder::ValType;

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Address in memory.
    Pointer,
    /// Number of bytes.
    Length,
    /// A small number.
    Small,
    /// Pages.
    Pages,
    /// Gas.
    Gas,
}

use Role::{Gas, Length, Pages, Pointer, Small};

impl Role {
    pub(super) fn ty(self) -> ValType {
        if self == Gas { ValType::I64 } else { ValType::I32 }
    }
}

/// Name, arguments, result.
pub type Hook = (&'static str, &'static [Role], Option<ValType>);

/// Every host function.
pub const HOOKS: &[Hook] = &[
    ("pay_for_memory_grow", &[Pages], None),
    ("read_args", &[Pointer], None),
    ("write_result", &[Pointer, Length], None),
    ("exit_early", &[Small], None),
    ("storage_load_bytes32", &[Pointer, Pointer], None),
    ("storage_cache_bytes32", &[Pointer, Pointer], None),
    ("storage_flush_cache", &[Small], None),
    ("transient_load_bytes32", &[Pointer, Pointer], None),
    ("transient_store_bytes32", &[Pointer, Pointer], None),
    ("native_keccak256", &[Pointer, Length, Pointer], None),
    ("msg_value", &[Pointer], None),
    ("msg_sender", &[Pointer], None),
    ("tx_origin", &[Pointer], None),
    ("contract_address", &[Pointer], None),
    ("block_coinbase", &[Pointer], None),
    ("block_basefee", &[Pointer], None),
    ("tx_gas_price", &[Pointer], None),
    ("chainid", &[], Some(ValType::I64)),
    ("block_gas_limit", &[], Some(ValType::I64)),
    ("block_number", &[], Some(ValType::I64)),
    ("block_timestamp", &[], Some(ValType::I64)),
    ("msg_reentrant", &[], Some(ValType::I32)),
    ("tx_ink_price", &[], Some(ValType::I32)),
    ("evm_gas_left", &[], Some(ValType::I64)),
    ("evm_ink_left", &[], Some(ValType::I64)),
    ("math_div", &[Pointer, Pointer], None),
    ("math_mod", &[Pointer, Pointer], None),
    ("math_pow", &[Pointer, Pointer], None),
    ("math_add_mod", &[Pointer, Pointer, Pointer], None),
    ("math_mul_mod", &[Pointer, Pointer, Pointer], None),
    ("call_contract", &[Pointer, Pointer, Length, Pointer, Gas, Pointer], Some(ValType::I32)),
    ("delegate_call_contract", &[Pointer, Pointer, Length, Gas, Pointer], Some(ValType::I32)),
    ("static_call_contract", &[Pointer, Pointer, Length, Gas, Pointer], Some(ValType::I32)),
    ("create1", &[Pointer, Length, Pointer, Pointer, Pointer], None),
    ("create2", &[Pointer, Length, Pointer, Pointer, Pointer, Pointer], None),
    ("return_data_size", &[], Some(ValType::I32)),
    ("read_return_data", &[Pointer, Small, Length], Some(ValType::I32)),
    ("emit_log", &[Pointer, Length, Small], None),
    ("account_balance", &[Pointer, Pointer], None),
    ("account_codehash", &[Pointer, Pointer], None),
    ("account_code_size", &[Pointer], Some(ValType::I32)),
    ("account_code", &[Pointer, Small, Length, Pointer], Some(ValType::I32)),
];
