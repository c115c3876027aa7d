//! A Windows container starts a program that only Linux has.
//!
//! There is no `sh`, `cat` or `sleep` in a Windows image, and none under `C:\bin`. As the command
//! of a container it ends in RunContainerError (in CrashLoopBackOff, where `cmd` starts a
//! HostProcess container, with "'sh' is not recognized" in its log), in an exec probe
//! (`livenessProbe`, `readinessProbe`, `startupProbe`) it fails every time until the container is
//! restarted or never becomes ready, and in a preStop hook only an event, FailedPreStopHook, tells
//! of it, and the container is killed without the pause it was to make.
//!
//! An image called `busybox` in a registry of your own may well be one for Windows: there this is a
//! warning.
//!
//! Say it in Windows' own words (`cmd /S /C`, `powershell -Command`), or without a program:
//! `httpGet` and `tcpSocket` probes, and `preStop.sleep` for a pause, which the kubelet makes itself.
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
//!       lifecycle:
//!         preStop:
//!           exec: # wait for the load balancer
//!             command: [/bin/sh, -c, sleep 15]
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
//!       lifecycle:
//!         preStop:
//!           sleep:
//!             seconds: 15
//! ```
//!
//! ## Good
//! `curl` and `tar` are part of Windows, and what the image brings itself is not judged:
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
//!       command: ['C:\tools\bash.exe', -c, './start.sh']
//!       readinessProbe:
//!         exec:
//!           command: [curl, -f, http://localhost/]
//!       livenessProbe:
//!         exec:
//!           command: [/usr/local/bin/health, --once]
//! ```
//! The images of Kubernetes' own end-to-end tests bring a busybox for Windows:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: probe
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: probe
//!       image: registry.k8s.io/e2e-test-images/busybox:1.36.1-1
//!       command: [sleep, '3600']
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::read::Str;
use crate::pod::{Container, Pod, field_name};
use crate::process;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN701",
    name: "linux-command",
    summary: "A Windows container starts a program that only Linux has",
    severity: Severity::Error,
    stage: Stage::Process,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/intro/",
        "https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/",
    ]),
    errors: docs(&[
        "hcs::System::CreateProcess: The system cannot find the file specified",
        "encountered an error during CreateProcess: failure in a Windows system call: The system cannot find the file specified. (0x2)",
        "CreateProcess: 0x2",
        "failed to create containerd task",
        "FailedPreStopHook",
        "is not recognized as an internal or external command, operable program or batch file",
    ]),
    check: Check::Pod(check),
};

/// What Kubernetes takes for `terminationGracePeriodSeconds` where it is not set.
const GRACE_PERIOD: i64 = 30;

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in pod.containers.iter().filter(|c| !process::has_linux_tools(&c.image)) {
        for (at, command) in container.command_lines() {
            let Some(tool) = command.first().and_then(|program| process::linux_tool(program)) else { continue };
            let field = field_name(at);
            let finding = report
                .finding(
                    container.at(at).index(0),
                    format!(
                        "container {}: {field}: {tool} is a program of Linux, which Windows images do not have",
                        container.name()
                    ),
                )
                .help(match field {
                    "command" | "postStart" => "say it for Windows: `cmd /S /C …` or `powershell -Command …`",
                    "preStop" => "use `preStop.sleep` for a pause, or say it for Windows: `cmd /S /C …`",
                    _ => "use an `httpGet` or `tcpSocket` probe, or say it for Windows: `cmd /S /C …`",
                });
            if process::may_have_linux_tools(&container.image) {
                finding.severity(Severity::Warning);
            }
            if field == "preStop"
                && let Some(fix) = pause(pod, container, command)
            {
                finding.fix(fix);
            }
        }
    }
}

/// The kubelet's own pause in the place of a preStop hook that does nothing but sleep. The API
/// server takes it from Kubernetes 1.30 on, and none longer than the pod is given to end.
fn pause(pod: &Pod<'_>, container: &Container<'_>, command: &[Str<'_>]) -> Option<Fix> {
    let settings = pod.world.settings;
    let seconds = process::sleeps_for(command)?;
    let is_known = settings.feature_gate("PodLifecycleSleepAction", settings.kubernetes_at_least(30));
    let fits = seconds > 0 && i64::from(seconds) <= pod.spec.termination_grace_period_seconds.unwrap_or(GRACE_PERIOD);
    let hook = container.view.lifecycle.as_ref()?.pre_stop.as_ref()?;
    let is_alone = hook.http_get.is_none() && hook.tcp_socket.is_none() && hook.sleep.is_none();
    (is_known && fits && is_alone).then(|| {
        let at = container.at("/lifecycle/preStop");
        Fix::safe("Let the kubelet make the pause").remove(at.key("exec")).set(at.join("/sleep/seconds"), seconds)
    })
}
