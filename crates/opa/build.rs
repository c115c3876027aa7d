//! What the linker has to be told for a module that OPA loads: its memory comes from the host, at
//! most five pages of it at first, and its version stands in two globals.
//!
//! A static of Rust would export its address, not its value. So the globals are an object file of
//! their own, which is written here.

use std::path::PathBuf;
use std::{env, fs, io};

use wasm_encoder::{ConstExpr, GlobalSection, GlobalType, LinkingSection, Module, SymbolTable, ValType};

/// Every host gives at least this much: five pages of 64 KiB.
const INITIAL_MEMORY: u32 = 5 * 65_536;
const STACK: u32 = 96 * 1024;

/// Major and minor version of the ABI.
const GLOBALS: [(&str, i32); 2] = [("opa_wasm_abi_version", 1), ("opa_wasm_abi_minor_version", 3)];

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() != Ok("wasm32") {
        return Ok(());
    }
    let object = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("abi.o");
    fs::write(&object, globals())?;
    link(&object.display().to_string());
    for (name, _) in GLOBALS {
        link(&format!("--export={name}"));
    }
    link("--import-memory");
    link("--export-memory");
    link(&format!("-zstack-size={STACK}"));
    link(&format!("--initial-memory={INITIAL_MEMORY}"));
    Ok(())
}

fn link(argument: &str) {
    println!("cargo:rustc-cdylib-link-arg={argument}");
}

/// A relocatable object that defines the globals.
fn globals() -> Vec<u8> {
    let mut section = GlobalSection::new();
    let mut symbols = SymbolTable::new();
    for (index, (name, value)) in GLOBALS.iter().enumerate() {
        let global = GlobalType { val_type: ValType::I32, mutable: false, shared: false };
        section.global(global, &ConstExpr::i32_const(*value));
        let flags = SymbolTable::WASM_SYM_EXPORTED | SymbolTable::WASM_SYM_NO_STRIP;
        symbols.global(flags, index as u32, Some(name));
    }
    let mut linking = LinkingSection::new();
    linking.symbol_table(&symbols);
    let mut module = Module::new();
    module.section(&section);
    module.section(&linking);
    module.finish()
}
