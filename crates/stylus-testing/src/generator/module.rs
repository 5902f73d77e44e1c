//! The module around the functions: types, imports, table, memory, globals, exports, data.

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    FunctionSection, GlobalSection, GlobalType, ImportSection, MemorySection, MemoryType, Module, RefType,
    TableSection, TableType, TypeSection, ValType,
};

use super::Entropy;
use super::body::Body;
use super::imports::HOOKS;

/// Parameters and results.
pub(super) type Signature = (Vec<ValType>, Vec<ValType>);

/// Type of the entry point.
pub(super) const ENTRY: usize = 0;

/// What bodies need to know of their module.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) types: Vec<Signature>,
    /// Type of each function of the module; the first is the entry point.
    pub(super) functions: Vec<usize>,
    /// Type and mutability of each global.
    pub(super) globals: Vec<(ValType, bool)>,
    /// Entries of the table.
    pub(super) table: Vec<Option<usize>>,
    /// Pages at the start.
    pub(super) pages: u64,
    /// Whether blocks and functions may have several results.
    pub(super) multi_value: bool,
    /// Whether float instructions occur.
    pub(super) floats: bool,
}

impl Shape {
    /// Index of a function of the module, counted with the imports.
    pub(super) fn index(&self, function: usize) -> u32 {
        (HOOKS.len() + function) as u32
    }

    fn new(e: &mut Entropy<'_>, multi_value: bool) -> Self {
        let mut types = vec![(vec![ValType::I32], vec![ValType::I32])];
        for _ in 0..1 + e.below(5) {
            let most = if multi_value { 4 } else { 2 };
            let (params, results) = (e.below(5), e.below(most));
            types.push((values(e, params), values(e, results)));
        }
        let functions = 1 + e.below(7);
        let functions: Vec<usize> =
            (0..functions).map(|at| if at == 0 { ENTRY } else { e.below(types.len()) }).collect();
        let globals = (0..e.below(5)).map(|_| (value(e), !e.chance(40))).collect();
        let table = e.below(9);
        let table = (0..table).map(|_| (!e.chance(40)).then(|| e.below(functions.len()))).collect();
        let pages = e.pick(&[1, 1, 1, 1, 2, 2, 3, 0, 1, 1, 1, 1, 1, 1, 5, 40]);
        let floats = e.chance(8);
        Self { types, functions, globals, table, pages, multi_value, floats }
    }
}

pub(super) fn value(e: &mut Entropy<'_>) -> ValType {
    e.pick(&[ValType::I32, ValType::I64])
}

fn values(e: &mut Entropy<'_>, count: usize) -> Vec<ValType> {
    (0..count).map(|_| value(e)).collect()
}

fn constant(ty: ValType, value: u64) -> ConstExpr {
    match ty {
        ValType::I32 => ConstExpr::i32_const(value as i32),
        _ => ConstExpr::i64_const(value.cast_signed()),
    }
}

/// A module out of bytes.
pub fn module(e: &mut Entropy<'_>, multi_value: bool) -> Vec<u8> {
    let shape = Shape::new(e, multi_value);
    let mut types = TypeSection::new();
    for (params, results) in &shape.types {
        types.ty().function(params.iter().copied(), results.iter().copied());
    }
    let mut imports = ImportSection::new();
    for (at, (name, params, result)) in HOOKS.iter().enumerate() {
        types.ty().function(params.iter().map(|role| role.ty()), result.iter().copied());
        imports.import("vm_hooks", name, EntityType::Function((shape.types.len() + at) as u32));
    }
    let mut functions = FunctionSection::new();
    for ty in &shape.functions {
        functions.function(*ty as u32);
    }
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: shape.table.len() as u64,
        maximum: None,
        shared: false,
    });
    let mut memories = MemorySection::new();
    let maximum = match e.below(4) {
        0 => Some(shape.pages),
        1 => Some(shape.pages + 1 + e.below(4) as u64),
        _ => None,
    };
    let minimum = shape.pages;
    memories.memory(MemoryType { minimum, maximum, memory64: false, shared: false, page_size_log2: None });
    let mut globals = GlobalSection::new();
    for (val_type, mutable) in &shape.globals {
        let ty = GlobalType { val_type: *val_type, mutable: *mutable, shared: false };
        globals.global(ty, &constant(*val_type, e.number()));
    }
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export("user_entrypoint", ExportKind::Func, shape.index(0));
    let mut elements = ElementSection::new();
    for (at, entry) in shape.table.iter().enumerate() {
        if let Some(function) = entry {
            let index = [shape.index(*function)];
            elements.active(None, &ConstExpr::i32_const(at as i32), Elements::Functions((&index[..]).into()));
        }
    }
    let mut data = DataSection::new();
    for _ in 0..if shape.pages == 0 { 0 } else { e.below(3) } {
        let offset = e.below(256) as i32 * 4;
        let bytes: Vec<u8> = (0..e.below(64)).map(|_| e.byte()).collect();
        data.active(0, &ConstExpr::i32_const(offset), bytes);
    }
    let mut code = CodeSection::new();
    for function in 0..shape.functions.len() {
        // what is left is shared out, so that the last functions are not all empty
        code.function(&Body::function(e, &shape, function));
    }
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
    module.section(&globals).section(&exports).section(&elements).section(&code).section(&data);
    module.finish()
}
