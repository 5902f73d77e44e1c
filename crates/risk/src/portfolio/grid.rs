//! The value of an expiry's options in every revaluation.

use alloc::{vec, vec::Vec};

use plimsoll_fixed::{binary::Scale, ln_wad};

use super::{
    Compiled, Error, Leg, Shock, Slice,
    expiry::{Expiry, Tilt},
    kernel::{MOST_TOTAL, Spread, Sums, Unit, accumulate, to_log},
    shocks::{BaseSpread, Shocks, accumulate_shocks},
};
use crate::ids;

/// All options of one strike. A put is a call less a forward, so only the sum of calls and puts counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strike {
    /// The strike, WAD.
    pub(super) strike: u128,
    /// Calls and puts together, WAD.
    pub(super) size: i128,
    /// `size * strike`, WAD of quote.
    pub(super) notional: i128,
}

/// The options of one expiry.
#[derive(Clone, Debug)]
pub(super) struct Strikes {
    pub(super) strikes: Vec<Strike>,
    /// Puts, WAD.
    puts: i128,
    /// Puts times their strikes, WAD of quote.
    put_notional: i128,
    /// Naked shorts: what is short at each strike and not covered by a long at the same strike, added up.
    pub(super) naked: u128,
    /// Absolute sizes, added up.
    pub(super) gross: u128,
    /// Unit of shares of size.
    pub(super) sizes: Unit,
    /// Unit of shares of notional.
    pub(super) notionals: Unit,
}

impl Strikes {
    /// Takes the legs of one expiry, sorted by strike.
    pub(super) fn new(legs: &[Leg]) -> Result<Self, Error> {
        let mut strikes: Vec<Strike> = Vec::with_capacity(legs.len());
        let (mut puts, mut put_notional, mut naked, mut gross) = (0i128, 0i128, 0u128, 0u128);
        let (mut long, mut short) = (0u128, 0u128);
        for leg in legs {
            let option = ids::option_of(leg.instrument).ok_or(Error::NotAnOption(leg.instrument))?;
            let notional = Scale::from_wad(option.strike).of_floor(leg.size)?;
            if !option.call {
                puts = puts.checked_add(leg.size).ok_or(Error::Overflow)?;
                put_notional = put_notional.checked_add(notional).ok_or(Error::Overflow)?;
            }
            gross = gross.checked_add(leg.size.unsigned_abs()).ok_or(Error::Overflow)?;
            match strikes.last_mut() {
                Some(last) if last.strike == option.strike => {
                    last.size = last.size.checked_add(leg.size).ok_or(Error::Overflow)?;
                    last.notional = last.notional.checked_add(notional).ok_or(Error::Overflow)?;
                }
                _ => {
                    naked += short.saturating_sub(long);
                    (long, short) = (0, 0);
                    strikes.push(Strike { strike: option.strike, size: leg.size, notional });
                }
            }
            *if leg.size < 0 { &mut short } else { &mut long } += leg.size.unsigned_abs();
        }
        naked += short.saturating_sub(long);
        let (mut sizes, mut notionals) = (0u128, 0u128);
        for strike in &strikes {
            sizes = sizes.checked_add(strike.size.unsigned_abs()).ok_or(Error::Overflow)?;
            notionals = notionals.checked_add(strike.notional.unsigned_abs()).ok_or(Error::Overflow)?;
        }
        if sizes.max(notionals) > MOST_TOTAL {
            return Err(Error::Overflow);
        }
        Ok(Self {
            strikes,
            puts,
            put_notional,
            naked,
            gross,
            sizes: Unit::of_total(sizes),
            notionals: Unit::of_total(notionals),
        })
    }

    /// The forwards that sums stand for, WAD, rounded down.
    fn delta(&self, sums: Sums) -> Result<i128, Error> {
        self.sizes.number(sums.sizes).checked_sub(self.puts).ok_or(Error::Overflow)
    }

    /// The value of sums at a forward multiplied by the discount, rounded down.
    pub(super) fn value(&self, sums: Sums, discounted: Scale, discount: Scale) -> Result<i128, Error> {
        let sizes = self.delta(sums)?;
        let strikes =
            self.notionals.number(sums.strikes).checked_sub(self.put_notional).ok_or(Error::Overflow)?;
        let (gets, pays) = (discounted.of_floor(sizes)?, discount.of_ceil(strikes)?);
        gets.checked_sub(pays).ok_or(Error::Overflow)
    }
}

/// An expiry with everything that the scenarios need.
#[derive(Clone, Debug)]
pub(super) struct Revalued {
    /// Its terms.
    pub(super) expiry: Expiry,
    /// Its options.
    pub(super) strikes: Strikes,
    /// Value in each revaluation, WAD of quote, rounded down.
    pub(super) values: Vec<i128>,
    /// Value in each move of the shortfall.
    pub(super) tail: Vec<i128>,
    /// Units of the underlying that the options stand for, WAD: today, and after the basis' moves up and down.
    pub(super) deltas: [i128; 3],
}

