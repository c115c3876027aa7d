//! Other objects that rules may look up: the rest of a set, or what a host watches.

use std::cell::OnceCell;

use crate::images::builds;
use crate::object::cluster::RuntimeClass;
use crate::object::pod::{PodTemplateSpec, Toleration};
use crate::object::rbac::Role;
use crate::object::read::Map;
use crate::object::storage::{PersistentVolume, PersistentVolumeClaim, StorageClass};
use crate::object::{Body, Object, ObjectMeta};
use crate::order;
use crate::platform::labels::{OS, WINDOWS_BUILD};
use crate::platform::os::Os;
use crate::platform::taints::{self, Taint};
use crate::quantity::Quantity;
use crate::value::Value;

/// The objects of a context, indexed by what rules ask for.
#[derive(Debug, Default)]
pub struct Context<'a> {
    objects: Vec<&'a Object<'a>>,
    /// The same, by name; of two with one name the later one stands behind.
    by_name: Vec<&'a Object<'a>>,
    nodes: Vec<Node<'a>>,
    /// By the names of the claims they are kept for; free ones have an empty name and come first.
    persistent_volumes: Vec<(&'a str, &'a PersistentVolume<'a>)>,
    /// The workloads that use claims, by the names of the claims.
    claim_users: Vec<ClaimUser<'a>>,
    /// The class of claims that name none.
    default_class: Option<(&'a str, &'a StorageClass<'a>)>,
    /// The PersistentVolumes that claims ask for by name, in order.
    taken_volumes: Vec<&'a str>,
    windows_builds: Vec<u32>,
}

/// A workload that uses a claim.
#[derive(Debug)]
pub struct ClaimUser<'a> {
    claim: &'a str,
    /// The workload.
    pub object: &'a Object<'a>,
    /// Whether it uses the claim on Linux nodes; filled by who finds out.
    pub is_linux: OnceCell<bool>,
}

/// A Node of the context.
#[derive(Debug)]
pub struct Node<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its system.
    pub os: Os,
    /// Its labels.
    pub labels: &'a Map<'a>,
    /// Everything else.
    pub view: &'a crate::object::cluster::Node<'a>,
}

impl<'a> Node<'a> {
    /// An object as a Node, if it is one whose system is known.
    pub(crate) fn of(object: &'a Object<'a>) -> Option<Self> {
        let Body::Node(view) = &object.body else { return None };
        let labels = object.metadata.labels.as_ref().unwrap_or(&NO_LABELS);
        let info = view.status.as_ref().and_then(|status| status.node_info.as_ref());
        let running = info.and_then(|info| info.operating_system.as_deref());
        let os = object.metadata.label(OS).or(running).and_then(Os::named)?;
        Some(Node { name: object.name(), os, labels, view })
    }

    /// The Windows build its label states.
    pub fn build(&self) -> Option<u32> {
        builds::parse(self.labels.get(WINDOWS_BUILD)?)
    }

    /// The Windows build its kubelet reports.
    pub fn kernel(&self) -> Option<u32> {
        builds::parse(self.view.status.as_ref()?.node_info.as_ref()?.kernel_version.as_deref()?)
    }

    /// How much of `resource` is there for pods.
    pub fn allocatable(&self, resource: &str) -> Option<Quantity> {
        Quantity::read(self.view.status.as_ref()?.allocatable.as_ref()?.get(resource)?)
    }

    /// Whether its taints let in a pod with these tolerations. Taints for conditions, which the
    /// node controller adds and takes away, do not count.
    pub fn admits<'t>(&self, tolerations: impl Iterator<Item = &'t Toleration<'t>> + Clone) -> bool {
        self.lasting_taints()
            .all(|(key, value, effect)| tolerations.clone().any(|t| taints::tolerates(t, key, value, effect)))
    }

    /// Those of its taints that keep pods off, and not only for a while.
    pub fn lasting_taints(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.taints().filter(|(key, _, effect)| taints::repels(effect) && !taints::is_condition(key))
    }

    /// Key, value and effect of its taints.
    pub fn taints(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let taints = self.view.spec.as_ref().and_then(|spec| spec.taints.as_deref());
        taints.unwrap_or_default().iter().map(|taint| {
            let field = |f| Option::as_deref(f).unwrap_or_default();
            (field(&taint.key), field(&taint.value), field(&taint.effect))
        })
    }
}

static NO_LABELS: Map<'static> = Map::empty();

/// The name of the claim that a PersistentVolume is kept for; empty for a free one.
fn claim_of<'a>(volume: &'a PersistentVolume<'a>) -> &'a str {
    let claim = volume.spec.as_ref().and_then(|spec| spec.claim_ref.as_ref());
    claim.and_then(|claim| claim.name.as_deref()).unwrap_or_default()
}

/// The names of the claims that the volumes of a template use.
fn claims_in<'a>(template: &'a PodTemplateSpec<'a>) -> impl Iterator<Item = &'a str> {
    let volumes = template.spec.as_ref().and_then(|spec| spec.volumes.as_deref()).unwrap_or_default();
    let claims = volumes.iter().filter_map(|volume| volume.persistent_volume_claim.as_ref());
    claims.filter_map(|claim| claim.claim_name.as_deref())
}

