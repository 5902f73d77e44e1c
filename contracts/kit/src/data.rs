//! `bytes` as an argument.
//!
//! Alloy's type shares its memory and counts who has it. That takes two kilobytes of a program, most of them for messages
//! of panics that no one sees.

use alloc::vec::Vec;

use alloy_primitives::{B256, keccak256};
use alloy_sol_types::{SolType, abi::token::PackedSeqToken, private::SolTypeValue, sol_data};
use stylus_sdk::abi::{AbiType, ConstString};

use crate::codec::{Args, Argument};

/// The `bytes` of an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data(pub Vec<u8>);

impl AsRef<[u8]> for Data {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Argument for Data {
    const WORDS: usize = 1;

    fn decode(args: Args<'_>, at: usize) -> Option<Self> {
        args.bytes(at).map(|bytes| Self(bytes.to_vec()))
    }
}

impl SolType for Data {
    type RustType = Self;
    type Token<'a> = PackedSeqToken<'a>;

    const SOL_NAME: &'static str = sol_data::Bytes::SOL_NAME;
    const ENCODED_SIZE: Option<usize> = None;
    const PACKED_ENCODED_SIZE: Option<usize> = None;

    fn valid_token(_: &Self::Token<'_>) -> bool {
        true
    }

    fn detokenize(token: Self::Token<'_>) -> Self {
        Self(token.into_vec())
    }
}

impl SolTypeValue<Self> for Data {
    fn stv_to_tokens(&self) -> PackedSeqToken<'_> {
        PackedSeqToken(&self.0)
    }

    fn stv_abi_encoded_size(&self) -> usize {
        SolTypeValue::<sol_data::Bytes>::stv_abi_encoded_size(&self.0)
    }

    fn stv_eip712_data_word(&self) -> B256 {
        keccak256(&self.0)
    }

    fn stv_abi_encode_packed_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn stv_abi_packed_encoded_size(&self) -> usize {
        self.0.len()
    }
}

impl AbiType for Data {
    type SolType = Self;

    const ABI: ConstString = ConstString::new("bytes");

    const EXPORT_ABI_ARG: ConstString = Self::ABI.concat(ConstString::new(" calldata"));

    const EXPORT_ABI_RET: ConstString = Self::ABI.concat(ConstString::new(" memory"));
}

#[cfg(feature = "export-abi")]
impl stylus_sdk::abi::export::internal::InnerTypes for Data {}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use alloy_primitives::Bytes;
    use alloy_sol_types::SolValue;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn data_is_bytes_to_the_sdk() {
        assert_eq!(<Vec<Data> as AbiType>::SELECTOR_ABI.as_str(), "bytes[]");
        assert_eq!(<Data as AbiType>::EXPORT_ABI_ARG.as_str(), "bytes calldata");
    }

    proptest! {
        #[test]
        fn data_decodes_as_alloy_and_the_sdk_do(all: Vec<Vec<u8>>) {
            let encoded = (vec![7_u64], all.iter().cloned().map(Bytes::from).collect::<Vec<_>>()).abi_encode_params();
            let expected: Vec<Data> = all.into_iter().map(Data).collect();
            prop_assert_eq!(Vec::<Data>::decode(Args(&encoded), 1), Some(expected.clone()));
            type Types = (sol_data::Array<sol_data::Uint<64>>, sol_data::Array<Data>);
            let (_, theirs) = <Types as SolType>::abi_decode_params(&encoded).unwrap();
            prop_assert_eq!(theirs, expected);
        }
    }
}
