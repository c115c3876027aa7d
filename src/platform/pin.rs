//! Pinning a pod to the nodes of one system.

use super::labels::OS;
use super::os::Os;
use super::selector::Reading;
use crate::fix::{Fix, Safety};
use crate::pod::Pod;

impl Pod<'_> {
    /// The fix that pins the pod to nodes of `os`; safe where the pod is surely meant for it, and some may take it.
    pub fn pin(&self, os: Os) -> Fix {
        let title = match os {
            Os::Windows => "Pin the pod to Windows nodes",
            Os::Linux => "Pin the pod to Linux nodes",
        };
        let mut fix = self.fix_for(os, title);
        // None of the nodes that are known: it asks for more that they lack.
        let model = self.node_model(os, Reading::AsMeant);
        let mut known = self.world.context.nodes().filter(|node| node.os == os).peekable();
        let is_shut_out =
            known.peek().is_some() && !known.any(|node| self.selector.matches_as_read(node.name, node.labels, &model));
        if is_shut_out || self.os_of_named_nodes() == Some(os.other()) {
            fix.safety = Safety::Unsafe;
        }
        fix.set(self.at("/nodeSelector").key(OS), os.label())
    }

    /// Whether `nodeSelector` may ask for this: its RuntimeClass and its namespace may ask for the
    /// label too, and where the values differ the API server refuses the pod.
    pub fn may_select(&self, key: &str, value: &str) -> bool {
        let mut of_namespace = self.world.context.namespace_node_selector(self.namespace());
        self.class_node_selector().and_then(|class| class.get(key)).is_none_or(|wanted| &**wanted == value)
            && of_namespace.all(|(other, wanted)| other != key || wanted == value)
    }
}
