//! What a fix, alone, owes: it changes only what its rule is about, mends its finding, and brings
//! nothing new.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{findings, for_all, judge, text};

/// Where `os.name` stands, the label that goes with it, and every field that it forbids.
#[rustfmt::skip]
const OS_NAME: &[&str] = &[
    "/spec/os/name", OS_LABEL, "/spec/containers/*/lifecycle/stopSignal",
    "/spec/hostPID", "/spec/hostIPC", "/spec/hostUsers", "/spec/shareProcessNamespace", "/spec/resources",
    "/spec/securityContext/appArmorProfile", "/spec/securityContext/seLinuxOptions", "/spec/securityContext/seccompProfile",
    "/spec/securityContext/fsGroup", "/spec/securityContext/fsGroupChangePolicy", "/spec/securityContext/sysctls",
    "/spec/securityContext/runAsUser", "/spec/securityContext/runAsGroup", "/spec/securityContext/supplementalGroups",
    "/spec/securityContext/supplementalGroupsPolicy", "/spec/securityContext/seLinuxChangePolicy",
    "/spec/containers/*/securityContext/appArmorProfile", "/spec/containers/*/securityContext/seLinuxOptions",
    "/spec/containers/*/securityContext/seccompProfile", "/spec/containers/*/securityContext/capabilities",
    "/spec/containers/*/securityContext/readOnlyRootFilesystem", "/spec/containers/*/securityContext/privileged",
    "/spec/containers/*/securityContext/allowPrivilegeEscalation", "/spec/containers/*/securityContext/procMount",
    "/spec/containers/*/securityContext/runAsUser", "/spec/containers/*/securityContext/runAsGroup",
];
const OS_LABEL: &str = "/spec/nodeSelector/kubernetes.io~1os";
const ARCH_LABEL: &str = "/spec/nodeSelector/kubernetes.io~1arch";
const POD_USER: &str = "/spec/securityContext/windowsOptions/runAsUserName";
const USER: &str = "/spec/containers/*/securityContext/windowsOptions/runAsUserName";
const GMSA: &str = "/spec/securityContext/windowsOptions/gmsaCredentialSpecName";

/// What a rule's fix may change beside what its finding points at, below the pod or its template; `*`
/// is any position in a list, and containers stand for init containers too.
#[rustfmt::skip]
const ELSEWHERE: &[(&str, &[&str])] = &[
    ("WIN101", &[OS_LABEL]),
    ("WIN102", &[OS_LABEL]),
    ("WIN104", &[OS_LABEL]),
    ("WIN105", &[OS_LABEL, ARCH_LABEL]),
    ("WIN106", &[OS_LABEL]),
    ("WIN107", &[OS_LABEL]),
    ("WIN108", &[OS_LABEL]),
    ("WIN109", &["/spec/tolerations/*"]),
    ("WIN110", &["/spec/tolerations/*"]),
    ("WIN116", &[OS_LABEL]),
    ("WIN119", &["/spec/nodeSelector/node.kubernetes.io~1windows-build"]),
    ("WIN202", OS_NAME),
    ("WIN204", OS_NAME),
    ("WIN205", OS_NAME),
    ("WIN206", OS_NAME),
    ("WIN212", OS_NAME),
    ("WIN216", OS_NAME),
    ("WIN208", &[POD_USER, USER]),
    ("WIN209", &[POD_USER, USER]),
    ("WIN302", &["/spec/hostNetwork", "/spec/hostUsers", "/spec/securityContext/sysctls"]),
    ("WIN303", &[POD_USER, USER]),
    ("WIN305", &["/spec/volumes/*", "/spec/containers/*/volumeMounts/*"]),
    ("WIN307", &[OS_LABEL, "/spec/overhead"]),
    ("WIN311", &[GMSA]),
    ("WIN313", &[GMSA]),
    ("WIN315", &[POD_USER, USER]),
    ("WIN401", &["/spec/dnsPolicy", "/spec/containers/*/ports/*/hostPort"]),
    ("WIN403", &["/spec/hostNetwork", "/spec/containers/*/ports/*/hostPort"]),
    ("WIN514", &["/spec/volumes/*/hostPath/type", "/spec/containers/*/volumeMounts/*/mountPath"]),
    ("WIN515", &["/spec/volumes/*/hostPath", "/spec/containers/*/volumeMounts/*/mountPath"]),
    ("WIN522", &[POD_USER, USER]),
    ("WIN610", &["/spec/hostNetwork", "/spec/securityContext/windowsOptions", "/spec/containers/*/securityContext/windowsOptions/hostProcess"]),
    ("WIN701", &["/spec/containers/*/lifecycle/preStop"]),
    ("WIN709", &["/spec/containers/*/startupProbe"]),
    ("WIN710", &["/spec/containers/*/livenessProbe/periodSeconds", "/spec/containers/*/readinessProbe/periodSeconds", "/spec/containers/*/startupProbe/periodSeconds"]),
    ("WIN903", &["/spec/overhead"]),
    ("WIN905", &["/spec/overhead"]),
];

