//! What the tables and the tag words together say about whole references.

use super::*;

/// One line: reference, system, builds (`-`: not known).
fn check(lines: &str) {
    let mut wrong = Vec::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (reference, expected) = line.split_once(' ').unwrap_or((line, ""));
        let expected = expected.trim();
        let image = read(reference);
        let found = format!("{} {}", short(&image), builds_of(&image));
        if found != expected {
            wrong.push(format!("{reference}: expected {expected}, found {found} ({})", image.because));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// `win`, `lin`, `multi`, `?`; `~` before it when weak, `+hp` after it for HostProcess images.
fn short(image: &Image<'_>) -> String {
    let os = match image.os {
        Os::Windows => "win",
        Os::Linux => "lin",
        Os::Multi => "multi",
        Os::Unknown => return "?".to_owned(),
    };
    let weak = if image.strength == Strength::Weak { "~" } else { "" };
    let host_process = if image.host_process { "+hp" } else { "" };
    format!("{weak}{os}{host_process}")
}

fn builds_of(image: &Image<'_>) -> String {
    if image.builds.is_empty() {
        return "-".to_owned();
    }
    image.builds.to_string().replace("ltsc20", "").replace(", ", ",")
}

#[test]
fn windows_base_images() {
    check(
        "mcr.microsoft.com/windows/nanoserver:ltsc2022                    win 22
         mcr.microsoft.com/windows/nanoserver:ltsc2025                    win 25
         mcr.microsoft.com/windows/nanoserver:ltsc2025-arm64              win 25
         mcr.microsoft.com/windows/nanoserver:1809                        win 19
         mcr.microsoft.com/windows/nanoserver:1809-KB5012345              win 19
         mcr.microsoft.com/windows/nanoserver:1809-amd64                  win 19
         mcr.microsoft.com/windows/nanoserver:ltsc2019                    win 19
         mcr.microsoft.com/windows/nanoserver:sac2016                     win 16
         mcr.microsoft.com/windows/nanoserver:10.0.20348.2113             win 22
         mcr.microsoft.com/windows/nanoserver:10.0.20348.2113-amd64       win 22
         mcr.microsoft.com/windows/nanoserver:10.0.26100.1                win 25
         mcr.microsoft.com/windows/nanoserver:20H2                        win 20H2
         mcr.microsoft.com/windows/nanoserver:2009                        win 20H2
         mcr.microsoft.com/windows/nanoserver:2004                        win 2004
         mcr.microsoft.com/windows/nanoserver:latest                      win -
         mcr.microsoft.com/windows/nanoserver                             win -
         mcr.microsoft.com/windows/nanoserver@sha256:00                   win -
         mcr.microsoft.com/windows/nanoserver:ltsc2022@sha256:00          win 22
         mcr.microsoft.com/windows/servercore:ltsc2016                    win 16
         mcr.microsoft.com/windows/servercore:ltsc2019                    win 19
         mcr.microsoft.com/windows/servercore:1909                        win 1909
         mcr.microsoft.com/windows/servercore:LTSC2022                    win 22
         mcr.microsoft.com/windows/server:ltsc2022                        win 22
         mcr.microsoft.com/windows:1809                                   win 19
         mcr.microsoft.com/windows:ltsc2025                               win 25
         mcr.microsoft.com/windows/insider:10.0.27500.1000                win 10.0.27500
         mcr.microsoft.com/windows/servercore/iis                         win 16,19,22,25
         mcr.microsoft.com/windows/servercore/iis:windowsservercore-2004  win 2004
         mcr.microsoft.com/windows/servercore/iis:windowsservercore       win -
         mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2019 win 19
         mcr.microsoft.com/windows/nonesuch:1809                          win 19
         mcr.microsoft.com/oss/kubernetes/windows-host-process-containers-base-image:v1.0.0 win+hp -",
    );
}

#[test]
fn private_mirrors() {
    check(
        "myacr.azurecr.io/windows/servercore:ltsc2022                     win 22
         myacr.azurecr.io/mirror/windows/nanoserver:1809                  ~win 19
         registry.corp:5000/mcr.microsoft.com/windows/servercore:ltsc2019 win 19
         registry.corp/windows/servercore/iis:windowsservercore-ltsc2022  win 22
         registry.corp/dotnet/aspnet:8.0                                  ~lin -
         registry.corp/dotnet/aspnet:6.0                                  ~multi 19,22
         registry.corp/dotnet/aspnet:8.0-nanoserver-ltsc2022              win 22
         registry.corp/dotnet/framework/aspnet:4.8                        ~win 16,19
         registry.corp/dotnet/sdk@sha256:00                               ? -
         registry.corp/dotnet/runtime-deps@sha256:00                      ~lin -
         ghcr.io/team/dotnet/sdk:9.0                                      ~lin -
         acr.example/windows/myapp:1.0                                    ? -
         acr.example/mywindows/servercore:1809                            ? -
         acr.example/dotnet-api:6.0                                       ? -
         acr.example/dotnet/api:6.0                                       ? -
         acr.example/windows:1809                                         ? -
         dotnet/sdk:8.0                                                   ? -
         acr.example/team/nginx                                           ? -
         acr.example/library/redis:7                                      ? -
         public.ecr.aws/docker/library/redis:8                            ? -
         public.ecr.aws/docker/library/redis:8-alpine                     lin -
         mirror.gcr.io/library/nginx                                      ? -",
    );
}

#[test]
fn dotnet() {
    check(
        "mcr.microsoft.com/dotnet/aspnet:8.0                              lin -
         mcr.microsoft.com/dotnet/aspnet:9.0.4                            lin -
         mcr.microsoft.com/dotnet/aspnet:10.0                             lin -
         mcr.microsoft.com/dotnet/aspnet:latest                           lin -
         mcr.microsoft.com/dotnet/aspnet                                  lin -
         mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled               lin -
         mcr.microsoft.com/dotnet/aspnet:8.0-bookworm-slim                lin -
         mcr.microsoft.com/dotnet/aspnet:8.0-azurelinux3.0                lin -
         mcr.microsoft.com/dotnet/aspnet:7.0                              multi 19,22
         mcr.microsoft.com/dotnet/aspnet:6.0.36                           multi 19,22
         mcr.microsoft.com/dotnet/aspnet:3.1                              multi 19,22
         mcr.microsoft.com/dotnet/aspnet:6.0-alpine                       lin -
         mcr.microsoft.com/dotnet/aspnet:6.0-jammy                        lin -
         mcr.microsoft.com/dotnet/aspnet:6.0-cbl-mariner2.0               lin -
         mcr.microsoft.com/dotnet/aspnet:8.0-nanoserver-1809              win 19
         mcr.microsoft.com/dotnet/aspnet:8.0-nanoserver-ltsc2022          win 22
         mcr.microsoft.com/dotnet/sdk:8.0-windowsservercore-ltsc2019      win 19
         mcr.microsoft.com/dotnet/sdk:10.0.100-nanoserver-ltsc2025        win 25
         mcr.microsoft.com/dotnet/runtime:11.0-preview-nanoserver-ltsc2025 win 25
         mcr.microsoft.com/dotnet/runtime@sha256:00                       ? -
         mcr.microsoft.com/dotnet/runtime:8.0@sha256:00                   lin -
         mcr.microsoft.com/dotnet/runtime-deps:6.0                        lin -
         mcr.microsoft.com/dotnet/monitor                                 lin -
         mcr.microsoft.com/dotnet/monitor/base:9                          lin -
         mcr.microsoft.com/dotnet/aspire-dashboard:9                      lin -
         mcr.microsoft.com/dotnet/samples                                 multi 22
         mcr.microsoft.com/dotnet/samples:aspnetapp                       multi 22
         mcr.microsoft.com/dotnet/samples:aspnetapp-chiseled              lin -
         mcr.microsoft.com/dotnet/samples:aspnetapp-nanoserver-ltsc2022   win 22
         mcr.microsoft.com/dotnet/framework/aspnet                        win 16,19
         mcr.microsoft.com/dotnet/framework/aspnet:latest                 win 16,19
         mcr.microsoft.com/dotnet/framework/runtime:4.8                   win 16,19
         mcr.microsoft.com/dotnet/framework/runtime:4.8.1                 win 22,25
         mcr.microsoft.com/dotnet/framework/sdk:3.5                       win 16,19,22
         mcr.microsoft.com/dotnet/framework/sdk:4.8-3.5                   win 16,19,22
         mcr.microsoft.com/dotnet/framework/wcf:4.7.2                     win 16,19
         mcr.microsoft.com/dotnet/framework/wcf:4.7.1                     win 16
         mcr.microsoft.com/dotnet/framework/wcf:4.6.2                     win 16
         mcr.microsoft.com/dotnet/framework/aspnet:4.8-windowsservercore-ltsc2022 win 22
         mcr.microsoft.com/dotnet/framework/samples:aspnetapp             win 22
         mcr.microsoft.com/dotnet/framework/samples:aspnetapp-windowsservercore-ltsc2019 win 19
         mcr.microsoft.com/azure-functions/dotnet:4                       lin -
         mcr.microsoft.com/azure-functions/dotnet:4-nanoserver-1809       win 19
         mcr.microsoft.com/powershell:lts-nanoserver-1809                 win 19
         mcr.microsoft.com/powershell:lts-nanoserver-ltsc2022             win 22
         mcr.microsoft.com/powershell:lts-alpine-3.20                     lin -
         mcr.microsoft.com/powershell:lts                                 ? -",
    );
}

#[test]
fn official_images() {
    check(
        "nginx                                                            lin -
         docker.io/library/nginx:1.29                                     lin -
         index.docker.io/library/nginx                                    lin -
         docker.io/nginx                                                  lin -
         nginx@sha256:00                                                  lin -
         redis:alpine                                                     lin -
         redis:3.0-nanoserver                                             ~win -
         nginx:windows                                                    ? -
         nginx:alpine-nanoserver                                          ? -
         busybox                                                          lin -
         nginxx                                                           ? -
         golang                                                           multi 22,25
         golang:1.25                                                      multi 22,25
         golang:1.22                                                      multi 19,22,25
         golang:1.22.3                                                    multi 19,22,25
         golang:1.16                                                      multi 19,22
         golang:1.13                                                      multi 16,19
         golang:1.9                                                       multi -
         golang:1.8.3                                                     lin -
         golang:1.22-alpine                                               lin -
         golang:1.22-bookworm                                             lin -
         golang:1.22-windowsservercore                                    win 19,22,25
         golang:1.22-windowsservercore-ltsc2022                           win 22
         golang:1.22-nanoserver                                           win -
         golang:1.22-nanoserver-1809                                      win 19
         golang:1.22-windowsservercore-alpine                             ? -
         golang@sha256:00                                                 ? -
         golang:1.25@sha256:00                                            multi 22,25
         python                                                           multi 22,25
         python:3                                                         multi 22,25
         python:3.13                                                      multi 22,25
         python:3.15-rc                                                   multi 22,25
         python:3.12                                                      lin -
         python:3.12.11                                                   lin -
         python:3.12.4                                                    multi -
         python:3.7.9                                                     multi -
         python:3.6                                                       lin -
         python:3.6.8                                                     ? -
         python:2.7                                                       multi -
         python:3.13-slim                                                 lin -
         python:3.12-windowsservercore                                    win -
         python:3.12-windowsservercore-ltsc2022                           win 22
         openjdk                                                          multi 22,25
         openjdk:13                                                       multi 16,19
         openjdk:17                                                       multi 19,22
         openjdk:8-jdk                                                    multi 19,22
         openjdk:8-jre-slim                                               lin -
         openjdk:9                                                        lin -
         openjdk:7                                                        lin -
         openjdk:12-nanoserver-1809                                       win 19
         eclipse-temurin:21                                               multi 22,25
         eclipse-temurin:21-jdk-windowsservercore-ltsc2022                win 22
         eclipse-temurin:19-jre                                           multi 19,22
         eclipse-temurin:16                                               multi 19
         eclipse-temurin:17-jdk-focal                                     lin -
         mongo                                                            multi 22,25
         mongo:3.2                                                        ? -
         mongo:4.0                                                        multi -
         mongo:7-nanoserver                                               win 22
         mongo:7-windowsservercore                                        win 22,25
         mongo:7-jammy                                                    lin -
         nats                                                             multi 22
         nats:2.9                                                         lin -
         nats:2.9.22                                                      lin -
         nats:2.9.20                                                      multi -
         nats:2.8                                                         multi 19
         nats:2.10-alpine                                                 lin -
         caddy:2                                                          multi 22,25
         caddy:2.7                                                        multi 19,22
         caddy:builder                                                    multi 22,25
         caddy:2-windowsservercore                                        win 22,25
         hello-world                                                      multi 22,25
         hello-world:nanoserver-1809                                      win 19
         hello-world:linux                                                lin -
         haxe:3.1                                                         win -
         haxe                                                             multi 22,25
         julia:0.5                                                        lin -
         julia:1                                                          multi 22,25
         pypy:3.5                                                         lin -
         pypy:3.11                                                        multi 22,25
         hylang:1.0-pypy3.10                                              multi 22,25
         docker                                                           lin -
         docker:28-dind                                                   lin -
         docker:28-windowsservercore-ltsc2025                             win 25
         swift:6.0                                                        lin -
         swift:6.0-windowsservercore-ltsc2022                             win 22
         traefik:v3                                                       lin -
         traefik                                                          lin -
         traefik:v3-windowsservercore-ltsc2022                            win 22
         traefik:v3-windowsservercore                                     win -
         nats-streaming:0.25                                              multi 19
         adoptopenjdk:11                                                  multi 16,19",
    );
}

#[test]
fn other_listed_images() {
    check(
        "registry.k8s.io/pause:3.10                                       multi -
         registry.k8s.io/pause:3.1                                        lin -
         registry.k8s.io/pause                                            multi -
         k8s.gcr.io/pause:3.9                                             multi -
         k8s.gcr.io/sig-storage/csi-node-driver-registrar:v2.1.0          multi 19,22
         k8s.gcr.io/e2e-test-images/agnhost:2.33                          multi 19,22
         mcr.microsoft.com/oss/kubernetes/pause:3.9-windows-ltsc2022-amd64 win 22
         registry.k8s.io/e2e-test-images/nginx:1.15-alpine                multi 19,22
         registry.k8s.io/pause:3.9-linux-amd64                            lin -
         registry.k8s.io/etcd:3.5.12-0                                    multi 19,22
         registry.k8s.io/kube-proxy:v1.36.0                               lin -
         registry.k8s.io/sig-storage/csi-provisioner:v6                   lin -
         registry.k8s.io/sig-storage/livenessprobe:v2.18.0                multi 19,22
         registry.k8s.io/sig-storage/smbplugin:v1.19.2                    multi 19,22
         registry.k8s.io/sig-storage/smbplugin:v1.19.2-windows-hp         win+hp -
         registry.k8s.io/nonesuch                                         ? -
         mcr.microsoft.com/k8s/csi/azuredisk-csi:latest                   multi 19,22
         mcr.microsoft.com/k8s/csi/azuredisk-csi:latest-windows-hp        win+hp -
         mcr.microsoft.com/oss/kubernetes/azure-cloud-node-manager:v1.33.1 multi 19,2004,20H2,22
         mcr.microsoft.com/oss/kubernetes/azure-cloud-node-manager:v1.33.1-windows-hpc-amd64 win+hp -
         mcr.microsoft.com/mssql/server:2022-latest                       lin -
         ghcr.io/prometheus-community/windows-exporter:0.31.8             win+hp -
         ghcr.io/prometheus-community/windows-exporter@sha256:00          win+hp -
         ghcr.io/prometheus-community/windows-exporter:0.22.0-ltsc2022    win 22
         ghcr.io/prometheus-community/windows-exporter:0.29.0             win 19,22
         ghcr.io/prometheus-community/windows-exporter:0.29.0-hostprocess win+hp -
         ghcr.io/prometheus-community/windows-exporter                    win+hp -
         sigwindowstools/kube-proxy:v1.35.0-calico-hostprocess            win+hp -
         sigwindowstools/kube-proxy:v1.22.4-1809                          win 19
         sigwindowstools/kube-proxy:v1.21.1-nanoserver                    win -
         sigwindowstools/kube-proxy:v1.29.0-1709                          win 1709
         sigwindowstools/kube-proxy:v1.29.0-24H2                          win 25
         sigwindowstools/kube-proxy:v20200401-abc                         win+hp -
         sigwindowstools/kube-proxy:v1.18.5                               win -
         mcr.microsoft.com/oss/kubernetes/pause:1.4.0                     multi -
         mcr.microsoft.com/oss/kubernetes/pause:3.1                       lin -
         sigwindowstools/calico-node:v3.26.1-hostprocess                  win+hp -
         ghcr.io/kubernetes-sigs/sig-windows/calico-node:v3.26.1-hostprocess win+hp -
         ghcr.io/kubernetes-sigs/sig-windows/eventflow-logger:v0.1.0      win 19,22
         antrea/antrea-windows:v2.0.0                                     win -
         antrea/antrea-windows:v2.4.1                                     win+hp -
         calico/node-windows:v3.30.0                                      win 19,22
         calico/node:v3.30.0                                              lin -
         fluent/fluent-bit                                                lin -
         fluent/fluent-bit:3.1                                            lin -
         fluent/fluent-bit:windows-2019-2.2.2                             win 19
         fluent/fluent-bit:windows-nano-2025-4.0                          win 25
         fluent/fluentd:v1.17-windows-ltsc2019-1.0                        win 19
         gitlab/gitlab-runner-helper:x86_64-v17-servercore21H2            win 22
         gitlab/gitlab-runner-helper:x86_64-v17-nanoserver1809            win 19
         gitlab/gitlab-runner-helper:x86_64-v17                           lin -
         grafana/agent:v0.43-windows                                      win -
         grafana/alloy:v1.9-nanoserver-1809                               win 19
         grafana/grafana:13.1.3                                           ? -
         grafana/loki                                                     lin -
         quay.io/prometheus/node-exporter:v1                              lin -
         quay.io/prometheus/nonesuch                                      ? -
         quay.io/signalfx/splunk-otel-collector:0.158.0                   multi 19,22
         quay.io/signalfx/splunk-otel-collector:0.158.0-2019              win 19
         quay.io/signalfx/splunk-otel-collector-windows:0.100.0           win 19,22
         quay.io/argoproj/argoexec:v3.7                                   multi -
         quay.io/argoproj/argoexec:v3.7-windows                           win -
         quay.io/argoproj/argoexec:v3.7-nonroot                           lin -
         otel/opentelemetry-collector:0.130.0                             lin -
         otel/opentelemetry-collector:0.130.0-windows-2022-amd64          win 22
         datadog/agent:7                                                  multi -
         datadog/agent:7-full                                             ? -
         datadog/agent:7-servercore-ltsc2022                              win 22
         daprio/daprd:1.15.0                                              multi 19,22
         daprio/daprd:1.15.0-windows-1809                                 win 19
         daprio/daprd:1.15.0-linux-amd64                                  lin -
         velero/velero:v1.15.2                                            lin -
         velero/velero:v1.16.0                                            multi 22
         velero/velero:main                                               multi 22
         rancher/rancher-agent:v2.11.3                                    multi -
         rancher/rancher-agent:v2.12.0                                    lin -
         rancher/fleet-agent:v0.9.0                                       multi -
         rancher/wins:v0.5.3-windows-ltsc2022                             win 22
         newrelic/infrastructure                                          lin -
         newrelic/infrastructure:1.60-ltsc2022                            win 22
         newrelic/newrelic-fluentbit-output:3.2-windows-ltsc-2019         win 19
         jetbrains/teamcity-agent:2026.1                                  multi 19,22
         jetbrains/teamcity-agent:2026.1-linux-sudo                       lin -
         octopusdeploy/worker-tools:6-windows.ltsc2022                    win 22
         octopusdeploy/worker-tools:6                                     ? -
         mcr.microsoft.com/azuremonitor/containerinsights/ciprod:3.1.24   lin -
         mcr.microsoft.com/azuremonitor/containerinsights/ciprod:win-3.1.24 win -
         public.ecr.aws/ebs-csi-driver/aws-ebs-csi-driver:v1.64.0         multi 19,22,25
         public.ecr.aws/aws-observability/aws-for-fluent-bit:windowsservercore-latest win 19,22
         602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:v1   lin -
         918309763551.dkr.ecr.cn-north-1.amazonaws.com.cn/amazon-k8s-cni:v1 lin -
         123456789012.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:v1   ? -
         microsoft/iis                                                    win -
         microsoft/iis:windowsservercore-1803                             win 1803
         microsoft/windowsservercore:1709                                 win 1709
         microsoft/azure-vote-front:redis-v1                              ? -",
    );
}

#[test]
fn words_of_unknown_repositories() {
    check(
        "acr.example/app:1.0-nanoserver-ltsc2022                          win 22
         acr.example/app:1.0-windowsservercore                            win -
         acr.example/app:ltsc2019                                         win 19
         acr.example/app:1.0-LTSC2022                                     win 22
         acr.example/app:1909                                             ? -
         acr.example/app:20H2                                             ? -
         acr.example/app:1.0.1909-servercore                              win -
         acr.example/app:servercore-1909                                  win 1909
         acr.example/app:2004-nanoserver                                  win 2004
         acr.example/app:10.0.20348.1                                     ~win 22
         acr.example/app:10.0.20349.1                                     ? -
         acr.example/app:10.0.20348.1-windows                             win 22
         acr.example/app:2022                                             ? -
         acr.example/app:windows-2022-1.0                                 win 22
         acr.example/app:1.0-windows2019                                  win 19
         acr.example/app:windows                                          win -
         acr.example/app:fix-windows-paths                                ~win -
         acr.example/app:1.0-windows-amd64                                win -
         jsturtevant/agnhost:2.33-1-windows-amd64-1809                    win 19
         stefanscherer/whoami:windows-amd64-2.0.1                         win -
         stefanscherer/whoami:windows-amd64-1.5.4-1709                    win 1709
         acr.example/app:2004-windows                                     win -
         acr.example/app:1903-win                                         ~win -
         acr.example/app:windows-1809                                     win 19
         acr.example/app:2004-nanoserver-1909                             win 1909
         gcr.io/k8s-staging-sig-storage/smbplugin:canary-windows-hp       win+hp -
         acr.example/app:1.0-hpc                                          ? -
         acr.example/app:1.0-calico-hostprocess                           win+hp -
         org/csi-driver:win-v1                                            ~win -
         acr.example/app:1.0-win                                          ~win -
         acr.example/app:1.0-win-x64                                      ~win -
         acr.example/app:quick-win-release                                ? -
         acr.example/app:winter                                           ? -
         acr.example/app:darwin-arm64                                     ? -
         acr.example/app:win32                                            ? -
         acr.example/app:1.0-alpine3.20                                   lin -
         acr.example/app:1.0-debian12                                     lin -
         acr.example/app:ubi9                                             lin -
         acr.example/app:1.0-slim                                         ~lin -
         acr.example/app:1.0-linux-amd64                                  lin -
         acr.example/app:linux64                                          lin -
         acr.example/app:fix-linux-build                                  ~lin -
         acr.example/app:1.0-noble                                        lin -
         acr.example/app:xenial                                           lin -
         acr.example/app:alpine-nanoserver                                ? -
         acr.example/app:linux-windows                                    ? -
         k8sprow.azurecr.io/kubernetes-e2e-test-images/httpd:2.4.39-alpine win -
         registry.example/e2e/httpd:2.4.39-alpine                         lin -
         acr.example/app:alpinist                                         ? -
         acr.example/app                                                  ? -
         acr.example/app@sha256:00                                        ? -
         acr.example/nanoserver-app:1.0                                   ? -
         $(REGISTRY)/app:$(TAG)                                           ? -
         __acr__.azurecr.io/win-helloworld:__imageTag__                   ? -
         ko://github.com/tektoncd/pipeline/cmd/webhook                    ? -",
    );
}

#[test]
fn reasons() {
    for (reference, because) in [
        ("nginx", "repository docker.io/library/nginx is Linux only"),
        ("a.example/b:1-nanoserver-ltsc2022", "tag `nanoserver-ltsc2022`"),
        ("golang:1.22-windowsservercore-ltsc2022", "tag `windowsservercore-ltsc2022`"),
        ("golang:1.22", "tag `1.22` of docker.io/library/golang is built for Linux and Windows"),
        ("registry.k8s.io/pause:3.9-windows-ltsc2022-amd64", "tag `windows-ltsc2022`"),
        ("mcr.microsoft.com/dotnet/sdk:8.0", "tag `8.0` of mcr.microsoft.com/dotnet/sdk is Linux only"),
        ("a.example/dotnet/sdk:8.0", "path of mcr.microsoft.com/dotnet/sdk, which is Linux only"),
        ("golang:windowsservercore-alpine", "tag says both `windowsservercore` and `alpine`"),
        ("nginx:windows", "tag `windows`, but docker.io/library/nginx is Linux only"),
        ("golang@sha256:00", "a digest does not tell"),
        ("a.example/b", "nothing in the reference tells for sure"),
    ] {
        assert_eq!(read(reference).because.to_string(), because, "{reference}");
    }
}

#[test]
fn families() {
    for (reference, family) in [
        ("mcr.microsoft.com/windows/nanoserver:ltsc2022", Family::NanoServer),
        ("mcr.microsoft.com/windows:1809", Family::Windows),
        ("mcr.microsoft.com/windows/server:ltsc2025", Family::Server),
        ("mcr.microsoft.com/windows/servercore/iis", Family::Iis),
        ("mcr.microsoft.com/dotnet/framework/sdk:4.8", Family::DotNetFramework),
        ("mcr.microsoft.com/dotnet/sdk:8.0-windowsservercore-ltsc2022", Family::ServerCore),
        ("mcr.microsoft.com/dotnet/sdk:6.0", Family::NanoServer),
        ("mcr.microsoft.com/dotnet/sdk:8.0", Family::Unknown),
        ("python:3.13", Family::ServerCore),
        ("a.example/b:nanoserver1809", Family::NanoServer),
        ("a.example/b:windows", Family::Unknown),
        ("a.example/b:1-windows-hp", Family::HostProcessBase),
    ] {
        assert_eq!(read(reference).family, family, "{reference}");
    }
    assert_eq!(Family::NanoServer.default_user(), Some("ContainerUser"));
    assert_eq!(Family::Iis.default_user(), Some("ContainerAdministrator"));
    assert_eq!(Family::NanoServer.has_powershell(), Some(false));
    assert_eq!(read("mcr.microsoft.com/powershell:lts-nanoserver-1809").has_pwsh(), Some(true));
    assert_eq!(read("mcr.microsoft.com/dotnet/aspnet:8.0-nanoserver-1809").has_pwsh(), Some(false));
    assert!(read("mcr.microsoft.com/windows/nanoserver:ltsc2025-arm64").is_windows_arm64());
    assert!(!read("a.example/b:1-arm64").is_windows_arm64());
    assert_eq!(read("a.example/b:servercore-1909").life(), Some(builds::Life::Ended));
    assert_eq!(read("openjdk:13").life(), Some(builds::Life::Ageing));
}

#[test]
fn manifests() {
    for (reference, manifest) in [
        ("golang", Manifest::Index),
        ("mcr.microsoft.com/windows/servercore:ltsc2022", Manifest::Index),
        ("mcr.microsoft.com/windows/nanoserver:ltsc2025-amd64", Manifest::Single),
        ("mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-ltsc2022", Manifest::Single),
        ("mcr.microsoft.com/dotnet/framework/sdk:4.8", Manifest::Index),
        ("a.example/windows/servercore:ltsc2022", Manifest::Unknown),
        ("a.example/b", Manifest::Unknown),
    ] {
        assert_eq!(read(reference).manifest(), manifest, "{reference}");
    }
}

/// Whatever the input, an answer; and parts that lie inside it.
#[test]
fn weird_inputs() {
    let long = "a-windows-1809.".repeat(700);
    for reference in [
        "",
        " ",
        ":",
        "::",
        "@",
        "@@",
        "/",
        "//",
        "/:",
        ":/",
        ":@",
        "@:",
        "a:",
        "a@",
        ":a",
        "@a",
        "-",
        "a:-",
        "a:--..__",
        "a:.10.0.",
        "a:10.0",
        "a:10.0.99999999999999",
        "é",
        "é/ü:ß",
        "a:日本-windows-1809",
        "a:windowsé",
        "a:nanoserverß1809",
        "a:win日本",
        "a:ltsc２０２２",
        "\u{0}",
        "a\n:b",
        "a:\u{feff}windows",
        "windows/",
        "dotnet/",
        "x.y/windows/",
        "x.y/dotnet//",
        "x.y//windows/servercore:ltsc2022",
        "x.y/éwindows/servercore",
        ".dkr.ecr.",
        "a.dkr.ecr..amazonaws.com/x",
        "docker.io",
        "docker.io/",
        "index.docker.io/",
        "localhost",
        "localhost/",
        &long,
        &format!("a.b/c:{long}"),
        &format!("golang:{long}"),
        &format!("{long}/x:1"),
        &"*".repeat(10_000),
        &"/".repeat(10_000),
    ] {
        let image = read(reference);
        assert!(reference.contains(image.reference.repository.written()), "{reference}");
        let _ = (image.because.to_string(), image.manifest(), image.published(), image.for_build(20348));
        let _ = (image.replacement(), image.floating_framework(), image.has_pwsh(), image.reference.to_string());
    }
}

/// The table it began from, when it lies beside the repository: every row is here, with
/// the same system, and each pattern of its tag rules leads to the system it is for.
#[test]
#[allow(clippy::print_stderr)]
fn agrees_with_the_collected_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/image-os.tsv");
    let Ok(table) = std::fs::read_to_string(path) else {
        eprintln!("skipped: {path} is not there");
        return;
    };
    let mut wrong = Vec::new();
    let (mut rows, mut tags) = (0, 0);
    for row in table.lines().skip(1).filter(|line| !line.is_empty()) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [repository, os, rule, as_of, source] = columns[..] else {
            wrong.push(format!("unreadable: {row}"));
            continue;
        };
        rows += 1;
        let repository = repository.replace("ecr.*.", "ecr.eu-west-1.");
        let parsed = Reference::parse(&repository);
        let Some(found) = repositories::find(&parsed).filter(|found| !found.mirror) else {
            wrong.push(format!("missing: {repository}"));
            continue;
        };
        let expected = match os {
            "linux" => Some(Os::Linux),
            "windows" => Some(Os::Windows),
            "multi" => Some(Os::Multi),
            _ => None,
        };
        // A current version stands for the plain tags of single-rule rows.
        if let Some(expected) = expected {
            let plain = read(&repository).os;
            if plain != expected {
                wrong.push(format!("{repository}: {os} there, {plain:?} here"));
            }
        } else if found.rule.only().is_some() {
            wrong.push(format!("{repository}: depends on the tag there, not here"));
        }
        if rule.starts_with("HostProcess only") && !read(&repository).host_process {
            wrong.push(format!("{repository}: for HostProcess containers only, there"));
        }
        for (tag, class) in samples(rule).into_iter().filter(|_| os == "tag") {
            tags += 1;
            let reference = format!("{repository}:{tag}");
            let here = read(&reference);
            if short(&here).trim_start_matches('~').trim_end_matches("+hp") != class {
                wrong.push(format!("{reference}: {class} there, {} here", short(&here)));
            }
        }
        if cfg!(feature = "docs") {
            check_source(&parsed, as_of, source, &mut wrong);
        }
    }
    assert!(rows > 500 && tags > 300, "{rows} rows, {tags} tags");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[cfg(feature = "docs")]
fn check_source(reference: &Reference<'_>, as_of: &str, source: &str, wrong: &mut Vec<String>) {
    let registry = registries::canonical(reference.registry);
    // A number of the search it was found with says nothing to a reader.
    let source = source.replace(" (find_string id 88345716)", "");
    let ours = repositories::sources().find(|row| row.registry == registry && reference.repository == row.repository);
    // Ours may have been looked up further.
    if ours.is_none_or(|row| row.as_of != as_of || !row.source.starts_with(&source)) {
        wrong.push(format!("{reference}: another date or source here"));
    }
}

#[cfg(not(feature = "docs"))]
fn check_source(_: &Reference<'_>, _: &str, _: &str, _: &mut Vec<String>) {}

/// Tags for the patterns of a rule `class=glob,glob; …; class=else (prose)`, with the class
/// they must get. Patterns that are prose give none.
fn samples(rule: &str) -> Vec<(String, &'static str)> {
    let mut samples = Vec::new();
    for clause in rule.split(';').map(str::trim) {
        let Some((class, patterns)) = clause.split_once('=') else { continue };
        let class = match class {
            "windows" => "win",
            "linux" => "lin",
            "multi" => "multi",
            "unknown" => "?",
            _ => continue,
        };
        // Prose follows in brackets or after ". "; the dots of versions have no space.
        let patterns = patterns.split(['(']).next().unwrap_or_default();
        for pattern in patterns.split(',').map(str::trim) {
            let plain = |c: char| c.is_ascii_alphanumeric() || "*?.-".contains(c);
            if !pattern.is_empty() && pattern.chars().all(plain) {
                samples.push((sample(pattern), class));
            }
        }
    }
    samples
}

/// A tag that a pattern fits, with a version for each `*`.
fn sample(pattern: &str) -> String {
    if pattern == "else" {
        return "latest".to_owned();
    }
    let words = pattern.split('*').map(|word| word.trim_matches('-'));
    words.map(|word| if word.is_empty() { "1.25" } else { word }).collect::<Vec<_>>().join("-").replace("??", "22")
}
