//! The opcode table of the reference, 4.3: ink of each instruction, and how many words it pops and pushes.

use std::collections::HashMap;
use std::sync::OnceLock;

use wasmparser::Operator;

use super::decode::Type;

/// Ink of entering a basic block.
pub(super) const HEADER: u64 = 2_450;
/// Ink of each byte of `memory.fill` and `memory.copy`: 800 for eight.
pub(super) const SIZED: u64 = 100;
/// What no budget pays.
const NEVER: u64 = u64::MAX;

/// Names, ink, words popped, words pushed. What depends on operands or types is in [`ink`] and in the frame's size.
const TABLE: &[(&str, u64, u32, u32)] = &[
    ("Unreachable Return Nop Block Loop Else End", 1, 0, 0),
    ("I32Const I64Const", 1, 0, 1),
    ("Drop", 9, 1, 0),
    ("Br", 765, 0, 0),
    ("BrIf If", 765, 1, 0),
    ("Select", 1_250, 3, 1),
    ("Call", 3_800, 0, 0),
    ("LocalGet", 75, 0, 1),
    ("LocalTee", 75, 1, 1),
    ("LocalSet", 210, 1, 0),
    ("GlobalGet", 225, 0, 1),
    ("GlobalSet", 575, 1, 0),
    ("I32Load I32Load8S I32Load8U I32Load16S I32Load16U", 670, 1, 1),
    ("I64Load I64Load8S I64Load8U I64Load16S I64Load16U I64Load32S I64Load32U", 680, 1, 1),
    ("I32Store I32Store8 I32Store16", 825, 2, 0),
    ("I64Store I64Store8 I64Store16 I64Store32", 950, 2, 0),
    ("MemorySize", 3_000, 0, 1),
    ("MemoryGrow", 8_050, 1, 1),
    ("MemoryCopy MemoryFill", 950, 3, 0),
    ("I32Eqz", 170, 1, 1),
    ("I32Eq I32Ne I32LtS I32LtU I32GtS I32GtU I32LeS I32LeU I32GeS I32GeU", 170, 2, 1),
    ("I64Eqz", 225, 1, 1),
    ("I64Eq I64Ne I64LtS I64LtU I64GtS I64GtU I64LeS I64LeU I64GeS I64GeU", 225, 2, 1),
    ("I32Clz I32Ctz I64Clz I64Ctz", 210, 1, 1),
    ("I32Popcnt", 2_650, 1, 1),
    ("I64Popcnt", 6_000, 1, 1),
    ("I32Add I32Sub I32And I32Or I32Xor I32Shl I32ShrS I32ShrU I32Rotl I32Rotr", 70, 2, 1),
    ("I64Add I64Sub I64And I64Or I64Xor I64Shl I64ShrS I64ShrU I64Rotl I64Rotr", 100, 2, 1),
    ("I32Mul I64Mul", 160, 2, 1),
    ("I32DivS I32DivU I32RemS I32RemU", 1_120, 2, 1),
    ("I64DivS I64DivU I64RemS I64RemU", 1_270, 2, 1),
    ("I32WrapI64 I64ExtendI32S I64ExtendI32U", 100, 1, 1),
    ("I32Extend8S I32Extend16S I64Extend8S I64Extend16S I64Extend32S", 100, 1, 1),
    // floats: those that the generator writes
    ("F32Const F64Const", NEVER, 0, 1),
    ("F64Add F64Mul F32Sub F64Lt F32Eq", NEVER, 2, 1),
    ("F64Neg F32Sqrt F64ConvertI64U F32ConvertI32S I64TruncSatF64S I32TruncSatF32U F64Load", NEVER, 1, 1),
    ("I32ReinterpretF32 I64ReinterpretF64", NEVER, 1, 1),
    ("F64Store", NEVER, 2, 0),
];

type Row = (u64, u32, u32);

fn row(op: &Operator<'_>) -> Row {
    static ROWS: OnceLock<HashMap<&'static str, Row>> = OnceLock::new();
    let rows = ROWS.get_or_init(|| {
        let each = |&(names, ink, pops, pushes): &(&'static str, u64, u32, u32)| {
            names.split(' ').map(move |name| (name, (ink, pops, pushes))).collect::<Vec<_>>()
        };
        TABLE.iter().flat_map(each).collect()
    });
    let debug = format!("{op:?}");
    let name = debug.split([' ', '(']).next().expect("a debug form has a first word");
    *rows.get(name).unwrap_or_else(|| panic!("{name} is not in the table"))
}

/// Ink of an instruction.
pub(super) fn ink(op: &Operator<'_>, types: &[Type]) -> u64 {
    match op {
        Operator::BrTable { targets } => 2_400 + 325 * u64::from(targets.len()),
        Operator::CallIndirect { type_index, .. } => {
            13_610 + 650 * types[*type_index as usize].params.len() as u64
        }
        plain => row(plain).0,
    }
}

/// Words that an instruction without types of its own pops and pushes.
pub(super) fn words(op: &Operator<'_>) -> (u32, u32) {
    let (_, pops, pushes) = row(op);
    (pops, pushes)
}

/// Whether a basic block ends with this instruction.
pub(super) fn ends_block(op: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        op,
        O::End
            | O::Else
            | O::Return
            | O::Loop { .. }
            | O::If { .. }
            | O::Call { .. }
            | O::CallIndirect { .. }
    ) || matches!(op, O::Br { .. } | O::BrIf { .. } | O::BrTable { .. })
}

/// For each instruction the price of the block that begins there, if one does.
pub(super) fn blocks(ops: &[Operator<'_>], types: &[Type]) -> Vec<Option<u64>> {
    let mut prices = vec![None; ops.len()];
    let mut start = 0;
    while start < ops.len() {
        let length = ops[start..].iter().position(ends_block).expect("a body ends with `end`") + 1;
        let instructions =
            ops[start..start + length].iter().fold(0u64, |sum, op| sum.saturating_add(ink(op, types)));
        prices[start] = Some(instructions.saturating_add(HEADER));
        start += length;
    }
    prices
}
