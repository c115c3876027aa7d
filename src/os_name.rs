//! What comes with `os.name`: the fields it forbids, and the one change that sets it.
//!
//! With `os.name: windows` the API server refuses the fields that only Linux knows; without it the
//! same fields are accepted, and ignored on Windows nodes. So setting the name and removing the
//! fields is one change, or none. Source: `validateWindows`, `validateLinux`, `validatePodResources`
//! and `validateStopSignal` in pkg/apis/core/validation/validation.go of Kubernetes 1.36.2.

use std::borrow::Cow;

use crate::fix::Fix;
use crate::object::pod::{PodSecurityContext, PodSpec, SecurityContext};
use crate::object::read::{Map, Str};
use crate::platform::labels::OS;
use crate::platform::{Fit, Os};
use crate::pod::{Container, Pod};
use crate::pod_security;
use crate::pointer::Pointer;

/// What a field that only Linux knows says in one pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Nothing, for the API server too.
    Absent,
    /// Nothing, but the API server refuses it all the same: `privileged: false`, `{}`.
    Idle,
    /// It asks for something.
    Effective,
}

/// A field that only Linux knows.
#[derive(Debug)]
pub struct LinuxField {
    /// Its pointer in the pod's spec, or in a container.
    pub at: &'static str,
    /// Why it has no place on Windows.
    pub why: &'static str,
    /// Which of its values the API server refuses beside `os.name: windows`, and which ask for anything.
    pub shape: Shape,
}

/// What the values of a field come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A flag that is refused, and asks for something, only where it is true.
    OnlyTrue,
    /// A flag that is always refused, and asks for nothing where it has this value.
    Flag(bool),
    /// Any value asks for something.
    Any,
    /// Text, a list or a map that is always refused, and asks for nothing while it is empty.
    IdleWhileEmpty,
    /// A list that counts as absent while it is empty.
    AbsentWhileEmpty,
    /// Always refused; asks for nothing while all of these fields in it are empty.
    IdleWithout(&'static [&'static str]),
}

/// A value of a field, as far as a [`Shape`] asks.
#[derive(Debug, Clone, Copy)]
enum View {
    Absent,
    Flag(bool),
    Empty,
    Filled,
}

impl Shape {
    fn use_of(self, view: View) -> Use {
        match (self, view) {
            (_, View::Absent) | (Shape::OnlyTrue, View::Flag(false)) | (Shape::AbsentWhileEmpty, View::Empty) => {
                Use::Absent
            }
            (Shape::Flag(idle), View::Flag(value)) if value == idle => Use::Idle,
            (Shape::IdleWhileEmpty | Shape::IdleWithout(_), View::Empty) => Use::Idle,
            _ => Use::Effective,
        }
    }
}

impl LinuxField {
    /// Its path as Kubernetes writes it: `securityContext.runAsUser`.
    pub fn name(&self) -> String {
        self.at.trim_start_matches('/').replace('/', ".")
    }

    /// Whether it is `resources`, which only in the spec is a field of Linux pods alone.
    pub fn is_resources(&self) -> bool {
        self.at == RESOURCES
    }

    /// Whether it is `privileged`, of which a rule of its own speaks where it is true.
    pub fn is_privileged(&self) -> bool {
        self.at == PRIVILEGED
    }

    /// The minor version of Kubernetes that has the field first, as far as anybody still runs older ones. Those
    /// drop the field before they look at it.
    fn since(&self) -> u32 {
        match self.at {
            HOST_USERS => 25,
            APP_ARMOR => 30,
            GROUPS_POLICY => 31,
            CHANGE_POLICY => 32,
            _ => 0,
        }
    }

    /// With which values the kubelet of a Windows node refuses a pod for it, where it ignores other such
    /// fields: `SysctlForbidden`, `PodLevelResourcesNotSupported`, `SupplementalGroupsPolicyNotSupported`.
    pub fn refusal(&self) -> Option<KubeletRefusal> {
        match self.at {
            SYSCTLS | RESOURCES => Some(KubeletRefusal::Effective),
            GROUPS_POLICY => Some(KubeletRefusal::Value("Strict")),
            _ => None,
        }
    }
}

/// With which values of a field that only Linux knows the kubelet of a Windows node refuses a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KubeletRefusal {
    /// With all that ask for something.
    Effective,
    /// With this one.
    Value(&'static str),
}

