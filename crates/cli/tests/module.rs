//! `--module`: the module judges, and a module that misbehaves is named. `bake` makes another of it.

#![cfg(feature = "module")]

mod common;

use common::Folder;

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n";

/// A module of raw ABI 1 that always decides the same, after `before`; settings that hold anything
/// are wrong.
fn module(before: &str) -> Vec<u8> {
    let decision = r#"{"apiVersion":"transom.dev/v1","kind":"Decision","allowed":false,"object":{"apiVersion":"v1","kind":"Pod","name":"web"},"findings":[{"rule":"WIN999","name":"said-by-module","severity":"error","action":"deny","path":"/metadata/name","message":"the module says so","stage":"silent"}],"suppressed":[],"patch":[],"module":{"name":"test","version":"0"}}"#;
    let right = r#"{"valid":true,"errors":[]}"#;
    let wrong = r#"{"valid":false,"errors":[{"path":"/platform","message":"no such platform"}]}"#;
    let quoted = |text: &str| text.replace('"', "\\\"");
    let answer = |at: u64, text: &str| format!("(i64.const {})", (at << 32) | text.len() as u64);
    let text = format!(
        r#"(module (memory (export "memory") 4)
            (data (i32.const 16) "{}") (data (i32.const 2048) "{}") (data (i32.const 4096) "{}")
            (func (export "transom_abi") (result i32) (i32.const 1))
            (func (export "alloc") (param i32) (result i32) (i32.const 8192))
            (func (export "dealloc") (param i32 i32))
            (func (export "configure") (param i32 i32) (result i64)
                (if (result i64) (i32.gt_u (local.get 1) (i32.const 2)) (then {}) (else {})))
            (func (export "evaluate") (param i32 i32) (result i64) {before} {})
            (func (export "review") (param i32 i32) (result i64) (i64.const 0))
            (@custom "transom.bake" "\01\00\00\00\03\00\00\00"))"#,
        quoted(decision),
        quoted(right),
        quoted(wrong),
        answer(4096, wrong),
        answer(2048, right),
        answer(16, decision),
    );
    wat::parse_str(text).expect("a module")
}

#[test]
fn the_module_judges() {
    let folder = Folder::new("module");
    folder.write("web.yaml", POD);
    folder.write("module.wasm", module(""));
    folder.write("empty.yaml", "{}");
    let run = folder.transom(&["check", "--module", "module.wasm", "--settings", "empty.yaml", "web.yaml"], b"");
    let expected = "\
error[WIN999]: the module says so
 --> web.yaml:3:12
  |
3 | metadata: {name: web}
  |            ^^^^^^^^^ in Pod web

";
    assert_eq!((run.exit, run.stdout.as_str()), (1, expected), "{}", run.stderr);
}

