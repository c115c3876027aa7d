//! Which systems the images of well-known repositories are built for.
//!
//! Each row was read in the build files of the image, not guessed from its name: the
//! third column is the date of what was read, the fourth says where (`repository@commit
//! path`). What is not here is unknown, never Linux by its registry. The second column
//! names a rule of `tags.rs`, which says what each tag holds.
//!
//! To add or correct a row, keep the order (bytewise, a test checks it) and give date and
//! source. Neither is compiled in unless feature `docs` is on: a wasm module carries
//! 12 bytes a row beside the name.

use super::reference::{DOCKER_HUB, Reference, Repository};
use super::registries;
use super::rule::Rule;
use super::tags;

/// The registry of Microsoft's images.
pub(super) const MICROSOFT: &str = "mcr.microsoft.com";

struct Registry {
    name: &'static str,
    rows: &'static [Row],
}

struct Row {
    name: &'static str,
    rule: &'static Rule,
    #[cfg(feature = "docs")]
    as_of: &'static str,
    #[cfg(feature = "docs")]
    source: &'static str,
}

/// The row of a repository.
#[derive(Clone, Copy)]
pub(super) struct Found {
    /// The path in the table, such as `library/nginx`.
    pub(super) name: &'static str,
    pub(super) rule: &'static Rule,
    /// Not the repository itself: a path on another registry that ends like it.
    pub(super) mirror: bool,
}

/// The row for a reference: its own, or that of the Microsoft image whose path a private
/// mirror keeps (`acr.example/mirror/windows/servercore`).
pub(super) fn find(reference: &Reference<'_>) -> Option<Found> {
    let name = registries::canonical(reference.registry);
    let own = registry(name).and_then(|registry| {
        let row = row(registry, |row| reference.repository.compare(row))?;
        Some(Found { name: row.name, rule: row.rule, mirror: false })
    });
    let own = own.or_else(|| in_folder(name, reference.repository.written()));
    let may_mirror = name != DOCKER_HUB && name != MICROSOFT;
    own.or_else(|| if may_mirror { mirrored(&reference.repository) } else { None })
}

/// Folders all of whose images are for one system, those that have no row as well, and the image of that name. Sources:
/// - `microsoft/azurelinux`: the distribution, once called CBL-Mariner.
/// - `microsoft/nav-docker`: Business Central is built on Windows Server Core.
/// - kubernetes-sigs/windows-testing@6ae6988 `images/image-repo-list`: `e2eteam` has Kubernetes' own test images for Windows.
/// - <https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images>
const FOLDERS: &[(&str, &str, &Rule)] = &[
    (DOCKER_HUB, "e2eteam", &tags::MULTI),
    (MICROSOFT, "azurelinux", &tags::LINUX),
    (MICROSOFT, "businesscentral", &tags::WINDOWS),
    (MICROSOFT, "cbl-mariner", &tags::LINUX),
    (MICROSOFT, "dotnet/framework", &tags::WINDOWS),
    (MICROSOFT, "windows", &tags::WINDOWS),
];

fn in_folder(registry: &str, path: &str) -> Option<Found> {
    let is_in = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_it = |folder: &&(&str, &str, &Rule)| folder.0 == registry && is_in(folder.1);
    FOLDERS.iter().find(is_it).map(|&(_, name, rule)| Found { name, rule, mirror: false })
}

fn mirrored(repository: &Repository<'_>) -> Option<Found> {
    let microsoft = registry(MICROSOFT)?;
    let path = repository.written();
    let slashes = path.bytes().enumerate().filter(|&(_, b)| b == b'/').map(|(at, _)| at + 1);
    core::iter::once(0).chain(slashes).find_map(|at| {
        let path = path.get(at..)?;
        if !path.starts_with("windows/") && !path.starts_with("dotnet/") {
            return None;
        }
        let row = row(microsoft, |row| path.as_bytes().cmp(row.as_bytes()))?;
        Some(Found { name: row.name, rule: row.rule, mirror: true })
    })
}

fn registry(name: &str) -> Option<&'static Registry> {
    let at = REGISTRIES.binary_search_by(|registry| registry.name.cmp(name)).ok()?;
    REGISTRIES.get(at)
}

fn row(registry: &Registry, compare: impl Fn(&str) -> core::cmp::Ordering) -> Option<&'static Row> {
    let at = registry.rows.binary_search_by(|row| compare(row.name).reverse()).ok()?;
    registry.rows.get(at)
}

/// Where a row comes from.
#[cfg(feature = "docs")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Such as `docker.io`.
    pub registry: &'static str,
    /// The path below it, such as `library/nginx`.
    pub repository: &'static str,
    /// The date of what was read: a day, a month or a year.
    pub as_of: &'static str,
    /// Repository, commit and path of the build files.
    pub source: &'static str,
}

/// Every row of the table with its date and source, sorted by registry and path.
#[cfg(feature = "docs")]
pub fn sources() -> impl Iterator<Item = Source> {
    REGISTRIES.iter().flat_map(|registry| {
        registry.rows.iter().map(|row| Source {
            registry: registry.name,
            repository: row.name,
            as_of: row.as_of,
            source: row.source,
        })
    })
}

/// The repositories all of whose tags hold Windows, whole: `mcr.microsoft.com/windows/nanoserver`. Those of
/// images that run as HostProcess containers are left out.
#[cfg(feature = "docs")]
pub fn of_windows_only() -> impl Iterator<Item = String> {
    names_where(|rule| rule.only() == Some(super::Os::Windows) && rule.arms.iter().all(|arm| !arm.host_process))
}

/// The repositories some of whose images run as HostProcess containers only, whole.
#[cfg(feature = "docs")]
pub fn of_host_process() -> impl Iterator<Item = String> {
    names_where(|rule| rule.arms.iter().any(|arm| arm.host_process))
}

#[cfg(feature = "docs")]
fn names_where(is_meant: fn(&Rule) -> bool) -> impl Iterator<Item = String> {
    REGISTRIES.iter().flat_map(move |registry| {
        let rows = registry.rows.iter().filter(move |row| is_meant(row.rule));
        rows.map(|row| format!("{}/{}", registry.name, row.name))
    })
}

macro_rules! repositories {
    ($($registry:literal { $($name:literal $rule:ident $as_of:literal $source:literal;)* })*) => {
        static REGISTRIES: &[Registry] = &[$(Registry {
            name: $registry,
            rows: &[$(Row {
                name: $name,
                rule: &tags::$rule,
                #[cfg(feature = "docs")]
                as_of: $as_of,
                #[cfg(feature = "docs")]
                source: $source,
            }),*],
        }),*];
    };
}

