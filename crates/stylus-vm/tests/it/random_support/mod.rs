//! One random program: made, run on both sides with several budgets, compared.

mod reduce;
mod sides;
mod tally;

pub(crate) use self::tally::Tally;

use std::panic::{AssertUnwindSafe, catch_unwind};

use stylus_vm::Program;

use self::sides::{interpreted, on_engine};
use crate::interpreter::{Ended, Module};
use stylus_testing::generator::{Entropy, Scene, module};

/// What the two sides do not agree on.
#[derive(Debug)]
pub(crate) struct Disagreement {
    /// Gas of the run; `None` when the program was not activated.
    gas: Option<u64>,
    what: String,
}

/// A program and what surrounds it.
struct Case {
    scene: Scene,
    wasm: Vec<u8>,
    picks: [u64; 3],
}

impl Case {
    fn new(bytes: &[u8]) -> Self {
        let mut e = Entropy::new(bytes);
        let scene = Scene::new(&mut e);
        let picks = [e.u64(), e.u64(), e.u64()];
        let wasm = module(&mut e, scene.arbos_version < 60);
        Self { scene, wasm, picks }
    }

    /// Gas that pays for the ink of the scene.
    fn whole_gas(&self) -> u64 {
        self.scene.ink / u64::from(self.scene.ink_price)
    }

    /// Gas that ends, or just does not end, at a charge of an earlier run: one ink too little, or exactly enough, as
    /// near as whole gas comes to it.
    fn short_gas(&self, whole: &Ended, pick: u64) -> Option<u64> {
        let at = usize::try_from(pick >> 1).ok()? % whole.charges.len().max(1);
        let charge = whole.charges.get(at)?;
        let enough = charge.spent.saturating_add(charge.ink);
        let price = u64::from(self.scene.ink_price);
        let gas = if pick & 1 == 0 { enough.saturating_sub(1) / price } else { enough.div_ceil(price) };
        (gas <= self.whole_gas()).then_some(gas)
    }
}

/// Runs the program that these bytes make, with the scene's budget and with some at which it must run out.
pub(crate) fn check(bytes: &[u8], tally: &mut Tally) -> Result<(), Disagreement> {
    let case = Case::new(bytes);
    let config = sides::config(&case.scene);
    let program = Program::compile(&case.wasm, &config)
        .map_err(|error| Disagreement { gas: None, what: format!("not activated: {error}") })?;
    let module = Module::decode(&case.wasm);
    let whole = agree(&program, &module, &case.scene, case.whole_gas())?;
    tally.count_program(&whole);
    for pick in case.picks {
        if let Some(gas) = case.short_gas(&whole, pick) {
            tally.count(&agree(&program, &module, &case.scene, gas)?);
        }
    }
    Ok(())
}

/// A disagreement and the program that shows it, made as small as it gets.
pub(crate) fn report(bytes: &[u8], disagreement: &Disagreement) -> String {
    let case = Case::new(bytes);
    let small = match disagreement.gas {
        Some(gas) => reduce::reduce(&case.wasm, |wasm| differs(wasm, &case.scene, gas).is_some()),
        None => case.wasm.clone(),
    };
    let what = disagreement.gas.and_then(|gas| differs(&small, &case.scene, gas));
    let what = what.unwrap_or_else(|| disagreement.what.clone());
    let text = wasmprinter::print_bytes(&small).unwrap_or_else(|error| error.to_string());
    format!("{what}\n{:?}\n{text}\nbytes: {}", case.scene, alloy_primitives::hex::encode(bytes))
}

/// What the sides do not agree on for a module; `None` too when it is not activated.
fn differs(wasm: &[u8], scene: &Scene, gas: u64) -> Option<String> {
    let program = Program::compile(wasm, &sides::config(scene)).ok()?;
    agree(&program, &Module::decode(wasm), scene, gas).err().map(|disagreement| disagreement.what)
}

/// Runs both sides and compares everything that can be seen of them.
fn agree(program: &Program, module: &Module<'_>, scene: &Scene, gas: u64) -> Result<Ended, Disagreement> {
    let (expected, chain) = interpreted(module, scene, gas);
    // a panic is a disagreement too
    let vm = catch_unwind(AssertUnwindSafe(|| on_engine(program, scene, gas)));
    let (result, host) =
        vm.map_err(|_| Disagreement { gas: Some(gas), what: format!("with {gas} gas the VM panics") })?;
    let same = |what: &str, vm: String, interpreter: String| {
        if vm == interpreter {
            return Ok(());
        }
        let what = format!("with {gas} gas, {what}: the VM says {vm}, the interpreter {interpreter}");
        Err(Disagreement { gas: Some(gas), what })
    };
    same("outcome", format!("{:?}", result.outcome), format!("{:?}", expected.outcome))?;
    same("host functions", format!("{:?}", sides::calls(&host)), format!("{:?}", expected.calls))?;
    same("output", format!("{:?}", result.output.to_vec()), format!("{:?}", expected.output))?;
    same("ink left", result.ink_left.to_string(), expected.ink_left.to_string())?;
    same("gas left", result.gas_left.to_string(), expected.gas_left.to_string())?;
    same("chain", sides::seen_host(&host), sides::seen_chain(&chain))?;
    Ok(expected)
}
