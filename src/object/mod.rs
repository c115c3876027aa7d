//! Borrowed views of the Kubernetes objects that rules look at.
//!
//! [`Object`] is any object; its [`Body`] is what its kind makes of it. Every workload kind, and
//! every custom resource with a recognisable pod template, ends up as a list of [`Workload`]s, so
//! that a rule never asks which kind it is in.

pub mod cluster;
pub mod pod;
pub mod read;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::pointer::Pointer;
use cluster::{Node, NodeSpec, NodeStatus, RuntimeClass, Scheduling};
use pod::{PodSpec, PodTemplateSpec};
use read::{At, Key, Map, Present, Seed, Str, View, refuse, view};

view! {
    /// `ObjectMeta`
    pub struct ObjectMeta<'a> {
        annotations: Map<'a> = "annotations",
        generate_name: Str<'a> = "generateName",
        labels: Map<'a> = "labels",
        name: Str<'a> = "name",
        namespace: Str<'a> = "namespace",
        owner_references: Vec<OwnerReference<'a>> = "ownerReferences",
        uid: Str<'a> = "uid",
    }

    /// `OwnerReference`
    pub struct OwnerReference<'a> {
        kind: Str<'a> = "kind",
        name: Str<'a> = "name",
    }

    /// `LabelSelector`, or the plain map that old kinds have in its place
    pub struct LabelSelector<'a> { match_labels: Map<'a> = "matchLabels" }

    struct PodLikeSpec<'a> {
        selector: LabelSelector<'a> = "selector",
        suspend: bool = "suspend",
        template: PodTemplateSpec<'a> = "template",
    }

    struct CronJobSpec<'a> { job_template: JobTemplate<'a> = "jobTemplate" }

    struct JobTemplate<'a> { spec: PodLikeSpec<'a> = "spec" }

    struct PodStatus<'a> { phase: Str<'a> = "phase" }
}

impl<'a> ObjectMeta<'a> {
    /// The value of a label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.as_ref()?.get(key).map(|v| &**v)
    }

    /// The value of an annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(key).map(|v| &**v)
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

/// What the kind of an object makes of it.
#[derive(Debug, Default)]
pub enum Body<'a> {
    /// A workload kind, or a custom resource in which pod templates were found.
    Workload(Vec<Workload<'a>>),
    /// `Node`
    Node(Node<'a>),
    /// `RuntimeClass`
    RuntimeClass(RuntimeClass<'a>),
    /// A `List`, of whatever kind: its items.
    List(Vec<Object<'a>>),
    /// Nothing that a rule reads beyond the metadata.
    #[default]
    Other,
}

/// One pod or pod template in an object.
#[derive(Debug, Default)]
pub struct Workload<'a> {
    /// JSON Pointer, relative to the object, of what holds the pod's `metadata` and `spec`:
    /// empty for a Pod.
    pub at: String,
    /// Metadata and spec.
    pub template: PodTemplateSpec<'a>,
    /// The labels by which the owner selects its pods (`spec.selector`), where it has such.
    pub selector: Option<Map<'a>>,
    /// A Job that is suspended: its template may still change in part.
    pub suspended: bool,
    /// `status.phase` is set: the pod lives.
    pub running: bool,
}

/// The kinds whose body rules read. `Custom` may turn out to be anything.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pod,
    Template,
    CronJob,
    PodTemplate,
    Node,
    RuntimeClass,
    List,
    Custom,
    Other,
}

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

fn kind_of(api_version: &str, kind: &str) -> Kind {
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    match (group, kind) {
        ("", "Pod") => Kind::Pod,
        ("", "PodTemplate") => Kind::PodTemplate,
        ("", "ReplicationController")
        | ("apps" | "extensions", "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet")
        | ("batch", "Job") => Kind::Template,
        ("batch", "CronJob") => Kind::CronJob,
        ("", "Node") => Kind::Node,
        ("node.k8s.io", "RuntimeClass") => Kind::RuntimeClass,
        ("", kind) if kind.ends_with("List") => Kind::List,
        (group, kind) if BUILT_IN_GROUPS.contains(&group) && kind.ends_with("List") => Kind::List,
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

    /// The name, or what it will be generated from.
    pub fn name(&self) -> &str {
        let meta = &self.metadata;
        meta.name.as_deref().or(meta.generate_name.as_deref()).unwrap_or_default()
    }

    /// Whether this is the built-in Pod, not a template of one.
    pub fn is_pod(&self) -> bool {
        kind_of(&self.api_version, &self.kind) == Kind::Pod
    }

    /// Whether this is of a kind of `group` (empty for the core group).
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.api_version.rsplit_once('/').map_or("", |(group, _)| group) == group
    }
}

/// Collects the fields of an object in whatever order they come, and makes the object of them.
#[derive(Default)]
pub(crate) struct ObjectBuilder<'a> {
    api_version: Option<Str<'a>>,
    kind: Option<Str<'a>>,
    metadata: Option<ObjectMeta<'a>>,
    workloads: Vec<Workload<'a>>,
    node: Node<'a>,
    runtime_class: RuntimeClass<'a>,
    items: Option<Vec<Object<'a>>>,
    running: bool,
    /// Fields whose meaning depends on the kind, and that stand before it in the text.
    late: Vec<(Str<'a>, &'a RawValue)>,
    any: bool,
}

