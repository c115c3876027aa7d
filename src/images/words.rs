//! What the words of a tag say about the operating system.
//!
//! A tag is split on `-`, `.` and `_`; letter case does not count. Base image names
//! (`nanoserver`, `windowsservercore`, `ltsc2022`), `windows`, `win` at either end, and
//! distribution names (`alpine`, `bookworm`, …) say which system is meant. Release names
//! (`1809`, `20H2`) say which Windows build, but only behind a Windows word or in a tag that names
//! a base image: elsewhere, as in `2004-windows`, they may be versions, dates or counters. The version of
//! a Windows release in full (`10.0.20348.2113`) speaks for itself.
//!
//! As of 2026-11. Sources: `library/*` in docker-library/official-images@37079fb336;
//! dotnet/dotnet-docker `documentation/supported-tags.md`; the tag rules in
//! [`super::repositories`].

use super::builds::{self, Builds, Life};
use super::{Family, Strength};

/// Distribution names. Words that also mean other things prove less.
#[rustfmt::skip]
const LINUX: &[(&str, Strength)] = &[
    ("almalinux", Strength::Strong), ("alpine", Strength::Strong), ("amazonlinux", Strength::Strong),
    ("archlinux", Strength::Strong), ("azurelinux", Strength::Strong), ("bionic", Strength::Strong),
    ("bookworm", Strength::Strong), ("bullseye", Strength::Strong), ("buster", Strength::Strong),
    ("centos", Strength::Strong), ("chiseled", Strength::Strong), ("debian", Strength::Strong),
    ("distroless", Strength::Strong), ("fedora", Strength::Strong), ("focal", Strength::Strong),
    ("jammy", Strength::Strong), ("jessie", Strength::Strong), ("mariner", Strength::Strong),
    ("musl", Strength::Strong), ("noble", Strength::Strong), ("oracle", Strength::Weak),
    ("oraclelinux", Strength::Strong), ("resolute", Strength::Strong), ("rhel", Strength::Strong),
    ("rocky", Strength::Strong), ("rockylinux", Strength::Strong), ("scratch", Strength::Strong),
    ("slim", Strength::Weak), ("stretch", Strength::Strong), ("trixie", Strength::Strong),
    ("ubi", Strength::Strong), ("ubuntu", Strength::Strong), ("xenial", Strength::Strong),
];

/// Names of Windows base images; a release may follow without a dash (`servercore21H2`).
const BASES: &[(&str, Family)] = &[
    ("nanoserver", Family::NanoServer),
    ("servercore", Family::ServerCore),
    ("windowsservercore", Family::ServerCore),
    ("windowsserver", Family::Server),
];

/// Words between a system and its release, or after it.
const ARCHITECTURES: &[&str] = &["amd64", "arm64", "arm64v8", "x64", "x86", "i386", "arm", "armv7", "ppc64le", "s390x"];

/// A stretch of a tag that speaks for one system.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    pub(super) text: &'a str,
    pub(super) strength: Strength,
    /// Names a Windows base image or its release: no Linux image is called so.
    pub(super) base: bool,
    start: usize,
}

/// What the words of one tag say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Words<'a> {
    pub(super) windows: Option<Evidence<'a>>,
    pub(super) linux: Option<Evidence<'a>>,
    /// The word `linux` itself, not just the name of a distribution.
    pub(super) says_linux: bool,
    /// Builds that the tag names beside a Windows word.
    pub(super) builds: Builds,
    /// Builds that count only where the repository holds nothing but Windows.
    pub(super) bare_builds: Builds,
    pub(super) family: Family,
    /// `windows-hp`, `windows-hpc` or `hostprocess`.
    pub(super) host_process: bool,
    /// Made for 64-bit Arm.
    pub(super) arm64: bool,
    /// The words that name the build, so that a fix can put others there.
    pub(super) release: Option<Release<'a>>,
}

/// The part of a tag that names the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Release<'a> {
    /// Where it stands in the tag, in bytes.
    pub(super) at: usize,
    pub(super) text: &'a str,
}

/// What a single word is.
enum Word {
    /// A base image, perhaps with its release.
    Base(Family, Option<u32>),
    Windows(Option<u32>),
    Win(Option<u32>),
    /// `ltsc2022`
    Ltsc(u32),
    /// `ltsc` before `-2022`, `nano` before `-2025`, `server`: keeps a Windows word going.
    Link,
    /// `1809`, `20H2`, `sac2016`
    Release(u32),
    /// `2022`
    Year(u32),
    HostProcess,
    /// `hp` or `hpc`, which means HostProcess only after `windows`.
    Hp,
    Linux,
    Distribution(Strength),
    Architecture,
    Other,
}