struct Row<F> {
    field: LinuxField,
    of: F,
}

const fn row<F: Copy>(at: &'static str, why: &'static str, shape: Shape, of: F) -> Row<F> {
    Row { field: LinuxField { at, why, shape }, of }
}

type OfSpec = fn(&PodSpec<'_>) -> View;
type OfPodContext = fn(&PodSecurityContext<'_>) -> View;
type OfContext = fn(&SecurityContext<'_>) -> View;

const ACCESS_LISTS: &str = "access to files is decided by access control lists";
const NO_APP_ARMOR: &str = "there is no AppArmor";
const NO_GROUP_IDS: &str = "there are no numeric group ids";
const NO_SECCOMP: &str = "there is no seccomp";
const NO_SE_LINUX: &str = "there is no SELinux";
const NO_USER_IDS: &str = "there are no numeric user ids, and `windowsOptions.runAsUserName` names the user";

/// The fields of a pod's spec.
#[rustfmt::skip]
static SPEC: &[Row<OfSpec>] = &[
    row("/hostPID", "HostProcess containers see the processes of the node without it, and others never do", Shape::OnlyTrue, |s| flag(s.host_pid)),
    row("/hostIPC", "containers cannot share the inter-process communication of the node", Shape::OnlyTrue, |s| flag(s.host_ipc)),
    row(HOST_USERS, "there are no user namespaces", Shape::Flag(true), |s| flag(s.host_users)),
    row("/shareProcessNamespace", "containers of a pod never see each other's processes", Shape::Flag(false), |s| flag(s.share_process_namespace)),
    row(RESOURCES, "only containers have requests and limits, pods do not", Shape::IdleWithout(&["limits", "requests", "claims"]), |s| s.resources.as_ref().map_or(View::Absent, |r| {
        filled(!is_empty(&r.limits) || !is_empty(&r.requests) || r.claims.as_ref().is_some_and(|c| !c.is_empty()))
    })),
];

/// The fields of a pod's `securityContext`.
#[rustfmt::skip]
static POD_CONTEXT: &[Row<OfPodContext>] = &[
    row(APP_ARMOR, NO_APP_ARMOR, Shape::IdleWhileEmpty, |s| map(&s.app_armor_profile)),
    row("/securityContext/seLinuxOptions", NO_SE_LINUX, Shape::IdleWhileEmpty, |s| map(&s.se_linux_options)),
    row("/securityContext/seccompProfile", NO_SECCOMP, Shape::IdleWhileEmpty, |s| map(&s.seccomp_profile)),
    row("/securityContext/fsGroup", ACCESS_LISTS, Shape::Any, |s| given(&s.fs_group)),
    row("/securityContext/fsGroupChangePolicy", ACCESS_LISTS, Shape::IdleWhileEmpty, |s| text(&s.fs_group_change_policy)),
    row(SYSCTLS, "there are no sysctls", Shape::AbsentWhileEmpty, |s| list(&s.sysctls)),
    row("/securityContext/runAsUser", NO_USER_IDS, Shape::Any, |s| given(&s.run_as_user)),
    row("/securityContext/runAsGroup", NO_GROUP_IDS, Shape::Any, |s| given(&s.run_as_group)),
    row("/securityContext/supplementalGroups", NO_GROUP_IDS, Shape::IdleWhileEmpty, |s| list(&s.supplemental_groups)),
    row(GROUPS_POLICY, NO_GROUP_IDS, Shape::IdleWhileEmpty, |s| text(&s.supplemental_groups_policy)),
    row(CHANGE_POLICY, NO_SE_LINUX, Shape::IdleWhileEmpty, |s| text(&s.se_linux_change_policy)),
];

/// The fields of a container's `securityContext`.
#[rustfmt::skip]
static CONTEXT: &[Row<OfContext>] = &[
    row(APP_ARMOR, NO_APP_ARMOR, Shape::IdleWhileEmpty, |s| map(&s.app_armor_profile)),
    row("/securityContext/seLinuxOptions", NO_SE_LINUX, Shape::IdleWhileEmpty, |s| map(&s.se_linux_options)),
    row("/securityContext/seccompProfile", NO_SECCOMP, Shape::IdleWhileEmpty, |s| map(&s.seccomp_profile)),
    row("/securityContext/capabilities", "there are no capabilities", Shape::IdleWithout(&["add", "drop"]), |s| s.capabilities.as_ref().map_or(View::Absent, |c| {
        filled([&c.add, &c.drop].into_iter().any(|list| list.as_ref().is_some_and(|list| !list.is_empty())))
    })),
    row("/securityContext/readOnlyRootFilesystem", "the root file system can always be written to", Shape::Flag(false), |s| flag(s.read_only_root_filesystem)),
    row(PRIVILEGED, "there are no privileged containers, HostProcess containers come closest", Shape::Flag(false), |s| flag(s.privileged)),
    row("/securityContext/allowPrivilegeEscalation", "there is nothing like setuid that it could forbid", Shape::Flag(true), |s| flag(s.allow_privilege_escalation)),
    row("/securityContext/procMount", "there is no /proc", Shape::IdleWhileEmpty, |s| text(&s.proc_mount)),
    row("/securityContext/runAsUser", NO_USER_IDS, Shape::Any, |s| given(&s.run_as_user)),
    row("/securityContext/runAsGroup", NO_GROUP_IDS, Shape::Any, |s| given(&s.run_as_group)),
];

/// The fields of a pod's spec that only Linux knows, those of its `securityContext` included.
pub fn linux_fields_of_pods() -> impl Iterator<Item = &'static LinuxField> {
    SPEC.iter().map(|row| &row.field).chain(POD_CONTEXT.iter().map(|row| &row.field))
}

/// The fields of a container that only Linux knows.
pub fn linux_fields_of_containers() -> impl Iterator<Item = &'static LinuxField> {
    CONTEXT.iter().map(|row| &row.field)
}

const HOST_USERS: &str = "/hostUsers";
const APP_ARMOR: &str = "/securityContext/appArmorProfile";
const CHANGE_POLICY: &str = "/securityContext/seLinuxChangePolicy";
const RESOURCES: &str = "/resources";
const SYSCTLS: &str = "/securityContext/sysctls";
const GROUPS_POLICY: &str = "/securityContext/supplementalGroupsPolicy";
const PRIVILEGED: &str = "/securityContext/privileged";

fn filled(is_filled: bool) -> View {
    if is_filled { View::Filled } else { View::Empty }
}

fn given<T>(value: &Option<T>) -> View {
    if value.is_some() { View::Filled } else { View::Absent }
}

fn flag(value: Option<bool>) -> View {
    value.map_or(View::Absent, View::Flag)
}

fn text(value: &Option<Str<'_>>) -> View {
    value.as_ref().map_or(View::Absent, |text| filled(!text.is_empty()))
}

fn list<T>(value: &Option<Vec<T>>) -> View {
    value.as_ref().map_or(View::Absent, |list| filled(!list.is_empty()))
}

fn map<T>(value: &Option<Map<'_, T>>) -> View {
    value.as_ref().map_or(View::Absent, |map| filled(!map.is_empty()))
}

fn is_empty<T>(value: &Option<Map<'_, T>>) -> bool {
    value.as_ref().is_none_or(Map::is_empty)
}

/// A field that only Linux knows, found in a pod.
#[derive(Debug, Clone, Copy)]
pub struct Found<'p, 'a> {
    /// The field.
    pub field: &'static LinuxField,
    /// The container it stands in; `None` for the pod itself.
    pub container: Option<&'p Container<'a>>,
    /// Whether it asks for anything; `privileged: false` does not.
    pub is_effective: bool,
}

impl Found<'_, '_> {
    /// Where it stands.
    pub fn path(&self, pod: &Pod<'_>) -> Pointer {
        self.container.map_or_else(|| pod.at(self.field.at), |container| container.at(self.field.at))
    }

    /// How to begin a message: `container web: securityContext.runAsUser`.
    pub fn subject(&self) -> String {
        let name = self.field.name();
        self.container.map_or_else(|| name.clone(), |container| format!("container {}: {name}", container.name()))
    }

    /// `privileged: true`, which asks for more than a removal could settle.
    pub fn is_privileged(&self) -> bool {
        self.field.is_privileged() && self.is_effective
    }

    /// `resources` of the pod as a whole.
    pub fn is_pod_resources(&self) -> bool {
        self.field.is_resources() && self.container.is_none()
    }

    /// `supplementalGroupsPolicy`
    pub fn is_groups_policy(&self) -> bool {
        self.field.at == GROUPS_POLICY
    }

    /// Whether the kubelet of a Windows node refuses a pod for it, where other such fields are
    /// ignored: see [`LinuxField::refusal`].
    pub fn is_refused_by_kubelet(&self, pod: &Pod<'_>) -> bool {
        let groups_policy = || pod.security_context().and_then(|s| s.supplemental_groups_policy.as_deref());
        self.is_effective
            && match self.field.refusal() {
                None => false,
                Some(KubeletRefusal::Value(value)) => groups_policy() == Some(value),
                Some(KubeletRefusal::Effective) => {
                    !self.is_pod_resources() || pod.world.settings.kubernetes_at_least(34)
                }
            }
    }
}

/// All fields in a pod that the API server refuses beside `os.name: windows`.
pub fn linux_fields<'p, 'a>(pod: &'p Pod<'a>) -> impl Iterator<Item = Found<'p, 'a>> + use<'p, 'a> {
    let mut found = Vec::new();
    let is_there = |field: &LinuxField| pod.world.settings.kubernetes_at_least(field.since());
    let mut see = |field: &'static LinuxField, used, container| {
        if used != Use::Absent && is_there(field) {
            found.push(Found { field, container, is_effective: used == Use::Effective });
        }
    };
    for row in SPEC {
        see(&row.field, row.field.shape.use_of((row.of)(pod.spec)), None);
    }
    if let Some(context) = pod.security_context() {
        for row in POD_CONTEXT {
            see(&row.field, row.field.shape.use_of((row.of)(context)), None);
        }
    }
    for container in &pod.containers {
        if let Some(context) = container.security_context() {
            for row in CONTEXT {
                see(&row.field, row.field.shape.use_of((row.of)(context)), Some(container));
            }
        }
    }
    found.into_iter()
}

