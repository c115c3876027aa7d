//! What files hold that others look up.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use transom_context as context;
use transom_manifests::Content;

/// What a file holds that others look up.
pub(crate) type Objects = Arc<Vec<Value>>;

/// What files hold.
pub(crate) type Files = BTreeMap<PathBuf, Objects>;

/// The objects in a text that others may look up.
pub(crate) fn of(text: &str) -> Vec<Value> {
    if !context::may_be_in(text) && !context::may_hold_workload(text) {
        return Vec::new();
    }
    let stream = transom_yaml::parse(text);
    stream.documents.iter().flat_map(Content::objects).map(|object| object.object().clone()).collect()
}
