//! Portfolios for the tests.

use alloy_primitives::B256;
use plimsoll_risk::ids;
use proptest::prelude::*;

use super::{BTC, CollateralOf, ExpiryOf, NOW, PortfolioOf, WAD};

/// The word of a leg.
pub fn leg(instrument: u128, size: i128) -> B256 {
    let mut word = [0; 32];
    word[..16].copy_from_slice(&instrument.to_be_bytes());
    word[16..].copy_from_slice(&size.to_be_bytes());
    word.into()
}

/// An expiry with a flat smile of 60 %, fully trusted: the total variance is 0.36 times the years.
pub fn expiry(days: u32) -> ExpiryOf {
    let years = WAD * u128::from(days) / 365;
    ExpiryOf {
        expiry: NOW as u32 + 86_400 * days,
        forward: 20_000 * WAD,
        rate: WAD as i128 / 20,
        a: (years * 36 / 100) as i128,
        b: 0,
        rho: 0,
        m: 0,
        sigma: 0,
        sviForward: 20_000 * WAD,
        sviYears: years,
        forwardConfidence: WAD as u64,
        rateConfidence: WAD as u64,
        volConfidence: WAD as u64,
    }
}

/// Two options of two expiries, a perpetual and a collateral, of bitcoin.
pub fn sample() -> PortfolioOf {
    sample_of(BTC)
}

/// The same of another underlying.
pub fn sample_of(underlying: u16) -> PortfolioOf {
    let (near, far) = (expiry(7), expiry(30));
    let legs = vec![
        leg(ids::option(underlying, near.expiry, 2_000_000_000_000, true), -(WAD as i128)),
        leg(ids::option(underlying, far.expiry, 1_800_000_000_000, false), 3 * WAD as i128),
    ];
    PortfolioOf {
        underlying,
        time: NOW,
        cash: 10_000 * WAD as i128,
        spot: 20_000 * WAD,
        spotConfidence: WAD as u64,
        perps: -(WAD as i128),
        perpPrice: 20_010 * WAD,
        perpConfidence: WAD as u64,
        perpPnl: -5,
        perpFunding: 7,
        stablePrice: WAD,
        depth: 0,
        collaterals: vec![CollateralOf {
            amount: WAD,
            price: 2_000 * WAD,
            confidence: WAD as u64,
            maintenanceHaircut: WAD as u64 / 10,
            initialHaircut: WAD as u64 / 20,
            riskCancelling: true,
        }],
        expiries: vec![near, far],
        legs,
    }
}

/// Portfolios of any content, good or bad.
pub fn any_portfolio() -> impl Strategy<Value = PortfolioOf> {
    let head = (any::<u16>(), any::<u64>(), any::<i128>(), any::<u128>(), any::<u64>(), any::<i128>());
    let rest = (any::<u128>(), any::<u64>(), any::<i128>(), any::<i128>(), any::<u128>(), any::<u128>());
    let collateral = (any::<u128>(), any::<u128>(), any::<[u64; 3]>(), any::<bool>()).prop_map(
        |(amount, price, c, flag)| CollateralOf {
            amount,
            price,
            confidence: c[0],
            maintenanceHaircut: c[1],
            initialHaircut: c[2],
            riskCancelling: flag,
        },
    );
    let slice = (any::<u32>(), any::<[u128; 3]>(), any::<[i128; 6]>(), any::<[u64; 3]>()).prop_map(
        |(expiry, p, i, c)| ExpiryOf {
            expiry,
            forward: p[0],
            rate: i[0],
            a: i[1],
            b: i[2],
            rho: i[3],
            m: i[4],
            sigma: i[5],
            sviForward: p[1],
            sviYears: p[2],
            forwardConfidence: c[0],
            rateConfidence: c[1],
            volConfidence: c[2],
        },
    );
    let lists = (
        prop::collection::vec(collateral, 0..4),
        prop::collection::vec(slice, 0..4),
        prop::collection::vec(any::<[u8; 32]>(), 0..9),
    );
    (head, rest, lists).prop_map(|(head, rest, (collaterals, expiries, legs))| PortfolioOf {
        underlying: head.0,
        time: head.1,
        cash: head.2,
        spot: head.3,
        spotConfidence: head.4,
        perps: head.5,
        perpPrice: rest.0,
        perpConfidence: rest.1,
        perpPnl: rest.2,
        perpFunding: rest.3,
        stablePrice: rest.4,
        depth: rest.5,
        collaterals,
        expiries,
        legs: legs.into_iter().map(Into::into).collect(),
    })
}
