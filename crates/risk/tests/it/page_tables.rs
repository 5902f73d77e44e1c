//! The tables of parameters and scenarios in `docs/portfolio-margin.md` are those of the code.

use crate::support::page::{section, text};
use crate::support::{page, portfolio_cases as cases};
use plimsoll_risk::{
    WAD,
    portfolio::{Params, ParamsError, Scenario, Shock},
};

/// How to read and write each parameter, in the order of their numbers.
macro_rules! parameters {
    ($($group:ident . $name:ident: $type:ty),* $(,)?) => {
        [$((
            concat!(stringify!($group), ".", stringify!($name)),
            (|params| params.$group.$name as i128) as fn(&Params) -> i128,
            (|params, value| params.$group.$name = value as $type) as fn(&mut Params, i128),
        )),*]
    };
}

#[test]
fn the_table_of_parameters_is_that_of_the_code() {
    let all = parameters![
        vol_shock.range_up: u128, vol_shock.range_down: u128, vol_shock.short_term_power: u128,
        vol_shock.long_term_power: u128, vol_shock.floor: u32, vol_shock.min_vol_up: u128,
        skew.linear_base: i128, skew.linear_c: i128, skew.abs_base: i128, skew.abs_c: i128,
        skew.min_k_star: u128, skew.width: u128, skew.vol_static: i128, skew.vol_scale: i128,
        margin.maintenance: u128, margin.initial: u128, margin.long_base: u128, margin.long_rate_mult: u128,
        margin.long_rate_add: u128, margin.short_base: u128, margin.short_rate_mult: u128,
        margin.short_rate_add: u128, basis.up: u128, basis.down: u128, basis.add: u128, basis.mult: u128,
        contingency.peg_threshold: u128, contingency.peg_factor: u128,
        contingency.confidence_threshold: u128, contingency.confidence_margin: u128,
        contingency.perp_maintenance: u128, contingency.perp_initial: u128,
        contingency.option_maintenance: u128, contingency.option_initial: u128,
    ];
    let page = text("docs/portfolio-margin.md");
    let table = page::table(section(&page, "<!-- parameters:", "## Scenarios"));
    assert_eq!(table.len(), all.len());
    for (index, (cells, (name, get, set))) in table.iter().zip(all).enumerate() {
        let [number, printed, _, default, least, most] = &cells[..] else { panic!("{cells:?}") };
        assert_eq!(number.parse(), Ok(index));
        assert_eq!(printed.trim_matches('`').to_lowercase(), name.replace('_', "").to_lowercase());
        // One parameter is in seconds.
        let of = |cell: &str| {
            let wad = cases::wad(&serde_json::from_str(cell).unwrap());
            if name == "vol_shock.floor" { wad / WAD as i128 } else { wad }
        };
        assert_eq!(get(&Params::standard()), of(default), "{name}");
        let with = |value: i128| {
            let mut params = Params::standard();
            set(&mut params, value);
            params.check()
        };
        let refused = Err(ParamsError::OutOfBounds(index as u8));
        assert_eq!((with(of(least)), with(of(most))), (Ok(()), Ok(())), "{name}");
        assert_eq!(with(of(most) + 1), refused, "{name}");
        // Below zero there is nothing for those without a sign.
        if of(least) != 0 {
            assert_eq!(with(of(least) - 1), refused, "{name}");
        }
    }
}

#[test]
fn the_table_of_scenarios_is_that_of_the_code() {
    let page = text("docs/portfolio-margin.md");
    let mut listed = Vec::new();
    for cells in page::table(section(&page, "<!-- scenarios:", "## A worked example")) {
        let [numbers, spot, shocks, damp] = &cells[..] else { panic!("{cells:?}") };
        let wad = |cell: &str| cases::wad(&serde_json::from_str(cell).unwrap()) as u128;
        assert_eq!(numbers.split('-').next().unwrap().parse(), Ok(listed.len()), "{cells:?}");
        for shock in shocks.split(", ") {
            let shock = match shock {
                "none" => Shock::None,
                "up" => Shock::Up,
                "down" => Shock::Down,
                "linear skew" => Shock::LinearSkew,
                "absolute skew" => Shock::AbsoluteSkew,
                other => panic!("{other}"),
            };
            listed.push(Scenario { spot: wad(spot), shock, damp: wad(damp) });
        }
        assert_eq!(numbers.split('-').next_back().unwrap().parse(), Ok(listed.len() - 1), "{cells:?}");
    }
    assert_eq!(listed, Params::standard().scenarios);
}
