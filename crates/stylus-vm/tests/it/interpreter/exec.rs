//! The machine: frames, operands, and every instruction that is not control flow or a host function.

use wasmparser::{MemArg, Operator as O};

use super::chain::Chain;
use super::decode::Module;
use super::hooks::Hooks;
use super::memory::Memory;
use super::meter::{Meter, Place};
use super::{Setup, Stop, costs, numeric};

/// Where a branch goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    /// Next instruction.
    pub(super) target: usize,
    /// Operands below the construct.
    pub(super) height: usize,
    /// Operands that the branch carries.
    pub(super) arity: usize,
    /// Whether the construct goes on after the branch.
    pub(super) again: bool,
}

/// A function at work.
#[derive(Debug)]
pub(super) struct Frame {
    /// Index among the module's own functions.
    pub(super) function: usize,
    pub(super) pc: usize,
    pub(super) locals: Vec<u64>,
    /// Labels of the frames below.
    pub(super) labels: usize,
}

/// A running program.
pub(super) struct Machine<'r, 'a> {
    pub(super) module: &'r Module<'a>,
    pub(super) meter: Meter,
    pub(super) memory: Memory,
    pub(super) stack: Vec<u64>,
    pub(super) labels: Vec<Label>,
    pub(super) frames: Vec<Frame>,
    pub(super) hooks: Hooks<'r>,
    pub(super) steps: u64,
    globals: Vec<u64>,
}

impl<'r, 'a> Machine<'r, 'a> {
    pub(super) fn new(module: &'r Module<'a>, chain: &'r mut Chain, setup: Setup<'r>, meter: Meter) -> Self {
        Self {
            module,
            meter,
            memory: Memory::new(module.memory.0, module.memory.1, &module.data),
            stack: Vec::new(),
            labels: Vec::new(),
            frames: Vec::new(),
            hooks: Hooks::new(chain, setup),
            steps: 0,
            globals: module.globals.clone(),
        }
    }

    pub(super) fn into_parts(self) -> (Hooks<'r>, Meter) {
        (self.hooks, self.meter)
    }

    /// Runs the entry point: its status.
    pub(super) fn run(&mut self) -> Result<u32, Stop> {
        self.stack.push(self.hooks.setup.calldata.len() as u64);
        self.call(self.module.entry)?;
        while let Some(frame) = self.frames.last_mut() {
            let function = &self.module.functions[frame.function];
            let at = frame.pc;
            frame.pc += 1;
            // a block is paid for as a whole before its first instruction
            if let Some(price) = function.blocks[at] {
                self.meter.pay(price, Place::Block)?;
            }
            self.steps += 1;
            let op = &function.ops[at];
            if !self.control(function, at, op)? {
                self.plain(op)?;
            }
        }
        Ok(self.pop() as u32)
    }

    pub(super) fn pop(&mut self) -> u64 {
        self.stack.pop().expect("valid")
    }

    fn pop2(&mut self) -> (u64, u64) {
        let second = self.pop();
        (self.pop(), second)
    }

    fn local(&mut self, index: u32) -> &mut u64 {
        &mut self.frames.last_mut().expect("a frame is open").locals[index as usize]
    }

    fn load<const N: usize>(&mut self, arg: &MemArg) -> Result<u64, Stop> {
        let base = self.pop();
        self.memory.load::<N>(base, arg.offset)
    }

    fn store<const N: usize>(&mut self, arg: &MemArg) -> Result<(), Stop> {
        let (base, value) = self.pop2();
        self.memory.store::<N>(base, arg.offset, value)
    }

    fn plain(&mut self, op: &O<'_>) -> Result<(), Stop> {
        let narrow = |value: i32| u64::from(value.cast_unsigned());
        let wide = i64::cast_unsigned;
        let value = match op {
            O::Nop => return Ok(()),
            O::Unreachable => return Err(Stop::Failure),
            O::Drop => {
                self.pop();
                return Ok(());
            }
            O::Select => {
                let condition = self.pop() as u32;
                let (first, second) = self.pop2();
                if condition != 0 { first } else { second }
            }
            O::I32Const { value } => narrow(*value),
            O::I64Const { value } => wide(*value),
            O::LocalGet { local_index } => *self.local(*local_index),
            O::LocalTee { local_index } => {
                let value = self.pop();
                *self.local(*local_index) = value;
                value
            }
            O::LocalSet { local_index } => {
                let value = self.pop();
                *self.local(*local_index) = value;
                return Ok(());
            }
            O::GlobalGet { global_index } => self.globals[*global_index as usize],
            O::GlobalSet { global_index } => {
                self.globals[*global_index as usize] = self.pop();
                return Ok(());
            }
            O::I32Load { memarg } | O::I64Load32U { memarg } => self.load::<4>(memarg)?,
            O::I64Load { memarg } => self.load::<8>(memarg)?,
            O::I32Load8U { memarg } | O::I64Load8U { memarg } => self.load::<1>(memarg)?,
            O::I32Load16U { memarg } | O::I64Load16U { memarg } => self.load::<2>(memarg)?,
            O::I32Load8S { memarg } => narrow((self.load::<1>(memarg)? as i8).into()),
            O::I32Load16S { memarg } => narrow((self.load::<2>(memarg)? as i16).into()),
            O::I64Load8S { memarg } => wide((self.load::<1>(memarg)? as i8).into()),
            O::I64Load16S { memarg } => wide((self.load::<2>(memarg)? as i16).into()),
            O::I64Load32S { memarg } => wide((self.load::<4>(memarg)? as i32).into()),
            O::I32Store8 { memarg } | O::I64Store8 { memarg } => return self.store::<1>(memarg),
            O::I32Store16 { memarg } | O::I64Store16 { memarg } => return self.store::<2>(memarg),
            O::I32Store { memarg } | O::I64Store32 { memarg } => return self.store::<4>(memarg),
            O::I64Store { memarg } => return self.store::<8>(memarg),
            O::MemorySize { .. } => self.memory.pages().into(),
            O::MemoryGrow { .. } => self.grow()?,
            O::MemoryFill { .. } => {
                let len = self.sized()?;
                let (to, byte) = self.pop2();
                return self.memory.fill(to as u32, byte as u8, len);
            }
            O::MemoryCopy { .. } => {
                let len = self.sized()?;
                let (to, from) = self.pop2();
                return self.memory.copy(to as u32, from as u32, len);
            }
            arithmetic => return self.arithmetic(arithmetic),
        };
        self.stack.push(value);
        Ok(())
    }

    fn arithmetic(&mut self, op: &O<'_>) -> Result<(), Stop> {
        let last = self.pop();
        let value = match numeric::unary(op, last) {
            Some(value) => value,
            None => {
                let first = self.pop();
                numeric::binary(op, first, last).unwrap_or_else(|| panic!("{op:?} was paid for"))?
            }
        };
        self.stack.push(value);
        Ok(())
    }

    /// The size of a fill or copy, paid for by the byte before anything else is looked at.
    fn sized(&mut self) -> Result<u32, Stop> {
        let len = self.pop() as u32;
        self.meter.pay(u64::from(len) * costs::SIZED, Place::Sized)?;
        Ok(len)
    }

    /// A memory that can grow pays for the attempt, whether it then succeeds or not.
    fn grow(&mut self) -> Result<u64, Stop> {
        let delta = self.pop() as u32;
        let (min, max) = self.module.memory;
        if max != Some(min) {
            self.hooks.pay_for_memory_grow(&mut self.meter, delta, Place::Grow)?;
        }
        Ok(self.memory.grow(delta).into())
    }
}
