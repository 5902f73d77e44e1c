//! The figures that the chain stores of a program, and the gas of its activation.
//!
//! Every division rounds down where it stands; the coefficients are Nitro's.

use crate::{Config, Error, instrument::ADDED_GLOBALS, module::Module};

/// Gas of a microsecond of activation: 14,000,000 gas in half a second.
const GAS_PER_MICROSECOND: u64 = 14_000_000 / 500_000;
/// From this version on, activation pays for the length of the module.
const CHARGING_FIXES: u64 = 32;
/// From this version on, the costs of a program are those of version 2 of Stylus.
const STYLUS_V2: u64 = 31;

/// Sizes of a module that its figures follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    functions: u64,
    types: u64,
    wasm: u64,
    globals: u64,
    data: u64,
    elements: u64,
    pages: u64,
}

impl Sizes {
    pub(crate) fn of(module: &Module<'_>) -> Self {
        let arity =
            |ty: &u32| module.types.get(*ty as usize).map_or(0, |ty| ty.params().len() + ty.results().len());
        Self {
            functions: module.functions.len() as u64,
            types: module.functions.iter().map(|ty| arity(ty) as u64).sum(),
            wasm: module.wasm.len() as u64,
            globals: u64::from(module.globals + ADDED_GLOBALS),
            data: module.data.iter().sum(),
            elements: module.elements.iter().sum(),
            pages: module.memories.first().map_or(0, |memory| memory.min),
        }
    }

    /// Bytes of native code, estimated.
    pub(crate) fn asm_estimate(&self) -> Result<u32, Error> {
        let bytes = 512_000
            + self.functions * 996_829 / 1_000
            + self.types * 11_416 / 1_000
            + self.wasm * 62_628 / 10_000;
        u32::try_from(bytes).map_err(|_| Error::CostOverflow("asm estimate"))
    }

    /// Cost of calling the program when it is prepared.
    pub(crate) fn cached_cost(&self) -> Result<u16, Error> {
        let cost = self.functions * 13_420 / 100_000
            + self.types * 89 / 100_000
            + self.wasm * 122 / 100_000
            + self.globals * 1_628 / 1_000
            + (self.data + self.elements) * 75_244 / 100_000
            + self.pages * 5;
        u16::try_from(cost).map_err(|_| Error::CostOverflow("cached cost"))
    }

    /// Cost of preparing the program; in version 1 of Stylus the cached cost is part of it.
    pub(crate) fn init_cost(&self, config: &Config) -> Result<u16, Error> {
        let mut cost =
            self.functions * 8_252 / 1_000 + self.types * 1_059 / 1_000 + self.wasm * 1_286 / 10_000;
        if config.arbos_version < STYLUS_V2 {
            cost += u64::from(self.cached_cost()?);
        }
        u16::try_from(cost).map_err(|_| Error::CostOverflow("init cost"))
    }

    /// Gas of activation beyond its fixed part, for so many instrumented instructions.
    pub(crate) fn activation_gas(&self, operators: u64, config: &Config) -> u64 {
        let wasm = if config.arbos_version >= CHARGING_FIXES { self.wasm * 31_733 / 100_000 } else { 0 };
        let microseconds = wasm
            + self.functions * 17_263 / 100_000
            + self.data * 17_376 / 100_000
            + self.elements * 17_376 / 100_000
            + self.pages * 2_217
            + operators * 535 / 1_000;
        microseconds * GAS_PER_MICROSECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes =
        Sizes { functions: 100, types: 300, wasm: 50_000, globals: 5, data: 2_000, elements: 40, pages: 2 };

    // worked by hand from the formulas of the reference
    #[test]
    fn figures_worked_by_hand() {
        // 512000 + 99682 (.9) + 3424 (.8) + 313140
        assert_eq!(SIZES.asm_estimate(), Ok(928_246));
        // 13 (.42) + 0 (.267) + 61 + 8 (.14) + 1534 (.9776) + 10
        assert_eq!(SIZES.cached_cost(), Ok(1_626));
        // 825 (.2) + 317 (.7) + 6430
        assert_eq!(SIZES.init_cost(&Config::for_arbos(31)), Ok(7_572));
        assert_eq!(SIZES.init_cost(&Config::for_arbos(30)), Ok(7_572 + 1_626));
        // us: 15866 (.5) + 17 (.263) + 347 (.52) + 6 (.9504) + 4434 + 10700
        assert_eq!(SIZES.activation_gas(20_000, &Config::for_arbos(32)), 31_370 * 28);
        assert_eq!(SIZES.activation_gas(20_000, &Config::for_arbos(31)), 15_504 * 28);
    }

    #[test]
    fn figures_errors_overflow() {
        let huge = Sizes { wasm: 600_000, data: 90_000, ..SIZES };
        assert_eq!(huge.init_cost(&Config::default()), Err(Error::CostOverflow("init cost")));
        assert_eq!(huge.cached_cost(), Err(Error::CostOverflow("cached cost")));
        assert_eq!(
            Sizes { wasm: 700_000_000, ..SIZES }.asm_estimate(),
            Err(Error::CostOverflow("asm estimate"))
        );
    }
}
