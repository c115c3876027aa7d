//! References that would do better: the same image for another Windows build.

use super::builds::{self, SERVER_2019, SERVER_2022, SERVER_2025};
use super::rule::Arm;
use super::words::{self, Release};
use super::{Image, Os, Product, Published, read, repositories, rule};

impl<'a> Image<'a> {
    /// The same repository, written the same way, with another tag and no digest.
    pub fn with_tag(&self, tag: &str) -> String {
        format!("{}:{tag}", self.reference.name())
    }

    /// The reference to put in place so that a host of this build can run it: the release in
    /// the tag exchanged, or a release added to a .NET, .NET Framework or base image tag that
    /// has none. `None` where that is not known to work, or changes nothing.
    ///
    /// Only Microsoft's own tags are known to exist for every release, and of some repositories the
    /// releases that a version came out for; for others the result is a suggestion to look up.
    pub fn for_build(&self, build: u32) -> Option<String> {
        let tag = self.tag_for_build(build)?;
        let changed = self.with_tag(&tag);
        let works = read(&changed);
        let right = works.os == Os::Windows
            && self.replacement().is_none()
            && works.builds.runs_on(build) == Some(true)
            && works.published() == Published::Unknown
            && works.may_be_published_for(build)
            && works.reference.tag != self.reference.tag;
        right.then_some(changed)
    }

    /// Whether this tag may exist, as far as the table tells: not where it takes the tag for one of Linux, or knows for
    /// which builds this version came out, on whatever base, and its own is not among them.
    fn may_be_published_for(&self, build: u32) -> bool {
        if self.product != Product::Other {
            return true;
        }
        let Some(found) = repositories::find(&self.reference) else { return true };
        let tag = self.reference.tag_or_latest();
        // On a node of `build` the image may be one for an older release: the tag says which.
        let held = self.builds.newest().unwrap_or(build);
        let lacks = |arm: &Arm| !arm.builds.is_empty() && !arm.builds.contains(&held);
        let is_ruled_out = |arm: &Arm| arm.os == Os::Linux || (arm.family.may_be(self.family) && lacks(arm));
        let version = found.rule.version_arm(tag).filter(|version| version.os == Os::Multi);
        !found.rule.arm(tag).is_some_and(is_ruled_out) && !version.is_some_and(lacks)
    }

    fn tag_for_build(&self, build: u32) -> Option<String> {
        let build = if build == SERVER_2025 && self.may_be_older_than_2025() { SERVER_2022 } else { build };
        let release = builds::tag(build)?;
        let tag = self.reference.tag_or_latest();
        if let Some(old) = self.release {
            // 4.8 ends with Windows Server 2019: its tags for 2022 are there, and no longer kept up.
            if self.product == Product::DotNetFramework && tag.strip_prefix("4.8-windowsservercore-") == Some(old.text)
            {
                return framework_tag(tag, build);
            }
            return exchange(tag, old, self.release_word(old.text, build)?);
        }
        if self.names_windows() {
            return None;
        }
        match self.product {
            Product::DotNet => self.dotnet_tag(tag, build),
            Product::DotNetFramework => framework_tag(tag, build),
            Product::Iis => Some(format!("windowsservercore-{release}")),
            Product::WindowsBase => Some(release.to_owned()),
            _ => None,
        }
    }

    /// Whether the tag is a patch of .NET that may have come out before the images for Windows Server 2025, which
    /// dotnet/dotnet-docker has since 2025-02 (pull request 6227): that runs those for 2022.
    fn may_be_older_than_2025(&self) -> bool {
        let (major, _, patch) = rule::version(self.reference.tag_or_latest()).0;
        self.product == Product::DotNet && major < 10 && patch != rule::LATEST
    }

