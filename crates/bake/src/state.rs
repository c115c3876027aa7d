//! What a module has in its memory and its globals once it has taken the settings in.

use serde::Deserialize;
use wasm_encoder::ConstExpr;
use wasmtime::{Engine, Linker, Memory, MemoryType, Store, Val};

use crate::parts::{ALLOC, CONFIGURE, PAGE, Parts, name};
use crate::{Error, Mistake};

/// Instructions, more or less: settings take some hundred thousand.
const FUEL: u64 = 1_000_000_000;

/// Fewer zeros than this are written out: another segment would be longer.
const GAP: usize = 16;

/// An instance after it took settings in.
pub(crate) struct State {
    memory: Vec<u8>,
    /// The mutable ones, in order.
    pub(crate) globals: Vec<Value>,
    imports_memory: bool,
}

/// The value of a global.
#[derive(Clone, Copy)]
pub(crate) enum Value {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
}

/// What the module answers to settings.
#[derive(Deserialize)]
struct Verdict {
    valid: bool,
    errors: Vec<Mistake>,
}

/// Runs the opened module with the settings.
pub(crate) fn after(wasm: &[u8], parts: &Parts, settings: &str) -> Result<State, Error> {
    let engine = Engine::new(wasmtime::Config::new().consume_fuel(true)).map_err(failed)?;
    let module = wasmtime::Module::new(&engine, wasm).map_err(failed)?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(FUEL).map_err(failed)?;
    let mut linker = Linker::new(&engine);
    for import in module.imports() {
        if let wasmtime::ExternType::Memory(ty) = import.ty() {
            let ty = MemoryType::new(u32::try_from(ty.minimum()).unwrap_or(u32::MAX), None);
            let memory = Memory::new(&mut store, ty).map_err(failed)?;
            linker.define(&store, import.module(), import.name(), memory).map_err(failed)?;
        }
    }
    linker.define_unknown_imports_as_traps(&module).map_err(failed)?;
    let instance = linker.instantiate(&mut store, &module).map_err(failed)?;
    let memory = instance.get_memory(&mut store, "memory").ok_or_else(|| unsupported("it exports no memory"))?;
    let alloc = instance.get_typed_func::<i32, i32>(&mut store, ALLOC).map_err(failed)?;
    let configure = instance.get_typed_func::<(i32, i32), i64>(&mut store, CONFIGURE).map_err(failed)?;

    let len = i32::try_from(settings.len()).map_err(|_| failed("they are too long"))?;
    let place = alloc.call(&mut store, len).map_err(failed)?;
    memory.write(&mut store, place.cast_unsigned() as usize, settings.as_bytes()).map_err(failed)?;
    let answer = configure.call(&mut store, (place, len)).map_err(failed)?.cast_unsigned();
    let (start, len) = ((answer >> 32) as usize, answer as u32 as usize);
    let data = memory.data_mut(&mut store);
    let answer = data.get_mut(start..start + len).ok_or_else(|| failed("its answer is not in its memory"))?;
    let verdict: Verdict = serde_json::from_slice(answer).map_err(failed)?;
    // Nobody gives it back, so that it would be part of the module for nothing.
    answer.fill(0);
    if !verdict.valid {
        return Err(Error::Settings(verdict.errors));
    }

    let mut globals = Vec::new();
    for index in &parts.globals {
        let global = instance.get_global(&mut store, &name(*index)).ok_or_else(|| failed("a global is gone"))?;
        globals.push(match global.get(&mut store) {
            Val::I32(value) => Value::I32(value),
            Val::I64(value) => Value::I64(value),
            Val::F32(bits) => Value::F32(bits),
            Val::F64(bits) => Value::F64(bits),
            _ => return Err(unsupported("it keeps references in globals")),
        });
    }
    let mut memory = memory.data(&store).to_vec();
    memory[..stack(parts, &globals)].fill(0);
    let state = State { memory, globals, imports_memory: parts.imported_memory.is_some() };
    match parts.imported_memory {
        Some(pages) if state.pages() > pages => Err(Error::TooLarge { needs: state.pages() * PAGE, has: pages * PAGE }),
        _ => Ok(state),
    }
}

/// Where the stack ends, in modules that have it below their data: nothing there is in use any more.
fn stack(parts: &Parts, globals: &[Value]) -> usize {
    // The linker makes the stack pointer the first global.
    match (globals.first(), parts.data_start) {
        (Some(Value::I32(pointer)), Some(data)) if (0..=data.cast_signed()).contains(pointer) => *pointer as usize,
        _ => 0,
    }
}

impl State {
    /// The pages that the module needs from the start: all that it grew to where the memory is its
    /// own; no more than hold its data where others give it, and give more when it asks.
    pub(crate) fn pages(&self) -> u64 {
        let end = if self.imports_memory {
            self.memory.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
        } else {
            self.memory.len()
        };
        (end as u64).div_ceil(PAGE)
    }

    /// What is not zero, and where.
    pub(crate) fn data(&self) -> Vec<(u32, &[u8])> {
        let mut segments = Vec::new();
        let mut at = 0;
        while let Some(start) = self.memory[at..].iter().position(|byte| *byte != 0).map(|skip| at + skip) {
            let mut end = start + 1;
            while let Some(gap) = self.memory[end..].iter().take(GAP).position(|byte| *byte != 0) {
                end += gap + 1;
            }
            segments.push((start as u32, &self.memory[start..end]));
            at = end;
        }
        segments
    }
}

impl Value {
    pub(crate) fn expression(self) -> ConstExpr {
        match self {
            Value::I32(value) => ConstExpr::i32_const(value),
            Value::I64(value) => ConstExpr::i64_const(value),
            Value::F32(bits) => ConstExpr::f32_const(f32::from_bits(bits).into()),
            Value::F64(bits) => ConstExpr::f64_const(f64::from_bits(bits).into()),
        }
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Failed(format!("{error:#}").lines().map(str::trim).collect::<Vec<_>>().join(" "))
}

fn unsupported(what: &str) -> Error {
    Error::Unsupported(what.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_zero_is_data() {
        let mut memory = vec![0; 200];
        memory[3..6].copy_from_slice(&[1, 0, 2]);
        memory[20] = 3;
        memory[100] = 4;
        let state = State { memory, globals: Vec::new(), imports_memory: true };
        let data = state.data();
        assert_eq!(data.iter().map(|(start, bytes)| (*start, bytes.len())).collect::<Vec<_>>(), [(3, 18), (100, 1)]);
        assert_eq!(state.pages(), 1);
    }
}
