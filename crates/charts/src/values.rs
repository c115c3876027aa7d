//! The values of a chart: which file sets a key, and on which line.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use transom_manifests::label;
use transom_yaml::{Document, Stream};

use crate::template::EACH;
use crate::{Options, chart, place, pointer};

/// The values as a template of a chart, or of one of its subcharts, sees them.
#[derive(Debug)]
pub(crate) struct Values {
    /// The files, from what counts most to what counts least.
    files: Vec<File>,
    /// The keys under which a parent's values hold those of the subchart.
    prefix: Vec<String>,
    /// The parent's own values.
    own: PathBuf,
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    text: String,
    document: Document,
    /// How many of the names in `prefix` lead to the chart in this file.
    depth: usize,
}

impl Values {
    /// Those of the chart, or of the subchart by these names.
    pub(crate) fn of(chart: &Path, subcharts: &[String], options: &Options) -> Self {
        let mut files: Vec<File> = options.values.iter().rev().filter_map(|path| read(path, 0)).collect();
        let mut folder = chart.to_owned();
        files.extend(read(&folder.join("values.yaml"), 0));
        for (depth, name) in subcharts.iter().enumerate() {
            folder = folder.join("charts").join(chart::folder_of(&folder, name).unwrap_or_else(|| name.into()));
            files.extend(read(&folder.join("values.yaml"), depth + 1));
        }
        Values { files, prefix: subcharts.to_vec(), own: chart.join("values.yaml") }
    }

    /// Whether there is something at a key.
    pub(crate) fn has(&self, key: &[String]) -> bool {
        self.files.iter().any(|file| !found(file.document.value(), &self.full(key, file.depth)).is_empty())
    }

    /// What to change to change a value, of which this was printed:
    /// ``set `redis.image.tag` in chart/values.yaml:12``. Nothing where it may be one of several.
    pub(crate) fn advice(&self, key: &[String], printed: Option<&Value>) -> Option<String> {
        for file in &self.files {
            let full = self.full(key, file.depth);
            let value = file.document.value();
            let ways = found(value, &full);
            let said = |way: &&Vec<String>| value.pointer(&pointer(way)) == printed;
            let way = match (&ways[..], &ways.iter().filter(said).collect::<Vec<_>>()[..]) {
                // Of lists the one that counts most is all there is.
                ([], _) if meets_list(value, &full) => return None,
                ([], _) => continue,
                ([way], _) => way,
                (_, [way]) => *way,
                _ => return None,
            };
            // What is said of a whole container is not said of a scalar that stands on its first line.
            let is_part = |value: &Value| !matches!(value, Value::Null | Value::Object(_) | Value::Array(_));
            if printed.is_some_and(|printed| !is_part(printed)) && value.pointer(&pointer(way)).is_some_and(is_part) {
                return None;
            }
            let outer = if is_global(key) { &[][..] } else { &self.prefix[..file.depth] };
            let shown = shown(outer.iter().chain(way));
            let at = file.document.key_span(&pointer(way))?;
            let place = place(&file.path, &file.text, at.start);
            return Some(if file.depth == 0 {
                format!("set `{shown}` in {place}")
            } else {
                format!("set `{shown}` in {} (its default is in {place})", label(&self.own))
            });
        }
        if key.iter().any(|name| name == EACH) {
            return None;
        }
        Some(format!("set `{}` in {}", shown(&self.full(key, 0)), label(&self.own)))
    }

    /// A key as a file has it that belongs to the chart this deep.
    fn full(&self, names: &[String], depth: usize) -> Vec<String> {
        // What is global is so in every chart under the same name.
        let prefix = if is_global(names) { &[][..] } else { &self.prefix[depth..] };
        prefix.iter().chain(names).cloned().collect()
    }
}

fn is_global(key: &[String]) -> bool {
    key.first().is_some_and(|name| name == "global")
}

/// The ways to what a key leads to.
fn found(value: &Value, key: &[String]) -> Vec<Vec<String>> {
    let Some((name, rest)) = key.split_first() else { return vec![Vec::new()] };
    let below = |name: &str, value: &Value| -> Vec<Vec<String>> {
        let ways = found(value, rest).into_iter();
        ways.map(|way| std::iter::once(name.to_owned()).chain(way).collect()).collect()
    };
    match value {
        Value::Array(items) if name == EACH => {
            (0..).zip(items).flat_map(|(at, item): (usize, _)| below(&at.to_string(), item)).collect()
        }
        Value::Object(fields) if name == EACH => fields.iter().flat_map(|(name, value)| below(name, value)).collect(),
        Value::Array(items) => {
            name.parse().ok().and_then(|at: usize| items.get(at)).map(|item| below(name, item)).unwrap_or_default()
        }
        value => value.get(name).map(|value| below(name, value)).unwrap_or_default(),
    }
}