impl<'a> Context<'a> {
    /// Indexes `objects`; the items of Lists among them count as objects of their own.
    pub(crate) fn new(objects: impl Iterator<Item = &'a Object<'a>>) -> Self {
        let mut context = Context::default();
        for object in objects {
            context.add(object);
        }
        let names: Vec<&str> = context.objects.iter().map(|object| object.name()).collect();
        context.by_name = order::by_text(&names).into_iter().map(|index| context.objects[index]).collect();
        let volumes = &context.persistent_volumes;
        let claims: Vec<&str> = volumes.iter().map(|(_, volume)| claim_of(volume)).collect();
        context.persistent_volumes = order::by_text(&claims).into_iter().map(|index| volumes[index]).collect();
        let taken = context.objects.iter().filter_map(|object| match &object.body {
            Body::PersistentVolumeClaim(claim) => claim.spec.as_ref()?.volume_name.as_deref(),
            _ => None,
        });
        context.taken_volumes = order::sorted(&taken.collect::<Vec<_>>());
        let users = context.objects.iter().flat_map(|object| {
            let workloads = object.workloads().iter();
            workloads.flat_map(|workload| claims_in(&workload.template)).map(move |claim| (claim, *object))
        });
        let (claims, users): (Vec<&str>, Vec<&Object<'_>>) = users.unzip();
        let users = order::by_text(&claims).into_iter().map(|index| (claims[index], users[index]));
        context.claim_users =
            users.map(|(claim, object)| ClaimUser { claim, object, is_linux: OnceCell::new() }).collect();
        context
    }

    fn add(&mut self, object: &'a Object<'a>) {
        match &object.body {
            Body::List(items) => return items.iter().for_each(|item| self.add(item)),
            Body::Node(_) => {
                if let Some(node) = Node::of(object) {
                    if let (Os::Windows, Some(build)) = (node.os, node.build().or_else(|| node.kernel())) {
                        order::insert(&mut self.windows_builds, build);
                    }
                    self.nodes.push(node);
                }
            }
            Body::PersistentVolume(volume) => self.persistent_volumes.push((object.name(), volume)),
            Body::StorageClass(class) => {
                const DEFAULT: [&str; 2] =
                    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
                if DEFAULT.into_iter().any(|key| object.metadata.annotation(key) == Some("true")) {
                    self.default_class = Some((object.name(), class));
                }
            }
            _ => {}
        }
        self.objects.push(object);
    }

    /// All objects.
    pub fn objects(&self) -> impl Iterator<Item = &'a Object<'a>> {
        self.objects.iter().copied()
    }

    /// The object of this kind, name and namespace; `namespace` is empty for what is in none. Of
    /// two the later one.
    pub fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<&'a Object<'a>> {
        let end = self.by_name.partition_point(|object| object.name() <= name);
        let mut named = self.by_name[..end].iter().rev().copied().take_while(|object| object.name() == name);
        named.find(|object| object.kind == kind && (namespace.is_empty() || object.namespace_or_default() == namespace))
    }

    /// A RuntimeClass by name.
    pub fn runtime_class(&self, name: &str) -> Option<&'a RuntimeClass<'a>> {
        match &self.find("RuntimeClass", "", name)?.body {
            Body::RuntimeClass(class) => Some(class),
            _ => None,
        }
    }

    /// A Namespace by name.
    pub fn namespace(&self, name: &str) -> Option<&'a Object<'a>> {
        self.find("Namespace", "", name)
    }

    /// A Service by namespace and name.
    pub fn service(&self, namespace: &str, name: &str) -> Option<&'a Object<'a>> {
        self.find("Service", namespace, name)
    }

    /// A ConfigMap by namespace and name.
    pub fn config_map(&self, namespace: &str, name: &str) -> Option<&'a Object<'a>> {
        self.find("ConfigMap", namespace, name)
    }

    /// A Secret by namespace and name.
    pub fn secret(&self, namespace: &str, name: &str) -> Option<&'a Object<'a>> {
        self.find("Secret", namespace, name)
    }

    /// A PersistentVolumeClaim by namespace and name, and its metadata.
    pub fn claim(&self, namespace: &str, name: &str) -> Option<(&'a ObjectMeta<'a>, &'a PersistentVolumeClaim<'a>)> {
        let object = self.find("PersistentVolumeClaim", namespace, name)?;
        match &object.body {
            Body::PersistentVolumeClaim(claim) => Some((&object.metadata, claim)),
            _ => None,
        }
    }

    /// A PersistentVolume by name.
    pub fn persistent_volume(&self, name: &str) -> Option<&'a PersistentVolume<'a>> {
        match &self.find("PersistentVolume", "", name)?.body {
            Body::PersistentVolume(volume) => Some(volume),
            _ => None,
        }
    }

    /// The PersistentVolumes that are kept for claims of this name in whatever namespace, each with
    /// its own name; for an empty name those that are free.
    pub fn persistent_volumes_for(&self, claim: &str) -> impl Iterator<Item = (&'a str, &'a PersistentVolume<'a>)> {
        let start = self.persistent_volumes.partition_point(|(_, volume)| claim_of(volume) < claim);
        self.persistent_volumes[start..].iter().copied().take_while(move |(_, volume)| claim_of(volume) == claim)
    }

    /// Whether some claim asks for a PersistentVolume by its name.
    pub fn is_taken(&self, volume: &str) -> bool {
        self.taken_volumes.binary_search(&volume).is_ok()
    }

    /// The StorageClass of claims that name none, and its name.
    pub fn default_class(&self) -> Option<(&'a str, &'a StorageClass<'a>)> {
        self.default_class
    }

    /// A StorageClass by name.
    pub fn storage_class(&self, name: &str) -> Option<&'a StorageClass<'a>> {
        match &self.find("StorageClass", "", name)?.body {
            Body::StorageClass(class) => Some(class),
            _ => None,
        }
    }

    /// The content of a GMSACredentialSpec by name.
    pub fn credential_spec(&self, name: &str) -> Option<&'a Value> {
        match &self.find("GMSACredentialSpec", "", name)?.body {
            Body::CredentialSpec(spec) => spec.content.as_ref(),
            _ => None,
        }
    }

