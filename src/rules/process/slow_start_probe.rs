//! A liveness probe gives a large Windows image less than a minute to start.
//!
//! On Server Core a container first starts services of Windows, and IIS or the .NET Framework
//! compile what they serve; with a small CPU limit that takes a minute or more. A liveness probe
//! that fails three times before (its defaults are every 10 seconds, three failures) has the
//! container killed and started anew, and it never gets further.
//!
//! A HostProcess container starts no services of its own and is not meant.
//!
//! Add a `startupProbe`: the liveness probe then waits until the container has come up once, and
//! can stay as strict as it is. The fix copies the liveness probe, unless its command does not run
//! on Windows.
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
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//!       livenessProbe:
//!         httpGet:
//!           path: /healthz
//!           port: 80
//!         initialDelaySeconds: 15 # IIS needs its time
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
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//!       livenessProbe:
//!         httpGet:
//!           path: /healthz
//!           port: 80
//!         initialDelaySeconds: 15 # IIS needs its time
//!       startupProbe:
//!         failureThreshold: 30
//!         httpGet:
//!           path: /healthz
//!           port: 80
//! ```
//!
//! ## Good
//! A minute, a startup probe, and an image on Nano Server:
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
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//!       livenessProbe:
//!         tcpSocket: {port: 80}
//!         initialDelaySeconds: 30
//!     - name: shop
//!       image: mcr.microsoft.com/dotnet/framework/aspnet:4.8.1-windowsservercore-ltsc2022
//!       livenessProbe:
//!         tcpSocket: {port: 8080}
//!       startupProbe:
//!         tcpSocket: {port: 8080}
//!         failureThreshold: 30
//!     - name: api
//!       image: mcr.microsoft.com/dotnet/aspnet:9.0-nanoserver-ltsc2022
//!       livenessProbe:
//!         tcpSocket: {port: 8081}
//! ```

use super::short_probe_timeout;
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::pod::Probe;
use crate::pod::Pod;
use crate::process;
use crate::rules::{Check, Rule, docs};
use crate::value::Value;

pub const RULE: Rule = Rule {
    id: "WIN709",
    name: "slow-start-probe",
    summary: "A liveness probe gives a large Windows image less than a minute to start",
    severity: Severity::Warning,
    stage: Stage::Process,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
        "https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images",
    ]),
    errors: docs(&["Liveness probe failed", "failed liveness probe, will be restarted", "CrashLoopBackOff"]),
    check: Check::Pod(check),
};

/// How long a start may take, in seconds.
const START: i64 = 60;
/// How often a startup probe may fail.
const FAILURES: i64 = 30;

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    // A HostProcess container has no system of its own to start.
    for container in pod.containers.iter().filter(|c| c.image.family.is_large() && !c.host_process) {
        let Some(probe) = container.view.liveness_probe.as_ref() else { continue };
        if container.view.startup_probe.is_some() {
            continue;
        }
        // As the API server fills them in.
        let or = |value: Option<i64>, default| value.filter(|value| *value != 0).unwrap_or(default);
        let period = or(probe.period_seconds, 10);
        let failing = or(probe.failure_threshold, 3).saturating_mul(period);
        let seconds = probe.initial_delay_seconds.unwrap_or_default().saturating_add(failing);
        if seconds >= START {
            continue;
        }
        let finding = report
            .finding(
                container.at("/livenessProbe"),
                format!(
                    "container {}: livenessProbe has it restarted after {seconds} s, in which an image of this size may not have started",
                    container.name()
                ),
            )
            .help("add a startupProbe, which the liveness probe waits for");
        if let Some(startup) = startup_probe(probe, period) {
            finding.fix(Fix::unsafe_("Add a startup probe").set(container.at("/startupProbe"), startup));
        }
    }
}

/// The probe for the start that asks what a liveness probe asks; none where it asks nothing.
fn startup_probe(probe: &Probe<'_>, period: i64) -> Option<Value> {
    let (kind, handler) = if let Some(http) = &probe.http_get {
        let headers: Vec<Value> = http
            .http_headers
            .iter()
            .flatten()
            .map(|header| object([("name", text(header.name.as_deref())), ("value", text(header.value.as_deref()))]))
            .collect();
        let handler = object([
            ("host", text(http.host.as_deref())),
            ("httpHeaders", (!headers.is_empty()).then_some(Value::Array(headers))),
            ("path", text(http.path.as_deref())),
            ("port", http.port.as_deref().map(port)),
            ("scheme", text(http.scheme.as_deref())),
        ]);
        ("httpGet", handler)
    } else if let Some(tcp) = &probe.tcp_socket {
        ("tcpSocket", object([("host", text(tcp.host.as_deref())), ("port", tcp.port.as_deref().map(port))]))
    } else if let Some(grpc) = &probe.grpc {
        ("grpc", object([("port", grpc.port.map(Value::from)), ("service", text(grpc.service.as_deref()))]))
    } else {
        let command = probe.exec.as_ref()?.command.as_deref()?;
        // What does not run now, as other rules say, is not to be asked for twice.
        let program = command.first()?;
        let cannot_run = process::linux_tool(program).is_some()
            || process::is_linux_script(program)
            || process::built_in(program).is_some()
            || process::unsplit(command).is_some();
        if cannot_run {
            return None;
        }
        let words: Vec<&str> = command.iter().map(|word| &**word).collect();
        ("exec", object([("command", Some(Value::from(words)))]))
    };
    // So that it comes to the minute at least.
    let failures = if period.saturating_mul(FAILURES) < START { START } else { FAILURES };
    let timeout = if short_probe_timeout::is_too_short(probe) {
        Some(short_probe_timeout::TIMEOUT)
    } else {
        probe.timeout_seconds
    };
    Some(object([
        ("failureThreshold", Some(Value::from(failures))),
        (kind, Some(handler)),
        ("periodSeconds", probe.period_seconds.map(Value::from)),
        ("timeoutSeconds", timeout.map(Value::from)),
    ]))
}

/// An object of those fields that have a value.
fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    Value::object(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

fn text(value: Option<&str>) -> Option<Value> {
    value.map(Value::from)
}

/// A port: its number, or its name.
fn port(port: &str) -> Value {
    port.parse::<i64>().map_or_else(|_| port.into(), Value::from)
}
