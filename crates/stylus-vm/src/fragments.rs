//! Programs that stand in several accounts (ArbOS 60): fragments hold parts of one brotli stream, a root names them.
//!
//! The code of a fragment is `EF F0 01` and its part. That of the root is `EF F0 02`, the dictionary byte, the length of
//! the module in four bytes (big endian), and the addresses of the fragments in the order of their parts.

use alloy_primitives::Address;

use crate::{Error, code};

/// First bytes of a part of a program.
pub const FRAGMENT_PREFIX: [u8; 3] = [0xef, 0xf0, 0x01];
/// First bytes of the account that names the parts.
pub const ROOT_PREFIX: [u8; 3] = [0xef, 0xf0, 0x02];

const ADDRESSES: usize = 8;
const ADDRESS_LEN: usize = 20;

/// Whether a code is the root of a program in parts, by its prefix alone.
#[must_use]
pub fn is_root(code: &[u8]) -> bool {
    code.starts_with(&ROOT_PREFIX)
}

/// What a root says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// Dictionary byte of the stream.
    pub dictionary: u8,
    /// Bytes of the module.
    pub length: u32,
    /// The accounts that hold the parts, in order.
    pub fragments: Vec<Address>,
}

impl Root {
    /// Reads the code of a root.
    ///
    /// # Errors
    /// [`Error::NotStylus`] for another prefix, [`Error::MalformedRoot`].
    pub fn parse(code: &[u8]) -> Result<Self, Error> {
        if !is_root(code) {
            return Err(Error::NotStylus);
        }
        let (head, addresses) = code.split_at_checked(ADDRESSES).ok_or(Error::MalformedRoot)?;
        let &[_, _, _, dictionary, a, b, c, d] = head else { return Err(Error::MalformedRoot) };
        let (fragments, rest) = addresses.as_chunks::<ADDRESS_LEN>();
        if !rest.is_empty() {
            return Err(Error::MalformedRoot);
        }
        let fragments = fragments.iter().map(Address::from).collect();
        Ok(Self { dictionary, length: u32::from_be_bytes([a, b, c, d]), fragments })
    }

    /// The code of the root.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut code = ROOT_PREFIX.to_vec();
        code.push(self.dictionary);
        code.extend(self.length.to_be_bytes());
        code.extend(self.fragments.iter().flatten());
        code
    }

    /// Checks a root against the limits of the chain, before any fragment is read.
    ///
    /// # Errors
    /// [`Error::NoFragments`], [`Error::TooMany`], [`Error::ModuleTooLarge`].
    pub fn check(&self, max_size: u32, max_fragments: u8) -> Result<(), Error> {
        let count = self.fragments.len() as u64;
        if count == 0 {
            return Err(Error::NoFragments);
        }
        if count > u64::from(max_fragments) {
            return Err(Error::TooMany { what: "fragments", count, limit: u64::from(max_fragments) });
        }
        if self.length > max_size {
            return Err(Error::ModuleTooLarge { max: max_size });
        }
        Ok(())
    }

    /// The module, from the codes of the fragments in the order of [`Self::fragments`]. Never more than the declared
    /// length is held.
    ///
    /// # Errors
    /// [`Error::NotFragment`], [`Error::DictionaryUnavailable`], [`Error::UnknownDictionary`], [`Error::InvalidBrotli`],
    /// [`Error::WrongLength`].
    pub fn join<C: AsRef<[u8]>>(&self, codes: &[C]) -> Result<Vec<u8>, Error> {
        code::dictionary(self.dictionary)?;
        let mut stream = Vec::new();
        for (at, address) in self.fragments.iter().enumerate() {
            let part = codes.get(at).and_then(|code| code.as_ref().strip_prefix(&FRAGMENT_PREFIX));
            stream.extend_from_slice(part.ok_or(Error::NotFragment(*address))?);
        }
        let declared = self.length;
        match code::inflate(&stream, declared) {
            Ok(wasm) if wasm.len() as u64 == u64::from(declared) => Ok(wasm),
            Ok(_) | Err(Error::ModuleTooLarge { .. }) => Err(Error::WrongLength { declared }),
            Err(other) => Err(other),
        }
    }
}

