//! What an image reference says about the operating system inside, without a registry.
//!
//! A pod spec names images; the image decides whether a container starts on a Windows node,
//! and on which Windows build. [`read`] tells as much of that as the reference alone can:
//! from the repository, where [its build files were read](repositories), and from the words
//! of the tag (`nanoserver-ltsc2022`, `alpine`). It guesses nothing: an image that is not in
//! the tables and whose tag has no telling word is [`Os::Unknown`], whatever its registry.
//!
//! ```
//! use transom::images::{Family, Os, builds, read};
//!
//! let image = read("mcr.microsoft.com/dotnet/aspnet:8.0-nanoserver-ltsc2022");
//! assert_eq!(image.os, Os::Windows);
//! assert_eq!(image.family, Family::NanoServer);
//! assert_eq!(image.builds.runs_on(builds::SERVER_2025), Some(true));
//! assert_eq!(image.because.to_string(), "tag `nanoserver-ltsc2022`");
//!
//! // Since .NET 8, tags without a Windows release hold Linux alone.
//! assert_eq!(read("mcr.microsoft.com/dotnet/aspnet:8.0").os, Os::Linux);
//! assert_eq!(read("acr.example/team/nginx").os, Os::Unknown);
//! ```
//!
//! Facts that age are data: [`repositories`] and `tags` (who builds what), `microsoft`
//! (tags that do not exist, moved or froze), `registries` (names of one registry),
//! [`builds`] (releases). They are as of August to November 2026, each with its source.

mod because;
pub mod builds;
mod microsoft;
mod reference;
mod registries;
pub mod repositories;
mod retag;
mod rule;
mod tags;
#[cfg(test)]
mod tests;
mod words;

pub use because::Because;
pub use builds::Builds;
pub use microsoft::{FloatingFramework, Gap, Published};
pub use reference::{DOCKER_HUB, Reference, Repository};

use repositories::Found;
use words::{Release, Words};

/// The operating systems an image is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Os {
    /// Windows only.
    Windows,
    /// Linux only.
    Linux,
    /// One index with images for both; the node picks its own.
    Multi,
    /// The reference does not tell.
    Unknown,
}

/// How much the answer can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// A good guess: a path on a private registry that looks like one of Microsoft's, or a
    /// word of the tag that may also mean something else (`slim`, `win`).
    Weak,
    /// Read in the build files of the repository, or said by the tag in so many words.
    Strong,
}

/// The base image of the Windows part, as far as the reference tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// `windows/nanoserver`: no PowerShell, no Windows Installer, user ContainerUser.
    NanoServer,
    /// `windows/servercore`.
    ServerCore,
    /// `windows/server`.
    Server,
    /// `windows`: the largest, ends with Windows Server 2019.
    Windows,
    /// `dotnet/framework/*`, on Server Core.
    DotNetFramework,
    /// `windows/servercore/iis`.
    Iis,
    /// `oss/kubernetes/windows-host-process-containers-base-image`: no system files at all.
    HostProcessBase,
    /// Not a Windows image, or its base is not known.
    #[default]
    Unknown,
}

impl Family {
    /// Whether `powershell.exe` is there. HostProcess images use the node's.
    pub fn has_powershell(self) -> Option<bool> {
        match self {
            Family::NanoServer => Some(false),
            Family::Unknown => None,
            _ => Some(true),
        }
    }

    /// Whether it is Server Core or larger: gigabytes to pull and unpack, and slow to start. False
    /// where the base is not known.
    pub fn is_large(self) -> bool {
        !matches!(self, Family::NanoServer | Family::HostProcessBase | Family::Unknown)
    }

    /// The user a container runs as unless the image or the pod says otherwise.
    pub fn default_user(self) -> Option<&'static str> {
        match self {
            Family::NanoServer => Some("ContainerUser"),
            Family::HostProcessBase | Family::Unknown => None,
            _ => Some("ContainerAdministrator"),
        }
    }
}

/// Microsoft's products that the rules treat apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Product {
    /// `windows`, `windows/nanoserver`, `windows/servercore`, `windows/server`.
    WindowsBase,
    /// `dotnet/*`: .NET and .NET Core.
    DotNet,
    /// `dotnet/framework/*`.
    DotNetFramework,
    /// `windows/servercore/iis`.
    Iis,
    /// `powershell`: `pwsh` on several bases.
    PowerShell,
    /// Everything else.
    Other,
}