fn word(token: &str) -> Word {
    match token.as_bytes().first() {
        None => return Word::Other,
        // Versions mostly, and releases.
        Some(first) if first.is_ascii_digit() => {
            let release = if token.len() == 4 { builds::of_release(token) } else { None };
            let year = || builds::of_year(token).map(Word::Year);
            return release.map(Word::Release).or_else(year).unwrap_or(Word::Other);
        }
        Some(_) => {}
    }
    for &(base, family) in BASES {
        if let Some(rest) = strip(token, base) {
            match release_or_year(rest) {
                Some(build) => return Word::Base(family, Some(build)),
                None if rest.is_empty() => return Word::Base(family, None),
                None => {}
            }
        }
    }
    if let Some(rest) = strip(token, "windows") {
        if rest.is_empty() {
            return Word::Windows(None);
        }
        if let Some(build) = release_or_year(rest) {
            return Word::Windows(Some(build));
        }
    } else if let Some(rest) = strip(token, "win") {
        if rest.is_empty() {
            return Word::Win(None);
        }
        if let Some(build) = release_or_year(rest) {
            return Word::Win(Some(build));
        }
    } else if let Some(build) = strip(token, "ltsc").and_then(builds::of_year) {
        return Word::Ltsc(build);
    }
    if let Some(build) = builds::of_release(token) {
        return Word::Release(build);
    }
    let is = |known: &str| token.eq_ignore_ascii_case(known);
    if is("hostprocess") {
        return Word::HostProcess;
    }
    if is("hp") || is("hpc") {
        return Word::Hp;
    }
    if is("ltsc") || is("nano") || is("server") {
        return Word::Link;
    }
    if ARCHITECTURES.iter().any(|known| is(known)) {
        return Word::Architecture;
    }
    let stem = token.trim_end_matches(|c: char| c.is_ascii_digit());
    if stem.eq_ignore_ascii_case("linux") {
        return Word::Linux;
    }
    let found = LINUX.iter().find(|(known, _)| stem.eq_ignore_ascii_case(known));
    found.map_or(Word::Other, |&(_, strength)| Word::Distribution(strength))
}

/// Whether what follows the version in a tag begins with the name of a distribution, as in `-alpine3.20`.
pub(super) fn begins_with_distribution(rest: &str) -> bool {
    let first = rest.strip_prefix('-').and_then(|rest| rest.split(['-', '.', '_']).next());
    first.is_some_and(|first| matches!(word(first), Word::Distribution(_)))
}

fn strip<'a>(token: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = token.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn release_or_year(text: &str) -> Option<u32> {
    builds::of_release(text).or_else(|| builds::of_year(text))
}

/// The words of a tag with their places, and whether a dot joins them to a number, as in
/// the version `3.1.1909`.
fn tokens(tag: &str) -> impl Iterator<Item = (usize, &str, bool)> {
    let mut start = 0;
    tag.split(['-', '.', '_']).map(move |token| {
        let at = start;
        start += token.len() + 1;
        let bytes = tag.as_bytes();
        let before = at.checked_sub(1).and_then(|i| bytes.get(i));
        let after = bytes.get(at + token.len());
        (at, token, before == Some(&b'.') || after == Some(&b'.'))
    })
}

