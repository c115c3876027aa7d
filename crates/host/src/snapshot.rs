//! What `configure` leaves behind in an instance, put into fresh ones instead of running it again.
//!
//! The state of an instance is its memory, its mutable globals and its table. The
//! memory is at hand, the globals are made visible when the module is loaded, and
//! of a module that changes its table no snapshot is taken: it is configured anew
//! in each instance. So a snapshot is exact or there is none.

use wasm_encoder::{ExportKind, ExportSection, Module as Encoder, RawSection};
use wasmparser::{ExternalKind, FunctionBody, Operator, Parser, Payload};
use wasmtime::{Memory, Module, ModuleExport, Store, Val};

use crate::{error::Cause, instance::State, module::unresolved};

/// How much of the memory is compared, and copied, at once.
const CHUNK: usize = 4 << 10;

/// A module changed so that a snapshot of its instances can be taken.
pub(crate) struct Visible {
    pub(crate) wasm: Vec<u8>,
    globals: Vec<String>,
}

/// The mutable globals of a loaded module.
pub(crate) struct Globals(Vec<ModuleExport>);

/// What differs from a fresh instance.
pub(crate) struct Snapshot {
    size: usize,
    memory: Vec<(usize, Box<[u8]>)>,
    globals: Vec<Val>,
}

impl Visible {
    /// Exports the mutable globals too. `None` where the state of an instance
    /// cannot be had that way, and where the bytes are no module at all.
    pub(crate) fn new(wasm: &[u8]) -> Option<Self> {
        let mut module = Encoder::new();
        let mut globals = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.ok()?;
            match &payload {
                Payload::ImportSection(_) => return None,
                Payload::GlobalSection(section) => {
                    for (index, global) in section.clone().into_iter().enumerate() {
                        let ty = global.ok()?.ty;
                        if ty.mutable {
                            // A reference belongs to one instance.
                            if ty.content_type.is_reference_type() {
                                return None;
                            }
                            globals.push((index, format!("transom-host global {index}")));
                        }
                    }
                }
                Payload::ExportSection(section) => {
                    let mut exports = ExportSection::new();
                    for export in section.clone() {
                        let export = export.ok()?;
                        exports.export(export.name, kind(export.kind)?, export.index);
                    }
                    for (index, name) in &globals {
                        exports.export(name, ExportKind::Global, u32::try_from(*index).ok()?);
                    }
                    module.section(&exports);
                    continue;
                }
                Payload::CodeSectionEntry(body) if changes_more(body)? => return None,
                _ => {}
            }
            if let Some((id, range)) = payload.as_section() {
                module.section(&RawSection { id, data: wasm.get(range)? });
            }
        }
        Some(Self { wasm: module.finish(), globals: globals.into_iter().map(|(_, name)| name).collect() })
    }

    /// Looks the globals up in what was compiled from [`Visible::wasm`].
    pub(crate) fn globals(&self, module: &Module) -> Option<Globals> {
        self.globals.iter().map(|name| module.get_export_index(name)).collect::<Option<_>>().map(Globals)
    }
}

/// Whether a function changes state that is neither memory nor a global.
fn changes_more(body: &FunctionBody<'_>) -> Option<bool> {
    let mut operators = body.get_operators_reader().ok()?;
    while !operators.eof() {
        match operators.read().ok()? {
            Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableFill { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. }
            | Operator::ElemDrop { .. }
            | Operator::DataDrop { .. } => return Some(true),
            _ => {}
        }
    }
    Some(false)
}

fn kind(kind: ExternalKind) -> Option<ExportKind> {
    Some(match kind {
        ExternalKind::Func => ExportKind::Func,
        ExternalKind::Table => ExportKind::Table,
        ExternalKind::Memory => ExportKind::Memory,
        ExternalKind::Global => ExportKind::Global,
        _ => return None,
    })
}

impl Globals {
    fn of<'a>(
        &'a self,
        wasm: &wasmtime::Instance,
        store: &'a mut Store<State>,
    ) -> impl Iterator<Item = Result<wasmtime::Global, crate::Error>> {
        self.0.iter().map(|export| {
            let global = wasm.get_module_export(&mut *store, export);
            global.and_then(wasmtime::Extern::into_global).ok_or_else(unresolved)
        })
    }
}

impl Snapshot {
    /// Compares an instance with what its memory was at the start.
    pub(crate) fn take(
        wasm: &wasmtime::Instance,
        store: &mut Store<State>,
        memory: &Memory,
        before: &[u8],
        globals: &Globals,
    ) -> Result<Self, crate::Error> {
        let found: Vec<_> = globals.of(wasm, store).collect::<Result<_, _>>()?;
        let globals = found.iter().map(|global| global.get(&mut *store)).collect();
        let after = memory.data(&*store);
        let mut changed: Vec<(usize, Vec<u8>)> = Vec::new();
        for (nth, chunk) in after.chunks(CHUNK).enumerate() {
            let start = nth * CHUNK;
            let is_same = match before.get(start..start + chunk.len()) {
                Some(before) => before == chunk,
                None => chunk.iter().all(|byte| *byte == 0),
            };
            match changed.last_mut() {
                _ if is_same => {}
                Some((at, run)) if *at + run.len() == start => run.extend_from_slice(chunk),
                _ => changed.push((start, chunk.to_vec())),
            }
        }
        let memory = changed.into_iter().map(|(at, run)| (at, run.into())).collect();
        Ok(Self { size: after.len(), memory, globals })
    }

    /// Makes a fresh instance one that was configured.
    pub(crate) fn restore(
        &self,
        wasm: &wasmtime::Instance,
        store: &mut Store<State>,
        memory: &Memory,
        globals: &Globals,
    ) -> Result<(), crate::Error> {
        let more = self.size.saturating_sub(memory.data_size(&*store)) as u64;
        if more > 0 {
            let pages = more.div_ceil(memory.page_size(&*store));
            let limit = store.data().memory_limit;
            memory.grow(&mut *store, pages).map_err(|_| Cause::OutOfMemory { function: "configure", limit })?;
        }
        let data = memory.data_mut(&mut *store);
        for (at, run) in &self.memory {
            data.get_mut(*at..*at + run.len()).ok_or_else(unresolved)?.copy_from_slice(run);
        }
        let globals: Vec<_> = globals.of(wasm, store).collect::<Result<_, _>>()?;
        for (global, value) in globals.iter().zip(&self.globals) {
            global.set(&mut *store, *value).map_err(crate::module::engine_error)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globals(wat: &str) -> Option<usize> {
        let wasm = wat::parse_str(wat).expect("a module");
        Visible::new(&wasm).map(|visible| visible.globals.len())
    }

    #[test]
    fn what_a_snapshot_can_be_taken_of() {
        assert_eq!(globals(include_str!("../tests/modules/answers.wat")), Some(3));
        let table = "(table 1 funcref) (elem $e func)";
        for (wat, want) in [
            ("(global i32 (i32.const 0)) (global (mut f64) (f64.const 0))", Some(1)),
            ("(global (mut funcref) (ref.null func))", None),
            ("(func (table.set (i32.const 0) (ref.null func)))", None),
            ("(func (elem.drop $e))", None),
            ("(func (drop (table.get (i32.const 0))))", Some(0)),
        ] {
            assert_eq!(globals(&format!("(module {table} {wat} (func (export \"f\")))")), want, "{wat}");
        }
        assert_eq!(globals("(module (import \"m\" \"f\" (func)))"), None);
        assert!(Visible::new(b"\0asm\x01\0\0\0\x01\xff").is_none());
    }
}