    /// The word for a build that fits where `old` stood.
    fn release_word(&self, old: &str, build: u32) -> Option<&'static str> {
        let release = builds::tag(build)?;
        if builds::of_year(old).is_some() {
            return release.strip_prefix("ltsc");
        }
        let is_release = builds::of_release(old).is_some();
        // .NET and PowerShell say nanoserver-1809 where the base images say ltsc2019.
        let nano =
            matches!(self.product, Product::DotNet | Product::PowerShell) && self.family == super::Family::NanoServer;
        // And so do Docker's official images, and those that Kubernetes' way of building makes: `…-windows-1809-amd64`.
        let is_official =
            || repositories::find(&self.reference).is_some_and(|found| found.name.starts_with("library/"));
        let is_of_kubernetes = || rule::glob("*windows-*-amd64", self.reference.tag_or_latest());
        if build == SERVER_2019 && (nano || (is_release && (is_official() || is_of_kubernetes()))) {
            return Some("1809");
        }
        is_release.then_some(release)
    }

    /// `8.0` and `8.0-alpine` become `8.0-nanoserver-ltsc2022`; tags that say more than a version and a
    /// distribution of Linux stay.
    fn dotnet_tag(&self, tag: &str, build: u32) -> Option<String> {
        let (version, rest) = rule::version(tag);
        let plain = tag.strip_suffix(rest)?;
        let rest = if words::begins_with_distribution(rest) { "" } else { rest };
        let repository = self.reference.repository.written();
        let has_windows =
            ["dotnet/aspnet", "dotnet/runtime", "dotnet/sdk"].iter().any(|path| repository.ends_with(path));
        if !has_windows || !rest.is_empty() || version.0 < 3 || tag == "latest" {
            return None;
        }
        let release = if build == SERVER_2019 { "1809" } else { builds::tag(build)? };
        Some(format!("{plain}-nanoserver-{release}"))
    }
}

/// `4.8` and `latest` become 4.8.1 where that exists; 3.5 stays 3.5. What begins with no version names a sample.
fn framework_tag(tag: &str, build: u32) -> Option<String> {
    if tag != "latest" && !tag.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let version = match rule::version(tag).0 {
        (3, 5, _) => "3.5",
        _ if build >= SERVER_2022 => "4.8.1",
        _ => "4.8",
    };
    Some(format!("{version}-windowsservercore-{}", builds::tag(build)?))
}