impl<'de> ObjectBuilder<'de> {
    /// Whether any field of a Kubernetes object has been seen.
    pub(crate) fn has_fields(&self) -> bool {
        self.any
    }

    pub(crate) fn set_kind(&mut self, kind: Option<Str<'de>>) {
        self.any = true;
        self.kind = kind;
    }

    pub(crate) fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// Takes the value of one field from `map`. Returns false where the field is not one of an
    /// object that rules read; the value is then still to be taken.
    pub(crate) fn field<A: MapAccess<'de>>(&mut self, key: Str<'de>, map: &mut A, at: &At<'_>) -> Result<bool, A::Error> {
        match &*key {
            "apiVersion" => self.api_version = map.next_value_seed(Seed::new(&at.key("apiVersion")))?,
            "kind" => self.kind = map.next_value_seed(Seed::new(&at.key("kind")))?,
            "metadata" => self.metadata = map.next_value_seed(Seed::new(&at.key("metadata")))?,
            "items" => self.items = map.next_value_seed(Items(at.key("items")))?,
            "spec" | "status" | "template" | "handler" | "scheduling" => match (&self.api_version, &self.kind) {
                (Some(api_version), Some(kind)) => {
                    let kind = kind_of(api_version, kind);
                    self.body_field(kind, &key, MapValue(map), at)?;
                }
                _ => self.late.push((key, map.next_value()?)),
            },
            // A custom resource may keep its pod template in any field.
            _ => {
                let kind = match (&self.api_version, &self.kind) {
                    (Some(api_version), Some(kind)) => Some(kind_of(api_version, kind)),
                    _ => None,
                };
                match kind {
                    Some(Kind::Custom) => {
                        let pointer = Pointer::root().key(&key);
                        map.next_value_seed(FindTemplates { into: &mut self.workloads, pointer, key: &key, depth: 1, at: at.key(&key) })?;
                    }
                    _ => return Ok(false),
                }
            }
        }
        self.any = true;
        Ok(true)
    }

    fn body_field<V: TakeValue<'de>>(&mut self, kind: Kind, key: &str, value: V, at: &At<'_>) -> Result<(), V::Error> {
        let here = at.key(key);
        match (kind, key) {
            (Kind::Pod, "spec") => {
                let spec: Option<PodSpec<'_>> = value.take(&here)?;
                let template = PodTemplateSpec { spec, ..Default::default() };
                self.workloads.push(Workload { template, ..Default::default() });
            }
            (Kind::Pod, "status") => {
                let status: Option<PodStatus<'_>> = value.take(&here)?;
                self.running = status.is_some_and(|s| s.phase.is_some());
            }
            (Kind::Template, "spec") => {
                let spec: Option<PodLikeSpec<'_>> = value.take(&here)?;
                if let Some(spec) = spec {
                    self.push_pod_like("/spec", spec);
                }
            }
            (Kind::CronJob, "spec") => {
                let spec: Option<CronJobSpec<'_>> = value.take(&here)?;
                if let Some(spec) = spec.and_then(|s| s.job_template).and_then(|t| t.spec) {
                    self.push_pod_like("/spec/jobTemplate/spec", spec);
                }
            }
            (Kind::PodTemplate, "template") => {
                if let Some(template) = value.take(&here)? {
                    self.workloads.push(Workload { at: "/template".into(), template, ..Default::default() });
                }
            }
            (Kind::Node, "spec") => {
                let spec: Option<NodeSpec<'_>> = value.take(&here)?;
                self.node.spec = spec.unwrap_or_default();
            }
            (Kind::Node, "status") => {
                let status: Option<NodeStatus<'_>> = value.take(&here)?;
                self.node.status = status.unwrap_or_default();
            }
            (Kind::RuntimeClass, "handler") => self.runtime_class.handler = value.take(&here)?,
            (Kind::RuntimeClass, "scheduling") => {
                let scheduling: Option<Scheduling<'_>> = value.take(&here)?;
                self.runtime_class.scheduling = scheduling;
            }
            (Kind::Custom, key) if key != "status" => {
                let pointer = Pointer::root().key(key);
                value.take_seed(FindTemplates { into: &mut self.workloads, pointer, key, depth: 1, at: here })?;
            }
            _ => value.skip()?,
        }
        Ok(())
    }

    fn push_pod_like(&mut self, at: &str, spec: PodLikeSpec<'de>) {
        if let Some(template) = spec.template {
            self.workloads.push(Workload {
                at: format!("{at}/template"),
                template,
                selector: spec.selector.and_then(|s| s.match_labels),
                suspended: spec.suspend == Some(true),
                running: false,
            });
        }
    }

    /// The object, once all its fields are in.
    pub(crate) fn build<E: serde::de::Error>(mut self, at: &At<'_>) -> Result<Object<'de>, E> {
        let api_version = self.api_version.take().unwrap_or_default();
        let kind_name = self.kind.take().unwrap_or_default();
        let kind = kind_of(&api_version, &kind_name);
        for (key, raw) in std::mem::take(&mut self.late) {
            self.body_field(kind, &key, raw, at).map_err(E::custom)?;
        }
        let mut metadata = self.metadata.take().unwrap_or_default();
        let body = match kind {
            Kind::Pod => {
                for workload in &mut self.workloads {
                    workload.running = self.running;
                }
                Body::Workload(self.workloads)
            }
            Kind::Template | Kind::CronJob | Kind::PodTemplate => Body::Workload(self.workloads),
            Kind::Custom if !self.workloads.is_empty() => Body::Workload(self.workloads),
            Kind::Node => Body::Node(self.node),
            Kind::RuntimeClass => Body::RuntimeClass(self.runtime_class),
            Kind::List => Body::List(self.items.unwrap_or_default()),
            Kind::Custom | Kind::Other => Body::Other,
        };
        if kind == Kind::List {
            metadata = ObjectMeta::default();
        }
        Ok(Object { api_version, kind: kind_name, metadata, body })
    }
}

