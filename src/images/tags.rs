//! What the tags of known repositories hold: the rules that [`super::repositories`] names.
//!
//! Data, not code. In each rule the first arm that fits the tag wins. Where a tag names
//! its own Windows build (`…-ltsc2022`), that counts, not the builds given here.
//! Dates and sources stand at the repositories' rows.

use super::Family::{DotNetFramework, Iis, NanoServer, Server, ServerCore, Windows};
use super::Product;
use super::builds::{SERVER_2016, SERVER_2019, SERVER_2022, SERVER_2025};
use super::rule::{Arm, ELSE, Rule, before, between, linux, multi, plain_before, since, tags, unknown, windows};

/// Semi-annual releases that old multi-OS images still hold.
const VERSION_2004: u32 = 19041;
const VERSION_20H2: u32 = 19042;

const ON_2019: &[u32] = &[SERVER_2019];
const ON_2022: &[u32] = &[SERVER_2022];
const ON_2016_2019: &[u32] = &[SERVER_2016, SERVER_2019];
const ON_2019_2022: &[u32] = &[SERVER_2019, SERVER_2022];
const ON_2022_2025: &[u32] = &[SERVER_2022, SERVER_2025];
const ON_2019_2022_2025: &[u32] = &[SERVER_2019, SERVER_2022, SERVER_2025];

/// Names of base images in tags.
const BASES: &[&str] = &["*windowsservercore*", "*nanoserver*"];

/// Distribution names in the tags of Docker's official images. Each of those tags is
/// built for Linux only, `slim` too.
const DISTRIBUTIONS: &[&str] = &[
    "*alpine*",
    "*slim*",
    "*bookworm*",
    "*bullseye*",
    "*trixie*",
    "*buster*",
    "*stretch*",
    "*jessie*",
    "*wheezy*",
    "*noble*",
    "*jammy*",
    "*focal*",
    "*bionic*",
    "*xenial*",
    "*ubi*",
    "*centos*",
    "*oracle*",
    "*fedora*",
    "*amazonlinux*",
    "*rhel*",
    "*resolute*",
    "*scratch*",
    "*-linux*",
    "*-sid*",
];

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $product:ident [$($arm:expr),* $(,)?];)*) => {
        $(
            $(#[$doc])*
            pub(super) static $name: Rule = {
                const ARMS: &[Arm] = &[$($arm),*];
                Rule { arms: ARMS, product: Product::$product }
            };
        )*
    };
}

// One system, whatever the tag.
rules! {
    LINUX = Other [linux(ELSE)];
    WINDOWS = Other [windows(ELSE)];
    WINDOWS_2019_2022 = Other [windows(ELSE).on(ON_2019_2022)];
    WINDOWS_HOST_PROCESS = Other [windows(ELSE).host_process()];
    /// Kubernetes has HostProcess containers since 1.22; before that kube-proxy was started through a pipe.
    WINDOWS_KUBE_PROXY = Other [
        windows(tags(&["*hostprocess*"])).host_process(),
        windows(before((1, 22, 0))),
        windows(ELSE).host_process(),
    ];
    /// On Nano Server before 0.30, and on the HostProcess base image only as `…-hostprocess`.
    WINDOWS_EXPORTER = Other [
        windows(tags(&["*hostprocess*"])).host_process(),
        windows(before((0, 30, 0))).on(ON_2019_2022).base(NanoServer),
        windows(ELSE).host_process(),
    ];
    /// Calico builds on Nano Server and runs as a HostProcess DaemonSet.
    WINDOWS_CALICO = Other [windows(ELSE).on(ON_2019_2022).base(NanoServer)];
    WINDOWS_NANOSERVER_2022 = Other [windows(ELSE).on(ON_2022).base(NanoServer)];
    /// On the HostProcess base image since 2.1.
    ANTREA_WINDOWS = Other [windows(before((2, 1, 0))), windows(ELSE).host_process()];

    MULTI = Other [multi(ELSE)];
    MULTI_2022 = Other [multi(ELSE).on(ON_2022)];
    MULTI_2019_2022 = Other [multi(ELSE).on(ON_2019_2022)];
    MULTI_2019_2022_2025 = Other [multi(ELSE).on(ON_2019_2022_2025)];
    VSPHERE_CSI = Other [multi(ELSE).on(&[SERVER_2019, VERSION_20H2, SERVER_2022])];
    AZURE_NODE_MANAGER = Other [
        windows(tags(&["*-windows-hpc*"])).host_process(),
        multi(ELSE).on(&[SERVER_2019, VERSION_2004, VERSION_20H2, SERVER_2022]),
    ];
    PAUSE = Other [linux(before((3, 2, 0))), multi(ELSE)];
    /// The versions 1 are those that AKS ran on Windows nodes.
    PAUSE_OF_MICROSOFT = Other [linux(between((3, 0, 0), (3, 2, 0))), multi(ELSE)];
}