repositories! {
    "602401143452.dkr.ecr.*.amazonaws.com" {
        "amazon-k8s-cni" LINUX "2026-08-20" "aws/amazon-vpc-cni-k8s@b52188387 Makefile";
        "amazon-k8s-cni-init" LINUX "2026-08-20" "aws/amazon-vpc-cni-k8s@b52188387 Makefile";
        "amazon/aws-load-balancer-controller" LINUX "2026-08-17" "kubernetes-sigs/aws-load-balancer-controller@225f44568 Makefile";
    }
    "cr.fluentbit.io" {
        "fluent/fluent-bit" FLUENT_BIT "2026-08-21" "fluent/fluent-bit@d55459d49 .github/workflows/call-build-images.yaml (2019 no longer built)";
    }
    "cr.l5d.io" {
        "linkerd/controller" LINUX "2026-08-21" "linkerd/linkerd2@b24cd4059 bin/_docker.sh; Dockerfile.proxy (linkerd2-proxy has a Windows binary build, no Windows image in linkerd2)";
        "linkerd/policy-controller" LINUX "2026-08-21" "linkerd/linkerd2@b24cd4059 bin/_docker.sh; Dockerfile.proxy (linkerd2-proxy has a Windows binary build, no Windows image in linkerd2)";
        "linkerd/proxy" LINUX "2026-08-21" "linkerd/linkerd2@b24cd4059 bin/_docker.sh; Dockerfile.proxy (linkerd2-proxy has a Windows binary build, no Windows image in linkerd2)";
        "linkerd/proxy-init" LINUX "2026-08-21" "linkerd/linkerd2@b24cd4059 bin/_docker.sh; Dockerfile.proxy (linkerd2-proxy has a Windows binary build, no Windows image in linkerd2)";
    }
    "docker.elastic.co" {
        "beats/elastic-agent" LINUX "2026-08-21" "elastic/elastic-agent@07adab5bc3 dev-tools/packaging/packages.yml";
        "eck/eck-operator" LINUX "2026-08-21" "elastic/cloud-on-k8s@7b93383d8 Makefile";
        "elastic-agent/elastic-agent" LINUX "2026-08-21" "elastic/elastic-agent@07adab5bc3 dev-tools/packaging/packages.yml";
    }
    "docker.io" {
        "amazon/amazon-eks-pod-identity-webhook" LINUX "2026-08-11" "aws/amazon-eks-pod-identity-webhook@3bf80a34 .github/workflows/build.yaml";
        "amazon/aws-ebs-csi-driver" MULTI_2019_2022_2025 "2026-08-19" "kubernetes-sigs/aws-ebs-csi-driver@429e202e Makefile; Dockerfile";
        "amazon/aws-efs-csi-driver" LINUX "2026-07-24" "kubernetes-sigs/aws-efs-csi-driver@a4fc6760 Makefile";
        "amazon/aws-for-fluent-bit" AWS_FLUENT_BIT "2024-10-23" "aws/aws-for-fluent-bit@cd557e0 README.md";
        "andyzhangx/samba" LINUX "2026-08-22" "kubernetes-sigs/azurefile-csi-driver@7b5ae18e7 deploy/example/smb-provisioner/smb-server.yaml (win-fix, too, runs on Linux nodes)";
        "antrea/antrea-agent-ubuntu" LINUX "2026-08-21" "antrea-io/antrea@fc70f2bb7 Makefile";
        "antrea/antrea-controller-ubuntu" LINUX "2026-08-21" "antrea-io/antrea@fc70f2bb7 Makefile";
        "antrea/antrea-windows" ANTREA_WINDOWS "2026-08-21" "antrea-io/antrea@fc70f2bb7 build/images/Dockerfile.build.windows; docs/windows.md";
        "apache/kafka" LINUX "2024-10-25" "apache/kafka@1eb7644349c docker/jvm/Dockerfile";
        "aquasec/kube-bench" LINUX "2026-06-09" "aquasecurity/kube-bench@a73ce378 .github/workflows/publish.yml";
        "aquasec/trivy" LINUX "2026-08-21" "aquasecurity/trivy@dc3c56eed5 goreleaser.yml";
        "bitnami/minideb" LINUX "2026-06-26" "bitnami/minideb@1cd8d33 README.md (Debian base of every bitnami image)";
        "bitnami/sealed-secrets-controller" LINUX "2026-04-22" "bitnami-labs/sealed-secrets@86671a88 .github/workflows/release.yaml";
        "buildkite/agent" LINUX "2026-08-21" "buildkite/agent@5c219808e .buildkite/steps/build-docker-image.sh";
        "calico/apiserver" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "calico/cni" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "calico/cni-windows" WINDOWS_CALICO "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; node/Dockerfile.windows; cni-plugin/Dockerfile.windows";
        "calico/csi" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "calico/kube-controllers" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "calico/node" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "calico/node-driver-registrar" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "calico/node-windows" WINDOWS_CALICO "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; node/Dockerfile.windows; cni-plugin/Dockerfile.windows";
        "calico/pod2daemon-flexvol" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "calico/typha" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "cloudflare/cloudflared" LINUX "2026-08-20" "cloudflare/cloudflared@d1df7985 Dockerfile (distroless base)";
        "coredns/coredns" LINUX "2026-08-20" "coredns/coredns@4b26cced3 Makefile.docker";
        "crossplane/crossplane" LINUX "2026-08-07" "crossplane/crossplane@2d040d2da flake.nix";
        "daprio/dapr" DAPR "2026-08-21" "dapr/dapr@d8450742ce docker/docker.mk; .github/workflows/dapr.yml";
        "daprio/daprd" DAPR "2026-08-21" "dapr/dapr@d8450742ce docker/docker.mk; .github/workflows/dapr.yml";
        "daprio/injector" DAPR "2026-08-21" "dapr/dapr@d8450742ce docker/docker.mk; .github/workflows/dapr.yml";
        "daprio/operator" DAPR "2026-08-21" "dapr/dapr@d8450742ce docker/docker.mk; .github/workflows/dapr.yml";
        "daprio/placement" DAPR "2026-08-21" "dapr/dapr@d8450742ce docker/docker.mk; .github/workflows/dapr.yml";
        "daprio/scheduler" DAPR "2026-08-21" "dapr/dapr@d8450742ce docker/docker.mk; .github/workflows/dapr.yml";
        "daprio/sentry" DAPR "2026-08-21" "dapr/dapr@d8450742ce docker/docker.mk; .github/workflows/dapr.yml";
        "datadog/agent" DATADOG_AGENT "2026-08-21" "DataDog/helm-charts@79f7c74fd charts/datadog/values.yaml; charts/datadog/README.md";
        "dexidp/dex" LINUX "2026-08-06" "dexidp/dex@ab64ed77 .github/workflows/artifacts.yaml";
        "emissaryingress/emissary" LINUX "2026-08-19" "emissary-ingress/emissary@3ebe0f468 build-aux/generate.mk";
        // envoyproxy/envoy-windows was another repository
        "envoyproxy/envoy" ENVOY "2026" "envoyproxy/envoy@2a81dac0 distribution/docker/docker_ci.sh; no Windows images since 2023-08-31";
        "falcosecurity/falco" LINUX "2026-07-31" "falcosecurity/falco@13074749 docker/falco/Dockerfile";
        "falcosecurity/falco-driver-loader" LINUX "2026-07-31" "falcosecurity/falco@13074749 docker/falco/Dockerfile";
        // Windows: sigwindowstools/flannel
        "flannel/flannel" LINUX "2026-08-14" "flannel-io/flannel@cdf76059 .github/workflows/release.yml";
        "fluent/fluent-bit" FLUENT_BIT "2026-08-21" "fluent/fluent-bit@d55459d49 .github/workflows/call-build-images.yaml (2019 no longer built)";
        "fluent/fluentd" FLUENTD "2026-07-24" "fluent/fluentd-docker-image@426b4a1 Makefile";
        "gitlab/gitlab-runner" LINUX "2026-08-22" "gitlabhq/gitlab-runner@d79f3e7b8 dockerfiles/runner/docker-bake.hcl";
        "gitlab/gitlab-runner-helper" BY_BASE_NAME "2026-08-22" "gitlabhq/gitlab-runner@d79f3e7b8 dockerfiles/runner-helper/docker-bake.hcl";
        "goharbor/harbor-core" LINUX "2026-08-21" "goharbor/harbor@c50c7ddd6e .github/workflows/build-package.yml";
        "goharbor/harbor-jobservice" LINUX "2026-08-21" "goharbor/harbor@c50c7ddd6e .github/workflows/build-package.yml";
        "goharbor/harbor-portal" LINUX "2026-08-21" "goharbor/harbor@c50c7ddd6e .github/workflows/build-package.yml";
        "goharbor/registry-photon" LINUX "2026-08-21" "goharbor/harbor@c50c7ddd6e .github/workflows/build-package.yml";
        "grafana/agent" GRAFANA_AGENT "2026-03-25" "grafana/agent@372611b64 tools/ci/docker-containers-windows";
        "grafana/agentctl" GRAFANA_AGENT "2026-03-25" "grafana/agent@372611b64 tools/ci/docker-containers-windows";
        "grafana/alloy" BY_BASE_NAME "2026-08-21" "grafana/alloy@66ebea856d scripts/docker-containers-windows; scripts/docker-containers";
        // promtail removed upstream 2026-03-25
        "grafana/loki" LINUX "2026-08-22" "grafana/loki@65e30f8488 .github/workflows/images.yml";
        "grafana/mimir" LINUX "2021" "grafana/mimir@1b45c974 cmd/mimir/Dockerfile";
        // promtail removed upstream 2026-03-25
        "grafana/promtail" LINUX "2026-08-22" "grafana/loki@65e30f8488 .github/workflows/images.yml";
        "grafana/tempo" LINUX "2026-08-21" "grafana/tempo@ad33aa8faf Makefile";
        "haproxytech/kubernetes-ingress" LINUX "2026-07-02" "haproxytech/kubernetes-ingress@fc120676 .github/workflows/docker_auto_release.yml";
        "hashicorp/consul-k8s-control-plane" LINUX "2026-08-20" "hashicorp/consul-k8s@a507b1d1e control-plane/Makefile";
        "hashicorp/http-echo" LINUX "2024-09-27" "hashicorp/http-echo@b69bfb9 Dockerfile (distroless base)";
        "hashicorp/vault" LINUX "2026" "hashicorp/vault@0167f97a .github/workflows/build-artifacts-ce.yml; Dockerfile (alpine and ubi bases)";
        "hashicorp/vault-csi-provider" LINUX "2026-08-06" "hashicorp/vault-csi-provider@becf48f .github/workflows/build.yml";
        "hashicorp/vault-k8s" LINUX "2026-08-06" "hashicorp/vault-k8s@fbc5b1f .github/workflows/build.yml";
        "istio/pilot" LINUX "2026-08-22" "istio/istio@86c9f01fd73 tools/docker.yaml (distroless/ubuntu Linux bases)";
        "istio/proxyv2" LINUX "2026-08-22" "istio/istio@86c9f01fd73 tools/docker.yaml (distroless/ubuntu Linux bases)";
        "jaegertracing/all-in-one" LINUX "2026-08-20" "jaegertracing/jaeger@8498073ff .github/workflows/ci-docker-build.yml";
        "jaegertracing/jaeger" LINUX "2026-08-20" "jaegertracing/jaeger@8498073ff .github/workflows/ci-docker-build.yml";
        "jenkins/agent" BY_BASE_NAME "2026-01-14" "jenkinsci/docker-agent@b066c0a docker-bake.hcl";
        "jenkins/inbound-agent" BY_BASE_NAME "2026-01-14" "jenkinsci/docker-agent@b066c0a docker-bake.hcl";
        "jenkins/jenkins" BY_BASE_NAME "2026-08-18" "jenkinsci/docker@ab3f5e0a docker-bake.hcl";
        "jenkins/ssh-agent" BY_BASE_NAME "2026-08-06" "jenkinsci/docker-ssh-agent@9b06587 docker-bake.hcl";
        "jetbrains/teamcity-agent" TEAMCITY "2026-04-17" "JetBrains/teamcity-docker-images@1f03ce8d context/generated/teamcity-agent.md; context/generated/teamcity-server.md";
        "jetbrains/teamcity-minimal-agent" TEAMCITY "2026-04-17" "JetBrains/teamcity-docker-images@1f03ce8d context/generated/teamcity-agent.md; context/generated/teamcity-server.md";
        "jetbrains/teamcity-server" TEAMCITY "2026-04-17" "JetBrains/teamcity-docker-images@1f03ce8d context/generated/teamcity-agent.md; context/generated/teamcity-server.md";
        "kiwigrid/k8s-sidecar" LINUX "2026-08-04" "kiwigrid/k8s-sidecar@a61c7ac docker-bake.hcl";
        "kong/kubernetes-ingress-controller" LINUX "2026-08-18" "Kong/kubernetes-ingress-controller@1fa68f864 .github/workflows/nightly.yaml";
        "kubernetesui/dashboard-api" LINUX "2025-09-24" "kubernetes/dashboard@2f3f7b01a .github/workflows/cd-api.yml";
        "kubernetesui/dashboard-auth" LINUX "2025-09-24" "kubernetes/dashboard@2f3f7b01a .github/workflows/cd-api.yml";
        "kubernetesui/dashboard-metrics-scraper" LINUX "2025-09-24" "kubernetes/dashboard@2f3f7b01a .github/workflows/cd-api.yml";
        "kubernetesui/dashboard-web" LINUX "2025-09-24" "kubernetes/dashboard@2f3f7b01a .github/workflows/cd-api.yml";
        "kubesphere/fluent-operator" LINUX "2026-08-18" "fluent/fluent-operator@00625bfd .github/workflows/build-fluentbit-image.yaml";
        "library/adminer" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/adminer (no windows-amd64 entry)";
        "library/adoptopenjdk" ADOPTOPENJDK "2026-08-21" "docker-library/official-images@37079fb336 library/eclipse-temurin (history of library/adoptopenjdk, last 2021-05-10)";
        "library/aerospike" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/aerospike (no windows-amd64 entry)";
        "library/almalinux" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/almalinux (no windows-amd64 entry)";
        "library/alpine" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/alpine (no windows-amd64 entry)";
        "library/alt" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/alt (no windows-amd64 entry)";
        "library/amazoncorretto" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/amazoncorretto (no windows-amd64 entry)";
        "library/amazonlinux" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/amazonlinux (no windows-amd64 entry)";
        "library/api-firewall" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/api-firewall (no windows-amd64 entry)";
        "library/arangodb" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/arangodb (no windows-amd64 entry)";
        "library/archlinux" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/archlinux (no windows-amd64 entry)";
        "library/azul-zulu" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/azul-zulu (no windows-amd64 entry)";
        "library/backdrop" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/backdrop (no windows-amd64 entry)";
        "library/bash" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/bash (no windows-amd64 entry)";
        "library/bonita" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/bonita (no windows-amd64 entry)";
        "library/buildpack-deps" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/buildpack-deps (no windows-amd64 entry)";
        "library/busybox" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/busybox (no windows-amd64 entry)";
        "library/caddy" CADDY "2026-08-21" "docker-library/official-images@37079fb336 library/caddy (tag history from git log)";
        "library/cassandra" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/cassandra (no windows-amd64 entry)";
        "library/chronograf" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/chronograf (no windows-amd64 entry)";
        "library/cirros" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/cirros (no windows-amd64 entry)";
        "library/clearlinux" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/clearlinux (no windows-amd64 entry)";
        "library/clefos" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/clefos (no windows-amd64 entry)";
        "library/clickhouse" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/clickhouse (no windows-amd64 entry)";
        "library/clojure" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/clojure (no windows-amd64 entry)";
        "library/composer" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/composer (no windows-amd64 entry)";
        "library/convertigo" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/convertigo (no windows-amd64 entry)";
        "library/couchbase" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/couchbase (no windows-amd64 entry)";
        "library/couchdb" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/couchdb (no windows-amd64 entry)";
        "library/crate" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/crate (no windows-amd64 entry)";
        "library/dart" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/dart (no windows-amd64 entry)";
        "library/debian" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/debian (no windows-amd64 entry)";
        "library/docker" BY_BASE_NAME "2026-08-21" "docker-library/official-images@37079fb336 library/docker (tag history from git log)";
        "library/drupal" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/drupal (no windows-amd64 entry)";
        "library/eclipse-mosquitto" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/eclipse-mosquitto (no windows-amd64 entry)";
        "library/eclipse-temurin" ECLIPSE_TEMURIN "2026-08-21" "docker-library/official-images@37079fb336 library/eclipse-temurin (tag history from git log)";
        "library/eggdrop" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/eggdrop (no windows-amd64 entry)";
        "library/elasticsearch" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/elasticsearch (no windows-amd64 entry)";
        "library/elixir" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/elixir (no windows-amd64 entry)";
        "library/emqx" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/emqx (no windows-amd64 entry)";
        "library/erlang" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/erlang (no windows-amd64 entry)";
        "library/espocrm" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/espocrm (no windows-amd64 entry)";
        "library/fedora" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/fedora (no windows-amd64 entry)";
        "library/flink" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/flink (no windows-amd64 entry)";
        "library/fluentd" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/fluentd (no windows-amd64 entry)";
        "library/friendica" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/friendica (no windows-amd64 entry)";
        "library/gazebo" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/gazebo (no windows-amd64 entry)";
        "library/gcc" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/gcc (no windows-amd64 entry)";
        "library/geonetwork" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/geonetwork (no windows-amd64 entry)";
        "library/ghost" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/ghost (no windows-amd64 entry)";
        "library/golang" GOLANG "2026-08-21" "docker-library/official-images@37079fb336 library/golang (tag history from git log)";
        "library/gradle" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/gradle (no windows-amd64 entry)";
        "library/groovy" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/groovy (no windows-amd64 entry)";
        "library/haproxy" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/haproxy (no windows-amd64 entry)";
        "library/haskell" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/haskell (no windows-amd64 entry)";
        "library/haxe" HAXE "2026-08-21" "docker-library/official-images@37079fb336 library/haxe (tag history from git log)";
        "library/hello-world" HELLO_WORLD "2026-08-21" "docker-library/official-images@37079fb336 library/hello-world";
        "library/hitch" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/hitch (no windows-amd64 entry)";
        "library/httpd" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/httpd (no windows-amd64 entry)";
        "library/hylang" HYLANG "2026-08-21" "docker-library/official-images@37079fb336 library/hylang (tag history from git log)";
        "library/ibm-semeru-runtimes" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/ibm-semeru-runtimes (no windows-amd64 entry)";
        "library/ibmjava" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/ibmjava (no windows-amd64 entry)";
        "library/influxdb" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/influxdb (no windows-amd64 entry)";
        "library/irssi" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/irssi (no windows-amd64 entry)";
        "library/jetty" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/jetty (no windows-amd64 entry)";
        "library/joomla" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/joomla (no windows-amd64 entry)";
        "library/jruby" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/jruby (no windows-amd64 entry)";
        "library/julia" JULIA "2026-08-21" "docker-library/official-images@37079fb336 library/julia (tag history from git log)";
        "library/kapacitor" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/kapacitor (no windows-amd64 entry)";
        "library/kibana" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/kibana (no windows-amd64 entry)";
        "library/kong" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/kong (no windows-amd64 entry)";
        "library/krakend" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/krakend (no windows-amd64 entry)";
        "library/lightstreamer" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/lightstreamer (no windows-amd64 entry)";
        "library/liquibase" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/liquibase (no windows-amd64 entry)";
        "library/logstash" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/logstash (no windows-amd64 entry)";
        "library/mageia" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/mageia (no windows-amd64 entry)";
        "library/mariadb" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/mariadb (no windows-amd64 entry)";
        "library/matomo" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/matomo (no windows-amd64 entry)";
        "library/maven" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/maven (no windows-amd64 entry)";
        "library/mediawiki" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/mediawiki (no windows-amd64 entry)";
        "library/memcached" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/memcached (no windows-amd64 entry)";
        "library/mongo" MONGO "2026-08-21" "docker-library/official-images@37079fb336 library/mongo (tag history from git log)";
        "library/mongo-express" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/mongo-express (no windows-amd64 entry)";
        "library/monica" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/monica (no windows-amd64 entry)";
        "library/mysql" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/mysql (no windows-amd64 entry)";
        "library/nats" NATS "2026-08-21" "docker-library/official-images@37079fb336 library/nats (tag history from git log)";
        "library/nats-streaming" NATS_STREAMING "2026-08-21" "docker-library/official-images@37079fb336 library/nats (history of library/nats-streaming, last 2023-11-17)";
        "library/neo4j" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/neo4j (no windows-amd64 entry)";
        "library/neurodebian" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/neurodebian (no windows-amd64 entry)";
        "library/nextcloud" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/nextcloud (no windows-amd64 entry)";
        "library/nginx" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/nginx (no windows-amd64 entry)";
        "library/nim" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/nim (no windows-amd64 entry)";
        "library/node" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/node (no windows-amd64 entry)";
        "library/notary" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/notary (no windows-amd64 entry)";
        "library/odoo" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/odoo (no windows-amd64 entry)";
        "library/open-liberty" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/open-liberty (no windows-amd64 entry)";
        "library/openjdk" OPENJDK "2026-08-21" "docker-library/official-images@37079fb336 library/openjdk (tag history from git log)";
        "library/oraclelinux" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/oraclelinux (no windows-amd64 entry)";
        "library/orientdb" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/orientdb (no windows-amd64 entry)";
        "library/percona" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/percona (no windows-amd64 entry)";
        "library/perl" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/perl (no windows-amd64 entry)";
        "library/photon" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/photon (no windows-amd64 entry)";
        "library/php" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/php (no windows-amd64 entry)";
        "library/php-zendserver" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/php-zendserver (no windows-amd64 entry)";
        "library/phpmyadmin" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/phpmyadmin (no windows-amd64 entry)";
        "library/plone" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/plone (no windows-amd64 entry)";
        "library/postfixadmin" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/postfixadmin (no windows-amd64 entry)";
        "library/postgres" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/postgres (no windows-amd64 entry)";
        "library/pypy" PYPY "2026-08-21" "docker-library/official-images@37079fb336 library/pypy (tag history from git log)";
        "library/python" PYTHON "2026-08-21" "docker-library/official-images@37079fb336 library/python (tag history from git log)";
        "library/r-base" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/r-base (no windows-amd64 entry)";
        "library/rabbitmq" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/rabbitmq (no windows-amd64 entry)";
        "library/rakudo-star" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/rakudo-star (no windows-amd64 entry)";
        "library/redis" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/redis (no windows-amd64 entry)";
        "library/redmine" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/redmine (no windows-amd64 entry)";
        "library/registry" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/registry (no windows-amd64 entry)";
        "library/rethinkdb" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/rethinkdb (no windows-amd64 entry)";
        "library/rocket.chat" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/rocket.chat (no windows-amd64 entry)";
        "library/rockylinux" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/rockylinux (no windows-amd64 entry)";
        "library/ros" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/ros (no windows-amd64 entry)";
        "library/ruby" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/ruby (no windows-amd64 entry)";
        "library/rust" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/rust (no windows-amd64 entry)";
        "library/sapmachine" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/sapmachine (no windows-amd64 entry)";
        "library/satosa" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/satosa (no windows-amd64 entry)";
        "library/silverpeas" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/silverpeas (no windows-amd64 entry)";
        "library/solr" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/solr (no windows-amd64 entry)";
        "library/sonarqube" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/sonarqube (no windows-amd64 entry)";
        "library/spark" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/spark (no windows-amd64 entry)";
        "library/spiped" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/spiped (no windows-amd64 entry)";
        "library/storm" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/storm (no windows-amd64 entry)";
        "library/swift" SWIFT "2026-08-21" "docker-library/official-images@37079fb336 library/swift (tag history from git log)";
        "library/swipl" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/swipl (no windows-amd64 entry)";
        "library/teamspeak" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/teamspeak (no windows-amd64 entry)";
        "library/telegraf" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/telegraf (no windows-amd64 entry)";
        "library/tomcat" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/tomcat (no windows-amd64 entry)";
        "library/tomee" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/tomee (no windows-amd64 entry)";
        "library/traefik" TRAEFIK "2026-08-21" "docker-library/official-images@37079fb336 library/traefik (tag history from git log)";
        "library/ubuntu" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/ubuntu (no windows-amd64 entry)";
        "library/unit" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/unit (no windows-amd64 entry)";
        "library/varnish" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/varnish (no windows-amd64 entry)";
        "library/websphere-liberty" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/websphere-liberty (no windows-amd64 entry)";
        "library/wordpress" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/wordpress (no windows-amd64 entry)";
        "library/xwiki" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/xwiki (no windows-amd64 entry)";
        "library/yourls" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/yourls (no windows-amd64 entry)";
        "library/znc" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/znc (no windows-amd64 entry)";
        "library/zookeeper" LINUX "2026-08-21" "docker-library/official-images@37079fb336 library/zookeeper (no windows-amd64 entry)";
        "longhornio/longhorn-manager" LINUX "2026-08-21" "longhorn/longhorn-manager@5ddaa369f Makefile";
        "microsoft/aspnet" DOTNET_FRAMEWORK_LEGACY "2026-11-21" "Docker Hub microsoft/* moved to MCR: microsoft/iis-docker README.md; microsoft/dotnet-framework-docker README.md; MicrosoftDocs/Virtualization-Documentation container-base-images.md";
        "microsoft/dotnet-framework" DOTNET_FRAMEWORK_LEGACY "2026-11-21" "Docker Hub microsoft/* moved to MCR: microsoft/iis-docker README.md; microsoft/dotnet-framework-docker README.md; MicrosoftDocs/Virtualization-Documentation container-base-images.md";
        "microsoft/iis" IIS_LEGACY "2026-11-21" "Docker Hub microsoft/* moved to MCR: microsoft/iis-docker README.md; microsoft/dotnet-framework-docker README.md; MicrosoftDocs/Virtualization-Documentation container-base-images.md";
        "microsoft/mssql-server-windows" WINDOWS "2025-01-23" "microsoft/mssql-docker@d7e572d windows/mssql-server-windows/dockerfile";
        "microsoft/mssql-server-windows-developer" WINDOWS "2025-01-23" "microsoft/mssql-docker@d7e572d windows/mssql-server-windows-developer/dockerfile";
        "microsoft/mssql-server-windows-express" WINDOWS "2025-01-23" "microsoft/mssql-docker@d7e572d windows/mssql-server-windows-express/dockerfile";
        "microsoft/nanoserver" NANOSERVER "2026-11-21" "Docker Hub microsoft/* moved to MCR: microsoft/iis-docker README.md; microsoft/dotnet-framework-docker README.md; MicrosoftDocs/Virtualization-Documentation container-base-images.md";
        "microsoft/wcf" DOTNET_FRAMEWORK_LEGACY "2026-11-21" "Docker Hub microsoft/* moved to MCR: microsoft/iis-docker README.md; microsoft/dotnet-framework-docker README.md; MicrosoftDocs/Virtualization-Documentation container-base-images.md";
        "microsoft/windowsservercore" SERVERCORE "2026-11-21" "Docker Hub microsoft/* moved to MCR: microsoft/iis-docker README.md; microsoft/dotnet-framework-docker README.md; MicrosoftDocs/Virtualization-Documentation container-base-images.md";
        "minio/minio" LINUX "2026-02-12" "minio/minio@7aac2a2c5 docker-buildx.sh";
        // Windows only as release binaries
        "moby/buildkit" LINUX "2026-08-21" "moby/buildkit@73ed6825c docker-bake.hcl";
        "netapp/trident" MULTI_2019_2022 "2026-07-31" "NetApp/trident@71dd7161 Makefile; Dockerfile.Windows";
        "newrelic/infrastructure" NEW_RELIC "2026-08-21" "newrelic/infrastructure-agent@b33d5a22 .github/workflows/component_docker_publish_windows.yml";
        "newrelic/newrelic-fluentbit-output" NEW_RELIC_FLUENT_BIT "2026-07-20" "newrelic/newrelic-fluent-bit-output@b640b14 .github/workflows/merge-to-master.yml";
        "newrelic/nri-kubernetes" LINUX "2026-08-21" "newrelic/nri-kubernetes@22a20cdf .github/workflows/nightlyAndMainImage.yml";
        "nginx/nginx-ingress" LINUX "2026-08-21" "nginx/kubernetes-ingress@0eb3072d1 Makefile";
        "octopusdeploy/kubernetes-agent-tentacle" LINUX "2026-08-17" "OctopusDeploy/OctopusTentacle@a321dc6c docker/kubernetes-agent-tentacle/Dockerfile";
        "octopusdeploy/worker-tools" OCTOPUS_WORKER_TOOLS "2026-07-23" "OctopusDeploy/WorkerTools@1bba0d9 README.md; windows.ltsc2025/Dockerfile";
        "openpolicyagent/gatekeeper" LINUX "2026-08-19" "open-policy-agent/gatekeeper@dd8507eb97 .github/workflows/pre-release.yaml";
        "openzipkin/zipkin" LINUX "2026-04-08" "openzipkin/zipkin@878ce2a1fa build-bin/docker/docker_push";
        "otel/opentelemetry-collector" OPENTELEMETRY "2026-08-20" "open-telemetry/opentelemetry-collector-releases@ceccc19d distributions/otelcol/.goreleaser.yaml";
        "otel/opentelemetry-collector-contrib" OPENTELEMETRY "2026-08-20" "open-telemetry/opentelemetry-collector-releases@ceccc19d distributions/otelcol-contrib/.goreleaser.yaml";
        "otel/opentelemetry-collector-ebpf-profiler" LINUX "2026-08-20" "open-telemetry/opentelemetry-collector-releases@ceccc19d distributions/otelcol-ebpf-profiler/.goreleaser.yaml";
        "otel/opentelemetry-collector-k8s" OPENTELEMETRY "2026-08-20" "open-telemetry/opentelemetry-collector-releases@ceccc19d distributions/otelcol-k8s/.goreleaser.yaml";
        "otel/opentelemetry-collector-otlp" OPENTELEMETRY "2026-08-20" "open-telemetry/opentelemetry-collector-releases@ceccc19d distributions/otelcol-otlp/.goreleaser.yaml";
        // read from the 2024-10 snapshot (build/windows/Dockerfile)
        "portainer/agent" MULTI "2024-10-14" "portainer/agent@cedb4e4 build/windows/Dockerfile";
        // read from the 2024-10 snapshot (build/windows/Dockerfile)
        "portainer/portainer-ce" MULTI "2024-10-23" "portainer/portainer@cc7516743 build/windows/Dockerfile";
        "prom/alertmanager" LINUX "2026-08-22" "prometheus/alertmanager@68fb2d575 Makefile";
        "prom/blackbox-exporter" LINUX "2026-07-24" "prometheus/blackbox_exporter@e39d7d4 Makefile.common";
        "prom/node-exporter" LINUX "2026-08-08" "prometheus/node_exporter@a7dcc3a0 Makefile";
        "prom/prometheus" LINUX "2026-08-21" "prometheus/prometheus@d15adb9ad7 Makefile.common";
        "prom/pushgateway" LINUX "2026-06-27" "prometheus/pushgateway@412bd22 Makefile";
        "prometheuscommunity/windows-exporter" WINDOWS_EXPORTER "2026-08-07" "prometheus-community/windows_exporter@589ec15d Dockerfile; .github/workflows/release.yml; Makefile of v0.29.0; @d13d7264";
        "rancher/fleet" LINUX "2026-08-22" "rancher/fleet@3b2c622ce .goreleaser.yaml";
        "rancher/fleet-agent" FLEET_AGENT "2026-08-22" "rancher/fleet@3b2c622ce .goreleaser.yaml (commit 4c980bfa6)";
        "rancher/klipper-lb" LINUX "2026-06-23" "k3s-io/klipper-lb@75a20be .github/workflows/release.yml";
        "rancher/local-path-provisioner" LINUX "2026-08-06" "rancher/local-path-provisioner@9fa2a62e .github/workflows/build.yml";
        "rancher/rancher" LINUX "2026-08-21" "rancher/rancher@59bd052e44 package/Dockerfile";
        "rancher/rancher-agent" RANCHER_AGENT "2026-08-21" "rancher/rancher@59bd052e44 .github/workflows/release.yml (commit b35b7e5ca0)";
        "rancher/wins" WINDOWS "2026-07-22" "rancher/wins@a4db373 .github/workflows/release.yaml";
        "rook/ceph" LINUX "2026-08-21" "rook/rook@d0c3b9ce6 build/release/Makefile";
        "selenium/hub" LINUX "2024-10-24" "SeleniumHQ/docker-selenium@3290a305 .circleci/config.yml";
        "selenium/node-chrome" LINUX "2024-10-24" "SeleniumHQ/docker-selenium@3290a305 .circleci/config.yml";
        "selenium/standalone-chrome" LINUX "2024-10-24" "SeleniumHQ/docker-selenium@3290a305 .circleci/config.yml";
        "sigwindowstools/calico-install" WINDOWS_HOST_PROCESS "2026-04-23" "kubernetes-sigs/sig-windows-tools@401ee6f hack/regsync.yaml; hostprocess/calico/kube-proxy/Dockerfile; hostprocess/csi-proxy/Dockerfile.windows";
        "sigwindowstools/calico-node" WINDOWS_HOST_PROCESS "2026-04-23" "kubernetes-sigs/sig-windows-tools@401ee6f hack/regsync.yaml; hostprocess/calico/kube-proxy/Dockerfile; hostprocess/csi-proxy/Dockerfile.windows";
        "sigwindowstools/flannel" WINDOWS "2026-11" "kubernetes-sigs/sig-windows-tools@e73cf36 hostprocess/flannel/flanneld/Dockerfile";
        "sigwindowstools/kube-proxy" WINDOWS_KUBE_PROXY "2026-04-23" "kubernetes-sigs/sig-windows-tools@401ee6f hack/regsync.yaml; hostprocess/calico/kube-proxy/Dockerfile; hostprocess/csi-proxy/Dockerfile.windows";
        "stefanprodan/podinfo" LINUX "2026-07-22" "stefanprodan/podinfo@eec06d1 .github/workflows/release.yml";
        "summerwind/actions-runner-controller" LINUX "2026-06-30" "actions/actions-runner-controller@2ee6b3b8 .github/workflows/gha-publish-chart.yaml";
        "tailscale/tailscale" LINUX "2026-08-22" "tailscale/tailscale@de9ec7ee2 build_docker.sh (alpine base)";
        "timberio/vector" LINUX "2026-08-21" "vectordotdev/vector@c3445d42d2 scripts/build-docker.sh";
        "traefik/whoami" LINUX "2026-07-01" "traefik/whoami@8951300 .goreleaser.yml";
        "velero/velero" VELERO "2026-05-20" "vmware-tanzu/velero@d30d389b5 hack/docker-push.sh; Makefile; Dockerfile-Windows (first in v1.16.0)";
        "velero/velero-plugin-for-aws" LINUX "2026-02-10" "vmware-tanzu/velero-plugin-for-aws@800bcfb hack/docker-push.sh";
        "victoriametrics/victoria-metrics" LINUX "2026-08-21" "VictoriaMetrics/VictoriaMetrics@b7ef6cc3ed deployment/docker/Makefile";
        "victoriametrics/vmagent" LINUX "2026-08-21" "VictoriaMetrics/VictoriaMetrics@b7ef6cc3ed deployment/docker/Makefile";
    }
    "gcr.io" {
        "cadvisor/cadvisor" LINUX "2026-07-20" "google/cadvisor@6a0c4f25 .github/workflows/publish-container.yml";
        "cloud-provider-vsphere/csi/release/driver" VSPHERE_CSI "2026-08-07" "kubernetes-sigs/vsphere-csi-driver@bf8090256 hack/release.sh";
        "cloud-provider-vsphere/csi/release/syncer" LINUX "2026-08-07" "kubernetes-sigs/vsphere-csi-driver@bf8090256 hack/release.sh";
        "datadoghq/agent" DATADOG_AGENT "2026-08-21" "DataDog/helm-charts@79f7c74fd charts/datadog/values.yaml; charts/datadog/README.md";
        "distroless/base" LINUX "2026-08-21" "GoogleContainerTools/distroless@cd080764 README.md";
        "distroless/cc" LINUX "2026-08-21" "GoogleContainerTools/distroless@cd080764 README.md";
        "distroless/static" LINUX "2026-08-21" "GoogleContainerTools/distroless@cd080764 README.md";
        "distroless/static-debian12" LINUX "2026-08-21" "GoogleContainerTools/distroless@cd080764 README.md";
        "istio-release/pilot" LINUX "2026-08-22" "istio/istio@86c9f01fd73 tools/docker.yaml (distroless/ubuntu Linux bases)";
        "istio-release/proxyv2" LINUX "2026-08-22" "istio/istio@86c9f01fd73 tools/docker.yaml (distroless/ubuntu Linux bases)";
        "k8s-staging-npd/node-problem-detector-windows" WINDOWS_NANOSERVER_2022 "2026-08-22" "kubernetes/node-problem-detector@6632ca67 Makefile; Dockerfile.windows";
        "kaniko-project/executor" LINUX "2025-06-03" "GoogleContainerTools/kaniko@236ba5690 .github/workflows/images.yaml";
        "knative-releases/knative.dev/serving/cmd/controller" LINUX "2026-08-21" "knative/serving@98e5ef90aa .ko.yaml (ko platform=all on a Linux-only base)";
        "knative-releases/knative.dev/serving/cmd/queue" LINUX "2026-08-21" "knative/serving@98e5ef90aa .ko.yaml (ko platform=all on a Linux-only base)";
        "kubebuilder/kube-rbac-proxy" LINUX "2026-02-26" "brancz/kube-rbac-proxy@898a9f44 Makefile";
        "tekton-releases/github.com/tektoncd/pipeline/cmd/controller" LINUX "2026-08-20" "tektoncd/pipeline@3ee1745ae .ko.yaml (static-base, not the combined Windows base)";
        // releases now also on ghcr.io/tektoncd/pipeline
        "tekton-releases/github.com/tektoncd/pipeline/cmd/entrypoint" MULTI "2026-08-20" "tektoncd/pipeline@3ee1745ae .ko.yaml; .github/workflows/nightly-builds.yaml";
        // releases now also on ghcr.io/tektoncd/pipeline
        "tekton-releases/github.com/tektoncd/pipeline/cmd/nop" MULTI "2026-08-20" "tektoncd/pipeline@3ee1745ae .ko.yaml; .github/workflows/nightly-builds.yaml";
        "tekton-releases/github.com/tektoncd/pipeline/cmd/webhook" LINUX "2026-08-20" "tektoncd/pipeline@3ee1745ae .ko.yaml (static-base, not the combined Windows base)";
        // releases now also on ghcr.io/tektoncd/pipeline
        "tekton-releases/github.com/tektoncd/pipeline/cmd/workingdirinit" MULTI "2026-08-20" "tektoncd/pipeline@3ee1745ae .ko.yaml; .github/workflows/nightly-builds.yaml";
    }
    "ghcr.io" {
        "actions/actions-runner" LINUX "2026-08-17" "actions/runner@258d6c857 .github/workflows/docker-publish.yml";
        "actions/gha-runner-scale-set-controller" LINUX "2026-06-30" "actions/actions-runner-controller@2ee6b3b8 .github/workflows/gha-publish-chart.yaml";
        "aquasecurity/trivy" LINUX "2026-08-21" "aquasecurity/trivy@dc3c56eed5 goreleaser.yml";
        "dapr/dapr" DAPR "2026-08-21" "dapr/dapr@d8450742ce docker/docker.mk; .github/workflows/dapr.yml";
        "dapr/daprd" DAPR "2026-08-21" "dapr/dapr@d8450742ce docker/docker.mk; .github/workflows/dapr.yml";
        "dapr/injector" DAPR "2026-08-21" "dapr/dapr@d8450742ce docker/docker.mk; .github/workflows/dapr.yml";
        "dapr/operator" DAPR "2026-08-21" "dapr/dapr@d8450742ce docker/docker.mk; .github/workflows/dapr.yml";
        "dapr/placement" DAPR "2026-08-21" "dapr/dapr@d8450742ce docker/docker.mk; .github/workflows/dapr.yml";
        "dapr/scheduler" DAPR "2026-08-21" "dapr/dapr@d8450742ce docker/docker.mk; .github/workflows/dapr.yml";
        "dapr/sentry" DAPR "2026-08-21" "dapr/dapr@d8450742ce docker/docker.mk; .github/workflows/dapr.yml";
        "dexidp/dex" LINUX "2026-08-06" "dexidp/dex@ab64ed77 .github/workflows/artifacts.yaml";
        "external-secrets/external-secrets" LINUX "2026-08-08" "external-secrets/external-secrets@cc5bfbc22 .github/workflows/ci.yml";
        // Windows: sigwindowstools/flannel
        "flannel-io/flannel" LINUX "2026-08-14" "flannel-io/flannel@cdf76059 .github/workflows/release.yml";
        "fluent/fluent-bit" FLUENT_BIT "2026-08-21" "fluent/fluent-bit@d55459d49 .github/workflows/call-build-images.yaml (2019 no longer built)";
        "fluent/fluent-operator/fluent-operator" LINUX "2026-08-18" "fluent/fluent-operator@00625bfd .github/workflows/build-fluentbit-image.yaml";
        "fluxcd/source-controller" LINUX "2026-07-02" "fluxcd/source-controller@39b711b1 .goreleaser.yaml";
        "google/cadvisor" LINUX "2026-07-20" "google/cadvisor@6a0c4f25 .github/workflows/publish-container.yml";
        "headlamp-k8s/headlamp" LINUX "2026-08-21" "kubernetes-sigs/headlamp@6d2b42cc7 .github/workflows/container-publish.yml";
        "jimmidyson/configmap-reload" LINUX "2026-05-28" "jimmidyson/configmap-reload@0ec4d67 Makefile";
        "k8snetworkplumbingwg/multus-cni" LINUX "2026-08-20" "k8snetworkplumbingwg/multus-cni@95a093235 .github/workflows/image-build.yml";
        "kedacore/keda" LINUX "2026-08-20" "kedacore/keda@8b4f083ca Makefile";
        "kedacore/keda-admission-webhooks" LINUX "2026-08-20" "kedacore/keda@8b4f083ca Makefile";
        "kedacore/keda-metrics-apiserver" LINUX "2026-08-20" "kedacore/keda@8b4f083ca Makefile";
        "kube-logging/logging-operator" LINUX "2026-08-07" "kube-logging/logging-operator@51679aa5 .github/workflows/artifacts.yaml";
        "kube-vip/kube-vip" LINUX "2026-08-21" "kube-vip/kube-vip@bee5cfe .github/workflows/release.yaml";
        "kubereboot/kured" LINUX "2026-08-10" "kubereboot/kured@51220cc .config/goreleaser.yaml";
        "kubernetes-csi/smbplugin" SMB_CSI "2026-08-07" "kubernetes-csi/csi-driver-smb@95c696805 .github/workflows/publish-helm-oci.yaml; Makefile";
        "kubernetes-sigs/sig-windows/calico-install" WINDOWS_HOST_PROCESS "2026-04-23" "kubernetes-sigs/sig-windows-tools@401ee6f hack/regsync.yaml; hostprocess/calico/kube-proxy/Dockerfile; hostprocess/csi-proxy/Dockerfile.windows";
        "kubernetes-sigs/sig-windows/calico-node" WINDOWS_HOST_PROCESS "2026-04-23" "kubernetes-sigs/sig-windows-tools@401ee6f hack/regsync.yaml; hostprocess/calico/kube-proxy/Dockerfile; hostprocess/csi-proxy/Dockerfile.windows";
        "kubernetes-sigs/sig-windows/csi-proxy" WINDOWS_HOST_PROCESS "2026-04-23" "kubernetes-sigs/sig-windows-tools@401ee6f hack/regsync.yaml; hostprocess/calico/kube-proxy/Dockerfile; hostprocess/csi-proxy/Dockerfile.windows";
        "kubernetes-sigs/sig-windows/eventflow-logger" WINDOWS_2019_2022 "2026-04-23" "kubernetes-sigs/sig-windows-tools@401ee6f .github/workflows/eventflow-logger.yml";
        "kubernetes-sigs/sig-windows/kube-proxy" WINDOWS_HOST_PROCESS "2026-04-23" "kubernetes-sigs/sig-windows-tools@401ee6f hack/regsync.yaml; hostprocess/calico/kube-proxy/Dockerfile; hostprocess/csi-proxy/Dockerfile.windows";
        "kyverno/kyverno" LINUX "2026-08-21" "kyverno/kyverno@111e07bbec Makefile (ko platform=all on a Linux-only base)";
        "kyverno/kyvernopre" LINUX "2026-08-21" "kyverno/kyverno@111e07bbec Makefile (ko platform=all on a Linux-only base)";
        "linkerd/proxy" LINUX "2026-08-21" "linkerd/linkerd2@b24cd4059 bin/_docker.sh; Dockerfile.proxy (linkerd2-proxy has a Windows binary build, no Windows image in linkerd2)";
        "open-telemetry/demo" LINUX "2026-08-22" "open-telemetry/opentelemetry-demo@054282e31 .github/workflows/component-build-images.yml";
        "open-telemetry/opentelemetry-collector-releases/opentelemetry-collector" OPENTELEMETRY "2026-08-20" "open-telemetry/opentelemetry-collector-releases@ceccc19d distributions/otelcol/.goreleaser.yaml";
        "open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib" OPENTELEMETRY "2026-08-20" "open-telemetry/opentelemetry-collector-releases@ceccc19d distributions/otelcol-contrib/.goreleaser.yaml";
        "open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s" OPENTELEMETRY "2026-08-20" "open-telemetry/opentelemetry-collector-releases@ceccc19d distributions/otelcol-k8s/.goreleaser.yaml";
        "open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-otlp" OPENTELEMETRY "2026-08-20" "open-telemetry/opentelemetry-collector-releases@ceccc19d distributions/otelcol-otlp/.goreleaser.yaml";
        "open-telemetry/opentelemetry-operator/opentelemetry-operator" LINUX "2026-08-21" "open-telemetry/opentelemetry-operator@be8944414 .github/workflows/publish-images.yaml";
        "openzipkin/zipkin" LINUX "2026-04-08" "openzipkin/zipkin@878ce2a1fa build-bin/docker/docker_push";
        "projectcontour/contour" LINUX "2026-08-18" "projectcontour/contour@31c4bb38e Makefile";
        "prometheus-community/windows-exporter" WINDOWS_EXPORTER "2026-08-07" "prometheus-community/windows_exporter@589ec15d Dockerfile; .github/workflows/release.yml; Makefile of v0.29.0; @d13d7264";
        "spegel-org/spegel" LINUX "2026-08-21" "spegel-org/spegel@b8c715a .github/workflows/release.yaml";
        // Windows images are built in CI (spire-agent-windows) but push-images.sh does not publish them
        "spiffe/oidc-discovery-provider" LINUX "2026-08-22" "spiffe/spire@ef8527ec9 .github/workflows/scripts/push-images.sh; .github/workflows/release_build.yaml";
        // Windows images are built in CI (spire-agent-windows) but push-images.sh does not publish them
        "spiffe/spire-agent" LINUX "2026-08-22" "spiffe/spire@ef8527ec9 .github/workflows/scripts/push-images.sh; .github/workflows/release_build.yaml";
        // Windows images are built in CI (spire-agent-windows) but push-images.sh does not publish them
        "spiffe/spire-server" LINUX "2026-08-22" "spiffe/spire@ef8527ec9 .github/workflows/scripts/push-images.sh; .github/workflows/release_build.yaml";
        "stakater/reloader" LINUX "2026-08-10" "stakater/Reloader@655a2b38 .github/workflows/pull_request.yaml";
        "stefanprodan/podinfo" LINUX "2026-07-22" "stefanprodan/podinfo@eec06d1 .github/workflows/release.yml";
        "tailscale/tailscale" LINUX "2026-08-22" "tailscale/tailscale@de9ec7ee2 build_docker.sh (alpine base)";
    }
    "gke.gcr.io" {
        "gcp-compute-persistent-disk-csi-driver" MULTI_2019_2022 "2026-08-18" "kubernetes-sigs/gcp-compute-persistent-disk-csi-driver@b560165c Makefile";
        "gcs-fuse-csi-driver" LINUX "2026-08-21" "GoogleCloudPlatform/gcs-fuse-csi-driver@5fcdc04a Makefile";
    }
    "k8s.gcr.io" {
        "pause" PAUSE "2026-08-22" "containerd/containerd@301026e58 DefaultSandboxImage used on Windows (internal/cri/config/config_windows.go); build/pause/Makefile@038ee277 (3.1) has no Windows";
    }
    "k8sprow.azurecr.io" {
        "kubernetes-e2e-test-images/busybox" WINDOWS "2026-11-21" "kubernetes-sigs/windows-testing@b8dde4a9c images/Utils.ps1 ($windowsImage; the combined lists are pushed elsewhere)";
        // `-alpine` in tags is only the version of the Linux original
        "kubernetes-e2e-test-images/httpd" WINDOWS "2026-11-21" "kubernetes-sigs/windows-testing@b8dde4a9c images/Utils.ps1 ($windowsImage; the combined lists are pushed elsewhere)";
        "kubernetes-e2e-test-images/nginx" WINDOWS "2026-11-21" "kubernetes-sigs/windows-testing@b8dde4a9c images/Utils.ps1 ($windowsImage; the combined lists are pushed elsewhere)";
        "kubernetes-e2e-test-images/redis" MULTI "2026-11-21" "kubernetes-sigs/windows-testing@6ae6988 gce/prepull-1.16.yaml; images/MirrorUpstreamK8sImgs.ps1";
    }
    "mcr.microsoft.com" {
        "aks/aks-windows-gpu-device-plugin" WINDOWS "2026-11-23" "MicrosoftDocs/azure-aks-docs@fb060abe6 articles/aks/use-windows-gpu.md";
        "azure-application-gateway/kubernetes-ingress" LINUX "2026-03-24" "Azure/application-gateway-kubernetes-ingress@f42103da Makefile";
        "azure-functions/dotnet" AZURE_FUNCTIONS_DOTNET "2024-10-23" "Azure/azure-functions-docker@020dbf31 host/3.0/nanoserver-build.yml";
        // a Dockerfile.Windows exists in the repository; publication not confirmed
        "azure-storage/azurite" LINUX "2026-08-19" "Azure/Azurite@9074bea3 README.md; Dockerfile.Windows";
        "azuremonitor/containerinsights/ciprod" CONTAINER_INSIGHTS "2024-10-08" "microsoft/Docker-Provider@b78055842 ReleaseNotes.md";
        "containernetworking/azure-cni" MULTI "2026-08-20" "Azure/azure-container-networking@cbd7560cf .pipelines/pipeline.yaml";
        "containernetworking/azure-cns" MULTI "2026-08-20" "Azure/azure-container-networking@cbd7560cf .pipelines/pipeline.yaml";
        "containernetworking/azure-ip-masq-merger" LINUX "2026-08-20" "Azure/azure-container-networking@cbd7560cf .pipelines/pipeline.yaml";
        "containernetworking/azure-ipam" MULTI "2026-08-20" "Azure/azure-container-networking@cbd7560cf .pipelines/pipeline.yaml";
        "containernetworking/azure-iptables-monitor" LINUX "2026-08-20" "Azure/azure-container-networking@cbd7560cf .pipelines/pipeline.yaml";
        "containernetworking/azure-npm" MULTI "2026-08-20" "Azure/azure-container-networking@cbd7560cf .pipelines/pipeline.yaml";
        "containernetworking/ipv6-hp-bpf" LINUX "2026-08-20" "Azure/azure-container-networking@cbd7560cf .pipelines/pipeline.yaml";
        "dotnet/aspire-dashboard" DOTNET_LINUX "2026-08-21" "dotnet/dotnet-docker@3ed00b611c manifest.json (no windows platform)";
        "dotnet/aspnet" DOTNET "2026-08-21" "dotnet/dotnet-docker@3ed00b611c manifest.json; documentation/supported-tags.md";
        "dotnet/framework/aspnet" DOTNET_FRAMEWORK "2026-07-14" "microsoft/dotnet-framework-docker@ebb6885f manifest.json (and commit 7e6e683b)";
        "dotnet/framework/runtime" DOTNET_FRAMEWORK "2026-07-14" "microsoft/dotnet-framework-docker@ebb6885f manifest.json (and commit 7e6e683b)";
        "dotnet/framework/samples" DOTNET_FRAMEWORK_SAMPLES "2026-07-14" "microsoft/dotnet-framework-docker@ebb6885f manifest.samples.json";
        "dotnet/framework/sdk" DOTNET_FRAMEWORK "2026-07-14" "microsoft/dotnet-framework-docker@ebb6885f manifest.json (and commit 7e6e683b)";
        "dotnet/framework/wcf" DOTNET_FRAMEWORK "2026-07-14" "microsoft/dotnet-framework-docker@ebb6885f manifest.json (and commit 7e6e683b)";
        "dotnet/monitor" DOTNET_LINUX "2026-08-21" "dotnet/dotnet-docker@3ed00b611c manifest.json (no windows platform)";
        "dotnet/monitor/base" DOTNET_LINUX "2026-08-21" "dotnet/dotnet-docker@3ed00b611c manifest.json (no windows platform)";
        "dotnet/runtime" DOTNET "2026-08-21" "dotnet/dotnet-docker@3ed00b611c manifest.json; documentation/supported-tags.md";
        "dotnet/runtime-deps" DOTNET_LINUX "2026-08-21" "dotnet/dotnet-docker@3ed00b611c manifest.json (no windows platform)";
        "dotnet/samples" DOTNET_SAMPLES "2026-08-21" "dotnet/dotnet-docker@3ed00b611c manifest.samples.json; README.samples.md";
        "dotnet/sdk" DOTNET "2026-08-21" "dotnet/dotnet-docker@3ed00b611c manifest.json; documentation/supported-tags.md";
        "k8s/csi/azuredisk-csi" AZURE_CSI "2026-08-22" "kubernetes-sigs/azuredisk-csi-driver@d983d613b Makefile";
        "k8s/csi/azurefile-csi" AZURE_CSI "2026-08-22" "kubernetes-sigs/azurefile-csi-driver@7b5ae18e7 Makefile";
        "mssql/server" LINUX "2025-01-23" "microsoft/mssql-docker@d7e572d README.md";
        "openjdk/jdk" LINUX "2026-02-19" "microsoft/openjdk-docker@fba53b4 scripts/build-image.sh";
        "oss/azure/secrets-store/provider-azure" MULTI_2019_2022_2025 "2026-06-11" "Azure/secrets-store-csi-driver-provider-azure@d5f7cf5b Makefile";
        "oss/azure/workload-identity/proxy" LINUX "2026-06-11" "Azure/azure-workload-identity@04d01a2 Makefile";
        "oss/azure/workload-identity/proxy-init" LINUX "2026-06-11" "Azure/azure-workload-identity@04d01a2 Makefile";
        "oss/azure/workload-identity/webhook" LINUX "2026-06-11" "Azure/azure-workload-identity@04d01a2 Makefile";
        "oss/kubernetes-csi/azuredisk-csi" AZURE_CSI "2026-08-22" "kubernetes-sigs/azuredisk-csi-driver@d983d613b Makefile";
        "oss/kubernetes-csi/azurefile-csi" AZURE_CSI "2026-08-22" "kubernetes-sigs/azurefile-csi-driver@7b5ae18e7 Makefile";
        "oss/kubernetes-csi/blob-csi" LINUX "2026-08-22" "kubernetes-sigs/blob-csi-driver@0744a60b3 Makefile (a Windows binary is compiled, no Windows image)";
        // MCR copies of the sig-storage sidecars; used by the Windows node DaemonSet
        "oss/kubernetes-csi/csi-node-driver-registrar" MULTI "2026-08-22" "kubernetes-sigs/azuredisk-csi-driver@d983d613b charts/latest/azuredisk-csi-driver/values.yaml (Windows builds inside not listed there)";
        // MCR copies of the sig-storage sidecars; used by the Windows node DaemonSet
        "oss/kubernetes-csi/livenessprobe" MULTI "2026-08-22" "kubernetes-sigs/azuredisk-csi-driver@d983d613b charts/latest/azuredisk-csi-driver/values.yaml (Windows builds inside not listed there)";
        "oss/kubernetes/azure-cloud-controller-manager" LINUX "2026-08-19" "kubernetes-sigs/cloud-provider-azure@7b31c76ce Makefile";
        "oss/kubernetes/azure-cloud-node-manager" AZURE_NODE_MANAGER "2026-08-19" "kubernetes-sigs/cloud-provider-azure@7b31c76ce Makefile";
        "oss/kubernetes/pause" PAUSE_OF_MICROSOFT "2026-08-22" "containerd/containerd@301026e58 DefaultSandboxImage used on Windows (internal/cri/config/config_windows.go); build/pause/Makefile@038ee277 (3.1) has no Windows; Azure/AgentBaker datamodel WindowsPauseImageURL (1.4.0)";
        // HostProcess only; manifest without os.version
        "oss/kubernetes/windows-host-process-containers-base-image" WINDOWS_HOST_PROCESS "2025-12-10" "microsoft/windows-host-process-containers-base-image@d7c1101 .github/workflows/build.yaml";
        "oss/v2/azure/secrets-store/provider-azure" MULTI_2019_2022_2025 "2026-06-11" "Azure/secrets-store-csi-driver-provider-azure@d5f7cf5b Makefile";
        "oss/v2/kubernetes-csi/azuredisk-csi" AZURE_CSI "2026-08-22" "kubernetes-sigs/azuredisk-csi-driver@d983d613b Makefile";
        "oss/v2/kubernetes-csi/azurefile-csi" AZURE_CSI "2026-08-22" "kubernetes-sigs/azurefile-csi-driver@7b5ae18e7 Makefile";
        "oss/v2/kubernetes-csi/azurelustre-csi" LINUX "2026-05-14" "kubernetes-sigs/azurelustre-csi-driver@26f644207 Makefile";
        "oss/v2/kubernetes-csi/blob-csi" LINUX "2026-08-22" "kubernetes-sigs/blob-csi-driver@0744a60b3 Makefile (a Windows binary is compiled, no Windows image)";
        // MCR copies of sig-storage sidecars that have no Windows Dockerfile upstream
        "oss/v2/kubernetes-csi/csi-attacher" LINUX "2026-08-22" "kubernetes-sigs/azuredisk-csi-driver@d983d613b charts/latest/azuredisk-csi-driver/values.yaml (upstream Linux only; MCR itself not inspected)";
        // MCR copies of the sig-storage sidecars; used by the Windows node DaemonSet
        "oss/v2/kubernetes-csi/csi-node-driver-registrar" MULTI "2026-08-22" "kubernetes-sigs/azuredisk-csi-driver@d983d613b charts/latest/azuredisk-csi-driver/values.yaml (Windows builds inside not listed there)";
        // MCR copies of sig-storage sidecars that have no Windows Dockerfile upstream
        "oss/v2/kubernetes-csi/csi-provisioner" LINUX "2026-08-22" "kubernetes-sigs/azuredisk-csi-driver@d983d613b charts/latest/azuredisk-csi-driver/values.yaml (upstream Linux only; MCR itself not inspected)";
        // MCR copies of sig-storage sidecars that have no Windows Dockerfile upstream
        "oss/v2/kubernetes-csi/csi-resizer" LINUX "2026-08-22" "kubernetes-sigs/azuredisk-csi-driver@d983d613b charts/latest/azuredisk-csi-driver/values.yaml (upstream Linux only; MCR itself not inspected)";
        // MCR copies of sig-storage sidecars that have no Windows Dockerfile upstream
        "oss/v2/kubernetes-csi/csi-snapshotter" LINUX "2026-08-22" "kubernetes-sigs/azuredisk-csi-driver@d983d613b charts/latest/azuredisk-csi-driver/values.yaml (upstream Linux only; MCR itself not inspected)";
        // MCR copies of the sig-storage sidecars; used by the Windows node DaemonSet
        "oss/v2/kubernetes-csi/livenessprobe" MULTI "2026-08-22" "kubernetes-sigs/azuredisk-csi-driver@d983d613b charts/latest/azuredisk-csi-driver/values.yaml (Windows builds inside not listed there)";
        // MCR copies of sig-storage sidecars that have no Windows Dockerfile upstream
        "oss/v2/kubernetes-csi/snapshot-controller" LINUX "2026-08-22" "kubernetes-sigs/azuredisk-csi-driver@d983d613b charts/latest/azuredisk-csi-driver/values.yaml (upstream Linux only; MCR itself not inspected)";
        "oss/v2/kubernetes/pause" PAUSE_OF_MICROSOFT "2026-08-22" "containerd/containerd@301026e58 DefaultSandboxImage used on Windows (internal/cri/config/config_windows.go); build/pause/Makefile@038ee277 (3.1) has no Windows; Azure/AgentBaker datamodel WindowsPauseImageURL (1.4.0)";
        "powershell" POWERSHELL "2025-02-27" "PowerShell/PowerShell-Docker@c074f941 release/7-4/windowsservercore2022/meta.json";
        // 1809/ltsc2019-era and SAC; none for Server 2025
        "windows" FULL_WINDOWS "2026-08-07" "MicrosoftDocs/Virtualization-Documentation@77e0742a virtualization/windowscontainers/manage-containers/container-base-images.md";
        // pre-release builds
        "windows/insider" FULL_WINDOWS "2026-08-07" "MicrosoftDocs/Virtualization-Documentation@77e0742a virtualization/windowscontainers/manage-containers/container-base-images.md";
        // no latest, no ltsc2016; 1809 and ltsc2019 = Server 2019, ltsc2022, ltsc2025 (also *-amd64, *-arm64), *-KBnnnnnnn, 10.0.B.R
        "windows/nanoserver" NANOSERVER "2026-08-07" "MicrosoftDocs/Virtualization-Documentation@77e0742a virtualization/windowscontainers/deploy-containers/version-compatibility.md; virtualization/windowscontainers/deploy-containers/base-image-lifecycle.md";
        // pre-release builds
        "windows/nanoserver/insider" NANOSERVER "2026-08-07" "MicrosoftDocs/Virtualization-Documentation@77e0742a virtualization/windowscontainers/manage-containers/container-base-images.md";
        // no latest; ltsc2022, ltsc2025
        "windows/server" SERVER "2026-08-07" "MicrosoftDocs/Virtualization-Documentation@77e0742a virtualization/windowscontainers/manage-containers/container-base-images.md";
        // pre-release builds
        "windows/server/insider" SERVER "2026-08-07" "MicrosoftDocs/Virtualization-Documentation@77e0742a virtualization/windowscontainers/manage-containers/container-base-images.md";
        // no latest; ltsc2016, ltsc2019, ltsc2022, ltsc2025
        "windows/servercore" SERVERCORE "2026-08-07" "MicrosoftDocs/Virtualization-Documentation@77e0742a virtualization/windowscontainers/deploy-containers/version-compatibility.md; virtualization/windowscontainers/deploy-containers/base-image-lifecycle.md";
        "windows/servercore/iis" IIS "2025-04-08" "microsoft/iis-docker@58dfbf7 README.md";
        // pre-release builds
        "windows/servercore/insider" SERVERCORE "2026-08-07" "MicrosoftDocs/Virtualization-Documentation@77e0742a virtualization/windowscontainers/manage-containers/container-base-images.md";
    }
    "nvcr.io" {
        "nvidia/gpu-operator" LINUX "2026-08-21" "NVIDIA/gpu-operator@a22dbf671 Makefile";
        "nvidia/k8s-device-plugin" LINUX "2026-08-19" "NVIDIA/k8s-device-plugin@1b826acc6 deployments/container/multi-arch.mk";
    }
    "oci.external-secrets.io" {
        "external-secrets/external-secrets" LINUX "2026-08-08" "external-secrets/external-secrets@cc5bfbc22 .github/workflows/ci.yml";
    }
    "public.ecr.aws" {
        "aws-ec2/aws-node-termination-handler" MULTI_2022 "2026-07-21" "aws/aws-node-termination-handler@62a8761 Makefile; Dockerfile.windows; .github/workflows/release.yaml";
        "aws-observability/aws-for-fluent-bit" AWS_FLUENT_BIT "2024-10-23" "aws/aws-for-fluent-bit@cd557e0 README.md";
        "aws-secrets-manager/secrets-store-csi-driver-provider-aws" LINUX "2026-06-04" "aws/secrets-store-csi-driver-provider-aws@a74182c Makefile";
        "datadog/agent" DATADOG_AGENT "2026-08-21" "DataDog/helm-charts@79f7c74fd charts/datadog/values.yaml; charts/datadog/README.md";
        "ebs-csi-driver/aws-ebs-csi-driver" MULTI_2019_2022_2025 "2026-08-19" "kubernetes-sigs/aws-ebs-csi-driver@429e202e Makefile; Dockerfile";
        "efs-csi-driver/amazon/aws-efs-csi-driver" LINUX "2026-07-24" "kubernetes-sigs/aws-efs-csi-driver@a4fc6760 Makefile";
        "eks/amazon-k8s-cni" LINUX "2026-08-20" "aws/amazon-vpc-cni-k8s@b52188387 Makefile";
        "eks/aws-load-balancer-controller" LINUX "2026-08-17" "kubernetes-sigs/aws-load-balancer-controller@225f44568 Makefile";
        "eks/eks-pod-identity-agent" LINUX "2026-03-17" "aws/eks-pod-identity-agent@d4dc0f3 .github/workflows/release.yaml";
        "fsx-csi-driver/aws-fsx-csi-driver" LINUX "2026-04-21" "kubernetes-sigs/aws-fsx-csi-driver@5b227125 Makefile";
        "karpenter/controller" LINUX "2026-08-21" "aws/karpenter-provider-aws@1d927085d .ko.yaml";
        "mountpoint-s3-csi-driver/aws-mountpoint-s3-csi-driver" LINUX "2026-08-08" "awslabs/mountpoint-s3-csi-driver@57c6bed Makefile";
    }
    "quay.io" {
        "argoproj/argo-rollouts" LINUX "2026-08-17" "argoproj/argo-rollouts@9f8d111d8 .github/workflows/docker-publish.yml";
        "argoproj/argocd" LINUX "2026-08-22" "argoproj/argo-cd@37ee0097cf .github/workflows/image.yaml";
        "argoproj/argocli" LINUX "2026-08-21" "argoproj/argo-workflows@f016ad89eb .github/workflows/release.yaml";
        "argoproj/argoexec" ARGOEXEC "2026-08-21" "argoproj/argo-workflows@f016ad89eb .github/workflows/release.yaml; Dockerfile.windows";
        "argoproj/workflow-controller" LINUX "2026-08-21" "argoproj/argo-workflows@f016ad89eb .github/workflows/release.yaml";
        "brancz/kube-rbac-proxy" LINUX "2026-02-26" "brancz/kube-rbac-proxy@898a9f44 Makefile";
        "calico/apiserver" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "calico/cni" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "calico/cni-windows" WINDOWS_CALICO "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; node/Dockerfile.windows; cni-plugin/Dockerfile.windows";
        "calico/csi" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "calico/kube-controllers" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "calico/node" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "calico/node-driver-registrar" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "calico/node-windows" WINDOWS_CALICO "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; node/Dockerfile.windows; cni-plugin/Dockerfile.windows";
        "calico/pod2daemon-flexvol" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "calico/typha" LINUX "2026-08-22" "projectcalico/calico@87c15906f2 metadata.mk; lib.Makefile (only node and cni-plugin have a Windows Dockerfile)";
        "cilium/cilium" LINUX "2026-08-21" "MicrosoftDocs/azure-aks-docs@fb060abe6 articles/aks/use-network-policies.md (Cilium: Linux); cilium/cilium@001bb354 images/operator/Dockerfile";
        "cilium/hubble-relay" LINUX "2026-08-21" "MicrosoftDocs/azure-aks-docs@fb060abe6 articles/aks/use-network-policies.md (Cilium: Linux); cilium/cilium@001bb354 images/operator/Dockerfile";
        "cilium/operator" LINUX "2026-08-21" "MicrosoftDocs/azure-aks-docs@fb060abe6 articles/aks/use-network-policies.md (Cilium: Linux); cilium/cilium@001bb354 images/operator/Dockerfile";
        "cilium/operator-generic" LINUX "2026-08-21" "MicrosoftDocs/azure-aks-docs@fb060abe6 articles/aks/use-network-policies.md (Cilium: Linux); cilium/cilium@001bb354 images/operator/Dockerfile";
        "fairwinds/polaris" LINUX "2026-08-21" "FairwindsOps/polaris@c0e23a23 .goreleaser.yml";
        "jaegertracing/jaeger" LINUX "2026-08-20" "jaegertracing/jaeger@8498073ff .github/workflows/ci-docker-build.yml";
        "jetstack/cert-manager-acmesolver" LINUX "2026-08-22" "cert-manager/cert-manager@2d0d7f7f7 make/ko.mk";
        "jetstack/cert-manager-cainjector" LINUX "2026-08-22" "cert-manager/cert-manager@2d0d7f7f7 make/ko.mk";
        "jetstack/cert-manager-controller" LINUX "2026-08-22" "cert-manager/cert-manager@2d0d7f7f7 make/ko.mk";
        "jetstack/cert-manager-startupapicheck" LINUX "2026-08-22" "cert-manager/cert-manager@2d0d7f7f7 make/ko.mk";
        "jetstack/cert-manager-webhook" LINUX "2026-08-22" "cert-manager/cert-manager@2d0d7f7f7 make/ko.mk";
        "keycloak/keycloak" LINUX "2024" "keycloak/keycloak@0463815b quarkus/container/Dockerfile";
        "kiwigrid/k8s-sidecar" LINUX "2026-08-04" "kiwigrid/k8s-sidecar@a61c7ac docker-bake.hcl";
        "metallb/controller" LINUX "2026-07-19" "metallb/metallb@7938d3f89 .github/workflows/publish.yaml";
        "metallb/speaker" LINUX "2026-07-19" "metallb/metallb@7938d3f89 .github/workflows/publish.yaml";
        "minio/minio" LINUX "2026-02-12" "minio/minio@7aac2a2c5 docker-buildx.sh";
        "oauth2-proxy/oauth2-proxy" LINUX "2026-07-30" "oauth2-proxy/oauth2-proxy@14af2951 Makefile";
        "prometheus-operator/prometheus-config-reloader" LINUX "2026-08-08" "prometheus-operator/prometheus-operator@6adcebc50 Dockerfile";
        "prometheus-operator/prometheus-operator" LINUX "2026-08-08" "prometheus-operator/prometheus-operator@6adcebc50 Dockerfile";
        "prometheus/alertmanager" LINUX "2026-08-22" "prometheus/alertmanager@68fb2d575 Makefile";
        "prometheus/blackbox-exporter" LINUX "2026-07-24" "prometheus/blackbox_exporter@e39d7d4 Makefile.common";
        "prometheus/node-exporter" LINUX "2026-08-08" "prometheus/node_exporter@a7dcc3a0 Makefile";
        "prometheus/prometheus" LINUX "2026-08-21" "prometheus/prometheus@d15adb9ad7 Makefile.common";
        "prometheus/pushgateway" LINUX "2026-06-27" "prometheus/pushgateway@412bd22 Makefile";
        "prometheuscommunity/windows-exporter" WINDOWS_EXPORTER "2026-08-07" "prometheus-community/windows_exporter@589ec15d Dockerfile; .github/workflows/release.yml; Makefile of v0.29.0; @d13d7264";
        "signalfx/splunk-otel-collector" SPLUNK "2026-08-21" "signalfx/splunk-otel-collector@331f8e15a .gitlab-ci.yml";
        "signalfx/splunk-otel-collector-fips" SPLUNK "2026-08-21" "signalfx/splunk-otel-collector@331f8e15a .gitlab-ci.yml";
        // deprecated repo, 2019 + 2022
        "signalfx/splunk-otel-collector-fips-windows" SPLUNK_WINDOWS "2026-08-21" "signalfx/splunk-otel-collector@331f8e15a .gitlab-ci.yml";
        // deprecated repo, 2019 + 2022
        "signalfx/splunk-otel-collector-windows" SPLUNK_WINDOWS "2026-08-21" "signalfx/splunk-otel-collector@331f8e15a .gitlab-ci.yml";
        "strimzi/kafka" LINUX "2026-08-22" "strimzi/strimzi-kafka-operator@8541da1e33 docker-images/base/Dockerfile";
        "strimzi/operator" LINUX "2026-08-22" "strimzi/strimzi-kafka-operator@8541da1e33 docker-images/base/Dockerfile";
        "thanos/thanos" LINUX "2026-08-22" "thanos-io/thanos@e103a81bd Makefile";
    }
    "reg.kyverno.io" {
        "kyverno/kyverno" LINUX "2026-08-21" "kyverno/kyverno@111e07bbec Makefile (ko platform=all on a Linux-only base)";
    }
    "registry.datadoghq.com" {
        "agent" DATADOG_AGENT "2026-08-21" "DataDog/helm-charts@79f7c74fd charts/datadog/values.yaml; charts/datadog/README.md";
    }
    "registry.gitlab.com" {
        "gitlab-org/gitlab-runner" LINUX "2026-08-22" "gitlabhq/gitlab-runner@d79f3e7b8 dockerfiles/runner/docker-bake.hcl";
        "gitlab-org/gitlab-runner/gitlab-runner-helper" BY_BASE_NAME "2026-08-22" "gitlabhq/gitlab-runner@d79f3e7b8 dockerfiles/runner-helper/docker-bake.hcl";
    }
    "registry.k8s.io" {
        "autoscaling/addon-resizer" LINUX "2026-08-22" "kubernetes/autoscaler@55c37cd5eb addon-resizer/Makefile; cluster-autoscaler/Makefile; vertical-pod-autoscaler/pkg/recommender/Makefile";
        "autoscaling/cluster-autoscaler" LINUX "2026-08-22" "kubernetes/autoscaler@55c37cd5eb addon-resizer/Makefile; cluster-autoscaler/Makefile; vertical-pod-autoscaler/pkg/recommender/Makefile";
        "autoscaling/vpa-admission-controller" LINUX "2026-08-22" "kubernetes/autoscaler@55c37cd5eb addon-resizer/Makefile; cluster-autoscaler/Makefile; vertical-pod-autoscaler/pkg/recommender/Makefile";
        "autoscaling/vpa-recommender" LINUX "2026-08-22" "kubernetes/autoscaler@55c37cd5eb addon-resizer/Makefile; cluster-autoscaler/Makefile; vertical-pod-autoscaler/pkg/recommender/Makefile";
        "autoscaling/vpa-updater" LINUX "2026-08-22" "kubernetes/autoscaler@55c37cd5eb addon-resizer/Makefile; cluster-autoscaler/Makefile; vertical-pod-autoscaler/pkg/recommender/Makefile";
        "cloud-provider-gcp/gcp-compute-persistent-disk-csi-driver" MULTI_2019_2022 "2026-08-18" "kubernetes-sigs/gcp-compute-persistent-disk-csi-driver@b560165c Makefile";
        "cloud-provider-gcp/gcp-filestore-csi-driver" LINUX "2026-06-24" "kubernetes-sigs/gcp-filestore-csi-driver@2edb466b Makefile (only an experimental test/ Windows Dockerfile)";
        "cluster-api-azure/cluster-api-azure-controller" LINUX "2026-08-19" "kubernetes-sigs/cluster-api-provider-azure@69ec3a40a Makefile";
        "cluster-api/cluster-api-controller" LINUX "2026-08-21" "kubernetes-sigs/cluster-api@ae7ff047db Makefile";
        "cluster-api/kubeadm-bootstrap-controller" LINUX "2026-08-21" "kubernetes-sigs/cluster-api@ae7ff047db Makefile";
        "cluster-api/kubeadm-control-plane-controller" LINUX "2026-08-21" "kubernetes-sigs/cluster-api@ae7ff047db Makefile";
        "conformance" LINUX "2026-11" "kubernetes/kubernetes hack/lib/golang.sh KUBE_SUPPORTED_SERVER_PLATFORMS: linux only; Windows kube-proxy is sigwindowstools/kube-proxy";
        "coredns/coredns" LINUX "2026-08-20" "coredns/coredns@4b26cced3 Makefile.docker";
        "csi-secrets-store/driver" MULTI_2019_2022_2025 "2026-04-30" "kubernetes-sigs/secrets-store-csi-driver@0aad886f Makefile";
        "csi-secrets-store/driver-crds" LINUX "2026-04-30" "kubernetes-sigs/secrets-store-csi-driver@0aad886f Makefile";
        "csi-vsphere/driver" VSPHERE_CSI "2026-08-07" "kubernetes-sigs/vsphere-csi-driver@bf8090256 hack/release.sh";
        "csi-vsphere/syncer" LINUX "2026-08-07" "kubernetes-sigs/vsphere-csi-driver@bf8090256 hack/release.sh";
        "descheduler/descheduler" LINUX "2026-06-30" "kubernetes-sigs/descheduler@7d2b28bf2 Makefile";
        "dns/k8s-dns-dnsmasq-nanny" LINUX "2026-01-07" "kubernetes/dns@9aa70b8f images/dnsmasq/Makefile; Makefile";
        "dns/k8s-dns-kube-dns" LINUX "2026-01-07" "kubernetes/dns@9aa70b8f images/dnsmasq/Makefile; Makefile";
        "dns/k8s-dns-node-cache" LINUX "2026-01-07" "kubernetes/dns@9aa70b8f images/dnsmasq/Makefile; Makefile";
        "dns/k8s-dns-sidecar" LINUX "2026-01-07" "kubernetes/dns@9aa70b8f images/dnsmasq/Makefile; Makefile";
        "e2e-test-images/agnhost" MULTI_2019_2022 "2026" "kubernetes/kubernetes@00238edf test/images/agnhost/BASEIMAGE";
        "e2e-test-images/apparmor-loader" LINUX "2024" "kubernetes/kubernetes test/images/{nonewprivs,apparmor-loader,node-perf/npb-ep,volume/nfs}/BASEIMAGE (@054d429d, 1f0c9a95, 1e0363e3, 729007a8)";
        // older tags hold 1809, 20H2 …
        "e2e-test-images/busybox" MULTI_2019_2022 "2022" "kubernetes/kubernetes test/images/*/BASEIMAGE (@296464d9, 01aa0f3f, 04bb4ce9, 054d429d, 046d201c, 2d58ef78); kitten as nautilus";
        // older tags hold 1809, 20H2 …
        "e2e-test-images/httpd" MULTI_2019_2022 "2022" "kubernetes/kubernetes test/images/*/BASEIMAGE (@296464d9, 01aa0f3f, 04bb4ce9, 054d429d, 046d201c, 2d58ef78); kitten as nautilus";
        // older tags hold 1809, 20H2 …
        "e2e-test-images/jessie-dnsutils" MULTI_2019_2022 "2022" "kubernetes/kubernetes test/images/*/BASEIMAGE (@296464d9, 01aa0f3f, 04bb4ce9, 054d429d, 046d201c, 2d58ef78); kitten as nautilus";
        // older tags hold 1809, 20H2 …
        "e2e-test-images/kitten" MULTI_2019_2022 "2022" "kubernetes/kubernetes test/images/*/BASEIMAGE (@296464d9, 01aa0f3f, 04bb4ce9, 054d429d, 046d201c, 2d58ef78); kitten as nautilus";
        // older tags hold 1809, 20H2 …
        "e2e-test-images/nautilus" MULTI_2019_2022 "2022" "kubernetes/kubernetes test/images/*/BASEIMAGE (@296464d9, 01aa0f3f, 04bb4ce9, 054d429d, 046d201c, 2d58ef78); kitten as nautilus";
        // older tags hold 1809, 20H2 …
        "e2e-test-images/nginx" MULTI_2019_2022 "2022" "kubernetes/kubernetes test/images/*/BASEIMAGE (@296464d9, 01aa0f3f, 04bb4ce9, 054d429d, 046d201c, 2d58ef78); kitten as nautilus";
        "e2e-test-images/node-perf/npb-ep" LINUX "2024" "kubernetes/kubernetes test/images/{nonewprivs,apparmor-loader,node-perf/npb-ep,volume/nfs}/BASEIMAGE (@054d429d, 1f0c9a95, 1e0363e3, 729007a8)";
        "e2e-test-images/nonewprivs" LINUX "2024" "kubernetes/kubernetes test/images/{nonewprivs,apparmor-loader,node-perf/npb-ep,volume/nfs}/BASEIMAGE (@054d429d, 1f0c9a95, 1e0363e3, 729007a8)";
        // older tags hold 1809, 20H2 …
        "e2e-test-images/sample-apiserver" MULTI_2019_2022 "2022" "kubernetes/kubernetes test/images/*/BASEIMAGE (@296464d9, 01aa0f3f, 04bb4ce9, 054d429d, 046d201c, 2d58ef78); kitten as nautilus";
        "e2e-test-images/volume/nfs" LINUX "2024" "kubernetes/kubernetes test/images/{nonewprivs,apparmor-loader,node-perf/npb-ep,volume/nfs}/BASEIMAGE (@054d429d, 1f0c9a95, 1e0363e3, 729007a8)";
        // read at 3.5.12; newer not re-read
        "etcd" MULTI_2019_2022 "2024" "kubernetes/kubernetes@003187fd cluster/images/etcd/Makefile";
        "external-dns/external-dns" LINUX "2026-08-22" "kubernetes-sigs/external-dns@2bf1bf8af Makefile";
        "gmsa-webhook/k8s-gmsa-webhook" LINUX "2025-03-24" "kubernetes-sigs/windows-gmsa@993de21 admission-webhook/dockerfiles/Dockerfile";
        "ingress-nginx/controller" LINUX "2026-03-20" "kubernetes/ingress-nginx@dbb11b92d Makefile; .github/workflows/images.yaml";
        "ingress-nginx/controller-chroot" LINUX "2026-03-20" "kubernetes/ingress-nginx@dbb11b92d Makefile; .github/workflows/images.yaml";
        "ingress-nginx/kube-webhook-certgen" LINUX "2026-03-20" "kubernetes/ingress-nginx@dbb11b92d Makefile; .github/workflows/images.yaml";
        "kube-apiserver" LINUX "2026-11" "kubernetes/kubernetes hack/lib/golang.sh KUBE_SUPPORTED_SERVER_PLATFORMS: linux only; Windows kube-proxy is sigwindowstools/kube-proxy";
        "kube-controller-manager" LINUX "2026-11" "kubernetes/kubernetes hack/lib/golang.sh KUBE_SUPPORTED_SERVER_PLATFORMS: linux only; Windows kube-proxy is sigwindowstools/kube-proxy";
        "kube-proxy" LINUX "2026-11" "kubernetes/kubernetes hack/lib/golang.sh KUBE_SUPPORTED_SERVER_PLATFORMS: linux only; Windows kube-proxy is sigwindowstools/kube-proxy";
        "kube-scheduler" LINUX "2026-11" "kubernetes/kubernetes hack/lib/golang.sh KUBE_SUPPORTED_SERVER_PLATFORMS: linux only; Windows kube-proxy is sigwindowstools/kube-proxy";
        "kube-state-metrics/kube-state-metrics" LINUX "2026-08-20" "kubernetes/kube-state-metrics@c92fe0c5 Makefile";
        "kubectl" LINUX "2026-11" "kubernetes/kubernetes hack/lib/golang.sh KUBE_SUPPORTED_SERVER_PLATFORMS: linux only; Windows kube-proxy is sigwindowstools/kube-proxy";
        "kueue/kueue" LINUX "2026-08-22" "kubernetes-sigs/kueue@ff69552e79 Makefile";
        "metrics-server/metrics-server" LINUX "2026-08-04" "kubernetes-sigs/metrics-server@5ed5d3a2 Makefile (windows only as release binaries)";
        "nfd/node-feature-discovery" LINUX "2026-07-30" "kubernetes-sigs/node-feature-discovery@76e6cc8cc Makefile";
        "node-problem-detector/node-problem-detector" LINUX "2026-08-22" "kubernetes/node-problem-detector@6632ca67 Makefile; cloudbuild.yaml";
        "pause" PAUSE "2026-08-22" "containerd/containerd@301026e58 DefaultSandboxImage used on Windows (internal/cri/config/config_windows.go); build/pause/Makefile@038ee277 (3.1) has no Windows";
        "prometheus-adapter/prometheus-adapter" LINUX "2025-04-01" "kubernetes-sigs/prometheus-adapter@01919d0e Makefile";
        "provider-aws/aws-ebs-csi-driver" MULTI_2019_2022_2025 "2026-08-19" "kubernetes-sigs/aws-ebs-csi-driver@429e202e Makefile; Dockerfile";
        "sig-storage/csi-attacher" LINUX "2026-08-17" "kubernetes-csi/external-attacher@e6106024 release-tools/prow.sh; release-tools/build.make (no Dockerfile.Windows, so build.make drops the windows platforms)";
        "sig-storage/csi-external-health-monitor-controller" LINUX "2026-05-28" "kubernetes-csi/external-health-monitor@c7afb1b8 release-tools/prow.sh; release-tools/build.make (no Dockerfile.Windows, so build.make drops the windows platforms)";
        "sig-storage/csi-node-driver-registrar" MULTI_2019_2022 "2026-08-17" "kubernetes-csi/node-driver-registrar@3482d444 Dockerfile.Windows; release-tools/prow.sh; release-tools/build.make";
        "sig-storage/csi-provisioner" LINUX "2026-08-17" "kubernetes-csi/external-provisioner@0688604fa release-tools/prow.sh; release-tools/build.make (no Dockerfile.Windows, so build.make drops the windows platforms)";
        "sig-storage/csi-resizer" LINUX "2026-07-29" "kubernetes-csi/external-resizer@beef24d8 release-tools/prow.sh; release-tools/build.make (no Dockerfile.Windows, so build.make drops the windows platforms)";
        "sig-storage/csi-snapshotter" LINUX "2026-08-21" "kubernetes-csi/external-snapshotter@afb2f0d85 release-tools/prow.sh; release-tools/build.make (no Dockerfile.Windows, so build.make drops the windows platforms)";
        "sig-storage/hostpathplugin" LINUX "2026-07-27" "kubernetes-csi/csi-driver-host-path@1f2b2e64 release-tools/prow.sh; release-tools/build.make (no Dockerfile.Windows, so build.make drops the windows platforms)";
        "sig-storage/livenessprobe" MULTI_2019_2022 "2026-07-07" "kubernetes-csi/livenessprobe@e60f18af Dockerfile.Windows; release-tools/prow.sh; release-tools/build.make";
        "sig-storage/local-volume-node-cleanup" MULTI_2019_2022 "2026-08-08" "kubernetes-sigs/sig-storage-local-static-provisioner@6cbe253c hack/release.sh; deployment/docker/Dockerfile.Windows";
        "sig-storage/local-volume-provisioner" MULTI_2019_2022 "2026-08-08" "kubernetes-sigs/sig-storage-local-static-provisioner@6cbe253c hack/release.sh; deployment/docker/Dockerfile.Windows";
        "sig-storage/nfs-subdir-external-provisioner" LINUX "2024-02-15" "kubernetes-sigs/nfs-subdir-external-provisioner@59a3ca2 .github/workflows/release.yml";
        "sig-storage/nfsplugin" LINUX "2026-08-22" "kubernetes-csi/csi-driver-nfs@d3b27c00 Makefile (no Windows Dockerfile)";
        "sig-storage/smbplugin" SMB_CSI "2026-08-07" "kubernetes-csi/csi-driver-smb@95c696805 .github/workflows/publish-helm-oci.yaml; Makefile";
        "sig-storage/snapshot-controller" LINUX "2026-08-21" "kubernetes-csi/external-snapshotter@afb2f0d85 release-tools/prow.sh; release-tools/build.make (no Dockerfile.Windows, so build.make drops the windows platforms)";
    }
    "us-docker.pkg.dev" {
        "agones-images/release/agones-allocator" LINUX "2026-03-04" "googleforgames/agones@b19d5fe78 build/Makefile";
        "agones-images/release/agones-controller" LINUX "2026-03-04" "googleforgames/agones@b19d5fe78 build/Makefile";
        "agones-images/release/agones-sdk" MULTI_2019_2022 "2026-03-04" "googleforgames/agones@b19d5fe78 build/Makefile";
        "secretmanager-csi/secrets-store-csi-driver-provider-gcp/plugin" LINUX "2026-05-08" "GoogleCloudPlatform/secrets-store-csi-driver-provider-gcp@0077988 scripts/cloudbuild-release.yaml";
    }
    "xpkg.crossplane.io" {
        "crossplane/crossplane" LINUX "2026-08-07" "crossplane/crossplane@2d040d2da flake.nix";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Binary search needs it.
    #[test]
    fn sorted() {
        assert!(REGISTRIES.is_sorted_by(|a, b| a.name < b.name));
        for registry in REGISTRIES {
            assert!(registry.rows.is_sorted_by(|a, b| a.name < b.name), "{}", registry.name);
        }
    }

    #[test]
    fn every_rule_answers_every_tag() {
        for row in REGISTRIES.iter().flat_map(|registry| registry.rows) {
            assert!(row.rule.ends_with_else(), "{}", row.name);
        }
    }
}
