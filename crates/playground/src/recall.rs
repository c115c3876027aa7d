//! Answers that were given before: of many objects of which one changes only that one is judged anew.

use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use transom_manifests::{Decision, Evaluator, NoAnswer, Transom};

/// An evaluator that remembers what it answered. Clones remember together.
#[derive(Debug, Clone)]
pub(crate) struct Recall {
    transom: Transom,
    answers: Arc<Mutex<Answers>>,
}

/// Answers by their inputs.
#[derive(Debug, Default)]
struct Answers {
    /// Those asked for since something was forgotten the last time.
    fresh: BTreeMap<String, Decision>,
    stale: BTreeMap<String, Decision>,
}

impl Recall {
    pub(crate) fn new(transom: Transom) -> Self {
        Recall { transom, answers: Arc::default() }
    }

    /// Forgets what nobody asked for since the last time.
    pub(crate) fn forget(&self) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.stale = mem::take(&mut answers.fresh);
    }
}

impl Evaluator for Recall {
    fn evaluate(&self, input: &str) -> Result<Decision, NoAnswer> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = answers.fresh.get(input) {
            return Ok(known.clone());
        }
        let (input, decision) = match answers.stale.remove_entry(input) {
            Some(known) => known,
            None => (input.to_owned(), Evaluator::evaluate(&self.transom, input)?),
        };
        answers.fresh.insert(input, decision.clone());
        Ok(decision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_again_is_kept() {
        let recall = Recall::new(Transom::new());
        let known = || {
            let answers = recall.answers.lock().expect("no panic");
            (answers.fresh.len(), answers.stale.len())
        };
        let ask = |name: &str| {
            let pod = format!(r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}"}}}}"#);
            let decision = recall.evaluate(&pod).expect("a Decision");
            assert_eq!(decision.object.expect("an object").name, name);
        };
        ask("one");
        ask("two");
        ask("one");
        assert_eq!(known(), (2, 0));
        recall.forget();
        ask("two");
        assert_eq!(known(), (1, 1));
        recall.forget();
        assert_eq!(known(), (0, 1));
        ask("two");
        assert_eq!(known(), (1, 0));
    }
}
