//! `os.name` is missing or is no name that Kubernetes knows.
//!
//! The API server takes exactly two names, `linux` and `windows`, in lower case. `Windows`, `win` and
//! an `os` without a `name` are refused, in templates as in pods.
//!
//! The right name brings more with it: the scheduler does not read it, so the pod needs a node
//! selector as well, and beside `windows` the API server refuses all fields that only Linux knows.
//! The fix does all of that at once.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os:
//!     name: Windows
//!   securityContext:
//!     runAsNonRoot: true
//!     fsGroup: 1000 # refused as soon as the name is right
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os:
//!     name: windows
//!   securityContext:
//!     runAsNonRoot: true
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!   nodeSelector:
//!     kubernetes.io/os: windows
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
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::pod::PodOs;
use crate::os_name;
use crate::platform::Os;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::run_as;

pub const RULE: Rule = Rule {
    id: "WIN205",
    name: "invalid-os-field",
    summary: "os.name is missing or is no name that Kubernetes knows",
    severity: Severity::Error,
    stage: Stage::ApiServer,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec",
        "https://kubernetes.io/docs/concepts/workloads/pods/#pod-os",
    ]),
    errors: docs(&[
        "Forbidden: pod updates may not change fields other than",
        "spec.os.name: Required value",
        "spec.os: Unsupported value: \"Windows\": supported values: \"linux\", \"windows\"",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    changed(pod, report);
    let Some(os) = &pod.spec.os else { return };
    let Some(name) = os.name.as_deref().filter(|name| !name.is_empty()) else {
        let at = if os.name.is_some() { "/os/name" } else { "/os" };
        report
            .finding(pod.at(at), "os.name is missing: the API server refuses an `os` without it")
            .help("set it to windows or linux, or remove `os`");
        return;
    };
    if pod.os_name().is_some() {
        return;
    }
    let message =
        format!("os.name is {}: the API server takes only linux and windows, in lower case", run_as::shown(name));
    let finding = report.finding(pod.at("/os/name"), message);
    let fix = match Os::named(name) {
        Some(Os::Windows) => {
            os_name::for_windows(pod, "Set os.name to windows and remove the fields that only Linux knows")
        }
        Some(Os::Linux) => os_name::for_linux(pod, "Set os.name to linux"),
        None => None,
    };
    finding.help("write it in lower case, or use one of the two");
    if let Some(fix) = fix {
        finding.fix(fix);
    }
}

/// What a Pod is for does not change while it exists.
fn changed(pod: &Pod<'_>, report: &mut Report<'_>) {
    let request = pod.world.request;
    let old = request.old_object.as_ref().and_then(|old| old.spec.as_ref());
    let Some(old) = old.filter(|_| pod.is_pod() && request.sub_resource().is_empty()) else { return };
    let name = |os: Option<&PodOs<'_>>| os.and_then(|os| os.name.as_deref()).unwrap_or_default().to_owned();
    let (before, after) = (name(old.os.as_ref()), name(pod.spec.os.as_ref()));
    if before != after {
        let shown = |name: &str| if name.is_empty() { "nothing".to_owned() } else { run_as::shown(name).to_string() };
        let message = format!(
            "os.name was {} and would be {}: the API server lets nobody change it in a Pod that exists",
            shown(&before),
            shown(&after)
        );
        let at = if pod.spec.os.is_some() { pod.at("/os/name") } else { pod.at("") };
        report.finding(at, message).help("make another Pod in its place");
    }
}
