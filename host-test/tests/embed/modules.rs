//! Modules of the raw ABI that misbehave.

use std::fs;
use std::path::PathBuf;

use host_test::root;

/// Made of the module that `crates/host` is tested with; removed when dropped.
pub(crate) struct Odd {
    folder: PathBuf,
    /// Does what the first byte of its input says, and otherwise gives the input back.
    pub(crate) module: PathBuf,
    /// The same, of another version of the ABI.
    pub(crate) other_abi: PathBuf,
    /// The same in a memory of 64 KiB that cannot grow, so that `alloc` gives 0.
    pub(crate) full: PathBuf,
}

impl Odd {
    pub(crate) fn new() -> Odd {
        let text = fs::read_to_string(root().join("crates/host/tests/modules/answers.wat")).expect("the module");
        let folder =
            root().join("build").join(format!("embed.{:?}.{}", std::thread::current().id(), std::process::id()));
        fs::create_dir_all(&folder).expect("build/ is writable");
        let put = |name: &str, old: &str, new: &str| {
            assert!(text.contains(old), "{old}");
            let path = folder.join(name);
            fs::write(&path, wat::parse_str(text.replace(old, new)).expect("a module")).expect("build/ is writable");
            path
        };
        let memory = r#"(memory (export "memory") 1)"#;
        let version = r#"(func (export "transom_abi") (result i32) (i32.const 1))"#;
        Odd {
            module: put("module.wasm", "", ""),
            other_abi: put("other-abi.wasm", version, &version.replace("const 1", "const 2")),
            full: put("full.wasm", memory, &memory.replace(" 1)", " 1 1)")),
            folder,
        }
    }
}

impl Drop for Odd {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
