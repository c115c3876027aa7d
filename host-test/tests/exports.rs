//! What each module shows the world: its ABI, nothing more and nothing less.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;

use host_test::{component, kubewarden_module, module, npm_package, opa_module, root};
use wasmparser::{ExternalKind, Parser, Payload, TypeRef};
use wit_component::{DecodedWasm, WitPrinter};

/// The outside of a module, in the order of names.
#[derive(Debug, Default)]
struct Outside {
    exports: Vec<String>,
    imports: Vec<String>,
    custom: Vec<String>,
}

/// The files of the npm package by their paths.
fn npm_files() -> BTreeMap<String, Vec<u8>> {
    let package = fs::File::open(npm_package()).expect("the package");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(package));
    let mut files = BTreeMap::new();
    for entry in archive.entries().expect("an archive") {
        let mut entry = entry.expect("a file");
        let path = entry.path().expect("a path").to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("it is whole");
        files.insert(path.strip_prefix("package/").expect("npm wants this folder").to_owned(), bytes);
    }
    files
}

fn outside(wasm: &[u8]) -> Outside {
    let mut outside = Outside::default();
    for payload in Parser::new(0).parse_all(wasm) {
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
    let outside = outside(&fs::read(module()).expect("the module"));
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
    let outside = outside(&fs::read(opa_module()).expect("the module"));
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
    assert_eq!(outside.imports, ["env.memory: memory 5 to None pages", "env.opa_abort: func"]);
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
    let mut custom = outside(&fs::read(component()).expect("the component")).custom;
    custom.sort();
    assert_eq!(custom, ["component-name", "producers", "producers", "producers", "producers", "transom.bake"]);
}

#[test]
fn the_module_of_kubewarden() {
    let outside = outside(&fs::read(kubewarden_module()).expect("the module"));
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

/// These names are between the module and its glue, which are in one package; wasm-bindgen makes them.
#[test]
fn the_module_of_npm() {
    let outside = outside(&npm_files()["transom.wasm"]);
    let is_ours = |export: &&String| !export.contains(" __");
    let ours: Vec<_> = outside.exports.iter().filter(is_ours).collect();
    assert_eq!(
        ours,
        ["func core_configure", "func core_evaluate", "func core_new", "func core_review", "memory memory",]
    );
    let modules: Vec<_> =
        outside.imports.iter().map(|import| import.split("__wb").next().unwrap_or_default()).collect();
    assert_eq!(modules, ["./transom_bg.js."; 2], "{:?}", outside.imports);
    assert_eq!(outside.custom, [""; 0]);
}

#[test]
fn the_files_of_the_npm_package() {
    let files = npm_files();
    let names: Vec<_> = files.keys().map(String::as_str).collect();
    let modules = ["documentation", "glue", "inflate", "inlined", "input", "judge", "patch", "rules", "search", "wasm"];
    let mut expected: Vec<String> =
        modules.iter().flat_map(|name| [format!("lib/{name}.cjs"), format!("lib/{name}.js")]).collect();
    for name in ["index", "core", "load", "decision", "settings"] {
        expected.extend(["d.ts", "d.cts"].map(|kind| format!("{name}.{kind}")));
    }
    for name in ["index", "core", "load"] {
        expected.extend(["js", "cjs"].map(|kind| format!("{name}.{kind}")));
    }
    let others = ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json", "transom.wasm", "lib/imported.js"];
    expected.extend(others.map(str::to_owned));
    expected.extend(["index.workerd.js", "core.workerd.js"].map(str::to_owned));
    expected.extend(["schemas/decision.schema.json", "schemas/settings.schema.json"].map(str::to_owned));
    expected.extend(["bin/host.mjs", "bin/transom.mjs", "bin/transom.wasm"].map(str::to_owned));
    expected.sort();
    assert_eq!(names, expected);
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(String::from_utf8_lossy(&files["package.json"]).contains(&version));
}

#[test]
fn no_documentation_is_inside() {
    let npm = npm_files().remove("transom.wasm").expect("the module");
    let modules = [module(), opa_module(), kubewarden_module(), component()];
    let modules = modules.map(|path| (path, fs::read(path).expect("the module")));
    for (path, wasm) in modules.into_iter().chain([(npm_package(), npm)]) {
        for heading in ["## Bad", "## Good", "## Fixed"] {
            let found = wasm.windows(heading.len()).any(|bytes| bytes == heading.as_bytes());
            assert!(!found, "{heading:?} of a rule's documentation is in {}", path.display());
        }
    }
}