// Microsoft's own images.
rules! {
    NANOSERVER = WindowsBase [windows(ELSE).base(NanoServer)];
    SERVERCORE = WindowsBase [windows(ELSE).base(ServerCore)];
    SERVER = WindowsBase [windows(ELSE).base(Server)];
    FULL_WINDOWS = WindowsBase [windows(ELSE).base(Windows)];
    IIS = Iis [
        windows(tags(&["latest"]))
            .on(&[SERVER_2016, SERVER_2019, SERVER_2022, SERVER_2025])
            .base(Iis),
        windows(ELSE).base(Iis),
    ];
    /// Since .NET 8 plain tags are Linux only (dotnet/dotnet-docker#4492); Windows tags
    /// then always name their base image and release.
    DOTNET = DotNet [
        windows(tags(BASES)),
        multi(plain_before((8, 0, 0))).on(ON_2019_2022).base(NanoServer),
        linux(ELSE),
    ];
    DOTNET_LINUX = DotNet [linux(ELSE)];
    DOTNET_SAMPLES = DotNet [
        windows(tags(&["*nanoserver*"])),
        linux(tags(&["*chiseled*", "*alpine*", "*-amd64", "*-arm*"])),
        multi(tags(&["aspnetapp", "aspnetapp-10.0", "dotnetapp", "dotnetapp-10.0", "latest"]))
            .on(ON_2022)
            .base(NanoServer),
        unknown(ELSE),
    ];
    /// What the floating tags hold. All but 4.8 and 4.8.1 are frozen since 2025-10-14.
    DOTNET_FRAMEWORK = DotNetFramework [
        windows(tags(&["4.8.1*"])).on(ON_2022_2025).base(DotNetFramework),
        windows(tags(&["3.5*", "4.8-3.5*"]))
            .on(&[SERVER_2016, SERVER_2019, SERVER_2022])
            .base(DotNetFramework),
        windows(tags(&["4.8*", "4.7.2*", "latest"])).on(ON_2016_2019).base(DotNetFramework),
        windows(tags(&["4.7*", "4.6.2*"])).on(&[SERVER_2016]).base(DotNetFramework),
        windows(ELSE).base(DotNetFramework),
    ];
    DOTNET_FRAMEWORK_SAMPLES = DotNetFramework [windows(ELSE).on(ON_2022).base(DotNetFramework)];
    /// Docker Hub's `microsoft/dotnet-framework` and its kind, before they moved.
    DOTNET_FRAMEWORK_LEGACY = DotNetFramework [windows(ELSE).base(DotNetFramework)];
    /// Of the tags nobody renews any more, `latest` too is old.
    IIS_LEGACY = Iis [windows(ELSE).base(Iis)];
    POWERSHELL = PowerShell [
        windows(tags(&["*nanoserver*", "*windowsserver*"])),
        linux(tags(&["*alpine*", "*debian*", "*ubuntu*", "*mariner*", "*azurelinux*"])),
        unknown(ELSE),
    ];
    AZURE_FUNCTIONS_DOTNET = Other [windows(tags(&["*nanoserver*"])), linux(ELSE)];
    CONTAINER_INSIGHTS = Other [windows(tags(&["win-*"])), linux(ELSE)];
}

