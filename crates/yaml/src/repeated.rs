//! Keys that stand in one mapping more than once.

use std::collections::HashSet;

use crate::tree::Shape;
use crate::{Document, Span};

impl Document {
    /// The keys that stand in their mapping already, each with its name, in the order of the text. YAML forbids
    /// them and kubectl lets the last one count, as [`value`](Document::value) does.
    pub fn repeated_keys(&self) -> Vec<(Span, &str)> {
        let mut repeated = Vec::new();
        for node in &self.tree.nodes {
            let Shape::Mapping { entries, .. } = &node.shape else { continue };
            let mut seen = HashSet::new();
            for entry in entries.iter().filter(|entry| !entry.merge) {
                if !seen.insert(entry.name.as_str()) {
                    repeated.push((self.tree.nodes[entry.key].span.clone(), entry.name.as_str()));
                }
            }
        }
        repeated.sort_by_key(|(span, _)| span.start);
        repeated
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn keys_that_stand_there_twice() {
        let text = "a: 1\nb: {c: 1, 'c': 2, d: &x {e: 1}}\nf: [{<<: *x, e: 2}, {a: 1}]\na: 2\n\"a\": 3\n";
        let stream = crate::parse(text);
        let repeated = stream.documents[0].repeated_keys();
        let found: Vec<_> = repeated.iter().map(|(span, name)| (&text[span.clone()], *name)).collect();
        assert_eq!(found, [("'c'", "c"), ("a", "a"), ("\"a\"", "a")]);
    }
}
