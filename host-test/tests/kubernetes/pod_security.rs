//! WIN212 against the evaluator of the Pod Security Standards.
//!
//! Besides each pod the evaluator sees it with `os.name: windows` and nothing else changed, sees it
//! with the rule's fix, and sees a pod about which the standard can only mind what Windows lacks.

use host_test::generate::Case;
use serde_json::{Value, json};

use crate::compare::{apply, findings, text};
use crate::judge::Answer;

/// The evaluator's name for the one thing that stays demanded of Windows pods.
const RUN_AS_NON_ROOT: &str = "runAsNonRoot != true";
/// Its name for what it holds against HostProcess pods.
const HOST_PROCESS: &str = "hostProcess";

/// What to ask beside the object: nothing without a Namespace.
pub(crate) fn requests(case: &Case, decision: &Value) -> Vec<Value> {
    if case.namespace.is_none() {
        return Vec::new();
    }
    let mut bare = json!({"spec": {
        "securityContext": {"runAsNonRoot": true},
        "containers": [{"name": "main", "image": "app"}],
    }});
    let nameless = bare.clone();
    bare["spec"]["os"] = json!({"name": "windows"});
    let requests = [json!({"pod": nameless}), json!({"pod": bare}), json!({"workload": with_os_name(case)})];
    requests.into_iter().chain(fixed(case, decision).map(|object| json!({"workload": object}))).collect()
}

/// Where WIN212 says something else than the evaluator; `answers` are those to [`requests`].
pub(crate) fn disagreement(case: &Case, decision: &Value, pod: &Answer, answers: &[Answer]) -> Option<&'static str> {
    let [bare, bare_with_name, with_name, fixed @ ..] = answers else { return None };
    let found: Vec<&Value> = findings(decision, "WIN212").collect();
    // The standard is looked at when everything else has let the pod in.
    if pod.rejected() {
        return None;
    }
    if decision["target"]["intent"] != "windows" {
        return (!found.is_empty()).then_some("it speaks about a pod that is not for Windows");
    }
    let is_error = found.iter().any(|f| f["severity"] == "error");
    if is_error != pod.violates(HOST_PROCESS) {
        return Some("it is an error exactly for HostProcess pods that are not admitted");
    }
    if is_error {
        return None;
    }

    let excuses_windows = !bare.is_admitted() && bare_with_name.is_admitted();
    let says_root = found.iter().any(|f| text(&f["message"]).contains("runAsNonRoot"));
    let says_name = found.iter().any(|f| text(&f["message"]).contains("os.name is missing"));
    let says_never = found.iter().any(|f| text(&f["message"]).contains("asks every pod"));
    let is_ruled_out = !bare.is_admitted() && !bare_with_name.is_admitted();
    if says_never != (is_ruled_out && case.spec()["os"]["name"] == "windows") {
        return Some("it gives up exactly where no pod with os.name is admitted");
    }
    let is_nameless = case.spec()["os"]["name"].as_str().is_none_or(str::is_empty);
    if says_name != (excuses_windows && is_nameless) {
        return Some("it asks for os.name exactly where that excuses");
    }
    if says_root != (excuses_windows && with_name.violates(RUN_AS_NON_ROOT)) {
        return Some("it asks for runAsNonRoot exactly where a pod with os.name has to have it");
    }
    if fixed.iter().any(|fixed| !fixed.not_admitted().is_subset(&with_name.not_admitted())) {
        return Some("its fix leaves nothing to refuse that os.name excuses");
    }
    None
}

/// The object with `os.name: windows`. `hostUsers`, which this forbids, goes too: without user
/// namespaces the standard demands more.
fn with_os_name(case: &Case) -> Value {
    let mut object = case.object.clone();
    let spec = object.pointer_mut(&case.spec_at()).and_then(Value::as_object_mut);
    if let Some(spec) = spec {
        spec.insert("os".into(), json!({"name": "windows"}));
        spec.remove("hostUsers");
    }
    object
}

/// The object with the fix of WIN212.
fn fixed(case: &Case, decision: &Value) -> Option<Value> {
    let mut patches = findings(decision, "WIN212").map(|f| &f["fix"]["patch"]).filter(|patch| patch.is_array());
    apply(&case.object, patches.next()?).ok()
}
