//! Where a pod can land: what its labels, tolerations and resources leave of the nodes of each system.

use super::labels::{HOSTNAME, OS};
use super::os::Os;
use super::resources::{is_zero, resource_os};
use super::selector::{Fit, NodeModel, Reading};
use super::taints::{self, Taint, Taints};
use crate::context::Node;
use crate::object::read::{Map, Text};
use crate::pod::{Container, Pod};
use crate::settings::Platform;
use crate::words::words;

/// Whether a pod can land on nodes of one system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placement {
    /// No node of the system can take it.
    No,
    /// Only a taint keeps it off.
    Guarded,
    /// Only nodes that carry some custom label can take it.
    Maybe,
    /// It can.
    Yes,
}

words!(Placement: No = "no", Guarded = "guarded", Maybe = "maybe", Yes = "yes");

/// Where a pod can land.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub struct Placements {
    /// On Windows nodes.
    pub windows: Placement,
    /// On Linux nodes.
    pub linux: Placement,
}

impl Placements {
    /// On no nodes: what holds until the pod is placed.
    pub(crate) const NONE: Placements = Placements { windows: Placement::No, linux: Placement::No };

    /// On nodes of `os`.
    pub fn of(&self, os: Os) -> Placement {
        match os {
            Os::Windows => self.windows,
            Os::Linux => self.linux,
        }
    }
}

/// How the nodes of each system can have the labels that a pod asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fits {
    windows: Fit,
    linux: Fit,
}

impl Fits {
    /// They cannot: what holds until somebody has looked.
    pub(crate) const NONE: Fits = Fits { windows: Fit::No, linux: Fit::No };

    fn of(self, os: Os) -> Fit {
        match os {
            Os::Windows => self.windows,
            Os::Linux => self.linux,
        }
    }
}

impl<'a> Pod<'a> {
    /// Where it can land, once its `label_fits` are known.
    pub(crate) fn place(&self) -> Placements {
        Placements { windows: self.place_on(Os::Windows), linux: self.place_on(Os::Linux) }
    }

    fn place_on(&self, os: Os) -> Placement {
        let fit = self.label_fit(os);
        if fit == Fit::No || !self.resources_fit(os) {
            return Placement::No;
        }
        let nodes = || self.world.context.nodes();
        if let Some(name) = self.node_name() {
            // Taints and the scheduler are passed by; the kubelet still compares the labels.
            let node = nodes().find(|node| node.name == name);
            let can = node.is_none_or(|node| node.os == os && self.selector.matches(node.name, node.labels));
            return if can { Placement::Yes } else { Placement::No };
        }
        // Nobody else has the name of a node.
        if self.os_of_named_nodes() == Some(os.other()) {
            return Placement::No;
        }
        // Where nodes of the system are in the context, there are no others.
        if nodes().any(|node| node.os == os) {
            let matching = nodes().filter(|node| node.os == os && self.selector.matches(node.name, node.labels));
            let place =
                |node: &Node<'_>| if node.admits(self.tolerations()) { Placement::Yes } else { Placement::Guarded };
            return matching.map(place).max().unwrap_or(Placement::No);
        }
        if os == Os::Windows {
            if !self.world.settings.may_have_windows_nodes() {
                return Placement::No;
            }
            if !self.tolerates_windows_taints() {
                return Placement::Guarded;
            }
        }
        if fit == Fit::Custom { Placement::Maybe } else { Placement::Yes }
    }

    /// How the nodes of each system can have the labels it asks for, read this way.
    pub(crate) fn fits(&self, reading: Reading) -> Fits {
        let fit = |os| self.selector.fit(&self.node_model(os, reading));
        Fits { windows: fit(Os::Windows), linux: fit(Os::Linux) }
    }

    /// Whether nodes of `os` can have all the labels the pod asks for.
    pub fn label_fit(&self, os: Os) -> Fit {
        self.label_fits.of(os)
    }

    /// Whether nodes of `os` can have all the labels the pod means to ask for: see [`Reading::AsMeant`].
    pub fn meant_fit(&self, os: Os) -> Fit {
        self.meant_fits.of(os)
    }

    /// Whether nodes of `os` can have the labels that required affinity term `index` and `nodeSelector` ask for.
    pub fn term_fit(&self, index: usize, os: Os) -> Fit {
        self.selector.term_fit(index, &self.node_model(os, Reading::AsWritten))
    }

    /// Whether only nodes of `os` can have the labels the pod means to ask for.
    pub fn is_forced_to(&self, os: Os) -> bool {
        self.meant_fit(os) != Fit::No && self.meant_fit(os.other()) == Fit::No
    }

