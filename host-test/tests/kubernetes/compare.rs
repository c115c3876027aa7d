//! One case, both answers, and where they differ.

use std::collections::BTreeSet;

use host_test::generate::Case;
use host_test::generate::nodes::{self, Os};
use serde_json::{Value, json};

use crate::judge::Answer;
use crate::pod_security;

/// A case with transom's answer; Kubernetes' answers come later.
pub(crate) struct Compared {
    pub(crate) case: Case,
    pub(crate) decision: Value,
    universe: Vec<Value>,
    patched: Option<Patched>,
}

/// What became of the object when its safe fixes were applied.
enum Patched {
    Broken(String),
    Object { object: Value, again: Value },
}

/// One demand that does not hold.
#[derive(Debug, Clone)]
pub(crate) struct Disagreement {
    pub(crate) kind: Kind,
    /// What it is about, without the parts that differ from pod to pod.
    reasons: BTreeSet<String>,
    /// Why Kubernetes refuses the object, if it does.
    kubernetes: BTreeSet<String>,
    pub(crate) detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Kubernetes refuses, transom does not say so.
    Missed,
    /// transom says that Kubernetes refuses, it does not.
    Invented,
    /// Nodes match, `placement` is `no`.
    PlacementNo(Os),
    /// No node matches, `placement` is something else.
    PlacementYes(Os),
    /// The RuntimeClass plug-in refuses what transom does not, or the other way round.
    RuntimeClass,
    /// WIN212 and the evaluator of the Pod Security Standards disagree.
    PodSecurity,
    /// `guarded` where no taint keeps the pod off, or something else where one does.
    Taints(Os),
    /// The merged patch does not apply.
    PatchBroken,
    /// The patched object has to be accepted, and is not.
    PatchRefused,
    /// Admission lets in the object and not the patched object.
    PatchNotAdmitted,
    /// The patched object is patched again.
    PatchNotFinal,
}

impl Disagreement {
    /// Alike for disagreements that probably have one cause.
    pub(crate) fn signature(&self) -> String {
        format!("{:?} {:?}", self.kind, self.reasons)
    }

    /// How much is still mixed up in it.
    pub(crate) fn breadth(&self) -> usize {
        self.reasons.len() + self.kubernetes.len()
    }

    /// The other one shows the same, with nothing new beside it: otherwise removing a container's
    /// name would keep any disagreement about a refused pod.
    fn is_kept_by(&self, other: &Disagreement) -> bool {
        other.kind == self.kind
            && !other.reasons.is_empty()
            && other.reasons.is_subset(&self.reasons)
            && other.kubernetes.is_subset(&self.kubernetes)
    }
}

impl Compared {
    pub(crate) fn new(case: Case, gates: &str) -> Compared {
        let input = |object: &Value| request(object, &case.context(), gates);
        let decision = evaluate(&input(&case.object));
        let operations = decision["patch"].as_array().filter(|operations| !operations.is_empty());
        let patched = operations.map(|_| match apply(&case.object, &decision["patch"]) {
            Ok(object) => {
                let again = evaluate(&input(&object));
                Patched::Object { object, again }
            }
            Err(e) => Patched::Broken(e),
        });
        let universe = case.universe();
        Compared { case, decision, universe, patched }
    }

    /// What to ask Kubernetes: the object with its nodes, what [`pod_security`] asks, then the patched
    /// object if there is one.
    pub(crate) fn requests(&self) -> Vec<Value> {
        let mut requests = vec![json!({"workload": self.case.object, "nodes": self.universe})];
        requests.extend(pod_security::requests(&self.case, &self.decision));
        if let Some(Patched::Object { object, .. }) = &self.patched {
            requests.push(json!({"workload": object}));
        }
        for request in &mut requests {
            request["namespace"] = json!(self.case.namespace);
            if request["pod"].is_null() {
                request["runtimeClass"] = json!(self.case.runtime_class);
            }
        }
        requests
    }

    /// Whether the last of the requests is about the patched object.
    pub(crate) fn is_patched(&self) -> bool {
        matches!(self.patched, Some(Patched::Object { .. }))
    }

