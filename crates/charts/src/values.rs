//! The values of a chart: which file sets a key, and on which line.

use std::fs;
use std::path::{Path, PathBuf};

use transom_yaml::{Document, Stream};

use crate::{Options, label, place, pointer};

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
            folder = folder.join("charts").join(crate::helm::folder_of(&folder, name).unwrap_or_else(|| name.into()));
            files.extend(read(&folder.join("values.yaml"), depth + 1));
        }
        Values { files, prefix: subcharts.to_vec(), own: chart.join("values.yaml") }
    }

    /// Whether the value of a key is a mapping or list that holds something at this path.
    pub(crate) fn holds(&self, key: &str, path: &[String]) -> bool {
        let mut names: Vec<String> = key.split('.').map(str::to_owned).collect();
        names.extend(path.iter().cloned());
        self.find(&names).is_some()
    }

    /// ``set `redis.image.tag` in chart/values.yaml:12``
    pub(crate) fn advice(&self, key: &str) -> String {
        let names: Vec<String> = key.split('.').map(str::to_owned).collect();
        let shown = self.full(&names, 0).join(".");
        match self.find(&names) {
            Some((file, at)) => {
                let place = place(&file.path, &file.text, at);
                if file.depth == 0 {
                    format!("set `{shown}` in {place}")
                } else {
                    format!("set `{shown}` in {} (its default is in {place})", label(&self.own))
                }
            }
            None => format!("set `{shown}` in {}", label(&self.own)),
        }
    }

    /// The file that decides about a key, and where it is in there.
    fn find(&self, names: &[String]) -> Option<(&File, usize)> {
        self.files.iter().find_map(|file| {
            let at = pointer(&self.full(names, file.depth));
            let key = file.document.key_span(&at)?;
            Some((file, key.start))
        })
    }

    /// A key as a file has it that belongs to the chart this deep.
    fn full(&self, names: &[String], depth: usize) -> Vec<String> {
        // What is global is so in every chart under the same name.
        let prefix = if names.first().is_some_and(|name| name == "global") { &[][..] } else { &self.prefix[depth..] };
        prefix.iter().chain(names).cloned().collect()
    }
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
        let shown = |advice: String| advice.replace(&format!("{}/", label(chart)), "");
        assert_eq!(shown(own.advice("a")), "set `a` in prod.yaml:2");
        assert_eq!(shown(own.advice("c")), "set `c` in values.yaml");
        assert_eq!(shown(redis.advice("port")), "set `redis.port` in values.yaml:3");
        assert_eq!(shown(redis.advice("global.r")), "set `global.r` in values.yaml:4");
        let advice = "set `redis.host.path` in values.yaml (its default is in charts/redis/values.yaml:3)";
        assert_eq!(shown(redis.advice("host.path")), advice);
        assert!(redis.holds("host", &parts("/path")) && !redis.holds("host", &parts("/none")));
    }
}
