//! The service account of a pod may not use the gMSA that the pod asks for.
//!
//! A gMSA is a login to the domain, so not every pod gets it: the admission webhook for gMSA asks whether
//! the pod's service account has the verb `use` on the GMSACredentialSpec, and refuses the pod with 403
//! otherwise. Where the manifest is that of a Deployment, it is accepted, and its pods never appear.
//!
//! Bind a Role or ClusterRole with that verb to the service account, in the namespace of the pod. Where
//! the roles are not among what is judged, this is only a reminder. Where they are, it is an error.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   namespace: shop
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   serviceAccountName: web
//!   securityContext:
//!     windowsOptions:
//!       gmsaCredentialSpecName: shop-web
//!   containers:
//!     - name: web
//!       image: registry.example/shop-web:3.1
//! ---
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: ClusterRole
//! metadata:
//!   name: shop-web-gmsa
//! rules:
//!   - apiGroups: [windows.k8s.io]
//!     resources: [gmsacredentialspecs]
//!     resourceNames: [shop-web]
//!     verbs: [use]
//! ---
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: RoleBinding
//! metadata:
//!   name: shop-web-gmsa
//!   namespace: shop
//! roleRef:
//!   apiGroup: rbac.authorization.k8s.io
//!   kind: ClusterRole
//!   name: shop-web-gmsa
//! subjects:
//!   - kind: ServiceAccount
//!     name: default # the pod has another
//!     namespace: shop
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   namespace: shop
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   serviceAccountName: web
//!   securityContext:
//!     windowsOptions:
//!       gmsaCredentialSpecName: shop-web
//!   containers:
//!     - name: web
//!       image: registry.example/shop-web:3.1
//! ---
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: Role
//! metadata:
//!   name: gmsa
//!   namespace: shop
//! rules:
//!   - apiGroups: [windows.k8s.io]
//!     resources: [gmsacredentialspecs]
//!     verbs: [get, use]
//! ---
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: RoleBinding
//! metadata:
//!   name: gmsa
//!   namespace: shop
//! roleRef:
//!   apiGroup: rbac.authorization.k8s.io
//!   kind: Role
//!   name: gmsa
//! subjects:
//!   - kind: Group
//!     name: system:serviceaccounts:shop
//! ```

use crate::context::Context;
use crate::finding::{Report, Severity, Stage};
use crate::gmsa::{self, Gmsas};
use crate::object::rbac::{Role, Subject};
use crate::object::read::Str;
use crate::object::{Body, Object};
use crate::pod::{ContainerList, Pod};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN316",
    name: "gmsa-use-not-granted",
    summary: "The service account of a pod may not use the gMSA that the pod asks for",
    severity: Severity::Info,
    stage: Stage::ApiServer,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-gmsa/#configure-cluster-role-to-enable-rbac-on-specific-gmsa-credential-specs",
        "https://github.com/kubernetes-sigs/windows-gmsa/blob/master/admission-webhook/webhook.go",
    ]),
    errors: docs(&["is not authorized to `use` GMSA cred spec"]),
    check: Check::Pod(check),
};

const GROUP: &str = "windows.k8s.io";
const RESOURCE: &str = "gmsacredentialspecs";

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    // A pod that is there has been let in; in a HostProcess pod WIN309 speaks.
    if !pod.is_windows() || pod.is_bound() || pod.is_host_process() || gmsa::is_webhook_off(pod) {
        return;
    }
    let account = Account::of(pod);
    let mut rights: Option<Rights<'_>> = None;
    for gmsa in Gmsas::of(pod).places().filter(|gmsa| !gmsa.is_in(ContainerList::Ephemeral)) {
        let Some(name) = gmsa.name.filter(|name| gmsa::is_object_name(name)) else { continue };
        let rights = rights.get_or_insert_with(|| account.rights(pod.world.context));
        if rights.is_admin || rights.roles.iter().any(|role| grants(role, name)) {
            continue;
        }
        let Account { namespace, name: account, .. } = account;
        let (severity, verb) = if rights.are_all { (Severity::Error, "lacks") } else { (Severity::Info, "needs") };
        let why = format!(
            "service account {account} of namespace {namespace} {verb} the verb `use` on it, without which the pod is refused"
        );
        gmsa.report(pod, &why, report)
            .help(format!("bind a role with the verb `use` on {RESOURCE}.{GROUP} to service account {account}"))
            .severity(severity);
    }
}

/// What is known of the rights of a service account.
struct Rights<'a> {
    /// The roles it has.
    roles: Vec<&'a Role<'a>>,
    /// It may do everything.
    is_admin: bool,
    /// It has no others, as far as this is about gMSAs.
    are_all: bool,
}

