//! The change that says of a pod that it is for Windows; everything else follows from the core's rules.

use serde_json::{Value, json};
use transom::platform::labels::{OS, OS_BETA, WINDOWS_BUILD, windows_build};
use transom_context as context;
use transom_yaml::Operation;

use crate::Porter;

const WINDOWS: &str = "windows";

/// The changes to an object, for all of its pods; none where they say it already.
pub(crate) fn of(porter: &Porter, object: &Value) -> Vec<Operation> {
    let mut patch = Patch(Vec::new());
    for (at, pod) in context::pods(object) {
        let spec = &pod["spec"];
        let spec_at = format!("{at}/spec");
        name_the_system(&mut patch, &spec_at, spec);
        turn_labels(&mut patch, &format!("{spec_at}/nodeSelector"), &spec["nodeSelector"]);
        turn_labels(&mut patch, &format!("{at}/metadata/labels"), &pod["metadata"]["labels"]);
        turn_affinity(&mut patch, &format!("{spec_at}/affinity/nodeAffinity"), &spec["affinity"]["nodeAffinity"]);
        pin_to_build(&mut patch, &spec_at, spec, porter.pin);
        name_users(&mut patch, &spec_at, spec);
    }
    // Whatever selects the pods by such a label goes on to select them.
    turn_labels(&mut patch, "/spec/selector/matchLabels", &object["spec"]["selector"]["matchLabels"]);
    patch.0
}

struct Patch(Vec<Operation>);

impl Patch {
    /// Sets a field of `parent`, which may not be there, nor be a mapping.
    fn set(&mut self, parent_at: &str, parent: &Value, field: &str, value: Value) {
        let name = escape(field);
        let operation = match parent {
            Value::Object(fields) if fields.contains_key(field) => {
                Operation::Replace { path: format!("{parent_at}/{name}"), value }
            }
            Value::Object(_) => Operation::Add { path: format!("{parent_at}/{name}"), value },
            _ => Operation::Add { path: parent_at.to_owned(), value: json!({ field: value }) },
        };
        self.0.push(operation);
    }
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn name_the_system(patch: &mut Patch, spec_at: &str, spec: &Value) {
    if spec["os"]["name"] != WINDOWS {
        patch.set(&format!("{spec_at}/os"), &spec["os"], "name", json!(WINDOWS));
    }
}

/// Labels of the system, in a selector or on the pod.
fn turn_labels(patch: &mut Patch, at: &str, labels: &Value) {
    for key in [OS, OS_BETA] {
        if labels[key].as_str().is_some_and(|value| value.eq_ignore_ascii_case("linux")) {
            patch.set(at, labels, key, json!(WINDOWS));
        }
    }
}

/// The node affinity that asks for Linux nodes, or for none with Windows.
fn turn_affinity(patch: &mut Patch, at: &str, affinity: &Value) {
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    let items = |list: &'_ Value| list.as_array().cloned().unwrap_or_default().into_iter().enumerate();
    for (index, term) in items(&affinity[required]["nodeSelectorTerms"]) {
        turn_term(patch, &format!("{at}/{required}/nodeSelectorTerms/{index}"), &term);
    }
    for (index, preference) in items(&affinity[preferred]) {
        turn_term(patch, &format!("{at}/{preferred}/{index}/preference"), &preference["preference"]);
    }
}

fn turn_term(patch: &mut Patch, at: &str, term: &Value) {
    for (index, expression) in term["matchExpressions"].as_array().into_iter().flatten().enumerate() {
        let is_os = [OS, OS_BETA].iter().any(|key| expression["key"] == *key);
        let names = |os: &str| {
            let values = expression["values"].as_array().into_iter().flatten();
            values.filter_map(Value::as_str).any(|value| value.eq_ignore_ascii_case(os))
        };
        let path = format!("{at}/matchExpressions/{index}");
        match expression["operator"].as_str() {
            Some("In") if is_os && names("linux") => patch.set(&path, expression, "values", json!([WINDOWS])),
            Some("NotIn") if is_os && names(WINDOWS) => {
                patch.set(&path, expression, "operator", json!("In"));
                patch.set(&path, expression, "values", json!([WINDOWS]));
            }
            _ => {}
        }
    }
}

fn pin_to_build(patch: &mut Patch, spec_at: &str, spec: &Value, build: Option<u32>) {
    let Some(build) = build else { return };
    let selector = &spec["nodeSelector"];
    if selector[WINDOWS_BUILD].as_str().and_then(windows_build) != Some(build) {
        patch.set(&format!("{spec_at}/nodeSelector"), selector, WINDOWS_BUILD, json!(format!("10.0.{build}")));
    }
}

/// A numeric user becomes one of the two that every Windows image has: 0 the administrator, all others
/// the one without rights. Groups have no counterpart.
fn name_users(patch: &mut Patch, spec_at: &str, spec: &Value) {
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    let containers = || {
        lists.iter().flat_map(|list| {
            let items = spec[*list].as_array().into_iter().flatten().enumerate();
            items.map(move |(index, container)| (format!("{spec_at}/{list}/{index}"), container))
        })
    };
    let is_host_process = |at: &Value| at["securityContext"]["windowsOptions"]["hostProcess"] == true;
    if is_host_process(spec) || containers().any(|(_, container)| is_host_process(container)) {
        return;
    }
    let pod_non_root = spec["securityContext"]["runAsNonRoot"] == true;
    name_user(patch, spec_at, &spec["securityContext"], pod_non_root);
    for (at, container) in containers() {
        let context = &container["securityContext"];
        name_user(patch, &at, context, context["runAsNonRoot"].as_bool().unwrap_or(pod_non_root));
    }
}

fn name_user(patch: &mut Patch, at: &str, context: &Value, is_non_root: bool) {
    let Some(user) = context["runAsUser"].as_i64() else { return };
    let options = &context["windowsOptions"];
    if options["runAsUserName"].is_string() || (user == 0 && is_non_root) {
        return;
    }
    let name = if user == 0 { "ContainerAdministrator" } else { "ContainerUser" };
    patch.set(&format!("{at}/securityContext/windowsOptions"), options, "runAsUserName", json!(name));
}