/// Codes of the fragments of a module, as equal as can be; `count` is at least one.
#[must_use]
pub fn split(wasm: &[u8], count: usize) -> Vec<Vec<u8>> {
    let stream = code::deflate(wasm);
    let size = stream.len().div_ceil(count.max(1)).max(1);
    stream.chunks(size).map(|part| [&FRAGMENT_PREFIX, part].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(count: u8) -> Vec<Address> {
        (1..=count).map(Address::repeat_byte).collect()
    }

    fn module() -> Vec<u8> {
        (0..5_000u32).flat_map(|i| (i * i).to_le_bytes()).collect()
    }

    #[test]
    fn root_of_the_documented_bytes() {
        let root = Root { dictionary: 0, length: 0x0102_0304, fragments: addresses(2) };
        let code = root.encode();
        assert_eq!(code[..8], [0xef, 0xf0, 2, 0, 1, 2, 3, 4]);
        assert_eq!(code[8..28], [1; 20]);
        assert_eq!(code[28..], [2; 20]);
        assert_eq!(Root::parse(&code), Ok(root));
    }

    #[test]
    fn parse_errors() {
        let code = Root { dictionary: 0, length: 9, fragments: addresses(1) }.encode();
        for len in 3..8 {
            assert_eq!(Root::parse(&code[..len]), Err(Error::MalformedRoot));
        }
        assert!(Root::parse(&code[..8]).unwrap().fragments.is_empty());
        assert_eq!(Root::parse(&code[..27]), Err(Error::MalformedRoot));
        assert_eq!(Root::parse(&[0xef, 0xf0, 1, 0, 0, 0, 0, 9]), Err(Error::NotStylus));
        assert_eq!(Root::parse(&[]), Err(Error::NotStylus));
    }

    #[test]
    fn check_each_limit() {
        let root = |count, length| Root { dictionary: 0, length, fragments: addresses(count) };
        assert_eq!(root(2, 100).check(100, 2), Ok(()));
        assert_eq!(root(0, 100).check(100, 2), Err(Error::NoFragments));
        let many = Error::TooMany { what: "fragments", count: 3, limit: 2 };
        assert_eq!(root(3, 100).check(100, 2), Err(many));
        assert_eq!(root(2, 101).check(100, 2), Err(Error::ModuleTooLarge { max: 100 }));
    }

    #[test]
    fn join_what_was_split() {
        let wasm = module();
        for count in 1..=4 {
            let codes = split(&wasm, count);
            assert_eq!(codes.len(), count);
            let root = Root { dictionary: 0, length: 20_000, fragments: addresses(count as u8) };
            assert_eq!(root.join(&codes).unwrap(), wasm);
        }
    }

    #[test]
    fn join_errors() {
        let codes = split(&module(), 2);
        let root = |length, dictionary| Root { dictionary, length, fragments: addresses(2) };
        assert_eq!(root(19_999, 0).join(&codes), Err(Error::WrongLength { declared: 19_999 }));
        assert_eq!(root(20_001, 0).join(&codes), Err(Error::WrongLength { declared: 20_001 }));
        assert_eq!(root(20_000, 1).join(&codes), Err(Error::DictionaryUnavailable));
        assert_eq!(root(20_000, 2).join(&codes), Err(Error::UnknownDictionary(2)));
        let missing = Error::NotFragment(Address::repeat_byte(2));
        assert_eq!(root(20_000, 0).join(&codes[..1]), Err(missing.clone()));
        assert_eq!(root(20_000, 0).join(&[&codes[0][..], &[0x60, 0x80]]), Err(missing));
        let turned = [&codes[1][..], &codes[0][..]];
        assert!(root(20_000, 0).join(&turned).is_err(), "the order counts");
    }
}
