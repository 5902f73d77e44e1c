//! A volatility slice in floating point, with none of the tricks of the real one.

#![allow(dead_code)] // each test takes what it needs

use plimsoll_risk::svi::Svi;

/// A number as a WAD of whole units of 1e-12, as slices are signed.
pub(crate) fn unit(x: f64) -> i128 {
    (x * 1e12).round() as i128 * 1_000_000
}

/// A number as a WAD.
pub(crate) fn wad(x: f64) -> i128 {
    (x * 1e18).round() as i128
}

/// A WAD times a factor.
pub(crate) fn scaled(x: i128, factor: f64) -> i128 {
    unit(x as f64 / 1e18 * factor)
}

/// The slice of these parameters, to 17 digits.
pub(crate) fn svi([a, b, rho, m, sigma]: [f64; 5]) -> Svi {
    let [a, b, rho, m, sigma] = [a, b, rho, m, sigma].map(wad);
    Svi { a, b, rho, m, sigma }
}

/// Raw parameters from jump-wing ones over one year (Gatheral and Jacquier, lemma 3.2).
pub(crate) fn from_jump_wings(v: f64, psi: f64, p: f64, c: f64, least: f64) -> [f64; 5] {
    let root = v.sqrt();
    let b = root / 2.0 * (c + p);
    let rho = 1.0 - p * root / b;
    let beta = rho - 2.0 * psi * root / b;
    let alpha = beta.signum() * (1.0 / (beta * beta) - 1.0).sqrt();
    let m = (v - least)
        / (b * (-rho + alpha.signum() * (1.0 + alpha * alpha).sqrt() - alpha * (1.0 - rho * rho).sqrt()));
    let sigma = alpha * m;
    [least - b * sigma * (1.0 - rho * rho).sqrt(), b, rho, m, sigma]
}

/// Float parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reference {
    a: f64,
    b: f64,
    rho: f64,
    m: f64,
    sigma: f64,
}

impl Reference {
    pub(crate) fn of(svi: &Svi) -> Self {
        let [a, b, rho, m, sigma] = [svi.a, svi.b, svi.rho, svi.m, svi.sigma].map(|x| x as f64 / 1e18);
        Self { a, b, rho, m, sigma }
    }

    fn z(&self, k: f64) -> f64 {
        (k - self.m).hypot(self.sigma)
    }

    pub(crate) fn w(&self, k: f64) -> f64 {
        self.a + self.b * (self.rho * (k - self.m) + self.z(k))
    }

    pub(crate) fn slope(&self, k: f64) -> f64 {
        self.b * (self.rho + (k - self.m) / self.z(k))
    }

    pub(crate) fn curvature(&self, k: f64) -> f64 {
        self.b * self.sigma * self.sigma / self.z(k).powi(3)
    }

    pub(crate) fn g(&self, k: f64) -> f64 {
        let (w, slope) = (self.w(k), self.slope(k));
        (1.0 - k * slope / (2.0 * w)).powi(2) - slope * slope / 4.0 * (1.0 / w + 0.25)
            + self.curvature(k) / 2.0
    }

    /// Points dense around the bend and out to where nothing changes any more.
    fn points(&self) -> impl Iterator<Item = f64> + use<> {
        let (m, sigma) = (self.m, self.sigma);
        (-4000..=4000).map(move |step| m + sigma * (f64::from(step) / 250.0).sinh())
    }
}

/// The least `g` over a dense grid and the ends of both wings.
pub(crate) fn least_g(svi: &Svi) -> f64 {
    let reference = Reference::of(svi);
    let end = |tilt: f64| 0.25 - (reference.b * tilt).powi(2) / 16.0;
    let ends = [end(1.0 + reference.rho), end(1.0 - reference.rho)];
    let linear = (-3000..=3000).map(|step| f64::from(step) / 1000.0);
    let all = reference.points().chain(linear).map(|k| reference.g(k)).chain(ends);
    all.fold(f64::INFINITY, f64::min)
}

/// The least difference of total variance, later less earlier, over a dense grid.
pub(crate) fn least_gap(earlier: &Svi, later: &Svi) -> f64 {
    let (early, late) = (Reference::of(earlier), Reference::of(later));
    let all = early.points().chain(late.points()).filter(|k| k.abs() < 1e4);
    all.map(|k| late.w(k) - early.w(k)).fold(f64::INFINITY, f64::min)
}
