//! What inputs are made of: the cases of the corpus and the blocks in the rules' documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use host_test::Case;
use serde_json::{Map, Value};

use crate::{blocks, places};

/// An input that somebody thought of.
pub(crate) struct Example {
    /// A name for a file: of the case, or of the rule with a number.
    pub(crate) name: String,
    /// `request`, and what else it has of `settings`, `context` and `now`.
    pub(crate) envelope: Value,
    /// The text it was read from.
    pub(crate) yaml: String,
}

/// Everything that stands somewhere in an example, by the field it stands in.
#[derive(Default)]
pub(crate) struct Vocabulary {
    /// Of objects in a field, the fields they have, with each value that was seen there.
    pub(crate) fields: BTreeMap<String, Vec<(String, Value)>>,
    /// Of a field, or of the elements of an array in it, each value.
    pub(crate) values: BTreeMap<String, Vec<Value>>,
}

/// All examples: the cases by their names, then the rules.
pub(crate) static EXAMPLES: LazyLock<Vec<Example>> = LazyLock::new(|| {
    let cases = Case::all().into_iter().flatten().map(|case| {
        let mut envelope = Map::from_iter([("request".to_owned(), case.object.clone())]);
        let input = case.input();
        for key in ["settings", "context", "now"] {
            // A bare object has fields of its own, but none with these names.
            envelope.extend(input.get(key).map(|value| (key.to_owned(), value.clone())));
        }
        let yaml = std::fs::read_to_string(&case.path).unwrap_or_default();
        Example { name: case.name.replace('/', "-"), envelope: envelope.into(), yaml }
    });
    let blocks = transom::rules::all().iter().flat_map(|rule| {
        blocks::of(rule).into_iter().enumerate().map(|(index, block)| Example {
            name: format!("{}-{index}", rule.name),
            envelope: block.input(),
            yaml: block.yaml,
        })
    });
    cases.chain(blocks).collect()
});

/// The words and values of all examples.
pub(crate) static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let mut vocabulary = Vocabulary::default();
    let mut seen = BTreeSet::new();
    for example in &*EXAMPLES {
        for place in places::all(&example.envelope) {
            let Some(value) = example.envelope.pointer(&place) else { continue };
            let field = role(&place);
            if seen.insert((field.clone(), None, value.to_string())) {
                vocabulary.values.entry(field.clone()).or_default().push(value.clone());
            }
            for (key, part) in value.as_object().into_iter().flatten() {
                if seen.insert((field.clone(), Some(key.clone()), part.to_string())) {
                    vocabulary.fields.entry(field.clone()).or_default().push((key.clone(), part.clone()));
                }
            }
        }
    }
    vocabulary
});

/// What a place of an envelope is for: the field's name, and the same name for all whole objects.
pub(crate) fn role(place: &str) -> String {
    match places::field(place) {
        field if ["request", "context", "object", "oldObject", "items"].contains(&field.as_str()) => String::new(),
        field => field,
    }
}
