//! The rules for programs beyond WebAssembly's own: limits, names, imports, memory, entry point.

use std::collections::HashSet;

use wasmparser::{ExternalKind, ValType};

use crate::{Config, Error, hostio, module::Module};

/// The function that a call runs.
pub(crate) const ENTRYPOINT: &str = "user_entrypoint";
/// Name of the exported memory.
pub(crate) const MEMORY: &str = "memory";

/// Beginning of the names that instrumentation keeps for itself.
const RESERVED: &str = "stylus";
const MAX_NAME: usize = 512;
/// Most declared locals of one function.
const MAX_LOCALS: u64 = 348;
/// Most instructions of one function after instrumentation.
const MAX_OPS: u64 = 65_536;

/// Checks a parsed module against every rule but those on instrumented code.
pub(crate) fn validate(module: &Module<'_>, config: &Config) -> Result<(), Error> {
    limits(module)?;
    imports(module, config)?;
    names(module)?;
    if module.start {
        return Err(Error::StartFunction);
    }
    let memory = module.exports.iter().any(|x| x.name == MEMORY && x.kind == ExternalKind::Memory);
    if module.memories.len() != 1 || !memory {
        return Err(Error::MissingMemory);
    }
    let entry = module.exports.iter().find(|x| x.name == ENTRYPOINT && x.kind == ExternalKind::Func);
    let entry = entry.and_then(|export| module.type_of(export.index));
    if !entry.is_some_and(|ty| ty.params() == [ValType::I32] && ty.results() == [ValType::I32]) {
        return Err(Error::MissingEntrypoint);
    }
    Ok(())
}

/// Checks the number of instructions of an instrumented function.
pub(crate) fn instrumented_len(ops: usize) -> Result<(), Error> {
    at_most("instructions in a function", ops as u64, MAX_OPS)
}

fn at_most(what: &'static str, count: u64, limit: u64) -> Result<(), Error> {
    if count > limit { Err(Error::TooMany { what, count, limit }) } else { Ok(()) }
}

fn limits(module: &Module<'_>) -> Result<(), Error> {
    at_most("imports", module.imports.len() as u64, 513)?;
    at_most("memories", module.memories.len() as u64, 1)?;
    at_most("data segments", module.data.len() as u64, 128)?;
    at_most("element segments", module.elements.len() as u64, 128)?;
    at_most("exports", module.exports.len() as u64, 1_024)?;
    at_most("functions", module.functions.len() as u64, 4_096)?;
    at_most("globals", u64::from(module.globals), 32_768)?;
    for body in &module.bodies {
        let locals = body.locals.iter().map(|(count, _)| u64::from(*count)).sum();
        at_most("locals in a function", locals, MAX_LOCALS)?;
    }
    let entries = module.tables.iter().fold(0u64, |sum, entries| sum.saturating_add(*entries));
    at_most("table entries", entries, 4_096)?;
    at_most("bytes of element segments", module.elements.iter().sum(), 4_096)
}

fn imports(module: &Module<'_>, config: &Config) -> Result<(), Error> {
    for import in &module.imports {
        let name = || format!("{}.{}", import.module, import.name);
        let Some(ty) = import.ty else {
            return Err(Error::ImportKind(name()));
        };
        let Some((params, results)) = hostio::signature(import.module, import.name, config.debug) else {
            return Err(Error::UnknownImport(name()));
        };
        let fits =
            module.types.get(ty as usize).is_some_and(|ty| ty.params() == params && ty.results() == results);
        if !fits {
            return Err(Error::ImportType(name()));
        }
    }
    Ok(())
}

fn names(module: &Module<'_>) -> Result<(), Error> {
    let imported: HashSet<&str> = module.imports.iter().map(|import| unmangled(import.name)).collect();
    for export in &module.exports {
        if export.name.starts_with(RESERVED) {
            return Err(Error::ReservedSymbol(export.name.to_owned()));
        }
        if export.name.len() > MAX_NAME {
            return Err(Error::NameTooLong { length: export.name.len() });
        }
        if imported.contains(unmangled(export.name)) {
            return Err(Error::ExportsImport(export.name.to_owned()));
        }
    }
    match module.name {
        Some(name) if name.len() > MAX_NAME => Err(Error::NameTooLong { length: name.len() }),
        _ => Ok(()),
    }
}

/// The part of a name after its last `__`: host functions are known under mangled names too.
fn unmangled(name: &str) -> &str {
    name.rsplit("__").next().unwrap_or(name)
}
