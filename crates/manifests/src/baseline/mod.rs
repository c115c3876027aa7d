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
//! is accepted where else the same object has it, as often as the file had it and no more.

mod file;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use transom::pointer::Pointer;

use crate::decision::printable;
use crate::object::Object;

pub use file::{BASELINE_FILE, BaselineFile, nearest_baseline};

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
    let mut named = Pointer::root();
    for step in Pointer::raw(path).segments() {
        let next = at.and_then(|value| match value {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?),
            other => other.get(&step),
        });
        let name = match at {
            Some(Value::Array(_)) => ["name", "key", "mountPath"].iter().find_map(|key| next?.get(key)?.as_str()),
            _ => None,
        };
        named = named.key(name.unwrap_or(&step));
        at = next;
    }
    named.into()
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
#[serde(deny_unknown_fields, expecting = "`version` and `findings`, as `transom baseline` writes them,")]
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
        let document: Document =
            serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).map_err(NoBaseline::Form)?;
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

    /// Those of the files that are not there any longer, sorted.
    pub fn gone(&self, is_there: impl Fn(&str) -> bool) -> Vec<String> {
        self.files().filter(|file| !is_there(file)).map(str::to_owned).collect()
    }

    /// Leaves of each file only the findings that are kept of it: `kept` says which, or nothing where none is.
    pub fn retain<K: Fn(&Key) -> bool>(&mut self, kept: impl Fn(&str) -> Option<K>) {
        self.files.retain(|file, keys| {
            let Some(is_kept) = kept(file) else { return false };
            keys.retain(|key, _| is_kept(key));
            !keys.is_empty()
        });
    }

    /// The same, its files under the names that they are given here.
    #[must_use]
    pub fn renamed(self, name: impl Fn(&str) -> String) -> Self {
        let mut renamed = Baseline::default();
        for (file, keys) in self.files {
            renamed.extend(Baseline { files: BTreeMap::from([(name(&file), keys)]) });
        }
        renamed
    }

    /// Takes over all of another one.
    pub fn extend(&mut self, other: Baseline) {
        for (file, keys) in other.files {
            let mine = self.files.entry(file).or_default();
            keys.into_iter().for_each(|(key, count)| *mine.entry(key).or_default() += count);
        }
    }

    /// What is accepted in each of these files, of which each has these findings. What files had that are `gone`
    /// is shared out among those that have it now: first to files of the same name, then in the order of the paths.
    #[must_use]
    pub fn share(&self, files: &[(String, Vec<Key>)], gone: &[String]) -> Shares<'_> {
        let seen: BTreeSet<&str> = files.iter().map(|(file, _)| &**file).collect();
        let mut known: BTreeMap<&Key, Vec<(&str, usize)>> = BTreeMap::new();
        for file in gone.iter().filter(|file| !seen.contains(&***file)) {
            for (key, count) in self.files.get(file).into_iter().flatten() {
                known.entry(key).or_default().push((file, *count));
            }
        }
        let mut accepted: Vec<Accepted<'_>> = files.iter().map(|(file, _)| self.own(file)).collect();
        if known.is_empty() {
            return Shares { files: accepted, left: Baseline::default() };
        }
        let mut order: Vec<usize> = (0..files.len()).collect();
        order.sort_by_key(|at| &files[*at].0);
        let mut new = Vec::new();
        for at in order {
            let mut own = accepted[at].clone();
            let found = files[at].1.iter().filter_map(|key| known.get_key_value(key)).map(|(key, _)| *key);
            new.extend(found.filter(|key| !own.takes(key)).map(|key| (at, key)));
        }
        for same_name in [true, false] {
            new.retain(|(at, key)| {
                let fits = |gone: &str| !same_name || name(gone) == name(&files[*at].0);
                let of_gone = known.get_mut(*key).into_iter().flatten();
                let Some((_, count)) = of_gone.into_iter().find(|(gone, count)| *count > 0 && fits(gone)) else {
                    return true;
                };
                *count -= 1;
                *accepted[*at].left.entry(*key).or_default() += 1;
                false
            });
        }
        let mut left = Baseline::default();
        for (key, of_gone) in known {
            for (file, count) in of_gone.into_iter().filter(|(_, count)| *count > 0) {
                left.files.entry(file.to_owned()).or_default().insert(key.clone(), count);
            }
        }
        Shares { files: accepted, left }
    }

    /// What is accepted in one file that is seen by itself: of those that are `gone` everything, for which of the
    /// others have it now is not known.
    #[must_use]
    pub fn of_one(&self, file: &str, gone: &[String]) -> Accepted<'_> {
        let mut accepted = self.own(file);
        for (key, count) in gone.iter().filter(|gone| *gone != file).filter_map(|gone| self.files.get(gone)).flatten() {
            *accepted.left.entry(key).or_default() += count;
        }
        accepted
    }

    /// What a file has itself.
    fn own(&self, file: &str) -> Accepted<'_> {
        let own = self.files.get(file).into_iter().flatten();
        Accepted { left: own.map(|(key, count)| (key, *count)).collect() }
    }

    /// The objects that the findings of these files are about.
    #[must_use]
    pub fn subjects(&self, files: &[String]) -> Subjects<'_> {
        let keys = files.iter().filter_map(|file| self.files.get(file)).flat_map(BTreeMap::keys);
        Subjects(keys.map(|key| last_word(&key.object)).collect())
    }
}

/// The objects that some findings are about.
#[derive(Debug)]
pub struct Subjects<'b>(BTreeSet<&'b str>);

