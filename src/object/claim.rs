//! PersistentVolumeClaim: the volume that a pod asks for.

use super::metadata::ObjectMeta;
use super::read::{Str, view};

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
}
