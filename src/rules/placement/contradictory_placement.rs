//! No node can take a pod that contradicts itself about its operating system.
//!
//! `nodeSelector` and required node affinity are ANDed: where one asks for Windows and the other for
//! Linux, no node matches and the pod is Pending for ever. An affinity term without expressions
//! matches no node either. Where the labels lead to one system and `os.name` (or `hostProcess`, which
//! exists on Windows only) says the other, the pod reaches a node whose kubelet refuses it.
//!
//! A pod that lets in both systems by name, `In [linux, windows]`, is a promise that it runs on
//! both. With `os.name`, or with an image made for one system, it cannot keep it. Only its author
//! knows which of the two was meant, so there is no automatic fix.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   affinity:
//!     nodeAffinity:
//!       requiredDuringSchedulingIgnoredDuringExecution:
//!         nodeSelectorTerms:
//!           - matchExpressions:
//!               - {key: kubernetes.io/os, operator: In, values: [linux]}
//!   containers:
//!     - name: web
//!       image: registry.example/web:2.0
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os:
//!     name: windows
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:2.0
//! ```
//!
//! An image of which nothing is known may well exist for both systems:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   affinity:
//!     nodeAffinity:
//!       requiredDuringSchedulingIgnoredDuringExecution:
//!         nodeSelectorTerms:
//!           - matchExpressions:
//!               - {key: kubernetes.io/os, operator: In, values: [linux, windows]}
//!   containers:
//!     - name: web
//!       image: registry.example/web:2.0
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::images;
use crate::platform::intent::Rank;
use crate::platform::labels::{HOSTNAME, WINDOWS_BUILD};
use crate::platform::{Fit, NodeModel, Os, Reading, Statement};
use crate::pod::Pod;
use crate::pointer::Pointer;
use crate::rules::placement::{invalid_os_label_value, malformed_windows_build, namespace_node_selector_conflict};
use crate::rules::{Check, Rule, docs};
use crate::text;

