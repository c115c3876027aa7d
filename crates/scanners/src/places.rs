//! Where a result is, and whether a manifest is that file.
//!
//! Scanners begin paths in the folder that they were run in, and a machine that builds has folders of its own
//! above the repository. So what is compared is the ends of paths, folder by folder.

use std::path::{Path, PathBuf};

use crate::log::{Artifact, Bases};
use crate::peers::Scanner;

/// The path of a file that a result is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    text: String,
    pub(crate) is_absolute: bool,
}

impl Place {
    /// Where an artifact is, with its bases before it as far as they are known.
    pub(crate) fn of(artifact: &Artifact, bases: &Bases) -> Place {
        let mut place = Place::read(&artifact.uri);
        let mut base = artifact.uri_base_id.as_deref();
        // Bases that stand on one another in a circle end somewhere, too.
        for _ in 0..bases.len() {
            let known = base.and_then(|id| bases.get(id)?.0.as_ref());
            let Some(known) = known.filter(|_| !place.is_absolute) else { break };
            place = place.below(&Place::read(&known.uri));
            base = known.uri_base_id.as_deref();
        }
        place
    }

    fn read(uri: &str) -> Place {
        let text = decode(uri).replace('\\', "/");
        let in_file = text.strip_prefix("file:").map(|path| {
            let path = path.strip_prefix("//").unwrap_or(path);
            path.strip_prefix("localhost/").map_or_else(|| path.to_owned(), |path| format!("/{path}"))
        });
        let is_absolute = in_file.is_some() || text.starts_with('/') || text.contains("://") || has_drive(&text);
        let text = in_file.unwrap_or(text);
        // `/C:/shop` of a URI is `C:/shop`.
        let text = text.strip_prefix('/').filter(|path| has_drive(path)).map(str::to_owned).unwrap_or(text);
        Place { text, is_absolute }
    }

    fn below(self, base: &Place) -> Place {
        // Told a file, Trivy gives the file itself as the base.
        let is_that_file = !self.text.is_empty() && base.parts().last() == Some(&&*self.text);
        let text = match (base.text.trim_end_matches('/'), &*self.text) {
            (before, _) if is_that_file => before.to_owned(),
            ("", own) if !base.is_absolute => own.to_owned(),
            (before, own) => format!("{before}/{own}"),
        };
        Place { text, is_absolute: base.is_absolute }
    }

    pub(crate) fn parts(&self) -> Vec<&str> {
        parts(&self.text)
    }

    /// The file without links, where it is on this machine. No other machine is asked.
    pub(crate) fn here(&self) -> Option<PathBuf> {
        let is_local = has_drive(&self.text) || (self.text.starts_with('/') && !self.text.starts_with("//"));
        is_local.then(|| Path::new(&self.text).canonicalize().ok()).flatten()
    }

    /// The parts as they are meant: told `--directory shop`, Checkov says `shop/shop/web.yaml` of `shop/web.yaml`.
    pub(crate) fn meant(&self, scanner: Scanner) -> Option<Vec<&str>> {
        let parts = self.parts();
        let is_twice = |count: &usize| parts[..*count] == parts[*count..2 * count];
        let count = (1..parts.len().div_ceil(2)).rev().find(is_twice)?;
        (scanner == Scanner::Checkov && !self.is_absolute).then(|| parts[count..].to_vec())
    }
}

/// The path of a manifest.
#[derive(Debug, Clone, Default)]
pub(crate) struct File {
    /// The parts of the path as it was given.
    given: Vec<String>,
    /// From the root on, without links; None where that is not known.
    real: Option<PathBuf>,
    /// The parts of that; as given where it is not known.
    whole: Vec<String>,
}

impl File {
    pub(crate) fn given(path: &str) -> File {
        let given = owned_parts(path);
        File { whole: given.clone(), given, real: None }
    }

    pub(crate) fn set_real(&mut self, path: PathBuf) {
        self.whole = owned_parts(&path.to_string_lossy());
        self.real = Some(path);
    }

    pub(crate) fn is(&self, real: &Path) -> bool {
        self.real.as_deref() == Some(real)
    }

    /// Whether a folder above has another file at this path, which the scanner may have been run in; not where it is
    /// the path as it was given.
    pub(crate) fn is_other_above(&self, wanted: &[&str]) -> bool {
        let Some(real) = self.real.as_deref().filter(|_| self.given != wanted) else { return false };
        let path = wanted.join("/");
        let mut above = real.ancestors().skip(1).map(|folder| folder.join(&path).canonicalize());
        above.any(|other| other.is_ok_and(|other| other.is_file() && other != real))
    }

    /// How many parts at the end are those of a place; None where it is another file. Either the place is an end of
    /// this path, or the path as it was given is an end of the place, and at least its folder is one.
    pub(crate) fn alike(&self, wanted: &[&str]) -> Option<usize> {
        let named = match self.given.len() {
            1 => &self.whole[self.whole.len().saturating_sub(2)..],
            _ => &self.given[..],
        };
        let alike = same(&self.whole, wanted).max(same(&self.given, wanted));
        let is_below = named.len() > 1 && same(named, wanted) == named.len();
        (!wanted.is_empty() && (alike == wanted.len() || is_below)).then_some(alike)
    }
}

