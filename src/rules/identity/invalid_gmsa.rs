//! A group Managed Service Account that is refused.
//!
//! `gmsaCredentialSpecName` is the name of a GMSACredentialSpec object: lower-case letters, digits,
//! dashes and dots. `gmsaCredentialSpec` is that object's content, at most 64 KiB of it. The API
//! server checks both, whatever `os.name` says.
//!
//! The content is not yours to write. The admission webhook for gMSA fills it in; where it finds a
//! content without a name, or another content than that of the object, it refuses the pod. Name the
//! object and leave the content out. Builds of the webhook before September 2026 do not look at init
//! containers, and no build looks at ephemeral ones.
//!
//! Neither can be changed in a pod that exists: delete it and create it anew.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     windowsOptions:
//!       gmsaCredentialSpecName: CORP_Web
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     windowsOptions:
//!       gmsaCredentialSpecName: corp-web
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//! ```
//! Contents are compared as JSON, so spaces and order do not matter:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       securityContext:
//!         windowsOptions:
//!           gmsaCredentialSpecName: corp-web
//!           gmsaCredentialSpec: '{"CmsPlugins": ["ActiveDirectory"], "DomainJoinConfig": {}}'
//!     - name: worker
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       securityContext:
//!         windowsOptions:
//!           gmsaCredentialSpecName: corp-web
//!           gmsaCredentialSpec: '{"DomainJoinConfig":{},"CmsPlugins":["ActiveDirectory"]}'
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::gmsa::{self, is_object_name, who};
use crate::object::pod::{OldContainer, OldSecurityContext, WindowsOptions};
use crate::object::read::Str;
use crate::order;
use crate::pod::{Container, ContainerList, Pod};
use crate::pointer::Pointer;
use crate::rules::{Check, Rule, docs};
use crate::run_as;
use crate::value::Value;

pub const RULE: Rule = Rule {
    id: "WIN312",
    name: "invalid-gmsa",
    summary: "A group Managed Service Account that is refused",
    severity: Severity::Error,
    stage: Stage::ApiServer,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-gmsa/",
        "https://github.com/kubernetes-sigs/windows-gmsa/blob/master/admission-webhook/webhook.go",
        "https://github.com/kubernetes-sigs/windows-gmsa/pull/179",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/validation.go",
    ]),
    errors: docs(&[
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters",
        "gmsaCredentialSpec cannot be an empty string",
        "gmsaCredentialSpec size must be under 64 KiB",
        "has a GMSA cred spec set, but does not define the name of the corresponding resource",
        "does not match the contents of GMSA resource",
        "cannot update an existing pod's GMSA settings",
    ]),
    check: Check::Pod(check),
};

/// The largest content the API server takes.
const LIMIT: usize = 64 * 1024;
const HELP: &str = "name the GMSACredentialSpec, and leave its content to the admission webhook";

/// A content beside the name of the object it should be that of.
struct Inlined<'p, 'a> {
    container: Option<&'p Container<'a>>,
    name: &'a str,
    content: &'a str,
}

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let mut inlined = Vec::new();
    if let Some(options) = pod.windows_options() {
        judge(pod, None, options, report, &mut inlined);
    }
    for container in &pod.containers {
        if let Some(options) = container.security_context().and_then(|context| context.windows_options.as_ref()) {
            judge(pod, Some(container), options, report, &mut inlined);
        }
    }
    compare(pod, inlined, report);
    compare_with_old(pod, report);
}

fn judge<'p, 'a>(
    pod: &'p Pod<'a>,
    container: Option<&'p Container<'a>>,
    options: &'a WindowsOptions<'a>,
    report: &mut Report<'_>,
    inlined: &mut Vec<Inlined<'p, 'a>>,
) {
    let name = options.gmsa_credential_spec_name.as_deref();
    let content = options.gmsa_credential_spec.as_deref();
    if let Some(name) = name.filter(|name| !is_object_name(name)) {
        let message = format!(
            "{}gmsaCredentialSpecName \"{}\" cannot be the name of an object: lower-case letters, digits, dashes and dots only",
            who(container),
            run_as::shown(name)
        );
        report
            .finding(place(pod, container, gmsa::NAME), message)
            .help("write the name as `kubectl get gmsacredentialspecs` shows it");
    }
    let Some(content) = content else { return };
    if content.is_empty() || content.len() > LIMIT {
        let why = if content.is_empty() { "is empty" } else { "is larger than 64 KiB" };
        let message = format!("{}gmsaCredentialSpec {why}: the API server refuses it", who(container));
        report.finding(place(pod, container, gmsa::CONTENT), message).help(HELP);
        return;
    }
    // The rest is the webhook's business. It looks at pods that come into being, in most namespaces.
    let is_unread = container.is_some_and(|container| container.list == ContainerList::Ephemeral);
    if is_unread || pod.is_bound() || gmsa::is_webhook_off(pod) {
        return;
    }
    if let Some(name) = name {
        inlined.push(Inlined { container, name, content });
    } else {
        let message = format!(
            "{}gmsaCredentialSpec without gmsaCredentialSpecName: the admission webhook for gMSA refuses the pod",
            who(container)
        );
        report.finding(place(pod, container, gmsa::CONTENT), message).help(HELP);
    }
}

