//! The smallest host of OPA's ABI: what an SDK does, in wasmtime.

use std::path::Path;

use wasmtime::{Engine, Extern, Instance, Memory, MemoryType, Module, Store, Val};

/// What every SDK gives at least.
const PAGES: u32 = 5;
const PAGE: usize = 65_536;

/// A loaded policy.
pub(crate) struct Policy {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

/// How results are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Format {
    Json,
    Rego,
}

/// A value inside the module, by its address.
#[derive(Clone, Copy)]
pub(crate) struct Value(i32);

impl Policy {
    /// Loads a module, which may import nothing but its memory.
    pub(crate) fn load(path: &Path) -> Policy {
        let engine = Engine::default();
        let module = Module::from_file(&engine, path).expect("a module");
        let mut store = Store::new(&engine, ());
        let memory = Memory::new(&mut store, MemoryType::new(PAGES, None)).expect("memory");
        let instance = Instance::new(&mut store, &module, &[Extern::Memory(memory)]).expect("an instance");
        Policy { store, instance, memory }
    }

    /// Calls a function that gives an integer.
    pub(crate) fn get(&mut self, function: &str, arguments: &[i32]) -> i32 {
        let mut results = [Val::I32(0)];
        self.call(function, arguments, &mut results);
        results[0].unwrap_i32()
    }

    /// Calls a function that gives nothing.
    pub(crate) fn run(&mut self, function: &str, arguments: &[i32]) {
        self.call(function, arguments, &mut []);
    }

    fn call(&mut self, name: &str, arguments: &[i32], results: &mut [Val]) {
        let function = self.instance.get_func(&mut self.store, name).unwrap_or_else(|| panic!("{name} is exported"));
        let arguments: Vec<Val> = arguments.iter().map(|argument| Val::I32(*argument)).collect();
        function.call(&mut self.store, &arguments, results).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    pub(crate) fn global(&mut self, name: &str) -> i32 {
        let global = self.instance.get_global(&mut self.store, name).expect("the global is exported");
        global.get(&mut self.store).unwrap_i32()
    }

    pub(crate) fn pages(&self) -> u64 {
        self.memory.size(&self.store)
    }

    /// Where free memory begins.
    pub(crate) fn heap(&mut self) -> i32 {
        self.get("opa_heap_ptr_get", &[])
    }

    pub(crate) fn set_heap(&mut self, address: i32) {
        self.run("opa_heap_ptr_set", &[address]);
    }

    /// Takes a text in by `opa_json_parse` or `opa_value_parse`; `None` where it is none.
    pub(crate) fn value(&mut self, text: &str, format: Format) -> Option<Value> {
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
    pub(crate) fn text(&mut self, value: Value, format: Format) -> String {
        let dump = match format {
            Format::Json => "opa_json_dump",
            Format::Rego => "opa_value_dump",
        };
        let address = self.get(dump, &[value.0]);
        self.read(address)
    }

    /// What `builtins` or `entrypoints` names.
    pub(crate) fn names(&mut self, function: &str) -> String {
        let value = Value(self.get(function, &[]));
        self.text(value, Format::Json)
    }

    pub(crate) fn add(&mut self, base: Value, path: Value, value: Value) -> i32 {
        self.get("opa_value_add_path", &[base.0, path.0, value.0])
    }

    pub(crate) fn remove(&mut self, base: Value, path: Value) -> i32 {
        self.get("opa_value_remove_path", &[base.0, path.0])
    }

    /// Evaluates at once. Everything above the input's end is free afterwards, as the ABI has it.
    pub(crate) fn evaluate(&mut self, entrypoint: i32, data: Value, input: &str, format: Format) -> String {
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
    pub(crate) fn evaluate_by_steps(&mut self, entrypoint: i32, data: Value, input: &str, format: Format) -> String {
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
