//! Names of the functions of deployed programs. The code on a chain has none: they are kept when the harness builds a
//! contract, and can be read from a module that is not stripped.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use alloy::primitives::B256;
use anyhow::{Context, Result, ensure};
use stylus_vm::names::function_names;

use crate::{
    wasm::{CODE_PREFIX, round_trip, strip_custom_sections},
    workspace,
};

/// Most bytes of a module, beyond what any chain accepts.
const MAX_WASM_SIZE: u32 = 1 << 20;

/// The functions of one program by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// What the program is called: its package, or the name of the file.
    pub program: String,
    /// Names, for people, by index among imports and local functions.
    pub functions: BTreeMap<u32, String>,
}

impl Names {
    /// The names in a module that is not stripped.
    #[must_use]
    pub fn of(program: &str, wasm: &[u8]) -> Self {
        let functions =
            function_names(wasm).into_iter().map(|(index, name)| (index, readable(&name))).collect();
        Self { program: program.to_owned(), functions }
    }

    /// The names kept of the program with this hash of its code, if a contract of that code was built here.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn stored(code_hash: B256) -> Result<Option<Self>> {
        Self::load(&workspace::cache_dir("programs")?, code_hash)
    }

    pub(crate) fn load(store: &Path, code_hash: B256) -> Result<Option<Self>> {
        let path = store.join(file_name(code_hash));
        if !path.is_file() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        Ok(Some(Self::parse(&text)))
    }

    /// Keeps the names beside the programs.
    pub(crate) fn save(&self, store: &Path, code_hash: B256) -> Result<()> {
        let path = store.join(file_name(code_hash));
        let aside = path.with_extension("names-partial");
        fs::write(&aside, self.text())?;
        fs::rename(&aside, &path)?;
        Ok(())
    }

    /// First the program, then a line for each function: index, space, name.
    fn text(&self) -> String {
        let mut text = format!("{}\n", self.program);
        for (index, name) in &self.functions {
            let _ = writeln!(text, "{index} {name}");
        }
        text
    }

    fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        let program = lines.next().unwrap_or_default().to_owned();
        let functions = lines.filter_map(|line| {
            let (index, name) = line.split_once(' ')?;
            Some((index.parse().ok()?, name.to_owned()))
        });
        Self { program, functions: functions.collect() }
    }
}

/// A module in a file, to be matched with deployed code.
#[derive(Clone, Debug)]
pub struct NamedModule {
    names: Names,
    /// What the module is without custom sections, as linked and after a round trip.
    forms: [Vec<u8>; 2],
}

impl NamedModule {
    /// Reads a module with names.
    ///
    /// # Errors
    /// When the file cannot be read, is no module, or names no function.
    pub fn read(path: &Path) -> Result<Self> {
        let wasm = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        let program = path.file_stem().map(|stem| stem.to_string_lossy().replace('_', "-"));
        let names = Names::of(&program.unwrap_or_default(), &wasm);
        let no_module = || format!("{} is no WebAssembly module", path.display());
        let forms = [
            strip_custom_sections(&wasm).with_context(no_module)?,
            round_trip(&wasm).with_context(no_module)?,
        ];
        ensure!(
            !names.functions.is_empty(),
            "{} names no function: build it with `cargo rustc ... -- -C strip=debuginfo`",
            path.display()
        );
        Ok(Self { names, forms })
    }

    /// The names, if this is the module of a deployed code, whatever custom sections either has.
    #[must_use]
    pub fn names_of(&self, code: &[u8]) -> Option<&Names> {
        if !code.starts_with(&CODE_PREFIX) {
            return None;
        }
        let wasm = stylus_vm::decompress(code, MAX_WASM_SIZE).ok()?;
        let bare = strip_custom_sections(&wasm).ok()?;
        self.forms.contains(&bare).then_some(&self.names)
    }
}

fn file_name(code_hash: B256) -> String {
    format!("{code_hash:x}.names")
}

/// A symbol as people write it, without the hash of the crate.
#[must_use]
pub fn readable(symbol: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(symbol))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = r#"(module
        (memory (export "memory") 1)
        (func $_ZN8plimsoll6settle17h0123456789abcdefE (export "user_entrypoint") (param i32) (result i32)
            i32.const 0)
        (func $plain))"#;

    #[test]
    fn readable_has_no_hash() {
        assert_eq!(readable("_ZN8plimsoll6settle17h0123456789abcdefE"), "plimsoll::settle");
        assert_eq!(readable("memcpy"), "memcpy");
    }

    #[test]
    fn saved_names_load_again() {
        let store = std::env::temp_dir().join(format!("plimsoll-names-{}", std::process::id()));
        fs::create_dir_all(&store).unwrap();
        let names = Names::of("a-b", &wat::parse_str(MODULE).unwrap());
        let expected = [(0, "plimsoll::settle".to_owned()), (1, "plain".to_owned())];
        assert_eq!(names.functions, BTreeMap::from(expected));
        let hash = B256::repeat_byte(5);
        names.save(&store, hash).unwrap();
        assert_eq!(Names::load(&store, hash).unwrap(), Some(names));
        assert_eq!(Names::load(&store, B256::ZERO).unwrap(), None);
        fs::remove_dir_all(&store).unwrap();
    }

    #[test]
    fn modules_match_their_own_code_only() {
        let path = std::env::temp_dir().join(format!("plimsoll_named-{}.wasm", std::process::id()));
        let wasm = wat::parse_str(MODULE).unwrap();
        fs::write(&path, &wasm).unwrap();
        let module = NamedModule::read(&path).unwrap();
        let code = |wasm: &[u8]| crate::wasm::compress(wasm).unwrap();
        let stripped = strip_custom_sections(&wasm).unwrap();
        assert_eq!(module.names_of(&code(&stripped)).unwrap().functions.len(), 2);
        let tagged = [stripped.as_slice(), &[0, 6, 3, b'a', b'b', b'c', 1, 2]].concat();
        assert!(module.names_of(&code(&tagged)).is_some());
        let other = wat::parse_str(MODULE.replace("i32.const 0", "i32.const 1")).unwrap();
        assert!(module.names_of(&code(&other)).is_none());
        assert!(module.names_of(b"\x60\x00").is_none());

        fs::write(&path, stripped).unwrap();
        let error = NamedModule::read(&path).unwrap_err().to_string();
        assert!(error.contains("names no function"), "{error}");
        fs::remove_file(&path).unwrap();
    }
}
