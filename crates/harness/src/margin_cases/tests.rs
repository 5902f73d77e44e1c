use super::*;

/// A case with an option and a collateral.
const GOOD: &str = r#"[{"id":7,"title":"a straddle's half","portfolio":{"cash":-1.5,"spot":2e4,"spot_confidence":1.0,
"perps":0,"perp_price":0,"perp_confidence":0,"perp_unrealised_pnl":0.0,"perp_unrealised_funding":0.25,
"stable_price":1.00019088635,"collaterals":[{"amount":1,"price":3,"confidence":0.5,"mm_haircut":0.1,"im_haircut":0.2,
"risk_cancelling":true}],"options":[{"seconds_to_expiry":-5,"strike":20000.5,"call":true,"amount":-0.1}],
"expiries":[{"seconds_to_expiry":9,"forward":1,"forward_confidence":1,"rate":-0.1,"rate_confidence":1,
"vol_confidence":1,"svi":{"a":1,"b":2,"rho":-0.3,"m":4,"sigma":5,"forward":6,"tau_years":7}},
{"seconds_to_expiry":-5,"forward":1,"forward_confidence":1,"rate":-0.1,"rate_confidence":1,
"vol_confidence":1,"svi":{"a":1,"b":2,"rho":-0.3,"m":4,"sigma":5,"forward":6,"tau_years":7}}]},
"params":{"scenarios":[[1.18,"up",1],[1,"skew_abs",1.0]],"vol_shock":{"range_up":0.5,"range_down":0.275,
"short_term_power":0.3,"long_term_power":0.13,"dte_floor_days":0.5,"min_vol_up":0.45},"skew":{"linear_base_cap":0.15,
"linear_c_base":-0.05,"abs_base_cap":0.15,"abs_c_base":-0.05,"min_k_star":0.01,"width_scale":4.0,"vol_static":0.6,
"vol_scale":-0.1},"margin":{"mm_factor":0.8,"im_factor":1.0,"long_base_discount":0.95,"short_base_discount":1.04,
"long_rate_mult":1,"long_rate_add":0.08,"short_rate_mult":0.5,"short_rate_add":0.08},"basis":{"spot_up":1.045,
"spot_down":0.955,"add":0.5,"mult":2.0},"contingency":{"peg_threshold":0.98,"peg_factor":2.0,
"confidence_threshold":0.55,"confidence_margin":1.0,"perp_mm":0.015,"perp_im":0.005000000000000001,"option_mm":0.003,
"option_im":0.002}}}]"#;

const ONE: i128 = 1_000_000_000_000_000_000;

