//! What each module shows the world: its ABI, nothing more and nothing less.

use std::fs;
use std::path::Path;

use host_test::{component, kubewarden_module, module, opa_module, root};
use wasmparser::{ExternalKind, Parser, Payload, TypeRef};
use wit_component::{DecodedWasm, WitPrinter};

/// The outside of a module, in the order of names.
#[derive(Debug, Default)]
struct Outside {
    exports: Vec<String>,
    imports: Vec<String>,
    custom: Vec<String>,
}

fn outside(path: &Path) -> Outside {
    let wasm = fs::read(path).expect("the module");
    let mut outside = Outside::default();
    for payload in Parser::new(0).parse_all(&wasm) {
        match payload.expect("a valid module") {
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.expect("an export");
                    let kind = match export.kind {
                        ExternalKind::Func => "func",
                        ExternalKind::Memory => "memory",
                        ExternalKind::Global => "global",
                        _ => "other",
                    };
                    outside.exports.push(format!("{kind} {}", export.name));
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.expect("an import");
                    let kind = match import.ty {
                        TypeRef::Memory(memory) => format!("memory {} to {:?} pages", memory.initial, memory.maximum),
                        TypeRef::Func(_) => "func".to_owned(),
                        other => format!("{other:?}"),
                    };
                    outside.imports.push(format!("{}.{}: {kind}", import.module, import.name));
                }
            }
            Payload::CustomSection(section) => outside.custom.push(section.name().to_owned()),
            _ => {}
        }
    }
    outside.exports.sort();
    outside.imports.sort();
    outside
}

#[test]
fn the_raw_module() {
    let outside = outside(module());
    assert_eq!(
        outside.exports,
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
    assert_eq!(outside.imports, [""; 0]);
    assert_eq!(outside.custom, ["transom.bake"]);
}

#[test]
fn the_module_of_opa() {
    let outside = outside(opa_module());
    assert_eq!(
        outside.exports,
        [
            "func builtins",
            "func entrypoints",
            "func eval",
            "func opa_eval",
            "func opa_eval_ctx_get_result",
            "func opa_eval_ctx_new",
            "func opa_eval_ctx_set_data",
            "func opa_eval_ctx_set_entrypoint",
            "func opa_eval_ctx_set_input",
            "func opa_free",
            "func opa_heap_blocks_restore",
            "func opa_heap_blocks_stash",
            "func opa_heap_ptr_get",
            "func opa_heap_ptr_set",
            "func opa_heap_stash_clear",
            "func opa_json_dump",
            "func opa_json_parse",
            "func opa_malloc",
            "func opa_value_add_path",
            "func opa_value_dump",
            "func opa_value_free",
            "func opa_value_parse",
            "func opa_value_remove_path",
            "global opa_wasm_abi_minor_version",
            "global opa_wasm_abi_version",
            "memory memory",
        ]
    );
    // More pages, or a maximum, and hosts that bring five pages would not load it.
    assert_eq!(outside.imports, ["env.memory: memory 5 to None pages"]);
    assert_eq!(outside.custom, ["transom.bake"]);
}

/// `BLESS=1` writes the snapshot anew.
#[test]
fn the_component() {
    let wasm = fs::read(component()).expect("the component");
    let DecodedWasm::Component(resolve, world) = wit_component::decode(&wasm).expect("a component") else {
        panic!("this is no component");
    };
    let world = &resolve.worlds[world];
    assert_eq!((world.imports.len(), world.exports.len()), (0, 1));
    let package = world.package.expect("a package");
    let others: Vec<_> = resolve.packages.iter().map(|(id, _)| id).filter(|id| *id != package).collect();
    let mut printer = WitPrinter::default();
    printer.print(&resolve, package, &others).expect("text");
    let wit = printer.output.to_string();
    let path = root().join("host-test/tests/component/world.wit");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &wit).expect("the snapshot");
    }
    let snapshot = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(wit == snapshot, "the component offers something else; rewrite {} with BLESS=1:\n{wit}", path.display());
    // Of the component and the modules in it: what made them, and the names of the parts, not of functions.
    let mut custom = outside(component()).custom;
    custom.sort();
    assert_eq!(custom, ["component-name", "producers", "producers", "producers", "producers", "transom.bake"]);
}

#[test]
fn the_module_of_kubewarden() {
    let outside = outside(kubewarden_module());
    assert_eq!(outside.exports, ["func __guest_call", "memory memory"]);
    assert_eq!(
        outside.imports,
        [
            "wapc.__guest_error: func",
            "wapc.__guest_request: func",
            "wapc.__guest_response: func",
            "wapc.__host_call: func",
            "wapc.__host_response: func",
            "wapc.__host_response_len: func",
        ]
    );
    assert_eq!(outside.custom, ["transom.bake", "io.kubewarden.metadata"]);
}

#[test]
fn no_documentation_is_inside() {
    for path in [module(), opa_module(), kubewarden_module(), component()] {
        let wasm = fs::read(path).expect("the module");
        for heading in ["## Bad", "## Good", "## Fixed"] {
            let found = wasm.windows(heading.len()).any(|bytes| bytes == heading.as_bytes());
            assert!(!found, "{heading:?} of a rule's documentation is in {}", path.display());
        }
    }
}
