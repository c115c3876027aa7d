//! `LabelSelector`: which objects another one is about.

use super::node_selector::NodeSelectorRequirement;
#[cfg(feature = "outline")]
use super::outline::{Outline, Type};
use super::read::{At, Broken, Fields, Map, Slot, Str, view};

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

/// The names of the labels that a selector looks at: a `LabelSelector`, or the plain map that a
/// ReplicationController has in its place.
#[derive(Debug, Default)]
pub struct SelectedLabels<'a>(Vec<Str<'a>>);

impl SelectedLabels<'_> {
    /// Whether the selector looks at the label `key`.
    pub fn contains(&self, key: &str) -> bool {
        self.0.iter().any(|k| k == key)
    }
}

#[cfg(feature = "outline")]
impl Outline for SelectedLabels<'_> {
    const TYPE: Type = Type::Either(&<LabelSelector<'_> as Outline>::TYPE, &<Map<'_> as Outline>::TYPE);
}

impl<'de> Slot<'de> for Option<SelectedLabels<'de>> {
    fn expected(&self) -> &'static str {
        "object"
    }
    fn object(&mut self, fields: &mut dyn Fields<'de>, at: &At<'_>) -> Result<(), Broken> {
        let names = &mut self.insert(SelectedLabels::default()).0;
        while let Some(name) = fields.next()? {
            match &*name {
                "matchLabels" => {
                    let mut labels: Option<Map<'de>> = None;
                    fields.read(&mut labels, &at.key("matchLabels"))?;
                    names.extend(labels.iter().flat_map(|l| l.iter()).map(|(key, _)| Str::Owned(key.to_owned())));
                }
                "matchExpressions" => {
                    let mut expressions: Option<Vec<NodeSelectorRequirement<'de>>> = None;
                    fields.read(&mut expressions, &at.key("matchExpressions"))?;
                    names.extend(expressions.unwrap_or_default().into_iter().filter_map(|e| e.key));
                }
                _ => {
                    fields.skip()?;
                    names.push(name);
                }
            }
        }
        Ok(())
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
