//! Control flow: constructs, branches, calls.

use wasmparser::Operator as O;

use super::Stop;
use super::decode::Function;
use super::exec::{Frame, Label, Machine};

impl Machine<'_, '_> {
    /// Runs an instruction of control flow; false when it is another one.
    pub(super) fn control(&mut self, function: &Function<'_>, at: usize, op: &O<'_>) -> Result<bool, Stop> {
        let beyond = function.ends[at] + 1;
        match op {
            O::Block { blockty } => {
                let (params, results) = self.module.arity(*blockty);
                self.open(beyond, params, results, false);
            }
            O::Loop { blockty } => {
                let (params, _) = self.module.arity(*blockty);
                self.open(at + 1, params, params, true);
            }
            O::If { blockty } => {
                let (params, results) = self.module.arity(*blockty);
                let other = function.elses[at];
                if self.pop() as u32 != 0 {
                    self.open(beyond, params, results, false);
                } else if other > 0 {
                    self.open(beyond, params, results, false);
                    self.go(other + 1);
                } else {
                    // the `end` belongs to the branch that is not taken
                    self.go(beyond);
                }
            }
            O::Else => {
                self.labels.pop();
                self.go(beyond);
            }
            O::End if self.innermost() == 0 => self.leave(true),
            O::End => {
                self.labels.pop();
            }
            O::Br { relative_depth } => self.branch(*relative_depth),
            O::BrIf { relative_depth } => {
                if self.pop() as u32 != 0 {
                    self.branch(*relative_depth);
                }
            }
            O::BrTable { targets } => {
                let index = self.pop() as u32;
                let mut depths = targets.targets().map(|depth| depth.expect("valid"));
                self.branch(depths.nth(index as usize).unwrap_or(targets.default()));
            }
            O::Return => self.leave(true),
            O::Call { function_index } => self.call(*function_index)?,
            O::CallIndirect { type_index, .. } => {
                let index = self.pop() as u32 as usize;
                let callee = self.module.table.get(index).copied().flatten().ok_or(Stop::Failure)?;
                if *self.module.type_of(callee) != self.module.types[*type_index as usize] {
                    return Err(Stop::Failure);
                }
                self.call(callee)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn go(&mut self, to: usize) {
        self.frames.last_mut().expect("a frame is open").pc = to;
    }

    /// Labels that the frame has opened besides its own.
    fn innermost(&self) -> usize {
        self.labels.len() - self.frames.last().expect("a frame is open").labels - 1
    }

    fn open(&mut self, target: usize, params: usize, arity: usize, again: bool) {
        self.labels.push(Label { target, height: self.stack.len() - params, arity, again });
    }

    fn branch(&mut self, depth: u32) {
        let index = self.labels.len() - 1 - depth as usize;
        if depth as usize == self.innermost() {
            // The frame is given back before each `return` and before the last `end` (4.3.3): a branch out of the
            // function lands behind that `end` and keeps it.
            self.leave(false);
            return;
        }
        let label = self.labels[index];
        self.keep(label.height, label.arity);
        self.labels.truncate(index + usize::from(label.again));
        self.go(label.target);
    }

    /// Drops the operands between `height` and the last `count`.
    fn keep(&mut self, height: usize, count: usize) {
        let from = self.stack.len() - count;
        self.stack.drain(height..from);
    }

    /// Calls a function by its index among imports and functions.
    pub(super) fn call(&mut self, index: u32) -> Result<(), Stop> {
        let params = self.module.type_of(index).params.len();
        let args = self.stack.split_off(self.stack.len() - params);
        let Some(function) = (index as usize).checked_sub(self.module.imports.len()) else {
            let (name, _) = self.module.imports[index as usize];
            let result = self.hooks.call(&mut self.meter, &mut self.memory, name, &args)?;
            self.stack.extend(result);
            return Ok(());
        };
        let callee = &self.module.functions[function];
        self.meter.push_frame(callee.frame)?;
        let mut locals = args;
        locals.resize(params + callee.locals as usize, 0);
        self.frames.push(Frame { function, pc: 0, locals, labels: self.labels.len() });
        let results = self.module.types[callee.ty].results.len();
        self.open(usize::MAX, 0, results, false);
        Ok(())
    }

    fn leave(&mut self, give_back: bool) {
        let frame = self.frames.pop().expect("a frame is open");
        let label = self.labels[frame.labels];
        self.keep(label.height, label.arity);
        self.labels.truncate(frame.labels);
        if give_back {
            self.meter.stack += self.module.functions[frame.function].frame;
        }
    }
}