/// The fields that decide what a pod is meant for, where it can land and who it runs as: much of what
/// other rules say follows from them.
#[rustfmt::skip]
const DECIDING: &[&str] = &[
    "/spec/os", "/spec/nodeSelector", "/spec/affinity", "/spec/tolerations", "/spec/runtimeClassName", "/spec/hostNetwork",
    "/spec/securityContext/windowsOptions", "/spec/containers/*/securityContext/windowsOptions", "/spec/containers/*/image",
    "/metadata/labels/kubernetes.io~1os",
];

#[test]
fn a_fix_changes_only_what_its_rule_is_about() {
    for_all(|case, fail| {
        for (finding, patch) in fixes(&judge(case, &case.object)) {
            let rule = text(&finding["rule"]);
            let Some((_, changes)) = apply(&case.object, patch) else {
                fail(format!("{rule}: an operation does not apply, or changes nothing"), patch.to_string());
                continue;
            };
            let place = |path: &str| generalized(path.strip_prefix(case.template_at()).unwrap_or(path));
            let own = place(text(&finding["path"]));
            let others = ELSEWHERE.iter().filter(|(of, _)| *of == rule).flat_map(|(_, places)| places.iter().copied());
            // Below the whole pod or a whole container is anywhere.
            let is_broad = ["", "/spec", "/spec/containers/*"].contains(&own.as_str());
            let allowed: Vec<&str> = others.chain((!is_broad).then_some(own.as_str())).collect();
            for change in changes.iter().map(|change| place(change)) {
                if !allowed.iter().any(|allowed| is_at_or_below(&change, allowed)) {
                    fail(format!("{rule} {own} changes {change}"), patch.to_string());
                }
            }
        }
    });
}

#[test]
fn a_fix_alone_mends_its_finding_and_brings_nothing_new() {
    for_all(|case, fail| {
        let before = judge(case, &case.object);
        let found = count(&before);
        for (finding, patch) in fixes(&before) {
            let rule = text(&finding["rule"]);
            let Some((fixed, changes)) = apply(&case.object, patch) else { continue };
            let left = count(&judge(case, &fixed));
            let times = |all: &Count, place| all.get(place).copied().unwrap_or(0);
            let told = |place: &(String, String)| format!("{patch}\n{place:?}");

            let own = place_of(finding);
            // It says two things in one finding: the second is left.
            let is_half = rule == "WIN212" && text(&finding["message"]).contains("runAsNonRoot");
            if times(&left, &own) >= found[&own] && !is_half {
                fail(format!("{rule} is still there"), told(&own));
            }
            // Both names of a label side by side are not compared: see WIN105.
            let is_one_of_many =
                rule == "WIN105" && found.iter().filter(|((r, _), _)| r == rule).map(|(_, n)| n).sum::<usize>() > 1;
            if finding["fix"]["safety"] == "safe" && !is_one_of_many {
                for place in left.keys().filter(|place| times(&left, place) > times(&found, place)) {
                    fail(format!("{rule} brings {}", place.0), told(place));
                }
            }
            let changes: Vec<String> =
                changes.iter().map(|path| generalized(path.strip_prefix(case.template_at()).unwrap_or(path))).collect();
            let decides = changes.iter().any(|path| DECIDING.iter().any(|deciding| is_at_or_below(path, deciding)));
            let is_touched = |path: &str| {
                let path = path.strip_prefix(&generalized(case.template_at())).unwrap_or(path);
                changes.iter().any(|change| is_at_or_below(change, path) || is_at_or_below(path, change))
            };
            for place in found.keys().filter(|place| times(&left, place) < times(&found, place)) {
                if place.0 != rule && !decides && !is_touched(&place.1) {
                    fail(format!("{rule} takes {} away", place.0), told(place));
                }
            }
        }
    });
}

