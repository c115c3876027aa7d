//! Some containers of a pod are HostProcess containers, and some are not.
//!
//! A HostProcess container runs as a process of its node; all containers of its pod, init
//! containers and ephemeral containers included, have to run in the same way. The API server
//! refuses a pod that mixes the two, and a container whose `hostProcess` is not what its pod says.
//!
//! Say it once, for the pod: `securityContext.windowsOptions.hostProcess`. There is no automatic fix,
//! because either answer changes what the other containers may do to the node.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   hostNetwork: true
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   initContainers:
//!     - name: setup
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//!       securityContext:
//!         windowsOptions:
//!           hostProcess: true
//!           runAsUserName: NT AUTHORITY\SYSTEM
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   hostNetwork: true
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   initContainers:
//!     - name: setup
//!       image: registry.example/agent:1.0
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::pod::{Container, ContainerList, HOST_PROCESS, Pod};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN301",
    name: "mixed-host-process",
    summary: "Some containers of a pod are HostProcess containers, and some are not",
    severity: Severity::Error,
    stage: Stage::ApiServer,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/validation.go",
    ]),
    errors: docs(&[
        "If pod contains any hostProcess containers then all containers must be HostProcess containers",
        "pod hostProcess value must be identical if both are specified",
    ]),
    check: Check::Pod(check),
};

const HELP: &str = "set hostProcess for the whole pod, or give the other containers a pod of their own";

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let of_pod = pod.windows_options().and_then(|options| options.host_process);
    let own = |container: &Container<'_>| container.security_context()?.windows_options.as_ref()?.host_process;
    let mut is_contradicted = false;
    if let Some(of_pod) = of_pod {
        for (container, own) in
            pod.containers.iter().filter_map(|c| Some((c, own(c)?))).filter(|(_, own)| *own != of_pod)
        {
            is_contradicted = true;
            let message = format!(
                "container {}: hostProcess is {own}, but {of_pod} for the pod: the API server takes no two answers",
                container.name()
            );
            report.finding(container.at(HOST_PROCESS), message).help(HELP);
        }
    }
    if is_contradicted {
        return;
    }
    // An ephemeral container comes into a pod that exists, so it has to fit in.
    let is_debug = pod.world.request.sub_resource() == "ephemeralcontainers";
    let main = pod.containers.iter().find(|c| c.list == ContainerList::Main);
    let is_asked = !is_debug || main.is_some_and(|main| main.host_process);
    let differs = |container: &&Container<'_>| {
        container.host_process != is_asked && (!is_debug || container.list == ContainerList::Ephemeral)
    };
    if !is_debug && !pod.is_host_process() {
        return;
    }
    for container in pod.containers.iter().filter(differs) {
        let (not, others) =
            if is_asked { ("not ", "others of its pod are") } else { ("", "the others of its pod are not") };
        let path = if own(container).is_some() { container.at(HOST_PROCESS) } else { container.at("") };
        let message = format!(
            "container {}: it is {not}a HostProcess container, and {others}: all have to be, or none",
            container.name()
        );
        report.finding(path, message).help(HELP);
    }
}
