//! A baseline: findings that were there when somebody began to look, and do not count.
//!
//! ```json
//! {"version": 1, "findings": [
//! {"file": "deploy/web.yaml", "object": "apps/v1 Deployment shop/web", "at": "/spec/…/containers/web/image", "rule": "WIN601", "count": 1}
//! ]}
//! ```
//!
//! Nothing in it moves when lines do: a finding is known by its rule, its object and its place in it,
//! and list items by their names. A file that is no longer there is taken for renamed: what it had
//! is accepted wherever else the same object has it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the file is called where no name is given.
pub const BASELINE_FILE: &str = "transom-baseline.json";

/// The nearest baseline for what is in `folder`: there, or in the nearest folder above that has one.
pub fn nearest_baseline(folder: &Path, is_file: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(BASELINE_FILE)).find(|path| is_file(path))
}

/// The version of the form; it changes when a field goes or changes its meaning.
const VERSION: u32 = 1;

/// What a finding is about, however lines and files move.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// `apps/v1 Deployment shop/web`
    pub object: String,
    /// JSON Pointer into the object with names in place of indexes, or the text of a comment.
    pub at: String,
    /// The id of the rule.
    pub rule: String,
}

impl Key {
    /// 32 hexadecimal digits that stand for the finding in a file: the `occurrence`th of this key there,
    /// from 0.
    #[must_use]
    pub fn fingerprint(&self, file: &str, occurrence: usize) -> String {
        // FNV-1a of 128 bits: stable for ever, and there is nobody to be fooled by a collision.
        let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
        let occurrence = occurrence.to_string();
        for part in [&*self.rule, &self.object, &self.at, file, &occurrence] {
            for byte in part.bytes().chain([0]) {
                hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
            }
        }
        format!("{hash:032x}")
    }
}

/// A path with the names of list items in place of their indexes.
pub(crate) fn named(object: &Value, path: &str) -> String {
    let mut at = Some(object);
    let mut named = String::new();
    for token in path.split('/').skip(1) {
        let plain = token.replace("~1", "/").replace("~0", "~");
        let next = at.and_then(|value| match value {
            Value::Array(items) => items.get(plain.parse::<usize>().ok()?),
            other => other.get(&plain),
        });
        let name = match at {
            Some(Value::Array(_)) => ["name", "key", "mountPath"].iter().find_map(|key| next?.get(key)?.as_str()),
            _ => None,
        };
        named.push('/');
        named.push_str(&name.map_or_else(|| token.to_owned(), |name| name.replace('~', "~0").replace('/', "~1")));
        at = next;
    }
    named
}

/// Findings that are known, by the files they are in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    files: BTreeMap<String, BTreeMap<Key, usize>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    file: String,
    object: String,
    at: String,
    rule: String,
    #[serde(default = "one")]
    count: usize,
}

fn one() -> usize {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    findings: Vec<Line>,
}

/// Why a text is no baseline.
#[derive(Debug)]
pub enum NoBaseline {
    /// Not JSON, or of another form.
    Form(serde_json::Error),
    /// Of another version, which is given.
    Version(u32),
}

impl std::fmt::Display for NoBaseline {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoBaseline::Form(error) => write!(formatter, "{error}"),
            NoBaseline::Version(version) => write!(formatter, "its version is {version}, this transom reads {VERSION}"),
        }
    }
}

impl std::error::Error for NoBaseline {}

impl Baseline {
    /// Reads a baseline (JSON).
    ///
    /// # Errors
    ///
    /// Where it is none, or one of another version.
    pub fn read(text: &str) -> Result<Self, NoBaseline> {
        let document: Document = serde_json::from_str(text).map_err(NoBaseline::Form)?;
        if document.version != VERSION {
            return Err(NoBaseline::Version(document.version));
        }
        let mut baseline = Baseline::default();
        for Line { file, object, at, rule, count } in document.findings {
            *baseline.files.entry(file).or_default().entry(Key { object, at, rule }).or_default() += count;
        }
        Ok(baseline)
    }

    /// The baseline as JSON, a finding a line, in an order that does not depend on anything.
    #[must_use]
    pub fn write(&self) -> String {
        let lines = self.files.iter().flat_map(|(file, keys)| {
            keys.iter().map(|(key, count)| {
                let Key { object, at, rule } = key.clone();
                serde_json::to_string(&Line { file: file.clone(), object, at, rule, count: *count }).unwrap_or_default()
            })
        });
        let lines: Vec<String> = lines.collect();
        let end = if lines.is_empty() { "" } else { "\n" };
        format!("{{\"version\": {VERSION}, \"findings\": [{end}{}{end}]}}\n", lines.join(",\n"))
    }

