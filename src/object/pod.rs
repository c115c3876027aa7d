//! Pods, their templates and everything in them: the fields that some rule reads, with
//! Kubernetes' own names and types (`k8s.io/api/core/v1`).

use super::claim::PersistentVolumeClaimSpec;
use super::label_selector::LabelSelector;
use super::metadata::ObjectMeta;
use super::read::{AnyObject, Map, Present, Str, Text, view};

pub use super::node_selector::{NodeSelector, NodeSelectorRequirement, NodeSelectorTerm};

view! {
    /// A pod template, or a Pod seen as one: metadata beside a spec.
    pub struct PodTemplateSpec<'a> {
        metadata: ObjectMeta<'a> = "metadata",
        spec: PodSpec<'a> = "spec",
    }

    /// `PodSpec`
    pub struct PodSpec<'a> {
        active_deadline_seconds: i64 = "activeDeadlineSeconds",
        affinity: Affinity<'a> = "affinity",
        containers: Vec<Container<'a>> = "containers",
        dns_config: PodDnsConfig<'a> = "dnsConfig",
        dns_policy: Str<'a> = "dnsPolicy",
        ephemeral_containers: Vec<Container<'a>> = "ephemeralContainers",
        host_aliases: Vec<AnyObject> = "hostAliases",
        host_ipc: bool = "hostIPC",
        host_network: bool = "hostNetwork",
        host_pid: bool = "hostPID",
        host_users: bool = "hostUsers",
        hostname: Str<'a> = "hostname",
        hostname_override: Str<'a> = "hostnameOverride",
        init_containers: Vec<Container<'a>> = "initContainers",
        node_name: Str<'a> = "nodeName",
        node_selector: Map<'a> = "nodeSelector",
        os: PodOs<'a> = "os",
        overhead: Map<'a, Text<'a>> = "overhead",
        resource_claims: Vec<AnyObject> = "resourceClaims",
        resources: ResourceRequirements<'a> = "resources",
        runtime_class_name: Str<'a> = "runtimeClassName",
        scheduling_gates: Vec<AnyObject> = "schedulingGates",
        security_context: PodSecurityContext<'a> = "securityContext",
        service_account: Str<'a> = "serviceAccount",
        service_account_name: Str<'a> = "serviceAccountName",
        share_process_namespace: bool = "shareProcessNamespace",
        termination_grace_period_seconds: i64 = "terminationGracePeriodSeconds",
        tolerations: Vec<Toleration<'a>> = "tolerations",
        topology_spread_constraints: Vec<TopologySpreadConstraint<'a>> = "topologySpreadConstraints",
        volumes: Vec<Volume<'a>> = "volumes",
    }

    /// `PodOS`
    pub struct PodOs<'a> { name: Str<'a> = "name" }

    /// `PodDNSConfig`
    pub struct PodDnsConfig<'a> {
        nameservers: Vec<Str<'a>> = "nameservers",
        options: Vec<AnyObject> = "options",
        searches: Vec<Str<'a>> = "searches",
    }

    /// `Container` and `EphemeralContainer`
    pub struct Container<'a> {
        args: Vec<Str<'a>> = "args",
        command: Vec<Str<'a>> = "command",
        env: Vec<EnvVar<'a>> = "env",
        env_from: Vec<EnvFromSource<'a>> = "envFrom",
        image: Str<'a> = "image",
        image_pull_policy: Str<'a> = "imagePullPolicy",
        lifecycle: Box<Lifecycle<'a>> = "lifecycle",
        liveness_probe: Box<Probe<'a>> = "livenessProbe",
        name: Str<'a> = "name",
        ports: Vec<ContainerPort<'a>> = "ports",
        readiness_probe: Box<Probe<'a>> = "readinessProbe",
        resize_policy: Vec<ContainerResizePolicy<'a>> = "resizePolicy",
        resources: ResourceRequirements<'a> = "resources",
        restart_policy: Str<'a> = "restartPolicy",
        security_context: Box<SecurityContext<'a>> = "securityContext",
        startup_probe: Box<Probe<'a>> = "startupProbe",
        target_container_name: Str<'a> = "targetContainerName",
        volume_devices: Vec<VolumeDevice<'a>> = "volumeDevices",
        volume_mounts: Vec<VolumeMount<'a>> = "volumeMounts",
        working_dir: Str<'a> = "workingDir",
    }

    /// `EnvVar`
    pub struct EnvVar<'a> {
        name: Str<'a> = "name",
        value: Str<'a> = "value",
        value_from: Box<EnvVarSource<'a>> = "valueFrom",
    }

    /// `EnvVarSource`
    pub struct EnvVarSource<'a> {
        config_map_key_ref: KeySelector<'a> = "configMapKeyRef",
        secret_key_ref: KeySelector<'a> = "secretKeyRef",
    }

    /// `EnvFromSource`
    pub struct EnvFromSource<'a> {
        config_map_ref: KeySelector<'a> = "configMapRef",
        secret_ref: KeySelector<'a> = "secretRef",
    }

    /// `ConfigMapKeySelector` and `SecretKeySelector`, or a reference to all keys
    pub struct KeySelector<'a> {
        key: Str<'a> = "key",
        name: Str<'a> = "name",
    }

    /// `ContainerPort`
    pub struct ContainerPort<'a> {
        container_port: i64 = "containerPort",
        host_port: i64 = "hostPort",
        name: Str<'a> = "name",
        protocol: Str<'a> = "protocol",
    }

    /// `ContainerResizePolicy`
    pub struct ContainerResizePolicy<'a> {
        resource_name: Str<'a> = "resourceName",
        restart_policy: Str<'a> = "restartPolicy",
    }

    /// `ResourceRequirements`
    pub struct ResourceRequirements<'a> {
        claims: Vec<AnyObject> = "claims",
        limits: Map<'a, Text<'a>> = "limits",
        requests: Map<'a, Text<'a>> = "requests",
    }

    /// `Lifecycle`
    pub struct Lifecycle<'a> {
        post_start: LifecycleHandler<'a> = "postStart",
        pre_stop: LifecycleHandler<'a> = "preStop",
        stop_signal: Str<'a> = "stopSignal",
    }

    /// `LifecycleHandler`
    pub struct LifecycleHandler<'a> {
        exec: ExecAction<'a> = "exec",
        http_get: AnyObject = "httpGet",
        sleep: AnyObject = "sleep",
        tcp_socket: AnyObject = "tcpSocket",
    }

    /// `ExecAction`
    pub struct ExecAction<'a> { command: Vec<Str<'a>> = "command" }

    /// `Probe`
    pub struct Probe<'a> {
        exec: ExecAction<'a> = "exec",
        failure_threshold: i64 = "failureThreshold",
        grpc: GrpcAction<'a> = "grpc",
        http_get: HttpGetAction<'a> = "httpGet",
        initial_delay_seconds: i64 = "initialDelaySeconds",
        period_seconds: i64 = "periodSeconds",
        tcp_socket: TcpSocketAction<'a> = "tcpSocket",
        timeout_seconds: i64 = "timeoutSeconds",
    }

    /// `GRPCAction`
    pub struct GrpcAction<'a> {
        port: i64 = "port",
        service: Str<'a> = "service",
    }

    /// `HTTPGetAction`
    pub struct HttpGetAction<'a> {
        host: Str<'a> = "host",
        http_headers: Vec<HttpHeader<'a>> = "httpHeaders",
        path: Str<'a> = "path",
        port: Text<'a> = "port",
        scheme: Str<'a> = "scheme",
    }

    /// `HTTPHeader`
    pub struct HttpHeader<'a> {
        name: Str<'a> = "name",
        value: Str<'a> = "value",
    }

    /// `TCPSocketAction`
    pub struct TcpSocketAction<'a> {
        host: Str<'a> = "host",
        port: Text<'a> = "port",
    }

    /// `VolumeMount`
    pub struct VolumeMount<'a> {
        bind_mount_options: Vec<Present> = "bindMountOptions",
        mount_path: Str<'a> = "mountPath",
        mount_propagation: Str<'a> = "mountPropagation",
        name: Str<'a> = "name",
        read_only: bool = "readOnly",
        recursive_read_only: Str<'a> = "recursiveReadOnly",
        sub_path: Str<'a> = "subPath",
        sub_path_expr: Str<'a> = "subPathExpr",
    }

    /// `VolumeDevice`
    pub struct VolumeDevice<'a> { name: Str<'a> = "name" }

    /// `PodSecurityContext`
    pub struct PodSecurityContext<'a> {
        app_armor_profile: Map<'a, Present> = "appArmorProfile",
        fs_group: i64 = "fsGroup",
        fs_group_change_policy: Str<'a> = "fsGroupChangePolicy",
        run_as_group: i64 = "runAsGroup",
        run_as_non_root: bool = "runAsNonRoot",
        run_as_user: i64 = "runAsUser",
        se_linux_change_policy: Str<'a> = "seLinuxChangePolicy",
        se_linux_options: Map<'a, Present> = "seLinuxOptions",
        seccomp_profile: Map<'a, Present> = "seccompProfile",
        supplemental_groups: Vec<i64> = "supplementalGroups",
        supplemental_groups_policy: Str<'a> = "supplementalGroupsPolicy",
        sysctls: Vec<Sysctl<'a>> = "sysctls",
        windows_options: WindowsOptions<'a> = "windowsOptions",
    }

    /// `Sysctl`
    pub struct Sysctl<'a> { name: Str<'a> = "name" }

    /// `SecurityContext`
    pub struct SecurityContext<'a> {
        allow_privilege_escalation: bool = "allowPrivilegeEscalation",
        app_armor_profile: Map<'a, Present> = "appArmorProfile",
        capabilities: Capabilities<'a> = "capabilities",
        privileged: bool = "privileged",
        proc_mount: Str<'a> = "procMount",
        read_only_root_filesystem: bool = "readOnlyRootFilesystem",
        run_as_group: i64 = "runAsGroup",
        run_as_non_root: bool = "runAsNonRoot",
        run_as_user: i64 = "runAsUser",
        se_linux_options: Map<'a, Present> = "seLinuxOptions",
        seccomp_profile: Map<'a, Present> = "seccompProfile",
        windows_options: WindowsOptions<'a> = "windowsOptions",
    }

    /// `Capabilities`
    pub struct Capabilities<'a> {
        add: Vec<Str<'a>> = "add",
        drop: Vec<Str<'a>> = "drop",
    }

    /// `WindowsSecurityContextOptions`
    pub struct WindowsOptions<'a> {
        gmsa_credential_spec: Str<'a> = "gmsaCredentialSpec",
        gmsa_credential_spec_name: Str<'a> = "gmsaCredentialSpecName",
        host_process: bool = "hostProcess",
        run_as_user_name: Str<'a> = "runAsUserName",
    }

    /// What is read of the object that an update replaces: what cannot be changed in a Pod, and
    /// whether a Job's template can be.
    pub struct OldObject<'a> {
        spec: OldSpec<'a> = "spec",
        status: OldStatus<'a> = "status",
    }

    /// `PodSpec` of an old Pod, `JobSpec` of an old Job
    pub struct OldSpec<'a> {
        containers: Vec<OldContainer<'a>> = "containers",
        init_containers: Vec<OldContainer<'a>> = "initContainers",
        os: PodOs<'a> = "os",
        security_context: OldSecurityContext<'a> = "securityContext",
        suspend: bool = "suspend",
    }

    /// `JobStatus` of an old Job
    pub struct OldStatus<'a> {
        active: i64 = "active",
        start_time: Present = "startTime",
    }

    /// `Container` of an old Pod
    pub struct OldContainer<'a> {
        name: Str<'a> = "name",
        security_context: OldSecurityContext<'a> = "securityContext",
    }

    /// `PodSecurityContext` or `SecurityContext` of an old Pod
    pub struct OldSecurityContext<'a> { windows_options: WindowsOptions<'a> = "windowsOptions" }

    /// `Toleration`
    pub struct Toleration<'a> {
        effect: Str<'a> = "effect",
        key: Str<'a> = "key",
        operator: Str<'a> = "operator",
        toleration_seconds: i64 = "tolerationSeconds",
        value: Str<'a> = "value",
    }

    /// `TopologySpreadConstraint`
    pub struct TopologySpreadConstraint<'a> {
        label_selector: LabelSelector<'a> = "labelSelector",
        min_domains: i64 = "minDomains",
        node_affinity_policy: Str<'a> = "nodeAffinityPolicy",
        node_taints_policy: Str<'a> = "nodeTaintsPolicy",
        topology_key: Str<'a> = "topologyKey",
        when_unsatisfiable: Str<'a> = "whenUnsatisfiable",
    }

    /// `Affinity`
    pub struct Affinity<'a> {
        node_affinity: NodeAffinity<'a> = "nodeAffinity",
        pod_affinity: PodAffinity<'a> = "podAffinity",
        pod_anti_affinity: PodAffinity<'a> = "podAntiAffinity",
    }

    /// `PodAffinity` and `PodAntiAffinity`
    pub struct PodAffinity<'a> {
        preferred: Vec<WeightedPodAffinityTerm<'a>> = "preferredDuringSchedulingIgnoredDuringExecution",
        required: Vec<PodAffinityTerm<'a>> = "requiredDuringSchedulingIgnoredDuringExecution",
    }

    /// `WeightedPodAffinityTerm`
    pub struct WeightedPodAffinityTerm<'a> { term: PodAffinityTerm<'a> = "podAffinityTerm" }

    /// `PodAffinityTerm`
    pub struct PodAffinityTerm<'a> { label_selector: LabelSelector<'a> = "labelSelector" }

    /// `NodeAffinity`
    pub struct NodeAffinity<'a> {
        preferred: Vec<PreferredSchedulingTerm<'a>> = "preferredDuringSchedulingIgnoredDuringExecution",
        required: NodeSelector<'a> = "requiredDuringSchedulingIgnoredDuringExecution",
    }

    /// `PreferredSchedulingTerm`
    pub struct PreferredSchedulingTerm<'a> {
        preference: NodeSelectorTerm<'a> = "preference",
    }

    /// `Volume`
    pub struct Volume<'a> {
        aws_elastic_block_store: Box<DiskVolumeSource<'a>> = "awsElasticBlockStore",
        azure_disk: Box<DiskVolumeSource<'a>> = "azureDisk",
        azure_file: Box<DiskVolumeSource<'a>> = "azureFile",
        cephfs: AnyObject = "cephfs",
        cinder: AnyObject = "cinder",
        config_map: Box<FileSource<'a>> = "configMap",
        csi: Box<CsiVolumeSource<'a>> = "csi",
        downward_api: Box<FileSource<'a>> = "downwardAPI",
        empty_dir: Box<EmptyDirVolumeSource<'a>> = "emptyDir",
        ephemeral: Box<EphemeralVolumeSource<'a>> = "ephemeral",
        fc: AnyObject = "fc",
        flex_volume: AnyObject = "flexVolume",
        flocker: AnyObject = "flocker",
        gce_persistent_disk: Box<DiskVolumeSource<'a>> = "gcePersistentDisk",
        git_repo: AnyObject = "gitRepo",
        glusterfs: AnyObject = "glusterfs",
        host_path: Box<HostPathVolumeSource<'a>> = "hostPath",
        image: AnyObject = "image",
        iscsi: AnyObject = "iscsi",
        name: Str<'a> = "name",
        nfs: AnyObject = "nfs",
        persistent_volume_claim: Box<PersistentVolumeClaimVolumeSource<'a>> = "persistentVolumeClaim",
        photon_persistent_disk: AnyObject = "photonPersistentDisk",
        portworx_volume: AnyObject = "portworxVolume",
        projected: Box<ProjectedVolumeSource<'a>> = "projected",
        quobyte: AnyObject = "quobyte",
        rbd: AnyObject = "rbd",
        scale_io: AnyObject = "scaleIO",
        secret: Box<FileSource<'a>> = "secret",
        storageos: AnyObject = "storageos",
        vsphere_volume: Box<DiskVolumeSource<'a>> = "vsphereVolume",
    }

    /// `CSIVolumeSource`
    pub struct CsiVolumeSource<'a> {
        driver: Str<'a> = "driver",
        fs_type: Str<'a> = "fsType",
        volume_attributes: Map<'a> = "volumeAttributes",
    }

    /// `AWSElasticBlockStoreVolumeSource` and its like: built-in types that are CSI volumes by now.
    pub struct DiskVolumeSource<'a> {
        caching_mode: Present = "cachingMode",
        fs_type: Str<'a> = "fsType",
    }

    /// `EphemeralVolumeSource`
    pub struct EphemeralVolumeSource<'a> {
        volume_claim_template: PersistentVolumeClaimTemplate<'a> = "volumeClaimTemplate",
    }

    /// `PersistentVolumeClaimTemplate`
    pub struct PersistentVolumeClaimTemplate<'a> { spec: PersistentVolumeClaimSpec<'a> = "spec" }

    /// `PersistentVolumeClaimVolumeSource`
    pub struct PersistentVolumeClaimVolumeSource<'a> { claim_name: Str<'a> = "claimName" }

    /// `ProjectedVolumeSource`
    pub struct ProjectedVolumeSource<'a> {
        default_mode: i64 = "defaultMode",
        sources: Vec<VolumeProjection<'a>> = "sources",
    }

    /// `VolumeProjection`
    pub struct VolumeProjection<'a> {
        cluster_trust_bundle: Box<FileSource<'a>> = "clusterTrustBundle",
        config_map: Box<FileSource<'a>> = "configMap",
        downward_api: Box<FileSource<'a>> = "downwardAPI",
        secret: Box<FileSource<'a>> = "secret",
        service_account_token: Box<FileSource<'a>> = "serviceAccountToken",
    }

    /// Where the kubelet takes the files of a volume from: `ConfigMapVolumeSource`,
    /// `SecretVolumeSource` and `DownwardAPIVolumeSource`, and the sources of a projected volume,
    /// each of which has some of these fields.
    pub struct FileSource<'a> {
        default_mode: i64 = "defaultMode",
        items: Vec<KeyToPath<'a>> = "items",
        name: Str<'a> = "name",
        path: Str<'a> = "path",
        secret_name: Str<'a> = "secretName",
    }

    /// `KeyToPath` and `DownwardAPIVolumeFile`
    pub struct KeyToPath<'a> {
        key: Str<'a> = "key",
        mode: i64 = "mode",
        path: Str<'a> = "path",
    }

    /// `EmptyDirVolumeSource`
    pub struct EmptyDirVolumeSource<'a> {
        medium: Str<'a> = "medium",
        mode: i64 = "mode",
        size_limit: Text<'a> = "sizeLimit",
    }

    /// `HostPathVolumeSource`
    pub struct HostPathVolumeSource<'a> {
        path: Str<'a> = "path",
        kind: Str<'a> = "type",
    }
}

