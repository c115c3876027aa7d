//! The smallest host of OPA's ABI: what an SDK does, in wasmtime. And the real opa, built from source.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use wasmtime::{Caller, Engine, Extern, Func, Instance, Memory, MemoryType, Module, Store, Val};

use crate::engine;

const VERSION: &str = "1.19.0";

/// The program `opa`; `None` without Go.
///
/// # Panics
///
/// Where it cannot be built.
#[must_use]
pub fn program() -> Option<PathBuf> {
    if !engine::is_there("go", "version", "the real opa") {
        return None;
    }
    let folder = engine::engine(&format!("opa-{VERSION}"), |folder| {
        let package = format!("github.com/open-policy-agent/opa@v{VERSION}");
        let mut go = Command::new("go");
        go.args(["install", "-trimpath", "-tags=opa_wasm", "-ldflags=-s -w", &package]);
        engine::run(go.env("CGO_ENABLED", "0").env("GOBIN", folder)).map(drop)
    });
    Some(folder.join(format!("opa{}", env::consts::EXE_SUFFIX)))
}

/// What every SDK gives at least.
const PAGES: u32 = 5;
const PAGE: usize = 65_536;

/// A loaded policy. What should never happen panics.
#[derive(Debug)]
pub struct Policy {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

/// How results are wanted.
#[derive(Debug, Clone, Copy)]
pub enum Format {
    /// As JSON: `[{"result": …}]`.
    Json,
    /// As Rego: `{{"result": …}}`, and sets as sets.
    Rego,
}

/// A value inside the module, by its address.
#[derive(Debug, Clone, Copy)]
pub struct Value(i32);

#[allow(clippy::missing_panics_doc, reason = "what should never happen panics")]
impl Policy {
    /// Loads a module. Of what it imports beside its memory, nothing may be called: no built-in of the
    /// host's, and `opa_abort` says that it gave up.
    #[must_use]
    pub fn load(path: &Path) -> Policy {
        Policy::with_pages(path, None)
    }

    /// The same, with so many pages of memory at most.
    #[must_use]
    pub fn with_pages(path: &Path, maximum: Option<u32>) -> Policy {
        let engine = Engine::default();
        let module = Module::from_file(&engine, path).expect("a module");
        let mut store = Store::new(&engine, ());
        let memory = Memory::new(&mut store, MemoryType::new(PAGES, maximum)).expect("memory");
        let imports: Vec<_> = module
            .imports()
            .map(|import| match import.ty().func() {
                Some(function) => {
                    let name = import.name().to_owned();
                    let called =
                        move |_: Caller<'_, ()>, _: &[Val], _: &mut [Val]| Err(wasmtime::Error::msg(name.clone()));
                    Extern::Func(Func::new(&mut store, function.clone(), called))
                }
                None => Extern::Memory(memory),
            })
            .collect();
        let instance = Instance::new(&mut store, &module, &imports).expect("an instance");
        Policy { store, instance, memory }
    }

    /// Calls a function that gives an integer.
    pub fn get(&mut self, function: &str, arguments: &[i32]) -> i32 {
        let mut results = [Val::I32(0)];
        self.call(function, arguments, &mut results);
        results[0].unwrap_i32()
    }

    /// Calls a function that gives nothing.
    pub fn run(&mut self, function: &str, arguments: &[i32]) {
        self.call(function, arguments, &mut []);
    }

    fn call(&mut self, name: &str, arguments: &[i32], results: &mut [Val]) {
        let function = self.instance.get_func(&mut self.store, name).unwrap_or_else(|| panic!("{name} is exported"));
        let arguments: Vec<Val> = arguments.iter().map(|argument| Val::I32(*argument)).collect();
        function.call(&mut self.store, &arguments, results).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// An exported integer.
    pub fn global(&mut self, name: &str) -> i32 {
        let global = self.instance.get_global(&mut self.store, name).expect("the global is exported");
        global.get(&mut self.store).unwrap_i32()
    }

    /// How large the memory is, in pages of 64 KiB.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.memory.size(&self.store)
    }

    /// Where free memory begins.
    pub fn heap(&mut self) -> i32 {
        self.get("opa_heap_ptr_get", &[])
    }

    /// Says where free memory begins.
    pub fn set_heap(&mut self, address: i32) {
        self.run("opa_heap_ptr_set", &[address]);
    }

