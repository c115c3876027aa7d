//! A pod or pod template, prepared once for all rules: where it is, its containers in one list,
//! effective security settings, images, intent and placement.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::admission::Request;
use crate::context::{Context, Node};
use crate::fix::Fix;
use crate::images::{self, Image};
use crate::object::cluster::RuntimeClass;
use crate::object::pod::{
    NodeSelectorTerm, PodSecurityContext, PodSpec, ResourceList, SecurityContext, Toleration, VolumeMount,
    WindowsOptions,
};
use crate::object::read::{Map, Str, Text};
use crate::object::{Object, ObjectMeta, Workload, pod as view};
use crate::order;
use crate::paths;
use crate::platform::intent::{self, Intent};
use crate::platform::labels::OS;
use crate::platform::resources::{is_zero, resource_os};
use crate::platform::taints::{self, Taints};
use crate::platform::{Evidence, Fit, NodeModel, Os, Placement, Reading, Selector, Statement, Strength, Taint, stated};
use crate::pointer::Pointer;
use crate::quantity::Quantity;
use crate::settings::{Platform, Settings};
use crate::update::is_bound;

/// What surrounds the object that is judged.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// The settings in force.
    pub settings: &'a Settings,
    /// Other objects that may be looked up.
    pub context: &'a Context<'a>,
    /// The admission request; empty for a bare object.
    pub request: &'a Request<'a>,
    /// The taints of the Windows nodes: set, else the platform's; `None` where nothing is known.
    pub taints: Option<&'a [Taint]>,
    /// The day at which suppressions are judged, as `YYYY-MM-DD`.
    pub today: &'a str,
}

/// A pod or a pod template.
#[derive(Debug)]
pub struct Pod<'a> {
    /// What surrounds it.
    pub world: World<'a>,
    /// The object it is in, or which it is.
    pub object: &'a Object<'a>,
    /// Its place in the object.
    pub workload: &'a Workload<'a>,
    /// Its metadata, where it has any.
    pub metadata: Option<&'a ObjectMeta<'a>>,
    /// Its spec.
    pub spec: &'a PodSpec<'a>,
    /// Init, main and ephemeral containers, in this order.
    pub containers: Vec<Container<'a>>,
    /// What it demands of node labels.
    pub selector: Selector<'a>,
    /// What it requires by itself, each with its place.
    pub(crate) statements: Vec<Statement<'a>>,
    /// What speaks for which system.
    pub evidence: Vec<Evidence>,
    /// What it is meant for; `None` where nothing tells.
    pub intent: Option<Intent>,
    /// Where it can land.
    pub placement: Placements,
    /// How nodes can have the labels it asks for.
    label_fits: Fits,
    /// How nodes can have the labels it means to ask for.
    meant_fits: Fits,
    /// The builds of the Windows nodes that it may be put on, once somebody has asked for them.
    pub(crate) builds_in_reach: OnceCell<Vec<u32>>,
    /// The pointer to the spec.
    path: Pointer,
    /// The pointer to the metadata.
    metadata_path: Pointer,
}

/// Where a pod can land.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub struct Placements {
    /// On Windows nodes.
    pub windows: Placement,
    /// On Linux nodes.
    pub linux: Placement,
}

impl Placements {
    /// On nodes of `os`.
    pub fn of(&self, os: Os) -> Placement {
        match os {
            Os::Windows => self.windows,
            Os::Linux => self.linux,
        }
    }
}

/// Where pods and containers say whether they are HostProcess ones.
pub const HOST_PROCESS: &str = "/securityContext/windowsOptions/hostProcess";

/// How the nodes of each system can have the labels that a pod asks for.
#[derive(Debug, Clone, Copy)]
struct Fits {
    windows: Fit,
    linux: Fit,
}

impl Fits {
    const NONE: Fits = Fits { windows: Fit::No, linux: Fit::No };

    fn of(self, os: Os) -> Fit {
        match os {
            Os::Windows => self.windows,
            Os::Linux => self.linux,
        }
    }
}

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

/// A value that a container sets or takes from its pod, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective<T> {
    /// The value.
    pub value: T,
    /// Where it is set.
    pub path: Pointer,
}