/// The service account of a pod.
#[derive(Clone, Copy)]
struct Account<'a> {
    namespace: &'a str,
    /// The pod says which namespace that is. Otherwise the one that others say may be meant.
    is_stated: bool,
    name: &'a str,
}

impl<'a> Account<'a> {
    fn of(pod: &Pod<'a>) -> Self {
        let filled = |name: &'a Option<Str<'a>>| name.as_deref().filter(|name| !name.is_empty());
        let name = filled(&pod.spec.service_account_name).or(filled(&pod.spec.service_account));
        let namespace = pod.namespace();
        let requested = pod.world.request.namespace.as_deref().unwrap_or_default();
        let is_stated = !requested.is_empty() || pod.object.namespace().is_some();
        Account { namespace, is_stated, name: name.unwrap_or("default") }
    }

    fn is_in(self, namespace: &str) -> bool {
        !self.is_stated || namespace == self.namespace
    }

    fn rights<'c>(self, context: &Context<'c>) -> Rights<'c> {
        let mut rights = Rights { roles: Vec::new(), is_admin: false, are_all: true };
        let mut is_bound = false;
        for object in context.objects() {
            let Body::RoleBinding(binding) = &object.body else { continue };
            let namespace = (object.kind == "RoleBinding").then(|| object.namespace_or_default());
            if namespace.is_some_and(|namespace| !self.is_in(namespace)) {
                continue;
            }
            let subjects = binding.subjects.as_deref().unwrap_or_default();
            let is_bound_itself = subjects.iter().any(|subject| self.is(subject, namespace));
            if !is_bound_itself && !subjects.iter().any(|subject| self.is_of(subject)) {
                continue;
            }
            is_bound |= is_bound_itself;
            let reference = binding.role_ref.as_ref();
            let name = reference.and_then(|role| role.name.as_deref()).unwrap_or_default();
            let is_role = reference.and_then(|role| role.kind.as_deref()) == Some("Role");
            match context.role(namespace.filter(|_| is_role), name) {
                Some(role) => {
                    // The rules of such a role come from others, once it is in a cluster.
                    rights.are_all &= role.aggregation_rule.is_none();
                    rights.roles.push(role);
                }
                None if name == "cluster-admin" => rights.is_admin = true,
                None => rights.are_all = false,
            }
        }
        rights.are_all &= is_bound || context.objects().any(is_about_gmsa);
        rights
    }

    /// Whether a subject of a binding, in a namespace or in none, is this account.
    fn is(self, subject: &Subject<'_>, namespace: Option<&str>) -> bool {
        let name = subject.name.as_deref().unwrap_or_default();
        match subject.kind.as_deref() {
            Some("ServiceAccount") => {
                let of = subject.namespace.as_deref().filter(|namespace| !namespace.is_empty()).or(namespace);
                name == self.name && of.is_some_and(|namespace| self.is_in(namespace))
            }
            Some("User") => name
                .strip_prefix("system:serviceaccount:")
                .and_then(|rest| rest.split_once(':'))
                .is_some_and(|(namespace, name)| self.is_in(namespace) && name == self.name),
            _ => false,
        }
    }

    /// Whether a subject of a binding is a group that this account belongs to.
    fn is_of(self, subject: &Subject<'_>) -> bool {
        let name = subject.name.as_deref().unwrap_or_default();
        subject.kind.as_deref() == Some("Group")
            && (matches!(name, "system:serviceaccounts" | "system:authenticated")
                || name.strip_prefix("system:serviceaccounts:").is_some_and(|namespace| self.is_in(namespace)))
    }
}

/// Whether an object is a role that says anything about gMSAs.
fn is_about_gmsa(object: &Object<'_>) -> bool {
    let Body::Role(role) = &object.body else { return false };
    role.rules.as_deref().unwrap_or_default().iter().any(|rule| has(&rule.resources, RESOURCE))
}

fn grants(role: &Role<'_>, name: &str) -> bool {
    let allows = |list: &Option<Vec<Str<'_>>>, word: &str| has(list, word) || has(list, "*");
    role.rules.as_deref().unwrap_or_default().iter().any(|rule| {
        allows(&rule.verbs, "use")
            && allows(&rule.api_groups, GROUP)
            && allows(&rule.resources, RESOURCE)
            && (rule.resource_names.as_ref().is_none_or(Vec::is_empty) || has(&rule.resource_names, name))
    })
}

fn has(list: &Option<Vec<Str<'_>>>, word: &str) -> bool {
    list.as_deref().unwrap_or_default().iter().any(|entry| entry == word)
}
