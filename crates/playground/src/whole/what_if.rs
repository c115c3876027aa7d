//! How many findings there would be in other clusters.

use serde::Serialize;
use serde_json::Value;
use transom_manifests::{Action, Content, Judge, Transom};

use super::set::overlay;
use crate::desk::Desk;

/// A count of findings by their action.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Count {
    pub(crate) deny: usize,
    pub(crate) warn: usize,
    pub(crate) info: usize,
}

impl Desk {
    pub(crate) fn what_if(&self, variants: &str) -> Vec<Option<Count>> {
        let variants: Vec<Value> = serde_json::from_str(variants).unwrap_or_default();
        let count = |variant: &Value| {
            let mut settings = self.settings.clone();
            overlay(&mut settings, variant);
            let mut transom = Transom::new();
            transom.configure(settings.to_string().as_bytes()).ok()?;
            let judge = Judge::new(transom, self.today.clone());
            let mut count = Count::default();
            for file in self.files.values() {
                for document in &file.stream.documents {
                    let Content::Objects(objects) = Content::of(document) else { continue };
                    let examined = judge.document(document, &file.text, objects, &self.context);
                    for decision in examined.objects().filter_map(|(_, decision)| decision.as_ref().ok()) {
                        let of = |action| decision.findings.iter().filter(|f| f.action == action).count();
                        count.deny += of(Action::Deny);
                        count.warn += of(Action::Warn);
                        count.info += of(Action::Info);
                    }
                }
            }
            Some(count)
        };
        variants.iter().map(count).collect()
    }
}
