//! The rules of other scanners that ask of Windows pods what Windows has not.
//!
//! State of [`AS_OF`]: Checkov 3.3.30 (what is installed from PyPI), trivy-checks at 80e5382, Kubescape's
//! regolibrary at ce7ef32, kube-linter at 35de568. What is on Windows is said by the API server's own
//! validation (`validateWindows`), by the kubelet and by Kubernetes' documentation of Windows; the rules of
//! transom that are named with each reason have the sources.

use crate::Pods;

/// When the table was compared with what the scanners have.
pub const AS_OF: &str = "2026-11-21";

/// A scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanner {
    /// Prisma Cloud's Checkov.
    Checkov,
    /// Aqua's Trivy.
    Trivy,
    /// Kubescape.
    Kubescape,
    /// StackRox' kube-linter.
    KubeLinter,
}

impl Scanner {
    /// All of them.
    pub const ALL: [Scanner; 4] = [Scanner::Checkov, Scanner::Trivy, Scanner::Kubescape, Scanner::KubeLinter];

    /// The scanner that a SARIF log is from, by the name of its driver.
    #[must_use]
    pub fn named(driver: &str) -> Option<Scanner> {
        let driver = driver.to_ascii_lowercase();
        Scanner::ALL.into_iter().find(|scanner| driver.starts_with(&scanner.title().to_ascii_lowercase()))
    }

    /// What it is called.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Scanner::Checkov => "Checkov",
            Scanner::Trivy => "Trivy",
            Scanner::Kubescape => "Kubescape",
            Scanner::KubeLinter => "kube-linter",
        }
    }

    /// Where the sources of its rules are; [`Row::source`] is below that.
    #[must_use]
    pub const fn sources(self) -> &'static str {
        match self {
            Scanner::Checkov => {
                "https://github.com/bridgecrewio/checkov/blob/3.3.30/checkov/kubernetes/checks/resource/k8s/"
            }
            Scanner::Trivy => {
                "https://github.com/aquasecurity/trivy-checks/blob/80e5382269707262f35cf893bdc0805cb72217e9/checks/kubernetes/"
            }
            Scanner::Kubescape => {
                "https://github.com/kubescape/regolibrary/blob/ce7ef32aef7a7d272016c3f0d1105c60d6b266fb/controls/"
            }
            Scanner::KubeLinter => {
                "https://github.com/stackrox/kube-linter/blob/35de568d49825fe0278d25d7fca5aa2467f9dd00/pkg/builtinchecks/yamls/"
            }
        }
    }

    /// The id as the table has it: Trivy calls one rule `KSV001`, `KSV-0001` and `AVD-KSV-0001`.
    fn id(self, rule: &str) -> String {
        let digits =
            || rule.trim_start_matches("AVD-").strip_prefix("KSV")?.trim_start_matches('-').parse::<u32>().ok();
        match self {
            Scanner::Trivy => digits().map_or_else(|| rule.to_owned(), |number| format!("KSV-{number:04}")),
            _ => rule.to_owned(),
        }
    }
}

/// Which Windows pods a rule does not apply to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// None.
    Always,
    /// Those without HostProcess containers: what the rule warns of, HostProcess containers do have.
    NoHostProcess,
    /// Those that state `runAsNonRoot: true`: what is left of the rule then is numbers.
    RunAsNonRoot,
}

impl When {
    /// Whether these pods are among them.
    #[must_use]
    pub fn holds(self, pods: &Pods) -> bool {
        match self {
            When::Always => true,
            When::NoHostProcess => !pods.host_process,
            When::RunAsNonRoot => pods.run_as_non_root,
        }
    }

    /// The same in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            When::Always => "all",
            When::NoHostProcess => "without HostProcess containers",
            When::RunAsNonRoot => "with `runAsNonRoot: true`",
        }
    }
}

/// Why a rule does not apply.
#[derive(Debug, PartialEq, Eq)]
pub struct Reason {
    /// One word for it.
    pub id: &'static str,
    /// What is so on Windows.
    pub fact: &'static str,
    /// What to do instead, as an imperative; empty where there is nothing to do.
    pub instead: &'static str,
    /// The rule of transom that has more about it.
    pub rule: &'static str,
}

/// What the API server says of a Linux field in a pod whose `os.name` is `windows` is [`Reason::rule`] WIN201,
/// and what becomes of it without that is WIN202.
macro_rules! reasons {
    ($($name:ident $id:literal $rule:literal $fact:literal $instead:literal)*) => {
        $(const $name: Reason = Reason { id: $id, fact: $fact, instead: $instead, rule: $rule };)*

        /// All reasons.
        pub const REASONS: &[&Reason] = &[$(&$name),*];
    };
}

