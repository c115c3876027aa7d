//! From the fields of an object, in whatever order they come, to the object.

use super::claim::PersistentVolumeClaim;
use super::kind::{BODY_FIELDS, Kind, group_of, kind_of};
use super::pod::{PodSpec, PodTemplateSpec};
use super::read::{At, Broken, Element, Elements, Fields, Slot, Str, View, elements, view};
use super::templates::find_templates;
use super::{Body, Object, ObjectMeta, SelectedLabels, Workload};
use crate::order;
use crate::pointer::Pointer;
use crate::value::{Value, read_value};

view! {
    pub(super) struct PodLikeSpec<'a> {
        replicas: i64 = "replicas",
        selector: SelectedLabels<'a> = "selector",
        suspend: bool = "suspend",
        template: PodTemplateSpec<'a> = "template",
        volume_claim_templates: Vec<PersistentVolumeClaim<'a>> = "volumeClaimTemplates",
    }

    pub(super) struct CronJobSpec<'a> { job_template: JobTemplate<'a> = "jobTemplate" }

    pub(super) struct JobTemplate<'a> { spec: PodLikeSpec<'a> = "spec" }

    pub(super) struct PodStatus<'a> { phase: Str<'a> = "phase" }
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

elements!(Object<'de>);

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
