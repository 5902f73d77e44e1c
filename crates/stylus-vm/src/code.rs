//! The form of deployed Stylus code: prefix, dictionary byte, brotli stream; and the init code that deploys it.

use std::io::Read;

use crate::Error;

/// First bytes of a program that stands in one account.
pub const PREFIX: [u8; 3] = [0xef, 0xf0, 0x00];
/// Length of prefix and dictionary byte.
pub const HEADER_LEN: usize = 4;
/// Length of the init code before the runtime code.
pub const PRELUDE_LEN: usize = 43;

const QUALITY: i32 = 11;
const WINDOW: i32 = 22;

/// Whether a code is a Stylus program, by its prefix alone.
#[must_use]
pub fn is_program(code: &[u8]) -> bool {
    code.starts_with(&PREFIX)
}

/// The WebAssembly module inside a deployed code.
///
/// Bytes after the end of the brotli stream are ignored.
///
/// # Errors
/// [`Error::NotStylus`], [`Error::DictionaryUnavailable`], [`Error::UnknownDictionary`], [`Error::InvalidBrotli`], and
/// [`Error::ModuleTooLarge`] when more than `max_size` bytes come out; never more than that is held.
pub fn decompress(code: &[u8], max_size: u32) -> Result<Vec<u8>, Error> {
    if !is_program(code) {
        return Err(Error::NotStylus);
    }
    dictionary(*code.get(PREFIX.len()).ok_or(Error::NotStylus)?)?;
    inflate(&code[HEADER_LEN..], max_size)
}

/// Whether the dictionary that a code names is at hand.
pub(crate) const fn dictionary(byte: u8) -> Result<(), Error> {
    match byte {
        0 => Ok(()),
        1 => Err(Error::DictionaryUnavailable),
        other => Err(Error::UnknownDictionary(other)),
    }
}

/// The content of a brotli stream.
pub(crate) fn inflate(stream: &[u8], max_size: u32) -> Result<Vec<u8>, Error> {
    let mut wasm = Vec::new();
    brotli::Decompressor::new(stream, 4096)
        .take(u64::from(max_size) + 1)
        .read_to_end(&mut wasm)
        .map_err(|_| Error::InvalidBrotli)?;
    if wasm.len() as u64 > u64::from(max_size) {
        return Err(Error::ModuleTooLarge { max: max_size });
    }
    Ok(wasm)
}

/// Deployable code of a module: the prefix, no dictionary, brotli at quality 11 with a window of 22 bits.
#[must_use]
pub fn compress(wasm: &[u8]) -> Vec<u8> {
    let mut code = Vec::with_capacity(HEADER_LEN + wasm.len() / 2);
    code.extend_from_slice(&PREFIX);
    code.push(0);
    code.extend(deflate(wasm));
    code
}

/// Brotli at quality 11 with a window of 22 bits.
pub(crate) fn deflate(wasm: &[u8]) -> Vec<u8> {
    let mut stream = Vec::with_capacity(wasm.len() / 2);
    let params = brotli::enc::BrotliEncoderParams {
        quality: QUALITY,
        lgwin: WINDOW,
        size_hint: wasm.len(),
        ..Default::default()
    };
    let mut input = wasm;
    // reading from a slice and writing to a vector cannot fail
    let _ = brotli::BrotliCompress(&mut input, &mut stream, &params);
    stream
}

/// Init code that deploys `code`:
/// `PUSH32 len, DUP1, PUSH1 43, PUSH1 0, CODECOPY, PUSH1 0, RETURN, STOP`, then the code.
#[must_use]
pub fn initcode(code: &[u8]) -> Vec<u8> {
    let mut init = Vec::with_capacity(PRELUDE_LEN + code.len());
    init.push(0x7f);
    init.extend_from_slice(&[0; 24]);
    init.extend_from_slice(&(code.len() as u64).to_be_bytes());
    init.extend_from_slice(&[0x80, 0x60, 0x2b, 0x60, 0x00, 0x39, 0x60, 0x00, 0xf3, 0x00]);
    init.extend_from_slice(code);
    init
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compress_round_trip() {
        let wasm: Vec<u8> = (0..5_000u32).flat_map(|i| (i * i).to_le_bytes()).collect();
        let code = compress(&wasm);
        assert_eq!(code[..4], [0xef, 0xf0, 0, 0]);
        assert_eq!(decompress(&code, wasm.len() as u32).unwrap(), wasm);
    }

    #[test]
    fn decompress_errors_too_large() {
        let code = compress(&[7; 1_000_000]);
        assert!(code.len() < 1_000, "a bomb is small");
        assert_eq!(decompress(&code, 999_999), Err(Error::ModuleTooLarge { max: 999_999 }));
        assert_eq!(decompress(&code, 0), Err(Error::ModuleTooLarge { max: 0 }));
        assert_eq!(decompress(&code, 1_000_000).unwrap().len(), 1_000_000);
    }

    #[test]
    fn decompress_errors_prefix_and_dictionary() {
        assert_eq!(decompress(&[], 10), Err(Error::NotStylus));
        assert_eq!(decompress(&[0xef, 0xf0], 10), Err(Error::NotStylus));
        assert_eq!(decompress(&[0xef, 0xf0, 0], 10), Err(Error::NotStylus));
        assert_eq!(decompress(&[0x60, 0x80, 0, 0], 10), Err(Error::NotStylus));
        assert_eq!(decompress(&[0xef, 0xf0, 0, 1, 0x3b], 10), Err(Error::DictionaryUnavailable));
        assert_eq!(decompress(&[0xef, 0xf0, 0, 2, 0x3b], 10), Err(Error::UnknownDictionary(2)));
    }

    #[test]
    fn decompress_errors_invalid_brotli() {
        assert_eq!(decompress(&[0xef, 0xf0, 0, 0], 10), Err(Error::InvalidBrotli));
        assert_eq!(decompress(&[0xef, 0xf0, 0, 0, 0xff, 0xff, 0xff], 10), Err(Error::InvalidBrotli));
        let code = compress(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(decompress(&code[..code.len() - 2], 10), Err(Error::InvalidBrotli));
    }

    #[test]
    fn initcode_is_the_prelude_of_43_bytes() {
        let init = initcode(&[0xaa; 300]);
        assert_eq!(init.len(), 343);
        assert_eq!(init[..2], [0x7f, 0]);
        assert_eq!(init[31..43], [0x01, 0x2c, 0x80, 0x60, 0x2b, 0x60, 0, 0x39, 0x60, 0, 0xf3, 0]);
    }
}