impl Subjects<'_> {
    /// Whether an object may be one of them. One that is not judged yet is known by its name alone: the rest of
    /// what it is called may come from the request that it is in.
    #[must_use]
    pub fn may_have(&self, object: &Object<'_>) -> bool {
        let metadata = &object.object()["metadata"];
        let name = ["name", "generateName"].into_iter().map(|field| &metadata[field]).find(|name| !name.is_null());
        let name = name.and_then(Value::as_str).filter(|name| !name.is_empty());
        name.is_none_or(|name| self.0.contains(last_word(&printable(name))))
    }
}

/// What stands last in what an object is called, which ends with its name.
fn last_word(called: &str) -> &str {
    called.rsplit(['/', ' ']).next().unwrap_or(called)
}

/// The name of a file without its folder.
fn name(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

/// What a baseline accepts in each of several files.
#[derive(Debug, Default)]
pub struct Shares<'b> {
    /// One a file, in their order.
    pub files: Vec<Accepted<'b>>,
    /// What files had that are gone, and none of these has now.
    pub left: Baseline,
}

/// What a baseline accepts in one file: as often as it names it.
#[derive(Debug, Clone, Default)]
pub struct Accepted<'b> {
    left: BTreeMap<&'b Key, usize>,
}

impl Accepted<'_> {
    /// Whether a finding is known.
    pub fn takes(&mut self, key: &Key) -> bool {
        match self.left.get_mut(key) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
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

        let shares = baseline.share(&[("a.yaml".into(), vec![]), ("c.yaml".into(), vec![key("/metadata")])], &[]);
        let [mut here, mut there] = <[Accepted<'_>; 2]>::try_from(shares.files).expect("one a file");
        assert!(here.takes(&key("/spec")) && here.takes(&key("/spec")) && !here.takes(&key("/spec")));
        assert!(!there.takes(&key("/metadata")));
    }

    #[test]
    fn a_file_is_asked_about_once() {
        let key = |at: &str| Key { object: "v1 Pod web".into(), at: at.into(), rule: "WIN101".into() };
        let mut baseline = Baseline::default();
        for (file, at) in [("c.yaml", "/spec"), ("a.yaml", "/spec"), ("a.yaml", "/metadata"), ("b.yaml", "/spec")] {
            baseline.add(file, key(at));
        }
        assert_eq!(baseline.gone(|file| file == "b.yaml"), ["a.yaml", "c.yaml"]);
        let asked = std::cell::Cell::new(0);
        baseline.retain(|file| {
            asked.set(asked.get() + 1);
            (file != "c.yaml").then_some(|key: &Key| key.at == "/metadata")
        });
        assert_eq!((asked.get(), baseline.len()), (3, 1));
        assert_eq!(baseline.files().collect::<Vec<_>>(), ["a.yaml"]);
    }

    #[test]
    fn what_a_renamed_file_had_is_accepted_once() {
        let key = |at: &str| Key { object: "v1 Pod web".into(), at: at.into(), rule: "WIN101".into() };
        let mut baseline = Baseline::default();
        for (file, at) in [("old/web.yaml", "/spec"), ("old/api.yaml", "/spec"), ("old/api.yaml", "/metadata")] {
            baseline.add(file, key(at));
        }
        let gone = ["old/api.yaml".to_owned(), "old/web.yaml".to_owned()];
        let shared = |files: &[&str], gone: &[String]| {
            let files: Vec<_> = files.iter().map(|file| ((*file).to_owned(), vec![key("/spec")])).collect();
            let Shares { files, left } = baseline.share(&files, gone);
            let taken: Vec<bool> = files.into_iter().map(|mut file| file.takes(&key("/spec"))).collect();
            (taken, left.len())
        };
        assert_eq!(shared(&["z/web.yaml", "c.yaml", "b.yaml"], &gone), (vec![true, false, true], 1));
        assert_eq!(shared(&["z/web.yaml", "a/web.yaml"], &gone[1..]), (vec![false, true], 0));
        // What is read under its name is not gone, though there is no such file: stdin.
        assert_eq!(shared(&["old/web.yaml", "new/web.yaml"], &gone[1..]), (vec![true, false], 0));
    }

    #[test]
    fn whom_files_that_are_gone_are_about() {
        let mut baseline = Baseline::default();
        for (file, object) in
            [("a.yaml", "apps/v1 Deployment shop/web"), ("b.yaml", "v1 Pod api"), ("c.yaml", "v1 Pod")]
        {
            baseline.add(file, Key { object: object.into(), at: "/spec".into(), rule: "WIN101".into() });
        }
        let subjects = baseline.subjects(&["a.yaml".into()]);
        let may_have = |metadata: Value| subjects.may_have(&Object::of(&json!({"kind": "Pod", "metadata": metadata})));
        assert!(may_have(json!({"name": "web"})) && may_have(json!({"generateName": "web"})));
        assert!(!may_have(json!({"name": "api"})) && !may_have(json!({"name": "web-2", "generateName": "web"})));
        // What has no name of its own may be called anything.
        assert!(may_have(json!({})) && may_have(json!({"name": ""})) && may_have(json!({"name": 1})));
    }

    #[test]
    fn fingerprints_never_change() {
        let key = Key { object: "v1 Pod web".into(), at: "/spec".into(), rule: "WIN101".into() };
        assert_ne!(key.fingerprint("a.yaml", 0), key.fingerprint("a.yaml", 1));
        assert_eq!(key.fingerprint("a.yaml", 0), "728e010fb0db6e53e908cb848d319c57");
    }
}
