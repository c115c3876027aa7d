//! What is behind the volumes of a pod: their own source, or the PersistentVolume or StorageClass
//! that their claim leads to, as far as the context has them.

use crate::context::Context;
use crate::object::ObjectMeta;
use crate::object::pod::{HostPathVolumeSource, Volume};
use crate::object::read::{Map, Str, Text};
use crate::object::storage::{PersistentVolume, PersistentVolumeClaimSpec, PersistentVolumeSpec, StorageClass};
use crate::pod::Pod;
use crate::pointer::Pointer;
use crate::quantity::Quantity;
use crate::volumes::{self, Served};

/// A volume of a pod, or a claim template of its StatefulSet, with what is behind it.
#[derive(Debug, Clone, Copy)]
pub struct Storage<'a> {
    /// The name by which containers mount it.
    pub name: &'a str,
    /// What is behind it.
    pub behind: Behind<'a>,
    /// The claim, where there is one and it is known.
    claim: Option<&'a PersistentVolumeClaimSpec<'a>>,
    place: Place,
    index: usize,
}

/// What is behind a volume.
#[derive(Debug, Clone, Copy)]
pub enum Behind<'a> {
    /// Its own source.
    Itself(&'a Volume<'a>),
    /// The PersistentVolume of this name.
    Volume(&'a str, &'a PersistentVolumeSpec<'a>),
    /// A PersistentVolume that the StorageClass of this name will make.
    Class(&'a str, &'a StorageClass<'a>),
    /// Something that the context does not have.
    Unknown,
}

/// Where a pod states a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In `volumes`: the source itself.
    Source,
    /// In `volumes`: the name of a claim.
    Claim,
    /// In `volumes`: the template of a claim.
    Ephemeral,
    /// In `volumeClaimTemplates`.
    Template,
}

/// The volumes of a pod, then the claim templates of its StatefulSet.
pub fn of<'p, 'a>(pod: &'p Pod<'a>) -> impl Iterator<Item = Storage<'a>> + use<'p, 'a> {
    let count = pod.spec.volumes.as_deref().unwrap_or_default().len() + templates(pod);
    (0..count).filter_map(move |index| nth(pod, index))
}

/// How many claim templates there are.
fn templates(pod: &Pod<'_>) -> usize {
    if pod.object.kind == "StatefulSet" { pod.workload.volume_claim_templates.len() } else { 0 }
}

fn nth<'a>(pod: &Pod<'a>, index: usize) -> Option<Storage<'a>> {
    let volumes = pod.spec.volumes.as_deref().unwrap_or_default();
    let templates = pod.workload.volume_claim_templates.get(..templates(pod)).unwrap_or_default();
    let name_of = |metadata: &'a Option<ObjectMeta<'a>>| {
        metadata.as_ref().and_then(|metadata| metadata.name.as_deref()).unwrap_or_default()
    };
    let Some(volume) = volumes.get(index) else {
        let index = index - volumes.len();
        let template = templates.get(index)?;
        let claim = template.spec.as_ref();
        let behind = behind_claim(pod, "", template.metadata.as_ref(), claim);
        return Some(Storage { name: name_of(&template.metadata), behind, claim, place: Place::Template, index });
    };
    let name = volume.name.as_deref().unwrap_or_default();
    // A claim template takes the place of a volume with its name.
    if templates.iter().any(|template| name_of(&template.metadata) == name) {
        return None;
    }
    let (place, behind, claim) = if let Some(claim) = &volume.persistent_volume_claim {
        let name = claim.claim_name.as_deref().unwrap_or_default();
        let (metadata, claim) = pod.world.context.claim(pod.namespace(), name).unzip();
        let claim = claim.and_then(|claim| claim.spec.as_ref());
        (Place::Claim, behind_claim(pod, name, metadata, claim), claim)
    } else if let Some(ephemeral) = &volume.ephemeral {
        let claim = ephemeral.volume_claim_template.as_ref().and_then(|template| template.spec.as_ref());
        (Place::Ephemeral, behind_claim(pod, "", None, claim), claim)
    } else {
        (Place::Source, Behind::Itself(volume), None)
    };
    Some(Storage { name, behind, claim, place, index })
}

