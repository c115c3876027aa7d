//! The builds of the Windows nodes that a pod may be put on.

use super::labels::{WINDOWS_BUILD, is_aks_sku, sku_build, windows_build_meant};
use super::os::Os;
use super::selector::{Fit, NodeModel, Reading};
use super::stated::Statement;
use crate::context::Node;
use crate::order;
use crate::pod::Pod;

impl Pod<'_> {
    /// The builds of the Windows nodes that the pod may be put on, as far as somebody named them: in the
    /// settings, by nodes in the context, or in labels that the pod, its RuntimeClass or its namespace ask
    /// for. Empty where nobody did.
    pub fn builds_in_reach(&self) -> &[u32] {
        self.builds_in_reach.get_or_init(|| self.find_builds_in_reach())
    }

    fn find_builds_in_reach(&self) -> Vec<u32> {
        let mut builds = self.named_builds().unwrap_or_else(|| self.asked_builds());
        let is_one_term = self.required_terms().is_none_or(|terms| terms.len() < 2);
        let has_sku = |build: u32| {
            self.required_statements()
                .filter(|s| is_listed(s) && is_aks_sku(s.key) && (is_one_term || s.is_in_node_selector()))
                .all(|s| s.values.iter().any(|value| sku_build(s.key, value).is_none_or(|named| named == build)))
        };
        let takes = |build: &u32| {
            let nodes =
                NodeModel { builds: std::slice::from_ref(build), ..self.node_model(Os::Windows, Reading::AsMeant) };
            self.selector.fit(&nodes) != Fit::No && has_sku(*build)
        };
        builds.retain(takes);
        builds
    }

    /// The builds in the labels that the pod, its RuntimeClass and its namespace ask for.
    fn asked_builds(&self) -> Vec<u32> {
        let mut builds = Vec::new();
        for statement in self.required_statements().filter(is_listed) {
            // The user names a handful at most; more than that is no list of nodes.
            for build in statement.values.iter().filter_map(|value| named_build(statement.key, value)) {
                if builds.len() < 64 && !builds.contains(&build) {
                    builds.push(build);
                }
            }
        }
        let class = self.class_node_selector().into_iter().flat_map(|map| map.iter());
        let class = class.map(|(key, value)| (key, &**value));
        let namespace = self.world.context.namespace_node_selector(self.namespace());
        for build in class.chain(namespace).filter_map(|(key, value)| named_build(key, value)) {
            if !builds.contains(&build) {
                builds.push(build);
            }
        }
        builds
    }

    /// The builds in the settings; else those of the Windows nodes in the context that the pod may go to.
    /// `None` where nobody named any.
    fn named_builds(&self) -> Option<Vec<u32>> {
        let all = self.world.builds();
        if all.is_empty() || !self.world.settings.windows.builds.is_empty() {
            return Some(all.to_vec()).filter(|all| !all.is_empty());
        }
        let mut builds = Vec::new();
        for node in self.world.context.nodes().filter(|node| self.may_go_to(node)) {
            if let Some(build) = node.build().or_else(|| node.kernel()) {
                order::insert(&mut builds, build);
            }
        }
        Some(builds)
    }

    /// Whether the pod means to go to a Windows node of the context. A wrong letter in how it says so is for
    /// rules to mend.
    pub fn may_go_to(&self, node: &Node<'_>) -> bool {
        let build = node.build();
        let nodes = NodeModel { builds: build.as_slice(), ..self.node_model(Os::Windows, Reading::AsMeant) };
        node.os == Os::Windows
            && self.node_name().is_none_or(|name| name == node.name)
            && self.selector.matches_as_read(node.name, node.labels, &nodes)
    }
}

/// Whether a statement lists what the label may be.
fn is_listed(statement: &Statement<'_>) -> bool {
    matches!(statement.operator, "" | "In")
}

/// The build that a label with this value stands for.
fn named_build(key: &str, value: &str) -> Option<u32> {
    match key {
        WINDOWS_BUILD => windows_build_meant(value),
        key => sku_build(key, value),
    }
}