/// What is not the content of its object, as the object or another place has it.
fn compare(pod: &Pod<'_>, inlined: Vec<Inlined<'_, '_>>, report: &mut Report<'_>) {
    let names: Vec<&str> = inlined.iter().map(|inlined| inlined.name).collect();
    let mut last: Option<(&str, Value)> = None;
    for Inlined { container, name, content } in order::by_text(&names).into_iter().map(|index| &inlined[index]) {
        let object = pod.world.context.credential_spec(name).filter(|content| **content != Value::Null);
        let why = match (Value::parse(content), object, &last) {
            (None, Some(_), _) => "is no JSON",
            (Some(value), Some(object), _) if value != *object => "differs from that object's",
            (Some(_), Some(_), _) | (None, None, _) => continue,
            (Some(value), None, Some((before, other))) if before == name && value != *other => {
                "is not the same wherever this name stands"
            }
            (Some(value), ..) => {
                last = Some((name, value));
                continue;
            }
        };
        let message = format!(
            "{}gmsaCredentialSpec {why}, so it is not the content of {name}: the admission webhook for gMSA refuses the pod",
            who(*container)
        );
        report.finding(place(pod, *container, gmsa::CONTENT), message).help(HELP);
    }
}

/// What is not as it was before the update. The webhook and the API server compare letter by letter.
fn compare_with_old(pod: &Pod<'_>, report: &mut Report<'_>) {
    let old = pod.world.request.old_object.as_ref().and_then(|old| old.spec.as_ref());
    let Some(old) = old.filter(|_| pod.is_pod()) else { return };
    changed(pod, None, pod.windows_options(), old.security_context.as_ref(), report);
    for container in &pod.containers {
        let before: &[OldContainer<'_>] = match container.list {
            ContainerList::Init => old.init_containers.as_deref().unwrap_or_default(),
            ContainerList::Main => old.containers.as_deref().unwrap_or_default(),
            ContainerList::Ephemeral => continue,
        };
        let is_it = |other: &&OldContainer<'_>| other.name.as_deref() == container.view.name.as_deref();
        // Mostly they stand where they stood.
        let found = before.get(container.index).filter(is_it).or_else(|| before.iter().find(is_it));
        let Some(before) = found else { continue };
        let options = container.security_context().and_then(|context| context.windows_options.as_ref());
        changed(pod, Some(container), options, before.security_context.as_ref(), report);
    }
}

fn changed(
    pod: &Pod<'_>,
    container: Option<&Container<'_>>,
    options: Option<&WindowsOptions<'_>>,
    before: Option<&OldSecurityContext<'_>>,
    report: &mut Report<'_>,
) {
    let before = before.and_then(|context| context.windows_options.as_ref());
    type Field = for<'o, 'a> fn(&'o WindowsOptions<'a>) -> &'o Option<Str<'a>>;
    let fields: [(&str, Field); 2] =
        [(gmsa::NAME, |o| &o.gmsa_credential_spec_name), (gmsa::CONTENT, |o| &o.gmsa_credential_spec)];
    for (at, field) in fields {
        let now = options.and_then(|options| field(options).as_deref());
        if now == before.and_then(|options| field(options).as_deref()) {
            continue;
        }
        let name = at.rsplit('/').next().unwrap_or_default();
        let path = place(pod, container, if now.is_some() { at } else { "" });
        let message =
            format!("{}{name} is not what the pod has: the gMSA of an existing pod cannot be changed", who(container));
        report.finding(path, message).help("delete the pod and create it anew, or change the template of its workload");
        // One is enough: with the name its content changes.
        return;
    }
}

fn place(pod: &Pod<'_>, container: Option<&Container<'_>>, at: &str) -> Pointer {
    container.map_or_else(|| pod.at(at), |container| container.at(at))
}
