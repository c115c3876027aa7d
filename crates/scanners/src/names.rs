//! The objects that scanners name, in messages and in logical locations.

use crate::log::Logical;
use crate::objects::Object;

/// An object that is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named<'t> {
    /// None: not said.
    pub(crate) kind: Option<&'t str>,
    pub(crate) namespace: Option<&'t str>,
    pub(crate) name: &'t str,
}

impl Named<'_> {
    /// Whether an object can be the one that is named.
    pub(crate) fn can_be(&self, object: &Object) -> bool {
        let is_there = self.namespace.zip(object.namespace.as_deref()).is_none_or(|(one, other)| one == other);
        let is_kind = self.kind.is_none_or(|kind| kind.eq_ignore_ascii_case(&object.kind));
        is_there && is_kind && self.name == object.name
    }
}

/// The objects that logical locations name, each as its parts or in one text.
pub(crate) fn in_locations<'t>(locations: &'t [Logical], is_kind: &dyn Fn(&str) -> bool) -> Vec<Named<'t>> {
    let part = |kind: &str| locations.iter().find(|one| one.kind == kind).map(|one| &*one.name);
    let (kind, namespace) = (part("GVK/Kind"), part("Object Namespace").filter(|namespace| !namespace.is_empty()));
    let of_parts = part("Object Name").map(|name| Named { kind, namespace, name });
    let texts = locations.iter().flat_map(|one| [&*one.name, &*one.fully_qualified_name]);
    let of_kinds = locations.iter().filter(|one| is_kind(&one.kind) && !one.name.contains(['/', ' ']));
    let of_kinds = of_kinds.map(|one| Named { kind: Some(&one.kind), namespace: None, name: &one.name });
    of_parts.into_iter().chain(of_kinds).chain(texts.flat_map(|text| in_text(text, is_kind))).collect()
}

/// The objects that a text names, of kinds that are some.
pub(crate) fn in_text<'t>(text: &'t str, is_kind: &dyn Fn(&str) -> bool) -> Vec<Named<'t>> {
    let of_trivy = words(text).filter(|(_, word)| is_kind(word)).filter_map(|(at, kind)| {
        let (name, is_quoted, rest) = name(text[at + kind.len()..].strip_prefix(' ')?)?;
        let namespace = namespace(rest);
        (is_quoted || namespace.is_some()).then_some(Named { kind: Some(kind), namespace, name })
    });
    of_trivy.chain(of_kube_linter(text)).collect()
}

/// `shop/web apps/v1, Kind=Deployment`
fn of_kube_linter(text: &str) -> impl Iterator<Item = Named<'_>> {
    text.match_indices(", Kind=").filter_map(|(at, mark)| {
        let (_, kind) = words(&text[at + mark.len()..]).next()?;
        let mut before = text[..at].split_whitespace().rev();
        let (namespace, name) = before.nth(1)?.rsplit_once('/')?;
        // `<no namespace>/web`
        let namespace = Some(namespace).filter(|namespace| !namespace.is_empty() && !namespace.ends_with('>'));
        Some(Named { kind: Some(kind), namespace, name })
    })
}

/// The name that a text begins with, whether it is in quotes, and what follows.
fn name(text: &str) -> Option<(&str, bool, &str)> {
    let quote = text.chars().next().filter(|first| matches!(first, '\'' | '"'));
    match quote {
        Some(quote) => text[1..].split_once(quote).map(|(name, rest)| (name, true, rest)),
        None => text.split_once(' ').map(|(name, _)| (name, false, &text[name.len()..])),
    }
}

/// The namespace of ` in shop namespace`.
fn namespace(rest: &str) -> Option<&str> {
    let (namespace, _, rest) = name(rest.strip_prefix(" in ")?)?;
    rest.starts_with(" namespace").then_some(namespace)
}

/// The words of letters, each with where it stands.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// Whether both the name and the kind of an object stand in a text as words.
pub(crate) fn is_in(text: &str, object: &Object) -> bool {
    let holds = |word: &str| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !word.is_empty()
            && text.match_indices(word).any(|(at, _)| {
                !text[..at].chars().next_back().is_some_and(is_word)
                    && !text[at + word.len()..].chars().next().is_some_and(is_word)
            })
    };
    holds(&object.name) && (holds(&object.kind) || holds(&object.kind.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn is_kind(word: &str) -> bool {
        ["Deployment", "Pod"].iter().any(|kind| kind.eq_ignore_ascii_case(word))
    }

    fn said(named: &[Named<'_>]) -> Vec<String> {
        let one =
            |one: &Named<'_>| format!("{} {}/{}", one.kind.unwrap_or("?"), one.namespace.unwrap_or("?"), one.name);
        named.iter().map(one).collect()
    }

    #[test]
    fn reads_messages() {
        for (text, expected) in [
            ("Container 'api' of Deployment 'web' should set 'securityContext'", "Deployment ?/web"),
            ("container \"a\" of deployment \"web\" in \"shop\" namespace should", "deployment shop/web"),
            ("container a of pod web in shop namespace should set", "pod shop/web"),
            ("container \"a\" has\nobject: shop/web apps/v1, Kind=Deployment", "Deployment shop/web"),
            ("object: <no namespace>/web /v1, Kind=Pod", "Pod ?/web"),
        ] {
            assert_eq!(said(&in_text(text, &is_kind)), [expected], "{text}");
        }
        for text in
            ["Either Pod or Container should set 'x'", "Deployment should", "apps/v1, Kind=Deployment", "Pod 'x"]
        {
            assert_eq!(said(&in_text(text, &is_kind)), [""; 0], "{text}");
        }
    }

    #[test]
    fn reads_logical_locations() {
        let read = |locations: Value| {
            let locations: Vec<Logical> = serde_json::from_value(locations).expect("logical locations");
            said(&in_locations(&locations, &is_kind))
        };
        let parts = json!([{"name": "web", "kind": "Object Name"}, {"name": "shop", "kind": "Object Namespace"},
            {"name": "Deployment", "fullyQualifiedName": "apps/v1, Kind=Deployment", "kind": "GVK/Kind"}]);
        assert_eq!(read(parts), ["Deployment shop/web"]);
        let text = json!([{"fullyQualifiedName": "shop/web apps/v1, Kind=Deployment"}]);
        assert_eq!(read(text), ["Deployment shop/web"]);
        assert_eq!(read(json!([{"name": "web", "kind": "deployment"}])), ["deployment ?/web"]);
        assert_eq!(read(json!([{"name": "web", "kind": "resource"}])), [""; 0]);
    }
}
