//! Windows builds: their names, and which image runs on which host.
//!
//! A Windows container shares the kernel of its node, so an image is made for one
//! Windows build, and the runtime compares that number with the node's. The number is
//! the third part of `10.0.20348.2113`, and what the node label
//! `node.kubernetes.io/windows-build` carries as `10.0.20348`. Tags name it by release:
//! `ltsc2022`, `1809`, `20H2`.
//!
//! As of 2026-11. Sources: hcsshim `osversion/osversion_windows.go` (numbers) and
//! `osversion/platform_compat_windows.go` (what runs where); Microsoft's
//! `deploy-containers/version-compatibility.md`, `base-image-lifecycle.md` (dates).

use core::fmt;

/// Windows Server 2016 (`ltsc2016`, `1607`, Nano Server's `sac2016`).
pub const SERVER_2016: u32 = 14393;
/// Windows Server 2019 (`ltsc2019`, `1809`).
pub const SERVER_2019: u32 = 17763;
/// Windows Server 2022 (`ltsc2022`, `21H2`).
pub const SERVER_2022: u32 = 20348;
/// Windows Server 2025 (`ltsc2025`, `24H2`).
pub const SERVER_2025: u32 = 26100;

/// How long a build is still good for Kubernetes nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Windows Server 2022 and 2025: what Kubernetes 1.36 and later list as hosts.
    Current,
    /// Windows Server 2019: off the list since Kubernetes 1.36, gone from AKS since
    /// 2026-03-01; Microsoft patches it until 2029-01-09.
    Ageing,
    /// Windows Server 2016: long off every list; Microsoft patches it until 2027-01-11.
    Old,
    /// A semi-annual or annual release whose support has ended (1709 … 20H2, 23H2).
    Ended,
    /// A client or insider build, or a number nobody has heard of.
    Unknown,
}

struct Release {
    build: u32,
    /// The tag of the base images that hold this build.
    tag: &'static str,
    /// Other names in tags.
    aliases: &'static [&'static str],
    name: &'static str,
    life: Life,
}

/// The Windows releases that tags name, oldest first.
#[rustfmt::skip]
const RELEASES: &[Release] = &[
    Release { build: SERVER_2016, tag: "ltsc2016", aliases: &["sac2016", "1607"], name: "Windows Server 2016", life: Life::Old },
    Release { build: 16299, tag: "1709", aliases: &[], name: "Windows Server, version 1709", life: Life::Ended },
    Release { build: 17134, tag: "1803", aliases: &[], name: "Windows Server, version 1803", life: Life::Ended },
    Release { build: SERVER_2019, tag: "ltsc2019", aliases: &["1809"], name: "Windows Server 2019", life: Life::Ageing },
    Release { build: 18362, tag: "1903", aliases: &[], name: "Windows Server, version 1903", life: Life::Ended },
    Release { build: 18363, tag: "1909", aliases: &[], name: "Windows Server, version 1909", life: Life::Ended },
    Release { build: 19041, tag: "2004", aliases: &[], name: "Windows Server, version 2004", life: Life::Ended },
    Release { build: 19042, tag: "20H2", aliases: &["2009"], name: "Windows Server, version 20H2", life: Life::Ended },
    Release { build: SERVER_2022, tag: "ltsc2022", aliases: &["21H2"], name: "Windows Server 2022", life: Life::Current },
    Release { build: 25398, tag: "23H2", aliases: &[], name: "Windows Server, version 23H2", life: Life::Ended },
    Release { build: SERVER_2025, tag: "ltsc2025", aliases: &["24H2"], name: "Windows Server 2025", life: Life::Current },
];

/// Long-term releases that later hosts still run images of (hcsshim `compatLTSCReleases`).
const COMPATIBLE_LTSC: &[u32] = &[SERVER_2022, SERVER_2025];

/// The build that a release name in a tag stands for (`ltsc2022`, `1809`, `20h2`), any case.
pub fn of_release(name: &str) -> Option<u32> {
    RELEASES
        .iter()
        .find(|release| {
            core::iter::once(&release.tag).chain(release.aliases).any(|known| known.eq_ignore_ascii_case(name))
        })
        .map(|release| release.build)
}