// Docker's official images. Plain tags of some hold Linux and Windows.
rules! {
    ADOPTOPENJDK = Other [
        windows(tags(BASES)),
        linux(tags(DISTRIBUTIONS)),
        multi(ELSE).on(ON_2016_2019).base(ServerCore),
    ];
    CADDY = Other [
        windows(tags(BASES)),
        linux(tags(DISTRIBUTIONS)),
        multi(since((2, 10, 0))).on(ON_2022_2025).base(ServerCore),
        multi(since((2, 6, 0))).on(ON_2019_2022).base(ServerCore),
        multi(ELSE).base(ServerCore),
    ];
    ECLIPSE_TEMURIN = Other [
        windows(tags(BASES)),
        linux(tags(DISTRIBUTIONS)),
        multi(between((16, 0, 0), (17, 0, 0))).on(ON_2019).base(ServerCore),
        multi(between((18, 0, 0), (21, 0, 0))).on(ON_2019_2022).base(ServerCore),
        multi(between((22, 0, 0), (23, 0, 0))).on(ON_2019_2022).base(ServerCore),
        multi(ELSE).on(ON_2022_2025).base(ServerCore),
    ];
    GOLANG = Other [
        windows(tags(BASES)),
        linux(tags(DISTRIBUTIONS)),
        linux(before((1, 8, 4))),
        multi(before((1, 12, 0))).base(ServerCore),
        multi(before((1, 16, 0))).on(ON_2016_2019).base(ServerCore),
        multi(before((1, 22, 0))).on(ON_2019_2022).base(ServerCore),
        multi(before((1, 23, 0))).on(ON_2019_2022_2025).base(ServerCore),
        multi(ELSE).on(ON_2022_2025).base(ServerCore),
    ];
    HAXE = Other [
        windows(tags(BASES)),
        linux(tags(DISTRIBUTIONS)),
        windows(tags(&["3.1"])),
        multi(ELSE).on(ON_2022_2025).base(ServerCore),
    ];
    HELLO_WORLD = Other [
        windows(tags(&["nanoserver*"])),
        linux(tags(&["linux"])),
        multi(tags(&["latest"])).on(ON_2022_2025).base(NanoServer),
        unknown(ELSE),
    ];
    HYLANG = Other [
        windows(tags(BASES)),
        linux(tags(DISTRIBUTIONS)),
        multi(ELSE).on(ON_2022_2025).base(ServerCore),
    ];
    JULIA = Other [
        windows(tags(BASES)),
        linux(tags(DISTRIBUTIONS)),
        linux(between((0, 4, 0), (0, 6, 0))),
        multi(since((1, 10, 0))).on(ON_2022_2025).base(ServerCore),
        multi(ELSE).base(ServerCore),
    ];
    /// Nano Server only by an explicit tag, and only for Windows Server 2022.
    MONGO = Other [
        windows(tags(&["*nanoserver*"])).on(ON_2022),
        windows(tags(BASES)),
        linux(tags(DISTRIBUTIONS)),
        unknown(before((3, 4, 16))),
        multi(before((4, 4, 0))).base(ServerCore),
        multi(ELSE).on(ON_2022_2025).base(ServerCore),
    ];
    NATS = Other [
        windows(tags(BASES)),
        linux(tags(DISTRIBUTIONS)),
        linux(between((2, 9, 22), (2, 10, 0))),
        multi(before((2, 9, 0))).on(ON_2019),
        multi(before((2, 10, 0))),
        multi(ELSE).on(ON_2022),
    ];
    NATS_STREAMING = Other [
        windows(tags(BASES)),
        linux(tags(DISTRIBUTIONS)),
        multi(ELSE).on(ON_2019),
    ];
    OPENJDK = Other [
        windows(tags(BASES)),
        linux(tags(DISTRIBUTIONS)),
        linux(between((6, 0, 0), (8, 0, 0))),
        linux(between((9, 0, 0), (11, 0, 0))),
        multi(between((12, 0, 0), (17, 0, 0))).on(ON_2016_2019).base(ServerCore),
        multi(before((24, 0, 0))).on(ON_2019_2022).base(ServerCore),
        multi(before((25, 0, 0))).base(ServerCore),
        multi(ELSE).on(ON_2022_2025).base(ServerCore),
    ];
    PYPY = Other [
        windows(tags(BASES)),
        linux(tags(DISTRIBUTIONS)),
        linux(between((3, 5, 0), (3, 6, 0))),
        multi(since((3, 10, 0))).on(ON_2022_2025).base(ServerCore),
        multi(ELSE).base(ServerCore),
    ];
    /// Each branch lost its Windows part some patches before its end; which patch of 3.5
    /// and 3.6 that was is not known.
    PYTHON = Other [
        windows(tags(BASES)),
        linux(tags(DISTRIBUTIONS)),
        linux(tags(&["3.5", "3.6"])),
        unknown(between((3, 5, 0), (3, 7, 0))),
        linux(between((3, 7, 10), (3, 8, 0))),
        linux(between((3, 8, 11), (3, 9, 0))),
        linux(between((3, 9, 14), (3, 10, 0))),
        linux(between((3, 10, 12), (3, 11, 0))),
        linux(between((3, 11, 10), (3, 12, 0))),
        linux(between((3, 12, 11), (3, 13, 0))),
        multi(since((3, 13, 0))).on(ON_2022_2025).base(ServerCore),
        multi(ELSE).base(ServerCore),
    ];
    SWIFT = Other [windows(tags(&["*windowsservercore-ltsc2022"])), linux(ELSE)];
    TRAEFIK = Other [
        windows(tags(&[
            "*windowsservercore-ltsc20??",
            "*nanoserver-ltsc20??",
            "*windowsservercore-1809",
            "*nanoserver-sac2016",
        ])),
        linux(ELSE),
    ];
}

