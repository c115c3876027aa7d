//! What `dist/transom.wasm` shows the world: the raw ABI, nothing more and nothing less.

use std::fs;

use host_test::module;
use wasmparser::{ExternalKind, Parser, Payload};

#[test]
fn exactly_the_raw_abi_is_exported_and_nothing_is_imported() {
    let wasm = fs::read(module()).expect("the module");
    let mut exports = Vec::new();
    let mut imports = Vec::new();
    let mut custom = Vec::new();
    for payload in Parser::new(0).parse_all(&wasm) {
        match payload.expect("a valid module") {
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.expect("an export");
                    let kind = match export.kind {
                        ExternalKind::Func => "func",
                        ExternalKind::Memory => "memory",
                        _ => "other",
                    };
                    exports.push(format!("{kind} {}", export.name));
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.expect("an import");
                    imports.push(format!("{}.{}", import.module, import.name));
                }
            }
            Payload::CustomSection(section) => custom.push(section.name().to_owned()),
            _ => {}
        }
    }
    exports.sort();
    assert_eq!(
        exports,
        [
            "func alloc",
            "func configure",
            "func dealloc",
            "func evaluate",
            "func review",
            "func transom_abi",
            "memory memory",
        ]
    );
    assert_eq!(imports, [""; 0]);
    let debug: Vec<_> = custom.iter().filter(|name| name.starts_with(".debug") || *name == "name").collect();
    assert!(debug.is_empty(), "{debug:?}");
}

#[test]
fn no_documentation_is_inside() {
    let wasm = fs::read(module()).expect("the module");
    for heading in ["## Bad", "## Good", "## Fixed"] {
        let found = wasm.windows(heading.len()).any(|bytes| bytes == heading.as_bytes());
        assert!(!found, "{heading:?} of a rule's documentation is in the module");
    }
}