    pub(crate) fn disagreements(&self, answers: &[Answer]) -> Vec<Disagreement> {
        let (kubernetes, transom) = (&answers[0], refusals(&self.decision));
        let mut found = Vec::new();
        let mut add = |kind, reasons, detail| {
            found.push(Disagreement { kind, reasons, kubernetes: kubernetes.reasons(), detail });
        };

        match (kubernetes.rejected(), transom.is_empty()) {
            (true, true) => add(Kind::Missed, kubernetes.reasons(), String::new()),
            (false, false) => add(Kind::Invented, general(&transom), String::new()),
            _ => {}
        }
        if let Some(why) = self.runtime_class(kubernetes) {
            add(Kind::RuntimeClass, BTreeSet::from([why]), kubernetes.runtime_class.clone());
        }
        let about_security = &answers[1..answers.len() - usize::from(self.is_patched())];
        if let Some(why) = pod_security::disagreement(&self.case, &self.decision, kubernetes, about_security) {
            add(Kind::PodSecurity, BTreeSet::from([why.to_owned()]), format!("{:?}", kubernetes.pod_security));
        }

        if kubernetes.decode.is_empty() {
            for os in Os::BOTH {
                if let Some((kind, why, detail)) = self.placement(os, kubernetes) {
                    add(kind, BTreeSet::from([why]), detail);
                }
            }
        }

        match &self.patched {
            None => {}
            Some(Patched::Broken(error)) => add(Kind::PatchBroken, general(std::slice::from_ref(error)), error.clone()),
            Some(Patched::Object { again, .. }) => {
                let rejected = answers.last().expect("the patched object is asked about last");
                if rejected.rejected() && (!kubernetes.rejected() || all_safe(&self.decision)) {
                    add(Kind::PatchRefused, rejected.reasons(), String::new());
                }
                if !kubernetes.rejected() && kubernetes.is_admitted() && !rejected.is_admitted() {
                    add(Kind::PatchNotAdmitted, rejected.not_admitted(), String::new());
                }
                if again["patch"].as_array().is_some_and(|operations| !operations.is_empty()) {
                    let names = fixed_rules(again);
                    add(Kind::PatchNotFinal, names, format!("the second patch: {}", again["patch"]));
                }
            }
        }
        found
    }

    /// WIN906 is about every label on which a pod and its RuntimeClass differ, unless both are for Linux.
    fn runtime_class(&self, kubernetes: &Answer) -> Option<String> {
        let speaks = findings(&self.decision, "WIN906").next().is_some();
        let is_conflict = kubernetes.runtime_class.contains("conflict: runtimeClass.scheduling.nodeSelector");
        let class = self.case.runtime_class.as_ref()?;
        let is_windows_class = text(&class["handler"]).contains("wcow");
        let is_out_of_scope = self.decision["target"]["intent"] == "linux" && !is_windows_class;
        match (is_conflict, speaks) {
            (true, false) if !is_out_of_scope => Some("refused, and WIN906 says nothing".into()),
            (false, true) if kubernetes.decode.is_empty() => Some("admitted, and WIN906 says otherwise".into()),
            _ => None,
        }
    }

