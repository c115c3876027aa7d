//! A core module: taken apart, run, and put together again.

use std::borrow::Cow;

use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasm_encoder::{
    ConstExpr, CustomSection, DataSection, ExportKind, ExportSection, GlobalSection, ImportSection, MemorySection,
    Module, RawSection,
};
use wasmparser::{Parser, Payload};

use crate::error::not_wasm;
use crate::parts::{ALLOC, CONFIGURE, Parts, name};
use crate::state::{self, State};
use crate::{Error, Hooks, SECTION, SETTINGS};

/// What every module begins with, and every component.
pub(crate) const MAGIC: &[u8; 4] = b"\0asm";

pub(crate) fn bake(wasm: &[u8], settings: &str) -> Result<Vec<u8>, Error> {
    if !wasm.starts_with(MAGIC) {
        return Err(Error::NotWasm(", nor a bundle of OPA".into()));
    }
    wasmparser::validate(wasm).map_err(not_wasm)?;
    let hooks = hooks(wasm).ok_or(Error::NoHooks)?;
    let parts = Parts::of(wasm)?;
    let open = opened(wasm, hooks, &parts).map_err(unsupported)?;
    let state = state::after(&open, &parts, settings)?;
    written(wasm, &state, settings).map_err(unsupported)
}

/// Whether these are the bytes of a module that says how it takes settings.
pub(crate) fn takes_settings(wasm: &[u8]) -> bool {
    hooks(wasm).is_some()
}

fn hooks(wasm: &[u8]) -> Option<Hooks> {
    Parser::new(0).parse_all(wasm).find_map(|payload| match payload.ok()? {
        Payload::CustomSection(section) if section.name() == SECTION => Hooks::decode(section.data()),
        _ => None,
    })
}

type Reencoded<T> = Result<T, wasm_encoder::reencode::Error>;

/// The module with everything exported that baking uses.
fn opened(wasm: &[u8], hooks: Hooks, parts: &Parts) -> Reencoded<Vec<u8>> {
    rewritten(wasm, |payload, module| {
        let Payload::ExportSection(section) = payload else { return Ok(false) };
        let mut exports = ExportSection::new();
        RoundtripReencoder.parse_export_section(&mut exports, section.clone())?;
        exports.export(ALLOC, ExportKind::Func, hooks.alloc);
        exports.export(CONFIGURE, ExportKind::Func, hooks.configure);
        for global in &parts.globals {
            exports.export(&name(*global), ExportKind::Global, *global);
        }
        module.section(&exports);
        Ok(true)
    })
}

/// The module with another state to begin with.
fn written(wasm: &[u8], state: &State, settings: &str) -> Reencoded<Vec<u8>> {
    let mut has_data = false;
    let mut values = state.globals.iter();
    let mut module = rewritten(wasm, |payload, module| {
        match payload {
            Payload::ImportSection(section) => {
                let mut imports = ImportSection::new();
                for import in section.clone().into_imports() {
                    let import = import?;
                    let mut ty = RoundtripReencoder.entity_type(import.ty)?;
                    if let wasm_encoder::EntityType::Memory(memory) = &mut ty {
                        memory.minimum = memory.minimum.max(state.pages());
                    }
                    imports.import(import.module, import.name, ty);
                }
                module.section(&imports);
            }
            Payload::MemorySection(section) => {
                let mut memories = MemorySection::new();
                for memory in section.clone() {
                    let mut memory = RoundtripReencoder.memory_type(memory?)?;
                    memory.minimum = memory.minimum.max(state.pages());
                    memories.memory(memory);
                }
                module.section(&memories);
            }
            Payload::GlobalSection(section) => {
                let mut globals = GlobalSection::new();
                for global in section.clone() {
                    let global = global?;
                    let ty = RoundtripReencoder.global_type(global.ty)?;
                    let value = if global.ty.mutable { values.next() } else { None };
                    match value {
                        Some(value) => globals.global(ty, &value.expression()),
                        None => globals.global(ty, &RoundtripReencoder.const_expr(global.init_expr)?),
                    };
                }
                module.section(&globals);
            }
            // It has run already: all it does is clear memory of others, which is fresh here as there.
            Payload::StartSection { .. } | Payload::DataCountSection { .. } => {}
            Payload::DataSection(_) => {
                module.section(&data(state));
                has_data = true;
            }
            Payload::CustomSection(section) if section.name() == SETTINGS => {}
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    if !has_data {
        module = with(module, &data(state));
    }
    Ok(with(module, &CustomSection { name: SETTINGS.into(), data: Cow::Borrowed(settings.as_bytes()) }))
}

fn with(mut module: Vec<u8>, section: &impl wasm_encoder::Section) -> Vec<u8> {
    section.append_to(&mut module);
    module
}

fn data(state: &State) -> DataSection {
    let mut section = DataSection::new();
    for (start, bytes) in state.data() {
        section.active(0, &ConstExpr::i32_const(start.cast_signed()), bytes.iter().copied());
    }
    section
}

/// The module section by section; those that `change` does not care for stay as they are.
fn rewritten(wasm: &[u8], mut change: impl FnMut(&Payload<'_>, &mut Module) -> Reencoded<bool>) -> Reencoded<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if change(&payload, &mut module)? {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            module.section(&RawSection { id, data: &wasm[range] });
        }
    }
    Ok(module.finish())
}

fn unsupported(error: impl std::fmt::Display) -> Error {
    Error::Unsupported(error.to_string())
}