/// Whether `os.name` is not set at all; a name that Kubernetes does not know is set.
pub fn is_unset(pod: &Pod<'_>) -> bool {
    pod.spec.os.as_ref().and_then(|os| os.name.as_deref()).is_none_or(str::is_empty)
}

/// The one change that makes a pod say that it is for Windows: sets `os.name`, pins it to Windows
/// nodes where it is not, removes every field that the API server would then refuse, and replaces
/// stop signals that Windows does not have.
///
/// There is none where something else contradicts Windows, where a removal would lose what was meant
/// (`privileged: true` and `resources` of the pod), or where the namespace demands what is removed.
pub fn for_windows(pod: &Pod<'_>, title: impl Into<Cow<'static, str>>) -> Option<Fix> {
    let is_ruled_out = |found: Found<'_, '_>| found.is_privileged() || (found.is_pod_resources() && found.is_effective);
    if !pod.is_windows()
        || pod.wants_the_host()
        || pod.os_name() == Some(Os::Linux)
        || is_meant_for_only(pod, Os::Linux)
        || linux_fields(pod).any(is_ruled_out)
        || pod_security::enforced(pod).is_some_and(|standard| !standard.lets_be_named(pod))
    {
        return None;
    }
    let mut fix = set_os(pod, Os::Windows, title)?;
    for found in linux_fields(pod) {
        fix = fix.remove(found.path(pod));
    }
    for (container, _) in stop_signals(pod).filter(|(_, signal)| !is_windows_signal(signal)) {
        fix = fix.set(container.at(STOP_SIGNAL), "SIGTERM");
    }
    Some(fix)
}

