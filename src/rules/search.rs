//! From the text of an error to the rules that would have saved one from it.
//!
//! What people paste is longer than what a rule names (an event with image names and digests around
//! it), or shorter (a code such as `0xc0370101`). So both are compared word by word, and one that
//! holds the other counts most.

use std::cmp::Reverse;

use super::{Rule, all, introduction};

/// A rule that the text speaks of.
#[derive(Debug, Clone, Copy)]
pub struct Hit {
    /// The rule.
    pub rule: &'static Rule,
    /// The text of [`Rule::errors`] that is most like what was searched for.
    pub error: &'static str,
    /// How alike they are; only good for comparing.
    score: usize,
    is_exact: bool,
}

impl Hit {
    /// Whether the error is no more than what was searched for: a code or a reason, as opposed to a word in a sentence.
    pub fn is_exact(&self) -> bool {
        self.is_exact
    }
}

/// Of the words of an error that is not there as a whole, how many of a hundred have to be.
const ENOUGH: usize = 70;
/// Words that say nothing by themselves.
const COMMON: &[&str] = &[
    "a", "an", "and", "be", "cannot", "code", "desc", "error", "failed", "for", "from", "if", "in", "is", "may", "not",
    "of", "on", "or", "pod", "rpc", "set", "the", "to", "with",
];

/// The rules that save one from the error `text`: the likeliest first, then the gravest. Empty where no rule knows it.
/// Rules that the text itself names, as transom's own refusals do, are what it speaks of.
pub fn by_error(text: &str) -> Vec<Hit> {
    let searched = words(text);
    let is_named = |rule: &&&'static Rule| searched.contains(&rule.id.to_lowercase());
    let named: Vec<Hit> =
        all().iter().filter(is_named).map(|rule| Hit { rule, error: rule.id, score: WHOLE, is_exact: true }).collect();
    if !named.is_empty() {
        return named;
    }
    if searched.iter().all(|word| is_common(word)) {
        return Vec::new();
    }
    let mut hits: Vec<Hit> = all()
        .iter()
        .filter_map(|rule| {
            let likeness = rule.errors.iter().map(|error| (likeness(&words(error), &searched), *error));
            let (score, error) = likeness.max_by_key(|(score, _)| *score).filter(|(score, _)| *score > 0)?;
            Some(Hit { rule, error, score, is_exact: words(error) == searched })
        })
        .collect();
    // Beside an error that is there word for word, what is merely alike is noise.
    let best = hits.iter().map(|hit| hit.score).max().unwrap_or_default();
    hits.retain(|hit| best < WHOLE || hit.score >= WHOLE);
    hits.sort_by_key(|hit| (Reverse(hit.score), Reverse(hit.rule.severity), hit.rule.id));
    hits
}

/// The rules whose introduction names a field, or another name of an API: `hostPort`, `securityContext.fsGroup`. Of a
/// path its last step counts; capitals do not. A text of several words is none.
pub fn by_field(path: &str) -> Vec<&'static Rule> {
    if path.trim().contains(char::is_whitespace) {
        return Vec::new();
    }
    let mut steps = path.trim().rsplit(['.', '/', '[', ']']);
    let Some(field) = steps.find(|step| step.parse::<usize>().is_err() && !step.is_empty()) else { return Vec::new() };
    let field = words(field);
    let is_named = |rule: &&Rule| {
        // What is in backticks stands at odd places.
        introduction(rule).split('`').skip(1).step_by(2).any(|code| holds(&words(code), &field))
    };
    all().iter().copied().filter(is_named).collect()
}

/// What a text that holds the other one scores at least.
const WHOLE: usize = 1000;

fn likeness(error: &[String], searched: &[String]) -> usize {
    if holds(searched, error) || holds(error, searched) || holds_with_gaps(searched, error) {
        return WHOLE + weight(error).min(weight(searched));
    }
    let shared: Vec<String> = error.iter().filter(|word| searched.contains(word)).cloned().collect();
    let (of_error, shared) = (weight(error), weight(&shared));
    if shared >= 3 && shared * 100 >= of_error * ENOUGH { shared } else { 0 }
}

fn weight(words: &[String]) -> usize {
    words.iter().filter(|word| !is_common(word)).count()
}

fn is_common(word: &str) -> bool {
    word.len() < 2 || COMMON.contains(&word)
}

/// Whether `part` stands in `whole`, word for word.
fn holds(whole: &[String], part: &[String]) -> bool {
    !part.is_empty() && weight(part) > 0 && whole.windows(part.len()).any(|window| window == part)
}

/// Whether the words of `part` follow one another in `whole` with names, digests and paths between them, as they
/// do in real messages.
fn holds_with_gaps(whole: &[String], part: &[String]) -> bool {
    /// As many words as a path or a reference to an image has.
    const GAP: usize = 16;
    let follows = |from: usize| {
        let mut at = from;
        part.iter().all(|word| match whole[at..].iter().take(GAP).position(|other| other == word) {
            Some(gap) => {
                at += gap + 1;
                true
            }
            None => false,
        })
    };
    let mut starts = whole.iter().enumerate().filter(|(_, word)| part.first() == Some(word));
    weight(part) >= 4 && starts.any(|(from, _)| follows(from))
}

