//! Modules that settings were made part of: they answer as the core does with these settings, through
//! the ABI they had.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use host_test::opa::{Format, Policy};
use host_test::{Case, component, difference, module, opa_module};
use serde_json::json;
use transom::{Around, Form, Transom};
use transom_bake::{Error, bake};
use transom_host::Host;
use transom_opa::policy::{Answer, ENTRYPOINTS, Entrypoint};
use wasmparser::{Parser, Payload};
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

/// Some of every kind.
const SETTINGS: &str = r#"{
    "platform": "aks",
    "kubernetes": {"version": "1.36", "featureGates": {"ContainerStopSignals": true}},
    "windows": {"builds": [20348], "labels": {"agentpool": "winpool"}},
    "rules": {"WIN109": "deny", "linux-command": "warn", "WIN102": "off"},
    "mutate": "safe",
    "exempt": {"namespaces": ["kube-system"]}
}"#;

fn core() -> Transom {
    let mut core = Transom::new();
    core.configure(SETTINGS.as_bytes()).expect("right settings");
    core
}

fn baked(path: &Path) -> Vec<u8> {
    bake(&fs::read(path).expect("a module"), SETTINGS).unwrap_or_else(|error| panic!("{error}"))
}

fn baked_raw() -> &'static [u8] {
    static MODULE: OnceLock<Vec<u8>> = OnceLock::new();
    MODULE.get_or_init(|| baked(module()))
}

fn baked_opa() -> &'static [u8] {
    static MODULE: OnceLock<Vec<u8>> = OnceLock::new();
    MODULE.get_or_init(|| baked(opa_module()))
}

/// The cases without their own settings, which would count more.
fn inputs() -> impl Iterator<Item = (String, String)> {
    Case::all().into_iter().map(|case| {
        let mut case = case.expect("a case");
        case.settings = None;
        let input = case.input().to_string();
        (case.name, input)
    })
}

/// Imports and exports with their types.
fn interface(wasm: &[u8]) -> Vec<String> {
    let mut interface = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.expect("a module") {
            Payload::ImportSection(imports) => {
                interface.extend(imports.into_imports().map(|import| format!("{:?}", import.expect("an import"))));
            }
            Payload::ExportSection(exports) => {
                interface.extend(exports.into_iter().map(|export| format!("{:?}", export.expect("an export"))));
            }
            _ => {}
        }
    }
    interface
}