reasons! {
    ESCALATION "allow-privilege-escalation" "WIN201"
        "allowPrivilegeEscalation is a flag of Linux processes (no_new_privs): Windows has none, and the API server refuses the field, even as false, where os.name is windows"
        "leave the field out, and set windowsOptions.runAsUserName to ContainerUser"
    READ_ONLY_ROOT "read-only-root-filesystem" "WIN201"
        "Windows containers cannot have a read-only root file system, and the API server refuses the field, even as false, where os.name is windows"
        "leave the field out, and let the process run as ContainerUser, who may write less"
    CAPABILITIES "capabilities" "WIN201"
        "capabilities are Linux': Windows containers have none to drop or add, and the API server refuses the field, even with drop: [ALL], where os.name is windows"
        "leave the field out, and set windowsOptions.runAsUserName to ContainerUser"
    SECCOMP "seccomp" "WIN201"
        "seccomp filters system calls of Linux: on Windows there is nothing like it, and the API server refuses seccompProfile where os.name is windows"
        "leave the field out"
    APP_ARMOR "app-armor" "WIN201"
        "AppArmor is a module of the Linux kernel: on Windows annotations for it are ignored, and the API server refuses appArmorProfile where os.name is windows"
        "leave the annotation and the field out"
    SELINUX "selinux" "WIN201"
        "SELinux is a module of the Linux kernel: on Windows seLinuxOptions are ignored, and the API server refuses them where os.name is windows"
        "leave the field out"
    USER_NUMBER "user-number" "WIN201"
        "Windows has no numbers for users: runAsUser is ignored there, and the API server refuses it where os.name is windows"
        "leave the field out, and set windowsOptions.runAsUserName to ContainerUser"
    GROUP_NUMBER "group-number" "WIN201"
        "Windows has no numbers for groups: runAsGroup, fsGroup and supplementalGroups are ignored there, and the API server refuses them where os.name is windows"
        "leave the fields out; access to files goes by NTFS permissions"
    PRIVILEGED "privileged" "WIN201"
        "there are no privileged containers on Windows: the field gives no rights there, and the API server refuses it, even as false, where os.name is windows"
        "leave the field out; what really needs the host is a HostProcess container"
    HOST_PID "host-pid" "WIN201"
        "Windows containers cannot share the process namespace of their node: hostPID is ignored there, and the API server refuses it where os.name is windows"
        "leave the field out"
    HOST_IPC "host-ipc" "WIN201"
        "Windows has no IPC namespaces: hostIPC is ignored there, and the API server refuses it where os.name is windows"
        "leave the field out"
    HOST_NETWORK "host-network" "WIN401"
        "Windows pods cannot use the network of their node unless they are HostProcess: hostNetwork is ignored"
        "leave the field out"
    PROC_MOUNT "proc-mount" "WIN201"
        "Windows has no /proc: the API server refuses procMount where os.name is windows"
        "leave the field out"
    SYSCTLS "sysctls" "WIN201"
        "sysctls are parameters of the Linux kernel: on Windows they are ignored, and the API server refuses them where os.name is windows"
        "leave the field out"
    LINUX_HARDENING "linux-hardening" "WIN201"
        "AppArmor, seccomp, SELinux and capabilities are Linux': Windows has none of them, and the API server refuses their fields where os.name is windows"
        "leave the fields out, and set windowsOptions.runAsUserName to ContainerUser"
    DNS_OPTIONS "dns-options" "WIN404"
        "the resolver of Windows heeds no options such as ndots"
        "leave dnsConfig.options out, and use fully qualified names"
}

/// A rule of a scanner that does not apply to Windows pods.
#[derive(Debug)]
pub struct Row {
    /// Whose rule it is.
    pub scanner: Scanner,
    /// Its id.
    pub rule: &'static str,
    /// Why it does not apply.
    pub reason: &'static Reason,
    /// To which Windows pods.
    pub when: When,
    /// Where it is defined, below [`Scanner::sources`].
    pub source: &'static str,
}

const fn row(scanner: Scanner, rule: &'static str, reason: &'static Reason, when: When, source: &'static str) -> Row {
    Row { scanner, rule, reason, when, source }
}

use Scanner::{Checkov, KubeLinter, Kubescape, Trivy};
use When::{Always, NoHostProcess, RunAsNonRoot};

