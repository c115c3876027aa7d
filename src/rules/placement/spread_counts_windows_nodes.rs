//! Windows nodes count in the spread of a pod that is not made for them.
//!
//! `topologySpreadConstraints` compares the domains (zones, nodes) on which the pod could run, and
//! by default it does not look at taints. A pod that names no operating system thereby counts the
//! tainted Windows nodes as domains that stay empty; with `DoNotSchedule` the skew can never be met
//! and pods stay Pending. Only domains of Windows nodes alone have this effect: every such node
//! where the topology is the host name, and a zone only if it has no Linux node. Where no Nodes are
//! known, a spread over zones is therefore an info, and one over regions is not reported.
//!
//! Where the Windows nodes carry no taint (AKS, EKS), the spread puts pods there instead, and they do not start.
//!
//! Pin the pod to Linux; nodes it cannot use then do not count. Or let the constraint look at
//! taints, where there are some: `nodeTaintsPolicy: Honor` (Kubernetes 1.26). A constraint with `nodeAffinityPolicy: Ignore`
//! counts Windows nodes even for a pinned pod.
//!
//! ## Bad
//! ```yaml
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web
//! spec:
//!   selector:
//!     matchLabels: {app: web}
//!   template:
//!     metadata:
//!       labels: {app: web}
//!     spec:
//!       topologySpreadConstraints:
//!         - maxSkew: 1
//!           topologyKey: kubernetes.io/hostname # one each
//!           whenUnsatisfiable: DoNotSchedule
//!           labelSelector: {matchLabels: {app: web}}
//!       containers:
//!         - name: web
//!           image: registry.example/web:2.0
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web
//! spec:
//!   selector:
//!     matchLabels: {app: web}
//!   template:
//!     metadata:
//!       labels: {app: web}
//!     spec:
//!       topologySpreadConstraints:
//!         - maxSkew: 1
//!           topologyKey: kubernetes.io/hostname # one each
//!           whenUnsatisfiable: DoNotSchedule
//!           labelSelector: {matchLabels: {app: web}}
//!           nodeTaintsPolicy: Honor
//!       containers:
//!         - name: web
//!           image: registry.example/web:2.0
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   topologySpreadConstraints:
//!     - maxSkew: 1
//!       topologyKey: kubernetes.io/hostname
//!       whenUnsatisfiable: DoNotSchedule
//!       labelSelector: {matchLabels: {app: web}}
//!   containers:
//!     - name: web
//!       image: registry.example/web:2.0
//! ```
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   topologySpreadConstraints:
//!     - maxSkew: 1
//!       topologyKey: kubernetes.io/hostname
//!       whenUnsatisfiable: ScheduleAnyway
//!       labelSelector: {matchLabels: {app: web}}
//!   containers:
//!     - name: web
//!       image: registry.example/web:2.0
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::platform::{Fit, Os, Placement};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN116",
    name: "spread-counts-windows-nodes",
    summary: "Windows nodes count in the spread of a pod that is not made for them",
    severity: Severity::Warning,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
        "https://github.com/kubernetes/kubernetes/issues/107464",
        "https://github.com/kubernetes/kubernetes/issues/106127",
    ]),
    errors: docs(&["node(s) didn't match pod topology spread constraints"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let constraints = pod.spec.topology_spread_constraints.as_deref().unwrap_or_default();
    if constraints.is_empty()
        || pod.is_windows()
        || pod.node_name().is_some()
        || !pod.world.settings.may_have_windows_nodes()
        || pod.meant_fit(Os::Linux) == Fit::No
        || (pod.is_for_both() && !pod.is_surely_for(Os::Linux))
    {
        return;
    }
    let is_open = pod.label_fit(Os::Windows) != Fit::No;
    let nothing_to_honor = pod.tolerates_windows_taints();
    let has_policies = pod.world.settings.kubernetes_at_least(26);
    for (index, constraint) in constraints.iter().enumerate() {
        let ignores_affinity = has_policies && constraint.node_affinity_policy.as_deref() == Some("Ignore");
        let honors_taints =
            has_policies && constraint.node_taints_policy.as_deref() == Some("Honor") && !nothing_to_honor;
        if constraint.when_unsatisfiable.as_deref() != Some("DoNotSchedule")
            || honors_taints
            || !(is_open || ignores_affinity)
        {
            continue;
        }
        let Some(severity) = windows_domain(pod, constraint.topology_key.as_deref().unwrap_or_default()) else {
            continue;
        };
        let path = pod.at("/topologySpreadConstraints").index(index);
        let why = if is_open { "its node labels name no operating system" } else { "nodeAffinityPolicy is Ignore" };
        let fix = if is_open && pod.is_surely_for(Os::Linux) && !ignores_affinity {
            Some(pod.pin(Os::Linux))
        } else if has_policies && !nothing_to_honor {
            let fix = Fix::safe("Let the spread look at taints");
            Some(fix.set(path.key("nodeTaintsPolicy"), "Honor"))
        } else if ignores_affinity {
            let fix = Fix::unsafe_("Let the spread look at node labels");
            let fix = fix.set(path.key("nodeAffinityPolicy"), "Honor");
            Some(if is_open { fix.and(pod.pin(Os::Linux)) } else { fix })
        } else if is_open {
            Some(pod.pin(Os::Linux))
        } else {
            None
        };
        let what = if is_open && pod.placement.windows == Placement::Yes {
            "it puts pods there, which do not start"
        } else {
            "they stay empty, and pods may stay Pending"
        };
        let which = if severity == Severity::Info { "zones without a Linux node" } else { "Windows nodes" };
        let message = format!("{why}, so {which} count as domains of this spread: {what}");
        let pin = match (is_open, ignores_affinity) {
            (true, false) => "pin the pod to Linux nodes",
            (true, true) => "pin the pod to Linux nodes and leave `nodeAffinityPolicy` out",
            (false, _) => "leave `nodeAffinityPolicy` out",
        };
        let honor = if has_policies && !nothing_to_honor { ", or set `nodeTaintsPolicy: Honor`" } else { "" };
        let finding = report.finding(path, message);
        finding.help(format!("{pin}{honor}")).severity(severity);
        if let Some(fix) = fix {
            finding.fix(fix);
        }
    }
}

/// How bad a domain of Windows nodes alone would be; `None` where there is none. That is known where nodes of both
/// systems are in the context; else zones may have both, and a region has.
fn windows_domain(pod: &Pod<'_>, topology_key: &str) -> Option<Severity> {
    let of = |os: Os| pod.world.context.nodes().filter(move |node| node.os == os);
    if of(Os::Windows).next().is_none() || of(Os::Linux).next().is_none() {
        return match topology_key {
            "topology.kubernetes.io/region" | "failure-domain.beta.kubernetes.io/region" => None,
            "topology.kubernetes.io/zone" | "failure-domain.beta.kubernetes.io/zone" => Some(Severity::Info),
            _ => Some(Severity::Warning),
        };
    }
    let is_alone = of(Os::Windows).any(|node| {
        let domain = node.labels.get(topology_key);
        domain.is_some() && !of(Os::Linux).any(|other| other.labels.get(topology_key) == domain)
    });
    is_alone.then_some(Severity::Warning)
}
