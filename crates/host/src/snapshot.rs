//! What `configure` leaves behind in an instance, put into fresh ones instead of running it again.
//!
//! The state of an instance is its memory, its mutable globals and its table. The
//! memory is at hand, the globals are made visible when the module is loaded, and
//! of a module that changes its table no snapshot is taken: it is configured anew
//! in each instance. So a snapshot is exact or there is none.

use wasmtime::{Memory, Module, ModuleExport, Store, Val};

use crate::{
    error::{Cause, engine_error, unresolved},
    state::State,
};

/// How much of the memory is compared, and copied, at once.
const CHUNK: usize = 4 << 10;

/// The mutable globals of a loaded module.
pub(crate) struct Globals(Vec<ModuleExport>);

/// What differs from a fresh instance.
pub(crate) struct Snapshot {
    size: usize,
    memory: Vec<(usize, Box<[u8]>)>,
    globals: Vec<Val>,
}

impl Globals {
    /// Looks them up in what was compiled, by the names that they are exported as.
    pub(crate) fn new(module: &Module, names: &[String]) -> Option<Self> {
        names.iter().map(|name| module.get_export_index(name)).collect::<Option<_>>().map(Self)
    }

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
            global.set(&mut *store, *value).map_err(engine_error)?;
        }
        Ok(())
    }
}
