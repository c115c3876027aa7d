//! What is changed in a module before it is compiled, so that its instances cost less. What they do stays
//! the same, but for one thing: code that reaches past its memory finds zeros there before it traps.
//!
//! - Its mutable globals are exported, so that a snapshot of an instance can be taken.
//! - Its memory is larger than it asks for, and its own code does not see that: `memory.size` is a global,
//!   and `memory.grow` a function that first hands out what is there. A memory that really grows in one
//!   request has to shrink again for the next, and each time every processor is told of it: that costs
//!   more than judging a pod does.

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, Encode as _, ExportKind, ExportSection, Function, GlobalSection, GlobalType,
    Instruction, MemorySection, MemoryType, Module, RawSection, SectionId, ValType,
};
use wasmparser::{Data, DataKind, ExternalKind, FromReader, FunctionBody, Operator, Parser, Payload, SectionLimited};

/// Bytes of a page.
pub(crate) const PAGE: usize = 64 << 10;

/// The pages of memory that there are more than the module asks for.
const ROOM: u64 = 16;

/// A module after the changes.
pub(crate) struct Rewritten {
    pub(crate) wasm: Vec<u8>,
    /// What its mutable globals are exported as.
    pub(crate) globals: Vec<String>,
    /// What the global with the size of its memory, in pages, is exported as; `None` where `memory.size`
    /// is that.
    pub(crate) size: Option<String>,
}

/// What of a module the changes go by.
#[derive(Default)]
struct Outline {
    types: u32,
    functions: u32,
    globals: Vec<wasmparser::GlobalType>,
    memories: Vec<wasmparser::MemoryType>,
    /// Its code changes what is neither memory nor a global.
    changes_more: bool,
    /// Where in its memory the last of what is written there at the start ends; `None` where only the
    /// start tells.
    data: Option<u64>,
}

/// Numbers of what is added.
#[derive(Clone, Copy)]
struct Added {
    /// The type of `memory.grow`.
    grow_type: u32,
    /// The function in place of it.
    grow: u32,
    /// The global in place of `memory.size`.
    size: u32,
}

impl Rewritten {
    /// Changes a module whose instances may have `limit` bytes of memory. `None` where the state of an
    /// instance cannot be had by way of its memory and its globals, and where the bytes are no module at all.
    pub(crate) fn new(wasm: &[u8], limit: usize) -> Option<Self> {
        let outline = Outline::read(wasm)?;
        let is_reference = |global: &wasmparser::GlobalType| global.content_type.is_reference_type();
        // A reference belongs to one instance.
        if outline.changes_more || outline.globals.iter().any(|global| global.mutable && is_reference(global)) {
            return None;
        }
        let mutable = (0..).zip(&outline.globals).filter(|(_, global)| global.mutable);
        let mut globals: Vec<(u32, String)> = mutable.map(|(index, _)| (index, name(index))).collect();
        let added = outline.room(limit).map(|pages| {
            let size = u32::try_from(outline.globals.len()).unwrap_or(u32::MAX);
            globals.push((size, name(size)));
            (Added { grow_type: outline.types, grow: outline.functions, size }, pages)
        });
        let wasm = rewrite(wasm, &outline, &globals, added)?;
        let size = added.map(|(added, _)| name(added.size));
        Some(Self { wasm, globals: globals.into_iter().map(|(_, name)| name).collect(), size })
    }
}

fn name(index: u32) -> String {
    format!("transom-host global {index}")
}

impl Outline {
    fn read(wasm: &[u8]) -> Option<Self> {
        let mut outline = Self { data: Some(0), ..Self::default() };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.ok()? {
                Payload::ImportSection(_) => return None,
                Payload::TypeSection(section) => {
                    for group in section {
                        outline.types += u32::try_from(group.ok()?.types().len()).ok()?;
                    }
                }
                Payload::FunctionSection(section) => outline.functions = section.count(),
                Payload::MemorySection(section) => {
                    outline.memories = section.into_iter().collect::<Result<_, _>>().ok()?
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        outline.globals.push(global.ok()?.ty);
                    }
                }
                Payload::DataSection(section) => {
                    for segment in section {
                        let end = end(&segment.ok()?);
                        outline.data = outline.data.zip(end).map(|(before, end)| before.max(end));
                    }
                }
                Payload::CodeSectionEntry(body) => outline.changes_more |= changes_more(&body)?,
                _ => {}
            }
        }
        Some(outline)
    }

    /// How many pages its memory begins with, and how many it is to have instead.
    fn room(&self, limit: usize) -> Option<(u64, u64)> {
        let [memory] = &*self.memories else { return None };
        if memory.memory64 || memory.shared || memory.page_size_log2.is_some() || self.functions == 0 {
            return None;
        }
        // What does not fit has to fail.
        if self.data.is_none_or(|end| end > memory.initial * PAGE as u64) {
            return None;
        }
        let most = (limit / PAGE) as u64;
        let pages = (memory.initial + ROOM).min(most).min(memory.maximum.unwrap_or(u64::MAX)).min(1 << 16);
        (pages > memory.initial).then_some((memory.initial, pages))
    }
}

