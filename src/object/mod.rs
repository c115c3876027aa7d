//! Borrowed views of the Kubernetes objects that rules look at.
//!
//! [`Object`] is any object; its [`Body`] is what its kind makes of it. Every workload kind, and
//! every custom resource with a recognisable pod template, ends up as a list of [`Workload`]s, so
//! that a rule never asks which kind it is in.

pub mod claim;
pub mod cluster;
pub mod configuration;
#[cfg(feature = "outline")]
#[doc(hidden)]
pub mod kinds;
pub mod label_selector;
pub mod metadata;
pub mod network;
pub mod node_selector;
#[cfg(feature = "outline")]
#[doc(hidden)]
pub mod outline;
pub mod pod;
pub mod rbac;
pub mod read;
pub mod resources;
pub mod storage;

use crate::order;
use crate::pointer::Pointer;
use crate::text;
use crate::value::{Value, read_value};
use claim::PersistentVolumeClaim;
use cluster::{HorizontalPodAutoscaler, Node, RuntimeClass, VerticalPodAutoscaler};
use configuration::{ConfigMap, Secret};
use network::{EniConfig, FelixConfiguration, Installation, IpPool, NetworkPolicy, SecurityGroupPolicy, Service};
use node_selector::NodeSelectorRequirement;
use pod::{PodSpec, PodTemplateSpec};
use rbac::{CredentialSpec, Role, RoleBinding};
use read::{At, Broken, Element, Elements, Fields, Map, Slot, Str, View, Wrong, elements, view};
use storage::{PersistentVolume, StorageClass};

pub use metadata::{ObjectMeta, OwnerReference};

view! {
    struct PodLikeSpec<'a> {
        replicas: i64 = "replicas",
        selector: SelectedLabels<'a> = "selector",
        suspend: bool = "suspend",
        template: PodTemplateSpec<'a> = "template",
        volume_claim_templates: Vec<PersistentVolumeClaim<'a>> = "volumeClaimTemplates",
    }

    struct CronJobSpec<'a> { job_template: JobTemplate<'a> = "jobTemplate" }

    struct JobTemplate<'a> { spec: PodLikeSpec<'a> = "spec" }

    struct PodStatus<'a> { phase: Str<'a> = "phase" }
}

/// The names of the labels that a selector looks at: a `LabelSelector`, or the plain map that a
/// ReplicationController has in its place.
#[derive(Debug, Default)]
pub struct SelectedLabels<'a>(Vec<Str<'a>>);

impl SelectedLabels<'_> {
    /// Whether the selector looks at the label `key`.
    pub fn contains(&self, key: &str) -> bool {
        self.0.iter().any(|k| k == key)
    }
}

#[cfg(feature = "outline")]
impl outline::Outline for SelectedLabels<'_> {
    const TYPE: outline::Type = outline::Type::Either(
        &<label_selector::LabelSelector<'_> as outline::Outline>::TYPE,
        &<Map<'_> as outline::Outline>::TYPE,
    );
}

impl<'de> Slot<'de> for Option<SelectedLabels<'de>> {
    fn expected(&self) -> &'static str {
        "object"
    }
    fn object(&mut self, fields: &mut dyn Fields<'de>, at: &At<'_>) -> Result<(), Broken> {
        let names = &mut self.insert(SelectedLabels::default()).0;
        while let Some(name) = fields.next()? {
            match &*name {
                "matchLabels" => {
                    let mut labels: Option<Map<'de>> = None;
                    fields.read(&mut labels, &at.key("matchLabels"))?;
                    names.extend(labels.iter().flat_map(|l| l.iter()).map(|(key, _)| Str::Owned(key.to_owned())));
                }
                "matchExpressions" => {
                    let mut expressions: Option<Vec<NodeSelectorRequirement<'de>>> = None;
                    fields.read(&mut expressions, &at.key("matchExpressions"))?;
                    names.extend(expressions.unwrap_or_default().into_iter().filter_map(|e| e.key));
                }
                _ => {
                    fields.skip()?;
                    names.push(name);
                }
            }
        }
        Ok(())
    }
}