#[test]
fn wad_takes_the_digits_as_they_are() {
    let cases = [
        ("0", 0),
        ("-0.0", 0),
        ("1", ONE),
        ("-1.5", -ONE * 3 / 2),
        ("1.00019088635", 1_000_190_886_350_000_000),
        // A float would give 299999999999999988897769753748 / 1e30.
        ("0.3", 300_000_000_000_000_000),
        ("1.806850701675e-06", 1_806_850_701_675),
        ("2E+3", 2_000 * ONE),
        ("12e-1", 1_200_000_000_000_000_000),
        ("0.000000000000000001", 1),
        ("1e-18", 1),
        ("1e-400", 0),
        ("170141183460469231731.687303715884105727", i128::MAX),
    ];
    for (text, expected) in cases {
        assert_eq!(wad(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn wad_rounds_half_to_even() {
    let cases = [
        ("0.5e-18", 0),
        ("1.5e-18", 2),
        ("2.5e-18", 2),
        ("2.50000000000000000000000000000000000000000000000001e-18", 3),
        ("2.4999999999999999999999999999999999999999999999999e-18", 2),
        ("-3.5e-18", -4),
        ("0.9e-18", 1),
        ("0.05e-18", 0),
        ("9.5e-19", 1),
    ];
    for (text, expected) in cases {
        assert_eq!(wad(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn wad_errors_on_what_is_no_decimal_or_too_large() {
    for text in ["", "-", ".5", "x", "1e", "1e+", "0x1", "1.2.3", "1e5.5", "+1", " 1", "--1"] {
        assert!(wad(text).is_err(), "{text}");
    }
    for text in ["170141183460469231731.687303715884105728", "1e21", "1e99999999999999999999", "9e38"] {
        assert!(wad(text).is_err(), "{text}");
    }
}

#[test]
fn decimal_has_all_places_and_comes_back() {
    assert_eq!(decimal(-1), "-0.000000000000000001");
    assert_eq!(decimal(ONE * 12 + 5), "12.000000000000000005");
    for value in [0, 1, -1, ONE, -ONE - 1, i128::MAX, -i128::MAX] {
        assert_eq!(wad(&decimal(value)).unwrap(), value);
    }
}

#[test]
fn parse_reads_every_field() {
    let cases = parse(GOOD).unwrap();
    assert_eq!(cases.len(), 1);
    let case = &cases[0];
    assert_eq!((case.id.as_str(), &case.expected), ("7", &None));
    let portfolio = case.of_underlying(3);
    assert_eq!(
        (portfolio.underlying, portfolio.cash, portfolio.spot),
        (3, -ONE * 3 / 2, 20_000 * ONE as u128)
    );
    let past = TIME as u32 - 5;
    // 20,000.5 in 1e-8
    assert_eq!(portfolio.legs[0].instrument, ids::option(3, past, 2_000_050_000_000, true));
    assert_eq!(portfolio.legs[0].size, -ONE / 10);
    // In ascending order, however the file has them.
    assert_eq!(
        portfolio.slices.iter().map(|slice| slice.expiry).collect::<Vec<_>>(),
        [past, TIME as u32 + 9]
    );
    assert_eq!(portfolio.slices[0].svi.rho, -ONE * 3 / 10);
    assert!(portfolio.collaterals[0].risk_cancelling);
    assert_eq!(case.params.vol_shock.floor, 43_200);
    assert_eq!(case.params.contingency.perp_initial, 5_000_000_000_000_001);
    assert_eq!(
        case.params.scenarios[1],
        Scenario { spot: ONE as u128, shock: Shock::AbsoluteSkew, damp: ONE as u128 }
    );
}

#[test]
fn parse_says_which_case_and_which_field_is_wrong() {
    let cases = [
        (r#""cash":-1.5"#, r#""cash":"x""#, "case 7: portfolio.cash: \"x\" is no number"),
        (r#""cash":-1.5,"#, "", "case 7: portfolio.cash is missing"),
        (
            r#""strike":20000.5"#,
            r#""strike":0.000000001"#,
            "case 7: portfolio.options[0].strike: 0.000000001 is no whole number of 1e-8",
        ),
        (r#""amount":1,"#, r#""amount":-1,"#, "case 7: portfolio.collaterals[0].amount: -1 is negative"),
        (r#""skew_abs""#, r#""skew""#, "case 7: params.scenarios[1][1]: \"skew\" is none of"),
        (
            r#"[1.18,"up",1]"#,
            r#"[1.18,"up"]"#,
            "case 7: params.scenarios[0]: [1.18,\"up\"] is not [spot, shock, damp]",
        ),
        (
            r#""seconds_to_expiry":9"#,
            r#""seconds_to_expiry":9.5"#,
            "case 7: portfolio.expiries[0].seconds_to_expiry: 9.5 is no whole",
        ),
        (
            r#""seconds_to_expiry":9"#,
            r#""seconds_to_expiry":9e9"#,
            "portfolio.expiries[0].seconds_to_expiry: 9e9 is outside",
        ),
        (r#""rho":-0.3"#, r#""rho":1e30"#, "case 7: portfolio.expiries[0].svi.rho: 1e30 is too large"),
        (
            r#""risk_cancelling":true"#,
            r#""risk_cancelling":1"#,
            "portfolio.collaterals[0].risk_cancelling: 1 is neither",
        ),
        (r#""id":7,"#, "", "case number 0: id is missing"),
        (r#""vol_static":0.6"#, r#""vol_static":[]"#, "case 7: params.skew.vol_static: [] is no number"),
    ];
    for (good, bad, expected) in cases {
        assert!(GOOD.contains(good), "{good}");
        let error = format!("{:#}", parse(&GOOD.replacen(good, bad, 1)).unwrap_err());
        assert!(error.contains(expected), "{error}, not {expected}");
    }
    let twice = format!("[{0},{0}]", &GOOD[1..GOOD.len() - 1]);
    assert_eq!(parse(&twice).unwrap_err().to_string(), "case 7 comes twice");
    for text in ["", "[", "{}", "[1]", "[{}]"] {
        assert!(parse(text).is_err(), "{text}");
    }
}
