//! From what rustc links to what a chain accepts: round trip, strip, compress, check.
//!
//! rustc's raw output never validates on Nitro: LLVM writes overlong table indices and encodings of the
//! reference-types proposal. Printing the module as text and parsing it again rewrites every encoding in its shortest
//! form, which is what cargo-stylus does.

use std::io::Cursor;

use alloy::primitives::{B256, Bytes, keccak256};
use anyhow::{Context, Result, bail, ensure};
use brotli::enc::BrotliEncoderParams;
use wasm_encoder::RawSection;
use wasmparser::{Parser, Payload};

/// Largest code that deploys on every Stylus chain, bytes after compression, prefix included. Nitro's own limit is
/// 24,576; the margin is the project's.
pub const MAX_CODE_SIZE: usize = 24_000;
/// Memory pages that cost nothing on a call.
pub const MAX_PAGES: u64 = 2;
/// First bytes of a Stylus program's code; the last says "no brotli dictionary".
pub const CODE_PREFIX: [u8; 4] = [0xef, 0xf0, 0x00, 0x00];

/// A contract, ready to deploy.
#[derive(Clone, Debug)]
pub struct Program {
    /// Cargo package that it was built from.
    pub package: String,
    /// The module as the chain will see it after decompression.
    pub wasm: Bytes,
    /// Code to deploy: prefix and brotli stream.
    pub code: Bytes,
    /// Memory pages that the module starts with.
    pub pages: u64,
}

impl Program {
    /// Fixes, compresses and checks the output of rustc for `package`.
    ///
    /// # Errors
    /// When the module does not parse, or is larger than [`MAX_CODE_SIZE`] or [`MAX_PAGES`].
    pub fn from_wasm(package: &str, raw: &[u8]) -> Result<Self> {
        let wasm = round_trip(raw).with_context(|| format!("{package}: the module does not parse"))?;
        let pages = initial_pages(&wasm)?;
        let code = compress(&wasm)?;
        let program = Self { package: package.to_owned(), wasm: wasm.into(), code: code.into(), pages };
        program.check()?;
        Ok(program)
    }

    /// Hash of the code, by which the chain keeps activations.
    #[must_use]
    pub fn code_hash(&self) -> B256 {
        keccak256(&self.code)
    }

    /// The code behind the 43-byte prelude that returns it from a create.
    #[must_use]
    pub fn init_code(&self) -> Bytes {
        init_code(&self.code)
    }

    pub(crate) fn check(&self) -> Result<()> {
        let (package, size, pages) = (&self.package, self.code.len(), self.pages);
        ensure!(
            size <= MAX_CODE_SIZE,
            "{package}: {size} bytes of compressed code, {} above the limit of {MAX_CODE_SIZE}; \
             split the contract or share less code",
            size - MAX_CODE_SIZE
        );
        ensure!(
            pages <= MAX_PAGES,
            "{package}: the module starts with {pages} memory pages, more than the {MAX_PAGES} free ones; \
             is the linker's stack size set in .cargo/config.toml?"
        );
        Ok(())
    }
}

/// Prints the module as text and parses it again, without custom sections.
///
/// # Errors
/// When the bytes are no core WebAssembly module.
pub fn round_trip(raw: &[u8]) -> Result<Vec<u8>> {
    let bare = strip_custom_sections(raw)?;
    let text = wasmprinter::print_bytes(&bare)?;
    let module = wat::parse_str(&text)?;
    strip_custom_sections(&module)
}

/// The module without its custom sections (names, producers, target features).
///
/// # Errors
/// When the bytes are no core WebAssembly module.
pub fn strip_custom_sections(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let Payload::CustomSection(_) = payload {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
            let data = wasm.get(range).context("a section ends beyond the module")?;
            module.section(&RawSection { id, data });
        }
    }
    Ok(module.finish())
}

/// Pages of memory that the module starts with.
///
/// # Errors
/// When the module has no memory of its own, or does not parse.
pub fn initial_pages(wasm: &[u8]) -> Result<u64> {
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::MemorySection(section) = payload?
            && let Some(memory) = section.into_iter().next()
        {
            return Ok(memory?.initial);
        }
    }
    bail!("the module has no memory")
}

/// The code prefix and the module under brotli (quality 11, window 22, no dictionary).
///
/// # Errors
/// When the encoder fails, which writing to memory does not provoke.
pub fn compress(wasm: &[u8]) -> Result<Vec<u8>> {
    let params = BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: wasm.len(), ..Default::default() };
    let mut code = CODE_PREFIX.to_vec();
    brotli::BrotliCompress(&mut Cursor::new(wasm), &mut code, &params)?;
    Ok(code)
}

