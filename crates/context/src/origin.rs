//! Files that are not of one cluster.
//!
//! A folder may hold the same objects several times: an overlay for each environment, an example
//! beside another one. Where two files say different things of one object, they cannot both hold,
//! and what is in one of them is nothing to the objects of the other.

use rustc_hash::FxHashMap;

/// The folders and the file that a path leads through, the outer ones first, by their numbers; empty for
/// what is of everywhere.
pub(crate) type Way = [u32];

/// A folder or a file in which nothing is.
const UNKNOWN: u32 = u32::MAX;

/// Files and folders, and which of them are alternatives of one another.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Origins {
    /// What is at the top.
    top: FxHashMap<String, u32>,
    places: Vec<Place>,
    is_contested: bool,
}

/// A folder or a file.
#[derive(Debug, Default, Clone, PartialEq)]
struct Place {
    inside: FxHashMap<String, u32>,
    /// It contradicts one of its neighbours.
    is_contested: bool,
}

impl Origins {
    /// The way to a path in which there is something.
    pub(crate) fn enter(&mut self, path: &str) -> Vec<u32> {
        let mut way = Vec::new();
        for name in names(path) {
            let next = u32::try_from(self.places.len()).unwrap_or(UNKNOWN);
            let inside = way.last().map_or(&mut self.top, |last| &mut self.places[index(*last)].inside);
            let place = match inside.get(name) {
                Some(place) => *place,
                None => {
                    inside.insert(name.to_owned(), next);
                    self.places.push(Place::default());
                    next
                }
            };
            way.push(place);
        }
        way
    }

    /// The way to any path.
    pub(crate) fn way(&self, path: &str) -> Vec<u32> {
        let mut way = Vec::new();
        for name in names(path) {
            let inside = way.last().map_or(&self.top, |last| &self.places[index(*last)].inside);
            let place = inside.get(name).copied();
            way.push(place.unwrap_or(UNKNOWN));
            if place.is_none() {
                break;
            }
        }
        way
    }

    /// Two files say different things of one object.
    pub(crate) fn contradict(&mut self, one: &Way, other: &Way) {
        if let Some((one, other)) = fork(one, other) {
            self.is_contested = true;
            for place in [one, other] {
                self.places[index(place)].is_contested = true;
            }
        }
    }

    /// Whether what two files hold may be of one cluster.
    pub(crate) fn are_one(&self, one: &Way, other: &Way) -> bool {
        let is_contested = |place| self.places.get(index(place)).is_some_and(|place: &Place| place.is_contested);
        !self.is_contested || fork(one, other).is_none_or(|(one, other)| !is_contested(one) || !is_contested(other))
    }
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(move |_| !path.is_empty())
}

fn index(place: u32) -> usize {
    place as usize
}

/// The neighbours, files or folders, that two ways lead through where they part. None for a way and
/// itself, and where one is empty: that is of everywhere.
fn fork(one: &Way, other: &Way) -> Option<(u32, u32)> {
    one.iter().copied().zip(other.iter().copied()).find(|(one, other)| one != other)
}

/// How near a path is to another one: how many folders they share.
pub(crate) fn shared(one: &Way, other: &Way) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_part_at_neighbours() {
        let mut origins = Origins::default();
        let mut parted = |one: &str, other: &str| {
            let (one, other) = (origins.enter(one), origins.enter(other));
            fork(&one, &other).map(|_| shared(&one, &other))
        };
        assert_eq!(parted("a/b/c.yaml", "a/d.yaml"), Some(1));
        assert_eq!(parted("a/bc/d.yaml", "a/b/d.yaml"), Some(1));
        assert_eq!(parted("a.yaml", "ab.yaml"), Some(0));
        assert_eq!(parted("a.yaml", "a.yaml"), None);
        assert_eq!(parted("", "a.yaml"), None);
    }

    #[test]
    fn alternatives_are_trees() {
        let mut origins = Origins::default();
        let [one, other] = ["apps/dev/web/a.yaml", "apps/prod/web.yaml"].map(|path| origins.enter(path));
        origins.contradict(&one, &other);
        let are_one = |one: &str, other: &str| origins.are_one(&origins.way(one), &origins.way(other));
        assert!(!are_one("apps/dev/db.yaml", "apps/prod/db/claim.yaml"));
        assert!(are_one("apps/dev/db.yaml", "apps/dev/web/a.yaml"));
        assert!(are_one("apps/dev/db.yaml", "cluster/nodes.yaml"));
        assert!(are_one("apps/dev/db.yaml", ""));
    }
}
