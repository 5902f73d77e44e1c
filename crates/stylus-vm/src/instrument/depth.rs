//! Bound on the stack: each call takes its frame from a budget of words and gives it back on return.

use wasmparser::{BlockType, Operator};

use super::{Globals, opcodes};
use crate::{Error, module::Module};

/// Words of a frame besides operands and locals.
const FRAME_OVERHEAD: u32 = 4;
/// Largest frame, words.
const MAX_FRAME: u32 = 10 * 1024;
/// Largest height of the operand stack, words.
const MAX_HEIGHT: u32 = 4_096;

/// Puts `if space <= frame { space = 0; unreachable } space -= frame` at the start and `space += frame` before every
/// return, one of which is added before the final `end`.
pub(super) fn apply<'a>(
    mut ops: Vec<Operator<'a>>,
    module: &Module<'_>,
    function: usize,
    globals: Globals,
) -> Result<Vec<Operator<'a>>, Error> {
    let frame = frame(&ops, module, function)?;
    let space = globals.stack;
    let words = Operator::I32Const { value: frame.cast_signed() };
    let mut deep = Vec::with_capacity(ops.len() + 24);
    deep.extend([
        Operator::GlobalGet { global_index: space },
        words.clone(),
        Operator::I32LeU,
        Operator::If { blockty: BlockType::Empty },
        Operator::I32Const { value: 0 },
        Operator::GlobalSet { global_index: space },
        Operator::Unreachable,
        Operator::End,
        Operator::GlobalGet { global_index: space },
        words.clone(),
        Operator::I32Sub,
        Operator::GlobalSet { global_index: space },
    ]);
    let last = ops.pop();
    ops.push(Operator::Return);
    ops.extend(last);
    for op in ops {
        if matches!(op, Operator::Return) {
            deep.extend([
                Operator::GlobalGet { global_index: space },
                words.clone(),
                Operator::I32Add,
                Operator::GlobalSet { global_index: space },
            ]);
        }
        deep.push(op);
    }
    Ok(deep)
}

/// Words that one call of a function takes: the worst operand height, the declared locals and a fixed part.
fn frame(ops: &[Operator<'_>], module: &Module<'_>, function: usize) -> Result<u32, Error> {
    let height = worst_height(ops, module)?;
    let locals =
        module.bodies[function].locals.iter().fold(0u32, |sum, (count, _)| sum.saturating_add(*count));
    let frame = height.saturating_add(locals).saturating_add(FRAME_OVERHEAD);
    if frame > MAX_FRAME || height > MAX_HEIGHT {
        return Err(Error::FrameTooLarge { function: function as u32, frame, height });
    }
    Ok(frame)
}

/// The worst height of the operand stack, an estimate from above: a call pushes its results before it pops its
/// arguments, a block takes room for its results when it begins.
fn worst_height(ops: &[Operator<'_>], module: &Module<'_>) -> Result<u32, Error> {
    let mut stack = Stack::default();
    let mut scopes = vec![0];
    for op in ops {
        match op {
            Operator::Block { blockty } | Operator::Loop { blockty } => {
                stack.block(*blockty, module)?;
                scopes.push(stack.height);
            }
            Operator::If { blockty } => {
                stack.pop(1);
                stack.block(*blockty, module)?;
                scopes.push(stack.height);
            }
            Operator::Else => stack.height = *scopes.last().ok_or_else(malformed)?,
            Operator::End => stack.height = scopes.pop().ok_or_else(malformed)?,
            Operator::Call { function_index } => {
                let ty = module.type_of(*function_index).ok_or_else(malformed)?;
                stack.call(ty.params().len(), ty.results().len());
            }
            Operator::CallIndirect { type_index, .. } => {
                let ty = module.types.get(*type_index as usize).ok_or_else(malformed)?;
                stack.pop(1);
                stack.call(ty.params().len(), ty.results().len());
            }
            Operator::BrIf { .. } | Operator::BrTable { .. } => stack.pop(1),
            Operator::Br { .. } | Operator::Return | Operator::Unreachable | Operator::Nop => {}
            other => {
                let (pops, pushes) = opcodes::arity(other).ok_or_else(malformed)?;
                stack.pop(pops);
                stack.push(pushes);
            }
        }
    }
    Ok(stack.worst)
}

/// What cannot happen in a module that passed validation, said instead of a panic.
fn malformed() -> Error {
    Error::InvalidModule("malformed control structure".to_owned())
}

/// Heights of the operand stack. Code behind a branch may pop what is not there: the height stays at zero.
#[derive(Default)]
struct Stack {
    height: u32,
    worst: u32,
}

impl Stack {
    fn push(&mut self, words: u32) {
        self.height = self.height.saturating_add(words);
        self.worst = self.worst.max(self.height);
    }

    const fn pop(&mut self, words: u32) {
        self.height = self.height.saturating_sub(words);
    }

    fn call(&mut self, params: usize, results: usize) {
        self.push(results as u32);
        self.pop(params as u32);
    }

    fn block(&mut self, ty: BlockType, module: &Module<'_>) -> Result<(), Error> {
        match ty {
            BlockType::Empty => {}
            BlockType::Type(_) => self.push(1),
            BlockType::FuncType(index) => {
                let ty = module.types.get(index as usize).ok_or_else(malformed)?;
                self.call(ty.params().len(), ty.results().len());
            }
        }
        Ok(())
    }
}