impl<'de> View<'de> for Object<'de> {
    fn read<D: Deserializer<'de>>(from: D, at: &At<'_>) -> Result<Option<Self>, D::Error> {
        struct ObjectVisitor<'p>(&'p At<'p>);
        impl<'de> Visitor<'de> for ObjectVisitor<'_> {
            type Value = Option<Object<'de>>;
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut builder = ObjectBuilder::default();
                while let Some(key) = map.next_key_seed(Key)? {
                    if !builder.field(key, &mut map, self.0)? {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                builder.build(self.0).map(Some)
            }
            refuse!("object": bool, number, string, array);
        }
        from.deserialize_any(ObjectVisitor(at))
    }
}

/// The items of a List.
struct Items<'p>(At<'p>);

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = Option<Vec<Object<'de>>>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        Vec::read(from, &self.0)
    }
}

/// A value that is still to be read: the next one of a map, or text that was set aside.
trait TakeValue<'de>: Sized {
    type Error: serde::de::Error;
    fn take_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Self::Error>;
    fn take<T: View<'de>>(self, at: &At<'_>) -> Result<Option<T>, Self::Error> {
        self.take_seed(Seed::new(at))
    }
    fn skip(self) -> Result<(), Self::Error>;
}

struct MapValue<'m, A>(&'m mut A);

