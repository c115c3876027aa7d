//! `LabelSelector`: which objects another one is about.

use super::node_selector::NodeSelectorRequirement;
use super::read::{Map, view};

view! {
    /// `LabelSelector`
    pub struct LabelSelector<'a> {
        match_expressions: Vec<NodeSelectorRequirement<'a>> = "matchExpressions",
        match_labels: Map<'a> = "matchLabels",
    }
}

impl LabelSelector<'_> {
    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.match_expressions.as_ref().is_none_or(Vec::is_empty)
            && self.match_labels.as_ref().is_none_or(Map::is_empty)
    }

    /// Whether it looks at the label `key`.
    pub fn contains(&self, key: &str) -> bool {
        let mut expressions = self.match_expressions.iter().flatten();
        self.match_labels.as_ref().is_some_and(|labels| labels.get(key).is_some())
            || expressions.any(|requirement| requirement.key.as_deref() == Some(key))
    }

    /// Whether it selects an object with these labels. An empty selector selects all; one that the
    /// API server would refuse selects none.
    pub fn selects(&self, labels: &Map<'_>) -> bool {
        let equals = self.match_labels.as_ref().is_none_or(|wanted| has_all(labels, wanted));
        equals && self.match_expressions.iter().flatten().all(|requirement| holds(requirement, labels))
    }
}

/// Whether `labels` has every pair of `wanted`.
pub fn has_all(labels: &Map<'_>, wanted: &Map<'_>) -> bool {
    wanted.iter().all(|(key, value)| labels.get(key).is_some_and(|label| **label == **value))
}

fn holds(requirement: &NodeSelectorRequirement<'_>, labels: &Map<'_>) -> bool {
    let label = requirement.key.as_deref().and_then(|key| labels.get(key));
    let is_listed = || label.is_some_and(|label| requirement.values.iter().flatten().any(|value| **value == **label));
    match requirement.operator.as_deref() {
        Some("In") => is_listed(),
        Some("NotIn") => !is_listed(),
        Some("Exists") => label.is_some(),
        Some("DoesNotExist") => label.is_none(),
        _ => false,
    }
}