/// The two lists of `resources`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceList {
    /// `limits`
    Limits,
    /// `requests`
    Requests,
}

impl OldObject<'_> {
    /// Whether it is a Job that is suspended, has not started and has no active pods: the API server
    /// lets it be sent elsewhere (`pkg/registry/batch/job/strategy.go`).
    pub fn is_waiting(&self) -> bool {
        let is_suspended = self.spec.as_ref().is_some_and(|spec| spec.suspend == Some(true));
        let has_begun = |status: &OldStatus<'_>| status.start_time.is_some() || status.active.unwrap_or(0) > 0;
        is_suspended && !self.status.as_ref().is_some_and(has_begun)
    }
}

impl ResourceList {
    /// Both. Where only limits are written the API server copies them into requests.
    pub const ALL: [ResourceList; 2] = [ResourceList::Limits, ResourceList::Requests];

    /// The name of the field.
    pub const fn field(self) -> &'static str {
        match self {
            ResourceList::Limits => "limits",
            ResourceList::Requests => "requests",
        }
    }
}

impl<'a> ResourceRequirements<'a> {
    /// One of the two lists.
    pub fn list(&self, list: ResourceList) -> Option<&Map<'a, Text<'a>>> {
        match list {
            ResourceList::Limits => self.limits.as_ref(),
            ResourceList::Requests => self.requests.as_ref(),
        }
    }
}

impl<'a> PodSpec<'a> {
    /// The required node affinity terms; `None` where there is no such list.
    pub fn required_terms(&self) -> Option<&[NodeSelectorTerm<'a>]> {
        let required = self.affinity.as_ref()?.node_affinity.as_ref()?.required.as_ref()?;
        Some(required.node_selector_terms.as_deref().unwrap_or_default())
    }
}

impl WindowsOptions<'_> {
    /// Whether they say nothing: `{}`, or texts that are empty.
    pub fn is_empty(&self) -> bool {
        self.host_process.is_none() && !self.ask()
    }

    /// Whether they ask for anything but what `hostProcess` says.
    pub fn ask(&self) -> bool {
        let texts = [&self.gmsa_credential_spec, &self.gmsa_credential_spec_name, &self.run_as_user_name];
        texts.into_iter().any(|text| text.as_deref().is_some_and(|text| !text.is_empty()))
    }
}