/// The words of a text in small letters. Marks between them do not count, so that quoting and line
/// breaks make no difference.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<&'static str> {
        by_error(text).iter().map(|hit| hit.rule.id).collect()
    }

    #[test]
    fn an_event_as_it_is_pasted() {
        let event = "Failed to pull image \"mcr.microsoft.com/windows/nanoserver:ltsc2022\": rpc error: code = NotFound \
                     desc = failed to pull and unpack image: no match for platform in manifest sha256:0123: not found";
        let found = ids(event);
        assert!(found.contains(&"WIN603") && found.contains(&"WIN101"), "{found:?}");
    }

    #[test]
    fn a_code_or_a_name_alone() {
        for (text, rule) in [
            ("0xc0370101", "WIN603"),
            ("0XC0370101", "WIN603"),
            ("PodOSNotSupported", "WIN102"),
            ("hcsshim::CreateComputeSystem", "WIN603"),
            ("cannot be set for a windows pod", "WIN201"),
            ("DRA is not supported on Windows, only device plugin", "WIN808"),
            ("chown /data: not supported by windows", "WIN202"),
            ("no matching manifest for windows/amd64 10.0.17763 in the manifest list entries", "WIN603"),
            ("no matching manifest for windows/amd64 10.0.17763 in the manifest list entries", "WIN601"),
            ("a Windows version 10.0.20348-based image is incompatible with a 10.0.17763 host", "WIN603"),
            ("image operating system \"linux\" cannot be used on this platform", "WIN601"),
            ("failed to resolve reference \"mcr.microsoft.com/windows/nanoserver:1\": x: not found", "WIN605"),
            ("0x80370102", "WIN905"),
            ("'powershell' is not recognized as an internal or external command,", "WIN705"),
            ("*** UnKnown can't find db.prod.svc: Non-existent domain", "WIN405"),
            ("curl: (6) Could not resolve host: db.prod.svc", "WIN405"),
        ] {
            assert!(ids(text).contains(&rule), "{text}: {:?}", ids(text));
        }
    }

    #[test]
    fn names_and_paths_between_the_words() {
        let not_found = "Error: failed to start containerd task \"web\": hcs::System::CreateProcess web: The system \
                         cannot find the file specified.: unknown";
        let found = ids(not_found);
        assert!(["WIN701", "WIN703", "WIN704"].iter().all(|id| found.contains(id)), "{found:?}");
        let layer = r"failed to extract layer sha256:0123: hcsshim::ProcessBaseLayer \\?\C:\ProgramData\containerd\12: The \
                      system cannot find the path specified.: unknown";
        assert!(["WIN107", "WIN601"].contains(&ids(layer)[0]), "{:?}", ids(layer));
    }

    #[test]
    fn what_transom_itself_said() {
        let refusal = "admission webhook \"transom.dev\" denied the request: WIN101 windows-pod-not-pinned at /spec: …";
        assert_eq!(ids(refusal), ["WIN101"]);
    }

    #[test]
    fn other_numbers_and_names_in_it() {
        let text = "0/5 nodes are available: 3 node(s) had untolerated taint(s) {os: Windows}, 2 node(s) didn't match \
                    Pod's node affinity/selector.";
        assert!(ids(text).contains(&"WIN109"), "{:?}", ids(text));
        let text = "0/5 nodes are available: 5 node(s) didn't match Pod's node affinity/selector.";
        let found = ids(text);
        assert!(["WIN103", "WIN104", "WIN113", "WIN114", "WIN117"].iter().all(|id| found.contains(id)), "{found:?}");
        let text = "pods \"agent\" is forbidden: violates PodSecurity \"baseline:latest\": hostProcess (pod must not set \
                    securityContext.windowsOptions.hostProcess=true)";
        assert!(ids(text).contains(&"WIN212"), "{:?}", ids(text));
    }

    #[test]
    fn fields() {
        let ids = |path: &str| by_field(path).iter().map(|rule| rule.id).collect::<Vec<_>>();
        for (path, rule) in [
            ("hostPort", "WIN402"),
            ("spec.containers[0].ports[0].hostPort", "WIN402"),
            ("/spec/securityContext/fsGroup", "WIN202"),
            ("FSGROUP", "WIN202"),
        ] {
            assert!(ids(path).contains(&rule), "{path}: {:?}", ids(path));
        }
        let pasted = "0/5 nodes are available: 5 node(s) didn't match Pod's node affinity/selector.";
        for path in ["", "[0]", "hostPorts", "no such field", pasted, "not found: /bin/sh", "set spec.hostPort"] {
            assert!(ids(path).is_empty(), "{path}: {:?}", ids(path));
        }
    }

    #[test]
    fn what_no_rule_is_about() {
        for text in ["", "error", "failed to", "the pod is not set", "Liveness probe returned 500"] {
            assert!(ids(text).is_empty(), "{text}: {:?}", ids(text));
        }
    }
}
