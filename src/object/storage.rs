//! Objects that say what is behind a volume: PersistentVolumeClaim, PersistentVolume, StorageClass.

use super::node_selector::NodeSelector;
use super::pod::Volume;
use super::read::{Map, Str, Text, view};

pub use super::claim::{PersistentVolumeClaim, PersistentVolumeClaimSpec};

view! {
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

    /// `PersistentVolumeSpec`: what a volume of a pod says of its source, and more
    pub struct PersistentVolumeSpec<'a> {
        access_modes: Vec<Str<'a>> = "accessModes",
        capacity: Map<'a, Text<'a>> = "capacity",
        claim_ref: ObjectReference<'a> = "claimRef",
        mount_options: Vec<Str<'a>> = "mountOptions",
        node_affinity: VolumeNodeAffinity<'a> = "nodeAffinity",
        storage_class_name: Str<'a> = "storageClassName",
        volume_mode: Str<'a> = "volumeMode",
        ..source: Volume<'a>
    }
}
