//! The YAML blocks in the documentation of the rules, and how they are judged.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use serde_json::{Value, json};
use transom::rules::{self, Rule};

/// A YAML block of a rule's documentation.
pub struct Block {
    /// The heading it stands under: Bad, Fixed or Good.
    pub section: String,
    /// Its text.
    pub yaml: String,
}

/// The blocks of one rule, in order.
pub fn of(rule: &Rule) -> Vec<Block> {
    let mut section = String::new();
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in rules::documentation(rule).lines() {
        match (&mut open, line) {
            (None, line) if line.starts_with("## ") => section = line[3..].trim().to_owned(),
            (None, "```yaml") => open = Some(String::new()),
            (Some(_), "```") => blocks.push(Block { section: section.clone(), yaml: open.take().unwrap_or_default() }),
            (Some(yaml), line) => {
                yaml.push_str(line);
                yaml.push('\n');
            }
            _ => {}
        }
    }
    blocks
}

impl Block {
    /// The envelope to judge: the first document, the others as its context, and the settings that
    /// a first line `# settings: {…}` gives.
    pub fn input(&self) -> Value {
        self.inputs().remove(0)
    }

    /// The same for each document in turn.
    pub fn inputs(&self) -> Vec<Value> {
        let stream = transom_yaml::parse(&self.yaml);
        assert!(stream.errors.is_empty(), "{:?}\n{}", stream.errors, self.yaml);
        let documents: Vec<Value> = stream.documents.iter().map(|d| d.value().clone()).collect();
        let input = |index: usize| {
            let mut context = documents.clone();
            let mut input = json!({"request": context.remove(index), "context": context});
            if let Some(settings) = self.yaml.lines().next().and_then(|line| line.strip_prefix("# settings: ")) {
                input["settings"] = transom_yaml::parse(settings).documents[0].value().clone();
            }
            input
        };
        (0..documents.len()).map(input).collect()
    }
}

/// The Decision for an input.
pub fn judge(input: &Value) -> Value {
    serde_json::from_str(&transom::evaluate(input.to_string().as_bytes())).expect("a Decision is JSON")
}

/// The findings of a Decision.
pub fn findings(decision: &Value) -> &[Value] {
    decision["findings"].as_array().expect("findings")
}
