//! A Windows pod on EKS depends on a kind of network that its Windows nodes do not have.
//!
//! Security groups for pods, custom networking (ENIConfig) and IPv6 clusters are for the Linux nodes
//! of EKS. A SecurityGroupPolicy that selects a Windows pod is not applied to it: the pod has the
//! security groups of its node, and nothing says so. With custom networking Windows pods stay in the
//! subnet of their node, and in an IPv6 cluster they get no address at all. The annotations
//! `vpc.amazonaws.com/pod-eni` and `vpc.amazonaws.com/PrivateIPv4Address` belong to the controller of
//! EKS, which refuses pods that come with them.
//!
//! Put workloads with needs of their own on node groups of their own: the security groups and the
//! subnet of a node group hold for its Windows pods. Without the setting `platform: eks` this rule
//! is silent.
//!
//! ## Bad
//! ```yaml
//! # settings: {platform: eks}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   namespace: shop
//!   labels: {app: web}
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//! ---
//! apiVersion: vpcresources.k8s.aws/v1beta1
//! kind: SecurityGroupPolicy
//! metadata:
//!   name: database-clients
//!   namespace: shop
//! spec:
//!   podSelector:
//!     matchLabels: {app: web}
//!   securityGroups:
//!     groupIds: [sg-0123456789abcdef0]
//! ```
//!
//! ## Good
//! A policy for other pods:
//! ```yaml
//! # settings: {platform: eks}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   namespace: shop
//!   labels: {app: web}
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//! ---
//! apiVersion: vpcresources.k8s.aws/v1beta1
//! kind: SecurityGroupPolicy
//! metadata:
//!   name: database-clients
//!   namespace: shop
//! spec:
//!   podSelector:
//!     matchLabels: {app: api}
//!   securityGroups:
//!     groupIds: [sg-0123456789abcdef0]
//! ```
//! The network of the node is all that a HostProcess pod has and wants:
//! ```yaml
//! # settings: {platform: eks}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//!   namespace: kube-system
//!   labels: {app: agent}
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   hostNetwork: true
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//! ---
//! apiVersion: vpcresources.k8s.aws/v1beta1
//! kind: SecurityGroupPolicy
//! metadata:
//!   name: agent
//!   namespace: kube-system
//! spec:
//!   podSelector:
//!     matchLabels: {app: agent}
//!   securityGroups:
//!     groupIds: [sg-0123456789abcdef0]
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::{Body, Object};
use crate::pod::Pod;
use crate::pointer::Pointer;
use crate::rules::{Check, Rule, Subject, docs};
use crate::selection;
use crate::settings::Platform;
use crate::text;

pub const RULE: Rule = Rule {
    id: "WIN409",
    name: "eks-unsupported-networking",
    summary: "A Windows pod on EKS depends on a kind of network that its Windows nodes do not have",
    severity: Severity::Error,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://docs.aws.amazon.com/eks/latest/userguide/windows-support.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/cni-ipv6.html",
        "https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/webhooks/core/annotation_validation_webhook.go",
    ]),
    errors: docs(&[
        "pod cannot be created with vpc.amazonaws.com/pod-eni annotation",
        "pod cannot be created with vpc.amazonaws.com/PrivateIPv4Address annotation",
        "annotation is not set by vpc-resource-controller",
    ]),
    check: Check::Both(check_pod, check_object),
};

const POD_ENI: &str = "vpc.amazonaws.com/pod-eni";
const ADDRESS: &str = "vpc.amazonaws.com/PrivateIPv4Address";
const CUSTOM_NETWORKING: &str = "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG";
const IPV6: &str = "ENABLE_IPv6";
const OWN_NODE_GROUP: &str = "give the Windows pods a node group that has these security groups, and select it";
const OWN_SUBNET: &str = "give the Windows pods a node group in the subnet that they need, and select it";

