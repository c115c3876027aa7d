//! The fix of one finding, and all that are safe.

use std::collections::BTreeMap;

use serde::Serialize;
use transom_manifests::{Examined, Failure, Judge};
use transom_yaml::Stream;

use super::edits::{Edit, Edits, edits};
use crate::desk::{self, Desk, File};

/// A fix to a Node, a Namespace or a RuntimeClass may change what is right for other files.
const PASSES: usize = 4;

/// All safe fixes of a file.
#[derive(Debug, Serialize)]
pub(crate) struct Fixed {
    pub(crate) name: String,
    /// Each of the text that the one before left.
    pub(crate) rounds: Vec<Vec<Edit>>,
    /// How many findings of which rule went away.
    pub(crate) fixes: BTreeMap<String, usize>,
    pub(crate) failures: Vec<String>,
}

impl Desk {
    /// What a document of a file holds, judged.
    fn examined<'d>(&self, file: &'d File, document: usize) -> Option<Examined<'d>> {
        let (document, objects) = file.objects(document)?;
        Some(file.judge(&self.today).document(document, &file.text, objects, &self.context))
    }

    pub(crate) fn fix(&self, name: &str, document: usize, pointer: &str, finding: usize) -> Edits {
        let gone = || Edits::Error { error: "this finding is not there any more".into() };
        let Some(file) = self.files.get(name) else { return gone() };
        let Some(examined) = self.examined(file, document) else { return gone() };
        let object = examined.objects().find(|(object, _)| object.at == pointer);
        let Some((object, Ok(decision))) = object else { return gone() };
        let Some(fix) = decision.findings.get(finding).and_then(|finding| finding.fix.as_ref()) else { return gone() };
        match examined.edits(&file.text, object, &fix.patch) {
            Ok(made) => Edits::Rounds { rounds: vec![edits(&file.text, &made)] },
            Err(error) => Edits::Error { error: format!("this fix cannot be made in the text: {error}") },
        }
    }

    pub(crate) fn fix_all(&self) -> Vec<Fixed> {
        let mut texts: BTreeMap<&str, String> = BTreeMap::new();
        texts.extend(self.files.iter().map(|(name, file)| (name.as_str(), file.text.clone())));
        let judge = Judge::new(self.transom.clone(), self.today.clone());
        let mut all: BTreeMap<&str, Fixed> = BTreeMap::new();
        let mut surroundings = self.context.clone();
        for _ in 0..PASSES {
            for (name, text) in &mut texts {
                let fixed = transom_manifests::fix(&judge, &surroundings, text, &|_| false);
                let failures: Vec<_> = fixed.failures.iter().map(failure).collect();
                if fixed.text.is_none() && failures.is_empty() {
                    continue;
                }
                let empty = || Fixed {
                    name: (*name).to_owned(),
                    rounds: Vec::new(),
                    fixes: BTreeMap::new(),
                    failures: Vec::new(),
                };
                let of_file = all.entry(name).or_insert_with(empty);
                of_file.failures = failures;
                for (rule, count) in fixed.fixes {
                    *of_file.fixes.entry(rule).or_default() += count;
                }
                for round in &fixed.rounds {
                    of_file.rounds.push(edits(text, round));
                    *text = transom_yaml::apply(text, round);
                }
            }
            let streams: Vec<Stream> = texts.values().map(|text| transom_yaml::parse(text)).collect();
            let after = desk::context(streams.iter());
            if after == surroundings {
                break;
            }
            surroundings = after;
        }
        all.into_values().collect()
    }
}

fn failure(failure: &Failure) -> String {
    match failure {
        Failure::Unjudged { message, .. } => format!("an object could not be judged: {message}"),
        Failure::Inapplicable { rule, message, .. } => {
            format!("the fix of {rule} cannot be made in the text: {message}")
        }
        Failure::Endless => "the fixes do not come to an end, so none was applied".into(),
    }
}