/// The build of a Windows Server year: `2016`, `2019`, `2022` or `2025`.
pub fn of_year(year: &str) -> Option<u32> {
    match year {
        "2016" => Some(SERVER_2016),
        "2019" => Some(SERVER_2019),
        "2022" => Some(SERVER_2022),
        "2025" => Some(SERVER_2025),
        _ => None,
    }
}

/// The tag of Microsoft's base images for a build, such as `ltsc2022`.
pub fn tag(build: u32) -> Option<&'static str> {
    release(build).map(|release| release.tag)
}

/// The product name of a build, such as `Windows Server 2022`.
pub fn name(build: u32) -> Option<&'static str> {
    release(build).map(|release| release.name)
}

/// How long a build is still good for Kubernetes nodes.
pub fn life(build: u32) -> Life {
    release(build).map_or(Life::Unknown, |release| release.life)
}

/// The builds of Windows Server, oldest first.
pub fn all() -> impl Iterator<Item = u32> {
    RELEASES.iter().map(|release| release.build)
}

/// The builds of Windows 11 that no Windows Server has: nodes of those who develop on it.
pub const CLIENTS: [u32; 3] = [22000, 22621, 22631];

fn release(build: u32) -> Option<&'static Release> {
    RELEASES.iter().find(|release| release.build == build)
}

/// The build in a Windows version: `10.0.20348` (as the label
/// `node.kubernetes.io/windows-build` has it) or `10.0.20348.2113` (as a Node's
/// `kernelVersion` and some tags have it). Anything else is `None`.
pub fn parse(version: &str) -> Option<u32> {
    let mut parts = version.strip_prefix("10.0.")?.split('.');
    let build = number(parts.next()?)?;
    if let Some(revision) = parts.next() {
        number(revision)?;
    }
    parts.next().is_none().then_some(build)
}