impl<'a> Pod<'a> {
    /// Prepares a workload. `None` where it has no spec.
    pub(crate) fn new(
        object: &'a Object<'a>,
        workload: &'a Workload<'a>,
        world: World<'a>,
        prefix: &str,
    ) -> Option<Self> {
        let template_at = Pointer::raw(prefix).join(&workload.at);
        let path = template_at.key("spec");
        let spec = workload.template.spec.as_ref()?;
        let is_pod = workload.at.is_empty();
        let metadata = if is_pod { Some(&object.metadata) } else { workload.template.metadata.as_ref() };
        let pod_host_process = windows_options(spec).and_then(|w| w.host_process);
        let lists = [
            (ContainerList::Init, &spec.init_containers),
            (ContainerList::Main, &spec.containers),
            (ContainerList::Ephemeral, &spec.ephemeral_containers),
        ];
        let count = lists.iter().map(|(_, views)| views.as_ref().map_or(0, Vec::len)).sum();
        let mut containers = Vec::with_capacity(count);
        for (list, views) in lists {
            for (index, view) in views.as_deref().unwrap_or_default().iter().enumerate() {
                let own = view
                    .security_context
                    .as_ref()
                    .and_then(|s| s.windows_options.as_ref())
                    .and_then(|w| w.host_process);
                containers.push(Container {
                    view,
                    list,
                    index,
                    image: images::read(view.image.as_deref().unwrap_or_default()),
                    host_process: own.or(pod_host_process) == Some(true),
                    path: path.key(list.field()).index(index),
                });
            }
        }
        let mut pod = Pod {
            world,
            object,
            workload,
            metadata,
            spec,
            containers,
            selector: Selector::of(spec),
            statements: stated::required(spec),
            evidence: Vec::new(),
            intent: None,
            placement: Placements { windows: Placement::No, linux: Placement::No },
            label_fits: Fits::NONE,
            meant_fits: Fits::NONE,
            builds_in_reach: OnceCell::new(),
            path,
            metadata_path: template_at.key("metadata"),
        };
        if let Some(node_selector) =
            pod.runtime_class().and_then(|c| c.scheduling.as_ref()).and_then(|s| s.node_selector.as_ref())
        {
            pod.selector.and(node_selector.iter().map(|(key, value)| (key, &**value)));
        }
        // Where the namespace's labels contradict the pod's own it is refused, and a rule says so.
        let own = spec.node_selector.as_ref();
        let namespace = world.context.namespace_node_selector(pod.namespace());
        pod.selector.and(namespace.filter(|(key, _)| own.is_none_or(|s| s.get(key).is_none())));
        pod.label_fits = pod.fits(Reading::AsWritten);
        pod.meant_fits = pod.fits(Reading::AsMeant);
        pod.placement = Placements { windows: pod.place(Os::Windows), linux: pod.place(Os::Linux) };
        pod.evidence = intent::evidence(&pod);
        pod.intent = intent::decide(&pod.evidence);
        Some(pod)
    }

    /// The pointer to a place in the spec; `relative` is a pointer of its own, such as `/os/name`.
    pub fn at(&self, relative: &str) -> Pointer {
        self.path.join(relative)
    }

    /// The pointer to a place in the pod's metadata.
    pub fn metadata_at(&self, relative: &str) -> Pointer {
        self.metadata_path.join(relative)
    }

