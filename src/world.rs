//! What surrounds the object that is judged: settings, other objects, the request.

use crate::admission::Request;
use crate::context::Context;
use crate::object::Object;
use crate::platform::{Os, Taint, Taints};
use crate::pod::Pod;
use crate::settings::Settings;

/// What surrounds the object that is judged.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// The settings in force.
    pub settings: &'a Settings,
    /// Other objects that may be looked up.
    pub context: &'a Context<'a>,
    /// The admission request; empty for a bare object.
    pub request: &'a Request<'a>,
    /// The taints of the Windows nodes: set, else the platform's; `None` where nothing is known.
    pub taints: Option<&'a [Taint]>,
    /// The day at which suppressions are judged, as `YYYY-MM-DD`.
    pub today: &'a str,
}

/// The taints of the Windows nodes, as settings, the platform or Nodes of the context tell.
pub(crate) fn windows_taints(settings: &Settings, context: &Context<'_>) -> Option<Vec<Taint>> {
    let preset = settings.taints();
    // Where the platform's nodes have no taint by themselves, somebody may have given them one.
    let is_open = settings.windows.taints.is_none() && preset.as_ref().is_none_or(Vec::is_empty);
    if is_open { context.windows_taints().or(preset) } else { preset }
}

impl<'a> World<'a> {
    /// The namespace that an object is in: the request's, else its own.
    pub fn namespace_of(&self, object: &'a Object<'a>) -> &'a str {
        self.request.namespace_of(object)
    }

    /// What is known of the taints of the Windows nodes.
    pub fn windows_taints(&self) -> Taints<'a> {
        self.taints.map_or(Taints::Unknown, Taints::Known)
    }

    /// Whether settings, a Node or a workload of the context say that the cluster has Windows nodes.
    pub fn knows_windows_nodes(&self) -> bool {
        let windows = &self.settings.windows;
        if let Some(present) = windows.present {
            return present;
        }
        let is_windows = |object: &'a Object<'a>, workload| {
            Pod::new(object, workload, *self, "").is_some_and(|pod| pod.is_windows())
        };
        !windows.builds.is_empty()
            || !windows.labels.is_empty()
            || windows.taints.as_ref().is_some_and(|taints| !taints.is_empty())
            || self.settings.cni.is_some()
            || self.context.nodes().any(|node| node.os == Os::Windows)
            || self
                .context
                .objects()
                .any(|object| object.workloads().iter().any(|workload| is_windows(object, workload)))
    }

    /// The Windows builds the user named, in settings or by nodes in the context; empty where none is.
    pub fn builds(&self) -> &'a [u32] {
        match &*self.settings.windows.builds {
            [] => self.context.windows_builds(),
            builds => builds,
        }
    }
}
