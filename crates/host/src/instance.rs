//! One instance in its own store, and the calls of raw ABI 1 on it.

use std::time::Duration;

use serde::Deserialize;
use wasmtime::{
    Extern, Global, Instance as WasmInstance, InstancePre, Memory, ModuleExport, Store, Trap, TypedFunc, WasmParams,
    WasmResults,
};

use crate::{
    Inner, Limits, Mistake,
    error::{Cause, Error, engine_error, unresolved},
    module::ABI_VERSION,
    rewrite::PAGE,
    slots::Slot,
    snapshot::Snapshot,
    state::State,
};

type Call = TypedFunc<(i32, i32), i64>;

/// An instance of the module. Dropping it gives its slot back to the pool.
pub(crate) struct Instance {
    // Before `slot`: the engine must have its memory back when the slot counts as free.
    store: Store<State>,
    wasm: WasmInstance,
    memory: Memory,
    /// How many pages of it the module thinks there are, where these are not all.
    size: Option<Global>,
    alloc: TypedFunc<i32, i32>,
    limits: Limits,
    _slot: Option<Slot>,
}

#[derive(Clone, Copy)]
pub(crate) enum Function {
    Configure,
    Evaluate,
    Review,
}

impl Function {
    fn name(self) -> &'static str {
        match self {
            Self::Configure => "configure",
            Self::Evaluate => "evaluate",
            Self::Review => "review",
        }
    }
}

/// The answer of `configure`.
#[derive(Deserialize)]
struct Verdict {
    valid: bool,
    #[serde(default)]
    errors: Vec<Mistake>,
}

impl Instance {
    /// Waits for a free slot and fills it. `Inner::running` must be held around
    /// this and around every call, or the time limit does not count.
    pub(crate) fn new(host: &Inner, limits: &Limits) -> Result<Self, Error> {
        let (slot, waited) = host.slots.take(limits.timeout)?;
        Self::start(host, limits, Some(slot), waited)
    }

    /// The one instance that needs no slot, for which the pool has a place more.
    pub(crate) fn extra(host: &Inner, limits: &Limits) -> Result<Self, Error> {
        Self::start(host, limits, None, Duration::ZERO)
    }

    fn start(host: &Inner, limits: &Limits, slot: Option<Slot>, waited: Duration) -> Result<Self, Error> {
        let (mut store, wasm) = start(&host.module.instance, limits, limits.ticks(waited))?;
        let memory = export(&wasm, &mut store, &host.module.exports.memory)
            .and_then(Extern::into_memory)
            .ok_or_else(unresolved)?;
        let alloc = function(&wasm, &mut store, &host.module.exports.alloc)?;
        let size = match &host.module.state.size {
            None => None,
            Some(size) => Some(export(&wasm, &mut store, size).and_then(Extern::into_global).ok_or_else(unresolved)?),
        };
        Ok(Self { store, wasm, memory, size, alloc, limits: *limits, _slot: slot })
    }

    /// Gives the instance the settings.
    pub(crate) fn configure(&mut self, host: &Inner, settings: &str) -> Result<(), Error> {
        let (answer, place) = self.call(host, Function::Configure, settings.as_bytes())?;
        self.give_back(host, place)?;
        let verdict: Verdict = serde_json::from_str(&answer).map_err(Cause::ResultNotJson)?;
        if !verdict.valid {
            return Err(Cause::Settings(verdict.errors).into());
        }
        Ok(())
    }

    /// Gives a fresh instance the settings, and takes a snapshot of it where that is possible.
    pub(crate) fn learn(&mut self, host: &Inner, settings: &str) -> Result<Option<Snapshot>, Error> {
        let Some(globals) = &host.module.state.globals else {
            self.configure(host, settings)?;
            return Ok(None);
        };
        let before = self.memory.data(&self.store).to_vec();
        self.configure(host, settings)?;
        Snapshot::take(&self.wasm, &mut self.store, &self.memory, &before, globals).map(Some)
    }

    /// Makes a fresh instance what it would be had it been given the settings.
    pub(crate) fn restore(&mut self, host: &Inner, snapshot: &Snapshot) -> Result<(), Error> {
        match &host.module.state.globals {
            Some(globals) => snapshot.restore(&self.wasm, &mut self.store, &self.memory, globals),
            None => Err(unresolved()),
        }
    }