impl<'de, A: MapAccess<'de>> TakeValue<'de> for MapValue<'_, A> {
    type Error = A::Error;
    fn take_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
    fn skip(self) -> Result<(), A::Error> {
        self.0.next_value::<IgnoredAny>().map(drop)
    }
}

impl<'de> TakeValue<'de> for &'de RawValue {
    type Error = serde_json::Error;
    fn take_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Self::Error> {
        seed.deserialize(&mut serde_json::Deserializer::from_str(self.get()))
    }
    fn skip(self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// How deep below a custom resource a `template` may stand.
const TEMPLATE_DEPTH: usize = 4;

/// Looks through a custom resource for pod templates: a field named `template` or `…Template`,
/// at most four levels down, whose `spec.containers` is an array of objects with an `image`.
struct FindTemplates<'s, 'p, 'a> {
    into: &'s mut Vec<Workload<'a>>,
    pointer: Pointer,
    key: &'s str,
    depth: usize,
    at: At<'p>,
}

impl<'de> DeserializeSeed<'de> for FindTemplates<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        if self.key == "template" {
            let raw: &RawValue = serde::Deserialize::deserialize(from)?;
            if is_pod_template(raw) {
                let template = raw.take(&self.at).ok().flatten().unwrap_or_default();
                self.into.push(Workload { at: self.pointer.into(), template, ..Default::default() });
                return Ok(());
            }
            // A template of something else, such as a Job, may hold one in its own `spec.template`.
            let inner = FindTemplates { key: "", depth: self.depth.min(TEMPLATE_DEPTH - 2), ..self };
            return raw.take_seed(inner).map_err(serde::de::Error::custom);
        }
        from.deserialize_any(TemplateSearch(self))
    }
}

struct TemplateSearch<'s, 'p, 'a>(FindTemplates<'s, 'p, 'a>);

impl<'de> Visitor<'de> for TemplateSearch<'_, '_, 'de> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut index = 0;
        loop {
            let found = if self.0.depth < TEMPLATE_DEPTH {
                seq.next_element_seed(FindTemplates {
                    into: &mut *self.0.into,
                    pointer: self.0.pointer.index(index),
                    key: "",
                    depth: self.0.depth + 1,
                    at: self.0.at.index(index),
                })?
            } else {
                seq.next_element::<IgnoredAny>()?.map(drop)
            };
            if found.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Key)? {
            if self.0.depth < TEMPLATE_DEPTH {
                map.next_value_seed(FindTemplates {
                    into: &mut *self.0.into,
                    pointer: self.0.pointer.key(&key),
                    key: &key,
                    depth: self.0.depth + 1,
                    at: self.0.at.key(&key),
                })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Whether `spec.containers` is an array of objects of which one has an `image`.
fn is_pod_template(raw: &RawValue) -> bool {
    view! {
        struct Shape<'a> { spec: ShapeSpec<'a> = "spec" }
        struct ShapeSpec<'a> { containers: Vec<ShapeContainer<'a>> = "containers" }
        struct ShapeContainer<'a> { image: Present = "image" }
    }
    let ignored = read::Wrong::default();
    let shape: Option<Shape<'_>> = raw.take(&At::root("", &ignored)).ok().flatten();
    let containers = shape.and_then(|s| s.spec).and_then(|s| s.containers).unwrap_or_default();
    containers.iter().any(|c| c.image.is_some())
}

