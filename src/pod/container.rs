//! The containers of a pod, of whatever list.

use crate::images::{self, Image};
use crate::object::pod as view;
use crate::object::pod::{PodSpec, ResourceList, SecurityContext, VolumeMount};
use crate::object::read::Str;
use crate::paths;
use crate::platform::resources::is_zero;
use crate::pointer::Pointer;
use crate::quantity::Quantity;

/// The three lists of containers in a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerList {
    /// `initContainers`
    Init,
    /// `containers`
    Main,
    /// `ephemeralContainers`
    Ephemeral,
}

impl ContainerList {
    /// The name of the field.
    pub const fn field(self) -> &'static str {
        match self {
            ContainerList::Init => "initContainers",
            ContainerList::Main => "containers",
            ContainerList::Ephemeral => "ephemeralContainers",
        }
    }
}

/// A container of a pod.
#[derive(Debug)]
pub struct Container<'a> {
    /// Its fields.
    pub view: &'a view::Container<'a>,
    /// The list it stands in.
    pub list: ContainerList,
    /// Its position there.
    pub index: usize,
    /// What its image reference says.
    pub image: Image<'a>,
    /// Whether it is a HostProcess container: its own value, else the pod's.
    pub host_process: bool,
    path: Pointer,
}

/// The containers of a pod whose spec stands at `path`.
pub(super) fn all<'a>(spec: &'a PodSpec<'a>, path: &Pointer) -> Vec<Container<'a>> {
    let of_pod = super::windows_options(spec).and_then(|options| options.host_process);
    let lists = [
        (ContainerList::Init, &spec.init_containers),
        (ContainerList::Main, &spec.containers),
        (ContainerList::Ephemeral, &spec.ephemeral_containers),
    ];
    let count = lists.iter().map(|(_, views)| views.as_ref().map_or(0, Vec::len)).sum();
    let mut containers = Vec::with_capacity(count);
    for (list, views) in lists {
        for (index, view) in views.as_deref().unwrap_or_default().iter().enumerate() {
            let options = view.security_context.as_ref().and_then(|context| context.windows_options.as_ref());
            containers.push(Container {
                view,
                list,
                index,
                image: images::read(view.image.as_deref().unwrap_or_default()),
                host_process: options.and_then(|options| options.host_process).or(of_pod) == Some(true),
                path: path.key(list.field()).index(index),
            });
        }
    }
    containers
}

impl<'a> Container<'a> {
    /// The pointer to a place in the container; `relative` is a pointer of its own, such as `/image`.
    pub fn at(&self, relative: &str) -> Pointer {
        self.path.join(relative)
    }

