//! Expressions: instructions that leave one word.

use wasm_encoder::{Instruction as I, MemArg, MemArgTarget, ValType};

use super::body::Body;
use super::imports::{HOOKS, Role};

/// Instructions from two words of a width to one of the same.
pub(super) const BINARY_I32: &[I<'static>] = &[
    I::I32Add,
    I::I32Sub,
    I::I32Mul,
    I::I32And,
    I::I32Or,
    I::I32Xor,
    I::I32Shl,
    I::I32ShrS,
    I::I32ShrU,
    I::I32Rotl,
    I::I32Rotr,
    I::I32DivS,
    I::I32DivU,
    I::I32RemS,
    I::I32RemU,
];
const BINARY_I64: &[I<'static>] = &[
    I::I64Add,
    I::I64Sub,
    I::I64Mul,
    I::I64And,
    I::I64Or,
    I::I64Xor,
    I::I64Shl,
    I::I64ShrS,
    I::I64ShrU,
    I::I64Rotl,
    I::I64Rotr,
    I::I64DivS,
    I::I64DivU,
    I::I64RemS,
    I::I64RemU,
];
const COMPARE_I32: &[I<'static>] = &[
    I::I32Eq,
    I::I32Ne,
    I::I32LtS,
    I::I32LtU,
    I::I32GtS,
    I::I32GtU,
    I::I32LeS,
    I::I32LeU,
    I::I32GeS,
    I::I32GeU,
];
const COMPARE_I64: &[I<'static>] = &[
    I::I64Eq,
    I::I64Ne,
    I::I64LtS,
    I::I64LtU,
    I::I64GtS,
    I::I64GtU,
    I::I64LeS,
    I::I64LeU,
    I::I64GeS,
    I::I64GeU,
];
const UNARY_I32: &[I<'static>] =
    &[I::I32Eqz, I::I32Clz, I::I32Ctz, I::I32Popcnt, I::I32Extend8S, I::I32Extend16S];
const UNARY_I64: &[I<'static>] =
    &[I::I64Clz, I::I64Ctz, I::I64Popcnt, I::I64Extend8S, I::I64Extend16S, I::I64Extend32S];
/// Divisions among the binary instructions come from here on.
const DIVISIONS: usize = 11;

impl Body<'_, '_, '_> {
    /// One word of each type, in order.
    pub(super) fn exprs(&mut self, types: &[ValType]) {
        for ty in types {
            self.expr(*ty);
        }
    }

    pub(super) fn constant(&mut self, ty: ValType) {
        let number = self.e.number();
        self.code.push(match ty {
            ValType::I32 => I::I32Const(number as i32),
            _ => I::I64Const(number.cast_signed()),
        });
    }

    /// One word.
    pub(super) fn expr(&mut self, ty: ValType) {
        if self.plain() {
            return self.leaf(ty);
        }
        self.depth += 1;
        match self.e.weighted(&[40, 40, 14, 12, 16, 8, 6, 8, 8, 8, 6, 8, 3]) {
            0 => self.leaf(ty),
            1 => self.binary(ty),
            2 => self.unary(ty),
            3 => self.compare(ty),
            4 => self.load(ty),
            5 => {
                self.exprs(&[ty, ty, ValType::I32]);
                self.code.push(I::Select);
            }
            6 => match self.local(ty) {
                Some(local) => {
                    self.expr(ty);
                    self.code.push(I::LocalTee(local));
                }
                None => self.leaf(ty),
            },
            7 => {
                self.expr(ValType::I32);
                self.code.push(I::If(Self::block_type(&[ty])));
                self.within_else(ty);
            }
            8 => {
                let open = I::Block(Self::block_type(&[ty]));
                self.within(open, vec![ty], false, |body| {
                    body.stmts();
                    body.expr(ty);
                    if body.e.chance(100) {
                        // leaves by the label, with the value, from under another one
                        body.expr(ValType::I32);
                        body.code.push(I::BrIf(0));
                    }
                });
            }
            9 => self.call_for(ty),
            10 => self.sizes(ty),
            11 => self.fact(ty),
            _ => self.float(ty),
        }
        self.depth -= 1;
    }

    /// The two branches of an `if` that leaves a word.
    fn within_else(&mut self, ty: ValType) {
        let label = super::body::Label { carries: vec![ty], again: false };
        self.labels.push(label);
        self.depth += 1;
        self.stmts();
        self.expr(ty);
        self.code.push(I::Else);
        self.expr(ty);
        self.depth -= 1;
        self.labels.pop();
        self.code.push(I::End);
    }

    fn leaf(&mut self, ty: ValType) {
        match self.e.below(4) {
            0 => self.constant(ty),
            1 | 2 => match self.local(ty) {
                Some(local) => self.code.push(I::LocalGet(local)),
                None => self.constant(ty),
            },
            _ => match self.global(ty, false) {
                Some(global) => self.code.push(I::GlobalGet(global)),
                None => self.constant(ty),
            },
        }
    }

    /// A local of a type, if there is one; never a loop's counter.
    pub(super) fn local(&mut self, ty: ValType) -> Option<u32> {
        let fit: Vec<u32> = (0..self.counters).filter(|at| self.locals[*at as usize] == ty).collect();
        (!fit.is_empty()).then(|| self.e.pick(&fit))
    }

    pub(super) fn global(&mut self, ty: ValType, mutable: bool) -> Option<u32> {
        let globals = self.shape.globals.iter().enumerate();
        let fit = globals.filter(|(_, (of, can))| *of == ty && (*can || !mutable)).map(|(at, _)| at as u32);
        let fit: Vec<u32> = fit.collect();
        (!fit.is_empty()).then(|| self.e.pick(&fit))
    }

    fn binary(&mut self, ty: ValType) {
        let table = if ty == ValType::I32 { BINARY_I32 } else { BINARY_I64 };
        let at = self.e.below(table.len());
        self.exprs(&[ty, ty]);
        // mostly a divisor that is not zero
        if at >= DIVISIONS && !self.e.chance(24) {
            self.code.extend(match ty {
                ValType::I32 => [I::I32Const(1), I::I32Or],
                _ => [I::I64Const(1), I::I64Or],
            });
        }
        self.code.push(table[at].clone());
    }

    fn unary(&mut self, ty: ValType) {
        let conversion = self.e.chance(90);
        let instruction = match ty {
            ValType::I32 if conversion => {
                self.expr(ValType::I64);
                if self.e.chance(128) { I::I32WrapI64 } else { I::I64Eqz }
            }
            ValType::I32 => {
                self.expr(ValType::I32);
                UNARY_I32[self.e.below(UNARY_I32.len())].clone()
            }
            _ if conversion => {
                self.expr(ValType::I32);
                if self.e.chance(128) { I::I64ExtendI32S } else { I::I64ExtendI32U }
            }
            _ => {
                self.expr(ValType::I64);
                UNARY_I64[self.e.below(UNARY_I64.len())].clone()
            }
        };
        self.code.push(instruction);
    }

    fn compare(&mut self, ty: ValType) {
        let of = super::module::value(self.e);
        let table = if of == ValType::I32 { COMPARE_I32 } else { COMPARE_I64 };
        let at = self.e.below(table.len());
        self.exprs(&[of, of]);
        self.code.push(table[at].clone());
        if ty == ValType::I64 {
            self.code.push(I::I64ExtendI32U);
        }
    }

    /// An address: mostly a small one, now and then at the end of the memory, or any.
    pub(super) fn address(&mut self) {
        match self.e.weighted(&[120, 60, 3, 2]) {
            0 => self.code.push(I::I32Const(i32::from(self.e.byte()) * 4)),
            1 => {
                self.expr(ValType::I32);
                self.code.extend([I::I32Const(0x3ff), I::I32And]);
            }
            2 => {
                let end = (self.shape.pages << 16) as i32;
                self.code.push(I::I32Const(end - i32::from(self.e.byte() % 70)));
            }
            _ => self.expr(ValType::I32),
        }
    }

    /// An offset, mostly small, and an alignment.
    pub(super) fn memarg(&mut self, natural: u32) -> MemArg {
        let offset = if self.e.chance(12) { self.e.number() & 0xffff_ffff } else { self.e.byte().into() };
        MemArg {
            offset,
            align: self.e.below(natural as usize + 1) as u32,
            target: MemArgTarget::default(),
            ordering: None,
        }
    }

    fn load(&mut self, ty: ValType) {
        self.address();
        let kind = self.e.below(7);
        let natural = if ty == ValType::I32 { [2, 0, 0, 1, 1, 2, 2] } else { [3, 0, 0, 1, 1, 2, 2] };
        let arg = self.memarg(natural[kind]);
        self.code.push(match (ty, kind) {
            (ValType::I32, 1) => I::I32Load8S(arg),
            (ValType::I32, 2) => I::I32Load8U(arg),
            (ValType::I32, 3) => I::I32Load16S(arg),
            (ValType::I32, 4) => I::I32Load16U(arg),
            (ValType::I32, _) => I::I32Load(arg),
            (_, 1) => I::I64Load8S(arg),
            (_, 2) => I::I64Load8U(arg),
            (_, 3) => I::I64Load16S(arg),
            (_, 4) => I::I64Load16U(arg),
            (_, 5) => I::I64Load32S(arg),
            (_, 6) => I::I64Load32U(arg),
            (_, _) => I::I64Load(arg),
        });
    }

    /// A call of a function with this one result, or a leaf.
    fn call_for(&mut self, ty: ValType) {
        let shape = self.shape;
        let fits = |at: &usize| shape.types[shape.functions[*at]].1 == [ty];
        let later: Vec<usize> = (self.first_callee()..shape.functions.len()).filter(fits).collect();
        match later.is_empty() {
            true => self.leaf(ty),
            false => {
                let function = self.e.pick(&later);
                self.call(function);
            }
        }
    }

    /// Mostly only functions that come later are called, so that calls end.
    pub(super) fn first_callee(&mut self) -> usize {
        if self.e.chance(36) { 0 } else { self.function + 1 }
    }

    /// Memory's size, or an attempt to grow it.
    fn sizes(&mut self, ty: ValType) {
        if self.e.chance(100) {
            match self.e.weighted(&[40, 12, 8, 2]) {
                0 => self.code.push(I::I32Const(i32::from(self.e.byte() % 4))),
                1 => self.code.push(I::I32Const(i32::from(self.e.byte()))),
                2 => self.code.push(I::I32Const(i32::from(self.e.byte()) << 16 | self.e.below(3) as i32)),
                _ => self.expr(ValType::I32),
            }
            self.code.push(I::MemoryGrow(0));
        } else {
            self.code.push(I::MemorySize(0));
        }
        if ty == ValType::I64 {
            self.code.push(I::I64ExtendI32S);
        }
    }

    /// A fact that a host function returns.
    fn fact(&mut self, ty: ValType) {
        let fit: Vec<usize> =
            (0..HOOKS.len()).filter(|at| HOOKS[*at].1.is_empty() && HOOKS[*at].2 == Some(ty)).collect();
        let hook = self.e.pick(&fit);
        self.code.push(I::Call(hook as u32));
    }

    /// Arguments of a host function.
    pub(super) fn arguments(&mut self, roles: &[Role]) {
        for role in roles {
            match role {
                Role::Pointer => self.address(),
                Role::Length => match self.e.weighted(&[80, 20, 2, 1]) {
                    0 => self.code.push(I::I32Const(i32::from(self.e.byte() % 100))),
                    1 => {
                        self.expr(ValType::I32);
                        self.code.extend([I::I32Const(127), I::I32And]);
                    }
                    2 => self.code.push(I::I32Const(i32::from(self.e.byte()) << 7)),
                    _ => self.expr(ValType::I32),
                },
                Role::Small => match self.e.weighted(&[40, 3]) {
                    0 => self.code.push(I::I32Const(i32::from(self.e.byte() % 6))),
                    _ => self.expr(ValType::I32),
                },
                Role::Pages => match self.e.weighted(&[20, 3, 1]) {
                    0 => self.code.push(I::I32Const(i32::from(self.e.byte() % 4))),
                    1 => self.code.push(I::I32Const(i32::from(self.e.byte()))),
                    _ => self.expr(ValType::I32),
                },
                Role::Gas => self.constant(ValType::I64),
            }
        }
    }

    /// A float on the way, in programs that have them; nothing pays for it.
    fn float(&mut self, ty: ValType) {
        if !self.shape.floats {
            return self.leaf(ty);
        }
        match ty {
            ValType::I32 => {
                self.expr(ValType::I32);
                self.code.extend([I::F32ConvertI32S, I::F32Sqrt, I::I32ReinterpretF32]);
            }
            _ => {
                self.expr(ValType::I64);
                self.code.extend([I::F64ConvertI64U, I::F64Neg, I::I64TruncSatF64S]);
            }
        }
    }
}