#[test]
fn all_safe_fixes_together_leave_nothing_to_fix_and_bring_nothing_new() {
    for_all(|case, fail| {
        let input = json!({"request": case.object, "context": case.context()});
        if let Err(error) = host_test::converge(&input, |input| transom::evaluate(input.to_string().as_bytes())) {
            fail(error.lines().next().unwrap_or_default().to_owned(), error.clone());
        }
    });
}

#[test]
fn only_safe_fixes_are_applied_without_asking() {
    for_all(|case, fail| {
        let decision = judge(case, &case.object);
        let changes = |patch: &Value| apply(&case.object, patch).map(|(_, changes)| changes).unwrap_or_default();
        let safe: BTreeSet<String> = fixes(&decision)
            .filter(|(finding, _)| finding["fix"]["safety"] == "safe")
            .flat_map(|(_, patch)| changes(patch))
            .collect();
        for change in changes(&decision["patch"]).difference(&safe) {
            fail(format!("the patch changes {}", generalized(change)), decision["patch"].to_string());
        }
    });
}

/// The findings that have a fix, with its operations.
fn fixes(decision: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    findings(decision).iter().map(|f| (f, &f["fix"]["patch"])).filter(|(_, patch)| patch.is_array())
}

/// Applies one operation after the other. Gives the object then, and every place whose value they
/// changed; `None` where one does not apply or changes nothing.
fn apply(object: &Value, patch: &Value) -> Option<(Value, BTreeSet<String>)> {
    let mut object = object.clone();
    let mut changes = BTreeSet::new();
    for operation in patch.as_array()? {
        let before = object.clone();
        let one: json_patch::Patch = serde_json::from_value(json!([operation])).ok()?;
        json_patch::patch(&mut object, &one).ok()?;
        if object == before {
            return None;
        }
        let path = text(&operation["path"]);
        // What stands behind an inserted element has only moved.
        let is_insertion = path.ends_with("/-");
        let old = before.pointer(path).filter(|_| !is_insertion);
        let (old, new) = (leaves(path, old), leaves(path, operation.get("value")));
        let differs = |(place, value): &(&String, &Value)| old.get(*place) != new.get(*place) && !value.is_null();
        changes.extend(old.iter().chain(&new).filter(differs).map(|(place, _)| place.clone()));
    }
    Some((object, changes))
}

/// Every innermost value at or below `path`, with its place.
fn leaves(path: &str, value: Option<&Value>) -> BTreeMap<String, Value> {
    fn walk(path: String, value: &Value, leaves: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (name, value) in fields {
                    walk(format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")), value, leaves);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                items.iter().enumerate().for_each(|(i, value)| walk(format!("{path}/{i}"), value, leaves));
            }
            other => _ = leaves.insert(path, other.clone()),
        }
    }
    let mut leaves = BTreeMap::new();
    if let Some(value) = value {
        walk(path.to_owned(), value, &mut leaves);
    }
    leaves
}

/// How often each rule speaks about each place.
type Count = BTreeMap<(String, String), usize>;

fn count(decision: &Value) -> Count {
    let mut count = Count::new();
    for finding in findings(decision) {
        *count.entry(place_of(finding)).or_default() += 1;
    }
    count
}

fn place_of(finding: &Value) -> (String, String) {
    (text(&finding["rule"]).to_owned(), generalized(text(&finding["path"])))
}

/// The path without positions in lists, and with all containers in one.
fn generalized(path: &str) -> String {
    let general = |part: &str| match part {
        "initContainers" => "containers".to_owned(),
        _ if part == "-" || part.parse::<u32>().is_ok() => "*".to_owned(),
        _ => part.to_owned(),
    };
    path.split('/').map(general).collect::<Vec<_>>().join("/")
}

fn is_at_or_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