// Everybody else's.
rules! {
    /// Plain tags are Linux; Windows tags name their base image.
    BY_BASE_NAME = Other [windows(tags(&["*servercore*", "*nanoserver*"])), linux(ELSE)];
    ARGOEXEC = Other [
        windows(tags(&["*-windows"])),
        linux(tags(&["*-nonroot", "*-linux-*"])),
        multi(ELSE),
    ];
    AWS_FLUENT_BIT = Other [
        windows(tags(&["*windowsservercore*"])).on(ON_2019_2022).base(ServerCore),
        linux(ELSE),
    ];
    AZURE_CSI = Other [
        windows(tags(&["*-windows-hp"])).host_process(),
        windows(tags(&["*-windows-*"])),
        multi(ELSE).on(ON_2019_2022),
    ];
    DAPR = Other [
        windows(tags(&["*-windows-*"])),
        linux(tags(&["*-linux-*"])),
        multi(ELSE).on(ON_2019_2022),
    ];
    /// Nobody has looked at the `-full` tags.
    DATADOG_AGENT = Other [
        windows(tags(&["*servercore*"])),
        unknown(tags(&["*-full"])),
        multi(ELSE),
    ];
    /// The Windows agent went away with 0.10.
    FLEET_AGENT = Other [linux(since((0, 10, 0))), multi(ELSE)];
    FLUENT_BIT = Other [
        windows(tags(&[
            "windows-2019-*",
            "windows-2022-*",
            "windows-2025-*",
            "windows-nano-2025-*",
        ])),
        linux(ELSE),
    ];
    ENVOY = Other [windows(tags(&["windows-*"])), linux(ELSE)];
    FLUENTD = Other [windows(tags(&["*-windows-*"])), linux(ELSE)];
    GRAFANA_AGENT = Other [windows(tags(&["*-windows"])), linux(ELSE)];
    NEW_RELIC = Other [windows(tags(&["*-ltsc2019", "*-ltsc2022"])), linux(ELSE)];
    NEW_RELIC_FLUENT_BIT = Other [
        windows(tags(&["*-windows-ltsc-2019", "*-windows-ltsc-2022"])),
        linux(ELSE),
    ];
    OCTOPUS_WORKER_TOOLS = Other [
        windows(tags(&["*windows*"])),
        linux(tags(&["*ubuntu*"])),
        unknown(ELSE),
    ];
    /// The index of a plain version lists no Windows. Windows tags since 0.122.
    OPENTELEMETRY = Other [
        windows(tags(&["*-windows-2019-amd64", "*-windows-2022-amd64"])),
        linux(ELSE),
    ];
    /// The Windows agent went away with 2.12.
    RANCHER_AGENT = Other [linux(since((2, 12, 0))), multi(ELSE)];
    SMB_CSI = Other [
        windows(tags(&["*-windows-hp"])).host_process(),
        windows(tags(&["*-windows-*-amd64"])),
        multi(ELSE).on(ON_2019_2022),
    ];
    SPLUNK = Other [
        windows(tags(&["*-2019"])).on(ON_2019),
        windows(tags(&["*-2022"])).on(ON_2022),
        multi(ELSE).on(ON_2019_2022),
    ];
    SPLUNK_WINDOWS = Other [
        windows(tags(&["*-2019"])).on(ON_2019),
        windows(tags(&["*-2022"])).on(ON_2022),
        windows(ELSE).on(ON_2019_2022),
    ];
    TEAMCITY = Other [
        windows(tags(BASES)),
        linux(tags(&["*-linux*"])),
        multi(ELSE).on(ON_2019_2022).base(NanoServer),
    ];
    VELERO = Other [
        windows(tags(&["*-windows-*"])),
        linux(tags(&["*-linux-*"])),
        linux(before((1, 16, 0))),
        multi(ELSE).on(ON_2022),
    ];
}
