//! Objects that say how pods reach one another: Service, NetworkPolicy, and those of CNI plug-ins.

use super::label_selector::LabelSelector;
use super::read::{AnyObject, Map, Str, Text, view};

view! {
    /// `Service`
    pub struct Service<'a> { spec: ServiceSpec<'a> = "spec" }

    /// `ServiceSpec`
    pub struct ServiceSpec<'a> {
        cluster_ip: Str<'a> = "clusterIP",
        external_traffic_policy: Str<'a> = "externalTrafficPolicy",
        internal_traffic_policy: Str<'a> = "internalTrafficPolicy",
        ip_families: Vec<Str<'a>> = "ipFamilies",
        ip_family_policy: Str<'a> = "ipFamilyPolicy",
        ports: Vec<ServicePort<'a>> = "ports",
        selector: Map<'a> = "selector",
        session_affinity: Str<'a> = "sessionAffinity",
        session_affinity_config: SessionAffinityConfig<'a> = "sessionAffinityConfig",
        traffic_distribution: Str<'a> = "trafficDistribution",
        kind: Str<'a> = "type",
    }

    /// `ServicePort`
    pub struct ServicePort<'a> {
        name: Str<'a> = "name",
        port: i64 = "port",
        protocol: Str<'a> = "protocol",
        target_port: Text<'a> = "targetPort",
    }

    /// `SessionAffinityConfig`
    pub struct SessionAffinityConfig<'a> { client_ip: ClientIpConfig<'a> = "clientIP" }

    /// `ClientIPConfig`
    pub struct ClientIpConfig<'a> { timeout_seconds: i64 = "timeoutSeconds" }

    /// `NetworkPolicy`
    pub struct NetworkPolicy<'a> { spec: NetworkPolicySpec<'a> = "spec" }

    /// `NetworkPolicySpec`
    pub struct NetworkPolicySpec<'a> {
        egress: Vec<NetworkPolicyRule<'a>> = "egress",
        ingress: Vec<NetworkPolicyRule<'a>> = "ingress",
        pod_selector: LabelSelector<'a> = "podSelector",
        policy_types: Vec<Str<'a>> = "policyTypes",
    }

    /// `NetworkPolicyIngressRule` or `NetworkPolicyEgressRule`
    pub struct NetworkPolicyRule<'a> {
        from: Vec<NetworkPolicyPeer<'a>> = "from",
        ports: Vec<NetworkPolicyPort<'a>> = "ports",
        to: Vec<NetworkPolicyPeer<'a>> = "to",
    }

    /// `NetworkPolicyPeer`
    pub struct NetworkPolicyPeer<'a> {
        ip_block: IpBlock<'a> = "ipBlock",
        namespace_selector: LabelSelector<'a> = "namespaceSelector",
        pod_selector: LabelSelector<'a> = "podSelector",
    }

    /// `IPBlock`
    pub struct IpBlock<'a> {
        cidr: Str<'a> = "cidr",
        except: Vec<Str<'a>> = "except",
    }

    /// `NetworkPolicyPort`
    pub struct NetworkPolicyPort<'a> {
        end_port: i64 = "endPort",
        port: Text<'a> = "port",
        protocol: Str<'a> = "protocol",
    }

    /// `SecurityGroupPolicy` of the Amazon VPC CNI
    pub struct SecurityGroupPolicy<'a> { spec: SecurityGroupPolicySpec<'a> = "spec" }

    /// `SecurityGroupPolicySpec`
    pub struct SecurityGroupPolicySpec<'a> {
        pod_selector: LabelSelector<'a> = "podSelector",
        service_account_selector: LabelSelector<'a> = "serviceAccountSelector",
    }

    /// `ENIConfig` of the Amazon VPC CNI
    pub struct EniConfig<'a> { spec: AnyObject = "spec" }

    /// `IPPool` of Calico
    pub struct IpPool<'a> { spec: IpPoolSpec<'a> = "spec" }

    /// `IPPoolSpec`
    pub struct IpPoolSpec<'a> {
        allowed_uses: Vec<Str<'a>> = "allowedUses",
        cidr: Str<'a> = "cidr",
        disabled: bool = "disabled",
        ipip_mode: Str<'a> = "ipipMode",
        node_selector: Str<'a> = "nodeSelector",
        vxlan_mode: Str<'a> = "vxlanMode",
    }

    /// `FelixConfiguration` of Calico
    pub struct FelixConfiguration<'a> { spec: FelixConfigurationSpec<'a> = "spec" }

    /// `FelixConfigurationSpec`
    pub struct FelixConfigurationSpec<'a> { bpf_enabled: bool = "bpfEnabled" }

    /// `Installation` of the Tigera operator
    pub struct Installation<'a> { spec: InstallationSpec<'a> = "spec" }

    /// `InstallationSpec`
    pub struct InstallationSpec<'a> { calico_network: CalicoNetworkSpec<'a> = "calicoNetwork" }

    /// `CalicoNetworkSpec`
    pub struct CalicoNetworkSpec<'a> {
        ip_pools: Vec<InstallationIpPool<'a>> = "ipPools",
        linux_dataplane: Str<'a> = "linuxDataplane",
        windows_dataplane: Str<'a> = "windowsDataplane",
    }

    /// `IPPool` of an Installation
    pub struct InstallationIpPool<'a> {
        allowed_uses: Vec<Str<'a>> = "allowedUses",
        cidr: Str<'a> = "cidr",
        encapsulation: Str<'a> = "encapsulation",
        node_selector: Str<'a> = "nodeSelector",
    }
}

impl ServiceSpec<'_> {
    /// Whether it has no address of its own, so that names resolve to the pods themselves and
    /// kube-proxy has no part in it.
    pub fn is_headless(&self) -> bool {
        self.cluster_ip.as_deref() == Some("None")
    }
}
