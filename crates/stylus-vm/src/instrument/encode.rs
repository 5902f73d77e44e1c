//! Writes an instrumented module: its own sections but for globals, exports and code.

use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, Function, GlobalSection, GlobalType, Instruction,
    RawSection, SectionId, ValType,
    reencode::{Reencode, RoundtripReencoder},
};
use wasmparser::{BinaryReader, GlobalSectionReader};

use super::{GROWING, Globals, INK_LEFT, INK_STATUS, SCRATCH, STACK_LEFT};
use crate::{Error, module::Module};

/// The binary of a module whose bodies are instrumented. Custom sections are left out.
pub(super) fn encode(module: &Module<'_>) -> Result<Vec<u8>, Error> {
    let mut out = wasm_encoder::Module::new();
    let mut wrote_globals = false;
    for (id, range) in &module.sections {
        let content = &module.wasm[range.clone()];
        // a module without globals has no such section: it comes before exports, which every program has
        if *id == SectionId::Export as u8 && !wrote_globals {
            out.section(&globals(module, None)?);
        }
        match *id {
            id if id == SectionId::Global as u8 => {
                wrote_globals = true;
                out.section(&globals(module, Some((content, range.start as u64)))?);
            }
            id if id == SectionId::Export as u8 => {
                out.section(&exports(module)?);
            }
            id if id == SectionId::Code as u8 => {
                out.section(&code(module)?);
            }
            id => {
                out.section(&RawSection { id, data: content });
            }
        }
    }
    Ok(out.finish())
}

fn refused<E: std::fmt::Display>(error: E) -> Error {
    Error::InvalidModule(error.to_string())
}

fn globals(module: &Module<'_>, section: Option<(&[u8], u64)>) -> Result<GlobalSection, Error> {
    let mut globals = GlobalSection::new();
    if let Some((content, offset)) = section {
        let reader = GlobalSectionReader::new(BinaryReader::new(content, offset)).map_err(refused)?;
        RoundtripReencoder.parse_global_section(&mut globals, reader).map_err(refused)?;
    }
    debug_assert_eq!(globals.len(), module.globals);
    let mutable = |val_type| GlobalType { val_type, mutable: true, shared: false };
    globals.global(mutable(ValType::I64), &ConstExpr::i64_const(0));
    for _ in 0..4 {
        globals.global(mutable(ValType::I32), &ConstExpr::i32_const(0));
    }
    Ok(globals)
}

fn exports(module: &Module<'_>) -> Result<ExportSection, Error> {
    let mut exports = ExportSection::new();
    for export in &module.exports {
        RoundtripReencoder.parse_export(&mut exports, *export).map_err(refused)?;
    }
    let globals = Globals::after(module.globals);
    exports.export(INK_LEFT, ExportKind::Global, globals.ink);
    exports.export(INK_STATUS, ExportKind::Global, globals.status);
    exports.export(SCRATCH, ExportKind::Global, globals.scratch);
    exports.export(STACK_LEFT, ExportKind::Global, globals.stack);
    exports.export(GROWING, ExportKind::Global, globals.growing);
    Ok(exports)
}

fn code(module: &Module<'_>) -> Result<CodeSection, Error> {
    let mut section = CodeSection::new();
    for body in &module.bodies {
        let locals = body
            .locals
            .iter()
            .map(|(count, ty)| Ok((*count, RoundtripReencoder.val_type(*ty).map_err(refused)?)));
        let mut function = Function::new(locals.collect::<Result<Vec<_>, Error>>()?);
        for op in &body.ops {
            function.instruction(&Instruction::try_from(op.clone()).map_err(refused)?);
        }
        section.function(&function);
    }
    Ok(section)
}
