//! Parameters of ArbOS that the VM depends on.

/// What ArbOS prescribes for validating and running programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Version of ArbOS; decides between the rules that changed (31, 32, 40, 50, 60, 61).
    pub arbos_version: u64,
    /// Ink per unit of gas.
    pub ink_price: u32,
    /// Words of stack that one program instance may use.
    pub max_stack_depth: u32,
    /// Largest decompressed module, bytes.
    pub max_wasm_size: u32,
    /// Largest memory of a transaction, pages of 64 KiB.
    pub page_limit: u16,
    /// Largest deployed code of the chain, bytes; `account_code` is priced by it.
    pub max_code_size: u64,
    /// Whether the imports `console.*` and `debug.*` exist (debug chains only).
    pub debug: bool,
}

impl Config {
    /// The values that ArbOS starts with at a version.
    #[must_use]
    pub const fn for_arbos(arbos_version: u64) -> Self {
        Self {
            arbos_version,
            ink_price: 10_000,
            max_stack_depth: if arbos_version >= 50 { 22_000 } else { 262_144 },
            max_wasm_size: if arbos_version >= 61 { 256 * 1024 } else { 128 * 1024 },
            page_limit: 128,
            max_code_size: 24_576,
            debug: false,
        }
    }
}

impl Default for Config {
    /// ArbOS 51 with its first parameters.
    fn default() -> Self {
        Self::for_arbos(51)
    }
}
