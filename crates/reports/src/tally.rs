//! What was counted.

use std::collections::BTreeMap;

use serde::Serialize;
use transom_manifests::{Action, Decision, Safety};

/// What was counted over the whole set.
#[derive(Debug, Default, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Findings of action deny.
    pub errors: usize,
    /// Findings of action warn.
    pub warnings: usize,
    /// Findings of action info.
    pub info: usize,
    /// Findings that an annotation or a comment hides.
    pub suppressed: usize,
    /// Of these, errors that a comment hides: admission does not see comments.
    pub hidden_from_admission: usize,
    /// Findings that the baseline knows.
    pub baseline: usize,
    /// Findings of action info that it knows, too, and that are not shown.
    #[serde(skip)]
    pub baseline_unseen: usize,
    /// Findings with a safe fix, shown or not. `fix` mends those that the baseline knows, too.
    pub fixable: usize,
    /// Objects that were judged.
    pub objects: usize,
    /// Files that hold them.
    pub files: usize,
    /// Files and documents that could not be read, and objects that could not be judged.
    pub unreadable: usize,
    /// Documents that are no Kubernetes objects.
    pub skipped: usize,
    /// Helm templates that were not rendered, by chart (`CHART` where it is not known).
    pub templates: BTreeMap<String, usize>,
    /// Findings by rule.
    #[serde(skip)]
    pub rules: BTreeMap<String, OfRule>,
}

/// How many findings a rule has.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct OfRule {
    /// All of them.
    pub count: usize,
    /// Of these, with a safe fix.
    pub fixable: usize,
    /// Of these, of action info.
    pub info: usize,
}

impl Tally {
    /// Counts a judged object.
    pub fn count(&mut self, decision: &Decision) {
        self.objects += 1;
        self.suppressed += decision.suppressed.len();
        let hidden = decision.suppressed.iter().filter(|finding| finding.is_hidden_from_admission());
        self.hidden_from_admission += hidden.count();
        for finding in &decision.findings {
            match finding.action {
                Action::Deny => self.errors += 1,
                Action::Warn => self.warnings += 1,
                Action::Info => self.info += 1,
            }
            let is_fixable = finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe);
            self.fixable += usize::from(is_fixable);
            let of_rule = self.rules.entry(finding.rule.clone()).or_default();
            of_rule.count += 1;
            of_rule.fixable += usize::from(is_fixable);
            of_rule.info += usize::from(finding.action == Action::Info);
        }
    }

    /// That nothing of this can be fixed where it stands.
    pub fn without_fixes(&mut self) {
        self.fixable = 0;
        self.rules.values_mut().for_each(|of_rule| of_rule.fixable = 0);
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Tally) {
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.info += other.info;
        self.suppressed += other.suppressed;
        self.hidden_from_admission += other.hidden_from_admission;
        self.baseline += other.baseline;
        self.baseline_unseen += other.baseline_unseen;
        self.fixable += other.fixable;
        self.objects += other.objects;
        self.files += other.files;
        self.unreadable += other.unreadable;
        self.skipped += other.skipped;
        for (chart, count) in &other.templates {
            *self.templates.entry(chart.clone()).or_default() += count;
        }
        for (rule, OfRule { count, fixable, info }) in &other.rules {
            let of_rule = self.rules.entry(rule.clone()).or_default();
            of_rule.count += count;
            of_rule.fixable += fixable;
            of_rule.info += info;
        }
    }
}
