//! Every way in which bytes are not a module of raw ABI 1.

#![allow(clippy::unwrap_used)]

use transom_host::{Builder, Error, Host, Kind};

const ANSWERS: &str = include_str!("modules/answers.wat");

fn load(wat: &str) -> Result<Host, Error> {
    Host::from_bytes(&wat::parse_str(wat).unwrap())
}

/// Loads the good module with one part replaced.
fn with(part: &str, by: &str) -> Error {
    assert!(ANSWERS.contains(part), "{part}");
    load(&ANSWERS.replace(part, by)).unwrap_err()
}

#[track_caller]
fn check(error: &Error, kind: Kind, text: &[&str]) {
    assert_eq!(error.kind(), kind, "{error}");
    for part in text {
        assert!(error.to_string().contains(part), "{part:?} not in: {error}");
    }
}

#[test]
fn a_good_module_loads() {
    load(ANSWERS).unwrap();
}

#[test]
fn not_a_module() {
    for (bytes, text) in [
        (&b""[..], "does not begin with"),
        (b"(module)", "does not begin with"),
        (b"apiVersion: v1", "does not begin with"),
        (b"\0asm\x0d\0\x01\0", "it is a component"),
        (b"\0asm\x01\0\0\0\x01\xff", "unexpected end"),
    ] {
        let error = Host::from_bytes(bytes).unwrap_err();
        check(&error, Kind::NotWasm, &[text, "load `transom.wasm`"]);
        assert!(error.is_load() && !error.is_limit() && !error.is_module_fault());
    }
}

#[test]
fn an_invalid_module() {
    let wat = "(module (func (result i32) (i64.const 0)))";
    check(&load(wat).unwrap_err(), Kind::NotWasm, &["type mismatch"]);
}

#[test]
fn a_module_too_big_for_the_pool() {
    let error = with("(memory (export", "(table 1000000 funcref) (memory (export");
    check(&error, Kind::Unsupported, &["table"]);
}

#[test]
fn a_file() {
    let error = Host::from_file("no/such.wasm").unwrap_err();
    check(&error, Kind::File, &["no/such.wasm: cannot be read: "]);
    let error = Host::from_file("Cargo.toml").unwrap_err();
    check(&error, Kind::NotWasm, &["Cargo.toml: not a core"]);
    assert!(std::error::Error::source(&Host::from_file("no").unwrap_err()).is_some());
}

#[test]
fn imports() {
    for (import, text) in [
        (r#"(import "env" "now" (func (result i64)))"#, "`env.now`"),
        (r#"(import "wapc" "__guest_request" (func (param i32 i32)))"#, "Kubewarden artifact"),
        (r#"(import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))"#, "wasm32-unknown-unknown"),
        (r#"(func (export "opa_eval")) (import "env" "memory" (memory 1))"#, "OPA artifact"),
    ] {
        // Imports come first in the text format, whatever the order in the table.
        let (before, after) = match import.split_once(" (import") {
            Some((before, after)) => (before, format!("(import{after}")),
            None => ("", import.to_owned()),
        };
        let error = load(&format!("(module {after} {before})")).unwrap_err();
        check(&error, Kind::Imports, &[text, "no imports"]);
    }
}

#[test]
fn another_abi_is_named_before_whatever_else_differs() {
    let abi = r#"(func (export "transom_abi") (result i32) (i32.const"#;
    check(&with(&format!("{abi} 1))"), &format!("{abi} 2))")), Kind::WrongAbi, &["raw ABI 2", "ABI 1", "same release"]);
    check(&load(&format!("(module {abi} 7)))")).unwrap_err(), Kind::WrongAbi, &["raw ABI 7"]);
}

#[test]
fn missing_exports() {
    for (name, want) in [
        ("memory", "a 32-bit memory"),
        ("transom_abi", "func () -> i32"),
        ("alloc", "func (i32) -> i32"),
        ("dealloc", "func (i32, i32)"),
        ("configure", "func (i32, i32) -> i64"),
        ("evaluate", "func (i32, i32) -> i64"),
        ("review", "func (i32, i32) -> i64"),
    ] {
        let error = with(&format!("(export \"{name}\")"), &format!("(export \"other_{name}\")"));
        let text = format!("does not export `{name}`; raw ABI 1 wants it as {want}");
        check(&error, Kind::MissingExport, &[&text]);
    }
}

#[test]
fn exports_of_another_type() {
    let good = load_parts();
    for (name, other, got) in [
        ("transom_abi", "(func (export \"transom_abi\"))", "func ()"),
        ("alloc", "(func (export \"alloc\") (param i64) (result i32) i32.const 0)", "func (i64) -> i32"),
        ("dealloc", "(func (export \"dealloc\") (param i32 i32) (result i32) i32.const 0)", "func (i32, i32) -> i32"),
        (
            "configure",
            "(func (export \"configure\") (param i32 i32) (result i32 i32) i32.const 0 i32.const 0)",
            "func (i32, i32) -> i32, i32",
        ),
        ("evaluate", "(func (export \"evaluate\") (param f32 i32) (result i64) i64.const 0)", "func (f32, i32) -> i64"),
        ("review", "(global (export \"review\") i32 (i32.const 0))", "a global"),
        ("memory", "(table (export \"memory\") 1 funcref)", "a table"),
    ] {
        let parts: String = good.iter().map(|&(part, wat)| if part == name { other } else { wat }).collect();
        let error = load(&format!("(module {parts})")).unwrap_err();
        let text = format!("exports `{name}` as {got}; raw ABI 1 wants");
        check(&error, Kind::WrongExport, &[&text]);
    }
}

/// The smallest module that loads, export by export.
fn load_parts() -> [(&'static str, &'static str); 7] {
    [
        ("memory", r#"(memory (export "memory") 1)"#),
        ("transom_abi", r#"(func (export "transom_abi") (result i32) i32.const 1)"#),
        ("alloc", r#"(func (export "alloc") (param i32) (result i32) i32.const 8)"#),
        ("dealloc", r#"(func (export "dealloc") (param i32 i32))"#),
        ("configure", r#"(func (export "configure") (param i32 i32) (result i64) i64.const 0)"#),
        ("evaluate", r#"(func (export "evaluate") (param i32 i32) (result i64) i64.const 0)"#),
        ("review", r#"(func (export "review") (param i32 i32) (result i64) i64.const 0)"#),
    ]
}

#[test]
fn more_memory_than_the_limit_to_start() {
    let wasm = wat::parse_str(ANSWERS.replace("\"memory\") 1", "\"memory\") 32")).unwrap();
    let small: Builder = Host::builder().memory_limit(1 << 20);
    let error = small.from_bytes(&wasm).unwrap_err();
    check(&error, Kind::OutOfMemory, &["2097152 bytes", "limit is 1048576", "`memory_limit`"]);
    Host::builder().memory_limit(2 << 20).from_bytes(&wasm).unwrap();
}

#[test]
fn a_module_that_does_not_even_start() {
    let error = with("(func $for_ever", "(start $dies) (func $dies unreachable) (func $for_ever");
    check(&error, Kind::Trap, &["trapped in `start`"]);
    let error = with(
        r#"(func (export "transom_abi") (result i32) (i32.const 1))"#,
        r#"(func (export "transom_abi") (result i32) (loop $again (br $again)) (i32.const 1))"#,
    );
    check(&error, Kind::Timeout, &["`transom_abi`", "2s"]);
    // An active segment outside the memory.
    let error = with("(i32.const 272) \"0\"", "(i32.const 65536) \"0\"");
    check(&error, Kind::Trap, &["MemoryOutOfBounds"]);
}
