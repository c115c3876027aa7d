//! transom as a policy of OPA: in hosts of our own, in the SDK for Node, and in the real opa.
//!
//! What an engine makes of an answer before anybody sees it stands in [`host_test::Engine`]'s table;
//! everything else is equal, byte for byte, to what the core answers natively.

mod node;
mod server;
mod wazero;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use std::{fs, thread};

use host_test::opa::{self, Format, Policy};
use host_test::{Case, Engine, between, engine, opa_module, root};
use serde_json::{Value, json};
use server::Server;
use transom::{Around, Form, Transom};
use transom_opa::policy::{self, Answer, ENTRYPOINTS, Entrypoint};
use transom_opa::rego;

const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[
    {"name":"web","image":"mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}}"#;

/// With these, nothing speaks against [`POD`].
const OFF: &str = r#"{"rules": {"WIN101": "off"}}"#;

fn cases() -> Vec<Case> {
    Case::all().into_iter().map(|case| case.expect("a case")).collect()
}

fn native(entrypoint: Entrypoint, input: &str) -> Answer {
    policy::answer(entrypoint, input.as_bytes(), "")
}

/// Fails with everything that did not hold, not with the first.
fn no(failures: Vec<String>) {
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn the_abi() {
    let mut policy = Policy::load(opa_module());
    assert_eq!((policy.global("opa_wasm_abi_version"), policy.global("opa_wasm_abi_minor_version")), (1, 3));
    assert_eq!(policy.names("builtins"), "{}");
    assert_eq!(policy.names("entrypoints"), policy::NAMES);
}

#[test]
fn the_corpus_on_both_paths_and_in_both_formats() {
    let mut policy = Policy::load(opa_module());
    let data = policy.value("{}", Format::Json).expect("a value");
    let mut failures = Vec::new();
    for case in cases() {
        let input = case.input().to_string();
        for (number, (entrypoint, name)) in (0..).zip(ENTRYPOINTS) {
            let native = native(entrypoint, &input);
            for (format, expected) in [(Format::Json, native.to_json()), (Format::Rego, native.to_rego())] {
                for answer in [
                    policy.evaluate(number, data, &input, format),
                    policy.evaluate_by_steps(number, data, &input, format),
                ] {
                    let difference = host_test::difference(&expected, &answer);
                    failures.extend(difference.map(|text| format!("{} {name} {format:?}: {text}", case.name)));
                }
            }
        }
    }
    no(failures);
}

/// What a case has as an envelope comes from OPA's data here.
#[test]
fn settings_and_context_from_data() {
    let mut policy = Policy::load(opa_module());
    let base = policy.heap();
    let mut failures = Vec::new();
    for mut case in cases() {
        let expected = transom::evaluate(case.input().to_string().as_bytes());
        let mut data = json!({"kubernetes": case.context, "other": [1, "x"]});
        case.context.clear();
        if let Some(settings) = case.settings.take() {
            data["transom"] = json!({"settings": settings});
        }
        let data = policy.value(&data.to_string(), Format::Rego).expect("a value");
        let answer = policy.evaluate(1, data, &case.input().to_string(), Format::Json);
        let expected = Answer { json: expected, is_set: false }.to_json();
        failures.extend(host_test::difference(&expected, &answer).map(|text| format!("{}: {text}", case.name)));
        policy.set_heap(base);
    }
    no(failures);
}

#[test]
fn data_is_changed_in_place() {
    let mut policy = Policy::load(opa_module());
    let mut value = |text: &str| policy.value(text, Format::Rego).expect("a value");
    let (data, settings, path) = (value(r#"{"transom": {}}"#), value(OFF), value(r#"["transom", "settings"]"#));
    let (missing, through_text, root) =
        (value(r#"["a", "b"]"#), value(r#"["transom", "settings", "rules", "WIN101", "x"]"#), value("[]"));
    let deny = |policy: &mut Policy| policy.evaluate(2, data, POD, Format::Rego);
    let denied = native(Entrypoint::Deny, POD).to_rego();
    assert_eq!(deny(&mut policy), denied);
    assert_eq!(policy.add(data, path, settings), 0);
    assert_eq!(deny(&mut policy), r#"{{"result":set()}}"#);
    assert_eq!(policy.add(data, missing, settings), 3);
    assert_eq!(policy.add(data, through_text, settings), 2);
    assert_eq!(policy.add(data, root, settings), 3);
    assert_eq!(policy.remove(data, missing), 3);
    assert_eq!(policy.remove(data, path), 0);
    assert_eq!(policy.remove(data, path), 3);
    assert_eq!(deny(&mut policy), denied);
}

/// A text lies in a block of up to twice its size, and opa's data twice in memory from the start.
#[test]
fn memory_stays_as_large_as_the_data() {
    let mut policy = Policy::load(opa_module());
    let base = policy.heap();
    let mut model = json!({"system": {"bundles": "x".repeat(900_000)}, "transom": {}});
    let data = policy.value(&model.to_string(), Format::Rego).expect("a value");
    let denied = native(Entrypoint::Deny, POD).to_rego();
    let mut largest = 0;
    for round in 0..400 {
        let name = format!("\n{}", round * 7 % 11);
        let path = json!([name]).to_string();
        if round % 3 == 2 {
            let was_there = model.as_object_mut().expect("an object").remove(&name).is_some();
            assert_eq!(policy.patch(data, &path, None), if was_there { 0 } else { 3 });
        } else {
            let value = json!({"é": "y".repeat([1, 100, 30_000, 700_000][round % 4])});
            assert_eq!(policy.patch(data, &path, Some(&value.to_string())), 0);
            model[name] = value;
        }
        if round % 2 == 0 {
            let (settings, expected) = if round % 4 == 0 { (OFF, r#"{{"result":set()}}"#) } else { ("{}", &*denied) };
            assert_eq!(policy.patch(data, r#"["transom", "settings"]"#, Some(settings)), 0);
            model["transom"]["settings"] = serde_json::from_str(settings).expect("JSON");
            assert_eq!(policy.evaluate(2, data, POD, Format::Rego), expected);
        }
        largest = largest.max(model.to_string().len());
        let heap = (policy.heap() - base) as usize;
        assert!(heap <= 4 * largest + 1024, "round {round}: {heap} bytes for at most {largest}");
        if round % 20 == 0 {
            let start = policy.heap();
            let text = policy.text(data, Format::Json);
            policy.set_heap(start);
            assert!(serde_json::from_str::<Value>(&text).expect("JSON") == model, "round {round}");
        }
    }
}

#[test]
fn values_that_a_host_holds_outlive_changes() {
    let mut policy = Policy::load(opa_module());
    let data = policy.value("{}", Format::Rego).expect("a value");
    let heap = policy.heap();
    policy.set_heap(heap);
    let mut value = |text: &str| policy.value(text, Format::Rego).expect("a value");
    let (held, path, large) = (value("[1]"), value(r#"["a"]"#), value(&json!("x".repeat(1000)).to_string()));
    assert_eq!(policy.add(data, path, large), 0);
    policy.run("opa_heap_blocks_stash", &[]);
    let other = policy.value("[2]", Format::Rego).expect("a value");
    assert_eq!(policy.text(held, Format::Json), "[1]");
    assert_eq!(policy.text(path, Format::Json), r#"["a"]"#);
    assert_eq!(policy.text(large, Format::Json).len(), 1002);
    assert_eq!(policy.text(data, Format::Json).len(), 1002 + r#"{"a":}"#.len());
    assert_eq!(policy.text(other, Format::Json), "[2]");
}

/// A change that does not fit leaves the data as it was.
#[test]
fn changes_without_memory() {
    let mut policy = Policy::with_pages(opa_module(), Some(64));
    let data = policy.value("{}", Format::Rego).expect("a value");
    let value = json!("x".repeat(100_000)).to_string();
    let (last, outcome) = (0..100)
        .map(|number| (number, policy.patch(data, &format!(r#"["{number}"]"#), Some(&value))))
        .find(|(_, outcome)| *outcome != 0)
        .expect("it does not fit");
    assert_eq!(outcome, 1);
    assert!(last > 8, "{last} values fit");
    assert_eq!(policy.patch(data, &format!(r#"["{last}"]"#), None), 3);
    assert_eq!(policy.patch(data, r#"["0"]"#, Some(OFF)), 0);
    assert_eq!(policy.evaluate(2, data, POD, Format::Rego), native(Entrypoint::Deny, POD).to_rego());
}

#[test]
fn memory_stays_as_it_is() {
    let mut policy = Policy::load(opa_module());
    let data = policy.value("{}", Format::Json).expect("a value");
    let expected = native(Entrypoint::Decision, POD).to_json();
    let mut pages = 0;
    for round in 0..3 {
        for size in [3_000_000, 10, 2_000_000, 1] {
            let mut pod: Value = serde_json::from_str(POD).expect("JSON");
            pod["metadata"]["annotations"] = json!({"note": "x".repeat(size)});
            let pod = pod.to_string();
            policy.evaluate(1, data, &pod, Format::Json);
            policy.evaluate_by_steps(1, data, &pod, Format::Rego);
            assert_eq!(policy.evaluate(1, data, POD, Format::Json), expected);
        }
        assert!(round == 0 || policy.pages() == pages, "{} pages, then {}", pages, policy.pages());
        pages = policy.pages();
    }
}

#[test]
fn what_is_no_json() {
    let mut policy = Policy::load(opa_module());
    let data = policy.value("{}", Format::Json).expect("a value");
    for text in ["", "{", "\"\\x", "{\"a\": \"\\", "nul"] {
        assert!(policy.value(text, Format::Json).is_none(), "{text}");
        // Go's escapes are replaced first, whatever else is wrong.
        let expected = native(Entrypoint::Decision, &rego::to_json(text)).to_json();
        assert_eq!(policy.evaluate(1, data, text, Format::Json), expected);
    }
}

#[test]
fn the_corpus_in_node() {
    let Some(script) = node::script("evaluate.mjs") else { return };
    let mut asked = Vec::new();
    let mut questions = Vec::new();
    for case in cases() {
        for (entrypoint, name) in ENTRYPOINTS {
            let input = case.input().to_string();
            questions.push(node::Question { entrypoint: name, input, data: json!({}) });
            asked.push((entrypoint, case.name.clone()));
        }
    }
    let answers = node::ask(script, &questions);
    assert_eq!(answers.len(), questions.len());
    let mut failures = Vec::new();
    for (((entrypoint, case), question), [as_text, as_object]) in asked.iter().zip(&questions).zip(&answers) {
        let native = native(*entrypoint, &question.input).json;
        failures.extend(between(Engine::NodeText, case, &native, as_text));
        failures.extend(between(Engine::NodeObject, case, &native, as_object));
    }
    no(failures);
}

#[test]
fn a_hundred_thousand_evaluations_in_node() {
    let Some(mut script) = node::script("memory.mjs") else { return };
    let report: Value = serde_json::from_str(&engine::run(&mut script).expect("it ends well")).expect("JSON");
    assert_eq!(report["before"], report["after"], "{report}");
    assert_eq!(report["same"], true);
}

#[test]
fn a_hundred_thousand_evaluations_in_wazero() {
    let Some(mut program) = wazero::memory() else { return };
    let report: Value = serde_json::from_str(&engine::run(&mut program).expect("it ends well")).expect("JSON");
    assert_eq!(report["before"], report["after"], "{report}");
    assert_eq!(report["same"], true);
    let mut pod: Value = serde_json::from_str(POD).expect("JSON");
    pod["metadata"]["annotations"] = json!({"note": ""});
    assert_eq!(report["answer"], native(Entrypoint::Decision, &pod.to_string()).to_json());
}

#[test]
fn the_corpus_in_opa() {
    let Some(opa) = Server::start(&[]) else { return };
    let mut failures = Vec::new();
    let start = Instant::now();
    let cases = cases();
    for case in &cases {
        let input = case.input();
        let text = input.to_string();
        let decision = opa.data("transom/decision", &input).to_string();
        let native = transom::evaluate(text.as_bytes());
        failures.extend(between(Engine::Opa, &case.name, &native, &decision));
        let review = opa.main(&text).to_string();
        let native = Transom::new().review(text.as_bytes());
        failures.extend(between(Engine::Opa, &case.name, &native, &review));
        let validated = opa.webhook("system/validate", &text).to_string();
        let native = Transom::new().answer(Form::Validation, text.as_bytes(), &Around::default());
        failures.extend(between(Engine::Opa, &case.name, &native, &validated));
    }
    engine::say(&format!("opa: {:.1} ms a request", start.elapsed().as_secs_f64() * 1e3 / (3 * cases.len()) as f64));
    no(failures);
}

/// Inputs of very different sizes, and texts that Go quotes in ways JSON does not know.
#[test]
fn sizes_and_texts_in_opa() {
    let Some(opa) = Server::start(&[]) else { return };
    let mut pod: Value = serde_json::from_str(POD).expect("JSON");
    let strange =
        "\u{7} \u{b} \u{0} \u{7f} \u{85} \u{200b} \u{feff} \u{fffe} \u{1f600} \u{e000} \u{10ffff} \\ \" ' <&>";
    let large = ["x".repeat(3_000_000), "0123456789".into(), "y".repeat(2_000_000), strange.into()];
    let small = (0..1000).map(|number| number.to_string());
    for note in large.into_iter().chain(small) {
        let size = note.len();
        pod["metadata"]["labels"] = json!({"note": note});
        // What is echoed comes back as a Rego term.
        if size < 1000 {
            pod["metadata"]["name"] = note.into();
        }
        let native: Value = serde_json::from_str(&transom::evaluate(pod.to_string().as_bytes())).expect("JSON");
        assert!(opa.data("transom/decision", &pod) == native, "{size} bytes");
    }
}

/// Rego of somebody else's bundle uses our entrypoints as documents.
#[test]
fn beside_other_policies_in_opa() {
    // Without the `..` of `root`, which confuses opa about where the bundle begins.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opa/other");
    let Some(opa) = Server::start(&[&folder]) else { return };
    let pod: Value = serde_json::from_str(POD).expect("JSON");
    let denials: Value = serde_json::from_str(&native(Entrypoint::Deny, POD).json).expect("JSON");
    let answer = opa.data("other", &pod);
    assert_eq!(answer["denied"], denials);
    assert_eq!(answer["intent"], "windows");
    assert_eq!(answer["rules"], json!(["WIN101"]));
    assert_eq!(answer["owner"], "platform team");
    opa.put("transom/settings", &serde_json::from_str(OFF).expect("JSON"));
    assert_eq!(opa.data("other/denied", &pod), json!([]));
}

/// Settings come and go while eight clients ask: each answer is that of one settings or the other.
#[test]
fn data_changes_while_opa_evaluates() {
    const CLIENTS: usize = 8;
    const REQUESTS: usize = 40;
    let Some(opa) = Server::start(&[]) else { return };
    let pod: Value = serde_json::from_str(POD).expect("JSON");
    let off: Value = serde_json::from_str(OFF).expect("JSON");
    let denials: Value = serde_json::from_str(&native(Entrypoint::Deny, POD).json).expect("JSON");
    let done = AtomicBool::new(false);
    let mut seen = BTreeMap::<String, usize>::new();
    let mut changes = 0;
    thread::scope(|scope| {
        let client = || (0..REQUESTS).map(|_| opa.data("transom/deny", &pod).to_string()).collect::<Vec<_>>();
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        let changer = scope.spawn(|| {
            let mut changes = 0;
            while !done.load(Ordering::Relaxed) {
                let settings = if changes % 2 == 0 { &off } else { &json!({}) };
                opa.put("transom/settings", settings);
                changes += 1;
            }
            changes
        });
        for client in clients {
            for answer in client.join().expect("a client") {
                *seen.entry(answer).or_default() += 1;
            }
        }
        done.store(true, Ordering::Relaxed);
        changes = changer.join().expect("the changer");
    });
    assert!(changes >= 2);
    let denials = denials.to_string();
    assert!(seen.keys().all(|answer| *answer == denials || answer == "[]"), "{seen:?}");
    opa.put("transom/settings", &off);
    assert_eq!(opa.data("transom/deny", &pod), json!([]));
}

/// opa's data has the module in it, for one: 900 KB.
#[test]
#[cfg(target_os = "linux")]
fn memory_of_opa_after_changes() {
    let Some(opa) = Server::start(&[]) else { return };
    let pod: Value = serde_json::from_str(POD).expect("JSON");
    let denials: Value = serde_json::from_str(&native(Entrypoint::Deny, POD).json).expect("JSON");
    opa.put("other", &json!(0));
    let before = opa.memory();
    for number in 1..=200 {
        opa.put("other", &json!({"number": number}));
    }
    assert_eq!(opa.data("transom/deny", &pod), denials);
    let after = opa.memory();
    engine::say(&format!("opa: {before} MB, after 200 changes {after} MB"));
    assert!(after < before + 100, "{before} MB, then {after} MB");
}

/// The first command of the README; and the bundle as a folder.
#[test]
fn opa_eval() {
    let Some(program) = opa::program() else { return };
    let folder = root().join("build").join(format!("opa-eval.{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let (input, data) = (folder.join("pod.json"), folder.join("data.json"));
    fs::write(&input, POD).expect("a file");
    fs::write(&data, json!({"transom": {"settings": {"rules": {"WIN101": "warn"}}}}).to_string()).expect("a file");
    let unpacked = folder.join("bundle");
    let bundle = fs::File::open(server::bundle()).expect("the bundle");
    tar::Archive::new(flate2::read::GzDecoder::new(bundle)).unpack(&unpacked).expect("an archive");
    // As a folder it must be the one opa is in: elsewhere opa does not find the module by the manifest's name.
    let eval = |bundle: &Path, data: Option<&Path>| -> Value {
        let mut opa = Command::new(&program);
        opa.args(["eval", "--format=raw", "--bundle"]).arg(bundle).arg("--input").arg(&input).current_dir(&unpacked);
        if let Some(data) = data {
            opa.arg("--data").arg(data);
        }
        serde_json::from_str(&engine::run(opa.arg("data.transom.decision")).expect("an answer")).expect("JSON")
    };
    let native: Value = serde_json::from_str(&transom::evaluate(POD.as_bytes())).expect("JSON");
    assert_eq!(eval(&server::bundle(), None), native);
    assert_eq!(eval(Path::new("."), None), native);
    assert_eq!(eval(&server::bundle(), Some(&data))["findings"][0]["action"], "warn");
    fs::remove_dir_all(folder).expect("it is ours");
}