/// Where a segment of data ends in the memory at the start; `None` where that depends on more than itself.
fn end(segment: &Data<'_>) -> Option<u64> {
    let DataKind::Active { offset_expr, .. } = &segment.kind else { return Some(0) };
    match offset_expr.get_operators_reader().read().ok()? {
        Operator::I32Const { value } => Some(u64::from(value.cast_unsigned()) + segment.data.len() as u64),
        _ => None,
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

/// Writes the module anew. `added`: what comes to it, and the pages of its memory before and after.
fn rewrite(
    wasm: &[u8],
    outline: &Outline,
    exported: &[(u32, String)],
    added: Option<(Added, (u64, u64))>,
) -> Option<Vec<u8>> {
    let mut module = Module::new();
    let mut code = CodeSection::new();
    let mut has_globals = false;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.ok()?;
        let Some((added, (before, after))) = added else {
            match &payload {
                Payload::ExportSection(section) => drop(module.section(&exports(section, exported)?)),
                _ => copy(&mut module, &payload, wasm)?,
            }
            continue;
        };
        // Where the module has no globals of its own, they come before what comes after them.
        if !has_globals && payload.as_section().is_some_and(|(id, _)| comes_after_globals(id)) {
            let mut globals = GlobalSection::new();
            globals.global(SIZE, &size(before));
            module.section(&globals);
            has_globals = true;
        }
        match &payload {
            Payload::TypeSection(section) => {
                // A function of one number to one number, as the binary format writes it.
                longer(&mut module, SectionId::Type, section, wasm, &[0x60, 1, 0x7f, 1, 0x7f])?;
            }
            Payload::FunctionSection(section) => {
                let mut ty = Vec::new();
                added.grow_type.encode(&mut ty);
                longer(&mut module, SectionId::Function, section, wasm, &ty)?;
            }
            Payload::MemorySection(_) => {
                let mut memories = MemorySection::new();
                let maximum = outline.memories.first()?.maximum;
                memories.memory(MemoryType {
                    minimum: after,
                    maximum,
                    memory64: false,
                    shared: false,
                    page_size_log2: None,
                });
                module.section(&memories);
            }
            Payload::GlobalSection(section) => {
                let mut global = Vec::new();
                SIZE.encode(&mut global);
                size(before).encode(&mut global);
                longer(&mut module, SectionId::Global, section, wasm, &global)?;
                has_globals = true;
            }
            Payload::ExportSection(section) => drop(module.section(&exports(section, exported)?)),
            Payload::CodeSectionStart { .. } => {}
            Payload::CodeSectionEntry(body) => {
                code.raw(&rewrite_function(body, added)?);
                if code.len() == outline.functions {
                    code.function(&grow(added));
                    module.section(&code);
                }
            }
            _ => copy(&mut module, &payload, wasm)?,
        }
    }
    Some(module.finish())
}

/// The type of the global in place of `memory.size`.
const SIZE: GlobalType = GlobalType { val_type: ValType::I32, mutable: true, shared: false };

/// What it begins with.
fn size(pages: u64) -> ConstExpr {
    ConstExpr::i32_const(i32::try_from(pages).unwrap_or(i32::MAX))
}

/// A section as it is.
fn copy(module: &mut Module, payload: &Payload<'_>, wasm: &[u8]) -> Option<()> {
    if let Some((id, range)) = payload.as_section() {
        module.section(&RawSection { id, data: wasm.get(range)? });
    }
    Some(())
}

/// A section with one entry more.
fn longer<'a, T: FromReader<'a>>(
    module: &mut Module,
    id: SectionId,
    section: &SectionLimited<'a, T>,
    wasm: &[u8],
    entry: &[u8],
) -> Option<()> {
    let mut data = Vec::new();
    (section.count() + 1).encode(&mut data);
    // Behind their number come the entries.
    data.extend_from_slice(wasm.get(section.original_position()..section.range().end)?);
    data.extend_from_slice(entry);
    module.section(&RawSection { id: id.into(), data: &data });
    Some(())
}

/// The exports, and these globals.
fn exports(section: &wasmparser::ExportSectionReader<'_>, globals: &[(u32, String)]) -> Option<ExportSection> {
    let mut exports = ExportSection::new();
    for export in section.clone() {
        let export = export.ok()?;
        exports.export(export.name, kind(export.kind)?, export.index);
    }
    for (index, name) in globals {
        exports.export(name, ExportKind::Global, *index);
    }
    Some(exports)
}

fn comes_after_globals(id: u8) -> bool {
    let after = [
        SectionId::Export,
        SectionId::Start,
        SectionId::Element,
        SectionId::DataCount,
        SectionId::Code,
        SectionId::Data,
    ];
    after.into_iter().any(|section| u8::from(section) == id)
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

/// A function as the section of code has it, with what asks for memory exchanged.
fn rewrite_function(body: &FunctionBody<'_>, added: Added) -> Option<Vec<u8>> {
    let (bytes, start) = (body.as_bytes(), body.range().start);
    let mut function = Vec::with_capacity(bytes.len() + 16);
    let mut copied = 0;
    let mut operators = body.get_operators_reader().ok()?;
    while !operators.eof() {
        let at = operators.original_position() - start;
        let instead = match operators.read().ok()? {
            Operator::MemoryGrow { mem: 0 } => Instruction::Call(added.grow),
            Operator::MemorySize { mem: 0 } => Instruction::GlobalGet(added.size),
            _ => continue,
        };
        function.extend_from_slice(bytes.get(copied..at)?);
        instead.encode(&mut function);
        copied = operators.original_position() - start;
    }
    function.extend_from_slice(bytes.get(copied..)?);
    Some(function)
}

/// `memory.grow` by way of the global: `(pages) -> pages before, or -1`.
fn grow(added: Added) -> Function {
    const WANTED: u32 = 0;
    const BEFORE: u32 = 1;
    /// More than any memory has.
    const NEVER: i32 = 1 << 16;
    let mut function = Function::new([(1, ValType::I32)]);
    let mut code = function.instructions();
    code.global_get(added.size).local_set(BEFORE);
    // The engine says no to what never fits.
    code.local_get(WANTED).i32_const(NEVER).i32_gt_u();
    code.if_(BlockType::Empty).local_get(WANTED).memory_grow(0).return_().end();
    // How much it is to be altogether; what is missing has to grow.
    code.local_get(BEFORE).local_get(WANTED).i32_add().local_tee(WANTED);
    code.memory_size(0).i32_gt_u().if_(BlockType::Empty);
    code.local_get(WANTED).memory_size(0).i32_sub().memory_grow(0);
    code.i32_const(-1).i32_eq().if_(BlockType::Empty).i32_const(-1).return_().end().end();
    code.local_get(WANTED).global_set(added.size).local_get(BEFORE).end();
    function
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globals(wat: &str) -> Option<usize> {
        let wasm = wat::parse_str(wat).expect("a module");
        Rewritten::new(&wasm, usize::MAX).map(|module| module.globals.len())
    }

    #[test]
    fn what_a_snapshot_can_be_taken_of() {
        // Three of its own, and the size of its memory.
        assert_eq!(globals(include_str!("../tests/modules/answers.wat")), Some(4));
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
        assert!(Rewritten::new(b"\0asm\x01\0\0\0\x01\xff", 0).is_none());
    }

    /// The module after the changes gives what it gave before, for whatever it asks for in turn.
    #[test]
    fn memory_grows_as_before() {
        let wat = |memory: &str| {
            format!(
                r#"(module (memory (export "memory") {memory})
                (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
                (func (export "size") (result i32) (memory.size))
                (func (export "last") (param i32) (i32.store8 (local.get 0) (i32.const 7))))"#
            )
        };
        for memory in ["1", "0 40", "3 18", "5 5", "1 2"] {
            let wasm = wat::parse_str(wat(memory)).expect("a module");
            let rewritten = Rewritten::new(&wasm, 1 << 30).expect("it can be changed");
            assert_eq!(rewritten.size.is_some(), memory != "5 5", "{memory}");
            let engine = wasmtime::Engine::default();
            let answers = [&wasm, &rewritten.wasm].map(|wasm| {
                let module = wasmtime::Module::new(&engine, wasm).expect("it is valid");
                let mut store = wasmtime::Store::new(&engine, ());
                let instance = wasmtime::Instance::new(&mut store, &module, &[]).expect("an instance");
                let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow").expect("a function");
                let size = instance.get_typed_func::<(), i32>(&mut store, "size").expect("a function");
                let last = instance.get_typed_func::<i32, ()>(&mut store, "last").expect("a function");
                let mut answers = Vec::new();
                for pages in [0, 1, 3, -1, 12, 65_536, 0, 1, 30, 65_537, i32::MIN, 2, 1_000] {
                    answers.push(grow.call(&mut store, pages).expect("an answer"));
                    let pages = size.call(&mut store, ()).expect("an answer");
                    answers.push(pages);
                    // All that it was given it can write to.
                    if pages > 0 {
                        last.call(&mut store, pages * 65_536 - 1).expect("memory");
                    }
                }
                answers
            });
            assert_eq!(answers[0], answers[1], "{memory}");
        }
    }
}
