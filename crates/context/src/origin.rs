//! Files that are not of one cluster.
//!
//! A folder may hold the same objects several times: an overlay for each environment, an example
//! beside another one. Where two files say different things of one object, they cannot both hold,
//! and what is in one of them is nothing to the objects of the other.

use std::collections::HashSet;

/// Which files and folders are alternatives of one another.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Alternatives {
    /// Files and folders that contradict one of their neighbours.
    contested: HashSet<String>,
}

impl Alternatives {
    /// Two files say different things of one object.
    pub(crate) fn add(&mut self, one: &str, other: &str) {
        if let Some((one, other)) = fork(one, other) {
            for branch in [one, other] {
                if !self.contested.contains(branch) {
                    self.contested.insert(branch.to_owned());
                }
            }
        }
    }

    /// Whether what two files hold may be of one cluster.
    pub(crate) fn are_one(&self, one: &str, other: &str) -> bool {
        self.contested.is_empty()
            || fork(one, other)
                .is_none_or(|(one, other)| !self.contested.contains(one) || !self.contested.contains(other))
    }
}

/// The neighbours, files or folders, that two paths lead through where they part. None for a path and
/// itself, and where one is empty: that is of everywhere.
fn fork<'p>(one: &'p str, other: &'p str) -> Option<(&'p str, &'p str)> {
    if one == other || one.is_empty() || other.is_empty() {
        return None;
    }
    let same = shared(one, other);
    let end = |path: &str| path[same..].find('/').map_or(path.len(), |at| same + at);
    Some((&one[..end(one)], &other[..end(other)]))
}

/// How near a path is to another one: the bytes of the folders they share.
pub(crate) fn shared(one: &str, other: &str) -> usize {
    let mut shared = 0;
    for (at, (a, b)) in one.bytes().zip(other.bytes()).enumerate() {
        match (a, b) {
            _ if a != b => return shared,
            (b'/', _) => shared = at + 1,
            _ => {}
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_part_at_neighbours() {
        assert_eq!(fork("a/b/c.yaml", "a/d.yaml"), Some(("a/b", "a/d.yaml")));
        assert_eq!(fork("a/bc/d.yaml", "a/b/d.yaml"), Some(("a/bc", "a/b")));
        assert_eq!(fork("a.yaml", "ab.yaml"), Some(("a.yaml", "ab.yaml")));
        assert_eq!(fork("a.yaml", "a.yaml"), None);
        assert_eq!(fork("", "a.yaml"), None);
    }

    #[test]
    fn alternatives_are_trees() {
        let mut alternatives = Alternatives::default();
        alternatives.add("apps/dev/web/a.yaml", "apps/prod/web.yaml");
        assert!(!alternatives.are_one("apps/dev/db.yaml", "apps/prod/db/claim.yaml"));
        assert!(alternatives.are_one("apps/dev/db.yaml", "apps/dev/web/a.yaml"));
        assert!(alternatives.are_one("apps/dev/db.yaml", "cluster/nodes.yaml"));
        assert!(alternatives.are_one("apps/dev/db.yaml", ""));
    }
}