/// What a claim leads to; `name` is empty where it is yet to be made.
fn behind_claim<'a>(
    pod: &Pod<'a>,
    name: &'a str,
    metadata: Option<&'a ObjectMeta<'a>>,
    claim: Option<&'a PersistentVolumeClaimSpec<'a>>,
) -> Behind<'a> {
    let context = pod.world.context;
    let class = claim.and_then(|claim| class_name(metadata, claim));
    let volume = claim.and_then(|claim| claim.volume_name.as_deref()).filter(|name| !name.is_empty());
    let volume = match volume {
        Some(volume) => Some((volume, context.persistent_volume(volume))),
        None if name.is_empty() => None,
        None => reserved(context, pod.namespace(), name).or_else(|| only_one_of(context, class?, claim?)),
    };
    if let Some((name, volume)) = volume {
        return match volume.and_then(|volume| volume.spec.as_ref()) {
            Some(spec) => Behind::Volume(name, spec),
            None => class_behind(context, class),
        };
    }
    match (claim, class) {
        (None, _) => Behind::Unknown,
        (Some(_), None) => context.default_class().map_or(Behind::Unknown, |(name, class)| Behind::Class(name, class)),
        (Some(_), class) => class_behind(context, class),
    }
}

/// The name of a PersistentVolume, and the volume where the context has it.
type Found<'a> = (&'a str, Option<&'a PersistentVolume<'a>>);

fn class_behind<'a>(context: &Context<'a>, name: Option<&'a str>) -> Behind<'a> {
    let class = name.and_then(|name| Some((name, context.storage_class(name)?)));
    class.map_or(Behind::Unknown, |(name, class)| Behind::Class(name, class))
}

/// The class that a claim names, in its field or in the annotation that came before it; `None` where
/// it takes the default.
fn class_name<'a>(metadata: Option<&'a ObjectMeta<'a>>, claim: &'a PersistentVolumeClaimSpec<'a>) -> Option<&'a str> {
    let annotation = metadata.and_then(|metadata| metadata.annotation("volume.beta.kubernetes.io/storage-class"));
    annotation.or(claim.storage_class_name.as_deref())
}

/// The PersistentVolume that is kept for a claim.
fn reserved<'a>(context: &Context<'a>, namespace: &str, claim: &str) -> Option<Found<'a>> {
    let mut volumes = context.persistent_volumes_for(claim);
    let volume = volumes.find(|(_, volume)| {
        let reference = volume.spec.as_ref().and_then(|spec| spec.claim_ref.as_ref());
        reference.is_some_and(|reference| reference.namespace.as_deref() == Some(namespace))
    });
    volume.map(|(name, volume)| (name, Some(volume)))
}

/// The PersistentVolume of a class that makes none itself, where there is just one that is free for the claim.
fn only_one_of<'a>(context: &Context<'a>, class: &str, claim: &PersistentVolumeClaimSpec<'_>) -> Option<Found<'a>> {
    let provisioner = context.storage_class(class).and_then(|class| class.provisioner.as_deref());
    if provisioner.is_some_and(|provisioner| provisioner != "kubernetes.io/no-provisioner") {
        return None;
    }
    let mut free = context.persistent_volumes_for("").filter(|(name, volume)| {
        let of_class =
            |spec: &&PersistentVolumeSpec<'_>| spec.storage_class_name.as_deref().unwrap_or_default() == class;
        let spec = volume.spec.as_ref().filter(of_class);
        spec.is_some_and(|spec| suits(spec, claim)) && !context.is_taken(name)
    });
    let (name, volume) = free.next()?;
    free.next().is_none().then_some((name, Some(volume)))
}

/// Whether a volume has what a claim asks for, as far as that can be told: of its labels nothing is known here.
fn suits(volume: &PersistentVolumeSpec<'_>, claim: &PersistentVolumeClaimSpec<'_>) -> bool {
    let mode = |mode: &Option<Str<'_>>| mode.as_deref().unwrap_or_default() == "Block";
    let has = |wanted: &Str<'_>| volume.access_modes.as_ref().is_none_or(|modes| modes.contains(wanted));
    let has_modes = claim.access_modes.iter().flatten().all(has);
    let storage = |map: Option<&Map<'_, Text<'_>>>| Quantity::read(map?.get("storage")?);
    let wanted = storage(claim.resources.as_ref().and_then(|resources| resources.requests.as_ref()));
    let has_room = wanted.is_none_or(|wanted| storage(volume.capacity.as_ref()).is_none_or(|there| wanted <= there));
    let selects = claim.selector.as_ref().is_some_and(|selector| !selector.is_empty());
    mode(&volume.volume_mode) == mode(&claim.volume_mode) && has_modes && has_room && !selects
}

static NOTHING: Map<'static> = Map::empty();

