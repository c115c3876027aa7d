//! Facts about Microsoft's own tags: what was never published, what moved, what is frozen.
//!
//! As of 2026-11-21; sources at the tables.

use super::repositories::MICROSOFT;
use super::rule::{self, Version};
use super::{Image, Product, Reference};

/// Whether a tag exists in its registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// Nobody has checked; most tags of most repositories.
    Unknown,
    /// It is listed nowhere, but may have existed.
    Doubtful(Gap),
    /// It does not exist: the pull fails with "manifest unknown".
    No(Gap),
}

/// A tag that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Why, as a clause: "Windows base images have no `latest` tag".
    pub reason: &'static str,
    /// The repository that has it, without the registry (`windows/server`).
    pub instead: Option<&'static str>,
}

struct Missing {
    repositories: &'static [&'static str],
    tags: &'static [&'static str],
    /// From (included) to (excluded).
    versions: (Version, Version),
    sure: bool,
    gap: Gap,
}

const ALL_VERSIONS: (Version, Version) = ((0, 0, 0), rule::MAX);
const DOTNET: &[&str] = &["dotnet/aspnet", "dotnet/runtime", "dotnet/sdk"];
const FRAMEWORK: &[&str] =
    &["dotnet/framework/aspnet", "dotnet/framework/runtime", "dotnet/framework/sdk", "dotnet/framework/wcf"];

const fn missing(
    repositories: &'static [&'static str],
    tags: &'static [&'static str],
    reason: &'static str,
) -> Missing {
    let gap = Gap { reason, instead: None };
    Missing { repositories, tags, versions: ALL_VERSIONS, sure: true, gap }
}

/// Tags that people write and Microsoft never pushed; the first that fits counts.
///
/// Sources: MicrosoftDocs/Virtualization-Documentation@77e0742a `container-base-images.md`;
/// dotnet/dotnet-docker@3ed00b611c `manifest.json`, `documentation/supported-tags.md`;
/// microsoft/dotnet-framework-docker@ebb6885f `manifest.json` and its history of
/// `src/runtime/` (no 4.8 for Server 2025, no 4.8.1 before Server 2022).
const NEVER_PUBLISHED: &[Missing] = &[
    missing(
        &["windows", "windows/nanoserver", "windows/server", "windows/servercore"],
        &["latest"],
        "Windows base images have no `latest` tag",
    ),
    Missing {
        gap: Gap { reason: "the full Windows image ends with Windows Server 2019", instead: Some("windows/server") },
        ..missing(&["windows"], &["ltsc2025*", "24H2*", "10.0.26100*"], "")
    },
    Missing {
        sure: false,
        gap: Gap {
            reason: "the full Windows image is not listed for Windows Server 2022",
            instead: Some("windows/server"),
        },
        ..missing(&["windows"], &["ltsc2022*", "21H2*", "10.0.20348*"], "")
    },
    missing(&["windows/nanoserver"], &["ltsc2016*", "1607*"], "Nano Server has no long-term release of 2016"),
    missing(
        &["windows/server"],
        &["ltsc2016*", "ltsc2019*", "1809*"],
        "the Server image begins with Windows Server 2022",
    ),
    Missing {
        versions: ((10, 0, 0), ALL_VERSIONS.1),
        ..missing(
            DOTNET,
            &["*-1809*", "*-ltsc2019*", "*-ltsc2016*"],
            ".NET 10 and later are not built for Windows Server 2019",
        )
    },
    Missing {
        versions: ((11, 0, 0), ALL_VERSIONS.1),
        ..missing(DOTNET, &["*-ltsc2022*"], ".NET 11 and later are built for Windows Server 2025 only")
    },
    Missing {
        sure: false,
        ..missing(DOTNET, &["*nanoserver-ltsc2019*"], "the .NET tags for Nano Server 2019 end in `nanoserver-1809`")
    },
    Missing {
        sure: false,
        ..missing(
            DOTNET,
            &["*windowsservercore-1809*"],
            "the .NET tags for Server Core 2019 end in `windowsservercore-ltsc2019`",
        )
    },
    Missing {
        versions: ((0, 0, 0), (8, 0, 0)),
        sure: false,
        ..missing(DOTNET, &["*-ltsc2025*"], "support of .NET 7 and earlier ended before Windows Server 2025 came out")
    },
    missing(
        FRAMEWORK,
        &["4.8.1*-ltsc2016", "4.8.1*-ltsc2019", "4.8.1*-1809"],
        ".NET Framework 4.8.1 images begin with Windows Server 2022",
    ),
    missing(
        FRAMEWORK,
        &["4.8-*-ltsc2025", "4.7*-ltsc202?", "4.7-*-ltsc2019", "4.7.1-*-ltsc2019", "4.6*-ltsc2019", "4.6*-ltsc202?"],
        "this .NET Framework version has no image for that Windows release",
    ),
];