fn check_pod(pod: &Pod<'_>, report: &mut Report<'_>) {
    if pod.world.settings.platform != Platform::Eks || !pod.is_windows() {
        return;
    }
    // What the controller of EKS has written on a living pod is right.
    let annotation = |name: &&str| !pod.is_bound() && pod.metadata.is_some_and(|m| m.annotation(name).is_some());
    for name in [POD_ENI, ADDRESS].iter().filter(|name| annotation(name)) {
        report
            .finding(
                pod.metadata_at("/annotations").key(name),
                format!(
                    "annotation {name}: it belongs to the controller of EKS, which refuses a pod that comes with it"
                ),
            )
            .help("remove the annotation")
            .stage(Stage::ApiServer);
    }
    if !has_network(pod) {
        return;
    }
    let context = pod.world.context;
    let mut policies = context.objects().filter(|object| {
        matches!(object.body, Body::SecurityGroupPolicy(_)) && object.namespace_or_default() == pod.namespace()
    });
    if let Some(policy) = policies.find(|policy| selection::selects(policy, pod.object, pod.workload, context)) {
        let message = format!(
            "SecurityGroupPolicy {} selects this pod, but Windows nodes of EKS have no security groups for pods",
            policy.name()
        );
        report.finding(pod.at(""), message).help(OWN_NODE_GROUP);
    }
    let plug_in = context.find("DaemonSet", "kube-system", "aws-node");
    let sets = |name| plug_in.is_some_and(|plug_in| setting(plug_in, name).is_some());
    let has_configs = || context.objects().any(|object| matches!(object.body, Body::EniConfig(_)));
    if sets(CUSTOM_NETWORKING) || (plug_in.is_none() && has_configs()) {
        report
            .finding(pod.at(""), "custom networking of the VPC CNI does not reach Windows nodes: the pod stays in the subnet of its node")
            .help(OWN_SUBNET);
    }
    if sets(IPV6) || has_ipv6_services(pod) {
        report
            .finding(pod.at(""), "this is an IPv6 cluster of EKS, where pods on Windows nodes get no address")
            .help("run Windows pods in an IPv4 cluster")
            .stage(Stage::Runtime);
    }
}

fn check_object(subject: &Subject<'_>, report: &mut Report<'_>) {
    if subject.world.settings.platform != Platform::Eks {
        return;
    }
    let object = subject.object;
    if let Body::SecurityGroupPolicy(policy) = &object.body
        && let Some(pod) = subject.windows_pods().find(|pod| has_network(pod))
    {
        let by_pod = policy.spec.as_ref().is_some_and(|spec| spec.pod_selector.is_some());
        let field = if by_pod { "podSelector" } else { "serviceAccountSelector" };
        let message = format!(
            "{field}: it selects the Windows pods of {} {}, but Windows nodes of EKS have no security groups for pods",
            pod.object.kind,
            pod.object.name()
        );
        report.finding(subject.path.key("spec").key(field), message).help(OWN_NODE_GROUP);
    }
    let is_plug_in =
        object.is("apps", "DaemonSet") && object.name() == "aws-node" && subject.namespace() == "kube-system";
    if !is_plug_in {
        return;
    }
    let settings = [
        (
            CUSTOM_NETWORKING,
            "custom networking does not reach Windows nodes, whose pods stay in the subnet of their node",
            OWN_SUBNET,
        ),
        (IPV6, "in an IPv6 cluster pods on Windows nodes get no address", "run Windows pods in an IPv4 cluster"),
    ];
    for (name, why, help) in settings {
        if let Some(at) = setting(object, name)
            && subject.world.knows_windows_nodes()
        {
            report.finding(subject.path.join(&at.to_string()), format!("env {name}: {why}")).help(help);
        }
    }
}

/// Whether it has a network of its own, and not that of its node.
fn has_network(pod: &Pod<'_>) -> bool {
    pod.spec.host_network != Some(true) && !pod.is_host_process()
}

/// Where a variable of the plug-in's DaemonSet is true, as a pointer in it.
fn setting(plug_in: &Object<'_>, name: &str) -> Option<Pointer> {
    plug_in.workloads().iter().find_map(|workload| {
        let containers = workload.template.spec.as_ref()?.containers.as_deref()?.iter().enumerate();
        containers.into_iter().find_map(|(container, view)| {
            let is_set = |value: &Option<_>| Option::as_deref(value).is_some_and(text::is_true);
            let mut env = view.env.as_deref()?.iter();
            let index = env.position(|variable| variable.name.as_deref() == Some(name) && is_set(&variable.value))?;
            let containers = Pointer::raw(&workload.at).join("/spec/containers");
            Some(containers.index(container).key("env").index(index).key("value"))
        })
    })
}

/// Whether the Service of the API server, which is in every cluster, has an IPv6 address.
fn has_ipv6_services(pod: &Pod<'_>) -> bool {
    match pod.world.context.service("default", "kubernetes").map(|service| &service.body) {
        Some(Body::Service(service)) => {
            let address = service.spec.as_ref().and_then(|spec| spec.cluster_ip.as_deref());
            address.is_some_and(|address| address.contains(':'))
        }
        _ => false,
    }
}
