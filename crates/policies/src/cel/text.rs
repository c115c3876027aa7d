//! Conditions printed in CEL, as the API server, Gatekeeper and Kyverno take it.
//!
//! Fields are followed by optional selection (`?.`), so that nothing has to be there. What has a name
//! is a variable of the policy, which the engine decides at most once for each object.

use super::condition::{Condition, Field, From, Text};

/// The variables that items of nested quantifiers have.
const ITEMS: [&str; 4] = ["c", "i", "j", "k"];

/// Prints a condition that stands within `depth` quantifiers.
pub fn print(condition: &Condition, depth: usize) -> String {
    match condition {
        Condition::All(all) => joined(all, " && ", "true", depth),
        Condition::Any(any) => joined(any, " || ", "false", depth),
        Condition::Not(one) => {
            let text = print(one, depth);
            if is_call(one) { format!("!{text}") } else { format!("!({text})") }
        }
        Condition::Given(field) => format!("{}.hasValue()", optional(field, depth)),
        Condition::Filled(field) => format!("size({}.orValue([])) > 0", optional(field, depth)),
        Condition::Flag(field, true) => format!("{}.orValue(false)", optional(field, depth)),
        Condition::Flag(field, false) => format!("!{}.orValue(true)", optional(field, depth)),
        // The item of a list is there.
        Condition::Is(field, text) if field.from == From::Item && field.steps.is_empty() => compare(item(depth), text),
        Condition::Is(field, text) => compare(&format!("{}.orValue('')", optional(field, depth)), text),
        Condition::Above(field, bound) => format!("{}.orValue({bound}) > {bound}", optional(field, depth)),
        Condition::LongerThan(field, count) => format!("size({}) > {count}", list(field, depth)),
        Condition::Some(field, one) => {
            format!("{}.exists({}, {})", list(field, depth), ITEMS[depth], print(one, depth + 1))
        }
        Condition::Every(field, one) => {
            let list = list(field, depth);
            format!("(size({list}) > 0 && {list}.all({}, {}))", ITEMS[depth], print(one, depth + 1))
        }
        Condition::AsksFor(field, names) => {
            let (map, key) = (format!("{}.orValue({{}})", optional(field, depth)), ITEMS[depth]);
            let named: Vec<_> = names.iter().map(|name| compare(key, name)).collect();
            let is_asked = format!("sign(quantity(string({map}[{key}]))) != 0");
            format!("{map}.exists({key}, ({}) && {is_asked})", named.join(" || "))
        }
        Condition::IsPod => "object.kind == 'Pod'".to_owned(),
        Condition::Known(name) => format!("variables.{}", name.as_str()),
    }
}

/// Whether a condition is printed as one call or one name, before which a `!` can stand.
fn is_call(condition: &Condition) -> bool {
    match condition {
        Condition::All(all) | Condition::Any(all) => matches!(&**all, [one] if is_call(one)),
        Condition::Given(_) | Condition::Some(..) | Condition::Every(..) | Condition::Known(_) => true,
        Condition::AsksFor(..) | Condition::Flag(_, true) => true,
        _ => false,
    }
}

fn joined(all: &[Condition], operator: &str, none: &str, depth: usize) -> String {
    if all.is_empty() {
        return none.to_owned();
    }
    let is_joined = |one: &Condition| matches!(one, Condition::All(some) | Condition::Any(some) if some.len() > 1);
    let parts = all.iter().map(|one| {
        let text = print(one, depth);
        if all.len() > 1 && is_joined(one) { format!("({text})") } else { text }
    });
    parts.collect::<Vec<_>>().join(operator)
}

/// The variable of the nearest quantifier.
fn item(depth: usize) -> &'static str {
    ITEMS[depth.saturating_sub(1)]
}

/// The value of a field, as an optional one.
fn optional(field: &Field, depth: usize) -> String {
    let follow = |start: &str| {
        let mut out = start.to_owned();
        for step in &field.steps {
            let is_name = step.bytes().all(|b| b.is_ascii_alphanumeric());
            out.push_str(&if is_name { format!(".?{step}") } else { format!("[?{}]", quoted(step)) });
        }
        out
    };
    match field.from {
        From::Spec => follow("variables.spec"),
        From::Metadata => follow("variables.metadata"),
        From::Item if field.steps.is_empty() => format!("optional.of({})", item(depth)),
        From::Item => follow(item(depth)),
        From::Either => format!("{}.or({})", follow(item(depth)), follow("variables.spec")),
        From::Containers => "optional.of(variables.containers)".to_owned(),
    }
}

fn list(field: &Field, depth: usize) -> String {
    match field.from {
        From::Containers => "variables.containers".to_owned(),
        _ => format!("{}.orValue([])", optional(field, depth)),
    }
}

fn compare(value: &str, text: &Text) -> String {
    let each = |value: &str, all: &[String], call: &str| {
        let parts: Vec<_> = all.iter().map(|one| format!("{value}.{call}({})", quoted(one))).collect();
        if let [one] = &*parts { one.clone() } else { format!("({})", parts.join(" || ")) }
    };
    match text {
        Text::OneOf(all) => is_one_of(value, all),
        Text::Named(all) => is_one_of(&format!("{value}.lowerAscii()"), all),
        Text::Begins(all) => each(value, all, "startsWith"),
        Text::Ends(all) => each(value, all, "endsWith"),
        Text::Holds(all) => each(&format!("{value}.lowerAscii()"), all, "contains"),
        Text::Repository(all) => is_one_of(&format!("{value}.split('@')[0].split(':')[0]"), all),
        Text::Build => format!("{value}.matches('^10[.]0[.][0-9]{{5}}$')"),
    }
}

fn is_one_of(value: &str, all: &[String]) -> String {
    match all {
        [one] => format!("{value} == {}", quoted(one)),
        all => format!("{value} in {}", list_of(all)),
    }
}

/// A list of texts.
pub fn list_of<T: AsRef<str>>(all: &[T]) -> String {
    let all: Vec<_> = all.iter().map(|one| quoted(one.as_ref())).collect();
    format!("[{}]", all.join(", "))
}

/// A text in single quotes.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
