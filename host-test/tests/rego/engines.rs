//! Five of transom's rules in `host-test/engines/rego/windows.rego`, in every engine that runs Rego.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use host_test::measure::{IIS, deployment, pod, review};
use host_test::opa::{self, Format, Policy, Value as Address};
use host_test::{engine, root};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use serde_json::{Value, json};

/// What is asked for.
pub(crate) const ENTRYPOINT: &str = "data.windows.violations";

/// The rules that are in it.
pub(crate) const RULES: [&str; 5] = ["WIN203", "WIN403", "WIN501", "WIN508", "WIN803"];

/// The settings with which transom has these rules and no others.
pub(crate) fn settings() -> String {
    let others = transom::rules::all().iter().filter(|rule| !RULES.contains(&rule.id));
    let off: serde_json::Map<_, _> = others.map(|rule| (rule.id.to_owned(), json!("off"))).collect();
    json!({"rules": off}).to_string()
}

/// What is judged where time is measured.
pub(crate) fn inputs() -> [(&'static str, Value); 4] {
    let mut unsound = pod("web", IIS, true, 1);
    let spec = &mut unsound["spec"];
    spec["dnsPolicy"] = json!("ClusterFirstWithHostNet");
    spec["volumes"][0] = json!({"name": "config", "emptyDir": {"medium": "Memory"}});
    spec["containers"][0]["securityContext"] = json!({"privileged": true});
    spec["containers"][0]["volumeMounts"][0]["mountPropagation"] = json!("HostToContainer");
    spec["containers"][0]["resources"] = json!({});
    [
        ("pod, linux", review(pod("web", "nginx:1.27", false, 1))),
        ("pod, windows, sound", review(pod("web", IIS, true, 1))),
        ("pod, windows, 5 findings", review(unsound)),
        ("deployment, 10 containers", review(deployment(10))),
    ]
}

/// Where the five rules are.
pub(crate) fn source() -> PathBuf {
    root().join("host-test/engines/rego/windows.rego")
}

/// The crate regorus, whose interpreter runs the syntax tree, and whose virtual machine runs byte code.
pub(crate) struct Regorus {
    interpreter: regorus::Engine,
    machine: RegoVM,
}

impl Regorus {
    pub(crate) fn new() -> Regorus {
        let mut interpreter = regorus::Engine::new();
        let text = fs::read_to_string(source()).expect("the policy");
        interpreter.add_policy("windows.rego".into(), text).expect("it is Rego");
        let policy = interpreter.clone().compile_with_entrypoint(&ENTRYPOINT.into()).expect("it compiles");
        let program = Compiler::compile_from_policy(&policy, &[ENTRYPOINT]).expect("it compiles");
        let mut machine = RegoVM::new();
        machine.load_program(program);
        Regorus { interpreter, machine }
    }

    /// Reads the input, evaluates, writes the set of findings; all as JSON.
    pub(crate) fn interpret(&mut self, input: &str) -> String {
        self.interpreter.set_input_json(input).expect("JSON");
        let value = self.interpreter.eval_rule(ENTRYPOINT.into()).expect("a value");
        value.to_json_str().expect("JSON")
    }

    /// The same by byte code.
    pub(crate) fn run(&mut self, input: &str) -> String {
        self.machine.set_input(regorus::Value::from_json_str(input).expect("JSON"));
        let value = self.machine.execute().expect("a value");
        value.to_json_str().expect("JSON")
    }
}

/// What `opa build -t wasm` makes of it, in wasmtime.
pub(crate) struct Compiled {
    policy: Policy,
    data: Address,
}

impl Compiled {
    /// `None` without opa.
    pub(crate) fn new() -> Option<Compiled> {
        let mut policy = Policy::load(&compiled()?.join("policy.wasm"));
        let data = policy.value("{}", Format::Json).expect("a value");
        Some(Compiled { policy, data })
    }

    /// The same; the answer is OPA's result set.
    pub(crate) fn evaluate(&mut self, input: &str) -> String {
        self.policy.evaluate(0, self.data, input, Format::Json)
    }
}

/// The folder with what `opa build -t wasm` makes: `bundle.tar.gz` and the `policy.wasm` in it; `None`
/// without opa.
pub(crate) fn compiled() -> Option<PathBuf> {
    let program = opa::program()?;
    let text = fs::read(source()).expect("the policy");
    let opa_build = program.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    let name = format!("rego-{}", engine::digest([text.as_slice(), opa_build.as_bytes()]));
    Some(engine::engine(&name, |folder| {
        let bundle = folder.join("bundle.tar.gz");
        let mut build = Command::new(&program);
        build.args(["build", "--target=wasm", "--entrypoint=windows/violations", "--output"]).arg(&bundle);
        engine::run(build.arg(source()))?;
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(fs::File::open(&bundle)?));
        for member in archive.entries()? {
            let mut member = member?;
            if member.path()?.ends_with("policy.wasm") {
                io::copy(&mut member, &mut fs::File::create(folder.join("policy.wasm"))?)?;
            }
        }
        Ok(())
    }))
}