/// Revalues the options of one expiry.
pub(super) fn revalue(
    slice: &Slice,
    legs: &[Leg],
    time: u64,
    compiled: &Compiled,
    shocks: &Shocks,
) -> Result<Revalued, Error> {
    let expiry = Expiry::new(slice, time)?;
    let strikes = Strikes::new(legs)?;
    let own = expiry.moves(compiled);
    let logs = own.as_ref().map_or(&compiled.logs[..], |(logs, _)| logs);
    let own_shocks = expiry.settles().then(|| shocks.settling(&expiry));
    let shocks = own_shocks.as_ref().unwrap_or(shocks);
    let vols = Volatilities::new(&expiry, compiled)?;
    let mut sums = vec![Sums::default(); compiled.slots.len()];
    let mut tail = vec![Sums::default(); shocks.all.len()];
    for strike in &strikes.strikes {
        if strike.size == 0 {
            continue;
        }
        let log_strike = ln_wad(strike.strike)?;
        let k = log_strike - expiry.log;
        let moneyness = -to_log(k);
        let size = strikes.sizes.share(strike.size);
        let notional = strikes.notionals.share(strike.notional);
        let today = expiry.smile.volatility(log_strike)?.times(expiry.root);
        let inverse = today.inverse();
        let spreads = vols.at(today, inverse, k, compiled);
        for (shock, spread) in Shock::ALL.into_iter().zip(&spreads) {
            let range = compiled.range(shock);
            if let (Some(logs), Some(sums)) = (logs.get(range.clone()), sums.get_mut(range)) {
                accumulate(moneyness, spread, size, notional, logs, sums);
            }
        }
        if !tail.is_empty() {
            let base = BaseSpread::new(today, inverse);
            accumulate_shocks(moneyness, &base, size, notional, &shocks.all, &mut tail);
        }
    }
    let [up, down] = compiled.basis_slots;
    let mut deltas = [0; 3];
    for (delta, slot) in deltas.iter_mut().zip([0, up, down]) {
        let sums = sums.get(slot).copied().unwrap_or_default();
        *delta = expiry.discount.of_floor(strikes.delta(sums)?)?;
    }
    let discounted = expiry.forward.times(expiry.discount);
    let mut values = Vec::with_capacity(sums.len());
    let mut own = own.iter().flat_map(|(_, own)| own);
    for (sums, slot) in sums.into_iter().zip(&compiled.slots) {
        let multiplier = own.next().copied().unwrap_or(slot.multiplier);
        values.push(strikes.value(sums, discounted.times(multiplier), expiry.discount)?);
    }
    let mut tail_values = Vec::with_capacity(tail.len());
    for (sums, shock) in tail.into_iter().zip(&shocks.all) {
        tail_values.push(strikes.value(sums, discounted.times(shock.multiplier), expiry.discount)?);
    }
    Ok(Revalued { expiry, strikes, values, tail: tail_values, deltas })
}

/// What volatility does in each direction, for all strikes of an expiry.
pub(super) struct Volatilities {
    up: Scale,
    down: Scale,
    per_up: Option<Scale>,
    per_down: Option<Scale>,
    tilts: [Tilt; 2],
    least: Scale,
}

impl Volatilities {
    pub(super) fn new(expiry: &Expiry, compiled: &Compiled) -> Result<Self, Error> {
        let [up, down] = expiry.vol_moves(compiled)?;
        Ok(Self {
            up,
            down,
            per_up: up.inverse(),
            per_down: down.inverse(),
            tilts: expiry.tilts(compiled)?,
            least: Scale::from_wad(compiled.vol_shock.min_vol_up).times(expiry.root),
        })
    }

    /// The spread of a strike in one direction, of today's.
    pub(super) fn spread(&self, today: Scale, k: i128, shock: Shock) -> Scale {
        match shock {
            Shock::None => today,
            Shock::Up => self.least.max(today.times(self.up)),
            Shock::Down => today.times(self.down),
            Shock::LinearSkew => today.times(self.tilts[0].multiplier(k)),
            Shock::AbsoluteSkew => today.times(self.tilts[1].multiplier(k.abs())),
        }
    }

    /// The spreads of a strike in every direction. Inverses are products too, except where a direction has its own.
    fn at(&self, today: Scale, inverse: Option<Scale>, k: i128, compiled: &Compiled) -> [Spread; 5] {
        let moved = |by: Scale, per: Option<Scale>| {
            let inverse = match (inverse, per) {
                (Some(inverse), Some(per)) => Some(inverse.times(per)),
                _ => None,
            };
            Spread::new(today.times(by), inverse)
        };
        let up = today.times(self.up);
        let floored = self.least.max(up);
        let up =
            if floored == up { moved(self.up, self.per_up) } else { Spread::new(floored, floored.inverse()) };
        let tilted = |which: Shock, tilt: &Tilt, k: i128| {
            if compiled.range(which).is_empty() {
                return Spread::new(today, inverse);
            }
            let spread = today.times(tilt.multiplier(k));
            Spread::new(spread, spread.inverse())
        };
        [
            Spread::new(today, inverse),
            up,
            moved(self.down, self.per_down),
            tilted(Shock::LinearSkew, &self.tilts[0], k),
            tilted(Shock::AbsoluteSkew, &self.tilts[1], k.abs()),
        ]
    }
}
