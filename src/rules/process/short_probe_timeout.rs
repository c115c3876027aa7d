//! A probe starts PowerShell and gives it one second.
//!
//! `timeoutSeconds` is 1 unless it is set, and exec probes are held to it. PowerShell alone takes
//! seconds to start in a container, and more under load or a CPU limit, so that the probe fails
//! though the application is well: a liveness probe has it restarted, a readiness probe takes it out
//! of its Services.
//!
//! Give the probe more time, and run it less often, since each run costs as much CPU again; or ask
//! with `httpGet` or `tcpSocket`, which start nothing. Mind the exit code: `Test-Path` alone prints
//! `False` and ends with 0.
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
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       readinessProbe:
//!         exec:
//!           command: [powershell, -Command, 'if (-not (Test-Path C:\ready)) { exit 1 }']
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       readinessProbe:
//!         exec:
//!           command: [powershell, -Command, 'if (-not (Test-Path C:\ready)) { exit 1 }']
//!         timeoutSeconds: 10
//!         periodSeconds: 30
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
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       livenessProbe:
//!         exec:
//!           command: [cmd, /S, /C, if not exist C:\alive exit 1]
//!       readinessProbe:
//!         timeoutSeconds: 5
//!         exec:
//!           command: [pwsh, -Command, 'if (-not (Test-Path C:\ready)) { exit 1 }']
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::pod::Probe;
use crate::pod::Pod;
use crate::process;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN710",
    name: "short-probe-timeout",
    summary: "A probe starts PowerShell and gives it one second",
    severity: Severity::Warning,
    stage: Stage::Process,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes",
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes",
    ]),
    errors: docs(&[
        "Readiness probe errored",
        "command timed out",
        "Liveness probe failed: command timed out",
        "context deadline exceeded",
    ]),
    check: Check::Pod(check),
};

/// The seconds that the fix gives a probe.
pub(super) const TIMEOUT: i64 = 10;
/// The least seconds between two probes, where the fix has its way.
const PERIOD: i64 = 30;

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        let view = container.view;
        let probes = [
            ("livenessProbe", &view.liveness_probe),
            ("readinessProbe", &view.readiness_probe),
            ("startupProbe", &view.startup_probe),
        ];
        for (field, probe) in probes {
            let Some(probe) = probe.as_ref().filter(|probe| is_too_short(probe)) else { continue };
            let at = container.at("").key(field);
            let timeout = at.key("timeoutSeconds");
            let mut fix = Fix::unsafe_("Give PowerShell the time to start").set(timeout.clone(), TIMEOUT);
            if probe.period_seconds.is_none_or(|period| period < PERIOD) {
                fix = fix.set(at.key("periodSeconds"), PERIOD);
            }
            report
                .finding(
                    if probe.timeout_seconds.is_some() { timeout } else { at },
                    format!(
                        "container {}: {field}: PowerShell takes longer to start than the one second it is given",
                        container.name()
                    ),
                )
                .help("raise `timeoutSeconds`, and `periodSeconds` with it, or use `httpGet` or `tcpSocket`")
                .fix(fix);
        }
    }
}

/// Whether a probe gives PowerShell one second, which is what Kubernetes gives it unless told otherwise.
pub(super) fn is_too_short(probe: &Probe<'_>) -> bool {
    let program = probe.exec.as_ref().and_then(|exec| exec.command.as_deref()?.first());
    probe.timeout_seconds.is_none_or(|seconds| seconds <= 1) && program.is_some_and(|p| process::is_powershell(p))
}
