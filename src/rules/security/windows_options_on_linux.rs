//! A Linux pod has `windowsOptions`.
//!
//! With `os.name: linux` the API server refuses `windowsOptions` on the pod and on any container,
//! an empty `{}` too; this is an error. Without `os.name` they are accepted and mean nothing on a
//! Linux node: no user is set, no group Managed Service Account is used.
//!
//! One of the two is a mistake, and only you know which: remove `windowsOptions`, or say that the
//! pod is for Windows.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os: {name: linux}
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   containers:
//!     - name: web
//!       image: nginx:1.27
//!       securityContext:
//!         windowsOptions:
//!           runAsUserName: ContainerUser
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
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!       securityContext:
//!         windowsOptions:
//!           runAsUserName: ContainerUser
//! ```
//! Without `os.name` an empty one says nothing:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   securityContext:
//!     windowsOptions: {}
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   containers:
//!     - name: web
//!       image: nginx:1.27
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::pod::WindowsOptions;
use crate::platform::Os;
use crate::pod::{Container, Pod};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN204",
    name: "windows-options-on-linux",
    summary: "A Linux pod has windowsOptions",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/validation.go",
    ]),
    errors: docs(&["windows options cannot be set for a linux pod"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_for(Os::Linux) {
        return;
    }
    speak(pod, None, pod.windows_options(), report);
    for container in &pod.containers {
        let options = container.security_context().and_then(|context| context.windows_options.as_ref());
        speak(pod, Some(container), options, report);
    }
}

fn speak(
    pod: &Pod<'_>,
    container: Option<&Container<'_>>,
    options: Option<&WindowsOptions<'_>>,
    report: &mut Report<'_>,
) {
    const AT: &str = "/securityContext/windowsOptions";
    let is_refused = pod.os_name() == Some(Os::Linux);
    if !options.is_some_and(|options| is_refused || !options.is_empty()) {
        return;
    }
    let then =
        if is_refused { "the API server refuses them beside os.name linux" } else { "they are ignored on Linux nodes" };
    let (path, message) = match container {
        None => (pod.at(AT), format!("securityContext.windowsOptions in a pod for Linux: {then}")),
        Some(container) => (
            container.at(AT),
            format!("container {}: securityContext.windowsOptions in a pod for Linux: {then}", container.name()),
        ),
    };
    let finding = report.finding(path, message);
    finding.help("remove them, or say that the pod is for Windows");
    if is_refused {
        finding.severity(Severity::Error).stage(Stage::ApiServer);
    }
}