/// The table.
pub const TABLE: &[Row] = &[
    row(Checkov, "CKV_K8S_16", &PRIVILEGED, NoHostProcess, "PrivilegedContainers.py"),
    row(Checkov, "CKV_K8S_17", &HOST_PID, NoHostProcess, "ShareHostPID.py"),
    row(Checkov, "CKV_K8S_18", &HOST_IPC, NoHostProcess, "ShareHostIPC.py"),
    row(Checkov, "CKV_K8S_19", &HOST_NETWORK, NoHostProcess, "SharedHostNetworkNamespace.py"),
    row(Checkov, "CKV_K8S_20", &ESCALATION, Always, "AllowPrivilegeEscalation.py"),
    row(Checkov, "CKV_K8S_22", &READ_ONLY_ROOT, Always, "ReadOnlyFilesystem.py"),
    row(Checkov, "CKV_K8S_25", &CAPABILITIES, Always, "AllowedCapabilities.py"),
    row(Checkov, "CKV_K8S_28", &CAPABILITIES, Always, "DropCapabilities.py"),
    row(Checkov, "CKV_K8S_31", &SECCOMP, Always, "Seccomp.py"),
    row(Checkov, "CKV_K8S_37", &CAPABILITIES, Always, "MinimizeCapabilities.py"),
    row(Checkov, "CKV_K8S_39", &CAPABILITIES, Always, "AllowedCapabilitiesSysAdmin.py"),
    row(Checkov, "CKV_K8S_40", &USER_NUMBER, Always, "RootContainersHighUID.py"),
    row(Trivy, "KSV-0001", &ESCALATION, Always, "can_elevate_its_own_privileges.rego"),
    row(Trivy, "KSV-0002", &APP_ARMOR, Always, "apparmor_policy_disabled.rego"),
    row(Trivy, "KSV-0003", &CAPABILITIES, Always, "capabilities_no_drop_all.rego"),
    row(Trivy, "KSV-0004", &CAPABILITIES, Always, "capabilities_no_drop_at_least_one.rego"),
    row(Trivy, "KSV-0005", &CAPABILITIES, Always, "SYS_ADMIN_capability.rego"),
    row(Trivy, "KSV-0008", &HOST_IPC, NoHostProcess, "host_ipc.rego"),
    row(Trivy, "KSV-0009", &HOST_NETWORK, NoHostProcess, "host_network.rego"),
    row(Trivy, "KSV-0010", &HOST_PID, NoHostProcess, "host_pid.rego"),
    row(Trivy, "KSV-0014", &READ_ONLY_ROOT, Always, "file_system_not_read_only.rego"),
    row(Trivy, "KSV-0017", &PRIVILEGED, NoHostProcess, "privileged.rego"),
    row(Trivy, "KSV-0020", &USER_NUMBER, Always, "runs_with_UID_le_10000.rego"),
    row(Trivy, "KSV-0021", &GROUP_NUMBER, Always, "runs_with_GID_le_10000.rego"),
    row(Trivy, "KSV-0022", &CAPABILITIES, Always, "specific_capabilities_added.rego"),
    row(Trivy, "KSV-0025", &SELINUX, Always, "selinux_custom_options_set.rego"),
    row(Trivy, "KSV-0026", &SYSCTLS, Always, "unsafe_sysctl_options_set.rego"),
    row(Trivy, "KSV-0027", &PROC_MOUNT, Always, "non_default_proc_masks_set.rego"),
    row(Trivy, "KSV-0030", &SECCOMP, Always, "runtime_default_seccomp_profile_not_set.rego"),
    row(Trivy, "KSV-0104", &SECCOMP, Always, "seccomp_profile_unconfined.rego"),
    row(Trivy, "KSV-0105", &USER_NUMBER, Always, "runs_with_a_root_uid.rego"),
    row(Trivy, "KSV-0106", &CAPABILITIES, Always, "drop_all_capabilities_only_add_net_bind_service.rego"),
    row(Trivy, "KSV-0116", &GROUP_NUMBER, Always, "runs_with_a_root_primary_or_supplementary_GID.rego"),
    row(Trivy, "KSV-0119", &CAPABILITIES, Always, "net_raw_capability.rego"),
    row(Trivy, "KSV-0120", &CAPABILITIES, Always, "SYS_MODULE_capability.rego"),
    row(Kubescape, "C-0013", &GROUP_NUMBER, RunAsNonRoot, "C-0013-nonrootcontainers.json"),
    row(Kubescape, "C-0016", &ESCALATION, Always, "C-0016-allowprivilegeescalation.json"),
    row(Kubescape, "C-0017", &READ_ONLY_ROOT, Always, "C-0017-immutablecontainerfilesystem.json"),
    row(Kubescape, "C-0038", &HOST_PID, NoHostProcess, "C-0038-hostpidipcprivileges.json"),
    row(Kubescape, "C-0041", &HOST_NETWORK, NoHostProcess, "C-0041-hostnetworkaccess.json"),
    row(Kubescape, "C-0046", &CAPABILITIES, Always, "C-0046-insecurecapabilities.json"),
    row(Kubescape, "C-0055", &LINUX_HARDENING, Always, "C-0055-linuxhardening.json"),
    row(Kubescape, "C-0057", &PRIVILEGED, NoHostProcess, "C-0057-privilegedcontainer.json"),
    row(
        Kubescape,
        "C-0210",
        &SECCOMP,
        Always,
        "C-0210-ensurethattheseccompprofileissettodockerdefaultinyourpoddefinitions.json",
    ),
    row(KubeLinter, "dnsconfig-options", &DNS_OPTIONS, Always, "dnsconfig-options.yaml"),
    row(KubeLinter, "drop-net-raw-capability", &CAPABILITIES, Always, "drop-net-raw-capability.yaml"),
    row(KubeLinter, "host-ipc", &HOST_IPC, NoHostProcess, "hostipc.yaml"),
    row(KubeLinter, "host-network", &HOST_NETWORK, NoHostProcess, "hostnetwork.yaml"),
    row(KubeLinter, "host-pid", &HOST_PID, NoHostProcess, "hostpid.yaml"),
    row(KubeLinter, "no-read-only-root-fs", &READ_ONLY_ROOT, Always, "read-only-root-fs.yaml"),
    row(KubeLinter, "privilege-escalation-container", &ESCALATION, Always, "privilege-escalation.yaml"),
    row(KubeLinter, "privileged-container", &PRIVILEGED, NoHostProcess, "privileged.yaml"),
    row(KubeLinter, "unsafe-proc-mount", &PROC_MOUNT, Always, "unsafe-proc-mount.yaml"),
    row(KubeLinter, "unsafe-sysctls", &SYSCTLS, Always, "sysctls.yaml"),
];

