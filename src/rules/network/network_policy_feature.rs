//! A NetworkPolicy uses what Azure Network Policy Manager cannot do on Windows.
//!
//! On Windows nodes Azure Network Policy Manager (NPM) translates policies into rules of the host's
//! network service, which has no words for named ports, SCTP, `except` in an `ipBlock`, and selectors
//! that say what a label must not be (`NotIn`, `DoesNotExist`). One of them anywhere in a policy, and
//! NPM leaves the whole policy out: it writes a line into its own log, and the Windows pods stay open.
//! transom looks at this where the setting `cni` is `azure-npm`.
//!
//! Write the policy with port numbers, list the ranges that are allowed, and select labels that are
//! there. Better still, move on: NPM for Windows was retired on 2026-09-30, only ever ran on Windows
//! Server 2022, and Calico knows all of these on Windows. On other plug-ins `network-policy-not-enforced`
//! says whether policies are enforced at all.
//!
//! ## Bad
//! ```yaml
//! # settings: {platform: aks, cni: azure-npm}
//! apiVersion: networking.k8s.io/v1
//! kind: NetworkPolicy
//! metadata:
//!   name: web
//! spec:
//!   podSelector:
//!     matchLabels: {app: web}
//!   policyTypes: [Ingress]
//!   ingress:
//!     - ports:
//!         - protocol: TCP
//!           port: http
//! ---
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
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//!           ports:
//!             - name: http
//!               containerPort: 80
//! ```
//!
//! ## Good
//! ```yaml
//! # settings: {platform: aks, cni: azure-npm}
//! apiVersion: networking.k8s.io/v1
//! kind: NetworkPolicy
//! metadata:
//!   name: web
//! spec:
//!   podSelector:
//!     matchLabels: {app: web}
//!   policyTypes: [Ingress]
//!   ingress:
//!     - from:
//!         - ipBlock:
//!             cidr: 10.1.0.0/16
//!         - podSelector:
//!             matchExpressions:
//!               - {key: role, operator: In, values: [shop, admin]}
//!       ports:
//!         - protocol: TCP
//!           port: 80
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   labels: {app: web}
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//! ```
//! Calico knows named ports on Windows:
//! ```yaml
//! # settings: {platform: aks, cni: calico}
//! apiVersion: networking.k8s.io/v1
//! kind: NetworkPolicy
//! metadata:
//!   name: web
//! spec:
//!   podSelector:
//!     matchLabels: {app: web}
//!   ingress:
//!     - ports:
//!         - port: http
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   labels: {app: web}
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//! ```

use super::network_policy_not_enforced::{Enforcer, enforcer, policy_of_windows_pods};
use crate::finding::{Report, Severity, Stage};
use crate::object::label_selector::LabelSelector;
use crate::object::network::{NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicyRule};
use crate::pointer::Pointer;
use crate::rules::{Check, Rule, Subject, docs};

pub const RULE: Rule = Rule {
    id: "WIN417",
    name: "network-policy-feature",
    summary: "A NetworkPolicy uses what Azure Network Policy Manager cannot do on Windows",
    severity: Severity::Error,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://learn.microsoft.com/en-us/azure/aks/use-network-policies#azure-network-policy-manager-limitations-windows",
        "https://github.com/Azure/azure-container-networking/blob/master/npm/pkg/controlplane/translation/translatePolicy.go",
    ]),
    errors: docs(&[
        "unsupported namedport translation features used on windows",
        "unsupported NotExist operator translation features used on windows",
        "unsupported Except CIDR block translation features used on windows",
        "unsupported SCTP protocol used on windows",
    ]),
    check: Check::Object(check),
};

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    if enforcer(&subject.world) != Enforcer::AzureNpm {
        return;
    }
    let Some((policy, _)) = policy_of_windows_pods(subject) else { return };
    let mut faults = Faults { report };
    let spec = subject.at("/spec");
    faults.selector(policy.pod_selector.as_ref(), &spec.key("podSelector"));
    // Without policyTypes both sides count, where there are rules for them.
    let counts = |side: &str| {
        let types = policy.policy_types.as_deref().unwrap_or_default();
        types.is_empty() || types.iter().any(|kind| kind == side)
    };
    if counts("Ingress") {
        faults.rules(policy.ingress.as_deref(), &spec.key("ingress"));
    }
    if counts("Egress") {
        faults.rules(policy.egress.as_deref(), &spec.key("egress"));
    }
}

struct Faults<'f, 'r> {
    report: &'f mut Report<'r>,
}

impl Faults<'_, '_> {
    fn rules(&mut self, rules: Option<&[NetworkPolicyRule<'_>]>, at: &Pointer) {
        for (index, rule) in rules.unwrap_or_default().iter().enumerate() {
            let at = at.index(index);
            self.ports(rule.ports.as_deref().unwrap_or_default(), &at.key("ports"));
            self.peers(rule.from.as_deref().unwrap_or_default(), &at.key("from"));
            self.peers(rule.to.as_deref().unwrap_or_default(), &at.key("to"));
        }
    }

    fn ports(&mut self, ports: &[NetworkPolicyPort<'_>], at: &Pointer) {
        for (index, port) in ports.iter().enumerate() {
            let number = port.port.as_deref().unwrap_or_default();
            if number.bytes().any(|b| !b.is_ascii_digit()) {
                let what = format!("port {number} by name");
                self.add(at.index(index).key("port"), &what, "write the port's number");
            }
            if port.protocol.as_deref() == Some("SCTP") {
                self.add(at.index(index).key("protocol"), "protocol SCTP", "leave SCTP out");
            }
        }
    }

    fn peers(&mut self, peers: &[NetworkPolicyPeer<'_>], at: &Pointer) {
        for (index, peer) in peers.iter().enumerate() {
            let at = at.index(index);
            let except = peer.ip_block.as_ref().and_then(|block| block.except.as_ref());
            if except.is_some_and(|except| !except.is_empty()) {
                let help = "list the ranges that are allowed, without exceptions";
                self.add(at.join("/ipBlock/except"), "except", help);
            }
            self.selector(peer.namespace_selector.as_ref(), &at.key("namespaceSelector"));
            self.selector(peer.pod_selector.as_ref(), &at.key("podSelector"));
        }
    }

    fn selector(&mut self, selector: Option<&LabelSelector<'_>>, at: &Pointer) {
        let expressions = selector.and_then(|selector| selector.match_expressions.as_deref()).unwrap_or_default();
        for (index, expression) in expressions.iter().enumerate() {
            let operator = expression.operator.as_deref().unwrap_or_default();
            if matches!(operator, "NotIn" | "DoesNotExist") {
                let path = at.key("matchExpressions").index(index).key("operator");
                let what = format!("operator {operator}");
                self.add(path, &what, "select by labels that are there");
            }
        }
    }

    fn add(&mut self, path: Pointer, what: &str, help: &'static str) {
        let message =
            format!("{what}: Azure Network Policy Manager cannot do this on Windows and leaves the whole policy out");
        self.report.finding(path, message).help(help);
    }
}
