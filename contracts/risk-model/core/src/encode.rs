//! From the model's types to return data.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::{
    codec::{Word, concat},
    encode_structs,
};
use plimsoll_risk::portfolio::{NUMBERS, Params, Portfolio, SIGNED};

use crate::sol;

encode_structs! {
    sol:
    Assessment {
        initial, maintenance, markToMarket, worst, worstScenario, basis, shortfall, maintenanceContingency,
        initialContingency
    }
    Move { spot, vol }
    LiquidationRange { below, above, distanceBelow, distanceAbove, probability }
    Together { initial, maintenance, markToMarket, loss, down, up, tail, alone }
}

/// A call of a function that takes one portfolio, with a selector of zeros.
#[must_use]
pub fn portfolio(given: &Portfolio) -> Vec<u8> {
    let mut words: Vec<B256> = Vec::with_capacity(24 + 14 * given.slices.len() + given.legs.len());
    words.push(32_u64.word());
    let arrays = 15 + 1 + 6 * given.collaterals.len();
    words.extend([given.underlying.word(), given.time.word(), given.cash.word(), given.spot.word()]);
    words.extend([given.spot_confidence.word(), given.perps.word(), given.perp_price.word()]);
    words.extend([given.perp_confidence.word(), given.perp_pnl.word(), given.perp_funding.word()]);
    words.extend([given.stable_price.word(), given.depth.word(), (32 * 15_u64).word()]);
    words.push((32 * arrays as u64).word());
    words.push((32 * (arrays + 1 + 13 * given.slices.len()) as u64).word());
    words.push((given.collaterals.len() as u64).word());
    for asset in &given.collaterals {
        words.extend([asset.amount.word(), asset.price.word(), asset.confidence.word()]);
        words.extend([asset.maintenance_haircut.word(), asset.initial_haircut.word()]);
        words.push(asset.risk_cancelling.word());
    }
    words.push((given.slices.len() as u64).word());
    for slice in &given.slices {
        let svi = &slice.svi;
        words.extend([slice.expiry.word(), slice.forward.word(), slice.rate.word()]);
        words.extend([svi.a.word(), svi.b.word(), svi.rho.word(), svi.m.word(), svi.sigma.word()]);
        words.extend([slice.svi_forward.word(), slice.svi_years.word(), slice.forward_confidence.word()]);
        words.extend([slice.rate_confidence.word(), slice.vol_confidence.word()]);
    }
    words.push((given.legs.len() as u64).word());
    for leg in &given.legs {
        let mut word = [0; 32];
        let bytes = leg.instrument.to_be_bytes().into_iter().chain(leg.size.to_be_bytes());
        word.iter_mut().zip(bytes).for_each(|(to, byte)| *to = byte);
        words.push(word.into());
    }
    concat(&[0; 4], &words)
}

/// Words of `Params` before the scenarios.
const PARAMS: u64 = 1 + NUMBERS as u64;

/// Parameters as the only return value, or the data of an event: the offset of the struct and the struct.
#[must_use]
pub fn params(params: &Params) -> Vec<u8> {
    let Params { scenarios, .. } = params;
    let mut words: Vec<B256> = Vec::with_capacity(2 + PARAMS as usize + 3 * scenarios.len());
    words.extend([32_u64.word(), (32 * PARAMS).word()]);
    for (index, number) in params.numbers().into_iter().enumerate() {
        words.push(if SIGNED.contains(&index) { number.word() } else { (number as u128).word() });
    }
    words.push((scenarios.len() as u64).word());
    for scenario in scenarios {
        words.extend([scenario.spot.word(), (scenario.shock as u8).word(), scenario.damp.word()]);
    }
    concat(&[], &words)
}
