//! ConfigMap and Secret.

use super::read::{Map, Present, view};

/// The ConfigMap in which flannel is set up.
pub(crate) const FLANNEL: &str = "kube-flannel-cfg";

view! {
    /// `ConfigMap`
    pub struct ConfigMap<'a> {
        binary_data: Map<'a, Present> = "binaryData",
        data: Map<'a> = "data",
    }

    /// `Secret`: the names of what is in it, never the contents.
    pub struct Secret<'a> {
        data: Map<'a, Present> = "data",
        string_data: Map<'a, Present> = "stringData",
    }
}