#[test]
fn the_module_is_asked_of_both_worlds() {
    let folder = Folder::new("module-plan");
    folder.write("web.yaml", POD);
    folder.write("module.wasm", module(""));
    let run = folder.transom(&["plan", "--module", "module.wasm", "--kubernetes", "1.30..1.36", "web.yaml"], b"");
    // Each world is settings, and this module refuses all settings.
    assert_eq!((run.exit, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("/platform: no such platform"), "{}", run.stderr);
}

#[test]
fn settings_that_the_module_refuses_are_pointed_at() {
    let folder = Folder::new("module-settings");
    folder.write("web.yaml", POD);
    folder.write("module.wasm", module(""));
    folder.write("settings.yaml", "platform: azure\n");
    let run = folder.transom(&["check", "--module", "module.wasm", "--settings", "settings.yaml", "web.yaml"], b"");
    assert_eq!((run.exit, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr.starts_with("error: wrong settings: no such platform\n --> settings.yaml:1:11\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_module_that_fails_is_named() {
    let folder = Folder::new("module-fails");
    folder.write("web.yaml", POD);
    folder.write("trap.wasm", module("unreachable"));
    for args in [
        ["check", "--module", "trap.wasm", "web.yaml"],
        ["fix", "--module", "trap.wasm", "web.yaml"],
        ["baseline", "--module", "trap.wasm", "web.yaml"],
    ] {
        let run = folder.transom(&args, b"");
        assert_eq!((run.exit, run.stdout.as_str()), (3, ""), "{}", run.stderr);
        assert!(run.stderr.starts_with("error: this object could not be judged: "), "{}", run.stderr);
        assert!(run.stderr.contains("--> web.yaml:1:1\n"), "{}", run.stderr);
    }
    for (file, what) in
        [("web.yaml", "web.yaml: not a core WebAssembly module"), ("missing.wasm", "missing.wasm: cannot be read")]
    {
        let run = folder.transom(&["check", "--module", file, "web.yaml"], b"");
        assert_eq!((run.exit, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.starts_with(&format!("error: {what}")), "{}", run.stderr);
    }
}

#[test]
fn settings_become_part_of_a_module() {
    let folder = Folder::new("module-baked");
    folder.write("module.wasm", module(""));
    folder.write("empty.yaml", "{} # nothing yet\n");
    let bake = ["bake", "--module", "module.wasm", "--settings", "empty.yaml", "-o", "baked.wasm"];
    let run = folder.transom(&bake, b"");
    assert_eq!((run.exit, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(run.stderr.starts_with("baked.wasm: module.wasm with the settings of empty.yaml, "), "{}", run.stderr);
    folder.write("web.yaml", POD);
    let run = folder.transom(&["check", "--module", "baked.wasm", "web.yaml"], b"");
    assert_eq!(run.exit, 1, "{}", run.stderr);
    let names: Vec<_> = std::fs::read_dir(&folder.0).expect("a folder").map(|file| file.expect("a file")).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    // Into a pipe, and nowhere else.
    let bake = ["bake", "--module", "module.wasm", "--settings", "empty.yaml", "-o", "-"];
    let output = folder.command(&bake).output().expect("it runs");
    assert_eq!((output.status.code(), output.stdout), (Some(0), folder.read("baked.wasm")));
    assert!(!folder.0.join("-").exists());
    // Found where a build leaves it.
    folder.write("dist/transom.wasm", module(""));
    let run = folder.transom(&["bake", "--settings", "empty.yaml", "-o", "usual.wasm"], b"");
    assert_eq!(run.exit, 0, "{}", run.stderr);
    assert_eq!(folder.read("usual.wasm"), folder.read("baked.wasm"));
}

#[test]
fn nothing_is_baked_from_what_is_wrong() {
    let folder = Folder::new("module-not-baked");
    folder.write("module.wasm", module(""));
    folder.write("settings.yaml", "platform: azure\n");
    folder.write("twice.yaml", "cni: vpc\ncni: none\n");
    folder.write("empty.yaml", "{}");
    for (module, settings, what) in [
        ("module.wasm", "settings.yaml", "error: wrong settings: no such platform\n --> settings.yaml:1:11\n"),
        ("module.wasm", "twice.yaml", "error: wrong settings: `cni` is set twice: keep one\n --> twice.yaml:2:1\n"),
        ("module.wasm", "missing.yaml", "error: cannot read the settings missing.yaml: "),
        ("missing.wasm", "empty.yaml", "error: cannot read the module missing.wasm: "),
        ("empty.yaml", "empty.yaml", "error: empty.yaml: this is no WebAssembly module, nor a bundle of OPA\n"),
    ] {
        let run = folder.transom(&["bake", "--module", module, "--settings", settings, "-o", "baked.wasm"], b"");
        assert_eq!((run.exit, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.starts_with(what), "{}", run.stderr);
        assert!(!folder.0.join("baked.wasm").exists());
    }
    let output = "missing/baked.wasm";
    let run = folder.transom(&["bake", "--module", "module.wasm", "--settings", "empty.yaml", "-o", output], b"");
    assert_eq!(run.exit, 3);
    assert!(run.stderr.starts_with("error: cannot write missing/baked.wasm: "), "{}", run.stderr);
}