    /// The namespace it is in.
    pub fn namespace(&self) -> &'a str {
        self.world.namespace_of(self.object)
    }

    /// Whether it is a Pod itself, not a template.
    pub fn is_pod(&self) -> bool {
        self.workload.at.is_empty()
    }

    /// Whether it is a Pod that the scheduler has bound already, as far as the request tells.
    pub fn is_bound(&self) -> bool {
        self.is_pod() && is_bound(self.object, self.world.request)
    }

    /// Whether the pod is meant for `os`.
    pub fn is_for(&self, os: Os) -> bool {
        self.intent.is_some_and(|intent| intent.os == os)
    }

    /// Whether the pod is meant for `os`, by evidence that a fix may rely on: decisive, or strong where nothing
    /// as strong speaks for the other system.
    pub fn is_surely_for(&self, os: Os) -> bool {
        let says_other =
            |evidence: &Evidence| evidence.says == os.other() && evidence.rank.strength() >= Strength::Strong;
        self.intent.filter(|intent| intent.os == os).is_some_and(|intent| match intent.rank.strength() {
            Strength::Decisive => true,
            Strength::Strong => !self.evidence.iter().any(says_other),
            Strength::Moderate => false,
        })
    }

    /// A fix that rests on the pod being meant for `os`: unsafe where that is not sure, or where the API that
    /// the pod is written in may not take what is set.
    pub fn fix_for(&self, os: Os, title: impl Into<Cow<'static, str>>) -> Fix {
        // Knative Serving refuses nodeSelector and tolerations unless its ConfigMap config-features allows them.
        let is_taken = !self.object.is_in_group("serving.knative.dev");
        if self.is_surely_for(os) && is_taken { Fix::safe(title) } else { Fix::unsafe_(title) }
    }

    /// Whether the pod is meant for Windows.
    pub fn is_windows(&self) -> bool {
        self.is_for(Os::Windows)
    }

    /// `os.name`, where it is one of the two that Kubernetes knows.
    pub fn os_name(&self) -> Option<Os> {
        let name = self.spec.os.as_ref()?.name.as_deref()?;
        [Os::Windows, Os::Linux].into_iter().find(|os| os.label() == name)
    }

    /// The system that `os.name` means, whatever its letter case.
    pub fn os_meant(&self) -> Option<Os> {
        self.spec.os.as_ref()?.name.as_deref().and_then(Os::named)
    }

    /// Whether nodes of `os` can have all the labels the pod asks for.
    pub fn label_fit(&self, os: Os) -> Fit {
        self.label_fits.of(os)
    }

    /// Whether nodes of `os` can have all the labels the pod means to ask for: see [`Reading::AsMeant`].
    pub fn meant_fit(&self, os: Os) -> Fit {
        self.meant_fits.of(os)
    }

    fn fits(&self, reading: Reading) -> Fits {
        let fit = |os| self.selector.fit(&self.node_model(os, reading));
        Fits { windows: fit(Os::Windows), linux: fit(Os::Linux) }
    }

    /// Whether nodes of `os` can have the labels that required affinity term `index` and `nodeSelector` ask for.
    pub fn term_fit(&self, index: usize, os: Os) -> Fit {
        self.selector.term_fit(index, &self.node_model(os, Reading::AsWritten))
    }

    /// Whether only nodes of `os` can have the labels the pod means to ask for.
    pub fn is_forced_to(&self, os: Os) -> bool {
        self.meant_fit(os) != Fit::No && self.meant_fit(os.other()) == Fit::No
    }

    /// The nodes of `os`, as far as settings and context tell.
    pub fn node_model(&self, os: Os, reading: Reading) -> NodeModel<'a> {
        NodeModel { os, reading, builds: self.world.builds(), settings: self.world.settings }
    }

    /// Whether a label that others add to its `nodeSelector` is one that no node has. What it asks for itself is the
    /// matter of rules that know what is meant.
    pub fn is_on_no_node(&self, (key, value): (&str, &str)) -> bool {
        let has = |os| self.node_model(os, Reading::AsWritten).can_have(key, value);
        !has(Os::Windows) && !has(Os::Linux)
    }

    /// `nodeName`: the node it is to run on, whatever the scheduler would say.
    pub fn node_name(&self) -> Option<&'a str> {
        self.spec.node_name.as_deref().filter(|name| !name.is_empty())
    }

    /// The required node affinity terms; `None` where there is no such list.
    pub fn required_terms(&self) -> Option<&'a [NodeSelectorTerm<'a>]> {
        self.spec.required_terms()
    }

    /// Where the required node affinity terms stand.
    pub fn required_terms_at(&self) -> Pointer {
        self.at("/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms")
    }

    /// The pod's tolerations, and those its RuntimeClass adds.
    pub fn tolerations(&self) -> impl Iterator<Item = &'a Toleration<'a>> + Clone + use<'a> {
        let class = self.runtime_class().and_then(|c| c.scheduling.as_ref()).and_then(|s| s.tolerations.as_deref());
        self.spec.tolerations.as_deref().unwrap_or_default().iter().chain(class.unwrap_or_default())
    }

    /// The RuntimeClass it names, where the context has it.
    pub fn runtime_class(&self) -> Option<&'a RuntimeClass<'a>> {
        self.world.context.runtime_class(self.spec.runtime_class_name.as_deref()?)
    }

    /// Whether it names a RuntimeClass that is not known, which may add labels and tolerations to it.
    pub fn has_unknown_runtime_class(&self) -> bool {
        self.spec.runtime_class_name.as_deref().is_some_and(|name| !name.is_empty()) && self.runtime_class().is_none()
    }

    /// Whether the pod as a whole has requests or limits of `resource`: the API server refuses containers
    /// that together ask for more.
    pub fn shares(&self, resource: &str) -> bool {
        let mut lists = ResourceList::ALL.into_iter().filter_map(|list| self.spec.resources.as_ref()?.list(list));
        lists.any(|list| list.get(resource).is_some())
    }

    /// Whether nodes of `os` can offer all resources it asks for.
    pub fn resources_fit(&self, os: Os) -> bool {
        let mut resources =
            self.containers.iter().filter_map(|c| c.view.resources.as_ref()).chain(&self.spec.resources);
        let names = |map: Option<&Map<'_, Text<'_>>>| {
            map.is_some_and(|m| {
                m.iter().any(|(name, quantity)| resource_os(name) == Some(os.other()) && !is_zero(quantity))
            })
        };
        let claims = os == Os::Windows
            && (self.spec.resource_claims.as_ref().is_some_and(|c| !c.is_empty())
                || self.containers.iter().any(Container::has_claims));
        !claims && !resources.any(|r| names(r.requests.as_ref()) || names(r.limits.as_ref()))
    }

    /// Whether the taints of Windows nodes let the pod in.
    pub fn tolerates_windows_taints(&self) -> bool {
        match self.world.windows_taints() {
            Taints::Known(known) => self.untolerated(known).next().is_none(),
            unknown => !unknown.keep_off(self.tolerations()),
        }
    }

    /// The known taints of the Windows nodes that the pod does not tolerate, and that nobody else tolerates for it.
    pub fn untolerated<'k>(&self, known: &'k [Taint]) -> impl Iterator<Item = &'k Taint> + use<'a, 'k> {
        // The admission webhook of GKE adds the toleration to who asks for Windows nodes.
        let asks = self.selector.required_value(OS) == Some("windows");
        let by_webhook = self.world.settings.platform == Platform::Gke && asks;
        taints::not_tolerated(known, self.tolerations())
            .filter(move |taint| !(by_webhook && taint.key == "node.kubernetes.io/os" && taint.value == "windows"))
    }

    fn place(&self, os: Os) -> Placement {
        let fit = self.label_fit(os);
        if fit == Fit::No || !self.resources_fit(os) {
            return Placement::No;
        }
        let nodes = || self.world.context.nodes();
        if let Some(name) = self.node_name() {
            // Taints and the scheduler are passed by; the kubelet still compares the labels.
            let node = nodes().find(|node| node.name == name);
            let can = node.is_none_or(|node| node.os == os && self.selector.matches(node.name, node.labels));
            return if can { Placement::Yes } else { Placement::No };
        }
        // Where nodes of the system are in the context, there are no others.
        if nodes().any(|node| node.os == os) {
            let matching = nodes().filter(|node| node.os == os && self.selector.matches(node.name, node.labels));
            let place =
                |node: &Node<'_>| if node.admits(self.tolerations()) { Placement::Yes } else { Placement::Guarded };
            return matching.map(place).max().unwrap_or(Placement::No);
        }
        if os == Os::Windows {
            if !self.world.settings.may_have_windows_nodes() {
                return Placement::No;
            }
            if !self.tolerates_windows_taints() {
                return Placement::Guarded;
            }
        }
        if fit == Fit::Custom { Placement::Maybe } else { Placement::Yes }
    }

    /// `securityContext`
    pub fn security_context(&self) -> Option<&'a PodSecurityContext<'a>> {
        self.spec.security_context.as_ref()
    }

    /// `securityContext.windowsOptions`
    pub fn windows_options(&self) -> Option<&'a WindowsOptions<'a>> {
        windows_options(self.spec)
    }

    /// Where the pod itself says `hostProcess: true`, whether a container takes that value or not.
    pub fn own_host_process_at(&self) -> Option<Pointer> {
        let is_asked = self.windows_options().and_then(|options| options.host_process) == Some(true);
        is_asked.then(|| self.at(HOST_PROCESS))
    }

    /// Where the pod is said to be a HostProcess pod, or have such a container.
    pub fn host_process_at(&self) -> Option<Pointer> {
        let container = self.containers.iter().find(|container| container.host_process);
        // A container's own value takes the place of the pod's.
        let of_pod = self.own_host_process_at().filter(|_| container.is_some() || self.containers.is_empty());
        of_pod.or_else(|| container.map(|container| container.at(HOST_PROCESS)))
    }

    /// Whether any container is a HostProcess container.
    pub fn is_host_process(&self) -> bool {
        self.host_process_at().is_some()
    }

    /// Whether it wants the node as only a HostProcess pod gets it on Windows, without being one: its
    /// network, and its processes or every right on it.
    pub fn wants_the_host(&self) -> bool {
        let is_privileged = |c: &Container<'_>| c.security_context().is_some_and(|s| s.privileged == Some(true));
        self.is_windows()
            && self.spec.host_network == Some(true)
            && !self.is_host_process()
            && (self.spec.host_pid == Some(true) || self.containers.iter().any(is_privileged))
    }

    /// The names of the volumes that some container mounts, in ascending order: the kubelet leaves
    /// the others alone.
    pub fn mounted_volumes(&self) -> Vec<&'a str> {
        let mounts = self.containers.iter().flat_map(Container::mounts);
        let names: Vec<&str> = mounts.filter_map(|mount| mount.name.as_deref()).collect();
        order::sorted(&names)
    }

    /// Whether the images or other evidence of single containers speak for both systems.
    pub fn has_mixed_images(&self) -> bool {
        let any = |os| self.containers.iter().any(|c| c.image.os == os);
        any(images::Os::Windows) && any(images::Os::Linux)
    }

    /// The `runAsUserName` a container runs with: its own, else the pod's.
    pub fn run_as_user_name(&self, container: &Container<'a>) -> Option<Effective<&'a str>> {
        let field = "/securityContext/windowsOptions/runAsUserName";
        self.effective(container, field, |w| w.run_as_user_name.as_deref())
    }

    /// The `runAsNonRoot` a container runs with: its own, else the pod's.
    pub fn run_as_non_root(&self, container: &Container<'a>) -> Option<Effective<bool>> {
        let own = container.security_context().and_then(|s| s.run_as_non_root);
        let pod = || self.security_context().and_then(|s| s.run_as_non_root);
        let field = "/securityContext/runAsNonRoot";
        match own {
            Some(value) => Some(Effective { value, path: container.at(field) }),
            None => pod().map(|value| Effective { value, path: self.at(field) }),
        }
    }

    /// A value of `windowsOptions` as it applies to a container; `field` is its path below either.
    pub fn effective<T>(
        &self,
        container: &Container<'a>,
        field: &str,
        get: impl Fn(&'a WindowsOptions<'a>) -> Option<T>,
    ) -> Option<Effective<T>> {
        let own = container.security_context().and_then(|s| s.windows_options.as_ref()).and_then(&get);
        match own {
            Some(value) => Some(Effective { value, path: container.at(field) }),
            None => self.windows_options().and_then(get).map(|value| Effective { value, path: self.at(field) }),
        }
    }
}

