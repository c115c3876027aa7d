//! `NodeSelector`: which nodes a pod or a volume is for.

use super::read::{Str, view};

view! {
    /// `NodeSelector`
    pub struct NodeSelector<'a> { node_selector_terms: Vec<NodeSelectorTerm<'a>> = "nodeSelectorTerms" }

    /// `NodeSelectorTerm`
    pub struct NodeSelectorTerm<'a> {
        match_expressions: Vec<NodeSelectorRequirement<'a>> = "matchExpressions",
        match_fields: Vec<NodeSelectorRequirement<'a>> = "matchFields",
    }

    /// `NodeSelectorRequirement`
    pub struct NodeSelectorRequirement<'a> {
        key: Str<'a> = "key",
        operator: Str<'a> = "operator",
        values: Vec<Str<'a>> = "values",
    }
}