/// Whether there is a list on the way to what a key leads to.
fn meets_list(value: &Value, key: &[String]) -> bool {
    match (value, key.split_first()) {
        (Value::Array(_), Some(_)) => true,
        (_, Some((name, rest))) => value.get(name).is_some_and(|value| meets_list(value, rest)),
        (_, None) => false,
    }
}

/// `jobs[0].command`, and names with dots in quotes.
fn shown<'k>(key: impl IntoIterator<Item = &'k String>) -> String {
    let mut shown = String::new();
    for name in key {
        if name.bytes().all(|byte| byte.is_ascii_digit()) && !shown.is_empty() {
            shown.push_str(&format!("[{name}]"));
            continue;
        }
        if !shown.is_empty() {
            shown.push('.');
        }
        shown.push_str(&if name.contains('.') { format!("\"{name}\"") } else { name.clone() });
    }
    shown
}

fn read(path: &Path, depth: usize) -> Option<File> {
    let text = fs::read_to_string(path).ok()?;
    let Stream { documents, .. } = transom_yaml::parse(&text);
    Some(File { path: path.to_owned(), text, document: documents.into_iter().next()?, depth })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts;

    #[test]
    fn names_the_file_that_decides() {
        let folder = tempfile::tempdir().expect("a folder");
        let chart = folder.path();
        fs::create_dir_all(chart.join("charts/redis")).expect("a folder");
        let write = |file: &str, text: &str| fs::write(chart.join(file), text).expect("a file");
        write("values.yaml", "a: 1\nredis:\n  port: 2\nglobal: {r: x}\n");
        write("charts/redis/values.yaml", "port: 1\nhost:\n  path: /x\n");
        write("prod.yaml", "b: 2\na: 3\n");
        let options = Options { values: vec![chart.join("prod.yaml")], ..Options::default() };
        let own = Values::of(chart, &[], &options);
        let redis = Values::of(chart, &["redis".to_owned()], &options);
        let advice = |values: &Values, key: &str| {
            values.advice(&parts(key), None).unwrap_or_default().replace(&format!("{}/", label(chart)), "")
        };
        assert_eq!(advice(&own, "/a"), "set `a` in prod.yaml:2");
        assert_eq!(advice(&own, "/c"), "set `c` in values.yaml");
        assert_eq!(advice(&redis, "/port"), "set `redis.port` in values.yaml:3");
        assert_eq!(advice(&redis, "/global/r"), "set `global.r` in values.yaml:4");
        let default = "set `redis.host.path` in values.yaml (its default is in charts/redis/values.yaml:3)";
        assert_eq!(advice(&redis, "/host/path"), default);
        assert!(redis.has(&parts("/host/path")) && !redis.has(&parts("/host/none")));
    }

    #[test]
    fn names_items_where_there_is_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |file: &str, text: &str| fs::write(folder.path().join(file), text).expect("a file");
        write(
            "values.yaml",
            "jobs:\n- name: a\n  command: x\n- name: b\n  host: true\n- name: b\n\
             labels:\n  kubernetes.io/os: linux\nmap:\n  one: {c: 1}\n  two: {c: 2}\n",
        );
        write("prod.yaml", "map: {two: {d: 1}}\n");
        let options = Options { values: vec![folder.path().join("prod.yaml")], ..Options::default() };
        let values = Values::of(folder.path(), &[], &options);
        let advice = |key: &str, printed: Value| {
            let advice = values.advice(&parts(key), Some(&printed));
            advice.map(|advice| advice.replace(&format!("{}/", label(folder.path())), ""))
        };
        assert_eq!(advice("/jobs/*/host", true.into()).as_deref(), Some("set `jobs[1].host` in values.yaml:5"));
        assert_eq!(advice("/jobs/*/name", "a".into()).as_deref(), Some("set `jobs[0].name` in values.yaml:2"));
        assert_eq!(advice("/jobs/*/name", "b".into()), None);
        assert_eq!(advice("/jobs/*/none", true.into()), None);
        assert_eq!(advice("/jobs/name", "a".into()), None);
        assert_eq!(advice("/map/*/c", 2.into()).as_deref(), Some("set `map.two.c` in values.yaml:11"));
        let label = advice("/labels/kubernetes.io~1os", "linux".into());
        assert_eq!(label.as_deref(), Some("set `labels.\"kubernetes.io/os\"` in values.yaml:8"));
    }
}
