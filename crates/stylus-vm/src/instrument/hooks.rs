//! Hooks of a profile in a module that is instrumented already: they cost no ink and change none.
//!
//! Each local function tells by `enter` which it is. `call` comes before each call that may reach a local function and
//! `back` after it: the caller must say when a callee is left, because a branch to a function's outermost label leaves
//! it without `return`. A host function that is called through the table enters nothing, and `back` leaves nothing.

use wasm_encoder::{
    CodeSection, EntityType, ImportSection, Instruction, Module, SectionId, TypeSection, ValType,
    reencode::{self, Reencode},
};
use wasmparser::{FunctionBody, ImportSectionReader, Operator, Parser, TypeSectionReader};

use crate::Error;

/// Module of the hooks' names. No program can import from it.
pub(crate) const MODULE: &str = "profile";
/// A local function begins: its index in the module as deployed.
pub(crate) const ENTER: &str = "enter";
/// A call is about to be made.
pub(crate) const CALL: &str = "call";
/// The call is over.
pub(crate) const BACK: &str = "back";
/// The hooks in the order of their imports.
pub(crate) const HOOKS: [&str; 3] = [ENTER, CALL, BACK];

/// The module with hooks. Its imports stand before the hooks' own; `imports` is their number.
pub(crate) fn add(wasm: &[u8], imports: u32) -> Result<Vec<u8>, Error> {
    let mut hooks = Hooks { imports, types: 0, function: imports };
    let mut module = Module::new();
    let refused = |error: Fault| Error::InvalidModule(error.to_string());
    hooks.parse_core_module(&mut module, Parser::new(0), wasm).map_err(refused)?;
    Ok(module.finish())
}

type Fault = reencode::Error<std::convert::Infallible>;

struct Hooks {
    /// Number of imported functions of the program.
    imports: u32,
    /// Number of types of the program; those of the hooks come behind.
    types: u32,
    /// Index, in the module as deployed, of the function that is written next.
    function: u32,
}

impl Hooks {
    const fn import(&self, hook: u32) -> Instruction<'static> {
        Instruction::Call(self.imports + hook)
    }

    fn add_imports(&self, imports: &mut ImportSection) {
        for (hook, ty) in HOOKS.into_iter().zip([self.types, self.types + 1, self.types + 1]) {
            imports.import(MODULE, hook, EntityType::Function(ty));
        }
    }
}

impl Reencode for Hooks {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Fault> {
        Ok(if function < self.imports { function } else { function + HOOKS.len() as u32 })
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), Fault> {
        reencode::utils::parse_type_section(self, types, section)?;
        self.types = types.len();
        types.ty().function([ValType::I32], []);
        types.ty().function([], []);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Fault> {
        reencode::utils::parse_import_section(self, imports, section)?;
        self.add_imports(imports);
        Ok(())
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Result<(), Fault> {
        // every program has types; one that imports nothing has no section of imports behind them
        if matches!(after, Some(SectionId::Type)) && !matches!(before, Some(SectionId::Import)) {
            let mut imports = ImportSection::new();
            self.add_imports(&mut imports);
            module.section(&imports);
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Result<(), Fault> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        function.instruction(&Instruction::I32Const(self.function.cast_signed()));
        function.instruction(&self.import(0));
        self.function += 1;
        for op in body.get_operators_reader()? {
            let op = op?;
            let watched = match op {
                Operator::Call { function_index } => function_index >= self.imports,
                Operator::CallIndirect { .. } => true,
                _ => false,
            };
            let op = self.instruction(op)?;
            if watched {
                function.instruction(&self.import(1)).instruction(&op).instruction(&self.import(2));
            } else {
                function.instruction(&op);
            }
        }
        code.function(&function);
        Ok(())
    }
}
