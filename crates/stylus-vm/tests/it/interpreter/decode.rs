//! A module in the form that the interpreter runs.

use wasmparser::{
    BlockType, DataKind, ElementItems, ElementKind, ExternalKind, Operator, Parser, Payload, TypeRef, ValType,
};

use super::{costs, frame};

/// Parameters and results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    pub(crate) params: Vec<ValType>,
    pub(crate) results: Vec<ValType>,
}

/// A function of the module itself.
#[derive(Debug)]
pub(super) struct Function<'a> {
    pub(super) ty: usize,
    /// Declared locals, parameters left out.
    pub(super) locals: u32,
    pub(super) ops: Vec<Operator<'a>>,
    /// Where the construct that begins here ends (for `block`, `loop`, `if` and `else`).
    pub(super) ends: Vec<usize>,
    /// Where the `else` of the `if` here is; zero when it has none.
    pub(super) elses: Vec<usize>,
    /// Price of the basic block that begins here.
    pub(super) blocks: Vec<Option<u64>>,
    /// Words of its frame.
    pub(super) frame: u32,
}

/// A decoded module.
#[derive(Debug, Default)]
pub(crate) struct Module<'a> {
    pub(super) types: Vec<Type>,
    /// Name and type of each imported function.
    pub(super) imports: Vec<(&'a str, usize)>,
    pub(super) functions: Vec<Function<'a>>,
    pub(super) globals: Vec<u64>,
    pub(super) table: Vec<Option<u32>>,
    /// Pages at the start, and at most.
    pub(super) memory: (u32, Option<u32>),
    pub(super) data: Vec<(usize, &'a [u8])>,
    pub(super) entry: u32,
}

impl<'a> Module<'a> {
    /// Decodes a valid module.
    pub(crate) fn decode(wasm: &'a [u8]) -> Self {
        let mut module = Self::default();
        let mut declared = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            module.take(payload.expect("valid"), &mut declared);
        }
        module
    }

    fn take(&mut self, payload: Payload<'a>, declared: &mut Vec<u32>) {
        match payload {
            Payload::TypeSection(types) => {
                for ty in types.into_iter_err_on_gc_types() {
                    let ty = ty.expect("valid");
                    self.types.push(Type { params: ty.params().to_vec(), results: ty.results().to_vec() });
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.expect("valid");
                    let TypeRef::Func(ty) = import.ty else { panic!("only functions are imported") };
                    self.imports.push((import.name, ty as usize));
                }
            }
            Payload::FunctionSection(types) => {
                declared.extend(types.into_iter().map(|ty| ty.expect("valid")))
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    self.table = vec![None; table.expect("valid").ty.initial as usize];
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    let memory = memory.expect("valid");
                    self.memory = (memory.initial as u32, memory.maximum.map(|pages| pages as u32));
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    self.globals.push(constant(&global.expect("valid").init_expr));
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.expect("valid");
                    if export.kind == ExternalKind::Func && export.name == "user_entrypoint" {
                        self.entry = export.index;
                    }
                }
            }
            Payload::ElementSection(elements) => {
                for element in elements {
                    self.element(element.expect("valid"));
                }
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    let segment = segment.expect("valid");
                    let DataKind::Active { offset_expr, .. } = segment.kind else { continue };
                    self.data.push((constant(&offset_expr) as usize, segment.data));
                }
            }
            Payload::CodeSectionEntry(body) => {
                let locals = body.get_locals_reader().expect("valid").into_iter();
                let locals = locals.map(|run| run.expect("valid").0).sum();
                let ops = body.get_operators_reader().expect("valid").into_iter();
                let ops: Vec<_> = ops.map(|op| op.expect("valid")).collect();
                let ty = declared[self.functions.len()] as usize;
                let blocks = costs::blocks(&ops, &self.types);
                let (ends, elses) = matching(&ops);
                // the frame needs the types of all functions, which come before the code
                self.functions.push(Function { ty, locals, ops, ends, elses, blocks, frame: 0 });
            }
            Payload::End(_) => self.frames(),
            _ => {}
        }
    }

    fn element(&mut self, element: wasmparser::Element<'a>) {
        let ElementKind::Active { offset_expr, .. } = element.kind else { return };
        let ElementItems::Functions(functions) = element.items else { panic!("functions only") };
        let start = constant(&offset_expr) as usize;
        for (at, function) in functions.into_iter().enumerate() {
            self.table[start + at] = Some(function.expect("valid"));
        }
    }

    fn frames(&mut self) {
        let frames: Vec<u32> = self
            .functions
            .iter()
            .map(|function| frame::words(self, &function.ops, &function.blocks, function.locals))
            .collect();
        for (function, frame) in self.functions.iter_mut().zip(frames) {
            function.frame = frame;
        }
    }

    /// Pages at the start.
    pub(crate) fn pages(&self) -> u64 {
        self.memory.0.into()
    }

    /// Index in `types` of a function's type, by its index among imports and functions.
    pub(super) fn type_index(&self, function: u32) -> usize {
        let function = function as usize;
        match self.imports.get(function) {
            Some((_, ty)) => *ty,
            None => self.functions[function - self.imports.len()].ty,
        }
    }

    /// Type of a function by its index among imports and functions.
    pub(super) fn type_of(&self, function: u32) -> &Type {
        &self.types[self.type_index(function)]
    }

    /// Words that a block takes and leaves.
    pub(super) fn arity(&self, ty: BlockType) -> (usize, usize) {
        match ty {
            BlockType::Empty => (0, 0),
            BlockType::Type(_) => (0, 1),
            BlockType::FuncType(index) => {
                let ty = &self.types[index as usize];
                (ty.params.len(), ty.results.len())
            }
        }
    }
}

/// Value of a constant expression.
fn constant(expr: &wasmparser::ConstExpr<'_>) -> u64 {
    match expr.get_operators_reader().read().expect("valid") {
        Operator::I32Const { value } => u64::from(value.cast_unsigned()),
        Operator::I64Const { value } => value.cast_unsigned(),
        other => panic!("{other:?} in a constant"),
    }
}

/// The `end` of each construct and the `else` of each `if`.
fn matching(ops: &[Operator<'_>]) -> (Vec<usize>, Vec<usize>) {
    let mut ends = vec![0; ops.len()];
    let mut elses = vec![0; ops.len()];
    let mut open: Vec<Vec<usize>> = vec![vec![]];
    for (at, op) in ops.iter().enumerate() {
        match op {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => open.push(vec![at]),
            Operator::Else => {
                let construct = open.last_mut().expect("valid");
                elses[construct[0]] = at;
                construct.push(at);
            }
            Operator::End => {
                for start in open.pop().expect("valid") {
                    ends[start] = at;
                }
            }
            _ => {}
        }
    }
    (ends, elses)
}
