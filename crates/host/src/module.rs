//! Loading: what makes bytes a module of raw ABI 1, and what is prepared once.

use wasmtime::{
    Config, Enabled, Engine, ExternType, InstanceAllocationStrategy, InstancePre, Linker, Module, ModuleExport,
    PoolingAllocationConfig, ValType,
};

use crate::{
    Limits,
    error::{Cause, Error, engine_error, one_line, unresolved},
    rewrite::Rewritten,
    snapshot::Globals,
    state::State,
};

/// The functions of raw ABI 1 with their types.
const FUNCTIONS: [Function; 6] = [
    (ABI_VERSION, &[], &[Type::I32]),
    ("alloc", &[Type::I32], &[Type::I32]),
    ("dealloc", &[Type::I32, Type::I32], &[]),
    ("configure", &[Type::I32, Type::I32], &[Type::I64]),
    ("evaluate", &[Type::I32, Type::I32], &[Type::I64]),
    ("review", &[Type::I32, Type::I32], &[Type::I64]),
];

type Function = (&'static str, &'static [Type], &'static [Type]);

pub(crate) const ABI_VERSION: &str = "transom_abi";

/// Bytes of a slot's memory that are put back by copying instead of by the
/// kernel. A page kept is a page fault saved in the next request; the core
/// touches less than this for an object of usual size.
const KEEP_RESIDENT: usize = 512 << 10;

#[derive(Clone, Copy)]
enum Type {
    I32,
    I64,
}

/// A compiled and linked module with its exports looked up.
pub(crate) struct ModulePre {
    pub(crate) instance: InstancePre<State>,
    pub(crate) exports: Exports,
    pub(crate) state: StatePlaces,
}

/// Where the state of an instance is.
pub(crate) struct StatePlaces {
    /// Its mutable globals, where a snapshot can be taken.
    pub(crate) globals: Option<Globals>,
    /// The global with the size of its memory in pages, where the memory itself does not say it.
    pub(crate) size: Option<ModuleExport>,
}

/// Where the exports are, so that no instance has to look them up by name.
pub(crate) struct Exports {
    pub(crate) memory: ModuleExport,
    pub(crate) alloc: ModuleExport,
    pub(crate) dealloc: ModuleExport,
    pub(crate) configure: ModuleExport,
    pub(crate) evaluate: ModuleExport,
    pub(crate) review: ModuleExport,
}

impl ModulePre {
    /// Looks for a module of another ABI first, then for what is wrong with one of this ABI.
    pub(crate) fn new(
        module: &Module,
        state: StatePlaces,
        limits: &Limits,
        ask_abi: impl FnOnce(&InstancePre<State>, &ModuleExport) -> Result<i32, Error>,
    ) -> Result<Self, Error> {
        check_imports(module)?;
        check_function(module, &FUNCTIONS[0])?;
        check_memory_limit(module, limits)?;
        let export = |name| module.get_export_index(name).ok_or_else(unresolved);
        let instance = Linker::new(module.engine()).instantiate_pre(module).map_err(engine_error)?;
        let got = ask_abi(&instance, &export(ABI_VERSION)?)?;
        if got != crate::ABI {
            return Err(Cause::WrongAbi { got }.into());
        }
        for function in &FUNCTIONS[1..] {
            check_function(module, function)?;
        }
        check_memory(module)?;
        let exports = Exports {
            memory: export("memory")?,
            alloc: export("alloc")?,
            dealloc: export("dealloc")?,
            configure: export("configure")?,
            evaluate: export("evaluate")?,
            review: export("review")?,
        };
        Ok(Self { instance, exports, state })
    }
}

pub(crate) fn engine(limits: &Limits) -> Result<Engine, Error> {
    // One more than may be used at once: that in which settings are tried.
    let places = limits.instances.saturating_add(1);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(places)
        .total_memories(places)
        .total_tables(places)
        // The limiter of each store says no, and can tell by which limit.
        .max_memory_size(usize::try_from(1_u64 << 32).unwrap_or(usize::MAX))
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(4 << 10)
        .pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .epoch_interruption(true)
        .concurrency_support(false)
        .wasm_backtrace_max_frames(None)
        .wasm_multi_memory(false)
        .wasm_memory64(false);
    Engine::new(&config).map_err(engine_error)
}

/// Compiles a module whose instances may have `limit` bytes of memory.
pub(crate) fn compile(engine: &Engine, bytes: &[u8], limit: usize) -> Result<(Module, StatePlaces), Error> {
    if bytes.starts_with(b"\0asm\x0d\0\x01\0") {
        return Err(Cause::NotWasm("it is a component".into()).into());
    }
    if !bytes.starts_with(b"\0asm") {
        return Err(Cause::NotWasm("it does not begin with `\\0asm`".into()).into());
    }
    if let Some(rewritten) = Rewritten::new(bytes, limit)
        && let Ok(module) = Module::from_binary(engine, &rewritten.wasm)
    {
        let globals = Globals::new(&module, &rewritten.globals);
        let size = rewritten.size.and_then(|name| module.get_export_index(&name));
        return Ok((module, StatePlaces { globals, size }));
    }
    match Module::from_binary(engine, bytes) {
        Ok(module) => Ok((module, StatePlaces { globals: None, size: None })),
        Err(error) => {
            let text = one_line(&error);
            let is_valid = Module::validate(engine, bytes).is_ok();
            Err(if is_valid { Cause::Unsupported(text) } else { Cause::NotWasm(text) }.into())
        }
    }
}

fn check_imports(module: &Module) -> Result<(), Error> {
    let names: Vec<String> =
        module.imports().map(|import| format!("`{}.{}`", import.module(), import.name())).collect();
    if names.is_empty() {
        return Ok(());
    }
    let from = |prefix: &str| module.imports().any(|import| import.module().starts_with(prefix));
    let hint = if from("wapc") {
        "it looks like the Kubewarden artifact, load `transom.wasm` instead"
    } else if from("wasi") {
        "build it for `wasm32-unknown-unknown`, not for WASI"
    } else if from("__wbindgen") || from("./") {
        "it looks like the npm package's module, load `transom.wasm` instead"
    } else if module.get_export("opa_eval").is_some() {
        "it looks like the OPA artifact, load `transom.wasm` instead"
    } else {
        "load `transom.wasm`, or build without whatever needs them"
    };
    Err(Cause::Imports { imports: names.join(", "), hint }.into())
}

fn check_function(module: &Module, function: &Function) -> Result<(), Error> {
    let &(name, params, results) = function;
    let want = signature(params.iter().map(word), results.iter().map(word));
    match module.get_export(name) {
        None => Err(Cause::MissingExport { name, want }.into()),
        Some(export) => {
            let got = describe(&export);
            if got == want {
                return Ok(());
            }
            Err(Cause::WrongExport { name, got, want }.into())
        }
    }
}

fn check_memory(module: &Module) -> Result<(), Error> {
    let name = "memory";
    let want = "a 32-bit memory".to_owned();
    match module.get_export(name) {
        None => Err(Cause::MissingExport { name, want }.into()),
        Some(ExternType::Memory(memory)) if !memory.is_64() && !memory.is_shared() => Ok(()),
        Some(export) => {
            let got = describe(&export);
            Err(Cause::WrongExport { name, got, want }.into())
        }
    }
}

fn check_memory_limit(module: &Module, limits: &Limits) -> Result<(), Error> {
    if let Some(ExternType::Memory(memory)) = module.get_export("memory") {
        let wanted = memory.minimum().saturating_mul(memory.page_size());
        if wanted > limits.memory as u64 {
            let limit = limits.memory;
            return Err(Cause::TooSmall { wanted, limit }.into());
        }
    }
    Ok(())
}

fn word(kind: &Type) -> String {
    match kind {
        Type::I32 => "i32".into(),
        Type::I64 => "i64".into(),
    }
}

fn describe(export: &ExternType) -> String {
    let value = |kind: ValType| kind.to_string();
    match export {
        ExternType::Func(func) => signature(func.params().map(value), func.results().map(value)),
        ExternType::Memory(memory) if memory.is_64() => "a 64-bit memory".into(),
        ExternType::Memory(memory) if memory.is_shared() => "a shared memory".into(),
        ExternType::Memory(_) => "a memory".into(),
        ExternType::Global(_) => "a global".into(),
        ExternType::Table(_) => "a table".into(),
        ExternType::Tag(_) => "a tag".into(),
    }
}

fn signature(params: impl Iterator<Item = String>, results: impl Iterator<Item = String>) -> String {
    let params: Vec<String> = params.collect();
    let results: Vec<String> = results.collect();
    let arrow = if results.is_empty() { "" } else { " -> " };
    format!("func ({}){arrow}{}", params.join(", "), results.join(", "))
}
