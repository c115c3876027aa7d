//! Every kind that the views read further than its metadata, as data.

use super::VIEWED_KINDS;
use super::builder::{CronJobSpec, PodLikeSpec, PodStatus};
use super::metadata::ObjectMeta;
use super::outline::{Field, Outline, Type, View};
use super::pod::{PodSpec, PodTemplateSpec};

/// What is read of every object, of whatever kind.
pub const METADATA: Type = ObjectMeta::TYPE;

/// A kind: its API group, its name, and the fields of its objects that are read beside
/// [`METADATA`].
#[derive(Debug)]
pub struct Kind {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// What is read of its objects.
    pub view: View,
}

/// Every kind that is read further than its metadata.
pub fn kinds() -> Vec<Kind> {
    let kind = |group, kind, fields| Kind { group, kind, view: View { name: kind, fields } };
    let template: fn() -> Vec<Field> = || vec![("spec", PodLikeSpec::TYPE)];
    let mut kinds = vec![
        kind("", "Pod", || vec![("spec", PodSpec::TYPE), ("status", PodStatus::TYPE)]),
        kind("", "PodTemplate", || vec![("template", PodTemplateSpec::TYPE)]),
        kind("", "ReplicationController", template),
        kind("apps", "DaemonSet", template),
        kind("apps", "Deployment", template),
        kind("apps", "ReplicaSet", template),
        kind("apps", "StatefulSet", template),
        kind("batch", "CronJob", || vec![("spec", CronJobSpec::TYPE)]),
        kind("batch", "Job", template),
    ];
    for (groups, names, outline) in VIEWED_KINDS {
        let Type::View(view) = outline else { continue };
        let pairs = groups.iter().flat_map(|group| names.iter().map(move |name| (group, name)));
        kinds.extend(pairs.map(|(group, kind)| Kind { group, kind, view: *view }));
    }
    kinds
}
