//! Objects that say what is behind a volume: PersistentVolumeClaim, PersistentVolume, StorageClass.

use super::ObjectMeta;
use super::pod::{NodeSelector, Volume};
use super::read::{Map, Slot, Str, View, view};

view! {
    /// `PersistentVolumeClaim`
    pub struct PersistentVolumeClaim<'a> {
        metadata: ObjectMeta<'a> = "metadata",
        spec: PersistentVolumeClaimSpec<'a> = "spec",
    }

    /// `PersistentVolumeClaimSpec`
    pub struct PersistentVolumeClaimSpec<'a> {
        access_modes: Vec<Str<'a>> = "accessModes",
        storage_class_name: Str<'a> = "storageClassName",
        volume_mode: Str<'a> = "volumeMode",
        volume_name: Str<'a> = "volumeName",
    }

    /// `PersistentVolume`
    pub struct PersistentVolume<'a> { spec: PersistentVolumeSpec<'a> = "spec" }

    /// `ObjectReference`, of a PersistentVolume to its claim
    pub struct ObjectReference<'a> {
        name: Str<'a> = "name",
        namespace: Str<'a> = "namespace",
    }

    /// `VolumeNodeAffinity`
    pub struct VolumeNodeAffinity<'a> { required: NodeSelector<'a> = "required" }

    /// `StorageClass`
    pub struct StorageClass<'a> {
        mount_options: Vec<Str<'a>> = "mountOptions",
        parameters: Map<'a> = "parameters",
        provisioner: Str<'a> = "provisioner",
    }
}

/// `PersistentVolumeSpec`: what a volume of a pod says of its source, and more.
#[derive(Debug, Default)]
pub struct PersistentVolumeSpec<'a> {
    /// `accessModes`
    pub access_modes: Option<Vec<Str<'a>>>,
    /// `claimRef`
    pub claim_ref: Option<ObjectReference<'a>>,
    /// `mountOptions`
    pub mount_options: Option<Vec<Str<'a>>>,
    /// `nodeAffinity`
    pub node_affinity: Option<VolumeNodeAffinity<'a>>,
    /// `storageClassName`
    pub storage_class_name: Option<Str<'a>>,
    /// `volumeMode`
    pub volume_mode: Option<Str<'a>>,
    /// The source, in the field that it has in a pod's volume, too.
    pub source: Volume<'a>,
}

impl<'de> View<'de> for PersistentVolumeSpec<'de> {
    fn slot(&mut self, name: &str) -> Option<&mut dyn Slot<'de>> {
        match name {
            "accessModes" => Some(&mut self.access_modes),
            "claimRef" => Some(&mut self.claim_ref),
            "mountOptions" => Some(&mut self.mount_options),
            "nodeAffinity" => Some(&mut self.node_affinity),
            "storageClassName" => Some(&mut self.storage_class_name),
            "volumeMode" => Some(&mut self.volume_mode),
            name => self.source.slot(name),
        }
    }
}