impl<'a> Storage<'a> {
    /// The source of the volume, or of its PersistentVolume.
    pub fn source(&self) -> Option<&'a Volume<'a>> {
        match self.behind {
            Behind::Itself(volume) => Some(volume),
            Behind::Volume(_, volume) => Some(&volume.source),
            Behind::Class(..) | Behind::Unknown => None,
        }
    }

    /// Its hostPath, or that of its PersistentVolume.
    pub fn host_path(&self) -> Option<&'a HostPathVolumeSource<'a>> {
        self.source()?.host_path.as_deref()
    }

    /// The CSI driver that serves it, and the file system it is asked for.
    pub fn served(&self) -> Option<Served<'a>> {
        let served = match self.behind {
            Behind::Class(_, class) => {
                let driver = volumes::driver_of(class.provisioner.as_deref()?);
                Served { field: "", driver, fs_type: "" }
            }
            _ => volumes::served(self.source()?)?,
        };
        let told = || self.fs_type_parameter().map_or("", |(_, value)| value);
        Some(Served { fs_type: if served.fs_type.is_empty() { told() } else { served.fs_type }, ..served })
    }

    /// The parameter that says which file system it is to have: its name and value.
    fn fs_type_parameter(&self) -> Option<(&'a str, &'a str)> {
        self.parameters().find(|(key, _)| {
            ["csi.storage.k8s.io/fstype", "fsType"].into_iter().any(|name| key.eq_ignore_ascii_case(name))
        })
    }

    /// What its driver is told: `volumeAttributes` of the source, or `parameters` of the class.
    pub fn parameters(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let parameters = match self.behind {
            Behind::Class(_, class) => class.parameters.as_ref(),
            _ => self.source().and_then(|source| source.csi.as_ref()).and_then(|csi| csi.volume_attributes.as_ref()),
        };
        parameters.unwrap_or(&NOTHING).iter().map(|(key, value)| (key, &**value))
    }

    /// `mountOptions` of its PersistentVolume or StorageClass.
    pub fn mount_options(&self) -> &'a [Str<'a>] {
        let options = match self.behind {
            Behind::Volume(_, volume) => volume.mount_options.as_deref(),
            Behind::Class(_, class) => class.mount_options.as_deref(),
            Behind::Itself(_) | Behind::Unknown => None,
        };
        options.unwrap_or_default()
    }

    /// The PersistentVolume, where it is known.
    pub fn persistent_volume(&self) -> Option<&'a PersistentVolumeSpec<'a>> {
        match self.behind {
            Behind::Volume(_, volume) => Some(volume),
            _ => None,
        }
    }

    /// Whether it is a block device, not a file system.
    pub fn is_block(&self) -> bool {
        let volume = self.persistent_volume().and_then(|volume| volume.volume_mode.as_deref());
        let claim = self.claim.and_then(|claim| claim.volume_mode.as_deref());
        claim == Some("Block") || volume == Some("Block")
    }

    /// The position of `mode` in the access modes of the claim, or else of the PersistentVolume.
    pub fn access_mode(&self, mode: &str) -> Option<usize> {
        let claim = self.claim.and_then(|claim| claim.access_modes.as_deref());
        let volume = || self.persistent_volume().and_then(|volume| volume.access_modes.as_deref());
        claim.or_else(volume)?.iter().position(|m| m == mode)
    }

    /// The claim by its name, where the pod names one.
    pub fn claim_name(&self, pod: &Pod<'a>) -> Option<&'a str> {
        let volume = pod.spec.volumes.as_deref().filter(|_| self.place == Place::Claim)?.get(self.index)?;
        volume.persistent_volume_claim.as_ref()?.claim_name.as_deref()
    }

    /// Where the pod's object leads to the source: the name of the claim, of the PersistentVolume or of
    /// the class. Where it holds the source itself, `field` of that: a pointer such as `/csi/driver`.
    pub fn at(&self, pod: &Pod<'a>, field: &str) -> Pointer {
        let says = |text: &Option<Str<'_>>| text.as_deref().is_some_and(|text| !text.is_empty());
        let field = match self.place {
            Place::Source => field,
            _ if self.persistent_volume().is_some() && self.claim.is_some_and(|claim| says(&claim.volume_name)) => {
                "/volumeName"
            }
            _ if self.claim.is_some_and(|claim| says(&claim.storage_class_name)) => "/storageClassName",
            _ => "",
        };
        self.claim_at(pod, field)
    }

    /// As [`Storage::at`], for the source's field `source`.
    pub fn source_at(&self, pod: &Pod<'a>, source: &str) -> Pointer {
        let at = self.at(pod, "");
        if self.is_inline() { at.key(source) } else { at }
    }

    /// As [`Storage::at`], for what its driver is told under `key`.
    pub fn parameter_at(&self, pod: &Pod<'a>, key: &str) -> Pointer {
        let at = self.at(pod, "/csi/volumeAttributes");
        if self.is_inline() { at.key(key) } else { at }
    }

    /// As [`Storage::at`], for the file system that `served` says.
    pub fn fs_type_at(&self, pod: &Pod<'a>, served: &Served<'_>) -> Pointer {
        let own = self.source().and_then(volumes::served).is_some_and(|served| !served.fs_type.is_empty());
        match self.fs_type_parameter().filter(|_| !own) {
            Some((key, _)) => self.parameter_at(pod, key),
            None if self.is_inline() => self.source_at(pod, served.field).key("fsType"),
            None => self.at(pod, ""),
        }
    }

    /// Where in the pod's object its claim has `field`, or where the claim is named.
    pub fn claim_at(&self, pod: &Pod<'a>, field: &str) -> Pointer {
        let volume = || pod.at("/volumes").index(self.index);
        match self.place {
            Place::Source => volume().join(field),
            Place::Claim => volume().join("/persistentVolumeClaim/claimName"),
            Place::Ephemeral => volume().join("/ephemeral/volumeClaimTemplate/spec").join(field),
            Place::Template => {
                let owner = pod.at("").parent().and_then(|template| template.parent()).unwrap_or_default();
                owner.join("/volumeClaimTemplates").index(self.index).join("/spec").join(field)
            }
        }
    }

    /// Where in the pod's object the access mode at `index` stands, or where that leads to it.
    pub fn access_mode_at(&self, pod: &Pod<'a>, index: usize) -> Pointer {
        match self.place {
            Place::Ephemeral | Place::Template if self.claim.is_some_and(|claim| claim.access_modes.is_some()) => {
                self.claim_at(pod, "/accessModes").index(index)
            }
            _ => self.at(pod, ""),
        }
    }

    /// What it is, for messages: `volume data of StorageClass fast`.
    pub fn title(&self) -> String {
        match self.behind {
            Behind::Volume(name, _) => format!("volume {} of PersistentVolume {name}", self.name),
            Behind::Class(name, _) => format!("volume {} of StorageClass {name}", self.name),
            Behind::Itself(_) | Behind::Unknown => format!("volume {}", self.name),
        }
    }

    /// Whether the pod itself says what the source is, so that a change of the pod can mend it.
    pub fn is_inline(&self) -> bool {
        self.place == Place::Source
    }

    /// Its position in the pod's `volumes`, where the pod itself says what the source is.
    pub fn inline_at(&self) -> Option<usize> {
        self.is_inline().then_some(self.index)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    /// The storage findings on a Windows pod with this volume, as `WIN503 /path`.
    fn found(volume: Value, context: &[Value]) -> String {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"nodeSelector": {"kubernetes.io/os": "windows"}, "volumes": [{"name": "a", "emptyDir": {}}, volume]}});
        judged(pod, context)
    }

    fn judged(object: Value, context: &[Value]) -> String {
        let input = json!({"request": object, "context": context}).to_string();
        let decision: Value = serde_json::from_str(&crate::evaluate(input.as_bytes())).expect("a Decision");
        let findings = decision["findings"].as_array().expect("findings").iter();
        let storage = findings.filter(|f| f["rule"].as_str().is_some_and(|rule| rule.starts_with("WIN5")));
        let texts: Vec<String> = storage
            .map(|f| format!("{} {}", f["rule"].as_str().unwrap_or_default(), f["path"].as_str().unwrap_or_default()))
            .collect();
        texts.join(", ")
    }

    fn claim(spec: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "c", "namespace": "shop"}, "spec": spec})
    }

    fn volume(name: &str, spec: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec})
    }

    fn class(name: &str, default: &str) -> Value {
        let annotations = json!({"storageclass.kubernetes.io/is-default-class": default});
        json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "efs.csi.aws.com",
            "metadata": {"name": name, "annotations": annotations}})
    }

    fn by_name() -> Value {
        json!({"name": "data", "persistentVolumeClaim": {"claimName": "c"}})
    }

    const NFS: &str = "WIN502 /spec/volumes/1/persistentVolumeClaim/claimName";
    const EFS: &str = "WIN503 /spec/volumes/1/persistentVolumeClaim/claimName";

    #[test]
    fn a_claim_leads_to_its_volume() {
        let nfs = || json!({"nfs": {"server": "x", "path": "/"}});
        assert_eq!(found(by_name(), &[]), "");
        assert_eq!(found(by_name(), &[claim(json!({"volumeName": "v"})), volume("v", nfs())]), NFS);
        assert_eq!(found(by_name(), &[claim(json!({"volumeName": "w"})), volume("v", nfs())]), "");
        let kept_for = |namespace: &str| json!({"nfs": {}, "claimRef": {"name": "c", "namespace": namespace}});
        assert_eq!(found(by_name(), &[volume("v", kept_for("shop"))]), NFS);
        assert_eq!(found(by_name(), &[claim(json!({})), volume("v", kept_for("shop"))]), NFS);
        assert_eq!(found(by_name(), &[claim(json!({})), volume("v", kept_for("other"))]), "");
        let manual = json!({"nfs": {}, "storageClassName": "manual"});
        let wants_manual = claim(json!({"storageClassName": "manual"}));
        let volumes = [wants_manual, volume("v", manual.clone()), volume("w", manual)];
        assert_eq!(found(by_name(), &volumes[..2]), NFS);
        assert_eq!(found(by_name(), &volumes), "", "which of the two is not known");
        assert_eq!(found(by_name(), &[claim(json!({"storageClassName": ""})), volume("v", nfs())]), NFS);
        assert_eq!(found(by_name(), &[claim(json!({})), volume("v", nfs())]), "", "of the default class");
    }

    #[test]
    fn a_claim_leads_to_its_class() {
        let wants = |name: &str| claim(json!({"storageClassName": name}));
        assert_eq!(found(by_name(), &[wants("efs"), class("efs", "false")]), EFS);
        assert_eq!(found(by_name(), &[wants("ebs"), class("efs", "true")]), "");
        assert_eq!(found(by_name(), &[wants(""), class("efs", "true")]), "");
        assert_eq!(found(by_name(), &[claim(json!({})), class("efs", "true")]), EFS);
        assert_eq!(found(by_name(), &[claim(json!({})), class("efs", "false")]), "");
        assert_eq!(found(by_name(), &[claim(json!(null)), class("efs", "true")]), "");
        assert_eq!(found(by_name(), &[class("efs", "true")]), "", "a claim nothing is known of");
        let mut old = claim(json!({}));
        old["metadata"]["annotations"] = json!({"volume.beta.kubernetes.io/storage-class": "efs"});
        assert_eq!(found(by_name(), &[old, class("efs", "false")]), EFS);
        let mut elsewhere = wants("efs");
        elsewhere["metadata"]["namespace"] = json!("other");
        assert_eq!(found(by_name(), &[elsewhere, class("efs", "false")]), "");
    }

    #[test]
    fn templates_lead_to_their_class() {
        let ephemeral = |spec: Value| json!({"name": "data", "ephemeral": {"volumeClaimTemplate": {"spec": spec}}});
        let at = "WIN503 /spec/volumes/1/ephemeral/volumeClaimTemplate/spec";
        assert_eq!(found(ephemeral(json!({})), &[class("efs", "true")]), at);
        let named = ephemeral(json!({"storageClassName": "efs"}));
        assert_eq!(found(named, &[class("efs", "true")]), format!("{at}/storageClassName"));
        assert_eq!(found(json!({"name": "data", "ephemeral": {}}), &[class("efs", "true")]), "");
        let set = |kind: &str| {
            let spec = json!({"nodeSelector": {"kubernetes.io/os": "windows"},
                "volumes": [{"name": "data", "nfs": {}}, {"name": "more", "nfs": {}}]});
            let templates = json!([{"metadata": {"name": "data"}, "spec": {"storageClassName": "efs"}}]);
            json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web"},
                "spec": {"template": {"spec": spec}, "volumeClaimTemplates": templates}})
        };
        let expected =
            "WIN502 /spec/template/spec/volumes/1/nfs, WIN503 /spec/volumeClaimTemplates/0/spec/storageClassName";
        assert_eq!(judged(set("StatefulSet"), &[class("efs", "false")]), expected);
        let list = json!({"apiVersion": "v1", "kind": "List", "items": [set("StatefulSet"), class("efs", "false")]});
        let expected = expected.replace(" /", " /items/0/");
        assert_eq!(judged(list, &[]), expected);
    }
}
