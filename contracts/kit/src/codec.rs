//! The ABI's codec: reads arguments from words, writes results as words.
//!
//! It replaces the SDK's codec, which takes 2 % to 36 % of a module's code and keeps type names in the data segment,
//! for which every call pays. Like the SDK's, it refuses a word that is outside its type. End-to-end tests call it
//! through alloy and solc.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, FixedBytes, U256};

/// Encoded arguments or elements: words one after another, and what their offsets point to.
#[derive(Clone, Copy, Debug)]
pub struct Args<'a>(pub &'a [u8]);

impl<'a> Args<'a> {
    fn word(&self, index: usize) -> Option<&'a [u8; 32]> {
        self.0.get(index.checked_mul(32)?..)?.first_chunk()
    }

    /// The unsigned number in a word; `None` when it is outside its type.
    #[must_use]
    pub fn uint<T: TryFrom<u128>>(&self, index: usize) -> Option<T> {
        self.uint128(index)?.try_into().ok()
    }

    #[inline(never)]
    fn uint128(&self, index: usize) -> Option<u128> {
        let (high, low) = self.word(index)?.split_first_chunk::<16>()?;
        (*high == [0; 16]).then_some(u128::from_be_bytes(low.try_into().ok()?))
    }

    /// The `int128` in a word; `None` when the bytes above it do not extend its sign.
    #[must_use]
    #[inline(never)]
    pub fn int128(&self, index: usize) -> Option<i128> {
        let (high, low) = self.word(index)?.split_first_chunk::<16>()?;
        let value = i128::from_be_bytes(low.try_into().ok()?);
        (*high == [if value < 0 { 0xff } else { 0 }; 16]).then_some(value)
    }

    /// The signed number in a word; `None` when it is outside its type.
    #[must_use]
    pub fn int<T: TryFrom<i128>>(&self, index: usize) -> Option<T> {
        self.int128(index)?.try_into().ok()
    }

    /// The address in a word; `None` when the twelve bytes before it are not zero.
    #[must_use]
    #[inline(never)]
    pub fn address(&self, index: usize) -> Option<Address> {
        let (high, low) = self.word(index)?.split_first_chunk::<12>()?;
        if *high == [0; 12] { Address::try_from(low).ok() } else { None }
    }

    /// The `bytes32` in a word.
    #[must_use]
    pub fn bytes32(&self, index: usize) -> Option<B256> {
        self.word(index).map(B256::from)
    }

    /// The upper and the lower half of a word, whatever they are.
    #[must_use]
    #[inline(never)]
    pub fn halves(&self, index: usize) -> Option<(u128, u128)> {
        let (high, low) = self.word(index)?.split_first_chunk::<16>()?;
        Some((u128::from_be_bytes(*high), u128::from_be_bytes(low.try_into().ok()?)))
    }

    /// The `uint256` in a word.
    #[must_use]
    pub fn uint256(&self, index: usize) -> Option<U256> {
        self.word(index).map(|word| U256::from_be_bytes(*word))
    }

    /// The `bool` in a word; `None` for anything but zero and one.
    #[must_use]
    pub fn boolean(&self, index: usize) -> Option<bool> {
        match self.uint128(index)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    /// The tuple with dynamic members that the offset in a word points to: its members' offsets count from its own start.
    #[must_use]
    pub fn tuple(&self, index: usize) -> Option<Self> {
        self.0.get(self.uint::<usize>(index)?..).map(Self)
    }

    /// The `bytes` at the offset in a word; `None` when there are fewer than their length says.
    #[must_use]
    pub fn bytes(&self, index: usize) -> Option<&'a [u8]> {
        let tail = self.tuple(index)?;
        tail.0.get(32..)?.get(..tail.uint(0)?)
    }

    /// An array whose elements take `words` each, at the offset in a word. More elements than there are bytes for are
    /// refused before memory is set aside for them.
    pub fn array<T>(
        &self,
        index: usize,
        words: usize,
        element: impl Fn(Self, usize) -> Option<T>,
    ) -> Option<Vec<T>> {
        let tail = self.tuple(index)?;
        let length: usize = tail.uint(0)?;
        let elements = Self(tail.0.get(32..)?);
        if length > elements.0.len() / 32 / words.max(1) {
            return None;
        }
        let mut all = Vec::with_capacity(length);
        let mut at = 0_usize;
        for _ in 0..length {
            all.push(element(elements, at)?);
            at = at.wrapping_add(words);
        }
        Some(all)
    }
}

/// A type as the argument of a call carries it.
pub trait Argument: Sized {
    /// Words it takes among the arguments: all of its own when its size is fixed, otherwise one, the offset of the rest.
    const WORDS: usize;

    /// Decodes the value whose first word is number `at`; `None` when it is outside its type or bytes are missing.
    fn decode(args: Args<'_>, at: usize) -> Option<Self>;
}

macro_rules! argument {
    ($($read:ident: $($type:ty)*;)*) => {$($(
        impl Argument for $type {
            const WORDS: usize = 1;

            #[inline]
            fn decode(args: Args<'_>, at: usize) -> Option<Self> {
                args.$read(at)
            }
        }
    )*)*};
}

argument! {
    uint: u8 u16 u32 u64 u128;
    int: i32 i64;
    int128: i128;
    boolean: bool;
    address: Address;
    bytes32: B256;
    uint256: U256;
}

impl<T: Argument> Argument for Vec<T> {
    const WORDS: usize = 1;

