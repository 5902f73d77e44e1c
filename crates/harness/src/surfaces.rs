//! Slices of volatility: what the oracle's signers sign, how the harness submits it, and slices to begin with.

use alloy::{
    primitives::{Address, B256, Bytes},
    sol,
    sol_types::SolStruct,
};
use anyhow::{Context, Result};

use crate::{
    bindings::IPlimsollOracle,
    chain::{Chain, Receipt, Tx},
    key::Key,
    oracle::{domain, signatures},
    revert::Failure,
    scenario::{REPORT_LIFE, World},
};

pub use crate::bindings::IPlimsollOracle::{SlicePoint, Surface};

sol! {
    /// What the signers sign; the oracle has no function with this struct, so its interface does not carry it.
    #[derive(Debug)]
    struct SliceReport {
        IPlimsollOracle.SlicePoint[] slices;
        uint64 deadline;
    }
}

/// Rules of a surface: slices fresh for 20 minutes, late until two hours, volatility and forward free to jump.
#[must_use]
pub fn surface() -> Surface {
    Surface { maxAge: 1_200, maxAgeLate: 7_200, maxVolJump: 0, maxForwardJump: 0 }
}

/// A slice with the volatility `vol`, ppm, at its forward, WAD: a smile with a little skew to low strikes.
///
/// Slices of the same volatility are in order in time whatever their expiries. Free of arbitrage up to a total variance
/// of about a half; what is asked beyond the oracle will refuse.
#[must_use]
pub fn smile(underlying: u16, expiry: u32, time: u64, forward: u128, vol: u32) -> SlicePoint {
    let seconds = u128::from(u64::from(expiry).saturating_sub(time));
    // vol^2 seconds / year, in units of 1e-12: total variance at the forward, a + b sigma.
    let variance = u128::from(vol).pow(2) * seconds / 31_536_000;
    let variance = i64::try_from(variance).unwrap_or(i64::MAX);
    SlicePoint {
        underlying,
        expiry,
        time,
        forward,
        rate: 30_000_000,
        a: variance - variance / 4,
        b: variance,
        rho: -200_000_000_000,
        m: 0,
        sigma: 250_000_000_000,
        forwardConfidence: 1_000_000,
        rateConfidence: 1_000_000,
        volConfidence: 1_000_000,
    }
}

/// The digest that a signer of the oracle signs for these slices.
#[must_use]
pub fn digest(chain_id: u64, oracle: Address, slices: &[SlicePoint], deadline: u64) -> B256 {
    let report = SliceReport { slices: slices.to_vec(), deadline };
    report.eip712_signing_hash(&domain(chain_id, oracle))
}

/// The call that submits these slices with whatever signatures.
#[must_use]
pub fn call(
    slices: &[SlicePoint],
    deadline: u64,
    signatures: Vec<Bytes>,
) -> IPlimsollOracle::submitSlicesCall {
    IPlimsollOracle::submitSlicesCall { slices: slices.to_vec(), deadline, signatures }
}

/// Signs and submits a report of slices, which must be in ascending order of underlying and expiry.
///
/// # Errors
/// [`Failure::Reverted`] with the oracle's typed error when it refuses.
pub async fn submit(
    chain: &Chain,
    oracle: Address,
    from: &Key,
    signers: &[Key],
    slices: &[SlicePoint],
    deadline: u64,
) -> Result<Receipt, Failure> {
    let digest = digest(chain.chain_id(), oracle, slices, deadline);
    let call = call(slices, deadline, signatures(digest, signers)?);
    chain.send(Tx::call(from, oracle, &call)).await
}

impl World {
    /// Sets the rules of an underlying's surface.
    ///
    /// # Errors
    /// [`Failure::Reverted`] when the oracle refuses.
    pub async fn set_surface(&self, underlying: u16, surface: Surface) -> Result<Receipt, Failure> {
        let call = IPlimsollOracle::setSurfaceCall { underlying, surface };
        self.chain.transact(&self.owner, self.oracle, &call).await
    }

    /// Reports these slices, each as of its own time, signed by as many reporters as must, good for ten minutes after the
    /// chain's time and theirs.
    ///
    /// # Errors
    /// [`Failure::Reverted`] when the oracle refuses.
    pub async fn set_slices(&self, slices: &[SlicePoint]) -> Result<Receipt, Failure> {
        let signers = &self.reporters[..usize::from(self.threshold).min(self.reporters.len())];
        let from = self.reporters.first().context("the scenario has no reporter")?;
        let last = slices.iter().map(|slice| slice.time).max().unwrap_or_default();
        let deadline = self.chain.head().await?.timestamp().max(last).saturating_add(REPORT_LIFE);
        submit(&self.chain, self.oracle, from, signers, slices, deadline).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::{
        primitives::{address, keccak256},
        sol_types::SolValue,
    };

    #[test]
    fn digest_is_the_one_of_eip_712_written_out() {
        let oracle = address!("00000000000000000000000000000000000000aa");
        let slices = [smile(1, 1_516_320_000, 1_513_728_000, 17_838 * 10_u128.pow(18), 900_000)];
        let point_type = "SlicePoint(uint16 underlying,uint32 expiry,uint64 time,uint128 forward,int32 rate,int64 a,\
                          int64 b,int64 rho,int64 m,int64 sigma,uint32 forwardConfidence,uint32 rateConfidence,\
                          uint32 volConfidence)";
        let report_type = format!("SliceReport(SlicePoint[] slices,uint64 deadline){point_type}");
        let hashes: Vec<u8> = slices
            .iter()
            .flat_map(|slice| {
                keccak256([keccak256(point_type).to_vec(), slice.abi_encode()].concat()).to_vec()
            })
            .collect();
        let report = keccak256((keccak256(report_type), keccak256(hashes), 99_u64).abi_encode());
        let separator = domain(412_346, oracle).separator();
        let expected = keccak256([b"\x19\x01", separator.as_slice(), report.as_slice()].concat());
        assert_eq!(digest(412_346, oracle, &slices, 99), expected);
    }

    #[test]
    fn smile_has_the_volatility_asked_for_at_the_forward() {
        // 30 days at 60 %: 0.36 * 30 / 365 = 0.029589041095 of total variance.
        let slice = smile(1, 30 * 86_400, 0, 1, 600_000);
        assert_eq!(slice.a + slice.b / 4, 29_589_041_095);
        assert_eq!((slice.m, slice.sigma), (0, 250_000_000_000));
    }
}
