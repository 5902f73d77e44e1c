//! Compares the decoder and the encoder with alloy's.

use alloy_sol_types::{SolCall, SolValue};
use plimsoll_kit::{
    answer,
    codec::{Args, Argument},
};
use proptest::prelude::*;

use crate::{
    convert, sol,
    testing::{IModel, ParamsOf, ScenarioOf, portfolios::any_portfolio, recast, standard},
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn portfolio_decodes_what_alloy_encodes(given in any_portfolio()) {
        let encoded = IModel::assessCall { portfolio: given.clone() }.abi_encode();
        let expected = convert::portfolio(&recast(&given));
        prop_assert_eq!(sol::Portfolio::decode(Args(&encoded[4..]), 0).as_ref().map(convert::portfolio), Some(expected));
    }

    #[test]
    fn portfolio_encodes_as_alloy_does(given in any_portfolio()) {
        prop_assert_eq!(answer::encode::<sol::Portfolio>(&recast(&given)), given.abi_encode());
    }

    #[test]
    fn portfolio_never_panics_on_arbitrary_bytes(bytes: Vec<u8>) {
        let _ = sol::Portfolio::decode(Args(&bytes), 0);
        let _ = sol::Params::decode(Args(&bytes), 0);
    }

    #[test]
    fn params_encode_and_decode_as_alloy_does(
        values in prop::collection::vec(any::<u128>(), 34),
        scenarios in prop::collection::vec((any::<u128>(), 0..5_u8, any::<u128>()), 0..50),
    ) {
        let mut given = standard();
        let mut values = values.into_iter();
        given.volShock.rangeUp = values.next().unwrap();
        given.volShock.floor = values.next().unwrap() as u32;
        given.volShock.minVolUp = values.next().unwrap();
        given.skew.linearC = values.next().unwrap() as i128;
        given.skew.minKStar = values.next().unwrap();
        given.skew.volScale = values.next().unwrap() as i128;
        given.margin.initial = values.next().unwrap();
        given.margin.shortRateAdd = values.next().unwrap();
        given.basis.up = values.next().unwrap();
        given.basis.mult = values.next().unwrap();
        given.contingency.pegThreshold = values.next().unwrap();
        given.contingency.optionInitial = values.next().unwrap();
        given.scenarios =
            scenarios.into_iter().map(|(spot, shock, damp)| ScenarioOf { spot, shock, damp }).collect();
        let encoded = (7_u16, given.clone()).abi_encode_params();
        let whole = sol::Params::decode(Args(&encoded), 1).unwrap();
        let decoded = convert::params(&whole).unwrap();
        // By name, what stands in another order or is scaled would not be itself.
        let found = (
            decoded.vol_shock.range_up, decoded.vol_shock.floor, decoded.skew.linear_c, decoded.skew.vol_scale,
            decoded.margin.initial, decoded.basis.mult, decoded.contingency.option_initial,
        );
        let expected = (
            given.volShock.rangeUp, given.volShock.floor, given.skew.linearC, given.skew.volScale,
            given.margin.initial, given.basis.mult, given.contingency.optionInitial,
        );
        prop_assert_eq!(found, expected);
        prop_assert_eq!(recast::<_, ParamsOf>(&convert::params_to_abi(&decoded).unwrap()), given.clone());
        prop_assert_eq!(answer::encode(&whole), given.abi_encode());
    }
}