    /// Where `placement` on nodes of this system is wrong: what it says, what it should say, and a node.
    fn placement(&self, os: Os, kubernetes: &Answer) -> Option<(Kind, String, String)> {
        let first = |taken: &[bool]| {
            let mut nodes = self.universe.iter().zip(taken);
            nodes
                .find(|(node, taken)| **taken && nodes::os_of(node) == os)
                .map(|(node, _)| node["metadata"].to_string())
        };
        let (mut by_labels, by_taints_too) = (first(&kubernetes.labels), first(&kubernetes.matches));
        if !kubernetes.runtime_class.is_empty() {
            by_labels = None;
        }
        let blocked = blocked(self.case.spec(), os);
        let placement = text(&self.decision["target"]["placement"][os.name()]);
        // The scheduler has no say in these.
        if self.case.spec().get("nodeName").is_some() {
            return None;
        }
        let in_context = self.case.nodes.is_some();
        let about = |what: &str| format!("{what}, {}", if in_context { "nodes in context" } else { "any nodes" });
        match (placement, by_labels) {
            ("no", None) => None,
            ("no", Some(_)) if blocked => None,
            ("no", Some(node)) => Some((Kind::PlacementNo(os), about("a node matches"), format!("this one: {node}"))),
            (_, None) => Some((Kind::PlacementYes(os), about("no node matches"), String::new())),
            (_, Some(_)) if blocked => Some((Kind::PlacementYes(os), about("a resource keeps it off"), String::new())),
            // Where the nodes are known, so are their taints; a toleration that is refused tolerates nothing.
            (_, Some(_))
                if kubernetes.rejected() || !in_context || (placement == "guarded") == by_taints_too.is_none() =>
            {
                None
            }
            (_, Some(_)) => Some((Kind::Taints(os), about(placement), format!("{by_taints_too:?} takes it"))),
        }
    }
}

/// transom's Decision about some input.
pub(crate) fn evaluate(input: &Value) -> Value {
    let decision = transom::evaluate(input.to_string().as_bytes());
    serde_json::from_slice(decision.as_ref()).expect("a Decision is JSON")
}

/// What transom says the API server refuses, by its validation.
pub(crate) fn refusals(decision: &Value) -> Vec<String> {
    refused(decision).map(|f| format!("{} {}: {}", text(&f["rule"]), text(&f["path"]), text(&f["message"]))).collect()
}

fn refused(decision: &Value) -> impl Iterator<Item = &Value> {
    /// What admission plug-ins refuse: RuntimeClass and PodSecurity.
    const BY_ADMISSION: &[&str] = &["WIN906", "WIN212"];
    let findings = decision["findings"].as_array().into_iter().flatten();
    findings.filter(|f| {
        f["severity"] == "error"
            && f["stage"] == "api-server"
            && !BY_ADMISSION.contains(&text(&f["rule"]))
            // There are no webhooks here.
            && !text(&f["message"]).contains("the admission webhook for gMSA")
    })
}

/// Removes everything from the case that the disagreement does not need.
pub(crate) fn shrink(
    case: &Case,
    disagreement: &Disagreement,
    mut check: impl FnMut(&Case) -> Vec<Disagreement>,
) -> Case {
    let mut small = case.clone();
    let mut keeps = |candidate: &Case| check(candidate).iter().any(|found| disagreement.is_kept_by(found));
    loop {
        let before = small.object.to_string().len() + small.nodes.as_ref().map_or(0, Vec::len);
        // Without these two it is no object at all.
        for pointer in pointers(&small.object).into_iter().filter(|p| p != "/kind" && p != "/apiVersion") {
            let mut candidate = small.clone();
            if remove(&mut candidate.object, &pointer) && keeps(&candidate) {
                small = candidate;
            }
        }
        for i in (0..small.nodes.as_ref().map_or(0, Vec::len)).rev() {
            let mut candidate = small.clone();
            let Some(nodes) = &mut candidate.nodes else { break };
            nodes.remove(i);
            // A context without nodes of a system says nothing about that system.
            let both = Os::BOTH.iter().all(|os| nodes.iter().any(|node| nodes::os_of(node) == *os));
            if both && keeps(&candidate) {
                small = candidate;
            }
        }
        for other in [Case { runtime_class: None, ..small.clone() }, Case { namespace: None, ..small.clone() }] {
            if keeps(&other) {
                small = other;
            }
        }
        if small.object.to_string().len() + small.nodes.as_ref().map_or(0, Vec::len) == before {
            return small;
        }
    }
}