/// Digits only, at most nine of them.
pub(super) fn number(digits: &str) -> Option<u32> {
    let plain = (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

/// Whether a process-isolated container of `image` starts on `host` (containerd 1.6.23 and
/// later, 1.7.6 and later, all of 2.x; the versions before want equal builds).
///
/// Hosts before Windows Server 2022 run their own build only. Later hosts run every build
/// from the newest long-term release *before* their own up to their own.
/// ```
/// # use transom::images::builds::runs_on;
/// assert!(runs_on(20348, 26100)); // ltsc2022 on Windows Server 2025
/// assert!(!runs_on(26100, 20348));
/// assert!(!runs_on(17763, 20348));
/// ```
pub fn runs_on(image: u32, host: u32) -> bool {
    (oldest_image_for(host)..=host).contains(&image)
}

/// The oldest image build that `host` runs.
pub fn oldest_image_for(host: u32) -> u32 {
    let before = COMPATIBLE_LTSC.iter().rev().find(|&&ltsc| ltsc < host);
    before.map_or(host, |&ltsc| ltsc)
}

/// The Windows builds an image is known to hold. Empty: not known, *not* "none".
///
/// Ascending, without duplicates, at most [`Builds::CAPACITY`].
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Builds([u32; Builds::CAPACITY]);

impl Builds {
    /// The most builds a set can hold; what comes after is left out.
    pub const CAPACITY: usize = 6;

    /// Nothing is known.
    pub const UNKNOWN: Builds = Builds([0; Builds::CAPACITY]);

    /// A set of these builds.
    pub fn of(builds: &[u32]) -> Builds {
        let mut set = Builds::UNKNOWN;
        for &build in builds {
            set.add(build);
        }
        set
    }

    pub(super) fn add(&mut self, build: u32) {
        let full = self.0.iter().all(|&slot| slot != 0);
        if full || self.contains(build) {
            return;
        }
        // Empty slots are zero and stand last. The new build takes the place of the first
        // larger one, which moves on.
        let mut build = build;
        for slot in &mut self.0 {
            if *slot == 0 || *slot > build {
                core::mem::swap(slot, &mut build);
            }
            if build == 0 {
                return;
            }
        }
    }

    /// True when nothing is known about the builds.
    pub fn is_empty(&self) -> bool {
        self.newest().is_none()
    }

    /// The known builds, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied().filter(|&build| build != 0)
    }

    /// Whether the image is known to hold this build.
    pub fn contains(&self, build: u32) -> bool {
        self.iter().any(|known| known == build)
    }

    /// The newest known build.
    pub fn newest(&self) -> Option<u32> {
        self.iter().last()
    }

    /// Whether a host of this build runs one of them; `None` when nothing is known.
    pub fn runs_on(&self, host: u32) -> Option<bool> {
        (!self.is_empty()).then(|| self.iter().any(|image| runs_on(image, host)))
    }

    /// These, or the others where nothing is known about these.
    pub fn or(self, others: Builds) -> Builds {
        if self.is_empty() { others } else { self }
    }
}

impl fmt::Debug for Builds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Release names where there are any: `ltsc2019, ltsc2022`; else numbers: `10.0.29000`.
impl fmt::Display for Builds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, build) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            match tag(build) {
                Some(tag) => f.write_str(tag)?,
                None => write!(f, "10.0.{build}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pair of Microsoft's compatibility table, and the bounds of the runtime's rule.
    #[test]
    fn what_runs_where() {
        let images = [14393, 17763, 18362, 19042, 20348, 22621, 25398, 26100, 26200];
        let hosts: &[(u32, &[u32])] = &[
            (14393, &[14393]),
            (17763, &[17763]),
            (19042, &[19042]),
            (20348, &[20348]),
            (22621, &[20348, 22621]),
            (25398, &[20348, 22621, 25398]),
            (26100, &[20348, 22621, 25398, 26100]),
            (26200, &[26100, 26200]),
        ];
        for &(host, runs) in hosts {
            for image in images {
                assert_eq!(runs_on(image, host), runs.contains(&image), "{image} on {host}");
            }
        }
        assert!(!runs_on(0, 20348) && !runs_on(u32::MAX, 20348));
    }

    #[test]
    fn names_and_numbers() {
        for (text, build) in [
            ("ltsc2016", 14393),
            ("sac2016", 14393),
            ("1809", 17763),
            ("LTSC2019", 17763),
            ("20h2", 19042),
            ("2009", 19042),
            ("21H2", 20348),
            ("23H2", 25398),
            ("24h2", 26100),
        ] {
            assert_eq!(of_release(text), Some(build), "{text}");
        }
        assert_eq!(of_release("2022"), None);
        assert_eq!(of_year("2022"), Some(20348));
        assert_eq!(tag(17763), Some("ltsc2019"));
        assert_eq!(name(26100), Some("Windows Server 2025"));
        assert_eq!(life(19042), Life::Ended);
        assert_eq!(life(22621), Life::Unknown);
    }

    #[test]
    fn versions() {
        assert_eq!(parse("10.0.20348"), Some(20348));
        assert_eq!(parse("10.0.20348.2113"), Some(20348));
        for bad in [
            "",
            "20348",
            "10.0",
            "10.0.",
            "10.0.x",
            "10.0.20348.",
            "10.0.20348.1.1",
            "10.0.99999999999",
            "11.0.20348",
            " 10.0.20348",
            "10.0.+1",
            "10.0.2034８",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn sets() {
        let set = Builds::of(&[26100, 17763, 20348, 17763, 0]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [17763, 20348, 26100]);
        assert_eq!(set.newest(), Some(26100));
        assert_eq!(set.to_string(), "ltsc2019, ltsc2022, ltsc2025");
        assert_eq!(set.runs_on(20348), Some(true));
        assert_eq!(set.runs_on(14393), Some(false));
        assert_eq!(Builds::UNKNOWN.runs_on(20348), None);
        assert_eq!(Builds::of(&[1, 2, 3, 4, 5, 6, 7]).iter().count(), Builds::CAPACITY);
    }
}