/// The change that makes a pod say that it is for Linux; `None` where it holds what the API server
/// would then refuse.
pub fn for_linux(pod: &Pod<'_>, title: impl Into<Cow<'static, str>>) -> Option<Fix> {
    let has_windows_options = pod.windows_options().is_some()
        || pod.containers.iter().filter_map(Container::security_context).any(|c| c.windows_options.is_some());
    if !pod.is_for(Os::Linux)
        || is_meant_for_only(pod, Os::Windows)
        || has_windows_options
        || stop_signals(pod).any(|(_, signal)| !is_linux_signal(signal))
    {
        return None;
    }
    set_os(pod, Os::Linux, title)
}

/// Sets `os.name`, and the label where nodes of the other system are not ruled out yet. `None` where other
/// labels rule out those of this one, or the RuntimeClass asks for another.
fn set_os(pod: &Pod<'_>, os: Os, title: impl Into<Cow<'static, str>>) -> Option<Fix> {
    let is_open_to_other = pod.label_fit(os.other()) != Fit::No || pod.meant_fit(os.other()) != Fit::No;
    if pod.meant_fit(os) == Fit::No || (is_open_to_other && !pod.may_select(OS, os.label())) {
        return None;
    }
    let mut fix = pod.fix_for(os, title);
    if pod.os_name() != Some(os) {
        fix = fix.set(pod.at("/os/name"), os.label());
    }
    if is_open_to_other {
        fix = fix.set(pod.at("/nodeSelector").key(OS), os.label());
    }
    Some(fix)
}

