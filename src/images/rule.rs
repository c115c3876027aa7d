//! How the tags of one repository map to operating systems.
//!
//! A [`Rule`] is a list of arms, the first that fits a tag wins; the last fits every tag.
//! The rules themselves are data in [`super::tags`].

use super::{Family, Os, Product};

/// What the tags of a repository hold.
pub(super) struct Rule {
    pub(super) arms: &'static [Arm],
    pub(super) product: Product,
}

/// One answer of a rule.
pub(super) struct Arm {
    when: When,
    pub(super) os: Os,
    /// The Windows builds inside, where the sources tell and the tag does not.
    pub(super) builds: &'static [u32],
    pub(super) family: Family,
    pub(super) host_process: bool,
}

/// Which tags an arm is for.
pub(super) enum When {
    /// Every tag.
    Else,
    /// Tags that one of these patterns fits: `*` is any text, `?` any character.
    Tags(&'static [&'static str]),
    /// Tags that begin with a version from the first (included) to the second (excluded).
    /// `1.22` counts as its latest patch and `latest` as the latest of all.
    Versions(Version, Version),
    /// The same for tags that are nothing but a version.
    PlainVersions(Version, Version),
}

/// Major, minor, patch.
pub(super) type Version = (u16, u16, u16);

/// Every tag.
pub(super) const ELSE: When = When::Else;

pub(super) const MAX: Version = (u16::MAX, u16::MAX, u16::MAX);

/// A part of a version that is not there: the latest.
pub(super) const LATEST: u16 = u16::MAX - 1;

/// Tags that one of these patterns fits.
pub(super) const fn tags(patterns: &'static [&'static str]) -> When {
    When::Tags(patterns)
}

/// Versions from `from` on, and tags that name none.
pub(super) const fn since(from: Version) -> When {
    When::Versions(from, MAX)
}

/// Versions before `below`.
pub(super) const fn before(below: Version) -> When {
    When::Versions((0, 0, 0), below)
}

/// Versions from `from` to `below`, without `below`.
pub(super) const fn between(from: Version, below: Version) -> When {
    When::Versions(from, below)
}

/// Tags that are nothing but a version before `below`.
pub(super) const fn plain_before(below: Version) -> When {
    When::PlainVersions((0, 0, 0), below)
}

/// An arm for images that hold Linux only.
pub(super) const fn linux(when: When) -> Arm {
    Arm::new(when, Os::Linux)
}

/// An arm for images that hold Windows only.
pub(super) const fn windows(when: When) -> Arm {
    Arm::new(when, Os::Windows)
}

/// An arm for indexes that hold both.
pub(super) const fn multi(when: When) -> Arm {
    Arm::new(when, Os::Multi)
}

/// An arm for tags that nobody has looked at.
pub(super) const fn unknown(when: When) -> Arm {
    Arm::new(when, Os::Unknown)
}

impl Arm {
    const fn new(when: When, os: Os) -> Arm {
        Arm { when, os, builds: &[], family: Family::Unknown, host_process: false }
    }

    /// The Windows builds inside.
    pub(super) const fn on(self, builds: &'static [u32]) -> Arm {
        Arm { builds, ..self }
    }

    /// The base image of the Windows part.
    pub(super) const fn base(self, family: Family) -> Arm {
        Arm { family, ..self }
    }

    /// Built on the HostProcess base image.
    pub(super) const fn host_process(self) -> Arm {
        Arm { host_process: true, family: Family::HostProcessBase, ..self }
    }
}

impl Rule {
    /// The first arm for a tag. `None` only if a rule forgot its last arm, which a test forbids.
    pub(super) fn arm(&self, tag: &str) -> Option<&'static Arm> {
        self.arms.iter().find(|arm| arm.when.fits(tag))
    }

    /// The arm that speaks of this version of the image, whatever else the tag says.
    pub(super) fn version_arm(&self, tag: &str) -> Option<&'static Arm> {
        self.arms.iter().find(|arm| !matches!(arm.when, When::Tags(_)) && arm.when.fits(tag))
    }

    /// The system of all tags, where there is only one.
    pub(super) fn only(&self) -> Option<Os> {
        let (first, rest) = self.arms.split_first()?;
        rest.iter().all(|arm| arm.os == first.os).then_some(first.os)
    }

    #[cfg(test)]
    pub(super) fn ends_with_else(&self) -> bool {
        self.arms.last().is_some_and(|arm| matches!(arm.when, When::Else))
    }
}