    /// Adds a finding.
    pub fn add(&mut self, file: &str, key: Key) {
        *self.files.entry(file.to_owned()).or_default().entry(key).or_default() += 1;
    }

    /// Keeps the findings of rules (by their ids) that `keep` wants.
    pub fn retain_rules(&mut self, keep: impl Fn(&str) -> bool) {
        self.files.values_mut().for_each(|keys| keys.retain(|key, _| keep(&key.rule)));
        self.files.retain(|_, keys| !keys.is_empty());
    }

    /// How many findings are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.values().flat_map(BTreeMap::values).sum()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The files that it names.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Leaves only what is in files that are `kept`.
    pub fn retain(&mut self, kept: impl Fn(&str) -> bool) {
        self.files.retain(|file, _| kept(file));
    }

    /// Takes over all of another one.
    pub fn extend(&mut self, other: Baseline) {
        for (file, keys) in other.files {
            let mine = self.files.entry(file).or_default();
            keys.into_iter().for_each(|(key, count)| *mine.entry(key).or_default() += count);
        }
    }

    /// What is accepted in one file. `renamed` are the files that are not there any longer.
    #[must_use]
    pub fn of_file<'b>(&'b self, file: &str, renamed: &'b [String]) -> Accepted<'b> {
        Accepted { left: self.files.get(file).cloned().unwrap_or_default(), baseline: self, renamed, known: None }
    }
}

/// What a baseline accepts in one file: as often as it names it.
#[derive(Debug)]
pub struct Accepted<'b> {
    left: BTreeMap<Key, usize>,
    baseline: &'b Baseline,
    renamed: &'b [String],
    known: Option<BTreeMap<Key, usize>>,
}

impl Accepted<'_> {
    /// Whether a finding is known.
    pub fn takes(&mut self, key: &Key) -> bool {
        take(&mut self.left, key) || take(self.known.get_or_insert_with(|| known(self.baseline, self.renamed)), key)
    }
}

/// What the files had that are not there any longer. Two files may be the renamed one; each may have it.
fn known(baseline: &Baseline, renamed: &[String]) -> BTreeMap<Key, usize> {
    let mut known = BTreeMap::new();
    for (key, count) in renamed.iter().filter_map(|file| baseline.files.get(file)).flatten() {
        *known.entry(key.clone()).or_default() += count;
    }
    known
}

fn take(left: &mut BTreeMap<Key, usize>, key: &Key) -> bool {
    match left.get_mut(key) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn items_are_known_by_their_names() {
        let object = json!({"spec": {"containers": [{"name": "a/b", "args": ["x"]}], "volumes": [{}]}});
        assert_eq!(named(&object, "/spec/containers/0/args/0"), "/spec/containers/a~1b/args/0");
        assert_eq!(named(&object, "/spec/volumes/0/hostPath"), "/spec/volumes/0/hostPath");
        assert_eq!(named(&object, "/metadata/annotations/a~1b"), "/metadata/annotations/a~1b");
    }

    #[test]
    fn accepts_as_often_as_it_names_and_follows_files() {
        let key = |at: &str| Key { object: "v1 Pod web".into(), at: at.into(), rule: "WIN101".into() };
        let mut baseline = Baseline::default();
        baseline.add("a.yaml", key("/spec"));
        baseline.add("a.yaml", key("/spec"));
        baseline.add("b.yaml", key("/metadata"));
        let again = Baseline::read(&baseline.write()).expect("what was written");
        assert_eq!(again, baseline);

        let mut here = baseline.of_file("a.yaml", &[]);
        assert!(here.takes(&key("/spec")) && here.takes(&key("/spec")) && !here.takes(&key("/spec")));
        assert!(!baseline.of_file("c.yaml", &[]).takes(&key("/metadata")));
        let renamed = ["b.yaml".to_owned()];
        let mut there = baseline.of_file("c.yaml", &renamed);
        assert!(there.takes(&key("/metadata")) && !there.takes(&key("/spec")));
    }

    #[test]
    fn fingerprints_never_change() {
        let key = Key { object: "v1 Pod web".into(), at: "/spec".into(), rule: "WIN101".into() };
        assert_ne!(key.fingerprint("a.yaml", 0), key.fingerprint("a.yaml", 1));
        assert_eq!(key.fingerprint("a.yaml", 0), "728e010fb0db6e53e908cb848d319c57");
    }
}
