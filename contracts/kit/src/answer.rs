//! Encodes what a function returns as return data.

use alloc::vec::Vec;

use alloy_primitives::B256;

use crate::{
    Revert,
    codec::{Word, Words, concat},
};

/// Most values that a tuple or a struct with dynamic members has.
pub const MOST: usize = 16;

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
        for element in self {
            element.push(out);
        }
        true
    }
}

/// Appends a list of values: all heads first, then what the dynamic ones' offsets point to.
///
/// Takes at most [`MOST`] values: what lists fields or types holds to it when it is compiled.
#[inline(never)]
pub fn push_values(values: &[&dyn Value], out: &mut Vec<B256>) {
    let start = out.len();
    let mut places = [0; MOST];
    for (place, value) in places.iter_mut().zip(values) {
        *place = out.len();
        value.head(out);
    }
    for (place, value) in places.iter().zip(values) {
        // Memory has no room for a length that overflows.
        let offset = (out.len().wrapping_sub(start) as u64).wrapping_mul(32);
        if value.tail(out)
            && let Some(word) = out.get_mut(*place)
        {
            *word = offset.word();
        }
    }
}

/// Values as return data, or as the data of an event.
#[must_use]
#[inline(never)]
pub fn encode(values: &[&dyn Value]) -> Vec<u8> {
    let mut words = Vec::new();
    push_values(values, &mut words);
    concat(&[], &words)
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
        encode(&[self])
    }
}

macro_rules! tuples {
    ($(($($name:ident)*))*) => {$(
        impl<$($name: Value),*> Answer for ($($name,)*) {
            fn answer(&self) -> Vec<u8> {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                encode(&[$($name),*])
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
                    push_values(&[&self.0, &self.1, &self.2], out);
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
    }
}