/// What the reference resolves to in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Manifest {
    /// An index: the runtime picks by system and Windows build, and fails with "no match
    /// for platform in manifest".
    Index,
    /// One image: pulled unseen, fails later while unpacking or starting.
    Single,
    /// Not known.
    Unknown,
}

/// What a reference says. See [`read`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image<'a> {
    /// The reference in its parts.
    pub reference: Reference<'a>,
    /// The systems inside.
    pub os: Os,
    /// What decided.
    pub because: Because<'a>,
    /// How much `os` can be relied on. Without meaning when it is unknown.
    pub strength: Strength,
    /// The base image of the Windows part.
    pub family: Family,
    /// The Windows builds inside. Empty: not known.
    pub builds: Builds,
    /// Built on the HostProcess base image: no Windows files inside, starts only as a
    /// HostProcess container, on any build.
    pub host_process: bool,
    /// One of Microsoft's products, on its own registry or mirrored.
    pub product: Product,
    published: Published,
    windows_words: bool,
    arm64: bool,
    release: Option<Release<'a>>,
}

/// Reads an image reference. Any text will do; what it does not say stays unknown.
pub fn read(reference: &str) -> Image<'_> {
    let reference = Reference::parse(reference);
    let words = Words::read(reference.tag.unwrap_or_default());
    match repositories::find(&reference) {
        Some(found) => listed(reference, &words, found),
        None => unlisted(reference, &words),
    }
}

/// Only the words of the tag can tell.
fn unlisted<'a>(reference: Reference<'a>, words: &Words<'a>) -> Image<'a> {
    let mut image = Image {
        reference,
        os: Os::Unknown,
        because: if reference.digest.is_some() { Because::Digest } else { Because::Nothing },
        strength: Strength::Weak,
        family: Family::Unknown,
        builds: Builds::UNKNOWN,
        host_process: false,
        product: Product::Other,
        published: Published::of(&reference),
        windows_words: words.windows.is_some(),
        arm64: words.arm64,
        release: None,
    };
    match (words.windows, words.linux) {
        (Some(windows), Some(linux)) => {
            image.because = Because::Contradiction(windows.text, linux.text);
        }
        (Some(windows), None) => {
            image.os = Os::Windows;
            image.because = Because::Tag(windows.text);
            image.strength = windows.strength;
            image.family = words.family;
            image.builds = words.builds;
            image.release = words.release;
            image.set_host_process(words.host_process);
        }
        (None, Some(linux)) => {
            image.os = Os::Linux;
            image.because = Because::Tag(linux.text);
            image.strength = linux.strength;
        }
        (None, None) => {}
    }
    image
}

/// The repository is in the table.
fn listed<'a>(reference: Reference<'a>, words: &Words<'a>, found: Found) -> Image<'a> {
    let rule = found.rule;
    let only = rule.only();
    let from_words = Image { product: rule.product, ..unlisted(reference, words) };
    let mut image = Image {
        strength: if found.mirror { Strength::Weak } else { Strength::Strong },
        family: Family::Unknown,
        builds: Builds::UNKNOWN,
        host_process: false,
        ..from_words
    };
    let because = |os| match (found.mirror, only, reference.tag) {
        (true, ..) => Because::Mirror(found.name, os),
        (_, None, _) => Because::TagOf(reference.tag_or_latest(), reference.registry, reference.repository, os),
        _ => Because::Repository(reference.registry, reference.repository, os),
    };
    let by_digest = reference.digest.is_some() && reference.tag.is_none();
    if by_digest && matches!(only, None | Some(Os::Multi)) {
        return Image { os: Os::Unknown, because: Because::Digest, ..image };
    }
    if let (Because::Contradiction(..), true) = (from_words.because, only != Some(Os::Windows)) {
        return Image { os: Os::Unknown, because: from_words.because, ..image };
    }
    let tag = reference.tag_or_latest();
    let Some(arm) = rule.arm(tag) else { return from_words };

    image.os = arm.os;
    image.because = because(arm.os);
    if found.mirror && from_words.os == arm.os && from_words.strength == Strength::Strong {
        image.strength = Strength::Strong;
        image.because = from_words.because;
    }
    match arm.os {
        Os::Windows => {
            if let (None, false, Some(windows)) = (only, found.mirror, words.windows) {
                image.because = Because::Tag(windows.text);
            }
            let from_version = rule.version_arm(tag);
            image.family = arm.family.or(words.family);
            image.builds = words.builds.or(words.bare_builds).or(Builds::of(arm.builds)).or(match from_version {
                Some(version) if version.os == Os::Multi && version.family.may_be(image.family) => {
                    Builds::of(version.builds)
                }
                _ => Builds::UNKNOWN,
            });
            image.release = words.release;
            if reference.digest.is_some() {
                // The digest may be of an older or a newer base than the tag has by now.
                image.builds = words.builds.or(words.bare_builds);
            }
            // What names another base image or its release is not on the HostProcess base image.
            let is_ordinary = words.family != Family::Unknown || !words.builds.or(words.bare_builds).is_empty();
            image.set_host_process(words.host_process || (arm.host_process && !is_ordinary));
            if image.family == Family::HostProcessBase && !image.host_process {
                image.family = Family::Unknown;
            }
        }
        Os::Multi if words.windows.is_some() || words.says_linux => {
            image = Image { strength: image.strength.min(from_words.strength), ..from_words };
            if image.os == Os::Windows && !image.host_process {
                image.builds = image.builds.or(Builds::of(arm.builds));
            }
        }
        // The name of a distribution alone may be that of the Linux part.
        Os::Multi => {
            image.family = arm.family;
            image.builds = Builds::of(arm.builds);
        }
        Os::Linux => match words.windows {
            // Named after a Windows base image: the table does not know this old tag.
            // More so in a repository that holds images for both.
            Some(windows) if windows.base => {
                let strength = if only.is_none() { from_words.strength } else { Strength::Weak };
                return Image { strength, ..from_words };
            }
            Some(windows) => {
                image.os = Os::Unknown;
                image.because = Because::Misplaced(windows.text, reference.registry, reference.repository);
            }
            None => {}
        },
        Os::Unknown => return from_words,
    }
    image
}

