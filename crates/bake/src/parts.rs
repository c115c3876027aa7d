//! The parts of a module that baking is about: its state, and what is called by which name while it runs.

use wasmparser::{Data, DataKind, FunctionBody, Operator, Parser, Payload, TypeRef};

use crate::Error;
use crate::error::not_wasm;

/// What hosts of any ABI give a module first.
pub(crate) const PAGE: u64 = 65_536;

/// What the parts that run are called in the module that is run.
pub(crate) const ALLOC: &str = "transom bake alloc";
pub(crate) const CONFIGURE: &str = "transom bake configure";

/// What a global is called in the module that is run.
pub(crate) fn name(global: u32) -> String {
    format!("transom bake global {global}")
}

/// What of a module is its state.
#[derive(Default)]
pub(crate) struct Parts {
    /// The mutable globals, by number.
    pub(crate) globals: Vec<u32>,
    /// Where its data begins: below that there is only the stack, if that is there.
    pub(crate) data_start: Option<u32>,
    /// The pages of its imported memory.
    pub(crate) imported_memory: Option<u64>,
}

impl Parts {
    pub(crate) fn of(wasm: &[u8]) -> Result<Parts, Error> {
        let mut parts = Parts::default();
        let mut first_global = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.map_err(not_wasm)? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        match import.map_err(not_wasm)?.ty {
                            TypeRef::Memory(memory) => parts.imported_memory = Some(memory.initial),
                            TypeRef::Global(_) => first_global += 1,
                            _ => {}
                        }
                    }
                }
                Payload::GlobalSection(globals) => {
                    for (index, global) in (first_global..).zip(globals) {
                        if global.map_err(not_wasm)?.ty.mutable {
                            parts.globals.push(index);
                        }
                    }
                }
                Payload::DataSection(segments) => {
                    for segment in segments {
                        parts.see(&segment.map_err(not_wasm)?)?;
                    }
                }
                Payload::CodeSectionEntry(body) if changes_more(&body) => {
                    return Err(Error::Unsupported("it changes its tables".into()));
                }
                _ => {}
            }
        }
        Ok(parts)
    }

    fn see(&mut self, segment: &Data<'_>) -> Result<(), Error> {
        let DataKind::Active { offset_expr, .. } = &segment.kind else {
            return Err(Error::Unsupported("it copies data into its memory by itself".into()));
        };
        if let Ok(Operator::I32Const { value }) = offset_expr.get_operators_reader().read() {
            let start = value.cast_unsigned();
            self.data_start = Some(self.data_start.map_or(start, |other| other.min(start)));
        }
        Ok(())
    }
}

/// Whether a function changes state that is neither memory nor a global.
fn changes_more(body: &FunctionBody<'_>) -> bool {
    let Ok(mut operators) = body.get_operators_reader() else { return true };
    while !operators.eof() {
        match operators.read() {
            Ok(
                Operator::TableSet { .. }
                | Operator::TableGrow { .. }
                | Operator::TableFill { .. }
                | Operator::TableCopy { .. }
                | Operator::TableInit { .. }
                | Operator::ElemDrop { .. }
                | Operator::DataDrop { .. },
            )
            | Err(_) => return true,
            Ok(_) => {}
        }
    }
    false
}
