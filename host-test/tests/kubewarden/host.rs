//! A host as Kubewarden has it: waPC in wasmtime, and a cluster that answers as its server does.

use std::sync::{Arc, Mutex, OnceLock};

use host_test::kubewarden_module;
use serde_json::{Map, Value, json};
use wapc::WapcHost;
use wasmtime::{Engine, Module};
use wasmtime_provider::WasmtimeEngineProviderBuilder;

/// What a cluster answers.
#[derive(Debug, Default)]
pub(crate) enum Answers {
    /// That the policy may not ask.
    #[default]
    Refusal,
    /// With these objects.
    Objects(Vec<Value>),
    /// Always with the same bytes.
    Bytes(Vec<u8>),
}

#[derive(Debug, Default)]
struct Cluster {
    answers: Answers,
    asked: Vec<(String, Value)>,
}

/// The policy, loaded.
pub(crate) struct Policy {
    host: WapcHost,
    cluster: Arc<Mutex<Cluster>>,
}

impl Policy {
    /// A fresh instance of the module in `dist/`, in a cluster that refuses to answer.
    pub(crate) fn load() -> Policy {
        static MODULE: OnceLock<(Engine, Module)> = OnceLock::new();
        let (engine, module) = MODULE.get_or_init(|| {
            let engine = Engine::default();
            let module = Module::from_file(&engine, kubewarden_module()).expect("a module");
            (engine, module)
        });
        Policy::of(engine, module)
    }

    /// The same of another module.
    pub(crate) fn load_bytes(module: &[u8]) -> Policy {
        let engine = Engine::default();
        let module = Module::new(&engine, module).expect("a module");
        Policy::of(&engine, &module)
    }

    fn of(engine: &Engine, module: &Module) -> Policy {
        let builder = WasmtimeEngineProviderBuilder::new().engine(engine.clone()).module(module.clone());
        let provider = builder.build().expect("a provider");
        let cluster = Arc::new(Mutex::new(Cluster::default()));
        let asked = Arc::clone(&cluster);
        let call = move |_: u64, binding: &str, namespace: &str, operation: &str, request: &[u8]| {
            assert_eq!((binding, namespace), ("kubewarden", "kubernetes"));
            asked.lock().expect("one thread").call(operation, request).map_err(Into::into)
        };
        let host = WapcHost::new(Box::new(provider), Some(Box::new(call))).expect("a host");
        Policy { host, cluster }
    }

    /// Says what the cluster answers from now on.
    pub(crate) fn set_cluster(&self, answers: Answers) {
        *self.cluster.lock().expect("one thread") = Cluster { answers, asked: Vec::new() };
    }

    /// What the cluster has been asked for: operation and request.
    pub(crate) fn asked(&self) -> Vec<(String, Value)> {
        self.cluster.lock().expect("one thread").asked.clone()
    }

    /// Calls an operation. The error is what the guest says.
    pub(crate) fn call(&self, operation: &str, payload: &[u8]) -> Result<Value, String> {
        let answer = self.text(operation, payload)?;
        Ok(serde_json::from_str(&answer).expect("JSON"))
    }

    /// The same, with the answer as it stands.
    pub(crate) fn text(&self, operation: &str, payload: &[u8]) -> Result<String, String> {
        let answer = self.host.call(operation, payload).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(answer).expect("UTF-8"))
    }

    /// The answer to a request.
    pub(crate) fn validate(&self, payload: &Value) -> Value {
        self.call("validate", payload.to_string().as_bytes()).expect("an answer")
    }
}

impl Cluster {
    fn call(&mut self, operation: &str, request: &[u8]) -> Result<Vec<u8>, String> {
        let request: Value = serde_json::from_slice(request).expect("JSON");
        self.asked.push((operation.to_owned(), request.clone()));
        let objects = match &self.answers {
            Answers::Refusal => return Err(format!("Policy has not been granted access to Kubernetes {request}")),
            Answers::Bytes(bytes) => return Ok(bytes.clone()),
            Answers::Objects(objects) => objects,
        };
        let (version, kind) = (&request["api_version"], &request["kind"]);
        let is_of_kind = |object: &&Value| object["apiVersion"] == *version && object["kind"] == *kind;
        let masks: Vec<&str> =
            request["field_masks"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut found = objects.iter().filter(is_of_kind).map(|object| masked(object, &masks));
        match operation {
            "get_resource" => {
                let of_name = found.rfind(|object| object["metadata"]["name"] == request["name"]);
                of_name.map(|object| object.to_string().into_bytes()).ok_or_else(|| format!("Cannot find {request}"))
            }
            "list_resources_all" => {
                let items: Vec<Value> = found.map(nameless).collect();
                let kind = format!("{}List", kind.as_str().expect("a kind"));
                Ok(json!({"apiVersion": version, "kind": kind, "metadata": {}, "items": items})
                    .to_string()
                    .into_bytes())
            }
            other => panic!("Kubewarden has no {other}"),
        }
    }
}

/// An item of a list, which does not say its kind.
fn nameless(mut item: Value) -> Value {
    if let Some(fields) = item.as_object_mut() {
        fields.remove("apiVersion");
        fields.remove("kind");
    }
    item
}

/// What is left of an object whose reader wants these fields only; all of it where there are none.
fn masked(object: &Value, masks: &[&str]) -> Value {
    fn keep(value: &Value, masks: &[&str]) -> Value {
        match value {
            Value::Object(fields) if !masks.contains(&"") => {
                let kept = fields.iter().filter_map(|(name, value)| {
                    let below = masks.iter().filter_map(|mask| mask.strip_prefix(name.as_str()));
                    let below: Vec<&str> = below
                        .filter_map(|rest| if rest.is_empty() { Some("") } else { rest.strip_prefix('.') })
                        .collect();
                    (!below.is_empty()).then(|| (name.clone(), keep(value, &below)))
                });
                Value::Object(kept.collect::<Map<_, _>>())
            }
            Value::Array(elements) => elements.iter().map(|element| keep(element, masks)).collect(),
            other => other.clone(),
        }
    }
    if masks.is_empty() {
        return object.clone();
    }
    keep(object, &[masks, &["apiVersion", "kind", "metadata"]].concat())
}
