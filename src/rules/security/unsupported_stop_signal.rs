//! A stop signal that a Windows container cannot have.
//!
//! Windows has no signals. containerd translates two of them, SIGTERM and SIGKILL, and with
//! `os.name: windows` the API server takes no other; without `os.name` it takes none at all. That
//! holds where the feature gate ContainerStopSignals is on. It is alpha and off by default, and then
//! the API server drops `lifecycle.stopSignal` before it looks at it: the manifest says something
//! that never reaches the container. With the setting `kubernetes.featureGates` that switches the gate on this is an
//! error.
//!
//! Use SIGTERM, which is also what a container without the field gets. It arrives as the console
//! event CTRL_SHUTDOWN_EVENT, which the program has to handle.
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
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!       lifecycle:
//!         stopSignal: SIGQUIT # let requests finish
//! ```
//!
//! ## Fixed
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
//!       lifecycle:
//!         stopSignal: SIGTERM # let requests finish
//! ```
//!
//! ## Good
//! ```yaml
//! # settings: {kubernetes: {featureGates: {ContainerStopSignals: true}}}
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
//!       lifecycle:
//!         stopSignal: SIGKILL
//! ```
//! On Linux a signal that is dropped is not this rule's business:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   containers:
//!     - name: web
//!       image: nginx:1.27
//!       lifecycle:
//!         stopSignal: SIGQUIT
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::os_name::{self, STOP_SIGNAL, is_linux_signal, is_windows_signal, stop_signals};
use crate::platform::Os;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN206",
    name: "unsupported-stop-signal",
    summary: "A stop signal that the pod's operating system does not have",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/",
        "https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/4960-container-stop-signals",
    ]),
    errors: docs(&[
        "lifecycle.stopSignal: Unsupported value: supported values: \"SIGKILL\", \"SIGTERM\"",
        "may not be set for containers with empty `spec.os.name`",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let is_on = pod.world.settings.feature_gate("ContainerStopSignals", false);
    let is_windows = pod.is_windows();
    // An `os` with a wrong name is refused by itself, and hides this.
    let os = match (&pod.spec.os, pod.os_name()) {
        (None, _) => None,
        (Some(_), Some(os)) => Some(os),
        (Some(_), None) => return,
    };
    let mut set_os = None;
    for (index, (container, signal)) in stop_signals(pod).enumerate() {
        let reason = match os {
            _ if !is_on && !is_windows => return,
            None => "without os.name a stop signal has no meaning",
            Some(Os::Windows) if !is_windows_signal(signal) => "Windows containers know only SIGTERM and SIGKILL",
            Some(Os::Linux) if !is_linux_signal(signal) => "Linux has no such signal",
            Some(_) => continue,
        };
        if index == 0 && os.is_none() {
            set_os = if is_windows {
                os_name::for_windows(pod, "Set os.name to windows, with stop signals that Windows has")
            } else {
                os_name::for_linux(pod, "Set os.name to linux")
            };
        }
        let then = if is_on { "the API server refuses it" } else { "the API server drops it without a word" };
        let path = container.at(STOP_SIGNAL);
        let message = format!("container {}: lifecycle.stopSignal {signal}: {reason}, {then}", container.name());
        let finding = report.finding(path.clone(), message);
        if is_on {
            finding.severity(Severity::Error).stage(Stage::ApiServer);
        }
        match os {
            Some(Os::Windows) => {
                finding.help("use SIGTERM").fix(Fix::safe("Stop with SIGTERM").set(path, "SIGTERM"));
            }
            Some(Os::Linux) => {
                finding.help("use a signal that Linux has");
            }
            None => {
                finding.help("set os.name, and use SIGTERM on Windows");
                if let Some(fix) = set_os.take() {
                    finding.fix(fix);
                }
            }
        }
    }
}