/// `tag` with `new` where `old` stood. Tags that also name an update
/// (`-KB5012345`) have no counterpart for another release.
fn exchange(tag: &str, old: Release<'_>, new: &str) -> Option<String> {
    if rule::glob("*-kb*", tag) {
        return None;
    }
    let before = tag.get(..old.at)?;
    let after = tag.get(old.at + old.text.len()..)?;
    Some(format!("{before}{new}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_build() {
        for (reference, build, expected) in [
            (
                "mcr.microsoft.com/windows/servercore:ltsc2019",
                20348,
                Some("mcr.microsoft.com/windows/servercore:ltsc2022"),
            ),
            ("mcr.microsoft.com/windows/nanoserver:1809", 26100, Some("mcr.microsoft.com/windows/nanoserver:ltsc2025")),
            ("mcr.microsoft.com/windows/nanoserver:1809-KB5012345", 26100, None),
            ("mcr.microsoft.com/windows/nanoserver", 20348, Some("mcr.microsoft.com/windows/nanoserver:ltsc2022")),
            ("mcr.microsoft.com/windows:ltsc2019", 26100, None),
            (
                "mcr.microsoft.com/windows/servercore/iis",
                20348,
                Some("mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022"),
            ),
            (
                "mcr.microsoft.com/dotnet/aspnet:8.0",
                20348,
                Some("mcr.microsoft.com/dotnet/aspnet:8.0-nanoserver-ltsc2022"),
            ),
            (
                "mcr.microsoft.com/dotnet/aspnet:9.0.4",
                17763,
                Some("mcr.microsoft.com/dotnet/aspnet:9.0.4-nanoserver-1809"),
            ),
            ("mcr.microsoft.com/dotnet/aspnet:10.0", 17763, None),
            (
                "mcr.microsoft.com/dotnet/aspnet:10.0",
                26100,
                Some("mcr.microsoft.com/dotnet/aspnet:10.0-nanoserver-ltsc2025"),
            ),
            (
                "mcr.microsoft.com/dotnet/aspnet:8.0-alpine",
                20348,
                Some("mcr.microsoft.com/dotnet/aspnet:8.0-nanoserver-ltsc2022"),
            ),
            (
                "mcr.microsoft.com/dotnet/aspnet:8.0.11-jammy-chiseled",
                20348,
                Some("mcr.microsoft.com/dotnet/aspnet:8.0.11-nanoserver-ltsc2022"),
            ),
            (
                "mcr.microsoft.com/dotnet/sdk:9.0-alpine3.20",
                26100,
                Some("mcr.microsoft.com/dotnet/sdk:9.0-nanoserver-ltsc2025"),
            ),
            ("mcr.microsoft.com/dotnet/aspnet:10.0-alpine", 17763, None),
            ("mcr.microsoft.com/dotnet/sdk:10.0.100-rc.1-alpine", 20348, None),
            ("mcr.microsoft.com/dotnet/aspnet:latest", 20348, None),
            ("mcr.microsoft.com/dotnet/monitor:9.0", 20348, None),
            (
                "mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-ltsc2022",
                17763,
                Some("mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-1809"),
            ),
            (
                "mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-1809",
                20348,
                Some("mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-ltsc2022"),
            ),
            (
                "mcr.microsoft.com/dotnet/framework/aspnet:4.8",
                26100,
                Some("mcr.microsoft.com/dotnet/framework/aspnet:4.8.1-windowsservercore-ltsc2025"),
            ),
            (
                "mcr.microsoft.com/dotnet/framework/aspnet",
                17763,
                Some("mcr.microsoft.com/dotnet/framework/aspnet:4.8-windowsservercore-ltsc2019"),
            ),
            (
                "mcr.microsoft.com/dotnet/framework/sdk:4.8-windowsservercore-ltsc2019",
                20348,
                Some("mcr.microsoft.com/dotnet/framework/sdk:4.8.1-windowsservercore-ltsc2022"),
            ),
            (
                "mcr.microsoft.com/dotnet/framework/runtime:3.5-windowsservercore-ltsc2019",
                20348,
                Some("mcr.microsoft.com/dotnet/framework/runtime:3.5-windowsservercore-ltsc2022"),
            ),
            (
                "mcr.microsoft.com/dotnet/framework/runtime:3.5",
                26100,
                Some("mcr.microsoft.com/dotnet/framework/runtime:3.5-windowsservercore-ltsc2025"),
            ),
            (
                "acr.example:5000/app:1.0-windowsservercore-ltsc2019",
                20348,
                Some("acr.example:5000/app:1.0-windowsservercore-ltsc2022"),
            ),
            ("acr.example/app:1909-nanoserver-1909", 20348, Some("acr.example/app:1909-nanoserver-ltsc2022")),
            ("fluent/fluent-bit:windows-2019-3.1.0", 20348, Some("fluent/fluent-bit:windows-2022-3.1.0")),
            ("acr.example/app:1.0-servercore1809", 20348, None),
            ("golang:1.22-windowsservercore-ltsc2019", 20348, Some("golang:1.22-windowsservercore-ltsc2022")),
            ("golang:1.15-windowsservercore-ltsc2016", 17763, Some("golang:1.15-windowsservercore-1809")),
            ("golang:1.20-windowsservercore-1809", 26100, None),
            ("golang:1.20-windowsservercore-1809", 20348, Some("golang:1.20-windowsservercore-ltsc2022")),
            ("swift:6.0-windowsservercore-ltsc2022", 26100, None),
            ("mongo:8.0-nanoserver-ltsc2022", 17763, None),
            ("newrelic/infrastructure:1.50.0-ltsc2019", 26100, None),
            ("daprio/daprd:1.14-windows-ltsc2022-amd64", 17763, Some("daprio/daprd:1.14-windows-1809-amd64")),
            ("daprio/daprd:1.14-windows-1809-amd64", 26100, None),
            ("golang:1.15-windowsservercore-1809", 20348, None),
            ("golang:1.24-nanoserver-ltsc2022", 17763, None),
            (
                "mcr.microsoft.com/dotnet/aspnet:8.0.3",
                26100,
                Some("mcr.microsoft.com/dotnet/aspnet:8.0.3-nanoserver-ltsc2022"),
            ),
            (
                "mcr.microsoft.com/powershell:7.5-nanoserver-ltsc2022",
                17763,
                Some("mcr.microsoft.com/powershell:7.5-nanoserver-1809"),
            ),
            ("mcr.microsoft.com/dotnet/framework/samples:aspnetapp", 17763, None),
            ("golang:1.22-windowsservercore-ltsc2022", 14393, None),
            ("microsoft/nanoserver:sac2016", 20348, None),
            ("nginx", 20348, None),
            ("acr.example/app:1.0", 20348, None),
        ] {
            assert_eq!(read(reference).for_build(build).as_deref(), expected, "{reference}");
        }
    }
}