/// Any Kubernetes object.
#[derive(Debug, Default)]
pub struct Object<'a> {
    /// `apiVersion`
    pub api_version: Str<'a>,
    /// `kind`
    pub kind: Str<'a>,
    /// `metadata`
    pub metadata: ObjectMeta<'a>,
    /// What the kind makes of the rest.
    pub body: Body<'a>,
}

elements!(Object<'de>);

/// Defines [`Body`]: a variant for every kind with a view of its own, found by API group and kind.
macro_rules! bodies {
    ($($view:ident = $($group:literal)|+, $($kind:literal)|+;)*) => {
        /// What the kind of an object makes of it.
        #[derive(Debug, Default)]
        pub enum Body<'a> {
            /// A workload kind, or a custom resource in which pod templates were found.
            Workload(Vec<Workload<'a>>),
            $(#[doc = concat!($("`", $kind, "` "),+)] $view(Box<$view<'a>>),)*
            /// A `List`, of whatever kind: its items.
            List(Vec<Object<'a>>),
            /// An object that does not say its kind: what its kind would make of these fields.
            /// Items of a list of one kind, such as a PodList, are like that.
            Untyped(Vec<(Str<'a>, Value)>),
            /// Nothing that a rule reads beyond the metadata.
            #[default]
            Other,
        }

        #[cfg(feature = "outline")]
        const VIEWED_KINDS: &[outline::Viewed] = &[
            $((&[$($group),+], &[$($kind),+], <$view<'_> as outline::Outline>::TYPE),)*
        ];

        #[cfg(test)]
        const VIEWS: &[(&[&str], &[&str])] = &[$((&[$($group),+], &[$($kind),+]),)*];

        impl<'a> Body<'a> {
            fn of(group: &str, kind: &str) -> Option<Self> {
                match (group, kind) {
                    $(($($group)|+, $($kind)|+) => Some(Body::$view(Box::default())),)*
                    _ => None,
                }
            }

            fn view(&mut self) -> Option<&mut dyn View<'a>> {
                match self {
                    $(Body::$view(view) => Some(&mut **view),)*
                    _ => None,
                }
            }
        }
    };
}

bodies! {
    ConfigMap = "", "ConfigMap";
    CredentialSpec = "windows.k8s.io", "GMSACredentialSpec";
    EniConfig = "crd.k8s.amazonaws.com", "ENIConfig";
    FelixConfiguration = "crd.projectcalico.org" | "projectcalico.org", "FelixConfiguration";
    HorizontalPodAutoscaler = "autoscaling", "HorizontalPodAutoscaler";
    Installation = "operator.tigera.io", "Installation";
    IpPool = "crd.projectcalico.org" | "projectcalico.org", "IPPool";
    NetworkPolicy = "networking.k8s.io", "NetworkPolicy";
    Node = "", "Node";
    PersistentVolume = "", "PersistentVolume";
    PersistentVolumeClaim = "", "PersistentVolumeClaim";
    Role = "rbac.authorization.k8s.io", "Role" | "ClusterRole";
    RoleBinding = "rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding";
    RuntimeClass = "node.k8s.io", "RuntimeClass";
    Secret = "", "Secret";
    SecurityGroupPolicy = "vpcresources.k8s.aws", "SecurityGroupPolicy";
    Service = "", "Service";
    StorageClass = "storage.k8s.io", "StorageClass";
    VerticalPodAutoscaler = "autoscaling.k8s.io", "VerticalPodAutoscaler";
}

/// One pod or pod template in an object.
#[derive(Debug, Default)]
pub struct Workload<'a> {
    /// JSON Pointer, relative to the object, of what holds the pod's `metadata` and `spec`:
    /// empty for a Pod.
    pub at: String,
    /// Metadata and spec.
    pub template: PodTemplateSpec<'a>,
    /// The names of the labels by which the owner selects its pods (`spec.selector`).
    pub selector: Option<SelectedLabels<'a>>,
    /// `spec.replicas` of the owner.
    pub replicas: Option<i64>,
    /// `spec.volumeClaimTemplates` of a StatefulSet.
    pub volume_claim_templates: Vec<PersistentVolumeClaim<'a>>,
    /// A Job that is suspended: its template may still change in part.
    pub suspended: bool,
    /// `status.phase` is set: the pod lives.
    pub running: bool,
}

/// How to read the body of a kind. `Custom` may turn out to be anything.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pod,
    Template,
    CronJob,
    PodTemplate,
    Viewed,
    List,
    Custom,
    Other,
}

/// Top-level fields, beside `metadata` and `items`, that are read in some kind.
const BODY_FIELDS: &[&str] = &[
    "aggregationRule",
    "binaryData",
    "credspec",
    "data",
    "handler",
    "mountOptions",
    "overhead",
    "parameters",
    "provisioner",
    "roleRef",
    "rules",
    "scheduling",
    "spec",
    "status",
    "stringData",
    "subjects",
    "template",
];

/// Built-in groups: their kinds are known, and none has a pod template beyond those listed.
const BUILT_IN_GROUPS: &[&str] = &[
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// Whether objects of a kind are in no namespace, not in `default` either.
pub fn is_in_no_namespace(kind: &str) -> bool {
    const KINDS: &[&str] = &[
        "CSIDriver",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "ENIConfig",
        "FelixConfiguration",
        "GMSACredentialSpec",
        "IPPool",
        "Installation",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
    ];
    KINDS.contains(&kind)
}

/// The API group in an `apiVersion`; empty for the core group.
fn group_of(api_version: &str) -> &str {
    api_version.rsplit_once('/').map_or("", |(group, _)| group)
}

fn kind_of(api_version: &str, kind: &str) -> Kind {
    match (group_of(api_version), kind) {
        // Who writes the wrong one of these groups means the workload all the same.
        ("" | "apps" | "batch" | "extensions", "Pod") => Kind::Pod,
        ("" | "apps" | "batch" | "extensions", "PodTemplate") => Kind::PodTemplate,
        (
            "" | "apps" | "batch" | "extensions",
            "DaemonSet" | "Deployment" | "Job" | "ReplicaSet" | "ReplicationController" | "StatefulSet",
        ) => Kind::Template,
        ("" | "apps" | "batch" | "extensions", "CronJob") => Kind::CronJob,
        // What OpenShift served before it had groups.
        ("", "DeploymentConfig") => Kind::Custom,
        (group, kind) if Body::of(group, kind).is_some() => Kind::Viewed,
        ("", kind) if kind.ends_with("List") => Kind::List,
        (group, kind) if BUILT_IN_GROUPS.contains(&group) && kind.ends_with("List") => Kind::List,
        // There is no other: what is misspelt may be a workload. A revision is what one was before.
        ("apps" | "batch" | "extensions", kind) if kind != "ControllerRevision" => Kind::Custom,
        (group, _) if group.is_empty() || BUILT_IN_GROUPS.contains(&group) => Kind::Other,
        (_, kind) if kind.ends_with("List") => Kind::List,
        _ => Kind::Custom,
    }
}

impl Object<'_> {
    /// The pods and pod templates in this object.
    pub fn workloads(&self) -> &[Workload<'_>] {
        match &self.body {
            Body::Workload(workloads) => workloads,
            _ => &[],
        }
    }

    /// The namespace as the object states it.
    pub fn namespace(&self) -> Option<&str> {
        self.metadata.namespace.as_deref()
    }

    /// The namespace as the object states it, or `default`. What is in no namespace says `default` too.
    pub fn namespace_or_default(&self) -> &str {
        self.namespace().filter(|namespace| !namespace.is_empty()).unwrap_or("default")
    }

    /// The name, or what it will be generated from.
    pub fn name(&self) -> &str {
        let meta = &self.metadata;
        meta.name.as_deref().or(meta.generate_name.as_deref()).unwrap_or_default()
    }

    /// Kind and name, as in `Deployment web`.
    pub fn title(&self) -> String {
        text::join([&*self.kind, self.name()], " ")
    }

    /// Whether this is the built-in Pod, not a template of one.
    pub fn is_pod(&self) -> bool {
        kind_of(&self.api_version, &self.kind) == Kind::Pod
    }

    /// Whether its kind is one of `group`.
    pub fn is_in_group(&self, group: &str) -> bool {
        group_of(&self.api_version) == group
    }

    /// Whether this is of a kind of `group` (empty for the core group).
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.is_in_group(group)
    }
}

/// Collects the fields of an object in whatever order they come, and makes the object of them.
#[derive(Default)]
pub(crate) struct ObjectBuilder<'a> {
    api_version: Option<Str<'a>>,
    kind: Option<Str<'a>>,
    metadata: Option<ObjectMeta<'a>>,
    workloads: Vec<Workload<'a>>,
    /// Of a kind with a view of its own.
    body: Option<Body<'a>>,
    items: Option<Vec<Object<'a>>>,
    running: bool,
    /// Fields whose meaning depends on the kind, and that stand before it in the text.
    late: Vec<(Str<'a>, Value)>,
    any: bool,
}

impl<'de> ObjectBuilder<'de> {
    /// Whether any field of a Kubernetes object has been seen.
    pub(crate) fn has_fields(&self) -> bool {
        self.any
    }

    pub(crate) fn set_kind(&mut self, kind: Str<'de>) {
        self.any = true;
        self.kind = Some(kind);
    }

    /// Takes the value of the field `name`. Returns false where the field is not one that rules
    /// read; the value is then still to be taken.
    pub(crate) fn field(&mut self, name: Str<'de>, fields: &mut dyn Fields<'de>, at: &At<'_>) -> Result<bool, Broken> {
        match &*name {
            "apiVersion" => fields.read(&mut self.api_version, &at.key("apiVersion"))?,
            "kind" => fields.read(&mut self.kind, &at.key("kind"))?,
            "metadata" => fields.read(&mut self.metadata, &at.key("metadata"))?,
            "items" => fields.read(&mut self.items, &at.key("items"))?,
            // A custom resource may keep its pod template in any field.
            field if self.known_kind() == Some(Kind::Custom) => {
                let mut value: Option<Value> = None;
                fields.read(&mut value, &at.key(field))?;
                self.find_templates(field, value.unwrap_or_default(), at);
            }
            _ => match self.known_kind() {
                Some(kind) => return self.body_field(kind, &name, &mut |slot, at| fields.read(slot, at), at),
                None => {
                    // Of a custom resource, any of them may hold the pod template.
                    let is_known = BODY_FIELDS.contains(&&*name);
                    let mut value: Option<Value> = None;
                    fields.read(&mut value, &at.key(&name))?;
                    self.late.push((name, value.unwrap_or_default()));
                    if !is_known {
                        return Ok(true);
                    }
                }
            },
        }
        self.any = true;
        Ok(true)
    }

    fn known_kind(&self) -> Option<Kind> {
        Some(kind_of(self.api_version.as_deref()?, self.kind.as_deref()?))
    }

    /// Reads a field whose meaning depends on the kind. Returns false where the kind has no such
    /// field that a rule reads; its value is then still to be taken.
    fn body_field(&mut self, kind: Kind, name: &str, read: &mut Read<'_, 'de>, at: &At<'_>) -> Result<bool, Broken> {
        let here = at.key(name);
        match (kind, name) {
            (Kind::Pod, "spec") => {
                let mut spec: Option<PodSpec<'_>> = None;
                read(&mut spec, &here)?;
                let template = PodTemplateSpec { spec, ..Default::default() };
                self.workloads = vec![Workload { template, ..Default::default() }];
            }
            (Kind::Pod, "status") => {
                let mut status: Option<PodStatus<'_>> = None;
                read(&mut status, &here)?;
                self.running = status.is_some_and(|s| s.phase.is_some());
            }
            (Kind::Template, "spec") => {
                let mut spec: Option<PodLikeSpec<'_>> = None;
                read(&mut spec, &here)?;
                self.set_pod_like("/spec", spec);
            }
            (Kind::CronJob, "spec") => {
                let mut spec: Option<CronJobSpec<'_>> = None;
                read(&mut spec, &here)?;
                self.set_pod_like("/spec/jobTemplate/spec", spec.and_then(|s| s.job_template).and_then(|t| t.spec));
            }
            (Kind::PodTemplate, "template") => {
                let mut template: Option<PodTemplateSpec<'_>> = None;
                read(&mut template, &here)?;
                let template = template.unwrap_or_default();
                self.workloads = vec![Workload { at: "/template".into(), template, ..Default::default() }];
            }
            (Kind::Viewed, _) => match self.viewed().and_then(|view| view.slot(name)) {
                Some(slot) => read(slot, &here)?,
                None => return Ok(false),
            },
            _ => return Ok(false),
        }
        self.any = true;
        Ok(true)
    }

    /// The view of the kind, made when it is first asked for.
    fn viewed(&mut self) -> Option<&mut dyn View<'de>> {
        if self.body.is_none() {
            self.body = Body::of(group_of(self.api_version.as_deref()?), self.kind.as_deref()?);
        }
        self.body.as_mut()?.view()
    }

    fn find_templates(&mut self, name: &str, value: Value, at: &At<'_>) {
        if name != "status" {
            let here = Pointer::root().key(name);
            // Of a field that is there twice the last counts.
            self.workloads.retain(|workload| !Pointer::raw(&workload.at).is_below(&here));
            find_templates(name, value, here, 1, &at.key(name), &mut self.workloads);
        }
    }

    fn set_pod_like(&mut self, at: &str, spec: Option<PodLikeSpec<'de>>) {
        self.workloads.clear();
        let Some(spec) = spec else { return };
        if let Some(template) = spec.template {
            self.workloads.push(Workload {
                at: format!("{at}/template"),
                template,
                selector: spec.selector,
                replicas: spec.replicas,
                volume_claim_templates: spec.volume_claim_templates.unwrap_or_default(),
                suspended: spec.suspend == Some(true),
                running: false,
            });
        }
    }

    /// The object, once all its fields are in.
    pub(crate) fn build(mut self, at: &At<'_>) -> Result<Object<'de>, Broken> {
        let kind = kind_of(self.api_version.as_deref().unwrap_or_default(), self.kind.as_deref().unwrap_or_default());
        let late = std::mem::take(&mut self.late);
        if self.kind.as_deref().is_none_or(str::is_empty) {
            let api_version = self.api_version.unwrap_or_default();
            let metadata = self.metadata.unwrap_or_default();
            return Ok(Object { api_version, kind: Str::default(), metadata, body: Body::Untyped(late) });
        }
        for (name, value) in late {
            let mut value = Some(value);
            if kind == Kind::Custom {
                self.find_templates(&name, value.take().unwrap_or_default(), at);
            } else {
                let mut read =
                    |slot: &mut dyn Slot<'de>, at: &At<'_>| read_value(value.take().unwrap_or_default(), slot, at);
                self.body_field(kind, &name, &mut read, at)?;
            }
        }
        self.viewed();
        order::sort(&mut self.workloads, |workload| &workload.at);
        let api_version = self.api_version.unwrap_or_default();
        let kind_name = self.kind.unwrap_or_default();
        let body = match kind {
            Kind::Pod => {
                for workload in &mut self.workloads {
                    workload.running = self.running;
                }
                Body::Workload(self.workloads)
            }
            Kind::Template | Kind::CronJob | Kind::PodTemplate => Body::Workload(self.workloads),
            Kind::Custom if !self.workloads.is_empty() => Body::Workload(self.workloads),
            Kind::Viewed => self.body.unwrap_or_default(),
            Kind::List => {
                let items = self.items.unwrap_or_default().into_iter().enumerate();
                let typed =
                    items.map(|(index, item)| item.or_of_kind(&api_version, &kind_name, &at.key("items").index(index)));
                Body::List(typed.collect::<Result<_, _>>()?)
            }
            Kind::Custom | Kind::Other => Body::Other,
        };
        let metadata = self.metadata.unwrap_or_default();
        Ok(Object { api_version, kind: kind_name, metadata, body })
    }
}

impl<'a> Object<'a> {
    /// The object itself, or, where it does not say its kind, what it is as an item of a list.
    fn or_of_kind(self, list_version: &str, list_kind: &str, at: &At<'_>) -> Result<Self, Broken> {
        let own_version = Some(self.api_version).filter(|version| !version.is_empty());
        match (self.body, list_kind.strip_suffix("List")) {
            (Body::Untyped(late), Some(kind)) if !kind.is_empty() => ObjectBuilder {
                api_version: own_version.or_else(|| Some(list_version.to_owned().into())),
                kind: Some(kind.to_owned().into()),
                metadata: Some(self.metadata),
                late,
                ..Default::default()
            }
            .build(at),
            (body, _) => Ok(Object { api_version: own_version.unwrap_or_default(), body, ..self }),
        }
    }
}

/// Reads a value that is at hand, or was set aside.
type Read<'r, 'de> = dyn FnMut(&mut dyn Slot<'de>, &At<'_>) -> Result<(), Broken> + 'r;

impl<'de> Slot<'de> for Option<Object<'de>> {
    fn expected(&self) -> &'static str {
        "object"
    }
    fn object(&mut self, fields: &mut dyn Fields<'de>, at: &At<'_>) -> Result<(), Broken> {
        let mut builder = ObjectBuilder::default();
        while let Some(name) = fields.next()? {
            if !builder.field(name, fields, at)? {
                fields.skip()?;
            }
        }
        *self = Some(builder.build(at)?);
        Ok(())
    }
}

/// How deep below a custom resource a `template` may stand.
const TEMPLATE_DEPTH: usize = 4;

/// Looks through a field of a custom resource for pod templates: fields named `template`, at most
/// four fields down, whose `spec.containers` is an array of objects with an `image`.
fn find_templates<'de>(
    name: &str,
    value: Value,
    pointer: Pointer,
    depth: usize,
    at: &At<'_>,
    into: &mut Vec<Workload<'de>>,
) {
    let is_template = name == "template";
    if is_template && is_pod_template(&value) {
        let mut template: Option<PodTemplateSpec<'_>> = None;
        // A value that was set aside is whole.
        let _ = read_value(value, &mut template, at);
        let template = template.unwrap_or_default();
        into.push(Workload { at: pointer.into(), template, ..Default::default() });
        return;
    }
    // A template of something else, such as a Job, may hold one in its own `spec.template`.
    let depth = if is_template { depth.min(TEMPLATE_DEPTH - 2) } else { depth };
    if depth >= TEMPLATE_DEPTH {
        return;
    }
    match value {
        Value::Object(fields) => {
            let known = into.len();
            let mut selector: Option<SelectedLabels<'de>> = None;
            let mut replicas: Option<i64> = None;
            for (name, value) in fields {
                // Not every field of these names is what workloads have: of another type it is no mistake.
                let wrong = Wrong::default();
                match &*name {
                    "selector" => drop(read_value(value, &mut selector, &At::root("", &wrong))),
                    "replicas" => drop(read_value(value, &mut replicas, &At::root("", &wrong))),
                    _ => find_templates(&name, value, pointer.key(&name), depth + 1, &at.key(&name), into),
                }
            }
            let own = pointer.key("template");
            if let Some(workload) = into[known..].iter_mut().find(|workload| workload.at == own.as_str()) {
                (workload.selector, workload.replicas) = (selector, replicas);
            }
        }
        Value::Array(elements) => {
            for (index, value) in elements.into_iter().enumerate() {
                let depth = depth + usize::from(matches!(value, Value::Array(_)));
                find_templates("", value, pointer.index(index), depth, &at.index(index), into);
            }
        }
        _ => {}
    }
}

fn is_pod_template(value: &Value) -> bool {
    let containers = value.get("spec").and_then(|spec| spec.get("containers"));
    let has_image = |container: &Value| container.get("image").is_some_and(|image| *image != Value::Null);
    containers.is_some_and(|containers| containers.elements().iter().any(has_image))
}
