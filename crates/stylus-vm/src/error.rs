//! Why a code cannot be activated.

/// A reason to reject a code, one variant a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The code does not begin with `EF F0 00`.
    #[error("not a Stylus program")]
    NotStylus,
    /// The dictionary byte is none that the format knows.
    #[error("unknown compression dictionary {0}")]
    UnknownDictionary(u8),
    /// The code is compressed against the Stylus program dictionary, which this build does not carry.
    #[error("the Stylus program dictionary is not available; compress without a dictionary")]
    DictionaryUnavailable,
    /// The payload is no complete brotli stream.
    #[error("invalid brotli stream")]
    InvalidBrotli,
    /// The module is larger than allowed.
    #[error("decompressed module exceeds {max} bytes")]
    ModuleTooLarge {
        /// The limit, bytes.
        max: u32,
    },
    /// The code of a root is no prefix, dictionary byte, length and whole addresses.
    #[error("malformed root of fragments")]
    MalformedRoot,
    /// A root names no fragment.
    #[error("a root without fragments")]
    NoFragments,
    /// The account that a root names holds no fragment.
    #[error("{0} is no fragment")]
    NotFragment(alloy_primitives::Address),
    /// The fragments give a module of another length than their root declares.
    #[error("the fragments do not give the {declared} bytes that their root declares")]
    WrongLength {
        /// The declared length, bytes.
        declared: u32,
    },
    /// The module does not parse or validate under the allowed WebAssembly features.
    #[error("invalid module: {0}")]
    InvalidModule(String),
    /// Something else than a function is imported.
    #[error("import {0} is not a function")]
    ImportKind(String),
    /// No host function has this name.
    #[error("unknown import {0}")]
    UnknownImport(String),
    /// The import has another type than the host function.
    #[error("import {0} has the wrong type")]
    ImportType(String),
    /// A limit on the number of something is exceeded.
    #[error("too many {what}: {count} > {limit}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there are.
        count: u64,
        /// How many there may be.
        limit: u64,
    },
    /// A symbol begins with `stylus`.
    #[error("symbol {0} is reserved")]
    ReservedSymbol(String),
    /// An export has the name of an import.
    #[error("export {0} has the name of an import")]
    ExportsImport(String),
    /// A name of an export or of the module is longer than 512 bytes.
    #[error("name of {length} bytes is too long")]
    NameTooLong {
        /// Its length, bytes.
        length: usize,
    },
    /// There is no memory exported under the name `memory`.
    #[error("no memory exported as `memory`")]
    MissingMemory,
    /// There is no function `user_entrypoint: (i32) -> i32`.
    #[error("no export `user_entrypoint` of type (i32) -> i32")]
    MissingEntrypoint,
    /// The module has a start function.
    #[error("start functions are not allowed")]
    StartFunction,
    /// An instruction that programs may not contain.
    #[error("unsupported instruction {0}")]
    UnsupportedInstruction(String),
    /// A function's operand stack or frame is too large.
    #[error("function {function} needs a frame of {frame} words with {height} operands")]
    FrameTooLarge {
        /// Index among the local functions.
        function: u32,
        /// Words of the frame.
        frame: u32,
        /// Largest height of the operand stack.
        height: u32,
    },
    /// The initial memory is larger than the limit.
    #[error("initial memory of {pages} pages exceeds {limit}")]
    MemoryTooLarge {
        /// Pages asked for.
        pages: u64,
        /// Pages allowed.
        limit: u16,
    },
    /// The memory can grow but `pay_for_memory_grow` is not imported.
    #[error("a memory that can grow needs the import `pay_for_memory_grow`")]
    MissingMemoryHook,
    /// A cost figure does not fit the word it is stored in.
    #[error("{0} does not fit its field")]
    CostOverflow(&'static str),
    /// The execution engine refused the instrumented module.
    #[error("engine: {0}")]
    Engine(String),
}