/// Whether the labels that the pod asks for are meant to leave nodes of `os` alone. Not as they are
/// written: another fix may correct a `Windows` or a build with four parts at the same time.
fn is_meant_for_only(pod: &Pod<'_>, os: Os) -> bool {
    pod.meant_fit(os) != Fit::No && pod.meant_fit(os.other()) == Fit::No
}

/// Where a container's stop signal stands.
pub const STOP_SIGNAL: &str = "/lifecycle/stopSignal";

/// The containers that name a stop signal, and which.
pub fn stop_signals<'p, 'a>(pod: &'p Pod<'a>) -> impl Iterator<Item = (&'p Container<'a>, &'a str)> {
    pod.containers
        .iter()
        .filter_map(|container| Some((container, container.view.lifecycle.as_ref()?.stop_signal.as_deref()?)))
}

/// Whether the API server takes the signal in a pod with `os.name: windows`.
pub fn is_windows_signal(signal: &str) -> bool {
    matches!(signal, "SIGTERM" | "SIGKILL")
}

/// Whether the API server takes the signal in a pod with `os.name: linux`.
pub fn is_linux_signal(signal: &str) -> bool {
    const SIGNALS: &[&str] = &[
        "SIGABRT",
        "SIGALRM",
        "SIGBUS",
        "SIGCHLD",
        "SIGCLD",
        "SIGCONT",
        "SIGFPE",
        "SIGHUP",
        "SIGILL",
        "SIGINT",
        "SIGIO",
        "SIGIOT",
        "SIGKILL",
        "SIGPIPE",
        "SIGPOLL",
        "SIGPROF",
        "SIGPWR",
        "SIGQUIT",
        "SIGRTMAX",
        "SIGRTMIN",
        "SIGSEGV",
        "SIGSTKFLT",
        "SIGSTOP",
        "SIGSYS",
        "SIGTERM",
        "SIGTRAP",
        "SIGTSTP",
        "SIGTTIN",
        "SIGTTOU",
        "SIGURG",
        "SIGUSR1",
        "SIGUSR2",
        "SIGVTALRM",
        "SIGWINCH",
        "SIGXCPU",
        "SIGXFSZ",
    ];
    let is_offset = |prefix: &str, last: u8| {
        signal
            .strip_prefix(prefix)
            .is_some_and(|n| (1..=last).any(|number| n.parse() == Ok(number)) && !n.starts_with(['0', '+']))
    };
    SIGNALS.binary_search(&signal).is_ok() || is_offset("SIGRTMIN+", 15) || is_offset("SIGRTMAX-", 14)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals() {
        for signal in ["SIGABRT", "SIGTERM", "SIGXFSZ", "SIGRTMIN", "SIGRTMIN+1", "SIGRTMIN+15", "SIGRTMAX-14"] {
            assert!(is_linux_signal(signal), "{signal}");
        }
        for signal in
            ["", "SIGNOSUCH", "sigterm", "SIGRTMIN+0", "SIGRTMIN+01", "SIGRTMIN+16", "SIGRTMIN++1", "SIGRTMAX-15"]
        {
            assert!(!is_linux_signal(signal), "{signal}");
        }
    }

    #[test]
    fn fields_are_named_as_kubernetes_names_them() {
        let names: Vec<_> = POD_CONTEXT.iter().map(|row| row.field.name()).collect();
        assert!(names.contains(&"securityContext.runAsUser".into()), "{names:?}");
        assert_eq!(SPEC.len() + POD_CONTEXT.len() + CONTEXT.len(), 26, "A01 to A26");
    }
}