/// The row of a scanner's rule.
#[must_use]
pub fn find(scanner: Scanner, rule: &str) -> Option<&'static Row> {
    let id = scanner.id(rule);
    TABLE.iter().find(|row| row.scanner == scanner && row.rule == id)
}

/// The table as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::new();
    for scanner in Scanner::ALL {
        text.push_str(&format!(
            "\n### {}\n\n| rule | does not apply to Windows pods | because of |\n|---|---|---|\n",
            scanner.title()
        ));
        for row in TABLE.iter().filter(|row| row.scanner == scanner) {
            let Row { rule, reason, when, source, .. } = row;
            let url = format!("{}{source}", scanner.sources());
            text.push_str(&format!("| [{rule}]({url}) | {} | {} |\n", when.words(), reason.id));
        }
    }
    text.push_str("\n### Reasons\n\n| | on Windows | instead | more |\n|---|---|---|---|\n");
    for Reason { id, fact, instead, rule } in REASONS {
        text.push_str(&format!("| {id} | {fact} | {instead} | {rule} |\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_and_reason_is_there_once() {
        for (at, row) in TABLE.iter().enumerate() {
            let same = |other: &Row| other.scanner == row.scanner && other.rule == row.rule;
            assert!(!TABLE[at + 1..].iter().any(same), "{}", row.rule);
            assert_eq!(find(row.scanner, row.rule).map(|row| row.source), Some(row.source), "{}", row.rule);
        }
        for reason in REASONS {
            assert!(TABLE.iter().any(|row| row.reason == *reason), "{} is not used", reason.id);
            let names = |rule: &&transom::rules::Rule| rule.id == reason.rule;
            assert!(transom::rules::all().iter().copied().any(|rule| names(&rule)), "{} is no rule", reason.rule);
            assert!(!reason.fact.ends_with('.') && !reason.instead.ends_with('.'), "{}", reason.id);
        }
    }

    #[test]
    fn knows_the_names_of_trivy() {
        for name in ["KSV001", "KSV-0001", "AVD-KSV-0001"] {
            assert_eq!(find(Scanner::Trivy, name).map(|row| row.rule), Some("KSV-0001"), "{name}");
        }
        assert!(find(Scanner::Trivy, "KSV-0012").is_none(), "runAsNonRoot holds on Windows, too");
        assert!(find(Scanner::Checkov, "KSV-0001").is_none());
        assert_eq!(Scanner::named("Trivy"), Some(Scanner::Trivy));
        assert_eq!(Scanner::named("kubescape"), Some(Scanner::Kubescape));
        assert_eq!(Scanner::named("CodeQL"), None);
    }
}