impl<'a> Words<'a> {
    /// Reads a tag.
    pub(super) fn read(tag: &'a str) -> Words<'a> {
        let mut words = Words::default();
        // Releases that may be something else, and builds in full.
        let (mut candidates, mut versions) = (Builds::UNKNOWN, Builds::UNKNOWN);
        // True after a Windows word, as long as only linking words follow.
        let mut after_windows = false;
        let mut after_bare_windows = false;
        let mut list = tokens(tag).map(|(at, token, dotted)| (at, token, dotted, word(token))).peekable();
        let mut first = true;
        while let Some((at, token, dotted, this)) = list.next() {
            let next = list.peek().map(|(.., next)| next);
            let at_the_end = first || next.is_none();
            let end = at + token.len();
            let mut linked = false;
            match this {
                Word::Base(family, build) => {
                    words.family = family;
                    words.say_windows(tag, at, end, Strength::Strong, true);
                    words.name_build(tag, at, end, build);
                    linked = true;
                }
                Word::Windows(build) => {
                    let plain = build.is_none() && !at_the_end && !goes_on_as_windows(next);
                    let strength = if plain { Strength::Weak } else { Strength::Strong };
                    words.say_windows(tag, at, end, strength, false);
                    words.name_build(tag, at, end, build);
                    linked = true;
                }
                Word::Win(build) if at_the_end || build.is_some() || goes_on_as_windows(next) => {
                    words.say_windows(tag, at, end, Strength::Weak, false);
                    words.name_build(tag, at, end, build);
                    linked = true;
                }
                Word::Ltsc(build) => {
                    words.say_windows(tag, at, end, Strength::Strong, true);
                    words.name_build(tag, at, end, Some(build));
                }
                Word::Release(build) if words.windows.is_some() && !dotted => {
                    words.name_build(tag, at, end, Some(build));
                    words.extend_windows(tag, at, end);
                }
                Word::Release(build) if !dotted => {
                    candidates.add(build);
                    words.release.get_or_insert(Release { at, text: token });
                    words.extend_windows(tag, at, end);
                }
                Word::Year(build) if after_windows && !dotted => {
                    words.name_build(tag, at, end, Some(build));
                    words.extend_windows(tag, at, end);
                }
                Word::HostProcess => {
                    words.say_windows(tag, at, end, Strength::Strong, false);
                    words.host_process = true;
                }
                Word::Hp if after_bare_windows => {
                    words.say_windows(tag, at, end, Strength::Strong, false);
                    words.host_process = true;
                }
                Word::Linux => {
                    words.says_linux = true;
                    let sure = at_the_end || matches!(next, Some(Word::Architecture));
                    let strength = if sure { Strength::Strong } else { Strength::Weak };
                    words.say_linux(token, at, strength);
                }
                Word::Distribution(strength) => words.say_linux(token, at, strength),
                Word::Link if after_windows => {
                    words.extend_windows(tag, at, end);
                    linked = true;
                }
                Word::Architecture => {
                    words.arm64 |= strip(token, "arm64").is_some();
                    linked = after_windows;
                }
                _ => {}
            }
            if token == "10" {
                let version = full_version(&tag[at..]);
                if let Some((text, build)) = version.and_then(|text| Some((text, builds::parse(text)?))) {
                    versions.add(build);
                    words.release = Some(Release { at, text });
                    // Nothing but Windows has such a version.
                    if builds::life(build) != Life::Unknown {
                        words.say_windows(tag, at, at + text.len(), Strength::Weak, false);
                    }
                }
            }
            after_windows = linked;
            after_bare_windows = matches!(this, Word::Windows(_) | Word::Win(_));
            first = false;
        }
        let is_named = !words.builds.is_empty();
        let names_base = words.windows.is_some_and(|windows| windows.base);
        for (builds, count) in [(versions, words.windows.is_some()), (candidates, names_base && !is_named)] {
            let known = if count { &mut words.builds } else { &mut words.bare_builds };
            builds.iter().for_each(|build| known.add(build));
        }
        words
    }

    fn name_build(&mut self, tag: &'a str, start: usize, end: usize, build: Option<u32>) {
        if let Some(build) = build {
            // What was taken for a release before may be something else.
            if self.builds.is_empty() {
                self.release = Some(Release { at: start, text: &tag[start..end] });
            }
            self.builds.add(build);
        }
    }

    fn say_windows(&mut self, tag: &'a str, start: usize, end: usize, strength: Strength, base: bool) {
        if self.extend_windows(tag, start, end) {
            if let Some(known) = &mut self.windows {
                known.strength = known.strength.max(strength);
                known.base |= base;
            }
        } else if self.windows.is_none_or(|known| known.strength < strength || (base && !known.base)) {
            self.windows = Some(Evidence { text: &tag[start..end], strength, base, start });
        }
    }

    /// Lengthens the evidence when it ends right before `start`.
    fn extend_windows(&mut self, tag: &'a str, start: usize, end: usize) -> bool {
        match &mut self.windows {
            Some(known) if known.start + known.text.len() + 1 == start => {
                known.text = &tag[known.start..end];
                true
            }
            _ => false,
        }
    }

    fn say_linux(&mut self, text: &'a str, start: usize, strength: Strength) {
        if self.linux.is_none_or(|known| known.strength < strength) {
            self.linux = Some(Evidence { text, strength, base: false, start });
        }
    }
}

/// Whether a word after `windows` or `win` belongs to it.
fn goes_on_as_windows(next: Option<&Word>) -> bool {
    !matches!(next, Some(Word::Other | Word::Linux | Word::Distribution(_)))
}

/// `10.0.20348.2113` at the start of a tag's rest. Small third numbers are versions of
/// something else, such as .NET SDK 10.0.100.
fn full_version(rest: &str) -> Option<&str> {
    let end = rest.find(|c: char| c != '.' && !c.is_ascii_digit());
    let version = rest.get(..end.unwrap_or(rest.len()))?;
    builds::parse(version).filter(|&build| build >= builds::SERVER_2016)?;
    Some(version)
}
