//! transom.wasm in wasmtime.

use wasmtime::error::Context as _;
use wasmtime::{Engine, Instance, Memory, Module, Result, Store, StoreLimits, StoreLimitsBuilder, TypedFunc, ensure};

/// An instance. After an error, throw it away and make another.
pub struct Transom {
    store: Store<StoreLimits>,
    instance: Instance,
    memory: Memory,
    alloc: TypedFunc<u32, u32>,
    dealloc: TypedFunc<(u32, u32), ()>,
}

impl Transom {
    /// Instances of one module share its compiled code.
    pub fn new(engine: &Engine, module: &Module) -> Result<Self> {
        let mut store = Store::new(engine, StoreLimitsBuilder::new().memory_size(256 << 20).build());
        store.limiter(|limits| limits);
        // The module imports nothing: no WASI, no functions of the host.
        let instance = Instance::new(&mut store, module, &[])?;
        let version = instance.get_typed_func::<(), u32>(&mut store, "transom_abi")?.call(&mut store, ())?;
        ensure!(version == 1, "the module speaks ABI {version}, and this is written for 1");
        Ok(Self {
            memory: instance.get_memory(&mut store, "memory").context("the module has no memory")?,
            alloc: instance.get_typed_func(&mut store, "alloc")?,
            dealloc: instance.get_typed_func(&mut store, "dealloc")?,
            instance,
            store,
        })
    }

    /// Gives UTF-8 JSON to `evaluate`, `review` or `configure`, and the JSON that comes back.
    pub fn call(&mut self, function: &str, input: &[u8]) -> Result<String> {
        let store = &mut self.store;
        let function = self.instance.get_typed_func::<(u32, u32), u64>(&mut *store, function)?;
        let length = u32::try_from(input.len())?;
        let pointer = self.alloc.call(&mut *store, length)?;
        ensure!(pointer != 0, "the module has no memory for {length} bytes");
        self.memory.write(&mut *store, pointer as usize, input)?;
        // The function takes the buffer over, so that only the answer has to be given back.
        let packed = function.call(&mut *store, (pointer, length))?;
        let (pointer, length) = ((packed >> 32) as u32, packed as u32);
        let answer = self.memory.data(&*store).get(pointer as usize..).and_then(|rest| rest.get(..length as usize));
        let answer = answer.context("the module's answer lies outside its memory")?.to_vec();
        self.dealloc.call(store, (pointer, length))?;
        Ok(String::from_utf8(answer)?)
    }
}