    /// Its name, for messages; its position where it has none, as Knative allows.
    pub fn name(&self) -> &'a str {
        const POSITIONS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
        let name = self.view.name.as_deref().filter(|name| !name.is_empty());
        name.or(POSITIONS.get(self.index).copied()).unwrap_or_default()
    }

    /// `securityContext`
    pub fn security_context(&self) -> Option<&'a SecurityContext<'a>> {
        self.view.security_context.as_deref()
    }

    /// `volumeMounts`
    pub fn mounts(&self) -> &'a [VolumeMount<'a>] {
        self.view.volume_mounts.as_deref().unwrap_or_default()
    }

    /// Whether the mount at `index` may be moved to `path`: the API server lets no two be at one
    /// place, and other fixes may give a pipe there its right name.
    pub fn may_mount_at(&self, index: usize, path: &str) -> bool {
        let is_same = |(one, other): (&str, &str)| one.eq_ignore_ascii_case(other);
        let is_there =
            |other: &str| other == path || paths::pipe_name(other).zip(paths::pipe_name(path)).is_some_and(is_same);
        let mut others = self.mounts().iter().enumerate().filter(|(other, _)| *other != index);
        !others.any(|(_, mount)| mount.mount_path.as_deref().is_some_and(is_there))
    }

    /// Where one of `volumeMounts` stands.
    pub fn mount_at(&self, index: usize) -> Pointer {
        self.at("/volumeMounts").index(index)
    }

    /// Whether it starts IIS by ServiceMonitor, which has to be administrator for it.
    pub fn starts_iis(&self) -> bool {
        self.image.starts_iis() && self.view.command.as_ref().is_none_or(|command| command.is_empty())
    }

    /// Everything it starts: its command, hooks and probes, each with its place as a pointer relative
    /// to the container. Args without a command do not count: the image says what they are given to.
    pub fn command_lines(&self) -> impl Iterator<Item = (&'static str, &'a [Str<'a>])> + use<'a> {
        let view = self.view;
        let lifecycle = view.lifecycle.as_ref();
        let hook = |hook: Option<&'a view::LifecycleHandler<'a>>| {
            hook.and_then(|h| h.exec.as_ref()).and_then(|e| e.command.as_deref())
        };
        let probe = |probe: &'a Option<Box<view::Probe<'a>>>| {
            probe.as_ref().and_then(|p| p.exec.as_ref()).and_then(|e| e.command.as_deref())
        };
        let all = [
            ("/command", view.command.as_deref()),
            ("/lifecycle/postStart/exec/command", hook(lifecycle.and_then(|l| l.post_start.as_ref()))),
            ("/lifecycle/preStop/exec/command", hook(lifecycle.and_then(|l| l.pre_stop.as_ref()))),
            ("/livenessProbe/exec/command", probe(&view.liveness_probe)),
            ("/readinessProbe/exec/command", probe(&view.readiness_probe)),
            ("/startupProbe/exec/command", probe(&view.startup_probe)),
        ];
        all.into_iter().filter_map(|(at, command)| Some((at, command?))).filter(|(_, command)| !command.is_empty())
    }

    /// The arguments that come to what is started at a place that [`Container::command_lines`] gives.
    pub fn args_of(&self, at: &str) -> &'a [Str<'a>] {
        let args = self.view.args.as_deref().filter(|_| at == "/command");
        args.unwrap_or_default()
    }

    /// The resources in one of its lists, with their quantities as written. Ephemeral containers can
    /// have none.
    pub fn resources(&self, list: ResourceList) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let map = self.view.resources.as_ref().filter(|_| self.list != ContainerList::Ephemeral);
        map.and_then(|r| r.list(list))
            .into_iter()
            .flat_map(|map| map.iter())
            .map(|(name, quantity)| (name, &**quantity))
    }

    /// What it states of `resource` in one of its lists: as written, and what that is.
    pub fn quantity(&self, list: ResourceList, resource: &str) -> Option<(&'a str, Quantity)> {
        let text = self.resources(list).filter(|(name, _)| *name == resource).last()?.1;
        Some((text, Quantity::read(text)?))
    }

    /// Its limit of `resource`. A limit of zero is none.
    pub fn limit(&self, resource: &str) -> Option<(&'a str, Quantity)> {
        self.quantity(ResourceList::Limits, resource).filter(|(_, quantity)| *quantity > Quantity::ZERO)
    }

    /// Whether it has a limit of `resource`, one that cannot be read included.
    pub fn has_limit(&self, resource: &str) -> bool {
        self.resources(ResourceList::Limits).any(|(name, quantity)| name == resource && !is_zero(quantity))
    }

    /// Where it states `resource` in one of its lists.
    pub fn resource_at(&self, list: ResourceList, resource: &str) -> Pointer {
        self.at("/resources").key(list.field()).key(resource)
    }

    /// The words of all it starts, and those that `args` adds to its command: each list with its place
    /// and the command line it belongs to, which is empty where the image names the program.
    pub fn words(&self) -> impl Iterator<Item = (&'static str, &'a [Str<'a>], &'a [Str<'a>])> + use<'a> {
        let command = self.view.command.as_deref().unwrap_or_default();
        let args = self.view.args.as_deref().map(|args| ("/args", args, command));
        self.command_lines().map(|(at, words)| (at, words, words)).chain(args)
    }

    /// `env`
    pub fn env(&self) -> &'a [view::EnvVar<'a>] {
        self.view.env.as_deref().unwrap_or_default()
    }

    /// Whether it asks for devices by dynamic resource allocation.
    pub fn has_claims(&self) -> bool {
        self.view.resources.as_ref().and_then(|r| r.claims.as_ref()).is_some_and(|c| !c.is_empty())
    }
}

/// The word for a place of [`Container::command_lines`]: `command`, `preStop`, `livenessProbe` and so on.
pub fn field_name(at: &str) -> &str {
    at.split('/').skip(1).find(|step| *step != "lifecycle").unwrap_or_default()
}
