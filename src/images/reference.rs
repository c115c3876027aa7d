//! An image reference taken apart, the way containerd and Docker normalise it.
//!
//! `nginx` means `docker.io/library/nginx:latest`: the first path component is a registry
//! only if it has a `.` or `:`, is `localhost`, or has upper-case letters (which a
//! repository cannot have); otherwise Docker Hub is meant, and there a name of one
//! component lives under `library/`. Source: distribution/reference `normalize.go`
//! (`splitDockerDomain`), read 2026-11.
//!
//! Reading never fails: templates such as `$(REGISTRY)/app:__TAG__` give whatever parts they
//! show, and the tables then know nothing about them.

use core::cmp::Ordering;
use core::fmt;

/// The registry of a name without one.
pub const DOCKER_HUB: &str = "docker.io";

/// Where Docker Hub keeps the official images.
const OFFICIAL: &str = "library/";

/// The parts of an image reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Host and port, `docker.io` when the reference names none.
    pub registry: &'a str,
    /// The path below the registry, `library/nginx` for `nginx`.
    pub repository: Repository<'a>,
    /// What follows the last `:`; `None` when missing or empty.
    pub tag: Option<&'a str>,
    /// What follows `@`, such as `sha256:…`; `None` when missing or empty.
    pub digest: Option<&'a str>,
    name: &'a str,
}

impl<'a> Reference<'a> {
    /// Takes a reference apart; surrounding white space is ignored.
    pub fn parse(reference: &'a str) -> Reference<'a> {
        let reference = reference.trim_ascii();
        let (rest, digest) = match reference.split_once('@') {
            Some((rest, digest)) => (rest, non_empty(digest)),
            None => (reference, None),
        };
        // A colon before the last slash belongs to a port.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, non_empty(tag)),
            _ => (rest, None),
        };
        let (registry, path) = match name.split_once('/') {
            Some((first, path)) if is_registry(first) => (first, path),
            _ => (DOCKER_HUB, name),
        };
        let registry = if registry == "index.docker.io" { DOCKER_HUB } else { registry };
        let official = registry == DOCKER_HUB && !path.is_empty() && !path.contains('/');
        Reference { registry, repository: Repository { official, path }, tag, digest, name }
    }

    /// The tag, `latest` when there is none. Where a digest stands beside it, the digest is
    /// what is pulled.
    pub fn tag_or_latest(&self) -> &'a str {
        self.tag.unwrap_or("latest")
    }

    /// True for `latest`, written or implied, without a digest.
    pub fn is_floating(&self) -> bool {
        self.digest.is_none() && self.tag_or_latest() == "latest"
    }

    /// The name as written, without tag and digest: what a fix puts a new tag behind.
    pub fn name(&self) -> &'a str {
        self.name
    }
}

/// The normal form, with the registry and, if there is one, the tag and digest.
impl fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

fn non_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn is_registry(component: &str) -> bool {
    component == "localhost" || component.contains(['.', ':']) || component.bytes().any(|b| b.is_ascii_uppercase())
}

/// A path below a registry. Compares and prints as one string, but need not be one:
/// the `library/` of an official image is usually not written.
#[derive(Clone, Copy, Debug)]
pub struct Repository<'a> {
    official: bool,
    path: &'a str,
}

impl<'a> Repository<'a> {
    /// The path as written, without an implied `library/`.
    pub fn written(&self) -> &'a str {
        self.path
    }

    fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        let prefix = if self.official { OFFICIAL } else { "" };
        prefix.bytes().chain(self.path.bytes())
    }

    /// How this path sorts against a table's entry.
    pub(super) fn compare(&self, other: &str) -> Ordering {
        if !self.official {
            return self.path.cmp(other);
        }
        match other.strip_prefix(OFFICIAL) {
            Some(other) => self.path.cmp(other),
            None => OFFICIAL.cmp(other),
        }
    }
}

impl PartialEq for Repository<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes().eq(other.bytes())
    }
}

impl Eq for Repository<'_> {}

impl PartialEq<str> for Repository<'_> {
    fn eq(&self, other: &str) -> bool {
        self.compare(other).is_eq()
    }
}

impl PartialEq<&str> for Repository<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.compare(other).is_eq()
    }
}

impl fmt::Display for Repository<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.official {
            f.write_str(OFFICIAL)?;
        }
        f.write_str(self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_forms() {
        for (written, normal) in [
            ("nginx", "docker.io/library/nginx"),
            ("nginx:1.29", "docker.io/library/nginx:1.29"),
            ("library/nginx", "docker.io/library/nginx"),
            ("docker.io/nginx", "docker.io/library/nginx"),
            ("index.docker.io/nginx:1", "docker.io/library/nginx:1"),
            ("grafana/grafana", "docker.io/grafana/grafana"),
            ("localhost/app", "localhost/app"),
            ("localhost:5000/app:v1", "localhost:5000/app:v1"),
            ("acr.example/team/nginx", "acr.example/team/nginx"),
            ("registry:5000/a/b", "registry:5000/a/b"),
            ("registry:5000", "docker.io/library/registry:5000"),
            ("Registry/app", "Registry/app"),
            ("a/b@sha256:00", "docker.io/a/b@sha256:00"),
            ("a/b:1@sha256:00", "docker.io/a/b:1@sha256:00"),
            (" nginx:1 ", "docker.io/library/nginx:1"),
            ("nginx:", "docker.io/library/nginx"),
        ] {
            assert_eq!(Reference::parse(written).to_string(), normal, "{written}");
        }
    }

    #[test]
    fn parts() {
        let image = Reference::parse("nginx");
        assert_eq!(image.repository, "library/nginx");
        assert_eq!(image.repository, Reference::parse("docker.io/library/nginx").repository);
        assert!(image.is_floating());
        assert_eq!(image.tag_or_latest(), "latest");
        assert!(!Reference::parse("nginx@sha256:00").is_floating());
        assert_eq!(Reference::parse("host:1/a:b@c").name(), "host:1/a");
    }
}
