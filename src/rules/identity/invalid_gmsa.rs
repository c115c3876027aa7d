//! A group Managed Service Account that is refused.
//!
//! `gmsaCredentialSpecName` is the name of a GMSACredentialSpec object: small letters, digits, dashes
//! and dots. `gmsaCredentialSpec` is that object's content, at most 64 KiB of it. The API server
//! checks both, whatever `os.name` says.
//!
//! The content is not yours to write. The admission webhook for gMSA fills it in; where it finds a
//! content without a name, or another content than that of the object, it refuses the pod. Name the
//! object and leave the content out.
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
use crate::object::pod::WindowsOptions;
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
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-gmsa/",
        "https://github.com/kubernetes-sigs/windows-gmsa/blob/master/admission-webhook/webhook.go",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/validation.go",
    ]),
    errors: docs(&[
        "gmsaCredentialSpec cannot be an empty string",
        "gmsaCredentialSpec size must be under 64 KiB",
        "has a GMSA cred spec set, but does not define the name of the corresponding resource",
        "does not match the contents of GMSA resource",
    ]),
    check: Check::Pod(check),
};

const AT: &str = "/securityContext/windowsOptions";
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
            "{}gmsaCredentialSpecName \"{}\" cannot be the name of an object: small letters, digits, dashes and dots only",
            who(container),
            run_as::shown(name)
        );
        report
            .finding(place(pod, container, "gmsaCredentialSpecName"), message)
            .help("write the name as `kubectl get gmsacredentialspecs` shows it");
    }
    let Some(content) = content else { return };
    let place = || place(pod, container, "gmsaCredentialSpec");
    let is_read_by_webhook = container.is_none_or(|container| container.list == ContainerList::Main);
    if content.is_empty() || content.len() > LIMIT {
        let why = if content.is_empty() { "is empty" } else { "is larger than 64 KiB" };
        report
            .finding(place(), format!("{}gmsaCredentialSpec {why}: the API server refuses it", who(container)))
            .help(HELP);
    } else if let Some(name) = name.filter(|_| is_read_by_webhook) {
        inlined.push(Inlined { container, name, content });
    } else if is_read_by_webhook {
        let message = format!(
            "{}gmsaCredentialSpec without gmsaCredentialSpecName: the admission webhook for gMSA refuses the pod",
            who(container)
        );
        report.finding(place(), message).stage(Stage::Kubelet).help(HELP);
    }
}

/// What cannot be the content of its object, because it is no JSON or is not what another has for
/// the same object.
fn compare(pod: &Pod<'_>, inlined: Vec<Inlined<'_, '_>>, report: &mut Report<'_>) {
    let names: Vec<&str> = inlined.iter().map(|inlined| inlined.name).collect();
    let mut last: Option<(&str, Value)> = None;
    for Inlined { container, name, content } in order::by_text(&names).into_iter().map(|index| &inlined[index]) {
        let why = match (Value::parse(content), &last) {
            (None, _) => "is no JSON",
            (Some(value), Some((before, other))) if before == name && value != *other => {
                "is not the same wherever this name stands"
            }
            (Some(value), _) => {
                last = Some((name, value));
                continue;
            }
        };
        let message = format!(
            "{}gmsaCredentialSpec {why}, so it is not the content of {name}: the admission webhook for gMSA refuses the pod",
            who(*container)
        );
        report.finding(place(pod, *container, "gmsaCredentialSpec"), message).stage(Stage::Kubelet).help(HELP);
    }
}

fn place(pod: &Pod<'_>, container: Option<&Container<'_>>, field: &str) -> Pointer {
    container.map_or_else(|| pod.at(AT), |container| container.at(AT)).key(field)
}

fn who(container: Option<&Container<'_>>) -> String {
    container.map_or_else(String::new, |container| format!("container {}: ", container.name()))
}

/// An RFC 1123 subdomain, as names of most objects are.
fn is_object_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}
