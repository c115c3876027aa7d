//! PersistentVolumeClaim: the volume that a pod asks for.

use super::label_selector::LabelSelector;
use super::metadata::ObjectMeta;
use super::read::{Map, Str, Text, view};

view! {
    /// `PersistentVolumeClaim`
    pub struct PersistentVolumeClaim<'a> {
        metadata: ObjectMeta<'a> = "metadata",
        spec: PersistentVolumeClaimSpec<'a> = "spec",
    }

    /// `VolumeResourceRequirements`
    pub struct VolumeResourceRequirements<'a> { requests: Map<'a, Text<'a>> = "requests" }

    /// `PersistentVolumeClaimSpec`
    pub struct PersistentVolumeClaimSpec<'a> {
        access_modes: Vec<Str<'a>> = "accessModes",
        resources: VolumeResourceRequirements<'a> = "resources",
        selector: LabelSelector<'a> = "selector",
        storage_class_name: Str<'a> = "storageClassName",
        volume_mode: Str<'a> = "volumeMode",
        volume_name: Str<'a> = "volumeName",
    }
}