fn windows_options<'a>(spec: &'a PodSpec<'a>) -> Option<&'a WindowsOptions<'a>> {
    spec.security_context.as_ref()?.windows_options.as_ref()
}

/// The word for a place of [`Container::command_lines`]: `command`, `preStop`, `livenessProbe` and so on.
pub fn field_name(at: &str) -> &str {
    at.split('/').skip(1).find(|step| *step != "lifecycle").unwrap_or_default()
}

impl<'a> World<'a> {
    /// The namespace that an object is in: the request's, else its own.
    pub fn namespace_of(&self, object: &'a Object<'a>) -> &'a str {
        self.request.namespace_of(object)
    }

    /// What is known of the taints of the Windows nodes.
    pub fn windows_taints(&self) -> Taints<'a> {
        self.taints.map_or(Taints::Unknown, Taints::Known)
    }

    /// Whether settings, a Node or a workload of the context say that the cluster has Windows nodes.
    pub fn knows_windows_nodes(&self) -> bool {
        let windows = &self.settings.windows;
        if let Some(present) = windows.present {
            return present;
        }
        let is_windows = |object: &'a Object<'a>, workload| {
            Pod::new(object, workload, *self, "").is_some_and(|pod| pod.is_windows())
        };
        !windows.builds.is_empty()
            || !windows.labels.is_empty()
            || windows.taints.as_ref().is_some_and(|taints| !taints.is_empty())
            || self.settings.cni.is_some()
            || self.context.nodes().any(|node| node.os == Os::Windows)
            || self
                .context
                .objects()
                .any(|object| object.workloads().iter().any(|workload| is_windows(object, workload)))
    }

    /// The Windows builds the user named, in settings or by nodes in the context; empty where none is.
    pub fn builds(&self) -> &'a [u32] {
        match &*self.settings.windows.builds {
            [] => self.context.windows_builds(),
            builds => builds,
        }
    }
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
        let pipe = paths::pipe_name(path);
        let is_there = |other: &str| other == path || (pipe.is_some() && paths::pipe_name(other) == pipe);
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