/// Docker Hub repositories that moved: old path below `docker.io`, new reference. Sorted.
///
/// Sources: microsoft/iis-docker `README.md`, microsoft/dotnet-framework-docker
/// `README.md`, MicrosoftDocs/Virtualization-Documentation `container-base-images.md`.
const MOVED: &[(&str, &str)] = &[
    ("microsoft/aspnet", "mcr.microsoft.com/dotnet/framework/aspnet"),
    ("microsoft/dotnet-framework", "mcr.microsoft.com/dotnet/framework/runtime"),
    ("microsoft/iis", "mcr.microsoft.com/windows/servercore/iis"),
    ("microsoft/nanoserver", "mcr.microsoft.com/windows/nanoserver"),
    ("microsoft/wcf", "mcr.microsoft.com/dotnet/framework/wcf"),
    ("microsoft/windowsservercore", "mcr.microsoft.com/windows/servercore"),
];

/// Floating .NET Framework tags that are rebuilt; all others are frozen.
///
/// Source: microsoft/dotnet-framework-docker@ebb6885f `manifest.json` and commit 7e6e683b, as of
/// 2026-07-14.
const LIVING_FRAMEWORK: &[&str] = &["4.8", "4.8-20*", "4.8.1*", "latest"];

/// The day Microsoft stopped updating the other floating tags.
const FRAMEWORK_FROZEN: &str = "2025-10-14";

/// A .NET Framework tag that names no Windows release: which builds it holds is fixed
/// (see [`Image::builds`]) and seldom what one expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloatingFramework {
    /// The day (ISO 8601) of the last update, for tags that get none any more.
    pub frozen: Option<&'static str>,
}

impl Published {
    pub(super) fn of(reference: &Reference<'_>) -> Self {
        if reference.registry != MICROSOFT || reference.digest.is_some() {
            return Published::Unknown;
        }
        let tag = reference.tag_or_latest();
        let version = rule::version(tag).0;
        let found = NEVER_PUBLISHED.iter().find(|missing| {
            missing.repositories.iter().any(|path| reference.repository == *path)
                && (missing.versions.0..missing.versions.1).contains(&version)
                && missing.tags.iter().any(|pattern| rule::glob(pattern, tag))
        });
        match found {
            Some(missing) if missing.sure => Published::No(missing.gap),
            Some(missing) => Published::Doubtful(missing.gap),
            None => Published::Unknown,
        }
    }
}

impl<'a> Image<'a> {
    /// Whether the tag exists, as far as Microsoft's lists tell. References with a digest,
    /// and repositories on other registries, are never judged.
    pub fn published(&self) -> Published {
        self.published
    }

