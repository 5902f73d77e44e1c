//! Makes a program that shows a disagreement smaller: instructions are left out, or constants put in their place, as
//! long as the module stays valid and the disagreement stays.

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{CodeSection, Function, Instruction, RawSection, SectionId, ValType};
use wasmparser::{Operator, Parser, Payload, Validator};

/// Instructions that may stand for a stretch of others.
const PLAIN: [&[Instruction<'static>]; 5] = [
    &[],
    &[Instruction::I32Const(0)],
    &[Instruction::I64Const(0)],
    &[Instruction::Drop],
    &[Instruction::I32Const(1)],
];

/// Declared locals and instructions of a function.
type Body<'a> = (Vec<(u32, ValType)>, Vec<Instruction<'a>>);

/// A module whose functions can be rewritten.
struct Parts<'a> {
    sections: Vec<(u8, &'a [u8])>,
    bodies: Vec<Body<'a>>,
}

impl<'a> Parts<'a> {
    fn of(wasm: &'a [u8]) -> Self {
        let (mut sections, mut bodies) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.expect("valid");
            if let Some((id, range)) = payload.as_section() {
                sections.push((id, &wasm[range.start as usize..range.end as usize]));
            }
            if let Payload::CodeSectionEntry(body) = payload {
                let locals = body.get_locals_reader().expect("valid").into_iter().map(|run| {
                    let (count, ty) = run.expect("valid");
                    (count, RoundtripReencoder.val_type(ty).expect("valid"))
                });
                let ops = body.get_operators_reader().expect("valid").into_iter();
                let ops =
                    ops.map(|op: Result<Operator<'a>, _>| op.expect("valid").try_into().expect("valid"));
                bodies.push((locals.collect(), ops.collect()));
            }
        }
        Self { sections, bodies }
    }

    fn encode(&self) -> Vec<u8> {
        let mut module = wasm_encoder::Module::new();
        for (id, data) in &self.sections {
            if *id != SectionId::Code as u8 {
                module.section(&RawSection { id: *id, data });
                continue;
            }
            let mut code = CodeSection::new();
            for (locals, ops) in &self.bodies {
                let mut function = Function::new(locals.clone());
                for op in ops {
                    function.instruction(op);
                }
                code.function(&function);
            }
            module.section(&code);
        }
        module.finish()
    }
}

/// The smallest module found that still fails.
pub(super) fn reduce(wasm: &[u8], fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut parts = Parts::of(wasm);
    let mut best = wasm.to_vec();
    loop {
        let before: usize = parts.bodies.iter().map(|(_, ops)| ops.len()).sum();
        for body in 0..parts.bodies.len() {
            let mut length = parts.bodies[body].1.len() - 1;
            while length > 0 {
                let mut at = 0;
                while at + length < parts.bodies[body].1.len() {
                    if let Some(smaller) = shorten(&mut parts, body, at, length, &fails) {
                        best = smaller;
                    } else {
                        at += 1;
                    }
                }
                length -= 1;
            }
        }
        if parts.bodies.iter().map(|(_, ops)| ops.len()).sum::<usize>() == before {
            return best;
        }
    }
}

/// Replaces a stretch, if the module still fails without it.
fn shorten(
    parts: &mut Parts<'_>,
    body: usize,
    at: usize,
    length: usize,
    fails: impl Fn(&[u8]) -> bool,
) -> Option<Vec<u8>> {
    for plain in PLAIN.iter().filter(|plain| plain.len() < length) {
        let was = parts.bodies[body].1.clone();
        parts.bodies[body].1.splice(at..at + length, plain.iter().cloned());
        let wasm = parts.encode();
        if Validator::new().validate_all(&wasm).is_ok() && fails(&wasm) {
            return Some(wasm);
        }
        parts.bodies[body].1 = was;
    }
    None
}