pub const RULE: Rule = Rule {
    id: "WIN103",
    name: "contradictory-placement",
    summary: "No node can take a pod that contradicts itself about its operating system",
    severity: Severity::Error,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/",
        "https://github.com/kubernetes/component-helpers/blob/master/scheduling/corev1/nodeaffinity/nodeaffinity.go",
    ]),
    errors: docs(&["node(s) didn't match Pod's node affinity/selector", "PodOSNotSupported"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if let Some((key, value)) = dead_label_of_class(pod) {
        let message = format!(
            "the RuntimeClass asks for nodes with {key}={value}, which no node has: the pod stays Pending for ever"
        );
        report.finding(pod.at("/runtimeClassName"), message).help("correct the RuntimeClass, or name another one");
        return;
    }
    let (windows, linux) = (pod.meant_fit(Os::Windows), pod.meant_fit(Os::Linux));
    if windows == Fit::No && linux == Fit::No {
        if let Some(statement) = build_that_no_node_has(pod) {
            let known = text::join(pod.world.builds().iter().map(ToString::to_string), ", ");
            let message = format!(
                "no Windows node has the build that {} asks for, only {known}: the pod stays Pending for ever",
                statement.field()
            );
            report.finding(statement.path(pod), message).help("ask for a build that there is");
        } else if !is_explained(pod) {
            if let Some((at, what)) = refused_affinity(pod).filter(|_| is_left_by_node_selector(pod)) {
                let message = format!("required node affinity: {what}, which the API server refuses");
                report.finding(at, message).help("say what is asked for").stage(Stage::ApiServer);
                return;
            }
            let message = "no node can have all the labels that this pod asks for: it stays Pending for ever";
            report
                .finding(contradiction_at(pod), message)
                .help("drop the demand that is not meant; nodeSelector and required node affinity both have to hold");
        }
        return;
    }
    let named = pod.os_meant();
    // A HostProcess container in a pod that says it is for Linux is another rule's matter.
    let own = named.or(pod.is_host_process().then_some(Os::Windows));
    if let Some(os) = own
        && (if os == Os::Windows { windows } else { linux }) == Fit::No
    {
        if pod.asks_for_linux_nodes() {
            return;
        }
        let what = if named == Some(os) { "os.name is" } else { "hostProcess exists only on" };
        let (own, other) = (os.title(), os.other().title());
        let message = format!(
            "{what} {}, but only {other} nodes can have the labels this pod asks for: none that it reaches will take it",
            if named == Some(os) { os.label() } else { own }
        );
        report
            .finding(stated_at(pod, os.other()), message)
            .help(format!("ask for {own} nodes, or drop what makes it a {own} pod"))
            .stage(Stage::Kubelet);
        return;
    }
    let surely = [Os::Linux, Os::Windows].into_iter().find(|os| pod.is_surely_for(*os));
    if let (None, Some(os)) = (own, surely)
        && (if os == Os::Windows { windows } else { linux }) == Fit::No
    {
        if os == Os::Windows && pod.asks_for_linux_nodes() {
            return;
        }
        let (own, other) = (os.title(), os.other().title());
        let because = pod.evidence.iter().find(|e| e.says == os).map_or("", |e| &e.because);
        let message =
            format!("{because}, but only {other} nodes can have the labels this pod asks for: it cannot run there");
        let help = format!("ask for {own} nodes, or make it a {other} pod");
        report.finding(stated_at(pod, os.other()), message).help(help);
        return;
    }
    if let Some(os) = own.or(surely)
        && pod.os_of_named_nodes() == Some(os.other())
        && !pod.is_bound()
    {
        on_named_node(pod, os, own.is_some(), report);
        return;
    }
    both_by_name(pod, own, report);
}

/// A node that is named and is of the other system. `is_stated`: the pod itself says that it is for `os`.
fn on_named_node(pod: &Pod<'_>, os: Os, is_stated: bool, report: &mut Report<'_>) {
    let evidence = pod.evidence.iter().find(|e| e.says == os);
    let because = evidence.map_or_else(|| format!("this is a {} pod", os.title()), |e| e.because.to_string());
    let (at, node) = match pod.node_name() {
        Some(name) => (pod.at("/nodeName"), format!("nodeName is {name}, a {} node", os.other().title())),
        None => (named_at(pod), format!("the node it names is a {} node", os.other().title())),
    };
    // The kubelet compares what is stated; of an image only the pull shows it.
    let is_compared = is_stated || evidence.is_some_and(|e| e.rank == Rank::NodeLabels);
    let (what, stage) = match is_compared {
        true => ("its kubelet refuses the pod", Stage::Kubelet),
        false => ("it cannot run there", Stage::ImagePull),
    };
    report.finding(at, format!("{because}, but {node}: {what}")).help("name another node, or none").stage(stage);
}

/// Where nodes are named that are not under `nodeName`.
fn named_at(pod: &Pod<'_>) -> Pointer {
    let own = pod.spec.node_selector.as_ref().is_some_and(|selector| selector.get(HOSTNAME).is_some());
    if own { pod.at("/nodeSelector").key(HOSTNAME) } else { pod.required_terms_at() }
}

/// `In [linux, windows]` with something that runs on one system only.
fn both_by_name(pod: &Pod<'_>, own: Option<Os>, report: &mut Report<'_>) {
    let Some(statement) = pod.admits_both_by_name() else { return };
    let image = pod.containers.iter().find_map(|container| match container.image.os {
        images::Os::Windows => Some((container, Os::Windows)),
        images::Os::Linux => Some((container, Os::Linux)),
        images::Os::Multi | images::Os::Unknown => None,
    });
    let (os, because) = match (own, image) {
        (Some(os), _) if pod.spec.os.is_some() => (os, format!("os.name is {os}")),
        (Some(os), _) => (os, "hostProcess exists only on Windows".to_owned()),
        (None, Some((container, os))) if !pod.has_mixed_images() => {
            (os, format!("container {}: its image is for {}", container.name(), os.title()))
        }
        _ => return,
    };
    // `Windows` lets no node in, as another rule says.
    if !statement.values.iter().any(|value| **value == *os.other().label()) {
        return;
    }
    if !pod.resources_fit(os.other()) || (os == Os::Linux && !pod.world.settings.may_have_windows_nodes()) {
        return;
    }
    let both = if statement.values.iter().any(|value| **value == *os.label()) { "both linux and " } else { "" };
    let other = if both.is_empty() { os.other().label() } else { "windows" };
    let message = format!("{} lets in {both}{other}, but {because}", statement.field());
    let help = format!("leave only `{os}` in the list");
    let finding = report.finding(statement.path(pod).key("values"), message).help(help);
    if own.is_none() && image.is_some_and(|(container, _)| container.image.strength < images::Strength::Strong) {
        finding.severity(Severity::Warning);
    }
}

/// What of required node affinity validation refuses: a list without terms, or an expression.
fn refused_affinity(pod: &Pod<'_>) -> Option<(Pointer, String)> {
    if pod.required_terms().is_some_and(<[_]>::is_empty) {
        return Some((pod.required_terms_at(), "there is no term in it".to_owned()));
    }
    pod.required_statements().filter(|statement| !statement.is_in_node_selector()).find_map(|statement| {
        let (operator, count) = (statement.operator, statement.values.len());
        let what = match operator {
            "In" | "NotIn" if count == 0 => format!("`{operator}` without values"),
            "Exists" | "DoesNotExist" if count > 0 => format!("`{operator}` with values"),
            "Gt" | "Lt" if count != 1 => format!("`{operator}` with {count} values"),
            "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => return None,
            _ => format!("`{operator}` is no operator"),
        };
        Some((statement.path(pod), what))
    })
}

/// Whether `nodeSelector` alone leaves the pod some nodes.
fn is_left_by_node_selector(pod: &Pod<'_>) -> bool {
    let can = |os| pod.selector.base_fit(&pod.node_model(os, Reading::AsMeant)) != Fit::No;
    can(Os::Windows) || can(Os::Linux)
}

/// The build that the pod asks for, where it would fit but for the builds that there are.
fn build_that_no_node_has<'a>(pod: &Pod<'a>) -> Option<Statement<'a>> {
    let model = NodeModel { builds: &[], ..pod.node_model(Os::Windows, Reading::AsMeant) };
    let asks = |statement: &Statement<'_>| statement.key == WINDOWS_BUILD;
    pod.required_statements().find(asks).filter(|_| pod.selector.fit(&model) != Fit::No)
}

