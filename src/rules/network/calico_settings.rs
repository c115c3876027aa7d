//! Calico is set to a kind of network that its Windows nodes do not have.
//!
//! Calico for Windows speaks VXLAN or plain BGP. Pools with IP in IP cannot be used from Windows
//! nodes, so that their pods reach no others and are reached by none. VXLAN only across subnets is
//! not supported either: within a subnet the Linux nodes send packets unencapsulated, while Windows
//! nodes expect them encapsulated. The eBPF data plane (`linuxDataplane: BPF` in the Installation,
//! `bpfEnabled` in a FelixConfiguration) exists for Linux alone, and not for clusters with both
//! systems. These two are warnings.
//!
//! Use VXLAN for all traffic, or no encapsulation with BGP. The rule speaks where settings, a Node,
//! a workload or the Installation itself tell of Windows nodes; pools that are disabled, for IPv6, or
//! kept from Windows nodes by a node selector (`!all()` too) are left alone.
//!
//! ## Bad
//! ```yaml
//! apiVersion: operator.tigera.io/v1
//! kind: Installation
//! metadata:
//!   name: default
//! spec:
//!   calicoNetwork:
//!     windowsDataplane: HNS
//!     ipPools:
//!       - cidr: 10.48.0.0/16
//!         encapsulation: IPIP
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: operator.tigera.io/v1
//! kind: Installation
//! metadata:
//!   name: default
//! spec:
//!   calicoNetwork:
//!     windowsDataplane: HNS
//!     ipPools:
//!       - cidr: 10.48.0.0/16
//!         encapsulation: VXLAN
//! ```
//! In a cluster of Linux alone all of them work:
//! ```yaml
//! apiVersion: projectcalico.org/v3
//! kind: IPPool
//! metadata:
//!   name: pods
//! spec:
//!   cidr: 10.48.0.0/16
//!   ipipMode: Always
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::Body;
use crate::object::network::{CalicoNetworkSpec, Installation, IpPool};
use crate::object::read::Str;
use crate::rules::{Check, Rule, Subject, docs};
use crate::text;

pub const RULE: Rule = Rule {
    id: "WIN420",
    name: "calico-settings",
    summary: "Calico is set to a kind of network that its Windows nodes do not have",
    severity: Severity::Error,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://docs.tigera.io/calico/latest/getting-started/kubernetes/windows-calico/limitations",
        "https://docs.tigera.io/calico/latest/getting-started/kubernetes/windows-calico/requirements",
        "https://docs.tigera.io/calico/latest/operations/ebpf/enabling-ebpf",
    ]),
    errors: docs(&[]),
    check: Check::Object(check),
};

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    match &subject.object.body {
        Body::IpPool(pool) => check_pool(pool, subject, report),
        Body::Installation(installation) => check_installation(installation, subject, report),
        Body::FelixConfiguration(felix) if felix.spec.as_ref().and_then(|spec| spec.bpf_enabled) == Some(true) => {
            say("bpfEnabled", "bpfEnabled", "true", subject, report);
        }
        _ => {}
    }
}

fn check_pool(pool: &IpPool<'_>, subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(spec) = pool.spec.as_ref().filter(|spec| spec.disabled != Some(true)) else { return };
    if !is_for_windows(spec.cidr.as_deref(), spec.node_selector.as_deref(), spec.allowed_uses.as_deref()) {
        return;
    }
    for (field, mode) in [("ipipMode", &spec.ipip_mode), ("vxlanMode", &spec.vxlan_mode)] {
        let mode = mode.as_deref().unwrap_or_default();
        match (field, mode) {
            ("ipipMode", "Always" | "CrossSubnet") | ("vxlanMode", "CrossSubnet") => {
                say(field, field, mode, subject, report)
            }
            _ => {}
        }
    }
}

