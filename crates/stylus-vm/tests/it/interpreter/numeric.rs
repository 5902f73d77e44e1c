//! Integer instructions. Words hold i32 zero-extended.

use wasmparser::Operator as O;

use super::Stop;

/// A word with one operand; `None` when it is no such instruction.
pub(super) fn unary(op: &O<'_>, a: u64) -> Option<u64> {
    let narrow = a as u32;
    let word = |value: i32| u64::from(value.cast_unsigned());
    Some(match op {
        O::I32Eqz => u64::from(narrow == 0),
        O::I64Eqz => u64::from(a == 0),
        O::I32Clz => narrow.leading_zeros().into(),
        O::I32Ctz => narrow.trailing_zeros().into(),
        O::I32Popcnt => narrow.count_ones().into(),
        O::I64Clz => a.leading_zeros().into(),
        O::I64Ctz => a.trailing_zeros().into(),
        O::I64Popcnt => a.count_ones().into(),
        O::I32WrapI64 | O::I64ExtendI32U => narrow.into(),
        O::I64ExtendI32S => i64::from(narrow.cast_signed()).cast_unsigned(),
        O::I32Extend8S => word((a as i8).into()),
        O::I32Extend16S => word((a as i16).into()),
        O::I64Extend8S => i64::from(a as i8).cast_unsigned(),
        O::I64Extend16S => i64::from(a as i16).cast_unsigned(),
        O::I64Extend32S => i64::from(a as i32).cast_unsigned(),
        _ => return None,
    })
}

/// A word with two operands; `None` when it is no such instruction.
pub(super) fn binary(op: &O<'_>, a: u64, b: u64) -> Option<Result<u64, Stop>> {
    narrow(op, a as u32, b as u32).or_else(|| wide(op, a, b))
}

fn word(value: impl Into<u64>) -> u64 {
    value.into()
}

fn narrow(op: &O<'_>, a: u32, b: u32) -> Option<Result<u64, Stop>> {
    let (x, y) = (a.cast_signed(), b.cast_signed());
    // shifts count modulo the width
    let by = b % 32;
    let value = match op {
        O::I32Eq => u64::from(a == b),
        O::I32Ne => u64::from(a != b),
        O::I32LtS => u64::from(x < y),
        O::I32LtU => u64::from(a < b),
        O::I32GtS => u64::from(x > y),
        O::I32GtU => u64::from(a > b),
        O::I32LeS => u64::from(x <= y),
        O::I32LeU => u64::from(a <= b),
        O::I32GeS => u64::from(x >= y),
        O::I32GeU => u64::from(a >= b),
        O::I32Add => word(a.wrapping_add(b)),
        O::I32Sub => word(a.wrapping_sub(b)),
        O::I32Mul => word(a.wrapping_mul(b)),
        O::I32And => word(a & b),
        O::I32Or => word(a | b),
        O::I32Xor => word(a ^ b),
        O::I32Shl => word(a << by),
        O::I32ShrU => word(a >> by),
        O::I32ShrS => word((x >> by).cast_unsigned()),
        O::I32Rotl => word(a.rotate_left(by)),
        O::I32Rotr => word(a.rotate_right(by)),
        O::I32DivU => return Some(a.checked_div(b).map(word).ok_or(Stop::Failure)),
        O::I32RemU => return Some(a.checked_rem(b).map(word).ok_or(Stop::Failure)),
        // the smallest number by minus one: the quotient does not fit, the remainder is zero
        O::I32DivS => return Some(x.checked_div(y).map(|q| word(q.cast_unsigned())).ok_or(Stop::Failure)),
        O::I32RemS if y == 0 => return Some(Err(Stop::Failure)),
        O::I32RemS => word(x.wrapping_rem(y).cast_unsigned()),
        _ => return None,
    };
    Some(Ok(value))
}

fn wide(op: &O<'_>, a: u64, b: u64) -> Option<Result<u64, Stop>> {
    let (x, y) = (a.cast_signed(), b.cast_signed());
    // shifts count modulo the width
    let by = (b % 64) as u32;
    let value = match op {
        O::I64Eq => u64::from(a == b),
        O::I64Ne => u64::from(a != b),
        O::I64LtS => u64::from(x < y),
        O::I64LtU => u64::from(a < b),
        O::I64GtS => u64::from(x > y),
        O::I64GtU => u64::from(a > b),
        O::I64LeS => u64::from(x <= y),
        O::I64LeU => u64::from(a <= b),
        O::I64GeS => u64::from(x >= y),
        O::I64GeU => u64::from(a >= b),
        O::I64Add => word(a.wrapping_add(b)),
        O::I64Sub => word(a.wrapping_sub(b)),
        O::I64Mul => word(a.wrapping_mul(b)),
        O::I64And => word(a & b),
        O::I64Or => word(a | b),
        O::I64Xor => word(a ^ b),
        O::I64Shl => word(a << by),
        O::I64ShrU => word(a >> by),
        O::I64ShrS => word((x >> by).cast_unsigned()),
        O::I64Rotl => word(a.rotate_left(by)),
        O::I64Rotr => word(a.rotate_right(by)),
        O::I64DivU => return Some(a.checked_div(b).map(word).ok_or(Stop::Failure)),
        O::I64RemU => return Some(a.checked_rem(b).map(word).ok_or(Stop::Failure)),
        // the smallest number by minus one: the quotient does not fit, the remainder is zero
        O::I64DivS => return Some(x.checked_div(y).map(|q| word(q.cast_unsigned())).ok_or(Stop::Failure)),
        O::I64RemS if y == 0 => return Some(Err(Stop::Failure)),
        O::I64RemS => word(x.wrapping_rem(y).cast_unsigned()),
        _ => return None,
    };
    Some(Ok(value))
}