    /// Whether nodes of both systems can have the labels the pod asks for, or means to ask for: nothing
    /// pins it.
    pub fn fits_both(&self) -> bool {
        [Os::Windows, Os::Linux].into_iter().all(|os| self.label_fit(os) != Fit::No || self.meant_fit(os) != Fit::No)
    }

    /// The nodes of `os`, as far as settings and context tell.
    pub fn node_model(&self, os: Os, reading: Reading) -> NodeModel<'a> {
        NodeModel { os, reading, builds: self.world.builds(), settings: self.world.settings }
    }

    /// Whether a label that others add to its `nodeSelector` is one that no node has. What it asks for itself is the
    /// matter of rules that know what is meant.
    pub fn is_on_no_node(&self, (key, value): (&str, &str)) -> bool {
        let has = |os| self.node_model(os, Reading::AsWritten).can_have(key, value);
        !has(Os::Windows) && !has(Os::Linux)
    }

    /// Whether nodes of `os` can offer all resources it asks for.
    pub fn resources_fit(&self, os: Os) -> bool {
        let mut resources =
            self.containers.iter().filter_map(|c| c.view.resources.as_ref()).chain(&self.spec.resources);
        let names = |map: Option<&Map<'_, Text<'_>>>| {
            map.is_some_and(|m| {
                m.iter().any(|(name, quantity)| resource_os(name) == Some(os.other()) && !is_zero(quantity))
            })
        };
        let claims = os == Os::Windows
            && (self.spec.resource_claims.as_ref().is_some_and(|c| !c.is_empty())
                || self.containers.iter().any(Container::has_claims));
        !claims && !resources.any(|r| names(r.requests.as_ref()) || names(r.limits.as_ref()))
    }

    /// Whether the taints of Windows nodes let the pod in.
    pub fn tolerates_windows_taints(&self) -> bool {
        match self.world.windows_taints() {
            Taints::Known(known) => self.untolerated(known).next().is_none(),
            unknown => !unknown.keep_off(self.tolerations()),
        }
    }

    /// The known taints of the Windows nodes that the pod does not tolerate, and that nobody else tolerates for it.
    pub fn untolerated<'k>(&self, known: &'k [Taint]) -> impl Iterator<Item = &'k Taint> + use<'a, 'k> {
        // The admission webhook of GKE adds the toleration to who asks for Windows nodes.
        let asks = self.selector.required_value(OS) == Some("windows");
        let by_webhook = self.world.settings.platform == Platform::Gke && asks;
        taints::not_tolerated(known, self.tolerations())
            .filter(move |taint| !(by_webhook && taint.key == "node.kubernetes.io/os" && taint.value == "windows"))
    }

    /// Whether the pod, which is not known to be meant for Windows, may land on a Windows node all the
    /// same: nothing but a taint stands against it. Where `os.name` or `nodeName` is set, or both
    /// systems are let in by name, that is another matter.
    pub fn is_exposed_to_windows(&self) -> bool {
        !self.is_windows()
            && self.world.settings.may_have_windows_nodes()
            && self.os_name().is_none()
            && self.node_name().is_none()
            && self.fits_both()
            && self.meant_fit(Os::Linux) != Fit::No
            && self.placement.windows != Placement::No
            && !self.is_for_both()
    }

    /// What becomes of a Windows pod whose labels leave it no Windows node.
    pub fn end_without_windows_node(&self) -> &'static str {
        match (self.placement.linux, self.os_name()) {
            (Placement::No, _) => "this Windows pod stays Pending",
            (_, Some(Os::Windows)) => "this Windows pod is put on a Linux node, whose kubelet refuses it",
            _ => "this Windows pod is put on a Linux node",
        }
    }

    /// The system of the nodes that the pod names, by `nodeName` or by their name in `nodeSelector` or required
    /// affinity, where the context has them and they are all of one.
    pub fn os_of_named_nodes(&self) -> Option<Os> {
        let nodes = || self.world.context.nodes();
        let is_called = |node: &Node<'_>, name: &str| {
            node.name == name || node.labels.get(HOSTNAME).is_some_and(|label| **label == *name)
        };
        let name = self.node_name();
        if name.is_none() {
            let names = self.selector.named_nodes()?;
            if !names.iter().all(|name| nodes().any(|node| is_called(node, name))) {
                return None;
            }
        }
        let is_named = |node: &&Node<'_>| match name {
            Some(name) => node.name == name,
            None => self.selector.matches(node.name, node.labels),
        };
        let mut named = nodes().filter(is_named).map(|node| node.os);
        let os = named.next()?;
        named.all(|other| other == os).then_some(os)
    }
}
