//! Encodes what a function returns as return data.

use alloc::vec::Vec;

use alloy_primitives::B256;

use crate::{
    Revert,
    codec::{Word, Words, concat},
};

/// A value of a list of values. It has words in the list's head. A dynamic value has an offset there, which points to the
/// rest of it.
pub trait Value {
    /// Appends the words of the head. A dynamic value appends one word, in which its offset is written later.
    fn head(&self, out: &mut Vec<B256>);

    /// Appends what the offset points to. Returns true for a dynamic value, false for one that has no such part.
    fn tail(&self, out: &mut Vec<B256>) -> bool;
}

impl<T: Words> Value for T {
    fn head(&self, out: &mut Vec<B256>) {
        self.push(out);
    }

    fn tail(&self, _: &mut Vec<B256>) -> bool {
        false
    }
}

impl<T: Words> Value for Vec<T> {
    fn head(&self, out: &mut Vec<B256>) {
        out.push(B256::ZERO);
    }

    fn tail(&self, out: &mut Vec<B256>) -> bool {
        out.push((self.len() as u64).word());
        let mut elements = self.iter();
        if let Some(first) = elements.next() {
            let start = out.len();
            first.push(out);
            // All elements take the same number of words. Memory that is outgrown is never used again.
            let each = out.len().wrapping_sub(start);
            out.reserve(each.wrapping_mul(elements.len()));
        }
        for element in elements {
            element.push(out);
        }
        true
    }
}

/// Appends what the offset of a value points to, and writes the offset, which counts from `start`, in its place.
pub fn push_rest<T: Value>(value: &T, place: usize, start: usize, out: &mut Vec<B256>) {
    // Memory has no room for a length that overflows.
    let offset = (out.len().wrapping_sub(start) as u64).wrapping_mul(32);
    if value.tail(out)
        && let Some(word) = out.get_mut(place)
    {
        *word = offset.word();
    }
}

/// Appends a list of values to words: all heads first, then what the dynamic ones' offsets point to.
///
/// A macro, because a list of trait objects would bring a table of functions for each type into the program's data, which
/// every call pays for.
#[macro_export]
macro_rules! push_values {
    ($out:expr; $($value:expr),* $(,)?) => {{
        let out: &mut alloc::vec::Vec<$crate::alloy_primitives::B256> = $out;
        let start = out.len();
        let places = [$({
            let place = out.len();
            $crate::answer::Value::head($value, out);
            place
        }),*];
        let mut places = places.into_iter();
        $(
            if let Some(place) = places.next() {
                $crate::answer::push_rest($value, place, start, out);
            }
        )*
    }};
}

/// One value as return data or as the data of an event.
pub fn encode<T: Value>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    push_values!(&mut out; value);
    concat(&[], &out)
}

/// What a function returns when it succeeds.
pub trait Answer {
    /// The return data.
    fn answer(&self) -> Vec<u8>;
}

impl Answer for () {
    fn answer(&self) -> Vec<u8> {
        Vec::new()
    }
}

impl<T: Value> Answer for T {
    fn answer(&self) -> Vec<u8> {
        encode(self)
    }
}

macro_rules! tuples {
    ($(($($name:ident)*))*) => {$(
        impl<$($name: Value),*> Answer for ($($name,)*) {
            fn answer(&self) -> Vec<u8> {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                let mut out = Vec::new();
                push_values!(&mut out; $($name),*);
                concat(&[], &out)
            }
        }
    )*};
}

tuples! { (A B) (A B C) (A B C D) }

/// What a function ends with: a value, or a value or an error.
pub trait Outcome {
    /// Return data or revert data.
    ///
    /// # Errors
    /// The function's own.
    fn outcome(self) -> Result<Vec<u8>, Revert>;
}

impl<T: Answer> Outcome for T {
    fn outcome(self) -> Result<Vec<u8>, Revert> {
        Ok(self.answer())
    }
}

impl<T: Answer> Outcome for Result<T, Revert> {
    fn outcome(self) -> Result<Vec<u8>, Revert> {
        self.map(|value| value.answer())
    }
}

/// Return data that is encoded already, as it was stored.
#[derive(Debug)]
pub struct Encoded(pub Vec<u8>);

impl Outcome for Result<Encoded, Revert> {
    fn outcome(self) -> Result<Vec<u8>, Revert> {
        self.map(|Encoded(data)| data)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use alloy_sol_types::SolValue;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn answers_encode_as_alloy_does(a: u128, b: i128, c: Vec<u128>, d: Vec<i64>) {
            prop_assert_eq!(a.answer(), a.abi_encode());
            prop_assert_eq!((a, b).answer(), (a, b).abi_encode_params());
            prop_assert_eq!(c.answer(), (c.clone(),).abi_encode_params());
            prop_assert_eq!((a, b, c.clone()).answer(), (a, b, c.clone()).abi_encode_params());
            prop_assert_eq!((a, c.clone(), d.clone()).answer(), (a, c.clone(), d.clone()).abi_encode_params());
            prop_assert_eq!((c.clone(), b, d.clone(), a).answer(), (c, b, d, a).abi_encode_params());
        }

        #[test]
        fn a_dynamic_member_counts_from_its_own_struct(a: u128, c: Vec<u128>, d: Vec<i64>) {
            struct Both(u128, Vec<u128>, Vec<i64>);
            impl Value for Both {
                fn head(&self, out: &mut Vec<B256>) {
                    out.push(B256::ZERO);
                }
                fn tail(&self, out: &mut Vec<B256>) -> bool {
                    push_values!(out; &self.0, &self.1, &self.2);
                    true
                }
            }
            let (both, tuple) = (Both(a, c.clone(), d.clone()), (a, c.clone(), d.clone()));
            prop_assert_eq!((a, both, d.clone()).answer(), (a, tuple, d).abi_encode_params());
        }
    }

    #[test]
    fn nothing_and_errors() {
        assert_eq!(().outcome().unwrap(), Vec::<u8>::new());
        let refused: Result<u128, Revert> = Err(Revert::of_data(vec![1, 2]));
        assert_eq!(Vec::from(refused.outcome().unwrap_err()), [1, 2]);
        assert_eq!(Ok(Encoded(vec![3])).outcome().unwrap(), [3]);
    }
}