/// The admission request that creates the object.
pub(crate) fn request(object: &Value, context: &[Value], gates: &str) -> Value {
    let (group, version) = match text(&object["apiVersion"]).split_once('/') {
        Some((group, version)) => (group.to_owned(), version.to_owned()),
        None => (String::new(), text(&object["apiVersion"]).to_owned()),
    };
    let mut input = json!({
        "request": {
            "uid": "1", "operation": "CREATE",
            "kind": {"group": group, "version": version, "kind": object["kind"]},
            "namespace": "shop", "name": "web", "object": object,
        },
        "settings": crate::settings(gates),
    });
    if !context.is_empty() {
        input["context"] = context.into();
    }
    input
}

pub(crate) fn apply(object: &Value, patch: &Value) -> Result<Value, String> {
    let patch: json_patch::Patch = serde_json::from_value(patch.clone()).map_err(|e| e.to_string())?;
    let mut object = object.clone();
    json_patch::patch(&mut object, &patch).map_err(|e| e.to_string())?;
    Ok(object)
}

/// transom knows why the object is refused, and has a fix for every reason that is applied without asking.
fn all_safe(decision: &Value) -> bool {
    let mut refusals = refused(decision).peekable();
    refusals.peek().is_some() && refusals.all(|f| f["fix"]["safety"] == "safe")
}

/// The findings of one rule.
pub(crate) fn findings<'d>(decision: &'d Value, rule: &'d str) -> impl Iterator<Item = &'d Value> {
    decision["findings"].as_array().into_iter().flatten().filter(move |f| f["rule"] == rule)
}

fn fixed_rules(decision: &Value) -> BTreeSet<String> {
    let findings = decision["findings"].as_array().into_iter().flatten();
    findings.filter(|f| f["fix"]["safety"] == "safe").map(|f| text(&f["rule"]).to_owned()).collect()
}

/// Nodes of this system do not have what the pod needs, whatever their labels.
fn blocked(spec: &Value, os: Os) -> bool {
    const LINUX_ONLY: &[&str] = &["hugepages-", "nvidia.com/"];
    const WINDOWS_ONLY: &[&str] = &["microsoft.com/directx"];
    let absent = match os {
        Os::Windows => LINUX_ONLY,
        Os::Linux => WINDOWS_ONLY,
    };
    let claims = os == Os::Windows && spec["resourceClaims"].as_array().is_some_and(|claims| !claims.is_empty());
    let lists = ["containers", "initContainers"].map(|list| spec[list].as_array());
    let resources = lists.into_iter().flatten().flatten().map(|container| &container["resources"]);
    claims
        || resources.chain([&spec["resources"]]).any(|resources| {
            let quantities = ["requests", "limits"].map(|kind| resources[kind].as_object());
            quantities
                .into_iter()
                .flatten()
                .flatten()
                .any(|(name, quantity)| quantity != "0" && absent.iter().any(|prefix| name.starts_with(prefix)))
        })
}

/// A finding's rule and message without numbers, so that one cause is one kind.
fn general(refusals: &[String]) -> BTreeSet<String> {
    refusals.iter().map(|refusal| refusal.chars().filter(|c| !c.is_ascii_digit()).collect()).collect()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Every place in the value, outer places first.
fn pointers(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, all: &mut Vec<String>) {
        let children: Vec<(String, &Value)> = match value {
            Value::Object(fields) => {
                fields.iter().map(|(k, v)| (format!("{at}/{}", k.replace('~', "~0").replace('/', "~1")), v)).collect()
            }
            // Last first: removing an item does not move those still to come.
            Value::Array(items) => items.iter().enumerate().rev().map(|(i, v)| (format!("{at}/{i}"), v)).collect(),
            _ => Vec::new(),
        };
        for (pointer, child) in children {
            all.push(pointer.clone());
            walk(child, &pointer, all);
        }
    }
    let mut all = Vec::new();
    walk(value, "", &mut all);
    all
}

fn remove(value: &mut Value, pointer: &str) -> bool {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return false };
    match value.pointer_mut(parent) {
        Some(Value::Object(fields)) => fields.remove(&name.replace("~1", "/").replace("~0", "~")).is_some(),
        Some(Value::Array(items)) => match name.parse::<usize>() {
            Ok(i) if i < items.len() => {
                items.remove(i);
                true
            }
            _ => false,
        },
        _ => false,
    }
}