    fn decode(args: Args<'_>, at: usize) -> Option<Self> {
        args.array(at, T::WORDS, T::decode)
    }
}

/// Takes arguments one after another.
#[derive(Debug)]
pub struct Cursor<'a> {
    args: Args<'a>,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Begins at a word.
    #[must_use]
    pub const fn new(args: Args<'a>, at: usize) -> Self {
        Self { args, at }
    }

    /// The next argument; `None` when it does not decode.
    #[inline]
    pub fn take<T: Argument>(&mut self) -> Option<T> {
        let value = T::decode(self.args, self.at);
        // A word beyond the bytes does not decode, wherever it is.
        self.at = self.at.wrapping_add(T::WORDS);
        value
    }
}

/// What fits one word.
pub trait Word {
    /// The word.
    fn word(&self) -> B256;
}

macro_rules! unsigned {
    ($($type:ty)*) => {$(
        impl Word for $type {
            fn word(&self) -> B256 {
                half(0, u128::from(*self))
            }
        }
    )*};
}

macro_rules! signed {
    ($($type:ty)*) => {$(
        impl Word for $type {
            fn word(&self) -> B256 {
                half(if *self < 0 { 0xff } else { 0 }, i128::from(*self) as u128)
            }
        }
    )*};
}

unsigned!(bool u8 u16 u32 u64 u128);
signed!(i32 i64 i128);

#[inline(never)]
fn half(fill: u8, low: u128) -> B256 {
    let mut word = [fill; 32];
    word[16..].copy_from_slice(&low.to_be_bytes());
    B256::new(word)
}

impl Word for Address {
    fn word(&self) -> B256 {
        self.into_word()
    }
}

impl Word for B256 {
    fn word(&self) -> B256 {
        *self
    }
}

impl Word for U256 {
    fn word(&self) -> B256 {
        B256::from(*self)
    }
}

impl Word for FixedBytes<4> {
    fn word(&self) -> B256 {
        let mut word = B256::ZERO;
        word[..4].copy_from_slice(self.as_slice());
        word
    }
}

/// What takes a fixed number of words.
pub trait Words {
    /// Appends the words.
    fn push(&self, out: &mut Vec<B256>);
}

impl<T: Word> Words for T {
    fn push(&self, out: &mut Vec<B256>) {
        out.push(self.word());
    }
}

/// Words one after another, behind a selector where there is one.
#[inline(never)]
#[must_use]
pub fn concat(selector: &[u8], words: &[B256]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(selector.len() + 32 * words.len());
    encoded.extend_from_slice(selector);
    for word in words {
        encoded.extend_from_slice(word.as_slice());
    }
    encoded
}

/// One value of fixed size.
#[must_use]
pub fn value(value: &(impl Words + ?Sized)) -> Vec<u8> {
    let mut words = Vec::new();
    value.push(&mut words);
    concat(&[], &words)
}

/// Lists the fields of structs once and implements both decoding and encoding from the list. Each field takes one word.
#[macro_export]
macro_rules! structs {
    ($module:ident: $($name:ident { $($field:ident),* $(,)? })*) => {$(
        impl $crate::codec::Words for $module::$name {
            fn push(&self, out: &mut alloc::vec::Vec<$crate::alloy_primitives::B256>) {
                out.extend([$($crate::codec::Word::word(&self.$field)),*]);
            }
        }

        impl $crate::codec::Argument for $module::$name {
            const WORDS: usize = [$(stringify!($field)),*].len();

            fn decode(args: $crate::codec::Args<'_>, at: usize) -> Option<Self> {
                let mut next = $crate::codec::Cursor::new(args, at);
                Some(Self { $($field: next.take()?),* })
            }
        }
    )*};
}

/// Lists the fields of structs with dynamic members once and implements both decoding and encoding from the list.
#[macro_export]
macro_rules! dynamic_structs {
    ($module:ident: $($name:ident { $($field:ident),* $(,)? })*) => {$(
        impl $crate::answer::Value for $module::$name {
            fn head(&self, out: &mut alloc::vec::Vec<$crate::alloy_primitives::B256>) {
                out.push($crate::alloy_primitives::B256::ZERO);
            }

            fn tail(&self, out: &mut alloc::vec::Vec<$crate::alloy_primitives::B256>) -> bool {
                $crate::push_values!(out; $(&self.$field),*);
                true
            }
        }

        impl $crate::codec::Argument for $module::$name {
            const WORDS: usize = 1;

            fn decode(args: $crate::codec::Args<'_>, at: usize) -> Option<Self> {
                let mut next = $crate::codec::Cursor::new(args.tuple(at)?, 0);
                Some(Self { $($field: next.take()?),* })
            }
        }
    )*};
}