/// `PUSH32 len, DUP1, PUSH1 43, PUSH1 0, CODECOPY, PUSH1 0, RETURN, STOP`, then the code.
#[must_use]
pub fn init_code(code: &[u8]) -> Bytes {
    let mut init = Vec::with_capacity(43 + code.len());
    init.push(0x7f);
    init.extend_from_slice(&[0; 24]);
    init.extend_from_slice(&(code.len() as u64).to_be_bytes());
    init.extend_from_slice(&[0x80, 0x60, 0x2b, 0x60, 0x00, 0x39, 0x60, 0x00, 0xf3, 0x00]);
    init.extend_from_slice(code);
    init.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = r#"(module
        (memory (export "memory") 1)
        (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#;

    fn section_ids(wasm: &[u8]) -> Vec<u8> {
        Parser::new(0).parse_all(wasm).filter_map(|p| p.unwrap().as_section().map(|(id, _)| id)).collect()
    }

    #[test]
    fn strip_removes_custom_sections_and_nothing_else() {
        let mut module = wat::parse_str(EMPTY).unwrap();
        // custom section: id 0, size 6, name "abc" (1 + 3 bytes), 2 bytes of data
        module.extend_from_slice(&[0, 6, 3, b'a', b'b', b'c', 1, 2]);
        let ids = section_ids(&module);
        assert_eq!(ids.last(), Some(&0));
        let stripped = strip_custom_sections(&module).unwrap();
        assert_eq!(section_ids(&stripped), ids[..ids.len() - 1]);
        assert_eq!(stripped, wat::parse_str(EMPTY).unwrap());
    }

    #[test]
    fn round_trip_shortens_overlong_table_indices() {
        // type (func), table of one, function with `call_indirect` whose table index 0 is written in five bytes, as
        // LLVM does for relocations.
        let mut code = vec![0x00, 0x41, 0x00, 0x11, 0x00, 0x80, 0x80, 0x80, 0x80, 0x00, 0x0b];
        let mut body = vec![u8::try_from(code.len()).unwrap()];
        body.append(&mut code);
        let mut raw = b"\0asm\x01\0\0\0".to_vec();
        raw.extend_from_slice(&[1, 4, 1, 0x60, 0, 0]);
        raw.extend_from_slice(&[3, 2, 1, 0]);
        raw.extend_from_slice(&[4, 4, 1, 0x70, 0, 1]);
        raw.extend_from_slice(&[10, u8::try_from(body.len() + 1).unwrap(), 1]);
        raw.append(&mut body);
        let fixed = round_trip(&raw).unwrap();
        assert!(fixed.ends_with(&[0x00, 0x41, 0x00, 0x11, 0x00, 0x00, 0x0b]), "{fixed:02x?}");
        assert_eq!(fixed.len(), raw.len() - 4);
    }

    #[test]
    fn round_trip_errors_on_garbage() {
        assert!(round_trip(b"not a module").is_err());
    }

    #[test]
    fn compress_starts_with_the_prefix_and_decompresses_to_the_module() {
        let module = wat::parse_str(EMPTY).unwrap();
        let code = compress(&module).unwrap();
        assert_eq!(code[..4], [0xef, 0xf0, 0, 0]);
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &code[4..], &mut back).unwrap();
        assert_eq!(back, module);
    }

    #[test]
    fn init_code_is_the_prelude_of_43_bytes_and_the_code() {
        let init = init_code(&[0xaa; 3]);
        let prelude = "7f0000000000000000000000000000000000000000000000000000000000000003\
                       80602b6000396000f300";
        assert_eq!(alloy::hex::encode(&init), format!("{prelude}aaaaaa"));
    }

    #[test]
    fn from_wasm_errors_on_too_many_pages() {
        let module = wat::parse_str(EMPTY.replace("\"memory\") 1", "\"memory\") 17")).unwrap();
        let error = Program::from_wasm("big", &module).unwrap_err().to_string();
        assert!(error.contains("17 memory pages") && error.contains("stack size"), "{error}");
    }

    #[test]
    fn from_wasm_errors_on_too_much_code() {
        // Bytes that brotli cannot compress: a xorshift stream in a data segment.
        let mut x = 0x9e37_79b9_7f4a_7c15_u64;
        let noise: String = (0..26_000)
            .map(|_| {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                format!("\\{:02x}", x as u8)
            })
            .collect();
        let text = EMPTY.replace("(func", &format!("(data (i32.const 0) \"{noise}\") (func"));
        let error = Program::from_wasm("big", &wat::parse_str(text).unwrap()).unwrap_err().to_string();
        assert!(error.contains("above the limit of 24000"), "{error}");
    }
}
