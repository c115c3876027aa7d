//! Objects of the cluster that say where pods can go, or change them: Node, RuntimeClass, the
//! autoscalers.

use super::pod::Toleration;
use super::read::{Map, Str, Text, view};

view! {
    /// `Node`
    pub struct Node<'a> {
        spec: NodeSpec<'a> = "spec",
        status: NodeStatus<'a> = "status",
    }

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

    /// `RuntimeClass`
    pub struct RuntimeClass<'a> {
        handler: Str<'a> = "handler",
        overhead: Overhead<'a> = "overhead",
        scheduling: Scheduling<'a> = "scheduling",
    }

    /// `Overhead` of a RuntimeClass
    pub struct Overhead<'a> { pod_fixed: Map<'a, Text<'a>> = "podFixed" }

    /// `Scheduling` of a RuntimeClass
    pub struct Scheduling<'a> {
        node_selector: Map<'a> = "nodeSelector",
        tolerations: Vec<Toleration<'a>> = "tolerations",
    }

    /// `HorizontalPodAutoscaler`
    pub struct HorizontalPodAutoscaler<'a> { spec: HorizontalPodAutoscalerSpec<'a> = "spec" }

    /// `HorizontalPodAutoscalerSpec`
    pub struct HorizontalPodAutoscalerSpec<'a> {
        max_replicas: i64 = "maxReplicas",
        scale_target_ref: CrossVersionObjectReference<'a> = "scaleTargetRef",
    }

    /// `VerticalPodAutoscaler`
    pub struct VerticalPodAutoscaler<'a> { spec: VerticalPodAutoscalerSpec<'a> = "spec" }

    /// `VerticalPodAutoscalerSpec`
    pub struct VerticalPodAutoscalerSpec<'a> {
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