#[cfg(test)]
mod tests {
    use alloy_primitives::Bytes;
    use alloy_sol_types::{SolValue, sol};
    use proptest::prelude::*;

    use super::*;

    sol! {
        #[derive(Debug, PartialEq, Eq)]
        struct Row {
            bytes32 id;
            uint128 amount;
            int128 change;
            uint32 small;
            bool flag;
            address who;
        }
    }

    fn row(words: Args<'_>, at: usize) -> Option<Row> {
        Some(Row {
            id: words.bytes32(at)?,
            amount: words.uint(at + 1)?,
            change: words.int128(at + 2)?,
            small: words.uint(at + 3)?,
            flag: words.boolean(at + 4)?,
            who: words.address(at + 5)?,
        })
    }

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let one =
            (any::<[u8; 32]>(), any::<u128>(), any::<i128>(), any::<u32>(), any::<bool>(), any::<[u8; 20]>());
        let one = one.prop_map(|(id, amount, change, small, flag, who)| Row {
            id: id.into(),
            amount,
            change,
            small,
            flag,
            who: who.into(),
        });
        prop::collection::vec(one, 0..6)
    }

    proptest! {
        #[test]
        fn array_decodes_what_alloy_encodes(rows in rows()) {
            let encoded = (7u64, rows.clone()).abi_encode_params();
            prop_assert_eq!(Args(&encoded).uint::<u64>(0), Some(7));
            prop_assert_eq!(Args(&encoded).array(1, 6, row), Some(rows));
        }

        #[test]
        fn array_refuses_what_alloy_refuses(rows in rows(), at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>(), truncate: bool) {
            let mut encoded = (7u64, rows).abi_encode_params();
            if truncate {
                encoded.truncate(cut.index(encoded.len()));
            } else {
                let at = at.index(encoded.len());
                encoded[at] = byte;
            }
            let ours = Args(&encoded).uint::<u64>(0).zip(Args(&encoded).array(1, 6, row));
            let theirs = <(u64, Vec<Row>)>::abi_decode_params_validate(&encoded).ok();
            // Ours may refuse more than alloy does. What ours accepts, alloy decodes to the same value.
            if let Some(ours) = ours {
                prop_assert_eq!(Some(ours), theirs);
            }
        }

        #[test]
        fn tuple_decodes_what_alloy_encodes(small: u32, rows in rows(), last: i128) {
            // A struct with a dynamic member stands behind an offset, and the member's offset counts from the struct.
            let encoded = (7u64, (small, rows.clone(), last)).abi_encode_params();
            let tuple = Args(&encoded).tuple(1).unwrap();
            prop_assert_eq!(tuple.uint::<u32>(0), Some(small));
            prop_assert_eq!(tuple.array(1, 6, row), Some(rows));
            prop_assert_eq!(tuple.int128(2), Some(last));
        }

        #[test]
        fn bytes_decode_what_alloy_encodes(all: Vec<Vec<u8>>, cut in any::<prop::sample::Index>()) {
            let given: Vec<Bytes> = all.into_iter().map(Into::into).collect();
            let mut encoded = (7u64, given.clone()).abi_encode_params();
            let ours = Args(&encoded).array(1, 1, |words, at| words.bytes(at).map(Bytes::copy_from_slice));
            prop_assert_eq!(ours, Some(given));
            encoded.truncate(cut.index(encoded.len()));
            let ours = Args(&encoded).array(1, 1, |words, at| words.bytes(at).map(Bytes::copy_from_slice));
            let theirs = <(u64, Vec<Bytes>)>::abi_decode_params_validate(&encoded).ok();
            if let Some(ours) = ours {
                prop_assert_eq!(Some((7, ours)), theirs);
            }
        }

        #[test]
        fn int_refuses_what_is_outside_its_type(number: i128) {
            let encoded = number.abi_encode();
            prop_assert_eq!(Args(&encoded).int::<i32>(0), i32::try_from(number).ok());
            prop_assert_eq!(Args(&encoded).int::<i64>(0), i64::try_from(number).ok());
            let narrow = number as i64;
            prop_assert_eq!(Args(&narrow.abi_encode()).int(0), Some(narrow));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, index: usize, words in 1usize..40) {
            let args = Args(&bytes);
            let _ = (args.uint::<u8>(index), args.int128(index), args.address(index), args.uint256(index));
            let _ = (args.tuple(index), args.bytes(index), args.int::<i32>(index));
            let _ = args.array(index, words, |words, at| words.bytes32(at));
        }

        #[test]
        fn words_encode_as_alloy_does(a: u128, b: i128, c: i64, d: bool) {
            let words = [a.word(), b.word(), c.word(), d.word()];
            prop_assert_eq!(concat(&[], &words), (a, b, c, d).abi_encode_params());
        }

        #[test]
        fn halves_are_those_of_the_word(high: u128, low: u128) {
            let word: U256 = (U256::from(high) << 128) | U256::from(low);
            prop_assert_eq!(Args(&word.abi_encode()).halves(0), Some((high, low)));
        }
    }
}
