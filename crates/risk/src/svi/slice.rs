//! A slice as it is signed and stored: whole numbers of fixed units, two storage slots.

use plimsoll_fixed::{WAD, WAD_PER_PPM};

use super::{ONE, Svi};

/// A unit of an SVI parameter, WAD: 1e-12.
pub const SVI_UNIT: i128 = ONE / 1_000_000_000_000;

/// A unit of a rate, WAD: 1e-9 a year.
pub const RATE_UNIT: i128 = ONE / 1_000_000_000;

/// Largest `|rate|`, units: 200 % a year.
pub const MAX_RATE: i32 = 2_000_000_000;

/// Largest forward, WAD: that of any price.
pub const MAX_FORWARD: u128 = crate::oracle::MAX_PRICE;

/// A year of the model, seconds: 365 days.
pub const YEAR: u64 = 365 * 24 * 60 * 60;

/// The volatility of one expiry as its signers saw it at `time`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    /// Of which the slice is, Unix seconds.
    pub time: u64,
    /// Forward, WAD of quote per unit of the underlying; `k` is measured from it.
    pub forward: u128,
    /// Continuous rate to the expiry, a year, 1e-9.
    pub rate: i32,
    /// `a`, `b`, `rho`, `m`, `sigma`, 1e-12.
    pub svi: [i64; 5],
    /// How sure the signers are of forward, rate and volatility, ppm.
    pub confidences: [u32; 3],
}

/// Bits of an SVI parameter in its slot: `|x| <= 144e12 < 2^50`.
const SVI_BITS: u32 = 51;

/// Bits of a confidence: at most 1,000,000.
const CONFIDENCE_BITS: u32 = 20;

const LOW: u128 = u64::MAX as u128;

impl Slice {
    /// The SVI parameters, WAD.
    #[must_use]
    pub fn parameters(&self) -> Svi {
        let [a, b, rho, m, sigma] = self.svi.map(|unit| i128::from(unit) * SVI_UNIT);
        Svi { a, b, rho, m, sigma }
    }

    /// Whether there is a slice: one that was withdrawn has its time left, to bar older reports, and nothing else.
    #[must_use]
    pub const fn exists(&self) -> bool {
        self.svi[4] != 0
    }

    /// What is left of a slice that is withdrawn: its time alone, so that no older report can take its place.
    #[must_use]
    pub fn withdrawn(&self) -> Self {
        Self { time: self.time, ..Self::default() }
    }

    /// Continuous rate to the expiry, a year, WAD.
    #[must_use]
    pub fn rate_wad(&self) -> i128 {
        i128::from(self.rate) * RATE_UNIT
    }

    /// How sure the signers are of forward, rate and volatility, WAD. One beyond 18, which no admitted slice has, counts
    /// as the largest number of its type.
    #[must_use]
    pub fn confidences_wad(&self) -> [u64; 3] {
        self.confidences.map(|ppm| u64::from(ppm).saturating_mul(WAD_PER_PPM as u64))
    }

    /// Seconds from the slice's time to `now`, zero for an earlier one and when there never was a slice.
    #[must_use]
    pub const fn age(&self, now: u64) -> u64 {
        if self.time == 0 { 0 } else { now.saturating_sub(self.time) }
    }

    /// Seconds from the slice's time to `expiry`, zero for a later one.
    #[must_use]
    pub fn seconds(&self, expiry: u32) -> u64 {
        u64::from(expiry).saturating_sub(self.time)
    }

    /// Years of 365 days from the slice's time to `expiry`, WAD, rounded down; zero when there is no slice.
    #[must_use]
    pub fn years_floor(&self, expiry: u32) -> u128 {
        if !self.exists() {
            return 0;
        }
        u128::from(self.seconds(expiry)) * WAD / u128::from(YEAR)
    }

    /// The slice in two slots of four little-endian limbs each: time, forward, rate and confidences in the first, the
    /// SVI parameters in the second. Holds every slice that [`check_reported_slice`](super::check_reported_slice)
    /// admits.
    #[must_use]
    pub fn pack(&self) -> [[u64; 4]; 2] {
        let rate = u64::from(self.rate.cast_unsigned());
        let [forward, by_rate, volatility] = self.confidences.map(u64::from);
        let confidences = forward | by_rate << CONFIDENCE_BITS | volatility << (2 * CONFIDENCE_BITS);
        let head = [
            self.forward as u64,
            u64::from((self.forward >> 64) as u32) | rate << 32,
            self.time,
            confidences,
        ];

        // 5 * 51 = 255 bits. Two of them, and half of the third, fill the lower 128.
        let [a, b, rho, m, sigma] =
            self.svi.map(|unit| u128::from(unit.cast_unsigned()) & ((1 << SVI_BITS) - 1));
        let low = a | b << SVI_BITS | rho << (2 * SVI_BITS);
        let high = rho >> (128 - 2 * SVI_BITS) | m << (3 * SVI_BITS - 128) | sigma << (4 * SVI_BITS - 128);
        let shape = [low as u64, (low >> 64) as u64, high as u64, (high >> 64) as u64];
        [head, shape]
    }

    /// The slice that [`Self::pack`] put into two slots.
    #[must_use]
    pub fn unpack([head, shape]: [[u64; 4]; 2]) -> Self {
        let confidence =
            |place: u32| (head[3] >> (place * CONFIDENCE_BITS)) as u32 & ((1 << CONFIDENCE_BITS) - 1);
        let low = u128::from(shape[0]) | u128::from(shape[1]) << 64;
        let high = u128::from(shape[2]) | u128::from(shape[3]) << 64;
        let svi = [
            low,
            low >> SVI_BITS,
            low >> (2 * SVI_BITS) | high << (128 - 2 * SVI_BITS),
            high >> (3 * SVI_BITS - 128),
            high >> (4 * SVI_BITS - 128),
        ];
        Self {
            time: head[2],
            forward: u128::from(head[0]) | u128::from(head[1] as u32) << 64,
            rate: ((head[1] >> 32) as u32).cast_signed(),
            // The parameter's sign bit is moved to the top and back.
            svi: svi.map(|bits| ((bits & LOW) as u64).cast_signed() << (64 - SVI_BITS) >> (64 - SVI_BITS)),
            confidences: [0, 1, 2].map(confidence),
        }
    }
}