    /// Takes a text in by `opa_json_parse` or `opa_value_parse`; `None` where it is none.
    pub fn value(&mut self, text: &str, format: Format) -> Option<Value> {
        let parse = match format {
            Format::Json => "opa_json_parse",
            Format::Rego => "opa_value_parse",
        };
        let address = self.get("opa_malloc", &[text.len() as i32]);
        self.write(address, text);
        let value = self.get(parse, &[address, text.len() as i32]);
        self.run("opa_free", &[address]);
        (value != 0).then_some(Value(value))
    }

    /// A value as text.
    pub fn text(&mut self, value: Value, format: Format) -> String {
        let dump = match format {
            Format::Json => "opa_json_dump",
            Format::Rego => "opa_value_dump",
        };
        let address = self.get(dump, &[value.0]);
        self.read(address)
    }

    /// What `builtins` or `entrypoints` names.
    pub fn names(&mut self, function: &str) -> String {
        let value = Value(self.get(function, &[]));
        self.text(value, Format::Json)
    }

    /// Puts a value into another, at a path; gives the ABI's error code.
    pub fn add(&mut self, base: Value, path: Value, value: Value) -> i32 {
        self.get("opa_value_add_path", &[base.0, path.0, value.0])
    }

    /// Takes out what is at a path; gives the ABI's error code.
    pub fn remove(&mut self, base: Value, path: Value) -> i32 {
        self.get("opa_value_remove_path", &[base.0, path.0])
    }

    /// Changes data as opa's SDK does it (`SetDataPath`, `RemoveDataPath`), which keeps what lies below the heap
    /// pointer afterwards; gives the ABI's error code.
    pub fn patch(&mut self, data: Value, path: &str, value: Option<&str>) -> i32 {
        let heap = self.heap();
        self.set_heap(heap);
        self.run("opa_heap_blocks_restore", &[]);
        let value = value.map(|value| self.value(value, Format::Rego).expect("a value"));
        let path = self.value(path, Format::Rego).expect("a path");
        let outcome = match value {
            Some(value) => self.add(data, path, value),
            None => self.remove(data, path),
        };
        self.run("opa_value_free", &[path.0]);
        self.run("opa_heap_blocks_stash", &[]);
        outcome
    }

    /// Evaluates at once. Everything above the input's end is free afterwards, as the ABI has it.
    pub fn evaluate(&mut self, entrypoint: i32, data: Value, input: &str, format: Format) -> String {
        let start = self.heap();
        self.write(start, input);
        let len = input.len() as i32;
        let format = matches!(format, Format::Rego) as i32;
        let answer = self.get("opa_eval", &[0, entrypoint, data.0, start, len, start + len, format]);
        let answer = self.read(answer);
        self.set_heap(start);
        answer
    }

    /// Evaluates through a context, as ABI 1.0 did.
    pub fn evaluate_by_steps(&mut self, entrypoint: i32, data: Value, input: &str, format: Format) -> String {
        let start = self.heap();
        let input = self.value(input, format).map_or(0, |value| value.0);
        let context = self.get("opa_eval_ctx_new", &[]);
        self.run("opa_eval_ctx_set_input", &[context, input]);
        self.run("opa_eval_ctx_set_data", &[context, data.0]);
        self.run("opa_eval_ctx_set_entrypoint", &[context, entrypoint]);
        assert_eq!(self.get("eval", &[context]), 0);
        let result = Value(self.get("opa_eval_ctx_get_result", &[context]));
        let answer = self.text(result, format);
        self.set_heap(start);
        answer
    }

    /// Writes a text into memory, which grows where that is too short.
    fn write(&mut self, address: i32, text: &str) {
        let end = address as usize + text.len();
        let there = self.memory.data_size(&self.store);
        if end > there {
            let pages = (end - there).div_ceil(PAGE);
            self.memory.grow(&mut self.store, pages as u64).expect("more memory");
        }
        self.memory.write(&mut self.store, address as usize, text.as_bytes()).expect("in memory");
    }

    /// Reads a text up to its zero byte.
    fn read(&mut self, address: i32) -> String {
        let bytes = &self.memory.data(&self.store)[address as usize..];
        let len = bytes.iter().position(|byte| *byte == 0).expect("a zero byte");
        String::from_utf8(bytes[..len].to_vec()).expect("UTF-8")
    }
}