fn check_installation(installation: &Installation<'_>, subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(network) = network_of(installation).filter(|network| dataplane(network) != Some(DISABLED)) else { return };
    for (index, pool) in network.ip_pools.as_deref().unwrap_or_default().iter().enumerate() {
        let encapsulation = pool.encapsulation.as_deref().unwrap_or_default();
        if matches!(encapsulation, "IPIP" | "IPIPCrossSubnet" | "VXLANCrossSubnet")
            && is_for_windows(pool.cidr.as_deref(), pool.node_selector.as_deref(), pool.allowed_uses.as_deref())
        {
            say(
                "encapsulation",
                &format!("calicoNetwork/ipPools/{index}/encapsulation"),
                encapsulation,
                subject,
                report,
            );
        }
    }
    if network.linux_dataplane.as_deref() == Some("BPF") {
        say("linuxDataplane", "calicoNetwork/linuxDataplane", "BPF", subject, report);
    }
}

/// What an Installation says where Calico is not to serve Windows nodes.
const DISABLED: &str = "Disabled";

fn network_of<'i>(installation: &'i Installation<'i>) -> Option<&'i CalicoNetworkSpec<'i>> {
    installation.spec.as_ref()?.calico_network.as_ref()
}

fn dataplane<'i>(network: &'i CalicoNetworkSpec<'i>) -> Option<&'i str> {
    network.windows_dataplane.as_deref()
}

/// Whether pods on Windows nodes may have addresses of a pool: an IPv4 one for pods, for more than Linux nodes.
fn is_for_windows(cidr: Option<&str>, node_selector: Option<&str>, uses: Option<&[Str<'_>]>) -> bool {
    let is_for_pods = uses.is_none_or(|uses| uses.is_empty() || uses.iter().any(|each| each == "Workload"));
    let is_ipv6 = cidr.is_some_and(|cidr| cidr.contains(':'));
    // `!all()`, `kubernetes.io/os == "linux"` or `kubernetes.io/os != "windows"`
    let is_for_others = node_selector.is_some_and(|selector| {
        let has = |word| text::contains(selector, word);
        let is_for_linux = || has("kubernetes.io/os") && has("linux") != has("windows") && has("linux") != has("!=");
        selector.trim() == "!all()" || is_for_linux()
    });
    is_for_pods && !is_ipv6 && !is_for_others
}

/// Says what is wrong with the value of the field `at` of the spec, where there are Windows nodes.
fn say(field: &str, at: &str, value: &str, subject: &Subject<'_>, report: &mut Report<'_>) {
    if !has_windows(subject) {
        return;
    }
    let path = subject.path.join("/spec/").join(at);
    let (severity, why, help) = match value {
        "BPF" | "true" => (
            Severity::Warning,
            "Calico's eBPF data plane is not for clusters with Windows nodes",
            "use `linuxDataplane: Iptables` or `Nftables`, in a FelixConfiguration `bpfEnabled: false`",
        ),
        _ if field == "vxlanMode" || value == "VXLANCrossSubnet" => (
            Severity::Warning,
            "Windows nodes do not know VXLAN that is used only across subnets",
            "use VXLAN for all traffic",
        ),
        _ => (
            Severity::Error,
            "Windows nodes have no IP in IP, so that their pods and others do not reach one another",
            "use VXLAN for all traffic, or no encapsulation with BGP",
        ),
    };
    report.finding(path, format!("{field} {value}: {why}")).help(help).severity(severity);
}

/// Whether there are Windows nodes, or an Installation is there to serve them.
fn has_windows(subject: &Subject<'_>) -> bool {
    let world = subject.world;
    let any_says = |wanted: &str| {
        world.context.objects().any(|object| {
            let Body::Installation(installation) = &object.body else { return false };
            network_of(installation).and_then(dataplane) == Some(wanted)
        })
    };
    let serves_windows = || any_says("HNS");
    world.settings.may_have_windows_nodes()
        && (serves_windows() || (world.knows_windows_nodes() && !any_says(DISABLED)))
}