impl<'a> Image<'a> {
    fn set_host_process(&mut self, host_process: bool) {
        if host_process {
            self.host_process = true;
            self.family = Family::HostProcessBase;
            self.builds = Builds::UNKNOWN;
        }
    }

    /// Whether the tag itself names Windows or one of its base images.
    fn names_windows(&self) -> bool {
        self.windows_words
    }

    /// Whether it starts IIS by ServiceMonitor, which has to be administrator for it, unless told otherwise.
    pub fn starts_iis(&self) -> bool {
        let repository = self.reference.repository.written();
        match self.product {
            Product::Iis => true,
            Product::DotNetFramework => ["/aspnet", "/wcf"].iter().any(|end| repository.ends_with(end)),
            _ => false,
        }
    }

    /// Whether `pwsh` (PowerShell 7) is there, where the reference tells: Microsoft's
    /// PowerShell and .NET SDK images have it, other bases do not.
    pub fn has_pwsh(&self) -> Option<bool> {
        match (self.product, self.family) {
            (Product::PowerShell, _) => Some(true),
            (Product::DotNet, _) => {
                let written = self.reference.repository.written();
                Some(written.ends_with("dotnet/sdk"))
            }
            (Product::WindowsBase | Product::DotNetFramework | Product::Iis, _) => Some(false),
            _ => None,
        }
    }

    /// A Windows image for 64-bit Arm, for which Kubernetes has no nodes.
    pub fn is_windows_arm64(&self) -> bool {
        self.os == Os::Windows && self.arm64
    }

    /// How long the newest build inside is still good for Kubernetes nodes; `None` when no
    /// build is known.
    pub fn life(&self) -> Option<builds::Life> {
        self.builds.newest().map(builds::life)
    }

    /// Whether the reference resolves to an index or to a single image.
    pub fn manifest(&self) -> Manifest {
        let single_arch =
            ["-amd64", "-arm64", "-x64"].iter().any(|arch| self.reference.tag.is_some_and(|tag| tag.ends_with(arch)));
        match (self.os, self.product) {
            _ if single_arch => Manifest::Single,
            (Os::Multi, _) => Manifest::Index,
            (_, Product::WindowsBase) if matches!(self.because, Because::Repository(..)) => Manifest::Index,
            // Windows tags of .NET are single-platform tags (supported-tags.md).
            (Os::Windows, Product::DotNet | Product::DotNetFramework) if self.builds.iter().count() == 1 => {
                Manifest::Single
            }
            (Os::Windows, Product::DotNetFramework) if !self.builds.is_empty() => Manifest::Index,
            _ => Manifest::Unknown,
        }
    }
}

impl Family {
    fn or(self, other: Family) -> Family {
        if self == Family::Unknown { other } else { self }
    }

    /// Whether both can be said of one image.
    fn may_be(self, other: Family) -> bool {
        self == Family::Unknown || self == other
    }
}
