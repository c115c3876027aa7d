//! A pod requests more than any of the Windows nodes it may go to has.
//!
//! The scheduler adds up what the containers of a pod request (limits count where there is no request)
//! and the overhead of its RuntimeClass, and looks for a node that has as much left. What no node has
//! even when it is empty is never found: the pod stays Pending, and the cluster autoscaler adds nothing
//! either, unless a larger size of node is allowed. What a node has for pods is its `allocatable`, less
//! than its capacity.
//!
//! Request less, split the pod, or add larger nodes. This rule needs to see the Nodes: it speaks only
//! where they are given as context.
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
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       resources:
//!         limits: {cpu: "2", memory: 12Gi}
//!     - name: cache
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       resources:
//!         limits: {cpu: 500m, memory: 2Gi}
//! ---
//! apiVersion: v1
//! kind: Node
//! metadata:
//!   name: win1
//!   labels:
//!     kubernetes.io/os: windows
//! status:
//!   allocatable: {cpu: "4", memory: 13000Mi}
//! ```
//!
//! ## Good
//! Init containers run before the others, and give back what they have requested:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   initContainers:
//!     - name: unpack
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       resources:
//!         limits: {memory: 8Gi}
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       resources:
//!         requests: {memory: 4Gi}
//!         limits: {memory: 16Gi}
//! ---
//! apiVersion: v1
//! kind: Node
//! metadata:
//!   name: win1
//!   labels:
//!     kubernetes.io/os: windows
//! status:
//!   allocatable: {cpu: "4", memory: 8Gi}
//! ---
//! apiVersion: v1
//! kind: Node
//! metadata:
//!   name: win2
//!   labels:
//!     kubernetes.io/os: windows
//! status:
//!   allocatable: {cpu: "1", memory: 4Gi}
//! ```

use crate::context::Node;
use crate::finding::{Report, Severity, Stage};
use crate::object::pod::ResourceList;
use crate::pod::{ContainerList, Pod};
use crate::quantity::Quantity;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN809",
    name: "does-not-fit-any-windows-node",
    summary: "A pod requests more than any of the Windows nodes it may go to has",
    severity: Severity::Error,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/scheduling-eviction/resource-bin-packing/",
        "https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers",
        "https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/",
    ]),
    errors: docs(&["Insufficient memory", "Insufficient cpu", "pod didn't trigger scale-up"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() || pod.is_bound() || pod.world.context.nodes().next().is_none() {
        return;
    }
    let (cpu, memory) = (requested(pod, "cpu"), requested(pod, "memory"));
    // A node that does not say what it has may have enough.
    let offers = |node: &Node<'_>, resource| node.allocatable(resource).unwrap_or(Quantity::MAX);
    let mut most = None;
    for node in pod.world.context.nodes().filter(|node| pod.may_go_to(node)) {
        let offered = (offers(node, "cpu"), offers(node, "memory"));
        if offered.0 >= cpu && offered.1 >= memory {
            return;
        }
        let (most_cpu, most_memory) = most.unwrap_or(offered);
        most = Some((offered.0.max(most_cpu), offered.1.max(most_memory)));
    }
    let Some((most_cpu, most_memory)) = most else { return };
    let message = if most_cpu < cpu {
        format!(
            "the pod requests {}m CPU, and no Windows node that it may go to has more than {}m",
            cpu.in_milli(),
            most_cpu.in_milli()
        )
    } else if most_memory < memory {
        format!(
            "the pod requests {}Mi memory, and no Windows node that it may go to has more than {}Mi",
            memory.in_mebi(),
            most_memory.whole_mebi()
        )
    } else {
        format!(
            "the pod requests {}m CPU and {}Mi memory, and no Windows node that it may go to has both",
            cpu.in_milli(),
            memory.in_mebi()
        )
    };
    let finding = report.finding(pod.at(""), message);
    finding.help("request less, or add larger nodes");
    // With nodeName it is the kubelet that looks what is left.
    if pod.node_name().is_some() {
        finding.stage(Stage::Kubelet);
    }
}

/// What the scheduler finds requested of `resource`: the main containers and the sidecars beside
/// them, or an init container and the sidecars started before it, whichever is more.
fn requested(pod: &Pod<'_>, resource: &str) -> Quantity {
    let (mut running, mut peak) = (Quantity::ZERO, Quantity::ZERO);
    for container in pod.containers.iter().filter(|c| c.list != ContainerList::Ephemeral) {
        let stated = |list| container.quantity(list, resource).map(|(_, quantity)| quantity);
        let own = stated(ResourceList::Requests).or_else(|| stated(ResourceList::Limits)).unwrap_or_default();
        let stays = container.list == ContainerList::Main || container.view.restart_policy.as_deref() == Some("Always");
        let sum = running.plus(own);
        peak = peak.max(sum);
        if stays {
            running = sum;
        }
    }
    // Admission copies into a Pod what its RuntimeClass states; a template has it from the class alone.
    let of_class = || pod.runtime_class()?.overhead.as_ref()?.pod_fixed.as_ref();
    let overhead = pod.spec.overhead.as_ref().or_else(of_class);
    peak.plus(overhead.and_then(|overhead| Quantity::read(overhead.get(resource)?)).unwrap_or_default())
}