#[test]
fn the_raw_module() {
    let (core, host) = (core(), Host::from_bytes(baked_raw()).expect("a module of the raw ABI"));
    let mut failures = Vec::new();
    for (name, input) in inputs() {
        let answers = [
            (core.evaluate(input.as_bytes()), host.evaluate(&input).expect("a Decision")),
            (core.review(input.as_bytes()), host.review(&input).expect("an answer")),
        ];
        for (native, module) in answers {
            failures.extend(difference(&native, &module).map(|text| format!("{name}: {text}")));
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn the_opa_module() {
    let folder = host_test::root().join("build");
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(format!("baked.{}.opa.wasm", std::process::id()));
    fs::write(&path, baked_opa()).expect("a file");
    let (core, mut policy) = (core(), Policy::load(&path));
    fs::remove_file(path).expect("it is ours");
    let data = policy.value("{}", Format::Json).expect("a value");
    let mut failures = Vec::new();
    for (name, input) in inputs() {
        for (number, (entrypoint, _)) in (0..).zip(ENTRYPOINTS) {
            let bytes = input.as_bytes();
            let (form, is_set) = match entrypoint {
                Entrypoint::Main => (Form::Review, false),
                Entrypoint::Decision => (Form::Decision, false),
                Entrypoint::Deny => (Form::Denials, true),
                Entrypoint::Violation => (Form::Violations, true),
                Entrypoint::Validate => (Form::Validation, false),
            };
            let native = Answer { json: core.answer(form, bytes, &Around::default()), is_set };
            let module = policy.evaluate(number, data, &input, Format::Json);
            failures.extend(difference(&native.to_json(), &module).map(|text| format!("{name}: {text}")));
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
    // What data brings counts more.
    let (name, input) = inputs().next().expect("a case");
    let data = policy.value(&json!({"transom": {"settings": {}}}).to_string(), Format::Json).expect("a value");
    let plain = Answer { json: transom::evaluate(input.as_bytes()), is_set: false }.to_json();
    assert_eq!(policy.evaluate(1, data, &input, Format::Json), plain, "{name}");
}

#[test]
fn the_component() {
    let engine = Engine::default();
    let baked = Component::new(&engine, baked(component())).expect("a component");
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &baked).expect("an instance");
    let interface = instance.get_export_index(&mut store, None, "transom:policy/evaluation@0.1.0");
    let evaluate = instance.get_export_index(&mut store, interface.as_ref(), "evaluate-json").expect("it is exported");
    let evaluate = instance.get_typed_func::<(&str,), (String,)>(&mut store, evaluate).expect("its type");
    let core = core();
    let mut failures = Vec::new();
    for (name, input) in inputs() {
        let (module,) = evaluate.call(&mut store, (&input,)).expect("no trap");
        failures.extend(difference(&core.evaluate(input.as_bytes()), &module).map(|text| format!("{name}: {text}")));
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
}

/// Only the module in it is another one.
#[test]
fn the_bundle_of_opa() {
    let bundle = fs::read(opa_module().with_file_name("transom-bundle.tar.gz")).expect("the bundle");
    let members = |bundle: &[u8]| {
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bundle));
        let members = archive.entries().expect("members").map(|member| {
            let mut member = member.expect("a member");
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut member, &mut bytes).expect("its bytes");
            (member.path_bytes().into_owned(), bytes)
        });
        members.collect::<Vec<_>>()
    };
    let (before, after) = (members(&bundle), members(&bake(&bundle, SETTINGS).expect("a bundle")));
    assert_eq!(before[0], after[0]);
    assert_eq!(before[1].0, after[1].0);
    assert!(after[1].1 == baked_opa());
    assert_eq!((before.len(), after.len()), (2, 2));
}

#[test]
fn the_abi_stays() {
    let plain = fs::read(module()).expect("a module");
    assert_eq!(interface(&plain), interface(baked_raw()));
    let plain = fs::read(opa_module()).expect("a module");
    assert_eq!(interface(&plain), interface(baked_opa()));
}

#[test]
fn the_same_settings_give_the_same_bytes() {
    assert!(baked(module()) == baked_raw());
}

/// Settings that are baked in give way to others: baked over them, of the host, of the request.
#[test]
fn other_settings_count_more() {
    let (_, input) = inputs().next().expect("a case");
    let plain = transom::evaluate(input.as_bytes());
    assert_ne!(core().evaluate(input.as_bytes()), plain, "the settings change nothing of the first case");
    let again = bake(baked_raw(), "{}").expect("a module");
    assert_eq!(Host::from_bytes(&again).expect("a module").evaluate(&input).expect("a Decision"), plain);
    let host = Host::from_bytes(baked_raw()).expect("a module");
    let own = input.trim_start().replacen('{', r#"{"settings": {}, "request": {"#, 1) + "}";
    if !input.contains(r#""request""#) {
        assert_eq!(host.evaluate(&own).expect("a Decision"), plain);
    }
    host.configure("{}").expect("right settings");
    assert_eq!(host.evaluate(&input).expect("a Decision"), plain);
}

#[test]
fn what_cannot_be_baked() {
    let module = fs::read(module()).expect("a module");
    let wrong = r#"{"platform": "akss", "rules": {"WIN999": "off"}}"#;
    let mut core = Transom::new();
    let expected: Vec<_> = core.configure(wrong.as_bytes()).expect_err("wrong").into_iter().map(|m| m.path).collect();
    match bake(&module, wrong) {
        Err(Error::Settings(mistakes)) => {
            assert_eq!(mistakes.into_iter().map(|mistake| mistake.path).collect::<Vec<_>>(), expected);
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(bake(b"{}", "{}"), Err(Error::NotWasm(_))));
    assert!(matches!(bake(b"\x1f\x8bno", "{}"), Err(Error::NotWasm(_))));
    assert!(matches!(bake(b"\0asm\x01\0\0\0", "{}"), Err(Error::NoHooks)));
    assert!(matches!(bake(b"\0asm\x0d\0\x01\0", "{}"), Err(Error::NoHooks)));
    let cut = &module[..module.len() / 2];
    assert!(matches!(bake(cut, "{}"), Err(Error::NotWasm(_))));
}

/// OPA's hosts give five pages, and settings may be longer than what is left of them.
#[test]
fn settings_too_long_for_the_memory_of_opa() {
    let names: Vec<String> = (0..8_000).map(|number| format!("namespace-{number}")).collect();
    let long = json!({"exempt": {"namespaces": names}}).to_string();
    let module = fs::read(opa_module()).expect("a module");
    match bake(&module, &long) {
        Err(Error::TooLarge { needs, has }) => assert!(needs > has && has == 5 * 65_536),
        other => panic!("{:?}", other.map(|bytes| bytes.len())),
    }
    let raw = bake(&fs::read(host_test::module()).expect("a module"), &long).expect("the raw module has room");
    Host::from_bytes(&raw).expect("a module");
}
