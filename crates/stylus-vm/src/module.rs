//! A module taken apart: what validation, pricing and instrumentation need of it.

use std::ops::Range;

use wasmparser::{
    Export, FuncType, KnownCustom, Name, Operator, Parser, Payload, TypeRef, ValType, Validator, WasmFeatures,
};

use crate::Error;

/// An imported function.
#[derive(Debug)]
pub(crate) struct Import<'a> {
    /// Module part of its name.
    pub(crate) module: &'a str,
    /// Field part of its name.
    pub(crate) name: &'a str,
    /// Index of its type; `None` when it is no function.
    pub(crate) ty: Option<u32>,
}

/// A local function.
#[derive(Debug)]
pub(crate) struct Body<'a> {
    /// Declared locals as runs, without parameters.
    pub(crate) locals: Vec<(u32, ValType)>,
    /// Instructions up to and including the final `end`.
    pub(crate) ops: Vec<Operator<'a>>,
}

/// Pages of a memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// Initial pages.
    pub(crate) min: u64,
    /// Most pages, if declared.
    pub(crate) max: Option<u64>,
}

/// A parsed module that passed WebAssembly's own validation.
#[derive(Debug, Default)]
pub(crate) struct Module<'a> {
    /// The whole binary.
    pub(crate) wasm: &'a [u8],
    /// Function types.
    pub(crate) types: Vec<FuncType>,
    /// Imports in order; all are functions once validated.
    pub(crate) imports: Vec<Import<'a>>,
    /// Type index of each local function.
    pub(crate) functions: Vec<u32>,
    /// Initial entries of each table.
    pub(crate) tables: Vec<u64>,
    /// Memories.
    pub(crate) memories: Vec<Memory>,
    /// Number of globals.
    pub(crate) globals: u32,
    /// Exports.
    pub(crate) exports: Vec<Export<'a>>,
    /// Length in the binary of each element segment, its header included.
    pub(crate) elements: Vec<u64>,
    /// Length in the binary of each data segment, its header included.
    pub(crate) data: Vec<u64>,
    /// Whether there is a start function.
    pub(crate) start: bool,
    /// Module name of the name section.
    pub(crate) name: Option<&'a str>,
    /// Bodies of the local functions.
    pub(crate) bodies: Vec<Body<'a>>,
    /// Sections in order, custom ones left out: id and range of the content.
    pub(crate) sections: Vec<(u8, Range<usize>)>,
}

/// The proposals that programs may use.
pub(crate) fn features(arbos_version: u64) -> WasmFeatures {
    let always = WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::FLOATS;
    if arbos_version < NO_MULTI_VALUE { always | WasmFeatures::MULTI_VALUE } else { always }
}

/// From this version on, functions and blocks have at most one result and blocks no parameter.
const NO_MULTI_VALUE: u64 = 60;

impl<'a> Module<'a> {
    /// Validates and parses a binary.
    pub(crate) fn parse(wasm: &'a [u8], arbos_version: u64) -> Result<Self, Error> {
        let invalid = |error: wasmparser::Error| Error::InvalidModule(error.to_string());
        let features = features(arbos_version);
        Validator::new_with_features(features).validate_all(wasm).map_err(invalid)?;
        let mut parser = Parser::new(0);
        parser.set_features(features);
        let mut module = Self { wasm, ..Self::default() };
        for payload in parser.parse_all(wasm) {
            module.take(payload.map_err(invalid)?).map_err(invalid)?;
        }
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<(), wasmparser::Error> {
        if let Some((id, range)) = payload.as_section()
            && id != 0
        {
            self.sections.push((id, range.start as usize..range.end as usize));
        }
        match payload {
            Payload::TypeSection(reader) => {
                self.types = reader.into_iter_err_on_gc_types().collect::<Result<_, _>>()?;
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let import = import?;
                    let ty = if let TypeRef::Func(ty) = import.ty { Some(ty) } else { None };
                    self.imports.push(Import { module: import.module, name: import.name, ty });
                }
            }
            Payload::FunctionSection(reader) => {
                self.functions = reader.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::TableSection(reader) => {
                for table in reader {
                    self.tables.push(table?.ty.initial);
                }
            }
            Payload::MemorySection(reader) => {
                for memory in reader {
                    let memory = memory?;
                    self.memories.push(Memory { min: memory.initial, max: memory.maximum });
                }
            }
            Payload::GlobalSection(reader) => self.globals = reader.count(),
            Payload::ExportSection(reader) => self.exports = reader.into_iter().collect::<Result<_, _>>()?,
            Payload::StartSection { .. } => self.start = true,
            Payload::ElementSection(reader) => {
                for element in reader {
                    let range = element?.range;
                    self.elements.push(range.end - range.start);
                }
            }
            Payload::DataSection(reader) => {
                for data in reader {
                    let range = data?.range;
                    self.data.push(range.end - range.start);
                }
            }
            Payload::CodeSectionEntry(body) => {
                let locals = body.get_locals_reader()?.into_iter().collect::<Result<_, _>>()?;
                let ops = body.get_operators_reader()?.into_iter().collect::<Result<_, _>>()?;
                self.bodies.push(Body { locals, ops });
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(names) = section.as_known() {
                    // a broken name section is no error in WebAssembly: what cannot be read has no name
                    for name in names.into_iter().map_while(Result::ok) {
                        if let Name::Module { name, .. } = name {
                            self.name = Some(name);
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Type of a function by its index among imports and local functions.
    pub(crate) fn type_of(&self, function: u32) -> Option<&FuncType> {
        let function = function as usize;
        let ty = match self.imports.get(function) {
            Some(import) => import.ty?,
            None => *self.functions.get(function - self.imports.len())?,
        };
        self.types.get(ty as usize)
    }

    /// Index of an imported function.
    pub(crate) fn import(&self, module: &str, name: &str) -> Option<u32> {
        let found = self.imports.iter().position(|import| import.module == module && import.name == name);
        found.map(|index| index as u32)
    }
}
