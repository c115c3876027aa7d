//! The metadata that every object has.

use super::read::{Map, Str, view};

view! {
    /// `ObjectMeta`
    pub struct ObjectMeta<'a> {
        annotations: Map<'a> = "annotations",
        deletion_timestamp: Str<'a> = "deletionTimestamp",
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
