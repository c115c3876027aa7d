//! What a rule's documentation shows as wrong, and what the core says of it.

use serde_json::{Value, json};
use transom::rules::{self, Rule};

/// The block under `## Bad` of a rule.
pub(crate) struct Example {
    rule: &'static Rule,
    /// The YAML, with its settings as a first comment, where it has some.
    pub(crate) text: String,
}

impl Example {
    /// `None` where the rule has none; a test of the core's says that all have one.
    pub(crate) fn of(rule: &'static Rule) -> Option<Self> {
        let documentation = rules::documentation(rule);
        let text = documentation.split("## Bad\n```yaml\n").nth(1)?.split("```").next()?.to_owned();
        Some(Example { rule, text })
    }

    /// What the rule finds in it, on a platform other than its own settings say, if one is given.
    pub(crate) fn finding(&self, platform: Option<&str>) -> Option<Value> {
        let stream = transom_yaml::parse(&self.text);
        let mut documents = stream.documents.iter().map(|document| document.value().clone());
        let mut input = json!({"request": documents.next()?, "context": documents.collect::<Vec<_>>()});
        if let Some(settings) = self.text.lines().next()?.strip_prefix("# settings: ") {
            input["settings"] = transom_yaml::parse(settings).documents.first()?.value().clone();
        }
        if let Some(platform) = platform {
            input["settings"]["platform"] = json!(platform);
        }
        let mut decision: Value = serde_json::from_str(&transom::evaluate(input.to_string().as_bytes())).ok()?;
        let findings = decision["findings"].as_array_mut()?;
        let position = findings.iter().position(|finding| finding["rule"] == self.rule.id)?;
        Some(findings.swap_remove(position))
    }

    /// How safe the fix is that the rule offers for it: `safe` or `unsafe`.
    pub(crate) fn fix(&self) -> Option<&'static str> {
        match self.finding(None)?["fix"]["safety"].as_str()? {
            "safe" => Some("safe"),
            _ => Some("unsafe"),
        }
    }
}