    /// Calls a function. The answer still lies in the module's memory, at the
    /// place returned with it: an instance that is used again has to give it back.
    pub(crate) fn call(&mut self, host: &Inner, name: Function, input: &[u8]) -> Result<(String, Place), Error> {
        let limit = self.limits.memory;
        let too_large = || Cause::InputTooLarge { len: input.len(), limit };
        if input.len() > limit {
            return Err(too_large().into());
        }
        let len = u32::try_from(input.len()).map_err(|_| too_large())?;
        let alloc = self.alloc.clone();
        let ptr = self.run("alloc", &alloc, len.cast_signed())?;
        if ptr == 0 && len != 0 {
            return Err(Cause::OutOfMemory { function: "alloc", limit }.into());
        }
        let place = Place { ptr: ptr.cast_unsigned(), len };
        let range = place.range();
        let size = self.memory_size();
        match self.memory.data_mut(&mut self.store).get_mut(..size).and_then(|data| data.get_mut(range)) {
            Some(buffer) => buffer.copy_from_slice(input),
            None => return Err(self.out_of_bounds("alloc", place)),
        }

        let exports = &host.module.exports;
        let call: Call = match name {
            Function::Configure => function(&self.wasm, &mut self.store, &exports.configure)?,
            Function::Evaluate => function(&self.wasm, &mut self.store, &exports.evaluate)?,
            Function::Review => function(&self.wasm, &mut self.store, &exports.review)?,
        };
        let packed = self.run(name.name(), &call, (ptr, len.cast_signed()))?;
        let place = Place::unpack(packed);
        let size = self.memory_size();
        let Some(bytes) = self.memory.data(&self.store).get(..size).and_then(|data| data.get(place.range())) else {
            return Err(self.out_of_bounds(name.name(), place));
        };
        let answer =
            std::str::from_utf8(bytes).map_err(|source| Cause::ResultNotUtf8 { function: name.name(), source })?;
        Ok((answer.to_owned(), place))
    }

    /// Returns an answer's memory to the module.
    pub(crate) fn give_back(&mut self, host: &Inner, place: Place) -> Result<(), Error> {
        let dealloc: TypedFunc<(i32, i32), ()> = function(&self.wasm, &mut self.store, &host.module.exports.dealloc)?;
        let (ptr, len) = (place.ptr.cast_signed(), place.len.cast_signed());
        self.run("dealloc", &dealloc, (ptr, len))
    }

    /// Starts the time limit anew.
    pub(crate) fn restart_clock(&mut self, limits: &Limits) {
        self.limits = *limits;
        self.store.set_epoch_deadline(limits.ticks(Duration::ZERO));
    }

    /// Bytes of the linear memory.
    pub(crate) fn memory_size(&mut self) -> usize {
        match self.size.map(|size| size.get(&mut self.store).i32()) {
            Some(Some(pages)) => pages.cast_unsigned() as usize * PAGE,
            _ => self.memory.data_size(&self.store),
        }
    }

    fn run<P: WasmParams, R: WasmResults>(
        &mut self,
        name: &'static str,
        function: &TypedFunc<P, R>,
        params: P,
    ) -> Result<R, Error> {
        self.store.data_mut().refused = false;
        function.call(&mut self.store, params).map_err(|error| failure(error, name, self.store.data(), &self.limits))
    }

    fn out_of_bounds(&mut self, function: &'static str, place: Place) -> Error {
        Cause::ResultOutOfBounds { function, ptr: place.ptr, len: place.len, size: self.memory_size() }.into()
    }
}

/// A range of the module's memory, as the module named it: not yet checked.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    ptr: u32,
    len: u32,
}

impl Place {
    /// Raw ABI 1 packs an answer as `(ptr << 32) | len`.
    fn unpack(packed: i64) -> Self {
        let packed = packed.cast_unsigned();
        Self { ptr: (packed >> 32) as u32, len: packed as u32 }
    }

    fn range(self) -> std::ops::Range<usize> {
        let start = self.ptr as usize;
        start..start.saturating_add(self.len as usize)
    }
}

/// Asks a module for its version of the ABI, before anything else is known of it.
pub(crate) fn ask_abi(pre: &InstancePre<State>, abi: &ModuleExport, limits: &Limits) -> Result<i32, Error> {
    let (mut store, wasm) = start(pre, limits, limits.ticks(Duration::ZERO))?;
    let abi: TypedFunc<(), i32> = function(&wasm, &mut store, abi)?;
    abi.call(&mut store, ()).map_err(|error| failure(error, ABI_VERSION, store.data(), limits))
}

fn start(pre: &InstancePre<State>, limits: &Limits, ticks: u64) -> Result<(Store<State>, WasmInstance), Error> {
    let state = State { memory_limit: limits.memory, refused: false };
    let mut store = Store::new(pre.module().engine(), state);
    store.limiter(|state| state);
    store.set_epoch_deadline(ticks);
    match pre.instantiate(&mut store) {
        Ok(wasm) => Ok((store, wasm)),
        Err(error) => Err(failure(error, "start", store.data(), limits)),
    }
}

/// What a failed call means.
fn failure(error: wasmtime::Error, function: &'static str, state: &State, limits: &Limits) -> Error {
    let trap = error.downcast_ref::<Trap>();
    match trap {
        Some(Trap::Interrupt) => Cause::Timeout { function, limit: limits.timeout },
        None | Some(Trap::UnreachableCodeReached) if state.refused => {
            Cause::OutOfMemory { function, limit: limits.memory }
        }
        Some(trap) => Cause::Trap { function, code: format!("{trap:?}"), text: trap.to_string() },
        None => return engine_error(error),
    }
    .into()
}

fn export(wasm: &WasmInstance, store: &mut Store<State>, export: &ModuleExport) -> Option<Extern> {
    wasm.get_module_export(store, export)
}

fn function<P: WasmParams, R: WasmResults>(
    wasm: &WasmInstance,
    store: &mut Store<State>,
    name: &ModuleExport,
) -> Result<TypedFunc<P, R>, Error> {
    export(wasm, store, name).and_then(Extern::into_func).ok_or_else(unresolved)?.typed(&*store).map_err(engine_error)
}
