//! What the policies in CEL say of each rule, and why they say nothing of the others.

use transom::finding::{Severity, Stage};
use transom::rules::{self, Check, Rule};

use crate::cel::claims::{Claim, Over, all_claims};
use crate::cel::fixes::all_fixes;
use crate::cel::judge::judge;

/// What CEL says of a rule.
#[derive(Debug, Clone)]
pub struct Said {
    /// A policy refuses what it finds.
    pub refuses: bool,
    /// A policy warns of what it finds.
    pub warns: bool,
    /// What it looks at, each in a few words.
    pub sees: Vec<String>,
    /// Whether it finds what the rule's documentation shows as wrong; `None` where that takes settings.
    pub finds_example: Option<bool>,
    /// A policy applies the rule's fix.
    pub fixes: bool,
    /// The API server's own validation refuses most of it before a policy sees it.
    pub is_validated: bool,
}

/// Why CEL says nothing of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsaid {
    /// It is about another kind of object, or about the input itself.
    OtherObject,
    /// It is a hint, which admission does not show.
    Hint,
    /// It takes more than the object.
    TakesMore,
}

/// Every rule with what CEL says of it.
pub fn coverage() -> Vec<(&'static Rule, Result<Said, Unsaid>)> {
    let claims = all_claims();
    let fixed: Vec<&Rule> = all_fixes().iter().flat_map(|fix| fix.rules.clone()).collect();
    let of = |rule: &'static Rule| {
        let own: Vec<&Claim> = claims.iter().filter(|claim| claim.rule.id == rule.id).collect();
        if own.is_empty() {
            return Err(match rule.check {
                Check::Object(_) | Check::Input => Unsaid::OtherObject,
                _ if rule.severity == Severity::Info => Unsaid::Hint,
                _ => Unsaid::TakesMore,
            });
        }
        Ok(Said {
            refuses: own.iter().any(|claim| claim.severity == Severity::Error),
            warns: own.iter().any(|claim| claim.severity != Severity::Error),
            sees: sees(&own),
            finds_example: finds_example(rule, &claims),
            fixes: fixed.iter().any(|fixed| fixed.id == rule.id),
            is_validated: rule.stage == Stage::ApiServer,
        })
    };
    rules::all().iter().map(|rule| (*rule, of(rule))).collect()
}

fn sees(claims: &[&Claim]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for (claim, place) in claims.iter().flat_map(|claim| claim.places.iter().map(move |place| (claim, place))) {
        let prefix = match place.over {
            Over::Containers => "containers: ",
            Over::Volumes => "volumes: ",
            Over::Spec | Over::Metadata => "",
        };
        let only = if claim.only.is_empty() { String::new() } else { format!(", only in pods {}", claim.only) };
        let text = format!("{prefix}{}{only}", place.what);
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all
}

fn finds_example(rule: &Rule, claims: &[Claim]) -> Option<bool> {
    let documentation = rules::documentation(rule);
    let bad = documentation.split("## Bad\n```yaml\n").nth(1)?.split("```").next()?;
    if bad.starts_with("# settings: ") {
        return None;
    }
    let stream = transom_yaml::parse(bad);
    let object = stream.documents.first()?.value();
    Some(judge(claims, object).iter().any(|found| found.rule.id == rule.id))
}
