//! A RuntimeClass runs Windows containers, but does not say so to the scheduler.
//!
//! The handlers `runhcs-wcow-process` and `runhcs-wcow-hypervisor` exist on Windows nodes only. A
//! pod of this class is put wherever its own selector lets it, on a Linux node too, and waits there
//! in ContainerCreating because containerd has no such handler.
//!
//! Add `scheduling.nodeSelector`: it is merged into every pod of the class, so that the class pins
//! its pods by itself, and the API server refuses one that asks for other nodes. Add the tolerations for
//! the taint of the Windows nodes in the same place.
//!
//! ## Bad
//! ```yaml
//! apiVersion: node.k8s.io/v1
//! kind: RuntimeClass
//! metadata:
//!   name: windows-2022
//! handler: runhcs-wcow-process # containerd's own name
//! scheduling:
//!   tolerations:
//!     - key: os
//!       value: windows
//!       effect: NoSchedule
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: node.k8s.io/v1
//! kind: RuntimeClass
//! metadata:
//!   name: windows-2022
//! handler: runhcs-wcow-process # containerd's own name
//! scheduling:
//!   tolerations:
//!     - key: os
//!       value: windows
//!       effect: NoSchedule
//!   nodeSelector:
//!     kubernetes.io/os: windows
//! ```
//!
//! ## Good
//! Only Windows nodes have a build, so this pins too:
//! ```yaml
//! apiVersion: node.k8s.io/v1
//! kind: RuntimeClass
//! metadata:
//!   name: windows-2022
//! handler: runhcs-wcow-process
//! scheduling:
//!   nodeSelector:
//!     node.kubernetes.io/windows-build: 10.0.20348
//! ```
//! ```yaml
//! apiVersion: node.k8s.io/v1
//! kind: RuntimeClass
//! metadata:
//!   name: gvisor
//! handler: runsc
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::read::Str;
use crate::object::{Body, Object};
use crate::platform::labels::{OS, WINDOWS_BUILD};
use crate::platform::runtime_class::handler_os;
use crate::platform::{NodeModel, Os, Reading};
use crate::rules::{Check, Rule, Subject, docs};

pub const RULE: Rule = Rule {
    id: "WIN904",
    name: "runtime-class-not-pinned",
    summary: "A RuntimeClass runs Windows containers, but does not say so to the scheduler",
    severity: Severity::Warning,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/containers/runtime-class/#scheduling",
        "https://kubernetes.io/docs/concepts/windows/user-guide/",
    ]),
    errors: docs(&["no runtime for \"runhcs-wcow-process\" is configured"]),
    check: Check::Object(check),
};

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Body::RuntimeClass(class) = &subject.object.body else { return };
    let Some(handler) = class.handler.as_deref().filter(|handler| handler_os(handler) == Some(Os::Windows)) else {
        return;
    };
    let selector = class.scheduling.as_ref().and_then(|s| s.node_selector.as_ref());
    let label = |key: &str| selector.and_then(|s| s.get(key)).map(|value| &**value);
    let stated = label(OS);
    let windows = Some(Os::Windows.label());
    let settings = subject.world.settings;
    let model = |os| NodeModel { os, reading: Reading::AsWritten, builds: &[], settings };
    let is_of_windows = |(key, value): (&str, &Str<'_>)| {
        key == WINDOWS_BUILD || (model(Os::Windows).can_have(key, value) && !model(Os::Linux).can_have(key, value))
    };
    let is_pinned = || selector.is_some_and(|selector| selector.iter().any(is_of_windows));
    if stated == windows || (stated.is_none() && is_pinned()) {
        return;
    }
    let at = subject.path.join("/scheduling/nodeSelector").key(OS);
    let fix = match stated {
        Some(value) if !value.eq_ignore_ascii_case(Os::Windows.label()) => {
            Fix::unsafe_("Pin the class to Windows nodes")
        }
        // The API server would refuse the pods of this class that ask for other nodes.
        _ if subject.world.context.objects().any(|user| asks_for_others(user, subject.object.name())) => {
            Fix::unsafe_("Pin the class to Windows nodes")
        }
        _ => Fix::safe("Pin the class to Windows nodes"),
    };
    let (path, message) = match stated {
        Some(value) => (
            at.clone(),
            format!("handler {handler} runs Windows containers, but no Windows node has the label {OS}: {value}"),
        ),
        None => (
            subject.path.key("handler"),
            format!(
                "handler {handler} runs Windows containers, but scheduling.nodeSelector does not ask for Windows nodes"
            ),
        ),
    };
    report
        .finding(path, message)
        .help("add `kubernetes.io/os: windows` to scheduling.nodeSelector")
        .fix(fix.set(at, Os::Windows.label()));
}

/// Whether the object has pods of this class that ask for nodes of another system than Windows.
fn asks_for_others(user: &Object<'_>, class: &str) -> bool {
    let specs = user.workloads().iter().filter_map(|workload| workload.template.spec.as_ref());
    let mut specs = specs.filter(|spec| spec.runtime_class_name.as_deref() == Some(class));
    let windows = Os::Windows.label();
    specs.any(|spec| spec.node_selector.as_ref().and_then(|s| s.get(OS)).is_some_and(|os| **os != *windows))
}