    /// Where a repository of Docker Hub has moved: the new name, without a tag.
    pub fn replacement(&self) -> Option<&'static str> {
        if self.reference.registry != super::reference::DOCKER_HUB {
            return None;
        }
        let repository = &self.reference.repository;
        let at = MOVED.binary_search_by(|(old, _)| repository.compare(old).reverse()).ok()?;
        MOVED.get(at).map(|&(_, new)| new)
    }

    /// Set for .NET Framework tags that name no Windows release, such as `4.8` or `latest`.
    pub fn floating_framework(&self) -> Option<FloatingFramework> {
        let floats = self.product == Product::DotNetFramework
            && self.reference.digest.is_none()
            && self.replacement().is_none()
            && !self.reference.repository.written().ends_with("framework/samples")
            && !self.names_windows();
        let tag = self.reference.tag_or_latest();
        let living = LIVING_FRAMEWORK.iter().any(|pattern| rule::glob(pattern, tag));
        floats.then_some(FloatingFramework { frozen: (!living).then_some(FRAMEWORK_FROZEN) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn moved() {
        assert!(MOVED.is_sorted());
        assert_eq!(
            read("microsoft/iis:windowsservercore-1803").replacement(),
            Some("mcr.microsoft.com/windows/servercore/iis")
        );
        assert_eq!(read("mcr.microsoft.com/microsoft/iis").replacement(), None);
        assert_eq!(read("microsoft/mssql-server-linux").replacement(), None);
    }

    #[test]
    fn what_is_not_there() {
        let verdict = |tag: &str| match read(&format!("mcr.microsoft.com/{tag}")).published() {
            Published::Unknown => "?",
            Published::Doubtful(_) => "doubtful",
            Published::No(_) => "no",
        };
        for (tag, expected) in [
            ("windows/nanoserver", "no"),
            ("windows/nanoserver:latest", "no"),
            ("windows/nanoserver@sha256:00", "?"),
            ("windows/servercore:latest", "no"),
            ("windows/servercore/iis", "?"),
            ("windows/servercore/insider:latest", "?"),
            ("windows", "no"),
            ("windows:ltsc2025", "no"),
            ("windows:ltsc2025-amd64", "no"),
            ("windows:ltsc2022", "doubtful"),
            ("windows:ltsc2019", "?"),
            ("windows/nanoserver:ltsc2016", "no"),
            ("windows/nanoserver:sac2016", "?"),
            ("windows/nanoserver:ltsc2019", "?"),
            ("windows/servercore:ltsc2016", "?"),
            ("windows/server:ltsc2019", "no"),
            ("windows/server:ltsc2025", "?"),
            ("dotnet/aspnet:10.0-nanoserver-1809", "no"),
            ("dotnet/sdk:10.0.100-windowsservercore-ltsc2019", "no"),
            ("dotnet/sdk:10.0-nanoserver-ltsc2022", "?"),
            ("dotnet/sdk:11.0-preview-nanoserver-ltsc2022", "no"),
            ("dotnet/sdk:11.0-preview-nanoserver-ltsc2025", "?"),
            ("dotnet/sdk:9.0-nanoserver-1809", "?"),
            ("dotnet/sdk:9.0-nanoserver-ltsc2019", "doubtful"),
            ("dotnet/sdk:6.0-nanoserver-ltsc2025", "doubtful"),
            ("dotnet/framework/sdk:4.8.1-windowsservercore-ltsc2019", "no"),
            ("dotnet/framework/sdk:4.8-windowsservercore-ltsc2025", "no"),
            ("dotnet/framework/sdk:4.8-windowsservercore-ltsc2022", "?"),
            ("dotnet/framework/sdk:3.5-windowsservercore-ltsc2025", "?"),
            ("dotnet/framework/sdk:4.6.2-windowsservercore-ltsc2019", "no"),
            ("dotnet/framework/sdk:4.6.2-windowsservercore-ltsc2016", "?"),
            ("dotnet/framework/runtime:4.7.2-windowsservercore-ltsc2022", "no"),
        ] {
            assert_eq!(verdict(tag), expected, "{tag}");
        }
        assert_eq!(read("acr.example/windows/servercore:latest").published(), Published::Unknown);
    }

    #[test]
    fn floating() {
        let frozen = |tag: &str| {
            let image = format!("mcr.microsoft.com/dotnet/framework/aspnet{tag}");
            read(&image).floating_framework().map(|floating| floating.frozen.is_some())
        };
        for tag in ["", ":latest", ":4.8", ":4.8.1", ":4.8-20260714"] {
            assert_eq!(frozen(tag), Some(false), "{tag}");
        }
        for tag in [":3.5", ":4.7.2", ":4.7", ":4.6.2", ":4.8-3.5"] {
            assert_eq!(frozen(tag), Some(true), "{tag}");
        }
        assert_eq!(frozen(":4.8-windowsservercore-ltsc2019"), None);
        assert_eq!(frozen("@sha256:00"), None);
    }
}