    /// A ClusterRole by name, or, in a namespace, a Role.
    pub fn role(&self, namespace: Option<&str>, name: &str) -> Option<&'a Role<'a>> {
        let kind = if namespace.is_some() { "Role" } else { "ClusterRole" };
        match &self.find(kind, namespace.unwrap_or_default(), name)?.body {
            Body::Role(role) => Some(role),
            _ => None,
        }
    }

    /// The workloads of `namespace` that use this claim: see [`Context::workloads`].
    pub fn claim_users(&self, namespace: &str, claim: &str) -> impl Iterator<Item = &ClaimUser<'a>> {
        let start = self.claim_users.partition_point(|user| user.claim < claim);
        let users = self.claim_users[start..].iter().take_while(move |user| user.claim == claim);
        users.filter(move |user| {
            user.object.namespace_or_default() == namespace && !self.is_made_by_another(user.object)
        })
    }

    /// The objects of `namespace` that hold pods, each Deployment or other owner once: what it has
    /// made in turn (its ReplicaSets, their Pods) is left out where the owner is here too.
    pub fn workloads(&self, namespace: &str) -> impl Iterator<Item = &'a Object<'a>> {
        let here = self.objects().filter(move |object| object.namespace_or_default() == namespace);
        here.filter(|object| !object.workloads().is_empty() && !self.is_made_by_another(object))
    }

    /// Whether an owner of the object is here, too, and has pods itself.
    fn is_made_by_another(&self, object: &Object<'_>) -> bool {
        let mut owners = object.metadata.owner_references.as_deref().unwrap_or_default().iter();
        owners.any(|owner| {
            let owner = owner.kind.as_deref().zip(owner.name.as_deref());
            let owner = owner.and_then(|(kind, name)| self.find(kind, object.namespace_or_default(), name));
            owner.is_some_and(|owner| !owner.workloads().is_empty())
        })
    }

    /// The Nodes whose system is known.
    pub fn nodes(&self) -> impl Iterator<Item = &Node<'a>> {
        self.nodes.iter()
    }

    /// The customary Windows taints that every Windows Node here carries; `None` where there is none.
    pub(crate) fn windows_taints(&self) -> Option<Vec<Taint>> {
        let mut nodes = self.nodes.iter().filter(|node| node.os == Os::Windows).peekable();
        let has = |node: &Node<'_>, taint: &Taint| {
            node.taints().any(|(key, value, effect)| key == taint.key && value == taint.value && effect == taint.effect)
        };
        let first = *nodes.peek()?;
        let mut taints: Vec<_> = first
            .taints()
            .filter(|(key, value, effect)| taints::repels(effect) && taints::CONVENTIONAL.contains(&(key, value)))
            .map(|(key, value, effect)| Taint::new(key, value, effect))
            .collect();
        nodes.for_each(|node| taints.retain(|taint| has(node, taint)));
        Some(taints)
    }

    /// The builds of the Windows Nodes, each once, the oldest first.
    pub fn windows_builds(&self) -> &[u32] {
        &self.windows_builds
    }

    /// The node labels that a namespace's annotation adds to every pod in it: the PodNodeSelector
    /// plug-in's, or OpenShift's.
    pub fn namespace_node_selector(&self, namespace: &str) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let namespace = self.namespace(namespace);
        let annotation = |key| namespace.and_then(|n| n.metadata.annotation(key));
        let selector = annotation("scheduler.alpha.kubernetes.io/node-selector")
            .or_else(|| annotation("openshift.io/node-selector"));
        selector.unwrap_or_default().split(',').filter_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            Some((key.trim(), value.trim_start_matches('=').trim()))
        })
    }
}
