//! A function under construction.

use wasm_encoder::{BlockType, Function, Instruction as I, ValType};

use super::Entropy;
use super::module::Shape;

/// Loops that may be nested in each other, each with a counter of its own.
pub(super) const LOOPS: usize = 3;
/// Instructions of a function, about.
const FUEL: i32 = 160;
/// Statements and expressions in each other; deeper ones are plain.
pub(super) const DEEP: usize = 9;

/// A construct that can be branched to.
#[derive(Clone, Debug)]
pub(super) struct Label {
    /// What a branch to it carries.
    pub(super) carries: Vec<ValType>,
    /// Whether a branch to it repeats it.
    pub(super) again: bool,
}

/// A function whose instructions are being chosen.
pub(super) struct Body<'s, 'e, 'b> {
    pub(super) e: &'e mut Entropy<'b>,
    pub(super) shape: &'s Shape,
    /// Index among the module's functions.
    pub(super) function: usize,
    pub(super) locals: Vec<ValType>,
    /// Index of the first loop counter.
    pub(super) counters: u32,
    pub(super) loops: usize,
    pub(super) labels: Vec<Label>,
    pub(super) depth: usize,
    pub(super) code: Vec<I<'static>>,
}

impl<'s, 'e, 'b> Body<'s, 'e, 'b> {
    /// Chooses a function of the module.
    pub(super) fn function(e: &'e mut Entropy<'b>, shape: &'s Shape, function: usize) -> Function {
        let (params, results) = shape.types[shape.functions[function]].clone();
        let declared: Vec<ValType> = (0..e.below(5)).map(|_| super::module::value(e)).collect();
        let locals: Vec<ValType> = params.iter().chain(&declared).copied().collect();
        let counters = locals.len() as u32;
        let label = Label { carries: results.clone(), again: false };
        let labels = vec![label];
        let code = Vec::new();
        let mut body = Self { e, shape, function, locals, counters, loops: 0, labels, depth: 0, code };
        if function == 0 {
            body.prologue();
        }
        body.stmts();
        if function == 0 {
            body.epilogue();
        } else {
            body.exprs(&results);
        }
        body.code.push(I::End);
        let declared =
            declared.into_iter().chain([ValType::I32; LOOPS]).map(|ty| (1, ty)).collect::<Vec<_>>();
        let mut function = Function::new(declared);
        for instruction in &body.code {
            function.instruction(instruction);
        }
        function
    }

    /// Whether what comes next must be plain: enough is written, or too deep, or the bytes are used up.
    pub(super) fn plain(&self) -> bool {
        self.code.len() as i32 > FUEL || self.depth > DEEP || self.e.is_empty()
    }

    pub(super) fn hook(&self, name: &str) -> u32 {
        let at = super::imports::HOOKS.iter().position(|(of, ..)| *of == name);
        at.expect("a host function of that name") as u32
    }

    /// The entry point mostly begins with reading its arguments.
    fn prologue(&mut self) {
        if !self.e.chance(40) {
            let read = self.hook("read_args");
            self.code.extend([I::I32Const(0), I::Call(read)]);
        }
    }

    /// And mostly ends with a result and a small status.
    fn epilogue(&mut self) {
        if !self.e.chance(40) {
            let write = self.hook("write_result");
            let (at, len) = (self.e.byte(), self.e.byte() % 80);
            self.code.extend([I::I32Const(at.into()), I::I32Const(len.into()), I::Call(write)]);
        }
        match self.e.below(4) {
            0 => self.code.push(I::I32Const(0)),
            1 => {
                self.expr(ValType::I32);
                self.code.extend([I::I32Const(1), I::I32And]);
            }
            2 => self.code.push(I::I32Const(i32::from(self.e.byte()))),
            _ => self.expr(ValType::I32),
        }
    }

    /// Writes a construct around what `inside` writes, with a label for it.
    pub(super) fn within(
        &mut self,
        open: I<'static>,
        carries: Vec<ValType>,
        again: bool,
        inside: impl FnOnce(&mut Self),
    ) {
        self.code.push(open);
        self.labels.push(Label { carries, again });
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.labels.pop();
        self.code.push(I::End);
    }

    /// A block of at most one result.
    pub(super) fn block_type(results: &[ValType]) -> BlockType {
        results.first().map_or(BlockType::Empty, |ty| BlockType::Result(*ty))
    }
}