impl When {
    fn fits(&self, tag: &str) -> bool {
        match *self {
            When::Else => true,
            When::Tags(patterns) => patterns.iter().any(|pattern| glob(pattern, tag)),
            When::Versions(from, below) => (from..below).contains(&version(tag).0),
            When::PlainVersions(from, below) => {
                let (version, rest) = version(tag);
                rest.is_empty() && (from..below).contains(&version)
            }
        }
    }
}

/// The version a tag begins with, and what follows it. Parts that are not there, or too
/// long for a number, count as the latest.
pub(super) fn version(tag: &str) -> (Version, &str) {
    let mut parts = [LATEST; 3];
    let mut rest = tag;
    for (at, part) in parts.iter_mut().enumerate() {
        // What stands before a number: perhaps a `v`, then dots.
        let text = match rest.as_bytes().first() {
            Some(b'v' | b'V') if at == 0 => &rest[1..],
            Some(b'.') if at > 0 => &rest[1..],
            _ if at == 0 => rest,
            _ => break,
        };
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            break;
        }
        *part = text[..digits].parse().unwrap_or(LATEST).min(LATEST);
        rest = &text[digits..];
    }
    ((parts[0], parts[1], parts[2]), rest)
}

/// Whether a pattern with `*` and `?` fits the whole text; letter case does not count.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    if let [b'*', word @ .., b'*'] = pattern
        && !word.iter().any(|b| matches!(b, b'*' | b'?'))
    {
        return contains(text, word);
    }
    let (mut p, mut t) = (0, 0);
    // Where the last star stood, and how much text it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while let Some(&here) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(&wanted) if wanted == b'?' || wanted.eq_ignore_ascii_case(&here) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((after, taken)) => {
                    star = Some((after, taken + 1));
                    p = after;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|&b| b == b'*'))
}

/// The most frequent kind of pattern, `*word*`, which seldom fits.
fn contains(text: &[u8], word: &[u8]) -> bool {
    let Some(&first) = word.first() else { return true };
    // Bit 5 tells small letters from capitals; equal without it is necessary, and cheap.
    text.windows(word.len()).any(|part| part[0] | 0x20 == first | 0x20 && part.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("*servercore*", "1-windowsServerCore-1809", true),
            ("*-ltsc20??", "a-ltsc2022", true),
            ("*-ltsc20??", "a-ltsc202", false),
            ("*-windows-*", "1-windows", false),
            ("a*b*c", "a-b-b-c", true),
            ("3.1", "3.1", true),
            ("3.1", "3.12", false),
            ("**é", "aé", true),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn versions() {
        const L: u16 = LATEST;
        for (tag, expected, rest) in [
            ("1.22.3-alpine", (1, 22, 3), "-alpine"),
            ("v2.12", (2, 12, L), ""),
            ("8u372-jdk", (8, L, L), "u372-jdk"),
            ("3.1", (3, 1, L), ""),
            ("latest", (L, L, L), "latest"),
            ("v", (L, L, L), "v"),
            ("1..2", (1, L, L), "..2"),
            ("99999999999", (L, L, L), ""),
            ("20241105.1", (L, 1, L), ""),
            ("1.2.3.4", (1, 2, 3), ".4"),
            ("", (L, L, L), ""),
        ] {
            assert_eq!(version(tag), (expected, rest), "{tag}");
        }
        assert!(since((1, 23, 0)).fits("1.23") && since((1, 23, 0)).fits("latest"));
        assert!(!since((1, 23, 0)).fits("1.22") && !before((1, 23, 0)).fits("latest"));
        assert!(between((3, 12, 11), (3, 13, 0)).fits("3.12"));
        assert!(!plain_before((8, 0, 0)).fits("6.0-alpine") && plain_before((8, 0, 0)).fits("6.0"));
    }
}
