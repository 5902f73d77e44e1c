//! Words of stack that a call of a function takes (4.3.3), found on the code as written.
//!
//! The reference counts operands over metered code. The meter adds at most two operands where a block begins: ink and
//! price, to compare and to subtract. Before `memory.fill` and `memory.copy` it puts the size aside and adds four: ink
//! to compare with later, ink, the size, and the price of a byte (the order that the formula `ink - size * 100`
//! implies; the reference does not spell it out). Operands that dead code takes from below are not there.

use wasmparser::{BlockType, Operator};

use super::costs;
use super::decode::{Module, Type};

/// Words of a frame besides operands and declared locals.
const FIXED: u32 = 4;
const METER: u32 = 2;
const SIZED_METER: u32 = 4;

#[derive(Default)]
struct Heights {
    now: u32,
    worst: u32,
}

impl Heights {
    fn push(&mut self, words: usize) {
        self.now += words as u32;
        self.worst = self.worst.max(self.now);
    }

    fn pop(&mut self, words: usize) {
        self.now = self.now.saturating_sub(words as u32);
    }

    /// Room for operands that are gone again at once.
    fn touch(&mut self, words: u32) {
        self.worst = self.worst.max(self.now + words);
    }

    /// Results first, then the arguments go.
    fn apply(&mut self, ty: &Type) {
        self.push(ty.results.len());
        self.pop(ty.params.len());
    }
}

/// Words of the frame of a function with these instructions, block prices and declared locals.
pub(super) fn words(module: &Module<'_>, ops: &[Operator<'_>], blocks: &[Option<u64>], locals: u32) -> u32 {
    let mut heights = Heights::default();
    let mut scopes = vec![0];
    for (op, block) in ops.iter().zip(blocks) {
        if block.is_some() {
            heights.touch(METER);
        }
        match op {
            Operator::Block { blockty } | Operator::Loop { blockty } => {
                open(module, &mut heights, *blockty);
                scopes.push(heights.now);
            }
            Operator::If { blockty } => {
                heights.pop(1);
                open(module, &mut heights, *blockty);
                scopes.push(heights.now);
            }
            Operator::Else => heights.now = *scopes.last().expect("valid"),
            Operator::End => heights.now = scopes.pop().expect("valid"),
            Operator::Call { function_index } => heights.apply(module.type_of(*function_index)),
            Operator::CallIndirect { type_index, .. } => {
                heights.pop(1);
                heights.apply(&module.types[*type_index as usize]);
            }
            Operator::BrTable { .. } => heights.pop(1),
            Operator::MemoryFill { .. } | Operator::MemoryCopy { .. } => {
                heights.pop(1);
                heights.touch(SIZED_METER);
                heights.push(1);
                heights.pop(3);
            }
            plain => {
                let (pops, pushes) = costs::words(plain);
                heights.pop(pops as usize);
                heights.push(pushes as usize);
            }
        }
    }
    heights.worst + locals + FIXED
}

fn open(module: &Module<'_>, heights: &mut Heights, ty: BlockType) {
    match ty {
        BlockType::Empty => {}
        BlockType::Type(_) => heights.push(1),
        BlockType::FuncType(index) => heights.apply(&module.types[index as usize]),
    }
}
