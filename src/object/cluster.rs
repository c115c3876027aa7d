//! Objects of the cluster that say where pods can go, or change them: Node, RuntimeClass,
//! VerticalPodAutoscaler.

use super::pod::Toleration;
use super::read::{Map, Str, Text, view};

view! {
    /// `NodeSpec`
    pub struct NodeSpec<'a> { taints: Vec<Taint<'a>> = "taints" }

    /// `Taint`
    pub struct Taint<'a> {
        effect: Str<'a> = "effect",
        key: Str<'a> = "key",
        value: Str<'a> = "value",
    }

    /// `NodeStatus`
    pub struct NodeStatus<'a> {
        allocatable: Map<'a, Text<'a>> = "allocatable",
        capacity: Map<'a, Text<'a>> = "capacity",
        node_info: NodeSystemInfo<'a> = "nodeInfo",
    }

    /// `NodeSystemInfo`
    pub struct NodeSystemInfo<'a> {
        kernel_version: Str<'a> = "kernelVersion",
        kubelet_version: Str<'a> = "kubeletVersion",
        operating_system: Str<'a> = "operatingSystem",
        os_image: Str<'a> = "osImage",
    }

    /// `Scheduling` of a RuntimeClass
    pub struct Scheduling<'a> {
        node_selector: Map<'a> = "nodeSelector",
        tolerations: Vec<Toleration<'a>> = "tolerations",
    }

    /// `VerticalPodAutoscalerSpec`
    pub struct VerticalPodAutoscaler<'a> {
        target_ref: CrossVersionObjectReference<'a> = "targetRef",
        update_policy: PodUpdatePolicy<'a> = "updatePolicy",
    }

    /// `CrossVersionObjectReference`
    pub struct CrossVersionObjectReference<'a> {
        kind: Str<'a> = "kind",
        name: Str<'a> = "name",
    }

    /// `PodUpdatePolicy`
    pub struct PodUpdatePolicy<'a> { update_mode: Str<'a> = "updateMode" }
}

/// `Node`
#[derive(Debug, Default)]
pub struct Node<'a> {
    /// `spec`
    pub spec: NodeSpec<'a>,
    /// `status`
    pub status: NodeStatus<'a>,
}

/// `RuntimeClass`
#[derive(Debug, Default)]
pub struct RuntimeClass<'a> {
    /// `handler`
    pub handler: Option<Str<'a>>,
    /// `scheduling`
    pub scheduling: Option<Scheduling<'a>>,
}