/// Whether another rule says why no node matches.
fn is_explained(pod: &Pod<'_>) -> bool {
    let class = pod.class_node_selector();
    let own = |key: &str| pod.spec.node_selector.as_ref().and_then(|s| s.get(key));
    let class_conflicts = class.is_some_and(|class| {
        class.iter().any(|(key, value)| own(key).is_some_and(|own| !own.eq_ignore_ascii_case(value)))
    });
    class_conflicts
        || pod.asks_for_linux_nodes()
        || pod
            .required_statements()
            .any(|s| invalid_os_label_value::is_beyond_repair(&s) || malformed_windows_build::is_beyond_repair(&s))
        || namespace_node_selector_conflict::shuts_out(pod)
}

/// A label that its RuntimeClass alone asks for, and that no node has.
fn dead_label_of_class<'a>(pod: &Pod<'a>) -> Option<(&'a str, &'a str)> {
    let labels = pod.class_node_selector()?;
    let own = pod.spec.node_selector.as_ref();
    let is_added = |key: &str| own.is_none_or(|own| own.get(key).is_none());
    labels.iter().map(|(key, value)| (key, &**value)).find(|label| is_added(label.0) && pod.is_on_no_node(*label))
}

/// Where the labels that lead to `os` are asked for.
fn stated_at(pod: &Pod<'_>, os: Os) -> Pointer {
    let by_evidence = pod.evidence.iter().find(|e| e.rank == Rank::NodeLabels && e.says == os).map(|e| e.path.clone());
    by_evidence.or_else(|| pod.statements_against(os.other()).next().map(|s| s.path(pod))).unwrap_or_else(|| pod.at(""))
}

/// The part of the spec that contradicts itself or what stands before it.
fn contradiction_at(pod: &Pod<'_>) -> Pointer {
    if pod.required_terms().is_some() && is_left_by_node_selector(pod) {
        pod.at("/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution")
    } else if pod.spec.node_selector.as_ref().is_some_and(|s| !s.is_empty()) {
        pod.at("/nodeSelector")
    } else {
        pod.at("")
    }
}
