//! Statements: instructions that leave the operands below them alone.

use wasm_encoder::{BlockType, Instruction as I, MemArg, ValType};

use super::body::{Body, LOOPS};
use super::expr::BINARY_I32;
use super::imports::HOOKS;

impl Body<'_, '_, '_> {
    /// A few statements; those behind a branch are never reached.
    pub(super) fn stmts(&mut self) {
        let most = if self.depth == 0 { 14 } else { 4 };
        for _ in 0..self.e.below(most + 1) {
            if self.plain() {
                return;
            }
            self.depth += 1;
            self.stmt();
            self.depth -= 1;
        }
    }

    fn stmt(&mut self) {
        match self.e.weighted(&[3, 30, 12, 24, 16, 10, 16, 14, 6, 30, 8, 8, 2, 6, 10]) {
            0 => self.code.push(I::Nop),
            1 => self.set_local(),
            2 => self.set_global(),
            3 => self.store(),
            4 => self.condition(),
            5 => {
                self.within(I::Block(BlockType::Empty), vec![], false, |body| body.stmts());
            }
            6 => self.repeat(),
            7 => {
                let first = self.first_callee();
                if first < self.shape.functions.len() {
                    let function = first + self.e.below(self.shape.functions.len() - first);
                    self.call(function);
                    self.discard(self.shape.functions[function]);
                }
            }
            8 => self.call_indirect(),
            9 => self.host(),
            10 => self.sized(),
            11 => self.branch(),
            12 => self.end(),
            13 => self.several(),
            _ => {
                let ty = super::module::value(self.e);
                self.expr(ty);
                self.code.push(I::Drop);
            }
        }
    }

    fn set_local(&mut self) {
        let ty = super::module::value(self.e);
        self.expr(ty);
        let local = self.local(ty);
        self.code.push(local.map_or(I::Drop, I::LocalSet));
    }

    fn set_global(&mut self) {
        let ty = super::module::value(self.e);
        self.expr(ty);
        let global = self.global(ty, true);
        self.code.push(global.map_or(I::Drop, I::GlobalSet));
    }

    fn store(&mut self) {
        // now and then a local at itself, far off too
        if self.e.chance(16)
            && let Some(local) = self.local(ValType::I32)
        {
            let offset = if self.e.chance(128) { 0xff00 + u64::from(self.e.byte()) * 2 } else { 8 };
            self.expr(ValType::I32);
            self.code.extend([I::I32Const(0xff), I::I32And, I::LocalSet(local)]);
            self.code.extend([I::LocalGet(local), I::LocalGet(local)]);
            let arg = self.memarg(0);
            self.code.push(I::I32Store8(MemArg { offset, ..arg }));
            return;
        }
        self.address();
        let kind = self.e.below(7);
        self.expr(if kind < 3 { ValType::I32 } else { ValType::I64 });
        let arg = self.memarg([2, 0, 1, 3, 0, 1, 2][kind]);
        self.code.push(match kind {
            0 => I::I32Store(arg),
            1 => I::I32Store8(arg),
            2 => I::I32Store16(arg),
            3 => I::I64Store(arg),
            4 => I::I64Store8(arg),
            5 => I::I64Store16(arg),
            _ => I::I64Store32(arg),
        });
    }

    fn condition(&mut self) {
        self.expr(ValType::I32);
        let other = self.e.chance(128);
        self.within(I::If(BlockType::Empty), vec![], false, |body| {
            body.stmts();
            if other {
                body.code.push(I::Else);
                body.stmts();
            }
        });
    }

    /// A loop that counts down; now and then one that decides itself, or never ends.
    fn repeat(&mut self) {
        if self.loops == LOOPS {
            return;
        }
        let counter = self.counters + self.loops as u32;
        self.loops += 1;
        let rounds = 1 + i32::from(self.e.byte() % 9);
        let kind = self.e.weighted(&[60, 4, 2]);
        self.code.extend([I::I32Const(rounds), I::LocalSet(counter)]);
        self.within(I::Loop(BlockType::Empty), vec![], true, |body| {
            body.stmts();
            match kind {
                0 => {
                    body.code.extend([I::LocalGet(counter), I::I32Const(1), I::I32Sub]);
                    body.code.extend([I::LocalTee(counter), I::BrIf(0)]);
                }
                1 => {
                    body.expr(ValType::I32);
                    body.code.push(I::BrIf(0));
                }
                _ => body.code.push(I::Br(0)),
            }
        });
        self.loops -= 1;
    }

    /// Arguments and the call; the results stay.
    pub(super) fn call(&mut self, function: usize) {
        let params = self.shape.types[self.shape.functions[function]].0.clone();
        self.exprs(&params);
        self.code.push(I::Call(self.shape.index(function)));
    }

    /// Drops the results of a type, or keeps the last in a local.
    fn discard(&mut self, ty: usize) {
        let results = self.shape.types[ty].1.clone();
        for result in results.into_iter().rev() {
            let local = if self.e.chance(128) { self.local(result) } else { None };
            self.code.push(local.map_or(I::Drop, I::LocalSet));
        }
    }

    /// Through the table: mostly an entry of the right type, if there is one that comes later.
    fn call_indirect(&mut self) {
        let shape = self.shape;
        if shape.table.is_empty() {
            return;
        }
        let slot = self.e.below(shape.table.len());
        let callee = shape.table[slot].filter(|function| *function > self.function);
        let (ty, known) = match callee {
            Some(function) => (shape.functions[function], true),
            None if self.e.chance(20) => (self.e.below(shape.types.len()), false),
            None => return,
        };
        self.exprs(&shape.types[ty].0);
        if known {
            self.code.push(I::I32Const(slot as i32));
        } else {
            self.expr(ValType::I32);
        }
        self.code.push(I::CallIndirect { type_index: ty as u32, table_index: 0 });
        self.discard(ty);
    }

    fn host(&mut self) {
        let at = self.e.below(HOOKS.len());
        let (name, roles, result) = HOOKS[at];
        // ends the program: not too often
        if name == "exit_early" && !self.e.chance(80) {
            return;
        }
        self.arguments(roles);
        self.code.push(I::Call(at as u32));
        if result.is_some() {
            self.code.push(I::Drop);
        }
    }

    fn sized(&mut self) {
        self.address();
        let fill = self.e.chance(128);
        if fill {
            self.expr(ValType::I32);
        } else {
            self.address();
        }
        match self.e.weighted(&[60, 6, 2]) {
            0 => self.code.push(I::I32Const(self.e.byte().into())),
            1 => self.code.push(I::I32Const(i32::from(self.e.byte()) << 8)),
            _ => self.expr(ValType::I32),
        }
        self.code.push(if fill { I::MemoryFill(0) } else { I::MemoryCopy { src_mem: 0, dst_mem: 0 } });
    }

    /// A label, mostly not one that repeats.
    fn target(&mut self) -> u32 {
        let depth = self.e.below(self.labels.len());
        let label = &self.labels[self.labels.len() - 1 - depth];
        if label.again && !self.e.chance(40) { self.labels.len() as u32 - 1 } else { depth as u32 }
    }

    fn carried(&self, depth: u32) -> Vec<ValType> {
        self.labels[self.labels.len() - 1 - depth as usize].carries.clone()
    }

    fn branch(&mut self) {
        let depth = self.target();
        let carried = self.carried(depth);
        self.exprs(&carried);
        match self.e.below(4) {
            0 | 1 => {
                self.expr(ValType::I32);
                self.code.push(I::BrIf(depth));
                self.code.extend(carried.iter().map(|_| I::Drop));
            }
            2 => {
                let labels = self.labels.len() as u32;
                let same: Vec<u32> = (0..labels).filter(|at| self.carried(*at) == carried).collect();
                let targets: Vec<u32> = (0..self.e.below(5)).map(|_| self.e.pick(&same)).collect();
                self.expr(ValType::I32);
                self.code.push(I::BrTable(targets.into(), depth));
                self.dead();
            }
            _ => {
                self.code.push(I::Br(depth));
                self.dead();
            }
        }
    }

    /// What follows a branch may take operands that are not there.
    fn dead(&mut self) {
        match self.e.below(4) {
            0 => {}
            1 => self.code.extend([I::Drop, I::Drop]),
            2 => {
                let at = self.e.below(BINARY_I32.len());
                self.code.extend([BINARY_I32[at].clone(), I::I32Eqz, I::Drop]);
            }
            _ => {
                self.code.extend([I::I64Const(1), I::I64Add, I::I32WrapI64, I::MemoryFill(0)]);
            }
        }
    }

    /// Leaves the function or the program.
    fn end(&mut self) {
        if self.e.chance(60) {
            self.code.push(I::Unreachable);
        } else {
            let results = self.labels[0].carries.clone();
            self.exprs(&results);
            self.code.push(I::Return);
        }
        self.dead();
    }

    /// A block or loop with parameters and any number of results.
    fn several(&mut self) {
        if !self.shape.multi_value {
            return;
        }
        let ty = self.e.below(self.shape.types.len());
        let (params, results) = self.shape.types[ty].clone();
        let again = self.e.chance(80);
        let carries = if again { params.clone() } else { results.clone() };
        let ty_index = BlockType::FunctionType(ty as u32);
        self.exprs(&params);
        let open = if again { I::Loop(ty_index) } else { I::Block(ty_index) };
        self.within(open, carries, again, |body| {
            for param in params.into_iter().rev() {
                let local = body.local(param);
                body.code.push(local.map_or(I::Drop, I::LocalSet));
            }
            body.stmts();
            body.exprs(&results);
        });
        self.discard(ty);
    }
}