/// How many parts at the end are the same.
fn same(path: &[String], other: &[&str]) -> usize {
    path.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count()
}

fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', b'/', ..] if letter.is_ascii_alphabetic())
}

/// The folders and the file of a path with forward slashes.
fn parts(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts
}

fn owned_parts(path: &str) -> Vec<String> {
    parts(&path.replace('\\', "/")).into_iter().map(str::to_owned).collect()
}

/// A text of a URI, with `%20` as a space.
fn decode(uri: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), uri.as_bytes());
    while let Some((first, others)) = rest.split_first() {
        let escaped = || u8::from_str_radix(std::str::from_utf8(others.get(..2)?).ok()?, 16).ok();
        match (*first, escaped()) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &others[2..];
            }
            (byte, _) => {
                bytes.push(byte);
                rest = others;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| uri.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn place(artifact: Value, bases: Value) -> String {
        let artifact: Artifact = serde_json::from_value(artifact).expect("an artifact");
        let bases: Bases = serde_json::from_str(&bases.to_string()).expect("bases");
        Place::of(&artifact, &bases).parts().join("/")
    }

    #[test]
    fn places_stand_on_their_bases() {
        let bases = json!({
            "ROOTPATH": {"uri": "file:///work/my%20shop/"},
            "DEPLOY": {"uri": "deploy/", "uriBaseId": "ROOTPATH"},
            "ONE": {"uri": "one/", "uriBaseId": "OTHER"},
            "OTHER": {"uri": "other/", "uriBaseId": "ONE"},
            "FILE": {"uri": "file:///work/web.yaml/"},
            "NOTHING": {"uri": "file:///"},
            "ODD": null,
        });
        let of = |uri: &str, base: &str| place(json!({"uri": uri, "uriBaseId": base}), bases.clone());
        assert_eq!(of("web.yaml", "ROOTPATH"), "work/my shop/web.yaml");
        assert_eq!(of("a/../web.yaml", "DEPLOY"), "work/my shop/deploy/web.yaml");
        assert_eq!(of("../web.yaml", "DEPLOY"), "work/my shop/web.yaml");
        assert_eq!(of("file:///x/web.yaml", "DEPLOY"), "x/web.yaml", "it stands on nothing");
        assert!(of("web.yaml", "ONE").ends_with("one/web.yaml"));
        assert_eq!(of("web.yaml", "FILE"), "work/web.yaml");
        for base in ["NOTHING", "ODD", "%SRCROOT%"] {
            assert_eq!(of("a/web.yaml", base), "a/web.yaml", "{base}");
        }
        assert_eq!(place(json!({"uri": "file:///C:/a\\web.yaml"}), json!({})), "C:/a/web.yaml");
    }

    #[test]
    fn files_are_alike_by_their_folders() {
        let is = |given: &str, real: Option<&str>, wanted: &str| {
            let mut file = File::given(given);
            real.into_iter().for_each(|real| file.set_real(real.into()));
            file.alike(&parts(wanted)).is_some()
        };
        let real = Some("/work/f2/windows/web.yaml");
        for given in ["f2/windows/web.yaml", "windows/web.yaml", "web.yaml", "../windows/web.yaml"] {
            for wanted in ["web.yaml", "windows/web.yaml", "f2/windows/web.yaml", "ci/build/f2/windows/web.yaml"] {
                assert!(is(given, real, wanted), "{given} {wanted}");
            }
            for wanted in ["", "linux/web.yaml", "f2/linux/web.yaml", "work/f2/linux/web.yaml", "windows/api.yaml"] {
                assert!(!is(given, real, wanted), "{given} {wanted}");
            }
        }
        assert!(!is("f2/windows/web.yaml", real, "f3/windows/web.yaml"));
        for wanted in ["web.yaml", "link/web.yaml", "windows/web.yaml"] {
            assert!(is("f2/link/web.yaml", real, wanted), "{wanted}");
        }
        assert!(is("web.yaml", None, "web.yaml") && !is("web.yaml", None, "any/web.yaml"));
    }

    #[test]
    fn checkov_says_folders_twice() {
        let meant = |uri: &str| Place::read(uri).meant(Scanner::Checkov).map(|parts| parts.join("/"));
        assert_eq!(meant("shop/shop/web.yaml").as_deref(), Some("shop/web.yaml"));
        assert_eq!(meant("a/b/a/b/c/web.yaml").as_deref(), Some("a/b/c/web.yaml"));
        assert_eq!(meant("shop/web.yaml"), None);
        assert_eq!(meant("web.yaml/web.yaml"), None);
        assert_eq!(Place::read("shop/shop/web.yaml").meant(Scanner::Trivy), None);
    }
}
