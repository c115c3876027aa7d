//! The claims as parts of a policy: its variables and its validations.
//!
//! Each claim is a variable that holds a list of what it found, as texts. A validation asks that the list
//! be empty, and its message names what is in it. The variables that claims share come first, each after
//! those that it uses.

use serde_json::{Value, json};
use transom::finding::Severity;
use transom::rules::Rule;
use transom::suppress::ANNOTATION;

use super::claims::{Claim, Over};
use super::condition::Name;
use super::facts;
use super::judge::WORKLOADS;
use super::text::{list_of, print, quoted};

/// The variable with the names of the annotations that hide findings.
pub const IGNORED: &str = "ignored";

/// The variables of a policy that makes these claims: name and expression, in order.
pub fn variables(claims: &[Claim]) -> Vec<(String, String)> {
    let found = claims.iter().map(|claim| (claim.variable().to_owned(), found(claim)));
    with_surroundings(found.collect())
}

/// Variables with all those before them that they use.
pub fn with_surroundings(own: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut variables = own;
    for (name, expression) in surroundings().into_iter().rev() {
        let used = format!("variables.{name}");
        let is_end = |text: &str| !text.starts_with(|c: char| c.is_ascii_alphanumeric());
        let uses = |text: &str| text.match_indices(&used).any(|(at, _)| is_end(&text[at + used.len()..]));
        if variables.iter().any(|(_, text)| uses(text)) {
            variables.insert(0, (name, expression));
        }
    }
    variables
}

/// The variables that say what the pod is, without any claim.
fn surroundings() -> Vec<(String, String)> {
    let ignored = format!(
        "(object.metadata.?annotations.orValue({{}}).map(k, k) + variables.metadata.?annotations.orValue({{}}).map(k, k))\n\
         .filter(k, k.startsWith({})).map(k, k.lowerAscii())",
        quoted(ANNOTATION)
    );
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    let containers = lists.map(|list| format!("variables.spec.?{list}.orValue([])")).join(" + ");
    let named = |name: &str, expression: &str| (name.to_owned(), expression.to_owned());
    let mut variables = vec![
        named("at", &by_kind(quoted)),
        named(
            "template",
            &by_kind(|at| match at {
                "" => "object".to_owned(),
                at => format!("object{}.orValue({{}})", at.replace('/', ".?")),
            }),
        ),
        named("spec", "variables.template.?spec.orValue({})"),
        named("metadata", "variables.template.?metadata.orValue({})"),
        named("containers", &containers),
        named(IGNORED, &ignored),
    ];
    variables.extend(Name::ALL.map(|name| (name.as_str().to_owned(), lines(&print(facts::definition(name), 0)))));
    variables
}

/// What depends on where in the object the pod or its template stands.
fn by_kind(value: impl Fn(&str) -> String) -> String {
    let mut cases: Vec<(&str, Vec<&str>)> = Vec::new();
    for workload in WORKLOADS {
        match cases.iter_mut().find(|(at, _)| *at == workload.at) {
            Some((_, kinds)) => kinds.push(workload.kind),
            None => cases.push((workload.at, vec![workload.kind])),
        }
    }
    // What most kinds have needs no question.
    cases.sort_by_key(|(_, kinds)| kinds.len());
    let Some((last, others)) = cases.split_last() else { return value("") };
    let mut out = String::new();
    for (at, kinds) in others {
        let is_it = match &**kinds {
            [kind] => format!("object.kind == {}", quoted(kind)),
            kinds => format!("object.kind in {}", list_of(kinds)),
        };
        out.push_str(&format!("{is_it} ? {} :\n", value(at)));
    }
    out + &value(last.0)
}

/// A condition, unless findings of one of these rules are hidden.
pub fn unless_ignored(condition: &str, rules: &[&Rule]) -> String {
    let names = rules.iter().flat_map(|rule| [rule.name, rule.id]);
    let names: Vec<_> = names.map(|name| format!("{ANNOTATION}{}", name.to_ascii_lowercase())).collect();
    let is_hidden = format!("variables.{IGNORED}.exists(k, k in {})", list_of(&names));
    match condition {
        "true" => format!("!{is_hidden}"),
        condition if condition.contains(' ') => format!("({condition}) && !{is_hidden}"),
        condition => format!("{condition} && !{is_hidden}"),
    }
}

/// What a claim found, as a list of texts.
fn found(claim: &Claim) -> String {
    let guard = unless_ignored(&print(&claim.guard, 0), &[claim.rule]);
    let parts: Vec<String> = claim
        .places
        .iter()
        .map(|place| {
            let each = |list: &str, word: &str| {
                let what = format!("'{word} ' + c.?name.orValue('') + {}", quoted(&format!(": {}", place.what)));
                format!("{list}.filter(c, {}).map(c, {what})", print(&place.when, 1))
            };
            match place.over {
                Over::Containers => each("variables.containers", "container"),
                Over::Volumes => each("variables.spec.?volumes.orValue([])", "volume"),
                Over::Spec | Over::Metadata => match &*print(&place.when, 0) {
                    "true" => format!("[{}]", quoted(&place.what)),
                    when => format!("({when} ? [{}] : [])", quoted(&place.what)),
                },
            }
        })
        .collect();
    format!("{guard} ?\n{}\n: []", parts.join(" +\n"))
}

/// Long conditions on several lines.
fn lines(text: &str) -> String {
    if text.len() > 120 { text.replace(" || (", " ||\n(").replace(" && (", " &&\n(") } else { text.to_owned() }
}

/// The validations of the claims.
pub fn validations(claims: &[Claim]) -> Vec<Value> {
    claims
        .iter()
        .map(|claim| {
            let message = message(claim);
            json!({
                "expression": format!("size(variables.{}) == 0", claim.variable()),
                "message": message,
                "messageExpression":
                    format!("{} + variables.{}.join('; ')", quoted(&format!("{message}: ")), claim.variable()),
                "reason": "Invalid",
            })
        })
        .collect()
}

/// The rule of a claim, as its message begins.
pub fn message(claim: &Claim) -> String {
    format!("{} {}: {}", claim.rule.id, claim.rule.name, claim.rule.summary)
}

/// The claims of this severity.
pub fn of_severity(claims: &[Claim], severity: Severity) -> Vec<Claim> {
    claims.iter().filter(|claim| claim.severity == severity).cloned().collect()
}
