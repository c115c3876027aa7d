//! A pod or pod template, prepared once for all rules: where it is, its containers in one list,
//! effective security settings, images, intent and placement.

mod container;

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::fix::Fix;
use crate::images;
use crate::object::cluster::RuntimeClass;
use crate::object::pod::{NodeSelectorTerm, PodSecurityContext, PodSpec, ResourceList, Toleration, WindowsOptions};
use crate::object::read::Map;
use crate::object::{Object, ObjectMeta, Workload};
use crate::order;
use crate::platform::intent::{self, Intent};
use crate::platform::placement::Fits;
use crate::platform::{Evidence, Os, Placements, Reading, Selector, Statement, Strength, stated};
use crate::pointer::Pointer;
use crate::update::is_bound;
use crate::world::World;

pub use container::{Container, ContainerList, field_name};

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
    pub(crate) label_fits: Fits,
    /// How nodes can have the labels it means to ask for.
    pub(crate) meant_fits: Fits,
    /// The builds of the Windows nodes that it may be put on, once somebody has asked for them.
    pub(crate) builds_in_reach: OnceCell<Vec<u32>>,
    /// The pointer to the spec.
    path: Pointer,
    /// The pointer to the metadata.
    metadata_path: Pointer,
}

/// Where pods and containers say whether they are HostProcess ones.
pub const HOST_PROCESS: &str = "/securityContext/windowsOptions/hostProcess";

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
        let mut pod = Pod {
            world,
            object,
            workload,
            metadata,
            spec,
            containers: container::all(spec, &path),
            selector: Selector::of(spec),
            statements: stated::required(spec),
            evidence: Vec::new(),
            intent: None,
            placement: Placements::NONE,
            label_fits: Fits::NONE,
            meant_fits: Fits::NONE,
            builds_in_reach: OnceCell::new(),
            path,
            metadata_path: template_at.key("metadata"),
        };
        if let Some(node_selector) = pod.class_node_selector() {
            pod.selector.and(node_selector.iter().map(|(key, value)| (key, &**value)));
        }
        // Where the namespace's labels contradict the pod's own it is refused, and a rule says so.
        let own = spec.node_selector.as_ref();
        let namespace = world.context.namespace_node_selector(pod.namespace());
        pod.selector.and(namespace.filter(|(key, _)| own.is_none_or(|s| s.get(key).is_none())));
        pod.label_fits = pod.fits(Reading::AsWritten);
        pod.meant_fits = pod.fits(Reading::AsMeant);
        pod.placement = pod.place();
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

    /// The node labels that its RuntimeClass asks for.
    pub fn class_node_selector(&self) -> Option<&'a Map<'a>> {
        self.runtime_class()?.scheduling.as_ref()?.node_selector.as_ref()
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
