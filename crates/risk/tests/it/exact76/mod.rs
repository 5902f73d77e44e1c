//! Black-76 in 256 bits; greeks by central differences of the price, so that no formula for a greek is trusted.

use plimsoll_exact::Real;
use plimsoll_risk::black76::{Kind, Terms};

/// Terms as real numbers.
#[derive(Clone, Debug)]
pub(crate) struct Exact {
    forward: Real,
    strike: Real,
    vol: Real,
    time: Real,
    rate: Real,
}

/// Derivatives of the price.
#[derive(Debug)]
pub(crate) struct Derivatives {
    pub(crate) delta: Real,
    pub(crate) gamma: Real,
    pub(crate) vega: Real,
    pub(crate) theta: Real,
    /// Theta without what discounting adds.
    pub(crate) decay: Real,
    pub(crate) rho: Real,
    pub(crate) vanna: Real,
    pub(crate) volga: Real,
}

impl Exact {
    pub(crate) fn of(terms: &Terms) -> Self {
        let [forward, strike, vol, time] =
            [terms.forward, terms.strike, terms.vol, terms.time].map(Real::unsigned_wad);
        Self { forward, strike, vol, time, rate: Real::wad(terms.rate) }
    }

    fn s(&self) -> Real {
        self.vol.clone() * self.time.sqrt()
    }

    pub(crate) fn d1(&self) -> Real {
        (self.forward.clone() / self.strike.clone()).ln() / self.s() + self.s() / Real::int(2)
    }

    pub(crate) fn discount(&self) -> Real {
        (-(self.rate.clone() * self.time.clone())).exp()
    }

    pub(crate) fn price(&self, kind: Kind) -> Real {
        let (d1, s) = (self.d1(), self.s());
        let d2 = d1.clone() - s;
        let value = match kind {
            Kind::Call => self.forward.clone() * d1.normal_cdf() - self.strike.clone() * d2.normal_cdf(),
            Kind::Put => self.strike.clone() * (-d2).normal_cdf() - self.forward.clone() * (-d1).normal_cdf(),
        };
        self.discount() * value
    }

    pub(crate) fn greeks(&self, kind: Kind) -> Derivatives {
        // Relative steps of 1e-17: their squares are 1e-34, and what a second difference loses is 1e-70 / 1e-34.
        let step = |x: &Real| x.clone() * Real::parse("1e-17");
        let (df, dv, dt, dr) = (step(&self.forward), step(&self.vol), step(&self.time), Real::parse("1e-17"));
        let price = |f: i128, v: i128, t: i128, r: i128| {
            Self {
                forward: self.forward.clone() + Real::int(f) * df.clone(),
                strike: self.strike.clone(),
                vol: self.vol.clone() + Real::int(v) * dv.clone(),
                time: self.time.clone() + Real::int(t) * dt.clone(),
                rate: self.rate.clone() + Real::int(r) * dr.clone(),
            }
            .price(kind)
        };
        let two = Real::int(2);
        let centre = price(0, 0, 0, 0);
        let (f_up, f_down, v_up, v_down) =
            (price(1, 0, 0, 0), price(-1, 0, 0, 0), price(0, 1, 0, 0), price(0, -1, 0, 0));
        let slope =
            |up: &Real, down: &Real, step: &Real| (up.clone() - down.clone()) / (two.clone() * step.clone());
        let bend = |up: &Real, down: &Real, step: &Real| {
            (up.clone() + down.clone() - two.clone() * centre.clone()) / (step.clone() * step.clone())
        };
        let twist = price(1, 1, 0, 0) - price(1, -1, 0, 0) - price(-1, 1, 0, 0) + price(-1, -1, 0, 0);
        let theta = -slope(&price(0, 0, 1, 0), &price(0, 0, -1, 0), &dt);
        Derivatives {
            delta: slope(&f_up, &f_down, &df),
            gamma: bend(&f_up, &f_down, &df),
            vega: slope(&v_up, &v_down, &dv),
            decay: theta.clone() - self.rate.clone() * centre.clone(),
            theta,
            rho: slope(&price(0, 0, 0, 1), &price(0, 0, 0, -1), &dr),
            vanna: twist / (Real::int(4) * df.clone() * dv.clone()),
            volga: bend(&v_up, &v_down, &dv),
        }
    }
}
